//! Groups that are built alike are laid out once and repeated.

use crate::model::*;
use crate::scope::{layout, Block, Hints, Plan};

/// The sibling groups of a group (itself among them) that are built alike.
pub fn twins_of(input: &Input, g: usize) -> Vec<usize> {
    let (parent, twin) = (input.groups[g].parent, input.groups[g].twin);
    if twin == 0 {
        return vec![g];
    }
    (0..input.groups.len()).filter(|&o| input.groups[o].parent == parent && input.groups[o].twin == twin).collect()
}

/// Lays out a group like its first twin: the same places for matching members.
pub fn twin_block(input: &Input, plan: &Plan, g: usize, hints: &Hints) -> Block {
    let twins = twins_of(input, g);
    let first = twins[0];
    let model = layout(input, plan, Some(first), hints);
    if first == g {
        return model;
    }
    let mut map_nodes: Vec<(usize, usize)> = Vec::new();
    let mut map_groups: Vec<(usize, usize)> = vec![(first, g)];
    match_members(input, first, g, &mut map_nodes, &mut map_groups);
    let node = |n: usize| map_nodes.iter().find(|m| m.0 == n).map_or(n, |m| m.1);
    let group = |n: usize| map_groups.iter().find(|m| m.0 == n).map_or(n, |m| m.1);
    Block {
        nodes: model.nodes.iter().map(|&(n, x, y)| (node(n), x, y)).collect(),
        groups: model.groups.iter().map(|&(n, r)| (group(n), r)).collect(),
        ..model
    }
}

/// Pairs the members of two groups that are built alike, by what they are and then by their order.
pub fn match_members(input: &Input, a: usize, b: usize, nodes: &mut Vec<(usize, usize)>, groups: &mut Vec<(usize, usize)>) {
    let mut used = vec![false; input.nodes.len()];
    for n in (0..input.nodes.len()).filter(|&n| input.nodes[n].parent == a as i32) {
        let found = (0..input.nodes.len())
            .find(|&m| !used[m] && input.nodes[m].parent == b as i32 && input.nodes[m].twin == input.nodes[n].twin);
        if let Some(m) = found {
            used[m] = true;
            nodes.push((n, m));
        }
    }
    let mut taken = vec![false; input.groups.len()];
    for n in (0..input.groups.len()).filter(|&n| input.groups[n].parent == a as i32) {
        let found = (0..input.groups.len())
            .find(|&m| !taken[m] && input.groups[m].parent == b as i32 && input.groups[m].twin == input.groups[n].twin);
        if let Some(m) = found {
            taken[m] = true;
            groups.push((n, m));
            match_members(input, n, m, nodes, groups);
        }
    }
}
