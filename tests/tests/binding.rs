//! Structs of Rust as requests: what fits and what doesn't, the same values and the same decisions as through JSON.

#[path = "binding/things.rs"]
mod things;

use ordain_benches::bound::Bound;
use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_jit::Native;
use ordain_stdlib::Standard;
use ordain_vm::answer::Verdict;
use ordain_vm::bind::{Action, Binding, Entity, Enum, Id, Nanos, NotAsked, Record, Scaled, When};
use ordain_vm::frame::Frame;
use ordain_vm::interp::{Around, Interpreter, Run};
use ordain_vm::json::Json;
use ordain_vm::request::{InputError, Line, Reader, Request, RequestBuilder};
use ordain_vm::value::{
    Country, Currency, Date, Decimal, EntityId, EntityRef, Instant, IpRange, Money, Period, RoleId, Time,
};
use ordain_vm::verify::{Verified, verify};
use ordain_workloads::boundary::Boundary;
use ordain_workloads::credit::Credit;
use ordain_workloads::promotion::PromotionGate;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

fn verified(policy: &str) -> Verified {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", policy)], ..Input::default() });
    let wrong: Vec<String> = analysis.diagnostics.iter().map(|said| said.message.clone()).collect();
    let checked = analysis.checked().unwrap_or_else(|_| panic!("{wrong:?}"));
    verify(emit(&checked).expect("it compiles"), &Standard).expect("it verifies")
}

fn read(verified: &Verified, line: &str) -> Request {
    let reader = Reader { schema: &verified.program().schema, store: None, from_request: true, now: None };
    match reader.line(line.as_bytes()) {
        Ok(Line::Request(request) | Line::Event(request)) => request,
        other => panic!("{other:?}\nin {line}"),
    }
}

fn around<'a>(verified: &'a Verified, request: &'a Request) -> Around<'a> {
    let id = request.context.id.as_deref().unwrap_or("");
    let asked = request.context.asked.unwrap_or(request.context.time);
    Around { verified, data: &[], request, id, asked, given: &[], approver: None, past: None }
}

fn engines(verified: &Verified) -> [Box<dyn Run>; 2] {
    let native = Native::new(verified).expect("there is machine code for this processor");
    [Box::new(Interpreter), Box::new(native)]
}

fn told(errors: &[InputError]) -> String {
    let lines: Vec<String> =
        errors.iter().map(|error| format!("{} {}: {}", error.code, error.path, error.message)).collect();
    lines.join("\n")
}

const NOON: Instant = Instant(1_772_539_200_000_000_000);

// Every type

const EVERY: &str = r#"module every

ordered enum Color { red, dark_green, blue "sky" }
record Point { x: int, y: decimal, note: text<max 5>?, color: Color }
entity Team
entity Person in Team { tier: int? }
entity Robot
entity Vendor

context { channel: text<max 5>?, risk: int? }

duty alert(n: int)

action all by Person or Robot on Vendor {
  flag: bool
  n: int
  small: int?
  rate: decimal
  part: decimal?
  amount: money<USD>
  fee: money<USD>?
  cents: money<EUR>
  cash: money
  word: text<max 5>
  memo: text?
  day: date
  due: date?
  clock: time
  moment: instant
  span: duration
  wait: duration?
  spell: period
  color: Color
  shade: Color?
  country: Country
  currency: Currency?
  address: ip
  network: ip_range?
  friend: Person?
  who: role?
  words: list<text<max 5>, max 2>
  tags: set<text>
  prices: map<text, money<USD>>
  point: Point
  points: list<Point, max 2>
  team: Team?
  `first-name`: text?
}

event tick by Robot { n: int }

role officer by Person

policy every {
  version 1.0.0
  governs all, tick
  otherwise permit

  rule flagged on all { deny when flag }
  rule many on all { deny when n is more than 3 }
  rule is_small on all { deny when small is present and small is less than 2 }
  rule rated on all { deny when rate is more than 1.5 }
  rule parted on all { deny when part is present and part is at most 0.25 }
  rule dear on all { deny when amount is more than 10.50 USD }
  rule fees on all { deny when fee is present and fee is more than 1 USD }
  rule euros on all { deny when cents is at least 5 EUR }
  rule cashed on all { deny when cash is 5 EUR }
  rule said on all { deny when word is "yes" }
  rule noted on all { deny when memo is present and memo starts with "m" }
  rule coloured on all { deny when color is at least dark_green }
  rule shaded on all { deny when shade is present and shade is blue }
  rule abroad on all { deny when country is not US }
  rule listed on all { deny when "a" in words }
  rule tagged on all { deny when "a" in tags }
  rule far on all { deny when point.x is more than 3 }
  rule known on all { deny when friend is present and friend is actor }
  rule channelled on all { deny when context.channel is present and context.channel is "web" }
  rule risky on all { deny when context.risk is present and context.risk is more than 5 }
  rule first on all { deny when `first-name` is present and `first-name` is "Ada" }
  rule ticking on tick { when n is more than 3 must alert(n) }
}
"#;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enum)]
enum Color {
    #[ordain(rename = "sky")]
    Blue,
    Red,
    DarkGreen,
}

#[derive(Clone, Debug, Record)]
struct Point<'a> {
    x: i32,
    #[ordain(digits = 1)]
    y: u16,
    note: Option<&'a str>,
    #[ordain(rename = "color")]
    shade: Color,
}

#[derive(Entity)]
#[allow(dead_code, reason = "only its name is needed")]
struct Vendor {
    #[ordain(id)]
    id: String,
}

#[derive(Clone, Debug, Action)]
struct All<'a> {
    #[ordain(actor)]
    who_asks: EntityRef,
    #[ordain(target)]
    vendor: Id<Vendor>,
    flag: bool,
    n: i64,
    small: Option<u8>,
    rate: Decimal,
    #[ordain(digits = 2)]
    part: Option<i64>,
    amount: Money,
    fee: Option<Decimal>,
    cents: Scaled<2>,
    cash: Money,
    word: &'a str,
    memo: Option<String>,
    day: Date,
    due: Option<Date>,
    clock: Time,
    moment: Instant,
    span: Nanos,
    wait: Option<Duration>,
    spell: Period,
    color: Color,
    shade: Option<Color>,
    country: Country,
    currency: Option<Currency>,
    address: IpAddr,
    network: Option<IpRange>,
    friend: Option<Arc<str>>,
    who: Option<RoleId>,
    words: &'a [&'a str],
    tags: HashSet<String>,
    prices: BTreeMap<String, Decimal>,
    point: Point<'a>,
    points: Vec<Point<'a>>,
    team: Option<EntityRef>,
    #[ordain(rename = "first-name")]
    first_name: Option<Box<str>>,
    #[ordain(context)]
    channel: Option<&'a str>,
    #[ordain(context)]
    risk: u64,
    #[ordain(skip)]
    #[allow(dead_code, reason = "the host's own")]
    note_to_self: f64,
}

fn usd(amount: &str) -> Money {
    Money { currency: Currency::parse("USD").expect("there is one"), amount: decimal(amount) }
}

fn eur(amount: &str) -> Money {
    Money { currency: Currency::parse("EUR").expect("there is one"), amount: decimal(amount) }
}

fn decimal(text: &str) -> Decimal {
    Decimal::parse(text).expect("a number")
}

fn all<'a>(verified: &Verified) -> All<'a> {
    let kind = |name| verified.program().schema.entity(name).expect("declared");
    All {
        who_asks: EntityRef::new(kind("Person"), "ann"),
        vendor: Id::new("acme"),
        flag: false,
        n: 3,
        small: Some(7),
        rate: decimal("1.5"),
        part: None,
        amount: usd("10.50"),
        fee: Some(decimal("0.5")),
        cents: Scaled(499),
        cash: eur("4"),
        word: "words",
        memo: None,
        day: Date::from_ymd(2026, 3, 3).expect("a date"),
        due: None,
        clock: Time::from_hms(15, 0, 0),
        moment: NOON,
        span: Nanos(-1_500_000_000),
        wait: Some(Duration::from_secs(90)),
        spell: Period { months: 3, days: 1, business_days: 0 },
        color: Color::Red,
        shade: Some(Color::DarkGreen),
        country: Country::parse("US").expect("a country"),
        currency: Currency::parse("CHF"),
        address: "10.1.2.3".parse().expect("an address"),
        network: IpRange::parse("10.0.0.0/8"),
        friend: Some("bob".into()),
        who: Some(RoleId(0)),
        words: &["b", "c"],
        tags: ["x".to_string(), "y".to_string()].into(),
        prices: [("p".to_string(), decimal("2"))].into(),
        point: Point { x: 1, y: 15, note: Some("hé"), shade: Color::Blue },
        points: vec![Point { x: -1, y: 0, note: None, shade: Color::Red }],
        team: Some(EntityRef::new(kind("Team"), "t-1")),
        first_name: Some("Eve".into()),
        channel: None,
        risk: 5,
        note_to_self: 0.5,
    }
}

const LINE: &str = r#"{"subject":{"type":"Person","id":"ann"},"action":{"name":"all","properties":{"flag":false,"n":3,"small":7,"rate":"1.5","amount":"10.50","fee":"0.5","cents":"4.99","cash":"4 EUR","word":"words","day":"2026-03-03","clock":"15:00","moment":"2026-03-03T12:00:00Z","span":"-PT1.5S","wait":"PT90S","spell":"P3M1D","color":"red","shade":"dark_green","country":"US","currency":"CHF","address":"10.1.2.3","network":"10.0.0.0/8","friend":"bob","who":"officer","words":["b","c"],"tags":["x","y"],"prices":{"p":"2"},"point":{"x":1,"y":1.5,"note":"hé","color":"sky"},"points":[{"x":-1,"y":0,"color":"red"}],"team":"t-1","first-name":"Eve"}},"resource":{"type":"Vendor","id":"acme"},"context":{"id":"r-1","time":"2026-03-03T12:00:00Z","session":"s","risk":5}}"#;

#[test]
fn a_struct_is_the_request_that_json_is() {
    let verified = verified(EVERY);
    let binding = Binding::<All>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let of = all(&verified);
    let when = When { session: Some("s"), ..When::at(NOON, "r-1") };
    let ask = binding.ask(&verified, &of, when).unwrap_or_else(|wrong| panic!("{wrong}"));
    let (own, json) = (ask.request(), read(&verified, LINE));
    let schema = &verified.program().schema;
    assert_eq!(own.canonical(schema, "r-1"), json.canonical(schema, "r-1"));
    assert_eq!((own.args, own.actor, own.target), (json.args.clone(), json.actor.clone(), json.target.clone()));
    assert_eq!(own.context.members, json.context.members);
    assert_eq!((&own.context.session, own.context.time), (&json.context.session, json.context.time));
    assert_eq!(own.world.own, json.world.own);
}

/// One field at a time is changed so that its own rule denies; each decision is the same through the struct's own
/// registers and through the values that it makes, one after the other in one frame.
#[test]
fn each_field_reaches_the_rule_that_reads_it() {
    let verified = verified(EVERY);
    let binding = Binding::<All>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    type Change = fn(&mut All<'_>);
    let changes: Vec<(&str, Change)> = vec![
        ("", |_| {}),
        ("flagged", |of| of.flag = true),
        ("many", |of| of.n = 4),
        ("is_small", |of| of.small = Some(1)),
        ("", |of| of.small = None),
        ("rated", |of| of.rate = Decimal::from_int(2)),
        ("parted", |of| of.part = Some(25)),
        ("", |of| of.part = Some(26)),
        ("", |of| of.part = None),
        ("dear", |of| of.amount = usd("10.51")),
        ("fees", |of| of.fee = Some(Decimal::from_int(2))),
        ("", |of| of.fee = None),
        ("euros", |of| of.cents = Scaled(500)),
        ("cashed", |of| of.cash = eur("5")),
        ("said", |of| of.word = "yes"),
        ("noted", |of| of.memo = Some("m".into())),
        ("", |of| of.memo = Some("n".into())),
        ("coloured", |of| of.color = Color::DarkGreen),
        ("coloured", |of| of.color = Color::Blue),
        ("shaded", |of| of.shade = Some(Color::Blue)),
        ("", |of| of.shade = None),
        ("abroad", |of| of.country = Country::parse("DE").expect("one")),
        ("listed", |of| of.words = &["a"]),
        ("tagged", |of| of.tags.extend(["a".to_string()])),
        ("far", |of| of.point.x = 4),
        ("known", |of| of.friend = Some("ann".into())),
        ("", |of| of.friend = None),
        ("channelled", |of| of.channel = Some("web")),
        ("risky", |of| of.risk = 6),
        ("first", |of| of.first_name = Some("Ada".into())),
        ("", |of| of.first_name = None),
    ];
    for engine in engines(&verified) {
        let mut frame = Frame::new();
        for (rule, change) in &changes {
            let mut of = all(&verified);
            change(&mut of);
            let ask = binding.ask(&verified, &of, When::at(NOON, "r-1")).unwrap_or_else(|wrong| panic!("{wrong}"));
            let decision = frame.decide(&*engine, &ask.around(&[])).clone();
            let names: Vec<&str> =
                decision.rules.iter().map(|rule| &*verified.program().rules[*rule as usize].name).collect();
            assert_eq!(names.join(" "), *rule);
            assert_eq!(decision.verdict, if rule.is_empty() { Verdict::Permit } else { Verdict::Deny });
            assert_eq!(decision.found.faults, []);
            let request = ask.request();
            assert_eq!(*frame.decide(&*engine, &around(&verified, &request)), decision, "{rule}");
        }
    }
}

#[test]
fn events_are_bound_as_actions_are() {
    #[derive(Action)]
    #[ordain(without("channel", "risk"))]
    struct Tick<'a> {
        #[ordain(actor)]
        robot: &'a str,
        n: i64,
    }
    let verified = verified(EVERY);
    let binding = Binding::<Tick>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    for (n, rules) in [(4, 1), (3, 0)] {
        let name = format!("r-{n}");
        let tick = Tick { robot: &name, n };
        let ask = binding.ask(&verified, &tick, When::at(NOON, "e-1")).unwrap_or_else(|wrong| panic!("{wrong}"));
        let mut frame = Frame::new();
        let decision = frame.decide(&Interpreter, &ask.around(&[]));
        assert_eq!((decision.verdict, decision.standing().count()), (Verdict::Recorded, rules));
    }
    // What is wrong has the path that it has in JSON.
    #[derive(Action)]
    #[ordain(name = "tick", without("channel", "risk"))]
    struct Large {
        #[ordain(actor)]
        robot: &'static str,
        n: u64,
    }
    let binding = Binding::<Large>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let large = Large { robot: "r", n: u64::MAX };
    let Err(NotAsked::Malformed(errors)) = binding.ask(&verified, &large, When::at(NOON, "e-1")) else {
        panic!("it is malformed")
    };
    let wanted = "E0609 event.properties.n: `18446744073709551615` is out of range. Wanted: a whole number up to 9223372036854775807.";
    assert_eq!(told(&errors), wanted);
}

// What does not fit

#[test]
fn every_misfit_is_told() {
    #[derive(Enum)]
    #[allow(dead_code, reason = "none is made")]
    enum Paint {
        Red,
        Green,
    }
    #[derive(Record)]
    struct Spot {
        x: bool,
        z: i64,
    }
    #[derive(Entity)]
    #[allow(dead_code, reason = "only its name is needed")]
    struct Team {
        #[ordain(id)]
        id: String,
    }
    #[derive(Action)]
    #[ordain(name = "all", without("memo", "n", "due", "nothing", "channel"))]
    struct Wrong<'a> {
        #[ordain(target)]
        vendor: Id<Team>,
        flag: i64,
        small: Option<bool>,
        rate: Money,
        part: &'a str,
        amount: i64,
        #[ordain(digits = 2)]
        fee: Option<i64>,
        #[ordain(digits = 2)]
        cents: Option<i64>,
        cash: Decimal,
        word: Option<String>,
        day: Instant,
        clock: Date,
        moment: Time,
        span: Period,
        wait: i64,
        spell: Duration,
        color: Paint,
        shade: &'a str,
        country: Currency,
        currency: Country,
        address: IpRange,
        network: IpAddr,
        friend: Id<Team>,
        who: i64,
        words: BTreeSet<String>,
        tags: Vec<String>,
        prices: BTreeMap<String, i64>,
        point: Spot,
        points: Vec<i64>,
        team: Vec<EntityRef>,
        first_name: Option<String>,
        flg: bool,
        #[ordain(rename = "flag")]
        again: bool,
        memo: Option<String>,
        #[ordain(context)]
        risk: &'a str,
    }
    let unfit = Binding::<Wrong>::new(&verified(EVERY)).err().map(|unfit| unfit.to_string()).unwrap_or_default();
    let wanted = include_str!("binding/misfits.txt");
    if std::env::var_os("UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/binding/misfits.txt");
        std::fs::write(path, format!("{unfit}\n")).expect("the file can be written");
    } else {
        assert_eq!(unfit, wanted.trim_end());
    }
}

#[test]
fn an_action_that_is_not_there_is_told() {
    #[derive(Action)]
    struct Al;
    let unfit = Binding::<Al>::new(&verified(EVERY)).err().map(|unfit| unfit.to_string());
    let wanted = "the struct does not fit `al`:\n  No action and no event is called `al`. There are `all` and `tick`.";
    assert_eq!(unfit.as_deref(), Some(wanted));
    #[derive(Action)]
    #[ordain(name = "tick", without("channel", "risk"))]
    struct Nobody {
        n: i64,
    }
    let unfit = Binding::<Nobody>::new(&verified(EVERY)).err().map(|unfit| unfit.to_string());
    let wanted = "the struct does not fit `tick`:\n  `tick` has an actor, and no field is marked `#[ordain(actor)]`.";
    assert_eq!(unfit.as_deref(), Some(wanted));
}

/// What the types can't promise is told with the codes and paths of JSON.
#[test]
fn values_are_checked_as_those_of_json() {
    let verified = verified(EVERY);
    let binding = Binding::<All>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let mut of = all(&verified);
    of.who_asks.kind = EntityId(0);
    of.vendor = Id::new("");
    of.amount.currency = Currency::parse("EUR").expect("one");
    of.word = "sixsix";
    of.day = Date(i32::MAX);
    of.clock = Time(-1);
    of.wait = Some(Duration::MAX);
    of.network = Some(IpRange { prefix: 99, ..of.network.expect("there") });
    of.friend = Some("".into());
    of.who = Some(RoleId(7));
    of.words = &["ok", "toolong", "a"];
    of.point.note = Some("tööööö");
    of.points[0].note = Some("longer");
    of.risk = u64::MAX;
    of.channel = Some("longer");
    let when = When { asked: Some(Instant(NOON.0 + 1)), ..When::at(NOON, "") };
    let Err(NotAsked::Malformed(errors)) = binding.ask(&verified, &of, when) else { panic!("it is malformed") };
    let wanted = "\
E0614 subject.type: Found `Team`. Wanted: `Person` or `Robot`.
E0608 resource.id: Found an empty text. Wanted: the id of an entity.
E0608 action.properties.amount: Found an amount of EUR. Wanted: an amount of USD.
E0610 action.properties.word: The text has 6 characters, but at most 5 are allowed.
E0608 action.properties.day: The value is out of range. Wanted: a date of the years 1 to 9999.
E0608 action.properties.clock: The value is out of range. Wanted: a time of day.
E0608 action.properties.wait: `18446744073709551615.999999999s` is out of range. Wanted: a duration of at most 292 years.
E0608 action.properties.network: The value is malformed. Wanted: a range with nothing behind its prefix.
E0608 action.properties.friend: Found an empty text. Wanted: the id of an entity.
E0612 action.properties.who: There is no role of the number 7.
E0611 action.properties.words: The list has 3 entries, but at most 2 are allowed.
E0610 action.properties.point.note: The text has 6 characters, but at most 5 are allowed.
E0610 action.properties.points[0].note: The text has 6 characters, but at most 5 are allowed.
E0610 context.channel: The text has 6 characters, but at most 5 are allowed.
E0609 context.risk: `18446744073709551615` is out of range. Wanted: a whole number up to 9223372036854775807.
E0608 context.id: Found an empty text. Wanted: the id of a request.
E0608 context.asked: The request was first asked after its own `time`.";
    assert_eq!(told(&errors), wanted);
}

#[test]
fn a_binding_is_of_one_program() {
    let (one, other) = (verified(EVERY), verified(EVERY));
    let binding = Binding::<All>::new(&one).unwrap_or_else(|unfit| panic!("{unfit}"));
    let of = all(&one);
    assert_eq!(binding.ask(&other, &of, When::at(NOON, "r-1")).err(), Some(NotAsked::OtherProgram));
    let ask = binding.ask(&one, &of, When::at(NOON, "r-1")).unwrap_or_else(|wrong| panic!("{wrong}"));
    let mut frame = Frame::new();
    assert_eq!(frame.decide(&Interpreter, &ask.around(&[])).verdict, Verdict::Permit);
    let mixed = Around { verified: &other, ..ask.around(&[]) };
    let decision = frame.decide(&Interpreter, &mixed);
    assert_eq!((decision.verdict, decision.found.ended.is_some()), (Verdict::Deny, true));
    assert_eq!(frame.decide(&Interpreter, &ask.around(&[])).verdict, Verdict::Permit);
}

// Built at run time

#[test]
fn a_builder_makes_the_request_that_json_is() {
    let verified = verified(EVERY);
    let schema = &verified.program().schema;
    let json = read(&verified, LINE);
    let declared = &schema.actions[json.action].fields;
    let mut builder = RequestBuilder::new(schema, "all")
        .actor("Person", "ann")
        .target("Vendor", "acme")
        .time(NOON)
        .id("r-1")
        .session("s")
        .context("risk", 5_i64)
        .context("channel", None::<&str>);
    for (field, value) in declared.iter().zip(&json.args) {
        builder = builder.value(&field.name, value);
    }
    let built = builder.build().unwrap_or_else(|errors| panic!("{}", told(&errors)));
    assert_eq!((built.args, built.actor, built.target), (json.args, json.actor, json.target));
    assert_eq!((built.context.members, built.context.id), (json.context.members, json.context.id));
    assert_eq!(built.world.own, json.world.own);

    let tick = RequestBuilder::new(schema, "tick").actor("Robot", "r").arg("n", 4_i64).time(NOON).build();
    assert_eq!(tick.map(|tick| tick.action), Ok(1));
}

#[test]
fn a_builder_tells_all_that_is_wrong() {
    let verified = verified(EVERY);
    let deep = (0..70).fold(Json::Null, |inner, _| Json::Array(vec![inner]));
    let schema = &verified.program().schema;
    let build = |builder: RequestBuilder<'_>| builder.build().err().map(|errors| told(&errors)).unwrap_or_default();
    let said = build(RequestBuilder::new(schema, "tick").arg("n", "x").arg("n", 1_i64).arg("m", true));
    let wanted = "\
E0603 event.properties.n: `n` is given twice. Give it once.
E0606 subject: `subject` is missing.
E0608 event.properties.n: Found the text `x`. Wanted: a whole number.
E0607 event.properties.m: `m` is no member of `tick`. It has `n`.
E0618 context.time: The request has no time, and none was given beside it. Say when it is asked, as `\"2026-03-03T15:00:00Z\"`.";
    assert_eq!(said, wanted);
    assert_eq!(
        build(RequestBuilder::new(schema, "tick").arg("n", deep)),
        "E0604 : More than 64 levels stand in one another."
    );
    let foreign = ordain_vm::value::Value::Role(RoleId(9));
    let said = build(RequestBuilder::new(schema, "all").value("who", &foreign));
    assert!(said.starts_with("E0608 action.properties.who: Found a value of another schema."), "{said}");
    let said = build(RequestBuilder::new(schema, "tick").value("n", &foreign));
    assert!(said.starts_with("E0608 event.properties.n: Found a value of another schema."), "{said}");
}

// The workloads

fn workload<W: Bound>(workload: &W) {
    let verified = verified(&workload.policy());
    let own = workload.requests(11, 1_000);
    let binding = Binding::<W::Whole>::new(&verified).unwrap_or_else(|unfit| panic!("{unfit}"));
    let schema = &verified.program().schema;
    let structs = workload.structs(&own, schema);
    let mut seen = BTreeMap::new();
    for engine in engines(&verified) {
        let mut frame = Frame::new();
        for (at, (request, of)) in own.iter().zip(&structs).enumerate() {
            let (id, line) = (format!("r-{at}"), workload.line(request, at));
            let json = read(&verified, &line);
            let ask = binding.ask(&verified, of, When::at(json.context.time, &id)).expect("it is well formed");
            let decision = frame.decide(&*engine, &ask.around(&[])).clone();
            assert_eq!(decision, *frame.decide(&*engine, &around(&verified, &json)), "{line}");
            assert_eq!(ask.request().canonical(schema, &id), json.canonical(schema, &id));
            *seen.entry(format!("{:?}", decision.verdict)).or_insert(0) += 1;
        }
    }
    assert!(seen.len() > 1 && seen.values().all(|count| *count > 20), "{seen:?}");
}

#[test]
fn agent_boundary_is_decided_alike() {
    workload(&Boundary);
}

#[test]
fn promotion_gate_is_decided_alike() {
    workload(&PromotionGate);
}

#[test]
fn credit_decision_is_decided_alike() {
    workload(&Credit);
}
