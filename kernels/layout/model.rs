//! The input of the engine: its types, and the numbers they are read from.
//!
//! All lengths are in points; x increases to the right, y downward. Sides are numbered clockwise from the right.

pub use crate::hint_records::*;

/// The right side.
pub const RIGHT: usize = 0;
/// The bottom side.
pub const BOTTOM: usize = 1;
/// The left side.
pub const LEFT: usize = 2;
/// The top side.
pub const TOP: usize = 3;

/// The unit vector that points away from a node at each side.
pub const OUTWARD: [(f64, f64); 4] = [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)];

/// Below this share of the readable size, text cannot be read.
pub const MIN_READABLE_SHARE: f64 = 13.0 / 16.0;

/// The direction in which ranks follow one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    Down,
    Up,
    Right,
    Left,
}

impl Direction {
    /// Whether ranks follow one another horizontally.
    pub fn is_horizontal(self) -> bool {
        matches!(self, Direction::Right | Direction::Left)
    }
    /// Returns the side of a node where the flow leaves it.
    pub fn side(self) -> usize {
        match self {
            Direction::Right => RIGHT,
            Direction::Down => BOTTOM,
            Direction::Left => LEFT,
            Direction::Up => TOP,
        }
    }
    /// Returns the direction with a number of the input, or None.
    pub fn from_code(code: f64) -> Option<Direction> {
        match code as i32 {
            1 => Some(Direction::Down),
            2 => Some(Direction::Up),
            3 => Some(Direction::Right),
            4 => Some(Direction::Left),
            _ => None,
        }
    }
    /// Returns the number of the direction in input and output.
    pub fn code(self) -> f64 {
        match self {
            Direction::Down => 1.0,
            Direction::Up => 2.0,
            Direction::Right => 3.0,
            Direction::Left => 4.0,
        }
    }
}

/// A rectangle, by the coordinates of its sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub x0: f64,
    pub y0: f64,
    pub x1: f64,
    pub y1: f64,
}

impl Rect {
    /// The neutral element of `union`.
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
    /// Returns the corners, clockwise from the upper left one.
    pub fn corners(&self) -> [(f64, f64); 4] {
        [(self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1)]
    }
    /// Returns the rectangle enlarged by `by` points on each side.
    pub fn inflate(&self, by: f64) -> Rect {
        Rect::new(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)
    }
    /// Returns the rectangle moved by a vector.
    pub fn translate(&self, dx: f64, dy: f64) -> Rect {
        Rect::new(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)
    }
    pub fn union(&self, o: &Rect) -> Rect {
        Rect::new(self.x0.min(o.x0), self.y0.min(o.y0), self.x1.max(o.x1), self.y1.max(o.y1))
    }
    /// Whether two rectangles overlap by more than 0.01 points.
    pub fn overlaps(&self, o: &Rect) -> bool {
        self.x0 < o.x1 - 0.01 && o.x0 < self.x1 - 0.01 && self.y0 < o.y1 - 0.01 && o.y0 < self.y1 - 0.01
    }
    /// Whether the rectangle contains another, with a tolerance of 0.01 points.
    pub fn contains(&self, o: &Rect) -> bool {
        self.x0 <= o.x0 + 0.01 && self.y0 <= o.y0 + 0.01 && self.x1 >= o.x1 - 0.01 && self.y1 >= o.y1 - 0.01
    }
    /// Whether an axis-parallel segment passes through the inside.
    pub fn crossed_by(&self, a: (f64, f64), b: (f64, f64)) -> bool {
        a.0.min(b.0) < self.x1 - 0.01
            && a.0.max(b.0) > self.x0 + 0.01
            && a.1.min(b.1) < self.y1 - 0.01
            && a.1.max(b.1) > self.y0 + 0.01
    }
}

/// A node: its icon (or shape) of `w` by `h` around its anchor, the extents from the anchor that include its label, and
/// its ports.
#[derive(Clone, Debug)]
pub struct Node {
    pub parent: i32,
    pub w: f64,
    pub h: f64,
    pub extent_up: f64,
    pub extent_down: f64,
    pub half_width: f64,
    /// Whether readers start here: users, clients, the internet.
    pub entry: bool,
    /// Nodes with the same number (not 0) correspond to each other in sibling groups.
    pub twin: u32,
    /// For each side: how far the port is from the anchor, and how far it may move along the side.
    pub ports: [(f64, f64); 4],
}

impl Node {
    /// Returns what the node covers, including its label, if its anchor is at the given position.
    pub fn bounds(&self, x: f64, y: f64) -> Rect {
        Rect::new(x - self.half_width, y - self.extent_up, x + self.half_width, y + self.extent_down)
    }

    /// Returns the boxes of the icon (or shape) and of the text below it, if the anchor is at the given position.
    pub fn parts(&self, x: f64, y: f64) -> [Rect; 2] {
        let (bounds, half, bottom) = (self.bounds(x, y), self.icon_half_width(), y + self.h / 2.0);
        [Rect::new(x - half, bounds.y0, x + half, bottom), Rect { y0: bottom, ..bounds }]
    }

    /// Returns half of the width of the icon or shape.
    pub fn icon_half_width(&self) -> f64 {
        (self.w / 2.0).min(self.half_width)
    }

    /// Returns the same node with at least the extents of another.
    pub fn enlarged_to(&self, other: &Node) -> Node {
        Node {
            half_width: self.half_width.max(other.half_width),
            extent_up: self.extent_up.max(other.extent_up),
            extent_down: self.extent_down.max(other.extent_down),
            ..self.clone()
        }
    }
}

#[derive(Clone, Debug)]
pub struct Group {
    pub parent: i32,
    pub title_w: f64,
    pub title_h: f64,
    pub direction: Option<Direction>,
    pub twin: u32,
    /// Whether the title is in the middle of the upper border instead of in the corner.
    pub centered: bool,
    /// The size of the title in several lines; 0 by 0 if it cannot be wrapped.
    pub wrapped_title: (f64, f64),
    /// Whether the title is wrapped.
    pub title_wrapped: bool,
    /// Whether the group is a lane: it reaches across the whole picture, and lanes keep the order of the source.
    pub is_lane: bool,
}

impl Group {
    /// Returns the same group with at least as much space for its title as another.
    pub fn enlarged_to(&self, other: &Group) -> Group {
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
    pub source: End,
    pub target: End,
    pub label_w: f64,
    pub label_h: f64,
    /// Edges with the same style may share a line.
    pub style: u32,
    pub min_len: i32,
    pub invisible: bool,
    /// The sides (1 to 4; 0 for none) that the source specifies for the ends.
    pub sides: (u8, u8),
    /// What a layout hint requires of the ends, if the edge stands for a hint. It is not drawn.
    pub relation: Option<Relation>,
}

impl Edge {
    /// Whether the edge has a label.
    pub fn labeled(&self) -> bool {
        self.label_w > 0.0
    }
}

/// The graph to be laid out, and the canvas (in pixels; 0 by 0 for none).
#[derive(Clone, Debug)]
pub struct Input {
    pub nodes: Vec<Node>,
    pub groups: Vec<Group>,
    pub edges: Vec<Edge>,
    pub direction: Option<Direction>,
    pub canvas: (f64, f64),
    /// The size in pixels on the canvas below which text cannot be read.
    pub readable_size: f64,
    /// The size of the smallest text in points.
    pub text_size: f64,
    pub node_gap: f64,
    pub rank_gap: f64,
    pub component_gap: f64,
    pub padding: f64,
    pub margin: f64,
    pub line_style: LineStyle,
    pub hints: Vec<Hint>,
    /// What the grids and pins of the hints require.
    pub cells: Vec<Cell>,
    /// The anchors that another engine determined.
    pub fixed: Option<Vec<(f64, f64)>>,
}

/// How edges are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineStyle {
    Orthogonal,
    Curved,
    Straight,
}

impl LineStyle {
    /// Returns the style with a number of the input.
    pub fn from_code(code: f64) -> LineStyle {
        match code as i32 {
            1 => LineStyle::Curved,
            2 => LineStyle::Straight,
            _ => LineStyle::Orthogonal,
        }
    }
}

/// Reads the numbers of the input one after another.
struct Reader<'a> {
    data: &'a [f64],
    position: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> f64 {
        self.position += 1;
        self.data[self.position - 1]
    }
    fn next_end(&mut self) -> End {
        let kind = self.next();
        let index = self.next() as usize;
        if kind == 0.0 {
            End::Node(index)
        } else {
            End::Group(index)
        }
    }
}

impl Reader<'_> {
    fn next_hint(&mut self) -> Hint {
        let kind = match self.next() as i32 {
            0 => HintKind::SameRank,
            1 => HintKind::InLine,
            2 => HintKind::Order,
            3 => HintKind::Near,
            4 => HintKind::Main,
            5 => HintKind::Grid,
            _ => HintKind::Pin,
        };
        let values = (self.next() as i32, self.next() as i32);
        let count = self.next() as usize;
        Hint { kind, values, members: (0..count).map(|_| self.next_end()).collect() }
    }
}

impl Input {
    /// Reads the numbers that `layered.py` writes.
    pub fn read(data: &[f64]) -> Input {
        let mut reader = Reader { data, position: 0 };
        let (node_count, group_count, edge_count) = (reader.next() as usize, reader.next() as usize, reader.next() as usize);
        let direction = Direction::from_code(reader.next());
        let canvas = (reader.next(), reader.next());
        let (readable_size, text_size) = (reader.next(), reader.next());
        let (node_gap, rank_gap, component_gap, padding, margin) =
            (reader.next(), reader.next(), reader.next(), reader.next(), reader.next());
        let line_style = LineStyle::from_code(reader.next());
        let fixed = reader.next() != 0.0;
        let nodes = (0..node_count)
            .map(|_| Node {
                parent: reader.next() as i32,
                w: reader.next(),
                h: reader.next(),
                extent_up: reader.next(),
                extent_down: reader.next(),
                half_width: reader.next(),
                entry: reader.next() != 0.0,
                twin: reader.next() as u32,
                ports: [0; 4].map(|_| (reader.next(), reader.next())),
            })
            .collect();
        let groups = (0..group_count)
            .map(|_| Group {
                parent: reader.next() as i32,
                title_w: reader.next(),
                title_h: reader.next(),
                direction: Direction::from_code(reader.next()),
                twin: reader.next() as u32,
                centered: reader.next() != 0.0,
                wrapped_title: (reader.next(), reader.next()),
                is_lane: reader.next() != 0.0,
                title_wrapped: false,
            })
            .collect();
        let edges = (0..edge_count)
            .map(|_| Edge {
                source: reader.next_end(),
                target: reader.next_end(),
                label_w: reader.next(),
                label_h: reader.next(),
                style: reader.next() as u32,
                min_len: reader.next() as i32,
                invisible: reader.next() != 0.0,
                sides: (reader.next() as u8, reader.next() as u8),
                relation: None,
            })
            .collect();
        let hint_count = reader.next() as usize;
        let hints = (0..hint_count).map(|_| reader.next_hint()).collect();
        let fixed = if fixed { Some((0..node_count).map(|_| (reader.next(), reader.next())).collect()) } else { None };
        Input {
            nodes,
            groups,
            edges,
            direction,
            canvas,
            readable_size,
            text_size,
            node_gap,
            rank_gap,
            component_gap,
            padding,
            margin,
            line_style,
            hints,
            cells: Vec::new(),
            fixed,
        }
    }

    /// Returns the input with the titles of some groups, and of their twins, wrapped; None if that changes nothing.
    pub fn with_wrapped_titles(&self, groups: &[usize]) -> Option<Input> {
        let mut wrapped = self.clone();
        let mut changed = false;
        for (g, group) in wrapped.groups.iter_mut().enumerate() {
            let selected = groups.iter().any(|&o| o == g || group.twin != 0 && group.twin == self.groups[o].twin);
            if selected && group.wrapped_title.0 > 0.0 && !group.title_wrapped {
                (group.title_w, group.title_h) = group.wrapped_title;
                group.title_wrapped = true;
                changed = true;
            }
        }
        if changed { Some(wrapped) } else { None }
    }

    /// Whether the groups are lanes.
    pub fn has_lanes(&self) -> bool {
        self.groups.iter().any(|g| g.is_lane)
    }

    /// Returns the number of nodes and edges.
    pub fn element_count(&self) -> usize {
        self.nodes.len() + self.edges.len()
    }

    /// Returns for each group how many nodes without edges it contains directly.
    pub fn unconnected_counts(&self) -> Vec<usize> {
        let is_connected = |n: usize| self.edges.iter().any(|e| e.source == End::Node(n) || e.target == End::Node(n));
        let mut counts = vec![0; self.groups.len()];
        for (n, node) in self.nodes.iter().enumerate() {
            if node.parent >= 0 && !is_connected(n) {
                counts[node.parent as usize] += 1;
            }
        }
        counts
    }

    /// Returns the group that directly contains an end, or -1.
    pub fn parent_of(&self, end: End) -> i32 {
        match end {
            End::Node(n) => self.nodes[n].parent,
            End::Group(g) => self.groups[g].parent,
        }
    }

    /// Returns the direct members of a group (-1: of none): nodes, then groups, in source order.
    pub fn children_of(&self, parent: i32) -> Vec<End> {
        let nodes = (0..self.nodes.len()).filter(|&n| self.nodes[n].parent == parent).map(End::Node);
        let groups = (0..self.groups.len()).filter(|&g| self.groups[g].parent == parent).map(End::Group);
        nodes.chain(groups).collect()
    }

    /// Whether a group contains an end (a group does not contain itself).
    pub fn contains(&self, group: usize, end: End) -> bool {
        let mut ancestor = self.parent_of(end);
        while ancestor >= 0 {
            if ancestor as usize == group {
                return true;
            }
            ancestor = self.groups[ancestor as usize].parent;
        }
        false
    }

    /// Returns how many pixels a point has if a picture of this size fills the canvas.
    pub fn scale(&self, w: f64, h: f64) -> f64 {
        if self.canvas.0 <= 0.0 {
            return 1.0;
        }
        let (w, h) = (w + 2.0 * self.margin, h + 2.0 * self.margin);
        (self.canvas.0 / w).min(self.canvas.1 / h)
    }
}
