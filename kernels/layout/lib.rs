//! The layered layout engine: candidates are placed, routed, labeled and compared by one cost.
//!
//! `layout` reads numbers (see `model.rs`) and answers with numbers (see `answer`).

mod along;
mod arrangement;
mod coords;
mod cost;
mod cut;
mod fold;
mod frames;
mod geometry;
mod hubs;
mod label_space;
mod labels;
#[cfg(target_arch = "wasm32")]
mod memory;
mod model;
mod nudge;
mod order;
mod pack;
mod picture;
mod plan;
mod prices;
mod ranks;
mod route;
mod scene;
mod scope;
mod search;
mod sided;
mod simplex;
mod squeeze;
mod swaps;
mod titles_and_loops;
mod twins;
mod variants;

use model::*;

/// Memory for so many bytes, for the caller to write to; what was there before is forgotten.
#[no_mangle]
pub extern "C" fn fresh(bytes: usize) -> *mut f64 {
    unsafe {
        MEMORY = vec![0.0; bytes / 8 + 2];
        MEMORY.as_mut_ptr()
    }
}

/// Lays out what the numbers at `at` say, their count first; where the answer is, its count first.
#[no_mangle]
pub extern "C" fn layout(at: *const f64) -> *const f64 {
    unsafe {
        let count = *at as usize;
        let mut out = run(std::slice::from_raw_parts(at.add(1), count));
        out.insert(0, out.len() as f64);
        MEMORY = out;
        MEMORY.as_ptr()
    }
}

/// The one input or answer that is held.
static mut MEMORY: Vec<f64> = Vec::new();

/// The answer to an input, both as numbers.
pub fn run(data: &[f64]) -> Vec<f64> {
    let (input, best) = variants::best(Input::read(data));
    answer(&input, &best)
}

/// Direction; x and y of each node; x0, y0, x1, y1, the title's shift, whether edges cross it and whether it is in more
/// lines of each group; of each edge the number of its points, these, its sides, whether it has a label, and the label's
/// corner.
fn answer(input: &Input, made: &picture::Picture) -> Vec<f64> {
    let mut out = vec![made.placed.flow.code()];
    for &(x, y) in &made.placed.nodes {
        out.extend([x, y]);
    }
    for (g, (r, shift)) in made.placed.groups.iter().zip(&made.shifts).enumerate() {
        let flag = |yes: bool| f64::from(u8::from(yes));
        out.extend([r.x0, r.y0, r.x1, r.y1, *shift, flag(made.crossed.contains(&g)), flag(input.groups[g].narrowed)]);
    }
    for (i, r) in made.routes.iter().enumerate() {
        out.push(r.points.len() as f64);
        for &(x, y) in &r.points {
            out.extend([x, y]);
        }
        out.extend([r.sides.0 as f64, r.sides.1 as f64]);
        let label = if input.edges[i].labeled() { r.label } else { None };
        let (x, y) = label.unwrap_or((0.0, 0.0));
        out.extend([f64::from(u8::from(label.is_some())), x, y]);
    }
    out
}
