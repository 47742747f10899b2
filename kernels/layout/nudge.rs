//! Segments that lie on each other are spread apart, in an order that adds no crossing
//! (Wybrow, Marriott, Stuckey, "Orthogonal connector routing", GD 2009, section 4).

use crate::geometry::*;
use crate::model::*;
use crate::prices::SHORT;
use crate::route::*;
use crate::scene::*;
use std::cmp::Ordering;

const SPACING: f64 = 18.0;
const BORDER: f64 = 8.0;
const AIR: f64 = 6.0;
const LEAST: f64 = 1.5;

/// A straight stretch of one or more like edges: its coordinate, its span, and how far it may move.
struct Bundle {
    at: f64,
    lo: f64,
    hi: f64,
    least: f64,
    most: f64,
    parts: Vec<Part>,
}

#[derive(Clone, Copy)]
struct Part {
    edge: usize,
    segment: usize,
    lo: f64,
    hi: f64,
    at: f64,
    /// At the low and the high end: -1 and 1 where the path turns to smaller or larger coordinates, 0 where it ends.
    turns: (i32, i32),
    least: f64,
    most: f64,
}

/// Spreads upright segments, then level ones, and upright ones once more, as their spans have changed.
///
/// Of lines on each other those of the edges in `outer` lie outside, where nothing speaks against it.
pub fn spread(scene: &Scene, routes: &mut [Option<Candidate>], outer: &[usize]) {
    let shares: Vec<bool> = (0..routes.len()).map(|i| leaves_space(scene, routes, i)).collect();
    for level in [false, true, false, true] {
        let mut bundles = bundled(scene, routes, &shares, level);
        order(&mut bundles, outer);
        settle(&mut bundles);
        for b in &bundles {
            for p in &b.parts {
                let path = &mut routes[p.edge].as_mut().unwrap().points;
                for k in [p.segment, p.segment + 1] {
                    if level {
                        path[k].1 = b.at;
                    } else {
                        path[k].0 = b.at;
                    }
                }
            }
        }
    }
}

fn bundled(scene: &Scene, routes: &[Option<Candidate>], shares: &[bool], level: bool) -> Vec<Bundle> {
    let mut parts: Vec<Part> = Vec::new();
    for (i, route) in routes.iter().enumerate() {
        if let Some(r) = route {
            let first = first_level(&r.points);
            for k in 0..r.points.len() - 1 {
                if (first == (k % 2 == 0)) == level {
                    parts.push(part(scene, i, r, k, level));
                }
            }
        }
    }
    let together = |i: usize, j: usize| shares[i] && shares[j] && scene.alike(i, j) && share_well(scene, routes, i, j);
    let mut bundles: Vec<Bundle> = Vec::new();
    for p in parts {
        let fits = bundles.iter().position(|b| {
            (b.at - p.at).abs() < 0.6
                && b.parts.iter().any(|q| q.lo <= p.hi + 0.5 && p.lo <= q.hi + 0.5 && together(p.edge, q.edge))
                && b.parts.iter().all(|q| together(p.edge, q.edge) || p.edge == q.edge || q.lo > p.hi + 6.0 || p.lo > q.hi + 6.0)
        });
        match fits {
            Some(k) => {
                let b = &mut bundles[k];
                b.lo = b.lo.min(p.lo);
                b.hi = b.hi.max(p.hi);
                b.least = b.least.max(p.least);
                b.most = b.most.min(p.most);
                b.parts.push(p);
            }
            None => bundles.push(Bundle { at: p.at, lo: p.lo, hi: p.hi, least: p.least, most: p.most, parts: vec![p] }),
        }
    }
    bundles
}

/// Whether a path, whose segments are level and upright in turn, begins with a level one.
fn first_level(points: &[(f64, f64)]) -> bool {
    let (k, w) = points.windows(2).enumerate().max_by(|a, b| dist(a.1[0], a.1[1]).partial_cmp(&dist(b.1[0], b.1[1])).unwrap()).unwrap();
    ((w[0].1 - w[1].1).abs() < (w[0].0 - w[1].0).abs()) == (k % 2 == 0)
}

/// Whether all the edges with which one may share lines leave it a stretch for its label.
fn leaves_space(scene: &Scene, routes: &[Option<Candidate>], i: usize) -> bool {
    let e = &scene.input.edges[i];
    let path = match &routes[i] {
        Some(c) if e.labeled() => &c.points,
        _ => return true,
    };
    let others: Vec<&Candidate> = (0..routes.len()).filter(|&j| j != i && scene.alike(i, j)).filter_map(|j| routes[j].as_ref()).collect();
    path.windows(2).any(|w| {
        let needed = if (w[0].1 - w[1].1).abs() < 0.05 { e.label_w } else { e.label_h } + 10.0;
        let segments = others.iter().flat_map(|c| c.points.windows(2)).map(|t| (t[0], t[1]));
        uncovered((w[0], w[1]), segments).iter().any(|(from, to)| to - from >= needed)
    })
}

/// Whether two edges that share a line each keep a stretch of their own for their labels.
fn share_well(scene: &Scene, routes: &[Option<Candidate>], i: usize, j: usize) -> bool {
    let (a, b) = (routes[i].as_ref().unwrap(), routes[j].as_ref().unwrap());
    let well = |n: usize, own: &Candidate, other: &Candidate| {
        let e = &scene.input.edges[n];
        !e.labeled() || own_part(e, &own.points, &other.points)
    };
    well(i, a, b) && well(j, b, a)
}

fn part(scene: &Scene, i: usize, r: &Candidate, k: usize, level: bool) -> Part {
    let e = &scene.input.edges[i];
    let n = r.points.len();
    let (a, b) = (r.points[k], r.points[k + 1]);
    let (along_a, along_b, at) = if level { (a.0, b.0, a.1) } else { (a.1, b.1, a.0) };
    let (lo, hi) = (along_a.min(along_b), along_a.max(along_b));
    let (mut least, mut most) = limits(scene, e, at, lo, hi, level, k == 0, k + 2 == n);
    let (source, target) = (&scene.ends[i].0.ports[r.sides.0], &scene.ends[i].1.ports[r.sides.1]);
    for (port, here) in [(source, k == 0), (target, k + 2 == n)] {
        if here {
            let base = if level { port.y } else { port.x };
            least = least.max(base - port.reach.0);
            most = most.min(base + port.reach.1);
        }
    }
    // An own end limits how near to it a middle segment may come.
    for (port, side, here) in [(source, r.sides.0, k == 1), (target, r.sides.1, k + 3 == n)] {
        if here && n > 2 {
            let turn = port.turn;
            if side < 2 {
                least = least.max(turn.min(at));
            } else {
                most = most.min(turn.max(at));
            }
        }
    }
    // A step stays one that can be seen.
    for step in [k.wrapping_sub(2), k + 2].into_iter().filter(|&o| o < n - 1) {
        let other = if level { r.points[step].1 } else { r.points[step].0 };
        if (other - at).abs() >= SHORT {
            let middle = (other + at) / 2.0;
            if other > at {
                most = most.min(middle - SHORT / 2.0);
            } else {
                least = least.max(middle + SHORT / 2.0);
            }
        }
    }
    // What is too near to something moves away from it, unless something else is on the other side.
    if least > most {
        (least, most) = (least.min(at), most.max(at));
    }
    let turn = |end: Option<(f64, f64)>, from: (f64, f64)| match end {
        None => 0,
        Some(p) => {
            let d = if level { p.1 - from.1 } else { p.0 - from.0 };
            if d > 0.0 { 1 } else if d < 0.0 { -1 } else { 0 }
        }
    };
    let before = turn(if k > 0 { Some(r.points[k - 1]) } else { None }, a);
    let after = turn(r.points.get(k + 2).copied(), b);
    let turns = if along_a <= along_b { (before, after) } else { (after, before) };
    Part { edge: i, segment: k, lo, hi, at, turns, least, most }
}

/// How far a segment may move between the nodes and borders beside it.
fn limits(scene: &Scene, e: &Edge, at: f64, lo: f64, hi: f64, level: bool, first: bool, last: bool) -> (f64, f64) {
    let (mut least, mut most) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut wall = |a0: f64, a1: f64, b0: f64, b1: f64, away: f64| {
        if b0 < hi - 0.5 && b1 > lo + 0.5 {
            if a1 <= at + 0.5 {
                least = least.max(a1 + away);
            } else if a0 >= at - 0.5 {
                most = most.min(a0 - away);
            }
        }
    };
    for (n, r) in scene.areas.iter().enumerate() {
        let own = (first && e.s == End::Node(n)) || (last && e.t == End::Node(n));
        if own {
            continue;
        }
        if level {
            wall(r.y0, r.y1, r.x0, r.x1, CLEARANCE);
        } else {
            wall(r.x0, r.x1, r.y0, r.y1, CLEARANCE);
        }
    }
    for r in &scene.placed.groups {
        let (a0, a1, b0, b1) = if level { (r.y0, r.y1, r.x0, r.x1) } else { (r.x0, r.x1, r.y0, r.y1) };
        // Each border is a wall of its own.
        wall(a0, a0, b0, b1, BORDER);
        wall(a1, a1, b0, b1, BORDER);
    }
    (least, most)
}

fn near(a: &Bundle, b: &Bundle) -> bool {
    a.parts.iter().any(|p| b.parts.iter().any(|q| p.lo < q.hi + 4.0 && q.lo < p.hi + 4.0))
}

/// Sorts by coordinate; those that lie on each other so that few cross where one of them turns off.
fn order(bundles: &mut Vec<Bundle>, outer: &[usize]) {
    bundles.sort_by(|a, b| a.at.partial_cmp(&b.at).unwrap());
    let mut from = 0;
    for k in 1..=bundles.len() {
        if k == bundles.len() || bundles[k].at - bundles[k - 1].at >= 1.0 {
            untangle(&mut bundles[from..k], outer);
            from = k;
        }
    }
}

/// Moves each of the bundles on one line to where it crosses fewest of the others, until nothing is better.
fn untangle(bundles: &mut [Bundle], outer: &[usize]) {
    let n = bundles.len();
    if n < 2 {
        return;
    }
    // How many crossings it saves if the first stands before the second.
    let gain: Vec<Vec<i32>> = bundles.iter().map(|a| bundles.iter().map(|b| -before(a, b)).collect()).collect();
    let outside = |b: usize| bundles[b].parts.iter().any(|p| outer.contains(&p.edge));
    let (last, mut order): (Vec<usize>, Vec<usize>) = (0..n).partition(|&b| outside(b));
    order.extend(last);
    for _ in 0..8 {
        let mut moved = false;
        for item in 0..n {
            let at = order.iter().position(|&o| o == item).unwrap();
            let (mut best, mut place) = (0, at);
            for forward in [true, false] {
                let (mut sum, mut k) = (0, at);
                while if forward { k + 1 < n } else { k > 0 } {
                    k = if forward { k + 1 } else { k - 1 };
                    let other = order[k];
                    sum += if forward { gain[other][item] } else { gain[item][other] };
                    if sum > best {
                        best = sum;
                        place = k;
                    }
                }
            }
            if place != at {
                order.remove(at);
                order.insert(place, item);
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let mut rank = vec![0; n];
    for (k, &item) in order.iter().enumerate() {
        rank[item] = k;
    }
    // In place: each goes where it belongs.
    for k in 0..n {
        while rank[k] != k {
            let to = rank[k];
            bundles.swap(k, to);
            rank.swap(k, to);
        }
    }
}

/// How many crossings more there are if the first of two bundles stands before the second than if it stands behind.
fn before(a: &Bundle, b: &Bundle) -> i32 {
    let mut votes = 0;
    for p in &a.parts {
        for q in &b.parts {
            if p.lo >= q.hi + 4.0 || q.lo >= p.hi + 4.0 {
                continue;
            }
            votes += match p.lo.partial_cmp(&q.lo).unwrap() {
                Ordering::Greater => p.turns.0,
                Ordering::Less => -q.turns.0,
                Ordering::Equal => (p.turns.0 - q.turns.0).signum(),
            };
            votes += match p.hi.partial_cmp(&q.hi).unwrap() {
                Ordering::Less => p.turns.1,
                Ordering::Greater => -q.turns.1,
                Ordering::Equal => (p.turns.1 - q.turns.1).signum(),
            };
        }
    }
    votes
}

/// Gives each bundle a place between its limits, apart from those before it; where there is little space, less apart.
fn settle(bundles: &mut [Bundle]) {
    let n = bundles.len();
    let conflicts: Vec<Vec<usize>> = (0..n)
        .map(|i| (0..i).filter(|&j| bundles[i].at - bundles[j].at < 60.0 && near(&bundles[i], &bundles[j])).collect())
        .collect();
    let mut want = centered(bundles, &conflicts);
    for (b, want) in bundles.iter().zip(&mut want) {
        // Between its ends a line keeps a little further off than it must, where it can.
        let middle = b.parts.iter().all(|p| p.turns.0 != 0 && p.turns.1 != 0);
        if middle && b.most - b.least > 2.0 * AIR {
            *want = want.max(b.least + AIR).min(b.most - AIR);
        }
    }
    let mut set: Vec<usize> = (0..n).collect();
    for i in 0..n {
        for &j in &conflicts[i] {
            let (a, b) = (set[i], set[j]);
            if a != b {
                set.iter_mut().filter(|s| **s == a.max(b)).for_each(|s| *s = a.min(b));
            }
        }
    }
    for root in 0..n {
        let members: Vec<usize> = (0..n).filter(|&i| set[i] == root).collect();
        if members.is_empty() {
            continue;
        }
        for spacing in [SPACING, 14.0, 10.0, 8.0, 6.0, 4.0, 2.0, LEAST] {
            if settled(bundles, &members, &conflicts, &want, spacing) {
                break;
            }
        }
    }
}

fn settled(bundles: &mut [Bundle], members: &[usize], conflicts: &[Vec<usize>], want: &[f64], spacing: f64) -> bool {
    let mut low: Vec<f64> = bundles.iter().map(|b| b.least).collect();
    let mut high: Vec<f64> = bundles.iter().map(|b| b.most).collect();
    for &i in members {
        for &j in &conflicts[i] {
            low[i] = low[i].max(low[j] + spacing);
        }
    }
    for &i in members.iter().rev() {
        for &j in &conflicts[i] {
            high[j] = high[j].min(high[i] - spacing);
        }
    }
    if spacing > LEAST && members.iter().any(|&i| low[i] > high[i] + 0.01) {
        return false;
    }
    for &i in members {
        let floor = conflicts[i].iter().map(|&j| bundles[j].at + spacing).fold(low[i], f64::max);
        // Lines are not on each other, even where there is too little space for them.
        if high[i] + 0.01 >= floor || spacing <= LEAST {
            bundles[i].at = want[i].max(floor).min(high[i].max(floor));
        }
    }
    true
}

/// Where bundles want to be: those that lie on each other around their common place.
fn centered(bundles: &[Bundle], conflicts: &[Vec<usize>]) -> Vec<f64> {
    let n = bundles.len();
    let mut want: Vec<f64> = bundles.iter().map(|b| b.at).collect();
    let mut done = vec![false; n];
    for i in 0..n {
        if done[i] {
            continue;
        }
        let mut set = vec![i];
        let mut k = 0;
        while k < set.len() {
            let a = set[k];
            for b in 0..n {
                let tied = (bundles[a].at - bundles[b].at).abs() < SPACING - 1.0;
                let joined = conflicts[a.max(b)].contains(&a.min(b));
                if a != b && tied && joined && !set.contains(&b) {
                    set.push(b);
                }
            }
            k += 1;
        }
        set.sort_unstable();
        for &m in &set {
            done[m] = true;
        }
        if set.len() > 1 {
            let mean = set.iter().map(|&m| bundles[m].at).sum::<f64>() / set.len() as f64;
            for (k, &m) in set.iter().enumerate() {
                want[m] = mean + (k as f64 - (set.len() as f64 - 1.0) / 2.0) * SPACING;
            }
        }
    }
    want
}
