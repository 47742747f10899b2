//! What edges are routed around, and where they may end.

use crate::model::*;

pub const CLEARANCE: f64 = 7.0;
pub const STUB: f64 = 14.0;
/// So far from the corners of a frame edges end, where it is long enough.
const CORNER: f64 = 24.0;

/// Where an edge may end at one side of a node or group: a point, and how far it may move along the side.
#[derive(Clone, Copy, Debug)]
pub struct Port {
    pub x: f64,
    pub y: f64,
    pub reach: (f64, f64),
    /// Where an edge that leaves here may first turn, along its axis.
    pub turn: f64,
}

/// An end of an edge with its four ports and all that it covers.
#[derive(Clone, Debug)]
pub struct Terminal {
    pub ports: [Port; 4],
    pub area: Rect,
    pub node: Option<usize>,
    pub group: Option<usize>,
}

pub struct Scene<'a> {
    pub input: &'a Input,
    pub placed: &'a Placed,
    pub areas: Vec<Rect>,
    pub titles: Vec<Rect>,
    /// For each edge: the groups that hold its source alone, its target alone, and both.
    pub around: Vec<Around>,
    /// For each edge: where it may leave and arrive.
    pub ends: Vec<(Terminal, Terminal)>,
}

#[derive(Clone, Debug, Default)]
pub struct Around {
    pub source: Vec<usize>,
    pub target: Vec<usize>,
    pub both: Vec<usize>,
}

impl<'a> Scene<'a> {
    pub fn new(input: &'a Input, placed: &'a Placed) -> Scene<'a> {
        let areas = input.nodes.iter().zip(&placed.nodes).map(|(n, &(x, y))| n.area(x, y)).collect();
        let titles = input
            .groups
            .iter()
            .zip(&placed.groups)
            .map(|(g, r)| {
                let x = if g.centered { r.cx() - g.title_w / 2.0 } else { r.x0 };
                Rect::new(x, r.y0, x + g.title_w, r.y0 + g.title_h)
            })
            .collect();
        let around = input
            .edges
            .iter()
            .map(|e| {
                let (s, t) = (holders(input, e.s), holders(input, e.t));
                Around {
                    both: s.iter().copied().filter(|g| t.contains(g)).collect(),
                    source: s.iter().copied().filter(|g| !t.contains(g)).collect(),
                    target: t.iter().copied().filter(|g| !s.contains(g)).collect(),
                }
            })
            .collect();
        let mut scene = Scene { input, placed, areas, titles, around, ends: Vec::new() };
        scene.ends = input.edges.iter().map(|e| (scene.terminal(e.s, e.t), scene.terminal(e.t, e.s))).collect();
        scene
    }

    /// Whether two edges may share a line: they look alike and have one end in common, not both.
    pub fn alike(&self, i: usize, j: usize) -> bool {
        let (a, b) = (&self.input.edges[i], &self.input.edges[j]);
        a.look == b.look && (a.s == b.s) != (a.t == b.t) && a.s != a.t && b.s != b.t
    }

    fn terminal(&self, end: End, other: End) -> Terminal {
        match end {
            End::Node(n) => self.of_node(n),
            End::Group(g) => self.of_group(g, other),
        }
    }

    fn of_node(&self, n: usize) -> Terminal {
        let (node, (x, y), area) = (&self.input.nodes[n], self.placed.nodes[n], self.areas[n]);
        let ports = [0, 1, 2, 3].map(|side| {
            let (off, reach) = node.port[side];
            let (dx, dy) = OUTWARD[side];
            let (px, py) = (x + dx * off, y + dy * off);
            Port { x: px, y: py, reach: (reach, reach), turn: turn_at(side, px, py, &area) }
        });
        Terminal { ports, area, node: Some(n), group: None }
    }

    fn of_group(&self, g: usize, other: End) -> Terminal {
        let area = self.placed.groups[g];
        let (x, y) = match other {
            End::Node(n) => self.placed.nodes[n],
            End::Group(o) => {
                // Where the two overlap, in the middle of what they share.
                let b = self.placed.groups[o];
                let mid = |a0: f64, a1: f64, b0: f64, b1: f64| {
                    let (lo, hi) = (a0.max(b0), a1.min(b1));
                    if lo < hi { (lo + hi) / 2.0 } else { (b0 + b1) / 2.0 }
                };
                (mid(area.x0, area.x1, b.x0, b.x1), mid(area.y0, area.y1, b.y0, b.y1))
            }
        };
        let pad = CORNER.min(area.w() / 4.0).min(area.h() / 4.0);
        let (cx, cy) = (x.max(area.x0 + pad).min(area.x1 - pad), y.max(area.y0 + pad).min(area.y1 - pad));
        let ports = [0, 1, 2, 3].map(|side| {
            let (px, py) = match side {
                RIGHT => (area.x1, cy),
                BOTTOM => (cx, area.y1),
                LEFT => (area.x0, cy),
                _ => (cx, area.y0),
            };
            let reach = if side % 2 == 0 { (cy - area.y0 - pad, area.y1 - pad - cy) } else { (cx - area.x0 - pad, area.x1 - pad - cx) };
            Port { x: px, y: py, reach: (reach.0.max(0.0), reach.1.max(0.0)), turn: turn_at(side, px, py, &area) }
        });
        Terminal { ports, area, node: None, group: Some(g) }
    }
}

fn turn_at(side: usize, x: f64, y: f64, area: &Rect) -> f64 {
    match side {
        RIGHT => (x + STUB).max(area.x1 + CLEARANCE),
        BOTTOM => (y + STUB).max(area.y1 + CLEARANCE),
        LEFT => (x - STUB).min(area.x0 - CLEARANCE),
        _ => (y - STUB).min(area.y0 - CLEARANCE),
    }
}

/// The groups that hold an end; a group that is an end holds itself, as its border is where the edge stops.
fn holders(input: &Input, end: End) -> Vec<usize> {
    let mut found = Vec::new();
    if let End::Group(g) = end {
        found.push(g);
    }
    let mut at = input.parent_of(end);
    while at >= 0 {
        found.push(at as usize);
        at = input.groups[at as usize].parent;
    }
    found
}
