//! Corrects frames: aligns sides that are almost aligned, by growing the smaller ones a little, moves sides in to the
//! content, and centers frames on it.

use crate::geometry::bounding_box;
use crate::model::*;
use crate::placement::*;
use crate::twins::twins_of;

/// Points by which a side may move before edges are routed.
pub const ROUGH_GROWTH: f64 = 32.0;
/// Points by which a side may move in the finished picture.
pub const FINAL_GROWTH: f64 = 48.0;
/// A frame may grow by this share of its size at one side.
const MAX_GROWTH_SHARE: f64 = 0.3;
/// A side is moved in only if that removes more points than this.
const MIN_TIGHTENING: f64 = 16.0;
/// A frame with more points than this between a side and its content looks empty.
const MAX_EMPTY_WIDTH: f64 = 85.0;
/// Points from a grown frame to everything that does not belong to it.
const CLEARANCE: f64 = 8.0;
/// Points from the side of a frame that moves in to a line along it.
const LINE_CLEARANCE: f64 = 12.0;
/// Points from the side of a frame to a label outside of it.
const LABEL_CLEARANCE: f64 = 3.0;

/// Aligns the sides of sibling frames, outer ones first. Frames do not grow over the given routes and labels, except that
/// routes may cross the side that moves; a side where an edge ends stays.
pub fn align_sides(input: &Input, placement: &mut Placement, routes: &[Route], max_growth: f64) {
    let n = placement.groups.len();
    if !(2..=60).contains(&n) {
        return;
    }
    for parent in -1..n as i32 {
        let siblings: Vec<usize> = (0..n).filter(|&g| input.groups[g].parent == parent).collect();
        if siblings.len() > 1 {
            for side in [TOP, BOTTOM, LEFT, RIGHT] {
                align_side(input, placement, routes, &siblings, (side, max_growth));
            }
        }
    }
}

/// Moves one side of siblings to the side of a frame further out.
fn align_side(input: &Input, placement: &mut Placement, routes: &[Route], siblings: &[usize], (side, max_growth): (usize, f64)) {
    let outward = outward_sign(side);
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
            let extent = if side % 2 == 0 { placement.groups[g].w() } else { placement.groups[g].h() };
            if distance < 0.5 || distance > max_growth.min(MAX_GROWTH_SHARE * extent) || !overlap_along(&placement.groups[order[i]], &placement.groups[g], side) {
                continue;
            }
            let mut grown = placement.groups[g];
            set_side_coord(&mut grown, side, target);
            let strip = added_strip(&placement.groups[g], &grown, side);
            if has_clearance(input, placement, g, &grown)
                && is_free_of_edges(input, routes, g, side, &strip)
                && (routes.is_empty() || outward * (target - content_end(input, placement, g, side)) <= MAX_EMPTY_WIDTH)
            {
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

/// Returns the coordinate of the outermost member of a group at a side; that of the side if it has no members.
fn content_end(input: &Input, placement: &Placement, g: usize, side: usize) -> f64 {
    let content = members(input, placement, g);
    side_coord(if content.w() < 0.0 { &placement.groups[g] } else { &content }, side)
}

/// Returns the bounds of all members of a group.
fn members(input: &Input, placement: &Placement, g: usize) -> Rect {
    placement.members(input, g as i32).iter().fold(Rect::EMPTY, |a, b| a.union(b))
}

/// Moves the sides of frames in to their content, inner frames first, except those of twins, which have one size.
pub fn tighten(input: &Input, placement: &mut Placement, routes: &[Route]) {
    let mut order: Vec<usize> = (0..placement.groups.len()).filter(|&g| twins_of(input, g).len() == 1 && !input.groups[g].is_lane).collect();
    order.sort_by_key(|&g| std::cmp::Reverse((0..placement.groups.len()).filter(|&other| input.contains(other, End::Group(g))).count()));
    for g in order {
        for side in [RIGHT, BOTTOM, LEFT, TOP] {
            let frame = placement.groups[g];
            let mut tight = frame;
            set_side_coord(&mut tight, side, tight_coord(input, placement, routes, g, side));
            let gain = outward_coord(&frame, side) - outward_coord(&tight, side);
            if gain > MIN_TIGHTENING && !has_ends(input, routes, g, side, &added_strip(&tight, &frame, side)) {
                placement.groups[g] = tight;
            }
        }
    }
}

/// Returns the innermost coordinate that a side of a frame may have: outside of the members, and of the edges and labels
/// between these; not on a label, and not next to a line along the side.
fn tight_coord(input: &Input, placement: &Placement, routes: &[Route], g: usize, side: usize) -> f64 {
    let frame = &placement.groups[g];
    let group = &input.groups[g];
    let outward = outward_sign(side);
    let padding = if side == TOP { group.title_h.max(input.padding * 0.5) + CLEARANCE } else { input.padding };
    let inner = inner_content(input, placement, routes, g);
    let mut coord = (outward * content_end(input, placement, g, side) + padding).max(outward * side_coord(&inner, side) + CLEARANCE);
    if side == LEFT || side == RIGHT {
        let other_side = outward_coord(frame, if side == LEFT { RIGHT } else { LEFT });
        coord = coord.max(group.title_w - other_side);
    }
    // What is next to the frame at this side: (innermost, outermost), with clearance.
    let mut obstacles: Vec<(f64, f64)> = Vec::new();
    let mut add = |bounds: Rect, clearance: f64| {
        let bounds = bounds.inflate(clearance);
        if bounds.overlaps(frame) {
            let (a, b) = (outward * side_coord(&bounds, side), outward * side_coord(&bounds, (side + 2) % 4));
            obstacles.push((a.min(b), a.max(b)));
        }
    };
    for (route, edge) in routes.iter().zip(&input.edges) {
        for w in route.points.windows(2).filter(|w| is_along_side(side, w[0], w[1])) {
            let line = bounding_box(w);
            // An edge that enters from above does not go around the title.
            let is_inside = side % 2 == 0 && line.y0 < frame.y0 && frame.y0 < line.y1;
            add(if is_inside { line.union(&Rect::new(frame.cx(), line.y0, frame.cx(), line.y1)) } else { line }, LINE_CLEARANCE);
        }
        if let Some((x, y)) = route.label {
            add(Rect::new(x, y, x + edge.label_w, y + edge.label_h), LABEL_CLEARANCE);
        }
    }
    obstacles.sort_by(|a, b| a.partial_cmp(b).unwrap());
    for (from, to) in obstacles {
        if from < coord && coord < to {
            coord = to;
        }
    }
    outward * coord
}

/// Returns the coordinate of a side, larger the further out it is.
fn outward_coord(frame: &Rect, side: usize) -> f64 {
    outward_sign(side) * side_coord(frame, side)
}

/// Returns the sign of the direction in which a side is further out.
fn outward_sign(side: usize) -> f64 {
    if side == TOP || side == LEFT { -1.0 } else { 1.0 }
}

/// Points by which the space to the left of the content of a frame may differ from that to the right of it.
const MAX_OFF_CENTER: f64 = 8.0;

/// Points between the sides of a frame that was moved and its members, and those of the frame around it.
const MIN_PADDING: f64 = 18.0;
/// From this number of points, content off the middle is more noticeable than sides that are not aligned.
const CLEARLY_OFF_CENTER: f64 = 24.0;

/// Returns the placement and the routes with the content of a group, and the edges between its members, in the middle of its
/// frame; columns of nodes without edges are spread evenly. None if edges connect the content to what is outside, if it would
/// be too close to a side, or if nodes would no longer be in line with those outside.
pub fn with_centered_content(input: &Input, placement: &Placement, routes: &[Route], g: usize) -> Option<(Placement, Vec<Route>)> {
    let is_inside = |end: End| input.contains(g, end);
    if input.edges.iter().any(|e| is_inside(e.source) != is_inside(e.target)) {
        return None;
    }
    let (frame, content) = (placement.groups[g], inner_content(input, placement, routes, g));
    let shift = frame.cx() - content.cx();
    let (mut centered, mut centered_routes) = (placement.clone(), routes.to_vec());
    let columns = unconnected_columns(input, placement, g);
    let extra = (frame.w() - content.w() - 2.0 * input.padding).max(0.0) / (columns.len() + 1) as f64;
    let distance = |x: f64| match columns.iter().position(|column| (column - x).abs() < SAME_COLUMN) {
        Some(column) => shift + extra * (column as f64 - (columns.len() - 1) as f64 / 2.0),
        None => shift,
    };
    for n in (0..placement.nodes.len()).filter(|&n| is_inside(End::Node(n))) {
        centered.nodes[n].0 += distance(placement.nodes[n].0);
    }
    for inner in (0..placement.groups.len()).filter(|&inner| is_inside(End::Group(inner))) {
        centered.groups[inner] = placement.groups[inner].translate(shift, 0.0);
    }
    for (route, edge) in centered_routes.iter_mut().zip(&input.edges) {
        if is_inside(edge.source) && is_inside(edge.target) {
            route.points.iter_mut().for_each(|point| point.0 += shift);
        }
    }
    let padding = |placement: &Placement| {
        let inner = members(input, placement, g);
        (inner.x0 - frame.x0).min(frame.x1 - inner.x1)
    };
    let has_padding = padding(&centered) >= MIN_PADDING.min(padding(placement));
    let keeps_columns = count_aligned(input, &centered, g) >= count_aligned(input, placement, g);
    if content.w() >= 0.0 && has_padding && keeps_columns { Some((centered, centered_routes)) } else { None }
}

/// Returns how many pairs of a node in a group and one outside of it are in one column.
fn count_aligned(input: &Input, placement: &Placement, g: usize) -> usize {
    let (inside, outside): (Vec<usize>, Vec<usize>) = (0..placement.nodes.len()).partition(|&n| input.contains(g, End::Node(n)));
    let is_aligned = |a: usize, b: usize| (placement.nodes[a].0 - placement.nodes[b].0).abs() < SAME_COLUMN;
    inside.iter().map(|&a| outside.iter().filter(|&&b| is_aligned(a, b)).count()).sum()
}

/// Points by which the nodes of a column may deviate.
const SAME_COLUMN: f64 = 0.5;

/// Returns the coordinates of the columns of nodes in a group that has only nodes without edges; none for other groups.
fn unconnected_columns(input: &Input, placement: &Placement, g: usize) -> Vec<f64> {
    let members = input.children_of(g as i32);
    let is_unconnected = |end: &End| matches!(end, End::Node(_)) && !input.edges.iter().any(|e| e.source == *end || e.target == *end);
    if !members.iter().all(is_unconnected) {
        return Vec::new();
    }
    let mut columns: Vec<f64> = members.iter().filter_map(|end| if let End::Node(n) = end { Some(placement.nodes[*n].0) } else { None }).collect();
    columns.sort_by(|a, b| a.partial_cmp(b).unwrap());
    columns.dedup_by(|a, b| (*a - *b).abs() < SAME_COLUMN);
    columns
}

/// Returns the frame of a group with as much space to the left of its content as to the right of it, as far as its
/// neighbors and edges allow: moved sideways, or else with its narrower side grown. The first is the best.
pub fn centered(input: &Input, placement: &Placement, routes: &[Route], g: usize) -> Vec<Rect> {
    let frame = placement.groups[g];
    let content = inner_content(input, placement, routes, g);
    let (left, right) = (content.x0 - frame.x0, frame.x1 - content.x1);
    if content.w() < 0.0 || (left - right).abs() <= MAX_OFF_CENTER {
        return Vec::new();
    }
    let (narrow, wide, outward) = if left < right { (LEFT, RIGHT, -1.0) } else { (RIGHT, LEFT, 1.0) };
    let difference = (left - right).abs();
    let moved = |sides: &[usize], distance: f64| {
        let mut result = frame;
        sides.iter().for_each(|&side| set_side_coord(&mut result, side, side_coord(&frame, side) + outward * distance));
        result
    };
    let is_free = |result: &Rect, side: usize| {
        let mut one_side = frame;
        set_side_coord(&mut one_side, side, side_coord(result, side));
        let (smaller, larger) = if one_side.w() > frame.w() { (&frame, &one_side) } else { (&one_side, &frame) };
        let keeps_alignment = difference >= CLEARLY_OFF_CENTER || !is_aligned(input, placement, g, side);
        keeps_alignment && is_free_of_edges(input, routes, g, side, &added_strip(smaller, larger, side))
    };
    let shifted = moved(&[narrow, wide], difference / 2.0);
    let grown = moved(&[narrow], difference);
    let parent = input.groups[g].parent;
    let inner = members(input, placement, g);
    let keeps_padding = |result: &Rect| {
        let has_padding = inner.x0 - result.x0 >= MIN_PADDING && result.x1 - inner.x1 >= MIN_PADDING;
        has_padding && (parent < 0 || placement.groups[parent as usize].contains(&result.inflate(MIN_PADDING)))
    };
    let mut results = Vec::new();
    if keeps_padding(&shifted) && is_free(&shifted, narrow) && is_free(&shifted, wide) && has_clearance(input, placement, g, &shifted) {
        results.push(shifted);
    }
    if keeps_padding(&grown) && left.max(right) <= MAX_EMPTY_WIDTH && is_free(&grown, narrow) && has_clearance(input, placement, g, &grown) {
        results.push(grown);
    }
    results
}

/// Returns the bounds of the members of a group, and of the edges and labels between these.
fn inner_content(input: &Input, placement: &Placement, routes: &[Route], g: usize) -> Rect {
    let mut content = members(input, placement, g);
    for (route, edge) in routes.iter().zip(&input.edges).filter(|(_, e)| input.contains(g, e.source) && input.contains(g, e.target)) {
        content = content.union(&bounding_box(&route.points));
        if let Some((x, y)) = route.label {
            content = content.union(&Rect::new(x, y, x + edge.label_w, y + edge.label_h));
        }
    }
    content
}

/// Whether a side of a frame is in line with that of a sibling.
fn is_aligned(input: &Input, placement: &Placement, g: usize, side: usize) -> bool {
    let coord = side_coord(&placement.groups[g], side);
    (0..placement.groups.len()).any(|other| {
        other != g && input.groups[other].parent == input.groups[g].parent && (side_coord(&placement.groups[other], side) - coord).abs() < 0.5
    })
}

/// Returns what a frame covers in addition after a side moved.
fn added_strip(frame: &Rect, grown: &Rect, side: usize) -> Rect {
    match side {
        RIGHT => Rect { x0: frame.x1, ..*grown },
        BOTTOM => Rect { y0: frame.y1, ..*grown },
        LEFT => Rect { x1: frame.x0, ..*grown },
        _ => Rect { y1: frame.y0, ..*grown },
    }
}

/// Whether no edge ends at a side of a group, and no label and no segment along this side is in a strip next to it.
fn is_free_of_edges(input: &Input, routes: &[Route], g: usize, side: usize, strip: &Rect) -> bool {
    let with_clearance = strip.inflate(CLEARANCE);
    let runs_there = |w: &[(f64, f64)]| is_along_side(side, w[0], w[1]) && with_clearance.crossed_by(w[0], w[1]);
    !has_ends(input, routes, g, side, strip)
        && routes.iter().zip(&input.edges).all(|(route, edge)| {
            let label_there = || route.label.map_or(false, |(x, y)| Rect::new(x, y, x + edge.label_w, y + edge.label_h).overlaps(strip));
            !route.points.windows(2).any(runs_there) && !label_there()
        })
}

/// Whether a segment is parallel to a side.
fn is_along_side(side: usize, a: (f64, f64), b: (f64, f64)) -> bool {
    if side % 2 == 0 { (a.0 - b.0).abs() < 0.05 } else { (a.1 - b.1).abs() < 0.05 }
}

/// Whether an edge ends at a side of a group, or at its border in a strip next to this side.
fn has_ends(input: &Input, routes: &[Route], g: usize, side: usize, strip: &Rect) -> bool {
    let with_clearance = strip.inflate(CLEARANCE);
    routes.iter().zip(&input.edges).any(|(route, edge)| {
        let ends = [(edge.source, route.sides.0, route.points.first()), (edge.target, route.sides.1, route.points.last())];
        ends.iter().any(|&(end, end_side, point)| {
            end == End::Group(g) && (end_side == side || point.map_or(false, |&(x, y)| with_clearance.contains(&Rect::new(x, y, x, y))))
        })
    })
}

/// Whether a grown frame keeps its distance from everything outside of it, and from the border of its parent.
fn has_clearance(input: &Input, placement: &Placement, g: usize, grown: &Rect) -> bool {
    let parent = input.groups[g].parent;
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
