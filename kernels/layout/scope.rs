//! A scope: the part of a graph that one layered layout places. Groups that no edge enters are laid out first, as
//! blocks.
//!
//! Coordinates are along the flow (`f`) and across it (`c`), so the same code serves all directions.

use crate::blocks::Block;
use crate::model::*;
use crate::plan::*;
pub use crate::scope_records::*;

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
    pub feedback: &'a Feedback<'a>,
    /// What layout hints require of ranks.
    pub rank_hints: RankHints,
    /// Children with a rank and a line within their cluster, from 0, as hints require. In a grid, the rank is only relative.
    pub cells: Vec<(Child, Cell)>,
    /// Vertices one after another in the rows of a split rank.
    pub column_pairs: Vec<(usize, usize)>,
}

/// A member is aligned with the middle of its group if it is closer to it than this share of the group's extent.
const MAX_PORT_OFFSET: f64 = 0.12;

impl<'a> Scope<'a> {
    /// Adds a block as one vertex.
    pub fn add_block(&mut self, block: Block, g: Option<usize>, cluster: usize, slots: &mut Vec<Option<(Child, f64)>>) {
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
    /// that are connected to something outside, or of all if none is, if they are in line; else the middle.
    fn rank_line(&self, block: &Block, f: f64) -> f64 {
        let horizontal = self.plan.direction.is_horizontal();
        let inside = |end: End| match end {
            End::Node(n) => block.nodes.iter().any(|node| node.0 == n),
            End::Group(g) => block.groups.iter().any(|group| group.0 == g),
        };
        let is_connected = |n: usize| self.input.edges.iter().any(|e| e.source == End::Node(n) && !inside(e.target) || e.target == End::Node(n) && !inside(e.source));
        let any_connected = block.nodes.iter().any(|node| is_connected(node.0));
        let aligned = block.nodes.iter().filter(|node| is_connected(node.0) || !any_connected);
        let lines = aligned.map(|&(_, x, y)| if horizontal { x } else { y });
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
    pub fn add_vertex(&mut self, item: Item, cluster: usize, f: (f64, f64), c: (f64, f64)) -> usize {
        self.vertices.push(Vertex { item, cluster, rank: 0, extent_f: f, extent_c: c });
        let v = self.vertices.len() - 1;
        self.clusters[cluster].children.push(Child::Vertex(v));
        v
    }

    /// Returns the extents before and after along the flow, which are exchanged if it runs up or left.
    pub fn oriented(&self, f: (f64, f64)) -> (f64, f64) {
        if matches!(self.plan.direction, Direction::Up | Direction::Left) {
            (f.1, f.0)
        } else {
            f
        }
    }

    /// Adds a group as a cluster and returns its index.
    pub fn add_cluster(&mut self, g: usize, parent: usize) -> usize {
        let (group, pad) = (&self.input.groups[g], self.plan.padding(self.input));
        let top = (group.title_h.max(pad * 0.5) + 8.0, pad);
        let horizontal = self.plan.direction.is_horizontal();
        let (f, c) = if horizontal { ((pad, pad), top) } else { (self.oriented(top), (pad, pad)) };
        self.clusters.push(Cluster {
            group: Some(g), parent, pad_f: f, pad_c: c,
            min_f: match (horizontal, self.feedback.obstructed_titles.contains(&g)) {
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
    pub fn add_links(&mut self, slots: &[Option<(Child, f64)>]) {
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
                unranked: false, relation: e.relation, straight: false,
                weight: if e.invisible { 0 } else { 1 },
            });
        }
    }

    /// Returns the node or group that a child represents.
    pub fn element_of(&self, child: Child) -> Option<End> {
        match child {
            Child::Vertex(v) => match self.vertices[v].item {
                Item::Node(n) => Some(End::Node(n)),
                Item::Block(_, g) => g.map(End::Group),
                Item::Dummy => None,
            },
            Child::Cluster(c) => self.clusters[c].group.map(End::Group),
        }
    }

    /// Reads the cells of the children that hints give one.
    pub fn add_cells(&mut self, slots: &[Option<(Child, f64)>]) {
        for cell in &self.input.cells {
            let slot = match cell.member {
                End::Node(n) => slots[n],
                End::Group(g) => slots[self.input.nodes.len() + g],
            };
            if let Some((child, _)) = slot.filter(|&(child, _)| self.element_of(child) == Some(cell.member)) {
                self.cells.push((child, *cell));
            }
        }
    }

    /// Whether some children of a cluster have cells.
    pub fn has_cells(&self, cluster: usize) -> bool {
        self.cells.iter().any(|&(child, _)| self.clusters[cluster].children.contains(&child))
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

    /// Whether a cluster is a lane: it has all ranks of the scope.
    pub fn is_lane(&self, cluster: usize) -> bool {
        self.clusters[cluster].group.map_or(false, |g| self.input.groups[g].is_lane)
    }

    /// Whether the children of a cluster keep their order, because they are lanes.
    pub fn is_ordered(&self, cluster: usize) -> bool {
        cluster == 0 && (1..self.clusters.len()).any(|c| self.is_lane(c))
    }

    /// Whether a chain starts at its link's target.
    pub fn is_reversed(&self, chain: &Chain) -> bool {
        let link = &self.links[chain.link];
        let first = chain.vertices[0];
        match link.source {
            Child::Vertex(v) => v != first,
            Child::Cluster(c) => !self.members(c).contains(&first),
        }
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

    /// Returns the cluster around a child.
    pub fn parent_of(&self, child: Child) -> usize {
        match child {
            Child::Vertex(v) => self.vertices[v].cluster,
            Child::Cluster(c) => self.clusters[c].parent,
        }
    }

    /// Returns the first and the last rank of a child.
    pub fn rank_range_of(&self, child: Child) -> (i32, i32) {
        match child {
            Child::Vertex(v) => (self.vertices[v].rank, self.vertices[v].rank),
            Child::Cluster(c) => self.clusters[c].rank_range,
        }
    }

    /// Whether a child other than a dummy vertex has a rank.
    pub fn is_in_rank(&self, child: Child, rank: i32) -> bool {
        let (first, last) = self.rank_range_of(child);
        !self.is_dummy(child) && first <= rank && rank <= last
    }

    /// Returns the rank of a vertex, or the first rank of a cluster.
    pub fn rank_of(&self, child: Child) -> i32 {
        self.rank_range_of(child).0
    }

    /// Sets the ranks of clusters from those of their members.
    pub fn update_cluster_ranks(&mut self) {
        for c in 0..self.clusters.len() {
            let members = self.members(c);
            let lo = members.iter().map(|&v| self.vertices[v].rank).min().unwrap_or(0);
            let hi = members.iter().map(|&v| self.vertices[v].rank).max().unwrap_or(0);
            self.clusters[c].rank_range = if self.is_lane(c) { self.clusters[0].rank_range } else { (lo, hi) };
        }
    }
}
