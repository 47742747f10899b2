//! What layout hints require of the coordinates across the flow.

use crate::gaps::gap_between;
use crate::model::Relation;
use crate::scope::*;
use crate::simplex::{units, Simplex};

/// The weight of the distance between two that a hint requires to be next to each other.
const NEAR_WEIGHT: i32 = 2000;

/// Adds the constraints that keep members in their order and leave empty lines empty.
pub fn constrain(scope: &Scope, simplex: &mut Simplex) {
    for link in scope.links.iter().filter(|l| l.relation == Some(Relation::Before)) {
        if precedes(scope, link.source, link.target) {
            let distance = distance_between(scope, link.source, link.target);
            simplex.add_arc(end_of(scope, link.source), start_of(scope, link.target), distance, 0);
        }
    }
    for &(child, cell) in &scope.cells {
        let cluster = scope.parent_of(child);
        let (rank, siblings) = (scope.rank_of(child), &scope.clusters[cluster].children);
        let before = siblings.iter().take_while(|&&c| c != child).filter(|&&c| scope.is_in_rank(c, rank)).count() as i32;
        if before < cell.line {
            let distance = scope.clusters[cluster].pad_c.0 + f64::from(cell.line) * pitch(scope, cluster) + extent_before(scope, child);
            simplex.add_arc(scope.vertices.len() + 2 * cluster, start_of(scope, child), units(distance), 0);
        }
    }
}

/// Pulls those together that are next to each other. Returns their values and the distances of these.
pub fn pull_together(scope: &Scope, simplex: &mut Simplex) -> Vec<(usize, usize, i32)> {
    let mut pairs = Vec::new();
    for link in scope.links.iter().filter(|l| l.relation == Some(Relation::Near) && !l.straight) {
        let (a, b) = if precedes(scope, link.source, link.target) { (link.source, link.target) } else { (link.target, link.source) };
        let pair = (end_of(scope, a), start_of(scope, b), distance_between(scope, a, b));
        simplex.add_abs_term(pair.1, pair.0, 0, pair.2, NEAR_WEIGHT);
        pairs.push(pair);
    }
    pairs
}

/// Whether a child is before another in the order.
fn precedes(scope: &Scope, a: Child, b: Child) -> bool {
    let (x, y) = scope.sibling_ancestors(a, b);
    let position = |child: Child| scope.clusters[scope.parent_of(child)].children.iter().position(|&c| c == child);
    position(x) < position(y)
}

/// Returns the index of the value at which a child starts (a cluster), or of its anchor.
fn start_of(scope: &Scope, child: Child) -> usize {
    match child {
        Child::Vertex(v) => v,
        Child::Cluster(c) => scope.vertices.len() + 2 * c,
    }
}

/// Returns the index of the value at which a child ends (a cluster), or of its anchor.
fn end_of(scope: &Scope, child: Child) -> usize {
    match child {
        Child::Vertex(v) => v,
        Child::Cluster(c) => scope.vertices.len() + 2 * c + 1,
    }
}

/// Returns the steps between the values of two neighbors at the end of the first and the start of the second.
fn distance_between(scope: &Scope, a: Child, b: Child) -> i32 {
    let after = match a {
        Child::Vertex(v) => scope.vertices[v].extent_c.1,
        Child::Cluster(_) => 0.0,
    };
    units(after + gap_between(scope, a, b) + extent_before(scope, b))
}

/// Returns the extent of a child before the value at which it starts.
fn extent_before(scope: &Scope, child: Child) -> f64 {
    match child {
        Child::Vertex(v) => scope.vertices[v].extent_c.0,
        Child::Cluster(_) => 0.0,
    }
}

/// Returns the points from one line of a cluster to the next: those of its widest node, and a gap.
fn pitch(scope: &Scope, cluster: usize) -> f64 {
    let extents = scope.clusters[cluster].children.iter().filter_map(|&child| match child {
        Child::Vertex(v) if matches!(scope.vertices[v].item, Item::Node(_)) => Some(scope.vertices[v].extent_c),
        _ => None,
    });
    extents.map(|(before, after)| before + after).fold(0.0, f64::max) + scope.input.node_gap * scope.plan.gap_factor
}
