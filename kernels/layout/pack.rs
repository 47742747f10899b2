//! Packs components that no edge connects next to each other, as large as the canvas allows.

use crate::model::*;
use crate::placement::*;
use crate::plan::Plan;
use crate::blocks::Block;

/// A component that no edge connects to others.
pub struct Component {
    pub block: Block,
    /// Whether this is a single node: these are arranged in a grid.
    pub single: bool,
}

/// Returns all components in one block. Within groups, it should be somewhat wider than high.
pub fn pack(input: &Input, plan: &Plan, mut components: Vec<Component>, inside: bool) -> Block {
    if components.len() == 1 {
        return components.pop().unwrap().block;
    }
    let gap = if inside { input.node_gap } else { input.component_gap } * plan.gap_factor;
    let singles: Vec<Component> = take_singles(&mut components);
    let mut blocks: Vec<Block> = components.into_iter().map(|p| p.block).collect();
    if !singles.is_empty() {
        let count = singles.len();
        // A grid with a quarter of its cells empty looks incomplete.
        let is_full_enough = |columns: usize| (count + columns - 1) / columns * columns * 3 < count * 4;
        let grids: Vec<Block> = (1..=count)
            .filter(|&columns| is_full_enough(columns))
            .map(|columns| grid(input, plan, &singles, columns))
            .collect();
        if blocks.is_empty() {
            return best_block(input, plan, grids, inside);
        }
        let mut packings: Vec<Block> = Vec::new();
        for grid in grids {
            let mut with_grid = blocks.clone();
            with_grid.push(grid);
            packings.push(pack_blocks(input, plan, &with_grid, gap, inside));
        }
        return best_block(input, plan, packings, inside);
    }
    if blocks.len() == 1 {
        return blocks.pop().unwrap();
    }
    pack_blocks(input, plan, &blocks, gap, inside)
}

/// Removes and returns the components that are single nodes.
fn take_singles(components: &mut Vec<Component>) -> Vec<Component> {
    let (singles, others): (Vec<Component>, Vec<Component>) = components.drain(..).partition(|p| p.single);
    *components = others;
    singles
}

/// Returns a measure of how much of the available area a block needs: smaller is better.
pub fn fit_size(input: &Input, plan: &Plan, block: &Block, inside: bool) -> f64 {
    if inside || input.canvas.0 <= 0.0 {
        block.w.max(plan.shape.aspect() * block.h)
    } else {
        1.0 / input.scale(block.w, block.h)
    }
}

/// Returns the block that fits best.
fn best_block(input: &Input, plan: &Plan, blocks: Vec<Block>, inside: bool) -> Block {
    let mut best: Option<(f64, Block)> = None;
    for block in blocks {
        let size = fit_size(input, plan, &block, inside) + 0.0001 * (block.w + block.h);
        if best.as_ref().map_or(true, |best_so_far| size < best_so_far.0 - 1e-9) {
            best = Some((size, block));
        }
    }
    best.map_or_else(Block::default, |best_so_far| best_so_far.1)
}

/// Arranges nodes in rows with the given number of columns and aligned anchors.
fn grid(input: &Input, plan: &Plan, singles: &[Component], columns: usize) -> Block {
    let gap = input.node_gap;
    let half_width = singles.iter().map(|component| component.block.w / 2.0).fold(0.0, f64::max);
    let mut block = Block::default();
    let mut y = 0.0;
    for (k, row) in singles.chunks(columns).enumerate() {
        let above = row.iter().map(|component| component.block.anchor.1).fold(0.0, f64::max);
        let below = row.iter().map(|component| component.block.h - component.block.anchor.1).fold(0.0, f64::max);
        for (i, component) in row.iter().enumerate() {
            let x = half_width + i as f64 * (2.0 * half_width + gap);
            block.add(&component.block, x - component.block.anchor.0, y + above - component.block.anchor.1);
            block.w = block.w.max(x + half_width);
            let (rank, line) = if plan.direction.is_horizontal() { (i, k) } else { (k, i) };
            let end = End::Node(component.block.nodes[0].0);
            block.slots.push(Slot { end, rank: rank as i32, rank_count: 1, line: line as i32 });
        }
        if y == 0.0 {
            block.anchor = (half_width, above);
        }
        y += above + below + gap;
    }
    block.h = y - gap;
    block
}

/// Components are packed into the gaps of the largest if the block is smaller by this ratio.
const MAX_GAPS_RATIO: f64 = 0.95;
/// Points by which a component in a gap of a group may reach out of the largest one.
const MAX_OVERHANG: f64 = 14.0;

/// Returns the blocks in rows, or the small ones in the gaps of the largest.
fn pack_blocks(input: &Input, plan: &Plan, blocks: &[Block], gap: f64, inside: bool) -> Block {
    let rows = best_shelf_packing(input, plan, blocks, gap, inside);
    match pack_into_gaps(input, blocks, gap, if inside { MAX_OVERHANG } else { 0.01 }) {
        Some(in_gaps) if saves_space(input, plan, &in_gaps, &rows, inside) => in_gaps,
        _ => rows,
    }
}

/// Whether a block is so much smaller than another one that it is worth filling gaps.
fn saves_space(input: &Input, plan: &Plan, block: &Block, other: &Block, inside: bool) -> bool {
    let fits_better = fit_size(input, plan, block, inside) < MAX_GAPS_RATIO * fit_size(input, plan, other, inside);
    fits_better || block.w <= other.w + MAX_OVERHANG && block.h < MAX_GAPS_RATIO * other.h
}

/// A component in a gap may be further from the upper left corner by this number of points for each axis on which it is
/// in line with a node.
const ALIGNMENT_GAIN: f64 = 100.0;
/// With more nodes than this, most positions are in line with one of them.
const MAX_ALIGNED: usize = 16;

/// Packs all blocks into gaps of the largest; None if these are too small. No block is between two nodes that an edge
/// connects. They may reach out of the largest by `max_overhang` points.
fn pack_into_gaps(input: &Input, blocks: &[Block], gap: f64, max_overhang: f64) -> Option<Block> {
    let area = |b: &Block| b.w * b.h;
    let largest = (0..blocks.len()).max_by(|&a, &b| area(&blocks[a]).partial_cmp(&area(&blocks[b])).unwrap().then(b.cmp(&a)))?;
    let mut packed = blocks[largest].clone();
    let mut taken: Vec<Rect> = occupied(input, &packed);
    for (_, block) in blocks.iter().enumerate().filter(|&(k, _)| k != largest) {
        let (mut xs, mut ys) = (vec![0.0, packed.w - block.w], vec![0.0, packed.h - block.h]);
        for rect in &taken {
            xs.push(rect.x1 + gap);
            ys.push(rect.y1 + gap);
        }
        // In line with the nodes of a row or column, a block looks less lost.
        let few = if packed.nodes.len() <= MAX_ALIGNED { &packed.nodes[..] } else { &[] };
        let columns: Vec<f64> = few.iter().map(|node| node.1 - block.anchor.0).collect();
        let rows: Vec<f64> = few.iter().map(|node| node.2 - block.anchor.1).collect();
        xs.extend(&columns);
        ys.extend(&rows);
        let is_in_line = |lines: &[f64], v: f64| lines.iter().any(|line| (line - v).abs() < 0.5);
        let mut best: Option<(f64, f64, f64)> = None;
        for &y in &ys {
            for &x in &xs {
                let position = Rect::new(x, y, x + block.w, y + block.h);
                let is_inside = x >= 0.0 && y >= 0.0 && position.x1 <= packed.w + max_overhang && position.y1 <= packed.h + max_overhang;
                let lines = usize::from(is_in_line(&columns, x)) + usize::from(is_in_line(&rows, y));
                let distance = x + y - ALIGNMENT_GAIN * lines as f64;
                if is_inside
                    && best.map_or(true, |b| distance < b.0)
                    && !taken.iter().any(|rect| rect.overlaps(&position.inflate(gap - 0.5)))
                {
                    best = Some((distance, x, y));
                }
            }
        }
        let (_, x, y) = best?;
        packed.add(block, x, y);
        (packed.w, packed.h) = (packed.w.max(x + block.w), packed.h.max(y + block.h));
        taken.push(Rect::new(x, y, x + block.w, y + block.h));
    }
    Some(packed)
}

/// Returns what a block covers, and the areas between the ends of its edges.
fn occupied(input: &Input, block: &Block) -> Vec<Rect> {
    let mut occupied: Vec<Rect> = block.groups.iter().map(|g| g.1).collect();
    occupied.extend(block.nodes.iter().map(|&(n, x, y)| input.nodes[n].bounds(x, y)));
    let bounds_of = |end: End| match end {
        End::Node(n) => block.nodes.iter().find(|entry| entry.0 == n).map(|&(_, x, y)| Rect::new(x, y, x, y)),
        End::Group(g) => block.groups.iter().find(|entry| entry.0 == g).map(|entry| entry.1),
    };
    occupied.extend(input.edges.iter().filter_map(|e| Some(bounds_of(e.source)?.union(&bounds_of(e.target)?))));
    occupied
}

/// Up to this number of blocks, rows may have any of them; else, only those that follow each other.
const MAX_FREE_BLOCKS: usize = 6;
/// Rows change the order of the blocks only if the packing is smaller by this ratio, or as much narrower or lower.
const MAX_REORDERED_RATIO: f64 = 0.9;

/// Returns the blocks in rows: those that make the picture largest.
fn best_shelf_packing(input: &Input, plan: &Plan, blocks: &[Block], gap: f64, inside: bool) -> Block {
    let in_order = best_block(input, plan, packings_in_order(input, blocks, gap), inside);
    if !(2..=MAX_FREE_BLOCKS).contains(&blocks.len()) {
        return in_order;
    }
    let packings = partitions(blocks.len()).into_iter().map(|rows| shelf_packing(input, blocks, &rows, gap)).collect();
    let reordered = best_block(input, plan, packings, inside);
    let size = |b: &Block| fit_size(input, plan, b, inside);
    let is_better = size(&reordered) < MAX_REORDERED_RATIO * size(&in_order)
        || size(&reordered) < size(&in_order) + 0.5 && reordered.w * reordered.h < MAX_REORDERED_RATIO * in_order.w * in_order.h;
    if is_better { reordered } else { in_order }
}

/// Returns all sets of rows of `count` blocks, each row in the order of the source.
fn partitions(count: usize) -> Vec<Vec<Vec<usize>>> {
    let mut partitions: Vec<Vec<Vec<usize>>> = vec![Vec::new()];
    for k in 0..count {
        partitions = partitions
            .into_iter()
            .flat_map(|rows| {
                (0..=rows.len()).map(move |row| {
                    let mut extended = rows.clone();
                    extended.resize(rows.len().max(row + 1), Vec::new());
                    extended[row].push(k);
                    extended
                })
            })
            .collect();
    }
    partitions
}

/// Returns the blocks in rows of consecutive ones, for several maximum lengths of rows.
fn packings_in_order(input: &Input, blocks: &[Block], gap: f64) -> Vec<Block> {
    let mut widths: Vec<f64> = Vec::new();
    for i in 0..blocks.len().min(12) {
        let mut w = 0.0;
        for block in &blocks[i..] {
            w += block.w + gap;
            widths.push(w - gap);
        }
    }
    widths.sort_by(|a, block| a.partial_cmp(block).unwrap());
    widths.dedup_by(|a, block| (*a - *block).abs() < 1.0);
    let widest = blocks.iter().map(|block| block.w).fold(0.0, f64::max);
    let step = (widths.len() / 24).max(1);
    let possible_widths = widths.iter().copied().filter(|&w| w >= widest - 0.5).step_by(step);
    possible_widths.map(|w| shelf_packing(input, blocks, &rows_up_to(blocks, w, gap), gap)).collect()
}

/// Returns the indices of the blocks in rows of at most the given width.
fn rows_up_to(blocks: &[Block], width: f64, gap: f64) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    let mut row_width = 0.0;
    for (k, block) in blocks.iter().enumerate() {
        row_width += gap + block.w;
        if rows.is_empty() || row_width > width + 0.5 {
            rows.push(Vec::new());
            row_width = block.w;
        }
        rows.last_mut().unwrap().push(k);
    }
    rows
}

/// Rows are stretched at most by this share, so that all have one length, or their blocks are in columns.
const MAX_STRETCH: f64 = 0.15;

/// Returns the blocks in the given rows of indices. A row is as close to those above as what is in these allows.
fn shelf_packing(input: &Input, blocks: &[Block], rows: &[Vec<usize>], gap: f64) -> Block {
    let lefts = column_lefts(blocks, rows, gap).unwrap_or_else(|| justified_lefts(blocks, rows, gap));
    let mut packed = Block { anchor: blocks[0].anchor, ..Block::default() };
    for (row, lefts) in rows.iter().zip(lefts) {
        let taken = occupied(input, &packed);
        let mut y = 0.0f64;
        for (&k, &x) in row.iter().zip(&lefts) {
            let is_above = |rect: &&Rect| rect.x0 < x + blocks[k].w + gap && x - gap < rect.x1;
            y = taken.iter().filter(is_above).map(|rect| rect.y1 + gap).fold(y, f64::max);
        }
        // In line with nodes next to it, a row looks less lost.
        let anchor = y + blocks[row[0]].anchor.1;
        let distances = packed.nodes.iter().map(|node| node.2 - anchor).filter(|&distance| (0.0..gap).contains(&distance));
        y += distances.min_by(|a, b| a.partial_cmp(b).unwrap()).unwrap_or(0.0);
        for (&k, x) in row.iter().zip(lefts) {
            packed.add(&blocks[k], x, y);
            (packed.w, packed.h) = (packed.w.max(x + blocks[k].w), packed.h.max(y + blocks[k].h));
        }
    }
    packed
}

/// Returns where each block of each row starts so that the blocks are in columns; None if the rows have different lengths,
/// except the last one, or become much longer.
fn column_lefts(blocks: &[Block], rows: &[Vec<usize>], gap: f64) -> Option<Vec<Vec<f64>>> {
    let (last, others) = rows.split_last()?;
    let count = others.first()?.len();
    if count < 2 || last.len() > count || others.iter().any(|row| row.len() != count) {
        return None;
    }
    let mut lefts = vec![0.0];
    for column in 0..count - 1 {
        let widths = rows.iter().filter(|row| row.len() > column + 1).map(|row| blocks[row[column]].w);
        lefts.push(lefts[column] + widths.fold(0.0, f64::max) + gap);
    }
    let width = rows.iter().map(|row| lefts[row.len() - 1] + blocks[row[row.len() - 1]].w).fold(0.0, f64::max);
    let widest = rows.iter().map(|row| row_width(blocks, row, gap)).fold(0.0, f64::max);
    if width > (1.0 + MAX_STRETCH) * widest { None } else { Some(rows.iter().map(|row| lefts[..row.len()].to_vec()).collect()) }
}

/// Returns where each block of each row starts; rows that are almost as long as the longest are stretched to its length.
fn justified_lefts(blocks: &[Block], rows: &[Vec<usize>], gap: f64) -> Vec<Vec<f64>> {
    let widest = rows.iter().map(|row| row_width(blocks, row, gap)).fold(0.0, f64::max);
    rows.iter()
        .map(|row| {
            let missing = widest - row_width(blocks, row, gap);
            let extra = if missing <= MAX_STRETCH * widest { missing } else { 0.0 };
            let spacing = gap + extra / (row.len() - 1).max(1) as f64;
            let mut x = 0.0;
            row.iter()
                .map(|&k| {
                    let left = x;
                    x += blocks[k].w + spacing;
                    left
                })
                .collect()
        })
        .collect()
}

/// Returns the length of a row with the smallest gaps.
fn row_width(blocks: &[Block], row: &[usize], gap: f64) -> f64 {
    row.iter().map(|&k| blocks[k].w + gap).sum::<f64>() - gap
}
