//! The shapes that may replace a route: curves, and straight lines between other points of the same ends.

use crate::geometry::*;
use crate::model::*;
use crate::placement::*;
use crate::scene::*;

/// A line that may be drawn instead of a route. A curve has its control points as in `Route`, and `points` that
/// approximate it.
#[derive(Clone)]
pub struct Line {
    pub points: Vec<(f64, f64)>,
    pub curve: Vec<(f64, f64)>,
    pub sides: (usize, usize),
}

/// The straight segments that approximate one cubic curve, as in `drawing.py`.
const CURVE_SEGMENTS: usize = 12;
/// The distance of a control point from its end, relative to the distance to the other end along the same axis.
const CONTROL_SHARE: f64 = 0.6;
/// Points from a control point to its end, at least.
const MIN_CONTROL_DISTANCE: f64 = 24.0;
/// Curves with more corners than this follow their routes.
const MAX_FREE_CORNERS: usize = 2;
/// How far before a corner a curve that follows its route may leave it, in points, in the order of preference.
const CORNER_RADII: [f64; 4] = [f64::INFINITY, 60.0, 30.0, 16.0];
/// The distance of the control points of a rounded corner from its ends, relative to that of the corner.
const CORNER_SHARE: f64 = 0.6;

/// Points at each end, for an arrowhead, in which a curve that follows its route is straight if there is space.
const STRAIGHT_END: f64 = 10.0;
/// The cosine of the largest angle between two segments of a curve's approximation: more would look like a corner.
const MIN_TURN_COSINE: f64 = 0.85;

/// The minimum cosine between a straight line and the normal of a side where it ends.
const MIN_DEPARTURE: f64 = 0.45;
/// Where straight lines may end at a side, relative to how far a port may move.
const PORT_OFFSETS: [f64; 5] = [0.0, -0.5, 0.5, -1.0, 1.0];
/// Points that a straight line may be longer to be perpendicular to one of its ends instead of parallel to it.
const SLANT_COST: f64 = 100.0;
/// Points that a straight line may be longer to end at the same side as its route.
const SIDE_COST: f64 = 25.0;
/// The same for ending off the middle of a side.
const OFFSET_COST: f64 = 5.0;

/// Returns the curves that may replace a route with corners, the smoothest first. They are perpendicular to the sides at
/// both ends.
pub fn curves(route: &Route) -> Vec<Line> {
    let mut found = Vec::new();
    if route.points.len() <= MAX_FREE_CORNERS + 2 {
        found.push(single_curve(route));
    }
    found.extend(CORNER_RADII.iter().map(|&radius| rounded(&route.points, radius)));
    let lines = found.into_iter().map(|curve| Line { points: flattened(&curve), curve, sides: route.sides });
    lines.filter(|line| is_smooth(&line.points)).collect()
}

/// Whether an approximated curve has no sharp turn.
fn is_smooth(points: &[(f64, f64)]) -> bool {
    points.windows(3).all(|w| {
        let (u, v) = (unit_vector(w[0], w[1]), unit_vector(w[1], w[2]));
        u.0 * v.0 + u.1 * v.1 >= MIN_TURN_COSINE
    })
}

/// Returns one cubic from end to end.
fn single_curve(route: &Route) -> Vec<(f64, f64)> {
    let (a, b) = (route.points[0], route.points[route.points.len() - 1]);
    let control = |p: (f64, f64), side: usize, q: (f64, f64)| {
        let (ux, uy) = OUTWARD[side];
        let ahead = (q.0 - p.0) * ux + (q.1 - p.1) * uy;
        // If the other end is not ahead, the curve turns around.
        let reach = if ahead > 0.0 { CONTROL_SHARE * ahead } else { 0.5 * (q.0 - p.0).abs().max((q.1 - p.1).abs()) };
        let distance = reach.max(MIN_CONTROL_DISTANCE);
        (p.0 + ux * distance, p.1 + uy * distance)
    };
    vec![a, control(a, route.sides.0, b), control(b, route.sides.1, a), b]
}

/// Returns a curve that follows a route and rounds each corner from `radius` points before it, at most from the middle of
/// an inner segment.
fn rounded(points: &[(f64, f64)], radius: f64) -> Vec<(f64, f64)> {
    let mut curve = vec![points[0]];
    let toward = |from: (f64, f64), to: (f64, f64), share: f64| {
        (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share)
    };
    let last = points.len() - 1;
    for k in 1..last {
        let (before, corner, after) = (points[k - 1], points[k], points[k + 1]);
        let room = |other: (f64, f64), at_end: bool| {
            let half = manhattan(corner, other) / 2.0;
            if at_end { half.max(2.0 * half - STRAIGHT_END) } else { half }
        };
        let (room_before, room_after) = (room(before, k == 1), room(after, k + 1 == last));
        // The two sides of a corner differ by at most a factor of three, or the curve would have a sharp bend.
        let reach_before = room_before.min(radius).min(3.0 * room_after);
        let reach_after = room_after.min(radius).min(3.0 * room_before);
        let start = toward(corner, before, reach_before / manhattan(corner, before).max(0.01));
        let end = toward(corner, after, reach_after / manhattan(corner, after).max(0.01));
        add_segment(&mut curve, start);
        curve.extend([toward(start, corner, CORNER_SHARE), toward(end, corner, CORNER_SHARE), end]);
    }
    add_segment(&mut curve, points[last]);
    curve
}

/// Continues a curve with a straight segment, unless it is there already.
fn add_segment(curve: &mut Vec<(f64, f64)>, end: (f64, f64)) {
    let start = curve[curve.len() - 1];
    if manhattan(start, end) > 0.01 {
        let at = |share: f64| (start.0 + (end.0 - start.0) * share, start.1 + (end.1 - start.1) * share);
        curve.extend([at(1.0 / 3.0), at(2.0 / 3.0), end]);
    }
}

/// Returns points on a chain of cubics; straight ones are single segments.
pub fn flattened(curve: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut points = vec![curve[0]];
    for k in (0..curve.len() - 1).step_by(3) {
        let (p, q, r, s) = (curve[k], curve[k + 1], curve[k + 2], curve[k + 3]);
        let extent = bounding_box(&curve[k..k + 4]);
        if extent.w().min(extent.h()) < 0.05 {
            points.push(s);
            continue;
        }
        for step in 1..=CURVE_SEGMENTS {
            let t = step as f64 / CURVE_SEGMENTS as f64;
            let u = 1.0 - t;
            let (a, b, c, d) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
            points.push((a * p.0 + b * q.0 + c * r.0 + d * s.0, a * p.1 + b * q.1 + c * r.1 + d * s.1));
        }
    }
    points
}

/// Returns the straight lines between the ends of an edge that lead away from both, the best first. `is_taken` says
/// whether another edge ends at a point.
pub fn straight_lines(scene: &Scene, i: usize, route: &Route, is_taken: impl Fn((f64, f64)) -> bool) -> Vec<Line> {
    let (source, target) = &scene.ends[i];
    let specified = scene.input.edges[i].sides;
    let starts = end_points(source, route.points[0], route.sides.0, specified.0, &is_taken);
    let ends = end_points(target, route.points[route.points.len() - 1], route.sides.1, specified.1, &is_taken);
    let mut found: Vec<(f64, Line)> = Vec::new();
    for &(a, start_side, start_cost) in &starts {
        for &(b, end_side, end_cost) in &ends {
            if manhattan(a, b) < MIN_STUB {
                continue;
            }
            let (u, n, m) = (unit_vector(a, b), OUTWARD[start_side], OUTWARD[end_side]);
            let (departure, arrival) = (u.0 * n.0 + u.1 * n.1, -u.0 * m.0 - u.1 * m.1);
            if departure.min(arrival) >= MIN_DEPARTURE {
                let cost = length(a, b) + SLANT_COST * (2.0 - departure - arrival) + start_cost + end_cost;
                found.push((cost, Line { points: vec![a, b], curve: Vec::new(), sides: (start_side, end_side) }));
            }
        }
    }
    found.sort_by(|x, y| x.0.partial_cmp(&y.0).unwrap());
    found.into_iter().map(|(_, line)| line).collect()
}

/// Returns the points where a straight line may end, with their sides and costs: where the route ends, and at all sides.
fn end_points(
    terminal: &Terminal,
    current: (f64, f64),
    current_side: usize,
    specified: u8,
    is_taken: impl Fn((f64, f64)) -> bool,
) -> Vec<((f64, f64), usize, f64)> {
    let mut points = vec![(current, current_side, 0.0)];
    for side in (0..4).filter(|&side| specified == 0 || specified as usize == side + 1) {
        let port = &terminal.ports[side];
        for offset in PORT_OFFSETS {
            let by = offset * if offset < 0.0 { port.range.0 } else { port.range.1 };
            let point = if side % 2 == 0 { (port.x, port.y + by) } else { (port.x + by, port.y) };
            if !is_taken(point) {
                let cost = if side == current_side { 0.0 } else { SIDE_COST };
                points.push((point, side, cost + if offset == 0.0 { 0.0 } else { OFFSET_COST }));
            }
        }
    }
    points
}
