//! The layered layout engine: candidates are placed, routed, labeled, and compared by one cost.
//!
//! `layout` reads numbers (see `model.rs`) and returns numbers (see `answer`).

mod across_hints;
#[cfg(target_arch = "wasm32")]
mod allocator;
mod alignment;
mod along_flow;
mod arrangement;
mod blocks;
mod candidate_search;
mod coords;
mod cost;
mod cut;
mod fold;
mod forks;
mod frames;
mod gaps;
mod geometry;
mod grid_layout;
mod grid_search;
mod hint_check;
mod hint_records;
mod hints;
mod hubs;
mod label_space;
mod labels;
mod line_shapes;
mod line_space;
mod line_style;
mod model;
mod nested;
mod nudge;
mod order;
mod order_hints;
mod pack;
mod picture;
mod placement;
mod plan;
mod rank_hints;
mod ranks;
mod route;
mod route_cost;
mod router;
mod scene;
mod scope;
mod scope_records;
mod sifter;
mod simplex;
mod squeeze;
mod swaps;
mod title_space;
mod titles_and_loops;
mod twins;
mod unlinked;

use model::*;

/// Returns a buffer of the given size for the caller's input, and discards the previous buffer.
#[no_mangle]
pub extern "C" fn fresh(bytes: usize) -> *mut f64 {
    unsafe {
        BUFFER = vec![0.0; bytes / 8 + 2];
        BUFFER.as_mut_ptr()
    }
}

/// Lays out the input, which starts with its count of numbers, and returns the answer, which also starts with its
/// count.
#[no_mangle]
pub extern "C" fn layout(input: *const f64) -> *const f64 {
    unsafe {
        let count = *input as usize;
        let mut output = run(std::slice::from_raw_parts(input.add(1), count));
        output.insert(0, output.len() as f64);
        BUFFER = output;
        BUFFER.as_ptr()
    }
}

/// The current input or answer.
static mut BUFFER: Vec<f64> = Vec::new();

/// Returns the answer to an input.
pub fn run(data: &[f64]) -> Vec<f64> {
    let (input, picture) = candidate_search::best_picture(Input::read(data));
    let picture = line_style::apply(&input, picture);
    answer(&input, &picture)
}

/// The answer has the direction; x and y of each node; x0, y0, x1, y1, the title's shift, whether edges cross the title
/// and whether it is wrapped for each group; and for each edge its number of points, the points, the same for its curve,
/// its sides, whether it has a label, and the label's corner; then the number of violated hints, and their indices; and rank,
/// number of ranks and line of each node and group within the group around it (-1 if it has none).
fn answer(input: &Input, picture: &picture::Picture) -> Vec<f64> {
    let mut out = vec![picture.placement.direction.code()];
    for &(x, y) in &picture.placement.nodes {
        out.extend([x, y]);
    }
    for (g, (frame, shift)) in picture.placement.groups.iter().zip(&picture.title_shifts).enumerate() {
        let flag = |yes: bool| f64::from(u8::from(yes));
        out.extend([
            frame.x0,
            frame.y0,
            frame.x1,
            frame.y1,
            *shift,
            flag(picture.crossed_titles.contains(&g)),
            flag(input.groups[g].title_wrapped),
        ]);
    }
    for (i, route) in picture.routes.iter().enumerate().filter(|&(i, _)| input.edges[i].relation.is_none()) {
        for points in [&route.points, &route.curve] {
            out.push(points.len() as f64);
            points.iter().for_each(|&(x, y)| out.extend([x, y]));
        }
        out.extend([route.sides.0 as f64, route.sides.1 as f64]);
        let label = if input.edges[i].labeled() { route.label } else { None };
        let (x, y) = label.unwrap_or((0.0, 0.0));
        out.extend([f64::from(u8::from(label.is_some())), x, y]);
    }
    out.push(picture.violated_hints.len() as f64);
    out.extend(picture.violated_hints.iter().map(|&hint| hint as f64));
    let ends = (0..input.nodes.len()).map(End::Node).chain((0..input.groups.len()).map(End::Group));
    for end in ends {
        let slot = picture.placement.slots.iter().find(|slot| slot.end == end);
        out.extend(slot.map_or([-1; 3], |slot| [slot.rank, slot.rank_count, slot.line]).map(f64::from));
    }
    out
}
