//! The least, or the greatest, value of a suffix. `series` keeps one beside its places.
//! The values that are the best of what is from them on form a stack: reading a suffix is finding its first.

use super::series::{Place, put};
use crate::value::Value;
use std::cmp::Ordering;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
pub(super) struct Extremes {
    /// By entry; missing of one without a value, which is never the best.
    values: VecDeque<Value>,
    /// From the oldest to the newest, each better than all behind it in the series.
    best: VecDeque<(Place, Value)>,
    /// `Less` keeps the least.
    better: Ordering,
}

impl Extremes {
    pub fn least() -> Extremes {
        Extremes { values: VecDeque::new(), best: VecDeque::new(), better: Ordering::Less }
    }

    pub fn greatest() -> Extremes {
        Extremes { better: Ordering::Greater, ..Extremes::least() }
    }

    fn is_better(&self, value: &Value, than: &Value) -> bool {
        value.cmp(than) == self.better
    }

    pub fn insert(&mut self, at: usize, place: Place, value: Option<Value>) {
        let Some(value) = value else { return put(&mut self.values, at, Value::Missing) };
        put(&mut self.values, at, value.clone());
        let mut behind = self.best.partition_point(|(best, _)| *best < place);
        if self.best.get(behind).is_some_and(|(_, later)| !self.is_better(&value, later)) {
            return;
        }
        while let Some(before) = behind.checked_sub(1)
            && !self.is_better(&self.best[before].1, &value)
        {
            self.best.remove(before);
            behind = before;
        }
        put(&mut self.best, behind, (place, value));
    }

    /// Takes the entry at that index out; `places` are those that stay.
    pub fn remove(&mut self, at: usize, place: Place, places: &VecDeque<Place>) -> Value {
        let value = self.values.remove(at).unwrap_or(Value::Missing);
        let gone = self.best.partition_point(|(best, _)| *best < place);
        if self.best.get(gone).is_some_and(|(best, _)| *best == place) {
            self.best.remove(gone);
            // What it was better than, down to the best before it.
            let before = gone.checked_sub(1).map(|before| self.best[before].0);
            for index in (0..at).rev() {
                let (place, value) = (places[index], &self.values[index]);
                if Some(place) == before {
                    break;
                }
                let better = self.best.get(gone).is_none_or(|(_, best)| self.is_better(value, best));
                if better && !value.is_missing() {
                    self.best.insert(gone, (place, value.clone()));
                }
            }
        }
        value
    }

    /// Drops the oldest entry.
    pub fn drop_first(&mut self, place: Place) {
        self.values.pop_front();
        if self.best.front().is_some_and(|(best, _)| *best == place) {
            self.best.pop_front();
        }
    }

    /// The best from that place on, `from` being its index, without the entry at the index and place of `own`.
    pub fn best(&self, from: usize, place: Place, own: Option<(usize, Place)>) -> Option<&Value> {
        let first = self.best.partition_point(|(best, _)| *best < place);
        let (at, best) = self.best.get(first).map(|(at, best)| (*at, best))?;
        match own {
            Some((index, own)) if own == at => {
                // What is behind it is known; what is before it is looked through.
                let behind = self.best.get(first + 1).map(|(_, best)| best);
                let before = self.values.range(from..index).filter(|value| !value.is_missing());
                before.chain(behind).reduce(|best, value| if self.is_better(value, best) { value } else { best })
            }
            _ => Some(best),
        }
    }
}
