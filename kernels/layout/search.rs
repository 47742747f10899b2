//! A path on a grid of useful lines, for an edge that no simple shape serves: cheapest first (A*).

use crate::geometry::*;
use crate::model::*;
use crate::prices::*;
use crate::route::*;
use crate::scene::*;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The border of a foreign group; a path that runs through it crosses two.
const FOREIGN: f32 = 0.45 * THROUGH as f32;
const STEP: f64 = 0.04; // What a point of the path costs.

#[derive(PartialEq)]
struct Open {
    price: f32,
    state: u32,
}

impl Eq for Open {}
impl Ord for Open {
    fn cmp(&self, o: &Open) -> Ordering {
        o.price.partial_cmp(&self.price).unwrap().then(o.state.cmp(&self.state))
    }
}
impl PartialOrd for Open {
    fn partial_cmp(&self, o: &Open) -> Option<Ordering> {
        Some(self.cmp(o))
    }
}

/// The cheapest path of an edge beside those that are chosen, if any that costs less than a limit, among so many places
/// at most.
pub fn find(router: &Router, grid: &Grid, i: usize, limit: f64, most: usize) -> Option<Candidate> {
    let scene = router.scene;
    let (s, t) = &scene.ends[i];
    let (w, h) = (grid.xs.len(), grid.ys.len());
    let crowd = Crowd::new(router, grid, i);
    let steps = Steps::new(router, grid, i, &crowd);
    let place = |terminal: &Terminal, side: usize| {
        let p = terminal.ports[side];
        if side % 2 == 0 { grid.nearest(p.turn, p.y, side) } else { grid.nearest(p.x, p.turn, side) }
    };
    let mut price = vec![f32::INFINITY; w * h * 4];
    let mut from = vec![u32::MAX; w * h * 4];
    let mut heap = BinaryHeap::new();
    let limit = limit as f32;
    let flow = scene.placed.flow.side();
    let goals: Vec<(usize, usize)> = (0..4).map(|side| (place(t, side), side)).collect();
    let target = ((t.area.x0, t.area.x1), (t.area.y0, t.area.y1));
    let distances = |lines: &[f64], (lo, hi): (f64, f64)| -> Vec<f32> {
        lines.iter().map(|v| (1.4 * STEP * (lo - v).max(v - hi).max(0.0)) as f32).collect()
    };
    let (dx, dy) = (distances(&grid.xs, target.0), distances(&grid.ys, target.1));
    let rest = |ix: usize, iy: usize| dx[ix] + dy[iy] + if dx[ix] > 0.0 && dy[iy] > 0.0 { BEND as f32 } else { 0.0 };
    for side in 0..4 {
        let at = place(s, side);
        let state = at * 4 + side;
        price[state] = if side == flow { 0.0 } else { 3.0 };
        heap.push(Open { price: price[state] + rest(at % w, at / w), state: state as u32 });
    }
    let (mut best, mut looked) = (None, 0);
    while let Some(Open { price: p, state }) = heap.pop() {
        let state = state as usize;
        let (at, heading) = (state / 4, state % 4);
        let (ix, iy) = (at % w, at / w);
        if p > price[state] + rest(ix, iy) + 0.001 {
            continue;
        }
        looked += 1;
        if looked > most {
            break;
        }
        if let Some(&(_, side)) = goals.iter().find(|g| g.0 == at && (g.1 + 2) % 4 == heading) {
            best = Some((state, side));
            break;
        }
        for turn in [0usize, 1, 3] {
            let next_heading = (heading + turn) % 4;
            let (next_at, ahead) = match next_heading {
                RIGHT if ix + 1 < w => (at + 1, (ix + 1, iy)),
                BOTTOM if iy + 1 < h => (at + w, (ix, iy + 1)),
                LEFT if ix > 0 => (at - 1, (ix - 1, iy)),
                TOP if iy > 0 => (at - w, (ix, iy - 1)),
                _ => continue,
            };
            let step = steps.price(at, next_at, next_heading);
            let cost = price[state] + step + if turn == 0 { 0.0 } else { BEND as f32 };
            let next = next_at * 4 + next_heading;
            let rest = rest(ahead.0, ahead.1);
            if cost < price[next] - 1e-4 && cost + rest < limit {
                price[next] = cost;
                from[next] = state as u32;
                heap.push(Open { price: cost + rest, state: next as u32 });
            }
        }
    }
    let (last, target_side) = best?;
    let mut states = vec![last];
    while from[*states.last().unwrap()] != u32::MAX {
        states.push(from[*states.last().unwrap()] as usize);
    }
    states.reverse();
    let start_side = states[0] % 4;
    let points: Vec<(f64, f64)> = states.iter().map(|&st| (grid.xs[st / 4 % w], grid.ys[st / 4 / w])).collect();
    let points = joined(s.ports[start_side], start_side, &corners(&points), t.ports[target_side], target_side)?;
    let mut found = Candidate { points, sides: (start_side, target_side), price: 0.0 };
    found.price = router.price(i, &found);
    Some(found)
}

/// A path on the grid with its ends on the ports: the first and the last stretch are moved onto them.
fn joined(p: Port, ps: usize, found: &[(f64, f64)], q: Port, qs: usize) -> Option<Vec<(f64, f64)>> {
    let mut points = found.to_vec();
    if points.len() < 2 {
        points = vec![found[0], found[0]];
    }
    let n = points.len();
    let along = |k: usize, points: &[(f64, f64)]| (points[k].0 - points[k + 1].0).abs() >= (points[k].1 - points[k + 1].1).abs();
    if n == 2 && points[0] != points[1] {
        // One stretch: both ends must be in line, else it bends in the middle.
        let level = along(0, &points);
        if level == (ps % 2 == 0) && level == (qs % 2 == 0) {
            let (a, b) = ((points[0].0 + points[1].0) / 2.0, (points[0].1 + points[1].1) / 2.0);
            let off = if level { (p.y - q.y).abs() } else { (p.x - q.x).abs() };
            return Some(if off < 0.5 {
                vec![(p.x, p.y), (q.x, q.y)]
            } else if level {
                vec![(p.x, p.y), (a, p.y), (a, q.y), (q.x, q.y)]
            } else {
                vec![(p.x, p.y), (p.x, b), (q.x, b), (q.x, q.y)]
            });
        }
    }
    let first_level = ps % 2 == 0;
    let last_level = qs % 2 == 0;
    let mut out = vec![(p.x, p.y)];
    let start = if along(0, &points) == first_level && n > 2 { 1 } else { 0 };
    let stop = if along(n - 2, &points) == last_level && n > 2 { n - 1 } else { n };
    let mut middle: Vec<(f64, f64)> = points[start..stop].to_vec();
    if middle.is_empty() {
        return None;
    }
    if first_level { middle[0].1 = p.y } else { middle[0].0 = p.x }
    let k = middle.len() - 1;
    if last_level { middle[k].1 = q.y } else { middle[k].0 = q.x }
    out.extend(middle);
    out.push((q.x, q.y));
    let out = corners(&out);
    let right = out.windows(2).all(|w| (w[0].0 - w[1].0).abs() < 0.01 || (w[0].1 - w[1].1).abs() < 0.01);
    if right { Some(out) } else { None }
}

/// The points at which a path turns, with its ends.
pub fn corners(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::new();
    for &p in points {
        if out.last().map_or(false, |l| dist(*l, p) < 0.01) {
            continue;
        }
        while out.len() > 1 {
            let (a, b) = (out[out.len() - 2], out[out.len() - 1]);
            let on = ((a.0 - b.0).abs() < 0.01 && (b.0 - p.0).abs() < 0.01) || ((a.1 - b.1).abs() < 0.01 && (b.1 - p.1).abs() < 0.01);
            if !on {
                break;
            }
            out.pop();
        }
        out.push(p);
    }
    out
}

/// The lines on which paths are searched, and what steps along them cost for every edge.
pub struct Grid {
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
    /// For each place the step to the right and the step down: what it costs; infinite where a node is in the way.
    level: Vec<f32>,
    upright: Vec<f32>,
    /// For each place: the groups around it, a bit each.
    inside: Vec<u64>,
}

impl Grid {
    pub fn new(scene: &Scene) -> Grid {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for a in &scene.areas {
            xs.extend([a.x0 - 12.0, a.x1 + 12.0, a.cx()]);
            ys.extend([a.y0 - 12.0, a.y1 + 12.0]);
        }
        ys.extend(scene.placed.nodes.iter().map(|p| p.1));
        for g in &scene.placed.groups {
            xs.extend([g.x0 - 9.0, g.x0 + 11.0, g.x1 - 11.0, g.x1 + 9.0]);
            ys.extend([g.y0 - 9.0, g.y1 - 11.0, g.y1 + 9.0]);
        }
        let fine = if scene.areas.len() < 40 { 3.0 } else { 14.0 };
        for lines in [&mut xs, &mut ys] {
            lines.sort_by(|a, b| a.partial_cmp(b).unwrap());
            lines.dedup_by(|a, b| (*a - *b).abs() < fine);
        }
        let (w, h) = (xs.len(), ys.len());
        let mut grid = Grid { level: vec![0.0; w * h], upright: vec![0.0; w * h], inside: vec![0; w * h], xs, ys };
        grid.base();
        for area in &scene.areas {
            grid.mark(&area.grown(CLEARANCE - 2.0), f32::INFINITY, f32::INFINITY);
        }
        for title in &scene.titles {
            grid.mark(&title.grown(2.0), 40.0, 5.0);
        }
        for (g, frame) in scene.placed.groups.iter().enumerate() {
            let (x, y) = (grid.range(&grid.xs, frame.x0, frame.x1), grid.range(&grid.ys, frame.y0, frame.y1));
            for iy in y.0..y.1 {
                for ix in x.0..x.1 {
                    grid.inside[iy * w + ix] |= 1 << (g % 64);
                }
            }
        }
        grid
    }

    fn base(&mut self) {
        let (w, h) = (self.xs.len(), self.ys.len());
        for iy in 0..h {
            for ix in 0..w {
                let at = iy * w + ix;
                self.level[at] = if ix + 1 < w { (STEP * (self.xs[ix + 1] - self.xs[ix])) as f32 } else { f32::INFINITY };
                self.upright[at] = if iy + 1 < h { (STEP * (self.ys[iy + 1] - self.ys[iy])) as f32 } else { f32::INFINITY };
            }
        }
    }

    /// The lines strictly between two coordinates, as a range.
    fn range(&self, lines: &[f64], lo: f64, hi: f64) -> (usize, usize) {
        (lines.partition_point(|&v| v <= lo), lines.partition_point(|&v| v < hi))
    }

    /// Makes the steps through a box dearer.
    fn mark(&mut self, r: &Rect, level: f32, upright: f32) {
        let w = self.xs.len();
        let (x, y) = (self.range(&self.xs, r.x0, r.x1), self.range(&self.ys, r.y0, r.y1));
        for iy in y.0..y.1 {
            for ix in x.0.saturating_sub(1)..x.1 {
                self.level[iy * w + ix] += level;
            }
        }
        for iy in y.0.saturating_sub(1)..y.1 {
            for ix in x.0..x.1 {
                self.upright[iy * w + ix] += upright;
            }
        }
    }

    /// The place from which a port is reached: the nearest lines, not back towards the node.
    fn nearest(&self, x: f64, y: f64, side: usize) -> usize {
        let near = |lines: &[f64], v: f64, outward: i32| {
            let k = lines.partition_point(|&l| l < v - 0.01);
            match outward {
                1 => k.min(lines.len() - 1),
                -1 => if k < lines.len() && lines[k] <= v + 0.01 { k } else { k.saturating_sub(1) },
                _ => if k == 0 { 0 } else if k >= lines.len() || v - lines[k - 1] < lines[k] - v { k - 1 } else { k },
            }
        };
        let (wx, wy) = OUTWARD[side];
        near(&self.ys, y, wy as i32) * self.xs.len() + near(&self.xs, x, wx as i32)
    }
}

/// How many edges cross each step.
struct Crowd {
    level: Vec<u8>,
    upright: Vec<u8>,
}

impl Crowd {
    fn new(router: &Router, grid: &Grid, edge: usize) -> Crowd {
        let (w, h) = (grid.xs.len(), grid.ys.len());
        let mut crowd = Crowd { level: vec![0; w * h], upright: vec![0; w * h] };
        for (j, other) in router.chosen.iter().enumerate() {
            let o = match other {
                Some(o) if j != edge => o,
                _ => continue,
            };
            for t in o.points.windows(2) {
                if (t[0].1 - t[1].1).abs() < 0.05 {
                    let x = grid.range(&grid.xs, t[0].0.min(t[1].0), t[0].0.max(t[1].0));
                    let iy = grid.ys.partition_point(|&v| v <= t[0].1);
                    if iy > 0 {
                        for ix in x.0..x.1 {
                            crowd.upright[(iy - 1) * w + ix] = crowd.upright[(iy - 1) * w + ix].saturating_add(1);
                        }
                    }
                } else {
                    let y = grid.range(&grid.ys, t[0].1.min(t[1].1), t[0].1.max(t[1].1));
                    let ix = grid.xs.partition_point(|&v| v <= t[0].0);
                    if ix > 0 {
                        for iy in y.0..y.1 {
                            crowd.level[iy * w + ix - 1] = crowd.level[iy * w + ix - 1].saturating_add(1);
                        }
                    }
                }
            }
        }
        crowd
    }
}

/// What steps cost for one edge.
struct Steps<'a> {
    grid: &'a Grid,
    crowd: &'a Crowd,
    foreign: u64,
    held: u64,
    own: u64,
}

impl<'a> Steps<'a> {
    fn new(router: &Router, grid: &'a Grid, i: usize, crowd: &'a Crowd) -> Steps<'a> {
        let scene = router.scene;
        let (e, around) = (&scene.input.edges[i], &scene.around[i]);
        let bit = |g: usize| 1u64 << (g % 64);
        let mut held = 0;
        for &g in around.both.iter().chain(&around.source).chain(&around.target) {
            held |= bit(g);
        }
        let mut own = 0;
        for end in [e.s, e.t] {
            if let End::Group(g) = end {
                if !around.both.contains(&g) {
                    own |= bit(g);
                    held &= !bit(g);
                }
            }
        }
        Steps { grid, crowd, foreign: !(held | own), held, own }
    }

    fn price(&self, a: usize, b: usize, heading: usize) -> f32 {
        let grid = self.grid;
        let low = a.min(b);
        let (base, crossed) = if heading % 2 == 0 { (grid.level[low], self.crowd.level[low]) } else { (grid.upright[low], self.crowd.upright[low]) };
        let mut price = base + f32::from(crossed) * CROSSING as f32;
        let (ia, ib) = (grid.inside[a], grid.inside[b]);
        if ia | ib != 0 {
            if ib & self.own != 0 {
                return f32::INFINITY;
            }
            price += FOREIGN * ((ia ^ ib) & self.foreign).count_ones() as f32 + 6.0 * ((ia ^ ib) & self.held).count_ones() as f32;
            if ib & self.foreign != 0 {
                price += base * 8.0;
            }
        }
        price
    }
}
