//! Frames beside each other whose sides nearly line up are made to line up: the smaller ones grow a little.

use crate::model::*;

const NEARLY: f64 = 32.0;
const KEEP: f64 = 8.0; // From a grown frame to what does not belong to it.

/// Evens the sides of sibling frames, outer ones first.
pub fn even(input: &Input, placed: &mut Placed) {
    let n = placed.groups.len();
    if !(2..=60).contains(&n) {
        return;
    }
    for parent in -1..n as i32 {
        let siblings: Vec<usize> = (0..n).filter(|&g| input.groups[g].parent == parent).collect();
        if siblings.len() > 1 {
            for side in [TOP, BOTTOM, LEFT, RIGHT] {
                even_side(input, placed, &siblings, parent, side);
            }
        }
    }
}

fn even_side(input: &Input, placed: &mut Placed, siblings: &[usize], parent: i32, side: usize) {
    let out = if side == TOP || side == LEFT { -1.0 } else { 1.0 };
    let mut order: Vec<usize> = siblings.to_vec();
    // The outermost first: others grow to it.
    order.sort_by(|&a, &b| (out * value(&placed.groups[b], side)).partial_cmp(&(out * value(&placed.groups[a], side))).unwrap().then(a.cmp(&b)));
    for i in 0..order.len() {
        let target = value(&placed.groups[order[i]], side);
        for &g in &order[i + 1..] {
            let here = value(&placed.groups[g], side);
            let away = out * (target - here);
            if away < 0.5 || away > NEARLY || !beside(&placed.groups[order[i]], &placed.groups[g], side) {
                continue;
            }
            let mut grown = placed.groups[g];
            set(&mut grown, side, target);
            if free(input, placed, g, parent, &grown) {
                placed.groups[g] = grown;
            }
        }
    }
}

fn value(r: &Rect, side: usize) -> f64 {
    match side {
        RIGHT => r.x1,
        BOTTOM => r.y1,
        LEFT => r.x0,
        _ => r.y0,
    }
}

fn set(r: &mut Rect, side: usize, v: f64) {
    match side {
        RIGHT => r.x1 = v,
        BOTTOM => r.y1 = v,
        LEFT => r.x0 = v,
        _ => r.y0 = v,
    }
}

/// Whether two frames stand beside each other, seen along a side.
fn beside(a: &Rect, b: &Rect, side: usize) -> bool {
    if side == TOP || side == BOTTOM {
        a.y0 < b.y1 && b.y0 < a.y1
    } else {
        a.x0 < b.x1 && b.x0 < a.x1
    }
}

/// Whether a grown frame keeps clear of all that is not in it, and stays well within its parent.
fn free(input: &Input, placed: &Placed, g: usize, parent: i32, grown: &Rect) -> bool {
    if parent >= 0 && !placed.groups[parent as usize].holds(&grown.grown(KEEP)) {
        return false;
    }
    let clear = grown.grown(KEEP);
    let nodes = placed.nodes.iter().enumerate().all(|(n, &(x, y))| input.inside(g, End::Node(n)) || !input.nodes[n].area(x, y).overlaps(&clear));
    nodes
        && (0..placed.groups.len()).all(|o| {
            let related = o == g || input.inside(g, End::Group(o)) || input.inside(o, End::Group(g));
            related || !placed.groups[o].overlaps(&clear)
        })
}
