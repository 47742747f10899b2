//! Makes space for lines that run too close to another line or along the border of a frame: the picture is cut between
//! the two.

use crate::cost;
use crate::cut::{self, Cut};
use crate::model::*;
use crate::picture::{self, Picture};

/// From this number of nodes and edges, close lines are not worth another layout.
const LARGE: usize = 150;
/// Points between a line and a border or another line from which the two are easy to tell apart.
const MIN_DISTANCE: f64 = 7.5;
/// Points between them after the cut.
const DISTANCE: f64 = 10.0;
/// Lines that are next to each other for fewer points than this are not confused.
const MIN_OVERLAP: f64 = 14.0;
/// At most this number of cuts is tried.
const MAX_CUTS: usize = 24;
/// How many units (see `cost::gain_unit`) a cut may cost: a little size, but no flaw.
const MAX_COST: f64 = 0.5;

/// A line along one axis: its coordinate and its range.
#[derive(Clone, Copy)]
struct Line {
    horizontal: bool,
    coord: f64,
    lo: f64,
    hi: f64,
}

/// Two lines that are too close.
struct ClosePair {
    coords: (f64, f64),
    segment: Line,
    /// The group whose border is too close, if it is a border.
    group: Option<usize>,
}

/// Returns the picture with space between lines that are too close, as far as that costs little.
pub fn make(input: &Input, best: Picture) -> Picture {
    let mut best = best;
    if input.element_count() >= LARGE {
        return best;
    }
    let mut skipped = 0;
    for _ in 0..MAX_CUTS {
        let pairs = close_pairs(input, &best);
        let pair = match pairs.get(skipped) {
            Some(pair) => pair,
            None => break,
        };
        match with_space(input, &best, pair) {
            Some(picture) => best = picture,
            None => skipped += 1,
        }
    }
    best
}

/// Returns the picture cut between two lines; None if that is impossible or costs too much.
fn with_space(input: &Input, best: &Picture, pair: &ClosePair) -> Option<Picture> {
    let (a, b) = pair.coords;
    let cut = Cut { horizontal: pair.segment.horizontal, coord: (a + b) / 2.0, width: DISTANCE - (a - b).abs() };
    let frames = &best.placement.groups;
    let widens = |g: usize| surrounds(&frames[g], &pair.segment) || pair.group == Some(g);
    let (placement, routes) = cut::apply(input, &best.placement, &best.routes, cut, widens)?;
    let candidate = picture::labeled(input, placement, routes);
    let limit = best.cost + cost::gain_unit(input) * MAX_COST;
    if candidate.keeps_qualities_of(input, best) && candidate.cost < limit { Some(candidate) } else { None }
}

/// Whether a line is inside a frame.
fn surrounds(frame: &Rect, line: &Line) -> bool {
    let (across, along) = if line.horizontal { ((frame.y0, frame.y1), (frame.x0, frame.x1)) } else { ((frame.x0, frame.x1), (frame.y0, frame.y1)) };
    across.0 < line.coord && line.coord < across.1 && along.0 < line.hi && line.lo < along.1
}

/// Returns the pairs that are too close, the closest first.
fn close_pairs(input: &Input, picture: &Picture) -> Vec<ClosePair> {
    let mut lines: Vec<(usize, Line)> = Vec::new();
    for (i, route) in picture.routes.iter().enumerate() {
        lines.extend(route.points.windows(2).map(|w| (i, line_of(w[0], w[1]))));
    }
    let mut pairs = Vec::new();
    for &(i, segment) in &lines {
        for (g, frame) in picture.placement.groups.iter().enumerate() {
            for border in borders(frame, segment.horizontal) {
                if is_close(&segment, &border) && !is_end(input, i, g) {
                    pairs.push(ClosePair { coords: (segment.coord, border.coord), segment, group: Some(g) });
                }
            }
        }
        for &(j, other) in &lines {
            if i < j && segment.horizontal == other.horizontal && is_close(&segment, &other) {
                pairs.push(ClosePair { coords: (segment.coord, other.coord), segment, group: None });
            }
        }
    }
    let distance = |pair: &ClosePair| (pair.coords.0 - pair.coords.1).abs();
    pairs.sort_by(|a, b| distance(a).partial_cmp(&distance(b)).unwrap());
    pairs
}

/// Whether an edge ends at a group.
fn is_end(input: &Input, i: usize, g: usize) -> bool {
    input.edges[i].source == End::Group(g) || input.edges[i].target == End::Group(g)
}

/// Whether two parallel lines are next to each other but too close to be told apart easily. Those on one line are a bundle.
fn is_close(a: &Line, b: &Line) -> bool {
    let distance = (a.coord - b.coord).abs();
    (0.6..MIN_DISTANCE).contains(&distance) && a.hi.min(b.hi) - a.lo.max(b.lo) > MIN_OVERLAP
}

fn line_of(a: (f64, f64), b: (f64, f64)) -> Line {
    if (a.1 - b.1).abs() < 0.05 {
        Line { horizontal: true, coord: a.1, lo: a.0.min(b.0), hi: a.0.max(b.0) }
    } else {
        Line { horizontal: false, coord: a.0, lo: a.1.min(b.1), hi: a.1.max(b.1) }
    }
}

/// Returns the two horizontal or vertical borders of a frame.
fn borders(frame: &Rect, horizontal: bool) -> [Line; 2] {
    if horizontal {
        [frame.y0, frame.y1].map(|coord| Line { horizontal, coord, lo: frame.x0, hi: frame.x1 })
    } else {
        [frame.x0, frame.x1].map(|coord| Line { horizontal, coord, lo: frame.y0, hi: frame.y1 })
    }
}
