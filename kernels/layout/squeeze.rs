//! Bands right across the picture in which nothing stands, and which lines only cross, become as narrow as they may be.
//!
//! Space that was kept for edges which took another path, or for labels that found another place, goes so.

use crate::model::*;

/// Half of what is kept free around things: between two nodes, and between the frames of two groups.
const NODE: f64 = 20.0;
const FRAME: f64 = 10.0;
const LINE: f64 = 6.0;
const LABEL: f64 = 6.0;
/// Less than this is not worth a change.
const LEAST: f64 = 6.0;

/// Where things are along one axis: from, to.
type Span = (f64, f64);

/// The picture without empty bands; whether there were any.
pub fn squeezed(input: &Input, placed: &mut Placed, routes: &mut [Route]) -> bool {
    let mut any = false;
    for level in [true, false] {
        let bands = empty(occupied(input, placed, routes, level));
        if bands.is_empty() {
            continue;
        }
        any = true;
        let moved = |v: f64| v - bands.iter().map(|&(from, to)| (v - from).max(0.0).min(to - from)).sum::<f64>();
        let point = |p: &mut (f64, f64)| if level { p.1 = moved(p.1) } else { p.0 = moved(p.0) };
        placed.nodes.iter_mut().for_each(point);
        for r in &mut placed.groups {
            *r = if level { Rect::new(r.x0, moved(r.y0), r.x1, moved(r.y1)) } else { Rect::new(moved(r.x0), r.y0, moved(r.x1), r.y1) };
        }
        for r in routes.iter_mut() {
            r.points.iter_mut().for_each(point);
            r.label.iter_mut().for_each(point);
        }
    }
    any
}

/// What nothing may be squeezed into, across an axis: from top to bottom (`level`), or from left to right.
fn occupied(input: &Input, placed: &Placed, routes: &[Route], level: bool) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    let mut add = |r: &Rect, around: f64| {
        let (from, to) = if level { (r.y0, r.y1) } else { (r.x0, r.x1) };
        found.push((from - around, to + around));
    };
    for (n, &(x, y)) in input.nodes.iter().zip(&placed.nodes) {
        add(&n.area(x, y), NODE);
    }
    for (i, (g, r)) in input.groups.iter().zip(&placed.groups).enumerate() {
        // Twins stay alike, and empty frames as they are.
        if g.twin != 0 || input.content(i as i32).is_empty() {
            add(r, FRAME);
            continue;
        }
        add(&Rect::new(r.x0, r.y0, r.x0 + g.title_w, r.y0 + g.title_h), FRAME);
        add(&Rect::new(r.x1, r.y1, r.x1, r.y1), FRAME);
    }
    for (r, e) in routes.iter().zip(&input.edges) {
        for w in r.points.windows(2) {
            if ((w[0].1 - w[1].1).abs() < 0.05) == level {
                add(&Rect::new(w[0].0, w[0].1, w[0].0, w[0].1), LINE);
            }
        }
        if let Some((x, y)) = r.label {
            add(&Rect::new(x, y, x + e.label_w, y + e.label_h), LABEL);
        }
    }
    found
}

/// The bands between spans.
fn empty(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut bands = Vec::new();
    let mut end = f64::INFINITY;
    for (from, to) in spans {
        if from > end + LEAST {
            bands.push((end, from));
        }
        end = if end.is_finite() { end.max(to) } else { to };
    }
    bands
}
