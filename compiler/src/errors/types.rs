//! Messages about types: one function each, in the author's words: what was found, what was wanted, what to do next.
//! `check/types` calls them with types by their names for people (`an amount in USD`) and expressions as they stand in
//! the text (`` `target.owner` ``, or `this` where they are long).

use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::errors::foreign::Instead;
use crate::hir::Head;
use crate::source::Span;
use ordain_vm::value::{Currency, Type};

/// What a value is to be.
#[derive(Clone, Copy, Debug)]
pub enum Spot<'s> {
    /// A parameter of a define, table, built-in or duty.
    Argument {
        of: &'s str,
        param: &'s str,
    },
    /// A field of a record, an attribute, an argument of an action in a fixture.
    Field {
        of: &'s str,
        field: &'s str,
    },
    /// What a named thing is or gives.
    Value(&'s str),
    Limit(&'s str),
    /// In words of its own: "each element"; empty where it always fits.
    The(&'s str),
}

impl Spot<'_> {
    fn words(self) -> String {
        match self {
            Spot::Argument { of, param } => format!("`{param}` of `{of}` is"),
            Spot::Field { of, field } => format!("`{field}` of `{of}` is"),
            Spot::Value(name) => format!("`{name}` is"),
            Spot::Limit(name) => format!("`{name}` counts"),
            Spot::The("") => "Here is wanted".to_string(),
            Spot::The(words) => {
                let mut letters = words.chars();
                let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
                format!("{first}{} is", letters.as_str())
            }
        }
    }

    fn code(self) -> Code {
        match self {
            Spot::Argument { .. } => Code::E0305,
            Spot::Field { .. } | Spot::Value(_) | Spot::Limit(_) | Spot::The(_) => Code::E0301,
        }
    }
}

/// An operand or operands: as it stands in the text, and what it is.
type Said<'s> = (&'s str, &'s str);

// What does not fit

pub fn misfit(at: Span, spot: Spot<'_>, want: &str, said: &str, found: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(spot.code(), at, format!("{} {want}, but {said} is {found}.", spot.words()))
        .label(format!("{found}; wanted: {want}"));
    let said = said.trim_matches('`');
    match (want, found) {
        ("a time of day", "an instant") => diagnostic.help(format!("Write `time_of({said})`.")),
        ("a date", "an instant") if said == "now" => diagnostic.help("Write `today`."),
        ("a date", "an instant") => diagnostic.help(format!("Write `date_of({said})`.")),
        _ => diagnostic,
    }
}

pub fn no_common_type(at: Span, other: Said<'_>, first_at: Span, first: Said<'_>, what: &str) -> Diagnostic {
    let message = format!("{what} have one type, but {} is {} and {} is {}.", first.0, first.1, other.0, other.1);
    Diagnostic::new(Code::E0301, at, capital(&message)).label(other.1).also(first_at, first.1)
}

pub fn too_long(at: Span, count: usize, max: u32, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("This has {count} {what}, and its place allows {max}."))
        .label(format!("more than {max} {what}"))
        .help("Make it shorter, or raise the bound where it is declared.")
}

/// Something stands where a text, a number or the like is wanted by an operator.
pub fn wanted(at: Span, operator: &str, want: &str, said: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("{operator} {want}, but {said} is {found}."))
        .label(format!("{found}; wanted: {want}"))
}

pub fn no_operation(at: Span, word: &str, left: Said<'_>, right: Said<'_>) -> Diagnostic {
    let joined = joined(word, left, right);
    let diagnostic =
        Diagnostic::new(Code::E0301, at, format!("There is no way to {joined}.")).label("does not go together");
    match (word, left.1, right.1) {
        ("add", "a text", _) | ("add", _, "a text") => {
            diagnostic.help("Texts are put together in a message: `\"{first} and {second}\"`.")
        }
        ("subtract", "a date", "a date") => diagnostic
            .help("`days_between` counts the days between two dates; `age(DATE)` compares with a length of time."),
        ("add" | "subtract", money, "a whole number" | "a number") if money.starts_with("an amount in ") => {
            let currency = money.trim_start_matches("an amount in ");
            diagnostic.help(format!("Give the number its currency: `{} {currency}`.", right.0.trim_matches('`')))
        }
        _ => diagnostic,
    }
}

fn joined(word: &str, left: Said<'_>, right: Said<'_>) -> String {
    match word {
        "add" => format!("add {} ({}) and {} ({})", left.0, left.1, right.0, right.1),
        "subtract" => format!("subtract {} ({}) from {} ({})", right.0, right.1, left.0, left.1),
        _ => format!("{word} {} ({}) by {} ({})", left.0, left.1, right.0, right.1),
    }
}

pub fn no_negative(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "`-` stands before", "a number, an amount or a length of time", said, found)
}

/// `types` are those of both.
pub fn not_comparable(at: Span, left: Said<'_>, right: Said<'_>, types: (&Type, &Type)) -> Diagnostic {
    let message =
        format!("Only values of one type compare, but {} is {} and {} is {}.", left.0, left.1, right.0, right.1);
    let diagnostic = Diagnostic::new(Code::E0301, at, message).label("of different types");
    let money = |said: Said<'_>, other: Said<'_>| {
        let currency = said.1.strip_prefix("an amount in ")?;
        ["a whole number", "a number"]
            .contains(&other.1)
            .then(|| format!("Give the number its currency: `{} {currency}`.", other.0.trim_matches('`')))
    };
    let help = money(left, right).or_else(|| money(right, left));
    let help = help.or_else(|| other_form(left.0, right.0, types));
    match help.or_else(|| other_form(right.0, left.0, (types.1, types.0))) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// How the first is written for the second, or asked.
fn other_form(value: &str, other: &str, types: (&Type, &Type)) -> Option<String> {
    let value = value.trim_matches('`');
    let other = other.trim_matches('`');
    let written = other.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    Some(match types {
        (Type::Enum(_) | Type::Country | Type::Currency | Type::Role, Type::Text(_)) => {
            format!("A member stands without quotes: `{}`.", written.unwrap_or("member"))
        }
        (Type::Date | Type::Instant | Type::Time | Type::Int | Type::Decimal | Type::Bool, Type::Text(_)) => {
            format!("It stands without quotes: `{}`.", written?)
        }
        (Type::Entity(_), Type::Text(_)) => format!("Ask for its id: `{value}.id`."),
        (Type::Date, Type::Instant) if other == "now" => "Write `today`, which is a date.".to_string(),
        (Type::Date, Type::Instant) => format!("Write `date_of({other})`, which is a date."),
        (Type::Instant, Type::Date) if other == "today" => "Write `now`, which is an instant.".to_string(),
        _ => return None,
    })
}

/// Something is looked for in a list, set or map of other things.
pub fn never_among(at: Span, element: Said<'_>, whole: Said<'_>) -> Diagnostic {
    let message = format!("{} is {}, so {}, which is {}, is never in it.", whole.0, whole.1, element.0, element.1);
    Diagnostic::new(Code::E0301, at, capital(&message)).label("of different types")
}

pub fn no_order(at: Span, found: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(
        if found == "a period" { Code::E0304 } else { Code::E0301 },
        at,
        format!("{} has no order, so there is no more and less of it.", capital(found)),
    )
    .label("has no order");
    if found.starts_with("a member of") {
        diagnostic.help("An `ordered enum` with `<` between its members has an order.")
    } else if found == "a period" {
        diagnostic.help("A month or a year has no fixed length. Say it in days or hours, or use `age(DATE)`.")
    } else {
        diagnostic.help("Numbers, amounts, texts, dates, times, instants, durations and ordered enums have an order.")
    }
}

pub fn no_equality(at: Span, found: &str) -> Diagnostic {
    Diagnostic::new(
        if found == "a period" { Code::E0317 } else { Code::E0301 },
        at,
        format!("Whether two are the same can't be asked of {found}."),
    )
    .label("can't be compared")
}

pub fn contains_nothing(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "`contains` looks into", "a text, a list or a set", said, found)
}

pub fn no_entity(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "Here is wanted", "an entity", said, found)
}

pub fn no_text(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "This test compares texts:", "a text", said, found)
}

pub fn no_range(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "`is within` wants", "opening hours or a range of IP addresses", said, found)
        .help("For numbers write `low <= x <= high`; for times `x is within 2 hours of y`.")
}

pub fn no_distance(at: Span, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("`is within … of` compares two dates or two instants, and not {found}."))
        .label("neither dates nor instants")
        .help("For numbers write `low <= x <= high`.")
}

pub fn no_money(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "`as … using …` converts", "an amount of money", said, found)
}

pub fn no_rates(at: Span, name: &str, found: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0301,
        at,
        format!("`using` wants a map from currencies to numbers, but `{name}` is {found}."),
    )
    .label("not a table of rates")
    .help(format!("Declare it so: `data {name}: map<Currency, decimal>`."))
}

pub fn no_sum(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "A sum or average is of", "numbers, amounts or durations", said, found)
}

pub fn not_showable(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "A message shows", "a value that can be said in words", said, found)
}

pub fn with_what(at: Span, said: &str, found: &str) -> Diagnostic {
    wanted(at, "`with` changes some fields of", "a record", said, found)
}

pub fn no_such_parent(at: Span, kind: &str, found: &str, allowed: Option<&str>) -> Diagnostic {
    let wanted = allowed.unwrap_or("nothing");
    Diagnostic::new(Code::E0318, at, format!("A parent of `{kind}` is {wanted}, but this is {found}."))
        .label("can't be a parent")
        .help(format!("Declare it: `entity {kind} in KIND`."))
}

pub fn results_without_record(at: Span, table: &str, found: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0301,
        at,
        format!("`{table}` has named result columns, which are the fields of a record, but it gives {found}."),
    )
    .label("gives no record")
    .help("Let it give a record with these fields, or name the one column `result`.")
}

pub fn never_missing(at: Span, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("`missing` is possible only of what may be missing, and this is {found}."))
        .label("never missing")
        .help("Remove it, or declare the value with a `?`.")
}

pub fn age_of_what(at: Span, said: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0308, at, format!("`age` is that of a date or an instant, but {said} is {found}."))
        .label(format!("{found}; wanted: a date or an instant"))
}

// Types where they are written

pub fn no_set(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("`{name}` is a set, so its type is one."))
        .label("not a set")
        .help("Write `set<…>` with the type of its elements.")
}

pub fn no_data(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0301,
        at,
        format!("`{name}` is supplied from outside: it is a set, a map, a list, a record, hours or a calendar."),
    )
    .label("not a type of data")
    .help("Declare a record for a single value; a fact about one request belongs into `context`.")
}

pub fn only_of_data(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0301,
        at,
        format!("`{name}` is a type of data and of parameters, and nothing else holds it."),
    )
    .label("not here")
    .help(format!("Declare it so: `data NAME: {name}`."))
}

/// `what` with its article: "a key of a map".
pub fn optional_key(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0301, at, format!("{} is always there, so its type has no `?`.", capital(what)))
        .label("may be missing")
        .fix("Remove the `?`", vec![(Span { start: at.end.saturating_sub(1), ..at }, String::new())])
}

// What may be missing

pub fn optional(at: Span, said: &str) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(Code::E0302, at, capital(&format!("{said} may be missing."))).label("may be missing");
    match said.strip_prefix('`').and_then(|said| said.strip_suffix('`')) {
        Some(name) => diagnostic.help(format!("Check `{name} is present` first, or say `{name} or else …`.")),
        None => diagnostic.help("Check that it `is present` first, or say `or else …` behind it."),
    }
}

/// `m[k]` of a map.
pub fn no_entry(at: Span, said: &str, key: &str, map: &str) -> Diagnostic {
    let (said, key, map) = (said.trim_matches('`'), key.trim_matches('`'), map.trim_matches('`'));
    Diagnostic::new(Code::E0302, at, format!("`{map}` may have no entry for `{key}`."))
        .label("may be missing")
        .help(format!("Check `{key} in {map}` first, or say `{said} or else …`."))
}

pub fn never_missing_or_else(at: Span, said: &str) -> Diagnostic {
    Diagnostic::new(Code::E0302, at, capital(&format!("{said} is never missing, so `or else` is never used.")))
        .label("never missing")
        .help("Remove the `or else` and what follows it.")
}

// Currencies and units

pub fn currencies(at: Span, word: &str, left: Currency, right: Currency) -> Diagnostic {
    let (left, right) = (left.code(), right.code());
    let what = match word {
        "compare" => format!("{left} and {right} don't compare"),
        "add" => format!("{left} and {right} don't add up"),
        "subtract" => format!("{right} can't be subtracted from {left}"),
        _ => format!("{left} and {right} have no ratio"),
    };
    Diagnostic::new(Code::E0303, at, format!("{what}: they are different currencies."))
        .label(format!("{left} and {right}"))
        .help(convert(left))
}

pub fn wrong_currency(at: Span, said: &str, found: Currency, want: Currency) -> Diagnostic {
    let (found, want) = (found.code(), want.code());
    Diagnostic::new(Code::E0303, at, format!("An amount in {want} is wanted, but {said} is in {found}."))
        .label(format!("in {found}; wanted: {want}"))
        .help(convert(want))
}

pub fn unknown_currency(at: Span, said: &str, want: Currency) -> Diagnostic {
    let want = want.code();
    Diagnostic::new(
        Code::E0303,
        at,
        format!("An amount in {want} is wanted, but only the request knows the currency of {said}."),
    )
    .label("of any currency")
    .help(convert(want))
}

fn convert(currency: &str) -> String {
    format!("Convert one: `AMOUNT as {currency} using RATES`, with `data RATES: map<Currency, decimal>`.")
}

pub fn units(at: Span, spot: Spot<'_>, want: &str, said: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0304, at, format!("{} {want}, but {said} is {found}.", spot.words()))
        .label(format!("{found}; wanted: {want}"))
        .help(UNITS)
}

pub fn units_do_not_mix(at: Span, word: &str, left: Said<'_>, right: Said<'_>) -> Diagnostic {
    let joined = joined(word, left, right);
    let diagnostic = Diagnostic::new(Code::E0304, at, format!("There is no way to {joined}."))
        .label("a date knows days, a duration knows hours");
    if left.1 == "a date" {
        diagnostic.help("To a date, add days, weeks, months, years or business days.")
    } else {
        diagnostic.label("a period has no length").help(UNITS)
    }
}

pub fn units_compared(at: Span, left: Said<'_>, right: Said<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::E0304,
        at,
        format!("A duration and a period don't compare: {} is {}, {} is {}.", left.0, left.1, right.0, right.1),
    )
    .label("a month or a year has no fixed length")
    .help(UNITS)
}

const UNITS: &str =
    "Durations are seconds, minutes, hours, days and weeks; periods are months, quarters, years and business days.";

pub fn periods_compared(at: Span, equality: bool) -> Diagnostic {
    Diagnostic::new(
        if equality { Code::E0317 } else { Code::E0304 },
        at,
        "Two periods don't compare: a month or a year has no fixed length.",
    )
    .label("no fixed length")
    .help("Say both in days or hours, or compare the dates that they lead to.")
}

// Age

pub fn age_equal(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0317, at, "An age is never asked to be exactly something: it grows all the time.")
        .label("compared with `is`")
        .help("Write `is at least`, `is more than`, `is at most` or `is less than`.")
}

pub fn age_of_date(at: Span, than: &str, of: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0308,
        at,
        format!("{} is a date, which has an age in days, months and years; {than} is in hours.", capital(of)),
    )
    .label("not in whole days")
    .help("Say it in days, weeks, months, years or business days.")
}

pub fn age_than_what(at: Span, said: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0308, at, format!("An age is compared with a length of time, but {said} is {found}."))
        .label(format!("{found}; wanted: a length of time"))
        .help("Write for example `age(DATE) is at least 90 days`.")
}

// Conditions and calls

pub fn no_condition(at: Span, said: &str, found: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(Code::E0306, at, format!("A condition is wanted here, but {said} is {found}."))
        .label(format!("{found}; wanted: a condition"));
    match said.strip_prefix('`').and_then(|said| said.strip_suffix('`')) {
        Some(name) if found.ends_with("may be missing") => {
            diagnostic.help(format!("Ask whether it is there: `{name} is present`."))
        }
        Some(name) => diagnostic.help(format!("Compare it: `{name} is …`.")),
        None => diagnostic,
    }
}

pub fn wrong_count(at: Span, callee: &str, params: &[&str], found: usize) -> Diagnostic {
    let form = format!("`{callee}({})`", params.join(", "));
    let message = match (params.len(), found) {
        (0, _) => format!("`{callee}` takes nothing in parentheses, but {found} {} given.", are(found)),
        (wanted, 0) => format!("`{callee}` takes {}, but none is given.", arguments(wanted)),
        (wanted, found) => format!("`{callee}` takes {}, but {found} {} given.", arguments(wanted), are(found)),
    };
    Diagnostic::new(Code::E0305, at, message).label("wrong number of arguments").help(format!("It is written {form}."))
}

fn arguments(count: usize) -> String {
    if count == 1 { "1 argument".to_string() } else { format!("{count} arguments") }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

pub fn field_left_out(at: Span, owner: &Head, field: &str) -> Diagnostic {
    Diagnostic::new(Code::E0305, at, format!("`{}` lacks its `{field}`.", owner.name.text))
        .rests_on([owner.at])
        .label(format!("`{field}` is not given"))
        .help(format!("Write `{field}: …`. Only what is declared with a `?` may be left out."))
}

pub fn follows_from_target(at: Span, action: &str, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0305, at, format!("`{name}` of `{action}` is the id of the target, and follows from it."))
        .label("given twice")
        .help("Remove it, and give the `target`.")
}

pub fn match_not_complete(at: Span, said: &str, lacking: &[&str]) -> Diagnostic {
    let shown: Vec<String> = lacking.iter().take(5).map(|name| format!("`{name}`")).collect();
    let more = if lacking.len() > 5 { format!(" and {} more", lacking.len() - 5) } else { String::new() };
    let diagnostic = Diagnostic::new(Code::E0307, at, format!("This `match` has no answer for some values of {said}."))
        .label(format!("not said: {}{more}", shown.join(", ")));
    if lacking == ["any"] {
        diagnostic.help("End it with `any => …`, since not all values can be listed.")
    } else {
        diagnostic.help("Add a line for each, or end it with `any => …`.")
    }
}

pub fn any_not_last(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0307, at, "`any` stands for all that is left, so nothing behind it is ever reached.")
        .label("not the last")
        .help("Move it to the end.")
}

// Words

/// A bare word where nothing says of which type it is.
pub fn member_of_what(at: Span, name: &str, owners: &[String]) -> Diagnostic {
    match owners {
        [] => Diagnostic::new(Code::E0201, at, format!("Nothing here is called `{name}`.")).label("not known"),
        [owner] => Diagnostic::new(
            Code::E0201,
            at,
            format!("`{name}` is a member of `{owner}`, but nothing here says that one is wanted."),
        )
        .label("of which type?")
        .help(format!("Write `{owner}.{name}`.")),
        _ => Diagnostic::new(
            Code::E0201,
            at,
            format!("`{name}` is a member of {}, and nothing here says which is meant.", owners.join(", ")),
        )
        .label("which is meant?")
        .help(format!("Write `{}.{name}`, for example.", owners[0])),
    }
}

/// A name that is unknown, and no member of a type that has members.
pub fn unknown_word(at: Span, name: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::E0201, at, format!("Nothing here is called `{name}`, where {wanted} is wanted."))
        .label("not known")
        .help(format!("A text stands in quotes: `\"{name}\"`."))
}

/// What there is instead of an unknown member, where that is not much.
pub fn members_are(diagnostic: Diagnostic, members: &[String]) -> Diagnostic {
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    super::names::they_are(diagnostic, "It has", &members)
}

// Fields

/// A field of a value that has none.
pub fn no_fields(at: Span, said: &str, found: &str, name: &str) -> Diagnostic {
    let message = format!("{said} is {found}, which has no fields, so no `{name}`.");
    let diagnostic = Diagnostic::new(Code::E0202, at, capital(&message)).label("no such field");
    let function = match super::foreign::name(name, "a function") {
        Some(Instead::Say(help)) => return diagnostic.help(help),
        Some(Instead::Write(function)) => function,
        None if ordain_stdlib::find("", name).is_some() => name,
        None => return diagnostic,
    };
    diagnostic.help(format!("Write `{function}({})`.", said.trim_matches('`')))
}

/// Not every kind that an entity may be has the attribute; with their articles.
pub fn not_every_kind_has(at: Span, said: &str, name: &str, lacks: &str, has: &str) -> Diagnostic {
    let said_plain = said.trim_matches('`');
    Diagnostic::new(
        Code::E0202,
        at,
        format!("{} has a `{name}`, but {said} may also be {lacks}, which has none.", capital(has)),
    )
    .label("not shared by all kinds")
    .help(format!("Ask `{said_plain} is {has}` first."))
}

/// An attribute that two kinds have with different types; with their articles.
pub fn kinds_differ(at: Span, name: &str, a: Said<'_>, b: Said<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::E0202,
        at,
        format!("`{name}` is not of one type: of {} it is {}, of {} {}.", a.0, a.1, b.0, b.1),
    )
    .label("of different types")
    .help("Ask which kind it is first, with `is a`.")
}

pub fn any_has_no_arguments(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0202,
        at,
        format!("An entry of `past any` has no `{name}`: actions of all kinds are among them."),
    )
    .label("not shared by all actions")
    .help("It has `time`, `actor`, `target`, `action`, `session` and `id`. Name the action for its arguments.")
}

pub fn result_without_returned(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0202, at, "Only entries that came back have a `result`.")
        .label("may have no result")
        .help("Write `returned` behind the name of the action: `past ACTION returned …`.")
}

pub fn only_approver_id(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0202, at, format!("Of this approver only the `id` is known, so no `{name}`."))
        .label("not known")
        .help("Say who has the role: `role ROLE by KIND`.")
}

pub fn no_index(at: Span, said: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0316, at, format!("`[…]` looks up an entry of a map or a list, but {said} is {found}."))
        .label("has no entries")
}

// Lists, sets, history

pub fn not_many(at: Span, said: &str, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0309, at, format!("Here is wanted a list, a set or the past, but {said} is {found}."))
        .label(format!("{found}; wanted: a list, a set or the past"))
}

pub fn not_in_step(at: Span, vars: usize, sources: usize) -> Diagnostic {
    Diagnostic::new(Code::E0305, at, format!("There are {vars} variables for {sources} lists."))
        .label("wrong number")
        .help("Write one variable for each list: `all(a, b in xs, ys satisfy …)`.")
}

pub fn past_in_step(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0309, at, "Only lists go in step with another.")
        .label("no list")
        .help("Ask the past in a quantifier of its own.")
}

pub fn set_in_step(at: Span, said: &str) -> Diagnostic {
    Diagnostic::new(
        Code::E0309,
        at,
        capital(&format!("{said} is a set, which has no order, so it can't go in step with another.")),
    )
    .label("a set has no order")
    .help("Declare it as a list.")
}

pub fn latest_of_list(at: Span, said: &str) -> Diagnostic {
    Diagnostic::new(Code::E0309, at, format!("`latest` and `earliest` ask the past, but {said} has no times."))
        .label("not the past")
        .help("For a list write `max(… for …)` or `min(… for …)`.")
}

// Patterns

pub fn bad_pattern(at: Span, pattern: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::E0311, at, format!("The pattern `{pattern}` can't be used: {}.", why.trim_end_matches('.')))
        .label("bad pattern")
}

pub fn bad_glob(at: Span, glob: &str, why: &str) -> Diagnostic {
    Diagnostic::new(Code::E0311, at, format!("`like` can't use `{glob}`: {}.", why.trim_end_matches('.')))
        .label("bad pattern")
        .help("`*` stands for anything, and `\\*` for a star.")
}

// Origins

pub fn no_origin(at: Span, said: &str) -> Diagnostic {
    Diagnostic::new(Code::E0312, at, format!("Nobody records where {said} came from."))
        .label("no argument of the request")
        .help(
            "Ask it of an argument, of `target`, of their fields, or of a variable over such a list: `all(x in to satisfy x comes from …)`.",
        )
}

// Exports

pub fn export_reads(at: Span, define: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0314, at, format!("`{define}` is exported, so it can't read {what}."))
        .label(format!("reads {what}"))
        .help("Make what it needs a parameter, or remove `export`.")
}

pub fn export_reads_through(at: Span, define: &str, call: &str, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0314, at, format!("`{define}` is exported, so it can't read {what}, as {call} does."))
        .label(format!("reads {what}"))
        .help("Make what it needs a parameter, or remove `export`.")
}

// Kinds of entity

pub fn never_a(at: Span, said: &str, found: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::E0318, at, capital(&format!("{said} is {found}, and never {wanted}."))).label("never so")
}

pub fn never_the_same(at: Span, left: Said<'_>, right: Said<'_>) -> Diagnostic {
    Diagnostic::new(
        Code::E0318,
        at,
        format!("These are never the same: {} is {}, and {} is {}.", left.0, left.1, right.0, right.1),
    )
    .label("never the same")
    .help("Compare their ids, `x.id is y.id`, if that is what is meant.")
}

pub fn never_belongs(at: Span, member: Said<'_>, group: &str) -> Diagnostic {
    Diagnostic::new(Code::E0318, at, format!("{} is {}, which never belongs to {group}.", capital(member.0), member.1))
        .label("never so")
        .help("What an entity may belong to stands behind `in` where its kind is declared.")
}

/// A `by` or `on` that no entry of the past can have.
pub fn never_a_key(at: Span, said: &str, found: &str, which: &str, source: &str) -> Diagnostic {
    Diagnostic::new(Code::E0318, at, format!("{} is {found}, which is never the {which} of {source}.", capital(said)))
        .label("never so")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
