//! Direction, rows and folds, chosen by the size at which they show things.

use crate::model::*;
use crate::scope::{Groups, Plan, Start};
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
/// Where the text would be too small to read, size counts most.
const CROWDED: Gains = Gains { turn: 1.15, rows: 1.05, columns: 1.15, beyond_rows: 1.1, wrap: 1.15, both: 1.05, air: 0.7 };
const TURN: f64 = 1.35;
/// From which part of the canvas on a picture fills it.
const FULL: f64 = 0.5;
/// More nodes than this in a rank of a fold may stand in several rows.
const BROAD: usize = 6;
/// Below this part of the size that can be read with ease, text cannot be read; and how much larger a crowded picture
/// is that is worth it nevertheless.
const SMALL: f64 = 13.0 / 16.0;
const MUCH: f64 = 1.3;

/// The arrangement that suits the canvas; with smaller gaps where text can be read only so.
pub fn chosen(input: &Input) -> Recipe {
    let best = arranged(input, &USUAL);
    let least = input.readable * SMALL / input.text;
    if input.canvas.0 > 0.0 && best.scale < least * 1.03 {
        let crowded = arranged(input, &CROWDED);
        if crowded.scale >= least || crowded.scale > best.scale * MUCH {
            return crowded.recipe;
        }
    }
    best.recipe
}

/// The direction and the fold that suit the canvas.
///
/// These are chosen by size alone, and only where they gain much: size changes little where the source changes
/// little, so the picture stays what it was.
fn arranged(input: &Input, gains: &Gains) -> Sized {
    let plain = |flow: Flow| Recipe::of(Plan { air: gains.air, ..plain(flow).plan });
    let wanted = input.flow.unwrap_or(Flow::Down);
    let other = if wanted.horizontal() { Flow::Down } else { Flow::Right };
    let mut best = Sized::new(input, plain(wanted));
    if input.canvas.0 <= 0.0 {
        return best;
    }
    let turned = Sized::new(input, plain(other));
    let least = if input.flow.is_none() { 1.0 } else if best.fits(input) { TURN } else { gains.turn };
    let (along, across) = (Unfolded::of(wanted, &best), Unfolded::of(other, &turned));
    if turned.scale > best.scale * least {
        best = turned;
    }
    if best.fits(input) || input.nodes.len() + input.edges.len() > 600 {
        return best;
    }
    let unfolded = best.scale;
    for (gain, beyond, level) in [(gains.rows, 1.05, true), (gains.columns, gains.beyond_rows, false)] {
        let unfolded_one = if wanted.horizontal() == level { &along } else { &across };
        if let Some(found) = folded(input, gains, unfolded_one, (unfolded * gain).max(best.scale * beyond)) {
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
            let found = Sized::new(input, Recipe::of(Plan { broadest, ..plain(one.flow).plan }));
            if found.scale > (unwrapped * gains.wrap).max(best.scale * 1.05) {
                best = found;
            }
        }
    }
    best
}

/// A candidate of which nothing is known but its size.
struct Sized {
    recipe: Recipe,
    scale: f64,
    filled: f64,
    /// How many nodes stand behind each other along the flow.
    length: usize,
    /// How many nodes of one group stand in each rank.
    ranks: Vec<usize>,
}

/// What is known of the picture of one direction that is neither folded nor has ranks in rows.
struct Unfolded {
    flow: Flow,
    length: usize,
    scale: f64,
    ranks: Vec<usize>,
}

impl Unfolded {
    fn of(flow: Flow, sized: &Sized) -> Unfolded {
        Unfolded { flow, length: sized.length, scale: sized.scale, ranks: sized.ranks.clone() }
    }
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

pub fn plain(flow: Flow) -> Recipe {
    Recipe::of(Plan { flow, longest: usize::MAX, serpentine: false, air: 1.0, start: Start::Source, hubs: false, placings: 2, joint: false, broadest: usize::MAX, groups: Groups::Acyclic })
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

/// The best fold in one direction that shows things at least so large.
fn folded(input: &Input, gains: &Gains, one: &Unfolded, least: f64) -> Option<Sized> {
    let (flow, length, unfolded) = (one.flow, one.length, one.scale);
    let (mut least, mut best) = (least, None);
    if length < 5 {
        return None;
    }
    for rows in 2..=4 {
        let longest = (length + rows - 1) / rows;
        if longest < 3 || longest * (rows - 1) >= length {
            continue;
        }
        for serpentine in [true, false] {
            if serpentine && !flow.horizontal() {
                continue; // Columns that are read upwards are hard to follow.
            }
            let broad = one.ranks.iter().any(|&n| n > BROAD);
            for broadest in [usize::MAX, BROAD].into_iter().take(if broad { 2 } else { 1 }) {
                let found = Sized::new(input, Recipe::of(Plan { longest, serpentine, broadest, air: gains.air, ..plain(flow).plan }));
                if broadest == usize::MAX && (found.scale - unfolded).abs() < 1e-9 {
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
