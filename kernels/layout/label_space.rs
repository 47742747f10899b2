//! Makes space for labels without a place, or with none but on their own lines: cuts the picture, or as a last resort
//! widens all gaps.

use crate::{cost, cut};
use crate::model::*;
use crate::placement::*;
use crate::picture::{self, Picture, Recipe};
use crate::plan::Plan;

/// From this number of nodes and edges, a label without a place is not worth another layout.
const LARGE: usize = 150;

/// Returns the picture with space for the labels without a place: cut, or as a last resort with wider gaps.
pub fn make(input: &Input, recipe: &Recipe, best: Picture) -> Picture {
    let count = input.element_count();
    if count >= 400 {
        return best;
    }
    let mut best = cut_for_labels(input, with_outer_lines(input, best));
    for gap_factor in [1.5, 2.0] {
        let missing = !best.unplaced_labels.is_empty() && count < LARGE;
        if !missing && best.metrics.through_nodes == 0 {
            break;
        }
        let mut wider = Recipe { plan: Plan { gap_factor: gap_factor * recipe.plan.gap_factor, ..recipe.plan }, ..recipe.clone() };
        wider.unplaced_labels.extend(&best.unplaced_labels);
        let widened = cut_for_labels(input, picture::with_searched_paths(input, wider.picture(input)));
        if widened.unplaced_labels.len() + widened.metrics.through_nodes < best.unplaced_labels.len() + best.metrics.through_nodes {
            best = widened;
        }
    }
    if count < LARGE { free_lines(input, best) } else { best }
}

/// How many units (see `cost::gain_unit`) it may cost that a label is next to its line instead of on it.
const MAX_COST: f64 = 0.5;

/// Cuts the picture so that labels are next to their lines instead of on them, as far as that costs little.
fn free_lines(input: &Input, best: Picture) -> Picture {
    let mut best = best;
    for i in 0..input.edges.len() {
        if !is_on_line(input, &best, i) {
            continue;
        }
        let limit = best.cost + cost::gain_unit(input) * MAX_COST;
        let mut freed: Option<Picture> = None;
        for cut in cut::candidate_cuts(input, &best.routes[i], i) {
            let widens = |g: usize| cut::contains_ends(input, g, i);
            let (placement, routes) = match cut::apply(input, &best.placement, &best.routes, cut, widens) {
                Some(result) => result,
                None => continue,
            };
            let candidate = picture::labeled(input, placement, routes);
            let count_on_lines = |picture: &Picture| (0..input.edges.len()).filter(|&j| is_on_line(input, picture, j)).count();
            let improves = !is_on_line(input, &candidate, i)
                && count_on_lines(&candidate) < count_on_lines(&best)
                && candidate.keeps_qualities_of(input, &best);
            if improves && candidate.cost < freed.as_ref().map_or(limit, |picture| picture.cost) {
                freed = Some(candidate);
            }
        }
        best = freed.unwrap_or(best);
    }
    best
}

/// Whether the label of an edge is on the edge's line.
fn is_on_line(input: &Input, picture: &Picture, i: usize) -> bool {
    let (edge, route) = (&input.edges[i], &picture.routes[i]);
    route.label.filter(|_| edge.labeled()).map_or(false, |(x, y)| {
        let label_box = Rect::new(x, y, x + edge.label_w, y + edge.label_h);
        route.points.windows(2).any(|w| label_box.crossed_by(w[0], w[1]))
    })
}

/// Moves the lines whose labels have no place to the outside of the lines next to them, if that helps.
fn with_outer_lines(input: &Input, best: Picture) -> Picture {
    if best.unplaced_labels.is_empty() || best.unseparated_routes.is_empty() {
        return best;
    }
    let other = picture::finish(input, best.placement.clone(), best.unseparated_routes.clone(), &best.unplaced_labels);
    if other.unplaced_labels.len() < best.unplaced_labels.len() && other.cost < best.cost { other } else { best }
}

/// Cuts the picture for each label without a place, if that helps.
fn cut_for_labels(input: &Input, best: Picture) -> Picture {
    let mut best = best;
    for _ in 0..12 {
        let improved = best.unplaced_labels.iter().find_map(|&i| cut_for_label(input, &best, i, false)).or_else(|| {
            let small = input.element_count() < LARGE;
            best.unplaced_labels.iter().filter(|_| small).find_map(|&i| cut_for_label(input, &best, i, true))
        });
        match improved {
            Some(picture) => best = picture,
            None => break,
        }
    }
    best
}

/// Returns the picture after a cut for one label, or, if `twice`, after cuts along both axes, which leave an empty area
/// where they meet. Returns None if no cut helps.
fn cut_for_label(input: &Input, best: &Picture, i: usize, twice: bool) -> Option<Picture> {
    let mut result: Option<Picture> = None;
    let mut try_candidate = |placement: Placement, routes: Vec<Route>| {
        let candidate = picture::labeled(input, placement, routes);
        let (f, b) = (&candidate.metrics, &best.metrics);
        let improves = f.unplaced_labels < b.unplaced_labels
            && f.crossings <= b.crossings
            && f.through_groups <= b.through_groups
            && f.through_nodes <= b.through_nodes;
        if improves && result.as_ref().map_or(true, |f| candidate.cost < f.cost) {
            result = Some(candidate);
        }
    };
    let widens = |g: usize| cut::contains_ends(input, g, i);
    for first in cut::candidate_cuts(input, &best.routes[i], i) {
        let (placement, routes) = match cut::apply(input, &best.placement, &best.routes, first, widens) {
            Some(result) => result,
            None => continue,
        };
        if !twice {
            try_candidate(placement, routes);
            continue;
        }
        for second in cut::candidate_cuts(input, &routes[i], i).into_iter().filter(|second| second.horizontal != first.horizontal) {
            if let Some((placement, routes)) = cut::apply(input, &placement, &routes, second, widens) {
                try_candidate(placement, routes);
            }
        }
    }
    result
}
