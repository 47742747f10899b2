//! The routes of all edges, and what their choice depends on.

use crate::forks::ForkBranches;
use crate::model::*;
use crate::scene::*;

/// A possible route of an edge, and its cost without other edges.
#[derive(Clone, Debug)]
pub struct RouteCandidate {
    pub points: Vec<(f64, f64)>,
    pub sides: (usize, usize),
    pub cost: f64,
}

/// The routes of all edges: their candidates, and those chosen so far.
pub struct Router<'a> {
    pub scene: &'a Scene<'a>,
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
    pub candidates: Vec<Vec<RouteCandidate>>,
    pub chosen: Vec<Option<RouteCandidate>>,
    pub route_bounds: Vec<Rect>,
    /// For each edge the other branches of its fork that it should resemble.
    pub fork_branches: Vec<ForkBranches>,
    /// For each edge the number of edges to its target.
    pub incoming: Vec<usize>,
}

/// Points between a frame and the lanes next to it.
const FRAME_DISTANCE: f64 = 14.0;

impl<'a> Router<'a> {
    /// Collects the lines next to nodes and borders on which edges may bend.
    pub fn new(scene: &'a Scene<'a>) -> Router<'a> {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for a in &scene.node_bounds {
            xs.extend([a.x0 - 12.0, a.x1 + 12.0]);
            ys.extend([a.y0 - 12.0, a.y1 + 12.0]);
        }
        for g in &scene.placement.groups {
            xs.extend([g.x0 - FRAME_DISTANCE, g.x0 + 11.0, g.x1 - 11.0, g.x1 + FRAME_DISTANCE]);
            ys.extend([g.y0 - FRAME_DISTANCE, g.y1 - 11.0, g.y1 + FRAME_DISTANCE]);
        }
        for lines in [&mut xs, &mut ys] {
            lines.sort_by(|a, b| a.partial_cmp(b).unwrap());
            lines.dedup_by(|a, b| (*a - *b).abs() < 2.0);
        }
        let n = scene.input.edges.len();
        let (candidates, chosen, route_bounds) = (vec![Vec::new(); n], vec![None; n], vec![Rect::EMPTY; n]);
        let edges = &scene.input.edges;
        let incoming = edges.iter().map(|e| edges.iter().filter(|other| other.target == e.target && !other.invisible).count()).collect();
        let mut router = Router { scene, xs, ys, candidates, chosen, route_bounds, fork_branches: Vec::new(), incoming };
        router.fork_branches = (0..n).map(|i| router.fork_branches_of(i)).collect();
        router
    }

    /// Returns the edges by length: short ones are first because they have the fewest choices.
    pub fn order(&self) -> Vec<usize> {
        let input = self.scene.input;
        let mut order: Vec<(f64, usize)> = Vec::new();
        for (i, e) in input.edges.iter().enumerate() {
            if e.source == e.target || e.invisible {
                continue;
            }
            let (a, b) = (self.center_of(e.source), self.center_of(e.target));
            order.push(((a.0 - b.0).abs() + (a.1 - b.1).abs(), i));
        }
        order.sort_by(|a, b| a.partial_cmp(b).unwrap());
        order.into_iter().map(|o| o.1).collect()
    }

    /// Returns the center of an end.
    pub fn center_of(&self, end: End) -> (f64, f64) {
        match end {
            End::Node(n) => self.scene.placement.nodes[n],
            End::Group(g) => (self.scene.placement.groups[g].cx(), self.scene.placement.groups[g].cy()),
        }
    }

    /// Whether two edges connect the same two ends.
    pub fn parallel(&self, i: usize, j: usize) -> bool {
        let (a, b) = (&self.scene.input.edges[i], &self.scene.input.edges[j]);
        (a.source, a.target) == (b.source, b.target) || (a.source, a.target) == (b.target, b.source)
    }

    /// Returns the routed edges with which an edge may share a line.
    pub fn bundle_partners(&self, i: usize) -> Vec<usize> {
        (0..self.chosen.len()).filter(|&j| j != i && self.chosen[j].is_some() && self.scene.may_bundle(i, j)).collect()
    }
}
