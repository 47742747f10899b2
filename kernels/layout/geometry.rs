//! Segments and boxes: intersections, overlaps, and space for labels.

use crate::model::*;

/// A segment by its end points.
pub type Segment = ((f64, f64), (f64, f64));

/// Returns the Manhattan distance, which is the length of an axis-parallel segment.
pub fn manhattan(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).abs() + (a.1 - b.1).abs()
}

/// Whether a segment is horizontal or vertical.
pub fn is_axis_parallel(a: (f64, f64), b: (f64, f64)) -> bool {
    (a.0 - b.0).abs() < 0.05 || (a.1 - b.1).abs() < 0.05
}

/// Returns the length of a segment in any direction.
pub fn length(a: (f64, f64), b: (f64, f64)) -> f64 {
    if is_axis_parallel(a, b) { manhattan(a, b) } else { (a.0 - b.0).hypot(a.1 - b.1) }
}

/// Returns the unit vector from one point to another, which must not coincide.
pub fn unit_vector(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let length = (b.0 - a.0).hypot(b.1 - a.1);
    ((b.0 - a.0) / length, (b.1 - a.1) / length)
}

/// Whether a segment in any direction passes through the inside of a box.
pub fn passes_through(r: &Rect, a: (f64, f64), b: (f64, f64)) -> bool {
    if !r.crossed_by(a, b) || is_axis_parallel(a, b) {
        return r.crossed_by(a, b);
    }
    // A slanted segment whose bounds overlap the box crosses it if corners are on both sides of the segment's line.
    let sides = r.corners().map(|c| cross_product(a, b, c));
    sides.iter().any(|&s| s < 0.0) && sides.iter().any(|&s| s > 0.0)
}

/// Returns the distance between a box and a segment in any direction; 0 if they touch.
pub fn distance_to_segment(r: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
    let dx = (r.x0 - a.0.max(b.0)).max(a.0.min(b.0) - r.x1).max(0.0);
    let dy = (r.y0 - a.1.max(b.1)).max(a.1.min(b.1) - r.y1).max(0.0);
    if is_axis_parallel(a, b) {
        return (dx * dx + dy * dy).sqrt();
    }
    if passes_through(r, a, b) {
        return 0.0;
    }
    let to_box = |p: (f64, f64)| {
        (r.x0 - p.0).max(p.0 - r.x1).max(0.0).hypot((r.y0 - p.1).max(p.1 - r.y1).max(0.0))
    };
    r.corners().iter().map(|&c| point_to_segment(c, a, b)).fold(to_box(a).min(to_box(b)), f64::min)
}

/// Returns the distance between a point and a segment.
fn point_to_segment(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let share = (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (dx * dx + dy * dy)).max(0.0).min(1.0);
    (p.0 - a.0 - share * dx).hypot(p.1 - a.1 - share * dy)
}

/// Returns the cross product of the vectors from `a` to `b` and from `a` to `c`: positive if the turn to `c` is clockwise.
fn cross_product(a: (f64, f64), b: (f64, f64), c: (f64, f64)) -> f64 {
    (b.0 - a.0) * (c.1 - a.1) - (b.1 - a.1) * (c.0 - a.0)
}

/// Whether two segments in any direction cross; touching does not count.
pub fn slanted_segments_cross(s: Segment, t: Segment) -> bool {
    cross_product(s.0, s.1, t.0) * cross_product(s.0, s.1, t.1) < 0.0
        && cross_product(t.0, t.1, s.0) * cross_product(t.0, t.1, s.1) < 0.0
}

/// Returns the bounding box of points.
pub fn bounding_box(points: &[(f64, f64)]) -> Rect {
    points.iter().fold(Rect::EMPTY, |r, &(x, y)| r.union(&Rect::new(x, y, x, y)))
}

/// Whether a horizontal and a vertical segment cross; touching ends do not count.
pub fn segments_cross(s: Segment, t: Segment) -> bool {
    let horizontal = |s: Segment| (s.0 .1 - s.1 .1).abs() < 0.05;
    let (h, v) = match (horizontal(s), horizontal(t)) {
        (true, false) => (s, t),
        (false, true) => (t, s),
        _ => return false,
    };
    let (x0, x1) = (h.0 .0.min(h.1 .0), h.0 .0.max(h.1 .0));
    let (y0, y1) = (v.0 .1.min(v.1 .1), v.0 .1.max(v.1 .1));
    x0 + 0.5 < v.0 .0 && v.0 .0 < x1 - 0.5 && y0 + 0.5 < h.0 .1 && h.0 .1 < y1 - 0.5
}

/// Whether two paths that share a line with these segments must cross there, however they are separated: one of them is
/// on one side where they meet, and on the other side where they part.
pub fn must_cross(p: &[(f64, f64)], i: usize, q: &[(f64, f64)], j: usize) -> bool {
    let (a, b) = (SegmentTurns::of(p, i), SegmentTurns::of(q, j));
    if a.horizontal != b.horizontal || (a.coord - b.coord).abs() > 0.6 || a.lo.max(b.lo) > a.hi.min(b.hi) - 1.0 {
        return false;
    }
    let side = |x: i32, y: i32, first: f64| {
        // The one that begins later turns away from the other; if both begin together, both turns count.
        if first.abs() < 0.5 { (x - y).signum() } else if first > 0.0 { x } else { -y }
    };
    side(a.turns.0, b.turns.0, a.lo - b.lo) * side(a.turns.1, b.turns.1, b.hi - a.hi) < 0
}

/// A segment of a path: its coordinate, its range, and to which side the path turns at both ends (0: it ends there).
struct SegmentTurns {
    horizontal: bool,
    coord: f64,
    lo: f64,
    hi: f64,
    turns: (i32, i32),
}

impl SegmentTurns {
    /// Returns the segment `k` of a path.
    fn of(path: &[(f64, f64)], k: usize) -> SegmentTurns {
        let horizontal = (path[k].1 - path[k + 1].1).abs() < 0.05;
        let oriented = |n: usize| if horizontal { path[n] } else { (path[n].1, path[n].0) };
        let (a, b) = (oriented(k), oriented(k + 1));
        let turn = |n: Option<usize>| match n {
            Some(n) if n < path.len() => {
                let by = oriented(n).1 - a.1;
                if by > 0.05 { 1 } else if by < -0.05 { -1 } else { 0 }
            }
            _ => 0,
        };
        let (before, after) = (turn(k.checked_sub(1)), turn(Some(k + 2)));
        let turns = if a.0 <= b.0 { (before, after) } else { (after, before) };
        SegmentTurns { horizontal, coord: a.1, lo: a.0.min(b.0), hi: a.0.max(b.0), turns }
    }
}

/// Returns the parts of a segment that no other segment covers, as ranges along it.
pub fn uncovered((a, b): Segment, others: impl Iterator<Item = Segment>) -> Vec<(f64, f64)> {
    let horizontal = (a.1 - b.1).abs() < 0.05;
    let oriented = |p: (f64, f64)| if horizontal { p } else { (p.1, p.0) };
    let (lo, hi, coord) = (oriented(a).0.min(oriented(b).0), oriented(a).0.max(oriented(b).0), oriented(a).1);
    let mut covered: Vec<(f64, f64)> = Vec::new();
    let is_parallel = |s: (f64, f64), t: (f64, f64)| ((s.1 - t.1).abs() < 0.05) == horizontal && is_axis_parallel(s, t);
    for (s, t) in others.filter(|&(s, t)| is_parallel(s, t)) {
        let (c, d) = (oriented(s).0.min(oriented(t).0).max(lo), oriented(s).0.max(oriented(t).0).min(hi));
        if (oriented(s).1 - coord).abs() < 0.7 && d - c > 0.5 {
            covered.push((c, d));
        }
    }
    covered.sort_by(|x, y| x.partial_cmp(y).unwrap());
    let (mut free_ranges, mut end) = (Vec::new(), lo);
    for (c, d) in covered {
        if c > end + 1.0 {
            free_ranges.push((end, c));
        }
        end = end.max(d);
    }
    if hi > end + 1.0 {
        free_ranges.push((end, hi));
    }
    free_ranges
}

/// Returns the length along which two parallel segments overlap, if they are at most `max_distance` points apart.
pub fn shared_length(s: Segment, t: Segment, max_distance: f64) -> f64 {
    let horizontal = |s: Segment| (s.0 .1 - s.1 .1).abs() < 0.05;
    if horizontal(s) != horizontal(t) {
        return 0.0;
    }
    let oriented = |p: (f64, f64)| if horizontal(s) { p } else { (p.1, p.0) };
    let (a, b, c, d) = (oriented(s.0), oriented(s.1), oriented(t.0), oriented(t.1));
    if (a.1 - c.1).abs() > max_distance {
        return 0.0;
    }
    (a.0.max(b.0).min(c.0.max(d.0)) - a.0.min(b.0).max(c.0.min(d.0))).max(0.0)
}

/// Returns how many times a segment crosses the border of a frame.
pub fn border_crossings(frame: &Rect, a: (f64, f64), b: (f64, f64)) -> i32 {
    let inside = |p: (f64, f64)| p.0 > frame.x0 && p.0 < frame.x1 && p.1 > frame.y0 && p.1 < frame.y1;
    match (inside(a), inside(b)) {
        (true, true) => 0,
        (false, false) => if frame.crossed_by(a, b) { 2 } else { 0 },
        _ => 1,
    }
}

/// The cost of running near a border, though not on it.
const NEAR_BORDER_COST: f64 = 5.0;

/// Returns the cost of a segment that runs along a border of a frame.
pub fn border_proximity_cost(frame: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
    let horizontal = (a.1 - b.1).abs() < 0.05;
    let (coord, lo, hi, borders, from, to) = if horizontal {
        (a.1, a.0.min(b.0), a.0.max(b.0), [frame.y0, frame.y1], frame.x0, frame.x1)
    } else {
        (a.0, a.1.min(b.1), a.1.max(b.1), [frame.x0, frame.x1], frame.y0, frame.y1)
    };
    let common = hi.min(to) - lo.max(from);
    let distance_to_border = borders.iter().map(|l| (l - coord).abs()).fold(f64::INFINITY, f64::min);
    if common <= 6.0 || distance_to_border >= 13.9 {
        0.0
    } else if distance_to_border < 7.5 {
        20.0
    } else {
        NEAR_BORDER_COST
    }
}

/// Whether some segment is long enough for the edge's label.
pub fn any_segment_fits_label(e: &Edge, points: &[(f64, f64)]) -> bool {
    points.windows(2).any(|w| segment_fits_label(e, w[0], w[1]))
}

/// Whether a segment is long enough for the edge's label.
pub fn segment_fits_label(e: &Edge, a: (f64, f64), b: (f64, f64)) -> bool {
    if (a.1 - b.1).abs() < 0.05 {
        (a.0 - b.0).abs() >= e.label_w + 10.0
    } else {
        (a.1 - b.1).abs() >= e.label_h + 10.0
    }
}

/// Whether some segment is long enough for the label without the parts that another path covers.
pub fn has_label_space(e: &Edge, points: &[(f64, f64)], other: &[(f64, f64)]) -> bool {
    points.windows(2).any(|w| {
        let covered: f64 = other.windows(2).map(|t| shared_length((w[0], w[1]), (t[0], t[1]), 1.0)).sum();
        let length = manhattan(w[0], w[1]) - covered;
        let needed = if (w[0].1 - w[1].1).abs() < 0.05 { e.label_w + 10.0 } else { e.label_h + 10.0 };
        length >= needed
    })
}
