//! What fuzz targets run, one function each: whatever bytes come in, it ends soon, and says what is wrong with them. A
//! panic is a finding. `fuzz/` calls them with what libFuzzer finds, `tests/fuzz.rs` with the seeds of `fuzz/seeds` and
//! changes of them.

use crate::generate::random::Random;
use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::diagnostic::render;
use ordain_compiler::emit::partial;
use ordain_compiler::format::{Operators, format};
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_vm::decide::decide;
use ordain_vm::encode::{HEADER, decode, encode, sealed};
use ordain_vm::engine::{Engine, Options, Reply, Work};
use ordain_vm::explain::detail;
use ordain_vm::history::MemoryHistory;
use ordain_vm::interp::Around;
use ordain_vm::json::parse;
use ordain_vm::request::{Line, OnePass, Read, Reader, Room, Snapshot, read_entities};
use ordain_vm::value::{Instant, Value};
use ordain_vm::verify::{Verified, verify};
use std::sync::{Arc, LazyLock};

/// So much of an input is looked at: what is longer is told at once, and finds nothing new.
const MOST: usize = 60_000;

/// A policy of every form of value, for bytecode and lines.
pub const POLICY: &str = r#"
entity Agent in Team { tier: int, tags: set<text>, boss: Agent? }
entity Team
enum Color { red, green "grass" }
record Line { label: text<max 20>, price: money<USD> }
role officer by Agent
duty tell(note: text)
event tick by Agent { level: int }
action pay by Agent on Team { amount: money, color: Color, lines: list<Line, max 9>, rates: map<text, decimal>, due: date, wait: duration?, memo: text? } returns { total: int }
policy desk {
  governs pay, tick
  otherwise permit with approval of officer where (approver.tier > 2)
  rule walks on pay { deny when any(l in lines where l.price > 5 USD) and (rates["a"] or else 0.5) > 0.7 }
  rule texts on pay { deny when memo is present and (memo matches '[a-z]+x' or "z" in actor.tags) because "{memo} of {due}" }
  rule often on pay { deny when count(p in past pay by actor within 1 hour where p.color is color) > 2 }
  rule late on pay { permit when due < 2026-03-04 must tell("{amount}") within 2 hours }
  limit spent on pay { count per actor this session at most 3 at 50% must tell("half") }
}
"#;

/// Lines to that policy.
pub const LINES: [&str; 3] = [
    r#"{"subject":{"type":"Agent","id":"a","properties":{"tier":3,"tags":["z"],"parents":[{"type":"Team","id":"t"}]}},"action":{"name":"pay","properties":{"amount":"5 USD","color":"grass","lines":[{"label":"l","price":"7"}],"rates":{"a":"0.9"},"due":"2026-03-03","wait":"PT1H","memo":"abx"}},"resource":{"type":"Team","id":"t"},"context":{"id":"1","time":"2026-03-03T12:00:00Z","session":"s"}}"#,
    r#"{"event":{"name":"tick","properties":{"level":3}},"subject":{"type":"Agent","id":"a","properties":{"tier":1,"tags":[],"boss":{"type":"Agent","id":"b","properties":{"tier":1,"tags":[]}}}},"context":{"time":"2026-03-03T12:00:00Z"}}"#,
    r#"{"result":"1","returns":{"total":7}}"#,
];

/// An entity store of that policy.
pub const STORE: &str = r#"[{"type":"Agent","id":"a","properties":{"tier":3,"tags":["z"],"boss":{"type":"Agent","id":"b"},"parents":[{"type":"Team","id":"t"}]}},{"type":"Agent","id":"b","properties":{"tier":1,"tags":[]}},{"type":"Team","id":"t"}]"#;

fn checked() -> Checked {
    let sources = vec![Source::new("fuzz.ord", POLICY)];
    analyse(&Input { sources, ..Input::default() }).checked().expect("the policy has no errors")
}

/// The body of the compiled policy: what stands behind the header of its file.
pub fn body() -> Vec<u8> {
    let mut program = partial(&checked()).0;
    // Texts are most of a file, and no change of them is refused.
    program.files.iter_mut().for_each(|file| file.text = "".into());
    encode(&program).expect("the program has bytes").bytes.split_off(HEADER)
}

/// Bytes as a policy.
pub fn source(bytes: &[u8]) {
    survive(&[String::from_utf8_lossy(&bytes[..bytes.len().min(MOST)]).into_owned()]);
}

/// Reads, checks, renders and formats; where nothing is wrong, compiles and verifies.
pub fn survive(files: &[String]) {
    let name = |at: usize| format!("f{at}.ord");
    let sources: Vec<Source> =
        files.iter().enumerate().map(|(at, text)| Source::new(name(at), text.as_str())).collect();
    let analysis = analyse(&Input { sources, now: Some(Instant(1_767_268_800_000_000_000)), ..Input::default() });
    let said = render::human(&analysis.diagnostics, &analysis.sources, false);
    assert!(!said.contains(['\u{202e}', '\u{1b}', '\u{0}']), "a character that turns a terminal about is written out");
    for diagnostic in &analysis.diagnostics {
        let source = &analysis.sources[diagnostic.at.file.0 as usize];
        assert!(diagnostic.at.end as usize <= source.text.len(), "a place lies in its text");
    }
    for text in files {
        for operators in [Operators::Words, Operators::Symbols] {
            if let Some(once) = format(&Source::new("a.ord", text.as_str()), operators) {
                let twice = format(&Source::new("a.ord", once.as_str()), operators);
                assert!(twice.is_some(), "what was formatted can be read\n{text}\n---\n{once}");
            }
        }
    }
    if let Ok(checked) = analysis.checked() {
        let (program, left_out) = partial(&checked);
        let verified = verify(program, &Standard);
        assert!(!left_out.is_empty() || verified.is_ok(), "what is compiled verifies: {verified:?}");
    }
}

/// Bytes as the body of a compiled policy, with a header that is true: refused, or it runs to its end. How many lines it
/// decided.
pub fn bytecode(bytes: &[u8]) -> usize {
    let Ok(sealed) = sealed(&bytes[..bytes.len().min(MOST)]) else { return 0 };
    let Ok((program, digest)) = decode(&sealed.bytes) else { return 0 };
    let again = encode(&program).expect("what was read has bytes");
    assert_eq!(again.digest, digest, "one program has one encoding");
    let Ok(verified) = verify(program, &Standard) else { return 0 };
    let program = verified.program();
    let mut decided = 0;
    let data = vec![Value::Missing; program.schema.data.len()];
    let reader = Reader { schema: &program.schema, store: None, from_request: true, now: None };
    for line in LINES {
        let Ok(Line::Request(request) | Line::Event(request)) = reader.line(line.as_bytes()) else { continue };
        let around = Around {
            verified: &verified,
            data: &data,
            request: &request,
            id: "r",
            asked: request.context.time,
            given: &request.context.approvals,
            approver: None,
            past: None,
        };
        let decision = decide(&around);
        decided += 1;
        assert!(decision.rules.len() <= program.rules.len());
        assert_eq!(detail(&around, &decision, &"".into()).verdict, decision.verdict);
    }
    decided
}

static VERIFIED: LazyLock<Arc<Verified>> =
    LazyLock::new(|| Arc::new(verify(partial(&checked()).0, &Standard).expect("what is compiled verifies")));

/// Bytes as a line of a stream, and as an entity store. How many decisions the line came to.
pub fn json(bytes: &[u8]) -> usize {
    let bytes = &bytes[..bytes.len().min(MOST)];
    let schema = &VERIFIED.program().schema;
    let engine = Engine::new(VERIFIED.clone(), vec![], MemoryHistory::default(), Options::default());
    let reader = Reader { schema, store: None, from_request: true, now: Instant::parse("2026-03-03T12:00:00Z") };
    let read = reader.line(bytes);
    let pass = OnePass::new(VERIFIED.clone(), None, true, reader.now).expect("without a store");
    let mut room = Room::default();
    match (pass.read(bytes, &mut room), &read) {
        (Ok(Read::InPlace(found)), Ok(Line::Request(read))) => {
            assert_eq!(format!("{:?}", found.request()), format!("{read:?}"), "read in place, it is the same");
        }
        (Ok(Read::Whole(found)), Ok(read)) => assert_eq!(format!("{found:?}"), format!("{read:?}")),
        (Err(found), Err(read)) => assert_eq!(&found, read),
        (found, read) => panic!("{found:?}, and by the reader {read:?}"),
    }
    let mut decided = 0;
    match read {
        Ok(line) => {
            // Asked again it is the same, or refused.
            for line in [line.clone(), line] {
                if let Reply::Decided(reply) = engine.answer(line, &mut Work::default()) {
                    assert!(reply.detail.is_some_and(|detail| detail.verdict == reply.decision.verdict));
                    decided += 1;
                }
            }
        }
        Err(line) => {
            assert!(!line.errors.is_empty() && line.errors.len() <= 100, "a line is refused with a reason");
            assert!(line.errors.iter().all(|error| error.code.starts_with("E06")), "{:?}", line.errors);
        }
    }
    if let Ok(json) = parse(bytes)
        && let Ok(entities) = read_entities(schema, &json)
    {
        // Each that is named is looked up; those above it end.
        if let Ok(store) = Snapshot::new(schema, entities) {
            for of in store.entities().keys() {
                assert!(store.ancestors(of).is_none_or(|above| !above.contains(of)), "nothing is above itself");
            }
        }
    }
    decided
}

/// The same bytes with a few of them changed, cut or doubled, or with a stretch of others.
pub fn changed(bytes: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let end = (at + random.below(20)).min(bytes.len());
        match random.below(8) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.insert(at, random.draw() as u8),
            2 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            3 => {
                let from = random.below(other.len() + 1);
                let piece = &other[from..(from + random.below(30)).min(other.len())];
                bytes.splice(at..end, piece.iter().copied());
            }
            _ if bytes.is_empty() => {}
            way => {
                let at = at.min(bytes.len() - 1);
                bytes[at] = match way {
                    4 => bytes[at].wrapping_add(1),
                    5 => bytes[at].wrapping_sub(1),
                    6 => [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                    _ => random.draw() as u8,
                };
            }
        }
    }
    bytes
}
