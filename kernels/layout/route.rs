//! Routes: compares a few shapes for each edge (straight, L, Z, U) with the routes of the others; if none is free, a
//! search on a grid finds a path.

use crate::geometry::*;
use crate::grid_search;
use crate::model::*;
use crate::route_cost::*;
use crate::router::{RouteCandidate, Router};
use crate::scene::*;

/// From this cost, a search may find something better than simple shapes.
const SEARCH_THRESHOLD: f64 = 60.0;
/// A candidate that costs this much more than another is never chosen.
const COST_MARGIN: f64 = 60.0;

/// Up to this number of points, two ends are in neighboring ranks.
const ADJACENT_RANKS: f64 = 90.0;
/// From this number of points, something may be between two ends.
const MIN_LANE_LENGTH: f64 = 120.0;
/// How many free lanes are tried.
const MAX_LANES: usize = 12;

/// Routes all edges between different ends with simple shapes; the others remain None.
pub fn route_edges(scene: &Scene, passes: usize) -> Vec<Option<RouteCandidate>> {
    let mut router = Router::new(scene);
    let order = router.order();
    for &i in &order {
        router.candidates[i] = router.build_candidates(i);
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
    router.reshape_pairs();
    router.chosen
}

/// How many paths are searched at most.
const MAX_SEARCHES: usize = 16;
/// From this number of nodes, half as many paths are searched.
const MANY_NODES: usize = 50;

/// Searches paths for the edges that no simple shape suits, given all chosen routes.
pub fn reroute(scene: &Scene, chosen: &[Option<RouteCandidate>]) -> Vec<Option<RouteCandidate>> {
    let mut router = Router::new(scene);
    router.route_bounds = chosen.iter().map(|c| c.as_ref().map_or(Rect::EMPTY, |c| bounding_box(&c.points))).collect();
    router.chosen = chosen.to_vec();
    let grid = grid_search::Grid::new(scene);
    let mut flawed: Vec<(f64, usize)> = Vec::new();
    for (i, c) in chosen.iter().enumerate() {
        if let Some(c) = c {
            let cost = c.cost + router.interaction_cost(i, c, f64::INFINITY);
            if cost >= SEARCH_THRESHOLD {
                flawed.push((-cost, i));
            }
        }
    }
    flawed.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let max_searches = if scene.node_bounds.len() < MANY_NODES { MAX_SEARCHES } else { MAX_SEARCHES / 2 };
    for &(cost, i) in flawed.iter().take(max_searches) {
        // No edge may run through a node, however long the search takes.
        let max_states = if -cost >= HIT { 60_000 } else if -cost >= THROUGH { 8_000 } else { 2_500 };
        let current = router.chosen[i].take().unwrap();
        let mut best = (current.cost + router.interaction_cost(i, &current, f64::INFINITY), current);
        if let Some(searched) = grid_search::find_path(&router, &grid, i, best.0, max_states) {
            let cost = searched.cost + router.interaction_cost(i, &searched, f64::INFINITY);
            if cost < best.0 {
                best = (cost, searched);
            }
        }
        router.route_bounds[i] = bounding_box(&best.1.points);
        router.chosen[i] = Some(best.1);
    }
    router.chosen
}

impl<'a> Router<'a> {
    /// Chooses the cheapest candidate given the routes of the others; returns whether the route changed.
    fn choose(&mut self, i: usize) -> bool {
        let partners = self.bundle_partners(i);
        let mut best: Option<(f64, RouteCandidate)> = None;
        let bundled = self.bundled_candidates(i, &partners);
        for c in self.candidates[i].iter().chain(&bundled) {
            if best.as_ref().map_or(false, |b| c.cost - 8.0 >= b.0) {
                continue;
            }
            let limit = best.as_ref().map_or(f64::INFINITY, |b| b.0) - c.cost;
            let cost = c.cost + self.interaction_cost(i, c, limit);
            if best.as_ref().map_or(true, |b| cost < b.0 - 1e-6) {
                best = Some((cost, c.clone()));
            }
        }
        let chosen = match best {
            Some(b) => b.1,
            None => return false,
        };
        let previous = self.chosen[i].take();
        let unchanged = previous.map_or(false, |b| b.points == chosen.points);
        self.route_bounds[i] = bounding_box(&chosen.points);
        self.chosen[i] = Some(chosen);
        !unchanged
    }

    /// Returns Z shapes that bend where an edge bends with which this one may share a line.
    fn bundled_candidates(&self, i: usize, partners: &[usize]) -> Vec<RouteCandidate> {
        let mut candidates = Vec::new();
        for &j in partners {
            let other = self.chosen[j].as_ref().unwrap();
            candidates.extend(self.z_like(i, other, other.sides));
        }
        candidates
    }

    /// Returns the Z shape of an edge between two sides that bends where another one bends.
    pub fn z_like(&self, i: usize, other: &RouteCandidate, sides: (usize, usize)) -> Vec<RouteCandidate> {
        let points = &other.points;
        let mut candidates = Vec::new();
        if points.len() == 4 {
            let vertical = (points[1].0 - points[2].0).abs() < 0.01;
            self.add_z_or_u(i, sides, if vertical { points[1].0 } else { points[1].1 }, &mut candidates);
        }
        for c in &mut candidates {
            c.cost = self.own_cost(i, c);
        }
        candidates
    }

    /// Adds a path of three segments with the middle one at a coordinate, if that is possible.
    fn add_z_or_u(&self, i: usize, sides: (usize, usize), coord: f64, candidates: &mut Vec<RouteCandidate>) {
        let (s, t) = &self.scene.ends[i];
        let (p, q) = (s.ports[sides.0], t.ports[sides.1]);
        if sides.0 % 2 != sides.1 % 2 || !is_beyond(sides.0, p.turn, coord) || !is_beyond(sides.1, q.turn, coord) {
            return;
        }
        let points = if sides.0 % 2 == 0 {
            vec![(p.x, p.y), (coord, p.y), (coord, q.y), (q.x, q.y)]
        } else {
            vec![(p.x, p.y), (p.x, coord), (q.x, coord), (q.x, q.y)]
        };
        candidates.push(RouteCandidate { points, sides, cost: 0.0 });
    }

    /// Returns the possible shapes of an edge, cheapest first, without regard to other edges.
    fn build_candidates(&self, i: usize) -> Vec<RouteCandidate> {
        let e = &self.scene.input.edges[i];
        let mut candidates = Vec::new();
        let (s, t) = &self.scene.ends[i];
        let encloses = |a: &Terminal, other: End| a.group.map_or(false, |g| self.scene.input.contains(g, other));
        if encloses(s, e.target) || encloses(t, e.source) {
            return self.member_candidates(i, s, t, encloses(s, e.target));
        }
        for ss in 0..4 {
            for ts in 0..4 {
                self.add_shapes(i, s, t, ss, ts, &mut candidates);
            }
        }
        let mut evaluated = self.evaluate(i, candidates);
        if evaluated.first().map_or(false, |c| c.cost >= SEARCH_THRESHOLD) {
            let limit = evaluated[0].cost + COST_MARGIN;
            evaluated.extend(self.evaluate(i, self.lane_candidates(s, t)).into_iter().filter(|c| c.cost < limit));
            evaluated.sort_by(|a, b| a.cost.partial_cmp(&b.cost).unwrap());
        }
        evaluated
    }

    /// Returns paths that leave their line for a free lane and return to the line of their target, past obstacles.
    fn lane_candidates(&self, s: &Terminal, t: &Terminal) -> Vec<RouteCandidate> {
        let mut candidates = Vec::new();
        for side in 0..4 {
            let opposite = (side + 2) % 4;
            let (p, q) = (s.ports[side], t.ports[opposite]);
            let distance = if side < 2 { q.turn - p.turn } else { p.turn - q.turn };
            if distance < MIN_LANE_LENGTH {
                continue;
            }
            let horizontal = side % 2 == 0;
            let (a, b, lines) = if horizontal { (p.y, q.y, &self.ys) } else { (p.x, q.x, &self.xs) };
            let (lo, hi) = (a.min(b) - distance * 0.5, a.max(b) + distance * 0.5);
            let mut lanes: Vec<f64> = lines.iter().copied().filter(|&v| v > lo && v < hi).collect();
            let deviation = |v: f64| (v - a).abs() + (v - b).abs();
            lanes.sort_by(|&v, &w| deviation(v).partial_cmp(&deviation(w)).unwrap());
            for lane in lanes.into_iter().take(MAX_LANES) {
                let points = if horizontal {
                    vec![(p.x, p.y), (p.turn, p.y), (p.turn, lane), (q.turn, lane), (q.turn, q.y), (q.x, q.y)]
                } else {
                    vec![(p.x, p.y), (p.x, p.turn), (lane, p.turn), (lane, q.turn), (q.x, q.turn), (q.x, q.y)]
                };
                candidates.push(RouteCandidate { points: grid_search::simplify(&points), sides: (side, opposite), cost: 0.0 });
            }
        }
        candidates
    }

    /// Returns the candidates with their costs, cheapest first, without those whose length and bends alone cost too
    /// much.
    fn evaluate(&self, i: usize, mut candidates: Vec<RouteCandidate>) -> Vec<RouteCandidate> {
        for c in &mut candidates {
            c.cost += self.shape_cost(i, c);
        }
        candidates.sort_by(|a, b| a.cost.partial_cmp(&b.cost).unwrap());
        let mut best = f64::INFINITY;
        let mut evaluated = Vec::new();
        for mut c in candidates {
            if c.cost > best + COST_MARGIN {
                break;
            }
            c.cost += self.obstacle_cost(i, &c, best + COST_MARGIN - c.cost);
            best = best.min(c.cost);
            evaluated.push(c);
        }
        evaluated.retain(|c| c.cost <= best + COST_MARGIN);
        evaluated.sort_by(|a, b| a.cost.partial_cmp(&b.cost).unwrap());
        evaluated
    }

    /// Adds the straight, L, Z and U shapes between two sides.
    fn add_shapes(
        &self,
        i: usize,
        s: &Terminal,
        t: &Terminal,
        source_side: usize,
        target_side: usize,
        candidates: &mut Vec<RouteCandidate>,
    ) {
        let (p, q) = (s.ports[source_side], t.ports[target_side]);
        let mut add = |points: Vec<(f64, f64)>| candidates.push(RouteCandidate { points, sides: (source_side, target_side), cost: 0.0 });
        if (source_side + 2) % 4 == target_side {
            if let Some(points) = straight_path(p, q, source_side) {
                add(points);
            }
            let lines = if source_side % 2 == 0 { &self.xs } else { &self.ys };
            let (a, b) = (p.turn, q.turn);
            let turns_face = if source_side < 2 { a <= b } else { a >= b };
            if !turns_face {
                // Too close for two stubs: bend in the middle if there is enough space.
                let (pa, qa) = if source_side % 2 == 0 { (p.x, q.x) } else { (p.y, q.y) };
                let space = if source_side < 2 { qa - pa } else { pa - qa };
                if space > 16.0 {
                    let middle = (pa + qa) / 2.0;
                    add(if source_side % 2 == 0 {
                        vec![(p.x, p.y), (middle, p.y), (middle, q.y), (q.x, q.y)]
                    } else {
                        vec![(p.x, p.y), (p.x, middle), (q.x, middle), (q.x, q.y)]
                    });
                }
                return;
            }
            let (lo, hi) = (a.min(b), a.max(b));
            let center = (lo + hi) / 2.0;
            let mut middles = vec![center, a, b];
            middles.extend(sample_lines(lines, lo, hi, 6));
            let labeled = self.scene.input.edges[i].labeled();
            for middle in middles {
                let first = candidates.len();
                self.add_z_or_u(i, (source_side, target_side), middle, candidates);
                for c in &mut candidates[first..] {
                    // A label has the most space in the middle; without one, a fork is clearest before the next rank.
                    c.cost = if labeled {
                        4.0 * (middle - center).abs() / (hi - lo + 1.0)
                    } else if hi - lo < ADJACENT_RANKS {
                        2.0 * ((middle - a).abs() - 6.0).abs() / (hi - lo + 1.0)
                    } else {
                        0.0
                    };
                }
            }
        } else if source_side == target_side {
            let (turn, lines) = if source_side % 2 == 0 { (p.turn, &self.xs) } else { (p.turn, &self.ys) };
            let outermost = if source_side < 2 { turn.max(q.turn) } else { turn.min(q.turn) };
            let mut middles = vec![outermost];
            if source_side < 2 {
                middles.extend(lines.iter().copied().filter(|&x| x > outermost).take(5));
            } else {
                middles.extend(lines.iter().rev().copied().filter(|&x| x < outermost).take(5));
            }
            for middle in middles {
                self.add_z_or_u(i, (source_side, target_side), middle, candidates);
            }
        } else {
            let corner = if source_side % 2 == 0 { (q.x, p.y) } else { (p.x, q.y) };
            let (along_s, along_t) = if source_side % 2 == 0 { (corner.0, corner.1) } else { (corner.1, corner.0) };
            if is_beyond(source_side, p.turn, along_s) && is_beyond(target_side, q.turn, along_t) {
                add(vec![(p.x, p.y), corner, (q.x, q.y)]);
            }
        }
    }

    /// Returns paths from a group's border inward to one of its members.
    fn member_candidates(&self, i: usize, s: &Terminal, t: &Terminal, from_group: bool) -> Vec<RouteCandidate> {
        let (group, node) = if from_group { (s, t) } else { (t, s) };
        let border = |side: usize, (x, y): (f64, f64)| match side {
            RIGHT => (group.bounds.x1, y),
            BOTTOM => (x, group.bounds.y1),
            LEFT => (group.bounds.x0, y),
            _ => (x, group.bounds.y0),
        };
        let mut candidates = Vec::new();
        let mut add = |mut points: Vec<(f64, f64)>, (node_side, group_side): (usize, usize)| {
            if from_group {
                points.reverse();
            }
            let sides = if from_group { (group_side, node_side) } else { (node_side, group_side) };
            candidates.push(RouteCandidate { points, sides, cost: 0.0 });
        };
        for side in 0..4 {
            let p = node.ports[side];
            let start = (p.x, p.y);
            add(vec![start, border(side, start)], (side, side));
            // Past obstacles: along a free lane to an adjacent border.
            let horizontal = side % 2 == 0;
            let (lines, from, to) = if horizontal {
                (&self.xs, p.turn, border(side, start).0)
            } else {
                (&self.ys, p.turn, border(side, start).1)
            };
            let mut lanes: Vec<f64> =
                lines.iter().copied().filter(|&v| v >= from.min(to) && v <= from.max(to)).collect();
            lanes.sort_by(|&v, &w| (v - from).abs().partial_cmp(&(w - from).abs()).unwrap());
            for lane in lanes.into_iter().take(MAX_LANES) {
                let corner = if horizontal { (lane, p.y) } else { (p.x, lane) };
                for group_side in [(side + 1) % 4, (side + 3) % 4] {
                    add(vec![start, corner, border(group_side, corner)], (side, group_side));
                }
            }
        }
        self.evaluate(i, candidates)
    }
}

/// Returns a straight line between two facing ports, as close to both centers as possible.
fn straight_path(p: Port, q: Port, side: usize) -> Option<Vec<(f64, f64)>> {
    let horizontal = side % 2 == 0;
    let (a, b, pa, qa) = if horizontal { (p.y, q.y, p.x, q.x) } else { (p.x, q.x, p.y, q.y) };
    let distance = if side < 2 { qa - pa } else { pa - qa };
    let (lo, hi) = ((a - p.range.0).max(b - q.range.0), (a + p.range.1).min(b + q.range.1));
    if distance < 10.0 || lo > hi + 0.01 {
        return None;
    }
    let coord = if (lo..=hi).contains(&b) && (!(lo..=hi).contains(&a) || q.range.1 <= p.range.1) { b } else { a.max(lo).min(hi) };
    Some(if horizontal { vec![(pa, coord), (qa, coord)] } else { vec![(coord, pa), (coord, qa)] })
}

/// Whether a coordinate is beyond a turn, as seen from a side.
fn is_beyond(side: usize, turn: f64, coord: f64) -> bool {
    if side < 2 {
        coord >= turn - 0.01
    } else {
        coord <= turn + 0.01
    }
}

/// Returns lines between two coordinates: all, or about `max_count` of many.
fn sample_lines(lines: &[f64], lo: f64, hi: f64, max_count: usize) -> Vec<f64> {
    let lines_between: Vec<f64> = lines.iter().copied().filter(|&x| x > lo && x < hi).collect();
    let step = (lines_between.len() / max_count).max(1);
    lines_between.into_iter().step_by(step).collect()
}

