//! Siblings that change places: how that is done, and what it would change.

use crate::model::End;
use crate::order::{Chain, Sifter};
use crate::scope::*;

/// Lets two siblings change places, if this scope has them.
pub fn swap(scope: &mut Scope, a: End, b: End) {
    for c in 0..scope.clusters.len() {
        let find = |end: End| scope.clusters[c].children.iter().position(|&child| end_of(scope, child) == Some(end));
        if let (Some(i), Some(j)) = (find(a), find(b)) {
            scope.clusters[c].children.swap(i, j);
            return;
        }
    }
}

/// The node or group that a child is.
fn end_of(scope: &Scope, child: Child) -> Option<End> {
    match child {
        Child::V(v) => match scope.verts[v].item {
            Item::Node(n) => Some(End::Node(n)),
            Item::Block(_, g) => g.map(End::Group),
            Item::Dummy => None,
        },
        Child::C(c) => scope.clusters[c].group.map(End::Group),
    }
}

/// For each two siblings how many more crossings there would be if they changed places.
pub fn judged(scope: &Scope, chains: &[Chain]) -> Vec<(End, End, i64)> {
    let mut sifter = Sifter::new(scope, chains);
    let mut found = Vec::new();
    for cluster in &scope.clusters {
        for (k, &a) in cluster.children.iter().enumerate() {
            for &b in &cluster.children[..k] {
                if let (Some(first), Some(second)) = (end_of(scope, a), end_of(scope, b)) {
                    let (i, j) = (sifter.index(a), sifter.index(b));
                    let (p, q) = (sifter.gaps[i], sifter.gaps[j]);
                    let gaps = (p.0.min(q.0), p.1.max(q.1));
                    let before = sifter.crossings(scope, gaps);
                    sifter.seq.swap(i, j);
                    found.push((first, second, sifter.crossings(scope, gaps) - before));
                    sifter.seq.swap(i, j);
                }
            }
        }
    }
    found
}
