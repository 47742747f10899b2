//! Finds a path for an edge that no simple shape suits, on a grid of useful lines, by A*.

use crate::geometry::*;
use crate::model::*;
use crate::route_cost::*;
use crate::router::{RouteCandidate, Router};
use crate::scene::*;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// The cost of crossing the border of a foreign group; a path through the group crosses two.
const FOREIGN_BORDER_COST: f32 = 0.45 * THROUGH as f32;
/// The cost of a point of the path's length.
const COST_PER_POINT: f64 = 0.04;

#[derive(PartialEq)]
struct OpenState {
    cost: f32,
    state: u32,
}

impl Eq for OpenState {}
impl Ord for OpenState {
    fn cmp(&self, o: &OpenState) -> Ordering {
        o.cost.partial_cmp(&self.cost).unwrap().then(o.state.cmp(&self.state))
    }
}
impl PartialOrd for OpenState {
    fn partial_cmp(&self, o: &OpenState) -> Option<Ordering> {
        Some(self.cmp(o))
    }
}

/// Returns the cheapest path of an edge given the chosen routes of the others, or None if it costs `limit` or more or
/// is not found within `max_states` states.
pub fn find_path(router: &Router, grid: &Grid, i: usize, limit: f64, max_states: usize) -> Option<RouteCandidate> {
    let scene = router.scene;
    let (s, t) = &scene.ends[i];
    let (w, h) = (grid.xs.len(), grid.ys.len());
    let occupancy = Occupancy::new(router, grid, i);
    let step_costs = StepCosts::new(router, grid, i, &occupancy);
    let port_vertex = |terminal: &Terminal, side: usize| {
        let port = terminal.ports[side];
        if side % 2 == 0 { grid.nearest_vertex(port.turn, port.y, side) } else { grid.nearest_vertex(port.x, port.turn, side) }
    };
    let mut costs = vec![f32::INFINITY; w * h * 4];
    let mut predecessors = vec![u32::MAX; w * h * 4];
    let mut heap = BinaryHeap::new();
    let limit = limit as f32;
    let flow_side = scene.placement.direction.side();
    let goals: Vec<(usize, usize)> = (0..4).map(|side| (port_vertex(t, side), side)).collect();
    let target = ((t.bounds.x0, t.bounds.x1), (t.bounds.y0, t.bounds.y1));
    let distances = |lines: &[f64], (lo, hi): (f64, f64)| -> Vec<f32> {
        lines.iter().map(|v| (1.4 * COST_PER_POINT * (lo - v).max(v - hi).max(0.0)) as f32).collect()
    };
    let (dx, dy) = (distances(&grid.xs, target.0), distances(&grid.ys, target.1));
    let remaining_cost = |ix: usize, iy: usize| dx[ix] + dy[iy] + if dx[ix] > 0.0 && dy[iy] > 0.0 { BEND as f32 } else { 0.0 };
    for side in 0..4 {
        let vertex = port_vertex(s, side);
        let state = vertex * 4 + side;
        costs[state] = if side == flow_side { 0.0 } else { 3.0 };
        heap.push(OpenState { cost: costs[state] + remaining_cost(vertex % w, vertex / w), state: state as u32 });
    }
    let (mut best, mut expanded) = (None, 0);
    while let Some(OpenState { cost: popped_cost, state }) = heap.pop() {
        let state = state as usize;
        let (vertex, heading) = (state / 4, state % 4);
        let (ix, iy) = (vertex % w, vertex / w);
        if popped_cost > costs[state] + remaining_cost(ix, iy) + 0.001 {
            continue;
        }
        expanded += 1;
        if expanded > max_states {
            break;
        }
        if let Some(&(_, side)) = goals.iter().find(|g| g.0 == vertex && (g.1 + 2) % 4 == heading) {
            best = Some((state, side));
            break;
        }
        for turn in [0usize, 1, 3] {
            let next_heading = (heading + turn) % 4;
            let (next_vertex, next_cell) = match next_heading {
                RIGHT if ix + 1 < w => (vertex + 1, (ix + 1, iy)),
                BOTTOM if iy + 1 < h => (vertex + w, (ix, iy + 1)),
                LEFT if ix > 0 => (vertex - 1, (ix - 1, iy)),
                TOP if iy > 0 => (vertex - w, (ix, iy - 1)),
                _ => continue,
            };
            let step_cost = step_costs.cost(vertex, next_vertex, next_heading);
            let cost = costs[state] + step_cost + if turn == 0 { 0.0 } else { BEND as f32 };
            let next = next_vertex * 4 + next_heading;
            let remaining = remaining_cost(next_cell.0, next_cell.1);
            if cost < costs[next] - 1e-4 && cost + remaining < limit {
                costs[next] = cost;
                predecessors[next] = state as u32;
                heap.push(OpenState { cost: cost + remaining, state: next as u32 });
            }
        }
    }
    let (last, target_side) = best?;
    let mut states = vec![last];
    while predecessors[*states.last().unwrap()] != u32::MAX {
        states.push(predecessors[*states.last().unwrap()] as usize);
    }
    states.reverse();
    let start_side = states[0] % 4;
    let points: Vec<(f64, f64)> = states.iter().map(|&st| (grid.xs[st / 4 % w], grid.ys[st / 4 / w])).collect();
    let points = attach_to_ports(s.ports[start_side], start_side, &simplify(&points), t.ports[target_side], target_side)?;
    let mut candidate = RouteCandidate { points, sides: (start_side, target_side), cost: 0.0 };
    candidate.cost = router.own_cost(i, &candidate);
    Some(candidate)
}

/// Moves the first and the last segment of a path on the grid onto the ports.
fn attach_to_ports(p: Port, ps: usize, path: &[(f64, f64)], q: Port, qs: usize) -> Option<Vec<(f64, f64)>> {
    let mut points = path.to_vec();
    if points.len() < 2 {
        points = vec![path[0], path[0]];
    }
    let n = points.len();
    let is_horizontal = |k: usize, points: &[(f64, f64)]| (points[k].0 - points[k + 1].0).abs() >= (points[k].1 - points[k + 1].1).abs();
    if n == 2 && points[0] != points[1] {
        // A single segment: if the ports are not aligned, the path bends in the middle.
        let horizontal = is_horizontal(0, &points);
        if horizontal == (ps % 2 == 0) && horizontal == (qs % 2 == 0) {
            let (a, b) = ((points[0].0 + points[1].0) / 2.0, (points[0].1 + points[1].1) / 2.0);
            let offset = if horizontal { (p.y - q.y).abs() } else { (p.x - q.x).abs() };
            return Some(if offset < 0.5 {
                vec![(p.x, p.y), (q.x, q.y)]
            } else if horizontal {
                vec![(p.x, p.y), (a, p.y), (a, q.y), (q.x, q.y)]
            } else {
                vec![(p.x, p.y), (p.x, b), (q.x, b), (q.x, q.y)]
            });
        }
    }
    let first_level = ps % 2 == 0;
    let last_level = qs % 2 == 0;
    let mut attached = vec![(p.x, p.y)];
    let start = if is_horizontal(0, &points) == first_level && n > 2 { 1 } else { 0 };
    let stop = if is_horizontal(n - 2, &points) == last_level && n > 2 { n - 1 } else { n };
    let mut middle: Vec<(f64, f64)> = points[start..stop].to_vec();
    if middle.is_empty() {
        return None;
    }
    if first_level { middle[0].1 = p.y } else { middle[0].0 = p.x }
    let k = middle.len() - 1;
    if last_level { middle[k].1 = q.y } else { middle[k].0 = q.x }
    attached.extend(middle);
    attached.push((q.x, q.y));
    let attached = simplify(&attached);
    let is_orthogonal = attached.windows(2).all(|w| (w[0].0 - w[1].0).abs() < 0.01 || (w[0].1 - w[1].1).abs() < 0.01);
    if is_orthogonal { Some(attached) } else { None }
}

/// Removes repeated and collinear points of a path.
pub fn simplify(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut simplified: Vec<(f64, f64)> = Vec::new();
    for &p in points {
        if simplified.last().map_or(false, |l| manhattan(*l, p) < 0.01) {
            continue;
        }
        while simplified.len() > 1 {
            let (a, b) = (simplified[simplified.len() - 2], simplified[simplified.len() - 1]);
            let collinear = ((a.0 - b.0).abs() < 0.01 && (b.0 - p.0).abs() < 0.01)
                || ((a.1 - b.1).abs() < 0.01 && (b.1 - p.1).abs() < 0.01);
            if !collinear {
                break;
            }
            simplified.pop();
        }
        simplified.push(p);
    }
    simplified
}

/// The lines on which paths are searched, and the costs of steps along them that are the same for every edge.
pub struct Grid {
    pub xs: Vec<f64>,
    pub ys: Vec<f64>,
    /// For each vertex the costs of the step to the right and of the step down; infinite if a node is in the way.
    horizontal: Vec<f32>,
    vertical: Vec<f32>,
    /// For each vertex the groups around it, one bit each.
    inside: Vec<u64>,
}

impl Grid {
    /// Collects the lines next to nodes and borders, and the costs of steps.
    pub fn new(scene: &Scene) -> Grid {
        let (mut xs, mut ys) = (Vec::new(), Vec::new());
        for a in &scene.node_bounds {
            xs.extend([a.x0 - 12.0, a.x1 + 12.0, a.cx()]);
            ys.extend([a.y0 - 12.0, a.y1 + 12.0]);
        }
        ys.extend(scene.placement.nodes.iter().map(|p| p.1));
        for g in &scene.placement.groups {
            xs.extend([g.x0 - 9.0, g.x0 + 11.0, g.x1 - 11.0, g.x1 + 9.0]);
            ys.extend([g.y0 - 9.0, g.y1 - 11.0, g.y1 + 9.0]);
        }
        let fine = if scene.node_bounds.len() < 40 { 3.0 } else { 14.0 };
        for lines in [&mut xs, &mut ys] {
            lines.sort_by(|a, b| a.partial_cmp(b).unwrap());
            lines.dedup_by(|a, b| (*a - *b).abs() < fine);
        }
        let (w, h) = (xs.len(), ys.len());
        let mut grid = Grid { horizontal: vec![0.0; w * h], vertical: vec![0.0; w * h], inside: vec![0; w * h], xs, ys };
        grid.add_lengths();
        for bounds in &scene.node_bounds {
            grid.add_cost(&bounds.inflate(CLEARANCE - 2.0), f32::INFINITY, f32::INFINITY);
        }
        for title in &scene.titles {
            grid.add_cost(&title.inflate(2.0), 40.0, 5.0);
        }
        for (g, frame) in scene.placement.groups.iter().enumerate() {
            let (x, y) = (grid.line_range(&grid.xs, frame.x0, frame.x1), grid.line_range(&grid.ys, frame.y0, frame.y1));
            for iy in y.0..y.1 {
                for ix in x.0..x.1 {
                    grid.inside[iy * w + ix] |= 1 << (g % 64);
                }
            }
        }
        grid
    }

    /// Sets the costs of steps to their lengths.
    fn add_lengths(&mut self) {
        let (w, h) = (self.xs.len(), self.ys.len());
        for iy in 0..h {
            for ix in 0..w {
                let vertex = iy * w + ix;
                self.horizontal[vertex] =
                    if ix + 1 < w { (COST_PER_POINT * (self.xs[ix + 1] - self.xs[ix])) as f32 } else { f32::INFINITY };
                self.vertical[vertex] =
                    if iy + 1 < h { (COST_PER_POINT * (self.ys[iy + 1] - self.ys[iy])) as f32 } else { f32::INFINITY };
            }
        }
    }

    /// Returns the lines strictly between two coordinates, as a range of indices.
    fn line_range(&self, lines: &[f64], lo: f64, hi: f64) -> (usize, usize) {
        (lines.partition_point(|&v| v <= lo), lines.partition_point(|&v| v < hi))
    }

    /// Raises the costs of the steps through a box.
    fn add_cost(&mut self, r: &Rect, horizontal: f32, vertical: f32) {
        let w = self.xs.len();
        let (x, y) = (self.line_range(&self.xs, r.x0, r.x1), self.line_range(&self.ys, r.y0, r.y1));
        for iy in y.0..y.1 {
            for ix in x.0.saturating_sub(1)..x.1 {
                self.horizontal[iy * w + ix] += horizontal;
            }
        }
        for iy in y.0.saturating_sub(1)..y.1 {
            for ix in x.0..x.1 {
                self.vertical[iy * w + ix] += vertical;
            }
        }
    }

    /// Returns the vertex from which a port is reached: on the nearest lines, but not back toward the node.
    fn nearest_vertex(&self, x: f64, y: f64, side: usize) -> usize {
        let nearest_line = |lines: &[f64], v: f64, outward: i32| {
            let k = lines.partition_point(|&l| l < v - 0.01);
            match outward {
                1 => k.min(lines.len() - 1),
                -1 => if k < lines.len() && lines[k] <= v + 0.01 { k } else { k.saturating_sub(1) },
                _ => if k == 0 { 0 } else if k >= lines.len() || v - lines[k - 1] < lines[k] - v { k - 1 } else { k },
            }
        };
        let (wx, wy) = OUTWARD[side];
        nearest_line(&self.ys, y, wy as i32) * self.xs.len() + nearest_line(&self.xs, x, wx as i32)
    }
}

/// How many edges cross each step.
struct Occupancy {
    horizontal: Vec<u8>,
    vertical: Vec<u8>,
}

impl Occupancy {
    /// Counts the routes of all other edges.
    fn new(router: &Router, grid: &Grid, edge: usize) -> Occupancy {
        let (w, h) = (grid.xs.len(), grid.ys.len());
        let mut occupancy = Occupancy { horizontal: vec![0; w * h], vertical: vec![0; w * h] };
        for (j, other) in router.chosen.iter().enumerate() {
            let o = match other {
                Some(o) if j != edge => o,
                _ => continue,
            };
            for t in o.points.windows(2) {
                if (t[0].1 - t[1].1).abs() < 0.05 {
                    let x = grid.line_range(&grid.xs, t[0].0.min(t[1].0), t[0].0.max(t[1].0));
                    let iy = grid.ys.partition_point(|&v| v <= t[0].1);
                    if iy > 0 {
                        for ix in x.0..x.1 {
                            occupancy.vertical[(iy - 1) * w + ix] = occupancy.vertical[(iy - 1) * w + ix].saturating_add(1);
                        }
                    }
                } else {
                    let y = grid.line_range(&grid.ys, t[0].1.min(t[1].1), t[0].1.max(t[1].1));
                    let ix = grid.xs.partition_point(|&v| v <= t[0].0);
                    if ix > 0 {
                        for iy in y.0..y.1 {
                            occupancy.horizontal[iy * w + ix - 1] = occupancy.horizontal[iy * w + ix - 1].saturating_add(1);
                        }
                    }
                }
            }
        }
        occupancy
    }
}

/// The costs of steps for one edge.
struct StepCosts<'a> {
    grid: &'a Grid,
    occupancy: &'a Occupancy,
    foreign: u64,
    enclosing: u64,
    end_groups: u64,
}

impl<'a> StepCosts<'a> {
    /// Collects the groups that matter for an edge.
    fn new(router: &Router, grid: &'a Grid, i: usize, occupancy: &'a Occupancy) -> StepCosts<'a> {
        let scene = router.scene;
        let (e, enclosing_groups) = (&scene.input.edges[i], &scene.enclosing[i]);
        let bit = |g: usize| 1u64 << (g % 64);
        let mut enclosing = 0;
        for &g in enclosing_groups.both.iter().chain(&enclosing_groups.source).chain(&enclosing_groups.target) {
            enclosing |= bit(g);
        }
        let mut own = 0;
        for end in [e.source, e.target] {
            if let End::Group(g) = end {
                if !enclosing_groups.both.contains(&g) {
                    own |= bit(g);
                    enclosing &= !bit(g);
                }
            }
        }
        StepCosts { grid, occupancy, foreign: !(enclosing | own), enclosing, end_groups: own }
    }

    /// Returns the cost of the step between two vertices.
    fn cost(&self, a: usize, b: usize, heading: usize) -> f32 {
        let grid = self.grid;
        let low = a.min(b);
        let (base, crossed) = if heading % 2 == 0 {
            (grid.horizontal[low], self.occupancy.horizontal[low])
        } else {
            (grid.vertical[low], self.occupancy.vertical[low])
        };
        let mut cost = base + f32::from(crossed) * CROSSING as f32;
        let (ia, ib) = (grid.inside[a], grid.inside[b]);
        if ia | ib != 0 {
            if ib & self.end_groups != 0 {
                return f32::INFINITY;
            }
            cost += FOREIGN_BORDER_COST * ((ia ^ ib) & self.foreign).count_ones() as f32
                + 6.0 * ((ia ^ ib) & self.enclosing).count_ones() as f32;
            if ib & self.foreign != 0 {
                cost += base * 8.0;
            }
        }
        cost
    }
}
