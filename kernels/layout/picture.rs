//! A finished picture: what is placed, routed, spread and labeled, and what it costs; and the recipe it is made by.

use crate::model::*;
use crate::scene::Scene;
use crate::plan::Plan;
use crate::scope::{self, Hints, Orders};
use crate::{cost, frames, labels, nudge, route, search, sided, squeeze, titles_and_loops as extras};
use std::cell::RefCell;

/// A finished candidate.
pub struct Picture {
    pub placed: Placed,
    pub routes: Vec<Route>,
    pub shifts: Vec<f64>,
    pub figures: cost::Figures,
    pub cost: f64,
    /// The edges whose labels found no good place.
    pub poor: Vec<usize>,
    /// The groups whose titles edges run through.
    pub crossed: Vec<usize>,
    /// The groups whose titles stand away from their corners.
    pub displaced: Vec<usize>,
    /// The routes before they were spread.
    pub chosen: Vec<Option<route::Candidate>>,
}

/// What a candidate is made of: a plan, edges whose labels need space, and siblings that change places.
#[derive(Clone)]
pub struct Recipe {
    pub plan: Plan,
    pub wide: Vec<usize>,
    pub titles: Vec<usize>,
    pub swaps: Vec<(End, End)>,
    pub orders: Orders,
}

impl Recipe {
    pub fn of(plan: Plan) -> Recipe {
        Recipe { plan, wide: Vec::new(), titles: Vec::new(), swaps: Vec::new(), orders: Orders::default() }
    }

    pub fn placed(&self, input: &Input) -> Placed {
        placed(input, &self.plan, &self.hints(None))
    }

    /// For each two siblings how many more crossings the order would have if they changed places.
    pub fn judged(&self, input: &Input) -> Vec<(End, End, i64)> {
        let found = RefCell::new(Vec::new());
        placed(input, &Plan { placings: 1, ..self.plan }, &self.hints(Some(&found)));
        found.into_inner()
    }

    fn hints<'a>(&'a self, judged: Option<&'a RefCell<Vec<(End, End, i64)>>>) -> Hints<'a> {
        self.orders.rewind();
        Hints { wide: &self.wide, titles: &self.titles, swaps: &self.swaps, orders: &self.orders, judged }
    }

    /// Where all is, about: for the size of the picture.
    pub fn sketched(&self, input: &Input) -> Placed {
        placed(input, &Plan { placings: 1, ..self.plan }, &self.hints(None))
    }

    pub fn made(&self, input: &Input) -> Picture {
        let placed = self.placed(input);
        let chosen = routed(input, &placed);
        spread(input, placed, chosen, &[])
    }

    /// The finished candidate, if it can cost less than a limit: spreading routes and labels only add to its cost.
    pub fn made_below(&self, input: &Input, placed: Placed, limit: f64) -> Option<Picture> {
        let chosen = routed(input, &placed);
        let routes: Vec<Route> = chosen.iter().cloned().map(plain_route).collect();
        let figures = cost::measure(input, &placed, &routes, (0, 0, 0));
        if cost::cost(input, &figures) >= limit {
            return None;
        }
        Some(spread(input, placed, chosen, &[]))
    }
}

fn routed(input: &Input, placed: &Placed) -> Vec<Option<route::Candidate>> {
    let passes = if input.edges.len() < MANY { 3 } else { 1 };
    route::routed(&Scene::new(input, placed), passes)
}

fn plain_route(c: Option<route::Candidate>) -> Route {
    c.map_or_else(Route::default, |c| Route { points: search::corners(&c.points), sides: c.sides, label: None })
}

fn placed(input: &Input, plan: &Plan, hints: &Hints) -> Placed {
    let block = if sided::asked(input) { sided::layout(input, None) } else { scope::layout(input, plan, None, hints) };
    let mut nodes = vec![(0.0, 0.0); input.nodes.len()];
    let mut groups = vec![Rect::new(0.0, 0.0, 0.0, 0.0); input.groups.len()];
    for (n, x, y) in block.nodes {
        nodes[n] = (x, y);
    }
    for (g, r) in block.groups {
        groups[g] = r;
    }
    let mut placed = Placed { nodes, groups, flow: plan.flow };
    frames::even(input, &mut placed);
    placed
}

/// Nodes and edges from which on paths are searched only where an edge runs through something.
const LARGE: usize = 150;
/// Edges from which on the routes are chosen once more only.
const MANY: usize = 600;

/// The picture with paths searched for the edges that no simple shape serves.
pub fn with_searched_paths(input: &Input, made: Picture) -> Picture {
    let few = input.size() < LARGE;
    if made.figures.through + made.figures.hits == 0 && (made.figures.crossings < 3 || !few) {
        return made;
    }
    let scene = Scene::new(input, &made.placed);
    let chosen = route::searched(&scene, &made.chosen);
    drop(scene);
    let other = spread(input, made.placed.clone(), chosen, &[]);
    if other.cost < made.cost { other } else { made }
}

/// Spreads routes apart and adds loops.
pub fn spread(input: &Input, placed: Placed, chosen: Vec<Option<route::Candidate>>, outer: &[usize]) -> Picture {
    let scene = Scene::new(input, &placed);
    let mut apart = chosen.clone();
    for c in apart.iter_mut().flatten() {
        c.points = search::corners(&c.points);
    }
    nudge::spread(&scene, &mut apart, outer);
    let mut routes: Vec<Route> = apart.into_iter().map(plain_route).collect();
    extras::loops(&scene, &mut routes);
    drop(scene);
    Picture { chosen, ..labeled(input, placed, routes) }
}

/// Moves titles and places labels, and measures the whole.
pub fn labeled(input: &Input, placed: Placed, mut routes: Vec<Route>) -> Picture {
    let mut scene = Scene::new(input, &placed);
    let moves = extras::shifts(&scene, &routes);
    let crossed: Vec<usize> = (0..moves.len()).filter(|&g| moves[g].is_none()).collect();
    let shifts: Vec<f64> = moves.iter().map(|m| m.unwrap_or(0.0)).collect();
    for (title, shift) in scene.titles.iter_mut().zip(&shifts) {
        *title = title.moved(*shift, 0.0);
    }
    let poor = labels::place(&scene, &mut routes);
    let displaced: Vec<usize> = (0..moves.len()).filter(|&g| moves[g].map_or(false, |by| by.abs() > 1.0)).collect();
    let figures = cost::measure(input, &placed, &routes, (poor.len(), crossed.len(), displaced.len()));
    let cost = cost::cost(input, &figures);
    Picture { routes, shifts, figures, cost, placed, poor, crossed, displaced, chosen: Vec::new() }
}

/// The picture of nodes whose places another engine gave.
pub fn around(input: &Input, nodes: &[(f64, f64)]) -> Picture {
    let placed = framed(input, nodes);
    let chosen = route::routed(&Scene::new(input, &placed), 3);
    with_searched_paths(input, spread(input, placed, chosen, &[]))
}

/// Frames around placed nodes.
fn framed(input: &Input, nodes: &[(f64, f64)]) -> Placed {
    let mut groups = vec![Rect::EMPTY; input.groups.len()];
    let depth = |g: usize| {
        let (mut at, mut d) = (input.groups[g].parent, 0);
        while at >= 0 {
            d += 1;
            at = input.groups[at as usize].parent;
        }
        d
    };
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&g| std::cmp::Reverse(depth(g)));
    for g in order {
        let mut r = Rect::EMPTY;
        for (n, &(x, y)) in input.nodes.iter().zip(nodes) {
            if n.parent == g as i32 {
                r = r.union(&n.area(x, y));
            }
        }
        for o in 0..groups.len() {
            if input.groups[o].parent == g as i32 && groups[o].w() > 0.0 {
                r = r.union(&groups[o]);
            }
        }
        if r.w() < 0.0 {
            r = Rect::new(0.0, 0.0, 0.0, 0.0);
        }
        let pad = input.padding;
        let top = input.groups[g].title_h.max(pad * 0.5) + 8.0;
        groups[g] = Rect::new(r.x0 - pad, r.y0 - top, (r.x1 + pad).max(r.x0 - pad + input.groups[g].title_w), r.y1 + pad);
    }
    Placed { nodes: nodes.to_vec(), groups, flow: input.flow.unwrap_or(Flow::Down) }
}

/// The picture without empty bands, with its titles and labels placed once more where that is not worse.
pub fn squeezed(input: &Input, made: Picture) -> Picture {
    let (mut placed, mut routes) = (made.placed.clone(), made.routes.clone());
    if !squeeze::squeezed(input, &mut placed, &mut routes) {
        return made;
    }
    let other = labeled(input, placed, routes);
    if other.cost < made.cost { other } else { made }
}
