//! Titles that move aside for edges, and edges from a thing to itself.

use crate::geometry::*;
use crate::model::*;
use crate::scene::*;

/// How far each group's title moves along its border, so that no edge runs through it; None where none is far enough.
pub fn shifts(scene: &Scene, routes: &[Route]) -> Vec<Option<f64>> {
    scene
        .titles
        .iter()
        .enumerate()
        .map(|(g, title)| {
            let frame = &scene.placed.groups[g];
            let band = Rect::new(frame.x0, title.y0, frame.x1, title.y1);
            let mut blocked: Vec<(f64, f64)> = Vec::new();
            for r in routes {
                for w in r.points.windows(2) {
                    if band.hit(w[0], w[1]) {
                        blocked.push((w[0].0.min(w[1].0) - 5.0, w[0].0.max(w[1].0) + 5.0));
                    }
                }
            }
            let wide = title.w();
            let free = |x: f64| !blocked.iter().any(|b| b.0 < x + wide && b.1 > x);
            let usual = title.x0;
            let mut spots = vec![usual];
            spots.extend(blocked.iter().map(|b| b.1 + 0.5));
            spots.extend(blocked.iter().map(|b| b.0 - wide - 0.5));
            spots.retain(|&x| x >= frame.x0 - 0.01 && x + wide <= frame.x1 + 0.01 && free(x));
            spots.sort_by(|a, b| (a - usual).abs().partial_cmp(&(b - usual).abs()).unwrap());
            spots.first().map(|x| x - usual)
        })
        .collect()
}

/// Routes edges that lead from a node or a group back to it: out at one side and in again. Loops at one side lie around
/// each other.
pub fn loops(scene: &Scene, routes: &mut [Route]) {
    for i in 0..routes.len() {
        let e = &scene.input.edges[i];
        if e.s != e.t || e.invisible {
            continue;
        }
        let terminal = scene.ends[i].0.clone();
        let mut best: Option<(f64, Route)> = None;
        for nest in 0..6 {
            for side in [RIGHT, BOTTOM, LEFT, TOP] {
                for spot in [0.5, 0.25, 0.75] {
                    let made = match looped(&terminal, side, nest, spot) {
                        Some(made) => made,
                        None => continue,
                    };
                    let usual = if scene.placed.flow.horizontal() { TOP } else { RIGHT };
                    // Loops around each other leave no space for their labels.
                    let price = loop_price(scene, routes, i, &made.points)
                        + if nest == 0 { 0.0 } else if e.labeled() { 90.0 + 4.0 * f64::from(nest) } else { 15.0 + 4.0 * f64::from(nest) }
                        + if spot == 0.5 { 0.0 } else { 0.5 }
                        + if side == usual { 0.0 } else { 1.0 };
                    if best.as_ref().map_or(true, |b| price < b.0) {
                        best = Some((price, made));
                    }
                }
            }
        }
        routes[i] = best.unwrap().1;
    }
}

/// A loop at a side, around `nest` others; for groups somewhere along the border. None where the side is too short.
fn looped(t: &Terminal, side: usize, nest: u32, spot: f64) -> Option<Route> {
    let p = t.ports[side];
    let (dx, dy) = OUTWARD[side];
    let least = 12.2 + 6.0 * f64::from(nest);
    let mut inner = false;
    let (x, y, half) = if t.group.is_some() {
        let long = if side % 2 == 0 { t.area.h() } else { t.area.w() };
        if least > long * spot.min(1.0 - spot) - 4.0 && nest > 0 {
            return None;
        }
        let half = least.min(long * 0.2);
        if side % 2 == 0 { (p.x, t.area.y0 + long * spot, half) } else { (t.area.x0 + long * spot, p.y, half) }
    } else {
        if spot != 0.5 {
            return None;
        }
        // Where a side is too short for a loop around another, it lies within.
        let first = 12.2f64.min(p.reach.0.max(5.0));
        inner = nest > 0 && least > p.reach.0 + 0.01;
        let half = if inner { first * (1.0 - 0.2 * f64::from(nest)) } else if nest == 0 { first } else { least };
        if half < 1.5 {
            return None;
        }
        (p.x, p.y, half)
    };
    let beyond = match side {
        RIGHT => (t.area.x1 - p.x).max(0.0),
        LEFT => (p.x - t.area.x0).max(0.0),
        _ => 0.0,
    };
    let away = if inner { 20.0 - 2.5 * f64::from(nest) } else { 20.0 + 12.0 * f64::from(nest) } + beyond;
    let (ax, ay) = (dy.abs() * half, dx.abs() * half);
    let points = vec![
        (x - ax, y - ay),
        (x - ax + dx * away, y - ay + dy * away),
        (x + ax + dx * away, y + ay + dy * away),
        (x + ax, y + ay),
    ];
    Some(Route { points, sides: (side, side), label: None })
}

fn loop_price(scene: &Scene, routes: &[Route], i: usize, points: &[(f64, f64)]) -> f64 {
    let e = &scene.input.edges[i];
    let area = bounds(points);
    let mut price = 0.0;
    for (n, r) in scene.areas.iter().enumerate() {
        if e.s != End::Node(n) && r.overlaps(&area.grown(3.0)) {
            price += 40.0;
        }
    }
    for (g, frame) in scene.placed.groups.iter().enumerate() {
        if e.s != End::Group(g) && frame.overlaps(&area.grown(2.0)) && !frame.holds(&area.grown(2.0)) {
            price += 15.0;
        }
    }
    price += 30.0 * scene.titles.iter().filter(|t| t.overlaps(&area)).count() as f64;
    for (j, r) in routes.iter().enumerate() {
        if j == i {
            continue;
        }
        if r.points.windows(2).any(|w| area.grown(3.0).hit(w[0], w[1])) {
            price += if e.labeled() { 30.0 } else { 20.0 };
        }
        for s in points.windows(2) {
            price += 300.0 * r.points.windows(2).filter(|t| overlap((s[0], s[1]), (t[0], t[1]), 1.4) > 1.0).count() as f64;
        }
    }
    price
}
