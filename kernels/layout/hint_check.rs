//! Whether a placement does what layout hints ask for.

use crate::model::*;
use crate::placement::*;

/// Points by which aligned anchors may differ.
const TOLERANCE: f64 = 1.0;
/// Points between two that are next to each other, at most, besides labels.
const MAX_NEAR_GAP: f64 = 140.0;

/// Returns the indices of the hints that a placement violates.
pub fn violated(input: &Input, placement: &Placement) -> Vec<usize> {
    (0..input.hints.len()).filter(|&i| !Checker::new(input, placement, &input.hints[i]).holds(&input.hints[i])).collect()
}

/// A node or group along and across the flow: its bounds, and its anchor (the middle of a group).
#[derive(Clone, Copy)]
struct Extent {
    along: (f64, f64),
    across: (f64, f64),
    anchor: (f64, f64),
    is_node: bool,
}

struct Checker<'a> {
    input: &'a Input,
    placement: &'a Placement,
    direction: Direction,
}

impl<'a> Checker<'a> {
    /// Returns a checker with the direction of the innermost group around all members of a hint.
    fn new(input: &'a Input, placement: &'a Placement, hint: &Hint) -> Checker<'a> {
        let is_around_all = |g: usize| hint.members.iter().all(|&m| input.contains(g, m) || m == End::Group(g) && hint.kind == HintKind::Grid);
        let mut around: Vec<usize> = (0..input.groups.len()).filter(|&g| is_around_all(g) && input.groups[g].direction.is_some()).collect();
        around.sort_by_key(|&g| (0..input.groups.len()).filter(|&outer| input.contains(outer, End::Group(g))).count());
        let own = around.last().and_then(|&g| input.groups[g].direction);
        Checker { input, placement, direction: own.unwrap_or(placement.direction) }
    }

    /// Whether a hint holds.
    fn holds(&self, hint: &Hint) -> bool {
        let extents: Vec<Extent> = hint.members.iter().map(|&m| self.extent(m)).collect();
        let all_pairs = |test: &dyn Fn(&Extent, &Extent) -> bool| {
            extents.iter().enumerate().all(|(k, a)| extents[k + 1..].iter().all(|b| test(a, b)))
        };
        match hint.kind {
            HintKind::SameRank => all_pairs(&have_same_rank),
            HintKind::InLine => all_pairs(&|a, b| are_in_line(a, b) && (precede(a.along, b.along) || precede(b.along, a.along))),
            HintKind::Main => all_pairs(&|a, b| are_in_line(a, b) && precede(a.along, b.along)),
            HintKind::Order => all_pairs(&|a, b| precede(a.across, b.across)),
            HintKind::Near => hint.members.windows(2).all(|pair| self.are_near(pair[0], pair[1])),
            HintKind::Grid => self.is_grid(hint),
            HintKind::Pin => self.is_pinned(hint.members[0], hint.values.0 - 1, hint.values.1 - 1),
        }
    }

    /// Returns the extent of a node or group.
    fn extent(&self, end: End) -> Extent {
        let (bounds, (x, y)) = match end {
            End::Node(n) => {
                let (x, y) = self.placement.nodes[n];
                (self.input.nodes[n].bounds(x, y), (x, y))
            }
            End::Group(g) => (self.placement.groups[g], (self.placement.groups[g].cx(), self.placement.groups[g].cy())),
        };
        let (across, along, anchor) = match self.direction {
            Direction::Down => ((bounds.x0, bounds.x1), (bounds.y0, bounds.y1), (y, x)),
            Direction::Up => ((bounds.x0, bounds.x1), (-bounds.y1, -bounds.y0), (-y, x)),
            Direction::Right => ((bounds.y0, bounds.y1), (bounds.x0, bounds.x1), (x, y)),
            Direction::Left => ((bounds.y0, bounds.y1), (-bounds.x1, -bounds.x0), (-x, y)),
        };
        Extent { along, across, anchor, is_node: matches!(end, End::Node(_)) }
    }

    /// Whether two are next to each other: close, and with nothing between. If they are in different groups, these are.
    fn are_near(&self, a: End, b: End) -> bool {
        let (a, b) = self.siblings(a, b);
        let bounds = |end: End| match end {
            End::Node(n) => self.input.nodes[n].bounds(self.placement.nodes[n].0, self.placement.nodes[n].1),
            End::Group(g) => self.placement.groups[g],
        };
        let (p, q) = (bounds(a), bounds(b));
        let is_at = |e: &&Edge, end: End| e.source == end || e.target == end;
        let label = |e: &Edge| if self.direction.is_horizontal() { e.label_w } else { e.label_w.max(e.label_h) };
        let labels = self.input.edges.iter().filter(|e| is_at(e, a) || is_at(e, b)).map(label).fold(0.0, f64::max);
        let gap = (q.x0 - p.x1).max(p.x0 - q.x1).max(q.y0 - p.y1).max(p.y0 - q.y1);
        let span = |a: (f64, f64), b: (f64, f64)| (a.1.min(b.1).min(a.0.max(b.0)), a.0.max(b.0).max(a.1.min(b.1)));
        let ((x0, x1), (y0, y1)) = (span((p.x0, p.x1), (q.x0, q.x1)), span((p.y0, p.y1), (q.y0, q.y1)));
        let between = Rect::new(x0, y0, x1, y1);
        let is_between = |n: usize| {
            let is_member = |m: End| m == End::Node(n) || matches!(m, End::Group(g) if self.input.contains(g, End::Node(n)));
            let (x, y) = self.placement.nodes[n];
            !is_member(a) && !is_member(b) && between.contains(&Rect::new(x, y, x, y))
        };
        gap <= MAX_NEAR_GAP + labels && !(0..self.input.nodes.len()).any(is_between)
    }

    /// Returns the members of the innermost common group that are or contain two ends.
    fn siblings(&self, a: End, b: End) -> (End, End) {
        let path = |end: End| {
            let mut path = vec![end];
            while let Some(&last) = path.last().filter(|&&last| self.input.parent_of(last) >= 0) {
                path.push(End::Group(self.input.parent_of(last) as usize));
            }
            path.reverse();
            path
        };
        let (p, q) = (path(a), path(b));
        let common = p.iter().zip(&q).take_while(|(x, y)| x == y).count();
        (p.get(common).copied().unwrap_or(a), q.get(common).copied().unwrap_or(b))
    }

    /// Whether the members of a group are in columns.
    fn is_grid(&self, hint: &Hint) -> bool {
        let cells: Vec<(Extent, &Cell)> = self
            .input
            .cells
            .iter()
            .filter(|cell| hint.members[0] != cell.member && hint.members[0] == self.parent(cell.member))
            .map(|cell| (self.extent(cell.member), cell))
            .collect();
        cells.iter().all(|(a, first)| {
            cells.iter().all(|(b, second)| {
                let ranks = if first.rank == second.rank { have_same_rank(a, b) } else { first.rank > second.rank || precede(a.along, b.along) };
                let lines = if first.line == second.line { are_in_line(a, b) } else { first.line > second.line || precede(a.across, b.across) };
                ranks && lines
            })
        })
    }

    /// Returns the group around an end; itself if there is none.
    fn parent(&self, end: End) -> End {
        let parent = self.input.parent_of(end);
        if parent < 0 { end } else { End::Group(parent as usize) }
    }

    /// Whether a member has a rank and a line within the group around it. If nothing is before it, it begins the first
    /// rank.
    fn is_pinned(&self, member: End, rank: i32, line: i32) -> bool {
        let slots = &self.placement.slots;
        let own = match slots.iter().find(|slot| slot.end == member) {
            Some(own) => own,
            None => return false,
        };
        let is_sibling = |slot: &&Slot| slot.end != member && self.input.parent_of(slot.end) == self.input.parent_of(member);
        let is_first = !slots.iter().filter(is_sibling).any(|slot| slot.rank < own.rank);
        (own.rank == rank || is_first && own.rank < rank) && own.line == line
    }
}

/// Whether a span ends before another begins.
fn precede(a: (f64, f64), b: (f64, f64)) -> bool {
    a.1 <= b.0 + TOLERANCE
}

/// Whether two are side by side across the flow: nodes on one line, groups next to each other.
fn have_same_rank(a: &Extent, b: &Extent) -> bool {
    if a.is_node && b.is_node {
        return (a.anchor.0 - b.anchor.0).abs() <= TOLERANCE;
    }
    a.along.0 < b.along.1 && b.along.0 < a.along.1
}

/// Whether two are on one line along the flow: nodes by their anchors, groups by their middles.
fn are_in_line(a: &Extent, b: &Extent) -> bool {
    let includes = |outer: &Extent, inner: &Extent| outer.across.0 <= inner.anchor.1 && inner.anchor.1 <= outer.across.1;
    match (a.is_node, b.is_node) {
        (true, true) => (a.anchor.1 - b.anchor.1).abs() <= TOLERANCE,
        _ => includes(a, b) || includes(b, a),
    }
}
