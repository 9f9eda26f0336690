//! A line that is read in one pass is what `Reader` makes of it: the same request, the same decision, the same mistakes.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_jit::{Effort, Native};
use ordain_stdlib::Standard;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, package};
use ordain_vm::frame::Frame;
use ordain_vm::interp::{Around, Interpreter, Run};
use ordain_vm::json::parse;
use ordain_vm::request::{Line, Malformed, OnePass, Read, Reader, Request, Room, Snapshot, read_data, read_entities};
use ordain_vm::value::{Instant, Value};
use ordain_vm::verify::{Verified, verify};
use std::sync::Arc;

mod common;

fn verified(sources: Vec<Source>) -> Arc<Verified> {
    let analysis = analyse(&Input { sources, ..Input::default() });
    let wrong: Vec<&str> =
        analysis.diagnostics.iter().filter(|found| !found.is_warning()).map(|found| found.message.as_str()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let program = emit(&analysis.checked().expect("no errors")).expect("it is compiled");
    Arc::new(verify(program, &Standard).expect("what is emitted verifies"))
}

/// From line to line, and from program to program.
#[derive(Default)]
struct Used {
    room: Room,
    frame: Frame,
}

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    lines: usize,
    in_place: usize,
    refused: usize,
}

/// The two ways to read lines of one program.
struct Pair<'p> {
    pass: OnePass,
    reader: Reader<'p>,
    verified: &'p Verified,
    data: Vec<Value>,
    native: Native,
}

impl<'p> Pair<'p> {
    fn new(
        verified: &'p Arc<Verified>,
        store: Option<&Arc<Snapshot>>,
        from_request: bool,
        data: Vec<Value>,
    ) -> Pair<'p> {
        let now = Some(Instant(1_700_000_000_000_000_000));
        let entities = store.map(|store| store.entities().clone());
        let reader = Reader { schema: &verified.program().schema, store: entities, from_request, now };
        let pass =
            OnePass::new(verified.clone(), store.cloned(), from_request, now).expect("the store is of the schema");
        let native = Native::with(verified, Effort::Little).expect("there is machine code for this processor");
        Pair { pass, reader, verified, data, native }
    }

    fn compare(&self, line: &[u8], used: &mut Used, compared: &mut Compared) {
        let shown = || String::from_utf8_lossy(line).into_owned();
        let wanted: Result<Line, Malformed> = self.reader.line(line);
        compared.lines += 1;
        match (self.pass.read(line, &mut used.room), wanted) {
            (Ok(Read::InPlace(asked)), Ok(Line::Request(wanted))) => {
                compared.in_place += 1;
                assert_eq!(format!("{:?}", asked.request()), format!("{wanted:?}"), "{}", shown());
                let engines: [&dyn Run; 2] = [&Interpreter, &self.native];
                for run in engines {
                    // Nothing of the request before stays in what is used again.
                    let found = used.frame.decide(run, &asked.around(&self.data));
                    assert_eq!(found, Frame::new().decide(run, &self.around(&wanted)), "{}", shown());
                }
            }
            (Ok(Read::Whole(line)), Ok(wanted)) => {
                assert_eq!(format!("{line:?}"), format!("{wanted:?}"), "{}", shown())
            }
            (Err(found), Err(wanted)) => {
                compared.refused += 1;
                assert_eq!(found, wanted, "{}", shown());
            }
            (found, wanted) => panic!("{}\n{found:?}\nwanted {wanted:?}", shown()),
        }
    }

    fn around<'a>(&'a self, request: &'a Request) -> Around<'a> {
        let context = &request.context;
        let (id, asked) = (context.id.as_deref().unwrap_or_default(), context.asked.unwrap_or(context.time));
        let (verified, data) = (self.verified, self.data.as_slice());
        Around { verified, data, request, id, asked, given: &[], approver: None, past: None }
    }
}

/// Something in the line is otherwise.
fn changed(line: &str, random: &mut Random) -> Vec<u8> {
    let mut bytes = line.as_bytes().to_vec();
    let at = random.below(bytes.len());
    let piece: &[u8] = match random.below(14) {
        0 => b"\"",
        1 => b"\\",
        2 => b"\\u0041",
        3 => b" ",
        4 => b"{}",
        5 => b",",
        6 => b"null",
        7 => b"1e3",
        8 => b"\xff",
        9 => b"\n",
        10 => b"-0.50",
        11 => b"[]",
        12 => b"\"a\":1,",
        _ => b"true",
    };
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => {
            bytes.remove(at);
        }
        2 => {
            let end = (at + piece.len()).min(bytes.len());
            bytes.splice(at..end, piece.iter().copied());
        }
        _ => {
            bytes.splice(at..at, piece.iter().copied());
        }
    }
    bytes
}

/// A member of the line's objects is given twice, given as `null`, taken out, or exchanged with the one behind it.
fn rearranged(line: &str, random: &mut Random) -> Option<Vec<u8>> {
    use serde_json::Value as Json;
    let mut json: Json = serde_json::from_str(line).ok()?;
    let names = [&["subject"][..], &["action"], &["action", "properties"], &["resource"], &["context"], &[]];
    let path = names[random.below(names.len())];
    let object = path.iter().try_fold(&mut json, |json, name| json.get_mut(name))?.as_object_mut()?;
    if object.is_empty() {
        return None;
    }
    let mut members: Vec<(String, Json)> = object.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let at = random.below(members.len());
    match random.below(6) {
        0 => members[at].1 = Json::Null,
        1 => drop(members.remove(at)),
        2 => {
            let next = (at + 1) % members.len();
            members.swap(at, next);
        }
        3 => members[at].1 = Json::String(members[at].1.to_string()),
        4 => members.push(("parents".into(), Json::Array(vec![]))),
        // Twice, which a map can't hold.
        _ => {
            let (name, value) = &members[at];
            let once = format!("{}:{value}", Json::String(name.clone()));
            return Some(json.to_string().replacen(&once, &format!("{once},{once}"), 1).into_bytes());
        }
    }
    *object = members.into_iter().collect();
    Some(json.to_string().into_bytes())
}

/// Without what is left to the reader.
fn usual(line: &str) -> String {
    let Ok(mut json) = serde_json::from_str::<serde_json::Value>(line) else { return line.to_string() };
    if let Some(context) = json.get_mut("context").and_then(|context| context.as_object_mut()) {
        context.retain(|name, _| !["origins", "approvals"].contains(&name.as_str()));
    }
    json.to_string()
}

fn every_way(pair: &Pair<'_>, line: &str, random: &mut Random, used: &mut Used, compared: &mut Compared) {
    pair.compare(line.as_bytes(), used, compared);
    let line = &usual(line);
    pair.compare(line.as_bytes(), used, compared);
    for _ in 0..6 {
        pair.compare(&changed(line, random), used, compared);
        if let Some(line) = rearranged(line, random) {
            pair.compare(&line, used, compared);
        }
    }
}

#[test]
fn generated_lines_are_read_alike() {
    let (mut compared, mut used) = (Compared::default(), Used::default());
    for seed in 0..60 {
        let package = package(seed, Grants::Any);
        let verified = verified(package.files.iter().map(|file| Source::new(file.name, file.text())).collect());
        let schema = &verified.program().schema;
        let data = schema.data.iter().map(|data| match package.data.get(&*data.name) {
            Some(json) => read_data(schema, &data.ty, &parse(json.as_bytes()).expect("JSON")).expect("of its type"),
            None => Value::Calendar(Arc::default()),
        });
        let pair = Pair::new(&verified, None, true, data.collect());
        let mut random = Random::new(seed);
        for line in package.lines.iter().take(12) {
            every_way(&pair, line, &mut random, &mut used, &mut compared);
        }
    }
    println!("{compared:?}");
    assert!(compared.in_place > 600 && compared.refused > 1_000, "{compared:?}");
}

/// Of an example with an entity store and real lines.
#[test]
fn lines_of_examples_are_read_alike() {
    let (mut compared, mut used) = (Compared::default(), Used::default());
    let folder = common::root().join("examples/payables");
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("the example's file is there");
    let verified =
        verified(["lists.ord", "payables.ord", "tools.ord"].map(|name| Source::new(name, text(name))).into());
    let schema = &verified.program().schema;
    let entities = read_entities(schema, &parse(text("entities.json").as_bytes()).expect("JSON")).expect("of its form");
    let store = Arc::new(Snapshot::new(schema, entities).expect("whole"));
    let data: Vec<Value> = vec![Value::Missing; schema.data.len()];
    let mut random = Random::new(3);
    for (store, from_request) in [(None, true), (Some(&store), false), (Some(&store), true)] {
        let pair = Pair::new(&verified, store, from_request, data.clone());
        for line in text("requests.jsonl").lines() {
            every_way(&pair, line, &mut random, &mut used, &mut compared);
        }
    }
    println!("{compared:?}");
    assert!(compared.in_place > 80 && compared.refused > 500, "{compared:?}");
}

/// What a request may say and seldom does is still read where it lies.
#[test]
fn what_is_seldom_is_read_in_place() {
    const POLICY: &str = r#"module seldom
entity Team
entity Agent in Team { tier: int, note: text? }
entity Account
record Line { n: int, memo: text? }
action pay by Agent on Account as account {
  amount: money<EUR>
  memo: text<max 8>?
  lines: list<Line>
  to: Account?
  due: date?
}
policy desk { version 1.0.0 governs pay otherwise deny
  rule ok on pay {
    permit when actor.tier is at least 2 and actor belongs to Team("t") and amount is at most 10 EUR and length(lines) is 1
  }
}
"#;
    let verified = verified(vec![Source::new("seldom.ord", POLICY)]);
    let pair = Pair::new(&verified, None, true, vec![]);
    let (mut used, mut compared) = (Used::default(), Compared::default());
    let actor = r#"{"type":"Agent","id":"a","properties":{"tier":2,"parents":[{"type":"Team","id":"t"}]}}"#;
    let lines = [
        format!(
            r#"{{"subject":{actor},"action":{{"name":"pay","properties":{{"account":"x","amount":"9.50 EUR","lines":[{{"n":1}}]}}}}}}"#
        ),
        format!(
            r#"{{"subject":{actor},"action":{{"name":"pay","properties":{{"amount":9.5,"memo":"a\u0041\n","lines":[]}}}},"resource":{{"type":"Account","id":"x"}},"context":{{"id":"r","session":""}}}}"#
        ),
        format!(
            r#" {{ "subject" : {actor} , "action" : {{ "name" : "pay" , "properties" : {{ "amount":{{"amount":1,"currency":"EUR"}} , "account":"x","lines":[{{"n":1}}],"to":"y","due":"2026-02-28" }} }} }} "#
        ),
    ];
    for line in &lines {
        pair.compare(line.as_bytes(), &mut used, &mut compared);
    }
    assert_eq!(compared.in_place, lines.len(), "{compared:?}");
    // And what says two things of one thing, or of none, is left to the reader.
    let twice = lines[2].replace(r#""to":"y""#, r#""to":{"type":"Account","id":"y","properties":{"z":1}}"#);
    pair.compare(twice.as_bytes(), &mut used, &mut compared);
    assert_eq!((compared.in_place, compared.refused), (lines.len(), 1), "{compared:?}");
}

/// What is said first of a thing holds, and `{}` says that nothing is known.
#[test]
fn nothing_said_is_not_nothing_known() {
    for (level, refused) in [("int", 1), ("int?", 1)] {
        let policy = format!(
            "module help\nentity Person {{ level: {level} }}\naction help by Person on Person {{ who: Person? }}\n\
             policy desk {{ version 1.0.0 governs help otherwise deny\n  rule ok on help {{ permit when target is actor }} }}\n"
        );
        let verified = verified(vec![Source::new("help.ord", policy)]);
        let pair = Pair::new(&verified, None, true, vec![]);
        let (mut used, mut compared) = (Used::default(), Compared::default());
        let line = |first: &str, second: &str, third: &str| {
            format!(
                r#"{{"subject":{{"type":"Person","id":"a"{first}}},"action":{{"name":"help","properties":{{"who":{{"type":"Person","id":"a"{second}}}}}}},"resource":{{"type":"Person","id":"a"{third}}}}}"#
            )
        };
        let (unsaid, nothing, five) = ("", r#","properties":{}"#, r#","properties":{"level":5}"#);
        pair.compare(line(nothing, unsaid, five).as_bytes(), &mut used, &mut compared);
        assert_eq!(compared.refused, refused, "{compared:?}");
        for first in [unsaid, nothing, five] {
            for second in [unsaid, nothing, five] {
                for third in [unsaid, nothing, five] {
                    pair.compare(line(first, second, third).as_bytes(), &mut used, &mut compared);
                }
            }
        }
        assert!(compared.in_place > 3 && compared.refused > 3, "{compared:?}");
    }
}
