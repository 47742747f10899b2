//! A scope: the part of a graph that one layered layout places. Groups that no edge enters are laid out first, as
//! blocks.
//!
//! Coordinates are along the flow (`f`) and across it (`c`), so the same code serves all directions.

use crate::model::*;
use crate::pack;
use crate::plan::*;
use crate::twins::{twin_block, twins_of};
pub use crate::scope_records::*;
use crate::{coords, fold, order, ranks};

/// The part of a graph that one layered layout places.
pub struct Scope<'a> {
    pub input: &'a Input,
    pub plan: Plan,
    pub vertices: Vec<Vertex>,
    pub clusters: Vec<Cluster>,
    pub links: Vec<Link>,
    /// For each vertex the one whose rank it shares, itself if none.
    pub rank_leader: Vec<usize>,
    /// Children that are moved aside, after all their siblings.
    pub hubs: Vec<Child>,
    pub hints: &'a Hints<'a>,
    /// Vertices one after another in the rows of a split rank.
    pub column_pairs: Vec<(usize, usize)>,
}

/// Lays out the content of a group (None: the whole graph), including the group's own frame.
pub fn layout(input: &Input, plan: &Plan, group: Option<usize>, hints: &Hints) -> Block {
    let plan = Plan { direction: group.and_then(|g| input.groups[g].direction).unwrap_or(plan.direction), ..*plan };
    let parent = group.map_or(-1, |g| g as i32);
    let children = input.children_of(parent);
    let components = connected_components(input, &children, parent);
    let joint = if group.is_none() && (2..=3).contains(&components.len()) && components.iter().all(|c| count_inner_edges(input, c) > 0) {
        Some(layout_component(input, &Plan { shared_ranks: true, ..plan }, &children, hints))
    } else {
        None
    };
    let mut blocks: Vec<pack::Component> = Vec::new();
    for component in components {
        let single = component.len() == 1 && matches!(component[0], End::Node(_));
        blocks.push(pack::Component { block: layout_component(input, &plan, &component, hints), single });
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

/// A member is aligned with the middle of its group if it is closer to it than this share of the group's extent.
const MAX_PORT_OFFSET: f64 = 0.12;
/// Boxes extend at least this number of points above and below their anchors. Boxes that are a little lower than icons
/// thus take as much space, and frames around both are alike.
const MIN_EXTENT: f64 = 30.0;
/// Components share ranks if text becomes smaller by this factor at most.
const MAX_SHARED_RANKS_RATIO: f64 = 1.15;

/// Returns the number of edges with both ends in a component.
fn count_inner_edges(input: &Input, component: &[End]) -> usize {
    let inside = |end: End| component.iter().any(|&member| member == end || matches!(member, End::Group(g) if input.contains(g, end)));
    input.edges.iter().filter(|e| inside(e.source) && inside(e.target)).count()
}

/// Returns a block in its group's frame, with the given padding.
pub fn framed(input: &Input, g: usize, inner: &Block, pad: f64) -> Block {
    let group = &input.groups[g];
    let w = (inner.w + 2.0 * pad).max(group.title_w);
    let top = group.title_h.max(pad * 0.5) + 8.0;
    let mut block = Block { w, h: top + inner.h + pad, ..Block::default() };
    let dx = (w - inner.w) / 2.0;
    block.add(inner, dx, top);
    block.anchor = (inner.anchor.0 + dx, inner.anchor.1 + top);
    block.groups.push((g, Rect::new(0.0, 0.0, block.w, block.h)));
    block
}

/// Returns the direct child of `parent` that is or contains an end, if any.
pub fn child_of(input: &Input, parent: i32, end: End) -> Option<End> {
    let mut element = end;
    loop {
        let element_parent = input.parent_of(element);
        if element_parent == parent {
            return Some(element);
        }
        if element_parent < 0 {
            return None;
        }
        element = End::Group(element_parent as usize);
    }
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
fn layout_component(input: &Input, plan: &Plan, component: &[End], hints: &Hints) -> Block {
    if component.len() == 1 {
        return match component[0] {
            End::Node(n) => node_block(input, n),
            End::Group(g) => twin_block(input, plan, g, hints),
        };
    }
    let mut scope = Scope::new(input, *plan, component, hints);
    ranks::assign(&mut scope);
    fold::wrap(&mut scope);
    fold::fold(&mut scope);
    let chains = order::order(&mut scope);
    coords::place(&scope, &chains)
}

/// Returns a node as a block.
pub fn node_block(input: &Input, n: usize) -> Block {
    let node = &input.nodes[n];
    Block {
        w: 2.0 * node.half_width,
        h: node.extent_up + node.extent_down,
        nodes: vec![(n, node.half_width, node.extent_up)],
        groups: Vec::new(),
        anchor: (node.half_width, node.extent_up),
    }
}

impl<'a> Scope<'a> {
    /// Builds the scope of a component. `slots` has for each node and group the child it belongs to, and its offset
    /// there.
    fn new(input: &'a Input, plan: Plan, component: &[End], hints: &'a Hints<'a>) -> Scope<'a> {
        let mut scope = Scope { input, plan, vertices: Vec::new(), clusters: vec![Cluster::default()], links: Vec::new(), rank_leader: Vec::new(), hubs: Vec::new(), hints, column_pairs: Vec::new() };
        let mut slots: Vec<Option<(Child, f64)>> = vec![None; input.nodes.len() + input.groups.len()];
        scope.add_children(0, component, &mut slots);
        scope.add_links(&slots);
        if plan.hubs_aside {
            scope.find_hubs();
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
            .map(|&end| pack::Component { block: layout_component(input, &plan, &[end], self.hints), single: matches!(end, End::Node(_)) })
            .collect();
        let block = pack::pack(input, &plan, components, true);
        self.add_block(block, None, cluster, slots);
        others
    }

    /// Lays out a group and adds it as a block.
    fn add_group_block(&mut self, g: usize, cluster: usize, slots: &mut Vec<Option<(Child, f64)>>) {
        let block = twin_block(self.input, &self.plan, g, self.hints);
        self.add_block(block, Some(g), cluster, slots);
    }

    /// Adds a block as one vertex.
    fn add_block(&mut self, block: Block, g: Option<usize>, cluster: usize, slots: &mut Vec<Option<(Child, f64)>>) {
        let horizontal = self.plan.direction.is_horizontal();
        let (f, c) = if horizontal { (block.w, block.h) } else { (block.h, block.w) };
        let (nodes, groups) = (block.nodes.clone(), block.groups.clone());
        let n = self.input.nodes.len();
        let line = self.rank_line(&block, f);
        let v = self.add_vertex(Item::Block(Box::new(block), g), cluster, self.oriented((line, f - line)), (c / 2.0, c / 2.0));
        for (i, x, y) in nodes {
            slots[i] = Some((Child::Vertex(v), if horizontal { y } else { x } - c / 2.0));
        }
        for (i, r) in groups {
            slots[n + i] = Some((Child::Vertex(v), self.group_port_offset(i, r, slots, v) - c / 2.0));
        }
    }

    /// Returns the coordinate along the flow at which a block of length `f` is aligned with its rank: that of the nodes
    /// that are connected to something outside if they are in line, else the middle.
    fn rank_line(&self, block: &Block, f: f64) -> f64 {
        let horizontal = self.plan.direction.is_horizontal();
        let inside = |end: End| match end {
            End::Node(n) => block.nodes.iter().any(|node| node.0 == n),
            End::Group(g) => block.groups.iter().any(|group| group.0 == g),
        };
        let is_connected = |n: usize| self.input.edges.iter().any(|e| e.source == End::Node(n) && !inside(e.target) || e.target == End::Node(n) && !inside(e.source));
        let lines = block.nodes.iter().filter(|node| is_connected(node.0)).map(|&(_, x, y)| if horizontal { x } else { y });
        let (lo, hi) = lines.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), line| (lo.min(line), hi.max(line)));
        if lo <= hi && hi - lo < 1.0 { lo } else { f / 2.0 }
    }

    /// Returns where edges to a group meet it across the flow: aligned with the member closest to its middle that is
    /// connected to something outside, so that one line is straight, if the member is near enough to the middle.
    fn group_port_offset(&self, group: usize, r: Rect, slots: &[Option<(Child, f64)>], v: usize) -> f64 {
        let horizontal = self.plan.direction.is_horizontal();
        let (middle, extent) = if horizontal { (r.cy(), r.h()) } else { (r.cx(), r.w()) };
        let half = self.vertices[v].extent_c.0;
        let inside = |end: End| self.input.contains(group, end);
        let mut min_distance = MAX_PORT_OFFSET * extent;
        let mut offset_across = middle;
        for (k, slot) in slots.iter().enumerate().take(self.input.nodes.len()) {
            let node = End::Node(k);
            let leaves_group = |e: &Edge| (e.source == node && !inside(e.target)) || (e.target == node && !inside(e.source));
            match *slot {
                Some((Child::Vertex(o), offset)) if o == v && inside(node) && self.input.edges.iter().any(leaves_group) => {
                    let distance = (offset + half - middle).abs();
                    if distance < min_distance {
                        min_distance = distance;
                        offset_across = offset + half;
                    }
                }
                _ => {}
            }
        }
        offset_across
    }

    /// Adds a vertex and returns its index.
    fn add_vertex(&mut self, item: Item, cluster: usize, f: (f64, f64), c: (f64, f64)) -> usize {
        self.vertices.push(Vertex { item, cluster, rank: 0, extent_f: f, extent_c: c });
        let v = self.vertices.len() - 1;
        self.clusters[cluster].children.push(Child::Vertex(v));
        v
    }

    /// Returns the extents before and after along the flow, which are exchanged if it runs up or left.
    fn oriented(&self, f: (f64, f64)) -> (f64, f64) {
        if matches!(self.plan.direction, Direction::Up | Direction::Left) {
            (f.1, f.0)
        } else {
            f
        }
    }

    /// Adds a group as a cluster and returns its index.
    fn add_cluster(&mut self, g: usize, parent: usize) -> usize {
        let (group, pad) = (&self.input.groups[g], self.plan.padding(self.input));
        let top = (group.title_h.max(pad * 0.5) + 8.0, pad);
        let horizontal = self.plan.direction.is_horizontal();
        let (f, c) = if horizontal { ((pad, pad), top) } else { (self.oriented(top), (pad, pad)) };
        self.clusters.push(Cluster {
            group: Some(g), parent, pad_f: f, pad_c: c,
            min_f: match (horizontal, self.hints.obstructed_titles.contains(&g)) {
                (true, false) => group.title_w,
                (true, true) => (2.0 * group.title_w + 16.0).min(group.title_w + 100.0),
                _ => 0.0,
            },
            min_c: if horizontal { 0.0 } else { group.title_w },
            ..Cluster::default()
        });
        let c = self.clusters.len() - 1;
        self.clusters[parent].children.push(Child::Cluster(c));
        c
    }

    /// Adds the links of all edges within the scope.
    fn add_links(&mut self, slots: &[Option<(Child, f64)>]) {
        let (input, horizontal) = (self.input, self.plan.direction.is_horizontal());
        let slot = |end: End| match end {
            End::Node(n) => slots[n],
            End::Group(g) => slots[input.nodes.len() + g],
        };
        for (i, e) in input.edges.iter().enumerate() {
            let (s, t) = match (slot(e.source), slot(e.target)) {
                (Some(s), Some(t)) if s.0 != t.0 => (s, t),
                _ => continue,
            };
            if self.contains(s.0, t.0) || self.contains(t.0, s.0) {
                continue;
            }
            let (label_f, label_c) = if horizontal { (e.label_w, e.label_h) } else { (e.label_h, e.label_w) };
            self.links.push(Link {
                edge: i, source: s.0, target: t.0, source_offset: s.1, target_offset: t.1, label_f, label_c,
                min_len: e.min_len.max(1), reversed: false, excluded: false, flat: false, to_hub: false,
                weight: if e.invisible { 0 } else { 1 },
            });
        }
    }

    /// Whether a child is a dummy vertex.
    pub fn is_dummy(&self, child: Child) -> bool {
        matches!(child, Child::Vertex(v) if matches!(self.vertices[v].item, Item::Dummy))
    }

    /// Whether a child is or contains an end.
    pub fn is_or_contains(&self, child: Child, end: Child) -> bool {
        child == end || self.contains(child, end)
    }

    /// Whether a child contains another (no child contains itself).
    pub fn contains(&self, outer: Child, inner: Child) -> bool {
        match outer {
            Child::Vertex(_) => false,
            Child::Cluster(c) => self.ancestors(inner).contains(&c) && inner != outer,
        }
    }

    /// Returns the clusters around a child, innermost first; for a cluster, itself is the first.
    pub fn ancestors(&self, child: Child) -> Vec<usize> {
        let mut cluster = match child {
            Child::Vertex(v) => self.vertices[v].cluster,
            Child::Cluster(c) => c,
        };
        let mut ancestors = vec![cluster];
        while cluster != 0 {
            cluster = self.clusters[cluster].parent;
            ancestors.push(cluster);
        }
        ancestors
    }

    /// Returns the children of the innermost common cluster that are or contain two ends.
    pub fn sibling_ancestors(&self, a: Child, b: Child) -> (Child, Child) {
        let (p, q) = (self.path_from_root(a), self.path_from_root(b));
        let mut common = 0;
        while common < p.len() && common < q.len() && p[common] == q[common] {
            common += 1;
        }
        (p.get(common).copied().unwrap_or(a), q.get(common).copied().unwrap_or(b))
    }

    /// Returns the clusters around a child, outermost first, and the child itself.
    fn path_from_root(&self, child: Child) -> Vec<Child> {
        let mut path: Vec<Child> = self.ancestors(child).into_iter().filter(|&c| c != 0).map(Child::Cluster).collect();
        path.reverse();
        if matches!(child, Child::Vertex(_)) {
            path.push(child);
        }
        path
    }

    /// Returns the position of each vertex in the order across the flow; only positions within the same rank can be
    /// compared.
    pub fn vertex_positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.vertices.len()];
        let mut stack = vec![Child::Cluster(0)];
        let mut count = 0;
        while let Some(child) = stack.pop() {
            match child {
                Child::Vertex(v) => {
                    positions[v] = count;
                    count += 1;
                }
                Child::Cluster(c) => stack.extend(self.clusters[c].children.iter().rev()),
            }
        }
        positions
    }

    /// Returns all vertices in a cluster, at any depth.
    pub fn members(&self, cluster: usize) -> Vec<usize> {
        let mut vertices = Vec::new();
        let mut stack: Vec<Child> = self.clusters[cluster].children.iter().rev().copied().collect();
        while let Some(child) = stack.pop() {
            match child {
                Child::Vertex(v) => vertices.push(v),
                Child::Cluster(c) => stack.extend(self.clusters[c].children.iter().rev()),
            }
        }
        vertices
    }

    /// Returns the rank of a vertex, or the first rank of a cluster.
    pub fn rank_of(&self, child: Child) -> i32 {
        match child {
            Child::Vertex(v) => self.vertices[v].rank,
            Child::Cluster(c) => self.clusters[c].rank_range.0,
        }
    }

    /// Sets the ranks of clusters from those of their members.
    pub fn update_cluster_ranks(&mut self) {
        for c in 0..self.clusters.len() {
            let members = self.members(c);
            let lo = members.iter().map(|&v| self.vertices[v].rank).min().unwrap_or(0);
            let hi = members.iter().map(|&v| self.vertices[v].rank).max().unwrap_or(0);
            self.clusters[c].rank_range = (lo, hi);
        }
    }
}
