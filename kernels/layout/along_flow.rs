//! Coordinates along the flow, rank by rank: gaps grow with labels, bends and frames.

use crate::model::Relation;
use crate::scope::*;

/// Points between two edges that bend in the same gap.
const TRACK_GAP: f64 = 10.0;
/// Points that an edge needs besides its label, for its ends.
const LABEL_CLEARANCE: f64 = 32.0;
/// Points between the texts below two icons.
const TEXT_GAP: f64 = 22.0;

/// Coordinates along the flow, in points: the line of each rank, and the two sides of each cluster.
pub struct AlongCoordinates {
    pub ranks: Vec<f64>,
    pub clusters: Vec<(f64, f64)>,
}

/// Computes coordinates along the flow.
pub struct AlongSolver<'a> {
    scope: &'a Scope<'a>,
    chains: &'a [Chain],
    across: &'a AcrossCoordinates,
    /// How far each cluster extends before the line of its first rank, and after that of its last, in points.
    extent_before: Vec<f64>,
    extent_after: Vec<f64>,
}

impl<'a> AlongSolver<'a> {
    /// Computes the extents of clusters, inner ones first.
    pub fn new(scope: &'a Scope, chains: &'a [Chain], across: &'a AcrossCoordinates) -> AlongSolver<'a> {
        let cluster_count = scope.clusters.len();
        let mut solver = AlongSolver {
            scope,
            chains,
            across,
            extent_before: vec![0.0; cluster_count],
            extent_after: vec![0.0; cluster_count],
        };
        for c in solver.inner_first() {
            let cluster = &scope.clusters[c];
            for &child in &cluster.children {
                let (lo, hi, before, after) = match child {
                    Child::Vertex(v) => (
                        scope.vertices[v].rank,
                        scope.vertices[v].rank,
                        scope.vertices[v].extent_f.0,
                        scope.vertices[v].extent_f.1,
                    ),
                    Child::Cluster(d) => (
                        scope.clusters[d].rank_range.0,
                        scope.clusters[d].rank_range.1,
                        solver.extent_before[d],
                        solver.extent_after[d],
                    ),
                };
                if lo == cluster.rank_range.0 {
                    solver.extent_before[c] = solver.extent_before[c].max(before + cluster.pad_f.0);
                }
                if hi == cluster.rank_range.1 {
                    solver.extent_after[c] = solver.extent_after[c].max(after + cluster.pad_f.1);
                }
            }
            if cluster.rank_range.0 == cluster.rank_range.1 {
                // A title may be longer than the group's content.
                let missing = (cluster.min_f - solver.extent_before[c] - solver.extent_after[c]).max(0.0);
                solver.extent_before[c] += missing / 2.0;
                solver.extent_after[c] += missing / 2.0;
            }
        }
        solver.equalize_lanes();
        solver
    }

    /// Lanes begin and end at the same lines.
    fn equalize_lanes(&mut self) {
        let lanes: Vec<usize> = (0..self.scope.clusters.len()).filter(|&c| self.scope.is_lane(c)).collect();
        for extents in [&mut self.extent_before, &mut self.extent_after] {
            let largest = lanes.iter().map(|&c| extents[c]).fold(0.0, f64::max);
            lanes.iter().for_each(|&c| extents[c] = largest);
        }
    }

    /// The first and the last rank of a child, its extents before and after their lines, its two sides across the flow,
    /// and its kind (0: node, 1: block or cluster, 2: dummy vertex, 3: row of a fold).
    fn extents(&self, child: Child) -> (i32, i32, f64, f64, f64, f64, u8) {
        match child {
            Child::Vertex(v) => {
                let vertex = &self.scope.vertices[v];
                let kind = match vertex.item {
                    Item::Node(_) => 0,
                    Item::Block(..) => 1,
                    Item::Dummy => 2,
                };
                let coord = self.across.vertices[v];
                (
                    vertex.rank,
                    vertex.rank,
                    vertex.extent_f.0,
                    vertex.extent_f.1,
                    coord - vertex.extent_c.0,
                    coord + vertex.extent_c.1,
                    kind,
                )
            }
            Child::Cluster(c) => {
                let (lo, hi) = self.scope.clusters[c].rank_range;
                let (c0, c1) = self.across.clusters[c];
                let kind = if self.scope.clusters[c].row { 3 } else { 1 };
                (lo, hi, self.extent_before[c], self.extent_after[c], c0, c1, kind)
            }
        }
    }

    /// Returns the coordinates: each rank is as close to those before it as the constraints allow.
    pub fn solve(self) -> AlongCoordinates {
        let scope = self.scope;
        let rank_count = scope.vertices.iter().map(|v| v.rank).max().unwrap_or(0) as usize + 1;
        // (From rank, to rank, minimum distance of their lines.)
        let mut constraints: Vec<(usize, usize, f64)> = Vec::new();
        self.separate_ranks(rank_count, &mut constraints);
        self.separate_siblings(&mut constraints);
        self.separate_followers(&mut constraints);
        self.fit_labels(&mut constraints);
        self.keep_in_frames(&mut constraints);
        let mut incoming: Vec<Vec<(usize, f64)>> = vec![Vec::new(); rank_count];
        for (a, b, distance) in constraints {
            incoming[b].push((a, distance));
        }
        let mut ranks = vec![0.0; rank_count];
        for r in 1..rank_count {
            ranks[r] = incoming[r].iter().map(|&(a, distance)| ranks[a] + distance).fold(ranks[r - 1] + 20.0, f64::max);
        }
        let mut clusters: Vec<(f64, f64)> = (0..scope.clusters.len())
            .map(|c| {
                let (lo, hi) = scope.clusters[c].rank_range;
                let (a, b) = (ranks[lo as usize] - self.extent_before[c], ranks[hi as usize] + self.extent_after[c]);
                (a, b.max(a + scope.clusters[c].min_f))
            })
            .collect();
        // What surrounds a frame that its title makes longer is longer too.
        for c in self.inner_first() {
            let parent = scope.clusters[c].parent;
            if c > 0 && parent > 0 {
                clusters[parent].1 = clusters[parent].1.max(clusters[c].1 + scope.clusters[parent].pad_f.1);
            }
        }
        AlongCoordinates { ranks, clusters }
    }

    /// Returns the clusters, inner ones first.
    fn inner_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.scope.clusters.len()).collect();
        order.sort_by_key(|&c| std::cmp::Reverse(self.scope.ancestors(Child::Cluster(c)).len()));
        order
    }

    /// Returns the frames in a child, and itself if it is one, that their titles may make longer than their content: the
    /// first rank of each, and how far it extends at least from there, with the padding of the frames around it.
    fn title_extents(&self, child: Child) -> Vec<(i32, f64)> {
        let outer = match child {
            Child::Cluster(c) => c,
            Child::Vertex(_) => return Vec::new(),
        };
        let mut extents = Vec::new();
        for (d, cluster) in self.scope.clusters.iter().enumerate() {
            // From the frame itself to the outer one.
            let around = self.scope.ancestors(Child::Cluster(d));
            if let Some(depth) = around.iter().position(|&c| c == outer).filter(|_| cluster.min_f > 0.0) {
                let padding: f64 = around[..=depth].iter().skip(1).map(|&c| self.scope.clusters[c].pad_f.1).sum();
                extents.push((cluster.rank_range.0, cluster.min_f - self.extent_before[d] + padding));
            }
        }
        extents
    }

    /// Returns how far the icon or shape of a vertex extends before and after its line, where edges end. The text below an icon
    /// may be wider.
    fn icon_extents(&self, v: usize) -> (f64, f64) {
        let vertex = &self.scope.vertices[v];
        match vertex.item {
            Item::Node(n) if self.scope.plan.direction.is_horizontal() => {
                let half = self.scope.input.nodes[n].icon_half_width();
                (half, half)
            }
            _ => vertex.extent_f,
        }
    }

    /// Nodes of one rank end before those of the next begin, with the tracks of bending edges between them. Straight edges
    /// run between icons, above the texts of these.
    fn separate_ranks(&self, rank_count: usize, constraints: &mut Vec<(usize, usize, f64)>) {
        let mut extents = vec![[(0.0f64, 0.0f64); 2]; rank_count];
        for (v, vertex) in self.scope.vertices.iter().enumerate() {
            if let Item::Node(_) = vertex.item {
                for (largest, extent) in extents[vertex.rank as usize].iter_mut().zip([vertex.extent_f, self.icon_extents(v)]) {
                    *largest = (largest.0.max(extent.0), largest.1.max(extent.1));
                }
            }
        }
        let tracks = self.tracks(rank_count);
        let gap_factor = self.scope.plan.gap_factor;
        for rank in 1..rank_count {
            let min_gap = LABEL_CLEARANCE + (tracks[rank] - TRACK_GAP).max(0.0);
            let gap = (self.scope.input.rank_gap * 0.74 * gap_factor).max(min_gap * gap_factor.max(1.0));
            let text_gap = if tracks[rank] > 0.0 || !self.scope.plan.direction.is_horizontal() { gap } else { TEXT_GAP };
            for (side, gap) in [text_gap, gap].into_iter().enumerate() {
                constraints.push((rank - 1, rank, extents[rank - 1][side].1 + gap + extents[rank][side].0));
            }
        }
    }

    /// How many points the edges that bend next to each other before each rank need, including their labels if these
    /// are placed between them.
    fn tracks(&self, rank_count: usize) -> Vec<f64> {
        let horizontal = self.scope.plan.direction.is_horizontal();
        let mut spans: Vec<Vec<(f64, f64, usize, f64)>> = vec![Vec::new(); rank_count];
        for chain in self.chains {
            let label = self.scope.links[chain.link].label_f;
            let height = if horizontal || label == 0.0 { TRACK_GAP } else { label + 6.0 };
            for pair in chain.vertices.windows(2) {
                let (a, b) = (self.across.vertices[pair[0]], self.across.vertices[pair[1]]);
                if (a - b).abs() > 24.0 {
                    spans[self.scope.vertices[pair[1]].rank as usize].push((a.min(b), a.max(b), pair[0], height));
                }
            }
        }
        spans
            .iter()
            .map(|spans_in_rank| {
                let mut max: f64 = 0.0;
                for &(start, ..) in spans_in_rank {
                    let mut tracks_here: Vec<(usize, f64)> = Vec::new();
                    for span in spans_in_rank.iter().filter(|span| span.0 <= start && start < span.1) {
                        match tracks_here.iter_mut().find(|track| track.0 == span.2) {
                            Some(track) => track.1 = track.1.max(span.3),
                            None => tracks_here.push((span.2, span.3)),
                        }
                    }
                    max = max.max(tracks_here.iter().map(|track| track.1).sum());
                }
                max
            })
            .collect()
    }

    /// Frames and blocks keep a distance from what is before and after them on the same line.
    fn separate_siblings(&self, constraints: &mut Vec<(usize, usize, f64)>) {
        let gap_factor = self.scope.plan.gap_factor;
        for cluster in &self.scope.clusters {
            let children: Vec<_> = cluster.children.iter().map(|&c| (c, self.extents(c))).filter(|e| e.1 .6 != 2).collect();
            for (child, a) in &children {
                for (_, b) in &children {
                    let overlap = a.4 - 10.0 < b.5 && b.4 - 10.0 < a.5;
                    if a.1 >= b.0 || !overlap || (a.6 == 0 && b.6 == 0) {
                        continue;
                    }
                    let gap = match (a.6, b.6) {
                        (0, 1) | (1, 0) => self.scope.input.rank_gap * 0.7,
                        // Edges that bend between two frames keep a distance from both if there is space.
                        _ => self.scope.input.rank_gap * if gap_factor < 1.0 { 0.8 } else { 1.1 },
                    };
                    constraints.push((a.1 as usize, b.0 as usize, a.3 + gap * gap_factor + b.2));
                    for (first, extent) in self.title_extents(*child) {
                        constraints.push((first as usize, b.0 as usize, extent + gap * gap_factor + b.2));
                    }
                }
            }
        }
    }

    /// What a layout hint requires to follow another begins after its end, wherever both are across the flow.
    fn separate_followers(&self, constraints: &mut Vec<(usize, usize, f64)>) {
        for link in self.scope.links.iter().filter(|l| l.relation == Some(Relation::Follows)) {
            let (a, b) = (self.extents(link.source), self.extents(link.target));
            if a.1 < b.0 {
                constraints.push((a.1 as usize, b.0 as usize, a.3 + self.scope.input.rank_gap * self.scope.plan.gap_factor + b.2));
            }
        }
    }

    /// Children in the inner ranks of a frame do not extend out of it, however long they are.
    fn keep_in_frames(&self, constraints: &mut Vec<(usize, usize, f64)>) {
        for (c, cluster) in self.scope.clusters.iter().enumerate().skip(1) {
            let (first, last) = (cluster.rank_range.0 as usize, cluster.rank_range.1 as usize);
            for &child in &cluster.children {
                let (lo, hi, before, after, ..) = self.extents(child);
                let (lo, hi) = (lo as usize, hi as usize);
                if lo > first {
                    constraints.push((first, lo, before + cluster.pad_f.0 - self.extent_before[c]));
                }
                if hi < last {
                    constraints.push((hi, last, after + cluster.pad_f.1 - self.extent_after[c]));
                }
            }
        }
    }

    /// The padding of the frames that an edge between two vertices leaves, and of those that it enters, in points: a label must
    /// be on one side of each border.
    fn padding_between(&self, u: usize, v: usize) -> (f64, f64) {
        let (from, to) = (self.scope.ancestors(Child::Vertex(u)), self.scope.ancestors(Child::Vertex(v)));
        let leaving = from.iter().filter(|c| !to.contains(c)).map(|&c| self.scope.clusters[c].pad_f.1);
        let entering = to.iter().filter(|c| !from.contains(c)).map(|&c| self.scope.clusters[c].pad_f.0);
        (leaving.sum(), entering.sum())
    }

    /// Edges are long enough for their labels.
    fn fit_labels(&self, constraints: &mut Vec<(usize, usize, f64)>) {
        for chain in self.chains {
            let link = &self.scope.links[chain.link];
            let (u, v) = (chain.vertices[0], *chain.vertices.last().unwrap());
            if link.label_f == 0.0 {
                continue;
            }
            let (a, b) = (&self.scope.vertices[u], &self.scope.vertices[v]);
            let (icon_a, icon_b) = (self.icon_extents(u).1, self.icon_extents(v).0);
            let (text_a, text_b) = (a.extent_f.1 - icon_a, b.extent_f.0 - icon_b);
            let (leaving, entering) = self.padding_between(u, v);
            // Frames are around texts, too, and edges bend beside them.
            let bent = (self.across.vertices[u] - self.across.vertices[v]).abs() > 24.0;
            let mut extra = if bent && self.scope.plan.direction.is_horizontal() { 14.0 + text_a.max(text_b) } else { 0.0 };
            extra = extra.max(if leaving > 0.0 { text_a } else { 0.0 } + if entering > 0.0 { text_b } else { 0.0 });
            let length = link.label_f + LABEL_CLEARANCE + leaving + entering + extra;
            constraints.push((a.rank as usize, b.rank as usize, icon_a + length + icon_b));
        }
    }
}
