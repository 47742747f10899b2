//! Coordinates along the flow, rank by rank: gaps grow with labels, bends and frames.

use crate::coords::Across;
use crate::order::Chain;
use crate::scope::*;

const TRACK: f64 = 10.0; // Between two edges that bend in one gap.
const STUBS: f64 = 32.0; // What an edge needs beside its label.

/// Coordinates along the flow: of the lines of ranks, and both sides of clusters.
pub struct Lines {
    pub rank: Vec<f64>,
    pub clusters: Vec<(f64, f64)>,
}

pub struct Along<'a> {
    scope: &'a Scope<'a>,
    chains: &'a [Chain],
    across: &'a Across,
    before: Vec<f64>, // Of clusters, from the line of their first rank.
    after: Vec<f64>,
}

impl<'a> Along<'a> {
    pub fn new(scope: &'a Scope, chains: &'a [Chain], across: &'a Across) -> Along<'a> {
        let k = scope.clusters.len();
        let mut along = Along { scope, chains, across, before: vec![0.0; k], after: vec![0.0; k] };
        let mut order: Vec<usize> = (0..k).collect();
        order.sort_by_key(|&c| std::cmp::Reverse(scope.chain(Child::C(c)).len()));
        for c in order {
            let cluster = &scope.clusters[c];
            for &child in &cluster.children {
                let (lo, hi, before, after) = match child {
                    Child::V(v) => (scope.verts[v].rank, scope.verts[v].rank, scope.verts[v].f.0, scope.verts[v].f.1),
                    Child::C(d) => (scope.clusters[d].rank.0, scope.clusters[d].rank.1, along.before[d], along.after[d]),
                };
                if lo == cluster.rank.0 {
                    along.before[c] = along.before[c].max(before + cluster.f.0);
                }
                if hi == cluster.rank.1 {
                    along.after[c] = along.after[c].max(after + cluster.f.1);
                }
            }
            if cluster.rank.0 == cluster.rank.1 {
                // A title may be longer than what is in the group.
                let missing = (cluster.least_f - along.before[c] - along.after[c]).max(0.0);
                along.before[c] += missing / 2.0;
                along.after[c] += missing / 2.0;
            }
        }
        along
    }

    /// Ranks, reach along the flow and extent across it of a child, what it is, and its least length.
    fn extent(&self, child: Child) -> (i32, i32, f64, f64, f64, f64, u8, f64) {
        match child {
            Child::V(v) => {
                let vert = &self.scope.verts[v];
                let kind = match vert.item {
                    Item::Node(_) => 0,
                    Item::Block(..) => 1,
                    Item::Dummy => 2,
                };
                let x = self.across.verts[v];
                (vert.rank, vert.rank, vert.f.0, vert.f.1, x - vert.c.0, x + vert.c.1, kind, 0.0)
            }
            Child::C(c) => {
                let (lo, hi) = self.scope.clusters[c].rank;
                let (c0, c1) = self.across.clusters[c];
                let kind = if self.scope.clusters[c].row { 3 } else { 1 };
                (lo, hi, self.before[c], self.after[c], c0, c1, kind, self.scope.clusters[c].least_f)
            }
        }
    }

    pub fn solve(self) -> Lines {
        let scope = self.scope;
        let ranks = scope.verts.iter().map(|v| v.rank).max().unwrap_or(0) as usize + 1;
        // (from rank, to rank, least distance of their lines)
        let mut rules: Vec<(usize, usize, f64)> = Vec::new();
        self.strict(ranks, &mut rules);
        self.siblings(&mut rules);
        self.labels(&mut rules);
        self.within(&mut rules);
        let mut by_end: Vec<Vec<(usize, f64)>> = vec![Vec::new(); ranks];
        for (a, b, d) in rules {
            by_end[b].push((a, d));
        }
        let mut rank = vec![0.0; ranks];
        for r in 1..ranks {
            rank[r] = by_end[r].iter().map(|&(a, d)| rank[a] + d).fold(rank[r - 1] + 20.0, f64::max);
        }
        let clusters = (0..scope.clusters.len())
            .map(|c| {
                let (lo, hi) = scope.clusters[c].rank;
                let (a, b) = (rank[lo as usize] - self.before[c], rank[hi as usize] + self.after[c]);
                let missing = (scope.clusters[c].least_f - (b - a)).max(0.0);
                (a, b + missing)
            })
            .collect();
        Lines { rank, clusters }
    }

    /// Nodes of one rank end before those of the next begin, with the tracks between them.
    fn strict(&self, ranks: usize, rules: &mut Vec<(usize, usize, f64)>) {
        let (mut before, mut after) = (vec![0.0f64; ranks], vec![0.0f64; ranks]);
        for vert in &self.scope.verts {
            if let Item::Node(_) = vert.item {
                let r = vert.rank as usize;
                before[r] = before[r].max(vert.f.0);
                after[r] = after[r].max(vert.f.1);
            }
        }
        let tracks = self.tracks(ranks);
        for r in 1..ranks {
            let (air, least) = (self.scope.plan.air, STUBS + (tracks[r] - TRACK).max(0.0));
            let gap = (self.scope.input.rank_gap * 0.74 * air).max(least * air.max(1.0));
            rules.push((r - 1, r, after[r - 1] + gap + before[r]));
        }
    }

    /// How much the edges that bend beside each other before each rank need, with their labels where these stand
    /// between them.
    fn tracks(&self, ranks: usize) -> Vec<f64> {
        let horizontal = self.scope.plan.flow.horizontal();
        let mut spans: Vec<Vec<(f64, f64, usize, f64)>> = vec![Vec::new(); ranks];
        for chain in self.chains {
            let label = self.scope.links[chain.link].label_f;
            let need = if horizontal || label == 0.0 { TRACK } else { label + 6.0 };
            for pair in chain.verts.windows(2) {
                let (a, b) = (self.across.verts[pair[0]], self.across.verts[pair[1]]);
                if (a - b).abs() > 24.0 {
                    spans[self.scope.verts[pair[1]].rank as usize].push((a.min(b), a.max(b), pair[0], need));
                }
            }
        }
        spans
            .iter()
            .map(|row| {
                let mut most: f64 = 0.0;
                for &(x, ..) in row {
                    let mut families: Vec<(usize, f64)> = Vec::new();
                    for s in row.iter().filter(|s| s.0 <= x && x < s.1) {
                        match families.iter_mut().find(|f| f.0 == s.2) {
                            Some(f) => f.1 = f.1.max(s.3),
                            None => families.push((s.2, s.3)),
                        }
                    }
                    most = most.max(families.iter().map(|f| f.1).sum());
                }
                most
            })
            .collect()
    }

    /// Frames and blocks keep clear of what is before and after them on the same line.
    fn siblings(&self, rules: &mut Vec<(usize, usize, f64)>) {
        let air = self.scope.plan.air;
        for cluster in &self.scope.clusters {
            let all: Vec<_> = cluster.children.iter().map(|&c| self.extent(c)).filter(|e| e.6 != 2).collect();
            for a in &all {
                for b in &all {
                    let near = a.4 - 10.0 < b.5 && b.4 - 10.0 < a.5;
                    if a.1 >= b.0 || !near || (a.6 == 0 && b.6 == 0) {
                        continue;
                    }
                    let gap = match (a.6, b.6) {
                        (0, 1) | (1, 0) => self.scope.input.rank_gap * 0.7,
                        // Lines that bend between two frames keep clear of both, where there is space.
                        _ => self.scope.input.rank_gap * if air < 1.0 { 0.8 } else { 1.1 },
                    };
                    rules.push((a.1 as usize, b.0 as usize, a.3 + gap * air + b.2));
                    if a.7 > 0.0 {
                        rules.push((a.0 as usize, b.0 as usize, a.7 - a.2 + gap * air + b.2));
                    }
                }
            }
        }
    }

    /// What stands in the inner ranks of a frame does not reach out of it, however long it is.
    fn within(&self, rules: &mut Vec<(usize, usize, f64)>) {
        for (c, cluster) in self.scope.clusters.iter().enumerate().skip(1) {
            let (first, last) = (cluster.rank.0 as usize, cluster.rank.1 as usize);
            for &child in &cluster.children {
                let (lo, hi, before, after, ..) = self.extent(child);
                let (lo, hi) = (lo as usize, hi as usize);
                if lo > first {
                    rules.push((first, lo, before + cluster.f.0 - self.before[c]));
                }
                if hi < last {
                    rules.push((hi, last, after + cluster.f.1 - self.after[c]));
                }
            }
        }
    }

    /// What the frames between two vertices take: a label stands on one side of a border.
    fn frames_between(&self, u: usize, v: usize) -> f64 {
        let (from, to) = (self.scope.chain(Child::V(u)), self.scope.chain(Child::V(v)));
        let leaving = from.iter().filter(|c| !to.contains(c)).map(|&c| self.scope.clusters[c].f.1);
        let entering = to.iter().filter(|c| !from.contains(c)).map(|&c| self.scope.clusters[c].f.0);
        leaving.chain(entering).sum()
    }

    /// Edges are long enough for their labels.
    fn labels(&self, rules: &mut Vec<(usize, usize, f64)>) {
        for chain in self.chains {
            let link = &self.scope.links[chain.link];
            let (a, b) = (&self.scope.verts[chain.verts[0]], &self.scope.verts[*chain.verts.last().unwrap()]);
            let label = if link.label_f > 0.0 { link.label_f + STUBS } else { 0.0 };
            if label == 0.0 {
                continue;
            }
            let bent = (self.across.verts[chain.verts[0]] - self.across.verts[*chain.verts.last().unwrap()]).abs() > 24.0;
            let mut more = if bent && self.scope.plan.flow.horizontal() { 14.0 } else { 0.0 };
            more += self.frames_between(chain.verts[0], *chain.verts.last().unwrap());
            rules.push((a.rank as usize, b.rank as usize, a.f.1 + label + more + b.f.0));
        }
    }
}
