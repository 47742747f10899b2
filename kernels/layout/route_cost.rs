//! The cost of a path: of its shape, of the obstacles it meets, and in combination with other paths.

use crate::geometry::*;
use crate::model::*;
use crate::router::{RouteCandidate, Router};
use crate::scene::*;

/// The costs of what disturbs a reader; a bend is 10.
pub const BEND: f64 = 10.0;
/// A crossing with another edge.
pub const CROSSING: f64 = 34.0;
/// A path through a foreign group.
pub const THROUGH: f64 = 200.0;
/// A path through a node.
pub const HIT: f64 = 1000.0;
/// Per point of length.
const LENGTH: f64 = 0.02;
/// Per point of length beyond the distance of both ends.
const EXTRA_LENGTH: f64 = 0.05;
/// A path that is much longer than the distance of its ends.
const DETOUR: f64 = 120.0;
/// An inner segment shorter than `MIN_STEP`.
const KINK: f64 = 150.0;
/// Points from which an inner segment is a clear step and no kink.
pub const MIN_STEP: f64 = 24.0;
/// A frame is entered across the flow, and not on a straight line.
const SIDE_ENTRY: f64 = 22.0;
/// The same from below, where no title is.
const SIDE_ENTRY_BELOW: f64 = 6.0;
/// Two edges arrive at the same side of their target.
const SAME_SIDE: f64 = 10.0;
/// Up to this number of edges to one target, each may arrive at a side of its own.
const MAX_SEPARATE_ARRIVALS: usize = 3;
/// Points from a border within which a segment runs along it.
const BORDER_RANGE: f64 = 14.0;

impl Router<'_> {
    /// Returns the cost of a path without other edges.
    pub fn own_cost(&self, i: usize, c: &RouteCandidate) -> f64 {
        self.shape_cost(i, c) + self.obstacle_cost(i, c, f64::INFINITY)
    }

    /// Returns the cost of its length, bends and ends.
    pub fn shape_cost(&self, i: usize, c: &RouteCandidate) -> f64 {
        let e = &self.scene.input.edges[i];
        let n = c.points.len();
        let mut cost = BEND * (n - 2) as f64;
        let length: f64 = c.points.windows(2).map(|w| manhattan(w[0], w[1])).sum();
        let direct = manhattan(c.points[0], c.points[n - 1]);
        cost += LENGTH * length + EXTRA_LENGTH * (length - direct) + if length > direct + 44.0 { DETOUR } else { 0.0 };
        cost += KINK * c.points.windows(4).filter(|w| manhattan(w[1], w[2]) < MIN_STEP).count() as f64;
        cost += self.side_cost(e, c);
        if e.labeled() && !any_segment_fits_label(e, &c.points) {
            cost += 22.0;
        }
        cost
    }

    /// Returns the cost of its obstacles; the sum stops once it exceeds `limit`.
    pub fn obstacle_cost(&self, i: usize, c: &RouteCandidate, limit: f64) -> f64 {
        let (scene, e) = (self.scene, &self.scene.input.edges[i]);
        let n = c.points.len();
        let region = bounding_box(&c.points).inflate(CLEARANCE);
        let mut cost = 0.0;
        for (k, bounds) in scene.node_bounds.iter().enumerate() {
            if !bounds.overlaps(&region) {
                continue;
            }
            for (index, segment) in c.points.windows(2).enumerate() {
                cost += node_cost(e, k, bounds, segment[0], segment[1], index == 0, index + 2 == n);
            }
            if cost > limit {
                return cost;
            }
        }
        for (g, title) in scene.titles.iter().enumerate() {
            if title.inflate(2.0).overlaps(&region) {
                cost += c.points.windows(2).map(|segment| self.title_cost(g, title, segment[0], segment[1])).sum::<f64>();
            }
        }
        cost + self.frame_cost(i, &c.points)
    }

    /// Returns the cost of a segment through a title.
    fn title_cost(&self, g: usize, title: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
        if !title.inflate(2.0).crossed_by(a, b) {
            return 0.0;
        }
        // A title can move aside, but not away from a line along it.
        let frame = &self.scene.placement.groups[g];
        if (a.1 - b.1).abs() < 0.01 {
            90.0
        } else if frame.w() > self.scene.input.groups[g].title_w * 1.4 + 20.0 {
            3.0
        } else {
            14.0
        }
    }

    /// Returns the cost of foreign frames it passes through, of own frames it leaves and enters again, and of borders
    /// it runs along.
    fn frame_cost(&self, i: usize, points: &[(f64, f64)]) -> f64 {
        let (scene, enclosing) = (self.scene, &self.scene.enclosing[i]);
        let e = &scene.input.edges[i];
        let mut cost = 0.0;
        let (region, horizontal_flow) = (bounding_box(points).inflate(BORDER_RANGE), scene.placement.direction.is_horizontal());
        for (g, frame) in scene.placement.groups.iter().enumerate() {
            if !frame.overlaps(&region) || (frame.contains(&region) && enclosing.both.contains(&g)) {
                continue;
            }
            let (mut total_crossings, mut inside) = (0, false);
            let mut enters_sideways = false;
            for w in points.windows(2) {
                inside |= frame.inflate(-1.0).crossed_by(w[0], w[1]);
                let crossings = border_crossings(frame, w[0], w[1]);
                total_crossings += crossings;
                enters_sideways |= crossings > 0 && ((w[0].1 - w[1].1).abs() < 0.05) != horizontal_flow;
                cost += border_proximity_cost(frame, w[0], w[1]);
            }
            if enters_sideways && points.len() > 2 && enclosing.target.contains(&g) && e.target != End::Group(g) {
                let n = points.len();
                cost += if points[n - 1].1 < points[n - 2].1 - 0.05 { SIDE_ENTRY_BELOW } else { SIDE_ENTRY };
            }
            let is_end = e.source == End::Group(g) || e.target == End::Group(g);
            let encloses_one_end = enclosing.source.contains(&g) || enclosing.target.contains(&g);
            if total_crossings == 0 && !inside {
                continue;
            }
            if enclosing.both.contains(&g) {
                cost += if is_end { 0.0 } else { 14.0 * f64::from(total_crossings) };
            } else if is_end {
                if inside {
                    cost += HIT;
                }
            } else if encloses_one_end {
                cost += 14.0 * f64::from((total_crossings - 1).max(0));
            } else if inside {
                cost += THROUGH;
            }
        }
        cost
    }

    /// Returns the cost of its sides: edges should leave on the side where the flow leaves, and arrive where it
    /// arrives.
    fn side_cost(&self, e: &Edge, c: &RouteCandidate) -> f64 {
        let flow_side = self.scene.placement.direction.side();
        let (a, b) = (c.points[0], *c.points.last().unwrap());
        let ahead = (b.0 - a.0) * OUTWARD[flow_side].0 + (b.1 - a.1) * OUTWARD[flow_side].1;
        let (departure, arrival) = if ahead >= 0.0 { (flow_side, (flow_side + 2) % 4) } else { ((flow_side + 2) % 4, flow_side) };
        let mut cost = 0.0;
        for (side, preferred) in [(c.sides.0, departure), (c.sides.1, arrival)] {
            cost += if side == preferred { 0.0 } else if (side + 2) % 4 == preferred { 4.0 } else { 2.5 };
        }
        for (requested, side) in [(e.sides.0, c.sides.0), (e.sides.1, c.sides.1)] {
            if requested != 0 && usize::from(requested - 1) != side {
                cost += 60.0;
            }
        }
        cost
    }

    /// Returns the cost in combination with the routes of other edges; the sum stops once it is well above `limit`.
    pub fn interaction_cost(&self, i: usize, c: &RouteCandidate, limit: f64) -> f64 {
        let region = bounding_box(&c.points).inflate(8.0);
        let mut cost = self.fork_cost(i, c);
        let mut parallel_lines = 0;
        for (j, other) in self.chosen.iter().enumerate() {
            let other = match other {
                Some(route) if j != i => route,
                _ => continue,
            };
            if !region.overlaps(&self.route_bounds[j].inflate(0.5)) {
                continue;
            }
            if cost > limit + 12.0 {
                return cost;
            }
            if self.parallel(i, j) && other.sides.0 % 2 == c.sides.0 % 2 && c.points.len() == 2 && other.points.len() == 2 {
                // Three parallel lines have no space for a label between them.
                parallel_lines += 1;
                if parallel_lines > 1 {
                    // Those with labels give way.
                    cost += match (self.scene.input.edges[i].labeled(), self.scene.input.edges[j].labeled()) {
                        (true, _) => 48.0,
                        (false, true) => 20.0,
                        (false, false) => 3.0,
                    };
                }
            }
            let may_bundle = self.scene.may_bundle(i, j);
            if !may_bundle && self.arrive_together(i, c, j, other) {
                cost += SAME_SIDE;
            }
            let mut shared = 0.0;
            for (k, s) in c.points.windows(2).enumerate() {
                for (m, t) in other.points.windows(2).enumerate() {
                    if segments_cross((s[0], s[1]), (t[0], t[1])) {
                        cost += CROSSING;
                        continue;
                    }
                    let shared_here = shared_length((s[0], s[1]), (t[0], t[1]), if may_bundle { 1.0 } else { 7.0 });
                    if shared_here > 1.0 && may_bundle {
                        shared += shared_here;
                    } else if shared_here > 1.0 {
                        cost += 4.0 + if must_cross(&c.points, k, &other.points, m) { CROSSING } else { 0.0 };
                    }
                }
            }
            if shared > 0.0 {
                cost -= (0.01 * shared).min(3.0);
                let e = &self.scene.input.edges[i];
                if e.labeled() && !has_label_space(e, &c.points, &other.points) {
                    cost += 25.0;
                }
                let other_edge = &self.scene.input.edges[j];
                if other_edge.labeled() && !has_label_space(other_edge, &other.points, &c.points) {
                    cost += 25.0;
                }
            }
        }
        cost
    }

    /// Whether two edges arrive at the same side of their target although each could arrive at a side of its own.
    fn arrive_together(&self, i: usize, c: &RouteCandidate, j: usize, other: &RouteCandidate) -> bool {
        let (a, b) = (&self.scene.input.edges[i], &self.scene.input.edges[j]);
        a.target == b.target && c.sides.1 == other.sides.1 && self.incoming[i] <= MAX_SEPARATE_ARRIVALS && !self.parallel(i, j)
    }
}

/// Returns the cost of a segment that runs into a node or close to it.
fn node_cost(e: &Edge, n: usize, bounds: &Rect, a: (f64, f64), b: (f64, f64), first: bool, last: bool) -> f64 {
    if !bounds.inflate(CLEARANCE - 1.0).crossed_by(a, b) || (first && e.source == End::Node(n)) || (last && e.target == End::Node(n)) {
        return 0.0;
    }
    if e.source == End::Node(n) || e.target == End::Node(n) {
        return if bounds.inflate(1.0).crossed_by(a, b) { HIT } else { 0.0 };
    }
    if bounds.crossed_by(a, b) { HIT } else { 12.0 }
}
