//! Branches of a fork resemble each other: those that are symmetrical have one shape, and all end at the same side.
//!
//! A fork is a set of edges that look alike and have one end in common, their source or their target.

use crate::geometry::*;
use crate::model::*;
use crate::router::{RouteCandidate, Router};
use crate::scene::Port;

/// Two branches have different shapes though their ends are symmetrical.
const ASYMMETRY: f64 = 30.0;
/// Two branches to nodes of one rank end at different sides of them.
const UNLIKE_SIDES: f64 = 7.0;
/// A branch ends at a corner of a node although one that mirrors it could join it at the middle.
const OFF_CENTER: f64 = 60.0;
/// A branch is an L shape with a leg of fewer points than this.
const SHORT_LEG: f64 = 36.0;
/// The cost of a short leg.
const SHORT_LEG_COST: f64 = 12.0;
/// Up to this share of half a side, a line seems to end at the middle.
const MAX_OFF_CENTER: f64 = 0.35;
/// Points from the last port of a side to its end.
const CORNER_MARGIN: f64 = 10.0;
/// Points by which symmetrical ends may deviate, and nodes of one rank from their line.
const TOLERANCE: f64 = 3.0;

/// Points by which segments on one line may deviate.
const SAME_LINE: f64 = 0.5;

/// The branches of a fork that one of its edges should resemble.
#[derive(Clone, Debug, Default)]
pub struct ForkBranches {
    /// Those whose other end is symmetrical to that of the edge about the common end.
    pub mirrored: Vec<usize>,
    /// Those whose other end is in the same rank as that of the edge.
    pub same_rank: Vec<usize>,
}

impl Router<'_> {
    /// Returns the branches that an edge should resemble.
    pub fn fork_branches_of(&self, i: usize) -> ForkBranches {
        let mut branches = ForkBranches::default();
        let a = &self.scene.input.edges[i];
        let is_node = |end: End| matches!(end, End::Node(_));
        for (j, b) in self.scene.input.edges.iter().enumerate() {
            if i == j || !self.scene.may_bundle(i, j) || (a.source == b.source) == (a.target == b.target) {
                continue;
            }
            let ends = if a.source == b.source { (a.source, a.target, b.target) } else { (a.target, a.source, b.source) };
            let (middle, first, second) = (self.flow_position(ends.0), self.flow_position(ends.1), self.flow_position(ends.2));
            if (first.0 - second.0).abs() > TOLERANCE {
                continue;
            }
            if is_node(ends.1) && is_node(ends.2) && !a.labeled() && !b.labeled() {
                branches.same_rank.push(j);
            }
            let offsets = (first.1 - middle.1, second.1 - middle.1);
            let is_symmetrical = (offsets.0 + offsets.1).abs() < TOLERANCE && offsets.0.abs() > TOLERANCE;
            if is_symmetrical && self.are_frames_symmetrical(i, a.source == b.source, first.1, second.1) {
                branches.mirrored.push(j);
            }
        }
        branches
    }

    /// Whether each frame that the branches of a fork leave or enter at their common end is opposite both of their other
    /// ends, which are at two coordinates across the flow, or opposite none.
    fn are_frames_symmetrical(&self, i: usize, has_common_source: bool, first: f64, second: f64) -> bool {
        let enclosing = &self.scene.enclosing[i];
        let horizontal = self.scene.placement.direction.is_horizontal();
        let is_opposite = |g: usize, coord: f64| {
            let frame = &self.scene.placement.groups[g];
            let (lo, hi) = if horizontal { (frame.y0, frame.y1) } else { (frame.x0, frame.x1) };
            lo < coord && coord < hi
        };
        let groups = if has_common_source { &enclosing.source } else { &enclosing.target };
        groups.iter().all(|&g| is_opposite(g, first) == is_opposite(g, second))
    }

    /// Returns the center of an end, along and across the flow.
    fn flow_position(&self, end: End) -> (f64, f64) {
        let (x, y) = self.center_of(end);
        if self.scene.placement.direction.is_horizontal() { (x, y) } else { (y, x) }
    }

    /// Returns the side on the other side of the axis of a fork.
    fn mirrored_side(&self, side: usize) -> usize {
        if (side % 2 == 0) == self.scene.placement.direction.is_horizontal() { side } else { (side + 2) % 4 }
    }

    /// Whether a route mirrors another one.
    fn is_mirrored(&self, c: &RouteCandidate, other: &RouteCandidate) -> bool {
        let along = |point: &(f64, f64)| if self.scene.placement.direction.is_horizontal() { point.0 } else { point.1 };
        c.points.len() == other.points.len()
            && c.sides == (self.mirrored_side(other.sides.0), self.mirrored_side(other.sides.1))
            && c.points.iter().zip(&other.points).skip(1).take(c.points.len() - 2).all(|(a, b)| (along(a) - along(b)).abs() < SAME_LINE)
    }

    /// Returns the cost of having another shape, or of ending at another side, than the other branches of a fork.
    pub fn fork_cost(&self, i: usize, c: &RouteCandidate) -> f64 {
        let edges = &self.scene.input.edges;
        let branches = &self.fork_branches[i];
        let asymmetrical = branches.mirrored.iter().filter_map(|&j| self.chosen[j].as_ref()).filter(|other| !self.is_mirrored(c, other)).count();
        let ends_elsewhere = |j: usize| {
            let forks = edges[i].source == edges[j].source;
            self.chosen[j].as_ref().map_or(false, |other| if forks { c.sides.1 != other.sides.1 } else { c.sides.0 != other.sides.0 })
        };
        let unlike = branches.same_rank.iter().filter(|&&j| ends_elsewhere(j)).count();
        ASYMMETRY * asymmetrical as f64 + UNLIKE_SIDES * unlike as f64 + self.off_center_cost(i, c)
    }

    /// Returns the cost of a straight line that ends near the corners of its nodes, or of an L shape with a short leg, though
    /// the branch could join the one that mirrors it in the middle.
    fn off_center_cost(&self, i: usize, c: &RouteCandidate) -> f64 {
        if c.points.len() > 3 || self.fork_branches[i].mirrored.is_empty() {
            return 0.0;
        }
        if c.points.len() == 3 {
            return if c.points.windows(2).any(|w| manhattan(w[0], w[1]) < SHORT_LEG) { SHORT_LEG_COST } else { 0.0 };
        }
        let (source, target) = &self.scene.ends[i];
        let share = |port: &Port, point: (f64, f64)| (port.x - point.0).abs().max((port.y - point.1).abs()) / (port.range.1 + CORNER_MARGIN);
        let shares = [share(&source.ports[c.sides.0], c.points[0]), share(&target.ports[c.sides.1], c.points[1])];
        shares.iter().map(|share| OFF_CENTER * (share - MAX_OFF_CENTER).max(0.0)).sum()
    }

    /// Gives symmetrical branches another shape together if that is better: one alone would be asymmetrical.
    pub fn reshape_pairs(&mut self) {
        for i in 0..self.chosen.len() {
            for j in self.fork_branches[i].mirrored.clone() {
                if j > i {
                    self.reshape_pair(i, j);
                }
            }
        }
    }

    fn reshape_pair(&mut self, i: usize, j: usize) {
        let current = match (&self.chosen[i], &self.chosen[j]) {
            (Some(a), Some(b)) => (a.clone(), b.clone()),
            _ => return,
        };
        let mut best = (self.pair_cost(i, &current.0, j, &current.1) - 0.01, current);
        for a in &self.candidates[i].clone() {
            let mirrored_z = self.z_like(j, a, (self.mirrored_side(a.sides.0), self.mirrored_side(a.sides.1)));
            for b in self.candidates[j].clone().iter().chain(&mirrored_z) {
                if a.cost + b.cost < best.0 && self.is_mirrored(a, b) {
                    let cost = self.pair_cost(i, a, j, b);
                    if cost < best.0 {
                        best = (cost, (a.clone(), b.clone()));
                    }
                }
            }
        }
        self.set_route(i, best.1 .0);
        self.set_route(j, best.1 .1);
    }

    /// Returns the cost of the routes of two edges in combination with each other and all other edges. Both are chosen
    /// afterward.
    fn pair_cost(&mut self, i: usize, a: &RouteCandidate, j: usize, b: &RouteCandidate) -> f64 {
        self.set_route(j, b.clone());
        let first = a.cost + self.interaction_cost(i, a, f64::INFINITY);
        self.set_route(i, a.clone());
        self.chosen[i] = None;
        let second = b.cost + self.interaction_cost(j, b, f64::INFINITY);
        self.set_route(i, a.clone());
        first + second
    }

    /// Sets the route of an edge.
    pub fn set_route(&mut self, i: usize, route: RouteCandidate) {
        self.route_bounds[i] = bounding_box(&route.points);
        self.chosen[i] = Some(route);
    }
}
