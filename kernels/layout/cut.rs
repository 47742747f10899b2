//! Space for labels: the picture is cut open along a straight line, and all beyond it moves away.
//!
//! Lines that were straight stay straight, what was in line stays in line, and no route changes its shape.

use crate::geometry::dist;
use crate::model::*;

/// A straight cut: upright ones (`level` is false) move what is to the right of `at`, level ones what is below.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub level: bool,
    pub at: f64,
    pub by: f64,
}

/// The cuts that may give the label of an edge a place: beside each of its segments, on both sides.
pub fn cuts(input: &Input, route: &Route, i: usize) -> Vec<Cut> {
    let e = &input.edges[i];
    let mut found = Vec::new();
    for w in route.points.windows(2) {
        let level = (w[0].1 - w[1].1).abs() < 0.05;
        let long = if level { e.label_w } else { e.label_h } + 14.0;
        let by = if level { e.label_h } else { e.label_w } + 12.0;
        let at = if level { w[0].1 } else { w[0].0 };
        found.push(Cut { level, at: at + 0.5, by });
        found.push(Cut { level, at: at - 0.5, by });
        let middle = if level { (w[0].0 + w[1].0) / 2.0 } else { (w[0].1 + w[1].1) / 2.0 };
        found.push(Cut { level: !level, at: middle, by: long });
        if dist(w[0], w[1]) < long {
            // Too short for the label: longer.
            found.push(Cut { level: !level, at: middle, by: long - dist(w[0], w[1]) + 4.0 });
        }
    }
    found
}

/// The picture cut open for the label of an edge; None where a line would have to bend. A group that holds both ends
/// of the edge becomes wider wherever it is cut.
pub fn opened(input: &Input, placed: &Placed, routes: &[Route], cut: Cut, edge: usize) -> Option<(Placed, Vec<Route>)> {
    let pick = |p: (f64, f64)| if cut.level { p.1 } else { p.0 };
    let moves: Vec<bool> = placed.nodes.iter().map(|&p| pick(p) > cut.at).collect();
    let mut out = placed.clone();
    for (p, &moving) in out.nodes.iter_mut().zip(&moves) {
        if moving {
            *p = shifted(*p, cut);
        }
    }
    let mut borders = Vec::new();
    for (g, r) in out.groups.iter_mut().enumerate() {
        let (mut any, mut all) = (false, true);
        for n in (0..moves.len()).filter(|&n| input.inside(g, End::Node(n))) {
            any |= moves[n];
            all &= moves[n];
        }
        for o in (0..placed.groups.len()).filter(|&o| o == g || input.inside(g, End::Group(o))) {
            if !(0..moves.len()).any(|n| input.inside(o, End::Node(n))) {
                // An empty frame goes by its middle.
                let moving = pick((placed.groups[o].cx(), placed.groups[o].cy())) > cut.at;
                any |= moving;
                all &= moving;
            }
        }
        let (from, to) = if cut.level { (r.y0, r.y1) } else { (r.x0, r.x1) };
        let around = from < cut.at && cut.at < to && [input.edges[edge].s, input.edges[edge].t].iter().all(|&end| input.inside(g, end));
        let (low, high) = (if any && all && !around { cut.by } else { 0.0 }, if any || around { cut.by } else { 0.0 });
        if cut.level {
            r.y0 += low;
            r.y1 += high;
        } else {
            r.x0 += low;
            r.x1 += high;
        }
        borders.push((low, high));
    }
    let mut made = Vec::new();
    for (i, route) in routes.iter().enumerate() {
        made.push(opened_route(input, i, route, cut, &moves, &borders)?);
    }
    Some((out, made))
}

fn shifted(p: (f64, f64), cut: Cut) -> (f64, f64) {
    if cut.level { (p.0, p.1 + cut.by) } else { (p.0 + cut.by, p.1) }
}

/// A route with each of its segments across the cut's direction moved as a whole.
fn opened_route(input: &Input, i: usize, route: &Route, cut: Cut, moves: &[bool], borders: &[(f64, f64)]) -> Option<Route> {
    let n = route.points.len();
    if n < 2 {
        return Some(route.clone());
    }
    let e = &input.edges[i];
    let pick = |p: (f64, f64)| if cut.level { p.1 } else { p.0 };
    let end = |end: End, side: usize, p: (f64, f64)| match end {
        End::Node(k) => if moves[k] { cut.by } else { 0.0 },
        End::Group(g) => match (side, cut.level) {
            (RIGHT, false) | (BOTTOM, true) => borders[g].1,
            (LEFT, false) | (TOP, true) => borders[g].0,
            _ => if pick(p) > cut.at { cut.by } else { 0.0 },
        },
    };
    let ends = (end(e.s, route.sides.0, route.points[0]), end(e.t, route.sides.1, route.points[n - 1]));
    // Segments along the cut keep one coordinate for both of their points.
    let along = |k: usize| {
        let (a, b) = (route.points[k], route.points[k + 1]);
        if cut.level { (a.1 - b.1).abs() < 0.05 } else { (a.0 - b.0).abs() < 0.05 }
    };
    let mut by: Vec<Option<f64>> = vec![None; n];
    for k in (0..n - 1).filter(|&k| along(k)) {
        let first = if k == 0 { Some(ends.0) } else { None };
        let last = if k + 2 == n { Some(ends.1) } else { None };
        let shift = match (first, last) {
            (Some(a), Some(b)) if a != b => return None,
            (Some(a), _) => a,
            (None, Some(b)) => b,
            _ => if pick(route.points[k]) > cut.at { cut.by } else { 0.0 },
        };
        by[k] = Some(shift);
        by[k + 1] = Some(shift);
    }
    let mut points = route.points.clone();
    for k in 0..n {
        let shift = by[k].unwrap_or(if k == 0 { ends.0 } else if k + 1 == n { ends.1 } else { 0.0 });
        if cut.level {
            points[k].1 += shift;
        } else {
            points[k].0 += shift;
        }
    }
    // Nothing may turn back on itself.
    for k in 0..n - 1 {
        if along(k) {
            continue;
        }
        let (before, after) = (pick(route.points[k + 1]) - pick(route.points[k]), pick(points[k + 1]) - pick(points[k]));
        if before * after < 0.0 || (after.abs() < 8.0 && before.abs() >= 8.0) {
            return None;
        }
    }
    Some(Route { points, sides: route.sides, label: None })
}
