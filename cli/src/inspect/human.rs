//! What `ordain inspect` shows to people.

use super::{dates, decides, fields, kinds, text_digest};
use crate::complaint::shown;
use ordain_package::Compiled;
use ordain_vm::encode::FORMAT;
use ordain_vm::listing::{self, type_text};
use ordain_vm::program::{InForce, Program};
use std::fmt::Write as _;
use std::io::Write;

pub fn write(compiled: &Compiled, out: &mut dyn Write) -> std::io::Result<()> {
    let program = compiled.verified.program();
    let mut text = String::new();
    // Writing to a string never fails.
    let _ = head(&mut text, compiled)
        .and_then(|()| schema(&mut text, program))
        .and_then(|()| policies(&mut text, compiled))
        .and_then(|()| functions(&mut text, compiled));
    // Names and texts come from a file that anyone may have made.
    write!(out, "{}", shown(&text))
}

fn head(text: &mut String, compiled: &Compiled) -> std::fmt::Result {
    let program = compiled.verified.program();
    let made = &program.made;
    let package = [made.package.as_deref(), made.version.as_deref()];
    let package: Vec<&str> = package.into_iter().flatten().collect();
    writeln!(text, "{}", compiled.digest)?;
    if !package.is_empty() {
        writeln!(text, "package {}", package.join(" "))?;
    }
    writeln!(text, "form {FORMAT}, {} bytes, made by compiler {}", compiled.size, made.by)?;
    match made.from_request {
        Some(true) => writeln!(text, "entities that the store lacks come from the request")?,
        Some(false) => writeln!(text, "entities come from the store alone")?,
        None => {}
    }
    writeln!(text, "\nFiles")?;
    for file in &program.files {
        let kind = super::kind(file.kind);
        writeln!(text, "  {}  {kind}, {} bytes, {}", file.name, file.text.len(), text_digest(&file.text))?;
    }
    Ok(())
}

fn schema(text: &mut String, program: &Program) -> std::fmt::Result {
    let schema = &program.schema;
    if !schema.enums.is_empty() || !schema.records.is_empty() {
        writeln!(text, "\nTypes")?;
    }
    for item in &schema.enums {
        writeln!(text, "  enum {} {{ {} }}", item.name, item.wire.join(", "))?;
    }
    for item in &schema.records {
        writeln!(text, "  record {} {{ {} }}", item.name, fields(schema, &item.fields))?;
    }
    writeln!(text, "\nEntities")?;
    for item in &schema.entities {
        let parents = kinds(schema, &item.parents);
        let parents = if parents.is_empty() { String::new() } else { format!(" in {}", parents.join(" or ")) };
        writeln!(text, "  {}{parents} {{ {} }}", item.name, fields(schema, &item.attributes))?;
    }
    writeln!(text, "\nActions and events")?;
    for (number, item) in schema.actions.iter().enumerate() {
        let what = if item.event { "event" } else { "action" };
        let of = |word: &str, of: &[_]| match kinds(schema, of) {
            kinds if kinds.is_empty() => String::new(),
            kinds => format!(" {word} {}", kinds.join(" or ")),
        };
        let (by, on) = (of("by", &item.by), of("on", &item.on));
        let returns = item.returns.as_ref().map_or(String::new(), |ty| format!(" returns {}", type_text(schema, ty)));
        let function = program.actions.get(number).map_or(String::new(), |action| {
            format!("  function {}, {} rules, {} conditions", action.function, action.rules.len(), action.conditions)
        });
        writeln!(text, "  {what} {}{by}{on} {{ {} }}{returns}{function}", item.name, fields(schema, &item.fields))?;
    }
    for (heading, list) in [("Context", &schema.context), ("Data", &schema.data)] {
        if !list.is_empty() {
            writeln!(text, "\n{heading}\n  {}", fields(schema, list))?;
        }
    }
    if !schema.roles.is_empty() {
        let roles: Vec<&str> = schema.roles.iter().map(|role| &*role.name).collect();
        writeln!(text, "\nRoles\n  {}", roles.join(", "))?;
    }
    Ok(())
}

fn policies(text: &mut String, compiled: &Compiled) -> std::fmt::Result {
    let program = compiled.verified.program();
    writeln!(text, "\nPolicies")?;
    for (number, policy) in program.policies.iter().enumerate() {
        let version = policy.version.as_ref().map_or(String::new(), |version| format!(" {version}"));
        let at = compiled.verified.shown(policy.place);
        writeln!(text, "  {}{version}  {at}{}  {}", policy.name, in_force(policy.in_force), policy.digest)?;
        for rule in program.rules.iter().filter(|rule| rule.policy as usize == number) {
            let trial = if rule.trial { "  on trial" } else { "" };
            let at = compiled.verified.shown(rule.place);
            writeln!(text, "    {}  {at}{}{trial}", rule.name, in_force(rule.in_force))?;
        }
    }
    Ok(())
}

fn in_force(in_force: InForce) -> String {
    let words = ["from", "until"].into_iter().zip(dates(in_force));
    words.filter_map(|(word, moment)| Some(format!("  {word} {}", moment?))).collect()
}

fn functions(text: &mut String, compiled: &Compiled) -> std::fmt::Result {
    let program = compiled.verified.program();
    for (number, function) in program.functions.iter().enumerate() {
        let of = match decides(program, number, function) {
            Some((action, true)) => format!("decides {}", action.name),
            Some((action, false)) => format!("is asked of {}", action.name),
            None => String::new(),
        };
        let cost = match function.cost {
            Some(cost) => format!("at most {cost} steps"),
            None => "without a bound of steps, since it walks over what has no declared bound".to_string(),
        };
        writeln!(text, "\nFunction {number} {of}: {} instructions, {cost}", function.ops.len())?;
        text.push_str(&listing::function(&compiled.verified, number));
    }
    Ok(())
}
