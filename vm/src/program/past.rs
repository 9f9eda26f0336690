//! What a program keeps of the past, and how it asks for it. `entries` runs the functions that say what an entry adds,
//! `interp/past.rs` asks; the tables themselves are a history's.

use crate::history::{Aggregate, EntryState};
use crate::op::{Val, Word};
use serde::{Deserialize, Serialize};

/// A question that the program asks of the past: one table of the history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accumulator {
    pub aggregate: Aggregate,
    pub state: EntryState,
    /// How far back its longest window reaches, in nanoseconds; `None`: any entry may be asked for.
    pub horizon: Option<i64>,
    /// Each session has its own.
    pub of_session: bool,
    /// How many values a key has.
    pub keys: u32,
    /// Functions that say what an entry adds, each of another action.
    pub entries: Vec<u32>,
}

/// By the place that `Op::Past` names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reading {
    pub accumulator: u32,
    pub what: What,
    /// More entries than that are `Fault::HistoryBound`.
    pub most: Option<u64>,
    pub window: Window,
}

/// What is asked of the entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum What {
    Any,
    Count,
    Sum,
    Average,
    Min,
    Max,
    Distinct,
    /// Is the value in `like` among them?
    Holds,
    /// Have all the value in `like`?
    All,
    Newest,
    Oldest,
}

impl What {
    /// Can it be asked of what is kept like this?
    pub fn is_of(self, aggregate: &Aggregate) -> bool {
        match self {
            What::Any | What::Count => true,
            What::Sum | What::Average => matches!(aggregate, Aggregate::Sum { .. }),
            What::Min => matches!(aggregate, Aggregate::Min),
            What::Max => matches!(aggregate, Aggregate::Max),
            What::Distinct | What::Holds => matches!(aggregate, Aggregate::Distinct),
            What::All => matches!(aggregate, Aggregate::Same),
            What::Newest | What::Oldest => matches!(aggregate, Aggregate::Values),
        }
    }
}

/// Where a reading begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Window {
    /// At the instant in `from`.
    From,
    /// Behind the place in `from` and `order`; where `order` is 0, with the first entry.
    Behind,
    /// With the session of the request.
    Session,
    /// With the first entry.
    Ever,
}

/// What a function that says what an entry adds leaves in its registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enters {
    /// How far it came: so many values of the key are known, and one more once it is sure that this is an entry. Where it
    /// ends before that, it is none; where it errs, the entry is one of every key that begins like this.
    pub stage: Word,
    /// Where the values of the key stand in a row, and how many there are.
    pub first: Val,
    pub count: u32,
    /// What is kept of it.
    pub kept: Val,
    /// Where what it brought back is put before.
    pub result: Val,
}
