//! Quantifiers: over lists and sets, and over the past, which is a list of entries that is scanned.
//! `eval` calls `quantifier`; `limits` and `since` read the same entries. Entries are looked at from the oldest to the newest.

use crate::arithmetic::{self, Sum};
use crate::eval::{Binding, Evaluator, Failure, Outcome};
use crate::history::{EntryRef, MAX_ENTRIES, Moment};
use crate::provenance::Path;
use ordain_compiler::hir::parts::parts;
use ordain_compiler::hir::{
    CalendarUnit, Callee, CompareOp, Expr, ExprId, LocalId, LocalKind, Package, Past, PastId, PastSource, Quantifier,
    QuantifierKind, Source, Window,
};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Instant, Type, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Which conjuncts of a `where` are asked of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Conjuncts {
    All,
    /// The key equalities alone, asked of another entry: the rest is taken to hold.
    Keys,
    /// All of them, of a `satisfy`: what the entry itself makes of it is worked out before keys are compared.
    EntryFirst,
}

/// A `where` that is asked of one entry.
struct Asking<'k> {
    entry: EntryRef,
    which: Conjuncts,
    /// What the keys have to be equal to, in the order of the text.
    keys: &'k [Value],
    /// How many were compared.
    at: usize,
    /// The keys are equal so far.
    same: bool,
}

/// What names stand for within a `where`.
#[derive(Clone, Default)]
struct Names {
    /// The entry, or something made of it.
    entry: Vec<LocalId>,
    /// Something that is the same for every request.
    fixed: Vec<LocalId>,
}

impl Names {
    fn of(vars: &[LocalId]) -> Names {
        Names { entry: vars.to_vec(), fixed: vec![] }
    }

    /// True where the expression uses a name that stands for the entry; defines are not followed.
    fn mentioned_in(&self, package: &Package, id: ExprId) -> bool {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            match package.expr(id) {
                Expr::Local(local) | Expr::Entry { entry: local, .. } if self.entry.contains(local) => return true,
                _ => parts(package, id, &mut |part| open.push(part)),
            }
        }
        false
    }

    fn told_of(&self, package: &Package, value: ExprId) -> Told {
        if self.mentioned_in(package, value) {
            Told::Entry
        } else if is_fixed(package, value, &self.fixed) {
            Told::Fixed
        } else {
            Told::Request
        }
    }

    /// Of a key equality, the side of the entry and the other.
    fn key(&self, package: &Package, id: ExprId) -> Option<(ExprId, ExprId)> {
        let Expr::Compare { operands, ops } = package.expr(id) else { return None };
        let ([left, right], [CompareOp::Equal]) = (operands.as_slice(), ops.as_slice()) else { return None };
        match (self.told_of(package, *left), self.told_of(package, *right)) {
            (Told::Entry, Told::Request) => Some((*left, *right)),
            (Told::Request, Told::Entry) => Some((*right, *left)),
            _ => None,
        }
    }

    /// A further name.
    fn add(&mut self, name: LocalId, told: Told) {
        match told {
            Told::Entry => self.entry.push(name),
            Told::Fixed => self.fixed.push(name),
            Told::Request => {}
        }
    }
}

/// What an expression within a `where` speaks of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Entry,
    Request,
    Fixed,
}

/// True of what is the same for every request: constants, sets, data, and what is made of them and of these names.
fn is_fixed(package: &Package, id: ExprId, names: &[LocalId]) -> bool {
    let (mut open, mut known) = (vec![id], names.to_vec());
    while let Some(id) = open.pop() {
        match package.expr(id) {
            Expr::Actor | Expr::Target | Expr::Now | Expr::Today | Expr::Arg(_) | Expr::Session => return false,
            Expr::RequestId | Expr::Context(_) | Expr::Entry { .. } | Expr::Age { .. } => return false,
            Expr::Local(local) if !known.contains(local) => match &package[*local].kind {
                LocalKind::Let(value) => {
                    known.push(*local);
                    open.push(*value);
                }
                _ => return false,
            },
            Expr::Call { callee: Callee::Define(define), .. } => {
                known.extend(&package[*define].params);
                open.push(package[*define].body);
            }
            Expr::Let { bindings, .. } => known.extend(bindings.iter().map(|(local, _)| *local)),
            Expr::Quantifier(quantifier) => {
                if quantifier.sources.iter().any(|source| matches!(source, Source::Past(_))) {
                    return false;
                }
                known.extend(&quantifier.vars);
            }
            _ => {}
        }
        parts(package, id, &mut |part| open.push(part));
    }
    true
}

/// What a quantifier ranges over.
enum Items {
    /// One list of values for each variable, all of one length.
    Values(Vec<Vec<(Value, Option<Path>)>>),
    /// Lists of different lengths.
    OutOfStep,
    Past(Entries),
}

/// Entries of a past, and what the keys of its `where` and of its `satisfy` have to be equal to.
struct Entries {
    all: Vec<EntryRef>,
    filter: Vec<Value>,
    satisfy: Vec<Value>,
}

/// Which entries a window holds.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The first instant that is in it; `None`: all time.
    pub first: Option<Instant>,
    /// Only what stands behind this time and place.
    pub behind: Option<(Instant, u64)>,
    pub session: Option<Arc<str>>,
}

/// What makes an entry one of the same key: `since` asks it of the entries that it begins behind.
pub enum Keys<'k> {
    /// The keys of a `past`: who, on what, and the equalities of its `where` about the variable.
    Past { by: Option<&'k Value>, on: Option<&'k Value>, filter: Option<(LocalId, ExprId, &'k [Value])> },
    /// A limit's `per`, and its values for the request.
    Limit { per: &'k [ExprId], values: &'k [Value], lets: &'k [(LocalId, ExprId)] },
}

impl Evaluator<'_> {
    /// `bounded`: more entries than the bound are an error.
    pub fn quantifier(&mut self, id: ExprId, quantifier: &Quantifier, bounded: bool) -> Outcome<Value> {
        let (items, most) = self.items(quantifier)?;
        let unbounded = matches!(
            quantifier.kind,
            QuantifierKind::Any | QuantifierKind::None | QuantifierKind::Latest | QuantifierKind::Earliest
        );
        let most = if bounded && !unbounded { most } else { None };
        let count = match &items {
            Items::Values(lists) => lists.iter().map(Vec::len).min().unwrap_or(0),
            Items::Past(entries) => entries.all.len(),
            Items::OutOfStep => return self.out_of_step(id, quantifier.kind),
        };
        let ty = self.checked.types.of(id).clone();
        let mut result = Result::new(quantifier.kind);
        let newest_first = quantifier.kind == QuantifierKind::Latest;
        for step in 0..count {
            let at = if newest_first { count - 1 - step } else { step };
            let depth = self.locals.len();
            let around = self.entry;
            let entry = match &items {
                Items::Values(lists) => {
                    for (var, list) in quantifier.vars.iter().zip(lists) {
                        let (value, path) = list[at].clone();
                        self.bind(*var, Binding::Value(value, path));
                    }
                    None
                }
                Items::Past(entries) => {
                    let entry = entries.all[at];
                    quantifier.vars.iter().for_each(|var| self.bind(*var, Binding::Entry(entry)));
                    Some((entry, entries))
                }
                Items::OutOfStep => None,
            };
            let done = self.step(quantifier, entry, most, &mut result);
            self.locals.truncate(depth);
            self.entry = around;
            // What was kept of an entry does not say where in the text it erred.
            let done = match entry {
                Some(_) => done.map_err(|failure| Failure { at: Some(self.package.at(id)), ..failure }),
                None => done,
            };
            if done? {
                break;
            }
        }
        result.value(&ty).map_err(Failure::from)
    }

    /// One element or entry. True: the answer is known.
    fn step(
        &mut self,
        quantifier: &Quantifier,
        entry: Option<(EntryRef, &Entries)>,
        most: Option<u64>,
        result: &mut Result,
    ) -> Outcome<bool> {
        if let Some(filter) = quantifier.filter
            && !match entry {
                Some((entry, entries)) => {
                    self.asked(filter, &quantifier.vars, entry, &entries.filter, Conjuncts::All)?
                }
                None => self.truth(filter)?,
            }
        {
            return Ok(false);
        }
        result.count += 1;
        if let Some(most) = most
            && result.count > most
        {
            return Err(Fault::HistoryBound(most).into());
        }
        let holds = match (quantifier.satisfy, entry) {
            (Some(satisfy), Some((entry, entries))) => {
                self.asked(satisfy, &quantifier.vars, entry, &entries.satisfy, Conjuncts::EntryFirst)?
            }
            (Some(satisfy), None) => self.truth(satisfy)?,
            (None, _) => true,
        };
        if let Some((entry, _)) = entry {
            self.entry = Some(entry);
        }
        match quantifier.kind {
            QuantifierKind::Any | QuantifierKind::None if holds => {
                result.found = true;
                return Ok(true);
            }
            QuantifierKind::Any | QuantifierKind::None | QuantifierKind::Count => return Ok(false),
            QuantifierKind::All => {
                result.found |= !holds;
                return Ok(!holds);
            }
            QuantifierKind::Sum
            | QuantifierKind::Min
            | QuantifierKind::Max
            | QuantifierKind::Average
            | QuantifierKind::Distinct
            | QuantifierKind::Latest
            | QuantifierKind::Earliest => {}
        }
        let value = match quantifier.value {
            Some(value) => self.eval(value)?,
            None => match quantifier.vars.first() {
                Some(var) => self.value_of(*var)?,
                None => Value::Missing,
            },
        };
        match quantifier.kind {
            QuantifierKind::Latest | QuantifierKind::Earliest => {
                result.best = Some(value);
                return Ok(true);
            }
            QuantifierKind::Sum | QuantifierKind::Average => result.sum.add(&value)?,
            QuantifierKind::Distinct => {
                result.different.insert(value);
            }
            QuantifierKind::Min => result.better(value, CompareOp::Less)?,
            QuantifierKind::Max => result.better(value, CompareOp::Greater)?,
            QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All | QuantifierKind::Count => {}
        }
        Ok(false)
    }

    fn value_of(&self, var: LocalId) -> Outcome<Value> {
        match self.locals.iter().rev().find(|(name, _)| *name == var) {
            Some((_, Binding::Value(value, _))) => Ok(value.clone()),
            _ => Err(Fault::Form("an element").into()),
        }
    }

    fn out_of_step(&self, id: ExprId, kind: QuantifierKind) -> Outcome<Value> {
        match kind {
            QuantifierKind::All => Ok(Value::Bool(false)),
            _ => Result::new(kind).value(self.checked.types.of(id)).map_err(Failure::from),
        }
    }

    fn items(&mut self, quantifier: &Quantifier) -> Outcome<(Items, Option<u64>)> {
        if let [Source::Past(past)] = quantifier.sources.as_slice() {
            let past = &self.package[*past];
            let most = match &past.window {
                Window::Within { max: Some(max), .. } => u64::from(*max),
                _ => MAX_ENTRIES,
            };
            return Ok((Items::Past(self.entries_of(past, quantifier)?), Some(most)));
        }
        let mut lists = vec![];
        for source in &quantifier.sources {
            let Source::Expr(id) = source else { return Err(Fault::Form("a list").into()) };
            let list = match self.eval(*id)? {
                Value::List(items) => self.elements(*id, items.iter()),
                Value::Set(items) => self.elements(*id, items.iter()),
                _ => vec![],
            };
            lists.push(list);
        }
        let same = lists.windows(2).all(|pair: &[Vec<_>]| pair[0].len() == pair[1].len());
        Ok((if same { Items::Values(lists) } else { Items::OutOfStep }, None))
    }

    /// Elements, each with where it stands in the request.
    fn elements<'v>(&mut self, of: ExprId, items: impl Iterator<Item = &'v Value>) -> Vec<(Value, Option<Path>)> {
        let path = self.path(of);
        let element = |at: usize| path.as_ref().map(|path| path.index(at));
        items.enumerate().map(|(at, item)| (item.clone(), element(at))).collect()
    }

    // The past

    /// The entries of a `past`, before its `where`. What its keys have to be equal to is worked out once, before the window.
    fn entries_of(&mut self, past: &Past, quantifier: &Quantifier) -> Outcome<Entries> {
        let by = past.by.map(|by| self.eval(by)).transpose()?;
        let on = past.on.map(|on| self.eval(on)).transpose()?;
        let filter = self.keys_of(quantifier.filter, &quantifier.vars)?;
        let satisfy = self.keys_of(quantifier.satisfy, &quantifier.vars)?;
        let of_filter = quantifier.vars.first().zip(quantifier.filter).map(|(var, id)| (*var, id, filter.as_slice()));
        let keys = Keys::Past { by: by.as_ref(), on: on.as_ref(), filter: of_filter };
        let bounds = self.window(&past.window, &keys)?;
        let mut all = self.scan(past, &bounds)?;
        all.retain(|entry| self.is_of(*entry, by.as_ref(), on.as_ref()));
        Ok(Entries { all, filter, satisfy })
    }

    fn is_of(&self, entry: EntryRef, by: Option<&Value>, on: Option<&Value>) -> bool {
        let Some(recording) = self.history.recording(entry) else { return false };
        let same = |wanted: Option<&Value>, entity: &Option<ordain_vm::value::EntityRef>| match wanted {
            None => true,
            Some(Value::Entity(wanted)) => entity.as_ref() == Some(wanted),
            Some(_) => false,
        };
        same(by, &recording.request.actor) && same(on, &recording.request.target)
    }

    /// Entries of that source and state in the window, in the order of their times. None is the request's own.
    fn scan(&self, past: &Past, bounds: &Bounds) -> Outcome<Vec<EntryRef>> {
        if self.history.full {
            return Err(Fault::HistoryBound(self.history.most as u64).into());
        }
        let mut found = vec![];
        for (at, entry) in self.history.entries.iter().enumerate() {
            let Some(moment) = entry.moment(past.state) else { continue };
            let at = EntryRef { entry: at, moment };
            let Some(recording) = self.history.recording(at) else { continue };
            if *entry.id != *self.id
                && self.is_source(&past.source, recording.request.action)
                && bounds.hold(self.now, recording.time, recording.order, &recording.request.context.session)
            {
                found.push((recording.time, recording.order, at));
            }
        }
        found.sort_by_key(|(time, order, _)| (*time, *order));
        Ok(found.into_iter().map(|(_, _, at)| at).collect())
    }

    fn is_source(&self, source: &PastSource, action: usize) -> bool {
        if source.any {
            !self.package.actions[action].event
                && self.policy.is_some_and(|policy| crate::policies::governs(self.package, policy, action))
        } else {
            source.actions.iter().any(|wanted| wanted.index() == action)
        }
    }

    /// Where the window begins. What lies before the history is complete is an error.
    pub fn window(&mut self, window: &Window, keys: &Keys<'_>) -> Outcome<Bounds> {
        let mut bounds = Bounds { first: None, behind: None, session: None };
        match window {
            Window::Within { span, .. } => {
                let span = self.eval(*span)?;
                let calendar = self.calendar();
                bounds.first = Some(self.clock(&calendar).within(&span)?);
            }
            Window::This { unit: CalendarUnit::Session, .. } => {
                bounds.session = Some(self.request.context.session.clone().ok_or(Fault::NoSession)?);
                return Ok(bounds);
            }
            Window::This { unit, .. } => {
                let calendar = self.calendar();
                bounds.first = self.clock(&calendar).start_of(*unit)?;
            }
            Window::Since { past, var, filter, .. } => {
                bounds.behind = self.newest(*past, *var, *filter, keys)?;
                bounds.first = bounds.behind.map(|(time, _)| time);
            }
            Window::Ever(_) => {}
            Window::Error => return Err(Fault::Form("a window").into()),
        }
        match (self.history.complete_since, bounds.first) {
            (None, _) => Ok(bounds),
            (Some(complete), Some(first)) if complete <= first => Ok(bounds),
            (Some(_), _) => Err(Fault::HistoryIncomplete.into()),
        }
    }

    /// Time and place of the newest entry that a `since` begins behind.
    fn newest(
        &mut self,
        since: PastId,
        var: Option<LocalId>,
        filter: Option<ExprId>,
        keys: &Keys<'_>,
    ) -> Outcome<Option<(Instant, u64)>> {
        let since = &self.package[since];
        let all = Bounds { first: None, behind: None, session: None };
        let own = self.keys_of(filter, var.as_slice())?;
        for entry in self.scan(since, &all)?.into_iter().rev() {
            let holds = match (filter, var) {
                (Some(filter), Some(var)) => {
                    self.with_entry(var, entry, |this| this.asked(filter, &[var], entry, &own, Conjuncts::All))
                }
                (None, Some(_)) => Ok(true),
                (_, None) => self.same_keys(entry, keys),
            };
            let holds = holds.map_err(|failure| Failure::from(failure.fault))?;
            if holds && let Some(recording) = self.history.recording(entry) {
                return Ok(Some((recording.time, recording.order)));
            }
        }
        Ok(None)
    }

    fn same_keys(&mut self, entry: EntryRef, keys: &Keys<'_>) -> Outcome<bool> {
        match keys {
            Keys::Past { by, on, filter } => {
                if !self.is_of(entry, *by, *on) {
                    return Ok(false);
                }
                match filter {
                    Some((var, filter, keys)) => {
                        self.with_entry(*var, entry, |this| this.asked(*filter, &[*var], entry, keys, Conjuncts::Keys))
                    }
                    None => Ok(true),
                }
            }
            Keys::Limit { per, values, lets } => {
                let found = self.as_then(entry, |this| {
                    this.bind_lets(lets);
                    per.iter().map(|key| this.eval(*key)).collect::<Outcome<Vec<_>>>()
                })?;
                Ok(found.as_slice() == *values)
            }
        }
    }

    fn with_entry<T>(
        &mut self,
        var: LocalId,
        entry: EntryRef,
        walk: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let depth = self.locals.len();
        self.bind(var, Binding::Entry(entry));
        let result = walk(self);
        self.locals.truncate(depth);
        result
    }

    /// Reads expressions as if that entry were the request being decided.
    fn as_then<T>(&mut self, entry: EntryRef, walk: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let lost = || Failure::from(Fault::Form("an entry of the past"));
        let recording = self.history.recording(entry).ok_or_else(lost)?;
        let id = self.history.entries[entry.entry].id.clone();
        let request = std::mem::replace(&mut self.request, recording.request.clone());
        let data = std::mem::replace(&mut self.data, recording.data.clone());
        let (id, now) = (std::mem::replace(&mut self.id, id), std::mem::replace(&mut self.now, recording.time));
        let locals = std::mem::take(&mut self.locals);
        let result = walk(self);
        (self.request, self.data, self.id, self.now, self.locals) = (request, data, id, now, locals);
        result
    }

    // The `where` of a past

    /// What the keys of a `where` have to be equal to, as things are now, in the order of the text.
    fn keys_of(&mut self, id: Option<ExprId>, vars: &[LocalId]) -> Outcome<Vec<Value>> {
        let mut keys = vec![];
        if let Some(id) = id {
            self.collect_keys(id, &Names::of(vars), &mut keys)?;
        }
        Ok(keys)
    }

    fn collect_keys(&mut self, id: ExprId, names: &Names, keys: &mut Vec<Value>) -> Outcome<()> {
        let package = self.package;
        match package.expr(id) {
            Expr::And(parts) => parts.iter().try_for_each(|part| self.collect_keys(*part, names, keys)),
            Expr::Call { callee: Callee::Define(define), args } => {
                let (define, depth) = (&package[*define], self.locals.len());
                let inner = self.enter(&define.params, args, names, None)?;
                let result = self.called(|this| this.collect_keys(define.body, &inner, keys));
                self.locals.truncate(depth);
                result
            }
            Expr::Let { bindings, body } => {
                let (depth, mut inner) = (self.locals.len(), names.clone());
                for (local, value) in bindings {
                    inner.add(*local, inner.told_of(package, *value));
                    self.bind(*local, Binding::Lazy(*value, self.entry));
                }
                let result = self.collect_keys(*body, &inner, keys);
                self.locals.truncate(depth);
                result
            }
            _ => {
                if let Some((_, other)) = names.key(package, id) {
                    keys.push(self.eval(other)?);
                }
                Ok(())
            }
        }
    }

    /// Binds what can be worked out of a define's operands: in the light of the entry, or as things are now.
    fn enter(&mut self, params: &[LocalId], args: &[ExprId], names: &Names, entry: Option<EntryRef>) -> Outcome<Names> {
        let other = if entry.is_some() { Told::Request } else { Told::Entry };
        let (mut bound, mut inner) = (vec![], Names::default());
        for (param, arg) in params.iter().zip(args) {
            let told = names.told_of(self.package, *arg);
            inner.add(*param, told);
            if told != other {
                let argument = |this: &mut Self| this.argument(*param, *arg);
                let binding = match entry {
                    Some(entry) => self.in_light(entry, argument)?,
                    None => argument(self)?,
                };
                bound.push((*param, binding));
            }
        }
        self.locals.extend(bound);
        Ok(inner)
    }

    /// A `where` of an entry.
    fn asked(
        &mut self,
        id: ExprId,
        vars: &[LocalId],
        entry: EntryRef,
        keys: &[Value],
        which: Conjuncts,
    ) -> Outcome<bool> {
        let mut asking = Asking { entry, which, keys, at: 0, same: true };
        let holds = self.conjuncts(id, &Names::of(vars), &mut asking)?;
        Ok(holds && asking.same)
    }

    /// A `where` is a conjunction: of a key equality the side of the entry is read as things were when it was recorded,
    /// and so is the rest, which is a condition on the entry alone.
    fn conjuncts(&mut self, id: ExprId, names: &Names, asking: &mut Asking<'_>) -> Outcome<bool> {
        let package = self.package;
        match package.expr(id) {
            Expr::And(parts) => {
                for part in parts {
                    if !self.conjuncts(*part, names, asking)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Call { callee: Callee::Define(define), args } => {
                let (define, depth) = (&package[*define], self.locals.len());
                let inner = self.enter(&define.params, args, names, Some(asking.entry))?;
                let result = self.called(|this| this.conjuncts(define.body, &inner, asking));
                self.locals.truncate(depth);
                result
            }
            Expr::Let { bindings, body } => {
                let (depth, mut inner) = (self.locals.len(), names.clone());
                for (local, value) in bindings {
                    inner.add(*local, inner.told_of(package, *value));
                    self.bind(*local, Binding::Lazy(*value, Some(asking.entry)));
                }
                let result = self.conjuncts(*body, &inner, asking);
                self.locals.truncate(depth);
                result
            }
            _ => match names.key(package, id) {
                Some((of_entry, _)) => {
                    let value = self.in_light(asking.entry, |this| this.eval(of_entry))?;
                    // Amounts of two currencies are different keys.
                    let same = asking.keys.get(asking.at) == Some(&value);
                    asking.at += 1;
                    asking.same &= same;
                    Ok(same || asking.which == Conjuncts::EntryFirst)
                }
                None if asking.which == Conjuncts::Keys => Ok(true),
                None => self.in_light(asking.entry, |this| this.truth(id)),
            },
        }
    }

    /// As things were when the entry was recorded.
    fn in_light<T>(&mut self, entry: EntryRef, walk: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        let around = self.entry.replace(entry);
        let result = walk(self);
        self.entry = around;
        result
    }
}

impl Bounds {
    pub fn hold(&self, now: Instant, time: Instant, order: u64, session: &Option<Arc<str>>) -> bool {
        time <= now
            && self.first.is_none_or(|first| first <= time)
            && self.behind.is_none_or(|behind| behind < (time, order))
            && (self.session.is_none() || self.session == *session)
    }
}

/// What a quantifier has come to.
struct Result {
    kind: QuantifierKind,
    count: u64,
    /// Of `any` and `none`: one was found; of `all`: one that fails.
    found: bool,
    sum: Sum,
    best: Option<Value>,
    different: BTreeSet<Value>,
}

impl Result {
    fn new(kind: QuantifierKind) -> Result {
        Result { kind, count: 0, found: false, sum: Sum::default(), best: None, different: BTreeSet::new() }
    }

    fn better(&mut self, value: Value, op: CompareOp) -> std::result::Result<(), Fault> {
        let better = match &self.best {
            None => true,
            Some(best) => arithmetic::compare(op, &value, best)?,
        };
        if better {
            self.best = Some(value);
        }
        Ok(())
    }

    fn value(self, ty: &Type) -> std::result::Result<Value, Fault> {
        let whole = |count: usize| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(match self.kind {
            QuantifierKind::Any => Value::Bool(self.found),
            QuantifierKind::None | QuantifierKind::All => Value::Bool(!self.found),
            QuantifierKind::Count => whole(self.count as usize),
            QuantifierKind::Distinct => whole(self.different.len()),
            QuantifierKind::Sum => self.sum.total(ty)?,
            QuantifierKind::Average => self.sum.average(self.count)?.unwrap_or(Value::Missing),
            QuantifierKind::Min | QuantifierKind::Max | QuantifierKind::Latest | QuantifierKind::Earliest => {
                self.best.unwrap_or(Value::Missing)
            }
        })
    }
}

/// The moment of an entry that limits count.
pub const COUNTED: Moment = Moment::Done;
