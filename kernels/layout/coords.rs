//! From ranks and order to coordinates: across the flow by network simplex (`along.rs` has the others).

use crate::along::{Along, Lines};
use crate::model::*;
use crate::order::Chain;
use crate::scope::*;
use crate::simplex::{Simplex, Solver};

const UNIT: f64 = 2.0; // Steps of the simplex in a point.
const LANE: f64 = 12.0; // Between two long edges.
const FRAMES: f64 = 20.0; // Between two frames.
const NEARLY: f64 = 26.0; // Two that are so far from being in line look out of line.
const AGAIN: usize = 600; // So many vertices are placed once only.
const LOOSE: f64 = 80.0; // A frame further from what it holds looks empty.

pub fn place(scope: &Scope, chains: &[Chain]) -> Block {
    let across = across(scope, chains);
    let along = Along::new(scope, chains, &across).solve();
    assemble(scope, &across, &along)
}

/// Coordinates across the flow: of vertices, and both sides of clusters.
pub struct Across {
    pub verts: Vec<f64>,
    pub clusters: Vec<(f64, f64)>,
}

fn units(points: f64) -> i32 {
    (points * UNIT).round() as i32
}

fn across(scope: &Scope, chains: &[Chain]) -> Across {
    let n = scope.verts.len();
    let k = scope.clusters.len();
    let mut s = Simplex::new(n + 2 * k);
    let (left, right) = (|c: usize| n + 2 * c, |c: usize| n + 2 * c + 1);
    for (c, cluster) in scope.clusters.iter().enumerate() {
        for &child in &cluster.children {
            match child {
                Child::V(v) => {
                    s.arc(left(c), v, units(cluster.c.0 + scope.verts[v].c.0), 0);
                    s.arc(v, right(c), units(cluster.c.1 + scope.verts[v].c.1), 0);
                }
                Child::C(d) => {
                    s.arc(left(c), left(d), units(cluster.c.0), 0);
                    s.arc(right(d), right(c), units(cluster.c.1), 0);
                }
            }
        }
        s.arc(left(c), right(c), units(cluster.least_c), if c == 0 || cluster.row { 0 } else { 8 });
        separate(scope, c, &mut s, &left, &right);
    }
    aside(scope, &mut s, &left, &right);
    beside_titles(scope, chains, &mut s, &left);
    if !scope.plan.flow.horizontal() {
        labels_in_frames(scope, chains, &mut s, &left, &right);
    }
    let rules = s.rules();
    let (pulls, first) = (pulls(scope, chains), rules.len());
    for p in &pulls {
        s.pull(p.a, p.b, p.da, p.db, p.weight);
    }
    let pivots = if n < 400 { 20_000 } else { 4_000 };
    let mut value = vec![0; n + 2 * k];
    if let Some(mut solver) = Solver::new(s) {
        solver.run(pivots);
        value = solver.value();
        // Once more: what is nearly straight becomes so, and how far the others lead aside counts little (reweighted
        // L1 minimization: Candes, Wakin, Boyd 2008).
        for _ in 1..if n < AGAIN { scope.plan.placings } else { 1 } {
            solver.reweigh(first, pulls.iter().flat_map(|p| [p.weight * p.importance(&value); 2]));
            solver.run(pivots);
            value = solver.value();
        }
    }
    let joined = joined(scope, chains);
    align(scope, &joined, &rules, &mut value);
    center(scope, chains, &rules, &mut value);
    snap(scope, &joined, &rules, &mut value);
    let at = |i: usize| f64::from(value[i]) / UNIT;
    Across {
        verts: (0..n).map(at).collect(),
        clusters: (0..k).map(|c| (at(left(c)), at(right(c)))).collect(),
    }
}

/// Keeps neighbors in each rank apart.
fn separate(scope: &Scope, c: usize, s: &mut Simplex, left: &dyn Fn(usize) -> usize, right: &dyn Fn(usize) -> usize) {
    let cluster = &scope.clusters[c];
    let ranks = |child: Child| match child {
        Child::V(v) => (scope.verts[v].rank, scope.verts[v].rank),
        Child::C(d) => scope.clusters[d].rank,
    };
    let (lo, hi) = cluster.rank;
    let mut last: Vec<Option<Child>> = vec![None; (hi - lo + 1).max(0) as usize];
    let mut done: Vec<(Child, Child)> = Vec::new();
    for &b in &cluster.children {
        let (from, to) = ranks(b);
        for r in from..=to {
            let slot = (r - lo) as usize;
            if slot >= last.len() {
                continue;
            }
            if let Some(a) = last[slot] {
                if !done.iter().rev().take(24).any(|&d| d == (a, b)) {
                    done.push((a, b));
                    let gap = gap_between(scope, a, b).max(label_between(scope, a, b));
                    let (u, du) = match a {
                        Child::V(v) => (v, scope.verts[v].c.1),
                        Child::C(d) => (right(d), 0.0),
                    };
                    let (v, dv) = match b {
                        Child::V(v) => (v, scope.verts[v].c.0),
                        Child::C(d) => (left(d), 0.0),
                    };
                    s.arc(u, v, units(du + gap + dv), 0);
                }
            }
            last[slot] = Some(b);
        }
    }
}

/// What the label of an edge between two neighbors needs, where it found no space.
fn label_between(scope: &Scope, a: Child, b: Child) -> f64 {
    let mut need = 0.0;
    for link in scope.links.iter().filter(|l| scope.hints.wide.contains(&l.edge)) {
        let (x, y) = (scope.within(a, link.s), scope.within(a, link.t));
        if (x && scope.within(b, link.t)) || (y && scope.within(b, link.s)) {
            need = f64::max(need, link.label_c + 30.0);
        }
        // Beside the line to one of two neighbors, before the line to the other.
        let ends = [link.s, link.t];
        if !scope.plan.flow.horizontal() && (ends.contains(&a) || ends.contains(&b)) {
            need = f64::max(need, link.label_c + 24.0);
        }
    }
    need
}

/// A frame is wide enough for the labels beside the upright edges in it.
fn labels_in_frames(scope: &Scope, chains: &[Chain], s: &mut Simplex, left: &dyn Fn(usize) -> usize, right: &dyn Fn(usize) -> usize) {
    for (i, chain) in chains.iter().enumerate() {
        let label = scope.links[chain.link].label_c;
        let (u, v) = (chain.verts[0], *chain.verts.last().unwrap());
        let around = scope.chain(Child::V(v));
        let common = scope.chain(Child::V(u)).into_iter().find(|c| around.contains(c)).unwrap_or(0);
        if label == 0.0 || common == 0 || scope.clusters[common].row {
            continue;
        }
        let same = |other: &Chain| (other.verts[0], *other.verts.last().unwrap()) == (u, v);
        let need = units(label + 12.0);
        if chains[i + 1..].iter().any(same) {
            s.arc(left(common), u, need, 0);
        } else {
            s.arc(u, right(common), need, 0);
        }
    }
}

/// What edges reach from above stands to the right of the title, where that was in their way.
fn beside_titles(scope: &Scope, chains: &[Chain], s: &mut Simplex, left: &dyn Fn(usize) -> usize) {
    for (c, cluster) in scope.clusters.iter().enumerate() {
        let g = match cluster.group {
            Some(g) if scope.hints.titles.contains(&g) && scope.plan.flow == Flow::Down => g,
            _ => continue,
        };
        for chain in chains {
            for pair in chain.verts.windows(2) {
                let inside = |v: usize| scope.chain(Child::V(v)).contains(&c);
                let need = scope.input.groups[g].title_w + 8.0;
                if !inside(pair[0]) && inside(pair[1]) && need - scope.verts[pair[1]].c.0 < LOOSE {
                    s.arc(left(c), pair[1], units(need), 0);
                }
            }
        }
    }
}

/// Hubs stand beyond all their siblings.
fn aside(scope: &Scope, s: &mut Simplex, left: &dyn Fn(usize) -> usize, right: &dyn Fn(usize) -> usize) {
    for &hub in &scope.hubs {
        let (parent, start, reach) = match hub {
            Child::V(v) => (scope.verts[v].cluster, v, scope.verts[v].c.0),
            Child::C(c) => (scope.clusters[c].parent, left(c), 0.0),
        };
        for &child in &scope.clusters[parent].children {
            if scope.hubs.contains(&child) {
                continue;
            }
            match child {
                Child::V(v) => s.arc(v, start, units(scope.verts[v].c.1 + 30.0 + reach), 0),
                Child::C(c) => s.arc(right(c), start, units(30.0 + reach), 0),
            }
        }
    }
}

fn gap_between(scope: &Scope, a: Child, b: Child) -> f64 {
    let kind = |c: Child| match c {
        Child::V(v) => match scope.verts[v].item {
            Item::Node(_) => 0,
            Item::Block(..) => 1,
            Item::Dummy => 2,
        },
        Child::C(c) if scope.clusters[c].row => 3,
        Child::C(_) => 1,
    };
    let air = scope.plan.air;
    match (kind(a), kind(b)) {
        (3, _) | (_, 3) => 44.0 * air,
        (2, 2) => LANE - 8.0,
        (2, _) | (_, 2) => LANE,
        (0, 0) => {
            let usual = scope.input.node_gap * air;
            // Side by side in a flow to the right, labels stand between neighbors already.
            if scope.plan.flow.horizontal() { usual * 0.8 } else { usual }
        }
        (1, 1) => FRAMES * air,
        _ => (FRAMES + 8.0) * air,
    }
}

/// What makes two vertices stand in line: their offsets, and how much that counts.
struct Pull {
    a: usize,
    b: usize,
    da: i32,
    db: i32,
    weight: i32,
}

impl Pull {
    /// How much it counts once places are known: the less, the further the two are from being in line.
    fn importance(&self, value: &[i32]) -> i32 {
        let off = (value[self.a] + self.da - value[self.b] - self.db).abs();
        if off <= units(NEARLY) { 12 } else if off <= units(2.0 * NEARLY) { 4 } else { 1 }
    }
}

/// How much more an edge counts that is in the middle at both of its ends.
const MAIN: i32 = 8;

fn pulls(scope: &Scope, chains: &[Chain]) -> Vec<Pull> {
    let mut found: Vec<Pull> = scope.columns.iter().map(|&(a, b)| Pull { a, b, da: 0, db: 0, weight: 32 }).collect();
    let (out, into) = (counted(scope, chains, false), counted(scope, chains, true));
    let (next, before) = (middles(scope, chains, false), middles(scope, chains, true));
    for (i, chain) in chains.iter().enumerate() {
        let link = &scope.links[chain.link];
        if scope.input.edges[link.edge].invisible {
            continue;
        }
        let last = chain.verts.len() - 1;
        let (u, v) = (chain.verts[0], chain.verts[last]);
        let (ds, dt) = if ends_swapped(scope, chain) { (link.dt, link.ds) } else { (link.ds, link.dt) };
        // One edge at each side of a node is straight; how far the others lead aside does not count much.
        let main = (next[u] == i, before[v] == i);
        let alone = out[u] == 1 && into[v] == 1;
        for (k, pair) in chain.verts.windows(2).enumerate() {
            let weight = match (k == 0, k == last - 1) {
                (true, true) => if alone { 10 } else if out[u] == 1 || into[v] == 1 { 5 } else { 4 },
                (false, false) => 8,
                _ => 4,
            };
            let weight = weight * match main { (true, true) => MAIN, (false, false) => 1, _ => 2 };
            let (da, db) = (if k == 0 { ds } else { 0.0 }, if k == last - 1 { dt } else { 0.0 });
            found.push(Pull { a: pair[0], b: pair[1], da: units(da), db: units(db), weight });
        }
    }
    found
}

/// How many chains begin at each vertex, or end there.
fn counted(scope: &Scope, chains: &[Chain], ends: bool) -> Vec<usize> {
    let mut count = vec![0; scope.verts.len()];
    for chain in chains {
        count[if ends { *chain.verts.last().unwrap() } else { chain.verts[0] }] += 1;
    }
    count
}

/// For each vertex the chain that begins there (or ends) in the middle of all that do, in its own group if any does; of
/// two the shorter one.
fn middles(scope: &Scope, chains: &[Chain], ends: bool) -> Vec<usize> {
    let place = scope.places();
    let mut at: Vec<Vec<(usize, usize)>> = vec![Vec::new(); scope.verts.len()];
    for (i, chain) in chains.iter().enumerate() {
        let n = chain.verts.len();
        let (here, there) = if ends { (chain.verts[n - 1], chain.verts[n - 2]) } else { (chain.verts[0], chain.verts[1]) };
        if !scope.input.edges[scope.links[chain.link].edge].invisible {
            at[here].push((place[there], i));
        }
    }
    let cluster = |v: usize| scope.verts[v].cluster;
    let inner = |chain: &Chain| cluster(chain.verts[0]) == cluster(*chain.verts.last().unwrap());
    let middle = |mut found: Vec<(usize, usize)>| {
        if found.iter().any(|f| inner(&chains[f.1])) {
            found.retain(|f| inner(&chains[f.1]));
        }
        found.sort_unstable();
        match found.len() {
            0 => usize::MAX,
            n if n % 2 == 1 => found[n / 2].1,
            n => found[n / 2 - 1..=n / 2].iter().map(|f| f.1).min_by_key(|&i| (chains[i].verts.len(), i)).unwrap(),
        }
    };
    at.into_iter().map(middle).collect()
}

/// For each vertex those that an edge joins to it, and how far beside it they are when they are in line.
fn joined(scope: &Scope, chains: &[Chain]) -> Vec<Vec<(usize, i32)>> {
    let mut joined: Vec<Vec<(usize, i32)>> = vec![Vec::new(); scope.verts.len()];
    for chain in chains {
        let link = &scope.links[chain.link];
        let (ds, dt) = if ends_swapped(scope, chain) { (link.dt, link.ds) } else { (link.ds, link.dt) };
        let last = chain.verts.len() - 1;
        for (i, pair) in chain.verts.windows(2).enumerate() {
            let (da, db) = (if i == 0 { units(ds) } else { 0 }, if i + 1 == last { units(dt) } else { 0 });
            joined[pair[0]].push((pair[1], db - da));
            joined[pair[1]].push((pair[0], da - db));
        }
    }
    joined
}

/// A node that is in line with nothing it is joined to goes in line with one of another rank that is nearly so.
fn snap(scope: &Scope, joined: &[Vec<(usize, i32)>], rules: &[(usize, usize, i32)], value: &mut [i32]) {
    let n = scope.verts.len();
    if n > AGAIN / 2 {
        return;
    }
    let nodes: Vec<usize> = (0..n).filter(|&v| matches!(scope.verts[v].item, Item::Node(_))).collect();
    let loose = |v: usize, value: &[i32]| !joined[v].iter().any(|&(w, d)| value[v] == value[w] + d);
    let mut pairs: Vec<(i32, usize, usize)> = Vec::new();
    for &v in nodes.iter().filter(|&&v| loose(v, value)) {
        for &w in &nodes {
            let off = (value[v] - value[w]).abs();
            if scope.verts[v].rank != scope.verts[w].rank && off > 0 && off <= units(NEARLY) {
                pairs.push((off, v, w));
            }
        }
    }
    pairs.sort_unstable();
    for (_, v, w) in pairs {
        let level = nodes.iter().any(|&o| o != v && scope.verts[o].rank != scope.verts[v].rank && value[o] == value[v]);
        if loose(v, value) && !level && within(rules, value, v, value[w], n) {
            value[v] = value[w];
        }
    }
}

/// A vertex that is in line with none of its neighbors goes in line with the nearest that it may reach.
fn align(scope: &Scope, joined: &[Vec<(usize, i32)>], rules: &[(usize, usize, i32)], value: &mut [i32]) {
    let n = scope.verts.len();
    for v in 0..n {
        if joined[v].is_empty() || joined[v].iter().any(|&(w, d)| value[v] == value[w] + d) {
            continue;
        }
        let (mut least, mut most) = (i32::MIN / 2, i32::MAX / 2);
        for &(tail, head, len) in rules {
            if tail == n || head == n + 1 {
                continue; // The scope itself grows.
            }
            if head == v {
                least = least.max(value[tail] + len);
            } else if tail == v {
                most = most.min(value[head] - len);
            }
        }
        let best = joined[v].iter().map(|&(w, d)| value[w] + d).filter(|&x| x >= least && x <= most).min_by_key(|&x| ((x - value[v]).abs(), x));
        if let Some(x) = best {
            value[v] = x;
        }
    }
}

/// What leads to twins alone stands in their middle, and what leads to that alone in line with it.
fn center(scope: &Scope, chains: &[Chain], rules: &[(usize, usize, i32)], value: &mut [i32]) {
    let twin = |v: usize| match scope.verts[v].item {
        Item::Block(_, Some(g)) => scope.input.groups[g].twin,
        _ => 0,
    };
    let mut moved: Vec<usize> = Vec::new();
    for v in 0..scope.verts.len() {
        let next: Vec<usize> = chains.iter().filter(|c| c.verts[0] == v).map(|c| *c.verts.last().unwrap()).collect();
        if next.len() < 2 || twin(next[0]) == 0 || !next.iter().all(|&w| twin(w) == twin(next[0])) {
            continue;
        }
        let (lo, hi) = (next.iter().map(|&w| value[w]).min().unwrap(), next.iter().map(|&w| value[w]).max().unwrap());
        if within(rules, value, v, (lo + hi) / 2, scope.verts.len()) {
            value[v] = (lo + hi) / 2;
            moved.push(v);
        }
    }
    while let Some(v) = moved.pop() {
        for chain in chains.iter().filter(|c| *c.verts.last().unwrap() == v) {
            let u = chain.verts[0];
            if chains.iter().filter(|c| c.verts[0] == u).count() == 1 && chain.verts.len() == 2 && within(rules, value, u, value[v], scope.verts.len()) {
                value[u] = value[v];
                moved.push(u);
            }
        }
    }
}

/// Whether a vertex may be moved to a place while all others stay.
fn within(rules: &[(usize, usize, i32)], value: &[i32], v: usize, x: i32, n: usize) -> bool {
    rules.iter().all(|&(tail, head, len)| {
        tail == n || head == n + 1 || (head != v || value[tail] + len <= x) && (tail != v || x + len <= value[head])
    })
}

/// Whether a chain's first vertex is the link's target.
fn ends_swapped(scope: &Scope, chain: &Chain) -> bool {
    let link = &scope.links[chain.link];
    let first = chain.verts[0];
    match link.s {
        Child::V(v) => v != first,
        Child::C(c) => !scope.members(c).contains(&first),
    }
}

/// Puts all in place, from the top left corner.
fn assemble(scope: &Scope, across: &Across, lines: &Lines) -> Block {
    let flow = scope.plan.flow;
    // (f0, f1, c0, c1) of everything.
    let span = |v: usize| {
        let vert = &scope.verts[v];
        let (f, c) = (lines.rank[vert.rank as usize], across.verts[v]);
        (f - vert.f.0, f + vert.f.1, c - vert.c.0, c + vert.c.1)
    };
    let real: Vec<usize> = (0..scope.verts.len()).filter(|&v| !matches!(scope.verts[v].item, Item::Dummy)).collect();
    let mut all = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY);
    let framed: Vec<usize> = (1..scope.clusters.len()).filter(|&c| scope.clusters[c].group.is_some()).collect();
    let spans = real.iter().map(|&v| span(v));
    let frames = framed.iter().map(|&c| (lines.clusters[c].0, lines.clusters[c].1, across.clusters[c].0, across.clusters[c].1));
    for s in spans.chain(frames) {
        all = (all.0.min(s.0), all.1.max(s.1), all.2.min(s.2), all.3.max(s.3));
    }
    let (long, wide) = (all.1 - all.0, all.3 - all.2);
    let point = |f: f64, c: f64| -> (f64, f64) {
        let (f, c) = (f - all.0, c - all.2);
        match flow {
            Flow::Right => (f, c),
            Flow::Left => (long - f, c),
            Flow::Down => (c, f),
            Flow::Up => (c, long - f),
        }
    };
    let mut block = Block { w: if flow.horizontal() { long } else { wide }, h: if flow.horizontal() { wide } else { long }, ..Block::default() };
    for &v in &real {
        let vert = &scope.verts[v];
        let (f, c) = (lines.rank[vert.rank as usize], across.verts[v]);
        match &vert.item {
            Item::Node(n) => {
                let (x, y) = point(f, c);
                block.nodes.push((*n, x, y));
            }
            Item::Block(inner, _) => {
                let (x, y) = point(f, c);
                block.add(inner, x - inner.w / 2.0, y - inner.h / 2.0);
            }
            Item::Dummy => {}
        }
    }
    for &c in &framed {
        let (a, b) = (point(lines.clusters[c].0, across.clusters[c].0), point(lines.clusters[c].1, across.clusters[c].1));
        let rect = Rect::new(a.0.min(b.0), a.1.min(b.1), a.0.max(b.0), a.1.max(b.1));
        block.groups.push((scope.clusters[c].group.unwrap(), rect));
    }
    if let Some(&(_, x, y)) = block.nodes.first() {
        block.axis = (x, y);
    }
    block
}
