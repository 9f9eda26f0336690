//! The same request in another form: put together piece by piece, from the same line.

use ordain_vm::json::{Json, parse};
use ordain_vm::request::{Line, Malformed, Request, RequestBuilder};
use ordain_vm::schema::Schema;

/// A request or event that is built with what the line says, which is the same as what was read of the line; where that
/// was refused, this is, with the same errors. Nothing of lines that no builder can say: records, and what has no name.
pub fn built(schema: &Schema, text: &str, read: &Result<Line, Malformed>) -> Result<Option<Line>, String> {
    let Ok(json) = parse(text.as_bytes()) else { return Ok(None) };
    let head = if json.get("action").is_some() { "action" } else { "event" };
    let Some(builder) = builder(schema, &json, head) else { return Ok(None) };
    match (builder.build(), read) {
        (Ok(built), Ok(Line::Request(read) | Line::Event(read))) => {
            same(schema, &built, read)?;
            Ok(Some(if head == "action" { Line::Request(built) } else { Line::Event(built) }))
        }
        (Err(built), Err(read)) => {
            let told = |errors: &[ordain_vm::request::InputError]| {
                let mut told: Vec<String> =
                    errors.iter().map(|error| format!("{} {}", error.code, error.path)).collect();
                told.sort_unstable();
                told
            };
            let (built, read) = (told(&built), told(&read.errors));
            if built == read { Ok(None) } else { Err(format!("built: {built:?}, read: {read:?}")) }
        }
        (built, read) => Err(format!("built: {built:?}, read: {read:?}")),
    }
}

fn builder<'s>(schema: &'s Schema, json: &Json, head: &str) -> Option<RequestBuilder<'s>> {
    let named = json.get(head)?;
    let mut builder = RequestBuilder::new(schema, named.get("name")?.as_str()?);
    for (name, value) in members(named.get("properties")) {
        builder = builder.arg(name, value.clone());
    }
    for (name, value) in members(json.get("context")) {
        builder = builder.context(name, value.clone());
    }
    for (member, is_actor) in [("subject", true), ("resource", false)] {
        let Some(thing) = json.get(member) else { continue };
        let (kind, id) = (thing.get("type")?.as_str()?, thing.get("id")?.as_str()?);
        builder = match (thing.get("properties"), is_actor) {
            (Some(properties), true) => builder.actor_with(kind, id, properties.clone()),
            (Some(properties), false) => builder.target_with(kind, id, properties.clone()),
            (None, true) => builder.actor(kind, id),
            (None, false) => builder.target(kind, id),
        };
    }
    Some(builder)
}

fn members(json: Option<&Json>) -> &[(String, Json)] {
    match json {
        Some(Json::Object(members)) => members,
        Some(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) | None => &[],
    }
}

fn same(schema: &Schema, built: &Request, read: &Request) -> Result<(), String> {
    let parts = |of: &Request| {
        let context = &of.context;
        let known = (of.action, of.actor.clone(), of.target.clone(), of.args.clone(), of.world.own.clone());
        let more = (context.time, context.asked, context.session.clone(), context.members.clone());
        (known, more, context.approvals.clone(), context.origins.clone(), of.canonical(schema, "r"))
    };
    let (built, read) = (parts(built), parts(read));
    if built == read { Ok(()) } else { Err(format!("built: {built:?}\nread: {read:?}")) }
}
