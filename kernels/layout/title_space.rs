//! Makes space for titles that edges cross or push aside: the frame is cut to the left of what the edges lead to, so
//! that they enter it to the right of the title.

use crate::cut::{self, Cut};
use crate::model::*;
use crate::placement::*;
use crate::picture::{self, Picture};

/// From this number of nodes and edges, titles get no space: the picture is too small for them to matter.
const LARGE: usize = 150;
/// Points from a title to an edge that passes it.
const TITLE_CLEARANCE: f64 = 6.0;
/// A frame whose content begins further from its left side than this number of points looks empty.
const MAX_EMPTY_WIDTH: f64 = 88.0;
/// Points from the left side of a frame to the cut.
const BORDER_DISTANCE: f64 = 1.0;

/// Returns the picture with space for its titles, if that costs less, and the input with the titles wrapped as in it.
pub fn make(input: Input, best: Picture) -> (Input, Picture) {
    let (mut input, mut best) = (input, best);
    if input.element_count() >= LARGE {
        return (input, best);
    }
    let mut tried: Vec<usize> = Vec::new();
    loop {
        let title = best.crossed_titles.iter().chain(&best.displaced_titles).copied().find(|g| !tried.contains(g));
        let group = match title {
            Some(group) => group,
            None => return (input, best),
        };
        tried.push(group);
        if let Some(picture) = with_space(&input, &input, &best, group) {
            best = picture;
        } else if let Some(wrapped) = input.with_wrapped_titles(&[group]) {
            if let Some(picture) = with_space(&input, &wrapped, &best, group) {
                (input, best) = (wrapped, picture);
            }
        }
    }
}

/// Returns the picture with space for the title of a group, and in the same way for its twins; None if that costs more.
/// `wrapped` is the input with the titles as they shall be.
fn with_space(input: &Input, wrapped: &Input, best: &Picture, group: usize) -> Option<Picture> {
    if input.groups[group].is_lane {
        return None; // All lanes would have to grow.
    }
    let twin = input.groups[group].twin;
    let groups: Vec<usize> = (0..input.groups.len()).filter(|&g| g == group || twin != 0 && input.groups[g].twin == twin).collect();
    let width = groups.iter().filter_map(|&g| missing_width(wrapped, best, g)).fold(0.0, f64::max);
    let empty_width = groups.iter().map(|&g| empty_width(input, &best.placement, g)).fold(0.0, f64::max);
    if width == 0.0 || empty_width + width > MAX_EMPTY_WIDTH {
        return None;
    }
    let height = (wrapped.groups[group].title_h - input.groups[group].title_h).max(0.0);
    let (mut placement, mut routes) = (best.placement.clone(), best.routes.clone());
    for (horizontal, width) in [(true, height), (false, width)] {
        if width > 0.0 {
            (placement, routes) = grown(input, placement, routes, &groups, (horizontal, width))?;
        }
    }
    let candidate = picture::labeled(wrapped, placement, routes);
    let (c, b) = (&candidate.metrics, &best.metrics);
    let improves = candidate.cost < best.cost && c.unplaced_labels <= b.unplaced_labels && c.crossings <= b.crossings;
    if improves { Some(candidate) } else { None }
}

/// Returns the picture with the frames of groups grown at their upper sides (`horizontal`) or left sides by some points, or
/// None if a line would have to bend.
fn grown(
    input: &Input,
    placement: Placement,
    routes: Vec<Route>,
    groups: &[usize],
    (horizontal, width): (bool, f64),
) -> Option<(Placement, Vec<Route>)> {
    let start_of = |frame: &Rect| if horizontal { frame.y0 } else { frame.x0 };
    let mut starts: Vec<f64> = groups.iter().map(|&g| start_of(&placement.groups[g])).collect();
    starts.sort_by(|a, b| b.partial_cmp(a).unwrap());
    // Twins next to each other are cut together.
    starts.dedup_by(|a, b| (*a - *b).abs() < BORDER_DISTANCE);
    let original = placement.groups.clone();
    let (mut placement, mut routes) = (placement, routes);
    for start in starts {
        let is_cut = |g: usize| (start_of(&original[g]) - start).abs() < BORDER_DISTANCE;
        let widens = |other: usize| groups.iter().any(|&g| is_cut(g) && (g == other || input.contains(other, End::Group(g))));
        let cut = Cut { horizontal, coord: start + BORDER_DISTANCE, width };
        (placement, routes) = cut::apply(input, &placement, &routes, cut, widens)?;
    }
    Some((placement, routes))
}

/// Returns how many points a frame must grow so that its title is to the left of all edges that pass at its height; None if
/// nothing obstructs the title.
fn missing_width(input: &Input, picture: &Picture, group: usize) -> Option<f64> {
    let (frame, title) = (picture.placement.groups[group], &input.groups[group]);
    let band = Rect::new(frame.x0, frame.y0, frame.x1, frame.y0 + title.title_h);
    let start = if title.centered { frame.cx() - title.title_w / 2.0 } else { frame.x0 };
    let title_box = Rect::new(start, band.y0, start + title.title_w, band.y1);
    let segments = || picture.routes.iter().flat_map(|r| r.points.windows(2)).filter(|w| band.crossed_by(w[0], w[1]));
    if !segments().any(|w| title_box.inflate(TITLE_CLEARANCE - 1.0).crossed_by(w[0], w[1])) {
        return None;
    }
    let first = segments().map(|w| w[0].0.min(w[1].0)).fold(f64::INFINITY, f64::min);
    Some((frame.x0 + title.title_w + TITLE_CLEARANCE - first).max(0.0))
}

/// Returns how many points are empty between the left side of a frame and the first icon, shape or frame in it.
fn empty_width(input: &Input, placement: &Placement, group: usize) -> f64 {
    let start = |end: End| match end {
        End::Node(n) => placement.nodes[n].0 - input.nodes[n].w / 2.0,
        End::Group(g) => placement.groups[g].x0,
    };
    input.children_of(group as i32).into_iter().map(start).fold(f64::INFINITY, f64::min) - placement.groups[group].x0
}
