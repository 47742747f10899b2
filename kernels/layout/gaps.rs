//! The gaps between neighbors across the flow.

use crate::scope::*;

/// Points between two long edges.
const LANE_GAP: f64 = 12.0;
/// Points between two frames.
const FRAME_GAP: f64 = 20.0;

/// Returns the gap between two neighbors in points.
pub fn gap_between(scope: &Scope, a: Child, b: Child) -> f64 {
    let kind = |c: Child| match c {
        Child::Vertex(v) => match scope.vertices[v].item {
            Item::Node(_) => 0,
            Item::Block(..) => 1,
            Item::Dummy => 2,
        },
        Child::Cluster(c) if scope.clusters[c].row => 3,
        Child::Cluster(_) => 1,
    };
    let gap_factor = scope.plan.gap_factor;
    match (kind(a), kind(b)) {
        (3, _) | (_, 3) => 44.0 * gap_factor,
        (2, 2) => LANE_GAP - 8.0,
        (2, _) | (_, 2) => LANE_GAP,
        (0, 0) => {
            let node_gap = scope.input.node_gap * gap_factor;
            // If the flow is horizontal, the labels of nodes already separate neighbors.
            if scope.plan.direction.is_horizontal() { node_gap * 0.8 } else { node_gap }
        }
        (1, 1) => FRAME_GAP * gap_factor,
        _ => (FRAME_GAP + 8.0) * gap_factor,
    }
}
