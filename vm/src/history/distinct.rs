//! How many different values a suffix has: those whose last entry is in it. `series` keeps one beside its places.
//! `Ranked` counts sorted places from one on, in the logarithm of their number.

use super::series::{Place, put};
use crate::value::Value;
use std::collections::{BTreeMap, VecDeque};

#[derive(Clone, Debug, Default)]
pub(super) struct Distinct {
    /// By entry; of one without a value nothing.
    values: VecDeque<Option<Value>>,
    /// Where each value stands, oldest first; never empty.
    places: BTreeMap<Value, VecDeque<Place>>,
    /// The last place of each value.
    last: Ranked,
}

impl Distinct {
    pub fn insert(&mut self, at: usize, place: Place, value: Option<Value>) {
        put(&mut self.values, at, value.clone());
        let Some(value) = value else { return };
        let places = self.places.entry(value).or_default();
        let behind = places.partition_point(|other| *other < place);
        if behind == places.len() {
            if let Some(last) = places.back() {
                self.last.remove(*last);
            }
            self.last.insert(place);
        }
        put(places, behind, place);
    }

    pub fn remove(&mut self, at: usize, place: Place) -> Value {
        let Some(Some(value)) = self.values.remove(at) else { return Value::Missing };
        self.forget(&value, place);
        value
    }

    /// Drops the oldest entry.
    pub fn drop_first(&mut self, place: Place) {
        if let Some(Some(value)) = self.values.pop_front() {
            self.forget(&value, place);
        }
    }

    fn forget(&mut self, value: &Value, place: Place) {
        let Some(places) = self.places.get_mut(value) else { return };
        let was_last = places.back() == Some(&place);
        if let Ok(at) = places.binary_search(&place) {
            places.remove(at);
        }
        if was_last {
            self.last.remove(place);
            match places.back() {
                Some(last) => self.last.insert(*last),
                None => _ = self.places.remove(value),
            }
        }
    }

    /// How many from that place on, without the entry at `own`.
    pub fn count(&self, from: Place, own: Option<(usize, Place)>) -> usize {
        let count = self.last.count_from(from);
        let Some((Some(value), own)) = own.and_then(|(at, own)| Some((self.values.get(at)?.as_ref(), own))) else {
            return count;
        };
        let is_alone = self.last_of(value, None) == Some(own) && self.last_of(value, Some(own)) < Some(from);
        count - usize::from(is_alone)
    }

    /// True where the value is there from that place on, other than at `own`.
    pub fn holds(&self, value: &Value, from: Place, own: Option<Place>) -> bool {
        self.last_of(value, own) >= Some(from)
    }

    fn last_of(&self, value: &Value, own: Option<Place>) -> Option<Place> {
        self.places.get(value)?.iter().rev().find(|place| Some(**place) != own).copied()
    }
}

/// So many places stand together.
const CHUNK: usize = 256;

/// Sorted places in chunks, with a Fenwick tree over how many each chunk has.
#[derive(Clone, Debug, Default)]
struct Ranked {
    /// None is empty.
    chunks: Vec<Vec<Place>>,
    /// Entry `i` has the places of the chunks in front of `i + 1` that its lowest set bit spans.
    tree: Vec<usize>,
    len: usize,
}

impl Ranked {
    fn insert(&mut self, place: Place) {
        self.len += 1;
        let at = self.chunk_of(place).min(self.chunks.len().saturating_sub(1));
        let is_last = at + 1 == self.chunks.len();
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(vec![place]);
            return self.count_anew();
        };
        let index = chunk.partition_point(|other| *other < place);
        if chunk.len() < CHUNK {
            chunk.insert(index, place);
            return self.add(at, 1);
        }
        // A place behind all others, as most are, begins a chunk; elsewhere a full one is cut in two.
        if is_last && index == CHUNK {
            self.chunks.push(vec![place]);
        } else {
            let half = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, half);
            let (at, index) = if index > CHUNK / 2 { (at + 1, index - CHUNK / 2) } else { (at, index) };
            self.chunks[at].insert(index, place);
        }
        self.count_anew();
    }

    fn remove(&mut self, place: Place) {
        let at = self.chunk_of(place);
        let Some(chunk) = self.chunks.get_mut(at) else { return };
        let Ok(index) = chunk.binary_search(&place) else { return };
        chunk.remove(index);
        self.len -= 1;
        if chunk.is_empty() {
            self.chunks.remove(at);
            self.count_anew();
        } else {
            self.add(at, -1);
        }
    }

    fn count_from(&self, place: Place) -> usize {
        let at = self.chunk_of(place);
        let Some(chunk) = self.chunks.get(at) else { return 0 };
        self.len - self.before(at) - chunk.partition_point(|other| *other < place)
    }

    /// The first chunk with that place or one behind it.
    fn chunk_of(&self, place: Place) -> usize {
        self.chunks.partition_point(|chunk| chunk.last().is_some_and(|last| *last < place))
    }

    /// How many places the chunks in front of that one have.
    fn before(&self, mut at: usize) -> usize {
        let mut sum = 0;
        while at > 0 {
            sum += self.tree[at - 1];
            at &= at - 1;
        }
        sum
    }

    fn add(&mut self, chunk: usize, by: isize) {
        let mut at = chunk + 1;
        while at <= self.tree.len() {
            self.tree[at - 1] = self.tree[at - 1].wrapping_add_signed(by);
            at += at & at.wrapping_neg();
        }
    }

    fn count_anew(&mut self) {
        self.tree.clear();
        self.tree.extend(self.chunks.iter().map(Vec::len));
        for at in 1..=self.tree.len() {
            let parent = at + (at & at.wrapping_neg());
            if parent <= self.tree.len() {
                self.tree[parent - 1] += self.tree[at - 1];
            }
        }
    }
}
