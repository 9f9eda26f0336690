//! Messages about names: one function each, in the author's words, with the nearest name that does exist.
//! `resolve` calls them, and `check` where only the type of a value says which names there are.
//! Where a name may be looked for is not decided here.

use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::errors::foreign::{self, Instead};
use crate::hir::Head;
use crate::source::Span;

/// What could have been meant by a name that is not known.
#[derive(Clone, Debug, Default)]
pub struct Near {
    /// A name that is known here and looks alike.
    pub name: Option<String>,
    /// A module that has the name, and the line that would bring it.
    pub import: Option<(String, String)>,
}

impl Near {
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.import.is_none()
    }

    pub fn name(name: Option<&str>) -> Near {
        Near { name: name.map(str::to_string), import: None }
    }

    fn give(self, at: Span, diagnostic: Diagnostic) -> Diagnostic {
        match (self.import, self.name) {
            (Some((module, line)), _) => diagnostic.help(format!("`{module}` has it: write `{line}`.")),
            (None, Some(name)) => diagnostic
                .help(format!("Did you mean `{name}`?"))
                .fix(format!("Write `{name}`"), vec![(at, quoted(&name))]),
            (None, None) => diagnostic,
        }
    }
}

/// A name as it is written in a file: in backticks where it is no plain word.
fn quoted(name: &str) -> String {
    let plain = |part: &str| {
        part.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    if name.split('.').all(plain) { name.to_string() } else { format!("`{name}`") }
}

/// The candidate that is fewest typing slips away from `name`, where that is few for its length.
/// Another case of a letter is no slip by itself.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).take(65).collect();
    let allowed = match letters.len() {
        65.. => return None,
        0..=1 => 0,
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    };
    let mut best: Option<(usize, &str)> = None;
    let mut other_letters = vec![];
    for other in candidates {
        if other == name {
            continue;
        }
        other_letters.clear();
        other_letters.extend(other.chars().flat_map(char::to_lowercase).take(80));
        let allowed = best.map_or(allowed, |(slips, _)| slips);
        if let Some(slips) = slips(&letters, &other_letters, allowed)
            && best.is_none_or(|old| (slips, other) < old)
        {
            best = Some((slips, other));
        }
    }
    best.map(|(_, other)| other)
}

/// Letters to insert, drop, change or swap with their neighbour, where they are no more than `allowed`.
fn slips(name: &[char], other: &[char], allowed: usize) -> Option<usize> {
    if name.len().abs_diff(other.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = vec![];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in name.iter().enumerate() {
        let mut next = vec![row + 1];
        for (column, b) in other.iter().enumerate() {
            let change = last[column] + usize::from(a != b);
            let mut cost = change.min(last[column + 1] + 1).min(next[column] + 1);
            if row > 0 && column > 0 && *a == other[column - 1] && name[row - 1] == *b {
                cost = cost.min(before[column - 1] + 1);
            }
            next.push(cost);
        }
        if next.iter().min().is_some_and(|least| *least > allowed) {
            return None;
        }
        before = std::mem::replace(&mut last, next);
    }
    last.last().copied().filter(|slips| *slips <= allowed)
}

/// `wanted` is what the place wants, with its article: "a type", "an action".
pub fn unknown(at: Span, name: &str, wanted: &str, near: Near) -> Diagnostic {
    let message = if wanted.is_empty() {
        format!("Nothing here is called `{name}`.")
    } else {
        format!("There is no {} called `{name}` here.", without_article(wanted))
    };
    let diagnostic = near.give(at, Diagnostic::new(Code::E0201, at, message).label("not known"));
    if diagnostic.help.is_none()
        && let Some(instead) = foreign::name(name, wanted)
    {
        return give_instead(at, diagnostic, instead);
    }
    match (&diagnostic.help, how_to_declare(wanted, name)) {
        (None, Some(how)) => {
            diagnostic.help(format!("Declare it, as in `{how}`, or import it from the module that does."))
        }
        (Some(_), _) | (None, None) => diagnostic,
    }
}

/// What other languages call otherwise.
fn give_instead(at: Span, diagnostic: Diagnostic, instead: Instead) -> Diagnostic {
    match instead {
        Instead::Write(word) => {
            let title = format!("Write `{word}`");
            diagnostic.help(format!("{title}.")).fix(title, vec![(at, word.to_string())])
        }
        Instead::Say(help) => diagnostic.help(help),
    }
}

/// `input.amount`
pub fn field_by_itself(at: Span, word: &str, field: &str, whole: Span) -> Diagnostic {
    Diagnostic::new(
        Code::E0201,
        at,
        format!("Nothing here is called `{word}`; a field of the request stands by itself."),
    )
    .label("not known")
    .help(format!("Write `{field}`."))
    .fix(format!("Write `{field}`"), vec![(whole, field.to_string())])
}

/// `memo is null`; `negated`: `memo is not null`. `relation` is what stands behind the value.
pub fn compared_with_null(at: Span, word: &str, relation: Span, negated: bool) -> Diagnostic {
    let instead = if negated { "is present" } else { "is missing" };
    Diagnostic::new(
        Code::E0201,
        at,
        format!("Nothing here is called `{word}`; a value that may be missing is asked for."),
    )
    .label("not known")
    .help(format!("Write `{instead}`."))
    .fix(format!("Write `{instead}`"), vec![(relation, instead.to_string())])
}

/// `t.startsWith("x")`, `xs.length`: a function behind what it works on.
pub fn function_behind(at: Span, name: &str) -> Diagnostic {
    let diagnostic = wrong_kind(at, name, "a field", "a function", None);
    match foreign::name(name, "a function") {
        Some(Instead::Write(word)) => {
            diagnostic.help(format!("Functions stand before what they work on: `{word}(…)`."))
        }
        Some(Instead::Say(help)) => diagnostic.help(help),
        None => diagnostic.help(format!("Functions stand before what they work on: `{name}(…)`.")),
    }
}

fn how_to_declare(wanted: &str, name: &str) -> Option<String> {
    match without_article(wanted) {
        "action, event or group" | "action or group" | "action" => Some(format!("action {name}")),
        "role" => Some(format!("role {name}")),
        "type" | "entity" => Some(format!("entity {name}")),
        "duty" => Some(format!("duty {name}()")),
        _ => None,
    }
}

fn without_article(wanted: &str) -> &str {
    wanted.strip_prefix("an ").or_else(|| wanted.strip_prefix("a ")).unwrap_or(wanted)
}

pub fn unknown_zone(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::E0201, at, format!("There is no time zone called `{name}`.")).label("not known");
    match near {
        Some(near) => diagnostic
            .help(format!("Did you mean `{near}`?"))
            .fix(format!("Write `{near}`"), vec![(at, format!("\"{near}\""))]),
        None => diagnostic.help("Zones have names like `Europe/Berlin`, `America/New_York` and `UTC`."),
    }
}

/// A word that has a meaning, but not in this place.
pub fn not_here(at: Span, word: &str, why: &str, help: &str) -> Diagnostic {
    Diagnostic::new(Code::E0201, at, format!("`{word}` is not known here: {why}.")).label("not known here").help(help)
}

/// `of` is whose field it would be: "`Vendor`", "the action `pay_invoice`"; `known` are those that it has.
pub fn no_such_field<'a>(at: Span, name: &str, of: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let known: Vec<&str> = known.into_iter().collect();
    let diagnostic = Diagnostic::new(Code::E0202, at, format!("{of} has no field `{name}`.")).label("no such field");
    match nearest(name, known.iter().copied()) {
        Some(near) => Near::name(Some(near)).give(at, diagnostic),
        None => they_are(diagnostic, "It has", &known),
    }
}

/// Lists what there is, where that is few enough to be read.
pub fn they_are(diagnostic: Diagnostic, start: &str, known: &[&str]) -> Diagnostic {
    if known.is_empty() || known.len() > 12 {
        return diagnostic;
    }
    let mut known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    known.sort();
    diagnostic.help(format!("{start} {}.", known.join(", ")))
}

/// A field that only some members of a group have, or that they have with different types.
pub fn not_shared(at: Span, name: &str, has: &str, lacks: &str, differs: bool) -> Diagnostic {
    let message = if differs {
        format!("`{name}` is not of one type: `{has}` and `{lacks}` declare it differently.")
    } else {
        format!("`{has}` has a field `{name}`, but `{lacks}` has none.")
    };
    Diagnostic::new(Code::E0202, at, message)
        .label("not shared by all actions of this rule")
        .help("A rule on several actions sees the fields that all of them share with one type. Write a rule for each action that has it.")
}

/// `actor` or `target` of an action that has none.
pub fn no_party(at: Span, word: &str, head: &Head) -> Diagnostic {
    let action = &head.name.text;
    let clause = if word == "actor" { "by" } else { "on" };
    Diagnostic::new(Code::E0202, at, format!("`{action}` has no `{word}`: its declaration has no `{clause}`."))
        .label(format!("`{action}` has none"))
        .help(format!("Declare who that is: `action {action} {clause} KIND`."))
        .rests_on([head.at])
}

/// A result is asked of an action that returns none.
pub fn returns_nothing(at: Span, head: &Head) -> Diagnostic {
    let action = &head.name.text;
    Diagnostic::new(Code::E0202, at, format!("`{action}` declares nothing that it returns, so there is no result."))
        .label("no result")
        .help(format!("Declare it: `action {action} … returns TYPE`."))
        .rests_on([head.at])
}

/// An entry of the past, or `context` or `args`, used as if it were a value.
pub fn needs_member(at: Span, word: &str, what: &str, example: &str) -> Diagnostic {
    Diagnostic::new(Code::E0202, at, format!("`{word}` is {what}; only its fields are values."))
        .label("a field is wanted")
        .help(format!("Name the field: `{word}.{example}`."))
}

pub fn declared_twice(at: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E0203, at, format!("`{name}` is declared twice."))
        .label("declared again")
        .also(first, "first declared here")
        .help("Give one of them another name, or remove it.")
}

/// Two modules declare the same name of a kind that outside programs know by name.
pub fn declared_in_two_modules(at: Span, name: &str, kind: &str, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E0203, at, format!("There is {kind} `{name}` in another module already."))
        .label("declared again")
        .also(first, "first declared here")
        .help(format!("Requests know {kind} by its name alone, so a package has one of each name. Import the first, or rename one."))
}

/// A declaration or an attribute with a name that the language keeps for itself.
pub fn kept_name(at: Span, name: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0208, at, format!("`{name}` can't name {what}: the word has a meaning of its own."))
        .label("already has a meaning")
        .help("Take another name.")
}

/// A member of `context` that every request has by itself.
pub fn kept_member(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0208,
        at,
        format!("`{name}` can't name a member of `context`: requests say something else by it there."),
    )
    .label("already has a meaning")
    .help("Take another name.")
}

/// A declaration with the name of a built-in function.
pub fn hides_builtin(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::W0201, at, format!("`{name}` hides the built-in function of the same name."))
        .label("hides the built-in")
        .help("Take another name, so that a reader can't take one for the other.")
}

/// Two members of an enum that are the same text in requests.
pub fn wire_twice(at: Span, wire: &str, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E0203, at, format!("\"{wire}\" stands for two members in requests."))
        .label("given again")
        .also(first, "first given here")
        .help("Give each member a text of its own.")
}

pub fn unknown_module(at: Span, name: &str, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::E0204, at, format!("There is no module `{name}`.")).label("no such module");
    match near {
        Some(_) => Near::name(near).give(at, diagnostic),
        None if name.starts_with("std.") => diagnostic.help("Modules of the standard library start with `std.`."),
        None => diagnostic.help(
            "A module is a file of this package. See the `module` line at its top, and `[sources]` in ordain.toml.",
        ),
    }
}

/// `scoped` says what the name is here: "a field of the request", "a `let`".
pub fn two_meanings(at: Span, name: &str, scoped: &str, member_of: &str) -> Diagnostic {
    let other =
        if scoped == "a field of the request" { format!(", `args.{name}` for the field") } else { String::new() };
    let help = format!("Write `{member_of}.{name}` for the member{other}, or give one of them another name.");
    Diagnostic::new(
        Code::E0205,
        at,
        format!("`{name}` has two meanings here: {scoped}, and a member of `{member_of}`."),
    )
    .label("which is meant?")
    .help(help)
}

/// A rule's name that two policies have.
pub fn ambiguous_rule(at: Span, name: &str, first: &str, second: &str) -> Diagnostic {
    Diagnostic::new(Code::E0205, at, format!("`{name}` is a rule of `{first}` and of `{second}`."))
        .label("which is meant?")
        .help(format!("Write the policy before it: `{first}.{name}`."))
}

/// The argument that is the target's id, written out in a fixture.
pub fn follows_from_target(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0202, at, format!("`{name}` is the id of the target, and follows from it."))
        .label("not written out")
        .help("Remove it, and give the `target`.")
}

pub fn not_in_module(at: Span, name: &str, module: &str, elsewhere: Option<&str>, near: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::E0206, at, format!("The module `{module}` declares no `{name}`."))
        .label("not declared there");
    match elsewhere {
        Some(other) => diagnostic.help(format!("`{other}` declares it: write `import {other} {{ {name} }}`.")),
        None => Near::name(near).give(at, diagnostic),
    }
}

/// `circle` is the way round, the first name again at its end.
pub fn circle(at: Span, what: &str, circle: &[&str], others: &[Span]) -> Diagnostic {
    let way: Vec<String> = circle.iter().map(|name| format!("`{name}`")).collect();
    let message = match circle {
        [name, _] => format!("`{name}` {what} itself."),
        _ => format!("`{}` {what} itself, by way of others.", circle.first().copied().unwrap_or_default()),
    };
    let start = Diagnostic::new(Code::E0207, at, message)
        .label("the circle starts here")
        .note(format!("The circle: {}.", way.join(" → ")));
    let all = others.iter().fold(start, |diagnostic, at| diagnostic.also(*at, "on the way round"));
    all.help("Nothing in a policy may run round in a circle. Take one of the steps out.")
}

/// A variable, parameter or `let` with a name that means something else already.
pub fn hides(at: Span, name: &str, what: &str, other: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::E0208, at, format!("`{name}` hides {what} of the same name."))
        .label("hides the other")
        .help("Take another name, so that a reader can't take one for the other.");
    match other {
        Some(other) => diagnostic.also(other, "this one is hidden"),
        None => diagnostic,
    }
}

/// A bare field of the request where the file has a set or data of that name.
pub fn field_hides(at: Span, name: &str, what: &str, other: Option<Span>) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        Code::W0201,
        at,
        format!("`{name}` is the field of the request here, and hides {what} of the same name."),
    )
    .label("the field is meant")
    .help(format!("Write `args.{name}` where other readers could take it for the other, or rename one."));
    match other {
        Some(other) => diagnostic.also(other, "this one is hidden"),
        None => diagnostic,
    }
}

/// An entity with attributes or parents outside of tests.
pub fn attributes_here(at: Span) -> Diagnostic {
    Diagnostic::new(
        Code::E0209,
        at,
        "Attributes and parents of an entity are written only in tests; in a policy they come with the request.",
    )
    .label("an entity of a test")
    .help("Name it by its id alone: `Team(\"close\")`.")
}

/// `is` and `wanted` with their articles: "a role", "an action or event".
pub fn wrong_kind(at: Span, name: &str, is: &str, wanted: &str, help: Option<String>) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::E0209, at, format!("`{name}` is {is}, but here stands {wanted}."))
        .label(format!("{is}, not {wanted}"));
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// `past fraud_score denied`
pub fn state_of_event(at: Span, event: &str) -> Diagnostic {
    Diagnostic::new(Code::E0209, at, format!("`{event}` is an event: nobody asks for it, so this can't be said of it."))
        .label("only of actions")
        .help(format!("Write `past {event}` without it."))
}

/// `of` is the enum, or "country", "currency".
pub fn unknown_member(at: Span, name: &str, of: &str, near: Option<&str>) -> Diagnostic {
    Near::name(near)
        .give(at, Diagnostic::new(Code::E0210, at, format!("`{of}` has no member `{name}`.")).label("no such member"))
}

pub fn module_twice(at: Span, name: &str, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E0212, at, format!("Two files are the module `{name}`."))
        .label("the same name again")
        .also(first, "the first one")
        .help("Every file has a `module` line with a name of its own.")
}

pub fn std_module(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0212, at, format!("`{name}` is a module of the standard library."))
        .label("the same name again")
        .help("Give the file a module name of its own.")
}

/// `kind` without an article: "role", "parameter".
pub fn unused(at: Span, kind: &str, name: &str) -> Diagnostic {
    let help = match kind {
        "parameter" => "Use it, or remove it and what callers give for it.",
        "import" => "Remove it from the import.",
        _ => "Use it, or remove it.",
    };
    Diagnostic::new(Code::W0202, at, format!("The {kind} `{name}` is not used.")).label("not used").help(help)
}

pub fn two_module_lines(at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::E0203, at, "A file is one module, and this one has its `module` line already.")
        .label("a second `module` line")
        .also(first, "the first one")
        .help("Remove one of them, or make two files of it.")
}

/// `int<max 5>`
pub fn type_takes_nothing(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0305, at, format!("`{name}` is written without `<…>`."))
        .label(format!("write `{name}`"))
        .help("Bounds of numbers are conditions: write a rule, or a `require`.")
        .fix(format!("Write `{name}`"), vec![(at, name.to_string())])
}

/// A generic type with too few, too many or wrong parts.
pub fn type_form(at: Span, name: &str, form: &str) -> Diagnostic {
    Diagnostic::new(Code::E0305, at, format!("`{name}` is written `{form}`.")).label(format!("write `{form}`"))
}

/// Something with a number of parts that is not the one wanted.
pub fn wrong_count(at: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::new(Code::E0305, at, message).label("wrong number").help(help)
}

/// `count(xs)` and its like: a quantifier without its variable.
pub fn no_variable(at: Span, word: &str) -> Diagnostic {
    if word == "count" {
        return Diagnostic::new(
            Code::E0310,
            at,
            "`count` counts the members that meet a condition; it takes no list by itself.",
        )
        .label("a variable is missing")
        .help("Write `length(xs)` for the number of all members, or `count(x in xs where …)`.");
    }
    let form = match word {
        "any" | "none" => format!("{word}(x in xs where …)"),
        "all" => "all(x in xs satisfy …)".to_string(),
        _ => format!("{word}(x for x in xs)"),
    };
    Diagnostic::new(Code::E0309, at, format!("`{word}` goes over the members of something by a variable."))
        .label("a variable is missing")
        .help(format!("Write `{form}`."))
}

pub fn past_alone(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0309, at, "The past is no value; it can be counted, searched and summed.")
        .label("not inside `any`, `count`, `sum` or their like")
        .help("Write `any(e in past … where …)`, `count(e in past …)` or `latest(e.time for e in past …)`.")
}

/// A past without a window.
pub fn no_window(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "This does not say how far back the past is read.")
        .label("a window is missing")
        .help("Add one: `within 24 hours`, `this session`, `since …` or `ever`.")
}

pub fn no_sheet(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0623, at, format!("There is no file `{name}` in the package."))
        .label("not found")
        .help("A sheet stands beside the file that names it, or its path is written from there.")
}

/// A row with more or fewer cells than the table has columns; parameters first, then results.
pub fn row_width(at: Span, found: (usize, usize), wanted: (usize, usize)) -> Diagnostic {
    let counted = |(cells, results): (usize, usize)| match cells {
        0 => format!("{results} behind it"),
        _ => format!("{cells} before `||` and {results} behind it"),
    };
    Diagnostic::new(Code::E0412, at, format!("This row has {}, and the table has {}.", counted(found), counted(wanted)))
        .label("not as wide as the table")
        .help("Write a cell for each column; `any` fits every value.")
}

/// A line or cell of a sheet that is not of the form of a table.
pub fn sheet_form(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0412, at, what).help(
        "A sheet has the columns of a table: parameters, then results. Its cells are written as those of a table.",
    )
}

/// A member of `context` that must be there.
pub fn context_optional(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("`{name}` may be missing from a request, so its type has a `?`."))
        .label("not optional")
        .help("Write `?` behind the type.")
        .fix("Add `?`", vec![(at.after(), "?".to_string())])
}

pub fn age_alone(at: Span) -> Diagnostic {
    Diagnostic::new(
        Code::E0308,
        at,
        "`age` is only compared: with a length of time, on the other side of the comparison.",
    )
    .label("not compared")
    .help("Write `age(DATE) is at least 90 days`.")
}

pub fn pattern_not_constant(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0311,
        at,
        format!("What follows `{word}` is a text written out, so that it can be checked beforehand."),
    )
    .label("not a text written out")
    .help(format!("Write the pattern itself: `{word} '…'`."))
}
