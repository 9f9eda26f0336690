//! Accumulators, and the functions that say what an entry of an action adds to one.

use crate::check::DAY;
use crate::emit::body::Ends;
use crate::emit::exprs::{At, Emitter, Operand, Result};
use crate::emit::governs;
use crate::emit::shared::numbered;
use crate::hir::{ActionId, CalendarUnit, EntryField, ExprId, LocalId, Past, PastState, Window};
use ordain_vm::history::{Aggregate, EntryState};
use ordain_vm::op::{Label, Op, Val, Word};
use ordain_vm::program::{Accumulator, Enters, Function};
use ordain_vm::request::slots::Bank;
use ordain_vm::value::{Decimal, Money, Type, Value};
use std::fmt::Write as _;

/// What an accumulator keeps of each entry.
pub(in crate::emit) struct Kept {
    pub aggregate: Aggregate,
    pub state: EntryState,
    pub horizon: Option<i64>,
    pub of_session: bool,
    pub keys: u32,
}

impl Kept {
    /// Where entries stand, for `since`.
    pub fn places(since: &Past, keys: u32) -> Kept {
        Kept { aggregate: Aggregate::Count, state: state_of(since.state), horizon: None, of_session: false, keys }
    }
}

/// The registers in which a function says what an entry adds.
#[derive(Clone, Copy)]
pub(in crate::emit) struct Row {
    pub first: Val,
    pub count: u32,
    /// How many keys were written.
    pub at: u32,
    pub stage: Word,
    /// What errs is an entry of the keys that were known before; else of every key.
    pub staged: bool,
    pub kept: Val,
    /// Where to go if it is no entry.
    pub end: Label,
}

impl<'a> Emitter<'_, 'a> {
    /// What is kept for a reading, or of a limit (whose entries are in no named state), over that window.
    pub(in crate::emit) fn kept(
        &self,
        aggregate: Aggregate,
        state: Option<PastState>,
        window: &Window,
        keys: u32,
    ) -> Kept {
        let horizon = horizon(window, |span| self.constant_value(span));
        Kept { aggregate, state: state_of(state), horizon, of_session: is_of_session(window), keys }
    }

    /// The accumulator in which these actions are entries, each as `write` says it. `var`: the name of the entry.
    pub(in crate::emit) fn accumulator(
        &mut self,
        kept: Kept,
        actions: &[ActionId],
        var: Option<LocalId>,
        write: impl Fn(&mut Emitter<'_, 'a>, &mut Row) -> Result<()>,
    ) -> Result<u32> {
        let mut functions = vec![];
        for action in actions {
            let policy = self.policy;
            let mut entry = Emitter::new(self.shared, *action);
            entry.policy = policy;
            let (stage, first) = (entry.body.word(), entry.body.vals(kept.keys as usize));
            let (held, result, end) = (entry.body.val(), entry.body.val(), entry.body.label());
            entry.entry = Some((var, result));
            let zero = entry.body.const_word(0);
            entry.body.push(Op::MoveWord { to: stage, of: zero });
            let mut row = Row { first, count: kept.keys, at: 0, stage, staged: true, kept: held, end };
            write(&mut entry, &mut row)?;
            entry.body.bind(end);
            let enters = Enters { stage, first, count: kept.keys, kept: held, result };
            functions.push(entry.body.finish(action.index(), Ends { enters: Some(enters), ..Ends::default() }));
        }
        Ok(self.shared.accumulator(kept, functions))
    }

    /// The actions of a source: of `any`, those that the policy governs.
    pub(in crate::emit) fn sources(&self, past: &Past) -> Vec<ActionId> {
        let package = self.package();
        let mut actions: Vec<ActionId> = match (past.source.any, self.policy) {
            (true, Some(policy)) => (0..package.actions.len())
                .filter(|action| !package.actions[*action].event && governs(package, policy, *action))
                .map(|action| ActionId(action as u32))
                .collect(),
            (true, None) => vec![],
            (false, _) => past.source.actions.clone(),
        };
        actions.retain(|action| self.has_parties(past, *action));
        actions
    }

    /// An entry of an action without actor (target) is never kept by `by` (`on`).
    pub(super) fn has_parties(&self, past: &Past, action: ActionId) -> bool {
        let action = &self.package()[action];
        (past.by.is_none() || !action.by.is_empty()) && (past.on.is_none() || !action.on.is_empty())
    }

    /// The keys `by` and `on`, where they are asked for.
    pub(super) fn parties(&mut self, past: &Past, row: &mut Row) {
        let (actor, target) = (self.layout.actor, self.layout.target);
        for party in [past.by.and(actor), past.on.and(target)].into_iter().flatten() {
            self.known_key(row, Val(party.whole.at));
        }
    }

    /// The next value of the key is known.
    pub(in crate::emit) fn known_key(&mut self, row: &mut Row, of: Val) {
        self.body.push(Op::MoveValue { to: Val(row.first.0 + row.at), of });
        row.at += 1;
        if row.staged {
            self.come_to(row.stage, row.at);
        }
    }

    /// It is an entry, of a key that is known.
    pub(in crate::emit) fn is_one(&mut self, row: &Row) {
        self.come_to(row.stage, row.count + 1);
    }

    fn come_to(&mut self, stage: Word, at: u32) {
        let of = self.body.const_word(i64::from(at));
        self.body.push(Op::MoveWord { to: stage, of });
    }

    /// A field of the entry, in the function that is about it.
    pub(in crate::emit) fn entry_field(
        &mut self,
        id: ExprId,
        var: LocalId,
        field: &EntryField,
        own: &Type,
    ) -> Result<Operand> {
        let Some((_, result)) = self.entry.filter(|(entry, _)| *entry == Some(var)) else {
            return self.unsupported(id, "an entry outside its reading");
        };
        Ok(match field {
            EntryField::Time => At::Word(Word(self.layout.now)).into(),
            EntryField::Actor => self.entity_slot(self.layout.actor),
            EntryField::Target => self.entity_slot(self.layout.target),
            EntryField::Action => {
                let name = self.package()[self.action].head.name.text.clone();
                At::Text(self.body.const_text(&name)).into()
            }
            EntryField::Session => self.slot(self.layout.session),
            EntryField::Id => self.slot(self.layout.id),
            EntryField::Result => self.unboxed(result, own),
            EntryField::Arg(name) => self.named(&name.text, own),
        })
    }

    /// An argument as it is wanted: another action may have it of a type that widens to that.
    pub(in crate::emit) fn named(&mut self, name: &str, own: &Type) -> Operand {
        let operand = self.argument(name);
        let package = self.package();
        let Some((_, field)) = package[self.action].field(name) else { return operand };
        let (declared, wanted) = (field.ty.present(), own.present());
        // An amount of any currency stays a value beside one of a known currency, so that it keeps its own.
        if declared == wanted || *wanted == Type::Unknown || Bank::of(declared) == Bank::Value {
            return operand;
        }
        self.coerce(operand, declared, wanted)
    }
}

/// The state of a `past`.
pub(in crate::emit) fn state_of(state: Option<PastState>) -> EntryState {
    match state {
        None => EntryState::Done,
        Some(PastState::Returned) => EntryState::Returned,
        Some(PastState::Attempted) => EntryState::Attempted,
        Some(PastState::Denied) => EntryState::Denied,
        Some(PastState::Pending) => EntryState::Pending,
        Some(PastState::Failed) => EntryState::Failed,
    }
}

/// The sum of no values of a type.
pub(in crate::emit) fn nothing(ty: &Type) -> Value {
    match ty.present() {
        Type::Int => Value::Int(0),
        Type::Decimal => Value::Decimal(Decimal::ZERO),
        Type::Duration => Value::Duration(0),
        Type::Money(Some(currency)) => Value::Money(Money { currency: *currency, amount: Decimal::ZERO }),
        _ => Value::Missing,
    }
}

/// How far back a window reaches at most, where that is known before.
pub(in crate::emit) fn horizon(window: &Window, value: impl Fn(ExprId) -> Option<Value>) -> Option<i64> {
    let days = |days: i64| days.checked_mul(DAY);
    match window {
        Window::Within { span, .. } => match value(*span)? {
            Value::Duration(nanos) => Some(nanos.max(0)),
            // A month has at most 31 days, and a day of changing clocks more than 24 hours.
            Value::Period(period) if period.business_days == 0 => {
                let longest = i64::from(period.months.max(0)).checked_mul(31)?;
                days(longest.checked_add(i64::from(period.days.max(0)))?.checked_add(2)?)
            }
            _ => None,
        },
        Window::This { unit, .. } => match unit {
            CalendarUnit::Session => None,
            CalendarUnit::Hour => days(1),
            CalendarUnit::Day => days(3),
            CalendarUnit::Week => days(9),
            CalendarUnit::Month => days(33),
            CalendarUnit::Quarter => days(95),
            CalendarUnit::Year => days(369),
        },
        Window::Since { .. } | Window::Ever(_) | Window::Error => None,
    }
}

impl crate::emit::shared::Shared<'_> {
    /// The accumulator that keeps this; where one does already, that.
    fn accumulator(&mut self, kept: Kept, functions: Vec<Function>) -> u32 {
        let Kept { aggregate, state, horizon, of_session, keys } = kept;
        let mut same = format!("{aggregate:?} {state:?} {of_session} {keys}");
        for function in &functions {
            let Function { action, ops, words, wides, texts, values, enters, .. } = function;
            _ = write!(same, " {action} {ops:?} {words:?} {wides:?} {texts:?} {values:?} {enters:?}");
        }
        if let Some(known) = self.accumulators.get(&same).copied() {
            if let Some(accumulator) = self.program.accumulators.get_mut(known as usize) {
                let both = accumulator.horizon.zip(horizon);
                accumulator.horizon = both.map(|(one, other)| one.max(other));
            }
            return known;
        }
        let entries = functions.into_iter().map(|function| numbered(&mut self.program.functions, function));
        let entries = entries.collect();
        let accumulator = Accumulator { aggregate, state, horizon, of_session, keys, entries };
        let number = numbered(&mut self.program.accumulators, accumulator);
        self.accumulators.insert(same, number);
        number
    }
}

fn is_of_session(window: &Window) -> bool {
    matches!(window, Window::This { unit: CalendarUnit::Session, .. })
}
