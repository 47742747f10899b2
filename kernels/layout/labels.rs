//! Places labels next to their own edges: at a part that no other edge uses, closer to it than to any other.

use crate::geometry::*;
use crate::model::*;
use crate::placement::*;
use crate::scene::*;

/// Points from a label to its edge.
const EDGE_DISTANCE: f64 = 4.0;
/// Points from a label to the arrowhead of a loop.
const ARROWHEAD_DISTANCE: f64 = 7.0;
/// Points from a label to other things.
const CLEARANCE_AROUND: f64 = 3.0;
/// Points between a label of a slanted line and other things, unless space is scarce.
const CROWDED: f64 = 14.0;
/// The cost of each thing within this distance.
const CROWDING_COST: f64 = 3.0;
/// A label of a curve or a slanted line is this number of points nearer to it than to others.
const MIN_ADVANTAGE: f64 = 0.5;
/// Points that the background of a label extends beyond its text.
const BACKGROUND: f64 = 3.5;

/// Places labels next to their edges; returns the edges whose labels found no good place.
pub fn place(scene: &Scene, routes: &mut [Route]) -> Vec<usize> {
    let lines = Lines::of(routes);
    let (mut unplaced, mut corners) = (Vec::new(), Vec::new());
    let mut taken: Vec<Rect> = Vec::new();
    let mut order: Vec<usize> = (0..routes.len()).filter(|&i| scene.input.edges[i].labeled() && routes[i].points.len() > 1).collect();
    // Labels with the least space are first.
    let space = |i: usize| {
        let edge = &scene.input.edges[i];
        let longest = stretches(&routes[i].points).map(length_of).fold(0.0, f64::max);
        (longest - edge.label_w.min(edge.label_h), i)
    };
    order.sort_by(|&a, &b| space(a).partial_cmp(&space(b)).unwrap());
    for i in order {
        let edge = &scene.input.edges[i];
        // A loop has an arrowhead next to its label.
        let distances: &[f64] = if edge.source == edge.target {
            &[ARROWHEAD_DISTANCE, EDGE_DISTANCE, 13.0, 20.0]
        } else {
            &[EDGE_DISTANCE, 8.0, 13.0]
        };
        let (mut cost, mut corner) = (f64::INFINITY, (0.0, 0.0));
        for &distance in distances {
            if cost >= 100.0 {
                let candidate = best_position(scene, &lines, i, &taken, distance);
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
        corners.push((i, corner));
    }
    for (i, corner) in corners {
        routes[i].label = Some(corner);
    }
    unplaced
}

/// Returns the edges whose labels are not nearer to their own lines than to all others.
pub fn ambiguous(scene: &Scene, routes: &[Route]) -> Vec<usize> {
    let lines = Lines::of(routes);
    let is_ambiguous = |i: usize| {
        let (e, (x, y)) = (&scene.input.edges[i], routes[i].label.unwrap());
        let label_box = Rect::new(x, y, x + e.label_w, y + e.label_h);
        let distance = |(a, b): Segment| distance_to_segment(&label_box, a, b);
        let own_distance = routes[i].points.windows(2).map(|w| distance((w[0], w[1]))).fold(f64::INFINITY, f64::min);
        let limit = own_distance + MIN_ADVANTAGE;
        lines.others_near(i, label_box.inflate(limit)).any(|other| distance(other) < limit)
    };
    (0..routes.len()).filter(|&i| routes[i].label.is_some() && is_ambiguous(i)).collect()
}

/// The lines of all edges, each with its bounds.
struct Lines<'a> {
    routes: &'a [Route],
    bounds: Vec<Rect>,
}

impl<'a> Lines<'a> {
    /// Returns the lines that routes describe.
    fn of(routes: &'a [Route]) -> Lines<'a> {
        Lines { routes, bounds: routes.iter().map(|route| bounding_box(&route.points)).collect() }
    }

    /// Returns the segments of all edges but one whose bounds touch a region.
    fn others_near<'b>(&'b self, i: usize, region: Rect) -> impl Iterator<Item = Segment> + 'b {
        let touches = move |r: &Rect| region.crossed_by((r.x0, r.y0), (r.x1, r.y1));
        let near = self.bounds.iter().enumerate().filter(move |&(j, bounds)| j != i && touches(bounds));
        let segments = near.flat_map(|(j, _)| self.routes[j].points.windows(2)).map(|w| (w[0], w[1]));
        segments.filter(move |&(a, b)| region.crossed_by(a, b))
    }
}

/// Returns the cost and the corner of the best position for a label at a distance from its edge.
fn best_position(scene: &Scene, lines: &Lines, i: usize, taken: &[Rect], distance: f64) -> (f64, (f64, f64)) {
    let e = &scene.input.edges[i];
    let size = (e.label_w, e.label_h);
    let points = &lines.routes[i].points;
    let middle = length_of(points) / 2.0;
    let (mut best_corner, mut best_cost) = ((points[0].0, points[0].1), f64::INFINITY);
    let mut walked = 0.0;
    for stretch in stretches(points) {
        let surroundings = Surroundings::new(scene, lines, i, bounding_box(stretch), taken);
        for spot in spots(stretch, &surroundings.others, size) {
            for side in [-1.0, 1.0, 0.0] {
                let on_line = side == 0.0;
                if on_line && !spot.fits_on_line(size) {
                    continue;
                }
                let corner = spot.corner(side, distance, size);
                let label_box = Rect::new(corner.0, corner.1, corner.0 + size.0, corner.1 + size.1);
                let mut candidate_cost = 0.01 * (walked + spot.walked - middle).abs()
                    + 0.02 * spot.off_middle
                    + 0.4 * spot.overhang
                    + if side > 0.0 && spot.is_flat() { 1.0 } else { 0.0 }
                    + if side < 0.0 && !spot.is_flat() { 1.0 } else { 0.0 };
                if spot.is_horizontal() && spot.overhang < 0.1 {
                    candidate_cost -= 1.5
                }
                if on_line {
                    candidate_cost += 12.0
                }
                if spot.is_slanted() {
                    candidate_cost += surroundings.crowding(&label_box)
                }
                if candidate_cost < best_cost {
                    candidate_cost += surroundings.cost(&label_box, if spot.overhang < 0.1 { 0.0 } else { 2.0 }, on_line);
                }
                if candidate_cost < best_cost {
                    best_cost = candidate_cost;
                    best_corner = corner;
                }
            }
        }
        walked += length_of(stretch);
    }
    (best_cost, best_corner)
}

/// Returns the parts of a line on which a label may be anywhere: each horizontal or vertical segment, and what is
/// between them: slanted segments and curves.
fn stretches(points: &[(f64, f64)]) -> impl Iterator<Item = &[(f64, f64)]> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = start;
        while start + 1 < points.len() {
            let axis_parallel = is_axis_parallel(points[start], points[start + 1]);
            if axis_parallel && start > first {
                break;
            }
            start += 1;
            if axis_parallel {
                break;
            }
        }
        if start > first { Some(&points[first..=start]) } else { None }
    })
}

/// Returns the length of a line.
fn length_of(points: &[(f64, f64)]) -> f64 {
    points.windows(2).map(|p| length(p[0], p[1])).sum()
}

/// A point on a line to which a label may belong.
struct Spot {
    point: (f64, f64),
    /// The unit vector along the line, to the right if it is rather flat, else down.
    direction: (f64, f64),
    /// How far the point is from the start of the stretch, and from the middle of its free part.
    walked: f64,
    off_middle: f64,
    /// How far the label extends beyond the free part.
    overhang: f64,
    /// The length of the free part.
    free_length: f64,
}

/// The positions on a free part of a line, in the order of preference.
const FRACTIONS: [f64; 21] = [
    0.5, 0.46, 0.54, 0.42, 0.58, 0.385, 0.615, 0.35, 0.65, 0.31, 0.69, 0.27, 0.73, 0.235, 0.765, 0.2, 0.8, 0.14, 0.86, 0.08, 0.92,
];

/// Returns the points on a stretch to which a label of a size may belong, without the parts that other segments cover.
fn spots(stretch: &[(f64, f64)], others: &[Segment], size: (f64, f64)) -> Vec<Spot> {
    let (a, b) = (stretch[0], stretch[stretch.len() - 1]);
    if stretch.len() > 2 || !is_axis_parallel(a, b) {
        return FRACTIONS.iter().map(|&fraction| slanted_spot(stretch, fraction, size)).collect();
    }
    let horizontal = (a.1 - b.1).abs() < 0.05;
    let mut found = Vec::new();
    for (lo, hi) in uncovered((a, b), others.iter().copied()) {
        for fraction in FRACTIONS {
            let coord = lo + (hi - lo) * fraction;
            let (point, direction) = if horizontal { ((coord, a.1), (1.0, 0.0)) } else { ((a.0, coord), (0.0, 1.0)) };
            let extent = if horizontal { size.0 } else { size.1 };
            let start = coord - extent / 2.0;
            found.push(Spot {
                point,
                direction,
                walked: (point.0 - a.0).abs() + (point.1 - a.1).abs(),
                off_middle: (coord - (lo + hi) / 2.0).abs(),
                overhang: (lo - start).max(0.0) + (start + extent - hi).max(0.0),
                free_length: (hi - lo).abs(),
            });
        }
    }
    found
}

/// Returns the point at a fraction of a slanted line or curve. Other lines may touch it only at its ends, where the cost
/// keeps the label away from them.
fn slanted_spot(stretch: &[(f64, f64)], fraction: f64, size: (f64, f64)) -> Spot {
    let total = length_of(stretch);
    let walked = total * fraction;
    let (mut before, mut k) = (0.0, 0);
    while k + 2 < stretch.len() && before + length(stretch[k], stretch[k + 1]) < walked {
        before += length(stretch[k], stretch[k + 1]);
        k += 1;
    }
    let (dx, dy) = unit_vector(stretch[k], stretch[k + 1]);
    let point = (stretch[k].0 + dx * (walked - before), stretch[k].1 + dy * (walked - before));
    let reverse = if dx.abs() >= dy.abs() { dx < 0.0 } else { dy < 0.0 };
    let half_extent = (dx.abs() * size.0 + dy.abs() * size.1) / 2.0;
    Spot {
        point,
        direction: if reverse { (-dx, -dy) } else { (dx, dy) },
        walked,
        off_middle: (walked - total / 2.0).abs(),
        overhang: (half_extent - walked).max(0.0) + (half_extent - (total - walked)).max(0.0),
        free_length: total,
    }
}

impl Spot {
    /// Whether the line is horizontal or nearly so.
    fn is_horizontal(&self) -> bool {
        self.direction.1.abs() < 0.2
    }

    /// Whether the line is neither horizontal nor vertical.
    fn is_slanted(&self) -> bool {
        self.direction.0 != 0.0 && self.direction.1 != 0.0
    }

    /// Whether the line is rather horizontal than vertical.
    fn is_flat(&self) -> bool {
        self.direction.0 >= self.direction.1.abs()
    }

    /// Whether the line is visible on both sides of a label on it.
    fn fits_on_line(&self, (w, h): (f64, f64)) -> bool {
        let (dx, dy) = (self.direction.0.abs(), self.direction.1.abs());
        self.free_length >= if dy * w < dx * h { w / dx + 20.0 } else { h / dy + 14.0 }
    }

    /// Returns the upper left corner of a label at a distance from the line: on the line (`side` 0), below or to the right
    /// of it (1), or above or to the left (-1).
    fn corner(&self, side: f64, distance: f64, (w, h): (f64, f64)) -> (f64, f64) {
        let (x, y) = self.point;
        if side == 0.0 {
            return (x - w / 2.0, y - h / 2.0);
        }
        let (dx, dy) = self.direction;
        if dy == 0.0 {
            return (x - w / 2.0, if side < 0.0 { y - distance - h } else { y + distance });
        }
        if dx == 0.0 {
            return (if side > 0.0 { x + distance + 1.0 } else { x - distance - 1.0 - w }, y - h / 2.0);
        }
        let normal = if self.is_flat() { (-dy * side, dx * side) } else { (dy * side, -dx * side) };
        // The corner of the background, not of the label, is next to a slanted line.
        let (half_w, half_h) = (w / 2.0 + BACKGROUND, h / 2.0 + BACKGROUND);
        let away = distance - BACKGROUND + normal.0.abs() * half_w + normal.1.abs() * half_h;
        (x + normal.0 * away - w / 2.0, y + normal.1 * away - h / 2.0)
    }
}

/// What is near a stretch of a line: everything that its label may collide with.
struct Surroundings<'a> {
    /// The icons and texts of nodes.
    node_parts: Vec<Rect>,
    taken: Vec<Rect>,
    titles: Vec<Rect>,
    frames: Vec<Rect>,
    others: Vec<Segment>,
    own: &'a [(f64, f64)],
    /// How many points the background extends over the label's own edge; within a loop there is less space.
    background: f64,
    /// By which share of its width the label may be wider in a reader's font.
    font_tolerance: f64,
}

impl<'a> Surroundings<'a> {
    /// Collects what is near a stretch of an edge.
    fn new(scene: &Scene, lines: &Lines<'a>, i: usize, stretch_bounds: Rect, taken: &[Rect]) -> Surroundings<'a> {
        let e = &scene.input.edges[i];
        let font_tolerance = if e.source == e.target { 0.13 } else { 0.22 };
        let region = stretch_bounds.inflate((e.label_w * (1.0 + font_tolerance)).max(e.label_h) + 2.0 * EDGE_DISTANCE + 10.0);
        let within = |all: &[Rect]| all.iter().copied().filter(|r| r.overlaps(&region)).collect::<Vec<Rect>>();
        Surroundings {
            node_parts: within(&scene.node_parts),
            taken: within(taken),
            titles: within(&scene.titles),
            frames: within(&scene.placement.groups),
            others: lines.others_near(i, region).collect(),
            own: &lines.routes[i].points,
            background: if e.source == e.target { 1.0 } else { BACKGROUND },
            font_tolerance,
        }
    }

    /// Returns the cost of nodes and titles so near that the label seems to belong to them: only a corner of it is next to
    /// a slanted line.
    fn crowding(&self, label_box: &Rect) -> f64 {
        let near = label_box.inflate(CROWDED);
        CROWDING_COST * self.node_parts.iter().chain(&self.titles).filter(|r| r.overlaps(&near)).count() as f64
    }

    /// Returns the cost of a position; `margin` is an additional distance to other edges, `on_line` means on its own
    /// edge.
    fn cost(&self, label_box: &Rect, margin: f64, on_line: bool) -> f64 {
        let with_clearance = label_box.inflate(CLEARANCE_AROUND);
        let count = |all: &[Rect]| all.iter().filter(|r| r.overlaps(&with_clearance)).count() as f64;
        let mut cost = 200.0 * (count(&self.node_parts) + count(&self.taken)) + 150.0 * count(&self.titles);
        let with_background = label_box.inflate(BACKGROUND);
        cost += 150.0 * self.frames.iter().filter(|f| f.overlaps(&with_background) && !f.contains(&with_background)).count() as f64;
        if !on_line {
            cost += 200.0 * self.own.windows(2).filter(|t| passes_through(&label_box.inflate(self.background), t[0], t[1])).count() as f64;
        }
        // A reader's font may be wider than ours.
        let widened = Rect::new(label_box.x0, label_box.y0, label_box.x1 + self.font_tolerance * label_box.w(), label_box.y1);
        let distance_to_own = |label: &Rect| self.own.windows(2).map(|t| distance_to_segment(label, t[0], t[1])).fold(f64::INFINITY, f64::min);
        let (own_distance, widened_own_distance) = (distance_to_own(label_box), distance_to_own(&widened));
        for &(a, b) in &self.others {
            // The label's own edge is at EDGE_DISTANCE; every other edge must be further away.
            let distance = distance_to_segment(label_box, a, b);
            if distance < (EDGE_DISTANCE + margin).max(own_distance.min(15.0)) {
                cost += if distance < 1.0 { 200.0 } else { 110.0 };
            } else if distance_to_segment(&widened, a, b) < widened_own_distance - 1.0 {
                cost += 110.0;
            } else if distance < EDGE_DISTANCE + 5.0 {
                cost += 3.0;
            }
        }
        cost
    }
}
