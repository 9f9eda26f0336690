//! How much is kept, how far back it reaches, and how it is said that something is not there any more.

use super::model::request;
use ordain_vm::fault::Fault;
use ordain_vm::history::{
    AccumulatorId, AccumulatorSpec, Aggregate, Ask, Bounds, Change, Contributions, EntryState, Generation, History,
    Kept, MemoryHistory, Place, Reading, Record, Recording, Seen, Step, Turn, Unsettled, settle,
};
use ordain_vm::request::{Approval, Entities};
use ordain_vm::value::{EntityId, EntityRef, Instant, RoleId, Value};
use std::sync::Arc;

struct Counting {
    history: MemoryHistory,
    generation: Generation,
    ids: usize,
}

fn count(horizon: Option<i64>, max_keys: usize) -> AccumulatorSpec {
    AccumulatorSpec { aggregate: Aggregate::Count, state: EntryState::Done, horizon, max_keys }
}

impl Counting {
    /// By key, and by key of a session.
    fn new(bounds: Bounds, horizon: Option<i64>, max_keys: usize) -> Counting {
        let history = MemoryHistory::new(bounds);
        let specs = vec![count(horizon, max_keys), count(None, max_keys)];
        let generation = history.load(specs, &mut |_, _, _, _| {});
        Counting { history, generation, ids: 0 }
    }

    fn happen(&mut self, time: i64, key: &str, session: Option<&str>) {
        self.ids += 1;
        let id = format!("r-{}", self.ids);
        self.happen_as(&id, time, key, session);
    }

    fn happen_as(&mut self, id: &str, time: i64, key: &str, session: Option<&str>) {
        assert_eq!(self.record_as(id, time, key, session), Ok(()));
    }

    fn record_as(&mut self, id: &str, time: i64, key: &str, session: Option<&str>) -> Result<(), Unsettled> {
        settle(&self.history, |turn| {
            let (id, mut seen): (Arc<str>, _) = (id.into(), Seen::default());
            self.history.open(self.generation, &id, turn, &mut seen);
            let contributions = &mut Contributions::default();
            contributions.add(AccumulatorId(0), None, [Value::text(key)], Kept::Nothing);
            if let Some(session) = session {
                contributions.add(AccumulatorId(1), Some(&session.into()), [Value::text(key)], Kept::Nothing);
            }
            let step = Step::Performed { request: request(&id, time, 0, 1, key, session), data: Arc::from([]) };
            self.history.commit(&seen, Change { id: &id, step, contributions, counted: true })
        })
    }

    fn known(&self, id: &str) -> Option<Record> {
        self.history.open(self.generation, id, Turn::Shared, &mut Seen::default())
    }

    fn read(&self, key: &str, session: Option<&str>, first: Option<i64>) -> Result<i64, Fault> {
        let mut seen = Seen::default();
        self.history.open(self.generation, "none", Turn::Shared, &mut seen);
        let accumulator = AccumulatorId(u32::from(session.is_some()));
        let (key, first) = (&[Value::text(key)], first.map(Instant));
        let ask = Ask { accumulator, session, key, first, after: None, most: None };
        match self.history.read(&ask, Reading::Count, &mut seen)? {
            Value::Int(count) => Ok(count),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_key_that_found_no_room_is_told() {
    let mut counting = Counting::new(Bounds::default(), Some(100), 2);
    counting.happen(0, "a", None);
    counting.happen(0, "b", None);
    assert_eq!(counting.read("c", None, Some(0)), Ok(0), "nothing was lost yet");
    counting.happen(1, "c", None);
    counting.happen(1, "a", None);
    assert_eq!(counting.read("a", None, Some(0)), Ok(2));
    assert_eq!(counting.read("c", None, Some(0)), Err(Fault::HistoryBound(2)));
    assert_eq!(counting.read("d", None, Some(1)), Err(Fault::HistoryBound(2)), "not held either");
    assert_eq!(counting.read("d", None, Some(2)), Ok(0), "what was lost is not in the window");
    // Once keys are old enough to be dropped there is room again, and what was lost before is remembered.
    counting.happen(90, "c", None);
    counting.happen(150, "a", None);
    counting.happen(151, "c", None);
    counting.happen(152, "c", None);
    assert_eq!(counting.read("c", None, Some(91)), Ok(2));
    assert_eq!(counting.read("c", None, Some(90)), Err(Fault::HistoryBound(2)));
}

#[test]
fn a_session_ends_and_leaves_nothing() {
    let mut counting = Counting::new(Bounds { max_sessions: 2, ..Bounds::default() }, None, 100);
    counting.happen(0, "a", Some("s"));
    counting.happen(0, "a", Some("s"));
    counting.happen(0, "a", Some("t"));
    assert_eq!(counting.read("a", Some("s"), None), Ok(2));
    assert_eq!(counting.read("b", Some("s"), None), Ok(0));
    assert_eq!(counting.read("a", Some("u"), None), Ok(0));
    counting.history.end_session("s");
    assert_eq!(counting.read("a", Some("s"), None), Ok(0));
    assert_eq!(counting.read("a", Some("t"), None), Ok(1));
    assert_eq!(counting.read("a", None, None), Ok(3), "other windows keep what happened in it");
    // Its room is free again; there is none for a third.
    counting.happen(0, "a", Some("u"));
    assert_eq!(counting.read("a", Some("u"), None), Ok(1));
    counting.happen(0, "a", Some("v"));
    assert_eq!(counting.read("a", Some("v"), None), Err(Fault::HistoryBound(2)));
    assert_eq!(counting.read("a", Some("t"), None), Ok(1));
    assert_eq!(counting.read("b", Some("t"), None), Ok(0), "of a session that is held everything is known");
}

/// An id whose session is over can still be taken back from the other windows.
#[test]
fn what_became_of_an_id_outlives_its_session() {
    let mut counting = Counting::new(Bounds::default(), None, 100);
    counting.happen_as("r", 0, "a", Some("s"));
    counting.history.end_session("s");
    counting.happen_as("r", 1, "a", Some("s"));
    assert_eq!(counting.read("a", None, None), Ok(1));
    assert_eq!(counting.read("a", Some("s"), None), Ok(1), "a new session of the same name");
}

/// What is loaded later knows which sessions are over, and where one of the same name began.
#[test]
fn a_program_that_is_loaded_fills_the_sessions_that_go_on() {
    let mut counting = Counting::new(Bounds::default(), None, 100);
    counting.happen_as("old", 0, "a", Some("s"));
    counting.happen(0, "a", Some("t"));
    counting.happen(0, "a", Some("u"));
    counting.history.end_session("s");
    counting.history.end_session("u");
    counting.happen(1, "a", Some("s"));
    let load = |counting: &mut Counting| {
        let fill = &mut |_: &Record, _, recording: &Recording, contributions: &mut Contributions| {
            let session = recording.request.context.session.as_ref();
            contributions.add(AccumulatorId(1), session, [Value::text("a")], Kept::Nothing);
        };
        counting.generation = counting.history.load(vec![count(None, 100), count(None, 100)], fill);
    };
    for _ in 0..2 {
        load(&mut counting);
        let sessions = ["s", "t", "u"].map(|session| counting.read("a", Some(session), None));
        assert_eq!(sessions, [Ok(1), Ok(1), Ok(0)]);
    }
    counting.happen_as("old", 2, "a", None);
    assert_eq!(counting.read("a", Some("s"), None), Ok(1));
    counting.history.end_session("t");
    load(&mut counting);
    assert_eq!(counting.read("a", Some("t"), None), Ok(0));
}

/// What is an entry of every key is told of every key, also where it found no room.
#[test]
fn a_fault_of_every_key_that_found_no_room_is_told() {
    let mut counting = Counting::new(Bounds::default(), Some(100), 1);
    counting.happen(0, "a", None);
    let (id, mut seen): (Arc<str>, _) = ("open".into(), Seen::default());
    counting.history.open(counting.generation, &id, Turn::Shared, &mut seen);
    let contributions = &mut Contributions::default();
    contributions.add_open(AccumulatorId(0), None, [], Fault::Overflow);
    let step = Step::Performed { request: request(&id, 5, 0, 1, "x", None), data: Arc::from([]) };
    let change = Change { id: &id, step, contributions, counted: true };
    counting.history.commit(&seen, change).unwrap();
    assert_eq!(counting.read("a", None, Some(5)), Err(Fault::HistoryBound(1)));
    assert_eq!(counting.read("a", None, Some(6)), Ok(0));
}

#[test]
fn where_no_record_finds_room_no_reading_is_answered() {
    let mut counting = Counting::new(Bounds { max_records: 3, ..Bounds::default() }, None, 100);
    (0..3).for_each(|time| counting.happen(time, "a", None));
    assert_eq!(counting.read("a", None, None), Ok(3));
    counting.happen_as("r-1", 4, "b", None);
    assert_eq!(counting.read("a", None, None), Ok(2), "one that is known needs no room");
    assert_eq!(counting.record_as("new", 5, "a", None), Err(Unsettled::Full(3)));
    assert!(counting.known("new").is_none());
    assert_eq!(counting.read("a", None, None), Err(Fault::HistoryBound(3)));
    assert_eq!(counting.read("z", None, Some(5)), Err(Fault::HistoryBound(3)));
}

/// Where room is made again, who is recorded is told so, though readings stay without an answer.
#[test]
fn a_history_that_was_full_takes_records_once_it_forgets() {
    let bounds = Bounds { keep: Some(100), max_records: 3, ..Bounds::default() };
    let mut counting = Counting::new(bounds, None, 100);
    (0..3).for_each(|time| counting.happen(time, "a", None));
    assert_eq!(counting.record_as("no room", 4, "a", None), Err(Unsettled::Full(3)));
    assert_eq!(counting.record_as("later", 1_000, "a", None), Ok(()));
    assert!(counting.known("later").is_some() && counting.known("r-1").is_none());
    assert_eq!(counting.read("a", None, None), Err(Fault::HistoryBound(3)));
}

/// A record that was kept long enough goes; what it contributed stays as long as windows reach.
#[test]
fn records_are_forgotten_where_the_host_says_so() {
    let bounds = Bounds { keep: Some(100), max_records: 8, ..Bounds::default() };
    let mut counting = Counting::new(bounds, None, 100);
    (0..100).for_each(|at| counting.happen(at * 20, "a", None));
    assert!(counting.known("r-100").is_some() && counting.known("r-95").is_some(), "a hundred old, and still known");
    assert!(counting.known("r-94").is_none());
    assert_eq!(counting.read("a", None, None), Ok(100), "and never was there too much");
    // A program that is loaded now finds no more than the records tell.
    let fill = &mut |_: &Record, _, _: &_, contributions: &mut Contributions| {
        contributions.add(AccumulatorId(0), None, [Value::text("a")], Kept::Nothing);
    };
    counting.generation = counting.history.load(vec![count(None, 100)], fill);
    assert_eq!(counting.read("a", None, None), Err(Fault::HistoryIncomplete));
    assert_eq!(counting.read("a", None, Some(1_879)), Err(Fault::HistoryIncomplete));
    assert_eq!(counting.read("a", None, Some(1_880)), Ok(6));
}

/// `spec/history.md` 6.3 and 6.4.
#[test]
fn a_history_says_since_when_it_is_complete() {
    let mut counting = Counting::new(Bounds::default(), None, 100);
    counting.happen(50, "a", Some("s"));
    assert_eq!(counting.read("a", None, None), Ok(1), "a new one is complete for all time");
    counting.history.set_complete_since(Instant(40));
    assert_eq!(counting.history.complete_since(), Some(Instant(40)));
    assert_eq!(counting.read("a", None, None), Err(Fault::HistoryIncomplete));
    assert_eq!(counting.read("a", None, Some(39)), Err(Fault::HistoryIncomplete));
    assert_eq!(counting.read("a", None, Some(40)), Ok(1));
    assert_eq!(counting.read("a", Some("s"), None), Ok(1), "a session is taken to be");
    // A `since` begins at what it found; where it found nothing it reaches back for ever.
    let mut seen = Seen::default();
    counting.history.open(counting.generation, "none", Turn::Shared, &mut seen);
    let key = [Value::text("a")];
    let ask = Ask { accumulator: AccumulatorId(0), session: None, key: &key, first: None, after: None, most: None };
    let newest = counting.history.newest_place(&ask, &mut seen);
    assert_eq!(newest, Ok(Some(Place { time: Instant(50), order: 1 })));
    let behind = Ask { after: newest.unwrap(), ..ask };
    assert_eq!(counting.history.read(&behind, Reading::Count, &mut seen), Ok(Value::Int(0)));
    assert_eq!(counting.history.read(&ask, Reading::Count, &mut seen), Err(Fault::HistoryIncomplete));
}

/// Keys that no window reaches any more leave: their number stays near that of those which are used.
#[test]
fn old_keys_leave_room() {
    let mut counting = Counting::new(Bounds::default(), Some(100), 10_000);
    for at in 0..30_000 {
        counting.happen(at, &format!("key {at}"), None);
    }
    assert_eq!(counting.read("key 29999", None, Some(29_900)), Ok(1));
    assert_eq!(counting.read("key 29000", None, Some(29_900)), Ok(0), "not one was lost for want of room");
}

#[test]
fn entries_of_a_key_are_bounded() {
    let mut counting = Counting::new(Bounds { max_entries: 10, ..Bounds::default() }, None, 100);
    (0..15).for_each(|time| counting.happen(time, "a", None));
    assert_eq!(counting.read("a", None, Some(5)), Ok(10));
    assert_eq!(counting.read("a", None, Some(4)), Err(Fault::HistoryBound(10)));
}

#[test]
fn approvals_are_found_by_the_request() {
    let history = MemoryHistory::new(Bounds { max_records: 3, keep: Some(100), ..Bounds::default() });
    let approval = |request: &str, by: &str| Approval {
        role: RoleId(0),
        by: EntityRef::new(EntityId(0), by),
        at: Instant(0),
        expires: None,
        request: request.into(),
        waives: None,
        entities: Arc::new(Entities::new()),
    };
    let found = |request: &str| {
        let mut found = vec![];
        history.approvals(request, &mut |approval| found.push(approval.by.id.to_string()));
        found.join(" ")
    };
    for kept in [approval("one", "mary"), approval("two", "omar"), approval("one", "lena")] {
        assert_eq!(history.approve(kept), Ok(()));
    }
    assert_eq!((found("one"), found("two"), found("three")), ("mary lena".into(), "omar".into(), String::new()));
    assert_eq!(history.approve(approval("three", "one too many")), Err(3));
    assert_eq!(found("three"), "");
}
