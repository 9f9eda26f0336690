//! The examples of every built-in, as policies would write them.

use ordain_tests::run::{chapter, report};
use ordain_vm::builtin::Shape;
use std::collections::BTreeSet;

#[test]
fn examples_give_what_they_say() {
    let modules: BTreeSet<&str> = ordain_stdlib::all().map(|row| row.module).filter(|name| !name.is_empty()).collect();
    let mut text = String::from("```ordain setting\n");
    for module in modules {
        text += &format!("import std.{module}\n");
    }
    text += "entity Agent\naction probe by Agent\npolicy desk { governs probe otherwise permit }\n";
    text += "let example = probe { actor: Agent(\"a\") }\n```\n```expressions\n";
    for row in ordain_stdlib::all() {
        // Opening hours are compared with nothing.
        let has_example = !row.examples.is_empty() || matches!(row.returns, Shape::Hours);
        assert!(has_example, "{} has no example", row.path());
        for (example, gives) in row.examples {
            text += &format!("{example}  =>  {}\n", if gives.is_empty() { "error" } else { gives });
        }
    }
    text += "```\n";
    report("the examples of built-ins", &chapter(&text));
}
