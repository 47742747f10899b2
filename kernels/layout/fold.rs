//! Ranks that are too many or too broad: folded into rows beside each other, or in several rows behind each other.

use crate::scope::*;

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
        let (a, b) = (scope.rank_of(l.s), scope.rank_of(l.t));
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
