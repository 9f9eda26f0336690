//! Recording: `MemoryHistory::commit`. All that was seen and all that changes is locked, compared, and changed at once.
//! `load` locks everything by the same means.

use super::ledger::{Entry, Held, Ledger, Out, Stored};
use super::memory::{MemoryHistory, lock};
use super::record::{Record, States};
use super::seen::Seen;
use super::series::Kept;
use super::table::{Key, Shard};
use super::{Change, Contributions, Refused};
use crate::value::Instant;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering::SeqCst;

/// Shards that are locked together.
pub(super) struct Locked<'h> {
    parts: u64,
    guards: Vec<MutexGuard<'h, Shard>>,
}

impl<'h> Locked<'h> {
    /// In the order of their numbers, which everyone keeps to.
    pub fn new(history: &'h MemoryHistory, parts: u64) -> Locked<'h> {
        let mut guards = Vec::with_capacity(parts.count_ones() as usize);
        let mut left = parts;
        while left != 0 {
            guards.push(lock(&history.shards[left.trailing_zeros() as usize]));
            left &= left - 1;
        }
        Locked { parts, guards }
    }

    /// That part, if it is among those that were locked.
    fn at(&mut self, part: u32) -> Option<&mut Shard> {
        if self.parts & (1 << part) == 0 {
            return None;
        }
        let before = self.parts & ((1 << part) - 1);
        self.guards.get_mut(before.count_ones() as usize).map(|guard| &mut **guard)
    }

    pub fn shards(&mut self) -> impl Iterator<Item = &mut Shard> {
        self.guards.iter_mut().map(|guard| &mut **guard)
    }
}

impl MemoryHistory {
    pub(super) fn record(&self, seen: &Seen, change: Change<'_>) -> Result<(), Refused> {
        let Change { id, step, contributions, counted } = change;
        let (mut parts, mut open) = (seen.parts, false);
        for item in &mut contributions.items {
            let (values, session) = (&contributions.values[item.key.clone()], item.session.as_deref());
            item.home = self.home(Key { accumulator: item.accumulator, session, values, open: item.open });
            parts |= 1 << item.home.0;
            open |= item.open;
        }
        let session = step.request().and_then(|request| request.context.session.clone());
        let session = session.map(|session| (self.part_of_session(&session), session));
        parts |= session.as_ref().map_or(0, |(part, _)| 1 << part);

        let mut shards = Locked::new(self, parts);
        let mut ledger = self.ledger(seen.id);
        let forgotten = self.forgotten_before();
        let known = ledger.find(id, seen.id).filter(|stored| forgotten.is_none_or(|before| stored.touched >= before));
        if !is_as_seen(seen, &mut shards, &ledger, known) {
            return Err(Refused::Stale);
        }
        // Who changes what is open says so before it takes its place, who has read looks after it: so nobody who stands
        // behind the change has missed it.
        open |= known.is_some_and(|stored| stored.held.iter().any(|held| held.open));
        let changed = open.then(|| self.open.fetch_add(1, SeqCst));
        let order = self.recorded.fetch_add(1, SeqCst) + 1;
        if changed.unwrap_or_else(|| self.open.load(SeqCst)) != seen.open {
            return Err(Refused::Stale);
        }
        if let Some(request) = step.request() {
            let time = request.context.time;
            let latest = Instant(self.latest.fetch_max(time.0, SeqCst));
            if time < latest {
                return Err(Refused::Early(latest));
            }
        }

        let before = known.map(|stored| &stored.record);
        let (states, is_new) = (step.states(before), before.is_none());
        let Some(record) = Record::after(before, id, step, order) else { return Ok(()) };
        let has_room = !is_new || self.records.load(SeqCst) < self.bounds.max_records;
        if !has_room {
            drop(ledger);
            // Once what is old is gone there may be room.
            if self.tidy_if_crowded(shards) {
                return Err(Refused::Stale);
            }
            self.full.store(true, SeqCst);
            self.asked.fetch_add(u64::from(counted), SeqCst);
            return Err(Refused::Full(self.bounds.max_records as u64));
        }
        self.asked.fetch_add(u64::from(counted), SeqCst);
        if let Some((part, session)) = session
            && let Some(shard) = shards.at(part)
        {
            shard.begin_session(&session, order);
        }
        let now = self.now();
        let before = if is_new { vec![] } else { ledger.take_held(id, seen.id) };
        let mut held = Vec::with_capacity(before.len() + contributions.items.len());
        let mut changing = Changing { shards: &mut shards, record: &record, states, now, held: &mut held };
        before.into_iter().for_each(|before| changing.keep(before));
        changing.add(contributions);
        if ledger.store(Stored { record, hash: seen.id, version: order, touched: now, held }) {
            self.records.fetch_add(1, SeqCst);
        }
        drop(ledger);
        self.tidy_if_crowded(shards);
        Ok(())
    }

    /// Whether it was: then what is not asked for any more is gone.
    fn tidy_if_crowded(&self, shards: Locked<'_>) -> bool {
        let crowded = |shard: &Shard| self.is_crowded(&shard.loaded).then(|| shard.loaded.clone());
        let loaded = match shards.guards.first() {
            Some(shard) => crowded(shard),
            None => crowded(&lock(&self.shards[0])),
        };
        drop(shards);
        if let Some(loaded) = &loaded {
            self.tidy(loaded);
        }
        loaded.is_some()
    }
}

/// Nothing that was read has changed. `known` is the record of the id that was opened.
fn is_as_seen(seen: &Seen, shards: &mut Locked<'_>, ledger: &Ledger, known: Option<&Stored>) -> bool {
    let mut is = |part: u32, check: &dyn Fn(&Shard) -> bool| shards.at(part).is_some_and(|shard| check(shard));
    seen.generation != 0
        && ledger.generation == seen.generation
        && known.map(|stored| stored.version) == seen.record
        && seen.notes().iter().all(|note| is(note.part, &|shard| shard.version_of(note.place) == note.version))
        && seen.whole().all(|(part, version)| is(part, &|shard| shard.version == version))
}

/// What a record contributes, while it changes.
struct Changing<'c, 'h> {
    shards: &'c mut Locked<'h>,
    /// As it is now.
    record: &'c Record,
    /// In these the engine says anew what it contributes.
    states: States,
    now: Instant,
    held: &'c mut Vec<Held>,
}

impl Changing<'_, '_> {
    /// What the record contributed before stays, is kept aside, or goes.
    fn keep(&mut self, held: Held) {
        let Some(shard) = self.shards.at(held.part) else { return };
        let Some(state) = shard.state_of(held.accumulator) else { return };
        let is_entry = self.record.moment(state).is_some_and(|moment| moment.place == held.place);
        let may_be = self.record.moment_if_done(state).is_some_and(|moment| moment.place == held.place);
        match held.entry {
            _ if !self.states.contains(state) && is_entry => self.held.extend(put_in(shard, held, self.now)),
            _ if !self.states.contains(state) && may_be => self.held.extend(take_out(shard, held)),
            Entry::In(spot) => _ = shard.take(spot, held.place),
            Entry::Out(_) => {}
        }
    }

    fn add(&mut self, contributions: &mut Contributions) {
        for item in contributions.items.drain(..) {
            let (accumulator, open, (part, hash)) = (item.accumulator, item.open, item.home);
            let Some(shard) = self.shards.at(part) else { continue };
            let state = shard.state_of(accumulator).filter(|state| self.states.contains(*state));
            let Some((state, moment)) = state.and_then(|state| Some((state, self.record.moment_if_done(state)?)))
            else {
                continue;
            };
            let (values, place) = (&contributions.values[item.key], moment.place);
            let key = Key { accumulator, session: item.session.as_deref(), values, open };
            let Some(spot) = shard.insert(key, hash, place, item.kept, self.now) else { continue };
            let entry = Held { accumulator, part, place, open, entry: Entry::In(spot) };
            let is_entry = self.record.moment(state).is_some();
            self.held.extend(if is_entry { Some(entry) } else { take_out(shard, entry) });
        }
        contributions.clear();
    }
}

/// An entry is one again, or still.
fn put_in(shard: &mut Shard, held: Held, now: Instant) -> Option<Held> {
    let Entry::Out(out) = held.entry else { return Some(held) };
    let Out { session, values, hash, kept } = *out;
    let key = Key { accumulator: held.accumulator, session: session.as_deref(), values: &values, open: held.open };
    let spot = shard.insert(key, hash, held.place, kept, now)?;
    Some(Held { entry: Entry::In(spot), ..held })
}

/// An entry is none any more, but may be one again.
pub(super) fn take_out(shard: &mut Shard, held: Held) -> Option<Held> {
    let Entry::In(spot) = held.entry else { return Some(held) };
    let (key, hash) = shard.key_of(spot)?;
    let (session, values) = (key.session.map(Box::from), key.values.into());
    let kept: Kept = shard.take(spot, held.place)?;
    Some(Held { entry: Entry::Out(Box::new(Out { session, values, hash, kept })), ..held })
}
