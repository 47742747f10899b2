//! Direction, rows and folds, chosen by the size at which they show things.

use crate::model::*;
use crate::scope::{Plan, Start};
use crate::variants::{longest, Recipe};

/// How much larger another arrangement must show things to be taken: the other direction where the source's can be
/// read, and where not; rows; columns, which are harder to follow; broad ranks in several rows.
const TURN: f64 = 1.35;
const TURN_UNREAD: f64 = 1.15;
const ROWS: f64 = 1.2;
const COLUMNS: f64 = 1.8;
const WRAP: f64 = 1.3;
/// From which part of the canvas on a picture fills it.
const FULL: f64 = 0.5;

/// The direction and the fold that suit the canvas.
///
/// These are chosen by size alone, and only where they gain much: size changes little where the source changes
/// little, so the picture stays what it was.
pub fn chosen(input: &Input) -> Recipe {
    let wanted = input.flow.unwrap_or(Flow::Down);
    let other = if wanted.horizontal() { Flow::Down } else { Flow::Right };
    let mut best = Sized::new(input, plain(wanted));
    if input.canvas.0 <= 0.0 {
        return best.recipe;
    }
    let turned = Sized::new(input, plain(other));
    let least = if input.flow.is_none() { 1.0 } else if best.fits(input) { TURN } else { TURN_UNREAD };
    let (along, across) = (Unfolded::of(wanted, &best), Unfolded::of(other, &turned));
    if turned.scale > best.scale * least {
        best = turned;
    }
    if best.fits(input) || input.nodes.len() + input.edges.len() > 600 {
        return best.recipe;
    }
    let unfolded = best.scale;
    for (gain, beyond, level) in [(ROWS, 1.05, true), (COLUMNS, 1.3, false)] {
        let plain = if wanted.horizontal() == level { &along } else { &across };
        if let Some(found) = folded(input, plain, (unfolded * gain).max(best.scale * beyond)) {
            best = found;
        }
    }
    if best.fits(input) {
        return best.recipe;
    }
    let unwrapped = best.scale;
    for plain_one in [&along, &across] {
        let rows = |broadest: usize| plain_one.ranks.iter().map(|n| (n + broadest - 1) / broadest).collect::<Vec<usize>>();
        let mut known = rows(usize::MAX / 2);
        for broadest in [9, 7, 6, 5, 4] {
            if rows(broadest) == known {
                continue; // The same picture as before.
            }
            known = rows(broadest);
            let found = Sized::new(input, Recipe::of(Plan { broadest, ..plain(plain_one.flow).plan }));
            if found.scale > (unwrapped * WRAP).max(best.scale * 1.05) {
                best = found;
            }
        }
    }
    best.recipe
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
        let placed = recipe.placed(input);
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
    Recipe::of(Plan { flow, longest: usize::MAX, serpentine: false, air: 1.0, start: Start::Source, hubs: false, joint: false, broadest: usize::MAX })
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
fn folded(input: &Input, plain_one: &Unfolded, least: f64) -> Option<Sized> {
    let (flow, length, unfolded) = (plain_one.flow, plain_one.length, plain_one.scale);
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
            for broadest in [usize::MAX, 6] {
                let found = Sized::new(input, Recipe::of(Plan { longest, serpentine, broadest, ..plain(flow).plan }));
                if broadest == usize::MAX && (found.scale - unfolded).abs() < 1e-9 {
                    return best; // There is no place for a clean cut.
                }
                let more = if broadest == usize::MAX { 1.0 } else { 1.15 };
                if found.scale > least * more {
                    least = found.scale * 1.05;
                    best = Some(found);
                }
            }
        }
    }
    best
}
