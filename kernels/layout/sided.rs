//! Graphs whose edges say at which sides they end: what lies at a side of another stands there, in rows and columns.
//!
//! Each group is a grid of its own, as are the groups in it; a breadth-first walk gives the cells, as in Mermaid's
//! architecture diagrams.

use crate::model::*;
use crate::scope::{child_of, framed, single, Block};

/// Whether any edge says at which sides it ends.
pub fn asked(input: &Input) -> bool {
    input.edges.iter().any(|e| e.sides.0 != 0 && e.sides.1 != 0)
}

/// Lays out a group's content (None: the whole graph), with the group's own frame.
pub fn layout(input: &Input, group: Option<usize>) -> Block {
    let parent = group.map_or(-1, |g| g as i32);
    let items = input.content(parent);
    let blocks: Vec<Block> = items.iter().map(|&item| block_of(input, item)).collect();
    let cells = walk(input, parent, &items);
    let inner = grid(input, &blocks, &cells);
    match group {
        None => inner,
        Some(g) => framed(input, g, &inner, input.padding),
    }
}

fn block_of(input: &Input, item: End) -> Block {
    match item {
        End::Node(n) => single(input, n),
        End::Group(g) => {
            let mut block = layout(input, Some(g));
            // Edges from outside should find the node that they lead to in line.
            let end = input.edges.iter().find_map(|e| match (inner_node(input, g, e.s), inner_node(input, g, e.t)) {
                (Some(n), None) | (None, Some(n)) => Some(n),
                _ => None,
            });
            if let Some(&(_, x, y)) = end.and_then(|n| block.nodes.iter().find(|p| p.0 == n)) {
                block.axis = (x, y);
            }
            block
        }
    }
}

fn inner_node(input: &Input, g: usize, end: End) -> Option<usize> {
    match end {
        End::Node(n) if input.inside(g, end) => Some(n),
        _ => None,
    }
}

/// The cell (column, row) of each item.
fn walk(input: &Input, parent: i32, items: &[End]) -> Vec<(i32, i32)> {
    let index = |end: End| child_of(input, parent, end).and_then(|c| items.iter().position(|&i| i == c));
    let mut joined: Vec<Vec<(usize, (i32, i32))>> = vec![Vec::new(); items.len()];
    for e in &input.edges {
        if let (Some(a), Some(b)) = (index(e.s), index(e.t)) {
            if a != b && e.sides.0 != 0 && e.sides.1 != 0 {
                let (p, q) = (OUTWARD[usize::from(e.sides.0) - 1], OUTWARD[usize::from(e.sides.1) - 1]);
                let step = (sign(p.0 - q.0), sign(p.1 - q.1));
                joined[a].push((b, step));
                joined[b].push((a, (-step.0, -step.1)));
            }
        }
    }
    let mut cells: Vec<Option<(i32, i32)>> = vec![None; items.len()];
    let mut below = 0;
    for start in 0..items.len() {
        if cells[start].is_some() {
            continue;
        }
        let first = (0, below);
        let mut queue = vec![start];
        cells[start] = Some(first);
        let mut at = 0;
        while at < queue.len() {
            let a = queue[at];
            at += 1;
            let here = cells[a].unwrap();
            for &(b, step) in &joined[a] {
                if cells[b].is_none() {
                    let mut cell = (here.0 + step.0, here.1 + step.1);
                    while cells.iter().any(|&c| c == Some(cell)) {
                        // Taken: aside, across the direction it came from.
                        cell = if step.0 != 0 { (cell.0, cell.1 + 1) } else { (cell.0 + 1, cell.1) };
                    }
                    cells[b] = Some(cell);
                    queue.push(b);
                }
            }
        }
        // The next part stands below.
        let top = queue.iter().map(|&i| cells[i].unwrap().1).min().unwrap();
        for &i in &queue {
            let c = cells[i].unwrap();
            cells[i] = Some((c.0, c.1 - top + below));
        }
        below = queue.iter().map(|&i| cells[i].unwrap().1).max().unwrap() + 1;
    }
    cells.into_iter().map(|c| c.unwrap()).collect()
}

fn sign(v: f64) -> i32 {
    if v > 0.5 { 1 } else if v < -0.5 { -1 } else { 0 }
}

/// Blocks in rows and columns, their axes in line.
fn grid(input: &Input, blocks: &[Block], cells: &[(i32, i32)]) -> Block {
    let gap = input.rank_gap;
    let xs = lines(blocks.iter().zip(cells).map(|(b, c)| (c.0, b.axis.0, b.w - b.axis.0)).collect(), gap);
    let ys = lines(blocks.iter().zip(cells).map(|(b, c)| (c.1, b.axis.1, b.h - b.axis.1)).collect(), gap * 0.8);
    let at = |lines: &[(i32, f64)], key: i32| lines.iter().find(|l| l.0 == key).unwrap().1;
    let mut out = Block::default();
    for (block, cell) in blocks.iter().zip(cells) {
        let (x, y) = (at(&xs, cell.0) - block.axis.0, at(&ys, cell.1) - block.axis.1);
        out.add(block, x, y);
        out.w = out.w.max(x + block.w);
        out.h = out.h.max(y + block.h);
    }
    out.axis = cells.first().map_or((0.0, 0.0), |c| (at(&xs, c.0), at(&ys, c.1)));
    out
}

/// The coordinate of each row or column, from (its key, reach before, reach after).
fn lines(items: Vec<(i32, f64, f64)>, gap: f64) -> Vec<(i32, f64)> {
    let mut keys: Vec<i32> = items.iter().map(|i| i.0).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut out: Vec<(i32, f64)> = Vec::new();
    let mut end = 0.0;
    for key in keys {
        let (mut before, mut after) = (0.0f64, 0.0f64);
        for i in items.iter().filter(|i| i.0 == key) {
            before = before.max(i.1);
            after = after.max(i.2);
        }
        let start = if out.is_empty() { 0.0 } else { end + gap };
        out.push((key, start + before));
        end = start + before + after;
    }
    out
}
