//! The past, as accumulators: a table a question, from key to a small exact structure (`series`) that answers it.
//! Engines evaluate everything; a history keeps what they made of each entry (`Contributions`), and the records
//! themselves (`record`), from which another program's accumulators are filled. `memory` keeps all of it in memory.
//!
//! A decision goes like this, and is one step also under several threads:
//!
//! 1. `open` looks the id up and begins to note what is seen;
//! 2. every `read` notes the state of what it read in `Seen`;
//! 3. `commit` changes the record of the id and what it contributes, if nothing that was seen has changed meanwhile.
//!    Where it has, it says `Stale`, and the caller decides again (`settle`).

mod commit;
mod distinct;
mod extremes;
mod faults;
mod ledger;
mod load;
mod memory;
mod record;
mod runs;
mod seen;
mod series;
mod sum;
mod table;

pub use memory::{Bounds, MemoryHistory};
pub use record::{Condition, EntryState, Record, Recording, States, Step};
pub use seen::{Note, Seen};
pub use series::{Kept, Lost, Place, Series, View};

use crate::fault::Fault;
use crate::request::Approval;
use crate::value::{Instant, Value};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// The most entries of one key that a bounded reading looks at, where its window names no other number.
pub const MOST_ENTRIES: u64 = 100_000;

/// What is kept of the entries of an accumulator, and so what can be asked of it. `Any`, `Count` and the newest place can
/// be asked of every one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Aggregate {
    /// `Kept::Nothing`.
    Count,
    /// Ints, decimals, money or durations. For `Sum`, `Average`.
    Sum {
        /// The sum of no entries: the zero of its type; missing where it is money of a currency that only entries know.
        nothing: Value,
    },
    /// Values of an ordered type. For `Min`.
    Min,
    /// The same for `Max`.
    Max,
    /// For `Distinct`, `Holds`.
    Distinct,
    /// For `Newest`, `Oldest`.
    Values,
    /// For `All`.
    Same,
}

/// A question of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct AccumulatorSpec {
    pub aggregate: Aggregate,
    /// Which of a record's states are its entries; of a limit `Done`.
    pub state: EntryState,
    /// How far back, in nanoseconds, its longest window reaches: an entry is dropped once it is older than that. `None`:
    /// any entry may be asked for (`ever`, `since`, `this session`).
    pub horizon: Option<i64>,
    /// How many keys are held. Past it, a reading of a key that is not held is `Fault::HistoryBound` of this number.
    pub max_keys: usize,
}

/// An accumulator of the program that is loaded: its place among those given to `load`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccumulatorId(pub u32);

/// Which program's accumulators. Each `load` makes a new one, and ends the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation(pub u64);

/// Which entries a reading is about. What begins both by `first` and `after` begins at the later of them.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    pub accumulator: AccumulatorId,
    /// Of a window `this session`, the session. Its accumulator keeps every entry under its session.
    pub session: Option<&'a str>,
    /// The values of the key, in the order in which entries contribute them.
    pub key: &'a [Value],
    /// The first instant of the window: `within D` begins behind `now - D`, so one nanosecond later.
    pub first: Option<Instant>,
    /// Of `since`: only what stands behind that place.
    pub after: Option<Place>,
    /// `Fault::HistoryBound` where more entries would be looked at: `MOST_ENTRIES`, or what `max` says; none of a `count`
    /// that is compared with a literal. `Any`, `Newest` and `Oldest` have no such bound.
    pub most: Option<u64>,
}

impl Ask<'_> {
    /// The first place that the window holds.
    pub fn from(&self) -> Place {
        let first = self.first.map_or(Place::FIRST, Place::at);
        let behind = |place: Place| Place { order: place.order.saturating_add(1), ..place };
        first.max(self.after.map_or(Place::FIRST, behind))
    }

    /// The first instant that the history has to know of; `None`: it has to be complete for all time.
    pub fn reaches_back_to(&self) -> Option<Instant> {
        self.first.max(self.after.map(|place| place.time))
    }
}

/// What is asked of the entries, which are looked at from the oldest on (`Newest`: from the newest).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading<'a> {
    /// Is there one? `Bool`; stops at the first. `none` is its opposite.
    Any,
    /// How many? `Int`.
    Count,
    /// The exact sum; `Overflow` where its type can't hold it.
    Sum,
    /// Missing where there is none.
    Average,
    /// Missing where there is none.
    Min,
    Max,
    /// How many different values? `Int`.
    Distinct,
    /// Is that value among them? `Bool`. A limit's `distinct` is one more where the request's own is not.
    Holds(&'a Value),
    /// Have all this value? `Bool`; stops at the first that has not. `all … satisfy C` keeps what C comes to, or the values
    /// of its keys with that.
    All(&'a Value),
    /// The value of the newest, missing where there is none. No other is looked at.
    Newest,
    /// The value of the oldest, missing where there is none. No other is looked at.
    Oldest,
}

/// What an entry adds to accumulators: made by an engine for every state of `Step::states`, and used again and again.
#[derive(Debug, Default)]
pub struct Contributions {
    values: Vec<Value>,
    items: Vec<Item>,
}

/// One of them, as it was added.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contribution<'a> {
    pub accumulator: AccumulatorId,
    pub session: Option<&'a Arc<str>>,
    pub key: &'a [Value],
    /// An entry of every key that begins like this.
    pub open: bool,
    pub kept: &'a Kept,
}

/// One of them, as it is kept here.
#[derive(Debug)]
struct Item {
    accumulator: AccumulatorId,
    session: Option<Arc<str>>,
    /// Where its key stands among the values.
    key: Range<usize>,
    /// It is an entry of every key that begins like this.
    open: bool,
    kept: Kept,
    /// Where the store puts it: the part, and a hash of the key.
    home: (u32, u64),
}

impl Contributions {
    pub fn clear(&mut self) {
        self.values.clear();
        self.items.clear();
    }

    /// An entry of that key. `session` where the accumulator's window is `this session`; an entry without a session adds
    /// nothing there.
    pub fn add(
        &mut self,
        accumulator: AccumulatorId,
        session: Option<&Arc<str>>,
        key: impl IntoIterator<Item = Value>,
        kept: Kept,
    ) {
        self.push(accumulator, session, key, false, kept);
    }

    /// What erred before its key was known: an entry of every key that begins with these values. `start` is empty where not
    /// even the first is known.
    pub fn add_open(
        &mut self,
        accumulator: AccumulatorId,
        session: Option<&Arc<str>>,
        start: impl IntoIterator<Item = Value>,
        fault: Fault,
    ) {
        self.push(accumulator, session, start, true, Kept::Erred(fault));
    }

    /// All of them, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = Contribution<'_>> {
        self.items.iter().map(|item| Contribution {
            accumulator: item.accumulator,
            session: item.session.as_ref(),
            key: &self.values[item.key.clone()],
            open: item.open,
            kept: &item.kept,
        })
    }

    fn push(
        &mut self,
        accumulator: AccumulatorId,
        session: Option<&Arc<str>>,
        key: impl IntoIterator<Item = Value>,
        open: bool,
        kept: Kept,
    ) {
        let start = self.values.len();
        self.values.extend(key);
        let key = start..self.values.len();
        self.items.push(Item { accumulator, session: session.cloned(), key, open, kept, home: (0, 0) });
    }
}

/// What is to be recorded.
#[derive(Debug)]
pub struct Change<'a> {
    /// The id that was opened.
    pub id: &'a Arc<str>,
    pub step: Step,
    /// What it adds in the states of `step.states(..)`. Empty afterwards, where it was recorded.
    pub contributions: &'a mut Contributions,
    /// A request or event with an id of its own, which is counted for `next_id` now. One by `take_id` is already.
    pub counted: bool,
}

/// Why nothing was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Something that was seen is not so any more, or another program was loaded. Decide again.
    Stale,
    /// The request's time is before this one, up to which the history has come (E0619). It may have come there since the
    /// time was taken: whoever takes times from a clock in several threads takes another and decides again.
    Early(Instant),
    /// There are as many records as there may be, and the id is new (E0508). With time some are forgotten, where the bounds
    /// say so.
    Full(u64),
}

/// Why a decision came to no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsettled {
    /// [`Refused::Early`]
    Early(Instant),
    /// [`Refused::Full`]
    Full(u64),
}

/// Whether others may go on while a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Shared,
    /// Within `History::alone`.
    Alone,
}

/// What an engine makes of a record in one of its states, in the light of the recording with which it is in it.
pub type Fill<'a> = dyn FnMut(&Record, EntryState, &Recording, &mut Contributions) + 'a;

/// What happened before. Shared by all threads that decide.
///
/// A store that is not in memory says a reading that it can't answer with `Fault::HistoryIncomplete`: doubt is refusal.
pub trait History: Send + Sync {
    /// Takes a program's accumulators into use in place of those before, and fills them: `fill` is called for every state
    /// in which a record is an entry, in the order of their places. Decisions go on meanwhile; those that have not been
    /// committed when it ends are stale, and so is every use of an older generation. `fill` may be asked for one record
    /// more than once, where it changed meanwhile; it must not use the history.
    fn load(&self, accumulators: Vec<AccumulatorSpec>, fill: &mut Fill<'_>) -> Generation;

    /// Begins a decision about that id, or the recording of a later record, and says what is known of it. `seen` may have
    /// been used before.
    fn open(&self, generation: Generation, id: &str, turn: Turn, seen: &mut Seen) -> Option<Record>;

    /// What the entries come to, without those of the id that was opened. `HistoryIncomplete` where the window reaches
    /// further back than the history does, `HistoryBound` past a bound, a fault that was kept with an entry that is looked
    /// at, and what the values make of it: `Overflow`, `CurrenciesDiffer`. Allocates nothing.
    fn read(&self, ask: &Ask<'_>, reading: Reading<'_>, seen: &mut Seen) -> Result<Value, Fault>;

    /// The place of the newest entry, behind which a `since` begins. No other is looked at. It is not asked how far back the
    /// history is complete: the reading that begins there is.
    fn newest_place(&self, ask: &Ask<'_>, seen: &mut Seen) -> Result<Option<Place>, Fault>;

    /// Records, if all that was seen still holds: changes the record of the id by the step, takes back what the id
    /// contributed and does not any more, and adds what it does now. A later record of an id that is not known changes
    /// nothing. Where it is refused, nothing was recorded.
    fn commit(&self, seen: &Seen, change: Change<'_>) -> Result<(), Refused>;

    /// Runs a decision while others wait, with `Turn::Alone`: for one that was stale too often. It must not open anything
    /// with `Turn::Shared`.
    fn alone(&self, run: &mut dyn FnMut());

    /// The session is over: what is kept under it goes. A later entry with its name begins a new one.
    fn end_session(&self, session: &str);

    /// The latest time of a request, event or record; what has an earlier one is refused (E0619).
    fn latest(&self) -> Option<Instant>;

    /// The id that `take_id` would give.
    fn next_id(&self) -> Arc<str>;

    /// An id for a request or event that has none, which is counted: no other thread is given it, save where requests come
    /// with ids that look like these. Then `open` finds a record, and another is to be taken.
    fn take_id(&self) -> Arc<str>;

    /// Keeps an approval that came by itself. `Err`: there are as many records as there may be, which that is, and it was
    /// not kept.
    fn approve(&self, approval: Approval) -> Result<(), u64>;

    /// False only where no approval came by itself: then nobody works out a digest to ask for them.
    fn has_approvals(&self) -> bool {
        true
    }

    /// Those for the request with that digest, in the order in which they came. `each` must not use the history.
    fn approvals(&self, digest: &str, each: &mut dyn FnMut(&Approval));

    /// Since when nothing is missing; `None`: for all time.
    fn complete_since(&self) -> Option<Instant>;

    /// The history lacks nothing from that moment on, and is not known to be complete before it.
    fn set_complete_since(&self, since: Instant);
}

/// So often a decision is made again before others have to wait for it.
const ATTEMPTS: u32 = 8;

/// Makes a decision until nothing that it rests on has changed before it was recorded. `attempt` opens, reads and commits;
/// an answer that is not recorded is returned as it is. It takes the program that is loaded each time anew, since another
/// one makes stale.
pub fn settle<T>(history: &dyn History, mut attempt: impl FnMut(Turn) -> Result<T, Refused>) -> Result<T, Unsettled> {
    let mut attempts = 0;
    loop {
        let mut outcome = Err(Refused::Stale);
        if attempts < ATTEMPTS {
            outcome = attempt(Turn::Shared);
            attempts += 1;
        } else {
            history.alone(&mut || {
                while matches!(outcome, Err(Refused::Stale)) {
                    outcome = attempt(Turn::Alone);
                }
            });
        }
        match outcome {
            Ok(answer) => return Ok(answer),
            Err(Refused::Early(latest)) => return Err(Unsettled::Early(latest)),
            Err(Refused::Full(most)) => return Err(Unsettled::Full(most)),
            Err(Refused::Stale) => {}
        }
    }
}
