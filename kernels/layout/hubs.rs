//! Hubs: nodes that many others only report to (logs, metrics) or read from (keys, roles). They may be moved aside.

use crate::model::*;
use crate::scope::{Child, Item, Scope};

/// Whether some node or group has at least three edges, all outgoing or all incoming, so that it may be a hub.
pub fn may_exist(input: &Input) -> bool {
    if input.edges.len() < 6 {
        return false;
    }
    let mut degrees: Vec<(usize, usize)> = vec![(0, 0); input.nodes.len() + input.groups.len()];
    let index = |end: End| match end {
        End::Node(n) => n,
        End::Group(g) => input.nodes.len() + g,
    };
    for e in &input.edges {
        degrees[index(e.source)].1 += 1;
        degrees[index(e.target)].0 += 1;
    }
    degrees.iter().any(|&(incoming, outgoing)| incoming.max(outgoing) >= 3 && incoming.min(outgoing) == 0)
}

impl Scope<'_> {
    /// Finds hubs: at most two children, in clusters with five children or more, that have links to four different
    /// ends, all outgoing or all incoming, and are not entry nodes.
    pub fn find_hubs(&mut self) {
        for c in 0..self.clusters.len() {
            if self.clusters[c].children.len() < 5 {
                continue;
            }
            for child in self.clusters[c].children.clone() {
                let inside = |end: Child| end == child || self.contains(child, end);
                let (mut incoming, mut outgoing, mut neighbors) = (0, 0, Vec::new());
                for link in &self.links {
                    let (s, t) = (inside(link.source), inside(link.target));
                    if s && !t {
                        outgoing += 1;
                        neighbors.push(link.target);
                    } else if t && !s {
                        incoming += 1;
                        neighbors.push(link.source);
                    }
                }
                neighbors.dedup();
                let is_entry = match child {
                    Child::Vertex(v) => matches!(self.vertices[v].item, Item::Node(n) if self.input.nodes[n].entry),
                    Child::Cluster(_) => false,
                };
                if neighbors.len() >= 4 && (incoming == 0 || outgoing == 0) && !is_entry && self.hubs.len() < 2 {
                    self.hubs.push(child);
                }
            }
        }
        for i in 0..self.links.len() {
            let (s, t) = (self.links[i].source, self.links[i].target);
            self.links[i].to_hub = self.hubs.iter().any(|&h| {
                let inside = |end: Child| end == h || self.contains(h, end);
                inside(s) != inside(t)
            });
        }
    }
}
