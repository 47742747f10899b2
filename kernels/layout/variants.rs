//! Candidates: both directions, with and without folds, roomier where labels lack space; the cheapest is drawn.

use crate::arrangement::{chosen, plain};
use crate::model::*;
use crate::scene::Scene;
use crate::scope::{self, Hints, Plan, Start};
use crate::{cost, cut, frames, labels, nudge, route, sided, squeeze, titles_and_loops as extras};

/// A finished candidate.
pub struct Made {
    pub placed: Placed,
    pub routes: Vec<Route>,
    pub shifts: Vec<f64>,
    pub figures: cost::Figures,
    pub cost: f64,
    /// The edges whose labels found no good place.
    pub poor: Vec<usize>,
    /// The groups whose titles edges run through.
    pub crossed: Vec<usize>,
    /// The routes before they were spread.
    chosen: Vec<Option<route::Candidate>>,
}

/// What a candidate is made of: a plan, edges whose labels need space, and siblings that change places.
#[derive(Clone)]
pub struct Recipe {
    pub plan: Plan,
    wide: Vec<usize>,
    titles: Vec<usize>,
    swaps: Vec<(End, End)>,
}

impl Recipe {
    pub fn of(plan: Plan) -> Recipe {
        Recipe { plan, wide: Vec::new(), titles: Vec::new(), swaps: Vec::new() }
    }

    pub fn placed(&self, input: &Input) -> Placed {
        let hints = Hints { wide: &self.wide, titles: &self.titles, swaps: &self.swaps };
        placed(input, &self.plan, &hints)
    }

    fn made(&self, input: &Input) -> Made {
        let (placed, chosen) = self.routed(input);
        spread(input, placed, chosen)
    }

    /// The finished candidate, if it can cost less than a limit: spreading routes and labels only add to its cost.
    fn made_below(&self, input: &Input, limit: f64) -> Option<Made> {
        let (placed, chosen) = self.routed(input);
        let routes: Vec<Route> = chosen.iter().cloned().map(plain_route).collect();
        let figures = cost::measure(input, &placed, &routes, 0, 0);
        if cost::cost(input, &figures) >= limit {
            return None;
        }
        Some(spread(input, placed, chosen))
    }

    fn routed(&self, input: &Input) -> (Placed, Vec<Option<route::Candidate>>) {
        let placed = self.placed(input);
        let chosen = route::routed(&Scene::new(input, &placed), 3);
        (placed, chosen)
    }
}

/// What another variant must gain to be taken, in crossings: less does not change the picture.
const GAIN: f64 = 0.6;
/// What the other direction must gain where this one has many.
const GAIN_TURNED: f64 = 2.0;
/// How much is tried: so many candidates for one node or edge, fewer the more there are, and more where lines cross.
const EFFORT: f64 = 1.7e5;
const HARD: f64 = 5.0;
/// Nodes and edges from which on a candidate takes so long that few can be tried.
const LARGE_EFFORT: f64 = 90.0;
/// After so many swaps that gain nothing the others are not tried.
const PATIENCE: usize = 14;
const MOST_TRIES: usize = 60;
/// Nodes and edges from which on a label without a place is not worth another layout.
const LARGE: usize = 150;

/// The best of all candidates for a graph, and the graph with the titles as this one has them.
pub fn best(input: Input) -> (Input, Made) {
    if let Some(nodes) = &input.fixed {
        let placed = around(&input, nodes);
        let chosen = route::routed(&Scene::new(&input, &placed), 3);
        let made = with_ways(&input, spread(&input, placed, chosen));
        return (input, made);
    }
    if sided::asked(&input) {
        let made = with_ways(&input, plain(input.flow.unwrap_or(Flow::Right)).made(&input));
        return (input, made);
    }
    let mut search = Search::new(input);
    search.widen();
    search.variants();
    search.turn();
    search.swap();
    search.widen();
    search.narrow();
    let Search { input, recipe, best, .. } = search;
    let best = with_ways(&input, best);
    let made = squeezed(&input, with_labels(&input, &recipe, best));
    (input, made)
}

/// The picture with space for the labels that have none: cut open, or as the last resort all of it further apart.
fn with_labels(input: &Input, recipe: &Recipe, best: Made) -> Made {
    let size = input.nodes.len() + input.edges.len();
    if size >= 400 {
        return best;
    }
    let mut best = opened(input, best);
    for air in [1.5, 2.0] {
        let poor = !best.poor.is_empty() && size < LARGE;
        if !poor && best.figures.hits == 0 {
            break;
        }
        let mut roomy = Recipe { plan: Plan { air: air * recipe.plan.air, ..recipe.plan }, ..recipe.clone() };
        roomy.wide.extend(&best.poor);
        let made = opened(input, with_ways(input, roomy.made(input)));
        if made.poor.len() + made.figures.hits < best.poor.len() + best.figures.hits {
            best = made;
        }
    }
    best
}

/// The picture without empty bands, with its titles and labels placed once more where that is not worse.
fn squeezed(input: &Input, made: Made) -> Made {
    let (mut placed, mut routes) = (made.placed.clone(), made.routes.clone());
    if !squeeze::squeezed(input, &mut placed, &mut routes) {
        return made;
    }
    let other = labeled(input, placed, routes);
    if other.cost < made.cost { other } else { made }
}

/// The search for a better picture: what is best so far, and how much may still be tried.
struct Search {
    input: Input,
    recipe: Recipe,
    best: Made,
    tries: usize,
}

impl Search {
    fn new(input: Input) -> Search {
        let recipe = chosen(&input);
        let best = recipe.made(&input);
        let size = (input.nodes.len() + input.edges.len()) as f64;
        let dense = (best.figures.crossings + 4 * best.figures.through) as f64 / input.edges.len().max(1) as f64;
        let hard = HARD * dense.min(1.5).powi(2) * (LARGE_EFFORT / size).min(1.0).powi(6);
        let tries = EFFORT / size.powf(2.5) * (1.0 + hard);
        Search { input, recipe, best, tries: (tries as usize).min(MOST_TRIES) }
    }

    /// Makes a candidate and takes it where it gains so many crossings or more; whether it did.
    fn tries(&mut self, other: Recipe, gain: f64) -> bool {
        if self.tries == 0 {
            return false;
        }
        self.tries -= 1;
        let limit = self.best.cost - gain * cost::crossing(&self.input);
        match other.made_below(&self.input, limit).filter(|made| made.cost < limit) {
            Some(made) => {
                self.best = made;
                self.recipe = other;
                true
            }
            None => false,
        }
    }

    /// Other starts of the order; what many report to put aside.
    fn variants(&mut self) {
        let plan = self.recipe.plan;
        let f = &self.best.figures;
        if f.crossings + f.through > 0 {
            self.tries(Recipe::of(Plan { start: Start::Barycenter, ..plan }), GAIN);
        }
        if has_hubs(&self.input) {
            self.tries(Recipe::of(Plan { hubs: true, ..plan }), GAIN);
        }
    }

    /// The other direction, where this one has many crossings.
    fn turn(&mut self) {
        let plan = self.recipe.plan;
        if self.best.figures.crossings < 3 || plan.longest != usize::MAX || self.input.canvas.0 <= 0.0 {
            return;
        }
        let across = if plan.flow.horizontal() { Flow::Down } else { Flow::Right };
        let flow = self.input.flow.filter(|f| f.horizontal() == across.horizontal()).unwrap_or(across);
        self.tries(plain(flow), GAIN_TURNED);
    }

    /// Siblings beside each other change places, as long as that makes the picture better.
    fn swap(&mut self) {
        let f = &self.best.figures;
        if f.crossings + f.through + f.labels == 0 && f.bends * 10 < self.input.edges.len() * 9 {
            return;
        }
        let mut again = true;
        while again {
            again = false;
            for swap in neighbors(&self.input, &self.best).into_iter().take(PATIENCE) {
                if self.tries == 0 {
                    return;
                }
                let mut other = self.recipe.clone();
                other.swaps.push(swap);
                if self.tries(other, GAIN) {
                    again = true;
                    break;
                }
            }
        }
    }

    /// Titles in more lines where edges run through them, with what these reach beside them if need be.
    fn narrow(&mut self) {
        for beside in [false, true] {
            let crossed = self.best.crossed.clone();
            let input = match self.input.narrowed(&crossed) {
                Some(input) => input,
                None => return,
            };
            let mut other = self.recipe.clone();
            if beside {
                other.titles.extend(crossed.iter().filter(|g| !self.recipe.titles.contains(g)));
            }
            if let Some(made) = other.made_below(&input, self.best.cost).filter(|made| made.cost < self.best.cost) {
                self.best = made;
                self.recipe = other;
                self.input = input;
            }
        }
    }

    /// More space, where labels or titles lack it and that helps.
    fn widen(&mut self) {
        let size = self.input.nodes.len() + self.input.edges.len();
        self.tries = self.tries.max(if size < 80 { 3 } else { 1 });
        for air in [1.0, 1.2, 1.5] {
            if self.best.poor.is_empty() && (self.best.crossed.is_empty() || air > 1.0) {
                return;
            }
            let plan = self.recipe.plan;
            let mut other = Recipe { plan: Plan { air: air * plan.air, ..plan }, ..self.recipe.clone() };
            for (known, found) in [(&mut other.wide, &self.best.poor), (&mut other.titles, &self.best.crossed)] {
                known.extend(found.iter().copied().filter(|f| !known.contains(f)).collect::<Vec<usize>>());
            }
            self.tries(other, 0.0);
        }
    }
}

/// The picture with ways searched for the edges that no simple shape serves.
fn with_ways(input: &Input, made: Made) -> Made {
    if made.figures.through + made.figures.hits + made.figures.crossings / 3 == 0 {
        return made;
    }
    let scene = Scene::new(input, &made.placed);
    let chosen = route::searched(&scene, &made.chosen);
    drop(scene);
    let other = spread(input, made.placed.clone(), chosen);
    if other.cost < made.cost { other } else { made }
}

/// Cuts the picture open for each label that found no place, where that helps.
fn opened(input: &Input, best: Made) -> Made {
    let mut best = best;
    for _ in 0..12 {
        let found = best.poor.iter().find_map(|&i| opened_for(input, &best, i, false)).or_else(|| {
            let few = input.nodes.len() + input.edges.len() < LARGE;
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
fn opened_for(input: &Input, best: &Made, i: usize, twice: bool) -> Option<Made> {
    let mut found: Option<Made> = None;
    let mut look = |placed: Placed, routes: Vec<Route>| {
        let made = labeled(input, placed, routes);
        let (f, b) = (&made.figures, &best.figures);
        let good = f.labels < b.labels && f.crossings <= b.crossings && f.through <= b.through && f.hits <= b.hits;
        if good && found.as_ref().map_or(true, |f| made.cost < f.cost) {
            found = Some(made);
        }
    };
    for one in cut::cuts(input, &best.routes[i], i) {
        let (placed, routes) = match cut::opened(input, &best.placed, &best.routes, one) {
            Some(made) => made,
            None => continue,
        };
        if !twice {
            look(placed, routes);
            continue;
        }
        for other in cut::cuts(input, &routes[i], i).into_iter().filter(|other| other.level != one.level) {
            if let Some((placed, routes)) = cut::opened(input, &placed, &routes, other) {
                look(placed, routes);
            }
        }
    }
    found
}

/// Siblings that stand beside each other across the flow, first those with most wrong at their edges, then the nearest.
fn neighbors(input: &Input, best: &Made) -> Vec<(End, End)> {
    let placed = &best.placed;
    let horizontal = placed.flow.horizontal();
    let rect = |end: End| match end {
        End::Node(n) => input.nodes[n].area(placed.nodes[n].0, placed.nodes[n].1),
        End::Group(g) => placed.groups[g],
    };
    let spans = |r: Rect| if horizontal { (r.x0, r.x1, r.y0, r.y1) } else { (r.y0, r.y1, r.x0, r.x1) };
    let mut ends: Vec<End> = (0..input.nodes.len()).map(End::Node).collect();
    ends.extend((0..input.groups.len()).map(End::Group));
    let wrong = |end: End| -> f64 {
        let within = |x: End| x == end || matches!(end, End::Group(g) if input.inside(g, x));
        let joined = input.edges.iter().zip(&best.figures.flaws).filter(|(e, _)| within(e.s) != within(e.t));
        joined.map(|(_, flaws)| flaws).sum()
    };
    let wrong: Vec<f64> = ends.iter().map(|&end| wrong(end)).collect();
    let mut found: Vec<(f64, f64, usize, usize)> = Vec::new();
    for (i, &a) in ends.iter().enumerate() {
        for (j, &b) in ends.iter().enumerate().skip(i + 1) {
            if input.parent_of(a) != input.parent_of(b) || wrong[i] + wrong[j] == 0.0 {
                continue;
            }
            let (p, q) = (spans(rect(a)), spans(rect(b)));
            if p.0 < q.1 && q.0 < p.1 {
                let away = (q.2 - p.3).max(p.2 - q.3);
                found.push((-wrong[i] - wrong[j], away, i, j));
            }
        }
    }
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    found.into_iter().map(|(_, _, i, j)| (ends[i], ends[j])).collect()
}

/// Whether something has so many edges, all in or all out, that it may stand aside.
fn has_hubs(input: &Input) -> bool {
    if input.edges.len() < 6 {
        return false;
    }
    let mut ends: Vec<(usize, usize)> = vec![(0, 0); input.nodes.len() + input.groups.len()];
    let index = |end: End| match end {
        End::Node(n) => n,
        End::Group(g) => input.nodes.len() + g,
    };
    for e in &input.edges {
        ends[index(e.s)].1 += 1;
        ends[index(e.t)].0 += 1;
    }
    ends.iter().any(|&(into, out)| into.max(out) >= 3 && into.min(out) == 0)
}

fn plain_route(c: Option<route::Candidate>) -> Route {
    c.map_or_else(Route::default, |c| Route { points: crate::search::corners(&c.points), sides: c.sides, label: None })
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

/// How many nodes stand behind each other along the flow.
pub fn longest(placed: &Placed) -> usize {
    let mut along: Vec<f64> = placed.nodes.iter().map(|p| if placed.flow.horizontal() { p.0 } else { p.1 }).collect();
    along.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let mut count = 0;
    let mut last = f64::NEG_INFINITY;
    for a in along {
        if a > last + 40.0 {
            count += 1;
            last = a;
        }
    }
    count
}

/// Spreads routes apart and adds loops.
fn spread(input: &Input, placed: Placed, chosen: Vec<Option<route::Candidate>>) -> Made {
    let scene = Scene::new(input, &placed);
    let mut apart = chosen.clone();
    for c in apart.iter_mut().flatten() {
        c.points = crate::search::corners(&c.points);
    }
    nudge::spread(&scene, &mut apart);
    let mut routes: Vec<Route> = apart.into_iter().map(plain_route).collect();
    extras::loops(&scene, &mut routes);
    drop(scene);
    Made { chosen, ..labeled(input, placed, routes) }
}

/// Moves titles and places labels, and measures the whole.
fn labeled(input: &Input, placed: Placed, mut routes: Vec<Route>) -> Made {
    let scene = Scene::new(input, &placed);
    let moves = extras::shifts(&scene, &routes);
    let crossed: Vec<usize> = (0..moves.len()).filter(|&g| moves[g].is_none()).collect();
    let shifts = moves.iter().map(|m| m.unwrap_or(0.0)).collect();
    let poor = labels::place(&scene, &mut routes);
    let figures = cost::measure(input, &placed, &routes, poor.len(), crossed.len());
    let cost = cost::cost(input, &figures);
    Made { routes, shifts, figures, cost, placed, poor, crossed, chosen: Vec::new() }
}

/// Frames around nodes whose places another engine gave.
fn around(input: &Input, nodes: &[(f64, f64)]) -> Placed {
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
