//! Titles that move aside for edges, and edges from a node or group to itself.

use crate::geometry::*;
use crate::model::*;
use crate::placement::*;
use crate::scene::*;

/// Returns how far each group's title moves along its border so that no edge crosses it; None if there is no such
/// position.
pub fn shifts(scene: &Scene, routes: &[Route]) -> Vec<Option<f64>> {
    scene
        .titles
        .iter()
        .enumerate()
        .map(|(g, title)| {
            let frame = &scene.placement.groups[g];
            let band = Rect::new(frame.x0, title.y0, frame.x1, title.y1);
            let mut blocked: Vec<(f64, f64)> = Vec::new();
            for r in routes {
                for w in r.points.windows(2) {
                    if band.crossed_by(w[0], w[1]) {
                        blocked.push((w[0].0.min(w[1].0) - 5.0, w[0].0.max(w[1].0) + 5.0));
                    }
                }
            }
            let width = title.w();
            let is_free = |x: f64| !blocked.iter().any(|b| b.0 < x + width && b.1 > x);
            let default_x = title.x0;
            let mut positions = vec![default_x];
            positions.extend(blocked.iter().map(|b| b.1 + 0.5));
            positions.extend(blocked.iter().map(|b| b.0 - width - 0.5));
            positions.retain(|&x| x >= frame.x0 - 0.01 && x + width <= frame.x1 + 0.01 && is_free(x));
            positions.sort_by(|a, b| (a - default_x).abs().partial_cmp(&(b - default_x).abs()).unwrap());
            positions.first().map(|x| x - default_x)
        })
        .collect()
}

/// Routes edges from a node or a group to itself: out at one side and back in. Loops at one side are nested.
pub fn loops(scene: &Scene, routes: &mut [Route]) {
    for i in 0..routes.len() {
        let e = &scene.input.edges[i];
        if e.source != e.target || e.invisible {
            continue;
        }
        let terminal = scene.ends[i].0.clone();
        let mut best: Option<(f64, Route)> = None;
        for nesting in 0..6 {
            for side in [RIGHT, BOTTOM, LEFT, TOP] {
                for fraction in [0.5, 0.25, 0.75] {
                    let route = match loop_route(&terminal, side, nesting, fraction) {
                        Some(route) => route,
                        None => continue,
                    };
                    let preferred = if scene.placement.direction.is_horizontal() { TOP } else { RIGHT };
                    // Nested loops leave no space for their labels.
                    let cost = loop_cost(scene, routes, i, &route.points)
                        + if nesting == 0 {
                            0.0
                        } else if e.labeled() {
                            90.0 + 4.0 * f64::from(nesting)
                        } else {
                            15.0 + 4.0 * f64::from(nesting)
                        }
                        + if fraction == 0.5 { 0.0 } else { 0.5 }
                        + if side == preferred { 0.0 } else { 1.0 };
                    if best.as_ref().map_or(true, |b| cost < b.0) {
                        best = Some((cost, route));
                    }
                }
            }
        }
        routes[i] = best.unwrap().1;
    }
}

/// Returns a loop at a side around `nesting` others, for groups at a fraction of the border; None if the side is too
/// short.
fn loop_route(terminal: &Terminal, side: usize, nesting: u32, fraction: f64) -> Option<Route> {
    let port = terminal.ports[side];
    let (dx, dy) = OUTWARD[side];
    let min_half = 12.2 + 6.0 * f64::from(nesting);
    let mut inside = false;
    let (x, y, half_width) = if terminal.group.is_some() {
        let side_length = if side % 2 == 0 { terminal.bounds.h() } else { terminal.bounds.w() };
        if min_half > side_length * fraction.min(1.0 - fraction) - 4.0 && nesting > 0 {
            return None;
        }
        let half_width = min_half.min(side_length * 0.2);
        if side % 2 == 0 {
            (port.x, terminal.bounds.y0 + side_length * fraction, half_width)
        } else {
            (terminal.bounds.x0 + side_length * fraction, port.y, half_width)
        }
    } else {
        if fraction != 0.5 {
            return None;
        }
        // If a side is too short for a loop around another, the loop is inside of the other.
        let first = 12.2f64.min(port.range.0.max(5.0));
        inside = nesting > 0 && min_half > port.range.0 + 0.01;
        let half_width = if inside { first * (1.0 - 0.2 * f64::from(nesting)) } else if nesting == 0 { first } else { min_half };
        if half_width < 1.5 {
            return None;
        }
        (port.x, port.y, half_width)
    };
    let label_extent = match side {
        RIGHT => (terminal.bounds.x1 - port.x).max(0.0),
        LEFT => (port.x - terminal.bounds.x0).max(0.0),
        _ => 0.0,
    };
    let depth = if inside { 20.0 - 2.5 * f64::from(nesting) } else { 20.0 + 12.0 * f64::from(nesting) } + label_extent;
    let (ax, ay) = (dy.abs() * half_width, dx.abs() * half_width);
    let points = vec![
        (x - ax, y - ay),
        (x - ax + dx * depth, y - ay + dy * depth),
        (x + ax + dx * depth, y + ay + dy * depth),
        (x + ax, y + ay),
    ];
    Some(Route { points, sides: (side, side), ..Route::default() })
}

/// Returns the cost of what a loop meets.
fn loop_cost(scene: &Scene, routes: &[Route], i: usize, points: &[(f64, f64)]) -> f64 {
    let e = &scene.input.edges[i];
    let bounds = bounding_box(points);
    let mut cost = 0.0;
    for (n, r) in scene.node_bounds.iter().enumerate() {
        if e.source != End::Node(n) && r.overlaps(&bounds.inflate(3.0)) {
            cost += 40.0;
        }
    }
    for (g, frame) in scene.placement.groups.iter().enumerate() {
        if e.source != End::Group(g) && frame.overlaps(&bounds.inflate(2.0)) && !frame.contains(&bounds.inflate(2.0)) {
            cost += 15.0;
        }
    }
    cost += 30.0 * scene.titles.iter().filter(|t| t.overlaps(&bounds)).count() as f64;
    for (j, r) in routes.iter().enumerate() {
        if j == i {
            continue;
        }
        if r.points.windows(2).any(|w| bounds.inflate(3.0).crossed_by(w[0], w[1])) {
            cost += if e.labeled() { 30.0 } else { 20.0 };
        }
        for s in points.windows(2) {
            cost += 300.0 * r.points.windows(2).filter(|t| shared_length((s[0], s[1]), (t[0], t[1]), 1.4) > 1.0).count() as f64;
        }
    }
    cost
}
