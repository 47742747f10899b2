//! Parts that no edge joins, side by side and below each other, as large as the canvas allows.

use crate::model::*;
use crate::plan::Plan;
use crate::scope::Block;

pub struct Part {
    pub block: Block,
    /// A node alone: such parts stand in a grid.
    pub single: bool,
}

/// All parts in one block. Inside of groups a picture somewhat wider than high is sought.
pub fn packed(input: &Input, plan: &Plan, mut parts: Vec<Part>, inside: bool) -> Block {
    if parts.len() == 1 {
        return parts.pop().unwrap().block;
    }
    let gap = if inside { input.node_gap } else { input.component_gap } * plan.air;
    let singles: Vec<Part> = drain(&mut parts);
    let mut blocks: Vec<Block> = parts.into_iter().map(|p| p.block).collect();
    if !singles.is_empty() {
        let many = singles.len();
        // A quarter of it empty is a hole.
        let full = |columns: usize| (many + columns - 1) / columns * columns * 3 < many * 4;
        let grids: Vec<Block> = (1..=many).filter(|&columns| full(columns)).map(|columns| grid(input, &singles, columns)).collect();
        if blocks.is_empty() {
            return best(input, plan, grids, inside);
        }
        let mut found: Vec<Block> = Vec::new();
        for g in grids {
            let mut all = blocks.clone();
            all.push(g);
            found.push(arranged(input, plan, &all, gap, inside));
        }
        return best(input, plan, found, inside);
    }
    if blocks.len() == 1 {
        return blocks.pop().unwrap();
    }
    arranged(input, plan, &blocks, gap, inside)
}

fn drain(parts: &mut Vec<Part>) -> Vec<Part> {
    let (singles, others): (Vec<Part>, Vec<Part>) = parts.drain(..).partition(|p| p.single);
    *parts = others;
    singles
}

/// How large a block is for what it is to fit.
pub fn size(input: &Input, plan: &Plan, b: &Block, inside: bool) -> f64 {
    if inside || input.canvas.0 <= 0.0 {
        b.w.max(plan.shape.aspect() * b.h)
    } else {
        1.0 / input.scale(b.w, b.h)
    }
}

fn best(input: &Input, plan: &Plan, blocks: Vec<Block>, inside: bool) -> Block {
    let mut found: Option<(f64, Block)> = None;
    for b in blocks {
        let s = size(input, plan, &b, inside) + 0.0001 * (b.w + b.h);
        if found.as_ref().map_or(true, |f| s < f.0 - 1e-9) {
            found = Some((s, b));
        }
    }
    found.map_or_else(Block::default, |f| f.1)
}

/// Nodes in rows of so many, anchors in lines.
fn grid(input: &Input, singles: &[Part], columns: usize) -> Block {
    let gap = input.node_gap;
    let half = singles.iter().map(|p| p.block.w / 2.0).fold(0.0, f64::max);
    let mut block = Block::default();
    let mut y = 0.0;
    for row in singles.chunks(columns) {
        let up = row.iter().map(|p| p.block.axis.1).fold(0.0, f64::max);
        let down = row.iter().map(|p| p.block.h - p.block.axis.1).fold(0.0, f64::max);
        for (i, p) in row.iter().enumerate() {
            let x = half + i as f64 * (2.0 * half + gap);
            block.add(&p.block, x - p.block.axis.0, y + up - p.block.axis.1);
            block.w = block.w.max(x + half);
        }
        if y == 0.0 {
            block.axis = (half, up);
        }
        y += up + down + gap;
    }
    block.h = y - gap;
    block
}

/// How much smaller a picture must be where parts stand in the holes of the largest.
const HOLED: f64 = 0.95;

/// Blocks in rows, or the small ones where the largest leaves space.
fn arranged(input: &Input, plan: &Plan, blocks: &[Block], gap: f64, inside: bool) -> Block {
    let rows = shelved(input, plan, blocks, gap, inside);
    match holed(input, blocks, gap) {
        Some(holed) if size(input, plan, &holed, inside) < HOLED * size(input, plan, &rows, inside) => holed,
        _ => rows,
    }
}

/// All but the largest block in spaces that it leaves, if there is enough: none stands between two nodes that an edge
/// joins.
fn holed(input: &Input, blocks: &[Block], gap: f64) -> Option<Block> {
    let area = |b: &Block| b.w * b.h;
    let main = (0..blocks.len()).max_by(|&a, &b| area(&blocks[a]).partial_cmp(&area(&blocks[b])).unwrap().then(b.cmp(&a)))?;
    let mut out = blocks[main].clone();
    let mut taken: Vec<Rect> = joined(input, &out);
    for (_, block) in blocks.iter().enumerate().filter(|&(k, _)| k != main) {
        let (mut xs, mut ys) = (vec![0.0, out.w - block.w], vec![0.0, out.h - block.h]);
        for r in &taken {
            xs.push(r.x1 + gap);
            ys.push(r.y1 + gap);
        }
        let mut best: Option<(f64, f64, f64)> = None;
        for &y in &ys {
            for &x in &xs {
                let spot = Rect::new(x, y, x + block.w, y + block.h);
                let within = x >= 0.0 && y >= 0.0 && spot.x1 <= out.w + 0.01 && spot.y1 <= out.h + 0.01;
                let near = x + y;
                if within && best.map_or(true, |b| near < b.0) && !taken.iter().any(|r| r.overlaps(&spot.grown(gap - 0.5))) {
                    best = Some((near, x, y));
                }
            }
        }
        let (_, x, y) = best?;
        out.add(block, x, y);
        taken.push(Rect::new(x, y, x + block.w, y + block.h));
    }
    Some(out)
}

/// What a block covers, and what lies between the ends of its edges.
fn joined(input: &Input, block: &Block) -> Vec<Rect> {
    let mut found: Vec<Rect> = block.groups.iter().map(|g| g.1).collect();
    found.extend(block.nodes.iter().map(|&(n, x, y)| input.nodes[n].area(x, y)));
    let place = |end: End| match end {
        End::Node(n) => block.nodes.iter().find(|o| o.0 == n).map(|&(_, x, y)| Rect::new(x, y, x, y)),
        End::Group(g) => block.groups.iter().find(|o| o.0 == g).map(|o| o.1),
    };
    found.extend(input.edges.iter().filter_map(|e| Some(place(e.s)?.union(&place(e.t)?))));
    found
}

/// Blocks in rows, each row as long as it may be; the row lengths that show largest are taken.
fn shelved(input: &Input, plan: &Plan, blocks: &[Block], gap: f64, inside: bool) -> Block {
    let mut widths: Vec<f64> = Vec::new();
    for i in 0..blocks.len().min(12) {
        let mut w = 0.0;
        for b in &blocks[i..] {
            w += b.w + gap;
            widths.push(w - gap);
        }
    }
    widths.sort_by(|a, b| a.partial_cmp(b).unwrap());
    widths.dedup_by(|a, b| (*a - *b).abs() < 1.0);
    let widest = blocks.iter().map(|b| b.w).fold(0.0, f64::max);
    let step = (widths.len() / 24).max(1);
    let made = widths
        .iter()
        .copied()
        .filter(|&w| w >= widest - 0.5)
        .step_by(step)
        .map(|w| shelves(blocks, w, gap))
        .collect();
    best(input, plan, made, inside)
}

/// Rows that are nearly as long as the longest are spread to its length: at most by this part.
const SPREAD: f64 = 0.15;

fn shelves(blocks: &[Block], width: f64, gap: f64) -> Block {
    let mut rows: Vec<(Vec<&Block>, f64)> = Vec::new();
    for b in blocks {
        match rows.last_mut() {
            Some((row, w)) if *w + gap + b.w <= width + 0.5 => {
                row.push(b);
                *w += gap + b.w;
            }
            _ => rows.push((vec![b], b.w)),
        }
    }
    let widest = rows.iter().map(|row| row.1).fold(0.0, f64::max);
    let mut out = Block { axis: blocks[0].axis, w: widest, h: -gap, ..Block::default() };
    for (row, w) in rows {
        let free = if widest - w <= SPREAD * widest { widest - w } else { 0.0 };
        let between = gap + free / (row.len() - 1).max(1) as f64;
        let (mut x, y) = (0.0, out.h + gap);
        for b in &row {
            out.add(b, x, y);
            x += b.w + between;
            out.h = out.h.max(y + b.h);
        }
    }
    out
}
