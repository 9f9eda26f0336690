//! `Shard`: a part of the tables in memory: series by accumulator, session and key, each with a version that changes with it.
//! `memory` locks shards, reads and changes them; `load` fills new ones. What is shared by all of a program's is `Loaded`.

use super::series::{Kept, Lost, Place, Series};
use super::{AccumulatorId, AccumulatorSpec, EntryState};
use crate::value::{Instant, Value};
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicUsize, Ordering::SeqCst};

/// The accumulators of the program that is loaded.
#[derive(Debug)]
pub(super) struct Loaded {
    pub generation: u64,
    pub accumulators: Vec<Accumulator>,
    /// Since when the records were complete of which it was filled; the least: for all time.
    pub complete_since: AtomicI64,
    pub max_entries: usize,
    pub max_sessions: usize,
    /// How many keys are held, of all accumulators.
    pub keys: AtomicUsize,
    pub sessions: AtomicUsize,
    /// A session found no room.
    pub session_lost: AtomicBool,
    /// Something found no room that others may have left.
    pub crowded: AtomicBool,
}

#[derive(Debug)]
pub(super) struct Accumulator {
    pub spec: AccumulatorSpec,
    /// How many keys are held.
    keys: AtomicUsize,
    /// The newest time of an entry whose key found no room; the least: there was none.
    lost: AtomicI64,
    /// Bit `n`: there are entries of every key that begins with certain `n` values (31: or with more).
    open: AtomicU32,
    /// The newest time of one of these that found no room; the least: there was none.
    open_lost: AtomicI64,
}

impl Accumulator {
    pub fn new(spec: AccumulatorSpec) -> Accumulator {
        Accumulator {
            spec,
            keys: AtomicUsize::new(0),
            lost: AtomicI64::new(i64::MIN),
            open: AtomicU32::new(0),
            open_lost: AtomicI64::new(i64::MIN),
        }
    }

    /// An entry of more than one key found no room, and may be one from that time on.
    pub fn lacks_open(&self, from: Instant) -> bool {
        let lost = self.open_lost.load(SeqCst);
        lost != i64::MIN && lost >= from.0
    }

    pub fn is_full(&self) -> bool {
        self.keys.load(SeqCst) >= self.spec.max_keys
    }

    /// There are entries of more than one key.
    pub fn has_open(&self) -> bool {
        self.open.load(SeqCst) != 0
    }

    /// How many first values of a key of that length may have entries of every key.
    pub fn open_lengths(&self, key: usize) -> impl Iterator<Item = usize> {
        let open = self.open.load(SeqCst);
        (0..=if open == 0 { 0 } else { key }).filter(move |len| open & (1 << (*len).min(31)) != 0)
    }
}

/// Which series.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub accumulator: AccumulatorId,
    pub session: Option<&'a str>,
    pub values: &'a [Value],
    /// Of every key that begins with these values.
    pub open: bool,
}

/// Where an entry is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    slot: u32,
    /// Tells a slot from what it was used for before.
    born: u64,
}

#[derive(Debug)]
pub(super) struct Shard {
    pub loaded: Arc<Loaded>,
    /// Of anything in it.
    pub version: u64,
    /// Of what is not in it.
    births: u64,
    index: HashTable<u32>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    sessions: BTreeMap<Arc<str>, Session>,
}

#[derive(Debug)]
struct Slot {
    accumulator: AccumulatorId,
    session: Option<Arc<str>>,
    values: Box<[Value]>,
    open: bool,
    hash: u64,
    version: u64,
    born: u64,
    /// `None`: it is free.
    series: Option<Series>,
}

#[derive(Debug)]
struct Session {
    /// The place, among all, of the recording with which it began.
    began: u64,
    slots: Vec<u32>,
    /// Something of it found no room.
    lost: bool,
}

/// The place of a note that nothing is there.
const NOWHERE: u32 = u32::MAX;

impl Shard {
    pub fn new(loaded: Arc<Loaded>) -> Shard {
        Shard {
            loaded,
            version: 0,
            births: 0,
            index: HashTable::new(),
            slots: vec![],
            free: vec![],
            sessions: BTreeMap::default(),
        }
    }

    pub fn state_of(&self, accumulator: AccumulatorId) -> Option<EntryState> {
        self.accumulator(accumulator).map(|accumulator| accumulator.spec.state)
    }

    pub fn accumulator(&self, id: AccumulatorId) -> Option<&Accumulator> {
        self.loaded.accumulators.get(id.0 as usize)
    }

    fn find(&self, key: Key<'_>, hash: u64) -> Option<u32> {
        let is_it = |slot: &u32| {
            let slot = &self.slots[*slot as usize];
            slot.hash == hash
                && slot.accumulator == key.accumulator
                && slot.open == key.open
                && slot.session.as_deref() == key.session
                && *slot.values == *key.values
        };
        self.index.find(hash, is_it).copied()
    }

    /// The series of that key, if it is held, and what to note of it: a place, and its version.
    pub fn get(&self, key: Key<'_>, hash: u64) -> (Option<&Series>, u32, u64) {
        match self.find(key, hash) {
            Some(at) => {
                let slot = &self.slots[at as usize];
                (slot.series.as_ref(), at, slot.version)
            }
            None => (None, NOWHERE, self.births),
        }
    }

    /// The version of a place that was noted.
    pub fn version_of(&self, place: u32) -> u64 {
        self.slots.get(place as usize).map_or(self.births, |slot| slot.version)
    }

    /// What a key that is not held may have lacked room for.
    pub fn lost(&self, key: Key<'_>) -> Option<Lost> {
        let accumulator = self.accumulator(key.accumulator)?;
        let (time, bound) = match key.session.map(|session| self.sessions.get(session)) {
            Some(Some(session)) => (session.lost.then_some(i64::MAX), accumulator.spec.max_keys),
            Some(None) => (self.loaded.session_lost.load(SeqCst).then_some(i64::MAX), self.loaded.max_sessions),
            None => {
                let lost = accumulator.lost.load(SeqCst);
                ((lost != i64::MIN).then_some(lost), accumulator.spec.max_keys)
            }
        };
        let through = Place { time: Instant(time?), order: u64::MAX };
        Some(Lost { through, erred: true, bound: bound as u64 })
    }

    /// Keeps an entry; `None` where it finds no room, of which readings are told from now on, and where its session is
    /// over. `now`: the latest time.
    pub fn insert(&mut self, key: Key<'_>, hash: u64, place: Place, kept: Kept, now: Instant) -> Option<Spot> {
        if let Some(session) = key.session
            && self.sessions.get(session).is_none_or(|session| place.order < session.began)
        {
            return None;
        }
        self.version += 1;
        let at = match self.find(key, hash) {
            Some(at) => at,
            None => {
                self.births += 1;
                self.create(key, hash, place)?
            }
        };
        let (max, before) = (self.loaded.max_entries, self.horizon(key.accumulator, now));
        let slot = &mut self.slots[at as usize];
        slot.version += 1;
        let series = slot.series.as_mut()?;
        series.insert(place, kept);
        if let Some(before) = before {
            series.expire(before);
        }
        series.cut(max);
        Some(Spot { slot: at, born: slot.born })
    }

    /// What is older than this is not asked for any more.
    fn horizon(&self, accumulator: AccumulatorId, now: Instant) -> Option<Instant> {
        let horizon = self.accumulator(accumulator)?.spec.horizon?;
        Some(Instant(now.0.saturating_sub(horizon.max(0))))
    }

    fn create(&mut self, key: Key<'_>, hash: u64, place: Place) -> Option<u32> {
        let loaded = self.loaded.clone();
        let accumulator = loaded.accumulators.get(key.accumulator.0 as usize)?;
        let lost = self.lost(key);
        let mut session = match key.session {
            Some(session) => Some(self.sessions.get_mut(session)?),
            None => None,
        };
        if !take_room(&accumulator.keys, accumulator.spec.max_keys) {
            loaded.crowded.store(true, SeqCst);
            match session {
                _ if key.open => _ = accumulator.open_lost.fetch_max(place.time.0, SeqCst),
                Some(session) => session.lost = true,
                None => _ = accumulator.lost.fetch_max(place.time.0, SeqCst),
            }
            return None;
        }
        loaded.keys.fetch_add(1, SeqCst);
        if accumulator.is_full() {
            loaded.crowded.store(true, SeqCst);
        }
        if key.open {
            accumulator.open.fetch_or(1 << key.values.len().min(31), SeqCst);
        }
        let mut series = Series::new(&accumulator.spec.aggregate);
        if let Some(lost) = lost {
            series.lose(lost);
        }
        let slot = Slot {
            accumulator: key.accumulator,
            session: key.session.map(Arc::from),
            values: key.values.into(),
            open: key.open,
            hash,
            version: 0,
            born: self.births,
            series: Some(series),
        };
        let at = match self.free.pop() {
            Some(at) => {
                let version = self.slots[at as usize].version + 1;
                self.slots[at as usize] = Slot { version, ..slot };
                at
            }
            None => {
                self.slots.push(slot);
                self.slots.len() as u32 - 1
            }
        };
        if let Some(session) = &mut session {
            session.slots.push(at);
        }
        let slots = &self.slots;
        self.index.insert_unique(hash, at, |at| slots[*at as usize].hash);
        Some(at)
    }

    /// Takes an entry out, if it is there still.
    pub fn take(&mut self, spot: Spot, place: Place) -> Option<Kept> {
        let slot = self.slots.get_mut(spot.slot as usize).filter(|slot| slot.born == spot.born)?;
        let kept = slot.series.as_mut()?.remove(place)?;
        slot.version += 1;
        self.version += 1;
        Some(kept)
    }

    /// Of what key an entry is, with the hash of that.
    pub fn key_of(&self, spot: Spot) -> Option<(Key<'_>, u64)> {
        let slot = self.slots.get(spot.slot as usize).filter(|slot| slot.born == spot.born)?;
        let (accumulator, session, open) = (slot.accumulator, slot.session.as_deref(), slot.open);
        Some((Key { accumulator, session, values: &slot.values, open }, slot.hash))
    }

    /// A request of that session was recorded at that place among all. It begins the session, where that has not begun.
    pub fn begin_session(&mut self, session: &str, order: u64) {
        if self.sessions.contains_key(session) {
            return;
        }
        self.births += 1;
        if take_room(&self.loaded.sessions, self.loaded.max_sessions) {
            self.sessions.insert(session.into(), Session { began: order, slots: vec![], lost: false });
        } else {
            self.loaded.session_lost.store(true, SeqCst);
        }
    }

    pub fn end_session(&mut self, session: &str) {
        let Some(Session { slots, .. }) = self.sessions.remove(session) else { return };
        self.loaded.sessions.fetch_sub(1, SeqCst);
        slots.into_iter().for_each(|at| self.release(at));
        self.births += 1;
    }

    /// The sessions that go on, and with which recording each began.
    pub fn sessions(&self) -> impl Iterator<Item = (&Arc<str>, u64)> {
        self.sessions.iter().map(|(session, state)| (session, state.began))
    }

    /// Drops what no window reaches any more.
    pub fn tidy(&mut self, now: Instant) {
        for at in 0..self.slots.len() {
            let slot = &self.slots[at];
            // A session's go with it.
            let (None, Some(before)) = (&slot.session, self.horizon(slot.accumulator, now)) else { continue };
            let Some(series) = &mut self.slots[at].series else { continue };
            series.expire(before);
            if series.is_idle() {
                self.release(at as u32);
            }
        }
    }

    fn release(&mut self, at: u32) {
        let slot = &mut self.slots[at as usize];
        slot.series = None;
        slot.values = Box::default();
        slot.session = None;
        slot.version += 1;
        // Nothing is of this age.
        slot.born = 0;
        self.version += 1;
        let (accumulator, hash) = (slot.accumulator, slot.hash);
        if let Some(accumulator) = self.loaded.accumulators.get(accumulator.0 as usize) {
            accumulator.keys.fetch_sub(1, SeqCst);
        }
        self.loaded.keys.fetch_sub(1, SeqCst);
        if let Ok(entry) = self.index.find_entry(hash, |other| *other == at) {
            entry.remove();
        }
        self.free.push(at);
    }
}

/// One more, where there is room for it.
fn take_room(held: &AtomicUsize, max: usize) -> bool {
    let more = |held: usize| (held < max).then_some(held + 1);
    held.fetch_update(SeqCst, SeqCst, more).is_ok()
}
