//! Filling the tables of a program from the records: `MemoryHistory::load`. New tables are filled beside those in use, in
//! rounds: first from all records, then from those that changed meanwhile, until so few are left that everyone can wait.

use super::commit::{Locked, take_out};
use super::ledger::{Entry, Held, Stored};
use super::memory::{MemoryHistory, lock};
use super::record::{EntryState, Record, Recording};
use super::seen::PARTS;
use super::series::Place;
use super::table::{Key, Loaded, Shard};
use super::{AccumulatorSpec, Contributions, Fill, Generation};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// So many records may be looked at while everyone waits.
const FEW: usize = 256;
/// Where records change faster than they are looked at, everyone waits after so many rounds.
const ROUNDS: usize = 8;

/// The tables that are filled, and what each record contributes to them.
struct Filling<'h> {
    history: &'h MemoryHistory,
    shards: Vec<Shard>,
    held: BTreeMap<Arc<str>, Vec<Held>>,
    /// The sessions that go on, and with which recording each began.
    sessions: BTreeMap<Arc<str>, u64>,
}

pub(super) fn load(history: &MemoryHistory, accumulators: Vec<AccumulatorSpec>, fill: &mut Fill<'_>) -> Generation {
    let _alone = lock(&history.loading);
    let generation = history.generations.fetch_add(1, SeqCst) + 1;
    let forgotten = history.forgotten_before();
    let is_forgotten = |stored: &Stored| forgotten.is_some_and(|before| stored.touched < before);
    let leaves_out = history.ledgers.iter().any(|ledger| lock(ledger).records().any(is_forgotten));
    let loaded = Arc::new(Loaded::new(generation, accumulators, &history.bounds));
    let shards = (0..PARTS).map(|_| Shard::new(loaded.clone())).collect();
    let mut filling = Filling { history, shards, held: BTreeMap::new(), sessions: BTreeMap::new() };

    let mut since = 0;
    let changed_since = |since: u64| move |stored: &&Stored| stored.version > since && !is_forgotten(stored);
    for _ in 0..ROUNDS {
        // What is recorded behind this is looked at in the next round.
        let until = history.recorded.load(SeqCst);
        let sessions = history.shards.iter().flat_map(|shard| sessions(&lock(shard)));
        filling.go_on(sessions.collect());
        let mut changed: Vec<Record> = vec![];
        for ledger in &history.ledgers {
            let ledger = lock(ledger);
            changed.extend(ledger.records().filter(changed_since(since)).map(|stored| stored.record.clone()));
        }
        filling.fill(&changed, fill);
        since = until;
        if changed.len() <= FEW {
            break;
        }
    }

    let mut locked = Locked::new(history, u64::MAX);
    let mut ledgers: Vec<_> = history.ledgers.iter().map(lock).collect();
    filling.go_on(locked.shards().flat_map(|shard| sessions(shard)).collect());
    let lost = locked.shards().any(|shard| shard.loaded.session_lost.load(SeqCst));
    loaded.session_lost.fetch_or(lost, SeqCst);
    if let Some(since) = history.forgotten_before().filter(|_| leaves_out || history.forgot.load(SeqCst)) {
        loaded.complete_since.store(since.0, SeqCst);
    }
    let changed = ledgers.iter().flat_map(|ledger| ledger.records().filter(changed_since(since)));
    let changed: Vec<Record> = changed.map(|stored| stored.record.clone()).collect();
    filling.fill(&changed, fill);
    for ledger in &mut ledgers {
        ledger.generation = generation;
        for stored in ledger.records_mut() {
            stored.held = filling.held.remove(&stored.record.id).unwrap_or_default();
        }
    }
    for (shard, filled) in locked.shards().zip(filling.shards) {
        *shard = filled;
    }
    Generation(generation)
}

fn sessions(shard: &Shard) -> Vec<(Arc<str>, u64)> {
    shard.sessions().map(|(session, began)| (session.clone(), began)).collect()
}

impl Filling<'_> {
    /// These sessions go on; what was filled of others, or of ones of the same name before them, goes.
    fn go_on(&mut self, sessions: BTreeMap<Arc<str>, u64>) {
        for (session, began) in std::mem::take(&mut self.sessions) {
            if sessions.get(&session) != Some(&began) {
                self.shards.iter_mut().for_each(|shard| shard.end_session(&session));
            }
        }
        for (session, began) in &sessions {
            self.shards[self.history.part_of_session(session) as usize].begin_session(session, *began);
        }
        self.sessions = sessions;
    }

    /// Looks at these records, in all their states and in the order of their places.
    fn fill(&mut self, records: &[Record], fill: &mut Fill<'_>) {
        let mut moments: Vec<(&Recording, &Record, EntryState)> = vec![];
        for record in records {
            for held in self.held.remove(&record.id).unwrap_or_default() {
                if let Entry::In(spot) = held.entry {
                    self.shards[held.part as usize].take(spot, held.place);
                }
            }
            for state in EntryState::ALL {
                // What failed may turn out to have been performed: what it would contribute is kept aside.
                moments.extend(record.moment_if_done(state).map(|moment| (moment, record, state)));
            }
        }
        moments.sort_by_key(|(moment, _, _)| moment.place);
        let mut contributions = Contributions::default();
        for (moment, record, state) in moments {
            contributions.clear();
            fill(record, state, moment, &mut contributions);
            self.add(&mut contributions, record, state, moment.place);
        }
    }

    fn add(&mut self, contributions: &mut Contributions, record: &Record, state: EntryState, place: Place) {
        let now = self.history.now();
        for item in contributions.items.drain(..) {
            let (accumulator, open) = (item.accumulator, item.open);
            let values = &contributions.values[item.key];
            let key = Key { accumulator, session: item.session.as_deref(), values, open };
            let (part, hash) = self.history.home(key);
            let shard = &mut self.shards[part as usize];
            if shard.state_of(accumulator) != Some(state) {
                continue;
            }
            let Some(spot) = shard.insert(key, hash, place, item.kept, now) else { continue };
            let held = Held { accumulator, part, place, open, entry: Entry::In(spot) };
            let held = if record.moment(state).is_some() { Some(held) } else { take_out(shard, held) };
            self.held.entry(record.id.clone()).or_default().extend(held);
        }
    }
}
