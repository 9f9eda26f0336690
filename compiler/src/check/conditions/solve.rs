//! Can formulas all hold? Works through `and`, keeps for each term the values that are left, and tries the sides of `or`.
//! What it calls impossible is impossible, and it says why; where the work grows too much it says nothing.

use super::formula::{EQUAL, Formula, Formulas, GREATER, LESS, Literal, TermId};
use crate::check::values::{Present, Values};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// Literals that can't all hold; empty where a constant `false` stands.
pub type Conflict = Vec<Literal>;

/// Steps that one question may cost.
const MOST_STEPS: u32 = 3_000;
/// Conflicts worth telling.
const MOST_CONFLICTS: usize = 4;

/// Why these can't all hold, one conflict for each way that was tried; `None` where they can, or where it is too much work.
pub fn conflicts(formulas: &Formulas<'_>, all: &[Rc<Formula>]) -> Option<Vec<Conflict>> {
    let mut search = Search { formulas, steps: 0, conflicts: vec![] };
    let todo = all.iter().rev().cloned().collect();
    match search.impossible(State::default(), todo) {
        Some(true) => Some(search.conflicts),
        Some(false) | None => None,
    }
}

#[derive(Clone, Default)]
struct State {
    /// What each term may still be, and what said so.
    left: FxHashMap<TermId, (Values, Vec<Literal>)>,
    /// `or`s that are still open.
    open: Vec<Rc<Formula>>,
}

struct Search<'a> {
    formulas: &'a Formulas<'a>,
    steps: u32,
    conflicts: Vec<Conflict>,
}

impl Search<'_> {
    fn found(&mut self, conflict: Conflict) -> Option<bool> {
        if self.conflicts.len() < MOST_CONFLICTS {
            self.conflicts.push(conflict);
        }
        Some(true)
    }

    /// `None`: too much work. The depth of this is at most the number of `or`s, each step being counted.
    fn impossible(&mut self, mut state: State, mut todo: Vec<Rc<Formula>>) -> Option<bool> {
        loop {
            while let Some(formula) = todo.pop() {
                self.steps += 1;
                if self.steps > MOST_STEPS {
                    return None;
                }
                match &*formula {
                    Formula::True => {}
                    Formula::False => return self.found(vec![]),
                    Formula::And(parts) => todo.extend(parts.iter().rev().cloned()),
                    Formula::Or(_) => state.open.push(formula),
                    Formula::Literal(literal) => {
                        if let Err(conflict) = self.assume(&mut state, literal) {
                            return self.found(conflict);
                        }
                    }
                }
            }
            // An `or` with one side left says that side; one with none left is a conflict.
            let mut open = std::mem::take(&mut state.open);
            let (mut shortest, mut forced) = (usize::MAX, None);
            for (at, formula) in open.iter().enumerate() {
                let Formula::Or(parts) = &**formula else { continue };
                self.steps += parts.len() as u32;
                if self.steps > MOST_STEPS {
                    return None;
                }
                let possible: Vec<&Rc<Formula>> =
                    parts.iter().filter(|part| self.refuted(&state, part).is_none()).collect();
                if possible.is_empty() {
                    for part in parts {
                        let conflict = self.refuted(&state, part).unwrap_or_default();
                        self.found(conflict);
                    }
                    return Some(true);
                }
                if possible.len() < shortest {
                    shortest = possible.len();
                    forced = Some(at);
                }
            }
            let Some(at) = forced else {
                return match self.disorder(&state) {
                    Some(conflict) => self.found(conflict),
                    None => Some(false),
                };
            };
            let chosen = open.remove(at);
            state.open = open;
            let Formula::Or(parts) = &*chosen else { continue };
            if shortest == 1 {
                for part in parts {
                    match self.refuted(&state, part) {
                        // What ruled the other sides out belongs to the proof.
                        Some(conflict) => _ = self.found(conflict),
                        None => todo.push(part.clone()),
                    }
                }
                continue;
            }
            for part in parts {
                if let Some(conflict) = self.refuted(&state, part) {
                    self.found(conflict);
                } else if !self.impossible(state.clone(), vec![part.clone()])? {
                    return Some(false);
                }
            }
            return Some(true);
        }
    }

    fn assume(&self, state: &mut State, literal: &Literal) -> Result<(), Conflict> {
        let formulas = self.formulas;
        match state.left.get_mut(&literal.term) {
            None => {
                state.left.insert(literal.term, ((*literal.values).clone(), vec![literal.clone()]));
                Ok(())
            }
            Some((values, said)) => formulas.with_term(literal.term, |term| {
                let both = term.domain.and(values, &literal.values);
                if !term.domain.is_empty(&both) {
                    *values = both;
                    said.push(literal.clone());
                    return Ok(());
                }
                // One of them is enough where it can't hold with the new one.
                let lone = said.iter().find(|other| !term.domain.meet(&other.values, &literal.values));
                let mut conflict = lone.map_or_else(|| said.clone(), |other| vec![other.clone()]);
                conflict.push(literal.clone());
                Err(conflict)
            }),
        }
    }

    /// Why a side of an `or` can't hold with what is known, where that is seen at once.
    fn refuted(&self, state: &State, formula: &Formula) -> Option<Conflict> {
        match formula {
            Formula::False => Some(vec![]),
            Formula::Literal(literal) => {
                let (values, said) = state.left.get(&literal.term)?;
                self.formulas.with_term(literal.term, |term| {
                    if term.domain.meet(values, &literal.values) {
                        return None;
                    }
                    let lone = said.iter().find(|other| !term.domain.meet(&other.values, &literal.values));
                    let mut conflict = lone.map_or_else(|| said.clone(), |other| vec![other.clone()]);
                    conflict.push(literal.clone());
                    Some(conflict)
                })
            }
            Formula::And(parts) => parts.iter().find_map(|part| match &**part {
                Formula::Literal(_) | Formula::False => self.refuted(state, part),
                Formula::True | Formula::And(_) | Formula::Or(_) => None,
            }),
            Formula::True | Formula::Or(_) => None,
        }
    }

    /// Orders between terms that their values, or each other, don't allow.
    fn disorder(&mut self, state: &State) -> Option<Conflict> {
        let mut orders: Vec<(TermId, TermId, &Values, &Vec<Literal>)> = vec![];
        for (id, (values, said)) in &state.left {
            if let Some((a, b)) = self.formulas.with_term(*id, |term| term.order) {
                orders.push((a, b, values, said));
            }
        }
        // Not by hash order: the same text gives the same proof.
        orders.sort_by_key(|(a, b, ..)| (*a, *b));
        for (a, b, values, said) in &orders {
            if let (Some((left, said_left)), Some((right, said_right))) = (state.left.get(a), state.left.get(b))
                && let (Some(left), Some(right)) = (ends(left), ends(right))
                && self.same_scale(*a, *b)
            {
                let possible = |point: i128| match point {
                    LESS => left.0 < right.1,
                    EQUAL => left.0 <= right.1 && right.0 <= left.1,
                    _ => left.1 > right.0,
                };
                if [LESS, EQUAL, GREATER].into_iter().all(|point| !(has(values, point) && possible(point))) {
                    let mut conflict = (*said).clone();
                    conflict.extend(said_left.iter().cloned());
                    conflict.extend(said_right.iter().cloned());
                    return Some(conflict);
                }
            }
        }
        self.circle(&orders)
    }

    fn same_scale(&self, a: TermId, b: TermId) -> bool {
        let kind = |id| self.formulas.with_term(id, |term| term.domain.kind.clone());
        match (kind(a), kind(b)) {
            (crate::check::values::Kind::Points(a, ..), crate::check::values::Kind::Points(b, ..)) => a == b,
            _ => false,
        }
    }

    /// `a < b`, `b <= c`, `c <= a`.
    fn circle(&mut self, orders: &[(TermId, TermId, &Values, &Vec<Literal>)]) -> Option<Conflict> {
        // From the smaller to the larger; strict where they can't be equal.
        let mut edges: Vec<(TermId, TermId, bool, usize)> = vec![];
        for (at, (a, b, values, _)) in orders.iter().enumerate() {
            let (less, equal, greater) = (has(values, LESS), has(values, EQUAL), has(values, GREATER));
            if !greater {
                edges.push((*a, *b, !equal, at));
            }
            if !less {
                edges.push((*b, *a, !equal, at));
            }
        }
        for (from, to, _, first) in edges.iter().filter(|(_, _, strict, _)| *strict) {
            // Which edge a term was first reached by.
            let mut reached: FxHashMap<TermId, usize> = FxHashMap::default();
            let mut open = vec![*to];
            while let Some(term) = open.pop() {
                self.steps += 1;
                if self.steps > MOST_STEPS {
                    return None;
                }
                for (edge, (start, end, ..)) in edges.iter().enumerate() {
                    if *start == term && !reached.contains_key(end) {
                        reached.insert(*end, edge);
                        open.push(*end);
                    }
                }
            }
            if reached.contains_key(from) {
                let (mut conflict, mut at) = (orders[*first].3.clone(), *from);
                while at != *to
                    && let Some(edge) = reached.get(&at)
                {
                    conflict.extend(orders[edges[*edge].3].3.iter().cloned());
                    at = edges[*edge].0;
                }
                return Some(conflict);
            }
        }
        None
    }
}

fn has(values: &Values, point: i128) -> bool {
    match &values.present {
        Present::Points(parts) => parts.iter().any(|(start, end)| (*start..=*end).contains(&point)),
        Present::Symbols { .. } => true,
    }
}

/// The least and the greatest of them.
fn ends(values: &Values) -> Option<(i128, i128)> {
    match &values.present {
        Present::Points(parts) => Some((parts.first()?.0, parts.last()?.1)),
        Present::Symbols { .. } => None,
    }
}
