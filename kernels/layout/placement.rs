//! The output of the engine: where nodes and groups are, and how edges run.

use crate::model::*;

/// Where a node or group is within the group around it, or the picture: its first rank and how many it has, and its line,
/// which is the number of siblings before it in its rank. All count from 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    pub end: End,
    pub rank: i32,
    pub rank_count: i32,
    pub line: i32,
}

/// The positions of nodes and groups, before edges are routed.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    pub nodes: Vec<(f64, f64)>,
    pub groups: Vec<Rect>,
    pub direction: Direction,
    /// The slots of those that have ranks, in any order.
    pub slots: Vec<Slot>,
}

impl Placement {
    /// Returns the bounds of all nodes and groups.
    pub fn bounds(&self, input: &Input) -> Rect {
        let mut bounds = Rect::EMPTY;
        for (node, &(x, y)) in input.nodes.iter().zip(&self.nodes) {
            bounds = bounds.union(&node.bounds(x, y));
        }
        for g in &self.groups {
            bounds = bounds.union(g);
        }
        bounds
    }

    /// Returns the bounds of each direct member of a group, or of the picture (-1).
    pub fn members(&self, input: &Input, g: i32) -> Vec<Rect> {
        let bounds = |end: End| match end {
            End::Node(n) => input.nodes[n].bounds(self.nodes[n].0, self.nodes[n].1),
            End::Group(other) => self.groups[other],
        };
        input.children_of(g).into_iter().map(bounds).collect()
    }
}

/// A routed edge: its points, the sides at which it ends, and the corner of its label.
#[derive(Clone, Debug, Default)]
pub struct Route {
    pub points: Vec<(f64, f64)>,
    pub sides: (usize, usize),
    pub label: Option<(f64, f64)>,
    /// The curve that is drawn instead, if any: its start, then two control points and an end for each cubic.
    pub curve: Vec<(f64, f64)>,
}
