//! Network simplex: integers for vertices, so that arcs keep their least lengths and are short in all.
//!
//! Gansner, Koutsofios, North, Vo, "A technique for drawing directed graphs", IEEE TSE 1993, sections 2.3 and 2.4.
//! The cut value of a tree arc is the sum of the net weights of the vertices below it.

struct Arc {
    tail: usize,
    head: usize,
    len: i32,
    weight: i32,
}

/// Minimizes the sum of `weight * (value[head] - value[tail])` with `value[head] - value[tail] >= len`.
pub struct Simplex {
    n: usize,
    arcs: Vec<Arc>,
}

impl Simplex {
    pub fn new(n: usize) -> Simplex {
        Simplex { n, arcs: Vec::new() }
    }

    pub fn vertex(&mut self) -> usize {
        self.n += 1;
        self.n - 1
    }

    pub fn arc(&mut self, tail: usize, head: usize, len: i32, weight: i32) {
        if tail != head {
            self.arcs.push(Arc { tail, head, len, weight });
        }
    }

    /// Adds `weight * |(a + da) - (b + db)|` to what is minimized.
    pub fn pull(&mut self, a: usize, b: usize, da: i32, db: i32, weight: i32) {
        let e = self.vertex();
        self.arc(e, a, -da, weight);
        self.arc(e, b, -db, weight);
    }

    /// All arcs so far: tail, head, least length.
    pub fn rules(&self) -> Vec<(usize, usize, i32)> {
        self.arcs.iter().map(|a| (a.tail, a.head, a.len)).collect()
    }

    /// The values, or None where arcs form a cycle of positive length or any cycle.
    pub fn solve(self, pivots: usize) -> Option<Vec<i32>> {
        let mut solver = Solver::new(self)?;
        solver.run(pivots);
        Some(solver.value())
    }

    /// The longest path to each vertex; None where there is a cycle.
    fn feasible(&self) -> Option<Vec<i32>> {
        let (mut degree, mut value) = (vec![0u32; self.n], vec![0i32; self.n]);
        let out = lists(self.n, self.arcs.iter().map(|a| a.tail));
        for a in &self.arcs {
            degree[a.head] += 1;
        }
        let mut queue: Vec<usize> = (0..self.n).filter(|&v| degree[v] == 0).collect();
        let mut at = 0;
        while at < queue.len() {
            let v = queue[at];
            at += 1;
            for &i in out.of(v) {
                let a = &self.arcs[i as usize];
                value[a.head] = value[a.head].max(value[v] + a.len);
                degree[a.head] -= 1;
                if degree[a.head] == 0 {
                    queue.push(a.head);
                }
            }
        }
        if at == self.n {
            Some(value)
        } else {
            None
        }
    }
}

/// A problem with the best values known so far. Other weights lead on from there.
pub struct Solver {
    simplex: Simplex,
    tree: Tree,
}

impl Solver {
    /// None where arcs form a cycle.
    pub fn new(mut simplex: Simplex) -> Option<Solver> {
        let value = simplex.feasible()?;
        let tree = Tree::grow(&mut simplex, value);
        Some(Solver { simplex, tree })
    }

    /// Improves the values, at most so many times.
    pub fn run(&mut self, pivots: usize) {
        let mut from = 0;
        for _ in 0..pivots {
            match self.tree.leaving(&self.simplex, &mut from) {
                Some(vertex) => self.tree.pivot(&self.simplex, vertex),
                None => break,
            }
        }
    }

    /// Gives the arcs from `first` on other weights.
    pub fn reweigh(&mut self, first: usize, weights: impl Iterator<Item = i32>) {
        for (arc, weight) in self.simplex.arcs[first..].iter_mut().zip(weights) {
            arc.weight = weight;
        }
        self.tree.weigh(&self.simplex);
    }

    /// The values, the least of them 0.
    pub fn value(&self) -> Vec<i32> {
        let least = self.tree.value.iter().copied().min().unwrap_or(0);
        self.tree.value.iter().map(|v| v - least).collect()
    }
}

/// Numbers in lists, all lists in one piece of memory.
struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn of(&self, v: usize) -> &[u32] {
        &self.items[self.starts[v] as usize..self.starts[v + 1] as usize]
    }
}

fn lists(n: usize, keys: impl Iterator<Item = usize> + Clone) -> Lists {
    let mut starts = vec![0u32; n + 1];
    for k in keys.clone() {
        starts[k + 1] += 1;
    }
    for v in 0..n {
        starts[v + 1] += starts[v];
    }
    let mut fill = starts.clone();
    let mut items = vec![0u32; starts[n] as usize];
    for (i, k) in keys.enumerate() {
        items[fill[k] as usize] = i as u32;
        fill[k] += 1;
    }
    Lists { starts, items }
}

const NONE: u32 = u32::MAX;

struct Tree {
    value: Vec<i32>,
    out: Lists,
    into: Lists,
    links: Vec<Vec<u32>>, // Tree arcs at each vertex.
    parent: Vec<u32>,     // The tree arc to the parent.
    low: Vec<u32>,
    lim: Vec<u32>,
    order: Vec<u32>, // Vertices by `lim`.
    sum: Vec<i64>,   // Net weight of the vertices below, this one included.
    net: Vec<i64>,
}

impl Tree {
    /// A spanning tree of tight arcs; values are moved until there is one.
    fn grow(s: &mut Simplex, value: Vec<i32>) -> Tree {
        let n = s.n;
        let mut value = value;
        let mut links = vec![Vec::new(); n];
        let mut inside = vec![false; n];
        let mut members: Vec<usize> = Vec::new();
        let mut out = lists(n, s.arcs.iter().map(|a| a.tail));
        let mut into = lists(n, s.arcs.iter().map(|a| a.head));
        let mut at = 0;
        let mut added = false;
        let mut frontier: Vec<u32> = Vec::new();
        if n > 0 {
            inside[0] = true;
            members.push(0);
        }
        while members.len() < n || at < members.len() {
            while at < members.len() {
                let v = members[at];
                at += 1;
                for &i in out.of(v).iter().chain(into.of(v)) {
                    let a = &s.arcs[i as usize];
                    let other = if a.tail == v { a.head } else { a.tail };
                    if inside[other] {
                        continue;
                    }
                    if value[a.head] - value[a.tail] == a.len {
                        inside[other] = true;
                        members.push(other);
                        links[v].push(i);
                        links[other].push(i);
                    } else {
                        frontier.push(i);
                    }
                }
            }
            if members.len() == n {
                break;
            }
            frontier.retain(|&i| inside[s.arcs[i as usize].tail] != inside[s.arcs[i as usize].head]);
            let best = frontier
                .iter()
                .copied()
                .min_by_key(|&i| (value[s.arcs[i as usize].head] - value[s.arcs[i as usize].tail] - s.arcs[i as usize].len, i));
            match best {
                Some(i) => {
                    let a = &s.arcs[i as usize];
                    let slack = value[a.head] - value[a.tail] - a.len;
                    let (by, v) = if inside[a.tail] { (slack, a.head) } else { (-slack, a.tail) };
                    for &m in &members {
                        value[m] += by;
                    }
                    inside[v] = true;
                    members.push(v);
                    links[a.tail].push(i);
                    links[a.head].push(i);
                }
                None => {
                    // Another component: an arc without weight holds it where it is.
                    let v = (0..n).find(|&v| !inside[v]).unwrap();
                    let i = s.arcs.len() as u32;
                    s.arcs.push(Arc { tail: 0, head: v, len: value[v] - value[0], weight: 0 });
                    inside[v] = true;
                    members.push(v);
                    links[0].push(i);
                    links[v].push(i);
                    added = true;
                }
            }
        }
        if added {
            out = lists(n, s.arcs.iter().map(|a| a.tail));
            into = lists(n, s.arcs.iter().map(|a| a.head));
        }
        let mut tree = Tree {
            value, out, into, links, net: vec![0; n],
            parent: vec![NONE; n], low: vec![0; n], lim: vec![0; n], order: vec![0; n], sum: vec![0; n],
        };
        tree.weigh(s);
        tree
    }

    /// Takes the weights of the arcs.
    fn weigh(&mut self, s: &Simplex) {
        self.net.iter_mut().for_each(|n| *n = 0);
        for a in &s.arcs {
            self.net[a.tail] += i64::from(a.weight);
            self.net[a.head] -= i64::from(a.weight);
        }
        if !self.net.is_empty() {
            self.number(s, 0, NONE, 0);
        }
    }

    /// Numbers the tree below `root` in postorder from `first` on, and sums the weights.
    fn number(&mut self, s: &Simplex, root: usize, parent: u32, first: u32) {
        let mut stack: Vec<(u32, u32)> = vec![(root as u32, 0)];
        self.parent[root] = parent;
        self.low[root] = first;
        self.sum[root] = self.net[root];
        let mut next = first;
        while let Some(top) = stack.last_mut() {
            let v = top.0 as usize;
            if (top.1 as usize) < self.links[v].len() {
                let i = self.links[v][top.1 as usize];
                top.1 += 1;
                if i != self.parent[v] {
                    let a = &s.arcs[i as usize];
                    let w = if a.tail == v { a.head } else { a.tail };
                    self.parent[w] = i;
                    self.low[w] = next;
                    self.sum[w] = self.net[w];
                    stack.push((w as u32, 0));
                }
            } else {
                self.lim[v] = next;
                self.order[next as usize] = v as u32;
                next += 1;
                stack.pop();
                if let Some(up) = stack.last() {
                    self.sum[up.0 as usize] += self.sum[v];
                }
            }
        }
    }

    fn below(&self, v: usize, w: usize) -> bool {
        self.low[v] <= self.lim[w] && self.lim[w] <= self.lim[v]
    }

    /// The vertex whose arc to its parent has a negative cut value, searched on from the last one.
    fn leaving(&self, s: &Simplex, from: &mut usize) -> Option<usize> {
        let n = self.parent.len();
        let mut best: Option<(i64, usize)> = None;
        let mut seen = 0;
        for k in 0..n {
            let v = (*from + k) % n;
            let i = self.parent[v];
            if i == NONE {
                continue;
            }
            let cut = if s.arcs[i as usize].tail == v { self.sum[v] } else { -self.sum[v] };
            if cut < 0 {
                if best.map_or(true, |(c, _)| cut < c) {
                    best = Some((cut, v));
                }
                seen += 1;
                if seen >= 30 {
                    break;
                }
            }
        }
        let v = best?.1;
        *from = (v + 1) % n;
        Some(v)
    }

    /// Replaces the arc between a vertex and its parent by the one that is next to become tight.
    fn pivot(&mut self, s: &Simplex, v: usize) {
        let leaving = self.parent[v];
        let arc = &s.arcs[leaving as usize];
        let tail_below = arc.tail == v;
        let mut best: Option<(i32, u32)> = None;
        for k in self.low[v]..=self.lim[v] {
            let w = self.order[k as usize] as usize;
            // From the head's part to the tail's part.
            for &i in if tail_below { self.into.of(w) } else { self.out.of(w) } {
                let a = &s.arcs[i as usize];
                let other = if tail_below { a.tail } else { a.head };
                if self.below(v, other) {
                    continue;
                }
                let slack = self.value[a.head] - self.value[a.tail] - a.len;
                if best.map_or(true, |b| (slack, i) < b) {
                    best = Some((slack, i));
                }
            }
        }
        let (slack, entering) = match best {
            Some(found) => found,
            None => {
                // Unbounded: cannot be, as all weights are positive; leave the arc alone.
                self.sum[v] = 0;
                return;
            }
        };
        let by = if tail_below { -slack } else { slack };
        for k in self.low[v]..=self.lim[v] {
            self.value[self.order[k as usize] as usize] += by;
        }
        let (a, b) = (arc.tail, arc.head);
        self.links[a].retain(|&i| i != leaving);
        self.links[b].retain(|&i| i != leaving);
        let f = &s.arcs[entering as usize];
        self.links[f.tail].push(entering);
        self.links[f.head].push(entering);
        let mut top = if a == v { b } else { a };
        while !(self.below(top, f.tail) && self.below(top, f.head)) {
            let i = self.parent[top];
            let up = &s.arcs[i as usize];
            top = if up.tail == top { up.head } else { up.tail };
        }
        let (parent, low) = (self.parent[top], self.low[top]);
        self.number(s, top, parent, low);
    }
}
