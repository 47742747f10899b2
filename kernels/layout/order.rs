//! The order across the flow: one permutation of each cluster's children, so that frames never overlap.
//!
//! Long links get a point in each rank they pass (Sugiyama, Tagawa, Toda 1981); points stand in the cluster through
//! which the link leaves or arrives, so a link never runs through a cluster that holds neither end (Forster 2002).

use crate::plan::*;
use crate::scope::*;
use crate::swaps;

/// A link as a chain of vertices in neighboring ranks, from the lower rank to the higher.
#[derive(Clone, Debug)]
pub struct Chain {
    pub link: usize,
    pub verts: Vec<usize>,
}

/// So many points of long links are ordered.
const MOST_POINTS: i32 = 1200;
/// Vertices from which on the search for an order is short.
const MANY: usize = 600;
/// How many starts lead to the order with the fewest crossings.
const STARTS: u32 = 4;

struct Segment {
    u: usize,
    v: usize,
    weight: i64,
}

/// Adds the points of long links and finds an order with few crossings.
pub fn arrange(scope: &mut Scope) -> Vec<Chain> {
    let chains = split(scope);
    let orders = scope.hints.orders;
    if !orders.apply(scope) {
        let mut sifter = Sifter::new(scope, &chains);
        match scope.plan.start {
            Start::Source => sifter.sift(scope),
            Start::Fewest(set) => sifter.fewest(scope, set),
        }
        sifter.store(scope);
        orders.keep(scope);
    }
    for &(a, b) in scope.hints.swaps {
        swaps::swap(scope, a, b);
    }
    // Hubs stay last.
    for &hub in &scope.hubs {
        for cluster in &mut scope.clusters {
            if cluster.children.contains(&hub) {
                cluster.children.retain(|&c| c != hub);
                cluster.children.push(hub);
            }
        }
    }
    if let Some(found) = scope.hints.judged {
        found.borrow_mut().extend(swaps::judged(scope, &chains));
    }
    chains
}

fn split(scope: &mut Scope) -> Vec<Chain> {
    let mut chains = Vec::new();
    shorten(scope);
    for i in 0..scope.links.len() {
        let link = scope.links[i].clone();
        if link.free || link.flat || link.aside {
            continue;
        }
        let (mut u, mut v) = (end_of(scope, link.s, !link.reversed), end_of(scope, link.t, link.reversed));
        if scope.verts[u].rank > scope.verts[v].rank {
            std::mem::swap(&mut u, &mut v);
        }
        let (ru, rv) = (scope.verts[u].rank, scope.verts[v].rank);
        if ru == rv {
            continue;
        }
        // Of two links between the same ends the labels stand on both sides.
        let pair = |l: &Link| (l.s, l.t) == (link.s, link.t) || (l.s, l.t) == (link.t, link.s);
        let before = scope.links[..i].iter().any(pair);
        let parallel = if scope.plan.flow.horizontal() { before } else { !before && scope.links[i + 1..].iter().any(pair) };
        let mut verts = vec![u];
        for r in ru + 1..rv {
            let cluster = cluster_at(scope, u, v, r);
            // In the middle there is space for the label, above a level line and to the right of an upright one.
            let c = if r == (ru + rv) / 2 && link.label_c > 0.0 {
                let (near, far) = (4.0, link.label_c + if scope.plan.flow.horizontal() { 6.0 } else { 10.0 });
                if scope.plan.flow.horizontal() != parallel { (far, near) } else { (near, far) }
            } else {
                (4.0, 4.0)
            };
            scope.verts.push(Vert { item: Item::Dummy, cluster, rank: r, f: (0.0, 0.0), c });
            let d = scope.verts.len() - 1;
            scope.clusters[cluster].children.push(Child::V(d));
            verts.push(d);
        }
        verts.push(v);
        chains.push(Chain { link: i, verts });
    }
    chains
}

/// Leaves out the longest links where all would have too many points: they take no part in the order.
fn shorten(scope: &mut Scope) {
    let mut spans: Vec<(i32, usize)> = Vec::new();
    for (i, link) in scope.links.iter().enumerate().filter(|(_, l)| !(l.free || l.flat || l.aside)) {
        let (u, v) = (end_of(scope, link.s, !link.reversed), end_of(scope, link.t, link.reversed));
        spans.push(((scope.verts[u].rank - scope.verts[v].rank).abs(), i));
    }
    spans.sort_unstable();
    let mut points = 0;
    for (span, i) in spans {
        points += (span - 1).max(0);
        if points > MOST_POINTS {
            scope.links[i].free = true;
        }
    }
}

/// The vertex that stands for an end; of a cluster one in its last rank, or its first.
fn end_of(scope: &Scope, child: Child, last: bool) -> usize {
    match child {
        Child::V(v) => v,
        Child::C(c) => {
            let members = scope.members(c);
            let (lo, hi) = scope.clusters[c].rank;
            let rank = if last { hi } else { lo };
            let near: Vec<usize> = members.iter().copied().filter(|&v| scope.verts[v].rank == rank).collect();
            near.get(near.len() / 2).copied().unwrap_or(members[0])
        }
    }
}

fn cluster_at(scope: &Scope, u: usize, v: usize, r: i32) -> usize {
    let (cu, cv) = (scope.chain(Child::V(u)), scope.chain(Child::V(v)));
    let common = cu.iter().copied().find(|c| cv.contains(c)).unwrap_or(0);
    let own = |chain: &[usize]| {
        chain
            .iter()
            .copied()
            .take_while(|&c| c != common)
            .find(|&c| scope.clusters[c].rank.0 <= r && r <= scope.clusters[c].rank.1)
    };
    own(&cu).or_else(|| own(&cv)).unwrap_or(common)
}

/// A segment that ends in a child: from which rank it starts, and which of its ends the child holds.
struct Touch {
    segment: u32,
    gap: i32,
    lower: bool,
    upper: bool,
}

pub struct Sifter {
    /// The place of each child (vertices, then clusters) among its siblings.
    pub seq: Vec<i64>,
    /// The ancestors of each vertex as children, outermost first, itself last.
    path: Vec<Vec<u32>>,
    segments: Vec<Segment>,
    /// For each child the segments that end in it.
    at: Vec<Vec<Touch>>,
    /// For each child the first and the last gap between ranks in which a segment ends in it.
    pub gaps: Vec<(i32, i32)>,
    /// The segments between each rank and the next.
    between: Vec<Vec<u32>>,
    ranks: usize,
    n: usize,
}

impl Sifter {
    pub fn new(scope: &Scope, chains: &[Chain]) -> Sifter {
        let n = scope.verts.len();
        let index = |c: Child| match c {
            Child::V(v) => v,
            Child::C(c) => n + c,
        };
        let mut seq = vec![0i64; n + scope.clusters.len()];
        for cluster in &scope.clusters {
            for (k, &child) in cluster.children.iter().enumerate() {
                seq[index(child)] = k as i64;
            }
        }
        let path: Vec<Vec<u32>> = (0..n)
            .map(|v| {
                let mut p: Vec<u32> = scope.chain(Child::V(v)).iter().filter(|&&c| c != 0).map(|&c| (n + c) as u32).collect();
                p.reverse();
                p.push(v as u32);
                p
            })
            .collect();
        let mut segments = Vec::new();
        for chain in chains {
            let weight = if scope.input.edges[scope.links[chain.link].edge].invisible { 0 } else { 1 };
            for pair in chain.verts.windows(2) {
                segments.push(Segment { u: pair[0], v: pair[1], weight });
            }
        }
        let mut at: Vec<Vec<Touch>> = (0..n + scope.clusters.len()).map(|_| Vec::new()).collect();
        for (i, s) in segments.iter().enumerate() {
            let gap = scope.verts[s.u].rank;
            for &c in &path[s.u] {
                at[c as usize].push(Touch { segment: i as u32, gap, lower: true, upper: path[s.v].contains(&c) });
            }
            for &c in path[s.v].iter().filter(|c| !path[s.u].contains(c)) {
                at[c as usize].push(Touch { segment: i as u32, gap, lower: false, upper: true });
            }
        }
        let ranks = scope.verts.iter().map(|v| v.rank).max().unwrap_or(0) as usize + 1;
        let gaps = at.iter().map(|touches| touches.iter().fold((i32::MAX, i32::MIN), |(lo, hi), t| (lo.min(t.gap), hi.max(t.gap)))).collect();
        let mut between: Vec<Vec<u32>> = vec![Vec::new(); ranks];
        for (i, s) in segments.iter().enumerate() {
            between[scope.verts[s.u].rank as usize].push(i as u32);
        }
        Sifter { seq, path, segments, at, gaps, between, ranks, n }
    }

    fn less(&self, a: usize, b: usize) -> bool {
        for (&x, &y) in self.path[a].iter().zip(&self.path[b]) {
            if x != y {
                return self.seq[x as usize] < self.seq[y as usize];
            }
        }
        false
    }

    /// How many crossings more there are once two neighbors have changed places, which they then have.
    ///
    /// Only where one end of a segment in `a` stands beside an end of a segment in `b` does their order change; where
    /// both ends do, they cross as before.
    fn change(&mut self, a: usize, b: usize) -> i64 {
        let mut sum = 0;
        for x in &self.at[a] {
            let s = &self.segments[x.segment as usize];
            for y in &self.at[b] {
                if x.gap != y.gap || x.segment == y.segment {
                    continue;
                }
                let (lower, upper) = (x.lower && y.lower, x.upper && y.upper);
                if lower == upper {
                    continue;
                }
                let t = &self.segments[y.segment as usize];
                let (p, q) = if lower { (s.v, t.v) } else { (s.u, t.u) };
                if p != q {
                    // `a` stands before `b`: they cross where the other ends stand in the other order.
                    sum += if self.less(p, q) { s.weight * t.weight } else { -s.weight * t.weight };
                }
            }
        }
        self.seq.swap(a, b);
        sum
    }

    /// Moves each child to the best place among its siblings, until nothing is better.
    fn sift(&mut self, scope: &Scope) {
        let rounds = if self.n < 80 { 6 } else if self.n < MANY { 2 } else { 1 };
        for _ in 0..rounds {
            let mut gain = 0;
            for cluster in &scope.clusters {
                if cluster.children.len() < 2 {
                    continue;
                }
                let mut order: Vec<usize> = cluster.children.iter().map(|&c| self.index(c)).collect();
                order.sort_by_key(|&c| self.seq[c]);
                self.number(&order);
                for child in order.clone() {
                    gain += self.sift_one(child, &mut order);
                }
            }
            if gain == 0 && (self.n >= MANY || !self.flip(scope)) {
                break;
            }
        }
    }

    pub fn index(&self, c: Child) -> usize {
        match c {
            Child::V(v) => v,
            Child::C(c) => self.n + c,
        }
    }

    /// Moves one of the siblings in an order to its best place; how many crossings that saves.
    ///
    /// Only siblings with segments between the same ranks matter to it.
    fn sift_one(&mut self, child: usize, order: &mut Vec<usize>) -> i64 {
        let gaps = self.gaps[child];
        let near: Vec<usize> = order.iter().copied().filter(|&c| self.gaps[c].0 <= gaps.1 && gaps.0 <= self.gaps[c].1).collect();
        let at = match near.iter().position(|&c| c == child) {
            Some(at) => at,
            None => return 0, // Nothing leads to it.
        };
        let places: Vec<i64> = near.iter().map(|&c| self.seq[c]).collect();
        let (mut best, mut found) = (0, at);
        for forward in [true, false] {
            let mut sum = 0;
            let mut k = at;
            while if forward { k + 1 < near.len() } else { k > 0 } {
                k = if forward { k + 1 } else { k - 1 };
                sum += if forward { self.change(child, near[k]) } else { self.change(near[k], child) };
                if sum < best {
                    best = sum;
                    found = k;
                }
            }
            for (&c, &place) in near.iter().zip(&places) {
                self.seq[c] = place;
            }
        }
        if found != at {
            order.retain(|&c| c != child);
            let beside = order.iter().position(|&c| c == near[found]).unwrap_or(0);
            order.insert(if found > at { beside + 1 } else { beside }, child);
            self.number(order);
        }
        -best
    }

    fn number(&mut self, order: &[usize]) {
        for (k, &c) in order.iter().enumerate() {
            self.seq[c] = k as i64;
        }
    }

    /// The best order of those that some starts lead to: that with the fewest crossings, then the most like the source's.
    fn fewest(&mut self, scope: &Scope, set: u32) {
        let mut best: Option<((i64, i64), Vec<i64>)> = None;
        for start in set * STARTS..(set + 1) * STARTS {
            self.shuffle(scope, start);
            self.sift(scope);
            let mut unlike = self.unlike(scope);
            if unlike > 0 {
                // The other way round there are as many crossings.
                self.mirror(scope, 0);
                unlike = -unlike;
            }
            let price = (self.crossings(scope, (0, i32::MAX)), unlike);
            if best.as_ref().map_or(true, |(least, _)| price < *least) {
                best = Some((price, self.seq.clone()));
            }
        }
        if let Some((_, seq)) = best {
            self.seq = seq;
        }
    }

    /// How many more pairs of siblings stand the other way round than in the source than as there.
    fn unlike(&self, scope: &Scope) -> i64 {
        let mut sum = 0;
        for cluster in &scope.clusters {
            let own: Vec<usize> = cluster.children.iter().filter(|c| !scope.is_point(**c)).map(|&c| self.index(c)).collect();
            for (k, &a) in own.iter().enumerate() {
                sum += own[..k].iter().map(|&b| (self.seq[b] - self.seq[a]).signum()).sum::<i64>();
            }
        }
        sum
    }

    /// Turns a cluster with all it holds the other way round.
    fn mirror(&mut self, scope: &Scope, cluster: usize) {
        let mut stack = vec![cluster];
        while let Some(d) = stack.pop() {
            let children = &scope.clusters[d].children;
            for &child in children {
                let i = self.index(child);
                self.seq[i] = children.len() as i64 - 1 - self.seq[i];
                if let Child::C(inner) = child {
                    stack.push(inner);
                }
            }
        }
    }

    /// Puts the children of each cluster into an order without meaning, the same each time (Knuth's multiplicative hash).
    fn shuffle(&mut self, scope: &Scope, start: u32) {
        for cluster in &scope.clusters {
            let key = |k: usize| (k as u32).wrapping_add(1).wrapping_mul(7919).wrapping_add(start.wrapping_mul(104_729)).wrapping_mul(2_654_435_761) >> 7;
            let mut keyed: Vec<(u32, usize)> = cluster.children.iter().enumerate().map(|(k, &c)| (key(k), self.index(c))).collect();
            keyed.sort_unstable();
            for (k, &(_, c)) in keyed.iter().enumerate() {
                self.seq[c] = k as i64;
            }
        }
    }

    /// Turns each cluster with all it holds the other way round where that removes crossings; whether it did.
    fn flip(&mut self, scope: &Scope) -> bool {
        let mut any = false;
        for c in 1..scope.clusters.len() {
            let gaps = self.gaps[self.n + c];
            let before = self.crossings(scope, gaps);
            if before == 0 {
                continue;
            }
            let seq = self.seq.clone();
            self.mirror(scope, c);
            if self.crossings(scope, gaps) < before {
                any = true;
            } else {
                self.seq = seq;
            }
        }
        any
    }

    /// How often segments cross in some of the gaps between ranks.
    pub fn crossings(&self, scope: &Scope, gaps: (i32, i32)) -> i64 {
        let place = self.places(scope);
        let mut sum = 0;
        for (gap, segments) in self.between.iter().enumerate() {
            if (gap as i32) < gaps.0 || gap as i32 > gaps.1 {
                continue;
            }
            for (k, &i) in segments.iter().enumerate() {
                let s = &self.segments[i as usize];
                for &j in &segments[..k] {
                    let t = &self.segments[j as usize];
                    if (place[s.u] - place[t.u]) * (place[s.v] - place[t.v]) < 0.0 {
                        sum += s.weight * t.weight;
                    }
                }
            }
        }
        sum
    }

    /// The place of each vertex in its rank, from the rank's middle.
    fn places(&self, scope: &Scope) -> Vec<f64> {
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); self.ranks];
        for v in 0..self.n {
            rows[scope.verts[v].rank as usize].push(v);
        }
        let mut place = vec![0.0; self.n];
        for row in &mut rows {
            row.sort_by(|&a, &b| if a == b { std::cmp::Ordering::Equal } else if self.less(a, b) { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater });
            for (k, &v) in row.iter().enumerate() {
                place[v] = k as f64 - (row.len() as f64 - 1.0) / 2.0;
            }
        }
        place
    }

    fn store(&self, scope: &mut Scope) {
        for c in 0..scope.clusters.len() {
            let mut children = scope.clusters[c].children.clone();
            children.sort_by_key(|&child| self.seq[self.index(child)]);
            scope.clusters[c].children = children;
        }
    }
}
