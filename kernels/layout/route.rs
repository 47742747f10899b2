//! Routes: for each edge a few shapes (straight, L, Z, U) are weighed, with what the others take; where none is free,
//! a search on a grid finds a way.

use crate::geometry::*;
use crate::model::*;
use crate::scene::*;
use crate::search;

/// The prices of what disturbs a reader, in units of about a bend each ten.
pub const BEND: f64 = 10.0;
pub const CROSSING: f64 = 34.0;
pub const THROUGH: f64 = 150.0;
pub const HIT: f64 = 1000.0;
const LENGTH: f64 = 0.02;
const EXTRA: f64 = 0.05;
const POOR: f64 = 60.0; // From here on a search may find something better than simple shapes.
const SHORT: f64 = 24.0;
const ASIDE: f64 = 16.0; // A frame is entered across the flow.
const BORDER: f64 = 8.0; // So far from a border nothing runs along it.
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
    boxes: Vec<Rect>,
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

/// Searches ways for the edges that no simple shape serves, beside all that is chosen.
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
    for &(price, i) in poor.iter().take(SEARCHES) {
        // Through a node no edge may run, whatever finding its way takes.
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

impl<'a> Router<'a> {
    fn new(scene: &'a Scene<'a>) -> Router<'a> {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for a in &scene.areas {
            xs.extend([a.x0 - 12.0, a.x1 + 12.0]);
            ys.extend([a.y0 - 12.0, a.y1 + 12.0]);
        }
        for g in &scene.placed.groups {
            xs.extend([g.x0 - 9.0, g.x0 + 11.0, g.x1 - 11.0, g.x1 + 9.0]);
            ys.extend([g.y0 - 9.0, g.y1 - 11.0, g.y1 + 9.0]);
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
    fn parallel(&self, i: usize, j: usize) -> bool {
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
                // Too near for two stubs: the middle, where there is any way at all.
                let (pa, qa) = if ss % 2 == 0 { (p.x, q.x) } else { (p.y, q.y) };
                let room = if ss < 2 { qa - pa } else { pa - qa };
                if room > 16.0 {
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
        let mut found = Vec::new();
        for side in 0..4 {
            let p = node.ports[side];
            let border = match side {
                RIGHT => (group.area.x1, p.y),
                BOTTOM => (p.x, group.area.y1),
                LEFT => (group.area.x0, p.y),
                _ => (p.x, group.area.y0),
            };
            let mut points = vec![border, (p.x, p.y)];
            let mut sides = (side, side);
            if !from_group {
                points.reverse();
                sides = (side, side);
            }
            let mut c = Candidate { points, sides, price: 0.0 };
            c.price = self.price(i, &c);
            found.push(c);
        }
        found.sort_by(|a, b| a.price.partial_cmp(&b.price).unwrap());
        found
    }

    /// What a path costs by itself.
    pub fn price(&self, i: usize, c: &Candidate) -> f64 {
        self.shape_price(i, c) + self.surroundings(i, c, f64::INFINITY)
    }

    /// What its length, bends and ends cost.
    fn shape_price(&self, i: usize, c: &Candidate) -> f64 {
        let e = &self.scene.input.edges[i];
        let n = c.points.len();
        let mut price = BEND * (n - 2) as f64;
        let length: f64 = c.points.windows(2).map(|w| dist(w[0], w[1])).sum();
        let direct = dist(c.points[0], c.points[n - 1]);
        price += LENGTH * length + EXTRA * (length - direct) + if length > direct + 44.0 { 110.0 } else { 0.0 };
        price += 60.0 * c.points.windows(4).filter(|w| dist(w[1], w[2]) < SHORT).count() as f64;
        price += self.side_price(e, c);
        if e.labeled() && !fits_label(e, &c.points) {
            price += 22.0;
        }
        price
    }

    /// What lies on its way costs, as far as that is less than a limit.
    fn surroundings(&self, i: usize, c: &Candidate, limit: f64) -> f64 {
        let (scene, e) = (self.scene, &self.scene.input.edges[i]);
        let n = c.points.len();
        let near = bounds(&c.points).grown(CLEARANCE);
        let mut price = 0.0;
        for (k, area) in scene.areas.iter().enumerate() {
            if !area.overlaps(&near) {
                continue;
            }
            for (m, w) in c.points.windows(2).enumerate() {
                price += node_price(e, k, area, w[0], w[1], m == 0, m + 2 == n);
            }
            if price > limit {
                return price;
            }
        }
        for (g, title) in scene.titles.iter().enumerate() {
            if title.grown(2.0).overlaps(&near) {
                price += c.points.windows(2).map(|w| self.title_price(g, title, w[0], w[1])).sum::<f64>();
            }
        }
        price + self.frames(i, &c.points)
    }

    fn title_price(&self, g: usize, title: &Rect, a: (f64, f64), b: (f64, f64)) -> f64 {
        if !title.grown(2.0).hit(a, b) {
            return 0.0;
        }
        // A title can move aside, but not from under a line along it.
        let frame = &self.scene.placed.groups[g];
        if (a.1 - b.1).abs() < 0.01 {
            90.0
        } else if frame.w() > self.scene.input.groups[g].title_w * 1.4 + 20.0 {
            3.0
        } else {
            14.0
        }
    }

    /// Foreign frames that are run through, own frames that are left and entered again, borders run along.
    fn frames(&self, i: usize, points: &[(f64, f64)]) -> f64 {
        let (scene, around) = (self.scene, &self.scene.around[i]);
        let e = &scene.input.edges[i];
        let mut price = 0.0;
        let (near, level_flow) = (bounds(points).grown(BORDER), scene.placed.flow.horizontal());
        for (g, frame) in scene.placed.groups.iter().enumerate() {
            if !frame.overlaps(&near) || (frame.holds(&near) && around.both.contains(&g)) {
                continue;
            }
            let (mut crossed, mut inside) = (0, false);
            let mut aside = false;
            for w in points.windows(2) {
                inside |= frame.grown(-1.0).hit(w[0], w[1]);
                let here = border_crossings(frame, w[0], w[1]);
                crossed += here;
                aside |= here > 0 && ((w[0].1 - w[1].1).abs() < 0.05) != level_flow;
                price += along_border(frame, w[0], w[1]);
            }
            if aside && around.target.contains(&g) && e.t != End::Group(g) {
                price += ASIDE;
            }
            let own = e.s == End::Group(g) || e.t == End::Group(g);
            let holds_one = around.source.contains(&g) || around.target.contains(&g);
            if crossed == 0 && !inside {
                continue;
            }
            if around.both.contains(&g) {
                price += if own { 0.0 } else { 14.0 * f64::from(crossed) };
            } else if own {
                if inside {
                    price += HIT;
                }
            } else if holds_one {
                price += 14.0 * f64::from((crossed - 1).max(0));
            } else if inside {
                price += THROUGH;
            }
        }
        price
    }

    /// Edges leave at the side the flow leaves, and arrive where it arrives, if nothing speaks against it.
    fn side_price(&self, e: &Edge, c: &Candidate) -> f64 {
        let flow = self.scene.placed.flow.side();
        let (a, b) = (c.points[0], *c.points.last().unwrap());
        let ahead = (b.0 - a.0) * OUTWARD[flow].0 + (b.1 - a.1) * OUTWARD[flow].1;
        let (out, into) = if ahead >= 0.0 { (flow, (flow + 2) % 4) } else { ((flow + 2) % 4, flow) };
        let mut price = 0.0;
        for (side, usual) in [(c.sides.0, out), (c.sides.1, into)] {
            price += if side == usual { 0.0 } else if (side + 2) % 4 == usual { 4.0 } else { 2.5 };
        }
        for (asked, side) in [(e.sides.0, c.sides.0), (e.sides.1, c.sides.1)] {
            if asked != 0 && usize::from(asked - 1) != side {
                price += 60.0;
            }
        }
        price
    }

    /// What a path costs beside those of the other edges, as far as that is not much more than a limit.
    pub fn beside(&self, i: usize, c: &Candidate, limit: f64) -> f64 {
        let area = bounds(&c.points).grown(8.0);
        let mut price = 0.0;
        let mut side_by_side = 0;
        for (j, other) in self.chosen.iter().enumerate() {
            let other = match other {
                Some(o) if j != i => o,
                _ => continue,
            };
            if !area.overlaps(&self.boxes[j].grown(0.5)) {
                continue;
            }
            if price > limit + 12.0 {
                return price;
            }
            if self.parallel(i, j) && other.sides.0 % 2 == c.sides.0 % 2 && c.points.len() == 2 && other.points.len() == 2 {
                // Between three lines side by side there is no space for a label.
                side_by_side += 1;
                if side_by_side > 1 {
                    price += if self.scene.input.edges[i].labeled() || self.scene.input.edges[j].labeled() { 32.0 } else { 3.0 };
                }
            }
            let alike = self.scene.alike(i, j);
            let mut shared = 0.0;
            for (k, s) in c.points.windows(2).enumerate() {
                for (m, t) in other.points.windows(2).enumerate() {
                    if cross((s[0], s[1]), (t[0], t[1])) {
                        price += CROSSING;
                        continue;
                    }
                    let common = overlap((s[0], s[1]), (t[0], t[1]), if alike { 1.0 } else { 7.0 });
                    if common > 1.0 && alike {
                        shared += common;
                    } else if common > 1.0 {
                        price += 4.0 + if woven(&c.points, k, &other.points, m) { CROSSING } else { 0.0 };
                    }
                }
            }
            if shared > 0.0 {
                price -= (0.01 * shared).min(3.0);
                let e = &self.scene.input.edges[i];
                if e.labeled() && !own_part(e, &c.points, &other.points) {
                    price += 25.0;
                }
                let o = &self.scene.input.edges[j];
                if o.labeled() && !own_part(o, &other.points, &c.points) {
                    price += 25.0;
                }
            }
        }
        price
    }
}

/// What a segment costs that runs into a node or near by.
fn node_price(e: &Edge, n: usize, area: &Rect, a: (f64, f64), b: (f64, f64), first: bool, last: bool) -> f64 {
    if !area.grown(CLEARANCE - 1.0).hit(a, b) || (first && e.s == End::Node(n)) || (last && e.t == End::Node(n)) {
        return 0.0;
    }
    if e.s == End::Node(n) || e.t == End::Node(n) {
        return if area.grown(1.0).hit(a, b) { HIT } else { 0.0 };
    }
    if area.hit(a, b) { HIT } else { 12.0 }
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

