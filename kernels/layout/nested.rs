//! The layout of nested groups: each connected part of a scope is laid out, groups that no edge enters first, as blocks.

use crate::blocks::{child_of, framed, node_block, Block};
use crate::model::*;
use crate::placement::*;
use crate::plan::*;
use crate::scope::*;
use crate::twins::{matching_members, twins_of};
use crate::{coords, fold, order, pack, ranks};

/// Lays out the content of a group (None: the whole graph), including the group's own frame.
pub fn layout(input: &Input, plan: &Plan, group: Option<usize>, feedback: &Feedback) -> Block {
    let plan = Plan { direction: group.and_then(|g| input.groups[g].direction).unwrap_or(plan.direction), ..*plan };
    let parent = group.map_or(-1, |g| g as i32);
    let children = input.children_of(parent);
    let components = if group.is_none() && input.has_lanes() {
        // Lanes have common ranks, whether edges connect them or not; what is in no lane is below them.
        let (lanes, others): (Vec<End>, Vec<End>) = children.iter().partition(|end| matches!(end, End::Group(_)));
        vec![[lanes, others].concat()]
    } else {
        connected_components(input, &children, parent)
    };
    let joint = if group.is_none() && (2..=3).contains(&components.len()) && components.iter().all(|c| count_inner_edges(input, c) > 0) {
        Some(layout_component(input, &Plan { shared_ranks: true, ..plan }, &children, feedback))
    } else {
        None
    };
    let mut blocks: Vec<pack::Component> = Vec::new();
    for component in components {
        let single = component.len() == 1 && matches!(component[0], End::Node(_));
        let mut block = layout_component(input, &plan, &component, feedback);
        if children.len() == 1 {
            block.slots.push(Slot { end: children[0], rank: 0, rank_count: 1, line: 0 });
        }
        blocks.push(pack::Component { block, single });
    }
    if blocks.len() > 1 && blocks.iter().any(|component| !component.single) {
        // The ranks of one component are not those of another: those of the largest count.
        let is_direct = |slot: &Slot| input.parent_of(slot.end) == parent;
        let count = |component: &pack::Component| component.block.slots.iter().filter(|slot| is_direct(slot)).count();
        let largest = (0..blocks.len()).max_by_key(|&k| (count(&blocks[k]), std::cmp::Reverse(k)));
        for (_, component) in blocks.iter_mut().enumerate().filter(|&(k, _)| Some(k) != largest) {
            component.block.slots.retain(|slot| !is_direct(slot));
        }
    }
    let packed = pack::pack(input, &plan, blocks, group.is_some());
    let inner = match joint {
        Some(block) if pack::fit_size(input, &plan, &block, false) <= MAX_SHARED_RANKS_RATIO * pack::fit_size(input, &plan, &packed, false) => block,
        _ => packed,
    };
    match group {
        None => inner,
        Some(g) => framed(input, g, &inner, plan.padding(input)),
    }
}

/// Components share ranks if text becomes smaller by this factor at most.
const MAX_SHARED_RANKS_RATIO: f64 = 1.15;

/// Returns the number of edges with both ends in a component.
fn count_inner_edges(input: &Input, component: &[End]) -> usize {
    let inside = |end: End| component.iter().any(|&member| member == end || matches!(member, End::Group(g) if input.contains(g, end)));
    input.edges.iter().filter(|e| inside(e.source) && inside(e.target)).count()
}

/// Returns the components of a group's content that no edge connects, in source order of their first members.
fn connected_components(input: &Input, children: &[End], parent: i32) -> Vec<Vec<End>> {
    let index = |end: End| children.iter().position(|&c| c == end);
    let mut parent_of: Vec<usize> = (0..children.len()).collect();
    /// Returns the representative of a set in the union-find structure.
    fn find_root(parent_of: &mut Vec<usize>, mut a: usize) -> usize {
        while parent_of[a] != a {
            parent_of[a] = parent_of[parent_of[a]];
            a = parent_of[a];
        }
        a
    }
    for e in &input.edges {
        if let (Some(a), Some(b)) = (child_of(input, parent, e.source), child_of(input, parent, e.target)) {
            if let (Some(a), Some(b)) = (index(a), index(b)) {
                let (a, b) = (find_root(&mut parent_of, a), find_root(&mut parent_of, b));
                parent_of[a.max(b)] = a.min(b);
            }
        }
    }
    let mut components: Vec<(usize, Vec<End>)> = Vec::new();
    for i in 0..children.len() {
        let root_index = find_root(&mut parent_of, i);
        match components.iter_mut().find(|c| c.0 == root_index) {
            Some(c) => c.1.push(children[i]),
            None => components.push((root_index, vec![children[i]])),
        }
    }
    components.into_iter().map(|c| c.1).collect()
}

/// Whether a group is laid out on its own: no edge from outside ends in it, it has twins, or it has its own direction.
fn is_block(input: &Input, plan: &Plan, g: usize) -> bool {
    if input.groups[g].is_lane {
        return false;
    }
    if twins_of(input, g).len() > 1 || input.groups[g].direction.map_or(false, |f| f != plan.direction) {
        return true;
    }
    let has_nodes = (0..input.nodes.len()).any(|n| input.contains(g, End::Node(n)));
    if plan.shared_ranks && input.groups[g].parent < 0 && has_nodes && !input.edges.iter().any(|e| e.source == End::Group(g) || e.target == End::Group(g)) {
        return false;
    }
    !input.edges.iter().any(|e| input.contains(g, e.source) != input.contains(g, e.target) && e.source != End::Group(g) && e.target != End::Group(g))
}

/// Lays out connected nodes and groups.
fn layout_component(input: &Input, plan: &Plan, component: &[End], feedback: &Feedback) -> Block {
    let has_lanes = component.iter().any(|end| matches!(end, End::Group(g) if input.groups[*g].is_lane));
    if component.len() == 1 && !has_lanes {
        return match component[0] {
            End::Node(n) => node_block(input, n),
            End::Group(g) => twin_block(input, plan, g, feedback),
        };
    }
    // Lanes share their ranks, so groups take no part in these, and a fold would cut all lanes.
    let plan = if has_lanes { Plan { groups: GroupRanking::MembersOnly, max_ranks: usize::MAX, aside: Aside::Nothing, ..*plan } } else { *plan };
    let mut scope = Scope::new(input, plan, component, feedback);
    ranks::assign(&mut scope);
    fold::wrap(&mut scope);
    fold::fold(&mut scope);
    let chains = order::order(&mut scope);
    coords::place(&scope, &chains)
}

/// Lays out a group like its first twin, with the same positions for matching members.
pub fn twin_block(input: &Input, plan: &Plan, g: usize, feedback: &Feedback) -> Block {
    let twins = twins_of(input, g);
    let first = twins[0];
    let model = layout(input, plan, Some(first), feedback);
    if first == g {
        return model;
    }
    let (map_nodes, map_groups) = matching_members(input, first, g);
    let node = |n: usize| map_nodes.iter().find(|m| m.0 == n).map_or(n, |m| m.1);
    let group = |n: usize| map_groups.iter().find(|m| m.0 == n).map_or(n, |m| m.1);
    let end = |end: End| match end {
        End::Node(n) => End::Node(node(n)),
        End::Group(g) => End::Group(group(g)),
    };
    Block {
        nodes: model.nodes.iter().map(|&(n, x, y)| (node(n), x, y)).collect(),
        groups: model.groups.iter().map(|&(n, r)| (group(n), r)).collect(),
        slots: model.slots.iter().map(|slot| Slot { end: end(slot.end), ..*slot }).collect(),
        ..model
    }
}

/// Boxes extend at least this number of points above and below their anchors. Boxes that are a little lower than icons
/// thus take as much space, and frames around both are alike.
const MIN_EXTENT: f64 = 30.0;

impl<'a> Scope<'a> {
    /// Builds the scope of a component. `slots` has for each node and group the child it belongs to, and its offset
    /// there.
    fn new(input: &'a Input, plan: Plan, component: &[End], feedback: &'a Feedback<'a>) -> Scope<'a> {
        let mut scope = Scope { input, plan, vertices: Vec::new(), clusters: vec![Cluster::default()], links: Vec::new(), rank_leader: Vec::new(), hubs: Vec::new(), feedback, rank_hints: RankHints::default(), cells: Vec::new(), column_pairs: Vec::new() };
        let mut slots: Vec<Option<(Child, f64)>> = vec![None; input.nodes.len() + input.groups.len()];
        scope.add_children(0, component, &mut slots);
        scope.add_links(&slots);
        scope.add_cells(&slots);
        match plan.aside {
            Aside::Nothing => {}
            Aside::Hubs => scope.find_hubs(),
            Aside::Services => scope.find_services(),
        }
        scope
    }

    /// Adds nodes and groups to a cluster.
    fn add_children(&mut self, cluster: usize, children: &[End], slots: &mut Vec<Option<(Child, f64)>>) {
        let (input, horizontal) = (self.input, self.plan.direction.is_horizontal());
        for &end in children {
            match end {
                End::Node(n) => {
                    let node = &input.nodes[n];
                    let (x, y) = ((node.half_width, node.half_width), (node.extent_up.max(MIN_EXTENT), node.extent_down.max(MIN_EXTENT)));
                    let (f, mut c) = if horizontal { (x, y) } else { (y, x) };
                    // A loop is above the node, or to the right.
                    if let Some(e) = input.edges.iter().find(|e| e.source == end && e.target == end) {
                        if horizontal { c.0 += 24.0 + e.label_h + 6.0 } else { c.1 += 26.0 + e.label_w + 6.0 }
                    }
                    let v = self.add_vertex(Item::Node(n), cluster, self.oriented(f), c);
                    slots[n] = Some((Child::Vertex(v), 0.0));
                }
                End::Group(g) if is_block(input, &self.plan, g) => self.add_group_block(g, cluster, slots),
                End::Group(g) => {
                    let c = self.add_cluster(g, cluster);
                    slots[input.nodes.len() + g] = Some((Child::Cluster(c), 0.0));
                    let connected = self.pack_isolated(c, input.children_of(g as i32), slots);
                    self.add_children(c, &connected, slots);
                }
            }
        }
    }

    /// Packs the children of a cluster that no edge connects to anything into one block; returns the others.
    fn pack_isolated(&mut self, cluster: usize, children: Vec<End>, slots: &mut Vec<Option<(Child, f64)>>) -> Vec<End> {
        let input = self.input;
        let is_isolated = |end: &End| match *end {
            End::Node(_) => !input.edges.iter().any(|e| e.source == *end || e.target == *end),
            End::Group(g) => !input.edges.iter().any(|e| {
                e.source == *end || e.target == *end || input.contains(g, e.source) != input.contains(g, e.target)
            }),
        };
        let (isolated, others): (Vec<End>, Vec<End>) = children.into_iter().partition(is_isolated);
        if isolated.len() < 2 {
            return others.into_iter().chain(isolated).collect();
        }
        let plan = self.plan;
        let components = isolated
            .iter()
            .map(|&end| pack::Component { block: layout_component(input, &plan, &[end], self.feedback), single: matches!(end, End::Node(_)) })
            .collect();
        let mut block = pack::pack(input, &plan, components, true);
        // The places in the block are not those in the group.
        block.slots.retain(|slot| !isolated.contains(&slot.end));
        self.add_block(block, None, cluster, slots);
        others
    }

    /// Lays out a group and adds it as a block.
    fn add_group_block(&mut self, g: usize, cluster: usize, slots: &mut Vec<Option<(Child, f64)>>) {
        let block = twin_block(self.input, &self.plan, g, self.feedback);
        self.add_block(block, Some(g), cluster, slots);
    }
}
