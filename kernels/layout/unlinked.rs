//! Ranks of vertices without links: where their clusters have space.

use crate::model::Relation;
use crate::plan::Shape;
use crate::scope::*;

/// Moves vertices without links to the rank in which their cluster has the fewest vertices.
pub fn spread(scope: &mut Scope) {
    scope.update_cluster_ranks();
    let requires_rank = |l: &Link| !matches!(l.relation, Some(Relation::Before | Relation::Together));
    let is_linked = |scope: &Scope, v: usize| {
        scope.links.iter().any(|l| (l.source == Child::Vertex(v) || l.target == Child::Vertex(v)) && requires_rank(l))
    };
    for v in 0..scope.vertices.len() {
        if is_linked(scope, v) || scope.rank_leader[v] != v || scope.has_cells(scope.vertices[v].cluster) {
            continue;
        }
        let mut c = scope.vertices[v].cluster;
        let other_ranks = |scope: &Scope, c: usize| {
            scope
                .members(c)
                .iter()
                .filter(|&&m| m != v && is_linked(scope, m))
                .map(|&m| scope.vertices[m].rank)
                .collect::<Vec<i32>>()
        };
        while c != 0 && other_ranks(scope, c).is_empty() {
            c = scope.clusters[c].parent;
        }
        let linked_ranks = other_ranks(scope, c);
        if linked_ranks.is_empty() {
            continue;
        }
        let (lo, hi) = (*linked_ranks.iter().min().unwrap(), *linked_ranks.iter().max().unwrap());
        if scope.plan.shape == Shape::Stacked && lo == hi && c == scope.vertices[v].cluster && c != 0 {
            let bounds = linked_bounds(scope, &is_linked);
            if lo == bounds.0 || lo == bounds.1 {
                scope.vertices[v].rank = if lo == bounds.0 { lo - 1 } else { lo + 1 };
                continue;
            }
        }
        let members = scope.members(c);
        let count = |r: i32| members.iter().filter(|&&m| m != v && scope.vertices[m].rank == r).count();
        let best = (lo..=hi).min_by_key(|&r| (count(r), r)).unwrap_or(lo);
        scope.vertices[v].rank = best;
    }
    let first = scope.vertices.iter().map(|v| v.rank).min().unwrap_or(0).min(0);
    scope.vertices.iter_mut().for_each(|v| v.rank -= first);
}

/// Returns the first and the last rank of the linked vertices of a scope.
fn linked_bounds(scope: &Scope, is_linked: &dyn Fn(&Scope, usize) -> bool) -> (i32, i32) {
    let ranks = (0..scope.vertices.len()).filter(|&v| is_linked(scope, v)).map(|v| scope.vertices[v].rank);
    ranks.fold((i32::MAX, i32::MIN), |(lo, hi), rank| (lo.min(rank), hi.max(rank)))
}
