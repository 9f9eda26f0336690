//! Messages about clauses of rules and limits that stand in the wrong place, twice, or together where one excludes the other.
//! `resolve/clauses.rs` calls them; what a clause says is judged elsewhere.
//! Where moving the text mends it, the fix moves it.

use crate::diagnostic::{Diagnostic, Fix};
use crate::errors::Code;
use crate::source::Span;

/// `clause` in words of the language: "`when`", "`because`".
pub fn misplaced(at: Span, clause: &str, where_it_stands: &str, help: &str, fix: Option<Fix>) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::new(Code::E0111, at, format!("{clause} {where_it_stands}.")).label("in the wrong place").help(help);
    diagnostic.fix = fix;
    diagnostic
}

pub fn twice(at: Span, clause: &str, first: Span, help: &str) -> Diagnostic {
    Diagnostic::new(Code::E0112, at, format!("{clause} is given twice."))
        .label("given again")
        .also(first, "first given here")
        .help(help)
}

pub fn which_when(at: Span, word: &str, duty: Span) -> Diagnostic {
    Diagnostic::new(Code::E0113, at, format!("This `{word}` could belong to the duty or to the whole rule."))
        .label("which is meant?")
        .also(duty, "the duty before it")
        .help(format!("Write it on the line of its `must` for the duty, or above the first `must` for the rule. A `{word}` on a line of its own after `must` belongs to neither."))
}

pub fn filled_in(at: Span, fix: Option<Fix>) -> Diagnostic {
    let mut diagnostic = Diagnostic::new(Code::E0114, at, "This text is no message, so nothing can be filled into it.")
        .label("filled in with a value")
        .help("Write a text with braces in single quotes, or `\\{` for each brace. Values are filled in only in messages: `because`, `otherwise` and what a duty says.");
    diagnostic.fix = fix;
    diagnostic
}

pub fn mixed_effects(at: Span, effect: &str, first: &str, first_at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0118, at, format!("A rule has one effect; this one has {first} and {effect}."))
        .label("a second effect")
        .also(first_at, "the first effect")
        .help("Make two rules of it. Only `require` may stand several times, and with one `permit`.")
}

/// A limit that lacks one of its parts.
pub fn limit_lacks(at: Span, name: &str, part: &str, form: &str) -> Diagnostic {
    Diagnostic::new(Code::E0409, at, format!("The limit `{name}` does not say {part}."))
        .label("incomplete")
        .help(format!("Add `{form}`."))
}

pub fn unknown_override(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::E0402, at, format!("There is no rule `{name}` that this one could override."))
            .label("no such rule");
    match near {
        Some(near) => diagnostic.help(format!("Did you mean `{near}`?")).fix(format!("Write `{near}`"), vec![(at, near.to_string())]),
        None => diagnostic.help("A rule overrides rules and limits of its own policy, or overridable ones of the policy that its own is `under`."),
    }
}

pub fn foreign_override(at: Span, rule: &str, policy: &str) -> Diagnostic {
    Diagnostic::new(Code::E0402, at, format!("`{rule}` is a rule of `{policy}`, which this policy is not under."))
        .label("a rule of another policy")
        .help(format!("Only a policy `under {policy}` may override its rules."))
}

pub fn ambiguous_override(at: Span, name: &str, policies: &str) -> Diagnostic {
    Diagnostic::new(Code::E0402, at, format!("`{name}` is a rule of {policies}."))
        .label("which is meant?")
        .help("Write the policy before the rule: `policy.rule`.")
}

pub fn not_a_request(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0415, at, "This is no request.")
        .label("not a request")
        .help("Write the action and its fields, `pay_invoice { … }`, or the name of a `let` that holds one.")
}
