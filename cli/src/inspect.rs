//! `ordain inspect`: what is in a compiled policy: where it comes from, what it takes, its policies and rules, and its
//! instructions beside the source that they were made from.

mod human;
mod json;

use crate::args::{Inspect, InspectFormat};
use crate::complaint::told;
use crate::{Exit, Io, Naming, load, uncompiled};
use ordain_package::{Compiled, is_compiled};
use ordain_vm::program::{FileKind, Function, InForce, Program};
use ordain_vm::request::{digest_of, digest_text};
use ordain_vm::schema::{ActionSchema, FieldSchema, Schema};
use ordain_vm::value::EntityId;

pub fn run(args: &Inspect, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let path = &args.path;
    let compiled = if is_compiled(path) && path.is_file() {
        // A program says what it is whoever compiled it, and whether or not its sources still give it.
        told(Compiled::read(path).map_err(|complaint| vec![complaint]), io)?
    } else {
        let Some(loaded) = told(load(path, Naming::FromPackage, None), io)? else { return Ok(Exit::Fault) };
        let Some(checked) = crate::check::checked(&loaded, io)? else { return Ok(Exit::Fault) };
        match Compiled::of(&loaded, &checked) {
            Ok((compiled, _)) => Some(compiled),
            Err(uncompiled) => {
                uncompiled::print(&uncompiled, path, &checked, "nothing was built", io)?;
                None
            }
        }
    };
    let Some(compiled) = compiled else { return Ok(Exit::Fault) };
    match args.format {
        InspectFormat::Human => human::write(&compiled, io.out)?,
        InspectFormat::Json => writeln!(io.out, "{:#}", json::of(&compiled))?,
    }
    Ok(Exit::Done)
}

fn kind(of: FileKind) -> &'static str {
    match of {
        FileKind::Policy => "source",
        FileKind::Sheet => "sheet",
        FileKind::Standard => "standard library",
    }
}

fn text_digest(text: &str) -> String {
    digest_text(digest_of(text.as_bytes()))
}

/// `amount: money<USD>, invoice: text`
fn fields(schema: &Schema, fields: &[FieldSchema]) -> String {
    let field = |field: &FieldSchema| format!("{}: {}", field.name, ordain_vm::listing::type_text(schema, &field.ty));
    fields.iter().map(field).collect::<Vec<_>>().join(", ")
}

fn kinds<'s>(schema: &'s Schema, kinds: &'s [EntityId]) -> Vec<&'s str> {
    kinds.iter().filter_map(|kind| schema.entities.get(kind.index())).map(|kind| &*kind.name).collect()
}

/// The action or event of a function, and whether the function decides it.
fn decides<'p>(program: &'p Program, number: usize, function: &Function) -> Option<(&'p ActionSchema, bool)> {
    let of = program.schema.actions.get(function.action as usize)?;
    let decides = program.actions.iter().any(|action| action.function as usize == number);
    Some((of, decides))
}

/// From when, and until when.
fn dates(in_force: InForce) -> [Option<String>; 2] {
    [in_force.from, in_force.until].map(|moment| moment.map(|moment| moment.to_string()))
}
