//! Segments and boxes: how they meet, and what fits beside them.

use crate::model::*;

pub type Segment = ((f64, f64), (f64, f64));

pub fn dist(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).abs() + (a.1 - b.1).abs()
}

pub fn bounds(points: &[(f64, f64)]) -> Rect {
    points.iter().fold(Rect::EMPTY, |r, &(x, y)| r.union(&Rect::new(x, y, x, y)))
}

pub fn cross(s: Segment, t: Segment) -> bool {
    let level = |s: Segment| (s.0 .1 - s.1 .1).abs() < 0.05;
    let (h, v) = match (level(s), level(t)) {
        (true, false) => (s, t),
        (false, true) => (t, s),
        _ => return false,
    };
    let (x0, x1) = (h.0 .0.min(h.1 .0), h.0 .0.max(h.1 .0));
    let (y0, y1) = (v.0 .1.min(v.1 .1), v.0 .1.max(v.1 .1));
    x0 + 0.5 < v.0 .0 && v.0 .0 < x1 - 0.5 && y0 + 0.5 < h.0 .1 && h.0 .1 < y1 - 0.5
}

/// Whether two paths that run on one line, with these segments, cross there however they are spread: one of them
/// stands on one side where they meet, and on the other where they part.
pub fn woven(p: &[(f64, f64)], i: usize, q: &[(f64, f64)], j: usize) -> bool {
    let (a, b) = (Stretch::of(p, i), Stretch::of(q, j));
    if a.level != b.level || (a.at - b.at).abs() > 0.6 || a.lo.max(b.lo) > a.hi.min(b.hi) - 1.0 {
        return false;
    }
    let side = |x: i32, y: i32, first: f64| {
        // The one that begins later turns off from the other; of two that begin together both turn.
        if first.abs() < 0.5 { (x - y).signum() } else if first > 0.0 { x } else { -y }
    };
    side(a.turns.0, b.turns.0, a.lo - b.lo) * side(a.turns.1, b.turns.1, b.hi - a.hi) < 0
}

/// A segment of a path: its coordinate, its span, and at both ends to which side the path turns (0: it ends there).
struct Stretch {
    level: bool,
    at: f64,
    lo: f64,
    hi: f64,
    turns: (i32, i32),
}

impl Stretch {
    fn of(path: &[(f64, f64)], k: usize) -> Stretch {
        let level = (path[k].1 - path[k + 1].1).abs() < 0.05;
        let pick = |n: usize| if level { path[n] } else { (path[n].1, path[n].0) };
        let (a, b) = (pick(k), pick(k + 1));
        let turn = |n: Option<usize>| match n {
            Some(n) if n < path.len() => {
                let by = pick(n).1 - a.1;
                if by > 0.05 { 1 } else if by < -0.05 { -1 } else { 0 }
            }
            _ => 0,
        };
        let (before, after) = (turn(k.checked_sub(1)), turn(Some(k + 2)));
        let turns = if a.0 <= b.0 { (before, after) } else { (after, before) };
        Stretch { level, at: a.1, lo: a.0.min(b.0), hi: a.0.max(b.0), turns }
    }
}

/// The parts of a segment that no other one covers, as ranges along it.
pub fn uncovered((a, b): Segment, others: impl Iterator<Item = Segment>) -> Vec<(f64, f64)> {
    let level = (a.1 - b.1).abs() < 0.05;
    let pick = |p: (f64, f64)| if level { p } else { (p.1, p.0) };
    let (lo, hi, at) = (pick(a).0.min(pick(b).0), pick(a).0.max(pick(b).0), pick(a).1);
    let mut covered: Vec<(f64, f64)> = Vec::new();
    for (s, t) in others.filter(|(s, t)| ((s.1 - t.1).abs() < 0.05) == level) {
        let (c, d) = (pick(s).0.min(pick(t).0).max(lo), pick(s).0.max(pick(t).0).min(hi));
        if (pick(s).1 - at).abs() < 0.7 && d - c > 0.5 {
            covered.push((c, d));
        }
    }
    covered.sort_by(|x, y| x.partial_cmp(y).unwrap());
    let (mut parts, mut at) = (Vec::new(), lo);
    for (c, d) in covered {
        if c > at + 1.0 {
            parts.push((at, c));
        }
        at = at.max(d);
    }
    if hi > at + 1.0 {
        parts.push((at, hi));
    }
    parts
}

/// How far two parallel segments run together, at most so far from each other.
pub fn overlap(s: Segment, t: Segment, near: f64) -> f64 {
    let level = |s: Segment| (s.0 .1 - s.1 .1).abs() < 0.05;
    if level(s) != level(t) {
        return 0.0;
    }
    let pick = |p: (f64, f64)| if level(s) { p } else { (p.1, p.0) };
    let (a, b, c, d) = (pick(s.0), pick(s.1), pick(t.0), pick(t.1));
    if (a.1 - c.1).abs() > near {
        return 0.0;
    }
    (a.0.max(b.0).min(c.0.max(d.0)) - a.0.min(b.0).max(c.0.min(d.0))).max(0.0)
}

pub fn border_crossings(frame: &Rect, a: (f64, f64), b: (f64, f64)) -> i32 {
    let inside = |p: (f64, f64)| p.0 > frame.x0 && p.0 < frame.x1 && p.1 > frame.y0 && p.1 < frame.y1;
    match (inside(a), inside(b)) {
        (true, true) => 0,
        (false, false) => if frame.hit(a, b) { 2 } else { 0 },
        _ => 1,
    }
}

/// What it costs to run near a border, though not on it.
const NEAR_BORDER: f64 = 5.0;

pub fn along_border(frame: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
    let level = (a.1 - b.1).abs() < 0.05;
    let (at, lo, hi, lines, from, to) = if level {
        (a.1, a.0.min(b.0), a.0.max(b.0), [frame.y0, frame.y1], frame.x0, frame.x1)
    } else {
        (a.0, a.1.min(b.1), a.1.max(b.1), [frame.x0, frame.x1], frame.y0, frame.y1)
    };
    let common = hi.min(to) - lo.max(from);
    let away = lines.iter().map(|l| (l - at).abs()).fold(f64::INFINITY, f64::min);
    if common <= 6.0 || away >= 13.9 {
        0.0
    } else if away < 7.5 {
        20.0
    } else {
        NEAR_BORDER
    }
}

/// Whether a segment is long enough for the edge's label.
pub fn fits_label(e: &Edge, points: &[(f64, f64)]) -> bool {
    points.windows(2).any(|w| fits(e, w[0], w[1]))
}

pub fn fits(e: &Edge, a: (f64, f64), b: (f64, f64)) -> bool {
    if (a.1 - b.1).abs() < 0.05 {
        (a.0 - b.0).abs() >= e.label_w + 10.0
    } else {
        (a.1 - b.1).abs() >= e.label_h + 10.0
    }
}

/// Whether a part of a path that another one does not cover is long enough for the label.
pub fn own_part(e: &Edge, points: &[(f64, f64)], other: &[(f64, f64)]) -> bool {
    points.windows(2).any(|w| {
        let covered: f64 = other.windows(2).map(|t| overlap((w[0], w[1]), (t[0], t[1]), 1.0)).sum();
        let length = dist(w[0], w[1]) - covered;
        let needed = if (w[0].1 - w[1].1).abs() < 0.05 { e.label_w + 10.0 } else { e.label_h + 10.0 };
        length >= needed
    })
}
