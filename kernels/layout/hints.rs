//! Layout hints: what the source asks for, as edges that are not drawn and as cells.
//!
//! An edge between two members connects them, so that they are laid out together, and carries what is required of them.

use crate::model::*;

/// How much wider than high a group of pinned members without edges should be.
const GRID_ASPECT: f64 = 1.5;

/// Adds the edges and cells of all hints to the input.
pub fn apply(input: &mut Input) {
    let hints = input.hints.clone();
    let pinned: Vec<End> = hints.iter().filter(|hint| hint.kind == HintKind::Pin).map(|hint| hint.members[0]).collect();
    for (i, hint) in hints.iter().enumerate() {
        separate_twins(input, hint);
        match hint.kind {
            HintKind::SameRank => relate(input, &hint.members, Relation::SameRank),
            HintKind::InLine => relate(input, &hint.members, Relation::InLine(i)),
            HintKind::Order => relate(input, &hint.members, Relation::Before),
            HintKind::Near => relate(input, &hint.members, Relation::Near),
            HintKind::Main => relate(input, &hint.members, Relation::Chain),
            HintKind::Grid => add_grid(input, hint),
            HintKind::Pin => {
                input.cells.push(Cell { member: hint.members[0], rank: hint.values.0 - 1, line: hint.values.1 - 1, in_grid: false });
            }
        }
    }
    for parent in -1..input.groups.len() as i32 {
        if pinned.iter().any(|&member| input.parent_of(member) == parent) {
            fill_grid(input, parent);
        }
        relate_cells(input, parent);
    }
}

/// Makes the groups around the members of a hint differ from their twins.
fn separate_twins(input: &mut Input, hint: &Hint) {
    for &member in &hint.members {
        let is_changed = |g: usize| input.contains(g, member) || hint.kind == HintKind::Grid && member == End::Group(g);
        for g in (0..input.groups.len()).filter(|&g| is_changed(g)).collect::<Vec<usize>>() {
            input.groups[g].twin = 0;
        }
    }
}

/// Adds an edge for each two consecutive members.
fn relate(input: &mut Input, members: &[End], relation: Relation) {
    for pair in members.windows(2) {
        input.edges.push(Edge {
            source: pair[0],
            target: pair[1],
            label_w: 0.0,
            label_h: 0.0,
            style: 0,
            min_len: 1,
            invisible: true,
            sides: (0, 0),
            relation: Some(relation),
        });
    }
}

/// Whether the flow in a group (-1: in the picture) is horizontal in the source.
fn is_horizontal(input: &Input, parent: i32) -> bool {
    let mut group = parent;
    while group >= 0 {
        if let Some(direction) = input.groups[group as usize].direction {
            return direction.is_horizontal();
        }
        group = input.groups[group as usize].parent;
    }
    input.direction.map_or(false, Direction::is_horizontal)
}

/// Gives each member of a group a cell, row by row.
fn add_grid(input: &mut Input, hint: &Hint) {
    let g = match hint.members[0] {
        End::Group(g) => g as i32,
        End::Node(_) => return,
    };
    let horizontal = is_horizontal(input, g);
    for (k, member) in input.children_of(g).into_iter().enumerate() {
        let (row, column) = (k as i32 / hint.values.0, k as i32 % hint.values.0);
        let (rank, line) = if horizontal { (column, row) } else { (row, column) };
        input.cells.push(Cell { member, rank, line, in_grid: true });
    }
}

/// Gives each other member of a group a cell if some are pinned and no edge leads to any.
fn fill_grid(input: &mut Input, parent: i32) {
    let members = input.children_of(parent);
    let is_drawn_at = |e: &Edge, end: End| {
        let inside = |x: End| x == end || matches!(end, End::Group(g) if input.contains(g, x));
        e.relation.is_none() && inside(e.source) != inside(e.target)
    };
    if input.edges.iter().any(|e| members.iter().any(|&end| is_drawn_at(e, end))) {
        return;
    }
    let mut taken: Vec<(i32, i32)> = Vec::new();
    let has_cell = |member: End| input.cells.iter().any(|cell| cell.member == member);
    let horizontal = is_horizontal(input, parent);
    let columns_needed = |cell: &Cell| 1 + if horizontal { cell.rank } else { cell.line };
    let mut columns = (members.len() as f64 * GRID_ASPECT).sqrt().ceil() as i32;
    for cell in input.cells.iter().filter(|cell| members.contains(&cell.member)) {
        taken.push((cell.rank, cell.line));
        columns = columns.max(columns_needed(cell));
    }
    let others: Vec<End> = members.iter().copied().filter(|&member| !has_cell(member)).collect();
    let mut position = 0;
    for member in others {
        let cell = loop {
            let (row, column) = (position / columns, position % columns);
            position += 1;
            let cell = if horizontal { (column, row) } else { (row, column) };
            if !taken.contains(&cell) {
                break cell;
            }
        };
        input.cells.push(Cell { member, rank: cell.0, line: cell.1, in_grid: false });
    }
}

/// Adds the edges between the cells of a group: those in one line, one after another in a rank, and in one scope.
fn relate_cells(input: &mut Input, parent: i32) {
    let mut cells: Vec<Cell> = input.cells.iter().copied().filter(|cell| input.parent_of(cell.member) == parent).collect();
    if cells.is_empty() {
        return;
    }
    cells.sort_by_key(|cell| (cell.line, cell.rank));
    for pair in cells.windows(2) {
        if pair[0].line == pair[1].line && pair[0].rank != pair[1].rank {
            relate(input, &[pair[0].member, pair[1].member], Relation::Chain);
        } else if pair[0].line != pair[1].line {
            relate(input, &[pair[0].member, pair[1].member], Relation::Before);
        }
    }
    cells.sort_by_key(|cell| (cell.rank, cell.line));
    for pair in cells.windows(2).filter(|pair| pair[0].rank == pair[1].rank) {
        relate(input, &[pair[0].member, pair[1].member], Relation::Before);
        if pair[0].in_grid && pair[1].in_grid {
            relate(input, &[pair[0].member, pair[1].member], Relation::SameRank);
        }
    }
    for (k, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.in_grid) {
        if let Some(next) = cells[k..].iter().find(|next| next.rank > cell.rank && next.in_grid) {
            relate(input, &[cell.member, next.member], Relation::Follows);
        }
    }
    let first = cells[0].member;
    for member in input.children_of(parent) {
        let inside = |x: End| x == member || matches!(member, End::Group(g) if input.contains(g, x));
        if member != first && input.edges.iter().any(|e| inside(e.source) != inside(e.target)) {
            relate(input, &[first, member], Relation::Together);
        }
    }
}
