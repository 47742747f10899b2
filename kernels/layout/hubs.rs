//! What may be moved aside: hubs, which many others only report to (logs, metrics) or read from (keys, roles), and groups
//! of services, which several steps of the flow only use.

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

/// Whether some group may have services: at least two edges lead into it, and none out of it, or the other way round.
pub fn services_may_exist(input: &Input) -> bool {
    (0..input.groups.len()).any(|g| {
        let count = |from: bool| {
            let enters = |e: &&Edge| input.contains(g, e.source) == from && input.contains(g, e.target) != from;
            input.edges.iter().filter(enters).count()
        };
        let (outgoing, incoming) = (count(true), count(false));
        incoming.max(outgoing) >= 2 && incoming.min(outgoing) == 0
    })
}

/// A group with more nodes than this is no group of services.
const MAX_SERVICES: usize = 8;

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
        self.mark_links_to_hubs();
    }

    /// Finds at most two groups of services: groups of nodes that no edge connects with each other, and that several steps
    /// of the flow only use, or that only use these.
    pub fn find_services(&mut self) {
        for c in 1..self.clusters.len() {
            let group = match self.clusters[c].group {
                Some(g) if self.are_services(c, g) && self.hubs.len() < 2 => Child::Cluster(c),
                _ => continue,
            };
            self.hubs.push(group);
        }
        self.mark_links_to_hubs();
    }

    /// Whether the members of a cluster are services.
    fn are_services(&self, c: usize, g: usize) -> bool {
        let is_service = |&child: &Child| match child {
            Child::Vertex(v) => matches!(self.vertices[v].item, Item::Node(n) if !self.input.nodes[n].entry),
            Child::Cluster(_) => false,
        };
        let children = &self.clusters[c].children;
        if self.input.groups[g].is_lane || children.len() > MAX_SERVICES || !children.iter().all(is_service) {
            return false;
        }
        let (mut users, mut directions) = (Vec::new(), Vec::new());
        for link in &self.links {
            let (s, t) = (children.contains(&link.source), children.contains(&link.target));
            if s && t || link.source == Child::Cluster(c) || link.target == Child::Cluster(c) {
                return false;
            }
            if s || t {
                users.push(if s { link.target } else { link.source });
                directions.push(s);
            }
        }
        let in_sequence = users.iter().any(|&a| users.iter().any(|&b| a != b && self.leads_to(a, b)));
        children.len() > 1 && in_sequence && directions.iter().all(|&d| d == directions[0])
    }

    /// Whether links lead from one child to another.
    fn leads_to(&self, from: Child, to: Child) -> bool {
        let mut reached = vec![from];
        let mut next = 0;
        while next < reached.len() && !reached.contains(&to) {
            let targets = self.links.iter().filter(|l| l.source == reached[next]).map(|l| l.target);
            let new: Vec<Child> = targets.filter(|t| !reached.contains(t)).collect();
            reached.extend(new);
            next += 1;
        }
        reached.contains(&to)
    }

    fn mark_links_to_hubs(&mut self) {
        for i in 0..self.links.len() {
            let (s, t) = (self.links[i].source, self.links[i].target);
            self.links[i].to_hub = self.hubs.iter().any(|&h| {
                let inside = |end: Child| end == h || self.contains(h, end);
                inside(s) != inside(t)
            });
        }
    }
}
