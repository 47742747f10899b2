//! Swaps of siblings, and how many crossings each would add.

use crate::model::End;
use crate::order_hints::OrderHints;
use crate::scope::*;
use crate::sifter::Sifter;

/// Swaps two siblings, if this scope has them.
pub fn swap(scope: &mut Scope, a: End, b: End) {
    for c in 0..scope.clusters.len() {
        let index_of = |end: End| scope.clusters[c].children.iter().position(|&child| scope.element_of(child) == Some(end));
        if let (Some(i), Some(j)) = (index_of(a), index_of(b)) {
            scope.clusters[c].children.swap(i, j);
            return;
        }
    }
}

/// Returns for each two siblings how many crossings their swap would add.
pub fn swap_deltas(scope: &Scope, chains: &[Chain], hints: &OrderHints) -> Vec<(End, End, i64)> {
    let mut sifter = Sifter::new(scope, chains, hints);
    let mut deltas = Vec::new();
    for cluster in &scope.clusters {
        for (k, &a) in cluster.children.iter().enumerate() {
            for &b in &cluster.children[..k] {
                if let (Some(first), Some(second)) = (scope.element_of(a), scope.element_of(b)) {
                    let (i, j) = (sifter.index(a), sifter.index(b));
                    let (p, q) = (sifter.gap_ranges[i], sifter.gap_ranges[j]);
                    let gap_range = (p.0.min(q.0), p.1.max(q.1));
                    let before = sifter.crossings(scope, gap_range);
                    sifter.positions.swap(i, j);
                    deltas.push((first, second, sifter.crossings(scope, gap_range) - before));
                    sifter.positions.swap(i, j);
                }
            }
        }
    }
    deltas
}
