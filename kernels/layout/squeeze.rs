//! Narrows bands across the whole picture that nothing is in, and that lines only cross.
//!
//! This removes space for edges that were routed differently, or for labels that are elsewhere.

use crate::model::*;
use crate::placement::*;
use crate::twins::twins_of;

/// Half of the space in points between two nodes.
const NODE_CLEARANCE: f64 = 20.0;
/// Half of the space in points between the frames of two groups, also used around titles.
const FRAME_CLEARANCE: f64 = 10.0;
/// Points around a segment.
const LINE_CLEARANCE: f64 = 6.0;
/// Points around a label.
const LABEL_CLEARANCE: f64 = 6.0;
/// Points by which frames that are next to each other may differ.
const LEVEL_TOLERANCE: f64 = 0.1;
/// Bands narrower than this remain.
const MIN_GAIN: f64 = 6.0;

/// Where something starts and ends along one axis.
type Span = (f64, f64);

/// Narrows the empty bands of a picture; returns whether there were any.
pub fn remove_empty_bands(input: &Input, placement: &mut Placement, routes: &mut [Route]) -> bool {
    let mut changed = false;
    for horizontal in [true, false] {
        let bands = empty_bands(occupied(input, placement, routes, horizontal));
        if bands.is_empty() {
            continue;
        }
        changed = true;
        let moved = |v: f64| v - bands.iter().map(|&(from, to)| (v - from).max(0.0).min(to - from)).sum::<f64>();
        let point = |p: &mut (f64, f64)| if horizontal { p.1 = moved(p.1) } else { p.0 = moved(p.0) };
        placement.nodes.iter_mut().for_each(point);
        for r in &mut placement.groups {
            *r = if horizontal { Rect::new(r.x0, moved(r.y0), r.x1, moved(r.y1)) } else { Rect::new(moved(r.x0), r.y0, moved(r.x1), r.y1) };
        }
        for r in routes.iter_mut() {
            r.points.iter_mut().for_each(point);
            r.label.iter_mut().for_each(point);
        }
    }
    changed
}

/// Returns what must not be narrowed: from top to bottom (`horizontal`), or from left to right.
fn occupied(input: &Input, placement: &Placement, routes: &[Route], horizontal: bool) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut add = |bounds: &Rect, clearance: f64| {
        let (from, to) = if horizontal { (bounds.y0, bounds.y1) } else { (bounds.x0, bounds.x1) };
        spans.push((from - clearance, to + clearance));
    };
    for (n, &(x, y)) in input.nodes.iter().zip(&placement.nodes) {
        add(&n.bounds(x, y), NODE_CLEARANCE);
    }
    for (i, (g, bounds)) in input.groups.iter().zip(&placement.groups).enumerate() {
        // Twins remain alike: they are narrowed only if they are next to each other. Empty frames keep their size.
        let span = |r: &Rect| if horizontal { (r.y0, r.y1) } else { (r.x0, r.x1) };
        let is_level = |&other: &usize| {
            let (a, b) = (span(bounds), span(&placement.groups[other]));
            (a.0 - b.0).abs() < LEVEL_TOLERANCE && (a.1 - b.1).abs() < LEVEL_TOLERANCE
        };
        if !twins_of(input, i).iter().all(is_level) || input.children_of(i as i32).is_empty() {
            add(bounds, FRAME_CLEARANCE);
            continue;
        }
        add(&Rect::new(bounds.x0, bounds.y0, bounds.x0 + g.title_w, bounds.y0 + g.title_h), FRAME_CLEARANCE);
        add(&Rect::new(bounds.x1, bounds.y1, bounds.x1, bounds.y1), FRAME_CLEARANCE);
    }
    for (bounds, e) in routes.iter().zip(&input.edges) {
        for w in bounds.points.windows(2) {
            if ((w[0].1 - w[1].1).abs() < 0.05) == horizontal {
                add(&Rect::new(w[0].0, w[0].1, w[0].0, w[0].1), LINE_CLEARANCE);
            }
        }
        if let Some((x, y)) = bounds.label {
            add(&Rect::new(x, y, x + e.label_w, y + e.label_h), LABEL_CLEARANCE);
        }
    }
    spans
}

/// Returns the bands between spans.
fn empty_bands(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut bands = Vec::new();
    let mut end = f64::INFINITY;
    for (from, to) in spans {
        if from > end + MIN_GAIN {
            bands.push((end, from));
        }
        end = if end.is_finite() { end.max(to) } else { to };
    }
    bands
}
