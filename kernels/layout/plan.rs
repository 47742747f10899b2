//! How a candidate is made: what its layout is asked for.

use crate::model::*;

/// How a candidate is made.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub flow: Flow,
    /// More ranks than this are folded into rows.
    pub longest: usize,
    /// Whether every second row runs backwards.
    pub serpentine: bool,
    /// Whether the edges of a fork may lead from one row to the next.
    pub forks: bool,
    /// A factor for the gaps.
    pub air: f64,
    /// From which order the search for few crossings starts.
    pub start: Start,
    /// More nodes of a group than this in a rank stand in several rows.
    pub broadest: usize,
    /// Whether parts that no edge joins stand in common ranks.
    pub joint: bool,
    /// Whether what many only report to, or read from, is put aside.
    pub hubs: bool,
    /// How often all is placed: the second time what is nearly in line comes into line.
    pub placings: usize,
    /// How groups take part in ranks.
    pub groups: Groups,
    /// The shape of what stands in groups without edges.
    pub shape: Shape,
}

/// The shape of what stands in a group without edges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Usual,
    Wide,
    Tall,
}

impl Shape {
    /// How many times as wide as high that is best.
    pub fn aspect(self) -> f64 {
        match self {
            Shape::Usual => 1.5,
            Shape::Wide => 3.5,
            Shape::Tall => 0.5,
        }
    }
}

/// How groups take part in ranks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Groups {
    /// Only the edges of their members count.
    Loose,
    /// What leads from one to another and back is broken between them: no group reaches around another.
    Acyclic,
    /// Each comes to an end before what follows it begins.
    Apart,
}

/// From which order the search for few crossings starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start {
    /// The source's.
    Source,
    /// The best of one of several sets of shuffled orders.
    Fewest(u32),
}

impl Plan {
    /// The layout in one direction, with nothing else asked.
    pub fn plain(flow: Flow) -> Plan {
        Plan {
            flow,
            longest: usize::MAX,
            serpentine: false,
            forks: true,
            air: 1.0,
            start: Start::Source,
            broadest: usize::MAX,
            joint: false,
            hubs: false,
            placings: 2,
            groups: Groups::Acyclic,
            shape: Shape::Usual,
        }
    }

    /// From a frame to what it holds. In crowded pictures a little over four fifths of it, as coordinates are rounded: four
    /// fifths are kept free for certain.
    pub fn padding(&self, input: &Input) -> f64 {
        input.padding * self.air.max(0.81).min(1.0)
    }
}
