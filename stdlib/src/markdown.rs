//! The rows as a page for people: `spec/builtins.md`. A test compares the committed page; `UPDATE=1` rewrites it.

use crate::all;
use ordain_vm::builtin::{Bound, Builtin, Reads, Shape};
use std::collections::BTreeSet;

/// `spec/builtins.md`, whole. Its examples are run with the other chapters of the specification.
pub fn markdown() -> String {
    let mut page = String::from(
        "# Built-in functions\n\n\
         What a policy can call besides its own definitions. Those of the first part are known everywhere; the others after an\n\
         `import`. All are pure: the same operands give the same result on every machine. A function that can't give one, as\n\
         where a number is too large, is an evaluation error, and doubt refuses. A text that a function makes has at most\n\
         1,000,000 characters, a list or set at most 100,000 entries (E0512). `T?` may be missing. A letter such as `T` stands\n\
         for one type that the operands settle.\n\n\
         This page is made from the table of built-ins in `stdlib/src`; change it there.\n\n\
         ```ordain setting\n",
    );
    let modules: BTreeSet<_> = all().map(|row| row.module).filter(|name| !name.is_empty()).collect();
    for module in modules {
        page.push_str(&format!("import std.{module}\n"));
    }
    page.push_str("action try_out\npolicy trial_of_builtins { governs try_out }\nlet example = try_out { }\n```\n");
    let mut module = None;
    for row in all() {
        if module != Some(row.module) {
            module = Some(row.module);
            match row.module {
                "" => page.push_str("\n## Without an import\n"),
                name => page.push_str(&format!("\n## `import std.{name}`\n")),
            }
        }
        page.push_str(&entry(row));
    }
    page
}

fn entry(row: &Builtin) -> String {
    let mut text = format!("\n### `{}`\n\n    {}\n\n{}", row.path(), signature(row), row.doc);
    match row.reads {
        Reads::Nothing => {}
        Reads::Policy => text.push_str(" Reads the policy's zone or calendar."),
    }
    text.push('\n');
    if !row.examples.is_empty() {
        let examples: String =
            row.examples.iter().map(|(example, result)| format!("{example}  =>  {result}\n")).collect();
        text.push_str(&format!("\n```expressions\n{examples}```\n"));
    }
    text
}

/// `slice(of: text or list<T>, from: int, to: int) -> text or list<T>`
pub fn signature(row: &Builtin) -> String {
    let params: Vec<_> = row.params.iter().map(|param| format!("{}: {}", param.name, shape(&param.shape))).collect();
    let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
    format!("{}{params} -> {}", row.path(), shape(&row.returns))
}

fn shape(of: &Shape) -> String {
    let simple = match of {
        Shape::Bool => "bool",
        Shape::Int => "int",
        Shape::Decimal => "decimal",
        Shape::Text => "text",
        Shape::Date => "date",
        Shape::Time => "time",
        Shape::Instant => "instant",
        Shape::Duration => "duration",
        Shape::Period => "period",
        Shape::Country => "Country",
        Shape::Currency => "Currency",
        Shape::Money => "money",
        Shape::Ip => "ip",
        Shape::IpRange => "ip_range",
        Shape::Hours => "hours",
        Shape::Choice(choice) => choice.name(),
        Shape::Var(_, Bound::Number) => "int, decimal, money or duration",
        Shape::Var(_, Bound::Fraction) => "decimal or money",
        Shape::Var(_, Bound::Sequence) => "text or list<T>",
        // What `<` doesn't compare, the checker says.
        Shape::Var(letter, Bound::Any | Bound::Ordered) => return letter.to_uppercase().to_string(),
        Shape::List(of) => return format!("list<{}>", shape(of)),
        Shape::Set(of) => return format!("set<{}>", shape(of)),
        Shape::Map(key, value) => return format!("map<{}, {}>", shape(key), shape(value)),
        Shape::Optional(of) => return format!("{}?", shape(of)),
        Shape::OneOf(shapes) => {
            let shapes: Vec<_> = shapes.iter().map(shape).collect();
            return match shapes.split_last() {
                Some((last, [])) => last.clone(),
                Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
                None => String::new(),
            };
        }
    };
    simple.to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../spec/builtins.md");
        let made = super::markdown();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &made).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == made, "spec/builtins.md is not what the rows say; UPDATE=1 rewrites it");
    }
}
