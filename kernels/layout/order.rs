//! The order across the flow: one permutation of each cluster's children, so that frames never overlap.
//!
//! Long links have a dummy vertex in each rank they pass (Sugiyama, Tagawa, Toda 1981); dummies belong to the cluster
//! through which the link leaves or arrives, so a link never passes through a cluster that contains neither end
//! (Forster 2002).

use crate::order_hints::OrderHints;
use crate::plan::*;
use crate::scope::*;
use crate::sifter::Sifter;
use crate::swaps;

/// At most this many dummy vertices take part in the order.
const MAX_DUMMIES: i32 = 1200;

/// Adds the dummy vertices of long links, finds an order with few crossings, and returns the chains.
pub fn order(scope: &mut Scope) -> Vec<Chain> {
    let chains = build_chains(scope);
    let hints = OrderHints::of(scope);
    hints.enforce(scope);
    let orders = scope.feedback.orders;
    if !orders.apply_next(&mut scope.clusters) {
        let mut sifter = Sifter::new(scope, &chains, &hints);
        match scope.plan.start {
            OrderStart::Source => sifter.sift(scope),
            OrderStart::Shuffled(set) => sifter.sift_shuffled(scope, set),
        }
        sifter.store(scope);
        orders.record(&scope.clusters);
    }
    for &(a, b) in scope.feedback.swaps {
        swaps::swap(scope, a, b);
    }
    // Hubs remain last.
    for &hub in &scope.hubs {
        for cluster in &mut scope.clusters {
            if cluster.children.contains(&hub) {
                cluster.children.retain(|&c| c != hub);
                cluster.children.push(hub);
            }
        }
    }
    hints.enforce(scope);
    if let Some(swap_deltas) = scope.feedback.swap_deltas {
        swap_deltas.borrow_mut().extend(swaps::swap_deltas(scope, &chains, &hints));
    }
    chains
}

/// Adds the dummy vertices of long links and returns the chains.
fn build_chains(scope: &mut Scope) -> Vec<Chain> {
    let mut chains = Vec::new();
    exclude_longest(scope);
    for i in 0..scope.links.len() {
        if scope.links[i].unranked {
            scope.links[i].reversed = scope.rank_of(scope.links[i].source) > scope.rank_of(scope.links[i].target);
        }
        let link = scope.links[i].clone();
        if link.excluded || link.flat || link.to_hub {
            continue;
        }
        let (mut u, mut v) = (representative(scope, link.source, !link.reversed), representative(scope, link.target, link.reversed));
        if scope.vertices[u].rank > scope.vertices[v].rank {
            std::mem::swap(&mut u, &mut v);
        }
        let (first_rank, last_rank) = (scope.vertices[u].rank, scope.vertices[v].rank);
        if first_rank == last_rank {
            continue;
        }
        // The labels of two links between the same ends are on different sides.
        let same_ends = |l: &Link| (l.source, l.target) == (link.source, link.target) || (l.source, l.target) == (link.target, link.source);
        let before = scope.links[..i].iter().any(same_ends);
        let parallel = if scope.plan.direction.is_horizontal() { before } else { !before && scope.links[i + 1..].iter().any(same_ends) };
        let mut vertices = vec![u];
        for rank in first_rank + 1..last_rank {
            let cluster = dummy_cluster(scope, u, v, rank);
            // The dummy in the middle has space for the label: above a horizontal line, to the right of a vertical one.
            let extent_c = if rank == (first_rank + last_rank) / 2 && link.label_c > 0.0 {
                let (narrow, broad) = (4.0, link.label_c + if scope.plan.direction.is_horizontal() { 6.0 } else { 10.0 });
                if scope.plan.direction.is_horizontal() != parallel { (broad, narrow) } else { (narrow, broad) }
            } else {
                (4.0, 4.0)
            };
            scope.vertices.push(Vertex { item: Item::Dummy, cluster, rank, extent_f: (0.0, 0.0), extent_c });
            let dummy = scope.vertices.len() - 1;
            scope.clusters[cluster].children.push(Child::Vertex(dummy));
            vertices.push(dummy);
        }
        vertices.push(v);
        chains.push(Chain { link: i, vertices });
    }
    chains
}

/// Excludes the longest links from the order if all links together would have too many dummy vertices.
fn exclude_longest(scope: &mut Scope) {
    let mut spans: Vec<(i32, usize)> = Vec::new();
    for (i, link) in scope.links.iter().enumerate().filter(|(_, l)| !(l.excluded || l.flat || l.to_hub)) {
        let (u, v) = (representative(scope, link.source, !link.reversed), representative(scope, link.target, link.reversed));
        spans.push(((scope.vertices[u].rank - scope.vertices[v].rank).abs(), i));
    }
    spans.sort_unstable();
    let mut dummies = 0;
    for (span, i) in spans {
        dummies += (span - 1).max(0);
        if dummies > MAX_DUMMIES {
            scope.links[i].excluded = true;
        }
    }
}

/// Returns the vertex that represents an end: for a cluster, the middle one in its last rank, or in its first.
fn representative(scope: &Scope, child: Child, last: bool) -> usize {
    match child {
        Child::Vertex(v) => v,
        Child::Cluster(c) => {
            let members = scope.members(c);
            let (lo, hi) = scope.clusters[c].rank_range;
            let rank = if last { hi } else { lo };
            let in_rank: Vec<usize> = members.iter().copied().filter(|&v| scope.vertices[v].rank == rank).collect();
            in_rank.get(in_rank.len() / 2).copied().unwrap_or(members[0])
        }
    }
}

/// Returns the cluster of a dummy vertex between `u` and `v`: the innermost one around either end that spans the rank.
fn dummy_cluster(scope: &Scope, u: usize, v: usize, rank: i32) -> usize {
    let (cu, cv) = (scope.ancestors(Child::Vertex(u)), scope.ancestors(Child::Vertex(v)));
    let common = cu.iter().copied().find(|c| cv.contains(c)).unwrap_or(0);
    let own_cluster = |chain: &[usize]| {
        chain
            .iter()
            .copied()
            .take_while(|&c| c != common)
            .find(|&c| scope.clusters[c].rank_range.0 <= rank && rank <= scope.clusters[c].rank_range.1)
    };
    own_cluster(&cu).or_else(|| own_cluster(&cv)).unwrap_or(common)
}

