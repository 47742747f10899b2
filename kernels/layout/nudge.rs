//! Separates segments that coincide, in an order that adds no crossing (Wybrow, Marriott, Stuckey, "Orthogonal
//! connector routing", GD 2009, section 4).

use crate::geometry::*;
use crate::model::*;
use crate::router::RouteCandidate;
use crate::route_cost::MIN_STEP;
use crate::scene::*;
use std::cmp::Ordering;

/// Points between segments, if there is space.
const SPACING: f64 = 18.0;
/// The distances that are tried: between segments, and in addition to the clearance from nodes and borders.
const DISTANCES: [(f64, f64); 11] = [
    (SPACING, EXTRA_CLEARANCE),
    (14.0, EXTRA_CLEARANCE),
    (14.0, 3.0),
    (10.0, 3.0),
    (10.0, 0.0),
    (8.0, 1.0),
    (8.0, 0.0),
    (6.0, 0.0),
    (4.0, 0.0),
    (2.0, 0.0),
    (MIN_SPACING, 0.0),
];
/// Points between a segment and the border of a group.
const BORDER_CLEARANCE: f64 = 8.0;
/// Points of additional distance from nodes and borders, if there is space.
const EXTRA_CLEARANCE: f64 = 6.0;
/// Points between segments, even if there is no space.
const MIN_SPACING: f64 = 1.5;

/// Segments of one or more similar edges on one line: their coordinate, their range, and the limits of their
/// coordinate.
struct Bundle {
    coord: f64,
    lo: f64,
    hi: f64,
    min_coord: f64,
    max_coord: f64,
    segments: Vec<MovableSegment>,
}

/// A segment of an edge and the limits of its coordinate.
#[derive(Clone, Copy)]
struct MovableSegment {
    edge: usize,
    index: usize,
    lo: f64,
    hi: f64,
    coord: f64,
    /// At the low and the high end: -1 or 1 if the path turns to smaller or larger coordinates, 0 if it ends there.
    turns: (i32, i32),
    min_coord: f64,
    max_coord: f64,
}

/// Separates vertical and horizontal segments alternately, twice, because each pass changes the ranges of the others.
///
/// Segments of edges in `outer` are placed outside of those they coincide with, unless that adds crossings.
pub fn separate(scene: &Scene, routes: &mut [Option<RouteCandidate>], outer: &[usize]) {
    let may_share: Vec<bool> = (0..routes.len()).map(|i| leaves_label_space(scene, routes, i)).collect();
    for horizontal in [false, true, false, true] {
        let mut bundles = build_bundles(scene, routes, &may_share, horizontal);
        sort_bundles(&mut bundles, outer);
        assign_coordinates(&mut bundles);
        for bundle in &bundles {
            for segment in &bundle.segments {
                let points = &mut routes[segment.edge].as_mut().unwrap().points;
                for k in [segment.index, segment.index + 1] {
                    if horizontal {
                        points[k].1 = bundle.coord;
                    } else {
                        points[k].0 = bundle.coord;
                    }
                }
            }
        }
    }
}

/// Returns the horizontal or the vertical segments of all routes, bundled with those they may share a line with.
fn build_bundles(scene: &Scene, routes: &[Option<RouteCandidate>], may_share: &[bool], horizontal: bool) -> Vec<Bundle> {
    let mut segments: Vec<MovableSegment> = Vec::new();
    for (i, route) in routes.iter().enumerate() {
        if let Some(route) = route {
            let horizontal_first = starts_horizontal(&route.points);
            for k in 0..route.points.len() - 1 {
                if (horizontal_first == (k % 2 == 0)) == horizontal {
                    segments.push(movable_segment(scene, i, route, k, horizontal));
                }
            }
        }
    }
    let may_bundle = |a: &MovableSegment, b: &MovableSegment| {
        let (i, j) = (a.edge, b.edge);
        may_share[i]
            && may_share[j]
            && scene.may_bundle(i, j)
            && both_keep_label_space(scene, routes, i, j)
            && !is_crossed_at_branch(routes, a, b, horizontal)
            && !is_crossed_at_branch(routes, b, a, horizontal)
    };
    let mut bundles: Vec<Bundle> = Vec::new();
    for segment in segments {
        let matching = bundles.iter().position(|bundle| {
            (bundle.coord - segment.coord).abs() < 0.6
                && bundle.segments.iter().any(|other| {
                    other.lo <= segment.hi + 0.5 && segment.lo <= other.hi + 0.5 && may_bundle(&segment, other)
                })
                && bundle.segments.iter().all(|other| {
                    may_bundle(&segment, other)
                        || segment.edge == other.edge
                        || other.lo > segment.hi + 6.0
                        || segment.lo > other.hi + 6.0
                })
        });
        match matching {
            Some(k) => {
                let bundle = &mut bundles[k];
                bundle.lo = bundle.lo.min(segment.lo);
                bundle.hi = bundle.hi.max(segment.hi);
                bundle.min_coord = bundle.min_coord.max(segment.min_coord);
                bundle.max_coord = bundle.max_coord.min(segment.max_coord);
                bundle.segments.push(segment);
            }
            None => bundles.push(Bundle {
                coord: segment.coord,
                lo: segment.lo,
                hi: segment.hi,
                min_coord: segment.min_coord,
                max_coord: segment.max_coord,
                segments: vec![segment],
            }),
        }
    }
    bundles
}

/// Whether a third edge crosses a segment where a second one, on the same line, turns away: all of them would meet in one
/// point, and a reader could not tell which lines belong together.
fn is_crossed_at_branch(routes: &[Option<RouteCandidate>], branch: &MovableSegment, trunk: &MovableSegment, horizontal: bool) -> bool {
    let ends = [(branch.lo, branch.turns.0), (branch.hi, branch.turns.1)];
    ends.into_iter().filter(|&(along, turn)| turn != 0 && trunk.lo + 0.5 < along && along < trunk.hi - 0.5).any(|(along, _)| {
        let corner = if horizontal { (along, branch.coord) } else { (branch.coord, along) };
        let crosses = |route: &RouteCandidate| route.points.windows(2).any(|w| is_strictly_between(corner, w[0], w[1], !horizontal));
        (0..routes.len()).any(|k| k != branch.edge && k != trunk.edge && routes[k].as_ref().map_or(false, crosses))
    })
}

/// Whether a point is on a horizontal or vertical segment, but at none of its ends.
fn is_strictly_between(p: (f64, f64), a: (f64, f64), b: (f64, f64), horizontal: bool) -> bool {
    let (along, across) = if horizontal { ((p.0, a.0, b.0), (p.1, a.1, b.1)) } else { ((p.1, a.1, b.1), (p.0, a.0, b.0)) };
    let is_on_line = (across.0 - across.1).abs() < 0.6 && (across.0 - across.2).abs() < 0.6;
    is_on_line && along.1.min(along.2) + 0.5 < along.0 && along.0 < along.1.max(along.2) - 0.5
}

/// Whether a path with alternating horizontal and vertical segments begins with a horizontal one.
fn starts_horizontal(points: &[(f64, f64)]) -> bool {
    let (k, w) = points
        .windows(2)
        .enumerate()
        .max_by(|a, b| manhattan(a.1[0], a.1[1]).partial_cmp(&manhattan(b.1[0], b.1[1])).unwrap())
        .unwrap();
    ((w[0].1 - w[1].1).abs() < (w[0].0 - w[1].0).abs()) == (k % 2 == 0)
}

/// Whether the edges with which an edge may share lines leave a part of it for its label.
fn leaves_label_space(scene: &Scene, routes: &[Option<RouteCandidate>], i: usize) -> bool {
    let e = &scene.input.edges[i];
    let points = match &routes[i] {
        Some(c) if e.labeled() => &c.points,
        _ => return true,
    };
    let others: Vec<&RouteCandidate> =
        (0..routes.len()).filter(|&j| j != i && scene.may_bundle(i, j)).filter_map(|j| routes[j].as_ref()).collect();
    points.windows(2).any(|w| {
        let needed = if (w[0].1 - w[1].1).abs() < 0.05 { e.label_w } else { e.label_h } + 10.0;
        let segments = others.iter().flat_map(|c| c.points.windows(2)).map(|t| (t[0], t[1]));
        uncovered((w[0], w[1]), segments).iter().any(|(from, to)| to - from >= needed)
    })
}

/// Whether two edges that share a line each keep a part of their own for their labels.
fn both_keep_label_space(scene: &Scene, routes: &[Option<RouteCandidate>], i: usize, j: usize) -> bool {
    let (a, b) = (routes[i].as_ref().unwrap(), routes[j].as_ref().unwrap());
    let keeps_space = |n: usize, own: &RouteCandidate, other: &RouteCandidate| {
        let e = &scene.input.edges[n];
        !e.labeled() || has_label_space(e, &own.points, &other.points)
    };
    keeps_space(i, a, b) && keeps_space(j, b, a)
}

/// Returns segment `k` of a route with its limits.
fn movable_segment(scene: &Scene, i: usize, route: &RouteCandidate, k: usize, horizontal: bool) -> MovableSegment {
    let edge = &scene.input.edges[i];
    let n = route.points.len();
    let (a, b) = (route.points[k], route.points[k + 1]);
    let (along_a, along_b, coord) = if horizontal { (a.0, b.0, a.1) } else { (a.1, b.1, a.0) };
    let (lo, hi) = (along_a.min(along_b), along_a.max(along_b));
    let (mut min_coord, mut max_coord) = movement_limits(scene, edge, coord, lo, hi, horizontal, k == 0, k + 2 == n);
    let (source_port, target_port) = (&scene.ends[i].0.ports[route.sides.0], &scene.ends[i].1.ports[route.sides.1]);
    for (port, is_end) in [(source_port, k == 0), (target_port, k + 2 == n)] {
        if is_end {
            let port_coord = if horizontal { port.y } else { port.x };
            min_coord = min_coord.max(port_coord - port.range.0);
            max_coord = max_coord.min(port_coord + port.range.1);
        }
    }
    // The edge's own ends limit how close to them the next segment may be.
    for (port, side, is_end) in [(source_port, route.sides.0, k == 1), (target_port, route.sides.1, k + 3 == n)] {
        if is_end && n > 2 {
            let turn = port.turn;
            if side < 2 {
                min_coord = min_coord.max(turn.min(coord));
            } else {
                max_coord = max_coord.min(turn.max(coord));
            }
        }
    }
    // A visible step remains visible.
    for parallel in [k.wrapping_sub(2), k + 2].into_iter().filter(|&o| o < n - 1) {
        let other = if horizontal { route.points[parallel].1 } else { route.points[parallel].0 };
        if (other - coord).abs() >= MIN_STEP {
            let middle = (other + coord) / 2.0;
            if other > coord {
                max_coord = max_coord.min(middle - MIN_STEP / 2.0);
            } else {
                min_coord = min_coord.max(middle + MIN_STEP / 2.0);
            }
        }
    }
    // A segment that is too close to something moves away from it, unless something else is on the other side.
    if min_coord > max_coord {
        (min_coord, max_coord) = (min_coord.min(coord), max_coord.max(coord));
    }
    let turn_direction = |end: Option<(f64, f64)>, from: (f64, f64)| match end {
        None => 0,
        Some(p) => {
            let delta = if horizontal { p.1 - from.1 } else { p.0 - from.0 };
            if delta > 0.0 { 1 } else if delta < 0.0 { -1 } else { 0 }
        }
    };
    let before = turn_direction(if k > 0 { Some(route.points[k - 1]) } else { None }, a);
    let after = turn_direction(route.points.get(k + 2).copied(), b);
    let turns = if along_a <= along_b { (before, after) } else { (after, before) };
    MovableSegment { edge: i, index: k, lo, hi, coord, turns, min_coord, max_coord }
}

/// Returns the limits of a segment's coordinate between the nodes and borders on both sides.
fn movement_limits(scene: &Scene, e: &Edge, coord: f64, lo: f64, hi: f64, horizontal: bool, first: bool, last: bool) -> (f64, f64) {
    let (mut min_coord, mut max_coord) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut wall = |a0: f64, a1: f64, b0: f64, b1: f64, clearance: f64| {
        if b0 < hi - 0.5 && b1 > lo + 0.5 {
            if a1 <= coord + 0.5 {
                min_coord = min_coord.max(a1 + clearance);
            } else if a0 >= coord - 0.5 {
                max_coord = max_coord.min(a0 - clearance);
            }
        }
    };
    for (n, r) in scene.node_bounds.iter().enumerate() {
        let is_own_end = (first && e.source == End::Node(n)) || (last && e.target == End::Node(n));
        if is_own_end {
            continue;
        }
        if horizontal {
            wall(r.y0, r.y1, r.x0, r.x1, CLEARANCE);
        } else {
            wall(r.x0, r.x1, r.y0, r.y1, CLEARANCE);
        }
    }
    for r in &scene.placement.groups {
        let (a0, a1, b0, b1) = if horizontal { (r.y0, r.y1, r.x0, r.x1) } else { (r.x0, r.x1, r.y0, r.y1) };
        // Each border is a separate obstacle.
        wall(a0, a0, b0, b1, BORDER_CLEARANCE);
        wall(a1, a1, b0, b1, BORDER_CLEARANCE);
    }
    (min_coord, max_coord)
}

/// Whether segments of two bundles overlap along their axis.
fn spans_overlap(a: &Bundle, b: &Bundle) -> bool {
    a.segments.iter().any(|p| b.segments.iter().any(|q| p.lo < q.hi + 4.0 && q.lo < p.hi + 4.0))
}

/// Sorts bundles by coordinate, and those that coincide so that few cross where one of them turns away.
fn sort_bundles(bundles: &mut Vec<Bundle>, outer: &[usize]) {
    bundles.sort_by(|a, b| a.coord.partial_cmp(&b.coord).unwrap());
    let mut start = 0;
    for end in 1..=bundles.len() {
        if end == bundles.len() || bundles[end].coord - bundles[end - 1].coord >= 1.0 {
            reduce_crossings(&mut bundles[start..end], outer);
            start = end;
        }
    }
}

/// Moves each of the coinciding bundles to where it crosses the fewest others, until nothing improves.
fn reduce_crossings(bundles: &mut [Bundle], outer: &[usize]) {
    let n = bundles.len();
    if n < 2 {
        return;
    }
    // How many crossings are saved if the first bundle is before the second.
    let saving: Vec<Vec<i32>> = bundles.iter().map(|a| bundles.iter().map(|b| -added_crossings(a, b)).collect()).collect();
    let is_outer = |b: usize| bundles[b].segments.iter().any(|p| outer.contains(&p.edge));
    let (outer_bundles, mut order): (Vec<usize>, Vec<usize>) = (0..n).partition(|&b| is_outer(b));
    order.extend(outer_bundles);
    for _ in 0..8 {
        let mut moved = false;
        for bundle in 0..n {
            let index = order.iter().position(|&o| o == bundle).unwrap();
            let (mut best, mut best_index) = (0, index);
            for forward in [true, false] {
                let (mut saved, mut k) = (0, index);
                while if forward { k + 1 < n } else { k > 0 } {
                    k = if forward { k + 1 } else { k - 1 };
                    let other = order[k];
                    saved += if forward { saving[other][bundle] } else { saving[bundle][other] };
                    if saved > best {
                        best = saved;
                        best_index = k;
                    }
                }
            }
            if best_index != index {
                order.remove(index);
                order.insert(best_index, bundle);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut position = vec![0; n];
    for (k, &bundle) in order.iter().enumerate() {
        position[bundle] = k;
    }
    // Permutes the bundles in place.
    for k in 0..n {
        while position[k] != k {
            let to = position[k];
            bundles.swap(k, to);
            position.swap(k, to);
        }
    }
}

/// Returns how many more crossings there are if the first bundle is before the second than if it is after it.
fn added_crossings(a: &Bundle, b: &Bundle) -> i32 {
    let mut crossings = 0;
    for first in &a.segments {
        for second in &b.segments {
            if first.lo >= second.hi + 4.0 || second.lo >= first.hi + 4.0 {
                continue;
            }
            crossings += match first.lo.partial_cmp(&second.lo).unwrap() {
                Ordering::Greater => first.turns.0,
                Ordering::Less => -second.turns.0,
                Ordering::Equal => (first.turns.0 - second.turns.0).signum(),
            };
            crossings += match first.hi.partial_cmp(&second.hi).unwrap() {
                Ordering::Less => first.turns.1,
                Ordering::Greater => -second.turns.1,
                Ordering::Equal => (first.turns.1 - second.turns.1).signum(),
            };
        }
    }
    crossings
}

/// Assigns each bundle a coordinate within its limits and away from those before it; the spacing is smaller if there is
/// little space.
fn assign_coordinates(bundles: &mut [Bundle]) {
    let n = bundles.len();
    let conflicts: Vec<Vec<usize>> = (0..n)
        .map(|i| (0..i).filter(|&j| bundles[i].coord - bundles[j].coord < 60.0 && spans_overlap(&bundles[i], &bundles[j])).collect())
        .collect();
    let desired = desired_coordinates(bundles, &conflicts);
    let mut component: Vec<usize> = (0..n).collect();
    for i in 0..n {
        for &j in &conflicts[i] {
            let (a, b) = (component[i], component[j]);
            if a != b {
                component.iter_mut().filter(|c| **c == a.max(b)).for_each(|c| *c = a.min(b));
            }
        }
    }
    for root in 0..n {
        let members: Vec<usize> = (0..n).filter(|&i| component[i] == root).collect();
        if members.is_empty() {
            continue;
        }
        for distances in DISTANCES {
            if try_distances(bundles, &members, &conflicts, &desired, distances) {
                break;
            }
        }
    }
}

/// Assigns coordinates to the members of a component; returns false if they need smaller distances. Segments between two
/// bends keep `extra` more points from nodes and borders than necessary, if they can.
fn try_distances(
    bundles: &mut [Bundle],
    members: &[usize],
    conflicts: &[Vec<usize>],
    desired: &[f64],
    (spacing, extra): (f64, f64),
) -> bool {
    let extra_of = |b: &Bundle| {
        let is_inner = b.segments.iter().all(|p| p.turns.0 != 0 && p.turns.1 != 0);
        if is_inner && b.max_coord - b.min_coord > 2.0 * EXTRA_CLEARANCE { extra } else { 0.0 }
    };
    let mut min: Vec<f64> = bundles.iter().map(|b| b.min_coord + extra_of(b)).collect();
    let mut max: Vec<f64> = bundles.iter().map(|b| b.max_coord - extra_of(b)).collect();
    for &i in members {
        for &j in &conflicts[i] {
            min[i] = min[i].max(min[j] + spacing);
        }
    }
    for &i in members.iter().rev() {
        for &j in &conflicts[i] {
            max[j] = max[j].min(max[i] - spacing);
        }
    }
    if spacing > MIN_SPACING && members.iter().any(|&i| min[i] > max[i] + 0.01) {
        return false;
    }
    for &i in members {
        let lower_limit = conflicts[i].iter().map(|&j| bundles[j].coord + spacing).fold(min[i], f64::max);
        // Lines do not coincide even if there is too little space.
        if max[i] + 0.01 >= lower_limit || spacing <= MIN_SPACING {
            bundles[i].coord = desired[i].max(lower_limit).min(max[i].max(lower_limit));
        }
    }
    true
}

/// Returns the coordinates that bundles should have: those that coincide are distributed around their mean.
fn desired_coordinates(bundles: &[Bundle], conflicts: &[Vec<usize>]) -> Vec<f64> {
    let n = bundles.len();
    let mut desired: Vec<f64> = bundles.iter().map(|b| b.coord).collect();
    let mut done = vec![false; n];
    for i in 0..n {
        if done[i] {
            continue;
        }
        let mut cluster = vec![i];
        let mut next = 0;
        while next < cluster.len() {
            let a = cluster[next];
            for b in 0..n {
                let close = (bundles[a].coord - bundles[b].coord).abs() < SPACING - 1.0;
                let in_conflict = conflicts[a.max(b)].contains(&a.min(b));
                if a != b && close && in_conflict && !cluster.contains(&b) {
                    cluster.push(b);
                }
            }
            next += 1;
        }
        cluster.sort_unstable();
        for &m in &cluster {
            done[m] = true;
        }
        if cluster.len() > 1 {
            let mean = cluster.iter().map(|&m| bundles[m].coord).sum::<f64>() / cluster.len() as f64;
            for (next, &m) in cluster.iter().enumerate() {
                desired[m] = mean + (next as f64 - (cluster.len() as f64 - 1.0) / 2.0) * SPACING;
            }
        }
    }
    desired
}
