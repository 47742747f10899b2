//! The records of layout hints, and of what they require.

use crate::model::End;

/// What a layout hint requires of two nodes or groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Relation {
    /// They have the same rank.
    SameRank,
    /// They are on one line along the flow, in any order; the index is that of the hint.
    InLine(usize),
    /// They are on one line along the flow, in this order.
    Chain,
    /// The first ends before the second begins along the flow.
    Follows,
    /// The first is before the second across the flow.
    Before,
    /// They are next to each other.
    Near,
    /// They are laid out together.
    Together,
}

/// The kinds of layout hints in the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HintKind {
    SameRank,
    InLine,
    Order,
    Near,
    Main,
    Grid,
    Pin,
}

/// A layout hint of the source. `values` has the columns of a grid, or the rank and line of a pin, counted from 1.
#[derive(Clone, Debug)]
pub struct Hint {
    pub kind: HintKind,
    pub members: Vec<End>,
    pub values: (i32, i32),
}

/// The rank and line of a node or group within the group around it, counted from 0. In a grid, ranks are only relative.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    pub member: End,
    pub rank: i32,
    pub line: i32,
    pub in_grid: bool,
}
