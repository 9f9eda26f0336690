//! `Ledger`: a part of the records in memory, by id, each with where what it contributed is kept; and the approvals that
//! came by themselves, by the digest of their request. `memory` locks ledgers behind the shards of the tables.

use super::AccumulatorId;
use super::record::Record;
use super::series::{Kept, Place};
use super::table::Spot;
use crate::request::Approval;
use crate::value::{Instant, Value};
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Whose accumulators the records contribute to.
    pub generation: u64,
    records: HashTable<Box<Stored>>,
    approvals: BTreeMap<Arc<str>, Vec<(Instant, Approval)>>,
}

/// A record, and what is known of it besides.
#[derive(Debug)]
pub(super) struct Stored {
    pub record: Record,
    pub hash: u64,
    /// The place of its last change among all recordings.
    pub version: u64,
    /// The latest time when it was changed last.
    pub touched: Instant,
    pub held: Vec<Held>,
}

/// What a record contributes.
#[derive(Debug)]
pub(super) struct Held {
    pub accumulator: AccumulatorId,
    pub part: u32,
    pub place: Place,
    pub open: bool,
    pub entry: Entry,
}

#[derive(Debug)]
pub(super) enum Entry {
    In(Spot),
    /// It was taken out, and may be put back.
    Out(Box<Out>),
}

#[derive(Debug)]
pub(super) struct Out {
    pub session: Option<Box<str>>,
    pub values: Box<[Value]>,
    pub hash: u64,
    pub kept: Kept,
}

impl Ledger {
    pub fn find(&self, id: &str, hash: u64) -> Option<&Stored> {
        self.records.find(hash, |stored| *stored.record.id == *id).map(|stored| &**stored)
    }

    /// Keeps it in place of the one with its id. True: it had none.
    pub fn store(&mut self, stored: Stored) -> bool {
        match self.records.find_mut(stored.hash, |other| other.record.id == stored.record.id) {
            Some(before) => {
                **before = stored;
                false
            }
            None => {
                self.records.insert_unique(stored.hash, Box::new(stored), |stored| stored.hash);
                true
            }
        }
    }

    /// What the record of that id contributes, from now on nothing.
    pub fn take_held(&mut self, id: &str, hash: u64) -> Vec<Held> {
        let stored = self.records.find_mut(hash, |stored| *stored.record.id == *id);
        stored.map(|stored| std::mem::take(&mut stored.held)).unwrap_or_default()
    }

    pub fn records(&self) -> impl Iterator<Item = &Stored> {
        self.records.iter().map(|stored| &**stored)
    }

    pub fn records_mut(&mut self) -> impl Iterator<Item = &mut Stored> {
        self.records.iter_mut().map(|stored| &mut **stored)
    }

    /// Forgets what was not changed since then. How much that was.
    pub fn forget(&mut self, before: Instant) -> usize {
        let mut forgotten = 0;
        self.records.retain(|stored| {
            let keep = stored.touched >= before;
            forgotten += usize::from(!keep);
            keep
        });
        self.approvals.retain(|_, approvals| {
            let many = approvals.len();
            approvals.retain(|(came, _)| *came >= before);
            forgotten += many - approvals.len();
            !approvals.is_empty()
        });
        forgotten
    }

    pub fn approve(&mut self, approval: Approval, now: Instant) {
        self.approvals.entry(approval.request.clone()).or_default().push((now, approval));
    }

    pub fn approvals(&self, digest: &str) -> &[(Instant, Approval)] {
        self.approvals.get(digest).map_or(&[], Vec::as_slice)
    }
}
