//! From what the grammar met, and what it could have taken, to a message in the author's words.
//! Called by `build.rs` for every recovery and by `parse.rs` for an item that could not be recovered.
//! The grammar's terminals are never listed: they are told in a few kinds of things that people write.

use super::build::Builder;
use super::words::{self, Scope, Tok};
use crate::diagnostic::Diagnostic;
use crate::errors::{foreign, syntax};
use crate::source::Span;
use lalrpop_util::ParseError;
use ordain_vm::value::Currency;

/// What was met and could not be taken.
struct Met<'a> {
    at: Span,
    /// `None`: the end of the item.
    tok: Option<Tok>,
    text: &'a str,
    before: Option<(Tok, Span)>,
    /// The one before that.
    earlier: Option<(Tok, Span)>,
    behind: Option<Tok>,
    /// On the line of the token before.
    same_line: bool,
    expected: Vec<&'a str>,
}

impl Met<'_> {
    fn wants(&self, terminal: &str) -> bool {
        self.expected.contains(&terminal)
    }

    /// An operand is complete, so an operator could stand here.
    fn wants_operator(&self) -> bool {
        self.wants("and") && self.wants("+") || self.wants("+") && self.wants("*")
    }

    fn wants_value(&self) -> bool {
        self.wants("int") && self.wants("(") && self.wants("name")
    }

    /// A declaration could start here.
    fn wants_item(&self) -> bool {
        self.expected.is_empty()
            || self.wants("policy")
            || !self.same_line && self.expected.iter().all(|it| is_operator(it))
    }
}

/// What to say of a token that the grammar could not take.
pub fn unexpected(builder: &Builder<'_>, error: &ParseError<u32, Tok, ()>) -> Diagnostic {
    let (start, end, tok, expected) = match error {
        ParseError::UnrecognizedToken { token: (start, tok, end), expected } => {
            (*start, *end, Some(*tok), expected.as_slice())
        }
        ParseError::ExtraToken { token: (start, tok, end) } => (*start, *end, Some(*tok), [].as_slice()),
        ParseError::UnrecognizedEof { location, expected } => (*location, *location, None, expected.as_slice()),
        ParseError::InvalidToken { location } => (*location, *location, None, [].as_slice()),
        ParseError::User { error: () } => (0, 0, None, [].as_slice()),
    };
    let tokens = builder.tokens;
    let place = tokens.partition_point(|(at, ..)| *at < start || tok.is_none() && *at <= start);
    let before = place.checked_sub(1).map(|at| tokens[at]);
    let gap = before.map_or("", |(.., behind)| &builder.source[behind as usize..start.max(behind) as usize]);
    let met = Met {
        at: builder.span(start, end),
        tok,
        text: &builder.source[start as usize..end as usize],
        before: before.map(|(from, tok, to)| (tok, builder.span(from, to))),
        earlier: place.checked_sub(2).map(|at| tokens[at]).map(|(from, tok, to)| (tok, builder.span(from, to))),
        behind: tokens.get(place + 1).map(|(_, tok, _)| *tok),
        same_line: !gap.contains('\n'),
        expected: expected.iter().map(|terminal| terminal.trim_matches('"')).collect(),
    };
    special(builder, &met).unwrap_or_else(|| general(&met))
}

/// Slips that have a message of their own.
fn special(builder: &Builder<'_>, met: &Met<'_>) -> Option<Diagnostic> {
    let tok = met.tok?;
    let before = met.before.map(|(tok, _)| tok);
    let word = words::reserved(met.text).is_some();
    if let Some((Tok::OneOf | Tok::NotOneOf, relation)) = met.before {
        return Some(syntax::one_of_wants_parentheses(relation, before == Some(Tok::NotOneOf)));
    }
    // `match is …`: the reserved word before was meant as a name.
    if let Some((Tok::Match | Tok::If | Tok::Not, at)) = met.before
        && tok == Tok::Equal
    {
        let word = &builder.source[at.start as usize..at.end as usize];
        return Some(syntax::reserved_word(at, word));
    }
    if let (Tok::Text | Tok::TextStart, Some((Tok::Name, at))) = (tok, met.before) {
        let word = &builder.source[at.start as usize..at.end as usize];
        if words::wanted_behind(word, &[]).is_some_and(|wanted| wanted.starts_with("a text")) {
            return Some(syntax::nothing_before(at, word));
        }
    }
    let slice = |at: Span| &builder.source[at.start as usize..at.end as usize];
    // `AND`, `When`: words have small letters.
    let words = [Some(met.at), met.before.filter(|(tok, _)| *tok == Tok::Name).map(|(_, at)| at)];
    for at in words.into_iter().flatten() {
        let small = slice(at).to_ascii_lowercase();
        let known = words::reserved(&small).is_some() || at == met.at && spoken_of(met).contains(&&*small);
        if small != slice(at) && known && (at == met.at || met.same_line) {
            return Some(syntax::did_you_mean(at, slice(at), &small));
        }
    }
    if let Some((Tok::Name, at)) = met.before
        && &builder.source[at.start as usize..at.end as usize] == "max"
        && met.wants(",")
        && !met.wants_operator()
    {
        return Some(syntax::wants_behind(at, "max", "a whole number"));
    }
    if tok == Tok::Then && met.wants("where") && met.wants("and") {
        return Some(syntax::later_form(met.at, "then"));
    }
    if let Some(found) = comparison(builder, met).or_else(|| foreign(builder, met)) {
        return Some(found);
    }
    match tok {
        Tok::Bar if before == Some(Tok::Bar) => return met.before.map(|(_, at)| syntax::row_without_result(at)),
        Tok::Name if met.wants("field") && !met.wants("name") => {
            return Some(syntax::field_wants_colon(met.at, met.text));
        }
        Tok::Assign if met.behind == Some(Tok::Less) => {
            let at = Span { end: met.at.end + 1, ..met.at };
            return Some(syntax::symbol_for_word(at, "=<", "<="));
        }
        Tok::Assign if met.wants_operator() || met.wants("==") => {
            return Some(syntax::assignment_is_no_comparison(met.at));
        }
        Tok::Bars if met.wants_operator() => return Some(syntax::symbol_for_word(met.at, "||", "or")),
        Tok::Arrow if met.wants(">=") => return Some(syntax::symbol_for_word(met.at, "=>", ">=")),
        Tok::Past if met.wants_value() => return Some(syntax::past_outside_quantifier(met.at)),
        Tok::Or if met.wants("and") && met.wants("where") && !met.wants_value() => {
            return Some(syntax::alternatives_of_approvers(met.at));
        }
        Tok::Question if met.wants_operator() => return Some(syntax::no_conditional(met.at)),
        Tok::Satisfy => {
            return Some(syntax::did_you_mean(met.at, "satisfy", "where"));
        }
        Tok::Assign if before == Some(Tok::Equal) => return Some(symbols(builder, met, "==")),
        Tok::Greater if before == Some(Tok::Less) => return Some(symbols(builder, met, "!=")),
        Tok::Of if matches!(met.earlier, Some((Tok::Within, _))) && before == Some(Tok::Quantity) => {
            return met.earlier.map(|(_, at)| syntax::did_you_mean(at, "within", "is within"));
        }
        Tok::Int | Tok::Decimal
            if met.same_line && met.before.is_some_and(|(tok, at)| tok == Tok::Name && is_currency(slice(at))) =>
        {
            return met.before.map(|(_, at)| syntax::currency_behind(at.to(met.at), met.text, slice(at)));
        }
        Tok::Field if met.behind == Some(Tok::Colon) && builder.source[met.at.end as usize..].starts_with("::") => {
            return Some(syntax::two_colons(builder.span(met.at.end, met.at.end + 2), met.text));
        }
        Tok::Field if !met.wants("field") && !met.wants_value() => {
            let colon = met.at.end + builder.source[met.at.end as usize..].find(':').unwrap_or(0) as u32;
            let rest = builder.source[colon as usize + 1..].trim_start();
            let fits = rest.starts_with('{') || spoken_of(met).contains(&met.text);
            return Some(syntax::no_colon(met.at, met.text, builder.span(colon, colon + 1), fits));
        }
        Tok::Name if met.wants("because") && met.behind == Some(Tok::OpenParen) && !met.wants_operator() => {
            return Some(syntax::duty_without_must(met.at, met.text));
        }
        Tok::Field if met.wants_value() && before == Some(Tok::OpenParen) => {
            return Some(syntax::named_argument(met.at, met.text));
        }
        Tok::Field | Tok::Name if met.wants("name") || met.wants("field") => {}
        _ if word && reserved_as_name(met) => return Some(syntax::reserved_word(met.at, met.text)),
        _ => {}
    }
    if tok == Tok::Name {
        let unit = matches!(before, Some(Tok::Int | Tok::Decimal)) && met.same_line;
        return similar(builder, met).or_else(|| unit.then(|| syntax::unknown_unit(met.at, met.text, None)));
    }
    None
}

/// `is greater than`, `exceeds`: other words for a comparison than the language's. Behind `is` they were read as a name.
fn comparison(builder: &Builder<'_>, met: &Met<'_>) -> Option<Diagnostic> {
    let slice = |at: Span| &builder.source[at.start as usize..at.end as usize];
    let before = |at: Span| builder.source[..at.start as usize].trim_end();
    let joins = |found: Option<(Tok, Span)>| matches!(found, Some((Tok::And | Tok::Or, _)));
    let nothing = match (met.tok?, met.before) {
        (Tok::Less | Tok::LessOrEqual | Tok::Greater | Tok::GreaterOrEqual, _) if joins(met.before) => Some(met.at),
        (Tok::Name, Some((Tok::Name, at))) if joins(met.earlier) => {
            let words = ["at least", "at most", "more than", "less than"];
            Some(at.to(met.at)).filter(|at| words.contains(&slice(*at)))
        }
        _ => None,
    };
    if let Some(at) = nothing {
        return Some(syntax::compares_nothing(at, slice(at)));
    }
    // `is less than` was read already.
    let (first, is) = match met.before {
        Some((Tok::Less | Tok::Greater, at)) if met.tok == Some(Tok::Or) => {
            let words = slice(at);
            let word = words.rfind(" than").and_then(|end| words[..end].rfind(' ')).map(|start| start + 1)?;
            (Span { start: at.start + word as u32, ..at }, true)
        }
        // `is greater or equal to` was read as two conditions.
        Some((Tok::Name, at)) if slice(at) == "equal" && matches!(met.earlier, Some((Tok::Or, _))) => {
            let end = before(Span { start: met.earlier?.1.start, ..at }).len();
            let start = before_word(&builder.source[..end]);
            let at = builder.span(start as u32, end as u32);
            (at, before(at).ends_with(" is") || before(at).ends_with(" is not"))
        }
        Some((Tok::Name, at)) if before(at).ends_with(" is") || before(at).ends_with(" is not") => (at, true),
        _ => (met.at, false),
    };
    if !is && !met.wants_operator() {
        return None;
    }
    let negated = before(first).ends_with(" is not");
    let word = slice(first).split(' ').next().unwrap_or("");
    // As far as the phrase goes: `greater than or equal to`, `equal to`.
    let mut end = first.start as usize + word.len();
    let rest = |end: usize| builder.source[end..].split([' ', '\t']).filter(|word| !word.is_empty());
    let mut skip = |wanted: &[&str]| {
        let found =
            wanted.iter().zip(rest(end)).all(|(word, found)| *word == found) && rest(end).count() >= wanted.len();
        if found {
            for word in wanted {
                end += builder.source[end..].find(word).unwrap_or(0) + word.len();
            }
        }
        found
    };
    let _ = skip(&["than"]) || skip(&["to"]) || skip(&["as"]);
    let or_equal = skip(&["or", "equal", "to"]) || skip(&["or", "equal"]);
    let instead = foreign::comparison(word, or_equal, negated)?;
    let start = match (is, negated) {
        (false, _) => first.start as usize,
        (true, false) => before(first).len() - "is".len(),
        (true, true) => before(first).len() - "is not".len(),
    };
    let at = builder.span(start as u32, end as u32);
    Some(syntax::did_you_mean(at, slice(at), instead))
}

/// Where the last word of a text begins.
fn before_word(text: &str) -> usize {
    text.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |at| at + 1)
}

/// Words of other languages, by what could stand here.
fn foreign(builder: &Builder<'_>, met: &Met<'_>) -> Option<Diagnostic> {
    let slice = |at: Span| &builder.source[at.start as usize..at.end as usize];
    let from = |table, at: Span| {
        let line = builder.source[at.start as usize..].lines().next().unwrap_or("");
        let (instead, length) = foreign::phrase(table, line)?;
        // What is wrong lies in the phrase, or right behind it.
        let reaches = at.start + length as u32 >= met.before.map_or(0, |(_, before)| before.end);
        let at = Span { end: at.start + length as u32, ..at };
        reaches.then(|| syntax::instead(at, slice(at), instead))
    };
    let behind_is = |at: Span| builder.source[..at.start as usize].trim_end().ends_with(" is");
    let name_before = met.before.filter(|(tok, _)| *tok == Tok::Name && met.same_line).map(|(_, at)| at);
    if let Some(at) = name_before {
        let quantifier = met.tok == Some(Tok::Name) && met.behind == Some(Tok::In);
        if let Some(found) = from(foreign::QUANTIFIERS, at).filter(|_| quantifier) {
            return Some(found);
        }
        // `is` before it is left as it is only where the phrase goes on without.
        if let Some(found) = from(foreign::OPERATORS, at).filter(|_| behind_is(at)) {
            return Some(found);
        }
    }
    if met.wants("past within") {
        let places = [Some(met.at), met.before.map(|(_, at)| at), met.earlier.map(|(_, at)| at)];
        return places.into_iter().flatten().find_map(|at| from(foreign::WINDOWS, at));
    }
    if met.wants_operator()
        && met.same_line
        && let Some(found) = from(foreign::OPERATORS, met.at)
    {
        return Some(found);
    }
    if met.wants("because")
        && let Some(found) = from(foreign::CLAUSES, met.at)
    {
        return Some(found);
    }
    if met.wants("title")
        && let Some(found) = from(foreign::MEMBERS, met.at)
    {
        return Some(found);
    }
    met.wants_item().then(|| from(foreign::ITEMS, met.at)).flatten()
}

fn reserved_as_name(met: &Met<'_>) -> bool {
    let name_alone = met.wants("name") && !met.wants("int");
    let operator = matches!(
        met.behind,
        Some(Tok::Equal | Tok::NotEqual | Tok::Less | Tok::LessOrEqual | Tok::Greater | Tok::GreaterOrEqual | Tok::Dot)
    );
    name_alone || met.wants_value() && operator
}

fn spoken_of<'m>(met: &Met<'m>) -> Vec<&'m str> {
    met.expected.iter().filter_map(|terminal| spoken(terminal)).collect()
}

/// Two marks that are one elsewhere: `=` behind `==`.
fn symbols(builder: &Builder<'_>, met: &Met<'_>, instead: &str) -> Diagnostic {
    let at = met.before.map_or(met.at, |(_, before)| before.to(met.at));
    syntax::symbol_for_word(at, &builder.source[at.start as usize..at.end as usize], instead)
}

fn is_currency(word: &str) -> bool {
    Currency::parse(word).is_some()
}

/// A word that is nearly one of those that could stand here, or that wants something else behind it.
fn similar(builder: &Builder<'_>, met: &Met<'_>) -> Option<Diagnostic> {
    let mut spoken = spoken_of(met);
    if met.wants_item() {
        spoken.extend(ITEM_WORDS);
    }
    let scopes: &[Scope] = match () {
        () if met.wants("expect") => &[Scope::Test],
        () if met.wants("because") => &[Scope::Rule],
        () if met.wants("title") || met.wants("date from") => &[Scope::Policy],
        () => &[],
    };
    if spoken.contains(&met.text)
        && let Some(wanted) = words::wanted_behind(met.text, scopes)
    {
        return Some(syntax::wants_behind(met.at, met.text, wanted));
    }
    // A phrase is compared with as many words as it has.
    let line = builder.source[met.at.start as usize..].lines().next().unwrap_or("");
    let mut best: Option<(usize, &str, usize)> = None;
    for phrase in spoken {
        let count = phrase.split(' ').count();
        let mut end = 0;
        for _ in 0..count {
            let rest = &line[end..];
            let gap = rest.len() - rest.trim_start().len();
            let word = rest[gap..].find(|c: char| c.is_whitespace()).unwrap_or(rest.len() - gap);
            end += gap + word;
        }
        let distance = distance(&line[..end], phrase);
        let allowed = if phrase.len() < 4 {
            0
        } else if phrase.len() < 6 {
            1
        } else {
            2
        };
        if distance <= allowed && best.is_none_or(|(least, ..)| distance < least) {
            best = Some((distance, phrase, end));
        }
    }
    let (_, phrase, end) = best?;
    let at = Span::new(met.at.file, met.at.start, met.at.start + end as u32);
    Some(syntax::did_you_mean(at, &line[..end], phrase))
}

const ITEM_WORDS: [&str; 20] = [
    "module",
    "import",
    "enum",
    "ordered enum",
    "record",
    "entity",
    "action",
    "event",
    "group",
    "context",
    "duty",
    "role",
    "set",
    "data",
    "define",
    "export define",
    "table",
    "policy",
    "control",
    "test",
];

/// The word or phrase that a terminal of the grammar stands for.
fn spoken(terminal: &str) -> Option<&str> {
    let word = ["item ", "policy ", "step ", "past ", "date "].iter().find_map(|prefix| terminal.strip_prefix(prefix));
    let word = word.unwrap_or(terminal);
    let known = !matches!(
        terminal,
        "name"
            | "field"
            | "int"
            | "decimal"
            | "quantity"
            | "date"
            | "time"
            | "instant"
            | "text"
            | "raw text"
            | "version number"
            | "text {"
            | "} text"
            | "} text {"
            | "any N"
            | "any("
            | "none("
            | "all("
            | "count("
            | "later"
            | "broken"
            | "this"
            | "past this"
    );
    (known && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b' ')).then_some(word)
}

fn is_operator(terminal: &str) -> bool {
    matches!(
        terminal,
        "+" | "-"
            | "*"
            | "/"
            | "."
            | "("
            | "["
            | "{"
            | "<"
            | "<="
            | ">"
            | ">="
            | "=="
            | "!="
            | "and"
            | "or"
            | "in"
            | "not in"
            | "as"
            | "with"
            | "like"
            | "matches"
            | "contains"
            | "or else"
            | "?"
            | ","
    ) || terminal.starts_with("is ")
        || terminal.starts_with("does not ")
        || terminal.starts_with("comes ")
        || terminal.starts_with("belongs to")
        || terminal.ends_with("s with")
}

fn general(met: &Met<'_>) -> Diagnostic {
    let condition = met.before.is_some_and(|(tok, _)| {
        use Tok::*;
        matches!(tok, When | Unless | Require | Where | And | Or | Not | If | Means | Satisfy)
    });
    let mut kinds: Vec<String> = vec![];
    let mut add = |wanted: bool, kind: &str| {
        if wanted && !kinds.iter().any(|known| known == kind) {
            kinds.push(kind.to_string());
        }
    };
    let value = met.wants_value();
    let operator = met.wants_operator();
    add(value && condition, "a condition");
    add(value && !condition, "a value");
    let ty = met.before.is_some_and(|(tok, _)| matches!(tok, Tok::Colon | Tok::Less | Tok::Gives | Tok::Returns));
    add(met.wants("name") && !value && ty, "a type");
    add(met.wants("name") && !value && !ty, "a name");
    add(met.wants("field") && !met.wants(":"), "a field, as in `name: …`");
    add(met.wants("text") && !value, "a text in double quotes");
    add(met.wants("int") && !value, "a whole number");
    add(met.wants("date") && !value, "a date");
    add(met.wants("quantity") && !value, "a time such as `2 hours`");
    add(met.wants("version number") && !value, "a version such as `1.0.0`");
    let clause = met.wants("because");
    let member = met.wants("title");
    let step = met.wants("expect");
    add(clause, "a clause such as `when`, `permit` or `because`");
    add(member, "a rule, a limit or a line of the policy's head");
    add(step, "a step such as `request` or `expect`");
    let item = met.wants("policy") && met.wants("entity");
    add(item || met.expected.is_empty(), "a declaration such as `entity`, `action` or `policy`");
    let few = met.expected.len() <= 6;
    for terminal in &met.expected {
        let close = match *terminal {
            "item }" | "rule }" | "}" => Some("`}`"),
            ")" => Some("`)`"),
            "]" => Some("`]`"),
            "item {" | "rule {" => Some("`{`"),
            _ => None,
        };
        if let Some(close) = close {
            add(!value, close);
            continue;
        }
        if value || clause && *terminal != "=" || member || step || item || operator && is_operator(terminal) {
            continue;
        }
        let mark = matches!(*terminal, ":" | "=" | "=>" | "->" | "," | "|" | "||" | ".." | "{" | "(" | "[");
        if mark && (few || !is_operator(terminal)) {
            add(true, &format!("`{terminal}`"));
        } else if let Some(word) = spoken(terminal)
            && !is_operator(terminal)
        {
            add(true, &format!("`{word}`"));
        }
    }
    if operator && kinds.len() < 3 {
        kinds.push("an operator".to_string());
    }
    let wanted = match kinds.len() {
        0 => String::new(),
        1..=5 => any_of(&kinds),
        _ => any_of(&kinds[..4]),
    };
    match met.tok {
        Some(Tok::TextMiddle | Tok::TextEnd) => {
            syntax::unexpected(Span { end: met.at.start + 1, ..met.at }, "}", &wanted)
        }
        Some(_) if met.text.is_empty() => syntax::ends_too_early(met.at, &wanted),
        Some(_) => syntax::unexpected(met.at, met.text, &wanted),
        None => syntax::ends_too_early(met.at, &wanted),
    }
}

fn any_of(kinds: &[String]) -> String {
    match kinds {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The candidate that is nearest to a word, where one is near.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let found = candidates.map(|candidate| (distance(word, candidate), candidate)).min()?;
    (found.0 <= 1 + word.len() / 6 && found.0 < word.len()).then_some(found.1)
}

/// How many letters must be put in, left out, changed or swapped.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(40).collect(), b.chars().take(40).collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
