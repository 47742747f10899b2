//! From ranks and order to coordinates: across the flow by network simplex. Module `along_flow` computes those along
//! it.

use crate::across_hints;
use crate::alignment::{self, NEAR_ALIGNMENT};
use crate::along_flow::{AlongCoordinates, AlongSolver};
use crate::blocks::Block;
use crate::gaps::gap_between;
use crate::model::*;
use crate::placement::*;
use crate::scope::*;
use crate::simplex::{units, Simplex, Solver, STEPS_PER_POINT};

/// From this number of vertices, coordinates are computed only once.
const LARGE: usize = 600;
/// A frame whose content is further from its side than this number of points looks empty.
const MAX_TITLE_SHIFT: f64 = 80.0;

/// Returns the block of a scope whose ranks and order are known.
pub fn place(scope: &Scope, chains: &[Chain]) -> Block {
    let across = solve_across(scope, chains);
    let along = AlongSolver::new(scope, chains, &across).solve();
    assemble(scope, &across, &along)
}

/// Returns the coordinates across the flow.
fn solve_across(scope: &Scope, chains: &[Chain]) -> AcrossCoordinates {
    let vertex_count = scope.vertices.len();
    let cluster_count = scope.clusters.len();
    let mut simplex = Simplex::new(vertex_count + 2 * cluster_count);
    let (left, right) = (|c: usize| vertex_count + 2 * c, |c: usize| vertex_count + 2 * c + 1);
    for (c, cluster) in scope.clusters.iter().enumerate() {
        for &child in &cluster.children {
            match child {
                Child::Vertex(v) => {
                    simplex.add_arc(left(c), v, units(cluster.pad_c.0 + scope.vertices[v].extent_c.0), 0);
                    simplex.add_arc(v, right(c), units(cluster.pad_c.1 + scope.vertices[v].extent_c.1), 0);
                }
                Child::Cluster(d) => {
                    simplex.add_arc(left(c), left(d), units(cluster.pad_c.0), 0);
                    simplex.add_arc(right(d), right(c), units(cluster.pad_c.1), 0);
                }
            }
        }
        simplex.add_arc(left(c), right(c), units(cluster.min_c), if c == 0 || cluster.row { 0 } else { 8 });
        separate(scope, c, &mut simplex, &left, &right);
    }
    separate_hubs(scope, &mut simplex, &left, &right);
    across_hints::constrain(scope, &mut simplex);
    clear_titles(scope, chains, &mut simplex, &left);
    if !scope.plan.direction.is_horizontal() {
        widen_frames_for_labels(scope, chains, &mut simplex, &left, &right);
    }
    let mut constraints = simplex.constraints();
    let near_pairs = across_hints::pull_together(scope, &mut simplex);
    let (terms, first_term_arc) = (alignment_terms(scope, chains), simplex.arc_count());
    for term in &terms {
        simplex.add_abs_term(term.a, term.b, term.offset_a, term.offset_b, term.weight);
    }
    let max_pivots = if vertex_count < 400 { 20_000 } else { 4_000 };
    let mut values = vec![0; vertex_count + 2 * cluster_count];
    if let Some(mut solver) = Solver::new(simplex) {
        solver.run(max_pivots);
        values = solver.values();
        // The second pass makes almost straight edges straight and lowers the weight of those that lead far aside
        // (reweighted L1 minimization: Candes, Wakin, Boyd 2008).
        for _ in 1..if vertex_count < LARGE { scope.plan.coordinate_passes } else { 1 } {
            solver.set_weights(first_term_arc, terms.iter().flat_map(|term| [term.weight * term.weight_factor(&values); 2]));
            solver.run(max_pivots);
            values = solver.values();
        }
    }
    constraints.extend(terms.iter().filter(|term| term.weight >= HINT_WEIGHT).flat_map(|term| term.constraints_if_aligned(&values)));
    let is_near = |&&(a, b, distance): &&(usize, usize, i32)| values[b] - values[a] == distance;
    constraints.extend(near_pairs.iter().filter(is_near).flat_map(|&(a, b, distance)| [(a, b, distance), (b, a, -distance)]));
    alignment::refine(scope, chains, &constraints, &mut values);
    let points = |i: usize| f64::from(values[i]) / STEPS_PER_POINT;
    AcrossCoordinates {
        vertices: (0..vertex_count).map(points).collect(),
        clusters: (0..cluster_count).map(|c| (points(left(c)), points(right(c)))).collect(),
    }
}

/// Adds constraints that keep neighbors in each rank apart.
fn separate(scope: &Scope, c: usize, simplex: &mut Simplex, left: &dyn Fn(usize) -> usize, right: &dyn Fn(usize) -> usize) {
    let cluster = &scope.clusters[c];
    let rank_range = |child: Child| match child {
        Child::Vertex(v) => (scope.vertices[v].rank, scope.vertices[v].rank),
        Child::Cluster(d) => scope.clusters[d].rank_range,
    };
    let (lo, hi) = cluster.rank_range;
    let mut previous: Vec<Option<Child>> = vec![None; (hi - lo + 1).max(0) as usize];
    let mut separated: Vec<(Child, Child)> = Vec::new();
    for &b in &cluster.children {
        let (first, last) = rank_range(b);
        for rank in first..=last {
            let slot = (rank - lo) as usize;
            if slot >= previous.len() {
                continue;
            }
            if let Some(a) = previous[slot] {
                if !separated.iter().rev().take(24).any(|&d| d == (a, b)) {
                    separated.push((a, b));
                    let gap = gap_between(scope, a, b).max(label_width_between(scope, a, b));
                    let (u, extent_u) = match a {
                        Child::Vertex(v) => (v, scope.vertices[v].extent_c.1),
                        Child::Cluster(d) => (right(d), 0.0),
                    };
                    let (v, extent_v) = match b {
                        Child::Vertex(v) => (v, scope.vertices[v].extent_c.0),
                        Child::Cluster(d) => (left(d), 0.0),
                    };
                    simplex.add_arc(u, v, units(extent_u + gap + extent_v), 0);
                }
            }
            previous[slot] = Some(b);
        }
    }
}

/// Returns how many points an unplaced label needs between two neighbors.
fn label_width_between(scope: &Scope, a: Child, b: Child) -> f64 {
    let mut width = 0.0;
    for link in scope.links.iter().filter(|l| scope.feedback.unplaced_labels.contains(&l.edge)) {
        let (holds_source, holds_target) = (scope.is_or_contains(a, link.source), scope.is_or_contains(a, link.target));
        if (holds_source && scope.is_or_contains(b, link.target)) || (holds_target && scope.is_or_contains(b, link.source)) {
            width = f64::max(width, link.label_c + 30.0);
        }
        // The label is next to the line to one of two neighbors, before the line to the other.
        let ends = [link.source, link.target];
        if !scope.plan.direction.is_horizontal() && (ends.contains(&a) || ends.contains(&b)) {
            width = f64::max(width, link.label_c + 24.0);
        }
    }
    width
}

/// Adds constraints that make a frame wide enough for the labels next to the vertical edges in it.
fn widen_frames_for_labels(scope: &Scope, chains: &[Chain], simplex: &mut Simplex, left: &dyn Fn(usize) -> usize, right: &dyn Fn(usize) -> usize) {
    for (i, chain) in chains.iter().enumerate() {
        let label = scope.links[chain.link].label_c;
        let (u, v) = (chain.vertices[0], *chain.vertices.last().unwrap());
        let target_ancestors = scope.ancestors(Child::Vertex(v));
        let common = scope.ancestors(Child::Vertex(u)).into_iter().find(|c| target_ancestors.contains(c)).unwrap_or(0);
        if label == 0.0 || common == 0 || scope.clusters[common].row {
            continue;
        }
        let same_ends = |other: &Chain| (other.vertices[0], *other.vertices.last().unwrap()) == (u, v);
        let width = units(label + 12.0);
        if chains[i + 1..].iter().any(same_ends) {
            simplex.add_arc(left(common), u, width, 0);
        } else {
            simplex.add_arc(u, right(common), width, 0);
        }
    }
}

/// Adds constraints that move what edges enter from above to the right of the group's title, if the title was
/// obstructed.
fn clear_titles(scope: &Scope, chains: &[Chain], simplex: &mut Simplex, left: &dyn Fn(usize) -> usize) {
    for (c, cluster) in scope.clusters.iter().enumerate() {
        let g = match cluster.group {
            Some(g) if scope.feedback.obstructed_titles.contains(&g) && scope.plan.direction == Direction::Down => g,
            _ => continue,
        };
        for chain in chains {
            for pair in chain.vertices.windows(2) {
                let is_inside = |v: usize| scope.ancestors(Child::Vertex(v)).contains(&c);
                let width = scope.input.groups[g].title_w + 8.0;
                if !is_inside(pair[0]) && is_inside(pair[1]) && width - scope.vertices[pair[1]].extent_c.0 < MAX_TITLE_SHIFT {
                    simplex.add_arc(left(c), pair[1], units(width), 0);
                }
            }
        }
    }
}

/// Adds constraints that place hubs after all their siblings.
fn separate_hubs(scope: &Scope, simplex: &mut Simplex, left: &dyn Fn(usize) -> usize, right: &dyn Fn(usize) -> usize) {
    for &hub in &scope.hubs {
        let (parent, start, extent) = match hub {
            Child::Vertex(v) => (scope.vertices[v].cluster, v, scope.vertices[v].extent_c.0),
            Child::Cluster(c) => (scope.clusters[c].parent, left(c), 0.0),
        };
        for &child in &scope.clusters[parent].children {
            if scope.hubs.contains(&child) {
                continue;
            }
            match child {
                Child::Vertex(v) => simplex.add_arc(v, start, units(scope.vertices[v].extent_c.1 + 30.0 + extent), 0),
                Child::Cluster(c) => simplex.add_arc(right(c), start, units(30.0 + extent), 0),
            }
        }
    }
}

/// Two vertices to align, with the offsets at which they are aligned, and the weight of their distance.
struct AlignmentTerm {
    a: usize,
    b: usize,
    offset_a: i32,
    offset_b: i32,
    weight: i32,
}

impl AlignmentTerm {
    /// Returns the constraints that keep the two aligned, if they are.
    fn constraints_if_aligned(&self, values: &[i32]) -> Vec<(usize, usize, i32)> {
        let distance = self.offset_a - self.offset_b;
        if values[self.b] - values[self.a] != distance {
            return Vec::new();
        }
        vec![(self.a, self.b, distance), (self.b, self.a, -distance)]
    }

    /// Returns a factor for the weight in the second pass: it is smaller the further the two are from being aligned.
    fn weight_factor(&self, values: &[i32]) -> i32 {
        let misalignment = (values[self.a] + self.offset_a - values[self.b] - self.offset_b).abs();
        if misalignment <= units(NEAR_ALIGNMENT) { 12 } else if misalignment <= units(2.0 * NEAR_ALIGNMENT) { 4 } else { 1 }
    }
}

/// The weight of what layout hints require.
const HINT_WEIGHT: i32 = 20_000;
/// The factor for an edge that is the middle one at both of its ends.
const MAIN_EDGE_FACTOR: i32 = 8;

/// Returns what should be aligned: the ends and dummy vertices of chains, and the columns of split ranks.
fn alignment_terms(scope: &Scope, chains: &[Chain]) -> Vec<AlignmentTerm> {
    let mut terms: Vec<AlignmentTerm> = scope.column_pairs.iter().map(|&(a, b)| AlignmentTerm { a, b, offset_a: 0, offset_b: 0, weight: 32 }).collect();
    let (outgoing, incoming) = (count_chains(scope, chains, false), count_chains(scope, chains, true));
    let (main_out, main_in) = main_chains(scope, chains);
    for (i, chain) in chains.iter().enumerate() {
        let link = &scope.links[chain.link];
        if scope.input.edges[link.edge].invisible && !link.straight {
            continue;
        }
        let last = chain.vertices.len() - 1;
        let (u, v) = (chain.vertices[0], chain.vertices[last]);
        let (first_offset, last_offset) = if scope.is_reversed(chain) { (link.target_offset, link.source_offset) } else { (link.source_offset, link.target_offset) };
        // One edge at each side of a node is straight; how far the others lead aside counts less.
        let is_main = (main_out[u] == i, main_in[v] == i);
        let only_edge = outgoing[u] == 1 && incoming[v] == 1;
        for (k, pair) in chain.vertices.windows(2).enumerate() {
            let weight = match (k == 0, k == last - 1) {
                (true, true) => if only_edge { 10 } else if outgoing[u] == 1 || incoming[v] == 1 { 5 } else { 4 },
                (false, false) => 8,
                _ => 4,
            };
            let weight = weight * match is_main { (true, true) => MAIN_EDGE_FACTOR, (false, false) => 1, _ => 2 };
            let weight = if link.straight { HINT_WEIGHT } else { weight };
            let (offset_a, offset_b) = (if k == 0 { first_offset } else { 0.0 }, if k == last - 1 { last_offset } else { 0.0 });
            terms.push(AlignmentTerm { a: pair[0], b: pair[1], offset_a: units(offset_a), offset_b: units(offset_b), weight });
        }
    }
    terms
}

/// Returns how many chains begin at each vertex, or end there.
fn count_chains(scope: &Scope, chains: &[Chain], ends: bool) -> Vec<usize> {
    let mut count = vec![0; scope.vertices.len()];
    for chain in chains {
        count[if ends { *chain.vertices.last().unwrap() } else { chain.vertices[0] }] += 1;
    }
    count
}

/// Returns for each vertex the main one of the chains that begin there, and of those that end there: the middle one. Of
/// two middle ones, this is the one that is also in the middle at its other end, so that two nodes that lead to the same
/// two others are each in line with one of them; otherwise the shorter.
fn main_chains(scope: &Scope, chains: &[Chain]) -> (Vec<usize>, Vec<usize>) {
    let (middle_out, middle_in) = (middle_chains(scope, chains, false), middle_chains(scope, chains, true));
    let n = scope.vertices.len();
    let (mut main_out, mut main_in) = (vec![usize::MAX; n], vec![usize::MAX; n]);
    let mut order: Vec<usize> = (0..chains.len()).collect();
    order.sort_by_key(|&i| (chains[i].vertices.len(), i));
    for &i in &order {
        let (u, v) = (chains[i].vertices[0], *chains[i].vertices.last().unwrap());
        let are_nodes = [u, v].iter().all(|&w| matches!(scope.vertices[w].item, Item::Node(_)));
        let is_middle = are_nodes && middle_out[u].contains(&i) && middle_in[v].contains(&i);
        if is_middle && main_out[u] == usize::MAX && main_in[v] == usize::MAX {
            main_out[u] = i;
            main_in[v] = i;
        }
    }
    for (main, middle) in [(&mut main_out, &middle_out), (&mut main_in, &middle_in)] {
        for v in 0..n {
            if main[v] == usize::MAX {
                main[v] = middle[v].iter().copied().min_by_key(|&i| (chains[i].vertices.len(), i)).unwrap_or(usize::MAX);
            }
        }
    }
    (main_out, main_in)
}

/// Returns for each vertex the middle one or the two middle ones of the chains that begin there (or end there), preferring
/// those that stay in its group.
fn middle_chains(scope: &Scope, chains: &[Chain], ends: bool) -> Vec<Vec<usize>> {
    let positions = scope.vertex_positions();
    let mut chains_at: Vec<Vec<(usize, usize)>> = vec![Vec::new(); scope.vertices.len()];
    for (i, chain) in chains.iter().enumerate() {
        let n = chain.vertices.len();
        let (end, neighbor) = if ends { (chain.vertices[n - 1], chain.vertices[n - 2]) } else { (chain.vertices[0], chain.vertices[1]) };
        if !scope.input.edges[scope.links[chain.link].edge].invisible {
            chains_at[end].push((positions[neighbor], i));
        }
    }
    let cluster = |v: usize| scope.vertices[v].cluster;
    let stays_in_cluster = |chain: &Chain| cluster(chain.vertices[0]) == cluster(*chain.vertices.last().unwrap());
    let middle_of = |mut candidates: Vec<(usize, usize)>| {
        if candidates.iter().any(|candidate| stays_in_cluster(&chains[candidate.1])) {
            candidates.retain(|candidate| stays_in_cluster(&chains[candidate.1]));
        }
        candidates.sort_unstable();
        let n = candidates.len();
        let middle = if n == 0 { 0..0 } else { (n - 1) / 2..n / 2 + 1 };
        candidates[middle].iter().map(|candidate| candidate.1).collect()
    };
    chains_at.into_iter().map(middle_of).collect()
}

/// Returns the block with everything positioned relative to its top left corner.
fn assemble(scope: &Scope, across: &AcrossCoordinates, lines: &AlongCoordinates) -> Block {
    let direction = scope.plan.direction;
    // (Start and end along the flow, start and end across it.)
    let span = |v: usize| {
        let vertex = &scope.vertices[v];
        let (f, c) = (lines.ranks[vertex.rank as usize], across.vertices[v]);
        (f - vertex.extent_f.0, f + vertex.extent_f.1, c - vertex.extent_c.0, c + vertex.extent_c.1)
    };
    let vertices: Vec<usize> = (0..scope.vertices.len()).filter(|&v| !matches!(scope.vertices[v].item, Item::Dummy)).collect();
    let mut extent = (f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY);
    let clusters: Vec<usize> = (1..scope.clusters.len()).filter(|&c| scope.clusters[c].group.is_some()).collect();
    let spans = vertices.iter().map(|&v| span(v));
    let frames = clusters.iter().map(|&c| (lines.clusters[c].0, lines.clusters[c].1, across.clusters[c].0, across.clusters[c].1));
    for s in spans.chain(frames) {
        extent = (extent.0.min(s.0), extent.1.max(s.1), extent.2.min(s.2), extent.3.max(s.3));
    }
    let (length, breadth) = (extent.1 - extent.0, extent.3 - extent.2);
    let point = |f: f64, c: f64| -> (f64, f64) {
        let (f, c) = (f - extent.0, c - extent.2);
        match direction {
            Direction::Right => (f, c),
            Direction::Left => (length - f, c),
            Direction::Down => (c, f),
            Direction::Up => (c, length - f),
        }
    };
    let mut block = Block { w: if direction.is_horizontal() { length } else { breadth }, h: if direction.is_horizontal() { breadth } else { length }, ..Block::default() };
    for &v in &vertices {
        let vertex = &scope.vertices[v];
        let (f, c) = (lines.ranks[vertex.rank as usize], across.vertices[v]);
        match &vertex.item {
            Item::Node(n) => {
                let (x, y) = point(f, c);
                block.nodes.push((*n, x, y));
            }
            Item::Block(inner, _) => {
                let (f0, f1, c0, c1) = span(v);
                let (a, b) = (point(f0, c0), point(f1, c1));
                block.add(inner, a.0.min(b.0), a.1.min(b.1));
            }
            Item::Dummy => {}
        }
    }
    for &c in &clusters {
        let (a, b) = (point(lines.clusters[c].0, across.clusters[c].0), point(lines.clusters[c].1, across.clusters[c].1));
        let rect = Rect::new(a.0.min(b.0), a.1.min(b.1), a.0.max(b.0), a.1.max(b.1));
        block.groups.push((scope.clusters[c].group.unwrap(), rect));
    }
    if let Some(&(_, x, y)) = block.nodes.first() {
        block.anchor = (x, y);
    }
    block.slots.extend(slots(scope));
    block
}

/// Returns where the children of all clusters are in the ranks of these.
fn slots(scope: &Scope) -> Vec<Slot> {
    let mut slots = Vec::new();
    for cluster in scope.clusters.iter().filter(|cluster| !cluster.row) {
        for (k, &child) in cluster.children.iter().enumerate() {
            let (first, last) = scope.rank_range_of(child);
            if let Some(end) = scope.element_of(child) {
                let line = cluster.children[..k].iter().filter(|&&c| scope.is_in_rank(c, first)).count();
                // Before a pinned child, lines may be empty.
                let pinned = scope.cells.iter().find(|cell| cell.0 == child).map_or(0, |cell| cell.1.line);
                let rank = first - cluster.rank_range.0;
                slots.push(Slot { end, rank, rank_count: last - first + 1, line: pinned.max(line as i32) });
            }
        }
    }
    slots
}
