//! Built-ins on texts: one table. Characters are Unicode code points throughout; nothing depends on a language.
//! Comparing (`starts with`, `contains`, `matches`, `like`) is the language's own.

use crate::operand::{CONSTANT, MORE, ONCE, T, count, made_list, made_text, optional, param, text, within_text};
use ordain_vm::builtin::{Bound, Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Date, Decimal, Instant, Time, Value};

const TEXTS: Shape = Shape::List(&Shape::Text);
/// Of a row: a text, or a list of anything.
const SEQUENCE: Shape = Shape::Var('s', Bound::Sequence);

pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "",
        name: "length",
        params: &[param("of", Shape::OneOf(&[Shape::Text, Shape::List(&T), Shape::Set(&T), Shape::Map(&T, &KEYED)]))],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "How many characters the text `of` has, or how many entries the list, set or map. A character is a Unicode code \
              point: `é` written as a letter and an accent has two.",
        examples: &[
            (r#"length("invoice")"#, "7"),
            (r#"length("")"#, "0"),
            (r#"length("日本")"#, "2"),
            ("length([1, 1, 2])", "3"),
            (r#"length({"a", "b"})"#, "2"),
            (r#"length({ "a": 1.5 })"#, "1"),
        ],
        words: "the length of {of}",
        eval: |a, _| {
            Ok(count(match &a[0] {
                Value::List(list) => list.len(),
                Value::Set(set) => set.len(),
                Value::Map(map) => map.len(),
                other => text(other).chars().count(),
            }))
        },
    },
    Builtin {
        module: "",
        name: "lower",
        params: &[param("text", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "`text` in small letters, in every script that has them, whatever the language.",
        examples: &[(r#"lower("ACME GmbH")"#, r#""acme gmbh""#), (r#"lower("ΌΔΟΣ")"#, r#""όδος""#)],
        words: "{text} in small letters",
        eval: |a, _| made_text(text(&a[0]).to_lowercase()),
    },
    Builtin {
        module: "",
        name: "upper",
        params: &[param("text", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "`text` in capital letters, in every script that has them, whatever the language.",
        examples: &[(r#"upper("de")"#, r#""DE""#), (r#"upper("straße")"#, r#""STRASSE""#)],
        words: "{text} in capital letters",
        eval: |a, _| made_text(text(&a[0]).to_uppercase()),
    },
    Builtin {
        module: "",
        name: "trim",
        params: &[param("text", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "`text` without the white space, tabs and line ends at its beginning and end.",
        examples: &[
            (r#"trim("  INV-7\n")"#, r#""INV-7""#),
            (r#"trim("   ")"#, r#""""#),
            (r#"trim("a b")"#, r#""a b""#),
        ],
        words: "{text} without white space around it",
        eval: |a, _| made_text(text(&a[0]).trim().to_string()),
    },
    Builtin {
        module: "",
        name: "split",
        params: &[param("text", Shape::Text), param("separator", Shape::Text)],
        returns: TEXTS,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The parts of `text` between the places where `separator` stands; without one, the whole text. Two separators in \
              a row have an empty text between them. An empty separator is an evaluation error.",
        examples: &[
            (r#"split("a,b,,c", ",")"#, r#"["a", "b", "", "c"]"#),
            (r#"split("a", ",")"#, r#"["a"]"#),
            (r#"split("", ",")"#, r#"[""]"#),
            (r#"split("abc", "")"#, "E0514"),
        ],
        words: "the parts of {text} between {separator}",
        eval: |a, _| {
            let (text, separator) = (text(&a[0]), part(&a[1])?);
            // One more than the bound is enough to know.
            made_list(text.split(separator).take(crate::operand::MAX_LIST + 1).map(Value::text).collect())
        },
    },
    Builtin {
        module: "",
        name: "words",
        params: &[param("text", Shape::Text)],
        returns: TEXTS,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The parts of `text` between white space, tabs and line ends; none is empty.",
        examples: &[(r#"words("rm  -rf /\n")"#, r#"["rm", "-rf", "/"]"#), (r#"length(words("  "))"#, "0")],
        words: "the words of {text}",
        eval: |a, _| {
            made_list(text(&a[0]).split_whitespace().take(crate::operand::MAX_LIST + 1).map(Value::text).collect())
        },
    },
    Builtin {
        module: "",
        name: "join",
        params: &[param("texts", TEXTS), param("separator", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The `texts` in a row, with `separator` between each two.",
        examples: &[
            (r#"join(["a", "b"], ", ")"#, r#""a, b""#),
            (r#"join(["a"], ", ")"#, r#""a""#),
            (r#"join(["a", "b"], "")"#, r#""ab""#),
        ],
        words: "{texts} joined with {separator}",
        eval: |a, _| {
            let (texts, separator) = (crate::operand::list(&a[0]), text(&a[1]));
            let characters = |text: &str| text.chars().count();
            let length = texts.iter().map(|part| characters(text(part))).sum::<usize>()
                + characters(separator).saturating_mul(texts.len().saturating_sub(1));
            within_text(length)?;
            made_text(texts.iter().map(text).collect::<Vec<_>>().join(separator))
        },
    },
    Builtin {
        module: "",
        name: "replace",
        params: &[param("text", Shape::Text), param("old", Shape::Text), param("new", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "`text` with `new` in every place where `old` stands, from left to right. What was put in is not searched again. An \
              empty `old` is an evaluation error.",
        examples: &[
            (r#"replace("DE89 3704 0044", " ", "")"#, r#""DE8937040044""#),
            (r#"replace("aaa", "aa", "b")"#, r#""ba""#),
            (r#"replace("abc", "", "-")"#, "E0514"),
        ],
        words: "{text} with {new} in place of {old}",
        eval: |a, _| {
            let (text, old, new) = (text(&a[0]), part(&a[1])?, text(&a[2]));
            let (gone, come) = (old.chars().count(), new.chars().count());
            if come > gone {
                let grown = text.matches(old).count().saturating_mul(come - gone);
                within_text(text.chars().count().saturating_add(grown))?;
            }
            made_text(text.replace(old, new))
        },
    },
    Builtin {
        module: "",
        name: "slice",
        params: &[param("of", SEQUENCE), param("from", Shape::Int), param("to", Shape::Int)],
        returns: SEQUENCE,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The characters of a text, or the entries of a list, from the place `from` up to, but without, the place `to`. The \
              first place is 0. What lies beyond the end, or has `to` before `from`, is an evaluation error.",
        examples: &[
            (r#"slice("DE89370400", 0, 2)"#, r#""DE""#),
            (r#"slice("日本語", 1, 3)"#, r#""本語""#),
            (r#"slice("abc", 3, 3)"#, r#""""#),
            ("slice([5, 6, 7], 1, 2)", "[6]"),
            (r#"slice("abc", 1, 4)"#, "E0511"),
            (r#"slice("abc", -1, 2)"#, "E0511"),
        ],
        words: "{of} from place {from} up to {to}",
        eval: |a, _| {
            let place = |value: &Value| usize::try_from(crate::operand::int(value)).map_err(|_| Fault::Outside);
            let (from, to) = (place(&a[1])?, place(&a[2])?);
            if to < from {
                return Err(Fault::Outside);
            }
            match &a[0] {
                Value::List(list) => Ok(Value::list(list.get(from..to).ok_or(Fault::Outside)?.to_vec())),
                other => {
                    let text = text(other);
                    let start = place_of(text, from).ok_or(Fault::Outside)?;
                    let end = place_of(&text[start..], to - from).ok_or(Fault::Outside)?;
                    Ok(Value::text(&text[start..start + end]))
                }
            }
        },
    },
    Builtin {
        module: "",
        name: "index_of",
        params: &[param("text", Shape::Text), param("part", Shape::Text)],
        returns: Shape::Optional(&Shape::Int),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The first place of `text` at which `part` begins, 0 being the first of all; missing where it has none.",
        examples: &[
            (r#"index_of("a@b@c", "@")"#, "1"),
            (r#"index_of("日本", "本")"#, "1"),
            (r#"index_of("abc", "x")"#, "missing"),
        ],
        words: "the place of {part} in {text}",
        eval: |a, _| {
            let (text, part) = (text(&a[0]), text(&a[1]));
            Ok(optional(text.find(part).map(|at| count(text[..at].chars().count()))))
        },
    },
    Builtin {
        module: "",
        name: "is_ascii",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` has only the letters, digits and signs of ASCII, so that no letter of another script can look like \
              one of them.",
        examples: &[(r#"is_ascii("paypal")"#, "true"), (r#"is_ascii("pаypal")"#, "false"), (r#"is_ascii("")"#, "true")],
        words: "{text} has only ASCII letters",
        eval: |a, _| Ok(Value::Bool(text(&a[0]).is_ascii())),
    },
    Builtin {
        module: "",
        name: "has_hidden_characters",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` has characters that a reader does not see: control characters other than tabs and line ends, \
              marks that turn the direction of writing, spaces without width, tags and the like. Instructions are hidden in such \
              characters.",
        examples: &[
            (r#"has_hidden_characters("two\nlines")"#, "false"),
            (r#"has_hidden_characters("pay\u{200B}pal")"#, "true"),
            (r#"has_hidden_characters("\u{202E}fdp.exe")"#, "true"),
        ],
        words: "{text} has hidden characters",
        eval: |a, _| Ok(Value::Bool(text(&a[0]).chars().any(is_hidden))),
    },
    Builtin {
        module: "",
        name: "parse_int",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::Int),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The whole number that `text` is, in digits with or without `-` before them; missing where it is none or too large.",
        examples: &[
            (r#"parse_int("-42")"#, "-42"),
            (r#"parse_int("007")"#, "7"),
            (r#"parse_int("4.0")"#, "missing"),
            (r#"parse_int("9223372036854775808")"#, "missing"),
        ],
        words: "{text} as a whole number",
        eval: |a, _| {
            // Rust also takes a `+`, which JSON and policies don't.
            let text = text(&a[0]);
            Ok(optional(text.parse().ok().filter(|_| !text.starts_with('+')).map(Value::Int)))
        },
    },
    Builtin {
        module: "",
        name: "parse_decimal",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::Decimal),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The number that `text` is, written as in a request: digits, a point, at most an exponent. More than twelve digits \
              behind the point are rounded half to even. Missing where it is none or too large.",
        examples: &[
            (r#"parse_decimal("0.75")"#, "0.75"),
            (r#"parse_decimal("-1e3")"#, "-1000"),
            (r#"parse_decimal("1,5")"#, "missing"),
            (r#"parse_decimal(".5")"#, "missing"),
        ],
        words: "{text} as a number",
        eval: |a, _| Ok(optional(Decimal::parse(text(&a[0])).ok().map(Value::Decimal))),
    },
    Builtin {
        module: "",
        name: "parse_date",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::Date),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The date that `text` is, written as year, month and day: `2026-03-03`. Missing where it is none.",
        examples: &[
            (r#"parse_date("2026-03-03")"#, "2026-03-03"),
            (r#"parse_date("2026-02-30")"#, "missing"),
            (r#"parse_date("3.3.2026")"#, "missing"),
        ],
        words: "{text} as a date",
        eval: |a, _| Ok(optional(Date::parse(text(&a[0])).map(Value::Date))),
    },
    Builtin {
        module: "",
        name: "parse_time",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::Time),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The time of day that `text` is, written as hours and minutes, with or without seconds: `15:00`. Missing where it is \
              none.",
        examples: &[
            (r#"parse_time("15:00")"#, "15:00"),
            (r#"parse_time("24:00")"#, "missing"),
            (r#"parse_time("3 pm")"#, "missing"),
        ],
        words: "{text} as a time of day",
        eval: |a, _| Ok(optional(Time::parse(text(&a[0])).map(Value::Time))),
    },
    Builtin {
        module: "",
        name: "parse_instant",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::Instant),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The instant that `text` is, written as in RFC 3339 with `Z` or an offset. Missing where it is none.",
        examples: &[
            (r#"parse_instant("2026-03-03T16:00:00+01:00")"#, "2026-03-03T15:00:00Z"),
            (r#"parse_instant("2026-03-03T16:00:00")"#, "missing"),
        ],
        words: "{text} as an instant",
        eval: |a, _| Ok(optional(Instant::parse(text(&a[0])).map(Value::Instant))),
    },
    Builtin {
        module: "",
        name: "to_text",
        params: &[param(
            "value",
            Shape::OneOf(&[
                Shape::Text,
                Shape::Int,
                Shape::Decimal,
                Shape::Date,
                Shape::Time,
                Shape::Instant,
                Shape::Country,
                Shape::Currency,
                Shape::Ip,
                Shape::IpRange,
            ]),
        )],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "`value` as it is written in a request: numbers without separators, dates as `2026-03-03`, instants in UTC.",
        examples: &[
            ("to_text(10_000)", r#""10000""#),
            ("to_text(0.50)", r#""0.5""#),
            ("to_text(2026-03-03)", r#""2026-03-03""#),
            ("to_text(15:00)", r#""15:00""#),
        ],
        words: "{value} as a text",
        eval: |a, _| {
            Ok(match &a[0] {
                Value::Int(value) => Value::text(value.to_string()),
                Value::Decimal(value) => Value::text(value.to_string()),
                Value::Date(value) => Value::text(value.to_string()),
                Value::Time(value) => Value::text(value.to_string()),
                Value::Instant(value) => Value::text(value.to_string()),
                Value::Country(value) => Value::text(value.code()),
                Value::Currency(value) => Value::text(value.code()),
                Value::Ip(value) => Value::text(value.to_string()),
                Value::IpRange(value) => Value::text(value.to_string()),
                other => Value::text(text(other)),
            })
        },
    },
    Builtin {
        module: "",
        name: "edit_distance",
        params: &[param("a", Shape::Text), param("b", Shape::Text)],
        returns: Shape::Int,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "How many characters must be put in, taken out or changed to make `b` of `a`. A name within one or two of a known \
              one may be meant to be taken for it. Texts of more than 1,000 characters are an evaluation error.",
        examples: &[
            (r#"edit_distance("acme", "acme")"#, "0"),
            (r#"edit_distance("acme", "acne")"#, "1"),
            (r#"edit_distance("", "abc")"#, "3"),
            (r#"edit_distance("kitten", "sitting")"#, "3"),
        ],
        words: "the number of letters in which {a} and {b} differ",
        eval: |a, _| {
            const MAX: usize = 1_000;
            let letters = |value: &Value| text(value).chars().take(MAX + 1).collect::<Vec<_>>();
            let (a, b) = (letters(&a[0]), letters(&a[1]));
            if a.len() > MAX || b.len() > MAX { Err(Fault::TooLong(MAX as u64)) } else { Ok(count(distance(&a, &b))) }
        },
    },
];

/// The values of a map, whose keys are `T`.
const KEYED: Shape = Shape::Var('v', Bound::Any);

/// A text that something is searched for.
fn part(value: &Value) -> Result<&str, Fault> {
    let text = text(value);
    if text.is_empty() { Err(Fault::Form("one with at least one character")) } else { Ok(text) }
}

/// Where in bytes the character of that place begins; the place behind the last is the end.
fn place_of(text: &str, place: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(place)
}

/// Control characters besides tab and line ends, and those without a glyph that hide or turn what stands around them.
fn is_hidden(letter: char) -> bool {
    match letter {
        '\t' | '\n' | '\r' => false,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{3164}'
        | '\u{FFA0}' => true,
        '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => true,
        '\u{FEFF}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' => true,
        '\u{E0000}'..='\u{E0FFF}' => true,
        other => other.is_control(),
    }
}

/// Levenshtein's, one row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
