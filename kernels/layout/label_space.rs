//! Space for labels that found no good place: the picture is cut open for them, or all of it goes further apart.

use crate::cut;
use crate::model::*;
use crate::picture::{self, Picture, Recipe};
use crate::plan::Plan;

/// Nodes and edges from which on a label without a place is not worth another layout.
const LARGE: usize = 150;

/// The picture with space for the labels that have none: cut open, or as the last resort all of it further apart.
pub fn placed(input: &Input, recipe: &Recipe, best: Picture) -> Picture {
    let size = input.size();
    if size >= 400 {
        return best;
    }
    let mut best = opened(input, outside(input, best));
    for air in [1.5, 2.0] {
        let poor = !best.poor.is_empty() && size < LARGE;
        if !poor && best.figures.hits == 0 {
            break;
        }
        let mut wider = Recipe { plan: Plan { air: air * recipe.plan.air, ..recipe.plan }, ..recipe.clone() };
        wider.wide.extend(&best.poor);
        let made = opened(input, picture::with_searched_paths(input, wider.made(input)));
        if made.poor.len() + made.figures.hits < best.poor.len() + best.figures.hits {
            best = made;
        }
    }
    best
}

/// The picture with the lines whose labels found no place outside of others that run beside them, where that helps.
fn outside(input: &Input, best: Picture) -> Picture {
    if best.poor.is_empty() || best.chosen.is_empty() {
        return best;
    }
    let other = picture::spread(input, best.placed.clone(), best.chosen.clone(), &best.poor);
    if other.poor.len() < best.poor.len() && other.cost < best.cost { other } else { best }
}

/// Cuts the picture open for each label that found no place, where that helps.
fn opened(input: &Input, best: Picture) -> Picture {
    let mut best = best;
    for _ in 0..12 {
        let found = best.poor.iter().find_map(|&i| opened_for(input, &best, i, false)).or_else(|| {
            let few = input.size() < LARGE;
            best.poor.iter().filter(|_| few).find_map(|&i| opened_for(input, &best, i, true))
        });
        match found {
            Some(made) => best = made,
            None => break,
        }
    }
    best
}

/// The picture cut open for one label: once, or `twice`, along both axes, which leaves an empty place where the cuts
/// meet. None where neither helps.
fn opened_for(input: &Input, best: &Picture, i: usize, twice: bool) -> Option<Picture> {
    let mut found: Option<Picture> = None;
    let mut look = |placed: Placed, routes: Vec<Route>| {
        let made = picture::labeled(input, placed, routes);
        let (f, b) = (&made.figures, &best.figures);
        let good = f.labels < b.labels && f.crossings <= b.crossings && f.through <= b.through && f.hits <= b.hits;
        if good && found.as_ref().map_or(true, |f| made.cost < f.cost) {
            found = Some(made);
        }
    };
    for one in cut::cuts(input, &best.routes[i], i) {
        let (placed, routes) = match cut::opened(input, &best.placed, &best.routes, one, i) {
            Some(made) => made,
            None => continue,
        };
        if !twice {
            look(placed, routes);
            continue;
        }
        for other in cut::cuts(input, &routes[i], i).into_iter().filter(|other| other.level != one.level) {
            if let Some((placed, routes)) = cut::opened(input, &placed, &routes, other, i) {
                look(placed, routes);
            }
        }
    }
    found
}
