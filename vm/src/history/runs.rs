//! Runs: entries that follow one another and have the same of something, a currency or a value.
//! `series` asks where the first entry with another stands; nothing is kept for an entry that is like the one before it.

use super::series::Place;
use std::collections::VecDeque;

/// Where each run begins, and what its entries have. Neighbours differ.
#[derive(Clone, Debug)]
pub(super) struct Runs<T> {
    starts: VecDeque<(Place, T)>,
}

impl<T> Default for Runs<T> {
    fn default() -> Runs<T> {
        Runs { starts: VecDeque::new() }
    }
}

impl<T: Clone + PartialEq> Runs<T> {
    /// What the entry of that place has.
    pub fn at(&self, place: Place) -> Option<&T> {
        let behind = self.starts.partition_point(|(start, _)| *start <= place);
        self.starts.get(behind.checked_sub(1)?).map(|(_, value)| value)
    }

    /// An entry; `next` is the place of the one behind it.
    pub fn insert(&mut self, place: Place, next: Option<Place>, value: T) {
        if let Some((start, last)) = self.starts.back()
            && *start < place
            && *last == value
        {
            return;
        }
        let behind = self.starts.partition_point(|(start, _)| *start < place);
        let around = behind.checked_sub(1).and_then(|at| self.starts.get(at)).map(|(_, value)| value.clone());
        if around.as_ref() == Some(&value) {
            return;
        }
        let begins_behind = self.starts.get(behind).is_some_and(|(start, _)| Some(*start) == next);
        if begins_behind && self.starts[behind].1 == value {
            self.starts[behind].0 = place;
            return;
        }
        // The run around it is cut in two.
        if let (Some(next), Some(around), false) = (next, around, begins_behind) {
            self.starts.insert(behind, (next, around));
        }
        self.starts.insert(behind, (place, value));
    }

    /// Takes an entry out; `next` is the place of the one behind it.
    pub fn remove(&mut self, place: Place, next: Option<Place>) {
        let at = self.starts.partition_point(|(start, _)| *start < place);
        if self.starts.get(at).is_none_or(|(start, _)| *start != place) {
            return;
        }
        match next {
            // The entry behind it is of the same run.
            Some(next) if self.starts.get(at + 1).is_none_or(|(start, _)| *start != next) => self.starts[at].0 = next,
            _ => {
                self.starts.remove(at);
                let before = at.checked_sub(1).and_then(|before| self.starts.get(before));
                if let (Some((_, before)), Some((_, behind))) = (before, self.starts.get(at))
                    && before == behind
                {
                    self.starts.remove(at);
                }
            }
        }
    }

    /// The first entry behind `first` that has something else than `first`, and what. `own` is an entry that is not looked
    /// at, with the place of the one behind it; it is not `first`.
    pub fn change(&self, first: Place, own: Option<(Place, Option<Place>)>) -> Option<(Place, &T)> {
        if self.starts.len() <= 1 {
            return None;
        }
        let behind = self.starts.partition_point(|(start, _)| *start <= first);
        let (_, value) = self.starts.get(behind.checked_sub(1)?)?;
        // No more than four runs are looked at: one that has the same lies behind the one that is left out.
        for at in behind..self.starts.len() {
            let (mut start, other) = (self.starts[at].0, &self.starts[at].1);
            if let Some((own, next)) = own
                && own == start
            {
                start = next?;
                if self.starts.get(at + 1).is_some_and(|(begins, _)| *begins == start) {
                    continue;
                }
            }
            if other != value {
                return Some((start, other));
            }
        }
        None
    }
}
