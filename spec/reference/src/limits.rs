//! Limits: what a request adds to one, and the total of its window with the request. `combine` asks for the request being
//! decided; `lib.rs` keeps with every entry of the past what it added when it was recorded.

use crate::arithmetic::Sum;
use crate::eval::{Evaluator, Outcome};
use crate::history::{EntryRef, MAX_ENTRIES};
use crate::past::{COUNTED, Keys};
use ordain_compiler::hir::{Aggregate, ExprId, Limit, Rule, RuleId, Window};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Decimal, Money, Type, Value};
use std::collections::BTreeSet;

/// What an entry adds to a limit: nothing where the limit's conditions do not hold of it.
pub type Share = Outcome<Option<Counted>>;

#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The values of `per`.
    pub keys: Vec<Value>,
    /// What is summed, or must be different.
    pub value: Value,
}

/// A limit's total without the request, and with it.
pub struct Total {
    pub before: Value,
    pub with: Value,
}

/// What adds up.
enum Measure {
    Count(i64),
    Sum(Sum, Type),
    Distinct(BTreeSet<Value>),
}

impl Evaluator<'_> {
    /// What the request adds to the limit, if its conditions hold.
    pub fn share(&mut self, rule: &Rule, limit: &Limit) -> Share {
        self.bind_lets(&rule.lets);
        for condition in &rule.conditions {
            if self.truth(condition.expr)? == condition.negated {
                return Ok(None);
            }
        }
        self.counted(limit).map(Some)
    }

    /// What the request adds to the limit, its conditions holding.
    pub fn counted(&mut self, limit: &Limit) -> Outcome<Counted> {
        let keys = limit.per.iter().map(|key| self.eval(*key)).collect::<Outcome<_>>()?;
        let value = match &limit.aggregate {
            Aggregate::Count => Value::Int(1),
            Aggregate::Sum(value) | Aggregate::Distinct(value) => self.eval(*value)?,
        };
        Ok(Counted { keys, value })
    }

    /// The total of the window, without and with what the request adds.
    pub fn total(&mut self, rule: RuleId, limit: &Limit, own: &Counted) -> Outcome<Total> {
        let bounds = self.window(
            &limit.window,
            &Keys::Limit { per: &limit.per, values: &own.keys, lets: &self.package[rule].lets },
        )?;
        if self.history.full {
            return Err(Fault::HistoryBound(self.history.most as u64).into());
        }
        let most = match &limit.window {
            Window::Within { max: Some(max), .. } => u64::from(*max),
            _ => MAX_ENTRIES,
        };
        let mut measure = Measure::new(&limit.aggregate, |id| self.value_type(id));
        let mut read = 0;
        let mut entries: Vec<_> = self.history.entries.iter().enumerate().collect();
        let place = |at: usize| {
            let recording = self.history.recording(EntryRef { entry: at, moment: COUNTED });
            recording.map(|recording| (recording.time, recording.order))
        };
        entries.sort_by_key(|(at, _)| place(*at));
        for (at, entry) in entries {
            let Some(recording) = self.history.recording(EntryRef { entry: at, moment: COUNTED }) else { continue };
            let session = &recording.request.context.session;
            if *entry.id == *self.id
                || !entry.counts()
                || !bounds.hold(self.now, recording.time, recording.order, session)
            {
                continue;
            }
            let Some((_, share)) = entry.shares.iter().find(|(of, _)| *of == rule) else { continue };
            match share {
                Err(failure) => return Err(failure.fault.clone().into()),
                Ok(Some(counted)) if counted.keys == own.keys => measure.add(&counted.value)?,
                Ok(Some(_) | None) => continue,
            }
            read += 1;
            if read > most {
                return Err(Fault::HistoryBound(most).into());
            }
        }
        let before = measure.value(&own.value)?;
        measure.add(&own.value)?;
        Ok(Total { before, with: measure.value(&own.value)? })
    }

    fn value_type(&self, id: ExprId) -> Type {
        let types = &self.checked.types;
        types.as_used(id).clone()
    }
}

impl Measure {
    fn new(aggregate: &Aggregate, ty: impl Fn(ExprId) -> Type) -> Measure {
        match aggregate {
            Aggregate::Count => Measure::Count(0),
            Aggregate::Sum(value) => Measure::Sum(Sum::default(), ty(*value)),
            Aggregate::Distinct(_) => Measure::Distinct(BTreeSet::new()),
        }
    }

    fn add(&mut self, value: &Value) -> Result<(), Fault> {
        match self {
            Measure::Count(count) => *count += 1,
            Measure::Sum(sum, _) => sum.add(value)?,
            Measure::Distinct(values) => {
                values.insert(value.clone());
            }
        }
        Ok(())
    }

    /// `like` has the currency of a sum of nothing.
    fn value(&self, like: &Value) -> Result<Value, Fault> {
        match self {
            Measure::Count(count) => Ok(Value::Int(*count)),
            Measure::Distinct(values) => Ok(Value::Int(values.len() as i64)),
            Measure::Sum(sum, ty) => match (sum.total(ty)?, like) {
                (Value::Missing, Value::Money(like)) => {
                    Ok(Value::Money(Money { currency: like.currency, amount: Decimal::ZERO }))
                }
                (total, _) => Ok(total),
            },
        }
    }
}
