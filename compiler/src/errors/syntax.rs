//! What is wrong with how a text is written: `E01…`.
//! Made by `parse` and, where clauses are put in their places, by `resolve`.

use super::Code;
use super::foreign::Instead;
use crate::diagnostic::Diagnostic;
use crate::source::{MAX_SOURCE, Span};

/// `wanted` tells what could stand there; empty: nothing could.
pub fn unexpected(at: Span, found: &str, wanted: &str) -> Diagnostic {
    let found = first_line(found);
    let message = match wanted {
        "" => format!("`{found}` can't stand here."),
        wanted => format!("`{found}` can't stand here; {wanted} is wanted."),
    };
    Diagnostic::new(Code::E0101, at, message)
}

pub fn ends_too_early(at: Span, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("This ends too early; {wanted} is wanted."))
}

pub fn did_you_mean(at: Span, found: &str, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{found}` can't stand here."))
        .help(format!("Did you mean `{word}`?"))
        .fix(format!("Write `{word}`"), vec![(at, word.to_string())])
}

/// Other words for something that is written in another way here.
pub fn instead(at: Span, found: &str, instead: Instead) -> Diagnostic {
    match instead {
        Instead::Write(word) => did_you_mean(at, found, word),
        Instead::Say(help) => Diagnostic::new(Code::E0101, at, format!("`{found}` can't stand here.")).help(help),
    }
}

/// `and at most 5`, `and < 5`
pub fn compares_nothing(at: Span, found: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{found}` has nothing before it that it could compare."))
        .help("Write the value again: `n is at least 3 and n is at most 5`.")
}

pub fn no_conditional(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`?` can't stand here.").help("Write `if … then … else …`.")
}

pub fn alternatives_of_approvers(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`or` can't stand between approvers; only `and` can.")
        .help("Where one of several is enough, write `any 1 of (a, b)`.")
}

/// A name of a head with `:` behind it: `rule r on pay: …`
pub fn no_colon(at: Span, name: &str, colon: Span, fits_without: bool) -> Diagnostic {
    let found =
        Diagnostic::new(Code::E0101, colon, format!("`:` can't stand behind `{name}`.")).also(at, "behind this");
    if fits_without {
        return found.fix("Remove the `:`", vec![(colon, String::new())]);
    }
    found.help("What a rule says stands in braces; who has a role, behind `by`.")
}

pub fn two_colons(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`::` can't stand here.")
        .help(format!("Write `{name}.…`."))
        .fix("Write `.`", vec![(at, ".".to_string())])
}

pub fn currency_behind(at: Span, number: &str, currency: &str) -> Diagnostic {
    let right = format!("{number} {currency}");
    Diagnostic::new(Code::E0101, at, format!("`{currency}` stands behind its number."))
        .help(format!("Write `{right}`."))
        .fix(format!("Write `{right}`"), vec![(at, right.clone())])
}

pub fn duty_without_must(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{name}` can't stand here; a duty stands behind `must`."))
        .help(format!("Write `must {name}(…)`."))
        .fix("Write `must`", vec![(Span::new(at.file, at.start, at.start), "must ".to_string())])
}

pub fn comment_form(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "A comment is not written `/* … */`.")
        .help("It starts with `//`, and ends with its line.")
}

pub fn wants_behind(at: Span, word: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at.after(), format!("Behind `{word}`, {wanted} is wanted."))
}

pub fn assignment_is_no_comparison(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`=` gives a name to a value; it does not compare.")
        .help("Write `is`, or `==`.")
        .fix("Write `is`", vec![(at, "is".to_string())])
}

pub fn field_wants_colon(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{name}` can't stand here; a field is written `{name}: …`."))
}

pub fn rule_on_nothing(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{name}` does not say which actions or events it is on."))
        .help(format!("Write `{name} on ACTION`; `{name} on any` is on all that the policy governs."))
}

pub fn row_without_result(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "This row ends without a result.")
        .help("Write `||` and the result before the last `|`.")
}

/// A word that starts a clause stands where a condition or a value is wanted.
pub fn nothing_before(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{word}` can't stand here; a condition or a value is wanted before it."))
}

pub fn symbol_for_word(at: Span, symbol: &str, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{symbol}` can't stand here."))
        .help(format!("Write `{word}`."))
        .fix(format!("Write `{word}`"), vec![(at, word.to_string())])
}

pub fn past_outside_quantifier(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`past` can't stand here; it is what a quantifier looks through.")
        .help("Write `any(p in past …)`, `count(p in past …)` or `latest(p.time for p in past …)`.")
}

pub fn named_argument(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("Arguments are told by their place, so `{name}:` can't stand here."))
        .help("Write the values in the order in which they are declared.")
}

pub fn one_of_wants_parentheses(relation: Span, negated: bool) -> Diagnostic {
    let (words, instead) = if negated { ("is not one of", "not in") } else { ("is one of", "in") };
    Diagnostic::new(Code::E0101, relation, format!("`{words}` takes values in parentheses, as in `{words} (a, b)`."))
        .help(format!("With a set or a list write `{instead}`."))
        .fix(format!("Write `{instead}`"), vec![(relation, instead.to_string())])
}

pub fn nothing_to_close(at: Span, bracket: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("Nothing is open that `{bracket}` would close."))
        .help("Remove it, or open the bracket where it should start.")
        .fix(format!("Remove `{bracket}`"), vec![(at, String::new())])
}

/// `open` is the bracket, `here` where it was still open, `next` what stands there.
pub fn never_closed(open: Span, bracket: char, here: Span, next: Option<&str>) -> Diagnostic {
    let closer = match bracket {
        '(' => ')',
        '[' => ']',
        _ => '}',
    };
    let before = match next {
        Some(next) => format!("`{closer}` is wanted before `{}`", first_line(next)),
        None => format!("the file ends before `{closer}`"),
    };
    Diagnostic::new(Code::E0101, open, format!("This `{bracket}` is never closed."))
        .label("opened here")
        .also(here, before)
        .help(format!("Add the `{closer}` that belongs to it."))
        .fix(format!("Add `{closer}`"), vec![(here, closer.to_string())])
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("")
}

pub fn all_without_satisfy(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`all` says what everything must satisfy, and that is missing.")
        .help("Write `all(x in xs satisfy …)`.")
        .fix("Add `satisfy`", vec![(Span::new(at.file, at.start, at.start), " satisfy true".to_string())])
}

pub fn no_aggregate(at: Span, name: &str) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, format!("`{name}` takes no `for`."))
        .help("`for` stands in `sum`, `min`, `max`, `average`, `distinct`, `latest` and `earliest`.")
}

pub fn order_of_unordered(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "`<` gives members an order, but this enum is not ordered.")
        .help("Write `ordered enum`, or put commas between the members.")
}

pub fn unknown_character(at: Span, text: &str) -> Diagnostic {
    let found = Diagnostic::new(Code::E0102, at, format!("`{text}` is no part of the language."));
    let first = text.chars().next().map_or("", |c| &text[..c.len_utf8()]);
    let instead = match first {
        "&" => return found.help("Write `and`."),
        "!" => return found.help("Write `not`, or `is not`."),
        ";" => return found.help("Lines end without a mark. Remove it.").fix("Remove `;`", vec![(at, String::new())]),
        "“" | "”" | "„" | "«" | "»" => "\"",
        "‘" | "’" => "'",
        "–" | "—" | "−" => "-",
        "≤" => "<=",
        "≥" => ">=",
        "≠" => "!=",
        "→" => "->",
        "⇒" => "=>",
        "×" => "*",
        "÷" => "/",
        "…" => "..",
        "\u{A0}" | "\u{2002}" | "\u{2003}" | "\u{2007}" | "\u{2009}" | "\u{202F}" | "\u{3000}" => {
            let found = Diagnostic::new(Code::E0102, at, "This space is not a plain space.");
            return found.help("Type a plain space.").fix("Make it a plain space", vec![(at, " ".to_string())]);
        }
        "%" => return found.help("`%` stands right behind a number: `80%`."),
        "#" => return found.help("A comment starts with `//`."),
        _ => return found.help("Remove it, or put it into a text."),
    };
    found.help(format!("Write `{instead}`.")).fix(format!("Write `{instead}`"), vec![(at, instead.to_string())])
}

pub fn unterminated(at: Span, text: &str) -> Diagnostic {
    let mark = text.chars().next().unwrap_or('"');
    let what = match mark {
        '`' => "This name is not closed on its line.",
        _ => "This text is not closed on its line.",
    };
    let open = Span::new(at.file, at.start, at.start + 1);
    let found = Diagnostic::new(Code::E0103, open, what).label("starts here");
    match mark {
        '\'' => found.help("Close it with `'`. A text that has `'` in it stands in double quotes."),
        '`' => found.help("Close it with a backtick."),
        _ if text.contains('{') => {
            found.help("Close it with `\"`, and what is filled in with `}`. A brace itself is written `\\{`.")
        }
        _ => found.help(
            "Close it with `\"`. For a line end inside a text write `\\n`; for a quote `\\\"`; for a brace `\\{`.",
        ),
    }
}

pub fn unknown_escape(at: Span, written: &str) -> Diagnostic {
    let found = Diagnostic::new(Code::E0104, at, format!("`{written}` stands for nothing."));
    if written.starts_with("\\u") {
        return found.help("A character by its number is written `\\u{20AC}`.");
    }
    found
        .help("After `\\` may stand `\"`, `\\`, `{`, `}`, `n`, `t` and `u{…}`. For `\\` itself write `\\\\`, or put a raw text in single quotes.")
        .fix("Write `\\\\`", vec![(Span::new(at.file, at.start, at.start + 1), "\\\\".to_string())])
}

pub fn nested_too_deeply(at: Span, most: u32) -> Diagnostic {
    Diagnostic::new(Code::E0105, at, format!("Nested more than {most} levels deep."))
        .help("Give a part of it a name with `define` or `let`.")
}

pub fn chain_too_long(at: Span, most: u32) -> Diagnostic {
    Diagnostic::new(Code::E0105, at, format!("A chain of more than {most} operators, fields or calls."))
        .help("Give a part of it a name with `define` or `let`.")
}

pub fn source_too_large(at: Span) -> Diagnostic {
    let most = MAX_SOURCE >> 20;
    Diagnostic::new(Code::E0106, at, format!("The file has more than {most} MiB."))
        .help("Split it into several modules, or move its lists into data files.")
}

pub fn control_character(at: Span, c: char) -> Diagnostic {
    let code = format!("U+{:04X}", u32::from(c));
    Diagnostic::new(Code::E0107, at, format!("The invisible character {code} can make a text look like another."))
        .help(format!("Remove it. In a text it can be written `\\u{{{:X}}}`.", u32::from(c)))
        .fix("Remove it", vec![(at, String::new())])
}

/// A name has the letter `letter`; `plain` is the name in ASCII where that is clear.
pub fn foreign_letter(
    at: Span,
    letter_at: Span,
    letter: char,
    like: Option<char>,
    plain: Option<String>,
) -> Diagnostic {
    let code = format!("U+{:04X}", u32::from(letter));
    let found = match like {
        Some(like) => Diagnostic::new(
            Code::E0108,
            letter_at,
            format!("This `{letter}` ({code}) looks like the letter `{like}`, but is another."),
        ),
        None => Diagnostic::new(Code::E0102, letter_at, format!("`{letter}` ({code}) can't stand in a name.")),
    };
    let found = match like {
        Some(_) => found.help("Names are made of the letters a to z and A to Z, digits and `_`."),
        None => found.help("Names are made of the letters a to z and A to Z, digits and `_`. A name from elsewhere stands in backticks."),
    };
    match plain {
        Some(plain) => found.fix(format!("Write `{plain}`"), vec![(at, plain.clone())]),
        None => found,
    }
}

pub fn number_too_large(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, "This number is too large.")
        .help("Whole numbers have 64 bits: up to 9_223_372_036_854_775_807. Write a larger one with a point: `10_000_000_000_000_000_000.0`.")
}

pub fn span_too_long(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, "This span is too long.").help(
        "By the clock it has at most 2_562_047 hours, or 106_751 days; by the calendar 2_147_483_647 days or months.",
    )
}

pub fn too_many_digits(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, "This number has more digits behind the point than are kept.")
        .help("A decimal keeps 12 digits, as a share; a time keeps billionths of a second.")
}

pub fn whole_number_wanted(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, format!("`{text}` is no quantity: days, weeks, months and years come whole."))
        .help("Say it in hours, minutes or seconds, which can be divided.")
}

pub fn no_such_date(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, format!("There is no date {text}."))
        .help("A date is written year, month, day: `2026-03-03`. To subtract numbers put spaces around `-`.")
}

pub fn no_such_time(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, format!("There is no time {text}."))
        .help("A time is written with two digits each, from 00:00 to 23:59: `09:30`.")
}

pub fn no_such_instant(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, format!("There is no moment {text}."))
        .help("A moment is a date, `T`, a time with seconds, and its zone: `2026-03-03T15:00:00Z`.")
}

/// A `max` outside of what a text or list may be declared to hold.
pub fn no_bound(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, "A text or list is declared to hold at least 1 and at most 1_000_000.")
        .label("no such bound")
        .help("Name a length that is possible, or leave `max` out.")
}

pub fn empty_id(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, "An entity has an id, which is a text that is not empty.")
        .label("empty")
        .help("Write the id of the one that is meant.")
}

pub fn empty_name(at: Span) -> Diagnostic {
    Diagnostic::new(Code::E0101, at, "A name is wanted between the backticks.")
}

pub fn no_version(at: Span, text: &str) -> Diagnostic {
    Diagnostic::new(Code::E0109, at, format!("`{text}` is no version."))
        .help("A version is three numbers, such as `1.0.0`, without quotes.")
}

pub fn unknown_unit(at: Span, unit: &str, near: Option<&str>) -> Diagnostic {
    let found = Diagnostic::new(Code::E0110, at, format!("`{unit}` is no unit."));
    let known = "Units are seconds, minutes, hours, days, weeks, months, years, business days, `%`, `bps` and currencies such as `USD`.";
    match near {
        Some(near) => found
            .help(format!("Did you mean `{near}`? {known}"))
            .fix(format!("Write `{near}`"), vec![(at, near.to_string())]),
        None => found.help(known),
    }
}

pub fn quantity_split(at: Span, number: &str, unit: &str) -> Diagnostic {
    Diagnostic::new(Code::E0110, at, "A number and its unit stand on one line.")
        .help(format!("Write `{number} {unit}`."))
        .fix("Join them", vec![(at, format!("{number} {unit}"))])
}

pub fn past_part_twice(at: Span, what: &str) -> Diagnostic {
    Diagnostic::new(Code::E0112, at, format!("This `past` has {what} already.")).help("Keep one of the two.")
}

pub fn reserved_word(at: Span, word: &str) -> Diagnostic {
    Diagnostic::new(Code::E0115, at, format!("`{word}` is a word of the language, so it can't be a plain name."))
        .help(format!("Put it in backticks: `` `{word}` ``."))
        .fix("Put it in backticks", vec![(at, format!("`{word}`"))])
}

pub fn later_form(at: Span, form: &str) -> Diagnostic {
    Diagnostic::new(Code::E0116, at, format!("`{form}` is not part of the language yet."))
        .help("It is planned for a later version. Write it as a rule for now, or leave it out.")
}

pub fn cannot_chain(at: Span, second: Span) -> Diagnostic {
    Diagnostic::new(Code::E0117, at, "These comparisons can't be chained.")
        .also(second, "the second one")
        .help("Only `<` and `<=` chain, as in `620 <= score < 680`. Join others with `and`.")
}

/// The caller could not read the file as UTF-8; `byte` is where it stops being so.
pub fn not_utf8(at: Span, byte: usize) -> Diagnostic {
    Diagnostic::new(Code::E0119, at, format!("The file is not UTF-8: byte {} can't be read.", byte + 1))
        .help("Save it as UTF-8.")
}
