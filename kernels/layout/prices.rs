//! What a path costs: by itself, for what it meets, and beside the other paths.

use crate::geometry::*;
use crate::model::*;
use crate::route::{Candidate, Router};
use crate::scene::*;

/// The prices of what disturbs a reader, in units of about a bend each ten.
pub const BEND: f64 = 10.0;
pub const CROSSING: f64 = 34.0;
pub const THROUGH: f64 = 200.0;
pub const HIT: f64 = 1000.0;
const LENGTH: f64 = 0.02;
const EXTRA: f64 = 0.05; // A point more than the distance of both ends.
const DETOUR: f64 = 120.0;
const KINK: f64 = 150.0;
pub const SHORT: f64 = 24.0;
const ASIDE: f64 = 16.0; // A frame is entered across the flow.
const BORDER: f64 = 14.0; // So far from a border nothing runs along it.

impl Router<'_> {
    /// What a path costs by itself.
    pub fn price(&self, i: usize, c: &Candidate) -> f64 {
        self.shape_price(i, c) + self.surroundings(i, c, f64::INFINITY)
    }

    /// What its length, bends and ends cost.
    pub fn shape_price(&self, i: usize, c: &Candidate) -> f64 {
        let e = &self.scene.input.edges[i];
        let n = c.points.len();
        let mut price = BEND * (n - 2) as f64;
        let length: f64 = c.points.windows(2).map(|w| dist(w[0], w[1])).sum();
        let direct = dist(c.points[0], c.points[n - 1]);
        price += LENGTH * length + EXTRA * (length - direct) + if length > direct + 44.0 { DETOUR } else { 0.0 };
        price += KINK * c.points.windows(4).filter(|w| dist(w[1], w[2]) < SHORT).count() as f64;
        price += self.side_price(e, c);
        if e.labeled() && !fits_label(e, &c.points) {
            price += 22.0;
        }
        price
    }

    /// What it meets costs, as far as that is less than a limit.
    pub fn surroundings(&self, i: usize, c: &Candidate, limit: f64) -> f64 {
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
