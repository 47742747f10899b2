//! Direction, rows and folds, chosen by the size at which they show things.

use crate::model::*;
use crate::plan::{Plan, Shape};
use crate::picture::Recipe;

/// How much larger another arrangement must show things to be taken, and how large the gaps are.
struct Gains {
    /// The other direction, where the source's cannot be read; where it can, `TURN`.
    turn: f64,
    rows: f64,
    /// Columns are harder to follow: how much larger than the plain picture, and than rows.
    columns: f64,
    beyond_rows: f64,
    /// Broad ranks in several rows; in a fold too.
    wrap: f64,
    both: f64,
    air: f64,
}

const USUAL: Gains = Gains { turn: 1.15, rows: 1.2, columns: 1.8, beyond_rows: 1.3, wrap: 1.3, both: 1.15, air: 1.0 };
/// Where the text is small, size counts more.
const SMALL: Gains = Gains { turn: 1.15, rows: 1.1, columns: 1.3, beyond_rows: 1.15, wrap: 1.15, both: 1.05, air: 1.0 };
/// Where it would be too small to read, size counts most.
const CROWDED: Gains = Gains { turn: 1.15, rows: 1.05, columns: 1.15, beyond_rows: 1.05, wrap: 1.15, both: 1.0, air: 0.7 };
const TURN: f64 = 1.35;
/// How much larger things must show where groups are wide or tall.
const SHAPED: f64 = 1.04;
/// From which part of the canvas on a picture fills it.
const FULL: f64 = 0.4;
/// More nodes than this in a rank of a fold may stand in several rows.
const BROAD: usize = 6;
/// Below this part of the size that can be read with ease, text cannot be read; and how much larger a crowded picture
/// is that is worth it nevertheless.
pub const UNREADABLE: f64 = 13.0 / 16.0;
const MUCH: f64 = 1.3;
/// Sizes are estimates: the picture comes out a little larger.
const ABOUT: f64 = 0.97;
/// What is smaller than this part of the largest is not sketched again with smaller gaps.
const HOPELESS: f64 = 0.8;

/// The arrangement that suits the canvas; with smaller gaps where text can be read only so. Then the largest of each
/// other kind (direction, folded or not), which may be better to follow.
pub fn chosen(input: &Input) -> (Recipe, Vec<Recipe>) {
    let mut sketches = Sketches { input, known: Vec::new() };
    let best = sketches.chosen();
    let best = sketches.shaped(best);
    let kind = |plan: &Plan| (plan.flow.horizontal(), plan.longest != usize::MAX);
    let mut others: Vec<&Sized> = sketches.known.iter().filter(|s| s.recipe.plan.air == best.plan.air).collect();
    others.sort_by(|a, b| b.scale.partial_cmp(&a.scale).unwrap());
    let mut kinds = vec![kind(&best.plan)];
    others.retain(|s| {
        let new = !kinds.contains(&kind(&s.recipe.plan));
        kinds.push(kind(&s.recipe.plan));
        new
    });
    let least = input.readable / input.text * UNREADABLE;
    let air = |s: &Sized| if s.scale < least { CROWDED.air } else { s.recipe.plan.air };
    let others = others.into_iter().map(|s| Recipe { plan: Plan { air: air(s), ..s.recipe.plan }, ..s.recipe.clone() }).collect();
    (best, others)
}

/// The sizes of pictures, each sketched once.
struct Sketches<'a> {
    input: &'a Input,
    known: Vec<Sized>,
}

impl Sketches<'_> {
    fn sized(&mut self, plan: Plan) -> Sized {
        let same = |p: &Plan| (p.flow, p.longest, p.serpentine, p.broadest, p.shape) == (plan.flow, plan.longest, plan.serpentine, plan.broadest, plan.shape) && p.air == plan.air;
        if let Some(found) = self.known.iter().find(|s| same(&s.recipe.plan)) {
            return found.clone();
        }
        let usual = self.known.iter().find(|s| same(&Plan { air: plan.air, ..s.recipe.plan }));
        // Gaps do not change orders.
        let recipe = usual.map_or_else(|| Recipe::of(plan), |s| Recipe { plan, ..s.recipe.clone() });
        if let Some(usual) = usual.filter(|s| s.scale < HOPELESS * self.largest()) {
            return Sized { recipe, ..usual.clone() };
        }
        let found = Sized::new(self.input, recipe);
        self.known.push(found.clone());
        found
    }

    fn largest(&self) -> f64 {
        self.known.iter().map(|s| s.scale).fold(0.0, f64::max)
    }

    fn chosen(&mut self) -> Recipe {
        let input = self.input;
        let with_ease = input.readable / input.text;
        let best = self.arranged(&USUAL);
        if input.canvas.0 <= 0.0 || best.scale >= with_ease {
            return best.recipe;
        }
        let best = self.arranged(&SMALL);
        let least = with_ease * UNREADABLE;
        if best.scale < least / ABOUT {
            let crowded = self.arranged(&CROWDED);
            if crowded.scale >= least * ABOUT || crowded.scale > best.scale * MUCH {
                return crowded.recipe;
            }
        }
        best.recipe
    }

    /// The same with wide or tall groups, where that shows larger.
    fn shaped(&mut self, mut best: Recipe) -> Recipe {
        let alone = |n: usize| !self.input.edges.iter().any(|e| e.s == End::Node(n) || e.t == End::Node(n));
        let mut counts = vec![0; self.input.groups.len()];
        for (n, node) in self.input.nodes.iter().enumerate() {
            if node.parent >= 0 && alone(n) {
                counts[node.parent as usize] += 1;
            }
        }
        if self.input.canvas.0 > 0.0 && counts.iter().any(|&count| count >= 3) {
            let mut least = SHAPED * self.sized(best.plan).scale;
            for shape in [Shape::Wide, Shape::Tall] {
                let found = self.sized(Plan { shape, ..best.plan });
                if found.scale > least {
                    least = found.scale;
                    best = found.recipe;
                }
            }
        }
        best
    }

    /// The direction and the fold that suit the canvas.
    ///
    /// These are chosen by size alone, and only where they gain much: size changes little where the source changes
    /// little, so the picture stays what it was.
    fn arranged(&mut self, gains: &Gains) -> Sized {
        let input = self.input;
        let plain = |flow: Flow| Plan { air: gains.air, ..Plan::plain(flow) };
        let wanted = input.flow.unwrap_or(Flow::Down);
        let other = if wanted.horizontal() { Flow::Down } else { Flow::Right };
        let along = self.sized(plain(wanted));
        if input.canvas.0 <= 0.0 {
            return along;
        }
        let across = self.sized(plain(other));
        let least = if input.flow.is_none() { 1.0 } else if along.fits(input) { TURN } else { gains.turn };
        let mut best = if across.scale > along.scale * least { across.clone() } else { along.clone() };
        if best.fits(input) || input.size() > 600 {
            return best;
        }
        let unfolded = best.scale;
        for (gain, beyond, level) in [(gains.rows, 1.05, true), (gains.columns, gains.beyond_rows, false)] {
            let plain_one = if wanted.horizontal() == level { &along } else { &across };
            if let Some(found) = self.folded(gains, plain_one, (unfolded * gain).max(best.scale * beyond)) {
                best = found;
            }
        }
        if best.fits(input) {
            return best;
        }
        let unwrapped = best.scale;
        for one in [&along, &across] {
            let rows = |broadest: usize| one.ranks.iter().map(|n| (n + broadest - 1) / broadest).collect::<Vec<usize>>();
            let mut known = rows(usize::MAX / 2);
            for broadest in [9, 7, 6, 5, 4] {
                if rows(broadest) == known {
                    continue; // The same picture as before.
                }
                known = rows(broadest);
                let found = self.sized(Plan { broadest, ..one.recipe.plan });
                if found.scale > (unwrapped * gains.wrap).max(best.scale * 1.05) {
                    best = found;
                }
            }
        }
        best
    }

    /// The best fold of a plain picture that shows things at least so large.
    fn folded(&mut self, gains: &Gains, plain: &Sized, least: f64) -> Option<Sized> {
        let plan = plain.recipe.plan;
        let (mut least, mut best) = (least, None);
        if plain.length < 5 {
            return None;
        }
        for rows in 2..=4 {
            let longest = (plain.length + rows - 1) / rows;
            if longest < 3 || longest * (rows - 1) >= plain.length {
                continue;
            }
            for serpentine in [true, false] {
                if serpentine && !plan.flow.horizontal() {
                    continue; // Columns that are read upwards are hard to follow.
                }
                let broad = plain.ranks.iter().any(|&n| n > BROAD);
                for broadest in [usize::MAX, BROAD].into_iter().take(if broad { 2 } else { 1 }) {
                    let found = self.sized(Plan { longest, serpentine, broadest, ..plan });
                    if broadest == usize::MAX && (found.scale - plain.scale).abs() < 1e-9 {
                        return best; // There is no place for a clean cut.
                    }
                    let more = if broadest == usize::MAX { 1.0 } else { gains.both };
                    if found.scale > least * more {
                        least = found.scale * 1.05;
                        best = Some(found);
                    }
                }
            }
        }
        best
    }
}

/// A candidate of which nothing is known but its size.
#[derive(Clone)]
struct Sized {
    recipe: Recipe,
    scale: f64,
    filled: f64,
    /// How many nodes stand behind each other along the flow.
    length: usize,
    /// How many nodes of one group stand in each rank.
    ranks: Vec<usize>,
}

impl Sized {
    fn new(input: &Input, recipe: Recipe) -> Sized {
        let placed = recipe.sketched(input);
        let area = placed.area(input);
        let scale = input.scale(area.w(), area.h());
        let (w, h) = (area.w() + 2.0 * input.margin, area.h() + 2.0 * input.margin);
        let filled = (w * scale / input.canvas.0).min(h * scale / input.canvas.1);
        Sized { recipe, scale, filled, length: longest(&placed), ranks: ranks(input, &placed) }
    }

    /// Whether text can be read on the canvas, and the canvas is not left empty.
    fn fits(&self, input: &Input) -> bool {
        self.scale * input.text >= input.readable && self.filled >= FULL
    }
}

/// How many nodes of one group stand in each rank, of all groups and ranks.
fn ranks(input: &Input, placed: &Placed) -> Vec<usize> {
    let along = |n: usize| if placed.flow.horizontal() { placed.nodes[n].0 } else { placed.nodes[n].1 };
    let mut places: Vec<(i32, i64)> = (0..input.nodes.len()).map(|n| (input.nodes[n].parent, (along(n) * 8.0).round() as i64)).collect();
    places.sort_unstable();
    let mut counts = Vec::new();
    let mut last = None;
    for place in places {
        if last == Some(place) {
            *counts.last_mut().unwrap() += 1;
        } else {
            counts.push(1);
        }
        last = Some(place);
    }
    counts
}

/// How many nodes stand behind each other along the flow.
fn longest(placed: &Placed) -> usize {
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
