//! Sifting: moves each child to where its edges cross the fewest others, until nothing improves.

use crate::order_hints::{sort_by_precedence, OrderHints};
use crate::scope::*;

/// How many starting orders one set has.
const STARTS_PER_SET: u32 = 4;

/// From this number of vertices, the search for an order is short.
const LARGE: usize = 600;

/// The part of a chain between two consecutive ranks; invisible edges have the weight 0. Straight ones cannot cross.
struct ChainSegment {
    u: usize,
    v: usize,
    weight: i64,
    straight: bool,
}

impl ChainSegment {
    /// Returns the cost of a crossing with another segment.
    fn crossing_cost(&self, other: &ChainSegment) -> i64 {
        if self.straight && other.straight { IMPOSSIBLE } else { self.weight * other.weight }
    }
}

/// The cost of an order that layout hints rule out.
const IMPOSSIBLE: i64 = 1000;

/// A segment that ends in a child: the rank where it starts, and which of its ends the child contains.
struct Incidence {
    segment: u32,
    gap: i32,
    holds_lower: bool,
    holds_upper: bool,
}

/// The state of the search for an order with few crossings.
pub struct Sifter {
    /// The position of each child (vertices, then clusters) among its siblings.
    pub positions: Vec<i64>,
    /// The ancestors of each vertex as indices of children, outermost first, and the vertex itself.
    paths: Vec<Vec<u32>>,
    segments: Vec<ChainSegment>,
    /// For each child the segments that end in it.
    incident: Vec<Vec<Incidence>>,
    /// For each child the first and the last gap between ranks with a segment that ends in it.
    pub gap_ranges: Vec<(i32, i32)>,
    /// For each child the siblings that must be after it.
    followers: Vec<Vec<usize>>,
    /// The segments between each rank and the next.
    gap_segments: Vec<Vec<u32>>,
    rank_count: usize,
    vertex_count: usize,
}

impl Sifter {
    /// Starts with the order of the scope.
    pub fn new(scope: &Scope, chains: &[Chain], hints: &OrderHints) -> Sifter {
        let n = scope.vertices.len();
        let index = |c: Child| match c {
            Child::Vertex(v) => v,
            Child::Cluster(c) => n + c,
        };
        let mut positions = vec![0i64; n + scope.clusters.len()];
        for cluster in &scope.clusters {
            for (k, &child) in cluster.children.iter().enumerate() {
                positions[index(child)] = k as i64;
            }
        }
        let paths: Vec<Vec<u32>> = (0..n)
            .map(|v| {
                let mut path: Vec<u32> = scope.ancestors(Child::Vertex(v)).iter().filter(|&&c| c != 0).map(|&c| (n + c) as u32).collect();
                path.reverse();
                path.push(v as u32);
                path
            })
            .collect();
        let mut segments = Vec::new();
        for chain in chains {
            let weight = if scope.input.edges[scope.links[chain.link].edge].invisible { 0 } else { 1 };
            for pair in chain.vertices.windows(2) {
                segments.push(ChainSegment { u: pair[0], v: pair[1], weight, straight: scope.links[chain.link].straight });
            }
        }
        let mut incident: Vec<Vec<Incidence>> = (0..n + scope.clusters.len()).map(|_| Vec::new()).collect();
        for (i, s) in segments.iter().enumerate() {
            let gap = scope.vertices[s.u].rank;
            for &c in &paths[s.u] {
                incident[c as usize].push(Incidence { segment: i as u32, gap, holds_lower: true, holds_upper: paths[s.v].contains(&c) });
            }
            for &c in paths[s.v].iter().filter(|c| !paths[s.u].contains(c)) {
                incident[c as usize].push(Incidence { segment: i as u32, gap, holds_lower: false, holds_upper: true });
            }
        }
        let rank_count = scope.vertices.iter().map(|v| v.rank).max().unwrap_or(0) as usize + 1;
        let gap_ranges = incident
            .iter()
            .map(|incidences| {
                incidences
                    .iter()
                    .fold((i32::MAX, i32::MIN), |(lo, hi), incidence| (lo.min(incidence.gap), hi.max(incidence.gap)))
            })
            .collect();
        let mut gap_segments: Vec<Vec<u32>> = vec![Vec::new(); rank_count];
        for (i, s) in segments.iter().enumerate() {
            gap_segments[scope.vertices[s.u].rank as usize].push(i as u32);
        }
        let mut followers = vec![Vec::new(); n + scope.clusters.len()];
        for &(a, b) in &hints.before {
            followers[index(a)].push(index(b));
        }
        Sifter { positions, paths, segments, incident, gap_ranges, followers, gap_segments, rank_count, vertex_count: n }
    }

    /// Whether vertex `a` is before vertex `b` across the flow.
    fn precedes(&self, a: usize, b: usize) -> bool {
        for (&x, &y) in self.paths[a].iter().zip(&self.paths[b]) {
            if x != y {
                return self.positions[x as usize] < self.positions[y as usize];
            }
        }
        false
    }

    /// Swaps two neighbors, and returns how many crossings that adds.
    ///
    /// Only if one end of a segment in `a` is next to an end of a segment in `b` does their order change; if both ends
    /// are, they cross as before.
    fn swap_neighbors(&mut self, a: usize, b: usize) -> i64 {
        let mut delta = 0;
        for x in &self.incident[a] {
            let s = &self.segments[x.segment as usize];
            for y in &self.incident[b] {
                if x.gap != y.gap || x.segment == y.segment {
                    continue;
                }
                let (holds_lower, holds_upper) = (x.holds_lower && y.holds_lower, x.holds_upper && y.holds_upper);
                if holds_lower == holds_upper {
                    continue;
                }
                let t = &self.segments[y.segment as usize];
                let (p, q) = if holds_lower { (s.v, t.v) } else { (s.u, t.u) };
                if p != q {
                    // `a` is before `b`: the segments cross if their other ends are in the opposite order.
                    delta += if self.precedes(p, q) { s.crossing_cost(t) } else { -s.crossing_cost(t) };
                }
            }
        }
        self.positions.swap(a, b);
        delta
    }

    /// Moves each child to the best position among its siblings, until nothing improves.
    pub fn sift(&mut self, scope: &Scope) {
        let rounds = if self.vertex_count < 80 { 6 } else if self.vertex_count < LARGE { 2 } else { 1 };
        for _ in 0..rounds {
            let mut removed = 0;
            for (c, cluster) in scope.clusters.iter().enumerate() {
                if cluster.children.len() < 2 || scope.is_ordered(c) {
                    continue;
                }
                let mut order: Vec<usize> = cluster.children.iter().map(|&c| self.index(c)).collect();
                order.sort_by_key(|&c| self.positions[c]);
                self.renumber(&order);
                for child in order.clone() {
                    removed += self.sift_child(child, &mut order);
                }
            }
            if removed == 0 && (self.vertex_count >= LARGE || !self.reverse_clusters(scope)) {
                break;
            }
        }
    }

    /// Returns the index of a child in the lists of children.
    pub fn index(&self, c: Child) -> usize {
        match c {
            Child::Vertex(v) => v,
            Child::Cluster(c) => self.vertex_count + c,
        }
    }

    /// Moves a child to its best position among its siblings; returns how many crossings that removes.
    ///
    /// Only siblings with segments between the same ranks matter.
    fn sift_child(&mut self, child: usize, order: &mut Vec<usize>) -> i64 {
        let gap_range = self.gap_ranges[child];
        let affected: Vec<usize> = order
            .iter()
            .copied()
            .filter(|&c| {
                let shares_ranks = self.gap_ranges[c].0 <= gap_range.1 && gap_range.0 <= self.gap_ranges[c].1;
                shares_ranks || self.followers[c].contains(&child) || self.followers[child].contains(&c)
            })
            .collect();
        let start = match affected.iter().position(|&c| c == child) {
            Some(start) => start,
            None => return 0, // No segment ends in the child.
        };
        let old_positions: Vec<i64> = affected.iter().map(|&c| self.positions[c]).collect();
        let (mut best, mut best_index) = (0, start);
        for forward in [true, false] {
            let mut delta = 0;
            let mut k = start;
            while if forward { k + 1 < affected.len() } else { k > 0 } {
                k = if forward { k + 1 } else { k - 1 };
                let (before, after) = if forward { (child, affected[k]) } else { (affected[k], child) };
                if self.followers[before].contains(&after) {
                    break;
                }
                delta += if forward { self.swap_neighbors(child, affected[k]) } else { self.swap_neighbors(affected[k], child) };
                if delta < best {
                    best = delta;
                    best_index = k;
                }
            }
            for (&c, &position) in affected.iter().zip(&old_positions) {
                self.positions[c] = position;
            }
        }
        if best_index != start {
            order.retain(|&c| c != child);
            let index = order.iter().position(|&c| c == affected[best_index]).unwrap_or(0);
            order.insert(if best_index > start { index + 1 } else { index }, child);
            self.renumber(order);
        }
        -best
    }

    /// Sets the positions of siblings from their order.
    fn renumber(&mut self, order: &[usize]) {
        for (k, &c) in order.iter().enumerate() {
            self.positions[c] = k as i64;
        }
    }

    /// Chooses the best of the orders that one set of shuffled orders leads to: the one with the fewest crossings, then
    /// the one most similar to the source.
    pub fn sift_shuffled(&mut self, scope: &Scope, set: u32) {
        let mut best: Option<((i64, i64), Vec<i64>)> = None;
        for start in set * STARTS_PER_SET..(set + 1) * STARTS_PER_SET {
            self.shuffle(scope, start);
            self.sift(scope);
            let mut inversions = self.inversions(scope);
            if inversions > 0 && !scope.is_ordered(0) && self.followers.iter().all(Vec::is_empty) {
                // The reversed order has as many crossings.
                self.reverse_cluster(scope, 0);
                inversions = -inversions;
            }
            let key = (self.crossings(scope, (0, i32::MAX)), inversions);
            if best.as_ref().map_or(true, |(min_key, _)| key < *min_key) {
                best = Some((key, self.positions.clone()));
            }
        }
        if let Some((_, positions)) = best {
            self.positions = positions;
        }
    }

    /// Returns how many more pairs of siblings are in the opposite order of the source than in the same.
    fn inversions(&self, scope: &Scope) -> i64 {
        let mut sum = 0;
        for cluster in &scope.clusters {
            let siblings: Vec<usize> = cluster.children.iter().filter(|c| !scope.is_dummy(**c)).map(|&c| self.index(c)).collect();
            for (k, &a) in siblings.iter().enumerate() {
                sum += siblings[..k].iter().map(|&b| (self.positions[b] - self.positions[a]).signum()).sum::<i64>();
            }
        }
        sum
    }

    /// Reverses a cluster with everything it contains.
    fn reverse_cluster(&mut self, scope: &Scope, cluster: usize) {
        let mut stack = vec![cluster];
        while let Some(current) = stack.pop() {
            let children = &scope.clusters[current].children;
            for &child in children {
                let index = self.index(child);
                self.positions[index] = children.len() as i64 - 1 - self.positions[index];
                if let Child::Cluster(inner) = child {
                    stack.push(inner);
                }
            }
        }
    }

    /// Shuffles the children of each cluster, in the same way each time (Knuth's multiplicative hash).
    fn shuffle(&mut self, scope: &Scope, start: u32) {
        for (_, cluster) in scope.clusters.iter().enumerate().filter(|&(c, _)| !scope.is_ordered(c)) {
            let key = |k: usize| {
                (k as u32)
                    .wrapping_add(1)
                    .wrapping_mul(7919)
                    .wrapping_add(start.wrapping_mul(104_729))
                    .wrapping_mul(2_654_435_761)
                    >> 7
            };
            let mut keyed: Vec<(u32, usize)> =
                cluster.children.iter().enumerate().map(|(k, &c)| (key(k), self.index(c))).collect();
            keyed.sort_unstable();
            let mut order: Vec<usize> = keyed.into_iter().map(|(_, c)| c).collect();
            if self.followers.iter().any(|f| !f.is_empty()) {
                sort_by_precedence(&mut order, |&a, &b| self.followers[a].contains(&b));
            }
            self.renumber(&order);
        }
    }

    /// Reverses each cluster with everything it contains if that removes crossings; returns whether any was reversed.
    fn reverse_clusters(&mut self, scope: &Scope) -> bool {
        let mut changed = false;
        for c in 1..scope.clusters.len() {
            let gap_range = self.gap_ranges[self.vertex_count + c];
            let before = self.crossings(scope, gap_range);
            if before == 0 || self.has_followers(scope, c) {
                continue;
            }
            let positions = self.positions.clone();
            self.reverse_cluster(scope, c);
            if self.crossings(scope, gap_range) < before {
                changed = true;
            } else {
                self.positions = positions;
            }
        }
        changed
    }

    /// Whether some children of a cluster, or of one in it, must be after others.
    fn has_followers(&self, scope: &Scope, cluster: usize) -> bool {
        scope.clusters[cluster].children.iter().any(|&child| {
            let inner = matches!(child, Child::Cluster(c) if self.has_followers(scope, c));
            inner || !self.followers[self.index(child)].is_empty()
        })
    }

    /// Returns the number of crossings in a range of gaps between ranks.
    pub fn crossings(&self, scope: &Scope, gap_range: (i32, i32)) -> i64 {
        let positions = self.rank_positions(scope);
        let mut sum = 0;
        for (gap, segments) in self.gap_segments.iter().enumerate() {
            if (gap as i32) < gap_range.0 || gap as i32 > gap_range.1 {
                continue;
            }
            for (k, &i) in segments.iter().enumerate() {
                let first = &self.segments[i as usize];
                for &j in &segments[..k] {
                    let second = &self.segments[j as usize];
                    if (positions[first.u] - positions[second.u]) * (positions[first.v] - positions[second.v]) < 0.0 {
                        sum += first.crossing_cost(second);
                    }
                }
            }
        }
        sum
    }

    /// Returns the position of each vertex in its rank, relative to the middle of the rank.
    fn rank_positions(&self, scope: &Scope) -> Vec<f64> {
        let mut rank_vertices: Vec<Vec<usize>> = vec![Vec::new(); self.rank_count];
        for v in 0..self.vertex_count {
            rank_vertices[scope.vertices[v].rank as usize].push(v);
        }
        let mut positions = vec![0.0; self.vertex_count];
        for vertices in &mut rank_vertices {
            vertices.sort_by(|&a, &b| {
                if a == b {
                    std::cmp::Ordering::Equal
                } else if self.precedes(a, b) {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                }
            });
            for (k, &v) in vertices.iter().enumerate() {
                positions[v] = k as f64 - (vertices.len() as f64 - 1.0) / 2.0;
            }
        }
        positions
    }

    /// Stores the order in the scope.
    pub fn store(&self, scope: &mut Scope) {
        for c in 0..scope.clusters.len() {
            let mut children = scope.clusters[c].children.clone();
            children.sort_by_key(|&child| self.positions[self.index(child)]);
            scope.clusters[c].children = children;
        }
    }
}

