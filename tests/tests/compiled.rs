//! Programs as files: what is written is read again, the same, and bytes that are not so are refused.

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::partial;
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, Package, package};
use ordain_vm::decide::decide;
use ordain_vm::encode::{HEADER, Malformed, decode, encode, opened, sealed};
use ordain_vm::interp::Around;
use ordain_vm::json::parse;
use ordain_vm::program::Program;
use ordain_vm::request::{Line, Reader, Request, read_data};
use ordain_vm::schema::FieldSchema;
use ordain_vm::value::{Type, Value};
use ordain_vm::verify::verify;
use std::sync::Arc;

fn checked(files: Vec<Source>) -> Checked {
    let analysis = analyse(&Input { sources: files, ..Input::default() });
    analysis.checked().expect("the package has no errors")
}

fn generated(seed: u64) -> Program {
    compiled(&package(seed, Grants::Any))
}

fn compiled(package: &Package) -> Program {
    let files = package.files.iter().map(|file| Source::new(file.name, file.text())).collect();
    partial(&checked(files)).0
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

fn data(package: &Package, program: &Program) -> Vec<Value> {
    let read = |declared: &FieldSchema| match package.data.get(&*declared.name) {
        Some(json) => {
            let json = parse(json.as_bytes()).expect("generated data is JSON");
            read_data(&program.schema, &declared.ty, &json).expect("generated data is of its type")
        }
        None => Value::Calendar(Arc::default()),
    };
    program.schema.data.iter().map(read).collect()
}

/// What a file becomes by chance, with a header that is true, is refused or runs to its end.
#[test]
fn changed_files_are_refused_or_end() {
    let (mut unread, mut refused, mut ran) = (0, 0, 0);
    for seed in 0..10 {
        let package = package(seed, Grants::Any);
        let mut program = compiled(&package);
        let (requests, data) = (requests(&package, &program), data(&package, &program));
        let schema = format!("{:?}", program.schema);
        // Texts are most of a file, and no change of them is refused.
        program.files.iter_mut().for_each(|file| file.text = "".into());
        let body = encode(&program).expect("a program has bytes").bytes.split_off(HEADER);
        let mut random = Random::new(seed);
        for _ in 0..1_200 {
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
            let same = format!("{:?}", program.schema) == schema;
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
                });
                assert!(decision.rules.len() <= verified.program().rules.len());
            }
        }
    }
    println!("{unread} not read, {refused} refused, {ran} ran");
    assert!(unread > 1_000 && refused > 500 && ran > 500, "{unread} not read, {refused} refused, {ran} ran");
}
