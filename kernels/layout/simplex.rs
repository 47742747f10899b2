//! Network simplex: assigns integers to vertices so that arcs have at least their minimum lengths, and the weighted sum
//! of lengths is minimal.
//!
//! Gansner, Koutsofios, North, Vo, "A technique for drawing directed graphs", IEEE TSE 1993, sections 2.3 and 2.4. The
//! cut value of a tree arc is the sum of the net weights of the vertices below it.

/// Integer steps of the simplex per point.
pub const STEPS_PER_POINT: f64 = 2.0;

/// Returns a length in points as integer steps of the simplex.
pub fn units(points: f64) -> i32 {
    (points * STEPS_PER_POINT).round() as i32
}

/// A constraint and a term of the objective.
struct Arc {
    tail: usize,
    head: usize,
    min_len: i32,
    weight: i32,
}

/// Minimizes the sum of `weight * (value[head] - value[tail])` subject to `value[head] - value[tail] >= min_len`.
pub struct Simplex {
    n: usize,
    arcs: Vec<Arc>,
}

impl Simplex {
    /// Creates a problem with `n` vertices.
    pub fn new(n: usize) -> Simplex {
        Simplex { n, arcs: Vec::new() }
    }

    /// Adds a vertex and returns its index.
    pub fn add_vertex(&mut self) -> usize {
        self.n += 1;
        self.n - 1
    }

    /// Adds the constraint `value[head] - value[tail] >= min_len`, and its weighted length to the objective.
    pub fn add_arc(&mut self, tail: usize, head: usize, min_len: i32, weight: i32) {
        if tail != head {
            self.arcs.push(Arc { tail, head, min_len, weight });
        }
    }

    /// Adds `weight * |(a + da) - (b + db)|` to the objective.
    pub fn add_abs_term(&mut self, a: usize, b: usize, da: i32, db: i32, weight: i32) {
        let auxiliary = self.add_vertex();
        self.add_arc(auxiliary, a, -da, weight);
        self.add_arc(auxiliary, b, -db, weight);
    }

    /// Returns the number of arcs so far.
    pub fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    /// Returns all arcs so far: tail, head, minimum length.
    pub fn constraints(&self) -> Vec<(usize, usize, i32)> {
        self.arcs.iter().map(|a| (a.tail, a.head, a.min_len)).collect()
    }

    /// Returns the values, or None if arcs form a cycle.
    pub fn solve(self, pivots: usize) -> Option<Vec<i32>> {
        let mut solver = Solver::new(self)?;
        solver.run(pivots);
        Some(solver.values())
    }

    /// Returns the longest path to each vertex, or None if there is a cycle.
    fn initial_values(&self) -> Option<Vec<i32>> {
        let (mut in_degree, mut values) = (vec![0u32; self.n], vec![0i32; self.n]);
        let outgoing = group_by(self.n, self.arcs.iter().map(|arc| arc.tail));
        for arc in &self.arcs {
            in_degree[arc.head] += 1;
        }
        let mut queue: Vec<usize> = (0..self.n).filter(|&v| in_degree[v] == 0).collect();
        let mut next = 0;
        while next < queue.len() {
            let v = queue[next];
            next += 1;
            for &i in outgoing.of(v) {
                let arc = &self.arcs[i as usize];
                values[arc.head] = values[arc.head].max(values[v] + arc.min_len);
                in_degree[arc.head] -= 1;
                if in_degree[arc.head] == 0 {
                    queue.push(arc.head);
                }
            }
        }
        if next == self.n {
            Some(values)
        } else {
            None
        }
    }
}

/// A problem with its best values so far. After a change of weights, the search continues from these.
pub struct Solver {
    simplex: Simplex,
    tree: Tree,
}

impl Solver {
    /// Returns None if arcs form a cycle.
    pub fn new(mut simplex: Simplex) -> Option<Solver> {
        let values = simplex.initial_values()?;
        let tree = Tree::grow(&mut simplex, values);
        Some(Solver { simplex, tree })
    }

    /// Improves the values by at most `pivots` steps.
    pub fn run(&mut self, pivots: usize) {
        let mut from = 0;
        for _ in 0..pivots {
            match self.tree.leaving_vertex(&self.simplex, &mut from) {
                Some(vertex) => self.tree.pivot(&self.simplex, vertex),
                None => break,
            }
        }
    }

    /// Changes the weights of the arcs from `first` on.
    pub fn set_weights(&mut self, first: usize, weights: impl Iterator<Item = i32>) {
        for (arc, weight) in self.simplex.arcs[first..].iter_mut().zip(weights) {
            arc.weight = weight;
        }
        self.tree.update_weights(&self.simplex);
    }

    /// Returns the values; the smallest is 0.
    pub fn values(&self) -> Vec<i32> {
        let min = self.tree.values.iter().copied().min().unwrap_or(0);
        self.tree.values.iter().map(|v| v - min).collect()
    }
}

/// Lists of arc indices, all in one vector.
struct ArcLists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl ArcLists {
    /// Returns the list of a vertex.
    fn of(&self, v: usize) -> &[u32] {
        &self.items[self.starts[v] as usize..self.starts[v + 1] as usize]
    }
}

/// Returns for each of `n` keys the indices at which it occurs.
fn group_by(n: usize, keys: impl Iterator<Item = usize> + Clone) -> ArcLists {
    let mut starts = vec![0u32; n + 1];
    for k in keys.clone() {
        starts[k + 1] += 1;
    }
    for v in 0..n {
        starts[v + 1] += starts[v];
    }
    let mut next = starts.clone();
    let mut items = vec![0u32; starts[n] as usize];
    for (i, k) in keys.enumerate() {
        items[next[k] as usize] = i as u32;
        next[k] += 1;
    }
    ArcLists { starts, items }
}

/// No arc: the parent of the root.
const NONE: u32 = u32::MAX;

/// A spanning tree of tight arcs; `low` and `lim` are the postorder numbers of the paper.
struct Tree {
    values: Vec<i32>,
    outgoing: ArcLists,
    incoming: ArcLists,
    tree_arcs: Vec<Vec<u32>>, // The tree arcs at each vertex.
    parent: Vec<u32>,     // The tree arc to the parent.
    low: Vec<u32>,
    lim: Vec<u32>,
    order: Vec<u32>, // The vertices sorted by `lim`.
    subtree_weight: Vec<i64>,   // The net weight of the subtree.
    net_weight: Vec<i64>,
}

impl Tree {
    /// Returns a spanning tree of tight arcs; values are changed until there is one.
    fn grow(simplex: &mut Simplex, values: Vec<i32>) -> Tree {
        let n = simplex.n;
        let mut values = values;
        let mut tree_arcs = vec![Vec::new(); n];
        let mut in_tree = vec![false; n];
        let mut members: Vec<usize> = Vec::new();
        let mut outgoing = group_by(n, simplex.arcs.iter().map(|arc| arc.tail));
        let mut incoming = group_by(n, simplex.arcs.iter().map(|arc| arc.head));
        let mut next = 0;
        let mut added = false;
        let mut frontier: Vec<u32> = Vec::new();
        if n > 0 {
            in_tree[0] = true;
            members.push(0);
        }
        while members.len() < n || next < members.len() {
            while next < members.len() {
                let v = members[next];
                next += 1;
                for &i in outgoing.of(v).iter().chain(incoming.of(v)) {
                    let arc = &simplex.arcs[i as usize];
                    let other = if arc.tail == v { arc.head } else { arc.tail };
                    if in_tree[other] {
                        continue;
                    }
                    if values[arc.head] - values[arc.tail] == arc.min_len {
                        in_tree[other] = true;
                        members.push(other);
                        tree_arcs[v].push(i);
                        tree_arcs[other].push(i);
                    } else {
                        frontier.push(i);
                    }
                }
            }
            if members.len() == n {
                break;
            }
            frontier.retain(|&i| in_tree[simplex.arcs[i as usize].tail] != in_tree[simplex.arcs[i as usize].head]);
            let best = frontier.iter().copied().min_by_key(|&i| {
                (
                    values[simplex.arcs[i as usize].head]
                        - values[simplex.arcs[i as usize].tail]
                        - simplex.arcs[i as usize].min_len,
                    i,
                )
            });
            match best {
                Some(i) => {
                    let arc = &simplex.arcs[i as usize];
                    let slack = values[arc.head] - values[arc.tail] - arc.min_len;
                    let (delta, v) = if in_tree[arc.tail] { (slack, arc.head) } else { (-slack, arc.tail) };
                    for &member in &members {
                        values[member] += delta;
                    }
                    in_tree[v] = true;
                    members.push(v);
                    tree_arcs[arc.tail].push(i);
                    tree_arcs[arc.head].push(i);
                }
                None => {
                    // Another component: an arc without weight keeps it at its position.
                    let v = (0..n).find(|&v| !in_tree[v]).unwrap();
                    let i = simplex.arcs.len() as u32;
                    simplex.arcs.push(Arc { tail: 0, head: v, min_len: values[v] - values[0], weight: 0 });
                    in_tree[v] = true;
                    members.push(v);
                    tree_arcs[0].push(i);
                    tree_arcs[v].push(i);
                    added = true;
                }
            }
        }
        if added {
            outgoing = group_by(n, simplex.arcs.iter().map(|arc| arc.tail));
            incoming = group_by(n, simplex.arcs.iter().map(|arc| arc.head));
        }
        let mut tree = Tree {
            values, outgoing, incoming, tree_arcs, net_weight: vec![0; n],
            parent: vec![NONE; n], low: vec![0; n], lim: vec![0; n], order: vec![0; n], subtree_weight: vec![0; n],
        };
        tree.update_weights(simplex);
        tree
    }

    /// Reads the weights of the arcs again.
    fn update_weights(&mut self, simplex: &Simplex) {
        self.net_weight.iter_mut().for_each(|weight| *weight = 0);
        for arc in &simplex.arcs {
            self.net_weight[arc.tail] += i64::from(arc.weight);
            self.net_weight[arc.head] -= i64::from(arc.weight);
        }
        if !self.net_weight.is_empty() {
            self.number_subtree(simplex, 0, NONE, 0);
        }
    }

    /// Numbers the subtree of `root` in postorder, starting with `first`, and sums the weights.
    fn number_subtree(&mut self, simplex: &Simplex, root: usize, parent: u32, first: u32) {
        let mut stack: Vec<(u32, u32)> = vec![(root as u32, 0)];
        self.parent[root] = parent;
        self.low[root] = first;
        self.subtree_weight[root] = self.net_weight[root];
        let mut next = first;
        while let Some(frame) = stack.last_mut() {
            let v = frame.0 as usize;
            if (frame.1 as usize) < self.tree_arcs[v].len() {
                let i = self.tree_arcs[v][frame.1 as usize];
                frame.1 += 1;
                if i != self.parent[v] {
                    let arc = &simplex.arcs[i as usize];
                    let w = if arc.tail == v { arc.head } else { arc.tail };
                    self.parent[w] = i;
                    self.low[w] = next;
                    self.subtree_weight[w] = self.net_weight[w];
                    stack.push((w as u32, 0));
                }
            } else {
                self.lim[v] = next;
                self.order[next as usize] = v as u32;
                next += 1;
                stack.pop();
                if let Some(above) = stack.last() {
                    self.subtree_weight[above.0 as usize] += self.subtree_weight[v];
                }
            }
        }
    }

    /// Whether `w` is in the subtree of `v`.
    fn in_subtree(&self, v: usize, w: usize) -> bool {
        self.low[v] <= self.lim[w] && self.lim[w] <= self.lim[v]
    }

    /// Returns a vertex whose arc to its parent has a negative cut value; the search continues from the last one.
    fn leaving_vertex(&self, simplex: &Simplex, from: &mut usize) -> Option<usize> {
        let n = self.parent.len();
        let mut best: Option<(i64, usize)> = None;
        let mut negative_cuts = 0;
        for k in 0..n {
            let v = (*from + k) % n;
            let i = self.parent[v];
            if i == NONE {
                continue;
            }
            let cut_value = if simplex.arcs[i as usize].tail == v { self.subtree_weight[v] } else { -self.subtree_weight[v] };
            if cut_value < 0 {
                if best.map_or(true, |(c, _)| cut_value < c) {
                    best = Some((cut_value, v));
                }
                negative_cuts += 1;
                if negative_cuts >= 30 {
                    break;
                }
            }
        }
        let v = best?.1;
        *from = (v + 1) % n;
        Some(v)
    }

    /// Replaces the arc between a vertex and its parent by the arc with the least slack.
    fn pivot(&mut self, simplex: &Simplex, v: usize) {
        let leaving = self.parent[v];
        let arc = &simplex.arcs[leaving as usize];
        let tail_below = arc.tail == v;
        let mut best: Option<(i32, u32)> = None;
        for k in self.low[v]..=self.lim[v] {
            let w = self.order[k as usize] as usize;
            // From the head's part to the tail's part.
            for &i in if tail_below { self.incoming.of(w) } else { self.outgoing.of(w) } {
                let a = &simplex.arcs[i as usize];
                let other = if tail_below { a.tail } else { a.head };
                if self.in_subtree(v, other) {
                    continue;
                }
                let slack = self.values[a.head] - self.values[a.tail] - a.min_len;
                if best.map_or(true, |b| (slack, i) < b) {
                    best = Some((slack, i));
                }
            }
        }
        let (slack, entering) = match best {
            Some(found) => found,
            None => {
                // Unbounded, which cannot happen because all weights are positive: keep the arc.
                self.subtree_weight[v] = 0;
                return;
            }
        };
        let delta = if tail_below { -slack } else { slack };
        for k in self.low[v]..=self.lim[v] {
            self.values[self.order[k as usize] as usize] += delta;
        }
        let (a, b) = (arc.tail, arc.head);
        self.tree_arcs[a].retain(|&i| i != leaving);
        self.tree_arcs[b].retain(|&i| i != leaving);
        let entering_arc = &simplex.arcs[entering as usize];
        self.tree_arcs[entering_arc.tail].push(entering);
        self.tree_arcs[entering_arc.head].push(entering);
        let mut top = if a == v { b } else { a };
        while !(self.in_subtree(top, entering_arc.tail) && self.in_subtree(top, entering_arc.head)) {
            let i = self.parent[top];
            let up = &simplex.arcs[i as usize];
            top = if up.tail == top { up.head } else { up.tail };
        }
        let (parent, low) = (self.parent[top], self.low[top]);
        self.number_subtree(simplex, top, parent, low);
    }
}
