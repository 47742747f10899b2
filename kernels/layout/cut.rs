//! Space for labels: the picture is cut along a straight line, and everything beyond it moves away.
//!
//! Straight lines remain straight, aligned nodes remain aligned, and no route changes its shape.

use crate::geometry::manhattan;
use crate::model::*;
use crate::placement::*;

/// A straight cut. Vertical cuts move what is to the right of `coord` by `width` points, horizontal ones what is below.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub horizontal: bool,
    pub coord: f64,
    pub width: f64,
}

/// Returns the cuts that may make space for the label of an edge: next to each of its segments, on both sides.
pub fn candidate_cuts(input: &Input, route: &Route, i: usize) -> Vec<Cut> {
    let e = &input.edges[i];
    let mut cuts = Vec::new();
    for w in route.points.windows(2) {
        let horizontal = (w[0].1 - w[1].1).abs() < 0.05;
        let length = if horizontal { e.label_w } else { e.label_h } + 14.0;
        let width = if horizontal { e.label_h } else { e.label_w } + 12.0;
        let coord = if horizontal { w[0].1 } else { w[0].0 };
        cuts.push(Cut { horizontal, coord: coord + 0.5, width });
        cuts.push(Cut { horizontal, coord: coord - 0.5, width });
        let middle = if horizontal { (w[0].0 + w[1].0) / 2.0 } else { (w[0].1 + w[1].1) / 2.0 };
        cuts.push(Cut { horizontal: !horizontal, coord: middle, width: length });
        if manhattan(w[0], w[1]) < length {
            // The segment is too short for the label and becomes longer.
            cuts.push(Cut { horizontal: !horizontal, coord: middle, width: length - manhattan(w[0], w[1]) + 4.0 });
        }
    }
    cuts
}

/// Whether a group contains both ends of an edge.
pub fn contains_ends(input: &Input, g: usize, edge: usize) -> bool {
    input.contains(g, input.edges[edge].source) && input.contains(g, input.edges[edge].target)
}

/// Returns the picture after a cut, or None if a line would have to bend or would lose the frame where it ends. Groups for which `widens` holds become wider
/// wherever they are cut; others move as a whole if all their members do.
pub fn apply(input: &Input, placement: &Placement, routes: &[Route], cut: Cut, widens: impl Fn(usize) -> bool) -> Option<(Placement, Vec<Route>)> {
    let coord_of = |p: (f64, f64)| if cut.horizontal { p.1 } else { p.0 };
    let node_moves: Vec<bool> = placement.nodes.iter().map(|&p| coord_of(p) > cut.coord).collect();
    let mut cut_placement = placement.clone();
    for (p, &moving) in cut_placement.nodes.iter_mut().zip(&node_moves) {
        if moving {
            *p = shift(*p, cut);
        }
    }
    let mut border_shifts = Vec::new();
    for (g, frame) in cut_placement.groups.iter_mut().enumerate() {
        let (mut any_moves, mut all_move) = (false, true);
        for n in (0..node_moves.len()).filter(|&n| input.contains(g, End::Node(n))) {
            any_moves |= node_moves[n];
            all_move &= node_moves[n];
        }
        for other in (0..placement.groups.len()).filter(|&other| other == g || input.contains(g, End::Group(other))) {
            if !(0..node_moves.len()).any(|n| input.contains(other, End::Node(n))) {
                // A group without nodes moves if its middle is beyond the cut.
                let moving = coord_of((placement.groups[other].cx(), placement.groups[other].cy())) > cut.coord;
                any_moves |= moving;
                all_move &= moving;
            }
        }
        let (from, to) = if cut.horizontal { (frame.y0, frame.y1) } else { (frame.x0, frame.x1) };
        let is_widened = from < cut.coord && cut.coord < to && widens(g);
        let (start_shift, end_shift) = (
            if any_moves && all_move && !is_widened { cut.width } else { 0.0 },
            if any_moves || is_widened { cut.width } else { 0.0 },
        );
        if cut.horizontal {
            frame.y0 += start_shift;
            frame.y1 += end_shift;
        } else {
            frame.x0 += start_shift;
            frame.x1 += end_shift;
        }
        border_shifts.push((start_shift, end_shift));
    }
    let mut cut_routes = Vec::new();
    for (i, route) in routes.iter().enumerate() {
        let cut_route = apply_to_route(input, i, route, cut, &node_moves, &border_shifts)?;
        let e = &input.edges[i];
        let is_attached = |end: End, point: Option<&(f64, f64)>| match (end, point) {
            (End::Group(g), Some(&(x, y))) => cut_placement.groups[g].inflate(0.5).contains(&Rect::new(x, y, x, y)),
            _ => true,
        };
        if !is_attached(e.source, cut_route.points.first()) || !is_attached(e.target, cut_route.points.last()) {
            return None;
        }
        cut_routes.push(cut_route);
    }
    Some((cut_placement, cut_routes))
}

/// Returns a point beyond the cut after it.
fn shift(p: (f64, f64), cut: Cut) -> (f64, f64) {
    if cut.horizontal { (p.0, p.1 + cut.width) } else { (p.0 + cut.width, p.1) }
}

/// Returns a route with each segment parallel to the cut moved as a whole, or None if it would have to bend.
fn apply_to_route(input: &Input, i: usize, route: &Route, cut: Cut, node_moves: &[bool], border_shifts: &[(f64, f64)]) -> Option<Route> {
    let n = route.points.len();
    if n < 2 {
        return Some(route.clone());
    }
    let e = &input.edges[i];
    let coord_of = |p: (f64, f64)| if cut.horizontal { p.1 } else { p.0 };
    let end_shift = |end: End, side: usize, p: (f64, f64)| match end {
        End::Node(k) => if node_moves[k] { cut.width } else { 0.0 },
        End::Group(g) => match (side, cut.horizontal) {
            (RIGHT, false) | (BOTTOM, true) => border_shifts[g].1,
            (LEFT, false) | (TOP, true) => border_shifts[g].0,
            _ => if coord_of(p) > cut.coord { cut.width } else { 0.0 },
        },
    };
    let end_shifts = (end_shift(e.source, route.sides.0, route.points[0]), end_shift(e.target, route.sides.1, route.points[n - 1]));
    // Segments parallel to the cut have one coordinate for both of their points.
    let is_along_cut = |k: usize| {
        let (a, b) = (route.points[k], route.points[k + 1]);
        if cut.horizontal { (a.1 - b.1).abs() < 0.05 } else { (a.0 - b.0).abs() < 0.05 }
    };
    let mut shifts: Vec<Option<f64>> = vec![None; n];
    for k in (0..n - 1).filter(|&k| is_along_cut(k)) {
        let first = if k == 0 { Some(end_shifts.0) } else { None };
        let last = if k + 2 == n { Some(end_shifts.1) } else { None };
        let shift = match (first, last) {
            (Some(a), Some(b)) if a != b => return None,
            (Some(a), _) => a,
            (None, Some(b)) => b,
            _ => if coord_of(route.points[k]) > cut.coord { cut.width } else { 0.0 },
        };
        shifts[k] = Some(shift);
        shifts[k + 1] = Some(shift);
    }
    let mut points = route.points.clone();
    for k in 0..n {
        let shift = shifts[k].unwrap_or(if k == 0 { end_shifts.0 } else if k + 1 == n { end_shifts.1 } else { 0.0 });
        if cut.horizontal {
            points[k].1 += shift;
        } else {
            points[k].0 += shift;
        }
    }
    // No segment may reverse its direction.
    for k in 0..n - 1 {
        if is_along_cut(k) {
            continue;
        }
        let (before, after) = (coord_of(route.points[k + 1]) - coord_of(route.points[k]), coord_of(points[k + 1]) - coord_of(points[k]));
        if before * after < 0.0 || (after.abs() < 8.0 && before.abs() >= 8.0) {
            return None;
        }
    }
    Some(Route { points, sides: route.sides, ..Route::default() })
}
