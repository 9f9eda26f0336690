//! A function of a program as people read it: what its registers begin with, then a line an instruction, with the source
//! that it was made from. `ordain inspect` prints it.
//!
//! ```text
//!    12  CompareWides less w3 = d0, d4         payables.ord:52:3  amount > 10_000 USD
//! ```

use crate::op::{Op, Operand, Role, Told};
use crate::program::{FieldOf, Function, Place, Program};
use crate::request::slots::{Bank, Layout, Slot};
use crate::schema::{FieldSchema, Schema};
use crate::value::{Decimal, EntityId, Type};
use crate::verify::Verified;
use std::fmt::Write;

/// Columns of an instruction, before its place.
const WIDTH: usize = 52;
/// Characters of a source text that are shown.
const SOURCE: usize = 60;

/// A function, by its place in the program; nothing where there is none.
pub fn function(verified: &Verified, number: usize) -> String {
    let program = verified.program();
    let Some(function) = program.functions.get(number) else { return String::new() };
    let layout = verified.layout(function.action as usize);
    let mut out = String::new();
    registers(&mut out, program, function, layout);
    let mut before = None;
    for (at, op) in function.ops.iter().enumerate() {
        let place = function.places.get(at).copied();
        // A source is shown once for all instructions in a row that are made of it.
        let fresh = place.filter(|_| place != before);
        let (told, source) = (instruction(program, op), fresh.map_or(String::new(), |place| source(verified, place)));
        before = place;
        // Writing to a string never fails.
        let _ = match source.is_empty() {
            true => writeln!(out, "{at:>5}  {told}"),
            false => writeln!(out, "{at:>5}  {told:<WIDTH$}  {source}"),
        };
    }
    for region in &function.regions {
        let _ = writeln!(out, "  a fault in {} to {} goes on at @{}", region.from, region.to, region.handler);
    }
    out
}

/// `CompareWides less w3 = d0, d4`
pub fn instruction(program: &Program, op: &Op) -> String {
    let (name, operands) = op.told();
    let writes = operands.iter().position(|operand| operand.role == Role::Writes);
    let told = |operands: &[Operand], between: &str| {
        operands.iter().map(|operand| operand_text(program, operand)).collect::<Vec<_>>().join(between)
    };
    let Some(writes) = writes else {
        return format!("{name} {}", told(&operands, ", ")).trim_end().to_string();
    };
    let (before, rest) = operands.split_at(writes);
    let (to, of) = rest.split_at(1);
    let to = [told(before, " "), told(to, " ")].join(" ");
    match of {
        [] => format!("{name} {}", to.trim_start()),
        of => format!("{name} {} = {}", to.trim_start(), told(of, ", ")),
    }
}

/// What a number names, where that has a name.
fn operand_text(program: &Program, operand: &Operand) -> String {
    let number = match &operand.what {
        Told::Word(word) => return word.clone(),
        Told::Number(number) => *number,
    };
    let at = number as usize;
    let schema = &program.schema;
    let named = match operand.name {
        "ty" => program.types.get(at).map(|ty| type_text(schema, ty)),
        "builtin" => program.builtins.get(at).map(ToString::to_string),
        "pattern" => program.patterns.get(at).map(|pattern| format!("{:?}", pattern.form())),
        "policy" => program.policies.get(at).map(|policy| policy.name.to_string()),
        "rule" => rule(program, at),
        "data" => schema.data.get(at).map(|data| data.name.to_string()),
        "kind" => schema.entities.get(at).map(|kind| kind.name.to_string()),
        "record" => schema.records.get(at).map(|record| record.name.to_string()),
        "field" => program.fields.get(at).map(|fields| self::fields(schema, fields)),
        "set" => Some(format!("set {number}")),
        _ => None,
    };
    match named {
        Some(named) => named,
        None if number == u32::MAX => format!("{} -", operand.name),
        None => format!("{} {number}", operand.name),
    }
}

/// A rule, or behind the rules the `otherwise` of a policy.
fn rule(program: &Program, at: usize) -> Option<String> {
    match at.checked_sub(program.rules.len()) {
        None => program.rules.get(at).map(|rule| rule.name.to_string()),
        Some(policy) => program.policies.get(policy).map(|policy| format!("otherwise of {}", policy.name)),
    }
}

/// `Vendor.country`, or of several kinds `Vendor.country or Bank.country`.
fn fields(schema: &Schema, fields: &[FieldOf]) -> String {
    let text = |field: &FieldOf| {
        let (name, of) = match field {
            FieldOf::Record { record, .. } => {
                schema.records.get(*record as usize).map(|record| (&record.name, &record.fields))
            }
            FieldOf::Entity { kind, .. } => {
                schema.entities.get(*kind as usize).map(|kind| (&kind.name, &kind.attributes))
            }
        }?;
        Some(format!("{name}.{}", of.get(field.place())?.name))
    };
    fields.iter().filter_map(text).collect::<Vec<_>>().join(" or ")
}

/// `payables.ord:52:3  amount > 10_000 USD`
fn source(verified: &Verified, place: Place) -> String {
    let Some(file) = verified.program().files.get(place.file as usize).filter(|_| place.end > 0) else {
        return String::new();
    };
    let text = file.slice(place);
    let first = text.lines().next().unwrap_or_default();
    let more = first.len() < text.trim_end().len() || first.chars().count() > SOURCE;
    let first: String = first.chars().take(SOURCE).collect();
    format!("{}  {first}{}", verified.shown(place), if more { " …" } else { "" })
}

/// What the registers hold before the first instruction: the request, then the constants.
fn registers(out: &mut String, program: &Program, function: &Function, layout: &Layout) {
    let mut given = vec![format!("w{} now", layout.now), format!("w{} asked", layout.asked)];
    let mut slot = |name: &str, slot: Slot| {
        let bank = match slot.bank {
            Bank::Word => 'w',
            Bank::Wide => 'd',
            Bank::Text => 't',
            Bank::Value => 'v',
        };
        let present = slot.present.map_or(String::new(), |present| format!(" (there: w{present})"));
        given.push(format!("{bank}{} {name}{present}", slot.at));
    };
    slot("context.session", layout.session);
    slot("context.id", layout.id);
    for (name, party) in [("actor", layout.actor), ("target", layout.target)] {
        let Some(party) = party else { continue };
        slot(name, party.whole);
        slot(&format!("{name}.id"), party.id);
    }
    let action = program.schema.actions.get(function.action as usize);
    let mut named = |fields: &[FieldSchema], slots: &[Slot], before: &str| {
        fields.iter().zip(slots).for_each(|(field, at)| slot(&format!("{before}{}", field.name), *at));
    };
    named(action.map_or(&[], |action| &action.fields), &layout.fields, "");
    named(&program.schema.context, &layout.context, "context.");
    let _ = writeln!(out, "  request: {}", given.join(", "));
    let mut constants = vec![];
    let behind = layout.registers;
    let number = |first: u32, at: usize| first as usize + at;
    let words = function.words.iter().enumerate();
    constants.extend(words.map(|(at, word)| format!("w{} = {word}", number(behind.words, at))));
    let wides = function.wides.iter().enumerate();
    constants.extend(wides.map(|(at, wide)| format!("d{} = {}", number(behind.wides, at), Decimal(*wide))));
    let texts = function.texts.iter().enumerate();
    constants.extend(texts.map(|(at, text)| format!("c{at} = {text:?}")));
    let values = function.values.iter().enumerate();
    constants
        .extend(values.map(|(at, value)| format!("v{} = {}", number(behind.values, at), program.schema.show(value))));
    if !constants.is_empty() {
        let _ = writeln!(out, "  constants: {}", constants.join(", "));
    }
    let work = function.work;
    let _ = writeln!(
        out,
        "  work: {} words, {} wides, {} values, {} gathered",
        work.words, work.wides, work.values, work.gathered
    );
}

/// As it is declared: `list<money<USD>, max 3>?`.
pub fn type_text(schema: &Schema, ty: &Type) -> String {
    let of = |ty: &Type| type_text(schema, ty);
    let kind = |kind: &EntityId| schema.entities.get(kind.index()).map_or("?", |kind| &kind.name);
    match ty {
        Type::Unknown => "?".to_string(),
        Type::Bool => "bool".to_string(),
        Type::Int => "int".to_string(),
        Type::Decimal => "decimal".to_string(),
        Type::Money(None) => "money".to_string(),
        Type::Money(Some(currency)) => format!("money<{currency}>"),
        Type::Text(None) => "text".to_string(),
        Type::Text(Some(most)) => format!("text<max {most}>"),
        Type::Date => "date".to_string(),
        Type::Time => "time".to_string(),
        Type::Instant => "instant".to_string(),
        Type::Duration => "duration".to_string(),
        Type::Period => "period".to_string(),
        Type::Country => "Country".to_string(),
        Type::Currency => "Currency".to_string(),
        Type::Ip => "ip".to_string(),
        Type::IpRange => "ip_range".to_string(),
        Type::Hours => "hours".to_string(),
        Type::Calendar => "calendar".to_string(),
        Type::Role => "role".to_string(),
        Type::Enum(id) => schema.enums.get(id.index()).map_or("?".to_string(), |item| item.name.to_string()),
        Type::Choice(choice) => choice.name().to_string(),
        Type::Record(id) => schema.records.get(id.index()).map_or("?".to_string(), |item| item.name.to_string()),
        Type::Entity(kinds) => kinds.iter().map(kind).collect::<Vec<_>>().join(" or "),
        Type::List(item, None) => format!("list<{}>", of(item)),
        Type::List(item, Some(most)) => format!("list<{}, max {most}>", of(item)),
        Type::Set(item) => format!("set<{}>", of(item)),
        Type::Map(key, item) => format!("map<{}, {}>", of(key), of(item)),
        Type::Optional(inner) => format!("{}?", of(inner)),
    }
}
