//! The cost of a picture: one number by which candidates are compared.

use crate::geometry::*;
use crate::model::*;
use crate::placement::*;

/// What is measured in a picture.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    pub crossings: usize,
    pub bends: usize,
    pub kinks: usize,
    pub through_groups: usize,
    pub through_nodes: usize,
    pub unplaced_labels: usize,
    pub crossed_titles: usize,
    /// Titles that are out of their corners.
    pub displaced_titles: usize,
    pub detours: usize,
    pub backward: usize,
    /// How much empty space frames have between their members, in units of `GAP_STEP`.
    pub empty_space: f64,
    /// The area of empty corners, of the picture and of its frames, as a share of the picture.
    pub empty_corners: f64,
    pub scale: f64,
    pub width: f64,
    pub height: f64,
    /// For each edge its flaws, in crossings.
    pub edge_flaws: Vec<f64>,
}

/// Measures a picture; the last parameter has the numbers of labels without a place, of crossed titles, and of titles
/// out of their corners.
pub fn measure(
    input: &Input,
    placement: &Placement,
    routes: &[Route],
    (unplaced_labels, crossed_titles, displaced_titles): (usize, usize, usize),
) -> Metrics {
    let mut metrics = Metrics {
        unplaced_labels,
        crossed_titles,
        displaced_titles,
        edge_flaws: vec![0.0; routes.len()],
        ..Metrics::default()
    };
    let mut bounds = placement.bounds(input);
    let route_bounds: Vec<Rect> = routes.iter().map(|route| bounding_box(&route.points)).collect();
    for (i, route) in routes.iter().enumerate() {
        let n = route.points.len();
        if n < 2 {
            continue;
        }
        bounds = bounds.union(&route_bounds[i]);
        if let Some((x, y)) = route.label {
            bounds = bounds.union(&Rect::new(x, y, x + input.edges[i].label_w, y + input.edges[i].label_h));
        }
        metrics.bends += n - 2;
        metrics.kinks += route.points.windows(4).filter(|w| manhattan(w[1], w[2]) < 24.0).count();
        let length: f64 = route.points.windows(2).map(|w| manhattan(w[0], w[1])).sum();
        let is_detour = length > manhattan(route.points[0], route.points[n - 1]) + 48.0;
        metrics.detours += usize::from(is_detour);
        metrics.edge_flaws[i] += (n - 2).saturating_sub(1) as f64 * 0.3 + if is_detour { 1.0 } else { 0.0 };
        for j in 0..i {
            if route_bounds[i].inflate(1.0).overlaps(&route_bounds[j].inflate(1.0)) {
                let other = &routes[j].points;
                let crossings_with = |s: &[(f64, f64)]| other.windows(2).filter(|t| segments_cross((s[0], s[1]), (t[0], t[1]))).count();
                let count: usize = route.points.windows(2).map(crossings_with).sum();
                metrics.crossings += count;
                metrics.edge_flaws[i] += count as f64;
                metrics.edge_flaws[j] += count as f64;
            }
        }
        let e = &input.edges[i];
        for (g, frame) in placement.groups.iter().enumerate() {
            let is_end = |end: End| end == End::Group(g) || input.contains(g, end);
            if !is_end(e.source) && !is_end(e.target) && route.points.windows(2).any(|w| frame.inflate(-1.0).crossed_by(w[0], w[1])) {
                metrics.through_groups += 1;
                metrics.edge_flaws[i] += 3.0;
            }
        }
        for (n, &(x, y)) in placement.nodes.iter().enumerate() {
            if e.source != End::Node(n)
                && e.target != End::Node(n)
                && route.points.windows(2).any(|w| input.nodes[n].bounds(x, y).crossed_by(w[0], w[1]))
            {
                metrics.through_nodes += 1;
            }
        }
        let side = placement.direction.side();
        let (a, b) = (route.points[0], route.points[n - 1]);
        metrics.backward += usize::from((b.0 - a.0) * OUTWARD[side].0 + (b.1 - a.1) * OUTWARD[side].1 < -10.0);
    }
    metrics.empty_space = (0..placement.groups.len()).map(|g| empty_space(input, placement, g)).sum();
    metrics.empty_corners = empty_corners(input, placement);
    metrics.width = bounds.w();
    metrics.height = bounds.h();
    metrics.scale = input.scale(metrics.width, metrics.height);
    metrics
}

/// The cost of empty corners if they were the whole picture.
const EMPTY_CORNER: f64 = 60.0;
/// An empty corner with less than this share of the picture is not noticed.
const MIN_EMPTY_SHARE: f64 = 0.12;

/// Returns the area of the largest empty corner of the picture and of each group, each as a share of the picture, as far as
/// it is noticed. Edges do not count: a corner with nothing but lines looks empty.
fn empty_corners(input: &Input, placement: &Placement) -> f64 {
    let area = |r: &Rect| r.w().max(1.0) * r.h().max(1.0);
    let all = placement.members(input, -1);
    let total = area(&all.iter().fold(Rect::EMPTY, |a, b| a.union(b)));
    (-1..placement.groups.len() as i32)
        .map(|g| {
            let members = if g < 0 { all.clone() } else { placement.members(input, g) };
            let bounds = members.iter().fold(if g < 0 { Rect::EMPTY } else { placement.groups[g as usize] }, |a, b| a.union(b));
            (largest_empty_corner(&bounds, &members) / total - MIN_EMPTY_SHARE).max(0.0)
        })
        .sum()
}

/// Returns the area of the largest rectangle at a corner of some bounds that nothing is in.
fn largest_empty_corner(bounds: &Rect, members: &[Rect]) -> f64 {
    let mut largest: f64 = 0.0;
    for (left, top) in [(true, true), (true, false), (false, true), (false, false)] {
        // From the corner: how far away each member begins along both axes.
        let mut starts: Vec<(f64, f64)> = members
            .iter()
            .map(|r| (if left { r.x0 - bounds.x0 } else { bounds.x1 - r.x1 }, if top { r.y0 - bounds.y0 } else { bounds.y1 - r.y1 }))
            .collect();
        starts.push((bounds.w(), 0.0));
        starts.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let mut height = bounds.h();
        for (x, y) in starts {
            largest = largest.max(x * height);
            height = height.min(y);
        }
    }
    largest
}

/// A gap between the members of a frame counts as empty from `MAX_GAP` points on; its cost is per `GAP_STEP` points
/// beyond that.
const MAX_GAP: f64 = 90.0;
/// See `MAX_GAP`.
const GAP_STEP: f64 = 100.0;

/// Returns the largest gaps between a frame's members along both axes beyond `MAX_GAP`, in units of `GAP_STEP`.
fn empty_space(input: &Input, placement: &Placement, g: usize) -> f64 {
    let frame = placement.groups[g];
    let members = placement.members(input, g as i32);
    if members.is_empty() {
        return 0.0;
    }
    let widest_gap = |mut spans: Vec<(f64, f64)>, frame: (f64, f64)| {
        spans.extend([(frame.0, frame.0 + input.padding), (frame.1 - input.padding, frame.1)]);
        spans.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let (mut end, mut gap) = (f64::INFINITY, 0.0);
        for (from, to) in spans {
            gap = f64::max(gap, from - end);
            end = if end.is_finite() { f64::max(end, to) } else { to };
        }
        ((gap - MAX_GAP) / GAP_STEP).max(0.0)
    };
    widest_gap(members.iter().map(|r| (r.x0, r.x1)).collect(), (frame.x0, frame.x1))
        + widest_gap(members.iter().map(|r| (r.y0, r.y1)).collect(), (frame.y0, frame.y1))
}

/// The unit of gains, about two thirds of the cost of a crossing. It decreases a little in large pictures, so that size
/// still counts there.
pub fn gain_unit(input: &Input) -> f64 {
    10.0 * (12.0 / (input.edges.len() as f64).max(12.0)).sqrt()
}

/// The total cost: a crossing is 14 and a bend 3, because readers mind crossings most (Purchase 1997); a picture at
/// half the scale costs 35 more.
pub fn total(input: &Input, metrics: &Metrics) -> f64 {
    let weight = gain_unit(input) / 10.0;
    let flaws = 14.0 * metrics.crossings as f64
        + 3.0 * metrics.bends as f64
        + 40.0 * metrics.kinks as f64
        + 60.0 * metrics.through_groups as f64
        + 200.0 * metrics.through_nodes as f64
        + 20.0 * metrics.unplaced_labels as f64
        + 12.0 * metrics.crossed_titles as f64
        + 4.0 * metrics.displaced_titles as f64
        + 25.0 * metrics.detours as f64
        + 2.0 * metrics.backward as f64
        + 10.0 * metrics.empty_space
        + EMPTY_CORNER * metrics.empty_corners;
    let mut size = 0.0;
    if input.canvas.0 > 0.0 {
        size = -50.0 * metrics.scale.min(3.0).ln();
        let text = metrics.scale * input.text_size;
        for (limit, step, slope) in [(input.readable_size, 0.0, 20.0), (input.readable_size * MIN_READABLE_SHARE, 10.0, 20.0)] {
            if text < limit {
                size += step + slope * ((limit / text).ln() * 4.0).min(1.0);
            }
        }
    } else {
        size += 0.00001 * metrics.width * metrics.height;
    }
    flaws * weight + size
}
