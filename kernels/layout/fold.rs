//! Too many or too wide ranks: folds the layout into rows next to each other, and splits ranks into several rows.

use crate::model::Relation;
use crate::scope::*;

/// Splits ranks with more nodes of one group than the plan allows into several ranks, one row after another.
pub fn wrap(scope: &mut Scope) {
    let max_nodes = scope.plan.max_nodes_per_rank;
    let last = scope.vertices.iter().map(|v| v.rank).max().unwrap_or(0);
    let mut shift = 0;
    for rank in 0..=last {
        let current = rank + shift;
        let mut row_count = 1;
        for c in 0..scope.clusters.len() {
            let nodes: Vec<usize> = scope.clusters[c]
                .children
                .iter()
                .filter_map(|&child| match child {
                    Child::Vertex(v)
                        if scope.vertices[v].rank == current
                            && scope.rank_leader[v] == v
                            && matches!(scope.vertices[v].item, Item::Node(_)) =>
                    {
                        Some(v)
                    }
                    _ => None,
                })
                .collect();
            let rows_needed = (nodes.len() + max_nodes.saturating_sub(1)) / max_nodes.max(1);
            let has_hints = |v: usize| {
                let mentions = |l: &Link| l.relation.is_some() && [l.source, l.target].contains(&Child::Vertex(v));
                scope.links.iter().any(mentions) || scope.cells.iter().any(|cell| cell.0 == Child::Vertex(v))
            };
            if nodes.len() <= max_nodes || rows_needed < 2 || nodes.iter().any(|&v| has_hints(v)) {
                continue;
            }
            let row_length = (nodes.len() + rows_needed - 1) / rows_needed;
            if row_count < rows_needed {
                // Later ranks move on.
                for v in 0..scope.vertices.len() {
                    if scope.vertices[v].rank > current {
                        scope.vertices[v].rank += (rows_needed - row_count) as i32;
                    }
                }
                shift += (rows_needed - row_count) as i32;
                row_count = rows_needed;
            }
            for (k, &v) in nodes.iter().enumerate() {
                scope.vertices[v].rank = current + (k / row_length) as i32;
                if k >= row_length {
                    scope.column_pairs.push((nodes[k - row_length], v));
                }
            }
        }
    }
    scope.update_cluster_ranks();
}

/// Folds more ranks than the plan allows into rows next to each other, cut where no group is cut.
pub fn fold(scope: &mut Scope) {
    let mut c = 0;
    loop {
        let (lo, hi) = scope.clusters[c].rank_range;
        let length = (hi - lo + 1) as usize;
        if length <= scope.plan.max_ranks {
            return;
        }
        let inner = scope.clusters[c].children.iter().find_map(|&child| match child {
            Child::Cluster(d)
                if (scope.clusters[d].rank_range.1 - scope.clusters[d].rank_range.0 + 1) as usize * 10 >= length * 7
                    && length > 3 =>
            {
                Some(d)
            }
            _ => None,
        });
        match inner {
            Some(d) => c = d,
            None => break,
        }
    }
    let cuts = best_cuts(scope, c);
    if !cuts.is_empty() {
        fold_at(scope, c, &cuts);
    }
}

/// At most this many links lead across a cut.
const MAX_LINKS_CUT: usize = 3;
/// The cost of a fork across a cut if the plan avoids these: its edges lead around what is below it.
const FORK_COST: f64 = 2.0;

/// Returns the ranks of a cluster before which it is cut.
fn best_cuts(scope: &Scope, c: usize) -> Vec<i32> {
    let (lo, hi) = scope.clusters[c].rank_range;
    let length = hi - lo + 1;
    let rows = (length as usize + scope.plan.max_ranks - 1) / scope.plan.max_ranks;
    let mut cut_costs = vec![f64::INFINITY; (length + 1) as usize];
    for rank in lo + 1..=hi {
        let cuts_no_group = scope.clusters[c].children.iter().all(|&child| match child {
            Child::Cluster(d) => scope.clusters[d].rank_range.0 >= rank || scope.clusters[d].rank_range.1 < rank,
            Child::Vertex(_) => true,
        });
        if cuts_no_group && !cuts_hint(scope, c, rank) {
            let (from, to) = count_cut_ends(scope, rank);
            if from.min(to) <= MAX_LINKS_CUT {
                let fork = if scope.plan.forks_across_rows { 0 } else { to.saturating_sub(from) };
                cut_costs[(rank - lo) as usize] = from.min(to) as f64 + FORK_COST * fork as f64;
            }
        }
    }
    // The best cuts into the given number of rows: short rows of similar length, few links across the cuts.
    let (mut min_cost, mut min_cost_cuts) = (f64::INFINITY, Vec::new());
    let ideal_length = f64::from(length) / rows as f64;
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
            if rest < ideal_length * 0.4 {
                continue;
            }
            let total = cost + (rest - ideal_length).powi(2) + if rest > ideal_length { 2.0 * (rest - ideal_length) } else { 0.0 };
            if total < min_cost {
                min_cost = total;
                min_cost_cuts = cuts;
            }
            continue;
        }
        for rank in (from + 1..length).rev() {
            let cut_cost = cut_costs[rank as usize];
            let length_of_row = f64::from(rank - from);
            if cut_cost.is_finite() && (length_of_row - ideal_length).abs() <= ideal_length * 0.8 {
                let mut next = cuts.clone();
                next.push(rank);
                let added = (length_of_row - ideal_length).powi(2)
                    + if length_of_row > ideal_length { 2.0 * (length_of_row - ideal_length) } else { 0.0 }
                    + 3.0 * (cut_cost - 1.0).max(0.0);
                stack.push((next, cost + added));
            }
        }
    }
    min_cost_cuts.iter().map(|rank| rank + lo).collect()
}

/// Whether a cut of a cluster before a rank separates what layout hints relate.
fn cuts_hint(scope: &Scope, c: usize, rank: i32) -> bool {
    let is_cut = |l: &Link| (scope.rank_of(l.source) < rank) != (scope.rank_of(l.target) < rank);
    scope.has_cells(c) || scope.links.iter().any(|l| (l.straight || l.relation.map_or(false, |r| r != Relation::Together)) && is_cut(l))
}

/// Returns the numbers of different sources and targets of the links across the cut before a rank. Links with a common
/// end may share a line there.
fn count_cut_ends(scope: &Scope, rank: i32) -> (usize, usize) {
    let (mut sources, mut targets): (Vec<Child>, Vec<Child>) = (Vec::new(), Vec::new());
    for link in &scope.links {
        let (a, b) = (scope.rank_of(link.source), scope.rank_of(link.target));
        if a.min(b) < rank && a.max(b) >= rank {
            for (ends, end) in [(&mut sources, link.source), (&mut targets, link.target)] {
                if !ends.contains(&end) {
                    ends.push(end);
                }
            }
        }
    }
    (sources.len(), targets.len())
}

/// A row of a fold: ranks that were one after another.
#[derive(Clone, Copy)]
struct Row {
    /// The first of its ranks before the fold, and their number.
    start: i32,
    length: i32,
    /// The first of its ranks in the fold.
    folded_start: i32,
    /// Whether its ranks are in the opposite order.
    backward: bool,
}

impl Row {
    /// Returns the rank in the fold of a rank before the fold.
    fn folded_rank(&self, rank: i32) -> i32 {
        let index = rank - self.start;
        self.folded_start + if self.backward { self.length - 1 - index } else { index }
    }
}

/// Places the rows of a fold. A row of a serpentine runs backward if that brings it closer to what leads to it: after a short row,
/// it runs forward, too.
fn place_rows(scope: &Scope, (lo, hi): (i32, i32), cuts: &[i32], row_of: &dyn Fn(Child) -> usize) -> Vec<Row> {
    let starts: Vec<i32> = std::iter::once(lo).chain(cuts.iter().copied()).collect();
    let ends = cuts.iter().copied().chain(std::iter::once(hi + 1));
    let lengths: Vec<i32> = starts.iter().zip(ends).map(|(start, end)| end - start).collect();
    let longest = *lengths.iter().max().unwrap();
    let mut rows: Vec<Row> = Vec::new();
    for (k, (&start, &length)) in starts.iter().zip(&lengths).enumerate() {
        let forward = Row { start, length, folded_start: lo, backward: false };
        if k == 0 || !scope.plan.serpentine {
            rows.push(forward);
            continue;
        }
        let backward = Row { folded_start: lo + longest - length, backward: true, ..forward };
        let distance = |row: &Row| distance_to_rows(scope, row, k, &rows, row_of);
        let is_closer = distance(&backward) < distance(&forward);
        rows.push(if is_closer { backward } else { forward });
    }
    rows
}

/// Returns how many ranks the links between a row, which has an index, and the rows before it lead along the flow.
fn distance_to_rows(scope: &Scope, row: &Row, index: usize, before: &[Row], row_of: &dyn Fn(Child) -> usize) -> i32 {
    let distance = |own: Child, other: Child| match before.get(row_of(other)) {
        Some(former) if row_of(own) == index => (row.folded_rank(scope.rank_of(own)) - former.folded_rank(scope.rank_of(other))).abs(),
        _ => 0,
    };
    scope.links.iter().map(|link| distance(link.source, link.target) + distance(link.target, link.source)).sum()
}

/// Folds a cluster before the given ranks: each row becomes a cluster of its own.
fn fold_at(scope: &mut Scope, c: usize, cuts: &[i32]) {
    let (lo, hi) = scope.clusters[c].rank_range;
    let members = scope.members(c);
    let mut row_of_vertex = vec![usize::MAX; scope.vertices.len()];
    for &v in &members {
        row_of_vertex[v] = cuts.iter().filter(|&&cut| scope.vertices[v].rank >= cut).count();
    }
    let row_of_child = |scope: &Scope, child: Child| match child {
        Child::Vertex(v) => row_of_vertex[v],
        Child::Cluster(d) => scope.members(d).first().map_or(usize::MAX, |&v| row_of_vertex[v]),
    };
    let rows = place_rows(scope, (lo, hi), cuts, &|child| row_of_child(scope, child));
    let longest = rows.iter().map(|row| row.length).max().unwrap();
    let shift = hi - lo + 1 - longest;
    for v in 0..scope.vertices.len() {
        let rank = scope.vertices[v].rank;
        let row = row_of_vertex[v];
        scope.vertices[v].rank = if row != usize::MAX { rows[row].folded_rank(rank) } else if rank > hi { rank - shift } else { rank };
    }
    let first = scope.clusters.len();
    for row in 0..rows.len() {
        scope.clusters.push(Cluster { parent: c, row: true, ..Cluster::default() });
        let is_in_row = |scope: &Scope, child: &Child| match *child {
            Child::Vertex(v) => row_of_vertex[v] == row,
            Child::Cluster(d) => scope.members(d).first().map_or(row == 0, |&v| row_of_vertex[v] == row),
        };
        let children: Vec<Child> = scope.clusters[c].children.iter().filter(|ch| is_in_row(scope, ch)).copied().collect();
        for child in &children {
            match *child {
                Child::Vertex(v) => scope.vertices[v].cluster = first + row,
                Child::Cluster(d) => scope.clusters[d].parent = first + row,
            }
        }
        scope.clusters[first + row].children = children;
    }
    scope.clusters[c].children = (first..first + rows.len()).map(Child::Cluster).collect();
    for i in 0..scope.links.len() {
        let (a, b) = (row_of_child(scope, scope.links[i].source), row_of_child(scope, scope.links[i].target));
        if a == usize::MAX && b == usize::MAX {
            continue;
        }
        if a != b {
            scope.links[i].excluded = true;
            continue;
        }
        if rows[a].backward {
            scope.links[i].reversed = !scope.links[i].reversed;
        }
    }
    scope.update_cluster_ranks();
}
