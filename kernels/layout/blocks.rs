//! Blocks: finished layouts of parts of a graph, which are placed as a whole.

use crate::model::*;
use crate::placement::*;

/// A finished layout: its size, and the positions of its nodes and groups relative to its top left corner.
#[derive(Clone, Default, Debug)]
pub struct Block {
    pub w: f64,
    pub h: f64,
    pub nodes: Vec<(usize, f64, f64)>,
    pub groups: Vec<(usize, Rect)>,
    /// Where its nodes and groups are in the ranks of the groups around them.
    pub slots: Vec<Slot>,
    /// The position of the first node of the main chain.
    pub anchor: (f64, f64),
}

impl Block {
    /// Adds the content of another block, moved by a vector.
    pub fn add(&mut self, other: &Block, dx: f64, dy: f64) {
        self.nodes.extend(other.nodes.iter().map(|&(n, x, y)| (n, x + dx, y + dy)));
        self.groups.extend(other.groups.iter().map(|&(g, r)| (g, r.translate(dx, dy))));
        self.slots.extend(&other.slots);
    }
}

/// Returns a block in its group's frame, with the given padding.
pub fn framed(input: &Input, g: usize, inner: &Block, pad: f64) -> Block {
    let group = &input.groups[g];
    let w = (inner.w + 2.0 * pad).max(group.title_w);
    let top = group.title_h.max(pad * 0.5) + 8.0;
    let mut block = Block { w, h: top + inner.h + pad, ..Block::default() };
    let dx = (w - inner.w) / 2.0;
    block.add(inner, dx, top);
    block.anchor = (inner.anchor.0 + dx, inner.anchor.1 + top);
    block.groups.push((g, Rect::new(0.0, 0.0, block.w, block.h)));
    block
}

/// Returns the direct child of `parent` that is or contains an end, if any.
pub fn child_of(input: &Input, parent: i32, end: End) -> Option<End> {
    let mut element = end;
    loop {
        let element_parent = input.parent_of(element);
        if element_parent == parent {
            return Some(element);
        }
        if element_parent < 0 {
            return None;
        }
        element = End::Group(element_parent as usize);
    }
}

/// Returns a node as a block.
pub fn node_block(input: &Input, n: usize) -> Block {
    let node = &input.nodes[n];
    Block {
        w: 2.0 * node.half_width,
        h: node.extent_up + node.extent_down,
        nodes: vec![(n, node.half_width, node.extent_up)],
        anchor: (node.half_width, node.extent_up),
        ..Block::default()
    }
}

