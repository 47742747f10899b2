//! The plan of a candidate: the options of its layout.

use crate::model::*;

/// The options of a layout.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub direction: Direction,
    /// More ranks than this are folded into rows.
    pub max_ranks: usize,
    /// Whether rows may run backward, below the end of the row before them.
    pub serpentine: bool,
    /// Whether the edges of a fork may lead from one row to the next.
    pub forks_across_rows: bool,
    /// The factor for all gaps.
    pub gap_factor: f64,
    /// Where the search for an order with few crossings starts.
    pub start: OrderStart,
    /// Ranks with more nodes of a group than this are split into several rows.
    pub max_nodes_per_rank: usize,
    /// Whether components that no edge connects share ranks.
    pub shared_ranks: bool,
    /// What is moved aside, after all its siblings.
    pub aside: Aside,
    /// How many times coordinates are computed: the second pass aligns what is almost aligned.
    pub coordinate_passes: usize,
    /// How groups take part in ranks.
    pub groups: GroupRanking,
    /// The shape of blocks in groups without edges.
    pub shape: Shape,
}

/// What a layout moves aside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Aside {
    Nothing,
    /// Nodes and groups with edges to many others.
    Hubs,
    /// Groups of services that others only use: each member is next to what uses it.
    Services,
}

/// The shape of a block in a group without edges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Default,
    Wide,
    Tall,
    /// In a rank of its own, if the other members of the group share one.
    Stacked,
}

impl Shape {
    /// Returns the preferred ratio of width to height.
    pub fn aspect(self) -> f64 {
        match self {
            Shape::Default | Shape::Stacked => 1.5,
            Shape::Wide => 3.5,
            Shape::Tall => 0.5,
        }
    }
}

/// How groups take part in ranks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupRanking {
    /// Only the edges of their members count.
    MembersOnly,
    /// Cycles between groups are broken: no group reaches around another.
    Acyclic,
    /// Each group ends before what follows it begins.
    Separate,
}

/// Where the search for an order with few crossings starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderStart {
    /// The order of the source.
    Source,
    /// Several shuffled orders, the best of which is used; the number selects the set.
    Shuffled(u32),
}

impl Plan {
    /// Returns the default layout in one direction.
    pub fn new(direction: Direction) -> Plan {
        Plan {
            direction,
            max_ranks: usize::MAX,
            serpentine: false,
            forks_across_rows: true,
            gap_factor: 1.0,
            start: OrderStart::Source,
            max_nodes_per_rank: usize::MAX,
            shared_ranks: false,
            aside: Aside::Nothing,
            coordinate_passes: 2,
            groups: GroupRanking::Acyclic,
            shape: Shape::Default,
        }
    }

    /// Returns the padding from a frame to its content in points. It is at least 0.81 times the input's, because
    /// coordinates are rounded and four fifths must remain.
    pub fn padding(&self, input: &Input) -> f64 {
        input.padding * self.gap_factor.max(0.81).min(1.0)
    }
}
