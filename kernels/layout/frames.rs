//! Aligns the sides of frames next to each other that are almost aligned: the smaller ones grow a little.

use crate::model::*;

/// Points by which a side may move.
const MAX_GROWTH: f64 = 32.0;
/// Points from a grown frame to everything that does not belong to it.
const CLEARANCE: f64 = 8.0;

/// Aligns the sides of sibling frames, outer ones first.
pub fn align_sides(input: &Input, placement: &mut Placement) {
    let n = placement.groups.len();
    if !(2..=60).contains(&n) {
        return;
    }
    for parent in -1..n as i32 {
        let siblings: Vec<usize> = (0..n).filter(|&g| input.groups[g].parent == parent).collect();
        if siblings.len() > 1 {
            for side in [TOP, BOTTOM, LEFT, RIGHT] {
                align_side(input, placement, &siblings, parent, side);
            }
        }
    }
}

/// Moves one side of siblings to the side of a frame further out.
fn align_side(input: &Input, placement: &mut Placement, siblings: &[usize], parent: i32, side: usize) {
    let outward = if side == TOP || side == LEFT { -1.0 } else { 1.0 };
    let mut order: Vec<usize> = siblings.to_vec();
    // The outermost is first: others grow to its side.
    order.sort_by(|&a, &b| {
        (outward * side_coord(&placement.groups[b], side))
            .partial_cmp(&(outward * side_coord(&placement.groups[a], side)))
            .unwrap()
            .then(a.cmp(&b))
    });
    for i in 0..order.len() {
        let target = side_coord(&placement.groups[order[i]], side);
        for &g in &order[i + 1..] {
            let coord = side_coord(&placement.groups[g], side);
            let distance = outward * (target - coord);
            if distance < 0.5 || distance > MAX_GROWTH || !overlap_along(&placement.groups[order[i]], &placement.groups[g], side) {
                continue;
            }
            let mut grown = placement.groups[g];
            set_side_coord(&mut grown, side, target);
            if has_clearance(input, placement, g, parent, &grown) {
                placement.groups[g] = grown;
            }
        }
    }
}

/// Returns the coordinate of a side.
fn side_coord(frame: &Rect, side: usize) -> f64 {
    match side {
        RIGHT => frame.x1,
        BOTTOM => frame.y1,
        LEFT => frame.x0,
        _ => frame.y0,
    }
}

/// Sets the coordinate of a side.
fn set_side_coord(frame: &mut Rect, side: usize, coord: f64) {
    match side {
        RIGHT => frame.x1 = coord,
        BOTTOM => frame.y1 = coord,
        LEFT => frame.x0 = coord,
        _ => frame.y0 = coord,
    }
}

/// Whether two frames overlap along the axis of a side's coordinate, so that misaligned sides are noticeable.
fn overlap_along(a: &Rect, b: &Rect, side: usize) -> bool {
    if side == TOP || side == BOTTOM {
        a.y0 < b.y1 && b.y0 < a.y1
    } else {
        a.x0 < b.x1 && b.x0 < a.x1
    }
}

/// Whether a grown frame keeps its distance from everything outside of it, and from the border of its parent.
fn has_clearance(input: &Input, placement: &Placement, g: usize, parent: i32, grown: &Rect) -> bool {
    if parent >= 0 && !placement.groups[parent as usize].contains(&grown.inflate(CLEARANCE)) {
        return false;
    }
    let with_clearance = grown.inflate(CLEARANCE);
    let nodes_clear =
        placement.nodes.iter().enumerate().all(|(n, &(x, y))| {
            input.contains(g, End::Node(n)) || !input.nodes[n].bounds(x, y).overlaps(&with_clearance)
        });
    nodes_clear
        && (0..placement.groups.len()).all(|other| {
            let related = other == g || input.contains(g, End::Group(other)) || input.contains(other, End::Group(g));
            related || !placement.groups[other].overlaps(&with_clearance)
        })
}
