//! What layout hints require of the order across the flow.

use crate::model::*;
use crate::scope::*;

/// What hints require of the order of the children of a scope's clusters.
pub struct OrderHints {
    /// Siblings of which the first is before the second.
    pub before: Vec<(Child, Child)>,
    /// Siblings that are next to each other.
    adjacent: Vec<(Child, Child)>,
    /// Children with a line within their cluster: how many siblings are before them in their rank.
    lines: Vec<(Child, i32)>,
}

impl OrderHints {
    /// Returns the requirements of a scope whose ranks are known.
    pub fn of(scope: &Scope) -> OrderHints {
        let mut hints = OrderHints { before: Vec::new(), adjacent: Vec::new(), lines: Vec::new() };
        for link in &scope.links {
            let siblings = scope.sibling_ancestors(link.source, link.target);
            match link.relation {
                Some(Relation::Before) => hints.before.push(siblings),
                Some(Relation::Near) if !link.straight => hints.adjacent.push(siblings),
                _ => {}
            }
        }
        hints.lines = scope.cells.iter().map(|&(child, cell)| (child, cell.line)).collect();
        hints.lines.sort_by_key(|&(_, line)| line);
        hints
    }

    /// Whether there are no requirements.
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.adjacent.is_empty() && self.lines.is_empty()
    }

    /// Changes the order as little as necessary.
    pub fn enforce(&self, scope: &mut Scope) {
        if self.is_empty() {
            return;
        }
        for c in 0..scope.clusters.len() {
            let mut children = scope.clusters[c].children.clone();
            sort_by_precedence(&mut children, |a, b| self.before.contains(&(*a, *b)));
            for &(a, b) in &self.adjacent {
                move_next_to(&mut children, a, b);
            }
            for &(child, line) in &self.lines {
                self.move_to_line(scope, &mut children, child, line);
            }
            scope.clusters[c].children = children;
        }
    }

    /// Moves a child so that `line` siblings are before it in its rank, or as many as there are, and as little as possible.
    /// It remains after the siblings with smaller lines.
    fn move_to_line(&self, scope: &Scope, children: &mut Vec<Child>, child: Child, line: i32) {
        let from = match children.iter().position(|&c| c == child) {
            Some(from) => from,
            None => return,
        };
        let rank = scope.rank_of(child);
        let is_in_rank = |c: &Child| scope.is_in_rank(*c, rank);
        children.remove(from);
        let total = children.iter().filter(|c| is_in_rank(c)).count();
        let required = (line.max(0) as usize).min(total);
        let smaller = |c: &Child| self.lines.iter().any(|&(other, other_line)| other == *c && other_line < line);
        let first = children.iter().rposition(smaller).map_or(0, |i| i + 1);
        let suits = |&k: &usize| children[..k].iter().filter(|c| is_in_rank(c)).count() == required;
        let best = (0..=children.len()).filter(suits).min_by_key(|&k| (k < first, k.abs_diff(from)));
        children.insert(best.unwrap_or(from.min(children.len())), child);
    }
}

/// Sorts items so that each is after those that must be before it, and otherwise keeps their order.
pub fn sort_by_precedence<T: Copy + PartialEq>(items: &mut Vec<T>, is_before: impl Fn(&T, &T) -> bool) {
    let mut rest = std::mem::take(items);
    while !rest.is_empty() {
        // Requirements that contradict each other leave the order as it is.
        let next = rest.iter().position(|item| !rest.iter().any(|other| other != item && is_before(other, item))).unwrap_or(0);
        items.push(rest.remove(next));
    }
}

/// Moves the second of two items next to the first, on the side where it is.
fn move_next_to(children: &mut Vec<Child>, a: Child, b: Child) {
    let position = |children: &[Child], child: Child| children.iter().position(|&c| c == child);
    if let (Some(i), Some(j)) = (position(children, a), position(children, b)) {
        children.remove(j);
        let i = position(children, a).unwrap_or(i);
        children.insert(if j > i { i + 1 } else { i }, b);
    }
}
