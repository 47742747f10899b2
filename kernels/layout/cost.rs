//! What a whole picture costs: one number, by which candidates are compared.

use crate::arrangement::UNREADABLE;
use crate::geometry::*;
use crate::model::*;

/// The figures of a finished candidate.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    pub crossings: usize,
    pub bends: usize,
    pub kinks: usize,
    pub through: usize,
    pub hits: usize,
    pub labels: usize,
    pub titles: usize,
    /// Titles that stand away from their corners.
    pub displaced: usize,
    pub detours: usize,
    pub backward: usize,
    /// How far frames reach over nothing between what they hold, in units of `HOLLOW`.
    pub hollow: f64,
    pub scale: f64,
    pub w: f64,
    pub h: f64,
    /// For each edge what is wrong with it, in crossings.
    pub flaws: Vec<f64>,
}

/// The figures of a picture in which so many labels found no good place, so many titles are crossed, and so many displaced.
pub fn measure(input: &Input, placed: &Placed, routes: &[Route], (labels, titles, displaced): (usize, usize, usize)) -> Figures {
    let mut f = Figures { labels, titles, displaced, flaws: vec![0.0; routes.len()], ..Figures::default() };
    let mut area = placed.area(input);
    let boxes: Vec<Rect> = routes.iter().map(|r| bounds(&r.points)).collect();
    for (i, r) in routes.iter().enumerate() {
        let n = r.points.len();
        if n < 2 {
            continue;
        }
        area = area.union(&boxes[i]);
        if let Some((x, y)) = r.label {
            area = area.union(&Rect::new(x, y, x + input.edges[i].label_w, y + input.edges[i].label_h));
        }
        f.bends += n - 2;
        f.kinks += r.points.windows(4).filter(|w| dist(w[1], w[2]) < 24.0).count();
        let length: f64 = r.points.windows(2).map(|w| dist(w[0], w[1])).sum();
        let detour = length > dist(r.points[0], r.points[n - 1]) + 48.0;
        f.detours += usize::from(detour);
        f.flaws[i] += (n - 2).saturating_sub(1) as f64 * 0.3 + if detour { 1.0 } else { 0.0 };
        for j in 0..i {
            if boxes[i].grown(1.0).overlaps(&boxes[j].grown(1.0)) {
                let other = &routes[j].points;
                let crossed = |s: &[(f64, f64)]| other.windows(2).filter(|t| cross((s[0], s[1]), (t[0], t[1]))).count();
                let count: usize = r.points.windows(2).map(crossed).sum();
                f.crossings += count;
                f.flaws[i] += count as f64;
                f.flaws[j] += count as f64;
            }
        }
        let e = &input.edges[i];
        for (g, frame) in placed.groups.iter().enumerate() {
            let own = |end: End| end == End::Group(g) || input.inside(g, end);
            if !own(e.s) && !own(e.t) && r.points.windows(2).any(|w| frame.grown(-1.0).hit(w[0], w[1])) {
                f.through += 1;
                f.flaws[i] += 3.0;
            }
        }
        for (n, &(x, y)) in placed.nodes.iter().enumerate() {
            if e.s != End::Node(n) && e.t != End::Node(n) && r.points.windows(2).any(|w| input.nodes[n].area(x, y).hit(w[0], w[1])) {
                f.hits += 1;
            }
        }
        let side = placed.flow.side();
        let (a, b) = (r.points[0], r.points[n - 1]);
        f.backward += usize::from((b.0 - a.0) * OUTWARD[side].0 + (b.1 - a.1) * OUTWARD[side].1 < -10.0);
    }
    f.hollow = (0..placed.groups.len()).map(|g| hollow(input, placed, g)).sum();
    f.w = area.w();
    f.h = area.h();
    f.scale = input.scale(f.w, f.h);
    f
}

/// A gap between the members of a frame is empty from this size on, in points, and by this much more a step emptier.
const GAP: f64 = 90.0;
const HOLLOW: f64 = 100.0;

/// How far a frame reaches over nothing between its members, along both axes.
fn hollow(input: &Input, placed: &Placed, g: usize) -> f64 {
    let frame = placed.groups[g];
    let members: Vec<Rect> = input.content(g as i32).into_iter().map(|end| match end {
        End::Node(n) => input.nodes[n].area(placed.nodes[n].0, placed.nodes[n].1),
        End::Group(o) => placed.groups[o],
    }).collect();
    if members.is_empty() {
        return 0.0;
    }
    let widest = |mut spans: Vec<(f64, f64)>, frame: (f64, f64)| {
        spans.extend([(frame.0, frame.0 + input.padding), (frame.1 - input.padding, frame.1)]);
        spans.sort_by(|a, b| a.partial_cmp(b).unwrap());
        let (mut end, mut gap) = (f64::INFINITY, 0.0);
        for (from, to) in spans {
            gap = f64::max(gap, from - end);
            end = if end.is_finite() { f64::max(end, to) } else { to };
        }
        ((gap - GAP) / HOLLOW).max(0.0)
    };
    widest(members.iter().map(|r| (r.x0, r.x1)).collect(), (frame.x0, frame.x1)) + widest(members.iter().map(|r| (r.y0, r.y1)).collect(), (frame.y0, frame.y1))
}

/// The unit of gains, about two thirds of what a crossing costs. It fades a little in large pictures, so that size keeps
/// a say.
pub fn crossing(input: &Input) -> f64 {
    10.0 * (12.0 / (input.edges.len() as f64).max(12.0)).sqrt()
}

/// The cost: a crossing is 14, a bend 3, as readers mind crossings most (Purchase 1997); a picture half as large is 35.
pub fn cost(input: &Input, f: &Figures) -> f64 {
    let weight = crossing(input) / 10.0;
    let flaws = 14.0 * f.crossings as f64
        + 3.0 * f.bends as f64
        + 40.0 * f.kinks as f64
        + 60.0 * f.through as f64
        + 200.0 * f.hits as f64
        + 20.0 * f.labels as f64
        + 12.0 * f.titles as f64
        + 4.0 * f.displaced as f64
        + 25.0 * f.detours as f64
        + 2.0 * f.backward as f64
        + 10.0 * f.hollow;
    let mut size = 0.0;
    if input.canvas.0 > 0.0 {
        size = -50.0 * f.scale.min(3.0).ln();
        let text = f.scale * input.text;
        for (limit, step, price) in [(input.readable, 0.0, 20.0), (input.readable * UNREADABLE, 10.0, 20.0)] {
            if text < limit {
                size += step + price * ((limit / text).ln() * 4.0).min(1.0);
            }
        }
    } else {
        size += 0.00001 * f.w * f.h;
    }
    flaws * weight + size
}
