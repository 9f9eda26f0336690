//! `MemoryHistory`: a history in memory. Its tables are in shards, its records in ledgers, each with a lock of its own,
//! taken in the order of their numbers, shards before ledgers. `table` and `ledger` say what is in them, `load` fills the
//! tables of a new program. Whoever reads a shard notes its version; who commits holds all that was seen, and compares.

use super::ledger::Ledger;
use super::record::Record;
use super::seen::{Note, PARTS, Seen};
use super::series::{Place, Series, View};
use super::table::{Accumulator, Key, Loaded, Shard};
use super::{AccumulatorSpec, Ask, Change, Fill, Generation, History, Reading, Refused, Turn};
use crate::fault::Fault;
use crate::request::Approval;
use crate::value::{Instant, Value};
use foldhash::fast::FixedState;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How much a history in memory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Entries of one key of one accumulator. Past it the oldest is dropped, and a reading that would look at it is
    /// `HistoryBound` of this number. More than any `max` can say, without one.
    pub max_entries: usize,
    /// Sessions with something kept. Past it, nothing is kept of another, and a reading of it is `HistoryBound` of this
    /// number, until the history is made anew.
    pub max_sessions: usize,
    /// Records and approvals. Past it, a new one is not kept, and from then on every reading is `HistoryBound` of this
    /// number.
    pub max_records: usize,
    /// For how long, in nanoseconds, a record is kept after its last change, and an approval after it came. `None`: for
    /// all time. An id that was forgotten is a new one: that it was performed is not known any more, and what it
    /// contributed can't be taken back. A program that is loaded later finds the history complete only so far back.
    pub keep: Option<i64>,
    /// What the places of its tables are drawn from. No answer depends on it. Where those who ask choose their keys, and
    /// could choose them to fall together, give a number that they can't know.
    pub seed: u64,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { max_entries: 1 << 20, max_sessions: 1_000_000, max_records: 1_000_000, keep: None, seed: 0 }
    }
}

/// The part of the tables for what is an entry of every key.
const OPEN: u32 = PARTS as u32 - 1;
/// So many more keys or records than were left may come before it is looked for what can be dropped.
const TIDY: usize = 4_096;

/// See the module.
#[derive(Debug)]
pub struct MemoryHistory {
    pub(super) bounds: Bounds,
    pub(super) shards: Vec<Mutex<Shard>>,
    pub(super) ledgers: Vec<Mutex<Ledger>>,
    hasher: FixedState,
    pub(super) generations: AtomicU64,
    /// One program is loaded at a time.
    pub(super) loading: Mutex<()>,
    /// How many recordings there were.
    pub(super) recorded: AtomicU64,
    /// The latest time; the least: there was none.
    pub(super) latest: AtomicI64,
    /// The least: for all time.
    complete_since: AtomicI64,
    /// How many requests and events were seen.
    pub(super) asked: AtomicU64,
    pub(super) records: AtomicUsize,
    /// An approval came by itself.
    approved: AtomicBool,
    pub(super) full: AtomicBool,
    pub(super) forgot: AtomicBool,
    /// Goes up with every change of what is an entry of every key.
    pub(super) open: AtomicU64,
    /// How many wait for their turn, and whose it is.
    waiting: AtomicUsize,
    turn: Mutex<()>,
    /// At how many keys and records it is tidied, and when it was last.
    key_mark: AtomicUsize,
    record_mark: AtomicUsize,
    tidied: AtomicI64,
}

impl Default for MemoryHistory {
    fn default() -> MemoryHistory {
        MemoryHistory::new(Bounds::default())
    }
}

/// A lock that was poisoned is taken all the same: what it guards is changed by nothing that panics.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryHistory {
    /// One in which nothing has happened.
    pub fn new(bounds: Bounds) -> MemoryHistory {
        let nothing = Arc::new(Loaded::new(0, vec![], &bounds));
        MemoryHistory {
            bounds,
            shards: (0..PARTS).map(|_| Mutex::new(Shard::new(nothing.clone()))).collect(),
            ledgers: (0..PARTS).map(|_| Mutex::default()).collect(),
            hasher: FixedState::with_seed(bounds.seed),
            generations: AtomicU64::new(0),
            loading: Mutex::new(()),
            recorded: AtomicU64::new(0),
            latest: AtomicI64::new(i64::MIN),
            complete_since: AtomicI64::new(i64::MIN),
            asked: AtomicU64::new(0),
            records: AtomicUsize::new(0),
            approved: AtomicBool::new(false),
            full: AtomicBool::new(false),
            forgot: AtomicBool::new(false),
            open: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            turn: Mutex::new(()),
            key_mark: AtomicUsize::new(TIDY),
            record_mark: AtomicUsize::new(TIDY),
            tidied: AtomicI64::new(i64::MIN),
        }
    }

    // Where things are

    /// The part of a key, and its hash. Keys that begin alike are in one part, so that a decision needs few.
    pub(super) fn home(&self, key: Key<'_>) -> (u32, u64) {
        let mut hasher = self.hasher.build_hasher();
        match (key.session, key.values.first()) {
            (Some(session), _) => session.hash(&mut hasher),
            (None, Some(first)) => first.hash(&mut hasher),
            (None, None) => key.accumulator.hash(&mut hasher),
        }
        let part = if key.open && key.session.is_none() { OPEN } else { (hasher.finish() % u64::from(OPEN)) as u32 };
        key.values.get(usize::from(key.session.is_none())..).unwrap_or_default().hash(&mut hasher);
        (key.accumulator, key.open).hash(&mut hasher);
        (part, hasher.finish())
    }

    fn hash_of(&self, id: &str) -> u64 {
        self.hasher.hash_one(id)
    }

    pub(super) fn ledger(&self, hash: u64) -> MutexGuard<'_, Ledger> {
        lock(&self.ledgers[(hash % PARTS as u64) as usize])
    }

    pub(super) fn part_of_session(&self, session: &str) -> u32 {
        let accumulator = super::AccumulatorId(0);
        self.home(Key { accumulator, session: Some(session), values: &[], open: false }).0
    }

    // Times

    /// The latest time, or the least there is.
    pub(super) fn now(&self) -> Instant {
        Instant(self.latest.load(SeqCst))
    }

    /// What was not changed since then is forgotten.
    pub(super) fn forgotten_before(&self) -> Option<Instant> {
        self.bounds.keep.map(|keep| Instant(self.now().0.saturating_sub(keep.max(0))))
    }

    fn is_complete(&self, ask: &Ask<'_>, loaded: &Loaded) -> bool {
        let since = loaded.complete_since.load(SeqCst).max(self.complete_since.load(SeqCst));
        // A session is taken to be complete.
        ask.session.is_some() || since == i64::MIN || ask.reaches_back_to().is_some_and(|first| since <= first.0)
    }

    // Readings

    /// `newest`: from the newest on.
    fn look<T>(
        &self,
        ask: &Ask<'_>,
        seen: &mut Seen,
        newest: bool,
        read: impl FnOnce(&Accumulator, &Series, &View<'_>) -> Result<T, Fault>,
        complete: impl FnOnce(&Loaded) -> bool,
    ) -> Result<T, Fault> {
        let key = Key { accumulator: ask.accumulator, session: ask.session, values: ask.key, open: false };
        let (part, hash) = self.home(key);
        let shard = lock(&self.shards[part as usize]);
        let loaded = &shard.loaded;
        let Some(accumulator) = shard.accumulator(key.accumulator).filter(|_| loaded.generation == seen.generation)
        else {
            // Of another program: it will be stale.
            seen.generation = 0;
            return Err(Fault::HistoryIncomplete);
        };
        if !complete(loaded) {
            return Err(Fault::HistoryIncomplete);
        }
        if self.full.load(SeqCst) {
            return Err(Fault::HistoryBound(self.bounds.max_records as u64));
        }
        let from = ask.from();
        if accumulator.lacks_open(from.time) {
            return Err(Fault::HistoryBound(accumulator.spec.max_keys as u64));
        }
        let (series, place, version) = shard.get(key, hash);
        seen.note(Note { part, place, version }, shard.version);
        let mut view = View { from, own: seen.own(), most: ask.most, open: None };
        let open = if accumulator.has_open() { self.open_fault((part, &shard), key, &view, newest) } else { None };
        view.open = open.as_ref().map(|(place, fault)| (*place, fault));
        match series {
            Some(series) => read(accumulator, series, &view),
            None => {
                let mut nothing = Series::new(&accumulator.spec.aggregate);
                if let Some(lost) = shard.lost(key) {
                    nothing.lose(lost);
                }
                read(accumulator, &nothing, &view)
            }
        }
    }

    /// The oldest fault in view that is an entry of every key that begins like this one, or the newest. The shard of the
    /// key is locked; the other that may be asked is behind all others.
    fn open_fault(
        &self,
        (part, shard): (u32, &Shard),
        key: Key<'_>,
        view: &View<'_>,
        newest: bool,
    ) -> Option<(Place, Fault)> {
        let mut found: Option<(Place, Fault)> = None;
        let accumulator = shard.accumulator(key.accumulator)?;
        for len in accumulator.open_lengths(key.values.len()) {
            let key = Key { values: &key.values[..len], open: true, ..key };
            let (home, hash) = self.home(key);
            let other = (home != part).then(|| lock(&self.shards[home as usize]));
            let shard = other.as_deref().unwrap_or(shard);
            if let Some((place, fault)) = shard.get(key, hash).0.and_then(|series| series.fault(view, newest))
                && found.as_ref().is_none_or(|(other, _)| (place > *other) == newest)
            {
                found = Some((place, fault.clone()));
            }
        }
        found
    }

    // Room

    /// It is time to drop what is not asked for any more: there are twice as many keys or records as were left the last
    /// time, or there is no room for more and some time has passed.
    pub(super) fn is_crowded(&self, loaded: &Loaded) -> bool {
        let (keep, records) = (self.bounds.keep, self.records.load(SeqCst));
        if loaded.keys.load(SeqCst) >= self.key_mark.load(SeqCst)
            || (keep.is_some() && records >= self.record_mark.load(SeqCst))
        {
            return true;
        }
        if !loaded.crowded.load(SeqCst) && (keep.is_none() || records < self.bounds.max_records) {
            return false;
        }
        let horizons = loaded.accumulators.iter().filter_map(|accumulator| accumulator.spec.horizon);
        let passed = self.now().0.saturating_sub(self.tidied.load(SeqCst));
        horizons.chain(keep).min().is_some_and(|shortest| passed > shortest / 16)
    }

    pub(super) fn tidy(&self, loaded: &Loaded) {
        let now = self.now();
        self.tidied.store(now.0, SeqCst);
        for shard in &self.shards {
            lock(shard).tidy(now);
        }
        loaded.crowded.store(loaded.accumulators.iter().any(Accumulator::is_full), SeqCst);
        if let Some(before) = self.forgotten_before() {
            for ledger in &self.ledgers {
                let forgotten = lock(ledger).forget(before);
                self.records.fetch_sub(forgotten, SeqCst);
                self.forgot.fetch_or(forgotten > 0, SeqCst);
            }
        }
        self.key_mark.store(TIDY.max(2 * loaded.keys.load(SeqCst)), SeqCst);
        self.record_mark.store(TIDY.max(2 * self.records.load(SeqCst)), SeqCst);
    }

    /// The first free id from that number on.
    fn free_id(&self, mut number: u64) -> Arc<str> {
        loop {
            let id: Arc<str> = format!("auto-{number}").into();
            let hash = self.hash_of(&id);
            if self.ledger(hash).find(&id, hash).is_none() {
                return id;
            }
            number += 1;
        }
    }
}

/// Tells the others, in the end, that it is their turn again.
struct Waiting<'h>(&'h AtomicUsize);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl History for MemoryHistory {
    fn load(&self, accumulators: Vec<AccumulatorSpec>, fill: &mut Fill<'_>) -> Generation {
        super::load::load(self, accumulators, fill)
    }

    fn open(&self, generation: Generation, id: &str, turn: Turn, seen: &mut Seen) -> Option<Record> {
        if turn == Turn::Shared && self.waiting.load(SeqCst) > 0 {
            drop(lock(&self.turn));
        }
        let hash = self.hash_of(id);
        seen.begin(generation.0, hash, self.open.load(SeqCst));
        let forgotten = self.forgotten_before();
        let ledger = self.ledger(hash);
        let stored = ledger.find(id, hash).filter(|stored| forgotten.is_none_or(|before| stored.touched >= before))?;
        seen.record = Some(stored.version);
        stored.record.places().for_each(|place| seen.add_own(place));
        stored.held.iter().for_each(|held| seen.parts |= 1 << held.part);
        Some(stored.record.clone())
    }

    fn read(&self, ask: &Ask<'_>, reading: Reading<'_>, seen: &mut Seen) -> Result<Value, Fault> {
        let read = |accumulator: &Accumulator, series: &Series, view: &View<'_>| {
            series.read(&accumulator.spec.aggregate, reading, view)
        };
        self.look(ask, seen, reading == Reading::Newest, read, |loaded| self.is_complete(ask, loaded))
    }

    fn newest_place(&self, ask: &Ask<'_>, seen: &mut Seen) -> Result<Option<Place>, Fault> {
        self.look(ask, seen, true, |_, series, view| series.newest_place(view), |_| true)
    }

    fn commit(&self, seen: &Seen, change: Change<'_>) -> Result<(), Refused> {
        self.record(seen, change)
    }

    fn alone(&self, run: &mut dyn FnMut()) {
        self.waiting.fetch_add(1, SeqCst);
        let _others = Waiting(&self.waiting);
        let _turn = lock(&self.turn);
        run();
    }

    fn end_session(&self, session: &str) {
        lock(&self.shards[self.part_of_session(session) as usize]).end_session(session);
    }

    fn latest(&self) -> Option<Instant> {
        Some(self.now()).filter(|latest| latest.0 != i64::MIN)
    }

    fn next_id(&self) -> Arc<str> {
        self.free_id(self.asked.load(SeqCst) + 1)
    }

    fn take_id(&self) -> Arc<str> {
        self.free_id(self.asked.fetch_add(1, SeqCst) + 1)
    }

    fn approve(&self, approval: Approval) -> Result<(), u64> {
        if self.records.load(SeqCst) >= self.bounds.max_records {
            self.full.store(true, SeqCst);
            return Err(self.bounds.max_records as u64);
        }
        self.records.fetch_add(1, SeqCst);
        self.ledger(self.hash_of(&approval.request)).approve(approval, self.now());
        self.approved.store(true, SeqCst);
        Ok(())
    }

    fn has_approvals(&self) -> bool {
        self.approved.load(SeqCst)
    }

    fn approvals(&self, digest: &str, each: &mut dyn FnMut(&Approval)) {
        let forgotten = self.forgotten_before();
        for (came, approval) in self.ledger(self.hash_of(digest)).approvals(digest) {
            if forgotten.is_none_or(|before| *came >= before) {
                each(approval);
            }
        }
    }

    fn complete_since(&self) -> Option<Instant> {
        Some(Instant(self.complete_since.load(SeqCst))).filter(|since| since.0 != i64::MIN)
    }

    fn set_complete_since(&self, since: Instant) {
        self.complete_since.store(since.0, SeqCst);
    }
}

impl Loaded {
    pub fn new(generation: u64, accumulators: Vec<AccumulatorSpec>, bounds: &Bounds) -> Loaded {
        Loaded {
            generation,
            accumulators: accumulators.into_iter().map(Accumulator::new).collect(),
            complete_since: AtomicI64::new(i64::MIN),
            max_entries: bounds.max_entries,
            max_sessions: bounds.max_sessions,
            keys: AtomicUsize::new(0),
            sessions: AtomicUsize::new(0),
            session_lost: AtomicBool::new(false),
            crowded: AtomicBool::new(false),
        }
    }
}
