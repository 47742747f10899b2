//! The best picture of a graph: other orders, directions and gaps are tried, and the cheapest is drawn.

use crate::arrangement::{chosen, UNREADABLE};
use crate::label_space;
use crate::model::*;
use crate::picture::{self, Picture, Recipe};
use crate::plan::{Groups, Plan, Start};
use crate::{cost, hubs, sided, twins};

/// What another candidate must gain to be taken, in crossings: less does not change the picture.
const GAIN: f64 = 0.6;
/// What another direction or fold must gain.
const GAIN_TURNED: f64 = 3.0;
/// A picture that has become so much smaller than it was at first may be turned too.
const SHRUNK: f64 = 0.9;

/// How many swaps are tried: so many for one node or edge, fewer the more there are (up to `MOST_TRIES`, at least
/// `LEAST_TRIES`), and more where lines cross, if the graph is not of `LARGE_EFFORT` nodes and edges.
const EFFORT: f64 = 1.0e5;
const HARD: f64 = 5.0;
const LARGE_EFFORT: f64 = 90.0;
const MOST_TRIES: usize = 60;
const LEAST_TRIES: usize = 4;
/// After so many swaps that gain nothing the others are not tried.
const PATIENCE: usize = 14;
/// A swap that adds more crossings to the order is not tried.
const MOST_MORE: i64 = 3;
/// How many orders are tried that are not the source's.
const ORDERS: u32 = 4;

/// From so many nodes and edges on no other direction or fold is tried: a small change would turn the picture about.
const STEADY: usize = 70;
/// From so many on one other order is tried, and swaps are not judged before.
const ONE_ORDER: usize = 100;
/// From so many on nothing is tried only because little would be.
const LARGE: usize = 400;
/// From so many on nothing else is tried at all.
const VAST: usize = 2000;

/// The best of all candidates for a graph, and the graph with the titles as this one has them.
pub fn best(mut input: Input) -> (Input, Picture) {
    twins::even(&mut input);
    if let Some(nodes) = &input.fixed {
        let made = picture::around(&input, nodes);
        return (input, made);
    }
    if sided::asked(&input) {
        let made = picture::with_searched_paths(&input, Recipe::of(Plan::plain(input.flow.unwrap_or(Flow::Right))).made(&input));
        return (input, made);
    }
    let mut search = Search::new(input);
    search.variants();
    search.turn();
    search.swap();
    search.widen();
    search.narrow();
    let Search { input, recipe, best, .. } = search;
    let best = picture::with_searched_paths(&input, best);
    let made = picture::squeezed(&input, label_space::placed(&input, &recipe, best));
    (input, made)
}

/// The search for a better picture: what is best so far, and how much may still be tried.
struct Search {
    input: Input,
    recipe: Recipe,
    /// Other directions and folds.
    others: Vec<Recipe>,
    best: Picture,
    /// The scale of the first.
    scale: f64,
    tries: usize,
}

impl Search {
    fn new(input: Input) -> Search {
        let (recipe, others) = chosen(&input);
        let best = recipe.made(&input);
        let count = input.size();
        let size = count as f64;
        let dense = (best.figures.crossings + 4 * best.figures.through) as f64 / input.edges.len().max(1) as f64;
        let hard = HARD * dense.min(1.5).powi(2) * (LARGE_EFFORT / size).min(1.0).powi(6);
        let tries = EFFORT / size.powf(2.5) * (1.0 + hard);
        let least = if count < LARGE { LEAST_TRIES } else { 0 };
        let scale = best.figures.scale;
        Search { input, recipe, others, best, scale, tries: (tries as usize).min(MOST_TRIES) + least }
    }

    /// Makes a candidate and takes it where it gains so many crossings or more; whether it did.
    fn tries(&mut self, other: Recipe, gain: f64) -> bool {
        if self.tries == 0 {
            return false;
        }
        let placed = other.placed(&self.input);
        if placed == self.best.placed {
            return false;
        }
        self.tries -= 1;
        let limit = self.best.cost - gain * cost::crossing(&self.input);
        match other.made_below(&self.input, placed, limit).filter(|made| made.cost < limit) {
            Some(made) => {
                self.best = made;
                self.recipe = other;
                true
            }
            None => false,
        }
    }

    /// Groups that share ranks, or do not; orders with fewer crossings; what many report to put aside.
    fn variants(&mut self) {
        if !self.input.groups.is_empty() {
            for groups in [Groups::Loose, Groups::Apart] {
                self.tries(Recipe::of(Plan { groups, ..self.recipe.plan }), GAIN);
            }
        }
        let size = self.input.size();
        for set in 0..if size < ONE_ORDER { ORDERS } else { 1 } {
            if self.best.figures.crossings + self.best.figures.through + self.best.figures.detours > 0 {
                self.tries(Recipe::of(Plan { start: Start::Fewest(set), ..self.recipe.plan }), GAIN);
            }
        }
        if self.best.figures.detours > 0 && self.recipe.plan.longest != usize::MAX {
            self.tries(Recipe::of(Plan { forks: false, ..self.recipe.plan }), GAIN);
        }
        if hubs::any(&self.input) {
            self.tries(Recipe::of(Plan { hubs: true, ..self.recipe.plan }), GAIN);
        }
    }

    /// Another direction or fold, where this one has many crossings, or has become small; not of a large picture,
    /// which a small change would turn about.
    fn turn(&mut self) {
        if self.input.size() >= STEADY {
            return;
        }
        let small = self.input.readable * UNREADABLE / self.input.text;
        for other in std::mem::take(&mut self.others) {
            let f = &self.best.figures;
            if f.crossings + f.through >= 3 || f.scale < small.max(SHRUNK * self.scale) {
                let groups = self.recipe.plan.groups;
                if groups != other.plan.groups {
                    self.tries(Recipe::of(Plan { groups, ..other.plan }), GAIN_TURNED);
                }
                self.tries(other, GAIN_TURNED);
            }
        }
    }

    /// Siblings beside each other change places, as long as that makes the picture better.
    fn swap(&mut self) {
        let f = &self.best.figures;
        if f.crossings + f.through + f.labels + f.detours == 0 && f.bends * 10 < self.input.edges.len() * 9 {
            return;
        }
        let mut again = true;
        while again && self.tries > 0 {
            again = false;
            for swap in self.neighbors().into_iter().take(PATIENCE) {
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

    /// Siblings that may change places: not those whose change would add many crossings to the order.
    fn neighbors(&self) -> Vec<(End, End)> {
        let few = self.input.size() < ONE_ORDER;
        let judged = if few { self.recipe.judged(&self.input) } else { Vec::new() };
        let hopeful = |a: End, b: End| judged.iter().all(|&(c, d, more)| (a, b) != (c, d) && (a, b) != (d, c) || more <= MOST_MORE);
        neighbors(&self.input, &self.best).into_iter().filter(|&(a, b)| hopeful(a, b)).collect()
    }

    /// Titles in more lines where edges run through them, with what these reach beside them if need be.
    fn narrow(&mut self) {
        for beside in [false, true] {
            let crossed = self.best.crossed.clone();
            let input = match self.input.narrowed(&crossed) {
                Some(input) => input,
                None if beside && !crossed.is_empty() => self.input.clone(),
                None => continue,
            };
            let mut other = self.recipe.clone();
            if beside {
                other.titles.extend(crossed.iter().filter(|g| !self.recipe.titles.contains(g)));
            }
            if let Some(made) = other.made_below(&input, other.placed(&input), self.best.cost).filter(|made| made.cost < self.best.cost) {
                self.best = made;
                self.recipe = other;
                self.input = input;
            }
        }
    }

    /// More space, where labels lack it or titles are crossed or out of their corners, and that helps.
    fn widen(&mut self) {
        let size = self.input.size();
        self.tries = self.tries.max(if size < 80 { 3 } else if size < VAST { 1 } else { 0 });
        for air in [1.0, 1.2, 1.5] {
            let titles = !self.best.crossed.is_empty() || !self.best.displaced.is_empty();
            if self.best.poor.is_empty() && (!titles || air > 1.0) {
                return;
            }
            let plan = self.recipe.plan;
            let mut other = Recipe { plan: Plan { air: air * plan.air, ..plan }, ..self.recipe.clone() };
            let new = |known: &[usize], found: &[usize]| found.iter().copied().filter(|f| !known.contains(f)).collect::<Vec<usize>>();
            other.wide.extend(new(&self.recipe.wide, &self.best.poor));
            other.titles.extend(new(&self.recipe.titles, &self.best.crossed));
            other.titles.extend(new(&self.recipe.titles, &self.best.displaced));
            self.tries(other, 0.0);
        }
    }
}

/// Siblings that stand beside each other across the flow, first those with most wrong at their edges, then the nearest.
fn neighbors(input: &Input, best: &Picture) -> Vec<(End, End)> {
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
