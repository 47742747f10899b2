//! Finds the best picture of a graph: tries other orders, directions and gaps, and keeps the candidate with the lowest
//! cost.

use crate::arrangement::choose;
use crate::model::*;
use crate::picture::{self, Picture, Recipe};
use crate::plan::{Aside, GroupRanking, OrderStart, Plan, Shape};
use crate::{cost, grid_layout, hints, hubs, label_space, line_space, title_space, twins};

/// How many units (see `cost::gain_unit`) a candidate must gain to be chosen: smaller gains do not change the picture.
const MIN_GAIN: f64 = 0.9;
/// The same for another direction or fold.
const MIN_TURN_GAIN: f64 = 3.0;
/// If the scale fell below this share of the first picture's scale, other directions are tried too.
const SHRUNK_SHARE: f64 = 0.9;

/// The number of candidates is `EFFORT` divided by a power of the graph's size, at most `MAX_TRIES`, plus `MIN_TRIES`.
/// Crossings and edges through groups increase it in proportion to `CROSSING_EFFORT`, but less in graphs with more than
/// `LARGE_EFFORT` nodes and edges.
const EFFORT: f64 = 1.0e5;
/// See `EFFORT`.
const CROSSING_EFFORT: f64 = 12.0;
/// See `EFFORT`.
const LARGE_EFFORT: f64 = 90.0;
/// See `EFFORT`.
const MAX_TRIES: usize = 100;
/// See `EFFORT`.
const MIN_TRIES: usize = 4;
/// How many more candidates are tried if layout hints rule out others.
const HINT_TRIES: usize = 20;
/// After this many swaps without a gain, no others are tried.
const MAX_FAILED_SWAPS: usize = 24;
/// A swap that adds more crossings to the order than this is not tried.
const MAX_ADDED_CROSSINGS: i64 = 3;
/// How many sets of shuffled orders are tried.
const ORDER_SETS: u32 = 4;

/// From this number of nodes and edges, no other direction or fold is tried: a small change would turn the whole
/// picture.
const MAX_TURNABLE: usize = 70;
/// From this number, other directions and folds are only tried with the order of the source.
const MAX_SHUFFLED_TURNS: usize = 60;
/// From this number, only one set of shuffled orders is tried, and swaps are not filtered by the crossings that they
/// add.
const MANY_ELEMENTS: usize = 100;
/// From this number, there is no minimum number of candidates.
const LARGE: usize = 400;
/// From this number, no wider gaps are tried unless candidates are left.
const VAST: usize = 2000;

/// Returns the best picture, and the input with the titles wrapped as in this picture.
pub fn best_picture(mut input: Input) -> (Input, Picture) {
    hints::apply(&mut input);
    twins::equalize(&mut input);
    if let Some(nodes) = &input.fixed {
        let picture = picture::from_positions(&input, nodes);
        return (input, picture);
    }
    if grid_layout::applies(&input) {
        let picture = picture::with_searched_paths(
            &input,
            Recipe::of(Plan::new(input.direction.unwrap_or(Direction::Right))).picture(&input),
        );
        return (input, picture);
    }
    let mut search = CandidateSearch::new(input);
    search.try_variants();
    search.try_turns();
    search.try_swaps();
    search.widen();
    search.wrap_titles();
    let CandidateSearch { input, recipe, best, .. } = search;
    let best = picture::with_searched_paths(&input, best);
    let best = label_space::make(&input, &recipe, best);
    let (input, best) = title_space::make(input, best);
    let best = line_space::make(&input, best);
    let compact = picture::compacted(&input, picture::with_tight_frames(&input, best));
    let picture = picture::with_centered_content(&input, picture::with_aligned_frames(&input, compact));
    (input, picture)
}

/// The state of the search: the best picture so far, and how many more candidates may be tried.
struct CandidateSearch {
    input: Input,
    recipe: Recipe,
    /// Other directions and folds.
    others: Vec<Recipe>,
    best: Picture,
    /// The scale of the first picture.
    first_scale: f64,
    tries: usize,
}

impl CandidateSearch {
    /// Draws the first picture and determines the number of candidates.
    fn new(input: Input) -> CandidateSearch {
        let (recipe, others) = choose(&input);
        let best = recipe.picture(&input);
        let count = input.element_count();
        let size = count as f64;
        let density = (best.metrics.crossings + 4 * best.metrics.through_groups) as f64 / input.edges.len().max(1) as f64;
        let crossing_factor = CROSSING_EFFORT * density.min(1.5).powi(2) * (LARGE_EFFORT / size).min(1.0).powi(6);
        let tries = EFFORT / size.powf(2.5) * (1.0 + crossing_factor);
        let min_tries = if count < LARGE { MIN_TRIES } else { 0 } + if input.hints.is_empty() || count >= LARGE { 0 } else { HINT_TRIES };
        let first_scale = best.metrics.scale;
        CandidateSearch { input, recipe, others, best, first_scale, tries: (tries as usize).min(MAX_TRIES) + min_tries }
    }

    /// Draws a candidate and keeps it if it gains at least `gain` units. Returns whether it did.
    fn try_candidate(&mut self, recipe: Recipe, gain: f64) -> bool {
        if self.tries == 0 {
            return false;
        }
        let placement = recipe.placement(&self.input);
        if placement == self.best.placement {
            return false;
        }
        self.tries -= 1;
        let limit = self.best.cost - gain * cost::gain_unit(&self.input);
        match recipe.picture_below(&self.input, placement, limit).filter(|picture| picture.cost < limit) {
            Some(picture) => {
                self.best = picture;
                self.recipe = recipe;
                true
            }
            None => false,
        }
    }

    /// Tries other ways for groups to share ranks, orders with fewer crossings, and hubs moved aside.
    fn try_variants(&mut self) {
        if !self.input.groups.is_empty() {
            for groups in [GroupRanking::MembersOnly, GroupRanking::Separate] {
                self.try_candidate(Recipe::of(Plan { groups, ..self.recipe.plan }), MIN_GAIN);
            }
        }
        let size = self.input.element_count();
        for set in 0..if size < MANY_ELEMENTS { ORDER_SETS } else { 1 } {
            if self.best.metrics.crossings + self.best.metrics.through_groups + self.best.metrics.detours > 0 {
                self.try_candidate(Recipe::of(Plan { start: OrderStart::Shuffled(set), ..self.recipe.plan }), MIN_GAIN);
            }
        }
        if self.best.metrics.detours > 0 && self.recipe.plan.max_ranks != usize::MAX {
            self.try_candidate(Recipe::of(Plan { forks_across_rows: false, ..self.recipe.plan }), MIN_GAIN);
        }
        if self.input.unconnected_counts().iter().any(|&count| count > 0) {
            for shape in [Shape::Stacked, Shape::Wide, Shape::Tall] {
                self.try_candidate(Recipe::of(Plan { shape, ..self.recipe.plan }), MIN_GAIN);
            }
        }
        if hubs::may_exist(&self.input) {
            self.try_candidate(Recipe::of(Plan { aside: Aside::Hubs, ..self.recipe.plan }), MIN_GAIN);
        }
        if hubs::services_may_exist(&self.input) && self.recipe.plan.max_ranks == usize::MAX {
            self.try_candidate(Recipe::of(Plan { aside: Aside::Services, ..self.recipe.plan }), 0.0);
        }
    }

    /// Tries another direction or fold if the picture has many crossings or became small. Large pictures are left as
    /// they are, because a small change would turn them.
    fn try_turns(&mut self) {
        if self.input.element_count() >= MAX_TURNABLE {
            return;
        }
        let min_scale = self.input.readable_size * MIN_READABLE_SHARE / self.input.text_size;
        for recipe in std::mem::take(&mut self.others) {
            let f = &self.best.metrics;
            let is_tangled = f.crossings + f.through_groups >= 3;
            if is_tangled || f.scale < min_scale.max(SHRUNK_SHARE * self.first_scale) {
                let shuffles = is_tangled && self.input.element_count() < MAX_SHUFFLED_TURNS;
                self.try_turn(recipe, if shuffles { ORDER_SETS } else { 0 });
            }
        }
    }

    /// Tries another direction or fold, also with the ranking of groups of the best picture, and with a number of sets of shuffled
    /// orders.
    fn try_turn(&mut self, recipe: Recipe, order_sets: u32) {
        let (plan, groups) = (recipe.plan, self.recipe.plan.groups);
        let mut gain = MIN_TURN_GAIN;
        if groups != plan.groups && self.try_candidate(Recipe::of(Plan { groups, ..plan }), gain) {
            gain = MIN_GAIN;
        }
        if self.try_candidate(recipe, gain) {
            gain = MIN_GAIN;
        }
        for set in 0..order_sets {
            if self.try_candidate(Recipe::of(Plan { start: OrderStart::Shuffled(set), ..plan }), gain) {
                gain = MIN_GAIN;
            }
        }
    }

    /// Swaps neighboring siblings as long as that improves the picture.
    fn try_swaps(&mut self) {
        let f = &self.best.metrics;
        if f.crossings + f.through_groups + f.unplaced_labels + f.detours == 0 && f.bends * 10 < self.input.edges.len() * 9 {
            return;
        }
        let mut improved = true;
        while improved && self.tries > 0 {
            improved = false;
            for swap in self.promising_swaps().into_iter().take(MAX_FAILED_SWAPS) {
                if self.tries == 0 {
                    return;
                }
                let mut recipe = self.recipe.clone();
                recipe.swaps.push(swap);
                if self.try_candidate(recipe, MIN_GAIN) {
                    improved = true;
                    break;
                }
            }
        }
    }

    /// Returns the siblings that may be swapped: all but those whose swap would add many crossings to the order.
    fn promising_swaps(&self) -> Vec<(End, End)> {
        let small = self.input.element_count() < MANY_ELEMENTS;
        let deltas = if small { self.recipe.swap_deltas(&self.input) } else { Vec::new() };
        let is_promising = |a: End, b: End| {
            deltas.iter().all(|&(c, d, added)| (a, b) != (c, d) && (a, b) != (d, c) || added <= MAX_ADDED_CROSSINGS)
        };
        adjacent_siblings(&self.input, &self.best).into_iter().filter(|&(a, b)| is_promising(a, b)).collect()
    }

    /// Wraps titles that edges cross; if necessary, also makes space next to them for what these edges lead to.
    fn wrap_titles(&mut self) {
        for make_space in [false, true] {
            let crossed_titles = self.best.crossed_titles.clone();
            let input = match self.input.with_wrapped_titles(&crossed_titles) {
                Some(input) => input,
                None if make_space && !crossed_titles.is_empty() => self.input.clone(),
                None => continue,
            };
            let mut recipe = self.recipe.clone();
            if make_space {
                recipe.obstructed_titles.extend(crossed_titles.iter().filter(|g| !self.recipe.obstructed_titles.contains(g)));
            }
            if let Some(picture) = recipe
                .picture_below(&input, recipe.placement(&input), self.best.cost)
                .filter(|picture| picture.cost < self.best.cost)
            {
                self.best = picture;
                self.recipe = recipe;
                self.input = input;
            }
        }
    }

    /// Tries wider gaps if labels lack space, or titles are crossed or out of their corners.
    fn widen(&mut self) {
        let count = self.input.element_count();
        self.tries = self.tries.max(if count < 80 { 3 } else if count < VAST { 1 } else { 0 });
        for gap_factor in [1.0, 1.2, 1.5] {
            let title_flaws = !self.best.crossed_titles.is_empty() || !self.best.displaced_titles.is_empty();
            if self.best.unplaced_labels.is_empty() && (!title_flaws || gap_factor > 1.0) {
                return;
            }
            let plan = self.recipe.plan;
            let mut recipe =
                Recipe { plan: Plan { gap_factor: gap_factor * plan.gap_factor, ..plan }, ..self.recipe.clone() };
            let additional = |existing: &[usize], extra: &[usize]| {
                extra.iter().copied().filter(|f| !existing.contains(f)).collect::<Vec<usize>>()
            };
            recipe.unplaced_labels.extend(additional(&self.recipe.unplaced_labels, &self.best.unplaced_labels));
            recipe.obstructed_titles.extend(additional(&self.recipe.obstructed_titles, &self.best.crossed_titles));
            recipe.obstructed_titles.extend(additional(&self.recipe.obstructed_titles, &self.best.displaced_titles));
            self.try_candidate(recipe, 0.0);
        }
    }
}

/// Returns siblings next to each other across the flow: first those whose edges have most flaws, then the closest.
fn adjacent_siblings(input: &Input, best: &Picture) -> Vec<(End, End)> {
    let placement = &best.placement;
    let horizontal = placement.direction.is_horizontal();
    let rect = |end: End| match end {
        End::Node(n) => input.nodes[n].bounds(placement.nodes[n].0, placement.nodes[n].1),
        End::Group(g) => placement.groups[g],
    };
    let span_of = |r: Rect| if horizontal { (r.x0, r.x1, r.y0, r.y1) } else { (r.y0, r.y1, r.x0, r.x1) };
    let mut ends: Vec<End> = (0..input.nodes.len()).map(End::Node).collect();
    ends.extend((0..input.groups.len()).map(End::Group));
    let flaws_of = |end: End| -> f64 {
        let inside = |x: End| x == end || matches!(end, End::Group(g) if input.contains(g, x));
        let outer_edges = input.edges.iter().zip(&best.metrics.edge_flaws).filter(|(e, _)| inside(e.source) != inside(e.target));
        outer_edges.map(|(_, flaws)| flaws).sum()
    };
    let flaws: Vec<f64> = ends.iter().map(|&end| flaws_of(end)).collect();
    let mut pairs: Vec<(f64, f64, usize, usize)> = Vec::new();
    for (i, &a) in ends.iter().enumerate() {
        for (j, &b) in ends.iter().enumerate().skip(i + 1) {
            let parent = input.parent_of(a);
            if parent != input.parent_of(b) || flaws[i] + flaws[j] == 0.0 || parent < 0 && input.has_lanes() {
                continue;
            }
            let (p, q) = (span_of(rect(a)), span_of(rect(b)));
            if p.0 < q.1 && q.0 < p.1 {
                let distance = (q.2 - p.3).max(p.2 - q.3);
                pairs.push((-flaws[i] - flaws[j], distance, i, j));
            }
        }
    }
    pairs.sort_by(|a, b| a.partial_cmp(b).unwrap());
    pairs.into_iter().map(|(_, _, i, j)| (ends[i], ends[j])).collect()
}
