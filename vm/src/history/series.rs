//! `Series`: the entries of one key of one accumulator, in the order of their places, and what is read of them.
//! `memory` keeps one a key; a store of another kind can use it, too. A reading asks for a suffix and costs no more than
//! the logarithm of what is kept; an entry behind all others costs a constant (of `Distinct`, the logarithm again).
//! Elsewhere an entry costs what stands behind it, which is little for what happened not long ago.

use super::distinct::Distinct;
use super::extremes::Extremes;
use super::faults::Faults;
use super::runs::Runs;
use super::sum::{self, Sums};
use super::{Aggregate, Reading};
use crate::fault::Fault;
use crate::value::{Currency, Instant, Value};
use std::cell::Cell;
use std::collections::VecDeque;

/// Where a recording stands: by its time, and of equal times by its place among all recordings of the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub time: Instant,
    /// From 1 on, and no two recordings of a history have the same.
    pub order: u64,
}

impl Place {
    /// Before every recording.
    pub const FIRST: Place = Place { time: Instant(i64::MIN), order: 0 };

    /// Before every recording of that time.
    pub fn at(time: Instant) -> Place {
        Place { time, order: 0 }
    }
}

/// What is kept of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// That it is one; what `Aggregate::Count` wants.
    Nothing,
    /// What is summed, compared, told apart or shown.
    Value(Value),
    /// Whether it is one could not be said. A reading that comes upon it errs.
    Erred(Fault),
    /// It is one, but what its value is could not be said. A reading that asks for values and comes upon it errs.
    ValueErred(Fault),
}

/// Which entries a reading looks at.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// From there on.
    pub from: Place,
    /// Recordings that are left out: the request's own.
    pub own: &'a [Place],
    /// More entries than that are `HistoryBound`; of `Any`, `Newest` and `Oldest` never.
    pub most: Option<u64>,
    /// A fault that stands elsewhere and belongs among the entries: the oldest from `from` on, and for `Newest` the newest.
    pub open: Option<(Place, &'a Fault)>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Series {
    /// Of all that are entries.
    places: VecDeque<Place>,
    /// What is kept of them, by the same index.
    column: Column,
    /// What erred and is no entry.
    erred: Faults,
    /// Entries without a value.
    valueless: Faults,
    lost: Option<Lost>,
    /// Where a reading began last.
    hint: Cell<usize>,
}

#[derive(Clone, Debug)]
enum Column {
    Count,
    Sum(Sums),
    Extremes(Extremes, Runs<Currency>),
    Distinct(Distinct),
    Values(VecDeque<Value>),
    Same(Runs<Value>),
}

/// Entries that found no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// None is behind this.
    pub through: Place,
    /// There may be one among them that erred.
    pub erred: bool,
    /// The bound that left no room.
    pub bound: u64,
}

/// What is left of a view once it is looked up: the index of its first entry, and of the one that is left out.
#[derive(Clone, Copy)]
struct Window {
    start: usize,
    own: Option<usize>,
}

impl Series {
    pub fn new(aggregate: &Aggregate) -> Series {
        let column = match aggregate {
            Aggregate::Count => Column::Count,
            Aggregate::Sum { .. } => Column::Sum(Sums::default()),
            Aggregate::Min => Column::Extremes(Extremes::least(), Runs::default()),
            Aggregate::Max => Column::Extremes(Extremes::greatest(), Runs::default()),
            Aggregate::Distinct => Column::Distinct(Distinct::default()),
            Aggregate::Values => Column::Values(VecDeque::new()),
            Aggregate::Same => Column::Same(Runs::default()),
        };
        Series {
            places: VecDeque::new(),
            column,
            erred: Faults::default(),
            valueless: Faults::default(),
            lost: None,
            hint: Cell::new(0),
        }
    }

    // What changes it

    /// An entry, which the series does not have yet.
    pub fn insert(&mut self, place: Place, kept: Kept) {
        let kept = match kept {
            Kept::Value(value) if matches!(self.column, Column::Sum(_)) && sum::number(&value).is_none() => {
                Kept::ValueErred(Fault::Form("a number"))
            }
            other => other,
        };
        let value = match kept {
            Kept::Erred(fault) => return self.erred.insert(place, fault),
            Kept::ValueErred(fault) => {
                self.valueless.insert(place, fault);
                None
            }
            Kept::Nothing => None,
            Kept::Value(value) => Some(value),
        };
        let at = match self.places.back() {
            Some(last) if place <= *last => self.places.partition_point(|other| *other < place),
            Some(_) | None => self.places.len(),
        };
        let next = self.places.get(at).copied();
        put(&mut self.places, at, place);
        match &mut self.column {
            Column::Count => {}
            Column::Sum(sums) => sums.insert(at, place, next, value.as_ref()),
            Column::Extremes(extremes, currencies) => {
                if let Some(Value::Money(money)) = &value {
                    currencies.insert(place, next, money.currency);
                }
                extremes.insert(at, place, value);
            }
            Column::Distinct(distinct) => distinct.insert(at, place, value),
            Column::Values(values) => put(values, at, value.unwrap_or(Value::Missing)),
            Column::Same(runs) => {
                if let Some(value) = value {
                    runs.insert(place, next, value);
                }
            }
        }
    }

    /// Takes an entry out, and says what was kept of it; nothing where it is not there, any more or at all.
    pub fn remove(&mut self, place: Place) -> Option<Kept> {
        if let Some(fault) = self.erred.remove(place) {
            return Some(Kept::Erred(fault));
        }
        let at = self.places.binary_search(&place).ok()?;
        let fault = self.valueless.remove(place);
        self.places.remove(at);
        let next = self.places.get(at).copied();
        let value = match &mut self.column {
            Column::Count => None,
            Column::Sum(sums) => Some(sums.remove(at, place, next)),
            Column::Extremes(extremes, currencies) => {
                currencies.remove(place, next);
                Some(extremes.remove(at, place, &self.places))
            }
            Column::Distinct(distinct) => Some(distinct.remove(at, place)),
            Column::Values(values) => values.remove(at),
            Column::Same(runs) => {
                let value = runs.at(place).cloned();
                runs.remove(place, next);
                value
            }
        };
        Some(match (fault, value) {
            (Some(fault), _) => Kept::ValueErred(fault),
            (None, Some(value)) => Kept::Value(value),
            (None, None) => Kept::Nothing,
        })
    }

    /// Drops what happened before that time.
    pub fn expire(&mut self, before: Instant) {
        while self.places.front().is_some_and(|place| place.time < before) {
            self.drop_first();
        }
        self.erred.expire(before);
        self.valueless.expire(before);
        self.lost = self.lost.filter(|lost| lost.through.time >= before);
    }

    /// Drops the oldest entries that are more than `most`, and remembers that they were there.
    pub fn cut(&mut self, most: usize) {
        while self.len() > most {
            let erred = self.erred.first();
            let Some(through) = erred.into_iter().chain(self.places.front().copied()).min() else { return };
            self.lose(Lost { through, erred: erred == Some(through), bound: most as u64 });
            match erred == Some(through) {
                true => self.erred.drop_first(),
                false => self.drop_first(),
            }
        }
    }

    /// From here on readings that reach that far back are told so.
    pub fn lose(&mut self, lost: Lost) {
        let before = self.lost.unwrap_or(lost);
        let erred = before.erred || lost.erred;
        self.lost = Some(Lost { through: before.through.max(lost.through), erred, ..lost });
    }

    fn drop_first(&mut self) {
        let Some(place) = self.places.pop_front() else { return };
        let next = self.places.front().copied();
        if self.valueless.first() == Some(place) {
            self.valueless.drop_first();
        }
        match &mut self.column {
            Column::Count => {}
            Column::Sum(sums) => sums.drop_first(place, next),
            Column::Extremes(extremes, currencies) => {
                extremes.drop_first(place);
                currencies.remove(place, next);
            }
            Column::Distinct(distinct) => distinct.drop_first(place),
            Column::Values(values) => _ = values.pop_front(),
            Column::Same(runs) => runs.remove(place, next),
        }
        self.hint.set(self.hint.get().saturating_sub(1));
    }

    /// The newest place of anything that is kept.
    pub fn newest(&self) -> Option<Place> {
        self.places.back().copied().max(self.erred.last())
    }

    /// How many entries are kept, with those that erred.
    pub fn len(&self) -> usize {
        self.places.len() + self.erred.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Nothing is kept, and nothing has to be remembered.
    pub fn is_idle(&self) -> bool {
        self.is_empty() && self.lost.is_none()
    }

    // What is read of it

    /// What the entries in view come to. `aggregate` is the one the series was made with; another, or a reading of another
    /// aggregate, is `Form`.
    pub fn read(&self, aggregate: &Aggregate, reading: Reading<'_>, view: &View<'_>) -> Result<Value, Fault> {
        let window = self.window(view);
        let int = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
        match (reading, &self.column, aggregate) {
            (Reading::Any, ..) => self.any(window, view).map(Value::Bool),
            (Reading::Count, ..) => self.through(window, view, false, None).map(int),
            (Reading::Sum | Reading::Average, Column::Sum(sums), Aggregate::Sum { nothing }) => {
                let first = self.first(window);
                let change = first.and_then(|first| sums.currencies.change(first, self.own_and_next(window)));
                let like = first.and_then(|first| sums.currencies.at(first)).copied();
                let differ = change.zip(like).map(|((at, now), like)| (at, Fault::CurrenciesDiffer(like, *now)));
                let count = self.through(window, view, true, differ)?;
                match reading {
                    Reading::Sum if count == 0 => Ok(nothing.clone()),
                    Reading::Sum => sums.sum(window.start, window.own, like),
                    _ if count == 0 => Ok(Value::Missing),
                    _ => sums.average(window.start, window.own, like, count),
                }
            }
            (Reading::Min, Column::Extremes(extremes, currencies), Aggregate::Min)
            | (Reading::Max, Column::Extremes(extremes, currencies), Aggregate::Max) => {
                let first = self.first(window);
                let change = first.and_then(|first| currencies.change(first, self.own_and_next(window)));
                let like = first.and_then(|first| currencies.at(first)).copied();
                let differ = change.zip(like).map(|((at, now), like)| (at, Fault::CurrenciesDiffer(*now, like)));
                self.through(window, view, true, differ)?;
                let best = extremes.best(window.start, view.from, self.own_place(window));
                Ok(best.cloned().unwrap_or(Value::Missing))
            }
            (Reading::Distinct, Column::Distinct(distinct), _) => {
                self.through(window, view, true, None)?;
                Ok(int(distinct.count(view.from, self.own_place(window)) as u64))
            }
            (Reading::Holds(value), Column::Distinct(distinct), _) => {
                self.through(window, view, true, None)?;
                let own = self.own_place(window).map(|(_, own)| own);
                Ok(Value::Bool(distinct.holds(value, view.from, own)))
            }
            (Reading::All(value), Column::Same(runs), _) => {
                let first = self.first(window);
                let other = first.and_then(|first| match runs.at(first) {
                    Some(found) if found != value => Some(first),
                    _ => runs.change(first, self.own_and_next(window)).map(|(at, _)| at),
                });
                // What is behind the first that differs is not looked at.
                match other {
                    Some(other) => self.until(other, window, view).map(|()| Value::Bool(false)),
                    None => self.through(window, view, true, None).map(|_| Value::Bool(true)),
                }
            }
            (Reading::Newest, Column::Values(values), _) => self.value(values, self.newest_in(window, view, true)?),
            (Reading::Oldest, Column::Values(values), _) => self.value(values, self.oldest_in(window, view, true)?),
            _ => Err(Fault::Form("an accumulator of that kind")),
        }
    }

    /// The place of the newest entry in view. `view.open` is as for `Reading::Newest`.
    pub fn newest_place(&self, view: &View<'_>) -> Result<Option<Place>, Fault> {
        self.newest_in(self.window(view), view, false)
    }

    /// The oldest of what erred in view and is no entry, or the newest.
    pub fn fault(&self, view: &View<'_>, newest: bool) -> Option<(Place, &Fault)> {
        if newest { self.erred.newest(view) } else { self.erred.oldest(view) }
    }

    fn value(&self, values: &VecDeque<Value>, at: Option<Place>) -> Result<Value, Fault> {
        let index = at.and_then(|at| self.places.binary_search(&at).ok());
        Ok(index.and_then(|index| values.get(index)).cloned().unwrap_or(Value::Missing))
    }

    fn any(&self, window: Window, view: &View<'_>) -> Result<bool, Fault> {
        // Where nothing erred before it, an entry that is kept is enough.
        if let (Some(Lost { erred: false, .. }), Some(first)) = (self.lost_in(view), self.first(window))
            && self.first_fault(view, false).is_none_or(|(place, _)| place > first)
        {
            return Ok(true);
        }
        self.oldest_in(window, view, false).map(|oldest| oldest.is_some())
    }

    /// The oldest entry. `values`: its value is asked for.
    fn oldest_in(&self, window: Window, view: &View<'_>, values: bool) -> Result<Option<Place>, Fault> {
        if let Some(lost) = self.lost_in(view) {
            return Err(Fault::HistoryBound(lost.bound));
        }
        let first = self.first(window);
        match self.first_fault(view, values) {
            Some((place, fault)) if first.is_none_or(|first| place <= first) => Err(fault.clone()),
            _ => Ok(first),
        }
    }

    fn newest_in(&self, window: Window, view: &View<'_>, values: bool) -> Result<Option<Place>, Fault> {
        let behind = self.places.len() - usize::from(window.own.is_some_and(|own| own + 1 == self.places.len()));
        let newest = if behind > window.start { self.places.get(behind - 1).copied() } else { None };
        let valueless = if values { self.valueless.newest(view) } else { None };
        let faults = [self.erred.newest(view), valueless, view.open];
        let fault = faults.into_iter().flatten().max_by_key(|(place, _)| *place);
        match (fault, self.lost_in(view)) {
            (Some((place, fault)), _) if newest.is_none_or(|newest| place >= newest) => Err(fault.clone()),
            (_, Some(lost)) if newest.is_none() => Err(Fault::HistoryBound(lost.bound)),
            _ => Ok(newest),
        }
    }

    /// Looks at all entries in view from the oldest on, and counts them. `differ` is what `values` of one place make of it.
    fn through(
        &self,
        window: Window,
        view: &View<'_>,
        values: bool,
        differ: Option<(Place, Fault)>,
    ) -> Result<u64, Fault> {
        let differ = differ.as_ref().map(|(place, fault)| (*place, fault));
        let faults = self.first_fault(view, values).into_iter().chain(differ);
        if let Some((place, fault)) = faults.min_by_key(|(place, _)| *place) {
            self.bounded(self.count_until(place, window), view)?;
            self.nothing_lost(view)?;
            return Err(fault.clone());
        }
        let count = (self.places.len() - window.start - usize::from(window.own.is_some())) as u64;
        self.bounded(count, view)?;
        self.nothing_lost(view)?;
        Ok(count)
    }

    /// Looks at the entries up to that one.
    fn until(&self, last: Place, window: Window, view: &View<'_>) -> Result<(), Fault> {
        self.nothing_lost(view)?;
        match self.first_fault(view, true) {
            Some((place, fault)) if place <= last => {
                self.bounded(self.count_until(place, window), view)?;
                Err(fault.clone())
            }
            _ => self.bounded(self.count_until(last, window), view),
        }
    }

    fn bounded(&self, count: u64, view: &View<'_>) -> Result<(), Fault> {
        match view.most {
            Some(most) if count > most => Err(Fault::HistoryBound(most)),
            _ => Ok(()),
        }
    }

    fn nothing_lost(&self, view: &View<'_>) -> Result<(), Fault> {
        self.lost_in(view).map_or(Ok(()), |lost| Err(Fault::HistoryBound(lost.bound)))
    }

    fn lost_in(&self, view: &View<'_>) -> Option<Lost> {
        self.lost.filter(|lost| lost.through >= view.from)
    }

    /// The oldest fault in view.
    fn first_fault<'s>(&'s self, view: &View<'s>, values: bool) -> Option<(Place, &'s Fault)> {
        if self.erred.is_empty() && self.valueless.is_empty() {
            return view.open;
        }
        let valueless = if values { self.valueless.oldest(view) } else { None };
        let faults = [self.erred.oldest(view), valueless, view.open];
        faults.into_iter().flatten().min_by_key(|(place, _)| *place)
    }

    /// How many entries in view stand no further than that place.
    fn count_until(&self, place: Place, window: Window) -> u64 {
        let behind = self.places.partition_point(|other| *other <= place);
        let own = window.own.is_some_and(|own| own < behind);
        behind.saturating_sub(window.start).saturating_sub(usize::from(own)) as u64
    }

    fn window(&self, view: &View<'_>) -> Window {
        let start = self.index(view.from);
        if view.own.is_empty() {
            return Window { start, own: None };
        }
        let own = view.own.iter().filter(|own| **own >= view.from);
        Window { start, own: own.filter_map(|own| self.places.binary_search(own).ok()).next() }
    }

    /// The oldest entry in view.
    fn first(&self, window: Window) -> Option<Place> {
        self.places.get(window.start + usize::from(window.own == Some(window.start))).copied()
    }

    fn own_place(&self, window: Window) -> Option<(usize, Place)> {
        window.own.map(|own| (own, self.places[own]))
    }

    fn own_and_next(&self, window: Window) -> Option<(Place, Option<Place>)> {
        window.own.map(|own| (self.places[own], self.places.get(own + 1).copied()))
    }

    /// How many entries stand before that place. Looked for around where it was last, since windows move with the time.
    fn index(&self, from: Place) -> usize {
        if self.places.front().is_none_or(|first| *first >= from) {
            return 0;
        }
        let (len, hint) = (self.places.len(), self.hint.get().min(self.places.len()));
        let before = |at: usize| self.places[at] < from;
        let (mut low, mut high, mut step) = (hint, hint, 1);
        if hint < len && before(hint) {
            high = hint + 1;
            while high < len && before(high) {
                (low, high, step) = (high, (high + step).min(len), step * 2);
            }
        } else {
            while low > 0 && !before(low - 1) {
                (low, high, step) = (low.saturating_sub(step), low, step * 2);
            }
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if before(middle) { low = middle + 1 } else { high = middle }
        }
        self.hint.set(low);
        low
    }
}

/// As `insert`, and faster at the end, where most come.
pub(super) fn put<T>(to: &mut VecDeque<T>, at: usize, value: T) {
    if at == to.len() { to.push_back(value) } else { to.insert(at, value) }
}
