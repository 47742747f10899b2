//! Chooses direction, rows and folds by the size of the text on the canvas.

use crate::hint_check;
use crate::model::*;
use crate::placement::*;
use crate::plan::{Plan, Shape};
use crate::picture::Recipe;

/// How many times larger the text of an alternative must be for it to be chosen, and the factor for the gaps.
struct RequiredGains {
    rows: f64,
    /// Columns are harder to follow: the gains over the unfolded picture, and over rows.
    columns: f64,
    columns_over_rows: f64,
    /// Wide ranks in several rows, on their own and in a fold.
    wrap: f64,
    wrapped_fold: f64,
    gap_factor: f64,
}

/// If text is large enough, only large gains change the arrangement of the source.
const DEFAULT: RequiredGains = RequiredGains {
    rows: 1.2,
    columns: 1.8,
    columns_over_rows: 1.3,
    wrap: 1.3,
    wrapped_fold: 1.15,
    gap_factor: 1.0,
};
/// If text is small, size counts more.
const SMALL_TEXT: RequiredGains = RequiredGains {
    rows: 1.1,
    columns: 1.3,
    columns_over_rows: 1.15,
    wrap: 1.15,
    wrapped_fold: 1.05,
    gap_factor: 1.0,
};
/// If text would be too small to read, size counts most.
const UNREADABLE_TEXT: RequiredGains = RequiredGains {
    rows: 1.05,
    columns: 1.15,
    columns_over_rows: 1.05,
    wrap: 1.15,
    wrapped_fold: 1.0,
    gap_factor: 0.7,
};
/// How many times larger the text must be in the other direction than in that of the source.
const TURN_GAIN: f64 = 1.15;
/// How many times larger the text must be for groups to become wide or tall.
const SHAPE_GAIN: f64 = 1.04;
/// A picture that covers at least this share of the canvas fills it.
const MIN_FILLED_SHARE: f64 = 0.4;
/// Ranks of a fold with more nodes than this may be split into several rows.
const MANY_NODES_PER_RANK: usize = 6;
/// How many times larger a picture with smaller gaps must be if its text still cannot be read.
const CROWDED_GAIN: f64 = 1.3;
/// Sizes are estimates: the final picture is usually a little larger.
const ESTIMATE_TOLERANCE: f64 = 0.97;
/// An arrangement smaller than this share of the largest is not sketched again with smaller gaps.
const MIN_SHARE_OF_LARGEST: f64 = 0.8;

/// Returns the recipe that suits the canvas, with smaller gaps if only these make text readable. The second value has
/// the largest recipe of each other kind (direction, folded or not), which may be easier to follow.
pub fn choose(input: &Input) -> (Recipe, Vec<Recipe>) {
    let mut cache = SketchCache { input, sketches: Vec::new() };
    let best = cache.choose();
    let best = cache.with_best_shape(best);
    let kind = |plan: &Plan| (plan.direction.is_horizontal(), plan.max_ranks != usize::MAX);
    let mut others: Vec<&Sketch> = cache.sketches.iter().filter(|s| s.recipe.plan.gap_factor == best.plan.gap_factor).collect();
    others.sort_by(|a, b| b.scale.partial_cmp(&a.scale).unwrap());
    let mut kinds = vec![kind(&best.plan)];
    others.retain(|s| {
        let new = !kinds.contains(&kind(&s.recipe.plan));
        kinds.push(kind(&s.recipe.plan));
        new
    });
    let min_scale = input.readable_size / input.text_size * MIN_READABLE_SHARE;
    let gap_factor =
        |s: &Sketch| if s.scale < min_scale { UNREADABLE_TEXT.gap_factor } else { s.recipe.plan.gap_factor };
    let others = others
        .into_iter()
        .map(|s| Recipe { plan: Plan { gap_factor: gap_factor(s), ..s.recipe.plan }, ..s.recipe.clone() })
        .collect();
    (best, others)
}

/// The sizes of pictures, each sketched once.
struct SketchCache<'a> {
    input: &'a Input,
    sketches: Vec<Sketch>,
}

impl SketchCache<'_> {
    /// Returns the sketch of a plan, from the cache if possible.
    fn sketch(&mut self, plan: Plan) -> Sketch {
        let same = |p: &Plan| {
            (p.direction, p.max_ranks, p.serpentine, p.max_nodes_per_rank, p.shape)
                == (plan.direction, plan.max_ranks, plan.serpentine, plan.max_nodes_per_rank, plan.shape)
                && p.gap_factor == plan.gap_factor
        };
        if let Some(sketch) = self.sketches.iter().find(|s| same(&s.recipe.plan)) {
            return sketch.clone();
        }
        let with_other_gaps = self.sketches.iter().find(|s| same(&Plan { gap_factor: plan.gap_factor, ..s.recipe.plan }));
        // Gaps do not change orders.
        let recipe = with_other_gaps.map_or_else(|| Recipe::of(plan), |s| Recipe { plan, ..s.recipe.clone() });
        if let Some(with_other_gaps) = with_other_gaps.filter(|s| s.scale < MIN_SHARE_OF_LARGEST * self.largest()) {
            return Sketch { recipe, ..with_other_gaps.clone() };
        }
        let mut sketch = Sketch::new(self.input, recipe);
        if self.sketches.first().map_or(false, |first| sketch.violations > first.violations) {
            sketch.scale = 0.0; // Never chosen.
        }
        self.sketches.push(sketch.clone());
        sketch
    }

    /// Returns the largest scale so far.
    fn largest(&self) -> f64 {
        self.sketches.iter().map(|s| s.scale).fold(0.0, f64::max)
    }

    /// Returns the recipe that suits the canvas; the smaller the text, the smaller the required gains.
    fn choose(&mut self) -> Recipe {
        let input = self.input;
        let readable_scale = input.readable_size / input.text_size;
        let best = self.choose_by_size(&DEFAULT);
        if input.canvas.0 <= 0.0 || best.scale >= readable_scale {
            return best.recipe;
        }
        let best = self.choose_by_size(&SMALL_TEXT);
        let min_scale = readable_scale * MIN_READABLE_SHARE;
        if best.scale < min_scale / ESTIMATE_TOLERANCE {
            let crowded = self.choose_by_size(&UNREADABLE_TEXT);
            if crowded.scale >= min_scale * ESTIMATE_TOLERANCE || crowded.scale > best.scale * CROWDED_GAIN {
                return crowded.recipe;
            }
        }
        best.recipe
    }

    /// Returns the same recipe, with wide or tall groups if these make the picture larger.
    fn with_best_shape(&mut self, mut best: Recipe) -> Recipe {
        let counts = self.input.unconnected_counts();
        if self.input.canvas.0 > 0.0 && counts.iter().any(|&count| count >= 3) {
            let mut min_scale = SHAPE_GAIN * self.sketch(best.plan).scale;
            for shape in [Shape::Wide, Shape::Tall] {
                let sketch = self.sketch(Plan { shape, ..best.plan });
                if sketch.scale > min_scale {
                    min_scale = sketch.scale;
                    best = sketch.recipe;
                }
            }
        }
        best
    }

    /// Returns the direction and the fold that suit the canvas.
    ///
    /// They are chosen by size alone, and only if they gain much: a small change of the source changes the size little,
    /// so the choice remains the same.
    fn choose_by_size(&mut self, gains: &RequiredGains) -> Sketch {
        let input = self.input;
        let plan_for = |direction: Direction| Plan { gap_factor: gains.gap_factor, ..Plan::new(direction) };
        let requested = input.direction.unwrap_or(Direction::Down);
        let other_direction = if requested.is_horizontal() { Direction::Down } else { Direction::Right };
        let in_requested = self.sketch(plan_for(requested));
        if input.canvas.0 <= 0.0 {
            return in_requested;
        }
        let in_other = self.sketch(plan_for(other_direction));
        let min_gain = if input.direction.is_none() { 1.0 } else { TURN_GAIN };
        let mut best = if in_other.scale > in_requested.scale * min_gain { in_other.clone() } else { in_requested.clone() };
        if best.fits(input) || input.element_count() > 600 {
            return best;
        }
        let unfolded_scale = best.scale;
        for (gain, gain_over_best, horizontal) in [(gains.rows, 1.05, true), (gains.columns, gains.columns_over_rows, false)] {
            let base = if requested.is_horizontal() == horizontal { &in_requested } else { &in_other };
            if let Some(sketch) = self.best_fold(gains, base, (unfolded_scale * gain).max(best.scale * gain_over_best)) {
                best = sketch;
            }
        }
        if best.fits(input) {
            return best;
        }
        let unwrapped_scale = best.scale;
        for base in [&in_requested, &in_other] {
            let rows_for = |max_nodes_per_rank: usize| {
                base.nodes_per_rank
                    .iter()
                    .map(|n| (n + max_nodes_per_rank - 1) / max_nodes_per_rank)
                    .collect::<Vec<usize>>()
            };
            let mut previous_rows = rows_for(usize::MAX / 2);
            for max_nodes_per_rank in [9, 7, 6, 5, 4] {
                if rows_for(max_nodes_per_rank) == previous_rows {
                    continue; // The same picture as before.
                }
                previous_rows = rows_for(max_nodes_per_rank);
                let sketch = self.sketch(Plan { max_nodes_per_rank, ..base.recipe.plan });
                if sketch.scale > (unwrapped_scale * gains.wrap).max(best.scale * 1.05) {
                    best = sketch;
                }
            }
        }
        best
    }

    /// Returns the largest fold of an unfolded picture, or None if no fold exceeds a scale.
    fn best_fold(&mut self, gains: &RequiredGains, unfolded: &Sketch, min_scale: f64) -> Option<Sketch> {
        let plan = unfolded.recipe.plan;
        let (mut min_scale, mut best) = (min_scale, None);
        if unfolded.rank_count < 5 {
            return None;
        }
        for rows in 2..=4 {
            let max_ranks = (unfolded.rank_count + rows - 1) / rows;
            if max_ranks < 3 || max_ranks * (rows - 1) >= unfolded.rank_count {
                continue;
            }
            for serpentine in [true, false] {
                if serpentine && !plan.direction.is_horizontal() {
                    continue; // Columns that run upward are hard to follow.
                }
                let has_broad_ranks = unfolded.nodes_per_rank.iter().any(|&n| n > MANY_NODES_PER_RANK);
                for max_nodes_per_rank in [usize::MAX, MANY_NODES_PER_RANK].into_iter().take(if has_broad_ranks { 2 } else { 1 }) {
                    let sketch = self.sketch(Plan { max_ranks, serpentine, max_nodes_per_rank, ..plan });
                    if max_nodes_per_rank == usize::MAX && (sketch.scale - unfolded.scale).abs() < 1e-9 {
                        return best; // No rank allows a clean cut.
                    }
                    let extra_gain = if max_nodes_per_rank == usize::MAX { 1.0 } else { gains.wrapped_fold };
                    if sketch.scale > min_scale * extra_gain {
                        min_scale = sketch.scale * 1.05;
                        best = Some(sketch);
                    }
                }
            }
        }
        best
    }
}

/// A rough layout of which only the size is known.
#[derive(Clone)]
struct Sketch {
    recipe: Recipe,
    scale: f64,
    filled: f64,
    /// The number of layout hints that do not hold.
    violations: usize,
    /// The number of nodes one after another along the flow.
    rank_count: usize,
    /// The number of nodes per group and rank.
    nodes_per_rank: Vec<usize>,
}

impl Sketch {
    /// Lays out a recipe and measures its size.
    fn new(input: &Input, recipe: Recipe) -> Sketch {
        let placement = recipe.rough_placement(input);
        let bounds = placement.bounds(input);
        let scale = input.scale(bounds.w(), bounds.h());
        let (w, h) = (bounds.w() + 2.0 * input.margin, bounds.h() + 2.0 * input.margin);
        let filled = (w * scale / input.canvas.0).min(h * scale / input.canvas.1);
        let violations = hint_check::violated(input, &placement).len();
        Sketch { recipe, scale, filled, violations, rank_count: rank_count(&placement), nodes_per_rank: nodes_per_rank(input, &placement) }
    }

    /// Whether text can be read on the canvas and the picture fills enough of it.
    fn fits(&self, input: &Input) -> bool {
        self.scale * input.text_size >= input.readable_size && self.filled >= MIN_FILLED_SHARE
    }
}

/// Returns the number of nodes in each combination of group and rank.
fn nodes_per_rank(input: &Input, placement: &Placement) -> Vec<usize> {
    let along = |n: usize| if placement.direction.is_horizontal() { placement.nodes[n].0 } else { placement.nodes[n].1 };
    let mut keys: Vec<(i32, i64)> = (0..input.nodes.len()).map(|n| (input.nodes[n].parent, (along(n) * 8.0).round() as i64)).collect();
    keys.sort_unstable();
    let mut counts = Vec::new();
    let mut last = None;
    for key in keys {
        if last == Some(key) {
            *counts.last_mut().unwrap() += 1;
        } else {
            counts.push(1);
        }
        last = Some(key);
    }
    counts
}

/// Returns the number of nodes one after another along the flow.
fn rank_count(placement: &Placement) -> usize {
    let mut coords: Vec<f64> = placement.nodes.iter().map(|p| if placement.direction.is_horizontal() { p.0 } else { p.1 }).collect();
    coords.sort_by(|coord, b| coord.partial_cmp(b).unwrap());
    let mut count = 0;
    let mut last = f64::NEG_INFINITY;
    for coord in coords {
        if coord > last + 40.0 {
            count += 1;
            last = coord;
        }
    }
    count
}
