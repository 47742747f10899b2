//! Labels beside their own edge: on a stretch that no other edge uses, nearer to it than to any other.

use crate::geometry::*;
use crate::model::*;
use crate::scene::*;

const NEAR: f64 = 4.0; // From a label to its edge.
const HEAD: f64 = 7.0; // From a label to the arrowhead of a loop.
const CLEAR: f64 = 3.0; // From a label to other things.
const PLATE: f64 = 3.5; // What a label covers around its text.

/// Puts labels beside their edges; returns the edges whose labels found no good place.
pub fn place(scene: &Scene, routes: &mut [Route]) -> Vec<usize> {
    let mut bad = Vec::new();
    let mut taken: Vec<Rect> = Vec::new();
    let mut order: Vec<usize> = (0..routes.len()).filter(|&i| scene.input.edges[i].labeled() && routes[i].points.len() > 1).collect();
    // Those with least space first.
    let space = |i: usize| {
        let e = &scene.input.edges[i];
        let longest = routes[i].points.windows(2).map(|w| dist(w[0], w[1])).fold(0.0, f64::max);
        (longest - e.label_w.min(e.label_h), i)
    };
    order.sort_by(|&a, &b| space(a).partial_cmp(&space(b)).unwrap());
    for i in order {
        let own = &scene.input.edges[i];
        // A loop has an arrowhead where its label stands.
        let distances: &[f64] = if own.s == own.t { &[HEAD, NEAR, 13.0] } else { &[NEAR, 8.0, 13.0] };
        let (mut price, mut spot) = (f64::INFINITY, (0.0, 0.0));
        for &away in distances {
            if price >= 100.0 {
                let other = best(scene, routes, i, &taken, away);
                if other.0 < price {
                    price = other.0;
                    spot = other.1;
                }
            }
        }
        if price >= 100.0 {
            bad.push(i);
        }
        let e = &scene.input.edges[i];
        taken.push(Rect::new(spot.0, spot.1, spot.0 + e.label_w, spot.1 + e.label_h));
        routes[i].label = Some(spot);
    }
    bad
}

/// The price and the corner of the best place for a label, so far from its edge.
fn best(scene: &Scene, routes: &[Route], i: usize, taken: &[Rect], distance: f64) -> (f64, (f64, f64)) {
    let e = &scene.input.edges[i];
    let (w, h) = (e.label_w, e.label_h);
    let points = &routes[i].points;
    let total: f64 = points.windows(2).map(|p| dist(p[0], p[1])).sum();
    let middle = total / 2.0;
    let (mut found, mut price) = ((points[0].0, points[0].1), f64::INFINITY);
    let mut walked = 0.0;
    for s in points.windows(2) {
        let length = dist(s[0], s[1]);
        let level = (s[0].1 - s[1].1).abs() < 0.05;
        let near = Near::new(scene, routes, i, bounds(s), taken);
        let others = routes.iter().enumerate().filter(|(j, _)| *j != i).flat_map(|(_, r)| r.points.windows(2)).map(|t| (t[0], t[1]));
        for (from, to) in uncovered((s[0], s[1]), others) {
            for share in [0.5, 0.42, 0.58, 0.35, 0.65, 0.27, 0.73, 0.2, 0.8, 0.14, 0.86, 0.08, 0.92] {
                let at = from + (to - from) * share;
                for side in [-1.0, 1.0, 0.0] {
                    let (cx, cy) = if level { (at, s[0].1) } else { (s[0].0, at) };
                    let on = side == 0.0;
                    if on && (to - from).abs() < if level { w + 20.0 } else { h + 14.0 } {
                        continue;
                    }
                    let corner = if on {
                        (cx - w / 2.0, cy - h / 2.0)
                    } else if level {
                        (cx - w / 2.0, if side < 0.0 { cy - distance - h } else { cy + distance })
                    } else {
                        (if side > 0.0 { cx + distance + 1.0 } else { cx - distance - 1.0 - w }, cy - h / 2.0)
                    };
                    let spot = Rect::new(corner.0, corner.1, corner.0 + w, corner.1 + h);
                    let along = walked + ((cx - s[0].0).abs() + (cy - s[0].1).abs());
                    let (lo, hi) = (from.min(to), from.max(to));
                    let (a, b) = if level { (spot.x0, spot.x1) } else { (spot.y0, spot.y1) };
                    let over = (lo - a).max(0.0) + (b - hi).max(0.0);
                    let mut p = 0.01 * (along - middle).abs() + 0.02 * (at - (from + to) / 2.0).abs() + 0.4 * over + if side > 0.0 && level { 1.0 } else { 0.0 } + if side < 0.0 && !level { 1.0 } else { 0.0 };
                    if level && over < 0.1 { p -= 1.5 }
                    if on { p += 12.0 }
                    if p < price {
                        p += near.price(&spot, if over < 0.1 { 0.0 } else { 2.0 }, on);
                    }
                    if p < price {
                        price = p;
                        found = corner;
                    }
                }
            }
        }
        walked += length;
    }
    (price, found)
}

/// What is near a stretch of an edge: all that its label may meet there.
struct Near<'a> {
    areas: Vec<Rect>,
    taken: Vec<Rect>,
    titles: Vec<Rect>,
    frames: Vec<Rect>,
    others: Vec<((f64, f64), (f64, f64))>,
    own: &'a [(f64, f64)],
    /// What the label covers of its own edge around its text; within a loop there is less space.
    plate: f64,
    /// By which part of its width it may be wider in a reader's font.
    wider: f64,
}

impl<'a> Near<'a> {
    fn new(scene: &Scene, routes: &'a [Route], i: usize, stretch: Rect, taken: &[Rect]) -> Near<'a> {
        let e = &scene.input.edges[i];
        let wider = if e.s == e.t { 0.13 } else { 0.22 };
        let reach = stretch.grown((e.label_w * (1.0 + wider)).max(e.label_h) + 2.0 * NEAR + 10.0);
        let within = |all: &[Rect]| all.iter().copied().filter(|r| r.overlaps(&reach)).collect::<Vec<Rect>>();
        let mut others = Vec::new();
        for (j, r) in routes.iter().enumerate() {
            if j != i {
                others.extend(r.points.windows(2).filter(|t| reach.hit(t[0], t[1])).map(|t| (t[0], t[1])));
            }
        }
        Near {
            areas: within(&scene.areas),
            taken: within(taken),
            titles: within(&scene.titles),
            frames: within(&scene.placed.groups),
            others,
            own: &routes[i].points,
            plate: if e.s == e.t { 1.0 } else { PLATE },
            wider,
        }
    }

    /// What a place costs; `margin` is what must be left to other edges beside the usual, `on` whether it is on the line.
    fn price(&self, spot: &Rect, margin: f64, on: bool) -> f64 {
        let clear = spot.grown(CLEAR);
        let count = |all: &[Rect]| all.iter().filter(|r| r.overlaps(&clear)).count() as f64;
        let mut price = 200.0 * (count(&self.areas) + count(&self.taken)) + 150.0 * count(&self.titles);
        let tight = spot.grown(PLATE);
        price += 150.0 * self.frames.iter().filter(|f| f.overlaps(&tight) && !f.holds(&tight)).count() as f64;
        if !on {
            price += 200.0 * self.own.windows(2).filter(|t| spot.grown(self.plate).hit(t[0], t[1])).count() as f64;
        }
        // A reader's font may be wider than ours.
        let wide = Rect::new(spot.x0, spot.y0, spot.x1 + self.wider * spot.w(), spot.y1);
        let own = self.own.windows(2).map(|t| away(&wide, t[0], t[1])).fold(f64::INFINITY, f64::min);
        for &(a, b) in &self.others {
            // Its own edge is NEAR; another one must be further.
            let d = away(spot, a, b);
            if d < (NEAR + margin).max(own.min(15.0)) {
                price += if d < 1.0 { 200.0 } else { 110.0 };
            } else if away(&wide, a, b) < own - 1.0 {
                price += 110.0;
            } else if d < NEAR + 5.0 {
                price += 3.0;
            }
        }
        price
    }
}

fn away(r: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
    let dx = (r.x0 - a.0.max(b.0)).max(a.0.min(b.0) - r.x1).max(0.0);
    let dy = (r.y0 - a.1.max(b.1)).max(a.1.min(b.1) - r.y1).max(0.0);
    (dx * dx + dy * dy).sqrt()
}
