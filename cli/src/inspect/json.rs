//! The same as `human`, as one JSON object.

use super::{dates, decides, kinds, text_digest};
use ordain_package::Compiled;
use ordain_vm::encode::FORMAT;
use ordain_vm::listing::{instruction, type_text};
use ordain_vm::program::{Function, Program};
use ordain_vm::schema::{ActionSchema, FieldSchema, Schema};
use ordain_vm::verify::Verified;
use serde_json::{Value, json};

pub fn of(compiled: &Compiled) -> Value {
    let verified = &compiled.verified;
    let program = verified.program();
    let made = &program.made;
    let policy = |(number, policy): (usize, &ordain_vm::program::Policy)| {
        let [from, until] = dates(policy.in_force);
        let rules = program.rules.iter().filter(|rule| rule.policy as usize == number);
        json!({
            "policy": policy.name,
            "version": policy.version,
            "digest": policy.digest,
            "at": verified.shown(policy.place),
            "from": from,
            "until": until,
            "rules": rules.map(|rule| self::rule(verified, rule)).collect::<Vec<_>>(),
        })
    };
    json!({
        "digest": compiled.digest.to_string(),
        "form": FORMAT,
        "bytes": compiled.size,
        "compiler": made.by,
        "package": made.package,
        "version": made.version,
        "from_request": made.from_request,
        "files": program.files.iter().map(|file| json!({
            "file": file.name,
            "kind": super::kind(file.kind),
            "bytes": file.text.len(),
            "digest": text_digest(&file.text),
        })).collect::<Vec<_>>(),
        "schema": schema(program),
        "policies": program.policies.iter().enumerate().map(policy).collect::<Vec<_>>(),
        "functions": program.functions.iter().enumerate()
            .map(|(number, of)| function(verified, number, of)).collect::<Vec<_>>(),
    })
}

fn rule(verified: &Verified, rule: &ordain_vm::program::Rule) -> Value {
    let [from, until] = dates(rule.in_force);
    json!({ "rule": rule.name, "at": verified.shown(rule.place), "trial": rule.trial, "from": from, "until": until })
}

fn schema(program: &Program) -> Value {
    let schema = &program.schema;
    // Modules may give one name to several types, so these are lists.
    let enums = schema.enums.iter().map(|item| json!({ "name": item.name, "members": item.wire }));
    let records =
        schema.records.iter().map(|item| json!({ "name": item.name, "fields": fields(schema, &item.fields) }));
    let entities = schema.entities.iter().map(|item| {
        let attributes = fields(schema, &item.attributes);
        json!({ "name": item.name, "in": kinds(schema, &item.parents), "attributes": attributes })
    });
    let actions = schema.actions.iter().enumerate().map(|(number, item)| action(program, number, item));
    let roles = schema.roles.iter().map(|role| json!({ "name": role.name, "by": kinds(schema, &role.by) }));
    json!({
        "enums": enums.collect::<Vec<_>>(),
        "records": records.collect::<Vec<_>>(),
        "entities": entities.collect::<Vec<_>>(),
        "actions": actions.collect::<Vec<_>>(),
        "context": fields(schema, &schema.context),
        "data": fields(schema, &schema.data),
        "roles": roles.collect::<Vec<_>>(),
    })
}

fn action(program: &Program, number: usize, item: &ActionSchema) -> Value {
    let schema = &program.schema;
    let decided = program.actions.get(number);
    let names = decided.into_iter().flat_map(|action| &action.rules);
    let names = names.filter_map(|rule| program.rules.get(*rule as usize)).map(|rule| &rule.name);
    json!({
        "name": item.name,
        "event": item.event,
        "by": kinds(schema, &item.by),
        "on": kinds(schema, &item.on),
        "as": item.as_arg,
        "fields": fields(schema, &item.fields),
        "returns": item.returns.as_ref().map(|ty| type_text(schema, ty)),
        "function": decided.map(|action| action.function),
        "rules": names.collect::<Vec<_>>(),
        "conditions": decided.map(|action| action.conditions),
    })
}

fn fields(schema: &Schema, fields: &[FieldSchema]) -> Value {
    let of = fields.iter().map(|field| (field.name.to_string(), json!(type_text(schema, &field.ty))));
    Value::Object(of.collect())
}

fn function(verified: &Verified, number: usize, function: &Function) -> Value {
    let program = verified.program();
    let (work, of) = (function.work, decides(program, number, function));
    let lines = function.ops.iter().zip(&function.places);
    json!({
        "function": number,
        "action": of.map(|(action, _)| &action.name),
        "decides": of.is_some_and(|(_, decides)| decides),
        "steps": function.cost,
        "registers": {
            "words": work.words, "wides": work.wides, "values": work.values, "gathered": work.gathered,
        },
        "instructions": lines.map(|(op, at)| json!({
            "op": instruction(program, op),
            "at": verified.shown(*at),
        })).collect::<Vec<_>>(),
    })
}
