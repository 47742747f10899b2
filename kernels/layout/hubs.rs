//! Hubs: what many only report to (logs, metrics) or read from (keys, roles). They may stand aside.

use crate::model::*;
use crate::scope::{Child, Item, Scope};

/// Whether something has so many edges, all in or all out, that it may stand aside.
pub fn any(input: &Input) -> bool {
    if input.edges.len() < 6 {
        return false;
    }
    let mut ends: Vec<(usize, usize)> = vec![(0, 0); input.nodes.len() + input.groups.len()];
    let index = |end: End| match end {
        End::Node(n) => n,
        End::Group(g) => input.nodes.len() + g,
    };
    for e in &input.edges {
        ends[index(e.s)].1 += 1;
        ends[index(e.t)].0 += 1;
    }
    ends.iter().any(|&(into, out)| into.max(out) >= 3 && into.min(out) == 0)
}

impl Scope<'_> {
    /// Finds what many only report to (logs, metrics) or read from (keys, roles): children of a cluster with four
    /// links or more, all in or all out, of which no two others come between.
    pub fn find_hubs(&mut self) {
        for c in 0..self.clusters.len() {
            if self.clusters[c].children.len() < 5 {
                continue;
            }
            for child in self.clusters[c].children.clone() {
                let within = |end: Child| end == child || self.holds(child, end);
                let (mut into, mut out, mut ends) = (0, 0, Vec::new());
                for link in &self.links {
                    let (s, t) = (within(link.s), within(link.t));
                    if s && !t {
                        out += 1;
                        ends.push(link.t);
                    } else if t && !s {
                        into += 1;
                        ends.push(link.s);
                    }
                }
                ends.dedup();
                let entry = match child {
                    Child::V(v) => matches!(self.verts[v].item, Item::Node(n) if self.input.nodes[n].entry),
                    Child::C(_) => false,
                };
                if ends.len() >= 4 && (into == 0 || out == 0) && !entry && self.hubs.len() < 2 {
                    self.hubs.push(child);
                }
            }
        }
        for i in 0..self.links.len() {
            let (s, t) = (self.links[i].s, self.links[i].t);
            self.links[i].aside = self.hubs.iter().any(|&h| {
                let within = |end: Child| end == h || self.holds(h, end);
                within(s) != within(t)
            });
        }
    }
}
