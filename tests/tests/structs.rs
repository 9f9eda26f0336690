//! Requests from structs agree: generated packages over the declarations of fixed structs, whose values are drawn and said
//! in JSON, too. Each is decided through its binding, as JSON by `Reader` and by `OnePass`, and by the reference engine.
//! `ORDAIN_SEED=n` runs one seed, `ORDAIN_CASES=n` so many packages; a failure names the seed that shows it.

#[path = "structs/bindable.rs"]
mod bindable;
mod common;
#[path = "agreement/compare.rs"]
mod compare;
#[path = "structs/drawn.rs"]
mod drawn;
#[path = "structs/plant.rs"]
mod plant;
#[path = "structs/shape.rs"]
mod shape;
#[path = "structs/shapes.rs"]
mod shapes;
#[path = "structs/things.rs"]
mod things;

use compare::Pair;
use drawn::{EDGES, Maker, REFUSALS, Seen};
use ordain_compiler::analysis::Checked;
use ordain_compiler::emit::emit;
use ordain_compiler::hir::Expr;
use ordain_jit::{Effort, Native};
use ordain_reference::{Engine as Reference, Options};
use ordain_stdlib::Standard;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Package, of_world};
use ordain_tests::prepare::{checked, data, setting};
use ordain_vm::answer::{Answer, Detail, Verdict};
use ordain_vm::bind::{Action, Ask, Binding, NotAsked, Origins, When};
use ordain_vm::decide::Decision;
use ordain_vm::engine::{self as vm, Engine, Reply, Runnable};
use ordain_vm::explain::detail;
use ordain_vm::frame::Frame;
use ordain_vm::history::{self, History, MemoryHistory, Refused, settle};
use ordain_vm::interp::{Around, Interpreter, Past, Run};
use ordain_vm::request::{InputError, Line, Malformed, OnePass, Origin, Read, Reader, Request, Room, Snapshot};
use ordain_vm::schema::Schema;
use ordain_vm::value::{Instant, Value};
use ordain_vm::verify::{Verified, verify};
use plant::{NONE, PLANTS, Plant, Planted};
use serde_json::{Value as Json, json};
use shape::Shape;
use shapes::{Alarm, Fetch, Look, Pay, Ship, Tick, rows, world};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What was compared, and what came about.
#[derive(Debug, Default)]
struct Compared {
    asked: u64,
    in_place: u64,
    refused: u64,
    faults: u64,
    verdicts: BTreeMap<String, u64>,
    /// Edges, refusals with their paths, and fields that are there or missing, of requests that came so far.
    seen: BTreeSet<String>,
    /// Fields of requests that a package's rules read.
    read: BTreeMap<u64, BTreeSet<String>>,
}

/// A request that is asked of a struct.
trait Asked {
    fn around<'s>(&'s self, data: &'s [Value]) -> Around<'s>;

    fn request(&self) -> Request;
}

impl<A: Action> Asked for Ask<'_, A> {
    fn around<'s>(&'s self, data: &'s [Value]) -> Around<'s> {
        Ask::around(self, data)
    }

    fn request(&self) -> Request {
        Ask::request(self)
    }
}

/// A struct of whichever action, with its binding.
trait Case {
    fn ask<'a>(&'a self, verified: &'a Verified, when: When<'a>) -> Result<Box<dyn Asked + 'a>, NotAsked>;
}

struct Of<'b, A: Action> {
    binding: &'b Binding<A>,
    of: A,
}

impl<A: Action<Static = A> + 'static> Case for Of<'_, A> {
    fn ask<'a>(&'a self, verified: &'a Verified, when: When<'a>) -> Result<Box<dyn Asked + 'a>, NotAsked> {
        Ok(Box::new(self.binding.ask(verified, &self.of, when)?))
    }
}

/// The bindings of a program.
struct Bindings {
    pay: Binding<Pay>,
    look: Binding<Look>,
    ship: Binding<Ship>,
    fetch: Binding<Fetch>,
    alarm: Binding<Alarm>,
    tick: Binding<Tick>,
    planted: Binding<Planted<Fetch>>,
}

fn bound<A: Action>(verified: &Verified) -> Result<Binding<A>, String> {
    Binding::new(verified).map_err(|unfit| unfit.to_string())
}

impl Bindings {
    fn new(verified: &Verified) -> Result<Bindings, String> {
        Ok(Bindings {
            pay: bound(verified)?,
            look: bound(verified)?,
            ship: bound(verified)?,
            fetch: bound(verified)?,
            alarm: bound(verified)?,
            tick: bound(verified)?,
            planted: bound(verified)?,
        })
    }

    /// A struct by chance, as it is shown, and as JSON.
    fn case(&self, maker: &mut Maker<'_>, plant: Option<Plant>) -> (Box<dyn Case + '_>, String, Json) {
        fn drawn<'b, A: Shape>(binding: &'b Binding<A>, maker: &mut Maker<'_>) -> (Box<dyn Case + 'b>, String, Json) {
            let (of, json) = A::draw(maker);
            let shown = format!("{of:?}");
            (Box::new(Of { binding, of }), shown, json)
        }
        if let Some(plant) = plant {
            let (of, json) = Fetch::draw(maker);
            let shown = format!("{of:?}");
            return (Box::new(Of { binding: &self.planted, of: plant(of) }), shown, json);
        }
        match maker.random.below(12) {
            0..=2 => drawn(&self.pay, maker),
            3..=5 => drawn(&self.look, maker),
            6 | 7 => drawn(&self.ship, maker),
            8 | 9 => drawn(&self.fetch, maker),
            10 => drawn(&self.alarm, maker),
            _ => drawn(&self.tick, maker),
        }
    }
}

/// A package, ready to be asked.
struct Ready {
    package: Package,
    checked: Arc<Checked>,
    schema: Schema,
    data: Vec<Value>,
    verified: Arc<Verified>,
    bindings: Bindings,
    store: Arc<Snapshot>,
    /// What the store lacks may come with the request.
    from_request: bool,
}

impl Ready {
    fn new(seed: u64) -> Result<Ready, String> {
        let package = of_world(seed, &world());
        let checked = checked(&package);
        let schema = checked.schema();
        let data = data(&package, &schema);
        let program = emit(&checked).expect("all of the language is compiled");
        let verified = Arc::new(verify(program, &Standard).map_err(|refusal| refusal.to_string())?);
        let (bindings, from_request) = (Bindings::new(&verified)?, seed / PARTS % 4 == 1);
        let store = things::snapshot(&schema, seed, !from_request)?;
        Ok(Ready { package, checked, schema, data, verified, bindings, store, from_request })
    }
}

/// What is asked beside the struct.
struct Said {
    id: String,
    time: Instant,
    asked: Option<Instant>,
    session: Option<&'static str>,
    origins: Option<Origins>,
}

/// From request to request of a package, by one way to run it.
struct Tried {
    how: &'static str,
    run: Arc<dyn Run>,
    engine: Engine<MemoryHistory>,
    work: vm::Work,
    frame: Frame,
    seen: RefCell<history::Seen>,
}

impl Tried {
    fn new(how: &'static str, ready: &Ready, run: Arc<dyn Run>) -> Tried {
        let program = Runnable { verified: ready.verified.clone(), run: run.clone() };
        let engine = Engine::new(program, ready.data.clone(), MemoryHistory::default(), vm::Options::default());
        Tried { how, run, engine, work: vm::Work::default(), frame: Frame::new(), seen: RefCell::default() }
    }

    /// What is decided of these facts, beside the past as it is, and why.
    fn decide(&mut self, around: &Around<'_>, id: &str, session: Option<&str>) -> (Decision, Detail) {
        let Tried { run, engine, frame, seen, .. } = self;
        let history = engine.history();
        let decided = settle(history, |turn| {
            history.open(engine.loaded().generation(), id, turn, &mut seen.borrow_mut());
            let around = Around { past: Some(Past { history, seen, session }), ..*around };
            let decision = frame.decide(&**run, &around).clone();
            let detail = detail(&around, &decision, &"".into());
            Ok::<_, Refused>((decision, detail))
        });
        decided.unwrap_or_else(|unsettled| panic!("nothing else is recorded: {unsettled:?}"))
    }
}

fn run(
    ready: &Ready,
    requests: usize,
    native: bool,
    compared: &mut Compared,
    plant: Option<Plant>,
) -> Result<(), String> {
    let Ready { package, checked, schema, verified, store, from_request, .. } = ready;
    let mut tried = vec![Tried::new("interpreted", ready, Arc::new(Interpreter))];
    if native && cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        let native = Native::with(verified, Effort::Little).expect("there is machine code for this processor");
        tried.push(Tried::new("by machine code", ready, Arc::new(native)));
    }
    let mut reference = Reference::new(checked.clone(), ready.data.clone());
    let reader = Reader { schema, store: Some(store.entities().clone()), from_request: *from_request, now: None };
    let pass =
        OnePass::new(verified.clone(), Some(store.clone()), *from_request, None).map_err(|other| other.to_string())?;
    let (mut random, mut room, mut minutes) = (Random::new(package.seed ^ 0x5eed), Room::default(), 0);
    for at in 0..requests {
        minutes += [1, 7, 45, 300, 1500][random.below(5)];
        let spoil_at = random.chance(25).then(|| random.below(60));
        let mut maker = Maker {
            random: &mut random,
            schema,
            unknown: if *from_request { "E0606" } else { "E0616" },
            spoil_at,
            spoiling: false,
            bounded: false,
            edges: BTreeSet::new(),
            wrong: vec![],
            fields: BTreeSet::new(),
            origins: vec![],
        };
        let (case, shown, mut json) = ready.bindings.case(&mut maker, plant);
        let said = said(&mut maker, &mut json, at, minutes);
        let Maker { edges, wrong, fields, .. } = maker;
        let line = json.to_string();
        let fail = |wrong: String| format!("{shown}\n{line}\n{wrong}");
        let when = When {
            time: said.time,
            id: &said.id,
            asked: said.asked,
            session: said.session,
            store: Some(store),
            from_request: *from_request,
            origins: said.origins.as_ref(),
        };
        compared.asked += 1;
        let (own, read) = (case.ask(verified, when), reader.line(line.as_bytes()));
        let one_pass = pass.read(line.as_bytes(), &mut room);
        let (own, read) = match (own, read) {
            (Ok(own), Ok(read)) if wrong.is_empty() => (own, read),
            (Err(NotAsked::Malformed(own)), Err(read)) if !wrong.is_empty() => {
                compared.refused += 1;
                refusals(&own, &read, &one_pass.err(), &wrong).map_err(fail)?;
                let path = own.first().map_or("", |error| error.path.split('.').next().unwrap_or_default());
                compared.seen.extend(wrong.iter().map(|wrong| format!("refused: {wrong}")));
                compared.seen.insert(format!("refused at {path}"));
                continue;
            }
            (own, read) => {
                let own = own.map(|own| own.request());
                return Err(fail(format!("a struct: {own:?}\nread: {read:?}\nwrong with it: {wrong:?}")));
            }
        };
        compared.seen.extend(edges.iter().map(|edge| format!("edge: {edge}")));
        compared.seen.extend(fields);
        let (Line::Request(request) | Line::Event(request)) = &read else { return Err(fail(format!("{read:?}"))) };
        same(schema, &own.request(), request).map_err(fail)?;
        let in_place = match &one_pass {
            Ok(Read::InPlace(asked)) => {
                compared.in_place += 1;
                same(schema, &asked.request(), request).map_err(fail)?;
                Some(asked)
            }
            Ok(Read::Whole(Line::Request(whole) | Line::Event(whole))) => {
                same(schema, whole, request).map_err(fail)?;
                None
            }
            other => return Err(fail(format!("in one pass: {other:?}"))),
        };
        let expected = reference.answer(read.clone(), Options::default());
        let Answer::Decision(_) = &expected else { return Err(fail(format!("the reference says {expected:?}"))) };
        for tried in &mut tried {
            let mut found = vec![("a struct", tried.decide(&own.around(&ready.data), &said.id, said.session))];
            if let Some(asked) = in_place {
                found.push(("in one pass", tried.decide(&asked.around(&ready.data), &said.id, said.session)));
            }
            let reply = tried.engine.answer(read.clone(), &mut tried.work);
            let mut wrong = Pair { checked }.compare(&reply, &expected);
            let Reply::Decided(decided) = &reply else { return Err(fail(format!("{reply:?}"))) };
            for (what, (decision, mut detail)) in found {
                let Some(wanted) = &decided.detail else { return Err(fail("nothing was said of it".to_string())) };
                detail.request.clone_from(&wanted.request);
                if decision != decided.decision || detail != *wanted {
                    wrong
                        .push(format!("{what}: {decision:?}\n{detail:?}\nas JSON: {:?}\n{wanted:?}", decided.decision));
                }
            }
            if !wrong.is_empty() {
                return Err(fail(format!("{}: {}", tried.how, wrong.join("\n"))));
            }
            compared.faults += decided.decision.found.faults.len() as u64;
            *compared.verdicts.entry(format!("{:?}", decided.decision.verdict)).or_default() += 1;
        }
    }
    Ok(())
}

/// What a request says besides its action, which is put into the JSON.
fn said(maker: &mut Maker<'_>, json: &mut Json, at: usize, minutes: i64) -> Said {
    // From the third of March 2026 on, at midnight.
    let time = Instant(1_772_496_000_000_000_000 + minutes * 60_000_000_000);
    let mut said = Said { id: format!("q-{at}"), time, asked: None, session: None, origins: None };
    // What stands last in a request is wrong where nothing before it could be.
    maker.spoiling |= maker.spoil_at.is_some();
    match maker.random.below(2) {
        0 if maker.spoils("E0608 request's id empty") => said.id.clear(),
        _ if maker.spoils("E0608 request asked after its time") => said.asked = Some(Instant(time.0 + 1)),
        _ if maker.random.chance(20) => said.asked = Some(Instant(time.0 - 3_600_000_000_000)),
        _ => {}
    }
    said.session = maker.random.chance(80).then(|| maker.random.word(&["s-1", "s-2", ""]));
    let context = &mut json["context"];
    context["id"] = json!(said.id);
    context["time"] = json!(time.to_string());
    if let Some(asked) = said.asked {
        context["asked"] = json!(asked.to_string());
    }
    if let Some(session) = said.session {
        context["session"] = json!(session);
    }
    if json.get("action").is_some() && maker.random.chance(50) {
        let mut origins = std::mem::take(&mut maker.origins);
        // The target's id has two names where an argument is it.
        let look = json["action"]["name"] == "look";
        for (path, named) in [("resource.id", look || json.get("resource").is_some()), ("subject_id", look)] {
            if named && maker.random.chance(60) {
                let seen = vec![maker.random.word(&["the user", "fetch"])];
                origins.push(Seen { of_struct: path.to_string(), path: path.to_string(), seen });
            }
        }
        let of_host =
            |seen: &Seen| (seen.of_struct.as_str().into(), seen.seen.iter().map(|place| origin(place)).collect());
        said.origins = Some(origins.iter().map(of_host).collect());
        for Seen { path, seen, .. } in origins {
            json["context"]["origins"][path] = json!(seen);
        }
    }
    said
}

/// A place, as a host names it: actions by their places.
fn origin(place: &str) -> Origin {
    let result = |action, field: Option<&str>| Origin::Result { action, field: field.map(Arc::from) };
    match place {
        "the user" => Origin::User,
        "the operator" => Origin::Operator,
        "look.x" => result(1, Some("x")),
        "pay.id" => result(0, Some("id")),
        "fetch" => result(3, None),
        other => Origin::Other(other.into()),
    }
}

/// What is told of a struct is what is told of JSON, and what was planted.
fn refusals(
    own: &[InputError],
    read: &Malformed,
    one_pass: &Option<Malformed>,
    wrong: &[&'static str],
) -> Result<(), String> {
    // A field that is a thing may be given as its id, or as an object that has it.
    let path = |error: &InputError| match error.path.split_once(".properties.") {
        Some((head, field)) => format!("{head} {}", field.trim_end_matches(".id").trim_end_matches(".type")),
        None => error.path.clone(),
    };
    let told = |errors: &[InputError]| -> BTreeSet<String> {
        errors.iter().map(|error| format!("{} {}", error.code, path(error))).collect()
    };
    let codes = |errors: &[InputError]| -> Vec<&str> { errors.iter().map(|error| error.code).collect() };
    let wanted: Vec<&str> = wrong.iter().map(|wrong| &wrong[..5]).collect();
    if told(own) != told(&read.errors) || codes(own) != wanted || one_pass.as_ref() != Some(read) {
        return Err(format!("a struct: {own:?}\nread: {read:?}\nin one pass: {one_pass:?}\nwanted {wrong:?}"));
    }
    Ok(())
}

fn same(schema: &Schema, found: &Request, wanted: &Request) -> Result<(), String> {
    fn told<T: PartialEq + Debug>(what: &str, found: T, wanted: T) -> Result<(), String> {
        if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?}\nwanted: {wanted:?}")) }
    }
    let (own, read) = (&found.context, &wanted.context);
    // A host gives places in whichever order.
    let in_order = |origins: &Origins| {
        let mut origins = origins.clone();
        origins.values_mut().for_each(|places| places.sort_unstable());
        origins
    };
    told("action", found.action, wanted.action)?;
    told("actor", &found.actor, &wanted.actor)?;
    told("target", &found.target, &wanted.target)?;
    told("arguments", &found.args, &wanted.args)?;
    told("known", &found.world.own, &wanted.world.own)?;
    told("times", (own.time, own.asked), (read.time, read.asked))?;
    told("ids", (&own.id, &own.session), (&read.id, &read.session))?;
    told("members", &own.members, &read.members)?;
    told("origins", in_order(&own.origins), in_order(&read.origins))?;
    told("digest", found.canonical(schema, "r"), wanted.canonical(schema, "r"))
}

/// Packages of all parts, which run side by side, and requests of a package.
const PARTS: u64 = 2;
const PACKAGES: u64 = 60;
const REQUESTS: usize = 60;

/// One package; what went wrong is told with how to run it again.
fn one(seed: u64, compared: &mut Compared) {
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let ready = Ready::new(seed)?;
        compared.read.insert(seed, read_by(&ready.checked));
        run(&ready, REQUESTS, true, compared, None).map_err(|wrong| format!("{}\n{wrong}", policies(&ready.package)))
    }));
    let again =
        format!("run again: ORDAIN_SEED={seed} cargo nextest run -p ordain-tests --test structs structs_agree_0");
    match tried {
        Ok(Ok(())) => {}
        Ok(Err(wrong)) => panic!("{wrong}\n{again}"),
        Err(panic) => {
            eprintln!("{again}");
            std::panic::resume_unwind(panic);
        }
    }
}

fn policies(package: &Package) -> String {
    package.files.iter().map(|file| file.text()).collect()
}

/// The fields of requests that rules read.
fn read_by(checked: &Checked) -> BTreeSet<String> {
    let package = &checked.package;
    let read = package.exprs.iter().filter_map(|node| match &node.expr {
        Expr::Arg(name) => Some(name.text.to_string()),
        _ => None,
    });
    read.collect()
}

/// One of the parts. Where a seed is given, the first runs it alone.
fn part(number: u64) {
    let given = setting("ORDAIN_CASES");
    let seeds: Vec<u64> = match setting("ORDAIN_SEED") {
        Some(seed) if number == 0 => (seed..seed + given.unwrap_or(1)).collect(),
        Some(_) => return,
        None => (0..given.unwrap_or(PACKAGES)).filter(|seed| seed % PARTS == number).collect(),
    };
    let mut compared = Compared::default();
    seeds.iter().for_each(|seed| one(*seed, &mut compared));
    println!("{compared:?}");
    if given.is_none() && setting("ORDAIN_SEED").is_none() {
        everything_came_about(&compared);
    }
}

/// Each type, each presence, each edge and each refusal, and rules that read what was drawn.
fn everything_came_about(compared: &Compared) {
    let rows = rows();
    let fields = rows.iter().flat_map(|row| {
        let missing = row.optional.then(|| format!("{} missing", row.name));
        std::iter::once(format!("{} present", row.name)).chain(missing)
    });
    let edges = EDGES.iter().map(|edge| format!("edge: {edge}"));
    let refusals = REFUSALS.iter().map(|refusal| format!("refused: {refusal}"));
    let paths = ["subject", "resource", "action", "event", "context"].map(|path| format!("refused at {path}"));
    let all = fields.chain(edges).chain(refusals).chain(paths);
    let never: Vec<String> = all.filter(|what| !compared.seen.contains(what)).collect();
    assert!(never.is_empty(), "never came about: {}", never.join(", "));
    let unbound = bindable::without_a_field(&rows);
    assert!(unbound.is_empty(), "no struct has a field of these types: {unbound:?}");
    for verdict in [Verdict::Permit, Verdict::Escalate, Verdict::Deny, Verdict::Recorded] {
        let count = compared.verdicts.get(&format!("{verdict:?}")).copied().unwrap_or(0);
        assert!(count > 50, "{count} are {verdict:?}");
    }
    assert!(compared.faults > 100 && compared.refused * 10 > compared.asked && compared.in_place * 4 > compared.asked);
    let many = compared.read.values().filter(|fields| fields.len() >= 5).count();
    assert!(many * 4 > compared.read.len() * 3, "rules of {many} packages read fields");
}

#[test]
fn structs_agree_0() {
    part(0);
}

#[test]
fn structs_agree_1() {
    part(1);
}

/// Each field that is declared, rules of one of the packages read.
#[test]
fn every_field_is_read() {
    let (world, mut read) = (world(), BTreeSet::new());
    (0..PACKAGES).for_each(|seed| read.extend(read_by(&checked(&of_world(seed, &world)))));
    let declared = world.actions.iter().flat_map(|action| &action.fields).map(|field| field.name.trim_matches('`'));
    let unread: BTreeSet<&str> = declared.filter(|name| !read.contains(*name)).collect();
    assert!(unread.is_empty(), "no rule reads {unread:?}");
}

/// A binding with a fault is told from JSON by one of the first packages, and one without is not.
#[test]
fn planted_faults_are_caught() {
    let mut ready: Vec<Ready> = vec![];
    for (what, plant) in PLANTS {
        let caught = (0..30).find(|seed| {
            let seed = *seed;
            if ready.len() == seed {
                let made = Ready::new(seed as u64).unwrap_or_else(|wrong| panic!("{wrong}"));
                run(&made, 40, false, &mut Compared::default(), Some(NONE)).unwrap_or_else(|wrong| panic!("{wrong}"));
                ready.push(made);
            }
            run(&ready[seed], 40, false, &mut Compared::default(), Some(plant)).is_err()
        });
        println!("{what}: {caught:?}");
        assert!(caught.is_some(), "{what} was not noticed");
    }
}

#[test]
fn things_are_refused_alike() {
    let ready = Ready::new(0).unwrap_or_else(|wrong| panic!("{wrong}"));
    things::refusals(&ready.schema);
}
