//! Declarations that lead back to themselves: defines, tables and sets that read each other.
//! Runs once all bodies are resolved; the first body of each circle becomes a hole, so that nothing behind it can loop.
//! Records that contain themselves are found in `signatures`, by the same search.

use super::Resolver;
use crate::errors::names;
use crate::hir::{DefineId, Expr, SetId, TableId};
use crate::source::Span;
use rustc_hash::FxHashMap;

/// A declaration with a body that may read others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Node {
    Define(DefineId),
    Table(TableId),
    Set(SetId),
}

impl Resolver<'_> {
    pub(super) fn circles(&mut self) {
        let mut nodes: Vec<Node> = self.reads.keys().copied().collect();
        nodes.sort();
        let place: FxHashMap<Node, usize> = nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
        let edges: Vec<Vec<usize>> = nodes
            .iter()
            .map(|node| self.reads[node].iter().filter_map(|(to, _)| place.get(to).copied()).collect())
            .collect();
        for knot in knots(&edges) {
            let way: Vec<Node> = knot.way.iter().map(|at| nodes[*at]).collect();
            self.report_circle(&way);
            knot.members.iter().for_each(|at| self.make_hole(nodes[*at]));
        }
    }

    fn make_hole(&mut self, node: Node) {
        match node {
            Node::Define(id) => {
                let body = self.package[id].body;
                self.package.exprs[body.index()].expr = Expr::Error;
            }
            Node::Set(id) => {
                let value = self.package[id].value;
                self.package.exprs[value.index()].expr = Expr::Error;
            }
            Node::Table(id) => {
                let at = self.package[id].head.name.at;
                let hole = self.error(at);
                self.package[id].rows.clear();
                self.package[id].otherwise = Some(vec![hole]);
            }
        }
    }

    fn report_circle(&mut self, way: &[Node]) {
        let heads: Vec<_> = way
            .iter()
            .map(|node| match node {
                Node::Define(id) => &self.package[*id].head,
                Node::Table(id) => &self.package[*id].head,
                Node::Set(id) => &self.package[*id].head,
            })
            .collect();
        let mut round: Vec<&str> = heads.iter().map(|head| &*head.name.text).collect();
        round.push(round[0]);
        let spans: Vec<Span> = heads.iter().skip(1).map(|head| head.name.at).collect();
        let diagnostic = names::circle(heads[0].name.at, "refers to", &round, &spans);
        self.report(diagnostic);
    }
}

/// Nodes that all lead back to themselves by way of each other.
pub(super) struct Knot {
    pub members: Vec<usize>,
    /// The shortest way round from the first of them.
    pub way: Vec<usize>,
}

/// The knots of a graph in the order of their first nodes.
/// Takes time in proportion to nodes and edges, and no stack of its own.
pub(super) fn knots(edges: &[Vec<usize>]) -> Vec<Knot> {
    let component = components(edges);
    let mut members: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    for (node, number) in component.iter().enumerate() {
        members.entry(*number).or_default().push(node);
    }
    let firsts = (0..edges.len()).filter(|node| members[&component[*node]][0] == *node);
    let found = firsts.filter_map(|start| Some((start, way_round(edges, &component, start)?)));
    found.map(|(start, way)| Knot { members: members[&component[start]].clone(), way }).collect()
}

/// The shortest way from a node back to itself.
fn way_round(edges: &[Vec<usize>], component: &[usize], start: usize) -> Option<Vec<usize>> {
    let mut from: FxHashMap<usize, usize> = FxHashMap::default();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for next in edges[node].iter().copied() {
            if next == start {
                let mut way = vec![node];
                let mut node = node;
                while node != start {
                    node = from[&node];
                    way.push(node);
                }
                way.reverse();
                return Some(way);
            }
            if component[next] == component[start] && !from.contains_key(&next) {
                from.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}

/// By node: the number of its strongly connected component (Tarjan, without recursion); what an edge leads to has the
/// smaller number, or the same.
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let count = edges.len();
    let (mut order, mut low, mut knot) = (vec![NONE; count], vec![0; count], vec![NONE; count]);
    let (mut stack, mut next_order, mut next_knot) = (vec![], 0, 0);
    for root in 0..count {
        if order[root] != NONE {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((node, edge)) = work.pop() {
            if edge == 0 {
                order[node] = next_order;
                low[node] = next_order;
                next_order += 1;
                stack.push(node);
            }
            if let Some(next) = edges[node].get(edge) {
                work.push((node, edge + 1));
                if order[*next] == NONE {
                    work.push((*next, 0));
                } else if knot[*next] == NONE {
                    low[node] = low[node].min(order[*next]);
                }
                continue;
            }
            if low[node] == order[node] {
                while let Some(member) = stack.pop() {
                    knot[member] = next_knot;
                    if member == node {
                        break;
                    }
                }
                next_knot += 1;
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[node]);
            }
        }
    }
    knot
}
