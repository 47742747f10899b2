//! What is laid out, and what comes out: records and the numbers they are read from.
//!
//! All lengths are in points; x runs to the right, y down. Sides are numbered clockwise from the right.

pub const RIGHT: usize = 0;
pub const BOTTOM: usize = 1;
pub const LEFT: usize = 2;
pub const TOP: usize = 3;

/// The unit vector that points away from a node at each side.
pub const OUTWARD: [(f64, f64); 4] = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];

/// The direction in which ranks follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    Down,
    Up,
    Right,
    Left,
}

impl Flow {
    pub fn horizontal(self) -> bool {
        matches!(self, Flow::Right | Flow::Left)
    }
    /// The side of a node at which the flow leaves it.
    pub fn side(self) -> usize {
        match self {
            Flow::Right => RIGHT,
            Flow::Down => BOTTOM,
            Flow::Left => LEFT,
            Flow::Up => TOP,
        }
    }
    pub fn from_code(code: f64) -> Option<Flow> {
        match code as i32 {
            1 => Some(Flow::Down),
            2 => Some(Flow::Up),
            3 => Some(Flow::Right),
            4 => Some(Flow::Left),
            _ => None,
        }
    }
    pub fn code(self) -> f64 {
        match self {
            Flow::Down => 1.0,
            Flow::Up => 2.0,
            Flow::Right => 3.0,
            Flow::Left => 4.0,
        }
    }
}

/// A rectangle by its sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Rect {
    pub const EMPTY: Rect = Rect { x0: f64::INFINITY, y0: f64::INFINITY, x1: f64::NEG_INFINITY, y1: f64::NEG_INFINITY };
    pub fn new(x0: f64, y0: f64, x1: f64, y1: f64) -> Rect {
        Rect { x0, y0, x1, y1 }
    }
    pub fn w(&self) -> f64 {
        self.x1 - self.x0
    }
    pub fn h(&self) -> f64 {
        self.y1 - self.y0
    }
    pub fn cx(&self) -> f64 {
        (self.x0 + self.x1) / 2.0
    }
    pub fn cy(&self) -> f64 {
        (self.y0 + self.y1) / 2.0
    }
    pub fn grown(&self, by: f64) -> Rect {
        Rect::new(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)
    }
    pub fn moved(&self, dx: f64, dy: f64) -> Rect {
        Rect::new(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)
    }
    pub fn union(&self, o: &Rect) -> Rect {
        Rect::new(self.x0.min(o.x0), self.y0.min(o.y0), self.x1.max(o.x1), self.y1.max(o.y1))
    }
    pub fn overlaps(&self, o: &Rect) -> bool {
        self.x0 < o.x1 - 0.01 && o.x0 < self.x1 - 0.01 && self.y0 < o.y1 - 0.01 && o.y0 < self.y1 - 0.01
    }
    pub fn holds(&self, o: &Rect) -> bool {
        self.x0 <= o.x0 + 0.01 && self.y0 <= o.y0 + 0.01 && self.x1 >= o.x1 - 0.01 && self.y1 >= o.y1 - 0.01
    }
    /// Whether an axis-parallel segment runs through the inside.
    pub fn hit(&self, a: (f64, f64), b: (f64, f64)) -> bool {
        a.0.min(b.0) < self.x1 - 0.01
            && a.0.max(b.0) > self.x0 + 0.01
            && a.1.min(b.1) < self.y1 - 0.01
            && a.1.max(b.1) > self.y0 + 0.01
    }
}

/// A node: its icon (or shape) of `w` by `h` around its anchor, its reach with its label, and its ports.
#[derive(Clone, Debug)]
pub struct Node {
    pub parent: i32,
    pub w: f64,
    pub h: f64,
    pub up: f64,
    pub down: f64,
    pub half: f64,
    /// Users, clients, the internet: where a reader starts.
    pub entry: bool,
    /// Nodes of one number (not 0) stand for each other in sibling groups.
    pub twin: u32,
    /// For each side: how far the port lies from the anchor, and how far it may move along the side.
    pub port: [(f64, f64); 4],
}

impl Node {
    /// All that the node covers, with its label, around an anchor.
    pub fn area(&self, x: f64, y: f64) -> Rect {
        Rect::new(x - self.half, y - self.up, x + self.half, y + self.down)
    }

    /// The same with as much space as another, where that takes more.
    pub fn covering(&self, other: &Node) -> Node {
        Node { half: self.half.max(other.half), up: self.up.max(other.up), down: self.down.max(other.down), ..self.clone() }
    }
}

#[derive(Clone, Debug)]
pub struct Group {
    pub parent: i32,
    pub title_w: f64,
    pub title_h: f64,
    pub flow: Option<Flow>,
    pub twin: u32,
    /// The title stands in the middle of the upper border, not in the corner.
    pub centered: bool,
    /// The size of the title in more lines; 0 by 0 where it cannot be broken.
    pub narrow: (f64, f64),
    /// Whether the title is written in more lines.
    pub narrowed: bool,
}

impl Group {
    /// The same with as much space for its title as another, where that takes more.
    pub fn covering(&self, other: &Group) -> Group {
        Group { title_w: self.title_w.max(other.title_w), title_h: self.title_h.max(other.title_h), ..self.clone() }
    }
}

/// An end of an edge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    Node(usize),
    Group(usize),
}

#[derive(Clone, Debug)]
pub struct Edge {
    pub s: End,
    pub t: End,
    pub label_w: f64,
    pub label_h: f64,
    /// Edges of one look may share a line.
    pub look: u32,
    pub minlen: i32,
    pub invisible: bool,
    /// The sides (1 to 4; 0 for none) at which the source asks the edge to end.
    pub sides: (u8, u8),
}

impl Edge {
    pub fn labeled(&self) -> bool {
        self.label_w > 0.0
    }
}

/// What is to be laid out, and for what canvas (pixels; 0: none).
#[derive(Clone, Debug)]
pub struct Input {
    pub nodes: Vec<Node>,
    pub groups: Vec<Group>,
    pub edges: Vec<Edge>,
    pub flow: Option<Flow>,
    pub canvas: (f64, f64),
    /// The size in pixels on the canvas under which text cannot be read.
    pub readable: f64,
    /// The size of the smallest text in points.
    pub text: f64,
    pub node_gap: f64,
    pub rank_gap: f64,
    pub component_gap: f64,
    pub padding: f64,
    pub margin: f64,
    /// Anchors that are fixed by another engine.
    pub fixed: Option<Vec<(f64, f64)>>,
}

struct Reader<'a> {
    data: &'a [f64],
    at: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> f64 {
        self.at += 1;
        self.data[self.at - 1]
    }
    fn end(&mut self) -> End {
        let kind = self.next();
        let index = self.next() as usize;
        if kind == 0.0 {
            End::Node(index)
        } else {
            End::Group(index)
        }
    }
}

impl Input {
    /// Read from the numbers that `layered.py` writes.
    pub fn read(data: &[f64]) -> Input {
        let mut r = Reader { data, at: 0 };
        let (n, g, e) = (r.next() as usize, r.next() as usize, r.next() as usize);
        let flow = Flow::from_code(r.next());
        let canvas = (r.next(), r.next());
        let (readable, text) = (r.next(), r.next());
        let (node_gap, rank_gap, component_gap, padding, margin) = (r.next(), r.next(), r.next(), r.next(), r.next());
        let fixed = r.next() != 0.0;
        let nodes = (0..n)
            .map(|_| Node {
                parent: r.next() as i32,
                w: r.next(),
                h: r.next(),
                up: r.next(),
                down: r.next(),
                half: r.next(),
                entry: r.next() != 0.0,
                twin: r.next() as u32,
                port: [0; 4].map(|_| (r.next(), r.next())),
            })
            .collect();
        let groups = (0..g)
            .map(|_| Group {
                parent: r.next() as i32,
                title_w: r.next(),
                title_h: r.next(),
                flow: Flow::from_code(r.next()),
                twin: r.next() as u32,
                centered: r.next() != 0.0,
                narrow: (r.next(), r.next()),
                narrowed: false,
            })
            .collect();
        let edges = (0..e)
            .map(|_| Edge {
                s: r.end(),
                t: r.end(),
                label_w: r.next(),
                label_h: r.next(),
                look: r.next() as u32,
                minlen: r.next() as i32,
                invisible: r.next() != 0.0,
                sides: (r.next() as u8, r.next() as u8),
            })
            .collect();
        let fixed = if fixed { Some((0..n).map(|_| (r.next(), r.next())).collect()) } else { None };
        Input { nodes, groups, edges, flow, canvas, readable, text, node_gap, rank_gap, component_gap, padding, margin, fixed }
    }

    /// The same with the titles of some groups, and of their twins, in more lines; None where that changes nothing.
    pub fn narrowed(&self, groups: &[usize]) -> Option<Input> {
        let mut other = self.clone();
        let mut any = false;
        for (g, group) in other.groups.iter_mut().enumerate() {
            let asked = groups.iter().any(|&o| o == g || group.twin != 0 && group.twin == self.groups[o].twin);
            if asked && group.narrow.0 > 0.0 && !group.narrowed {
                (group.title_w, group.title_h) = group.narrow;
                group.narrowed = true;
                any = true;
            }
        }
        if any { Some(other) } else { None }
    }

    /// How many nodes and edges there are.
    pub fn size(&self) -> usize {
        self.nodes.len() + self.edges.len()
    }

    pub fn parent_of(&self, end: End) -> i32 {
        match end {
            End::Node(n) => self.nodes[n].parent,
            End::Group(g) => self.groups[g].parent,
        }
    }

    /// What stands directly in a group (-1: in none): nodes, then groups, in source order.
    pub fn content(&self, parent: i32) -> Vec<End> {
        let nodes = (0..self.nodes.len()).filter(|&n| self.nodes[n].parent == parent).map(End::Node);
        let groups = (0..self.groups.len()).filter(|&g| self.groups[g].parent == parent).map(End::Group);
        nodes.chain(groups).collect()
    }

    /// Whether a group holds an end (a group does not hold itself).
    pub fn inside(&self, group: usize, end: End) -> bool {
        let mut at = self.parent_of(end);
        while at >= 0 {
            if at as usize == group {
                return true;
            }
            at = self.groups[at as usize].parent;
        }
        false
    }

    /// How many pixels a point has where a picture of this size fills the canvas.
    pub fn scale(&self, w: f64, h: f64) -> f64 {
        if self.canvas.0 <= 0.0 {
            return 1.0;
        }
        let (w, h) = (w + 2.0 * self.margin, h + 2.0 * self.margin);
        (self.canvas.0 / w).min(self.canvas.1 / h)
    }
}

/// Where everything was put, before edges are routed.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    pub nodes: Vec<(f64, f64)>,
    pub groups: Vec<Rect>,
    pub flow: Flow,
}

impl Placed {
    pub fn area(&self, input: &Input) -> Rect {
        let mut all = Rect::EMPTY;
        for (node, &(x, y)) in input.nodes.iter().zip(&self.nodes) {
            all = all.union(&node.area(x, y));
        }
        for g in &self.groups {
            all = all.union(g);
        }
        all
    }
}

/// A routed edge: its corners, the sides at which it ends, and its label's box.
#[derive(Clone, Debug, Default)]
pub struct Route {
    pub points: Vec<(f64, f64)>,
    pub sides: (usize, usize),
    pub label: Option<(f64, f64)>,
}
