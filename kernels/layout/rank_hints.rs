//! What layout hints require of ranks, and a system of constraints that rejects what contradicts it.

use crate::model::Relation;
use crate::scope::*;
use std::collections::VecDeque;

/// Constraints on ranks: `value[head] >= value[tail] + length` for each arc. The values are the smallest ones.
pub struct RankSystem {
    pub values: Vec<i32>,
    successors: Vec<Vec<(usize, i32)>>,
}

impl RankSystem {
    /// Creates a system of `n` values without constraints.
    pub fn new(n: usize) -> RankSystem {
        RankSystem { values: vec![0; n], successors: vec![Vec::new(); n] }
    }

    /// Adds a constraint, unless it contradicts the others; returns whether it was added.
    pub fn add(&mut self, tail: usize, head: usize, length: i32) -> bool {
        if tail == head {
            return length <= 0;
        }
        let mut changed: Vec<(usize, i32)> = Vec::new();
        let mut queue = VecDeque::from([(head, self.values[tail] + length)]);
        while let Some((vertex, value)) = queue.pop_front() {
            if self.values[vertex] >= value {
                continue;
            }
            if vertex == tail {
                for (vertex, value) in changed.into_iter().rev() {
                    self.values[vertex] = value;
                }
                return false;
            }
            changed.push((vertex, self.values[vertex]));
            self.values[vertex] = value;
            queue.extend(self.successors[vertex].iter().map(|&(next, length)| (next, value + length)));
        }
        self.successors[tail].push((head, length));
        true
    }

    /// Adds all constraints or none; returns whether they were added.
    pub fn add_all(&mut self, arcs: &[(usize, usize, i32)]) -> bool {
        let values = self.values.clone();
        for (count, &(tail, head, length)) in arcs.iter().enumerate() {
            if !self.add(tail, head, length) {
                for &(tail, ..) in arcs[..count].iter().rev() {
                    self.successors[tail].pop();
                }
                self.values = values;
                return false;
            }
        }
        true
    }
}

impl RankHints {
    /// Adds a minimum distance, unless it contradicts the system; returns whether it was added.
    fn add_arc(&mut self, system: &mut RankSystem, tail: usize, head: usize, length: i32) -> bool {
        let added = system.add(tail, head, length);
        if added {
            self.arcs.push((tail, head, length));
        }
        added
    }

    /// Adds an exact distance, unless it contradicts the system; returns whether it was added.
    fn add_distance(&mut self, system: &mut RankSystem, tail: usize, head: usize, length: i32) -> bool {
        let added = system.add_all(&[(tail, head, length), (head, tail, -length)]);
        if added {
            self.distances.push((tail, head, length));
        }
        added
    }
}

/// The indices of ranks in a system: vertices first, then the first and the last rank of each cluster.
#[derive(Clone, Copy)]
pub struct RankIndex {
    pub vertex_count: usize,
}

impl RankIndex {
    /// Returns the index of the first rank of a cluster.
    pub fn lo(self, cluster: usize) -> usize {
        self.vertex_count + 2 * cluster
    }

    /// Returns the index of the last rank of a cluster.
    pub fn hi(self, cluster: usize) -> usize {
        self.vertex_count + 2 * cluster + 1
    }

    /// Returns the index of the first rank of a child.
    pub fn first(self, scope: &Scope, child: Child) -> usize {
        match child {
            Child::Vertex(v) => scope.rank_leader[v],
            Child::Cluster(c) => self.lo(c),
        }
    }

    /// Returns the index of the last rank of a child.
    pub fn last(self, scope: &Scope, child: Child) -> usize {
        match child {
            Child::Vertex(v) => scope.rank_leader[v],
            Child::Cluster(c) => self.hi(c),
        }
    }
}

/// Adds what hints require to a system, and returns what does not contradict it. `sorted` says that the ends of the links
/// of lines are in the order of their ranks.
pub fn add_hints(scope: &mut Scope, system: &mut RankSystem, sorted: bool) -> RankHints {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    let mut hints = RankHints::default();
    let has_rank = |l: &Link| matches!(l.relation, Some(Relation::SameRank | Relation::Follows | Relation::Chain | Relation::InLine(_) | Relation::Near));
    for c in 1..scope.clusters.len() {
        let child = Child::Cluster(c);
        let is_related = scope.cells.iter().any(|cell| cell.0 == child)
            || scope.links.iter().any(|l| has_rank(l) && [l.source, l.target].contains(&child));
        if let Some(first) = first_member(scope, c).filter(|_| is_related) {
            hints.add_distance(system, index.lo(c), index.first(scope, Child::Vertex(first)), 0);
        }
    }
    for &(child, cell) in scope.cells.iter().filter(|(_, cell)| !cell.in_grid) {
        hints.add_distance(system, index.lo(scope.parent_of(child)), index.first(scope, child), cell.rank);
    }
    for i in 0..scope.links.len() {
        let (a, b) = (scope.links[i].source, scope.links[i].target);
        match scope.links[i].relation {
            Some(Relation::SameRank) => {
                hints.add_distance(system, index.first(scope, a), index.first(scope, b), 0);
            }
            Some(Relation::Follows) => {
                hints.add_arc(system, index.last(scope, a), index.first(scope, b), 1);
            }
            Some(Relation::Chain) => {
                put_in_line(scope, system, &mut hints, a, b);
            }
            Some(Relation::Near) => {
                let linked = |from: Child, to: Child| scope.links.iter().any(|l| l.relation.is_none() && (l.source, l.target) == (from, to));
                let follows = |hints: &mut RankHints, system: &mut RankSystem, from: Child, to: Child| {
                    linked(from, to) && hints.add_distance(system, index.last(scope, from), index.first(scope, to), 1)
                };
                if follows(&mut hints, system, a, b) || follows(&mut hints, system, b, a) {
                    scope.links[i].straight = true;
                } else {
                    hints.add_distance(system, index.first(scope, a), index.first(scope, b), 0);
                }
            }
            _ => {}
        }
    }
    for link in scope.links.iter().filter(|l| sorted && matches!(l.relation, Some(Relation::InLine(_)))) {
        put_in_line(scope, system, &mut hints, link.source, link.target);
    }
    hints
}

/// Returns the vertex of a cluster where the flow in it starts: the first one to which nothing in the cluster leads.
fn first_member(scope: &Scope, cluster: usize) -> Option<usize> {
    let members = scope.members(cluster);
    let inside = |end: Child| scope.contains(Child::Cluster(cluster), end);
    let is_led_to = |v: usize| {
        let leads_there = |l: &Link| l.relation.is_none() && inside(l.source) && l.target == Child::Vertex(v);
        scope.links.iter().any(leads_there)
    };
    members.iter().copied().find(|&v| !is_led_to(v)).or(members.first().copied())
}

/// Requires that one child ends before another begins, with all that they are in if possible; returns whether that does
/// not contradict the system.
fn put_in_line(scope: &Scope, system: &mut RankSystem, hints: &mut RankHints, a: Child, b: Child) -> bool {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    let (x, y) = scope.sibling_ancestors(a, b);
    hints.add_arc(system, index.last(scope, x), index.first(scope, y), 1)
        || hints.add_arc(system, index.last(scope, a), index.first(scope, b), 1)
}
