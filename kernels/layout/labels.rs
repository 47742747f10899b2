//! Places labels next to their own edges: at a part that no other edge uses, closer to it than to any other.

use crate::geometry::*;
use crate::model::*;
use crate::scene::*;

/// Points from a label to its edge.
const EDGE_DISTANCE: f64 = 4.0;
/// Points from a label to the arrowhead of a loop.
const ARROWHEAD_DISTANCE: f64 = 7.0;
/// Points from a label to other things.
const CLEARANCE_AROUND: f64 = 3.0;
/// Points that the background of a label extends beyond its text.
const BACKGROUND: f64 = 3.5;

/// Places labels next to their edges; returns the edges whose labels found no good place.
pub fn place(scene: &Scene, routes: &mut [Route]) -> Vec<usize> {
    let mut unplaced = Vec::new();
    let mut taken: Vec<Rect> = Vec::new();
    let mut order: Vec<usize> = (0..routes.len()).filter(|&i| scene.input.edges[i].labeled() && routes[i].points.len() > 1).collect();
    // Labels with the least space are first.
    let space = |i: usize| {
        let edge = &scene.input.edges[i];
        let longest = routes[i].points.windows(2).map(|w| manhattan(w[0], w[1])).fold(0.0, f64::max);
        (longest - edge.label_w.min(edge.label_h), i)
    };
    order.sort_by(|&a, &b| space(a).partial_cmp(&space(b)).unwrap());
    for i in order {
        let edge = &scene.input.edges[i];
        // A loop has an arrowhead next to its label.
        let distances: &[f64] = if edge.source == edge.target {
            &[ARROWHEAD_DISTANCE, EDGE_DISTANCE, 13.0]
        } else {
            &[EDGE_DISTANCE, 8.0, 13.0]
        };
        let (mut cost, mut corner) = (f64::INFINITY, (0.0, 0.0));
        for &distance in distances {
            if cost >= 100.0 {
                let candidate = best_position(scene, routes, i, &taken, distance);
                if candidate.0 < cost {
                    cost = candidate.0;
                    corner = candidate.1;
                }
            }
        }
        if cost >= 100.0 {
            unplaced.push(i);
        }
        taken.push(Rect::new(corner.0, corner.1, corner.0 + edge.label_w, corner.1 + edge.label_h));
        routes[i].label = Some(corner);
    }
    unplaced
}

/// Returns the cost and the corner of the best position for a label at a distance from its edge.
fn best_position(scene: &Scene, routes: &[Route], i: usize, taken: &[Rect], distance: f64) -> (f64, (f64, f64)) {
    let e = &scene.input.edges[i];
    let (w, h) = (e.label_w, e.label_h);
    let points = &routes[i].points;
    let total: f64 = points.windows(2).map(|p| manhattan(p[0], p[1])).sum();
    let middle = total / 2.0;
    let (mut best_corner, mut best_cost) = ((points[0].0, points[0].1), f64::INFINITY);
    let mut walked = 0.0;
    for segment in points.windows(2) {
        let length = manhattan(segment[0], segment[1]);
        let horizontal = (segment[0].1 - segment[1].1).abs() < 0.05;
        let surroundings = Surroundings::new(scene, routes, i, bounding_box(segment), taken);
        let others = routes.iter().enumerate().filter(|(j, _)| *j != i).flat_map(|(_, r)| r.points.windows(2)).map(|t| (t[0], t[1]));
        for (from, to) in uncovered((segment[0], segment[1]), others) {
            for fraction in [0.5, 0.46, 0.54, 0.42, 0.58, 0.385, 0.615, 0.35, 0.65, 0.31, 0.69, 0.27, 0.73, 0.235, 0.765, 0.2, 0.8, 0.14, 0.86, 0.08, 0.92] {
                let coord = from + (to - from) * fraction;
                for side in [-1.0, 1.0, 0.0] {
                    let (cx, cy) = if horizontal { (coord, segment[0].1) } else { (segment[0].0, coord) };
                    let on_line = side == 0.0;
                    if on_line && (to - from).abs() < if horizontal { w + 20.0 } else { h + 14.0 } {
                        continue;
                    }
                    let corner = if on_line {
                        (cx - w / 2.0, cy - h / 2.0)
                    } else if horizontal {
                        (cx - w / 2.0, if side < 0.0 { cy - distance - h } else { cy + distance })
                    } else {
                        (if side > 0.0 { cx + distance + 1.0 } else { cx - distance - 1.0 - w }, cy - h / 2.0)
                    };
                    let label_box = Rect::new(corner.0, corner.1, corner.0 + w, corner.1 + h);
                    let position = walked + ((cx - segment[0].0).abs() + (cy - segment[0].1).abs());
                    let (lo, hi) = (from.min(to), from.max(to));
                    let (a, b) = if horizontal { (label_box.x0, label_box.x1) } else { (label_box.y0, label_box.y1) };
                    let overhang = (lo - a).max(0.0) + (b - hi).max(0.0);
                    let mut candidate_cost = 0.01 * (position - middle).abs()
                        + 0.02 * (coord - (from + to) / 2.0).abs()
                        + 0.4 * overhang
                        + if side > 0.0 && horizontal { 1.0 } else { 0.0 }
                        + if side < 0.0 && !horizontal { 1.0 } else { 0.0 };
                    if horizontal && overhang < 0.1 {
                        candidate_cost -= 1.5
                    }
                    if on_line {
                        candidate_cost += 12.0
                    }
                    if candidate_cost < best_cost {
                        candidate_cost += surroundings.cost(&label_box, if overhang < 0.1 { 0.0 } else { 2.0 }, on_line);
                    }
                    if candidate_cost < best_cost {
                        best_cost = candidate_cost;
                        best_corner = corner;
                    }
                }
            }
        }
        walked += length;
    }
    (best_cost, best_corner)
}

/// What is near a segment: everything that its label may collide with.
struct Surroundings<'a> {
    node_bounds: Vec<Rect>,
    taken: Vec<Rect>,
    titles: Vec<Rect>,
    frames: Vec<Rect>,
    others: Vec<((f64, f64), (f64, f64))>,
    own: &'a [(f64, f64)],
    /// How many points the background extends over the label's own edge; within a loop there is less space.
    background: f64,
    /// By which share of its width the label may be wider in a reader's font.
    font_tolerance: f64,
}

impl<'a> Surroundings<'a> {
    /// Collects what is near a segment of an edge.
    fn new(scene: &Scene, routes: &'a [Route], i: usize, segment_bounds: Rect, taken: &[Rect]) -> Surroundings<'a> {
        let e = &scene.input.edges[i];
        let font_tolerance = if e.source == e.target { 0.13 } else { 0.22 };
        let region = segment_bounds.inflate((e.label_w * (1.0 + font_tolerance)).max(e.label_h) + 2.0 * EDGE_DISTANCE + 10.0);
        let within = |all: &[Rect]| all.iter().copied().filter(|r| r.overlaps(&region)).collect::<Vec<Rect>>();
        let mut others = Vec::new();
        for (j, r) in routes.iter().enumerate() {
            if j != i {
                others.extend(r.points.windows(2).filter(|t| region.crossed_by(t[0], t[1])).map(|t| (t[0], t[1])));
            }
        }
        Surroundings {
            node_bounds: within(&scene.node_bounds),
            taken: within(taken),
            titles: within(&scene.titles),
            frames: within(&scene.placement.groups),
            others,
            own: &routes[i].points,
            background: if e.source == e.target { 1.0 } else { BACKGROUND },
            font_tolerance,
        }
    }

    /// Returns the cost of a position; `margin` is an additional distance to other edges, `on_line` means on its own
    /// edge.
    fn cost(&self, label_box: &Rect, margin: f64, on_line: bool) -> f64 {
        let with_clearance = label_box.inflate(CLEARANCE_AROUND);
        let count = |all: &[Rect]| all.iter().filter(|r| r.overlaps(&with_clearance)).count() as f64;
        let mut cost = 200.0 * (count(&self.node_bounds) + count(&self.taken)) + 150.0 * count(&self.titles);
        let with_background = label_box.inflate(BACKGROUND);
        cost += 150.0 * self.frames.iter().filter(|f| f.overlaps(&with_background) && !f.contains(&with_background)).count() as f64;
        if !on_line {
            cost += 200.0 * self.own.windows(2).filter(|t| label_box.inflate(self.background).crossed_by(t[0], t[1])).count() as f64;
        }
        // A reader's font may be wider than ours.
        let widened = Rect::new(label_box.x0, label_box.y0, label_box.x1 + self.font_tolerance * label_box.w(), label_box.y1);
        let own_distance = self.own.windows(2).map(|t| distance_to_segment(&widened, t[0], t[1])).fold(f64::INFINITY, f64::min);
        for &(a, b) in &self.others {
            // The label's own edge is at EDGE_DISTANCE; every other edge must be further away.
            let distance = distance_to_segment(label_box, a, b);
            if distance < (EDGE_DISTANCE + margin).max(own_distance.min(15.0)) {
                cost += if distance < 1.0 { 200.0 } else { 110.0 };
            } else if distance_to_segment(&widened, a, b) < own_distance - 1.0 {
                cost += 110.0;
            } else if distance < EDGE_DISTANCE + 5.0 {
                cost += 3.0;
            }
        }
        cost
    }
}

/// Returns the distance between a box and an axis-parallel segment in points.
fn distance_to_segment(r: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
    let dx = (r.x0 - a.0.max(b.0)).max(a.0.min(b.0) - r.x1).max(0.0);
    let dy = (r.y0 - a.1.max(b.1)).max(a.1.min(b.1) - r.y1).max(0.0);
    (dx * dx + dy * dy).sqrt()
}
