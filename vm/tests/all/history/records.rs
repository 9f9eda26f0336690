//! Records and what they contribute: whatever happens to ids, every question is answered as a list of records answers it.

use super::model::{By, Model, Question, contribute, questions, refill, request};
use crate::Dice;
use ordain_vm::answer::Verdict;
use ordain_vm::history::{
    Change, Condition, Contributions, EntryState, Generation, History, MemoryHistory, Reading, Refused, Seen, Step,
    Turn,
};
use ordain_vm::request::Request;
use ordain_vm::value::Value;
use std::sync::Arc;

/// A history beside a list of records.
struct Pair {
    questions: Vec<Question>,
    history: MemoryHistory,
    model: Model,
    generation: Generation,
    contributions: Contributions,
    seen: Seen,
    clock: i64,
    /// Some of what comes errs.
    faults: bool,
}

impl Pair {
    fn new() -> Pair {
        let (questions, history) = (questions(), MemoryHistory::default());
        let specs = questions.iter().map(Question::spec).collect();
        let generation = history.load(specs, &mut |_, _, _, _| panic!("there is nothing yet"));
        let (contributions, seen) = (Contributions::default(), Seen::default());
        Pair { questions, history, model: Model::default(), generation, contributions, seen, clock: 100, faults: true }
    }

    fn request(&mut self, id: &str, dice: &mut Dice) -> Arc<Request> {
        self.clock += *dice.pick(&[0, 0, 1, 3, 9]);
        let amount = *dice.pick(&[1, 1, 2, 3, 5, 8, -1]);
        let amount = if self.faults && dice.below(8) == 0 { *dice.pick(&[13, 14, 15]) } else { amount };
        let invoice = if self.faults && dice.below(8) == 0 { "bad" } else { *dice.pick(&["x", "y"]) };
        let session = *dice.pick(&[None, Some("s"), Some("t")]);
        request(id, self.clock, dice.below(2), amount, invoice, session)
    }

    /// Something happens, if the history takes it; the list is told the same.
    fn happen(&mut self, id: &str, step: Step) {
        let id: Arc<str> = id.into();
        let before = self.history.open(self.generation, &id, Turn::Shared, &mut self.seen);
        self.contributions.clear();
        for state in step.states(before.as_ref()).iter() {
            let result = match &step {
                Step::Asked { result, .. } => result.clone(),
                Step::Returned(value) => Some(value.clone()),
                _ => before.as_ref().and_then(|before| before.result.clone()),
            };
            let request = step.request().or_else(|| {
                let before = before.as_ref()?;
                before.done.as_ref().or(before.last.as_ref()).map(|recording| &recording.request)
            });
            let Some(request) = request else { continue };
            contribute(&self.questions, state, request, &result, &mut self.contributions);
        }
        let contributions = &mut self.contributions;
        self.model.step(&id, &step);
        let change = Change { id: &id, step, contributions, counted: true };
        assert_eq!(self.history.commit(&self.seen, change), Ok(()));
    }

    fn step(&mut self, dice: &mut Dice) {
        let ids = self.model.ids();
        let known = !ids.is_empty() && dice.below(3) > 0;
        let id = if known { dice.pick(&ids).clone() } else { format!("r-{}", ids.len()) };
        let data: Arc<[Value]> = Arc::from([]);
        let performed = self.model.condition(&id) == Some(Condition::Performed);
        let step = match dice.below(12) {
            0..=5 if !performed => {
                let (answer, condition) = *dice.pick(&[
                    (Some(Verdict::Deny), Condition::Asked),
                    (Some(Verdict::Escalate), Condition::Asked),
                    (Some(Verdict::Permit), Condition::Reserved),
                    (Some(Verdict::Permit), Condition::Reserved),
                    (Some(Verdict::Permit), Condition::Performed),
                    (Some(Verdict::Permit), Condition::Failed),
                    (None, Condition::Performed),
                ]);
                let event = answer.is_none();
                if event && known {
                    return;
                }
                let result = (condition == Condition::Performed && dice.below(4) == 0).then_some(Value::Int(4));
                Step::Asked { request: self.request(&id, dice), data, event, answer, condition, result }
            }
            6 | 7 => Step::Performed { request: self.request(&id, dice), data },
            8 if self.faults => Step::Returned(Value::Int(*dice.pick(&[1, 6, 13, 14, -1]))),
            8 => Step::Returned(Value::Int(*dice.pick(&[1, 6, -1]))),
            9 => Step::Failed,
            10 => Step::Abandoned,
            _ => return,
        };
        self.happen(&id, step);
    }

    /// Another program with the same questions.
    fn load(&mut self) {
        let specs = self.questions.iter().map(Question::spec).collect();
        self.generation = self.history.load(specs, &mut refill(&self.questions));
    }

    fn check(&mut self, dice: &mut Dice, told: &str) {
        let ids = self.model.ids();
        let id = if ids.is_empty() || dice.below(3) == 0 { "new".into() } else { dice.pick(&ids).clone() };
        let asking = self.request(&id, dice);
        let reach = *dice.pick(&[0, 5, 20, 39, 40, 1_000]);
        self.history.open(self.generation, &id, Turn::Shared, &mut self.seen);
        for (at, question) in self.questions.iter().enumerate() {
            if question.of_session && asking.context.session.is_none() {
                continue;
            }
            let key = question.key(&asking);
            let ask = question.ask(at, &asking, &key, reach);
            let value = Value::Int(dice.below(9) as i64);
            for reading in question.readings(&value) {
                let said = self.history.read(&ask, reading, &mut self.seen);
                let scanned = self.model.read(question, &ask, reading, &id);
                assert_eq!(said, scanned, "{told}: {reading:?} of {question:?}, {ask:?}");
            }
            let newest = self.history.newest_place(&ask, &mut self.seen);
            assert_eq!(newest, self.model.newest(question, &ask, &id), "{told}: newest of {question:?}");
        }
    }
}

#[test]
fn every_question_is_answered_as_a_list_of_records_answers_it() {
    for seed in 0..28 {
        let dice = &mut Dice(seed);
        let mut pair = Pair::new();
        pair.faults = seed % 4 == 0;
        for step in 0..100 {
            pair.step(dice);
            if dice.below(12) == 0 {
                pair.load();
            }
            pair.check(dice, &format!("seed {seed}, step {step}"));
        }
    }
}

/// The rows of `spec/history.md` 1 and 2.2: which states an id is an entry of.
#[test]
fn what_became_of_an_id_says_which_entries_it_is() {
    let told = |steps: &[fn(Arc<Request>) -> Step]| {
        let mut pair = Pair::new();
        for (at, step) in steps.iter().enumerate() {
            pair.happen("r", step(request("r", at as i64, 0, 1, "x", None)));
        }
        let record = pair.history.open(pair.generation, "r", Turn::Shared, &mut pair.seen).unwrap();
        let states = EntryState::ALL.into_iter();
        let moments = states.filter_map(|state| Some((state, record.moment(state)?.place.time.0)));
        moments.map(|(state, time)| format!("{state:?} {time}")).collect::<Vec<_>>().join(", ")
    };
    fn asked(request: Arc<Request>, answer: Verdict, condition: Condition) -> Step {
        Step::Asked { request, data: Arc::from([]), event: false, answer: Some(answer), condition, result: None }
    }
    let deny = |request| asked(request, Verdict::Deny, Condition::Asked);
    let escalate = |request| asked(request, Verdict::Escalate, Condition::Asked);
    let reserve = |request| asked(request, Verdict::Permit, Condition::Reserved);
    let permit = |request| asked(request, Verdict::Permit, Condition::Performed);
    let performed = |request| Step::Performed { request, data: Arc::from([]) };
    let result = |_| Step::Returned(Value::Int(1));
    let (failed, abandoned) = (|_| Step::Failed, |_| Step::Abandoned);
    assert_eq!(told(&[deny]), "Attempted 0, Denied 0");
    assert_eq!(told(&[deny, escalate]), "Attempted 0, Pending 1");
    assert_eq!(told(&[escalate, reserve]), "Done 1, Attempted 0");
    assert_eq!(told(&[reserve, deny]), "Attempted 0, Denied 1");
    assert_eq!(told(&[reserve, performed]), "Done 1, Attempted 0");
    assert_eq!(told(&[reserve, performed, performed]), "Done 2, Attempted 0");
    assert_eq!(told(&[reserve, result]), "Done 0, Returned 0, Attempted 0");
    assert_eq!(told(&[permit, result, performed]), "Done 2, Returned 2, Attempted 0");
    assert_eq!(told(&[reserve, failed]), "Attempted 0, Failed 0");
    assert_eq!(told(&[deny, deny, failed]), "Attempted 0, Denied 1, Failed 1");
    assert_eq!(told(&[reserve, failed, result]), "Done 0, Returned 0, Attempted 0");
    assert_eq!(told(&[reserve, abandoned]), "Attempted 0");
    assert_eq!(told(&[reserve, failed, reserve]), "Done 2, Attempted 0");
    assert_eq!(told(&[deny, result]), "Done 0, Returned 0, Attempted 0, Denied 0");
    assert_eq!(told(&[performed]), "Done 0");
}

#[test]
fn a_record_of_nothing_changes_nothing() {
    let mut pair = Pair::new();
    for step in [Step::Failed, Step::Abandoned, Step::Returned(Value::Int(1))] {
        pair.happen("r", step);
        assert!(pair.history.open(pair.generation, "r", Turn::Shared, &mut pair.seen).is_none());
    }
}

#[test]
fn times_never_decrease() {
    let mut pair = Pair::new();
    let at = |time| Step::Performed { request: request("r", time, 0, 1, "x", None), data: Arc::from([]) };
    assert_eq!(pair.history.latest(), None);
    pair.happen("r", at(5));
    pair.happen("s", at(5));
    let (id, contributions): (Arc<str>, _) = ("t".into(), &mut Contributions::default());
    pair.history.open(pair.generation, &id, Turn::Shared, &mut pair.seen);
    let change = Change { id: &id, step: at(4), contributions, counted: true };
    let latest = pair.history.latest().unwrap();
    assert_eq!(pair.history.commit(&pair.seen, change), Err(Refused::Early(latest)));
    assert!(pair.history.open(pair.generation, "t", Turn::Shared, &mut pair.seen).is_none());
}

/// As the reference counts: a request with an id of its own counts, a number that is taken is passed over.
#[test]
fn ids_are_given_in_order() {
    let mut pair = Pair::new();
    let step = || Step::Performed { request: request("r", 200, 0, 1, "x", None), data: Arc::from([]) };
    assert_eq!(&*pair.history.next_id(), "auto-1");
    pair.happen("mine", step());
    assert_eq!(&*pair.history.next_id(), "auto-2");
    assert_eq!(&*pair.history.take_id(), "auto-2");
    pair.happen("auto-4", step());
    // Three were seen, of which one has the name that the fourth would have.
    assert_eq!(&*pair.history.take_id(), "auto-5");
}

/// What was read has to be what is: of a key that is there, of one that is not, of the id itself, of what is open.
#[test]
fn a_decision_on_what_has_changed_is_stale() {
    let read = |pair: &mut Pair, id: &str, actor: usize, seen: &mut Seen| {
        pair.history.open(pair.generation, id, Turn::Shared, seen);
        let asking = request(id, 100, actor, 1, "x", None);
        for (at, question) in pair.questions.iter().enumerate().filter(|(_, question)| !question.of_session) {
            let key = question.key(&asking);
            let _ = pair.history.read(&question.ask(at, &asking, &key, 1_000), Reading::Count, seen);
        }
    };
    let commit = |pair: &Pair, id: &str, seen: &Seen| {
        let (id, contributions): (Arc<str>, _) = (id.into(), &mut Contributions::default());
        let step = Step::Performed { request: request(&id, 100, 0, 1, "x", None), data: Arc::from([]) };
        pair.history.commit(seen, Change { id: &id, step, contributions, counted: true })
    };
    let meanwhile = |change: &dyn Fn(&mut Pair)| {
        let mut pair = Pair::new();
        let before = request("old", 100, 0, 1, "x", None);
        pair.happen("old", Step::Performed { request: before, data: Arc::from([]) });
        let mut seen = Seen::default();
        read(&mut pair, "new", 0, &mut seen);
        change(&mut pair);
        commit(&pair, "new", &seen)
    };
    let performed = |id: &str, actor, amount, invoice| {
        let request = request(id, 100, actor, amount, invoice, None);
        let id = id.to_string();
        move |pair: &mut Pair| {
            pair.happen(&id, Step::Performed { request: request.clone(), data: Arc::from([]) });
        }
    };
    assert_eq!(meanwhile(&|_| {}), Ok(()));
    assert_eq!(meanwhile(&performed("other", 0, 1, "x")), Err(Refused::Stale), "an entry of the key came");
    assert_eq!(meanwhile(&|pair| pair.happen("old", Step::Failed)), Err(Refused::Stale), "an entry went");
    assert_eq!(meanwhile(&performed("new", 0, -1, "x")), Err(Refused::Stale), "the id itself");
    assert_eq!(meanwhile(&performed("other", 1, 1, "bad")), Err(Refused::Stale), "an entry of many keys");
    assert_eq!(meanwhile(&|pair| pair.load()), Err(Refused::Stale), "another program");
    // What was not read may change: the condition of this one leaves it out of every question.
    assert_eq!(meanwhile(&performed("other", 0, -1, "x")), Ok(()));
    assert_eq!(commit(&Pair::new(), "new", &Seen::default()), Err(Refused::Stale), "nothing was opened");
}

/// A key that nobody has seen is as much seen as any.
#[test]
fn an_entry_of_a_key_that_was_not_there_makes_stale() {
    let mut pair = Pair::new();
    let mut seen = Seen::default();
    pair.history.open(pair.generation, "new", Turn::Shared, &mut seen);
    let asking = request("new", 100, 0, 1, "x", None);
    let (at, question) = pair.questions.iter().enumerate().find(|(_, question)| !question.of_session).unwrap();
    let key = question.key(&asking);
    assert_eq!(
        pair.history.read(&question.ask(at, &asking, &key, 1_000), Reading::Count, &mut seen),
        Ok(Value::Int(0))
    );
    pair.happen("other", Step::Performed { request: request("other", 100, 0, 1, "x", None), data: Arc::from([]) });
    let (id, contributions): (Arc<str>, _) = ("new".into(), &mut Contributions::default());
    let step = Step::Performed { request: asking, data: Arc::from([]) };
    let change = Change { id: &id, step, contributions, counted: true };
    assert_eq!(pair.history.commit(&seen, change), Err(Refused::Stale));
}

/// What erred before its key was known is an entry of keys that it names nowhere.
#[test]
fn an_entry_of_every_key_makes_stale() {
    let told = |invoice: &str| {
        let mut pair = Pair::new();
        // The keys of all of it are there.
        for (id, invoice) in [("one", "x"), ("two", "bad")] {
            let request = request(id, 100, 0, 1, invoice, None);
            pair.happen(id, Step::Performed { request, data: Arc::from([]) });
        }
        let mut seen = Seen::default();
        pair.history.open(pair.generation, "new", Turn::Shared, &mut seen);
        let asking = request("new", 100, 0, 1, "x", None);
        let by_invoice = |question: &Question| question.by == By::ActorAndInvoice && !question.of_session;
        for (at, question) in pair.questions.iter().enumerate().filter(|(_, question)| by_invoice(question)) {
            let key = question.key(&asking);
            let _ = pair.history.read(&question.ask(at, &asking, &key, 1_000), Reading::Count, &mut seen);
        }
        let request = request("other", 100, 0, 1, invoice, None);
        pair.happen("other", Step::Performed { request, data: Arc::from([]) });
        let (id, contributions): (Arc<str>, _) = ("new".into(), &mut Contributions::default());
        let step = Step::Performed { request: asking, data: Arc::from([]) };
        pair.history.commit(&seen, Change { id: &id, step, contributions, counted: true })
    };
    assert_eq!(told("bad"), Err(Refused::Stale));
}

/// A decision may read more than is noted one by one.
#[test]
fn of_a_hundred_readings_each_is_seen() {
    for changed in (0..100).step_by(3).map(Some).chain([None]) {
        let mut pair = Pair::new();
        let mut seen = Seen::default();
        pair.history.open(pair.generation, "new", Turn::Shared, &mut seen);
        let by_actor = |question: &Question| question.by == By::Actor && question.state == EntryState::Done;
        let (at, question) = pair.questions.iter().enumerate().find(|(_, question)| by_actor(question)).unwrap();
        for actor in 0..100 {
            let asking = request("new", 100, actor, 1, "x", None);
            let key = question.key(&asking);
            let said = pair.history.read(&question.ask(at, &asking, &key, 1_000), Reading::Count, &mut seen);
            assert_eq!(said, Ok(Value::Int(0)));
        }
        if let Some(actor) = changed {
            let request = request("other", 100, actor, 1, "x", None);
            pair.happen("other", Step::Performed { request, data: Arc::from([]) });
        }
        let (id, contributions): (Arc<str>, _) = ("new".into(), &mut Contributions::default());
        let step = Step::Performed { request: request("new", 100, 0, 1, "x", None), data: Arc::from([]) };
        let outcome = pair.history.commit(&seen, Change { id: &id, step, contributions, counted: true });
        assert_eq!(outcome, changed.map_or(Ok(()), |_| Err(Refused::Stale)), "{changed:?}");
    }
}
