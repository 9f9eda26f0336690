//! One engine under load: some threads ask and record, while another loads programs, sets data and ends sessions.
//! Totals hold; each id is decided once; each decision names a program that was loaded; and the reference engine gives the
//! same answers in the order in which they were recorded.

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::hir::DataId;
use ordain_compiler::source::Source;
use ordain_jit::Native;
use ordain_stdlib::Standard;
use ordain_vm::answer::{Answer, Verdict};
use ordain_vm::engine::{Engine, OnPermit, Options, Reply, Runnable, Work};
use ordain_vm::history::{Condition, History, MemoryHistory, Seen, Step, Turn};
use ordain_vm::request::{Line, Reader, Request};
use ordain_vm::schema::Schema;
use ordain_vm::value::Value;
use ordain_vm::verify::verify;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

#[path = "together/observed.rs"]
mod observed;

use observed::{Observed, Recorded};

/// What one agent may spend in a day.
const MOST: i64 = 100;
const AGENTS: usize = 3;
/// Requests of each thread.
const ASKED: usize = 240;
/// Programs that are loaded meanwhile.
const PROGRAMS: usize = 24;

/// The rule that permits payments has that name.
fn text(rule: &str) -> String {
    format!(
        "entity Agent\ndata barred: set<text>\n\
         action look by Agent {{ n: int }}\naction pay by Agent {{ amount: int, to: text }} returns int\n\
         policy desk {{\n  governs look, pay\n  otherwise deny\n  rule looking on look {{ permit }}\n  \
         rule {rule} on pay {{ permit when any(l in past look by actor this session) }}\n  \
         rule closed on pay {{ deny when to in barred }}\n  \
         limit spend on pay {{ sum of amount per actor within 24 hours at most {MOST} }}\n  \
         limit often on pay {{ count per actor this session at most 30 }}\n}}\n"
    )
}

fn checked(text: &str) -> Checked {
    let sources = vec![Source::new("together.ord", text)];
    analyse(&Input { sources, ..Input::default() }).checked().expect("no errors")
}

/// Each a program of its own, also where its text is another's; of four the third and fourth run as machine code.
fn programs(texts: &[&str]) -> Vec<Runnable> {
    let emitted: Vec<_> = texts.iter().map(|text| emit(&checked(text)).expect("it compiles")).collect();
    let program = |at: usize| {
        let verified = Arc::new(verify(emitted[at % emitted.len()].clone(), &Standard).expect("it verifies"));
        if at % 4 < 2 {
            return Runnable::from(verified);
        }
        let native = Native::new(&verified).expect("there is machine code for this processor");
        Runnable { verified, run: Arc::new(native) }
    };
    (0..PROGRAMS).map(program).collect()
}

/// Numbers that look like chance, from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

struct Asking<'a> {
    schema: &'a Schema,
    /// Minutes since the morning.
    minute: usize,
    session: String,
}

impl Asking<'_> {
    fn line(&self, id: &str, agent: usize, action: &str, properties: &str) -> Line {
        let reader = Reader { schema: self.schema, store: None, from_request: true, now: None };
        let (day, hour, minute) = (1 + self.minute / 1_440, self.minute / 60 % 24, self.minute % 60);
        let text = format!(
            "{{\"subject\":{{\"type\":\"Agent\",\"id\":\"a-{agent}\"}},\
             \"action\":{{\"name\":\"{action}\",\"properties\":{{{properties}}}}},\"context\":{{\"id\":\"{id}\",\
             \"session\":\"{}\",\"time\":\"2026-03-{day:02}T{hour:02}:{minute:02}:00Z\"}}}}",
            self.session
        );
        reader.line(text.as_bytes()).expect("the line is well formed")
    }

    fn look(&self, id: &str, agent: usize) -> Line {
        self.line(id, agent, "look", "\"n\":1")
    }

    fn pay(&self, id: &str, agent: usize, amount: i64, to: &str) -> Line {
        self.line(id, agent, "pay", &format!("\"amount\":{amount},\"to\":\"{to}\""))
    }
}

/// `Line::Performed` of the same request.
fn performed(line: &Line) -> Line {
    match line {
        Line::Request(request) => Line::Performed(request.clone()),
        other => other.clone(),
    }
}

/// Loads all programs, one after the other, sets data and ends sessions, again and again until nobody asks any more.
/// `loading`: how many programs were begun, and how many are loaded.
fn disturb<H: History>(engine: &Engine<H>, programs: &[Runnable], loading: &[AtomicUsize; 2], left: &AtomicUsize) {
    let [begun, loaded] = loading;
    let mut round = 0;
    while left.load(SeqCst) > 0 || round < programs.len() {
        if let Some(program) = programs.get(round + 1) {
            begun.store(round + 1, SeqCst);
            let data = engine.loaded().data.to_vec();
            engine.load(program.clone(), data).expect("it declares the same");
            loaded.store(round + 1, SeqCst);
        }
        engine.set_data(0, barred(round % 3 == 0));
        engine.end_session(&format!("s-{}", round % 3));
        round += 1;
        std::thread::yield_now();
    }
}

fn barred(any: bool) -> Value {
    Value::Set(Arc::new(any.then(|| Value::text("mallory")).into_iter().collect::<BTreeSet<Value>>()))
}

/// What a thread was answered on payments: by id, how often it was permitted.
type Permits = BTreeMap<String, usize>;

/// Asks, looks which program decided, and records what became of it.
fn ask(
    engine: &Engine<MemoryHistory>,
    (programs, loading): (&[Runnable], &[AtomicUsize; 2]),
    (thread, reserve): (usize, bool),
    permits: &Mutex<Permits>,
) {
    let number = |at: usize| programs[at].verified.number();
    let schema = engine.loaded().program.verified.program().schema.clone();
    let (mut work, mut chance) = (Work::default(), Chance(88_172_645_463_325_252 + thread as u64));
    for at in 0..ASKED {
        // Every fifth is asked by all threads.
        let both = at % 5 == 0;
        let id = if both { format!("both-{at}") } else { format!("p-{thread}-{at}") };
        let session = if both { "s-0".to_string() } else { format!("s-{}", chance.below(3)) };
        let asking = Asking { schema: &schema, minute: 600, session };
        let (agent, amount) = (at % AGENTS, 1 + (at % 7) as i64);
        let _looked = engine.answer(asking.look(&format!("l-{thread}-{at}"), agent), &mut work);
        let line = asking.pay(&id, agent, amount, if at % 11 == 0 { "mallory" } else { "bob" });
        let before = loading[1].load(SeqCst);
        let reply = engine.answer(line.clone(), &mut work);
        let after = loading[0].load(SeqCst);
        let decided = match reply {
            Reply::Decided(decided) => decided,
            Reply::Denied(denied) => {
                assert_eq!(&*denied.problem.code, "E0621", "{}", denied.problem.message);
                continue;
            }
            Reply::Recorded { .. } | Reply::Refused { .. } => panic!("a request is decided"),
        };
        let used = (before..=after).find(|at| number(*at) == decided.loaded.program.verified.number());
        let used = used.unwrap_or_else(|| panic!("none of the programs {before} to {after} decided"));
        if decided.decision.verdict != Verdict::Permit {
            continue;
        }
        let words = decided.detail.expect("words were wanted");
        assert_eq!(&*words.rules[0].rule, ["first", "second"][used % 2], "the rules of program {used}");
        *permits.lock().expect("no thread panicked").entry(id.clone()).or_default() += 1;
        // What both threads ask may be asked again, so that nobody says of it that it was performed.
        let record = match at % 4 {
            _ if !reserve && at % 8 != 1 => continue,
            0 => Line::Failed(id.as_str().into()),
            1 => Line::Abandoned(id.as_str().into()),
            2 if !both => performed(&line),
            _ => continue,
        };
        assert!(matches!(engine.answer(record, &mut work), Reply::Recorded { .. }));
    }
}

fn totals(threads: usize, on_permit: OnPermit) {
    let (first, second) = (text("first"), text("second"));
    let programs = programs(&[&first, &second]);
    let options = Options { on_permit, ..Options::default() };
    let engine = Engine::new(programs[0].clone(), vec![barred(false)], MemoryHistory::default(), options);
    let (loading, left) = ([AtomicUsize::new(0), AtomicUsize::new(0)], AtomicUsize::new(threads));
    let permits = Mutex::new(Permits::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (engine, programs, loading, left, permits) = (&engine, &*programs, &loading, &left, &permits);
            scope.spawn(move || {
                let _done = Leaving(left);
                ask(engine, (programs, loading), (thread, on_permit == OnPermit::Reserve), permits);
            });
        }
        disturb(&engine, &programs, &loading, &left);
    });
    let permits = permits.into_inner().expect("no thread panicked");
    if on_permit == OnPermit::Perform {
        // What was taken back may be permitted again; all else is permitted once.
        let again = permits.iter().filter(|(id, times)| **times > 1 && !taken_back(&engine, id));
        assert_eq!(again.count(), 0, "an id was permitted twice");
    }
    // What each thread was permitted for itself, and did not take back.
    let mut own = [0; AGENTS];
    for id in permits.keys().filter(|id| !id.starts_with("both")) {
        let back = if on_permit == OnPermit::Reserve { number_of(id) % 4 < 2 } else { number_of(id) % 8 == 1 };
        own[agent_of(id)] += if back { 0 } else { amount_of(id) };
    }
    assert!(own.iter().all(|own| *own <= MOST), "{threads} threads were permitted {own:?}");
    // The same by what the history says, with what several asked.
    let mut spent = [0; AGENTS];
    for id in permits.keys() {
        spent[agent_of(id)] += standing(&engine, id);
    }
    assert!(spent.iter().all(|spent| *spent <= MOST), "{threads} threads: {spent:?}");
    assert!(spent.iter().all(|spent| *spent > MOST / 2), "hardly anything was permitted: {spent:?}");
    // The accumulators say the same: so much is left, and no more.
    engine.set_data(0, barred(false));
    let (schema, mut work) = (programs[0].verified.program().schema.clone(), Work::default());
    let asking = Asking { schema: &schema, minute: 600, session: "last".into() };
    for (agent, spent) in spent.iter().enumerate() {
        let _looked = engine.answer(asking.look(&format!("last-look-{agent}"), agent), &mut work);
        for (id, amount, wanted) in [("more", 1, Verdict::Deny), ("rest", 0, Verdict::Permit)] {
            let line = asking.pay(&format!("{id}-{agent}"), agent, MOST - spent + amount, "bob");
            let Reply::Decided(decided) = engine.answer(line, &mut work) else { panic!("a request is decided") };
            assert_eq!(decided.decision.verdict, wanted, "{threads} threads, agent {agent}, {id}");
        }
    }
}

/// One less is asking, however it ends.
struct Leaving<'a>(&'a AtomicUsize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

fn number_of(id: &str) -> usize {
    id.rsplit('-').next().and_then(|at| at.parse().ok()).expect("ids end in a number")
}

fn agent_of(id: &str) -> usize {
    number_of(id) % AGENTS
}

fn amount_of(id: &str) -> i64 {
    1 + (number_of(id) % 7) as i64
}

fn condition(engine: &Engine<MemoryHistory>, id: &str) -> Condition {
    let generation = engine.loaded().generation();
    let record = engine.history().open(generation, id, Turn::Shared, &mut Seen::default());
    record.expect("what was permitted is kept").condition
}

fn taken_back(engine: &Engine<MemoryHistory>, id: &str) -> bool {
    matches!(condition(engine, id), Condition::Failed | Condition::Abandoned) || number_of(id) % 8 == 1
}

/// What the id counts for.
fn standing(engine: &Engine<MemoryHistory>, id: &str) -> i64 {
    match condition(engine, id) {
        Condition::Reserved | Condition::Performed => amount_of(id),
        Condition::Asked | Condition::Failed | Condition::Abandoned => 0,
    }
}

#[test]
fn a_limit_holds_whatever_threads_ask_and_load() {
    for threads in [2, 4] {
        totals(threads, OnPermit::Perform);
        totals(threads, OnPermit::Reserve);
    }
}

/// A thread's share of the lines that are compared. Time passes, so that what was paid leaves the window again.
fn stream(engine: &Engine<Observed>, thread: usize, clock: &AtomicUsize, said: &Mutex<BTreeMap<usize, Answer>>) {
    let schema = engine.loaded().program.verified.program().schema.clone();
    let (mut work, mut chance) = (Work::default(), Chance(2_463_534_242 + thread as u64));
    let mut last: Vec<(String, Line)> = vec![];
    for at in 0..ASKED {
        let session = format!("s-{}", chance.below(3));
        // Sixteen requests stand at one time: most are not too early when they are recorded.
        let minute = clock.fetch_add(1, SeqCst) / 16 * 180;
        let asking = Asking { schema: &schema, minute, session };
        let (agent, amount) = (chance.below(AGENTS as u64) as usize, 1 + chance.below(40) as i64);
        let id = format!("r-{thread}-{at}");
        let line = match chance.below(3) {
            0 => asking.look(&id, agent),
            _ => asking.pay(&id, agent, amount, ["bob", "mallory"][chance.below(2) as usize]),
        };
        last.push((id, line.clone()));
        let (id, before) = &last[chance.below(last.len() as u64) as usize];
        let id: Arc<str> = id.as_str().into();
        let record = match chance.below(6) {
            0 => Some(Line::Failed(id)),
            1 => Some(Line::Abandoned(id)),
            2 => Some(Line::Result { id, returns: 7.into() }),
            3 => Some(before.clone()),
            _ => None,
        };
        for line in [Some(line), record].into_iter().flatten() {
            observed::forget();
            let answer = engine.tell(line, &mut work);
            match observed::recorded() {
                Some(at) => drop(said.lock().expect("no thread panicked").insert(at, answer)),
                None => not_recorded(&answer),
            }
        }
    }
}

/// It came too late, or was performed already; or there was nothing to record.
fn not_recorded(answer: &Answer) {
    match answer {
        Answer::Decision(decided) => {
            let code = decided.context.errors.first().map(|error| &*error.code);
            assert!(matches!(code, Some("E0619" | "E0621")), "{decided:?}");
        }
        Answer::Recorded { warnings, .. } => assert!(!warnings.is_empty(), "{answer:?}"),
        Answer::Refused { error, .. } => assert!(!error.code.is_empty()),
    }
}

/// The same lines, one after the other as they were recorded.
fn replayed(text: &str, on_permit: OnPermit, recorded: Vec<Recorded>, said: &BTreeMap<usize, Answer>) {
    let checked = Arc::new(checked(text));
    let schema = checked.schema();
    let mut reference = ordain_reference::Engine::new(checked, vec![barred(false)]);
    let options = ordain_reference::Options {
        on_permit: match on_permit {
            OnPermit::Perform => ordain_reference::OnPermit::Perform,
            OnPermit::Reserve => ordain_reference::OnPermit::Reserve,
        },
        ..Default::default()
    };
    let mut ended: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut compared = 0;
    for (at, recorded) in recorded.into_iter().enumerate() {
        let (id, step) = match recorded {
            Recorded::Ended(session) => {
                *ended.entry(session).or_default() += 1;
                continue;
            }
            Recorded::Step { id, step } => (id, step),
        };
        // A session that has ended is another one with the same name.
        let named = |request: &Request| {
            let mut request = request.clone();
            let session = request.context.session.as_ref();
            request.context.session =
                session.map(|name| format!("{name}/{}", ended.get(name).copied().unwrap_or(0)).into());
            request
        };
        let line = match step {
            Step::Asked { request, data, .. } => {
                reference.set_data(DataId(0), data[0].clone());
                Line::Request(named(&request))
            }
            Step::Performed { request, .. } => Line::Performed(named(&request)),
            Step::Returned(value) => Line::Result { id, returns: schema.to_json(&value) },
            Step::Failed => Line::Failed(id),
            Step::Abandoned => Line::Abandoned(id),
        };
        let wanted = reference.answer(line, options);
        let json = |answer: &Answer| serde_json::to_value(answer).expect("an answer is JSON");
        assert_eq!(json(&said[&at]), json(&wanted), "line {at} of what was recorded");
        compared += 1;
    }
    assert!(compared > ASKED, "too little was recorded: {compared}");
}

fn in_order(threads: usize, on_permit: OnPermit) {
    let text = text("first");
    let programs = programs(&[&text]);
    let options = Options { on_permit, ..Options::default() };
    let engine = Engine::new(programs[0].clone(), vec![barred(false)], Observed::default(), options);
    let (loading, left) = ([AtomicUsize::new(0), AtomicUsize::new(0)], AtomicUsize::new(threads));
    let (clock, said) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (engine, clock, said, left) = (&engine, &clock, &said, &left);
            scope.spawn(move || {
                let _done = Leaving(left);
                stream(engine, thread, clock, said);
            });
        }
        disturb(&engine, &programs, &loading, &left);
    });
    replayed(&text, on_permit, engine.history().recorded(), &said.into_inner().expect("no thread panicked"));
}

#[test]
fn what_threads_are_told_is_what_the_reference_engine_says_in_the_order_of_recording() {
    for threads in [2, 4] {
        in_order(threads, OnPermit::Perform);
        in_order(threads, OnPermit::Reserve);
    }
}

/// A new program runs by its own machine code, and the decision names it.
#[test]
fn a_program_that_is_loaded_runs_by_what_came_with_it() {
    let (first, second) = (text("first"), text("second"));
    let programs = programs(&[&first, &second]);
    let engine = Engine::new(programs[0].clone(), vec![barred(false)], MemoryHistory::default(), Options::default());
    let ran = Arc::new(AtomicBool::new(false));
    let told = Arc::new(observed::Told { inner: programs[3].run.clone(), ran: ran.clone() });
    let program = Runnable { verified: programs[3].verified.clone(), run: told };
    engine.load(program, vec![barred(false)]).expect("it declares the same");
    let schema = programs[3].verified.program().schema.clone();
    let asking = Asking { schema: &schema, minute: 600, session: "s".into() };
    let Reply::Decided(decided) = engine.answer(asking.look("l", 0), &mut Work::default()) else {
        panic!("a request is decided")
    };
    assert!(ran.load(SeqCst));
    assert_eq!(decided.loaded.program.verified.digest(), programs[3].verified.digest());
    assert_ne!(programs[0].verified.digest(), programs[3].verified.digest());
    let encoded = ordain_vm::encode::encode(programs[3].verified.program()).expect("it can be written");
    assert_eq!(decided.loaded.program.verified.digest(), encoded.digest);
}
