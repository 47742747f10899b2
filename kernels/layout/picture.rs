//! A finished picture: placed, routed, separated and labeled, with its cost; and the recipe it is made from.

use crate::model::*;
use crate::placement::*;
use crate::plan::Plan;
use crate::router::RouteCandidate;
use crate::scene::Scene;
use crate::nested;
use crate::scope::{Feedback, Orders};
use crate::twins::{self, twins_of};
use crate::{cost, frames, grid_layout, grid_search, hint_check, labels, nudge, route, squeeze, titles_and_loops};
use std::cell::RefCell;

/// A finished candidate.
pub struct Picture {
    pub placement: Placement,
    pub routes: Vec<Route>,
    pub title_shifts: Vec<f64>,
    pub metrics: cost::Metrics,
    pub cost: f64,
    /// The edges whose labels found no good place.
    pub unplaced_labels: Vec<usize>,
    /// The groups whose titles are crossed by edges.
    pub crossed_titles: Vec<usize>,
    /// The groups whose titles are out of their corners.
    pub displaced_titles: Vec<usize>,
    /// The indices of the layout hints that do not hold.
    pub violated_hints: Vec<usize>,
    /// The routes before coinciding segments were separated.
    pub unseparated_routes: Vec<Option<RouteCandidate>>,
}

impl Picture {
    /// Whether a picture that was cut has no flaw that its former state has not, and twins are as alike as before.
    pub fn keeps_qualities_of(&self, input: &Input, former: &Picture) -> bool {
        let (m, f) = (&self.metrics, &former.metrics);
        m.unplaced_labels <= f.unplaced_labels
            && m.crossings <= f.crossings
            && m.crossed_titles <= f.crossed_titles
            && m.through_groups <= f.through_groups
            && m.through_nodes <= f.through_nodes
            && m.kinks <= f.kinks
            && self.violated_hints.len() <= former.violated_hints.len()
            && !twins::differ_more(input, &self.placement, &former.placement)
    }
}

/// What a candidate is made from: a plan, edges whose labels need space, groups whose titles need space, and swapped
/// siblings.
#[derive(Clone)]
pub struct Recipe {
    pub plan: Plan,
    pub unplaced_labels: Vec<usize>,
    pub obstructed_titles: Vec<usize>,
    pub swaps: Vec<(End, End)>,
    pub orders: Orders,
}

impl Recipe {
    /// Returns the recipe with nothing but a plan.
    pub fn of(plan: Plan) -> Recipe {
        Recipe { plan, unplaced_labels: Vec::new(), obstructed_titles: Vec::new(), swaps: Vec::new(), orders: Orders::default() }
    }

    /// Returns the positions of nodes and groups.
    pub fn placement(&self, input: &Input) -> Placement {
        place(input, &self.plan, &self.feedback(None))
    }

    /// Returns for each two siblings how many crossings their swap would add to the order.
    pub fn swap_deltas(&self, input: &Input) -> Vec<(End, End, i64)> {
        let deltas = RefCell::new(Vec::new());
        place(input, &Plan { coordinate_passes: 1, ..self.plan }, &self.feedback(Some(&deltas)));
        deltas.into_inner()
    }

    /// Returns the feedback for one layout.
    fn feedback<'a>(&'a self, swap_deltas: Option<&'a RefCell<Vec<(End, End, i64)>>>) -> Feedback<'a> {
        self.orders.rewind();
        Feedback {
            unplaced_labels: &self.unplaced_labels,
            obstructed_titles: &self.obstructed_titles,
            swaps: &self.swaps,
            orders: &self.orders,
            swap_deltas,
        }
    }

    /// Returns approximate positions, which suffice for the size of the picture.
    pub fn rough_placement(&self, input: &Input) -> Placement {
        place(input, &Plan { coordinate_passes: 1, ..self.plan }, &self.feedback(None))
    }

    /// Returns the finished candidate.
    pub fn picture(&self, input: &Input) -> Picture {
        let placement = self.placement(input);
        let routes = route_edges(input, &placement);
        finish(input, placement, routes, &[])
    }

    /// Returns the finished candidate if it can cost less than `limit`, else None: separation and labels only add to
    /// the cost.
    pub fn picture_below(&self, input: &Input, placement: Placement, limit: f64) -> Option<Picture> {
        let candidates = route_edges(input, &placement);
        let routes: Vec<Route> = candidates.iter().cloned().map(route_of).collect();
        let metrics = cost::measure(input, &placement, &routes, (0, 0, 0));
        let violations = hint_check::violated(input, &placement).len();
        if cost::total(input, &metrics) + VIOLATION_COST * violations as f64 >= limit {
            return None;
        }
        Some(finish(input, placement, candidates, &[]))
    }
}

/// Returns the routes of all edges, in fewer rounds if there are many.
fn route_edges(input: &Input, placement: &Placement) -> Vec<Option<RouteCandidate>> {
    let passes = if input.edges.len() < MANY_EDGES { 3 } else { 1 };
    route::route_edges(&Scene::new(input, placement), passes)
}

/// Returns a chosen candidate as a route without a label.
fn route_of(c: Option<RouteCandidate>) -> Route {
    c.map_or_else(Route::default, |c| Route { points: grid_search::simplify(&c.points), sides: c.sides, ..Route::default() })
}

/// Lays out the graph.
fn place(input: &Input, plan: &Plan, feedback: &Feedback) -> Placement {
    let block = if grid_layout::applies(input) { grid_layout::layout(input, None) } else { nested::layout(input, plan, None, feedback) };
    let mut nodes = vec![(0.0, 0.0); input.nodes.len()];
    let mut groups = vec![Rect::new(0.0, 0.0, 0.0, 0.0); input.groups.len()];
    for (n, x, y) in block.nodes {
        nodes[n] = (x, y);
    }
    for (g, r) in block.groups {
        groups[g] = r;
    }
    let mut placement = Placement { nodes, groups, direction: plan.direction, slots: block.slots };
    frames::align_sides(input, &mut placement, &[], frames::ROUGH_GROWTH);
    placement
}

/// The cost of a layout hint that does not hold: more than any flaws.
const VIOLATION_COST: f64 = 1.0e6;
/// From this number of nodes and edges, paths are searched only if an edge runs through a node or a foreign group.
const LARGE: usize = 150;
/// From this number of edges, routes are chosen only once more.
const MANY_EDGES: usize = 600;

/// Returns the picture with paths searched for the edges that no simple shape suits, if that costs less.
pub fn with_searched_paths(input: &Input, picture: Picture) -> Picture {
    let small = input.element_count() < LARGE;
    if picture.metrics.through_groups + picture.metrics.through_nodes == 0 && (picture.metrics.crossings < 3 || !small) {
        return picture;
    }
    let scene = Scene::new(input, &picture.placement);
    let candidates = route::reroute(&scene, &picture.unseparated_routes);
    drop(scene);
    let other = finish(input, picture.placement.clone(), candidates, &[]);
    if other.cost < picture.cost { other } else { picture }
}

/// Separates routes and adds loops, titles and labels.
pub fn finish(input: &Input, placement: Placement, unseparated_routes: Vec<Option<RouteCandidate>>, outer: &[usize]) -> Picture {
    let scene = Scene::new(input, &placement);
    let mut separated = unseparated_routes.clone();
    for c in separated.iter_mut().flatten() {
        c.points = grid_search::simplify(&c.points);
    }
    nudge::separate(&scene, &mut separated, outer);
    let mut routes: Vec<Route> = separated.into_iter().map(route_of).collect();
    titles_and_loops::loops(&scene, &mut routes);
    drop(scene);
    Picture { unseparated_routes, ..labeled(input, placement, routes) }
}

/// Moves titles, places labels, and measures the picture.
pub fn labeled(input: &Input, placement: Placement, mut routes: Vec<Route>) -> Picture {
    let mut scene = Scene::new(input, &placement);
    let shifts_found = titles_and_loops::shifts(&scene, &routes);
    let crossed_titles: Vec<usize> = (0..shifts_found.len()).filter(|&g| shifts_found[g].is_none()).collect();
    let title_shifts: Vec<f64> = shifts_found.iter().map(|m| m.unwrap_or(0.0)).collect();
    for (title, shift) in scene.titles.iter_mut().zip(&title_shifts) {
        *title = title.translate(*shift, 0.0);
    }
    let unplaced_labels = labels::place(&scene, &mut routes);
    let displaced_titles: Vec<usize> =
        (0..shifts_found.len()).filter(|&g| shifts_found[g].map_or(false, |shift| shift.abs() > 1.0)).collect();
    let metrics = cost::measure(
        input,
        &placement,
        &routes,
        (unplaced_labels.len(), crossed_titles.len(), displaced_titles.len()),
    );
    let violated_hints = hint_check::violated(input, &placement);
    let cost = cost::total(input, &metrics) + VIOLATION_COST * violated_hints.len() as f64;
    Picture {
        routes,
        title_shifts,
        metrics,
        cost,
        placement,
        unplaced_labels,
        crossed_titles,
        displaced_titles,
        violated_hints,
        unseparated_routes: Vec::new(),
    }
}

/// Returns the picture of nodes that another engine placed.
pub fn from_positions(input: &Input, nodes: &[(f64, f64)]) -> Picture {
    let placement = frame_nodes(input, nodes);
    let candidates = route::route_edges(&Scene::new(input, &placement), 3);
    with_searched_paths(input, finish(input, placement, candidates, &[]))
}

/// Returns the placement with frames around placed nodes.
fn frame_nodes(input: &Input, nodes: &[(f64, f64)]) -> Placement {
    let mut groups = vec![Rect::EMPTY; input.groups.len()];
    let depth = |g: usize| {
        let (mut ancestor, mut levels) = (input.groups[g].parent, 0);
        while ancestor >= 0 {
            levels += 1;
            ancestor = input.groups[ancestor as usize].parent;
        }
        levels
    };
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&g| std::cmp::Reverse(depth(g)));
    for g in order {
        let mut bounds = Rect::EMPTY;
        for (n, &(x, y)) in input.nodes.iter().zip(nodes) {
            if n.parent == g as i32 {
                bounds = bounds.union(&n.bounds(x, y));
            }
        }
        for other in 0..groups.len() {
            if input.groups[other].parent == g as i32 && groups[other].w() > 0.0 {
                bounds = bounds.union(&groups[other]);
            }
        }
        if bounds.w() < 0.0 {
            bounds = Rect::new(0.0, 0.0, 0.0, 0.0);
        }
        let padding = input.padding;
        let top_padding = input.groups[g].title_h.max(padding * 0.5) + 8.0;
        groups[g] = Rect::new(
            bounds.x0 - padding,
            bounds.y0 - top_padding,
            (bounds.x1 + padding).max(bounds.x0 - padding + input.groups[g].title_w),
            bounds.y1 + padding,
        );
    }
    Placement { nodes: nodes.to_vec(), groups, direction: input.direction.unwrap_or(Direction::Down), slots: Vec::new() }
}

/// Returns the picture with frames that fit tightly, unless that takes the place of a label or title.
pub fn with_tight_frames(input: &Input, picture: Picture) -> Picture {
    let mut placement = picture.placement.clone();
    frames::tighten(input, &mut placement, &picture.routes);
    with_frames_of(input, picture, placement)
}

/// Returns the picture with the sides of frames aligned, unless that takes the place of a label or title.
pub fn with_aligned_frames(input: &Input, picture: Picture) -> Picture {
    let mut placement = picture.placement.clone();
    frames::align_sides(input, &mut placement, &picture.routes, frames::FINAL_GROWTH);
    with_frames_of(input, picture, placement)
}

/// Returns the picture with the content of frames centered between their sides, as far as no label or title loses its
/// place.
pub fn with_centered_content(input: &Input, picture: Picture) -> Picture {
    let mut best = picture;
    for g in (0..input.groups.len()).filter(|&g| twins_of(input, g).len() == 1 && !input.groups[g].is_lane) {
        if let Some((placement, routes)) = frames::with_centered_content(input, &best.placement, &best.routes, g) {
            best = with_moved_parts(input, best, placement, routes);
        }
        for frame in frames::centered(input, &best.placement, &best.routes, g) {
            let mut placement = best.placement.clone();
            placement.groups[g] = frame;
            best = with_frames_of(input, best, placement);
            if best.placement.groups[g] == frame {
                break;
            }
        }
    }
    best
}

/// How many units (see `cost::gain_unit`) other frames may cost: a little size, but no flaw.
const MAX_FRAME_COST: f64 = 0.2;

/// Returns the picture with other frames and the same routes, unless that costs too much or twins would differ.
fn with_frames_of(input: &Input, picture: Picture, placement: Placement) -> Picture {
    let routes = picture.routes.clone();
    with_moved_parts(input, picture, placement, routes)
}

/// Returns the picture with another placement and routes, unless that costs too much or twins would differ.
fn with_moved_parts(input: &Input, picture: Picture, placement: Placement, routes: Vec<Route>) -> Picture {
    if placement == picture.placement || twins::differ_more(input, &placement, &picture.placement) {
        return picture;
    }
    let other = labeled(input, placement, routes);
    if other.cost < picture.cost + cost::gain_unit(input) * MAX_FRAME_COST { other } else { picture }
}

/// Returns the picture without empty bands, with its titles and labels placed again, if that costs less.
pub fn compacted(input: &Input, picture: Picture) -> Picture {
    let (mut placement, mut routes) = (picture.placement.clone(), picture.routes.clone());
    if !squeeze::remove_empty_bands(input, &mut placement, &mut routes) {
        return picture;
    }
    let other = labeled(input, placement, routes);
    if other.cost < picture.cost { other } else { picture }
}
