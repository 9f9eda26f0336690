//! Sets that a program names, made ready for being asked: bitmaps for words that lie close together, and a perfect hash
//! for texts, so that one entry is compared whatever the size of the set.

use crate::program::Keys;
use std::sync::Arc;

/// Bitmaps reach at most this far: 4 KiB.
const MOST_BITS: u64 = 1 << 15;

/// A set of words.
#[derive(Clone, Debug)]
pub(crate) enum WordSet {
    /// From the first word on, a bit each.
    Bits { first: i64, bits: Box<[u64]> },
    /// Sorted.
    Sorted(Box<[i64]>),
}

impl WordSet {
    /// Of words in order, each once.
    pub fn new(words: &[i64]) -> WordSet {
        let Some((first, last)) = words.first().zip(words.last()) else { return WordSet::Sorted(Box::default()) };
        let span = last.wrapping_sub(*first) as u64;
        if span >= MOST_BITS {
            return WordSet::Sorted(words.into());
        }
        let mut bits = vec![0; span as usize / 64 + 1];
        for word in words {
            let at = word.wrapping_sub(*first) as usize;
            bits[at / 64] |= 1 << (at % 64);
        }
        WordSet::Bits { first: *first, bits: bits.into() }
    }

    pub fn contains(&self, word: i64) -> bool {
        match self {
            WordSet::Bits { first, bits } => {
                let at = word.wrapping_sub(*first) as u64;
                bits.get((at / 64) as usize).is_some_and(|bits| bits >> (at % 64) & 1 == 1)
            }
            WordSet::Sorted(words) => words.binary_search(&word).is_ok(),
        }
    }
}

/// A set of texts, each with its place.
#[derive(Clone, Debug)]
pub(crate) struct TextSet {
    slots: Box<[Option<Entry>]>,
    /// By bucket: what is added to the slot of its texts.
    shifts: Box<[u32]>,
    seed: u64,
}

/// What a selection finds by a key: where its rules begin among the targets.
#[derive(Clone, Debug)]
pub(crate) enum Index {
    Texts(TextSet),
    /// Sorted.
    Words(Box<[i64]>),
}

impl Index {
    pub fn new(keys: &Keys) -> Option<Index> {
        Some(match keys {
            Keys::Texts(texts) => Index::Texts(TextSet::new(texts)?),
            Keys::Words(words) => Index::Words(words.as_slice().into()),
        })
    }

    /// The place of a key.
    pub fn text(&self, text: &str) -> Option<u32> {
        match self {
            Index::Texts(texts) => texts.place(text),
            Index::Words(_) => None,
        }
    }

    pub fn word(&self, word: i64) -> Option<u32> {
        match self {
            Index::Words(words) => words.binary_search(&word).ok().map(|at| at as u32),
            Index::Texts(_) => None,
        }
    }
}

/// The text, and its place among those that the set was made of.
type Entry = (Arc<str>, u32);

/// So many shifts of a bucket are tried, and so many seeds.
const MOST_SHIFTS: u32 = 4096;
const MOST_SEEDS: u64 = 64;

impl TextSet {
    /// Of texts, each once. `None` where no perfect hash is found for them; for other texts one is found all but always.
    pub fn new(texts: &[Arc<str>]) -> Option<TextSet> {
        (0..MOST_SEEDS).find_map(|seed| TextSet::with(texts, seed))
    }

    fn with(texts: &[Arc<str>], seed: u64) -> Option<TextSet> {
        let (slots, buckets) = (texts.len() + texts.len() / 4 + 1, texts.len() / 4 + 1);
        let mut set =
            TextSet { slots: vec![None; slots].into(), shifts: vec![0; buckets].into(), seed: seed.wrapping_add(1) };
        let mut members: Vec<Vec<(u64, u32)>> = vec![vec![]; buckets];
        for (at, text) in texts.iter().enumerate() {
            let hash = hash(set.seed, text.as_bytes());
            members[set.bucket(hash)].push((hash, at as u32));
        }
        let mut order: Vec<usize> = (0..buckets).collect();
        // The fullest first, while there is room.
        order.sort_by_key(|bucket| std::cmp::Reverse(members[*bucket].len()));
        for bucket in order {
            let shift = (0..MOST_SHIFTS).find(|shift| set.takes(&members[bucket], *shift))?;
            set.shifts[bucket] = shift;
            for (hash, at) in &members[bucket] {
                let slot = set.slot(*hash, shift);
                set.slots[slot] = Some((texts[*at as usize].clone(), *at));
            }
        }
        Some(set)
    }

    fn bucket(&self, hash: u64) -> usize {
        (((hash >> 32) * self.shifts.len() as u64) >> 32) as usize
    }

    fn slot(&self, hash: u64, shift: u32) -> usize {
        let mixed = (hash as u32).wrapping_add(shift.wrapping_mul((hash >> 17) as u32 | 1));
        ((u64::from(mixed) * self.slots.len() as u64) >> 32) as usize
    }

    /// All of the bucket's texts find room with that shift.
    fn takes(&self, members: &[(u64, u32)], shift: u32) -> bool {
        let slots: Vec<usize> = members.iter().map(|(hash, _)| self.slot(*hash, shift)).collect();
        slots.iter().enumerate().all(|(at, slot)| self.slots[*slot].is_none() && !slots[..at].contains(slot))
    }

    /// Its place among the texts that the set was made of.
    #[inline]
    pub fn place(&self, text: &str) -> Option<u32> {
        let hash = hash(self.seed, text.as_bytes());
        let shift = self.shifts[self.bucket(hash)];
        match &self.slots[self.slot(hash, shift)] {
            Some((own, at)) if **own == *text => Some(*at),
            Some(_) | None => None,
        }
    }
}

/// Folded multiplication over eight bytes at a time; the last eight overlap those before where the length is no multiple.
/// Nobody gains from texts that collide: one slot is looked at.
#[inline]
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |left: u64, right: u64| {
        let wide = u128::from(left) * u128::from(right);
        (wide as u64) ^ (wide >> 64) as u64
    };
    let eight = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    let four = |bytes: &[u8; 4]| u64::from(u32::from_le_bytes(*bytes));
    let mut hash = seed ^ bytes.len() as u64;
    let last = match bytes.last_chunk::<8>() {
        Some(last) => {
            let (chunks, _) = bytes[..bytes.len() - 1].as_chunks::<8>();
            for chunk in chunks {
                hash = mix(hash ^ eight(chunk), ODD);
            }
            eight(last)
        }
        None => match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
            (Some(first), Some(last), _) => four(first) << 32 | four(last),
            (_, _, []) => 0,
            // The first byte, that in the middle and the last are all of at most three.
            (_, _, few) => {
                let byte = |at: usize| u64::from(few[at]);
                byte(0) << 16 | byte(few.len() / 2) << 8 | byte(few.len() - 1)
            }
        },
    };
    mix(hash ^ last, ODD ^ 0x00ff_51af_d7ed_558c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 20, 1_000, 20_000] {
            let texts: Vec<Arc<str>> = (0..count).map(|at| format!("res_{}", at * 7).into()).collect();
            let set = TextSet::new(&texts).expect("a hash is found");
            for (at, text) in texts.iter().enumerate() {
                assert_eq!(set.place(text), Some(at as u32));
            }
            for other in ["", "res_", "res_1", "res_00", "a text that is longer than any of them"] {
                assert_eq!(set.place(other), None, "{other}");
            }
        }
    }

    #[test]
    fn words_are_found_near_and_far() {
        let sets: [&[i64]; 4] = [&[], &[5], &[i64::MIN, -1, 0, i64::MAX], &[-3, 60, 61, 70, 4_000]];
        for words in sets {
            let set = WordSet::new(words);
            for word in [i64::MIN, i64::MIN + 1, -4, -3, -1, 0, 1, 5, 60, 62, 70, 71, 3_999, 4_000, 4_001, i64::MAX] {
                assert_eq!(set.contains(word), words.contains(&word), "{word} in {words:?}");
            }
        }
    }
}
