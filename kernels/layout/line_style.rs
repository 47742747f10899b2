//! Replaces routes by curves or straight lines wherever these are free of obstacles and their labels find a place.

use crate::geometry::*;
use crate::labels;
use crate::line_shapes::{self, Line};
use crate::model::*;
use crate::placement::*;
use crate::picture::Picture;
use crate::scene::*;

/// Points between a line and a node, title or group that it does not connect.
const OBSTACLE_DISTANCE: f64 = 3.5;
/// How many free lines are compared for each edge.
const MAX_OPTIONS: usize = 8;
/// After this many rounds of placing labels, edges whose labels have no place get their routes at once.
const MAX_ROUNDS: usize = 12;
/// How many edges more than its route a line may cross.
const MAX_ADDED_CROSSINGS: usize = 1;
/// Two edges whose ends are closer than this number of points seem to be one.
const END_DISTANCE: f64 = 9.0;
/// Parallel lines that are closer than this number of points seem to be one.
const LINE_DISTANCE: f64 = 3.0;
/// The length in points that parallel lines may have in common.
const MAX_COMMON_LENGTH: f64 = 4.0;
/// Lines this close to where a label was must not be the reason that it has no place now.
const LABEL_SPACE: f64 = 15.0;

/// Returns the picture with its edges drawn in the style of the input. Loops keep their routes.
pub fn apply(input: &Input, mut picture: Picture) -> Picture {
    if input.line_style != LineStyle::Orthogonal {
        picture.routes = Restyling::of(input, &picture).finish();
    }
    picture
}

/// The state of the replacement.
struct Restyling<'a> {
    scene: Scene<'a>,
    /// The orthogonal routes with their labels.
    routes: &'a [Route],
    /// For each edge the lines that may replace its route, the best first.
    options: Vec<Vec<Line>>,
    /// The edges as they are drawn now; the points of curves approximate them.
    drawn: Vec<Route>,
    /// The edges whose labels have no good place next to their routes either.
    flawed: Vec<usize>,
}

impl<'a> Restyling<'a> {
    /// Finds the lines that may replace the routes of a picture.
    fn of(input: &'a Input, picture: &'a Picture) -> Restyling<'a> {
        let mut scene = Scene::new(input, &picture.placement);
        for (title, shift) in scene.titles.iter_mut().zip(&picture.title_shifts) {
            *title = title.translate(*shift, 0.0);
        }
        let flawed = [picture.unplaced_labels.clone(), labels::ambiguous(&scene, &picture.routes)].concat();
        let (drawn, options) = (picture.routes.clone(), vec![Vec::new(); picture.routes.len()]);
        let mut restyling = Restyling { scene, routes: &picture.routes, options, drawn, flawed };
        for i in 0..restyling.routes.len() {
            restyling.options[i] = restyling.free_lines(i);
            restyling.draw(i);
        }
        // The number of crossings depends on the lines of the other edges.
        for i in 0..restyling.routes.len() {
            restyling.sort_by_crossings(i);
        }
        restyling
    }

    /// Places the labels; edges whose labels find no place get their next line, and finally their route.
    fn finish(mut self) -> Vec<Route> {
        for round in 0.. {
            let mut unplaced = labels::place(&self.scene, &mut self.drawn);
            unplaced.extend(labels::ambiguous(&self.scene, &self.drawn));
            let mut changed: Vec<usize> = unplaced.iter().flat_map(|&i| self.in_the_way(i)).collect();
            changed.sort_unstable();
            changed.dedup();
            if changed.is_empty() {
                break;
            }
            for i in changed {
                self.options[i].remove(0);
                if round >= MAX_ROUNDS {
                    self.options[i].clear();
                }
                self.draw(i);
            }
        }
        self.drawn.into_iter().zip(self.routes).map(|(drawn, route)| as_answer(drawn, route)).collect()
    }

    /// Returns the edges whose lines must change so that a label finds a place: the label's own, or if that has its route
    /// already, those with lines or labels where the label was, and as a last resort all others. Returns none if nothing can
    /// change, or if the label is where it was.
    fn in_the_way(&self, i: usize) -> Vec<usize> {
        if !self.options[i].is_empty() {
            return vec![i];
        }
        if self.flawed.contains(&i) && self.drawn[i].label == self.routes[i].label {
            return Vec::new();
        }
        let space = match self.label_box(self.routes, i) {
            Some(label_box) => label_box.inflate(LABEL_SPACE),
            None => return Vec::new(),
        };
        let is_near = |j: usize| {
            self.drawn[j].points.windows(2).any(|w| passes_through(&space, w[0], w[1]))
                || self.label_box(&self.drawn, j).map_or(false, |other| other.overlaps(&space))
        };
        let changeable: Vec<usize> = (0..self.drawn.len()).filter(|&j| !self.options[j].is_empty()).collect();
        let near: Vec<usize> = changeable.iter().copied().filter(|&j| is_near(j)).collect();
        // Labels may also be displaced by labels that were displaced themselves.
        if near.is_empty() { changeable } else { near }
    }

    /// Returns the box of an edge's label.
    fn label_box(&self, routes: &[Route], i: usize) -> Option<Rect> {
        let e = &self.scene.input.edges[i];
        routes[i].label.map(|(x, y)| Rect::new(x, y, x + e.label_w, y + e.label_h))
    }

    /// Draws an edge with the best line that is left, or with its route.
    fn draw(&mut self, i: usize) {
        self.drawn[i] = match self.options[i].first() {
            Some(line) => {
                Route { points: line.points.clone(), sides: line.sides, curve: line.curve.clone(), label: self.drawn[i].label }
            }
            None => self.routes[i].clone(),
        };
    }

    /// Returns the lines that may replace the route of an edge: those that are free of obstacles.
    fn free_lines(&self, i: usize) -> Vec<Line> {
        let (e, route) = (&self.scene.input.edges[i], &self.routes[i]);
        if e.source == e.target || route.points.len() < 3 {
            return Vec::new();
        }
        let lines = match self.scene.input.line_style {
            LineStyle::Curved => line_shapes::curves(route),
            _ => line_shapes::straight_lines(&self.scene, i, route, |point| self.is_taken(i, point)),
        };
        let is_free = |line: &Line| self.meets_nothing(i, line) && !self.runs_along_others(i, line);
        lines.into_iter().filter(is_free).take(MAX_OPTIONS).collect()
    }

    /// Whether another edge ends at a point. Edges that look alike and have an end in common may end at one point.
    fn is_taken(&self, i: usize, point: (f64, f64)) -> bool {
        self.drawn.iter().enumerate().any(|(j, other)| {
            let ends = [other.points.first(), other.points.last()];
            j != i && !self.scene.may_bundle(i, j) && ends.iter().flatten().any(|&&end| manhattan(end, point) < END_DISTANCE)
        })
    }

    /// Whether a line meets nothing that its edge does not connect.
    fn meets_nothing(&self, i: usize, line: &Line) -> bool {
        let scene = &self.scene;
        let crosses = |r: Rect| line.points.windows(2).any(|w| passes_through(&r, w[0], w[1]));
        let e = &scene.input.edges[i];
        for (n, node) in scene.input.nodes.iter().enumerate() {
            let is_end = e.source == End::Node(n) || e.target == End::Node(n);
            let (x, y) = scene.placement.nodes[n];
            let parts = if is_end { own_parts(node, x, y) } else { node.parts(x, y) };
            let margin = if is_end { -1.0 } else { OBSTACLE_DISTANCE };
            if parts.iter().any(|part| crosses(part.inflate(margin))) {
                return false;
            }
        }
        if scene.titles.iter().any(|title| title.w() > 0.0 && crosses(title.inflate(OBSTACLE_DISTANCE))) {
            return false;
        }
        let enclosing = &scene.enclosing[i];
        scene.placement.groups.iter().enumerate().all(|(g, frame)| {
            if enclosing.both.contains(&g) {
                return frame.inflate(0.5).contains(&bounding_box(&line.points));
            }
            let allowed = usize::from(enclosing.source.contains(&g) || enclosing.target.contains(&g));
            let frame = if allowed == 1 { frame.inflate(-0.5) } else { frame.inflate(OBSTACLE_DISTANCE) };
            line.points.windows(2).map(|w| passes_border(&frame, w[0], w[1])).sum::<usize>() <= allowed
        })
    }

    /// Whether a horizontal or vertical part of a line is on another edge or its route. Curves may leave an end together.
    fn runs_along_others(&self, i: usize, line: &Line) -> bool {
        let runs_along = |other: &Route| {
            let common = |s: &[(f64, f64)], t: &[(f64, f64)]| shared_length((s[0], s[1]), (t[0], t[1]), LINE_DISTANCE);
            line.points.windows(2).filter(|s| is_axis_parallel(s[0], s[1])).any(|s| {
                other.points.windows(2).any(|t| is_axis_parallel(t[0], t[1]) && common(s, t) > MAX_COMMON_LENGTH)
            })
        };
        (0..self.drawn.len())
            .filter(|&j| j != i && (line.curve.is_empty() || !self.scene.may_bundle(i, j)))
            .any(|j| runs_along(&self.drawn[j]) || runs_along(&self.routes[j]))
    }

    /// Sorts the lines that may replace a route by the number of edges that they cross, without those that cross too many,
    /// and draws the first.
    fn sort_by_crossings(&mut self, i: usize) {
        let most = self.crossings(i, &self.routes[i].points) + MAX_ADDED_CROSSINGS;
        let options = std::mem::take(&mut self.options[i]);
        let mut counted: Vec<(usize, Line)> = options.into_iter().map(|line| (self.crossings(i, &line.points), line)).collect();
        counted.retain(|&(count, _)| count <= most);
        counted.sort_by_key(|&(count, _)| count);
        self.options[i] = counted.into_iter().map(|(_, line)| line).collect();
        self.draw(i);
    }

    /// Returns how many times an edge would cross the others as they are drawn now.
    fn crossings(&self, i: usize, points: &[(f64, f64)]) -> usize {
        let near = bounding_box(points).inflate(1.0);
        let others = self.drawn.iter().enumerate().filter(|(j, _)| *j != i).flat_map(|(_, other)| other.points.windows(2));
        let crossings_with = |t: &[(f64, f64)]| {
            points.windows(2).filter(|s| slanted_segments_cross((s[0], s[1]), (t[0], t[1]))).count()
        };
        others.filter(|t| near.crossed_by(t[0], t[1])).map(crossings_with).sum()
    }
}

/// Returns the boxes of a node without the space between its ports and the sides of its icon.
fn own_parts(node: &Node, x: f64, y: f64) -> [Rect; 2] {
    let [icon, label] = node.parts(x, y);
    let ports = &node.ports;
    let drawn = Rect::new(x - ports[LEFT].0, y - ports[TOP].0, x + ports[RIGHT].0, icon.y1);
    [drawn, label]
}

/// Returns how many times a segment in any direction crosses the border of a frame.
fn passes_border(frame: &Rect, a: (f64, f64), b: (f64, f64)) -> usize {
    let inside = |p: (f64, f64)| p.0 > frame.x0 && p.0 < frame.x1 && p.1 > frame.y0 && p.1 < frame.y1;
    match (inside(a), inside(b)) {
        (true, true) => 0,
        (false, false) => if passes_through(frame, a, b) { 2 } else { 0 },
        _ => 1,
    }
}

/// Returns an edge as it is drawn for the answer: a curve with the corners of its route.
fn as_answer(drawn: Route, route: &Route) -> Route {
    if drawn.curve.is_empty() { drawn } else { Route { points: route.points.clone(), ..drawn } }
}
