//! Corrections of the coordinates across the flow: what is almost aligned is aligned, and what leads to several alike is
//! centered on them. Each keeps all constraints.

use crate::model::*;
use crate::scope::*;
use crate::simplex::units;

/// Two vertices that are misaligned by less than this number of points look like a mistake.
pub const NEAR_ALIGNMENT: f64 = 26.0;
/// From this number of vertices, only the cheaper corrections are made.
const LARGE: usize = 300;

/// Corrects the values of a solution: `constraints` has the minimum distances of two values each.
pub fn refine(scope: &Scope, chains: &[Chain], constraints: &[(usize, usize, i32)], values: &mut [i32]) {
    let neighbors = neighbor_offsets(scope, chains);
    align_to_neighbors(scope, &neighbors, constraints, values);
    center_on_twins(scope, chains, constraints, values);
    if scope.vertices.len() <= LARGE {
        center_on_branches(scope, chains, &neighbors, constraints, values);
        snap_to_other_ranks(scope, &neighbors, constraints, values);
    }
}

/// Returns for each vertex its neighbors, and the offsets at which it is aligned with them.
fn neighbor_offsets(scope: &Scope, chains: &[Chain]) -> Vec<Vec<(usize, i32)>> {
    let mut neighbors: Vec<Vec<(usize, i32)>> = vec![Vec::new(); scope.vertices.len()];
    for chain in chains {
        let link = &scope.links[chain.link];
        let (first_offset, last_offset) = if scope.is_reversed(chain) { (link.target_offset, link.source_offset) } else { (link.source_offset, link.target_offset) };
        let last = chain.vertices.len() - 1;
        for (i, pair) in chain.vertices.windows(2).enumerate() {
            let (offset_a, offset_b) = (if i == 0 { units(first_offset) } else { 0 }, if i + 1 == last { units(last_offset) } else { 0 });
            neighbors[pair[0]].push((pair[1], offset_b - offset_a));
            neighbors[pair[1]].push((pair[0], offset_a - offset_b));
        }
    }
    neighbors
}

/// Aligns vertices that are aligned with none of their neighbors with the closest one that the constraints allow.
fn align_to_neighbors(scope: &Scope, neighbors: &[Vec<(usize, i32)>], constraints: &[(usize, usize, i32)], values: &mut [i32]) {
    let n = scope.vertices.len();
    for v in 0..n {
        if neighbors[v].is_empty() || neighbors[v].iter().any(|&(w, d)| values[v] == values[w] + d) {
            continue;
        }
        let (mut min, mut max) = (i32::MIN / 2, i32::MAX / 2);
        for &(tail, head, len) in constraints {
            if tail == n || head == n + 1 {
                continue; // The scope itself may grow.
            }
            if head == v {
                min = min.max(values[tail] + len);
            } else if tail == v {
                max = max.min(values[head] - len);
            }
        }
        let best = neighbors[v].iter().map(|&(w, d)| values[w] + d).filter(|&x| x >= min && x <= max).min_by_key(|&x| ((x - values[v]).abs(), x));
        if let Some(x) = best {
            values[v] = x;
        }
    }
}

/// Centers vertices that lead only to twins on these, together with the vertices that lead straight to the centered ones.
fn center_on_twins(scope: &Scope, chains: &[Chain], constraints: &[(usize, usize, i32)], values: &mut [i32]) {
    let n = scope.vertices.len();
    let twin = |v: usize| match scope.vertices[v].item {
        Item::Block(_, Some(g)) => scope.input.groups[g].twin,
        _ => 0,
    };
    let mut moved: Vec<(usize, i32)> = Vec::new();
    for v in 0..n {
        let outgoing: Vec<&Chain> = chains.iter().filter(|c| c.vertices[0] == v).collect();
        let targets: Vec<usize> = outgoing.iter().map(|c| *c.vertices.last().unwrap()).collect();
        if targets.len() < 2 || twin(targets[0]) == 0 || !targets.iter().all(|&w| twin(w) == twin(targets[0])) {
            continue;
        }
        // Next to twins, the lines on which the edges arrive: below the titles, these are not in the middles of the twins.
        let horizontal = scope.plan.direction.is_horizontal();
        let offset = |c: &Chain| match (horizontal, scope.is_reversed(c)) {
            (false, _) => 0,
            (true, true) => units(scope.links[c.link].source_offset),
            (true, false) => units(scope.links[c.link].target_offset),
        };
        let lines = outgoing.iter().map(|c| values[*c.vertices.last().unwrap()] + offset(c));
        let (lo, hi) = lines.fold((i32::MAX, i32::MIN), |(lo, hi), line| (lo.min(line), hi.max(line)));
        let middle = lo + (hi - lo) / 2;
        if is_feasible_position(constraints, values, v, middle, n) {
            moved.push((v, values[v]));
            values[v] = middle;
        }
    }
    while let Some((v, former)) = moved.pop() {
        for chain in chains.iter().filter(|c| c.vertices.len() == 2 && c.vertices[1] == v) {
            let u = chain.vertices[0];
            let leads_only_here = chains.iter().filter(|c| c.vertices[0] == u).count() == 1;
            let follows = leads_only_here || values[u] == former && !leads_straight_elsewhere(chains, values, u, v);
            if follows && is_feasible_position(constraints, values, u, values[v], n) {
                moved.push((u, values[u]));
                values[u] = values[v];
            }
        }
    }
}

/// Whether the next vertex of a chain that starts at `u` is in line with it, other than `v`.
fn leads_straight_elsewhere(chains: &[Chain], values: &[i32], u: usize, v: usize) -> bool {
    chains.iter().any(|c| c.vertices[0] == u && c.vertices[1] != v && values[c.vertices[1]] == values[u])
}

/// Centers vertices that lead without labels to an even number of equal branches, and to nothing else, on these, together with
/// all that is in line with them; likewise those to which such branches lead.
fn center_on_branches(
    scope: &Scope,
    chains: &[Chain],
    neighbors: &[Vec<(usize, i32)>],
    constraints: &[(usize, usize, i32)],
    values: &mut [i32],
) {
    let mut order: Vec<usize> = (0..scope.vertices.len()).collect();
    for forward in [true, false] {
        // What is further away first: a vertex is centered on branches that are in their final places.
        order.sort_by_key(|&v| if forward { -scope.vertices[v].rank } else { scope.vertices[v].rank });
        let ends = |c: &Chain| if forward { (c.vertices[0], *c.vertices.last().unwrap()) } else { (*c.vertices.last().unwrap(), c.vertices[0]) };
        for &v in &order {
            let branches: Vec<usize> = chains.iter().map(ends).filter(|e| e.0 == v).map(|e| e.1).collect();
            let rank = branches.first().map_or(0, |&w| scope.vertices[w].rank);
            if branches.is_empty() || branches.len() % 2 == 1 || branches.iter().any(|&w| scope.vertices[w].rank != rank) {
                continue;
            }
            let shape = |w: usize| match scope.vertices[w].item {
                Item::Node(node) => branch_shape(scope.input, node, forward, MAX_BRANCH_RANKS),
                _ => None,
            };
            let first_shape = shape(branches[0]);
            if first_shape.is_none() || branches.iter().any(|&w| shape(w) != first_shape) {
                continue;
            }
            let mut coords: Vec<i32> = branches.iter().map(|&w| values[w]).collect();
            coords.sort_unstable();
            let shift = (coords[branches.len() / 2 - 1] + coords[branches.len() / 2]) / 2 - values[v];
            if let Some(moved) = movable_with(scope, constraints, values, straight_line(neighbors, values, v, &branches), shift) {
                moved.iter().for_each(|&w| values[w] += shift);
            }
        }
    }
}

/// Branches with more ranks are not compared.
const MAX_BRANCH_RANKS: usize = 6;

/// Returns what a tree of nodes without labels on edges looks like: the number of its branches and, unless it is a leaf, the style
/// of the edge to it and what its branches look like; None if a node is not the end of a single edge, or leads to a group or further than `max_ranks`.
fn branch_shape(input: &Input, node: usize, forward: bool, max_ranks: usize) -> Option<Vec<usize>> {
    let (mut entering, mut style, mut children) = (0, 0, Vec::new());
    for e in &input.edges {
        let (from, to) = if forward { (e.source, e.target) } else { (e.target, e.source) };
        if to == End::Node(node) {
            (entering, style) = (entering + 1, e.style as usize);
            if e.labeled() {
                return None;
            }
        } else if from == End::Node(node) {
            match to {
                End::Node(child) => children.push(child),
                End::Group(_) => return None,
            }
        }
    }
    if entering != 1 || max_ranks == 0 {
        return None;
    }
    let mut shapes = children.iter().map(|&child| branch_shape(input, child, forward, max_ranks - 1)).collect::<Option<Vec<Vec<usize>>>>()?;
    if shapes.is_empty() {
        return Some(vec![0]);
    }
    shapes.sort();
    Some([shapes.len(), style].into_iter().chain(shapes.into_iter().flatten()).collect())
}

/// Returns the vertices with the dummy vertices that must move with them; None if something else is in the way.
fn movable_with(scope: &Scope, constraints: &[(usize, usize, i32)], values: &[i32], mut moved: Vec<usize>, shift: i32) -> Option<Vec<usize>> {
    let n = scope.vertices.len();
    loop {
        let coord = |x: usize, moved: &[usize]| if moved.contains(&x) { values[x] + shift } else { values[x] };
        let obstacle = constraints.iter().find(|&&(tail, head, len)| {
            tail != n && head != n + 1 && coord(tail, &moved) + len > coord(head, &moved)
        });
        let (tail, head) = match obstacle {
            Some(&(tail, head, _)) => (tail, head),
            None => return Some(moved),
        };
        let other = if moved.contains(&tail) { head } else { tail };
        if other >= n || moved.contains(&other) || !matches!(scope.vertices[other].item, Item::Dummy) {
            return None;
        }
        moved.push(other);
    }
}

/// Returns a vertex with all that is in line with it, step by step, without its leaves.
fn straight_line(neighbors: &[Vec<(usize, i32)>], values: &[i32], v: usize, leaves: &[usize]) -> Vec<usize> {
    let mut line = vec![v];
    let mut next = 0;
    while next < line.len() {
        let u = line[next];
        for &(w, offset) in &neighbors[u] {
            if values[u] == values[w] + offset && !line.contains(&w) && !leaves.contains(&w) {
                line.push(w);
            }
        }
        next += 1;
    }
    line
}

/// Aligns nodes that are aligned with none of their neighbors with almost aligned nodes in other ranks.
fn snap_to_other_ranks(scope: &Scope, neighbors: &[Vec<(usize, i32)>], constraints: &[(usize, usize, i32)], values: &mut [i32]) {
    let n = scope.vertices.len();
    let nodes: Vec<usize> = (0..n).filter(|&v| matches!(scope.vertices[v].item, Item::Node(_))).collect();
    let is_unaligned = |v: usize, values: &[i32]| !neighbors[v].iter().any(|&(w, d)| values[v] == values[w] + d);
    let mut pairs: Vec<(i32, usize, usize)> = Vec::new();
    for &v in nodes.iter().filter(|&&v| is_unaligned(v, values)) {
        for &w in &nodes {
            let distance = (values[v] - values[w]).abs();
            if scope.vertices[v].rank != scope.vertices[w].rank && distance > 0 && distance <= units(NEAR_ALIGNMENT) {
                pairs.push((distance, v, w));
            }
        }
    }
    pairs.sort_unstable();
    for (_, v, w) in pairs {
        let is_aligned = nodes.iter().any(|&other| other != v && scope.vertices[other].rank != scope.vertices[v].rank && values[other] == values[v]);
        if is_unaligned(v, values) && !is_aligned && is_feasible_position(constraints, values, v, values[w], n) {
            values[v] = values[w];
        }
    }
}

/// Whether the constraints allow a vertex to be at `x` while all others remain.
fn is_feasible_position(constraints: &[(usize, usize, i32)], values: &[i32], v: usize, x: i32, n: usize) -> bool {
    constraints.iter().all(|&(tail, head, len)| {
        tail == n || head == n + 1 || (head != v || values[tail] + len <= x) && (tail != v || x + len <= values[head])
    })
}
