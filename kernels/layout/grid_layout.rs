//! Graphs whose edges specify sides: the target of an edge is on the specified side of its source, in rows and columns.
//!
//! Each group is a grid of its own, as are the groups in it; a breadth-first search assigns the cells, as in Mermaid's
//! architecture diagrams.

use crate::model::*;
use crate::blocks::{child_of, framed, node_block, Block};

/// Whether some edge specifies its sides.
pub fn applies(input: &Input) -> bool {
    input.edges.iter().any(|e| e.sides.0 != 0 && e.sides.1 != 0)
}

/// Lays out the content of a group (None: the whole graph), including the group's own frame.
pub fn layout(input: &Input, group: Option<usize>) -> Block {
    let parent = group.map_or(-1, |g| g as i32);
    let items = input.children_of(parent);
    let blocks: Vec<Block> = items.iter().map(|&item| item_block(input, item)).collect();
    let cells = assign_cells(input, parent, &items);
    let inner = grid(input, &blocks, &cells);
    match group {
        None => inner,
        Some(g) => framed(input, g, &inner, input.padding),
    }
}

/// Returns the block of a node or group.
fn item_block(input: &Input, item: End) -> Block {
    match item {
        End::Node(n) => node_block(input, n),
        End::Group(g) => {
            let mut block = layout(input, Some(g));
            // The node that edges from outside lead to is the anchor, so that these edges are straight.
            let linked_node = input.edges.iter().find_map(|e| match (inner_node(input, g, e.source), inner_node(input, g, e.target)) {
                (Some(n), None) | (None, Some(n)) => Some(n),
                _ => None,
            });
            if let Some(&(_, x, y)) = linked_node.and_then(|n| block.nodes.iter().find(|p| p.0 == n)) {
                block.anchor = (x, y);
            }
            block
        }
    }
}

/// Returns the node of an end if it is in a group.
fn inner_node(input: &Input, g: usize, end: End) -> Option<usize> {
    match end {
        End::Node(n) if input.contains(g, end) => Some(n),
        _ => None,
    }
}

/// Returns the cell (column, row) of each item.
fn assign_cells(input: &Input, parent: i32, items: &[End]) -> Vec<(i32, i32)> {
    let index = |end: End| child_of(input, parent, end).and_then(|c| items.iter().position(|&i| i == c));
    let mut neighbors: Vec<Vec<(usize, (i32, i32))>> = vec![Vec::new(); items.len()];
    for e in &input.edges {
        if let (Some(item), Some(neighbor)) = (index(e.source), index(e.target)) {
            if item != neighbor && e.sides.0 != 0 && e.sides.1 != 0 {
                let (p, q) = (OUTWARD[usize::from(e.sides.0) - 1], OUTWARD[usize::from(e.sides.1) - 1]);
                let step = (sign(p.0 - q.0), sign(p.1 - q.1));
                neighbors[item].push((neighbor, step));
                neighbors[neighbor].push((item, (-step.0, -step.1)));
            }
        }
    }
    let mut cells: Vec<Option<(i32, i32)>> = vec![None; items.len()];
    let mut next_row = 0;
    for start in 0..items.len() {
        if cells[start].is_some() {
            continue;
        }
        let first = (0, next_row);
        let mut queue = vec![start];
        cells[start] = Some(first);
        let mut next = 0;
        while next < queue.len() {
            let item = queue[next];
            next += 1;
            let cell_of_a = cells[item].unwrap();
            for &(neighbor, step) in &neighbors[item] {
                if cells[neighbor].is_none() {
                    let mut cell = (cell_of_a.0 + step.0, cell_of_a.1 + step.1);
                    while cells.iter().any(|&c| c == Some(cell)) {
                        // The cell is taken: try the next one across the direction of the edge.
                        cell = if step.0 != 0 { (cell.0, cell.1 + 1) } else { (cell.0 + 1, cell.1) };
                    }
                    cells[neighbor] = Some(cell);
                    queue.push(neighbor);
                }
            }
        }
        // The next component is below.
        let top = queue.iter().map(|&i| cells[i].unwrap().1).min().unwrap();
        for &i in &queue {
            let c = cells[i].unwrap();
            cells[i] = Some((c.0, c.1 - top + next_row));
        }
        next_row = queue.iter().map(|&i| cells[i].unwrap().1).max().unwrap() + 1;
    }
    cells.into_iter().map(|c| c.unwrap()).collect()
}

/// Returns -1, 0 or 1.
fn sign(v: f64) -> i32 {
    if v > 0.5 { 1 } else if v < -0.5 { -1 } else { 0 }
}

/// Places blocks in rows and columns, with aligned anchors.
fn grid(input: &Input, blocks: &[Block], cells: &[(i32, i32)]) -> Block {
    let gap = input.rank_gap;
    let xs = line_coordinates(blocks.iter().zip(cells).map(|(b, c)| (c.0, b.anchor.0, b.w - b.anchor.0)).collect(), gap);
    let ys = line_coordinates(blocks.iter().zip(cells).map(|(b, c)| (c.1, b.anchor.1, b.h - b.anchor.1)).collect(), gap * 0.8);
    let coord = |lines: &[(i32, f64)], key: i32| lines.iter().find(|l| l.0 == key).unwrap().1;
    let mut block_grid = Block::default();
    for (block, cell) in blocks.iter().zip(cells) {
        let (x, y) = (coord(&xs, cell.0) - block.anchor.0, coord(&ys, cell.1) - block.anchor.1);
        block_grid.add(block, x, y);
        block_grid.w = block_grid.w.max(x + block.w);
        block_grid.h = block_grid.h.max(y + block.h);
    }
    block_grid.anchor = cells.first().map_or((0.0, 0.0), |c| (coord(&xs, c.0), coord(&ys, c.1)));
    block_grid
}

/// Returns the coordinate of each row or column, from its key and the extents of its items before and after it.
fn line_coordinates(items: Vec<(i32, f64, f64)>, gap: f64) -> Vec<(i32, f64)> {
    let mut keys: Vec<i32> = items.iter().map(|i| i.0).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut coordinates: Vec<(i32, f64)> = Vec::new();
    let mut end = 0.0;
    for key in keys {
        let (mut before, mut after) = (0.0f64, 0.0f64);
        for i in items.iter().filter(|i| i.0 == key) {
            before = before.max(i.1);
            after = after.max(i.2);
        }
        let start = if coordinates.is_empty() { 0.0 } else { end + gap };
        coordinates.push((key, start + before));
        end = start + before + after;
    }
    coordinates
}
