//! Twins: groups with matching members are laid out once and repeated.

use crate::model::*;
use crate::placement::*;

/// Returns the sibling groups that are twins of a group, including itself.
pub fn twins_of(input: &Input, g: usize) -> Vec<usize> {
    let (parent, twin) = (input.groups[g].parent, input.groups[g].twin);
    if twin == 0 {
        return vec![g];
    }
    (0..input.groups.len()).filter(|&o| input.groups[o].parent == parent && input.groups[o].twin == twin).collect()
}

/// Gives matching members of twins the same size, the largest, so that what suits the first suits all.
pub fn equalize(input: &mut Input) {
    for g in 0..input.groups.len() {
        let twins = twins_of(input, g);
        if twins[0] != g || twins.len() < 2 {
            continue;
        }
        // The first becomes as large as each other one, then all become as large as the first.
        for back in [false, true] {
            for &other in &twins[1..] {
                let (nodes, groups) = if back { matching_members(input, other, g) } else { matching_members(input, g, other) };
                for (member, counterpart) in nodes {
                    let larger = input.nodes[member].enlarged_to(&input.nodes[counterpart]);
                    input.nodes[member] = larger;
                }
                for (member, counterpart) in groups {
                    let larger = input.groups[member].enlarged_to(&input.groups[counterpart]);
                    input.groups[member] = larger;
                }
            }
        }
    }
}

/// Whether twins differ more in a placement than in another one.
pub fn differ_more(input: &Input, placement: &Placement, former: &Placement) -> bool {
    largest_difference(input, placement) > largest_difference(input, former) + 0.1
}

/// Returns the largest distance of a member of a group, relative to the group, from where the matching member of its first
/// twin is.
fn largest_difference(input: &Input, placement: &Placement) -> f64 {
    let mut largest: f64 = 0.0;
    for g in 0..input.groups.len() {
        let first = twins_of(input, g)[0];
        if first == g {
            continue;
        }
        let (a, b) = (placement.groups[first], placement.groups[g]);
        let (nodes, groups) = matching_members(input, first, g);
        for (n, m) in nodes {
            let (p, q) = (placement.nodes[n], placement.nodes[m]);
            largest = largest.max((p.0 - a.x0 - q.0 + b.x0).abs()).max((p.1 - a.y0 - q.1 + b.y0).abs());
        }
        for (n, m) in groups {
            let (p, q) = (placement.groups[n], placement.groups[m]);
            largest = largest.max((p.x0 - a.x0 - q.x0 + b.x0).abs()).max((p.y0 - a.y0 - q.y0 + b.y0).abs());
            largest = largest.max((p.w() - q.w()).abs()).max((p.h() - q.h()).abs());
        }
    }
    largest
}

/// Returns the pairs of matching members of two twins at any depth, and the twins themselves.
pub fn matching_members(input: &Input, a: usize, b: usize) -> (Vec<(usize, usize)>, Vec<(usize, usize)>) {
    let (mut nodes, mut groups) = (Vec::new(), vec![(a, b)]);
    collect_matches(input, a, b, &mut nodes, &mut groups);
    (nodes, groups)
}

/// Pairs the members of two twins by their numbers and then by their order.
fn collect_matches(input: &Input, a: usize, b: usize, nodes: &mut Vec<(usize, usize)>, groups: &mut Vec<(usize, usize)>) {
    let mut used = vec![false; input.nodes.len()];
    for n in (0..input.nodes.len()).filter(|&n| input.nodes[n].parent == a as i32) {
        let matching = (0..input.nodes.len())
            .find(|&m| !used[m] && input.nodes[m].parent == b as i32 && input.nodes[m].twin == input.nodes[n].twin);
        if let Some(m) = matching {
            used[m] = true;
            nodes.push((n, m));
        }
    }
    let mut taken = vec![false; input.groups.len()];
    for n in (0..input.groups.len()).filter(|&n| input.groups[n].parent == a as i32) {
        let matching = (0..input.groups.len())
            .find(|&m| !taken[m] && input.groups[m].parent == b as i32 && input.groups[m].twin == input.groups[n].twin);
        if let Some(m) = matching {
            taken[m] = true;
            groups.push((n, m));
            collect_matches(input, n, m, nodes, groups);
        }
    }
}
