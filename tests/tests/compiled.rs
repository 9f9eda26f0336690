//! Programs as files: what is written is read again, the same, and bytes that are not so are refused.

mod common;

use common::{file, folder, ordain, root};
use ordain_cli::Exit;
use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::partial;
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, Package, package};
use ordain_tests::prepare;
use ordain_vm::decide::decide;
use ordain_vm::encode::{HEADER, Malformed, decode, encode, opened, sealed};
use ordain_vm::interp::Around;
use ordain_vm::program::Program;
use ordain_vm::request::{Line, Reader, Request};
use ordain_vm::schema::FieldSchema;
use ordain_vm::value::{Type, Value};
use ordain_vm::verify::verify;
use std::path::Path;
use std::sync::Arc;

fn checked(files: Vec<Source>) -> Checked {
    let analysis = analyse(&Input { sources: files, ..Input::default() });
    let wrong: Vec<&String> =
        analysis.diagnostics.iter().filter(|found| !found.is_warning()).map(|found| &found.message).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    analysis.checked().expect("the package has no errors")
}

fn generated(seed: u64) -> Program {
    compiled(&package(seed, Grants::Any))
}

fn compiled(package: &Package) -> Program {
    partial(&prepare::checked(package)).0
}

#[test]
fn what_is_written_is_read_again() {
    for seed in 0..60 {
        let program = generated(seed);
        let encoded = encode(&program).expect("a program has bytes");
        let (read, digest) = decode(&encoded.bytes).expect("they are read");
        assert_eq!(digest, encoded.digest);
        assert_eq!(format!("{read:?}"), format!("{program:?}"), "seed {seed}");
        assert_eq!(encode(&read).expect("a program has bytes"), encoded, "seed {seed}");
        assert_eq!(encode(&generated(seed)).expect("a program has bytes"), encoded, "seed {seed}");
        // The crate that writes the format reads the same.
        let (_, body) = opened(&encoded.bytes).expect("the header is true");
        let other: Program = postcard::from_bytes(body).expect("the format is postcard's");
        assert_eq!(format!("{other:?}"), format!("{program:?}"), "seed {seed}");
    }
}

#[test]
fn a_file_that_is_cut_off_is_refused_at_every_byte() {
    let bytes = encode(&generated(3)).expect("a program has bytes").bytes;
    let body = &bytes[HEADER..];
    for end in 0..bytes.len() {
        assert!(decode(&bytes[..end]).is_err(), "cut off at {end}");
    }
    // And where the header tells of what is left: the program ends in its last field.
    for end in (0..body.len()).step_by(body.len() / 500 + 1).chain(body.len() - 20..body.len()) {
        let cut = sealed(&body[..end]).expect("it is small");
        assert!(matches!(decode(&cut.bytes), Err(Malformed::Body { .. })), "cut off at {end}");
    }
    let longer = sealed(&[body, &[0]].concat()).expect("it is small");
    assert!(matches!(decode(&longer.bytes), Err(Malformed::Body { .. })));
}

#[test]
fn a_header_that_is_not_true_is_refused() {
    let bytes = encode(&generated(1)).expect("a program has bytes").bytes;
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] ^= byte;
        decode(&bytes).map(drop)
    };
    assert_eq!(with(0, 1), Err(Malformed::Magic));
    assert_eq!(with(5, 1), Err(Malformed::Format(257)));
    assert!(matches!(with(12, 1), Err(Malformed::Length { .. })));
    assert_eq!(with(16, 1), Err(Malformed::Digest));
    assert_eq!(with(HEADER + 100, 1), Err(Malformed::Digest));
}

fn with_data(ty: Type) -> Program {
    let mut program = Program::default();
    program.schema.data.push(FieldSchema { name: "d".into(), ty });
    program
}

fn nested(levels: usize) -> Type {
    (0..levels).fold(Type::Int, |ty, _| Type::list(ty))
}

#[test]
fn nesting_is_bounded() {
    assert!(encode(&with_data(nested(64))).is_ok());
    let deep = encode(&with_data(nested(2_000)));
    assert!(matches!(&deep, Err(Malformed::Body { why, .. }) if why.contains("nested")), "{deep:?}");
    let mut program = Program::default();
    let value = (0..64).fold(Value::Int(1), |value, _| Value::list(vec![value]));
    program.functions.push(ordain_vm::program::Function { values: vec![value.clone()], ..Default::default() });
    assert!(encode(&program).is_ok());
    program.functions[0].values[0] = (0..2_000).fold(value, |value, _| Value::list(vec![value]));
    assert!(encode(&program).is_err());
    // Lists in lists for as long as the file goes, which nothing has built before it is read.
    let body = encode(&with_data(Type::Int)).expect("it is small").bytes.split_off(HEADER);
    let at = body.windows(2).position(|two| two == b"\x01d").expect("the name is there") + 2;
    let deep = [&body[..at], &[22; 1_000_000], &body[at..]].concat();
    let deep = decode(&sealed(&deep).expect("it is small").bytes);
    assert!(matches!(&deep, Err(Malformed::Body { why, .. }) if why.contains("nested")), "{deep:?}");
}

#[test]
fn one_program_has_one_encoding() {
    let body = encode(&with_data(Type::Int)).expect("it is small").bytes.split_off(HEADER);
    let at = body.windows(2).position(|two| two == b"\x01d").expect("the name is there");
    // The length of the name in two bytes.
    let longer = [&body[..at], &[0x81, 0x00], &body[at + 1..]].concat();
    let read = decode(&sealed(&longer).expect("it is small").bytes);
    assert!(matches!(&read, Err(Malformed::Body { why, .. }) if why.contains("shortest")), "{read:?}");
    // More than there is, which must not be made room for.
    let more = [&body[..at], &[0xff, 0xff, 0xff, 0xff, 0x0f], &body[at + 1..]].concat();
    let read = decode(&sealed(&more).expect("it is small").bytes);
    assert!(matches!(&read, Err(Malformed::Body { why, .. }) if why.contains("announced")), "{read:?}");
    // A set out of order.
    let mut program = Program::default();
    let set = Value::Set(Arc::new([Value::Int(1), Value::Int(2)].into()));
    program.functions.push(ordain_vm::program::Function { values: vec![set], ..Default::default() });
    let mut body = encode(&program).expect("it is small").bytes.split_off(HEADER);
    let at = body.windows(4).position(|four| four == [2, 2, 2, 4]).expect("the set is there");
    body.swap(at + 1, at + 3);
    assert_eq!(decode(&sealed(&body).expect("it is small").bytes).map(drop), Err(Malformed::Form));
}

fn requests(package: &Package, program: &Program) -> Vec<Request> {
    let reader = Reader { schema: &program.schema, store: None, from_request: true, now: None };
    let read = package.lines.iter().filter_map(|line| match reader.line(line.as_bytes()) {
        Ok(Line::Request(request) | Line::Event(request)) => Some(request),
        Ok(_) | Err(_) => None,
    });
    read.take(3).collect()
}

/// What a file becomes by chance, with a header that is true, is refused or runs to its end.
#[test]
fn changed_files_are_refused_or_end() {
    let (mut unread, mut refused, mut ran) = (0, 0, 0);
    for seed in 0..10 {
        let package = package(seed, Grants::Any);
        let mut program = compiled(&package);
        let (requests, data) = (requests(&package, &program), prepare::data(&package, &program.schema));
        let schema = postcard::to_stdvec(&program.schema).expect("a schema has bytes");
        // Texts are most of a file, and no change of them is refused.
        program.files.iter_mut().for_each(|file| file.text = "".into());
        let body = encode(&program).expect("a program has bytes").bytes.split_off(HEADER);
        let mut random = Random::new(seed);
        for _ in 0..400 {
            let mut body = body.clone();
            for _ in 0..=random.below(3) {
                let at = random.below(body.len());
                match random.below(8) {
                    0 => drop(body.remove(at)),
                    1 => body.insert(at, random.below(256) as u8),
                    2 => body[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                    3 | 4 => body[at] = body[at].wrapping_add(1),
                    5 | 6 => body[at] = body[at].wrapping_sub(1),
                    _ => body[at] = random.below(256) as u8,
                }
            }
            let Ok((program, _)) = decode(&sealed(&body).expect("it is small").bytes) else {
                unread += 1;
                continue;
            };
            // Requests are read with the schema of the program that decides them.
            let same = postcard::to_stdvec(&program.schema).is_ok_and(|read| read == schema);
            let Ok(verified) = verify(program, &Standard) else {
                refused += 1;
                continue;
            };
            ran += 1;
            for request in requests.iter().filter(|_| same) {
                let decision = decide(&Around {
                    verified: &verified,
                    data: &data,
                    request,
                    id: "r",
                    asked: request.context.time,
                    given: &request.context.approvals,
                    approver: None,
                    past: None,
                });
                assert!(decision.rules.len() <= verified.program().rules.len());
            }
        }
    }
    println!("{unread} not read, {refused} refused, {ran} ran");
    assert!(unread > 300 && refused > 200 && ran > 200, "{unread} not read, {refused} refused, {ran} ran");
}

const TYPES: &str = "module corp.types\n\nentity Agent { tier: int }\naction pay by Agent { amount: decimal }\n";
const POLICY: &str = r#"module corp.desk

import corp.types { Agent, pay }

data most: map<text, decimal>

policy desk {
  version 1.2.0
  effective from 2026-01-01
  rule small on pay {
    permit when actor.tier is at least 1 and amount is at most (most["all"] or else 0)
    because "Small."
  }
}

test "one" {
  data most: { "all": 5 }
  request pay { actor: Agent("a") { tier: 1 }, amount: 1 }
  expect permit by small
}
"#;
const REQUEST: &str = r#"{"subject":{"type":"Agent","id":"a","properties":{"tier":1}},"action":{"name":"pay","properties":{"amount":1}},"context":{"time":"2026-03-01T00:00:00Z"}}"#;

/// A package of two files, its manifest with these lines; the folder.
fn written(name: &str, manifest: &str) -> String {
    let folder = folder(name);
    file(&folder, "desk.ord", POLICY.as_bytes());
    file(&folder, "types.ord", TYPES.as_bytes());
    file(&folder, "most.json", br#"{"all": "10"}"#);
    let manifest =
        format!("[package]\nname = \"shop\"\nversion = \"3.0.0\"\n\n[data]\nmost = \"most.json\"\n{manifest}");
    file(&folder, "ordain.toml", manifest.as_bytes());
    folder.display().to_string()
}

fn digest(text: &str) -> &str {
    let at = text.find("blake3:").expect("a digest is told");
    &text[at..at + 71]
}

/// What a command says of a compiled policy it says of its package.
#[test]
fn a_compiled_policy_stands_for_its_package() {
    let package = written("stands", "");
    let built = format!("{package}/out.ordc");
    let said = ordain(&["build", &package, "-o", &built], b"");
    assert!(said.exit == Exit::Done && said.out.starts_with("wrote "), "{}{}", said.out, said.err);
    let digest = digest(&said.out).to_string();
    let data = format!("most={package}/most.json");
    for (command, option) in [("eval", "--request"), ("replay", "--requests")] {
        let of_package = ordain(&[command, &package, option, "-"], REQUEST.as_bytes());
        let of_built = ordain(&[command, &built, option, "-", "--data", &data], REQUEST.as_bytes());
        assert!(of_package.out.contains("\"permit\""), "{}{}", of_package.out, of_package.err);
        assert_eq!((of_built.out, of_built.exit), (of_package.out, of_package.exit), "{}", of_built.err);
        let without = ordain(&[command, &built, option, "-"], REQUEST.as_bytes());
        assert!(without.exit == Exit::Fault && without.err.contains("E0626"), "{}{}", without.out, without.err);
    }
    let said = ordain(&["test", &built], b"");
    assert!(said.exit == Exit::Done && said.out == "1 passed, 0 failed\n", "{}{}", said.out, said.err);
    let said = ordain(&["check", &built], b"");
    assert!(said.exit == Exit::Done && said.out == format!("{built}: {digest}\n"), "{}{}", said.out, said.err);
    let said = ordain(&["fmt", &built], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0629"), "{}{}", said.out, said.err);
    let (of_package, of_built) = (ordain(&["inspect", &package], b""), ordain(&["inspect", &built], b""));
    assert_eq!((of_built.out, of_built.exit), (of_package.out, Exit::Done), "{}", of_built.err);
    // Built from itself it is itself.
    let again = format!("{package}/again.ordc");
    assert_eq!(ordain(&["build", &built, "-o", &again], b"").exit, Exit::Done);
    let bytes = |path: &str| std::fs::read(path).expect("it was written");
    assert!(bytes(&built) == bytes(&again));
    // Nothing that `inspect` shows is missing in its JSON.
    let said = ordain(&["inspect", &built, "--format", "json"], b"");
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("it is JSON");
    assert_eq!(json["digest"], digest);
    assert_eq!((&json["package"], &json["version"]), (&"shop".into(), &"3.0.0".into()));
    assert_eq!(json["policies"][0]["version"], "1.2.0");
    assert_eq!(json["policies"][0]["from"], "2026-01-01T00:00:00Z");
    assert_eq!(json["policies"][0]["rules"][0]["at"], "desk.ord:10:3");
    assert_eq!(json["schema"]["data"]["most"], "map<text, decimal>");
    let ops = json["functions"][0]["instructions"].as_array().expect("there are instructions");
    assert_eq!(json["functions"][0]["steps"], ops.len());
    assert!(ops.iter().any(|op| op["op"].as_str().is_some_and(|op| op.starts_with("CompareWides less_or_equal"))));
}

/// The same package has the same bytes, wherever it lies and however its manifest lists its files; another has others.
#[test]
fn the_same_package_has_the_same_digest() {
    let built = |name: &str, manifest: &str| {
        let package = written(name, manifest);
        let said = ordain(&["build", &package, "-o", &format!("{package}/out.ordc")], b"");
        assert_eq!(said.exit, Exit::Done, "{}", said.err);
        digest(&said.out).to_string()
    };
    let plain = built("digest", "");
    assert_eq!(plain, built("elsewhere", ""));
    assert_eq!(plain, built("listed", "[sources]\npaths = [\"types.ord\", \"desk.ord\"]\n"));
    assert_eq!(plain, built("turned", "[sources]\npaths = [\"desk.ord\", \"types.ord\"]\n"));
    assert_ne!(plain, built("store", "[entities]\nfrom = \"store\"\n"));
}

/// What the manifest says of entities holds for the compiled policy, too.
#[test]
fn entities_come_from_where_the_package_says() {
    let package = written("carried", "[entities]\nfrom = \"store\"\n");
    let built = format!("{package}/out.ordc");
    ordain(&["build", &package, "-o", &built], b"");
    let data = format!("most={package}/most.json");
    let said = ordain(&["eval", &built, "--request", "-", "--data", &data], REQUEST.as_bytes());
    assert!(said.exit == Exit::Fault && said.out.contains("E0616"), "{}{}", said.out, said.err);
}

/// A program whose sources say something else is not decided with, though each part of it is well formed.
#[test]
fn sources_that_do_not_give_the_program_are_refused() {
    let package = written("forged", "");
    let built = format!("{package}/out.ordc");
    ordain(&["build", &package, "-o", &built], b"");
    let bytes = std::fs::read(&built).expect("it was written");
    let (mut program, _) = decode(&bytes).expect("it is a program");
    let text = program.files[0].text.replace("at least 1", "at least 0");
    program.files[0].text = text.into();
    let forged = file(Path::new(&package), "forged.ordc", &encode(&program).expect("it has bytes").bytes);
    let data = format!("most={package}/most.json");
    for args in [&["check", &forged][..], &["test", &forged], &["eval", &forged, "--request", "-", "--data", &data]] {
        let said = ordain(args, REQUEST.as_bytes());
        assert!(said.exit == Exit::Fault && said.err.contains("E0629"), "{args:?}: {}{}", said.out, said.err);
        assert!(!said.out.contains("permit"), "{args:?}: {}", said.out);
    }
    // So is what was damaged, cut off, or would not verify.
    program.actions[0].function = 7;
    let unverified = encode(&program).expect("it has bytes").bytes;
    let damaged = bytes.iter().enumerate().map(|(at, byte)| if at == 300 { byte ^ 1 } else { *byte }).collect();
    for (bytes, why) in [(unverified, "refused"), (damaged, "digest"), (bytes[..100].to_vec(), "not whole")] {
        let forged = file(Path::new(&package), "forged.ordc", &bytes);
        let said = ordain(&["inspect", &forged], b"");
        assert!(said.exit == Exit::Fault && said.err.contains(why), "{}{}", said.out, said.err);
    }
}

#[test]
fn build_refuses_what_it_should() {
    let package = written("refuses", "");
    let folder = Path::new(&package);
    let taken = file(folder, "notes.txt", b"mine");
    let said = ordain(&["build", &package, "-o", &taken], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0623"), "{}{}", said.out, said.err);
    assert_eq!(std::fs::read(&taken).expect("it is there"), b"mine");
    file(folder, "desk.ord", POLICY.replace("amount is", "amont is").as_bytes());
    let out = format!("{package}/out.ordc");
    let said = ordain(&["build", &package, "-o", &out], b"");
    assert!(said.exit == Exit::Fault && said.err.contains("E0201") && !Path::new(&out).exists(), "{}", said.err);
}

fn costs(text: &str) -> Vec<Option<u64>> {
    let program = partial(&checked(vec![Source::new("policy.ord", text)])).0;
    program.functions.iter().map(|function| function.cost).collect()
}

/// Steps grow with the declared bounds: with one for a walk, with their product for a walk in a walk.
#[test]
fn what_a_function_costs_is_told_from_declared_bounds() {
    let cost = |parts: &str, condition: &str| {
        let text = format!(
            "entity Agent {{ names: list<text, max 7> }}\nrecord Box {{ parts: list<text, max 2> }}\n\
             action ship by Agent {{ parts: list<text{parts}>, boxes: list<Box, max 3> }}\n\
             policy desk {{ rule r on ship {{ permit when {condition} }} }}\n"
        );
        *costs(&text).last().expect("an action has a function")
    };
    let walk =
        |most: u64| cost(&format!(", max {most}"), "any(part in parts where part == \"a\")").expect("it is bounded");
    let turn = walk(11) - walk(10);
    assert!(turn > 3 && walk(1_010) - walk(10) == 1_000 * turn);
    assert_eq!(cost("", "any(part in parts where part == \"a\")"), None);
    assert!(cost("", "\"a\" in parts").is_some_and(|steps| steps < 20));
    let nested = |most: u64| {
        cost(&format!(", max {most}"), "any(one in parts where any(other in parts where one != other))")
            .expect("it is bounded")
    };
    // The second difference of a product of two bounds is the same everywhere.
    let bend = |most: u64| nested(most + 2) + nested(most) - 2 * nested(most + 1);
    assert!(bend(10) > 3 && bend(10) == bend(100));
    assert!(cost("", "any(box in boxes where any(part in box.parts where part == \"a\"))").is_some());
    assert!(cost("", "any(name in actor.names where name == \"a\")").is_some());
    assert!(cost("", "any(name in [\"a\", \"b\"] where name in parts)").is_some());
    // No more than 64 bits hold.
    let deep =
        "any(a in parts where any(b in parts where any(c in parts where any(d in parts where a != b and c != d))))";
    assert_eq!(cost(", max 1_000_000", deep), None);
}

/// A program that says another cost, or whose walk is said to begin far before its list.
#[test]
fn no_walk_is_longer_than_its_list() {
    let text = "entity Agent\naction ship by Agent { parts: list<text, max 5> }\n\
        policy desk { rule r on ship { permit when any(part in parts where part == \"a\") } }\n";
    let program = partial(&checked(vec![Source::new("policy.ord", text)])).0;
    let mut other = program.clone();
    other.functions[0].cost = other.functions[0].cost.map(|cost| cost - 1);
    assert!(verify(other, &Standard).is_err_and(|refusal| refusal.to_string().contains("costs")));
    let mut early = program;
    let starts = early.functions[0].words.iter_mut().filter(|word| **word == -1);
    assert_eq!(starts.map(|word| *word = i64::MIN).count(), 1);
    let verified = verify(early, &Standard).expect("it is well formed");
    let reader = Reader { schema: &verified.program().schema, store: None, from_request: true, now: None };
    let line = r#"{"subject":{"type":"Agent","id":"a"},"action":{"name":"ship","properties":{"parts":["b","a"]}},"context":{"time":"2026-03-01T00:00:00Z"}}"#;
    let Ok(Line::Request(request)) = reader.line(line.as_bytes()) else { panic!("it is a request") };
    let time = request.context.time;
    let around = Around {
        verified: &verified,
        data: &[],
        request: &request,
        id: "r",
        asked: time,
        given: &[],
        approver: None,
        past: None,
    };
    assert_eq!(decide(&around).rules.len(), 1);
}

/// The listing of each case of `cases/listing.md`. `UPDATE=1` writes them anew.
#[test]
fn listings_are_as_shown() {
    let path = root().join("tests/cases/listing.md");
    let page = std::fs::read_to_string(&path).expect("the cases can be read");
    let mut made = page.clone();
    for pair in ordain_tests::markdown::blocks(&page).chunks(2) {
        let [policy, listing] = pair else { panic!("a policy stands before each listing") };
        let program = partial(&checked(vec![Source::new("policy.ord", policy.text.as_str())])).0;
        let verified = verify(program, &Standard).expect("what is emitted verifies");
        let all = 0..verified.program().functions.len();
        let found = all.map(|number| ordain_vm::listing::function(&verified, number)).collect::<Vec<_>>().join("\n");
        made = made.replacen(&format!("```listing\n{}```", listing.text), &format!("```listing\n{found}```"), 1);
    }
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&path, &made).expect("the cases can be written");
    }
    assert!(made == page, "{made}\nUPDATE=1 writes this to {}", path.display());
}

/// What is known of a thing that the past gives is what was known then, which is not kept: bytecode leaves it to the
/// reference engine, and says so.
#[test]
fn what_can_not_be_compiled_is_named() {
    let folder = folder("uncompiled");
    let policy = |given: &str| {
        format!(
            "entity Vendor {{ blocked: bool }}\nentity Agent\nrecord Box {{ vendor: Vendor }}\nrecord Plain {{ note: text }}\n\
             action pay by Agent on Vendor {{ box: Box, plain: Plain }}\n\
             policy desk {{ otherwise permit  rule late on pay {{ deny when {given} }} }}\n"
        )
    };
    let request = br#"{"subject":{"type":"Agent","id":"a"},"resource":{"type":"Vendor","id":"v","properties":{"blocked":false}},"action":{"name":"pay","properties":{"box":{"vendor":{"type":"Vendor","id":"v"}},"plain":{"note":"n"}}},"context":{"time":"2026-03-03T12:00:00Z"}}"#;
    for (name, given, left_out) in [
        ("thing", "(latest(p.target for p in past pay by actor within 1 day) or else target) is target", true),
        ("record", "(earliest(p.box for p in past pay by actor within 1 day) or else box) is box", true),
        ("plain", "(latest(p.plain for p in past pay by actor within 1 day) or else plain) is plain", false),
    ] {
        let path = file(&folder, &format!("{name}.ord"), policy(given).as_bytes());
        let out = folder.join(format!("{name}.ordc")).display().to_string();
        let built = ordain(&["build", &path, "-o", &out], b"");
        let decided = ordain(&["eval", &path, "--request", "-"], request);
        let reference = ordain(&["eval", &path, "--request", "-", "--engine", "reference"], request);
        assert_eq!(reference.exit, Exit::Done, "{}", reference.err);
        assert_eq!(Path::new(&out).exists(), !left_out, "{}", built.err);
        if left_out {
            let where_ = format!("{name}.ord:6:");
            for said in [&built, &decided] {
                assert_eq!(said.exit, Exit::Fault, "{}", said.err);
                assert!(said.err.contains("E0629") && said.err.contains(&where_), "{}", said.err);
            }
            assert!(built.err.contains("nothing was built"), "{}", built.err);
            assert!(decided.err.contains("`--engine reference` decides it"), "{}", decided.err);
        } else {
            assert_eq!((built.exit, decided.exit), (Exit::Done, Exit::Done), "{}{}", built.err, decided.err);
            assert_eq!(decided.out, reference.out);
        }
    }
}
