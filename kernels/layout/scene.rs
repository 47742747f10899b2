//! The obstacles of routes, and the ports where edges may end.

use crate::model::*;
use crate::placement::*;

/// Points between a route and a node.
pub const CLEARANCE: f64 = 7.0;
/// Points from a port to the first turn.
pub const MIN_STUB: f64 = 14.0;
/// Edges end at least this number of points from the corners of a frame, if its side is long enough.
const CORNER_DISTANCE: f64 = 24.0;

/// Where an edge may end at one side of a node or group: a point, and how far it may move along the side in each
/// direction.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    pub x: f64,
    pub y: f64,
    pub range: (f64, f64),
    /// Where an edge that leaves here may first turn, on its axis.
    pub turn: f64,
}

/// An end of an edge with its four ports and its bounds.
#[derive(Clone, Debug)]
pub struct Terminal {
    pub ports: [Port; 4],
    pub bounds: Rect,
    pub node: Option<usize>,
    pub group: Option<usize>,
}

/// A placement with everything that routes and labels must avoid.
pub struct Scene<'a> {
    pub input: &'a Input,
    pub placement: &'a Placement,
    pub node_bounds: Vec<Rect>,
    /// The icons and texts of nodes, for labels.
    pub node_parts: Vec<Rect>,
    pub titles: Vec<Rect>,
    /// For each edge: the groups that contain only its source, only its target, and both.
    pub enclosing: Vec<EnclosingGroups>,
    /// For each edge: where it may leave and arrive.
    pub ends: Vec<(Terminal, Terminal)>,
    /// For each edge whether it may join others on their way to its target.
    joins: Vec<bool>,
}

#[derive(Clone, Debug, Default)]
pub struct EnclosingGroups {
    pub source: Vec<usize>,
    pub target: Vec<usize>,
    pub both: Vec<usize>,
}

impl<'a> Scene<'a> {
    /// Collects the obstacles and the ends of all edges.
    pub fn new(input: &'a Input, placement: &'a Placement) -> Scene<'a> {
        let node_bounds = input.nodes.iter().zip(&placement.nodes).map(|(n, &(x, y))| n.bounds(x, y)).collect();
        let node_parts = input.nodes.iter().zip(&placement.nodes).flat_map(|(n, &(x, y))| n.parts(x, y)).collect();
        let titles = input
            .groups
            .iter()
            .zip(&placement.groups)
            .map(|(g, r)| {
                let x = if g.centered { r.cx() - g.title_w / 2.0 } else { r.x0 };
                Rect::new(x, r.y0, x + g.title_w, r.y0 + g.title_h)
            })
            .collect();
        let enclosing = input
            .edges
            .iter()
            .map(|e| {
                let (s, t) = (enclosing_groups(input, e.source), enclosing_groups(input, e.target));
                EnclosingGroups {
                    both: s.iter().copied().filter(|g| t.contains(g)).collect(),
                    source: s.iter().copied().filter(|g| !t.contains(g)).collect(),
                    target: t.iter().copied().filter(|g| !s.contains(g)).collect(),
                }
            })
            .collect();
        let mut scene = Scene { input, placement, node_bounds, node_parts, titles, enclosing, ends: Vec::new(), joins: joins(input) };
        scene.ends = input.edges.iter().map(|e| (scene.terminal(e.source, e.target), scene.terminal(e.target, e.source))).collect();
        scene
    }

    /// Whether two edges may share a line: they look alike and have exactly one end in common. Those with a common target join
    /// only if they are many.
    pub fn may_bundle(&self, i: usize, j: usize) -> bool {
        let (a, b) = (&self.input.edges[i], &self.input.edges[j]);
        a.style == b.style
            && (a.source == b.source) != (a.target == b.target)
            && a.source != a.target
            && b.source != b.target
            && (a.source == b.source || self.joins[i] && self.joins[j])
    }

    /// Returns one end of an edge, given the other.
    fn terminal(&self, end: End, other: End) -> Terminal {
        match end {
            End::Node(n) => self.node_terminal(n),
            End::Group(g) => self.group_terminal(g, other),
        }
    }

    /// Returns an end at a node.
    fn node_terminal(&self, n: usize) -> Terminal {
        let (node, (x, y), bounds) = (&self.input.nodes[n], self.placement.nodes[n], self.node_bounds[n]);
        let ports = [0, 1, 2, 3].map(|side| {
            let (offset, range) = node.ports[side];
            let (dx, dy) = OUTWARD[side];
            let (px, py) = (x + dx * offset, y + dy * offset);
            Port { x: px, y: py, range: (range, range), turn: first_turn(side, px, py, &bounds) }
        });
        Terminal { ports, bounds, node: Some(n), group: None }
    }

    /// Returns an end at a group, with ports opposite the other end.
    fn group_terminal(&self, g: usize, other: End) -> Terminal {
        let bounds = self.placement.groups[g];
        let (x, y) = match other {
            End::Node(n) => self.placement.nodes[n],
            End::Group(o) => {
                // If the two overlap, the middle of the overlap.
                let b = self.placement.groups[o];
                let overlap_middle = |a0: f64, a1: f64, b0: f64, b1: f64| {
                    let (lo, hi) = (a0.max(b0), a1.min(b1));
                    if lo < hi { (lo + hi) / 2.0 } else { (b0 + b1) / 2.0 }
                };
                (overlap_middle(bounds.x0, bounds.x1, b.x0, b.x1), overlap_middle(bounds.y0, bounds.y1, b.y0, b.y1))
            }
        };
        let corner_distance = CORNER_DISTANCE.min(bounds.w() / 4.0).min(bounds.h() / 4.0);
        // What is beside the frame leads to the middle of a side, not to its corner.
        let opposite = |v: f64, lo: f64, hi: f64| {
            if v < lo || v > hi { (lo + hi) / 2.0 } else { v.max(lo + corner_distance).min(hi - corner_distance) }
        };
        let (cx, cy) = (opposite(x, bounds.x0, bounds.x1), opposite(y, bounds.y0, bounds.y1));
        let ports = [0, 1, 2, 3].map(|side| {
            let (px, py) = match side {
                RIGHT => (bounds.x1, cy),
                BOTTOM => (cx, bounds.y1),
                LEFT => (bounds.x0, cy),
                _ => (cx, bounds.y0),
            };
            let range = if side % 2 == 0 {
                (cy - bounds.y0 - corner_distance, bounds.y1 - corner_distance - cy)
            } else {
                (cx - bounds.x0 - corner_distance, bounds.x1 - corner_distance - cx)
            };
            Port { x: px, y: py, range: (range.0.max(0.0), range.1.max(0.0)), turn: first_turn(side, px, py, &bounds) }
        });
        Terminal { ports, bounds, node: None, group: Some(g) }
    }
}

/// From this number of similar edges to one end, those without labels join.
const MIN_JOIN: usize = 3;
/// From this number, those with labels join, too: more lines do not fit at the sides of a node.
const MIN_LABELED_JOIN: usize = 7;

/// Returns for each edge whether it may join others on their way to its target.
fn joins(input: &Input) -> Vec<bool> {
    let may_join = |e: &Edge| {
        let is_alike = |other: &&Edge| other.target == e.target && other.style == e.style && !other.invisible && other.source != e.target;
        let alike: Vec<&Edge> = input.edges.iter().filter(is_alike).collect();
        let unlabeled = alike.iter().filter(|other| !other.labeled()).count();
        !e.labeled() && unlabeled >= MIN_JOIN || alike.len() >= MIN_LABELED_JOIN
    };
    input.edges.iter().map(may_join).collect()
}

/// Returns the coordinate from which an edge may turn: beyond the stub and the bounds.
fn first_turn(side: usize, x: f64, y: f64, bounds: &Rect) -> f64 {
    match side {
        RIGHT => (x + MIN_STUB).max(bounds.x1 + CLEARANCE),
        BOTTOM => (y + MIN_STUB).max(bounds.y1 + CLEARANCE),
        LEFT => (x - MIN_STUB).min(bounds.x0 - CLEARANCE),
        _ => (y - MIN_STUB).min(bounds.y0 - CLEARANCE),
    }
}

/// Returns the groups that contain an end. A group that is an end contains itself, because the edge stops at its
/// border.
fn enclosing_groups(input: &Input, end: End) -> Vec<usize> {
    let mut groups = Vec::new();
    if let End::Group(g) = end {
        groups.push(g);
    }
    let mut ancestor = input.parent_of(end);
    while ancestor >= 0 {
        groups.push(ancestor as usize);
        ancestor = input.groups[ancestor as usize].parent;
    }
    groups
}
