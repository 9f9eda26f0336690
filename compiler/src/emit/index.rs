//! Rules that begin by asking one argument for a constant (`deny when tool is "wire" and …`) are reached by looking that
//! argument up: what a decision costs grows with the rules that can apply, not with those that there are.

use super::exprs::{At, Emitter, Result};
use crate::hir::{CompareOp, Condition, Expr, ExprId, RuleId};
use ordain_vm::op::{Label, Op, Text, Word};
use ordain_vm::program::{Keys, Selection};
use ordain_vm::request::slots::word;
use ordain_vm::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many rules have to ask the same before they are looked up.
const FEWEST: usize = 8;

/// Which register is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    Text(u32),
    Word(u32),
}

/// What a rule wants of it.
enum Wanted {
    Texts(Vec<Arc<str>>),
    Words(Vec<i64>),
}

/// A rule that can be looked up.
struct Keyed {
    rule: RuleId,
    /// Its place among the action's rules.
    place: usize,
    wanted: Wanted,
}

/// Rules of which each asks the same register.
pub(super) struct Group {
    asked: Asked,
    rules: Vec<Keyed>,
}

impl Group {
    /// The rules, with their places among those of the action.
    pub fn rules(&self) -> impl Iterator<Item = (usize, RuleId)> {
        self.rules.iter().map(|keyed| (keyed.place, keyed.rule))
    }
}

impl Emitter<'_, '_> {
    /// The rules that are looked up.
    pub fn groups(&mut self, rules: &[RuleId], governing: &[u32]) -> Vec<Group> {
        let mut groups: BTreeMap<Asked, Vec<Keyed>> = BTreeMap::new();
        for (place, rule) in rules.iter().enumerate() {
            let of = &self.package()[*rule];
            // Of a rule that is not in force nothing is seen.
            if !governing.contains(&of.policy.0) || self.is_dated(of) {
                continue;
            }
            let here = self.body.here();
            let key = of.conditions.first().and_then(|first| self.key(first));
            self.body.back(here);
            self.unbind();
            if let Some((asked, wanted)) = key {
                groups.entry(asked).or_default().push(Keyed { rule: *rule, place, wanted });
            }
        }
        groups.retain(|_, rules| rules.len() >= FEWEST);
        groups.into_iter().map(|(asked, rules)| Group { asked, rules }).collect()
    }

    /// What the first part of a condition asks, where that is one argument beside constants.
    fn key(&mut self, condition: &Condition) -> Option<(Asked, Wanted)> {
        if condition.negated {
            return None;
        }
        let mut first = condition.expr;
        while let Expr::And(parts) = self.package().expr(first) {
            first = *parts.first()?;
        }
        let (of, wanted) = match self.package().expr(first) {
            Expr::Compare { operands, ops } => match (operands.as_slice(), ops.as_slice()) {
                ([left, right], [CompareOp::Equal]) => match self.constant_value(*right) {
                    Some(value) => (*left, vec![value]),
                    None => (*right, vec![self.constant_value(*left)?]),
                },
                _ => return None,
            },
            Expr::In { element, of } => match self.constant_value(*of)? {
                Value::Set(items) => (*element, items.iter().cloned().collect()),
                Value::List(items) => (*element, items.to_vec()),
                _ => return None,
            },
            _ => return None,
        };
        self.asked(of, &wanted)
    }

    fn asked(&mut self, of: ExprId, wanted: &[Value]) -> Option<(Asked, Wanted)> {
        if !matches!(self.package().expr(of), Expr::Arg(_) | Expr::Context(_)) {
            return None;
        }
        let operand = self.expr(of).ok().filter(|operand| operand.present.is_none())?;
        match operand.at {
            At::Text(Text::Slot(slot)) => {
                let text = |value: &Value| match value {
                    Value::Text(text) => Some(text.clone()),
                    _ => None,
                };
                Some((Asked::Text(slot), Wanted::Texts(wanted.iter().map(text).collect::<Option<_>>()?)))
            }
            At::Word(Word(at)) if at < self.layout.registers.words => {
                Some((Asked::Word(at), Wanted::Words(wanted.iter().map(word).collect::<Option<_>>()?)))
            }
            At::Text(_) | At::Word(_) | At::Wide(_) | At::Val(_) => None,
        }
    }

    /// Looks the rules of a group up and runs those that were found, by `rule`, which is given the place and says how
    /// it went. What can't be compiled is led to by nothing.
    pub fn looked_up(&mut self, group: &Group, mut rule: impl FnMut(&mut Self, usize, RuleId) -> Result<()>) {
        let (cursor, done, selection) = (self.body.word(), self.body.label(), self.body.selection());
        self.body.push(match group.asked {
            Asked::Text(slot) => Op::SelectText { to: cursor, of: Text::Slot(slot), selection, done },
            Asked::Word(at) => Op::SelectWord { to: cursor, of: Word(at), selection, done },
        });
        let mut texts: BTreeMap<Arc<str>, Vec<u32>> = BTreeMap::new();
        let mut words: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
        for keyed in &group.rules {
            let label = self.body.label();
            self.body.bind(label);
            if rule(self, keyed.place, keyed.rule).is_err() {
                continue;
            }
            self.body.push(Op::Next { at: cursor, selection, done });
            let Label(label) = label;
            match &keyed.wanted {
                Wanted::Texts(wanted) => {
                    wanted.iter().for_each(|key| texts.entry(key.clone()).or_default().push(label))
                }
                Wanted::Words(wanted) => wanted.iter().for_each(|key| words.entry(*key).or_default().push(label)),
            }
        }
        self.body.bind(done);
        let mut targets = vec![];
        let mut starts = vec![];
        let mut add = |labels: Vec<u32>| {
            starts.push(targets.len() as u32);
            targets.extend(labels);
            targets.push(Selection::END);
        };
        let keys = match group.asked {
            Asked::Text(_) => {
                let keys = texts.keys().cloned().collect();
                texts.into_values().for_each(&mut add);
                Keys::Texts(keys)
            }
            Asked::Word(_) => {
                let keys = words.keys().copied().collect();
                words.into_values().for_each(&mut add);
                Keys::Words(keys)
            }
        };
        self.body.select(selection, Selection { keys, starts, targets });
    }
}
