//! Routes: for each edge a few shapes (straight, L, Z, U) are weighed, with what the others take; where none is free,
//! a search on a grid finds a path.

use crate::geometry::*;
use crate::model::*;
use crate::prices::*;
use crate::scene::*;
use crate::search;

const POOR: f64 = 60.0; // From here on a search may find something better than simple shapes.
const MARGIN: f64 = 60.0; // A candidate that is so much dearer than another is never taken.

const NEXT: f64 = 90.0; // Up to here two ends stand in neighboring ranks.
const FAR: f64 = 120.0; // From here on something may stand between two ends.
const LANES: usize = 12;

#[derive(Clone, Debug)]
pub struct Candidate {
    pub points: Vec<(f64, f64)>,
    pub sides: (usize, usize),
    pub price: f64,
}

pub struct Router<'a> {
    pub scene: &'a Scene<'a>,
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
    options: Vec<Vec<Candidate>>,
    pub chosen: Vec<Option<Candidate>>,
    pub boxes: Vec<Rect>,
}

/// Routes all edges between different ends with simple shapes; the others stay empty.
pub fn routed(scene: &Scene, passes: usize) -> Vec<Option<Candidate>> {
    let mut router = Router::new(scene);
    let order = router.order();
    for &i in &order {
        router.options[i] = router.candidates(i);
        router.choose(i);
    }
    for _ in 0..passes {
        let mut changed = false;
        for &i in &order {
            changed |= router.choose(i);
        }
        if !changed {
            break;
        }
    }
    router.chosen
}

const SEARCHES: usize = 16;
/// Of pictures with so many nodes half as many edges are searched for.
const MANY: usize = 50;

/// Searches paths for the edges that no simple shape serves, beside all that is chosen.
pub fn searched(scene: &Scene, chosen: &[Option<Candidate>]) -> Vec<Option<Candidate>> {
    let mut router = Router::new(scene);
    router.boxes = chosen.iter().map(|c| c.as_ref().map_or(Rect::EMPTY, |c| bounds(&c.points))).collect();
    router.chosen = chosen.to_vec();
    let grid = search::Grid::new(scene);
    let mut poor: Vec<(f64, usize)> = Vec::new();
    for (i, c) in chosen.iter().enumerate() {
        if let Some(c) = c {
            let price = c.price + router.beside(i, c, f64::INFINITY);
            if price >= POOR {
                poor.push((-price, i));
            }
        }
    }
    poor.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let searches = if scene.areas.len() < MANY { SEARCHES } else { SEARCHES / 2 };
    for &(price, i) in poor.iter().take(searches) {
        // Through a node no edge may run, whatever finding its path takes.
        let most = if -price >= HIT { 60_000 } else if -price >= THROUGH { 8_000 } else { 2_500 };
        let own = router.chosen[i].take().unwrap();
        let mut best = (own.price + router.beside(i, &own, f64::INFINITY), own);
        if let Some(other) = search::find(&router, &grid, i, best.0, most) {
            let price = other.price + router.beside(i, &other, f64::INFINITY);
            if price < best.0 {
                best = (price, other);
            }
        }
        router.boxes[i] = bounds(&best.1.points);
        router.chosen[i] = Some(best.1);
    }
    router.chosen
}

/// How far from a frame the lines beside it are.
const OUTSIDE: f64 = 14.0;

impl<'a> Router<'a> {
    fn new(scene: &'a Scene<'a>) -> Router<'a> {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for a in &scene.areas {
            xs.extend([a.x0 - 12.0, a.x1 + 12.0]);
            ys.extend([a.y0 - 12.0, a.y1 + 12.0]);
        }
        for g in &scene.placed.groups {
            xs.extend([g.x0 - OUTSIDE, g.x0 + 11.0, g.x1 - 11.0, g.x1 + OUTSIDE]);
            ys.extend([g.y0 - OUTSIDE, g.y1 - 11.0, g.y1 + OUTSIDE]);
        }
        for lines in [&mut xs, &mut ys] {
            lines.sort_by(|a, b| a.partial_cmp(b).unwrap());
            lines.dedup_by(|a, b| (*a - *b).abs() < 2.0);
        }
        let n = scene.input.edges.len();
        Router { scene, xs, ys, options: vec![Vec::new(); n], chosen: vec![None; n], boxes: vec![Rect::EMPTY; n] }
    }

    /// Short edges first: they have fewest choices.
    fn order(&self) -> Vec<usize> {
        let input = self.scene.input;
        let mut order: Vec<(f64, usize)> = Vec::new();
        for (i, e) in input.edges.iter().enumerate() {
            if e.s == e.t || e.invisible {
                continue;
            }
            let (a, b) = (self.middle(e.s), self.middle(e.t));
            order.push(((a.0 - b.0).abs() + (a.1 - b.1).abs(), i));
        }
        order.sort_by(|a, b| a.partial_cmp(b).unwrap());
        order.into_iter().map(|o| o.1).collect()
    }

    fn middle(&self, end: End) -> (f64, f64) {
        match end {
            End::Node(n) => self.scene.placed.nodes[n],
            End::Group(g) => (self.scene.placed.groups[g].cx(), self.scene.placed.groups[g].cy()),
        }
    }

    /// Takes the cheapest candidate beside what the other edges take; whether that is another one than before.
    fn choose(&mut self, i: usize) -> bool {
        let near = self.mates(i);
        let mut best: Option<(f64, Candidate)> = None;
        let extra = self.like_mates(i, &near);
        for c in self.options[i].iter().chain(&extra) {
            if best.as_ref().map_or(false, |b| c.price - 8.0 >= b.0) {
                continue;
            }
            let limit = best.as_ref().map_or(f64::INFINITY, |b| b.0) - c.price;
            let price = c.price + self.beside(i, c, limit);
            if best.as_ref().map_or(true, |b| price < b.0 - 1e-6) {
                best = Some((price, c.clone()));
            }
        }
        let found = match best {
            Some(b) => b.1,
            None => return false,
        };
        let before = self.chosen[i].take();
        let same = before.map_or(false, |b| b.points == found.points);
        self.boxes[i] = bounds(&found.points);
        self.chosen[i] = Some(found);
        !same
    }

    /// Whether two edges join the same two ends.
    pub fn parallel(&self, i: usize, j: usize) -> bool {
        let (a, b) = (&self.scene.input.edges[i], &self.scene.input.edges[j]);
        (a.s, a.t) == (b.s, b.t) || (a.s, a.t) == (b.t, b.s)
    }

    fn mates(&self, i: usize) -> Vec<usize> {
        (0..self.chosen.len()).filter(|&j| j != i && self.chosen[j].is_some() && self.scene.alike(i, j)).collect()
    }

    /// Z shapes that bend where an edge bends with which this one may share a line.
    fn like_mates(&self, i: usize, mates: &[usize]) -> Vec<Candidate> {
        let mut found = Vec::new();
        for &j in mates {
            let path = &self.chosen[j].as_ref().unwrap().points;
            if path.len() != 4 {
                continue;
            }
            let vertical = (path[1].0 - path[2].0).abs() < 0.01;
            let at = if vertical { path[1].0 } else { path[1].1 };
            let sides = self.chosen[j].as_ref().unwrap().sides;
            self.z_or_u(i, sides, at, &mut found);
        }
        for c in &mut found {
            c.price = self.price(i, c);
        }
        found
    }

    /// A path of three segments whose middle one lies at a coordinate, where that is possible.
    fn z_or_u(&self, i: usize, sides: (usize, usize), at: f64, found: &mut Vec<Candidate>) {
        let (s, t) = &self.scene.ends[i];
        let (p, q) = (s.ports[sides.0], t.ports[sides.1]);
        if sides.0 % 2 != sides.1 % 2 || !beyond(sides.0, p.turn, at) || !beyond(sides.1, q.turn, at) {
            return;
        }
        let points = if sides.0 % 2 == 0 {
            vec![(p.x, p.y), (at, p.y), (at, q.y), (q.x, q.y)]
        } else {
            vec![(p.x, p.y), (p.x, at), (q.x, at), (q.x, q.y)]
        };
        found.push(Candidate { points, sides, price: 0.0 });
    }

    /// The shapes an edge may have, cheapest first, others not considered.
    fn candidates(&self, i: usize) -> Vec<Candidate> {
        let e = &self.scene.input.edges[i];
        let mut found = Vec::new();
        let (s, t) = &self.scene.ends[i];
        let holds = |a: &Terminal, other: End| a.group.map_or(false, |g| self.scene.input.inside(g, other));
        if holds(s, e.t) || holds(t, e.s) {
            return self.to_own_border(i, s, t, holds(s, e.t));
        }
        for ss in 0..4 {
            for ts in 0..4 {
                self.shapes(i, s, t, ss, ts, &mut found);
            }
        }
        let mut kept = self.weighed(i, found);
        if kept.first().map_or(false, |c| c.price >= POOR) {
            let limit = kept[0].price + MARGIN;
            kept.extend(self.weighed(i, self.lanes(s, t)).into_iter().filter(|c| c.price < limit));
            kept.sort_by(|a, b| a.price.partial_cmp(&b.price).unwrap());
        }
        kept
    }

    /// Paths that leave their line for a free one, and come back to that of their target: past what stands between.
    fn lanes(&self, s: &Terminal, t: &Terminal) -> Vec<Candidate> {
        let mut found = Vec::new();
        for side in 0..4 {
            let other = (side + 2) % 4;
            let (p, q) = (s.ports[side], t.ports[other]);
            let far = if side < 2 { q.turn - p.turn } else { p.turn - q.turn };
            if far < FAR {
                continue;
            }
            let level = side % 2 == 0;
            let (a, b, lines) = if level { (p.y, q.y, &self.ys) } else { (p.x, q.x, &self.xs) };
            let (lo, hi) = (a.min(b) - far * 0.5, a.max(b) + far * 0.5);
            let mut near: Vec<f64> = lines.iter().copied().filter(|&v| v > lo && v < hi).collect();
            let away = |v: f64| (v - a).abs() + (v - b).abs();
            near.sort_by(|&v, &w| away(v).partial_cmp(&away(w)).unwrap());
            for lane in near.into_iter().take(LANES) {
                let points = if level {
                    vec![(p.x, p.y), (p.turn, p.y), (p.turn, lane), (q.turn, lane), (q.turn, q.y), (q.x, q.y)]
                } else {
                    vec![(p.x, p.y), (p.x, p.turn), (lane, p.turn), (lane, q.turn), (q.x, q.turn), (q.x, q.y)]
                };
                found.push(Candidate { points: search::corners(&points), sides: (side, other), price: 0.0 });
            }
        }
        found
    }

    /// The candidates with their prices, cheapest first; those that are much dearer by length and bends alone are not
    /// looked at further.
    fn weighed(&self, i: usize, mut found: Vec<Candidate>) -> Vec<Candidate> {
        for c in &mut found {
            c.price += self.shape_price(i, c);
        }
        found.sort_by(|a, b| a.price.partial_cmp(&b.price).unwrap());
        let mut best = f64::INFINITY;
        let mut kept = Vec::new();
        for mut c in found {
            if c.price > best + MARGIN {
                break;
            }
            c.price += self.surroundings(i, &c, best + MARGIN - c.price);
            best = best.min(c.price);
            kept.push(c);
        }
        kept.retain(|c| c.price <= best + MARGIN);
        kept.sort_by(|a, b| a.price.partial_cmp(&b.price).unwrap());
        kept
    }

    fn shapes(&self, i: usize, s: &Terminal, t: &Terminal, ss: usize, ts: usize, found: &mut Vec<Candidate>) {
        let (p, q) = (s.ports[ss], t.ports[ts]);
        let mut add = |points: Vec<(f64, f64)>| found.push(Candidate { points, sides: (ss, ts), price: 0.0 });
        if (ss + 2) % 4 == ts {
            if let Some(points) = straight(p, q, ss) {
                add(points);
            }
            let lines = if ss % 2 == 0 { &self.xs } else { &self.ys };
            let (a, b) = (p.turn, q.turn);
            let facing = if ss < 2 { a <= b } else { a >= b };
            if !facing {
                // Too near for two stubs: the middle, if there is space at all.
                let (pa, qa) = if ss % 2 == 0 { (p.x, q.x) } else { (p.y, q.y) };
                let space = if ss < 2 { qa - pa } else { pa - qa };
                if space > 16.0 {
                    let mid = (pa + qa) / 2.0;
                    add(if ss % 2 == 0 {
                        vec![(p.x, p.y), (mid, p.y), (mid, q.y), (q.x, q.y)]
                    } else {
                        vec![(p.x, p.y), (p.x, mid), (q.x, mid), (q.x, q.y)]
                    });
                }
                return;
            }
            let (lo, hi) = (a.min(b), a.max(b));
            let center = (lo + hi) / 2.0;
            let mut mids = vec![center, a, b];
            mids.extend(between(lines, lo, hi, 6));
            let labeled = self.scene.input.edges[i].labeled();
            for mid in mids {
                let first = found.len();
                self.z_or_u(i, (ss, ts), mid, found);
                for c in &mut found[first..] {
                    // A label has most space in the middle; else a fork is seen best before what comes next.
                    c.price = if labeled {
                        4.0 * (mid - center).abs() / (hi - lo + 1.0)
                    } else if hi - lo < NEXT {
                        2.0 * ((mid - a).abs() - 6.0).abs() / (hi - lo + 1.0)
                    } else {
                        0.0
                    };
                }
            }
        } else if ss == ts {
            let (far, lines) = if ss % 2 == 0 { (p.turn, &self.xs) } else { (p.turn, &self.ys) };
            let out = if ss < 2 { far.max(q.turn) } else { far.min(q.turn) };
            let mut mids = vec![out];
            if ss < 2 {
                mids.extend(lines.iter().copied().filter(|&x| x > out).take(5));
            } else {
                mids.extend(lines.iter().rev().copied().filter(|&x| x < out).take(5));
            }
            for mid in mids {
                self.z_or_u(i, (ss, ts), mid, found);
            }
        } else {
            let corner = if ss % 2 == 0 { (q.x, p.y) } else { (p.x, q.y) };
            let (along_s, along_t) = if ss % 2 == 0 { (corner.0, corner.1) } else { (corner.1, corner.0) };
            if beyond(ss, p.turn, along_s) && beyond(ts, q.turn, along_t) {
                add(vec![(p.x, p.y), corner, (q.x, q.y)]);
            }
        }
    }

    /// From a group's border straight inwards to one of its members.
    fn to_own_border(&self, i: usize, s: &Terminal, t: &Terminal, from_group: bool) -> Vec<Candidate> {
        let (group, node) = if from_group { (s, t) } else { (t, s) };
        let border = |side: usize, (x, y): (f64, f64)| match side {
            RIGHT => (group.area.x1, y),
            BOTTOM => (x, group.area.y1),
            LEFT => (group.area.x0, y),
            _ => (x, group.area.y0),
        };
        let mut found = Vec::new();
        let mut add = |mut points: Vec<(f64, f64)>, (own, outer): (usize, usize)| {
            if from_group {
                points.reverse();
            }
            let sides = if from_group { (outer, own) } else { (own, outer) };
            found.push(Candidate { points, sides, price: 0.0 });
        };
        for side in 0..4 {
            let p = node.ports[side];
            let start = (p.x, p.y);
            add(vec![start, border(side, start)], (side, side));
            // Around what stands between: along a free lane to a border beside it.
            let level = side % 2 == 0;
            let (lines, from, to) = if level { (&self.xs, p.turn, border(side, start).0) } else { (&self.ys, p.turn, border(side, start).1) };
            let mut lanes: Vec<f64> = lines.iter().copied().filter(|&v| v >= from.min(to) && v <= from.max(to)).collect();
            lanes.sort_by(|&v, &w| (v - from).abs().partial_cmp(&(w - from).abs()).unwrap());
            for lane in lanes.into_iter().take(LANES) {
                let corner = if level { (lane, p.y) } else { (p.x, lane) };
                for outer in [(side + 1) % 4, (side + 3) % 4] {
                    add(vec![start, corner, border(outer, corner)], (side, outer));
                }
            }
        }
        self.weighed(i, found)
    }
}

/// A straight line between two facing ports, as near to both middles as may be.
fn straight(p: Port, q: Port, side: usize) -> Option<Vec<(f64, f64)>> {
    let level = side % 2 == 0;
    let (a, b, pa, qa) = if level { (p.y, q.y, p.x, q.x) } else { (p.x, q.x, p.y, q.y) };
    let far = if side < 2 { qa - pa } else { pa - qa };
    let (lo, hi) = ((a - p.reach.0).max(b - q.reach.0), (a + p.reach.1).min(b + q.reach.1));
    if far < 10.0 || lo > hi + 0.01 {
        return None;
    }
    let at = if (lo..=hi).contains(&b) && (!(lo..=hi).contains(&a) || q.reach.1 <= p.reach.1) { b } else { a.max(lo).min(hi) };
    Some(if level { vec![(pa, at), (qa, at)] } else { vec![(at, pa), (at, qa)] })
}

/// Whether a coordinate lies beyond a turn, seen from a side.
fn beyond(side: usize, turn: f64, at: f64) -> bool {
    if side < 2 {
        at >= turn - 0.01
    } else {
        at <= turn + 0.01
    }
}

fn between(lines: &[f64], lo: f64, hi: f64, most: usize) -> Vec<f64> {
    let all: Vec<f64> = lines.iter().copied().filter(|&x| x > lo && x < hi).collect();
    let step = (all.len() / most).max(1);
    all.into_iter().step_by(step).collect()
}

