//! Ranks: cycles are broken at the reply, edges lead on, groups stay together; long pictures are folded.

use crate::plan::*;
use crate::scope::*;
use crate::simplex::Simplex;

/// Gives each vertex a rank, marks the links that lead back, and sets the ranks of clusters.
pub fn assign(scope: &mut Scope) {
    merge_twins(scope);
    break_cycles(scope);
    let n = scope.verts.len();
    let mut s = Simplex::new(n + 2 * scope.clusters.len());
    let (lo, hi) = (|c: usize| n + 2 * c, |c: usize| n + 2 * c + 1);
    for v in 0..n {
        let c = scope.verts[v].cluster;
        if scope.same[v] != v {
            continue;
        }
        s.arc(lo(c), v, 0, 0);
        s.arc(v, hi(c), 0, 0);
    }
    for v in 0..n {
        if scope.same[v] != v {
            // Its rank is another's; its cluster must still hold it.
            let (c, r) = (scope.verts[v].cluster, scope.same[v]);
            s.arc(lo(c), r, 0, 0);
            s.arc(r, hi(c), 0, 0);
            s.arc(r, v, 0, 1);
        }
    }
    for c in 0..scope.clusters.len() {
        s.arc(lo(c), hi(c), 0, if c == 0 { 0 } else { 2 });
        if c > 0 {
            let p = scope.clusters[c].parent;
            s.arc(lo(p), lo(c), 0, 0);
            s.arc(hi(c), hi(p), 0, 0);
        }
    }
    for link in scope.links.iter().filter(|l| !l.free && !l.flat && !l.aside) {
        let (a, b) = if link.reversed { (link.t, link.s) } else { (link.s, link.t) };
        let apart = scope.plan.groups == Groups::Apart;
        let (a, b) = if apart { scope.siblings(a, b) } else { (a, b) };
        let tail = match a {
            Child::V(v) => scope.same[v],
            Child::C(c) => hi(c),
        };
        let head = match b {
            Child::V(v) => scope.same[v],
            Child::C(c) => lo(c),
        };
        s.arc(tail, head, link.minlen, 2 * link.weight.max(0) + i32::from(link.weight == 0));
    }
    let ranks = s.solve(100_000).unwrap_or_else(|| vec![0; n + 2 * scope.clusters.len()]);
    for v in 0..n {
        scope.verts[v].rank = ranks[scope.same[v]];
    }
    dense(scope);
    spread(scope);
    aside(scope);
    scope.span_clusters();
}

/// Hubs stand in the middle of the ranks of what they are joined to, after all their siblings.
fn aside(scope: &mut Scope) {
    for hub in scope.hubs.clone() {
        let inner = match hub {
            Child::V(v) => vec![v],
            Child::C(c) => scope.members(c),
        };
        let mut ranks: Vec<i32> = Vec::new();
        for link in scope.links.iter().filter(|l| l.aside) {
            for (end, other) in [(link.s, link.t), (link.t, link.s)] {
                let at_hub = match end {
                    Child::V(v) => inner.contains(&v),
                    Child::C(_) => end == hub,
                };
                if at_hub {
                    ranks.push(rank_of(scope, other));
                }
            }
        }
        ranks.sort_unstable();
        let middle = ranks.get(ranks.len() / 2).copied().unwrap_or(0);
        let lo = inner.iter().map(|&v| scope.verts[v].rank).min().unwrap_or(0);
        let hi = inner.iter().map(|&v| scope.verts[v].rank).max().unwrap_or(0);
        let last = scope.verts.iter().map(|v| v.rank).max().unwrap_or(0);
        let first = middle.min(last - (hi - lo)).max(0);
        for &v in &inner {
            scope.verts[v].rank += first - lo;
        }
        let parent = match hub {
            Child::V(v) => scope.verts[v].cluster,
            Child::C(c) => scope.clusters[c].parent,
        };
        let children = &mut scope.clusters[parent].children;
        children.retain(|&c| c != hub);
        children.push(hub);
    }
}

/// Twins of one parent stand in one rank, whatever edges lead from one to the other.
fn merge_twins(scope: &mut Scope) {
    let n = scope.verts.len();
    scope.same = (0..n).collect();
    let group = |v: usize| match scope.verts[v].item {
        Item::Block(_, Some(g)) => Some(g),
        _ => None,
    };
    for v in 0..n {
        let g = match group(v) {
            Some(g) if scope.input.groups[g].twin != 0 => g,
            _ => continue,
        };
        let twins: Vec<usize> = (0..n)
            .filter(|&o| group(o).map_or(false, |h| scope.input.groups[h].parent == scope.input.groups[g].parent && scope.input.groups[h].twin == scope.input.groups[g].twin))
            .collect();
        if twins.len() < 2 || twins[0] != v {
            continue;
        }
        let between: Vec<usize> = (0..scope.links.len())
            .filter(|&i| twins.iter().any(|&t| scope.links[i].s == Child::V(t)) && twins.iter().any(|&t| scope.links[i].t == Child::V(t)))
            .collect();
        for &t in &twins {
            scope.same[t] = v;
        }
        for i in between {
            scope.links[i].flat = true;
        }
    }
}

/// Marks links as reversed (or free, where an end is a cluster) so that the others form no cycle.
///
/// Links are taken in the order in which a reader who starts at the entries comes to them; one that closes a cycle
/// leads back.
fn break_cycles(scope: &mut Scope) {
    let n = scope.verts.len();
    let total = n + 2 * scope.clusters.len();
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); total];
    for v in 0..n {
        let c = scope.verts[v].cluster;
        out[n + 2 * c].push(scope.same[v]);
        out[scope.same[v]].push(n + 2 * c + 1);
    }
    for c in 1..scope.clusters.len() {
        let p = scope.clusters[c].parent;
        out[n + 2 * p].push(n + 2 * c);
        out[n + 2 * c + 1].push(n + 2 * p + 1);
    }
    let mut seen = vec![0u32; total];
    let mut stamp = 0;
    for i in reading_order(scope) {
        let link = &scope.links[i];
        if link.flat || link.aside {
            continue;
        }
        let tail = |c: Child| match c {
            Child::V(v) => scope.same[v],
            Child::C(c) => n + 2 * c + 1,
        };
        let head = |c: Child| match c {
            Child::V(v) => scope.same[v],
            Child::C(c) => n + 2 * c,
        };
        let (s, t) = if scope.plan.groups == Groups::Loose { (link.s, link.t) } else { scope.siblings(link.s, link.t) };
        stamp += 1;
        if !reaches(&out, head(t), tail(s), &mut seen, stamp) {
            out[tail(s)].push(head(t));
            continue;
        }
        stamp += 1;
        if tail(s) != head(t) && !reaches(&out, head(s), tail(t), &mut seen, stamp) {
            out[tail(t)].push(head(s));
            scope.links[i].reversed = true;
        } else {
            scope.links[i].free = true;
        }
    }
}

fn reaches(out: &[Vec<usize>], from: usize, to: usize, seen: &mut [u32], stamp: u32) -> bool {
    let mut stack = vec![from];
    seen[from] = stamp;
    while let Some(v) = stack.pop() {
        if v == to {
            return true;
        }
        for &w in &out[v] {
            if seen[w] != stamp {
                seen[w] = stamp;
                stack.push(w);
            }
        }
    }
    false
}

/// The links as a depth-first reading from the entries meets them.
fn reading_order(scope: &Scope) -> Vec<usize> {
    let n = scope.verts.len();
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); n + scope.clusters.len()];
    let mut degree = vec![0; n + scope.clusters.len()];
    let index = |c: Child| match c {
        Child::V(v) => v,
        Child::C(c) => n + c,
    };
    for (i, l) in scope.links.iter().enumerate() {
        out[index(l.s)].push(i);
        degree[index(l.t)] += 1;
    }
    let source = |v: usize| -> usize {
        if v >= n {
            return usize::MAX;
        }
        match &scope.verts[v].item {
            Item::Node(k) => *k,
            Item::Block(b, _) => b.nodes.iter().map(|x| x.0).min().unwrap_or(usize::MAX),
            Item::Dummy => usize::MAX,
        }
    };
    let entry = |v: usize| match &scope.verts[v].item {
        Item::Node(k) => scope.input.nodes[*k].entry,
        _ => false,
    };
    let mut roots: Vec<usize> = (0..n + scope.clusters.len()).collect();
    roots.sort_by_key(|&v| (if v < n && entry(v) { 0 } else if degree[v] == 0 { 1 } else { 2 }, source(v), v));
    let (mut found, mut visited) = (Vec::new(), vec![false; n + scope.clusters.len()]);
    for root in roots {
        let mut stack = vec![(root, 0)];
        if visited[root] {
            continue;
        }
        visited[root] = true;
        while let Some(top) = stack.last_mut() {
            let v = top.0;
            if top.1 < out[v].len() {
                let i = out[v][top.1];
                top.1 += 1;
                found.push(i);
                let t = index(scope.links[i].t);
                if !visited[t] {
                    visited[t] = true;
                    stack.push((t, 0));
                }
            } else {
                stack.pop();
            }
        }
    }
    found
}

/// Leaves out ranks in which nothing stands.
fn dense(scope: &mut Scope) {
    let mut used: Vec<i32> = scope.verts.iter().map(|v| v.rank).collect();
    used.sort_unstable();
    used.dedup();
    let asked = scope.links.iter().any(|l| l.minlen > 1);
    let first = used.first().copied().unwrap_or(0);
    for v in &mut scope.verts {
        v.rank = if asked { v.rank - first } else { used.binary_search(&v.rank).unwrap_or(0) as i32 };
    }
}

/// Vertices of a cluster that nothing joins go where their cluster has fewest.
fn spread(scope: &mut Scope) {
    scope.span_clusters();
    let joined = |scope: &Scope, v: usize| scope.links.iter().any(|l| l.s == Child::V(v) || l.t == Child::V(v));
    for v in 0..scope.verts.len() {
        if joined(scope, v) || scope.same[v] != v {
            continue;
        }
        let mut c = scope.verts[v].cluster;
        let others = |scope: &Scope, c: usize| scope.members(c).iter().filter(|&&m| m != v && joined(scope, m)).map(|&m| scope.verts[m].rank).collect::<Vec<i32>>();
        while c != 0 && others(scope, c).is_empty() {
            c = scope.clusters[c].parent;
        }
        let near = others(scope, c);
        if near.is_empty() {
            continue;
        }
        let (lo, hi) = (*near.iter().min().unwrap(), *near.iter().max().unwrap());
        let all = scope.members(c);
        let count = |r: i32| all.iter().filter(|&&m| m != v && scope.verts[m].rank == r).count();
        let best = (lo..=hi).min_by_key(|&r| (count(r), r)).unwrap_or(lo);
        scope.verts[v].rank = best;
    }
}

/// Puts more nodes of one group in a rank than the plan allows into several ranks, one row behind the other.
pub fn wrap(scope: &mut Scope) {
    let most = scope.plan.broadest;
    let last = scope.verts.iter().map(|v| v.rank).max().unwrap_or(0);
    let mut shift = 0;
    for rank in 0..=last {
        let here = rank + shift;
        let mut rows = 1;
        for c in 0..scope.clusters.len() {
            let row: Vec<usize> = scope.clusters[c].children.iter().filter_map(|&child| match child {
                Child::V(v) if scope.verts[v].rank == here && scope.same[v] == v && matches!(scope.verts[v].item, Item::Node(_)) => Some(v),
                _ => None,
            }).collect();
            let count = (row.len() + most.saturating_sub(1)) / most.max(1);
            if row.len() <= most || count < 2 {
                continue;
            }
            let wide = (row.len() + count - 1) / count;
            if rows < count {
                // What comes later moves on.
                for v in 0..scope.verts.len() {
                    if scope.verts[v].rank > here {
                        scope.verts[v].rank += (count - rows) as i32;
                    }
                }
                shift += (count - rows) as i32;
                rows = count;
            }
            for (k, &v) in row.iter().enumerate() {
                scope.verts[v].rank = here + (k / wide) as i32;
                if k >= wide {
                    scope.columns.push((row[k - wide], v));
                }
            }
        }
    }
    scope.span_clusters();
}

/// Puts more ranks than the plan allows into rows beside each other, cut where no group is cut.
pub fn fold(scope: &mut Scope) {
    let mut c = 0;
    loop {
        let (lo, hi) = scope.clusters[c].rank;
        let length = (hi - lo + 1) as usize;
        if length <= scope.plan.longest {
            return;
        }
        let inner = scope.clusters[c].children.iter().find_map(|&child| match child {
            Child::C(d) if (scope.clusters[d].rank.1 - scope.clusters[d].rank.0 + 1) as usize * 10 >= length * 7 && length > 3 => Some(d),
            _ => None,
        });
        match inner {
            Some(d) => c = d,
            None => break,
        }
    }
    let cuts = cuts_of(scope, c);
    if !cuts.is_empty() {
        fold_at(scope, c, &cuts);
    }
}

/// No more lines lead over a cut.
const MOST_OVER: usize = 3;
/// What a fork over a cut costs where none should be cut: it leads around what stands below it.
const FORK: f64 = 2.0;

/// The ranks of a cluster before which it is cut.
fn cuts_of(scope: &Scope, c: usize) -> Vec<i32> {
    let (lo, hi) = scope.clusters[c].rank;
    let length = hi - lo + 1;
    let rows = (length as usize + scope.plan.longest - 1) / scope.plan.longest;
    let mut price = vec![f64::INFINITY; (length + 1) as usize];
    for r in lo + 1..=hi {
        let whole = scope.clusters[c].children.iter().all(|&child| match child {
            Child::C(d) => scope.clusters[d].rank.0 >= r || scope.clusters[d].rank.1 < r,
            Child::V(_) => true,
        });
        if whole {
            let (from, to) = ends_over(scope, r);
            if from.min(to) <= MOST_OVER {
                let fork = if scope.plan.forks { 0 } else { to.saturating_sub(from) };
                price[(r - lo) as usize] = from.min(to) as f64 + FORK * fork as f64;
            }
        }
    }
    // The best cuts into so many rows: short rows of like length, few links over the cuts.
    let (mut best, mut found) = (f64::INFINITY, Vec::new());
    let ideal = f64::from(length) / rows as f64;
    let mut stack: Vec<(Vec<i32>, f64)> = vec![(Vec::new(), 0.0)];
    let mut steps = 0;
    while let Some((cuts, cost)) = stack.pop() {
        steps += 1;
        if steps > 4000 {
            break;
        }
        let from = cuts.last().copied().unwrap_or(0);
        let rest = f64::from(length - from);
        if cuts.len() + 1 == rows {
            if rest < ideal * 0.4 {
                continue;
            }
            let total = cost + (rest - ideal).powi(2) + if rest > ideal { 2.0 * (rest - ideal) } else { 0.0 };
            if total < best {
                best = total;
                found = cuts;
            }
            continue;
        }
        for r in (from + 1..length).rev() {
            let p = price[r as usize];
            let size = f64::from(r - from);
            if p.is_finite() && (size - ideal).abs() <= ideal * 0.8 {
                let mut next = cuts.clone();
                next.push(r);
                let more = (size - ideal).powi(2) + if size > ideal { 2.0 * (size - ideal) } else { 0.0 } + 3.0 * (p - 1.0).max(0.0);
                stack.push((next, cost + more));
            }
        }
    }
    found.iter().map(|r| r + lo).collect()
}

/// From how many and to how many ends the links lead that the cut before a rank cuts. Links with an end in common may be
/// one line there.
fn ends_over(scope: &Scope, r: i32) -> (usize, usize) {
    let (mut from, mut to): (Vec<Child>, Vec<Child>) = (Vec::new(), Vec::new());
    for l in &scope.links {
        let (a, b) = (rank_of(scope, l.s), rank_of(scope, l.t));
        if a.min(b) < r && a.max(b) >= r {
            for (ends, end) in [(&mut from, l.s), (&mut to, l.t)] {
                if !ends.contains(&end) {
                    ends.push(end);
                }
            }
        }
    }
    (from.len(), to.len())
}

fn rank_of(scope: &Scope, child: Child) -> i32 {
    match child {
        Child::V(v) => scope.verts[v].rank,
        Child::C(c) => scope.clusters[c].rank.0,
    }
}

fn fold_at(scope: &mut Scope, c: usize, cuts: &[i32]) {
    let (lo, hi) = scope.clusters[c].rank;
    let row_of = |r: i32| cuts.iter().filter(|&&cut| r >= cut).count();
    let start = |row: usize| if row == 0 { lo } else { cuts[row - 1] };
    let end = |row: usize| if row < cuts.len() { cuts[row] - 1 } else { hi };
    let longest = (0..=cuts.len()).map(|row| end(row) - start(row) + 1).max().unwrap();
    let back = |row: usize| scope.plan.serpentine && row % 2 == 1;
    let moved = |r: i32| {
        let row = row_of(r);
        if back(row) {
            lo + longest - 1 - (r - start(row))
        } else {
            lo + r - start(row)
        }
    };
    let members = scope.members(c);
    let mut rows = vec![usize::MAX; scope.verts.len()];
    for &v in &members {
        rows[v] = row_of(scope.verts[v].rank);
    }
    let shift = hi - lo + 1 - longest;
    for v in 0..scope.verts.len() {
        let r = scope.verts[v].rank;
        scope.verts[v].rank = if rows[v] != usize::MAX { moved(r) } else if r > hi { r - shift } else { r };
    }
    let first = scope.clusters.len();
    for row in 0..=cuts.len() {
        scope.clusters.push(Cluster { parent: c, row: true, ..Cluster::default() });
        let of_row = |scope: &Scope, child: &Child| match *child {
            Child::V(v) => rows[v] == row,
            Child::C(d) => scope.members(d).first().map_or(row == 0, |&v| rows[v] == row),
        };
        let children: Vec<Child> = scope.clusters[c].children.iter().filter(|ch| of_row(scope, ch)).copied().collect();
        for child in &children {
            match *child {
                Child::V(v) => scope.verts[v].cluster = first + row,
                Child::C(d) => scope.clusters[d].parent = first + row,
            }
        }
        scope.clusters[first + row].children = children;
    }
    scope.clusters[c].children = (first..first + cuts.len() + 1).map(Child::C).collect();
    let row_at = |scope: &Scope, child: Child| match child {
        Child::V(v) => rows[v],
        Child::C(d) => scope.members(d).first().map_or(usize::MAX, |&v| rows[v]),
    };
    for i in 0..scope.links.len() {
        let (a, b) = (row_at(scope, scope.links[i].s), row_at(scope, scope.links[i].t));
        if a == usize::MAX && b == usize::MAX {
            continue;
        }
        if a != b {
            scope.links[i].free = true;
            continue;
        }
        if back(a) {
            scope.links[i].reversed = !scope.links[i].reversed;
        }
    }
    scope.span_clusters();
}
