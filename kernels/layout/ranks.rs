//! Ranks: cycles are broken at the reply, edges lead on, groups stay together.

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
                    ranks.push(scope.rank_of(other));
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
