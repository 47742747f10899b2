//! Ranks: breaks cycles, assigns ranks by network simplex, and keeps groups short.

use crate::model::Relation;
use crate::plan::*;
use crate::rank_hints::{add_hints, RankIndex, RankSystem};
use crate::scope::*;
use crate::simplex::Simplex;
use crate::unlinked;

/// The weight of a distance that a layout hint requires.
const HINT_WEIGHT: i32 = 1000;
/// The weight of the distance of what the flow starts with from the first rank, if ranks are counted from there.
const START_WEIGHT: i32 = 50;

/// Assigns a rank to each vertex, marks reversed links, and sets the ranks of clusters.
pub fn assign(scope: &mut Scope) {
    merge_twins(scope);
    break_cycles(scope);
    solve(scope);
    if !scope.cells.is_empty() && (has_empty_ranks(scope) || !are_pins_kept(scope)) {
        // What follows a pinned child does not follow it to a far rank.
        leave_pinned(scope);
        solve(scope);
        if !are_pins_kept(scope) {
            keep_first_ranks(scope);
            solve(scope);
        }
    }
    remove_empty_ranks(scope);
    unlinked::spread(scope);
    place_hubs(scope);
    scope.update_cluster_ranks();
}

/// Sets the ranks of vertices so that links are short.
fn solve(scope: &mut Scope) {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    let mut simplex = Simplex::new(index.lo(scope.clusters.len()));
    keep_in_clusters(scope, &mut simplex);
    for link in scope.links.iter().filter(|l| !l.excluded && !l.flat && !l.to_hub && !l.unranked && l.relation.is_none()) {
        let (a, b) = if link.reversed { (link.target, link.source) } else { (link.source, link.target) };
        let separate = scope.plan.groups == GroupRanking::Separate;
        let (a, b) = if separate { scope.sibling_ancestors(a, b) } else { (a, b) };
        let weight = 2 * link.weight.max(0) + i32::from(link.weight == 0);
        simplex.add_arc(index.last(scope, a), index.first(scope, b), link.min_len, weight);
    }
    for &(tail, head, length) in &scope.rank_hints.arcs {
        simplex.add_arc(tail, head, length, 1);
    }
    for &(tail, head, length) in &scope.rank_hints.distances {
        simplex.add_abs_term(tail, head, length, 0, HINT_WEIGHT);
    }
    let ranks = simplex.solve(100_000).unwrap_or_else(|| vec![0; index.lo(scope.clusters.len())]);
    for v in 0..scope.vertices.len() {
        scope.vertices[v].rank = ranks[scope.rank_leader[v]];
    }
}

/// Adds the constraints between clusters and their members, and the cost of the extents of clusters.
fn keep_in_clusters(scope: &Scope, simplex: &mut Simplex) {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    let (lo, hi) = (|c: usize| index.lo(c), |c: usize| index.hi(c));
    for v in 0..scope.vertices.len() {
        let c = scope.vertices[v].cluster;
        if scope.rank_leader[v] != v {
            continue;
        }
        simplex.add_arc(lo(c), v, 0, 0);
        simplex.add_arc(v, hi(c), 0, 0);
    }
    for v in 0..scope.vertices.len() {
        if scope.rank_leader[v] != v {
            // The vertex has the rank of another, but its own cluster must contain it.
            let (c, leader) = (scope.vertices[v].cluster, scope.rank_leader[v]);
            simplex.add_arc(lo(c), leader, 0, 0);
            simplex.add_arc(leader, hi(c), 0, 0);
            simplex.add_arc(leader, v, 0, 1);
        }
    }
    for c in 0..scope.clusters.len() {
        let has_cells = scope.has_cells(c);
        simplex.add_arc(lo(c), hi(c), 0, if (c == 0 || scope.is_lane(c)) && !has_cells { 0 } else { 2 });
        if c > 0 {
            let parent = scope.clusters[c].parent;
            simplex.add_arc(lo(parent), lo(c), 0, 0);
            simplex.add_arc(hi(c), hi(parent), 0, 0);
        }
        // The ranks of pinned children count from those where the flow starts.
        for &child in scope.clusters[c].children.iter().filter(|_| has_cells) {
            let leads_here = |l: &Link| {
                let head = if l.reversed { l.source } else { l.target };
                l.relation.is_none() && !l.excluded && !l.unranked && scope.is_or_contains(child, head)
            };
            if !scope.cells.iter().any(|cell| cell.0 == child) && !scope.links.iter().any(leads_here) {
                simplex.add_arc(lo(c), index.first(scope, child), 0, START_WEIGHT);
            }
        }
    }
}

/// Whether ranks between the first and the last have no vertices.
fn has_empty_ranks(scope: &Scope) -> bool {
    let mut used: Vec<i32> = scope.vertices.iter().map(|v| v.rank).collect();
    used.sort_unstable();
    used.dedup();
    used.first().copied().unwrap_or(0) + used.len() as i32 <= used.last().copied().unwrap_or(0)
}

/// Whether all pinned children have their ranks, counted from the first rank with a member of their clusters.
fn are_pins_kept(scope: &Scope) -> bool {
    scope.cells.iter().filter(|(_, cell)| !cell.in_grid).all(|&(child, cell)| {
        let rank_of = |v: &usize| scope.vertices[*v].rank;
        let start = match child {
            Child::Vertex(v) => Some(scope.vertices[v].rank),
            Child::Cluster(c) => scope.members(c).iter().map(rank_of).min(),
        };
        let first = scope.members(scope.parent_of(child)).iter().map(rank_of).min();
        start.zip(first).map_or(true, |(start, first)| start - first == cell.rank)
    })
}

/// Requires that the first member that is not pinned begins the first rank of its cluster, if others are pinned.
fn keep_first_ranks(scope: &mut Scope) {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    for c in (0..scope.clusters.len()).filter(|&c| scope.has_cells(c)).collect::<Vec<usize>>() {
        let start_of = |child: Child| match child {
            Child::Vertex(v) => scope.vertices[v].rank,
            Child::Cluster(inner) => scope.members(inner).iter().map(|&v| scope.vertices[v].rank).min().unwrap_or(i32::MAX),
        };
        let others = scope.clusters[c].children.iter().copied().filter(|&child| scope.cells.iter().all(|cell| cell.0 != child));
        if let Some(first) = others.min_by_key(|&child| start_of(child)) {
            let arc = (index.lo(c), index.first(scope, first), 0);
            scope.rank_hints.distances.push(arc);
        }
    }
}

/// Takes links that lead from pinned children out of the ranks. What they lead to follows what leads to the pinned ones.
fn leave_pinned(scope: &mut Scope) {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    let is_pinned = |end: Child| scope.cells.iter().any(|cell| scope.is_or_contains(cell.0, end));
    let forward = |l: &Link| if l.reversed { (l.target, l.source) } else { (l.source, l.target) };
    let is_ranked = |l: &&Link| l.relation.is_none() && !l.excluded && !l.flat && !l.to_hub;
    let mut unranked: Vec<usize> = Vec::new();
    let mut arcs: Vec<(usize, usize, i32)> = Vec::new();
    for (i, link) in scope.links.iter().enumerate() {
        let (pinned, next) = forward(link);
        if !is_ranked(&link) || !is_pinned(pinned) || is_pinned(next) {
            continue;
        }
        unranked.push(i);
        for other in scope.links.iter().filter(is_ranked).map(forward).filter(|ends| ends.1 == pinned && !is_pinned(ends.0)) {
            arcs.push((index.last(scope, other.0), index.first(scope, next), 1));
        }
    }
    for i in unranked {
        scope.links[i].unranked = true;
    }
    scope.rank_hints.arcs.extend(arcs);
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
        // A hint may require different ranks.
        let is_ranked = |l: &Link| matches!(l.relation, Some(Relation::Chain | Relation::InLine(_) | Relation::Follows));
        let has_rank = |v: usize| {
            let ends_here = |l: &Link| [l.source, l.target].contains(&Child::Vertex(v));
            scope.links.iter().any(|l| is_ranked(l) && ends_here(l)) || scope.cells.iter().any(|cell| cell.0 == Child::Vertex(v))
        };
        if twins.len() < 2 || twins[0] != v || twins.iter().any(|&t| has_rank(t)) {
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

/// Marks links as reversed (or excluded, if that does not help) so that the others form no cycle, and determines what
/// layout hints require. Links yield to hints.
fn break_cycles(scope: &mut Scope) {
    let order = reading_order(scope);
    let mut system = cluster_system(scope);
    let mut hints = add_hints(scope, &mut system, false);
    orient_links(scope, &mut system, &order);
    if scope.links.iter().any(|l| matches!(l.relation, Some(Relation::InLine(_)))) {
        // The links determine which members of a line are first; then these are apart, whatever links say.
        sort_lines(scope, &system.values);
        for link in &mut scope.links {
            (link.reversed, link.excluded) = (false, false);
        }
        system = cluster_system(scope);
        hints = add_hints(scope, &mut system, true);
        orient_links(scope, &mut system, &order);
    }
    scope.rank_hints = hints;
    choose_straight_links(scope);
}

/// Relates the members of each line in the order of their ranks.
fn sort_lines(scope: &mut Scope, ranks: &[i32]) {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    for hint in 0..scope.input.hints.len() {
        let links: Vec<usize> = (0..scope.links.len()).filter(|&i| scope.links[i].relation == Some(Relation::InLine(hint))).collect();
        let mut members: Vec<(Child, f64)> = Vec::new();
        for &i in &links {
            let link = &scope.links[i];
            for end in [(link.source, link.source_offset), (link.target, link.target_offset)] {
                if members.iter().all(|member| member.0 != end.0) {
                    members.push(end);
                }
            }
        }
        members.sort_by_key(|&(child, _)| ranks[index.first(scope, child)]);
        for (&i, pair) in links.iter().zip(members.windows(2)) {
            let link = &mut scope.links[i];
            (link.source, link.source_offset) = pair[0];
            (link.target, link.target_offset) = pair[1];
        }
    }
}

/// Returns the system of constraints that keep members in their clusters.
fn cluster_system(scope: &Scope) -> RankSystem {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    let mut system = RankSystem::new(index.lo(scope.clusters.len()));
    for v in 0..scope.vertices.len() {
        let c = scope.vertices[v].cluster;
        system.add(index.lo(c), scope.rank_leader[v], 0);
        system.add(scope.rank_leader[v], index.hi(c), 0);
    }
    for c in 1..scope.clusters.len() {
        let parent = scope.clusters[c].parent;
        system.add(index.lo(parent), index.lo(c), 0);
        system.add(index.hi(c), index.hi(parent), 0);
    }
    system
}

/// Adds the links to a system in the given order, in which a reader who starts at the entry nodes meets them; one that
/// closes a cycle leads back.
fn orient_links(scope: &mut Scope, system: &mut RankSystem, order: &[usize]) {
    let index = RankIndex { vertex_count: scope.vertices.len() };
    for &i in order {
        let link = &scope.links[i];
        if link.flat || link.to_hub || link.relation.is_some() {
            continue;
        }
        let (s, t) = if scope.plan.groups == GroupRanking::MembersOnly {
            (link.source, link.target)
        } else {
            scope.sibling_ancestors(link.source, link.target)
        };
        if system.add(index.last(scope, s), index.first(scope, t), link.min_len) {
            continue;
        }
        if system.add(index.last(scope, t), index.first(scope, s), link.min_len) {
            scope.links[i].reversed = true;
        } else {
            scope.links[i].excluded = true;
        }
    }
}

/// Marks the links that layout hints keep straight: those of the source between the members, otherwise those of the hints.
fn choose_straight_links(scope: &mut Scope) {
    for i in 0..scope.links.len() {
        let (a, b) = (scope.links[i].source, scope.links[i].target);
        let is_line = matches!(scope.links[i].relation, Some(Relation::InLine(_) | Relation::Chain));
        if !is_line && !(scope.links[i].relation == Some(Relation::Near) && scope.links[i].straight) {
            scope.links[i].flat |= scope.links[i].relation.is_some();
            continue;
        }
        let same_ends = |l: &Link| (l.source, l.target) == (a, b) || (l.source, l.target) == (b, a);
        let drawn = scope.links.iter().position(|l| l.relation.is_none() && same_ends(l) && !l.excluded && !l.flat && !l.to_hub);
        scope.links[drawn.unwrap_or(i)].straight = true;
        scope.links[i].excluded = drawn.is_some();
    }
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
    for (i, l) in scope.links.iter().enumerate().filter(|(_, l)| l.relation.is_none()) {
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
    let keeps_empty = scope.cells.iter().any(|cell| !cell.1.in_grid) || scope.links.iter().any(|l| l.min_len > 1);
    let first = used.first().copied().unwrap_or(0);
    for v in &mut scope.vertices {
        v.rank = if keeps_empty { v.rank - first } else { used.binary_search(&v.rank).unwrap_or(0) as i32 };
    }
}
