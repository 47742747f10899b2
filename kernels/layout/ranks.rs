//! Ranks: breaks cycles, assigns ranks by network simplex, and keeps groups short.

use crate::plan::*;
use crate::scope::*;
use crate::simplex::Simplex;

/// Assigns a rank to each vertex, marks reversed links, and sets the ranks of clusters.
pub fn assign(scope: &mut Scope) {
    merge_twins(scope);
    break_cycles(scope);
    let n = scope.vertices.len();
    let mut simplex = Simplex::new(n + 2 * scope.clusters.len());
    let (lo, hi) = (|c: usize| n + 2 * c, |c: usize| n + 2 * c + 1);
    for v in 0..n {
        let c = scope.vertices[v].cluster;
        if scope.rank_leader[v] != v {
            continue;
        }
        simplex.add_arc(lo(c), v, 0, 0);
        simplex.add_arc(v, hi(c), 0, 0);
    }
    for v in 0..n {
        if scope.rank_leader[v] != v {
            // The vertex has the rank of another, but its own cluster must contain it.
            let (c, leader) = (scope.vertices[v].cluster, scope.rank_leader[v]);
            simplex.add_arc(lo(c), leader, 0, 0);
            simplex.add_arc(leader, hi(c), 0, 0);
            simplex.add_arc(leader, v, 0, 1);
        }
    }
    for c in 0..scope.clusters.len() {
        simplex.add_arc(lo(c), hi(c), 0, if c == 0 || scope.is_lane(c) { 0 } else { 2 });
        if c > 0 {
            let parent = scope.clusters[c].parent;
            simplex.add_arc(lo(parent), lo(c), 0, 0);
            simplex.add_arc(hi(c), hi(parent), 0, 0);
        }
    }
    for link in scope.links.iter().filter(|l| !l.excluded && !l.flat && !l.to_hub) {
        let (a, b) = if link.reversed { (link.target, link.source) } else { (link.source, link.target) };
        let separate = scope.plan.groups == GroupRanking::Separate;
        let (a, b) = if separate { scope.sibling_ancestors(a, b) } else { (a, b) };
        let tail = match a {
            Child::Vertex(v) => scope.rank_leader[v],
            Child::Cluster(c) => hi(c),
        };
        let head = match b {
            Child::Vertex(v) => scope.rank_leader[v],
            Child::Cluster(c) => lo(c),
        };
        simplex.add_arc(tail, head, link.min_len, 2 * link.weight.max(0) + i32::from(link.weight == 0));
    }
    let ranks = simplex.solve(100_000).unwrap_or_else(|| vec![0; n + 2 * scope.clusters.len()]);
    for v in 0..n {
        scope.vertices[v].rank = ranks[scope.rank_leader[v]];
    }
    remove_empty_ranks(scope);
    spread_isolated(scope);
    place_hubs(scope);
    scope.update_cluster_ranks();
}

/// Places hubs in the middle rank of what they are connected to, after all their siblings.
fn place_hubs(scope: &mut Scope) {
    for hub in scope.hubs.clone() {
        if scope.plan.aside == Aside::Services {
            place_services(scope, hub);
            continue;
        }
        let hub_vertices = match hub {
            Child::Vertex(v) => vec![v],
            Child::Cluster(c) => scope.members(c),
        };
        let mut neighbor_ranks: Vec<i32> = Vec::new();
        for link in scope.links.iter().filter(|l| l.to_hub) {
            for (end, other) in [(link.source, link.target), (link.target, link.source)] {
                let is_hub_end = match end {
                    Child::Vertex(v) => hub_vertices.contains(&v),
                    Child::Cluster(_) => end == hub,
                };
                if is_hub_end {
                    neighbor_ranks.push(scope.rank_of(other));
                }
            }
        }
        neighbor_ranks.sort_unstable();
        let middle = neighbor_ranks.get(neighbor_ranks.len() / 2).copied().unwrap_or(0);
        let lo = hub_vertices.iter().map(|&v| scope.vertices[v].rank).min().unwrap_or(0);
        let hi = hub_vertices.iter().map(|&v| scope.vertices[v].rank).max().unwrap_or(0);
        let last = scope.vertices.iter().map(|v| v.rank).max().unwrap_or(0);
        let first = middle.min(last - (hi - lo)).max(0);
        for &v in &hub_vertices {
            scope.vertices[v].rank += first - lo;
        }
        move_last(scope, hub);
    }
}

/// Makes a child the last one of its cluster.
fn move_last(scope: &mut Scope, child: Child) {
    let parent = match child {
        Child::Vertex(v) => scope.vertices[v].cluster,
        Child::Cluster(c) => scope.clusters[c].parent,
    };
    let children = &mut scope.clusters[parent].children;
    children.retain(|&c| c != child);
    children.push(child);
}

/// Places each service in the rank of what uses it, or in the next one if another service is there, and all in line.
fn place_services(scope: &mut Scope, group: Child) {
    let services = match group {
        Child::Cluster(c) => scope.members(c),
        Child::Vertex(v) => vec![v],
    };
    let last = scope.vertices.iter().enumerate().filter(|(v, _)| !services.contains(v)).map(|(_, vertex)| vertex.rank).max().unwrap_or(0);
    let rank_of_user = |v: usize| {
        let mut ranks: Vec<i32> = Vec::new();
        for link in &scope.links {
            if link.source == Child::Vertex(v) {
                ranks.push(scope.rank_of(link.target));
            } else if link.target == Child::Vertex(v) {
                ranks.push(scope.rank_of(link.source));
            }
        }
        ranks.sort_unstable();
        ranks.get(ranks.len() / 2).copied().unwrap_or(last)
    };
    let mut order: Vec<(i32, usize)> = services.iter().map(|&v| (rank_of_user(v), v)).collect();
    order.sort_unstable();
    let mut next = 0;
    let mut previous: Option<usize> = None;
    for (rank, v) in order {
        scope.vertices[v].rank = if next > rank && next <= last && next <= rank + 1 { next } else { rank };
        next = scope.vertices[v].rank + 1;
        if let Some(u) = previous.filter(|&u| scope.vertices[u].rank != scope.vertices[v].rank) {
            scope.column_pairs.push((u, v));
        }
        previous = Some(v);
    }
    move_last(scope, group);
}

/// Gives twins of one parent the same rank, whatever edges connect them.
fn merge_twins(scope: &mut Scope) {
    let n = scope.vertices.len();
    scope.rank_leader = (0..n).collect();
    let group = |v: usize| match scope.vertices[v].item {
        Item::Block(_, Some(g)) => Some(g),
        _ => None,
    };
    for v in 0..n {
        let g = match group(v) {
            Some(g) if scope.input.groups[g].twin != 0 => g,
            _ => continue,
        };
        let twins: Vec<usize> = (0..n)
            .filter(|&o| {
                group(o).map_or(false, |h| {
                    scope.input.groups[h].parent == scope.input.groups[g].parent
                        && scope.input.groups[h].twin == scope.input.groups[g].twin
                })
            })
            .collect();
        if twins.len() < 2 || twins[0] != v {
            continue;
        }
        let inner_links: Vec<usize> = (0..scope.links.len())
            .filter(|&i| {
                twins.iter().any(|&t| scope.links[i].source == Child::Vertex(t))
                    && twins.iter().any(|&t| scope.links[i].target == Child::Vertex(t))
            })
            .collect();
        for &t in &twins {
            scope.rank_leader[t] = v;
        }
        for i in inner_links {
            scope.links[i].flat = true;
        }
    }
}

/// Marks links as reversed (or excluded, if that does not help) so that the others form no cycle.
///
/// Links are taken in the order in which a reader who starts at the entry nodes meets them; one that closes a cycle
/// leads back.
fn break_cycles(scope: &mut Scope) {
    let n = scope.vertices.len();
    let total = n + 2 * scope.clusters.len();
    let mut successors: Vec<Vec<usize>> = vec![Vec::new(); total];
    for v in 0..n {
        let c = scope.vertices[v].cluster;
        successors[n + 2 * c].push(scope.rank_leader[v]);
        successors[scope.rank_leader[v]].push(n + 2 * c + 1);
    }
    for c in 1..scope.clusters.len() {
        let parent = scope.clusters[c].parent;
        successors[n + 2 * parent].push(n + 2 * c);
        successors[n + 2 * c + 1].push(n + 2 * parent + 1);
    }
    let mut seen = vec![0u32; total];
    let mut stamp = 0;
    for i in reading_order(scope) {
        let link = &scope.links[i];
        if link.flat || link.to_hub {
            continue;
        }
        let tail = |c: Child| match c {
            Child::Vertex(v) => scope.rank_leader[v],
            Child::Cluster(c) => n + 2 * c + 1,
        };
        let head = |c: Child| match c {
            Child::Vertex(v) => scope.rank_leader[v],
            Child::Cluster(c) => n + 2 * c,
        };
        let (s, t) = if scope.plan.groups == GroupRanking::MembersOnly {
            (link.source, link.target)
        } else {
            scope.sibling_ancestors(link.source, link.target)
        };
        stamp += 1;
        if !reaches(&successors, head(t), tail(s), &mut seen, stamp) {
            successors[tail(s)].push(head(t));
            continue;
        }
        stamp += 1;
        if tail(s) != head(t) && !reaches(&successors, head(s), tail(t), &mut seen, stamp) {
            successors[tail(t)].push(head(s));
            scope.links[i].reversed = true;
        } else {
            scope.links[i].excluded = true;
        }
    }
}

/// Whether a path leads from one vertex to another; `seen` marks visited vertices with `stamp`.
fn reaches(successors: &[Vec<usize>], from: usize, to: usize, seen: &mut [u32], stamp: u32) -> bool {
    let mut stack = vec![from];
    seen[from] = stamp;
    while let Some(v) = stack.pop() {
        if v == to {
            return true;
        }
        for &w in &successors[v] {
            if seen[w] != stamp {
                seen[w] = stamp;
                stack.push(w);
            }
        }
    }
    false
}

/// Returns the links in depth-first order from the entry nodes.
fn reading_order(scope: &Scope) -> Vec<usize> {
    let n = scope.vertices.len();
    let mut outgoing: Vec<Vec<usize>> = vec![Vec::new(); n + scope.clusters.len()];
    let mut in_degree = vec![0; n + scope.clusters.len()];
    let index = |c: Child| match c {
        Child::Vertex(v) => v,
        Child::Cluster(c) => n + c,
    };
    for (i, l) in scope.links.iter().enumerate() {
        outgoing[index(l.source)].push(i);
        in_degree[index(l.target)] += 1;
    }
    let source_position = |v: usize| -> usize {
        if v >= n {
            return usize::MAX;
        }
        match &scope.vertices[v].item {
            Item::Node(k) => *k,
            Item::Block(b, _) => b.nodes.iter().map(|x| x.0).min().unwrap_or(usize::MAX),
            Item::Dummy => usize::MAX,
        }
    };
    let is_entry = |v: usize| match &scope.vertices[v].item {
        Item::Node(k) => scope.input.nodes[*k].entry,
        _ => false,
    };
    let mut roots: Vec<usize> = (0..n + scope.clusters.len()).collect();
    roots.sort_by_key(|&v| (if v < n && is_entry(v) { 0 } else if in_degree[v] == 0 { 1 } else { 2 }, source_position(v), v));
    let (mut order, mut visited) = (Vec::new(), vec![false; n + scope.clusters.len()]);
    for root in roots {
        let mut stack = vec![(root, 0)];
        if visited[root] {
            continue;
        }
        visited[root] = true;
        while let Some(frame) = stack.last_mut() {
            let v = frame.0;
            if frame.1 < outgoing[v].len() {
                let i = outgoing[v][frame.1];
                frame.1 += 1;
                order.push(i);
                let t = index(scope.links[i].target);
                if !visited[t] {
                    visited[t] = true;
                    stack.push((t, 0));
                }
            } else {
                stack.pop();
            }
        }
    }
    order
}

/// Removes ranks without vertices.
fn remove_empty_ranks(scope: &mut Scope) {
    let mut used: Vec<i32> = scope.vertices.iter().map(|v| v.rank).collect();
    used.sort_unstable();
    used.dedup();
    let has_min_lengths = scope.links.iter().any(|l| l.min_len > 1);
    let first = used.first().copied().unwrap_or(0);
    for v in &mut scope.vertices {
        v.rank = if has_min_lengths { v.rank - first } else { used.binary_search(&v.rank).unwrap_or(0) as i32 };
    }
}

/// Moves vertices without links to the rank in which their cluster has the fewest vertices.
fn spread_isolated(scope: &mut Scope) {
    scope.update_cluster_ranks();
    let is_linked = |scope: &Scope, v: usize| scope.links.iter().any(|l| l.source == Child::Vertex(v) || l.target == Child::Vertex(v));
    for v in 0..scope.vertices.len() {
        if is_linked(scope, v) || scope.rank_leader[v] != v {
            continue;
        }
        let mut c = scope.vertices[v].cluster;
        let other_ranks = |scope: &Scope, c: usize| {
            scope
                .members(c)
                .iter()
                .filter(|&&m| m != v && is_linked(scope, m))
                .map(|&m| scope.vertices[m].rank)
                .collect::<Vec<i32>>()
        };
        while c != 0 && other_ranks(scope, c).is_empty() {
            c = scope.clusters[c].parent;
        }
        let linked_ranks = other_ranks(scope, c);
        if linked_ranks.is_empty() {
            continue;
        }
        let (lo, hi) = (*linked_ranks.iter().min().unwrap(), *linked_ranks.iter().max().unwrap());
        let members = scope.members(c);
        let count = |r: i32| members.iter().filter(|&&m| m != v && scope.vertices[m].rank == r).count();
        let best = (lo..=hi).min_by_key(|&r| (count(r), r)).unwrap_or(lo);
        scope.vertices[v].rank = best;
    }
}
