//! The chapter on compiled policies and the code say the same: its tables of structures and instructions are made from
//! the types, and its example is compiled. `UPDATE=1` writes them anew.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_vm::encode::encode;
use ordain_vm::history::{Aggregate, EntryState};
use ordain_vm::op::{Arith, Cmp, Gather, Op, Role, Said, Stance, Text, TextTest};
use ordain_vm::program::said::Words;
use ordain_vm::program::{self, FieldOf, FileKind, Keys, OriginOf, Otherwise, Pattern, Program, What, Window};
use ordain_vm::value::{Choice, Country, Currency, Type, Value};
use serde_reflection::{
    ContainerFormat, Format, FormatHolder, Named, Registry, Samples, Tracer, TracerConfig, VariantFormat,
};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;

mod common;
use common::root;

type Doc = (String, BTreeMap<String, String>);

/// What the sources of `vm` say of their types.
#[derive(Default)]
struct Docs {
    /// By type, and of each type of that name: what is said of it, and of its members.
    types: BTreeMap<String, Vec<Doc>>,
}

impl Docs {
    fn read() -> Docs {
        let (mut docs, mut open) = (Docs::default(), vec![root().join("vm/src")]);
        while let Some(path) = open.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).expect("the folder can be read");
                open.extend(entries.map(|entry| entry.expect("an entry").path()));
                open.sort();
            } else {
                docs.file(&std::fs::read_to_string(&path).expect("the file can be read"));
            }
        }
        docs
    }

    fn file(&mut self, text: &str) {
        let (mut said, mut inside): (Vec<&str>, Option<String>) = (vec![], None);
        for line in text.lines() {
            let trimmed = line.trim();
            if let Some(doc) = trimmed.strip_prefix("///") {
                said.push(doc.trim());
                continue;
            }
            if trimmed.starts_with("#[") {
                continue;
            }
            let word = |rest: &str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_string);
            let declared =
                ["pub struct ", "pub enum "].iter().find_map(|start| line.strip_prefix(start).and_then(word));
            if let Some(name) = declared {
                self.types.entry(name.clone()).or_default().push((said.join(" "), BTreeMap::new()));
                inside = line.ends_with('{').then_some(name);
            } else if line == "}" {
                inside = None;
            } else if let (Some(of), 4) = (&inside, line.len() - line.trim_start().len())
                && let Some(member) = word(trimmed.trim_start_matches("pub "))
                && let Some((_, members)) = self.types.get_mut(of).and_then(|all| all.last_mut())
            {
                members.insert(member, said.join(" "));
            } else if let (None, Some(name)) = (&inside, trimmed.strip_suffix(','))
                && !said.is_empty()
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(char::is_alphanumeric)
            {
                // A name for a number, that a macro declares.
                self.types.entry(name.to_string()).or_default().push((said.join(" "), BTreeMap::new()));
            }
            said.clear();
        }
    }

    /// What is said of the type that has these members.
    fn of(&self, name: &str, members: &[&str]) -> (&str, BTreeMap<&str, &str>) {
        let all = self.types.get(name).into_iter().flatten();
        let mut fit = all.filter(|(_, known)| {
            known.is_empty() == members.is_empty() && members.iter().all(|member| known.contains_key(*member))
        });
        fit.next().map_or_else(Default::default, |(said, known)| {
            (said.as_str(), known.iter().map(|(member, said)| (member.as_str(), said.as_str())).collect())
        })
    }
}

/// The form of every type of a program.
fn registry() -> Registry {
    let (mut tracer, mut samples) = (Tracer::new(TracerConfig::default()), Samples::new());
    let country = Country::parse("DE").expect("a country");
    tracer.trace_value(&mut samples, &country).expect("it is written");
    let currency = Currency::parse("USD").expect("a currency");
    tracer.trace_value(&mut samples, &currency).expect("it is written");
    macro_rules! all {
        ($($ty:ty),* $(,)?) => {$(
            tracer.trace_type::<$ty>(&samples).expect("every type can be read");
        )*};
    }
    // Every type of several variants is named here: what is only met on the way is seen with its first variant alone.
    all!(
        Choice,
        Aggregate,
        EntryState,
        What,
        Window,
        Type,
        IpAddr,
        Value,
        Text,
        Cmp,
        Arith,
        TextTest,
        Stance,
        Gather,
        Said,
        Op,
        FieldOf,
        FileKind,
        Keys,
        OriginOf,
        Otherwise,
        Pattern,
        Words,
        program::Role,
        Program,
    );
    tracer.registry().expect("the list above has every type of several variants")
}

fn told(format: &Format) -> String {
    match format {
        Format::TypeName(name) => format!("`{name}`"),
        Format::Bool => "`bool`".to_string(),
        Format::U8 => "`u8`".to_string(),
        Format::U16 => "`u16`".to_string(),
        Format::U32 => "`u32`".to_string(),
        Format::U64 => "`u64`".to_string(),
        Format::I32 => "`i32`".to_string(),
        Format::I64 => "`i64`".to_string(),
        Format::I128 => "`i128`".to_string(),
        Format::Str => "`text`".to_string(),
        Format::Option(of) => format!("`{}?`", plain(of)),
        Format::Seq(of) => format!("`[{}]`", plain(of)),
        Format::Map { key, value } => format!("`{{{}: {}}}`", plain(key), plain(value)),
        Format::Tuple(of) => format!("`({})`", of.iter().map(plain).collect::<Vec<_>>().join(", ")),
        Format::TupleArray { content, size } => format!("`[{}; {size}]`", plain(content)),
        other => panic!("the chapter has no word for {other:?}"),
    }
}

fn plain(format: &Format) -> String {
    told(format).replace('`', "")
}

/// What stands in a cell of a table.
fn cell(said: &str) -> String {
    said.replace('|', "\\|").replace("[`", "`").replace("`]", "`")
}

/// Types in the order in which they are met from `Program` on.
fn order(registry: &Registry) -> Vec<&String> {
    let (mut order, mut open): (Vec<&String>, Vec<&str>) = (vec![], vec!["Program"]);
    while let Some(name) = open.pop() {
        let Some((name, form)) = registry.get_key_value(name) else { panic!("nothing is known of {name}") };
        if order.contains(&name) {
            continue;
        }
        order.push(name);
        let mut named = vec![];
        form.visit(&mut |format| {
            if let Format::TypeName(name) = format {
                named.push(registry.get_key_value(name).map_or("", |(name, _)| name.as_str()));
            }
            Ok(())
        })
        .expect("every type is known");
        open.extend(named.into_iter().rev());
    }
    order
}

fn structures(registry: &Registry, docs: &Docs) -> String {
    let mut text = "## 3 Structures\n\n3.1 These tables are made from the code. Types that are one thing under another name:\n\n| name | is | |\n| --- | --- | --- |\n".to_string();
    let order = order(registry);
    for name in &order {
        if let ContainerFormat::NewTypeStruct(of) = &registry[*name] {
            let said = match name.as_str() {
                "Country" | "Currency" => "Its letters.",
                name => docs.of(name, &[]).0,
            };
            let _ = writeln!(text, "| `{name}` | {} | {} |", told(of), cell(said));
        }
    }
    text.push_str("\n3.2 Structures, and types of several variants:\n");
    for name in order.into_iter().filter(|name| *name != "Op") {
        match &registry[name] {
            ContainerFormat::NewTypeStruct(_) => {}
            ContainerFormat::Struct(fields) => {
                let members: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                let (said, known) = docs.of(name, &members);
                let _ = write!(text, "\n### `{name}`\n\n{}| field | type | |\n| --- | --- | --- |\n", paragraph(said));
                for Named { name, value } in fields {
                    let said = known.get(name.as_str()).copied().unwrap_or_default();
                    let _ = writeln!(text, "| `{name}` | {} | {} |", told(value), cell(said));
                }
            }
            ContainerFormat::Enum(variants) => {
                let members: Vec<&str> = variants.values().map(|variant| variant.name.as_str()).collect();
                let (said, known) = docs.of(name, &members);
                let head = "| number | variant | fields | |\n| --- | --- | --- | --- |\n";
                let _ = write!(text, "\n### `{name}`\n\n{}{head}", paragraph(said));
                for (number, Named { name, value }) in variants {
                    let said = known.get(name.as_str()).copied().unwrap_or_default();
                    let _ = writeln!(text, "| {number} | `{name}` | {} | {} |", fields(value), cell(said));
                }
            }
            other => panic!("the chapter has no table for {name}: {other:?}"),
        }
    }
    text
}

fn paragraph(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!("{}\n\n", cell(said)) }
}

fn fields(variant: &VariantFormat) -> String {
    match variant {
        VariantFormat::Unit => String::new(),
        VariantFormat::NewType(of) => told(of),
        VariantFormat::Tuple(of) => of.iter().map(told).collect::<Vec<_>>().join(", "),
        VariantFormat::Struct(fields) => {
            let field = |field: &Named<Format>| format!("`{}`: {}", field.name, told(&field.value));
            fields.iter().map(field).collect::<Vec<_>>().join(", ")
        }
        VariantFormat::Variable(_) => panic!("every variant is known"),
    }
}

/// The table of instructions, which is held against the form of `Op`.
fn instructions(registry: &Registry) -> String {
    let mut text = "## 4 Instructions\n\n4.1 An instruction is a variant of `Op`: its number, then its operands in order. What is done with an operand stands before it: a register is read, written (`to`), or changed; the run may go on at a label. All others are numbers and words. This table is made from the code.\n\n| number | instruction | operands | |\n| --- | --- | --- | --- |\n".to_string();
    let ContainerFormat::Enum(variants) = &registry["Op"] else { panic!("an instruction is a variant") };
    assert_eq!(variants.len(), Op::FORMS.len());
    for ((number, variant), form) in variants.iter().zip(Op::FORMS) {
        assert_eq!(variant.name, form.name);
        let types = match &variant.value {
            VariantFormat::Struct(fields) => fields.as_slice(),
            VariantFormat::Unit => &[],
            other => panic!("{} has operands without names: {other:?}", form.name),
        };
        assert_eq!(types.len(), form.operands.len(), "{}", form.name);
        let operand = |((name, role, _), field): (&(&str, Role, &str), &Named<Format>)| {
            assert_eq!(*name, field.name, "{}", form.name);
            let done = match role {
                Role::Reads => "reads ",
                Role::Writes => "writes ",
                Role::Changes => "changes ",
                Role::Goes => "goes to ",
                Role::Says => "",
            };
            format!("{done}`{name}`: {}", told(&field.value))
        };
        let operands: Vec<String> = form.operands.iter().zip(types).map(operand).collect();
        let _ = writeln!(text, "| {number} | `{}` | {} | {} |", form.name, operands.join(", "), cell(form.doc.trim()));
    }
    text
}

const EXAMPLE: &str = "module tiny\n\nentity Agent\naction pay by Agent { amount: money<USD> }\n\npolicy p {\n  rule small on pay { permit when amount is at most 10 USD }\n}\n";

fn example() -> String {
    let input = Input { sources: vec![Source::new("tiny.ord", EXAMPLE)], ..Input::default() };
    let checked = analyse(&input).checked().expect("the example has no errors");
    let mut program = emit(&checked).expect("it can be compiled");
    // So that the example outlives a version.
    program.made.by = "0".into();
    let encoded = encode(&program).expect("it has bytes");
    let mut text = format!(
        "## 6 An example\n\n6.1 This policy, in a file `tiny.ord`, made by a compiler of version `0`:\n\n```ordain\n{EXAMPLE}```\n\n6.2 Its {} bytes:\n\n```text\n",
        encoded.bytes.len()
    );
    for row in encoded.bytes.chunks(32) {
        let bytes: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let _ = writeln!(text, "{}", bytes.join(" "));
    }
    let _ = write!(text, "```\n\n6.3 Its digest:\n\n```text\n{}\n```\n", encoded.digest);
    text
}

/// The text with what stands from one heading to the next (or the end) put in its place.
fn with_part(text: &str, heading: &str, next: Option<&str>, part: &str) -> String {
    let start = text.find(&format!("\n{heading}\n")).expect("the chapter has the heading") + 1;
    let end = next.map_or(text.len(), |next| text.find(&format!("\n{next}\n")).expect("it has the next heading") + 1);
    let between = if next.is_some() { "\n" } else { "" };
    format!("{}{part}{between}{}", &text[..start], &text[end..])
}

#[test]
fn the_chapter_is_what_the_code_says() {
    let path = root().join("spec/program.md");
    let text = std::fs::read_to_string(&path).expect("the chapter can be read");
    let docs = Docs::read();
    let registry = registry();
    let made = with_part(&text, "## 3 Structures", Some("## 4 Instructions"), &structures(&registry, &docs));
    let made = with_part(&made, "## 4 Instructions", Some("## 5 What a program means"), &instructions(&registry));
    let made = with_part(&made, "## 6 An example", None, &example());
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&path, &made).expect("the chapter can be written");
    }
    let wrong = made.lines().zip(text.lines()).find(|(made, text)| made != text);
    assert!(made == text, "spec/program.md is not what the code says; UPDATE=1 writes it anew\n{wrong:?}");
}
