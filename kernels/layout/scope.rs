//! A scope: what one layered layout places. Groups that no edge enters are laid out first, as blocks.
//!
//! Coordinates here are along the flow (`f`) and across it (`c`), so that one code serves all directions.

use crate::model::*;
use crate::pack;
use crate::plan::*;
use crate::twins::{twin_block, twins_of};
use crate::{coords, fold, order, ranks};
use std::cell::{Cell, RefCell};

/// Something already laid out: its size, and where its nodes and groups are from its top left corner.
#[derive(Clone, Default, Debug)]
pub struct Block {
    pub w: f64,
    pub h: f64,
    pub nodes: Vec<(usize, f64, f64)>,
    pub groups: Vec<(usize, Rect)>,
    /// From the top left corner: where the middle of the first node of the main chain is.
    pub axis: (f64, f64),
}

impl Block {
    pub fn add(&mut self, other: &Block, dx: f64, dy: f64) {
        self.nodes.extend(other.nodes.iter().map(|&(n, x, y)| (n, x + dx, y + dy)));
        self.groups.extend(other.groups.iter().map(|&(g, r)| (g, r.moved(dx, dy))));
    }
}

#[derive(Clone, Debug)]
pub enum Item {
    Node(usize),
    Block(Box<Block>, Option<usize>),
    Dummy,
}

/// A node, a block or a point of a long edge; how far it reaches from its anchor, before and after.
#[derive(Clone, Debug)]
pub struct Vert {
    pub item: Item,
    pub cluster: usize,
    pub rank: i32,
    pub f: (f64, f64),
    pub c: (f64, f64),
}

/// A group whose members are placed with all others; cluster 0 is the scope itself.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    pub group: Option<usize>,
    pub parent: usize,
    pub children: Vec<Child>,
    pub rank: (i32, i32),
    pub f: (f64, f64),
    pub c: (f64, f64),
    pub least_f: f64,
    pub least_c: f64,
    /// A row of a fold: no frame is drawn.
    pub row: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Child {
    V(usize),
    C(usize),
}

/// An edge between vertices or clusters, in the direction of its ranks once these are known.
#[derive(Clone, Debug)]
pub struct Link {
    pub edge: usize,
    pub s: Child,
    pub t: Child,
    /// Where across the flow the edge ends, from the vertex' anchor.
    pub ds: f64,
    pub dt: f64,
    pub label_f: f64,
    pub label_c: f64,
    pub minlen: i32,
    pub reversed: bool,
    /// Does not take part in ranks and order: it closes a cycle of groups, or leads to another row.
    pub free: bool,
    /// Joins twins: both have one rank.
    pub flat: bool,
    /// Leads to a hub that stands aside.
    pub aside: bool,
    pub weight: i32,
}

/// What earlier tries taught.
pub struct Hints<'a> {
    /// Edges whose labels found no space: what they join is further apart.
    pub wide: &'a [usize],
    /// Groups whose titles edges run through: they are wide enough for the title beside the edges.
    pub titles: &'a [usize],
    /// Siblings that change places in the order.
    pub swaps: &'a [(End, End)],
    /// The orders that the same plan has led to, or where to put them.
    pub orders: &'a Orders,
    /// Where to say for each two siblings how many more crossings there would be if they changed places.
    pub judged: Option<&'a RefCell<Vec<(End, End, i64)>>>,
}

/// The orders of all scopes in turn: for each scope the children of each of its clusters, before any change places.
///
/// They depend on the plan only but for its gaps, so that candidates which differ in these or in swaps need not search them
/// again.
#[derive(Clone, Default)]
pub struct Orders {
    known: RefCell<Vec<Vec<Vec<Child>>>>,
    next: Cell<usize>,
}

impl Orders {
    /// Begins with the first scope again.
    pub fn rewind(&self) {
        self.next.set(0);
    }

    /// Gives the next scope its order, if that is known; whether it is.
    pub fn apply(&self, scope: &mut Scope) -> bool {
        let at = self.next.replace(self.next.get() + 1);
        match self.known.borrow().get(at) {
            Some(lists) => {
                for (cluster, children) in scope.clusters.iter_mut().zip(lists) {
                    cluster.children = children.clone();
                }
                true
            }
            None => false,
        }
    }

    /// Keeps the order of a scope.
    pub fn keep(&self, scope: &Scope) {
        self.known.borrow_mut().push(scope.clusters.iter().map(|c| c.children.clone()).collect());
    }
}

pub struct Scope<'a> {
    pub input: &'a Input,
    pub plan: Plan,
    pub verts: Vec<Vert>,
    pub clusters: Vec<Cluster>,
    pub links: Vec<Link>,
    /// For each rank-constraint vertex: the vertex whose rank it has.
    pub same: Vec<usize>,
    /// Children that stand aside, after all their siblings.
    pub hubs: Vec<Child>,
    pub hints: &'a Hints<'a>,
    /// Vertices that stand behind each other in the rows of a broad rank.
    pub columns: Vec<(usize, usize)>,
}

/// Lays out all that is in a group (None: the whole graph), with the group's own frame.
pub fn layout(input: &Input, plan: &Plan, group: Option<usize>, hints: &Hints) -> Block {
    let plan = Plan { flow: group.and_then(|g| input.groups[g].flow).unwrap_or(plan.flow), ..*plan };
    let parent = group.map_or(-1, |g| g as i32);
    let content = input.content(parent);
    let parts = components(input, &content, parent);
    let together = if group.is_none() && (2..=3).contains(&parts.len()) && parts.iter().all(|p| edges_in(input, p) > 0) {
        Some(connected(input, &Plan { joint: true, ..plan }, &content, hints))
    } else {
        None
    };
    let mut blocks: Vec<pack::Part> = Vec::new();
    for part in parts {
        let single = part.len() == 1 && matches!(part[0], End::Node(_));
        blocks.push(pack::Part { block: connected(input, &plan, &part, hints), single });
    }
    let apart = pack::packed(input, &plan, blocks, group.is_some());
    let inner = match together {
        Some(block) if pack::size(input, &plan, &block, false) <= JOINT * pack::size(input, &plan, &apart, false) => block,
        _ => apart,
    };
    match group {
        None => inner,
        Some(g) => framed(input, g, &inner, plan.padding(input)),
    }
}

/// Boxes that are a little lower than icons take as much space, so that frames around both are alike.
/// How far from the middle of a group, as a part of its extent, a member is in line with it.
const NEAR_MIDDLE: f64 = 0.12;

const LEAST_UP: f64 = 30.0;

/// How much smaller things may show where parts stand in common ranks.
const JOINT: f64 = 1.15;

/// How many edges have both ends in a part.
fn edges_in(input: &Input, part: &[End]) -> usize {
    let within = |end: End| part.iter().any(|&p| p == end || matches!(p, End::Group(g) if input.inside(g, end)));
    input.edges.iter().filter(|e| within(e.s) && within(e.t)).count()
}

/// A block in its group's frame, so far from it.
pub fn framed(input: &Input, g: usize, inner: &Block, pad: f64) -> Block {
    let group = &input.groups[g];
    let w = (inner.w + 2.0 * pad).max(group.title_w);
    let top = group.title_h.max(pad * 0.5) + 8.0;
    let mut block = Block { w, h: top + inner.h + pad, ..Block::default() };
    let dx = (w - inner.w) / 2.0;
    block.add(inner, dx, top);
    block.axis = (inner.axis.0 + dx, inner.axis.1 + top);
    block.groups.push((g, Rect::new(0.0, 0.0, block.w, block.h)));
    block
}

/// The direct child of `parent` that is or holds an end, if any.
pub fn child_of(input: &Input, parent: i32, end: End) -> Option<End> {
    let mut at = end;
    loop {
        let up = input.parent_of(at);
        if up == parent {
            return Some(at);
        }
        if up < 0 {
            return None;
        }
        at = End::Group(up as usize);
    }
}

/// The parts of a group's content that no edge joins, in source order of their first members.
fn components(input: &Input, content: &[End], parent: i32) -> Vec<Vec<End>> {
    let index = |end: End| content.iter().position(|&c| c == end);
    let mut set: Vec<usize> = (0..content.len()).collect();
    fn root(set: &mut Vec<usize>, mut a: usize) -> usize {
        while set[a] != a {
            set[a] = set[set[a]];
            a = set[a];
        }
        a
    }
    for e in &input.edges {
        if let (Some(a), Some(b)) = (child_of(input, parent, e.s), child_of(input, parent, e.t)) {
            if let (Some(a), Some(b)) = (index(a), index(b)) {
                let (a, b) = (root(&mut set, a), root(&mut set, b));
                set[a.max(b)] = a.min(b);
            }
        }
    }
    let mut parts: Vec<(usize, Vec<End>)> = Vec::new();
    for i in 0..content.len() {
        let r = root(&mut set, i);
        match parts.iter_mut().find(|p| p.0 == r) {
            Some(p) => p.1.push(content[i]),
            None => parts.push((r, vec![content[i]])),
        }
    }
    parts.into_iter().map(|p| p.1).collect()
}

/// Whether a group is laid out on its own: no edge from outside ends in it, it has twins, or runs in its own direction.
fn rigid(input: &Input, plan: &Plan, g: usize) -> bool {
    if twins_of(input, g).len() > 1 || input.groups[g].flow.map_or(false, |f| f != plan.flow) {
        return true;
    }
    let inner = (0..input.nodes.len()).any(|n| input.inside(g, End::Node(n)));
    if plan.joint && input.groups[g].parent < 0 && inner && !input.edges.iter().any(|e| e.s == End::Group(g) || e.t == End::Group(g)) {
        return false;
    }
    !input.edges.iter().any(|e| input.inside(g, e.s) != input.inside(g, e.t) && e.s != End::Group(g) && e.t != End::Group(g))
}

/// Lays out things that edges join.
fn connected(input: &Input, plan: &Plan, part: &[End], hints: &Hints) -> Block {
    if part.len() == 1 {
        return match part[0] {
            End::Node(n) => single(input, n),
            End::Group(g) => twin_block(input, plan, g, hints),
        };
    }
    let mut scope = Scope::new(input, *plan, part, hints);
    ranks::assign(&mut scope);
    fold::wrap(&mut scope);
    fold::fold(&mut scope);
    let chains = order::arrange(&mut scope);
    coords::place(&scope, &chains)
}

/// A node as a block.
pub fn single(input: &Input, n: usize) -> Block {
    let node = &input.nodes[n];
    Block {
        w: 2.0 * node.half,
        h: node.up + node.down,
        nodes: vec![(n, node.half, node.up)],
        groups: Vec::new(),
        axis: (node.half, node.up),
    }
}

impl<'a> Scope<'a> {
    fn new(input: &'a Input, plan: Plan, part: &[End], hints: &'a Hints<'a>) -> Scope<'a> {
        let mut scope = Scope { input, plan, verts: Vec::new(), clusters: vec![Cluster::default()], links: Vec::new(), same: Vec::new(), hubs: Vec::new(), hints, columns: Vec::new() };
        let mut at: Vec<Option<(Child, f64)>> = vec![None; input.nodes.len() + input.groups.len()];
        scope.fill(0, part, &mut at);
        scope.join(&at);
        if plan.hubs {
            scope.find_hubs();
        }
        scope
    }

    fn fill(&mut self, cluster: usize, content: &[End], at: &mut Vec<Option<(Child, f64)>>) {
        let (input, horizontal) = (self.input, self.plan.flow.horizontal());
        for &end in content {
            match end {
                End::Node(n) => {
                    let node = &input.nodes[n];
                    let (x, y) = ((node.half, node.half), (node.up.max(LEAST_UP), node.down.max(LEAST_UP)));
                    let (f, mut c) = if horizontal { (x, y) } else { (y, x) };
                    // A loop stands above, or to the right.
                    if let Some(e) = input.edges.iter().find(|e| e.s == end && e.t == end) {
                        if horizontal { c.0 += 24.0 + e.label_h + 6.0 } else { c.1 += 26.0 + e.label_w + 6.0 }
                    }
                    let v = self.vert(Item::Node(n), cluster, self.turned(f), c);
                    at[n] = Some((Child::V(v), 0.0));
                }
                End::Group(g) if rigid(input, &self.plan, g) => self.block(g, cluster, at),
                End::Group(g) => {
                    let c = self.cluster(g, cluster);
                    at[input.nodes.len() + g] = Some((Child::C(c), 0.0));
                    let inner = self.gathered(c, input.content(g as i32), at);
                    self.fill(c, &inner, at);
                }
            }
        }
    }

    /// Puts the nodes of a cluster that no edge joins to anything into one block; the others are returned.
    fn gathered(&mut self, cluster: usize, content: Vec<End>, at: &mut Vec<Option<(Child, f64)>>) -> Vec<End> {
        let input = self.input;
        let lonely = |end: &End| match *end {
            End::Node(_) => !input.edges.iter().any(|e| e.s == *end || e.t == *end),
            End::Group(g) => !input.edges.iter().any(|e| {
                e.s == *end || e.t == *end || input.inside(g, e.s) != input.inside(g, e.t)
            }),
        };
        let (alone, others): (Vec<End>, Vec<End>) = content.into_iter().partition(lonely);
        if alone.len() < 2 {
            return others.into_iter().chain(alone).collect();
        }
        let plan = self.plan;
        let parts = alone
            .iter()
            .map(|&end| pack::Part { block: connected(input, &plan, &[end], self.hints), single: matches!(end, End::Node(_)) })
            .collect();
        let block = pack::packed(input, &plan, parts, true);
        self.place_block(block, None, cluster, at);
        others
    }

    fn block(&mut self, g: usize, cluster: usize, at: &mut Vec<Option<(Child, f64)>>) {
        let block = twin_block(self.input, &self.plan, g, self.hints);
        self.place_block(block, Some(g), cluster, at);
    }

    fn place_block(&mut self, block: Block, g: Option<usize>, cluster: usize, at: &mut Vec<Option<(Child, f64)>>) {
        let horizontal = self.plan.flow.horizontal();
        let (f, c) = if horizontal { (block.w, block.h) } else { (block.h, block.w) };
        let (nodes, groups) = (block.nodes.clone(), block.groups.clone());
        let n = self.input.nodes.len();
        let v = self.vert(Item::Block(Box::new(block), g), cluster, (f / 2.0, f / 2.0), (c / 2.0, c / 2.0));
        for (i, x, y) in nodes {
            at[i] = Some((Child::V(v), if horizontal { y } else { x } - c / 2.0));
        }
        for (i, r) in groups {
            at[n + i] = Some((Child::V(v), self.middle_of(i, r, at, v) - c / 2.0));
        }
    }

    /// Where edges to a group meet it across the flow: in line with the member nearest to its middle that is connected
    /// to something outside, so that one line runs through, if this is near.
    fn middle_of(&self, group: usize, r: Rect, at: &[Option<(Child, f64)>], v: usize) -> f64 {
        let horizontal = self.plan.flow.horizontal();
        let (middle, extent) = if horizontal { (r.cy(), r.h()) } else { (r.cx(), r.w()) };
        let half = self.verts[v].c.0;
        let inside = |end: End| self.input.inside(group, end);
        let mut nearest = NEAR_MIDDLE * extent;
        let mut found = middle;
        for (k, slot) in at.iter().enumerate().take(self.input.nodes.len()) {
            let node = End::Node(k);
            let leaves = |e: &Edge| (e.s == node && !inside(e.t)) || (e.t == node && !inside(e.s));
            match *slot {
                Some((Child::V(o), offset)) if o == v && inside(node) && self.input.edges.iter().any(leaves) => {
                    let away = (offset + half - middle).abs();
                    if away < nearest {
                        nearest = away;
                        found = offset + half;
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn vert(&mut self, item: Item, cluster: usize, f: (f64, f64), c: (f64, f64)) -> usize {
        self.verts.push(Vert { item, cluster, rank: 0, f, c });
        let v = self.verts.len() - 1;
        self.clusters[cluster].children.push(Child::V(v));
        v
    }

    /// Reach along the flow, before and after, where the flow runs up or left.
    fn turned(&self, f: (f64, f64)) -> (f64, f64) {
        if matches!(self.plan.flow, Flow::Up | Flow::Left) {
            (f.1, f.0)
        } else {
            f
        }
    }

    fn cluster(&mut self, g: usize, parent: usize) -> usize {
        let (group, pad) = (&self.input.groups[g], self.plan.padding(self.input));
        let top = (group.title_h.max(pad * 0.5) + 8.0, pad);
        let horizontal = self.plan.flow.horizontal();
        let (f, c) = if horizontal { ((pad, pad), top) } else { (self.turned(top), (pad, pad)) };
        self.clusters.push(Cluster {
            group: Some(g), parent, f, c,
            least_f: match (horizontal, self.hints.titles.contains(&g)) {
                (true, false) => group.title_w,
                (true, true) => (2.0 * group.title_w + 16.0).min(group.title_w + 100.0),
                _ => 0.0,
            },
            least_c: if horizontal { 0.0 } else { group.title_w },
            ..Cluster::default()
        });
        let c = self.clusters.len() - 1;
        self.clusters[parent].children.push(Child::C(c));
        c
    }

    /// Makes the links of all edges within the scope.
    fn join(&mut self, at: &[Option<(Child, f64)>]) {
        let (input, horizontal) = (self.input, self.plan.flow.horizontal());
        let slot = |end: End| match end {
            End::Node(n) => at[n],
            End::Group(g) => at[input.nodes.len() + g],
        };
        for (i, e) in input.edges.iter().enumerate() {
            let (s, t) = match (slot(e.s), slot(e.t)) {
                (Some(s), Some(t)) if s.0 != t.0 => (s, t),
                _ => continue,
            };
            if self.holds(s.0, t.0) || self.holds(t.0, s.0) {
                continue;
            }
            let (label_f, label_c) = if horizontal { (e.label_w, e.label_h) } else { (e.label_h, e.label_w) };
            self.links.push(Link {
                edge: i, s: s.0, t: t.0, ds: s.1, dt: t.1, label_f, label_c,
                minlen: e.minlen.max(1), reversed: false, free: false, flat: false, aside: false,
                weight: if e.invisible { 0 } else { 1 },
            });
        }
    }

    /// Whether a child is a point of a long edge.
    pub fn is_point(&self, child: Child) -> bool {
        matches!(child, Child::V(v) if matches!(self.verts[v].item, Item::Dummy))
    }

    /// Whether a child is or holds an end.
    pub fn within(&self, child: Child, end: Child) -> bool {
        child == end || self.holds(child, end)
    }

    pub fn holds(&self, outer: Child, inner: Child) -> bool {
        match outer {
            Child::V(_) => false,
            Child::C(c) => self.chain(inner).contains(&c) && inner != outer,
        }
    }

    /// The clusters around a child, innermost first; a cluster is the first of its own.
    pub fn chain(&self, child: Child) -> Vec<usize> {
        let mut at = match child {
            Child::V(v) => self.verts[v].cluster,
            Child::C(c) => c,
        };
        let mut found = vec![at];
        while at != 0 {
            at = self.clusters[at].parent;
            found.push(at);
        }
        found
    }

    /// The children of the innermost common cluster that are or hold two ends.
    pub fn siblings(&self, a: Child, b: Child) -> (Child, Child) {
        let (p, q) = (self.around(a), self.around(b));
        let mut same = 0;
        while same < p.len() && same < q.len() && p[same] == q[same] {
            same += 1;
        }
        (p.get(same).copied().unwrap_or(a), q.get(same).copied().unwrap_or(b))
    }

    /// The clusters around a child, outermost first, and the child itself.
    fn around(&self, child: Child) -> Vec<Child> {
        let mut found: Vec<Child> = self.chain(child).into_iter().filter(|&c| c != 0).map(Child::C).collect();
        found.reverse();
        if matches!(child, Child::V(_)) {
            found.push(child);
        }
        found
    }

    /// For each vertex its place when all are listed in order across the flow; it counts within a rank.
    pub fn places(&self) -> Vec<usize> {
        let mut place = vec![0; self.verts.len()];
        let mut stack = vec![Child::C(0)];
        let mut count = 0;
        while let Some(child) = stack.pop() {
            match child {
                Child::V(v) => {
                    place[v] = count;
                    count += 1;
                }
                Child::C(c) => stack.extend(self.clusters[c].children.iter().rev()),
            }
        }
        place
    }

    /// All vertices in a cluster, however deep.
    pub fn members(&self, cluster: usize) -> Vec<usize> {
        let mut found = Vec::new();
        let mut stack: Vec<Child> = self.clusters[cluster].children.iter().rev().copied().collect();
        while let Some(child) = stack.pop() {
            match child {
                Child::V(v) => found.push(v),
                Child::C(c) => stack.extend(self.clusters[c].children.iter().rev()),
            }
        }
        found
    }

    /// The rank of a vertex, or the first of a cluster.
    pub fn rank_of(&self, child: Child) -> i32 {
        match child {
            Child::V(v) => self.verts[v].rank,
            Child::C(c) => self.clusters[c].rank.0,
        }
    }

    /// Sets the ranks of clusters from those of their members.
    pub fn span_clusters(&mut self) {
        for c in 0..self.clusters.len() {
            let members = self.members(c);
            let lo = members.iter().map(|&v| self.verts[v].rank).min().unwrap_or(0);
            let hi = members.iter().map(|&v| self.verts[v].rank).max().unwrap_or(0);
            self.clusters[c].rank = (lo, hi);
        }
    }
}
