//! Quantifiers: over lists and sets, and over the past, which is a list of entries that is scanned.
//! `eval` calls `quantifier`; `limits` and `since` read the same entries. Entries are looked at from the oldest to the newest.

use crate::arithmetic::{self, Sum};
use crate::eval::{Binding, Evaluator, Failure, Outcome};
use crate::history::{EntryRef, MAX_ENTRIES, MAX_HISTORY, Moment};
use crate::provenance::Path;
use ordain_compiler::hir::parts::parts;
use ordain_compiler::hir::{
    CalendarUnit, Callee, CompareOp, Expr, ExprId, LocalId, Package, Past, PastId, PastSource, Quantifier,
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
            Expr::Local(local) if !known.contains(local) => return false,
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
    Past(Vec<EntryRef>),
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
    Past { by: Option<&'k Value>, on: Option<&'k Value>, filter: Option<(LocalId, ExprId)> },
    /// A limit's `per`, and its values for the request.
    Limit { per: &'k [ExprId], values: &'k [Value] },
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
            Items::Past(entries) => entries.len(),
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
                    quantifier.vars.iter().for_each(|var| self.bind(*var, Binding::Entry(entries[at])));
                    Some(entries[at])
                }
                Items::OutOfStep => None,
            };
            let done = self.step(quantifier, entry, most, &mut result);
            self.locals.truncate(depth);
            self.entry = around;
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
        entry: Option<EntryRef>,
        most: Option<u64>,
        result: &mut Result,
    ) -> Outcome<bool> {
        if let Some(filter) = quantifier.filter
            && !self.condition_on(filter, &quantifier.vars, entry)?
        {
            return Ok(false);
        }
        result.count += 1;
        if let Some(most) = most
            && result.count > most
        {
            return Err(Fault::HistoryBound(most).into());
        }
        let holds = match quantifier.satisfy {
            Some(satisfy) => self.condition_on(satisfy, &quantifier.vars, entry)?,
            None => true,
        };
        if entry.is_some() {
            self.entry = entry;
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
            let var = quantifier.vars.first().copied();
            let entries = self.entries_of(past, var, quantifier.filter)?;
            return Ok((Items::Past(entries), Some(most)));
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

    /// The entries of a `past`, before its `where`.
    fn entries_of(&mut self, past: &Past, var: Option<LocalId>, filter: Option<ExprId>) -> Outcome<Vec<EntryRef>> {
        let by = past.by.map(|by| self.eval(by)).transpose()?;
        let on = past.on.map(|on| self.eval(on)).transpose()?;
        let keys = Keys::Past { by: by.as_ref(), on: on.as_ref(), filter: var.zip(filter) };
        let bounds = self.window(&past.window, &keys)?;
        let mut entries = self.scan(past, &bounds)?;
        entries.retain(|entry| self.is_of(*entry, by.as_ref(), on.as_ref()));
        Ok(entries)
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
            return Err(Fault::HistoryBound(MAX_HISTORY as u64).into());
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
        for entry in self.scan(since, &all)?.into_iter().rev() {
            let holds = match (filter, var) {
                (Some(filter), Some(var)) => {
                    self.with_entry(var, entry, |this| this.condition_on(filter, &[var], Some(entry)))?
                }
                (_, _) => self.same_keys(entry, keys)?,
            };
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
                    Some((var, filter)) => self.with_entry(*var, entry, |this| {
                        this.conjuncts(*filter, &Names::of(&[*var]), entry, Conjuncts::Keys)
                    }),
                    None => Ok(true),
                }
            }
            Keys::Limit { per, values } => {
                let Some(recording) = self.history.recording(entry) else { return Ok(false) };
                let (request, data) = (recording.request.clone(), recording.data.clone());
                let found = self.as_request(request, data, |this| {
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

    /// Reads expressions as if that request were the one being decided.
    pub fn as_request<T>(
        &mut self,
        request: Arc<ordain_vm::request::Request>,
        data: Arc<[Value]>,
        walk: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let request = std::mem::replace(&mut self.request, request);
        let data = std::mem::replace(&mut self.data, data);
        let result = walk(self);
        (self.request, self.data) = (request, data);
        result
    }

    // The `where` of a past

    /// Over a list, the condition as it stands; over the past, its conjuncts.
    fn condition_on(&mut self, id: ExprId, vars: &[LocalId], entry: Option<EntryRef>) -> Outcome<bool> {
        match entry {
            Some(entry) => self.conjuncts(id, &Names::of(vars), entry, Conjuncts::All),
            None => self.truth(id),
        }
    }

    /// A `where` is a conjunction: of a key equality the side of the entry is read as things were when it was recorded,
    /// and the other as they are now; the rest is a condition on the entry alone.
    fn conjuncts(&mut self, id: ExprId, names: &Names, entry: EntryRef, which: Conjuncts) -> Outcome<bool> {
        let package = self.package;
        match package.expr(id) {
            Expr::And(parts) => {
                for part in parts {
                    if !self.conjuncts(*part, names, entry, which)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Expr::Call { callee: Callee::Define(define), args } => {
                let (define, depth) = (&package[*define], self.locals.len());
                let mut bound = vec![];
                let mut inner = Names::default();
                for (param, arg) in define.params.iter().zip(args) {
                    inner.add(*param, names.told_of(package, *arg));
                    let binding = self.in_light(*arg, names, entry, |this| this.argument(*param, *arg))?;
                    bound.push((*param, binding));
                }
                self.locals.extend(bound);
                let result = self.called(|this| this.conjuncts(define.body, &inner, entry, which));
                self.locals.truncate(depth);
                result
            }
            Expr::Let { bindings, body } => {
                let (depth, mut inner) = (self.locals.len(), names.clone());
                for (local, value) in bindings {
                    let told = inner.told_of(package, *value);
                    inner.add(*local, told);
                    let light = if told == Told::Entry { Some(entry) } else { self.entry };
                    self.bind(*local, Binding::Lazy(*value, light));
                }
                let result = self.conjuncts(*body, &inner, entry, which);
                self.locals.truncate(depth);
                result
            }
            Expr::Compare { operands, ops } => match (operands.as_slice(), ops.as_slice()) {
                ([left, right], [op @ (CompareOp::Equal | CompareOp::NotEqual)]) => {
                    let (a, b) = (*left, *right);
                    let sides = (names.told_of(package, a), names.told_of(package, b));
                    let is_key = *op == CompareOp::Equal
                        && matches!(sides, (Told::Entry, Told::Request) | (Told::Request, Told::Entry));
                    if which == Conjuncts::Keys && !is_key {
                        return Ok(true);
                    }
                    let left = self.in_light(a, names, entry, |this| this.eval(a))?;
                    let right = self.in_light(b, names, entry, |this| this.eval(b))?;
                    arithmetic::compare(*op, &left, &right).map_err(|fault| Failure { fault, at: Some(package.at(id)) })
                }
                _ => self.other_conjunct(id, names, entry, which),
            },
            _ => self.other_conjunct(id, names, entry, which),
        }
    }

    fn other_conjunct(&mut self, id: ExprId, names: &Names, entry: EntryRef, which: Conjuncts) -> Outcome<bool> {
        match which {
            Conjuncts::All => self.in_light(id, names, entry, |this| this.truth(id)),
            Conjuncts::Keys => Ok(true),
        }
    }

    /// In the light of the entry where the expression is about it, and else as things are now.
    fn in_light<T>(
        &mut self,
        id: ExprId,
        names: &Names,
        entry: EntryRef,
        walk: impl FnOnce(&mut Self) -> Outcome<T>,
    ) -> Outcome<T> {
        let around = self.entry;
        if names.mentioned_in(self.package, id) {
            self.entry = Some(entry);
        }
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
