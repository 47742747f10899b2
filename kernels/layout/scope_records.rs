//! The records of a scope: vertices, clusters, links, chains, orders and coordinates.

use crate::blocks::Block;
use crate::model::*;
use std::cell::{Cell, RefCell};

#[derive(Clone, Debug)]
pub enum Item {
    Node(usize),
    Block(Box<Block>, Option<usize>),
    Dummy,
}

/// A node, a block or a dummy vertex, and its extents before and after its anchor in points.
#[derive(Clone, Debug)]
pub struct Vertex {
    pub item: Item,
    pub cluster: usize,
    pub rank: i32,
    pub extent_f: (f64, f64),
    pub extent_c: (f64, f64),
}

/// A group whose members are placed together with all others, and its padding in points; cluster 0 is the scope itself.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub group: Option<usize>,
    pub parent: usize,
    pub children: Vec<Child>,
    pub rank_range: (i32, i32),
    pub pad_f: (f64, f64),
    pub pad_c: (f64, f64),
    pub min_f: f64,
    pub min_c: f64,
    /// Whether this is a row of a fold, which has no frame.
    pub row: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Child {
    Vertex(usize),
    Cluster(usize),
}

/// An edge between vertices or clusters; `reversed` means against the direction of its ranks.
#[derive(Clone, Debug)]
pub struct Link {
    pub edge: usize,
    pub source: Child,
    pub target: Child,
    /// Where the edge ends across the flow, relative to the vertex's anchor.
    pub source_offset: f64,
    pub target_offset: f64,
    pub label_f: f64,
    pub label_c: f64,
    pub min_len: i32,
    pub reversed: bool,
    /// Takes no part in ranks and order: it closes a cycle of groups, or leads to another row.
    pub excluded: bool,
    /// Connects twins, which have the same rank.
    pub flat: bool,
    /// Leads to a hub that is moved aside.
    pub to_hub: bool,
    pub weight: i32,
    /// Takes no part in ranks: it leads from a pinned child to what does not follow it.
    pub unranked: bool,
    /// What a layout hint requires of the ends, if the link stands for a hint.
    pub relation: Option<Relation>,
    /// A layout hint requires that both ends are on one line.
    pub straight: bool,
}

/// What earlier candidates showed.
pub struct Feedback<'a> {
    /// Edges whose labels found no place: their ends are moved apart.
    pub unplaced_labels: &'a [usize],
    /// Groups whose titles edges cross: they become wide enough for the title next to the edges.
    pub obstructed_titles: &'a [usize],
    /// Siblings that are swapped in the order.
    pub swaps: &'a [(End, End)],
    /// The orders that the same plan led to, or where to record them.
    pub orders: &'a Orders,
    /// Where to add for each two siblings how many crossings their swap would add.
    pub swap_deltas: Option<&'a RefCell<Vec<(End, End, i64)>>>,
}

/// The orders of all scopes, one after another: for each scope the children of each of its clusters, before any swaps.
///
/// They depend on the plan except for its gaps, so candidates that differ only in gaps or swaps reuse them.
#[derive(Clone, Default)]
pub struct Orders {
    recorded: RefCell<Vec<Vec<Vec<Child>>>>,
    next: Cell<usize>,
}

impl Orders {
    /// Starts with the first scope again.
    pub fn rewind(&self) {
        self.next.set(0);
    }

    /// Applies the order of the next scope if it is recorded; returns whether it is.
    pub fn apply_next(&self, clusters: &mut [Cluster]) -> bool {
        let index = self.next.replace(self.next.get() + 1);
        match self.recorded.borrow().get(index) {
            Some(cluster_children) => {
                for (cluster, children) in clusters.iter_mut().zip(cluster_children) {
                    cluster.children = children.clone();
                }
                true
            }
            None => false,
        }
    }

    /// Records the order of a scope.
    pub fn record(&self, clusters: &[Cluster]) {
        self.recorded.borrow_mut().push(clusters.iter().map(|c| c.children.clone()).collect());
    }
}

/// A link as a chain of vertices in consecutive ranks, from the lower rank to the higher.
#[derive(Clone, Debug)]
pub struct Chain {
    pub link: usize,
    pub vertices: Vec<usize>,
}

/// Coordinates across the flow, in points: of vertices, and of both sides of clusters.
pub struct AcrossCoordinates {
    pub vertices: Vec<f64>,
    pub clusters: Vec<(f64, f64)>,
}

/// What layout hints require of the ranks of a scope, by the indices of its values (see `rank_hints::RankIndex`).
#[derive(Default)]
pub struct RankHints {
    /// Minimum distances: tail, head and length.
    pub arcs: Vec<(usize, usize, i32)>,
    /// Exact distances: tail, head and length.
    pub distances: Vec<(usize, usize, i32)>,
}
