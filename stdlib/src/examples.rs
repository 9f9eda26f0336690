//! Runs the examples of the rows, and cases that are too fine for an example, written in the same way. A small reader of
//! expressions stands in for the compiler, which comes later in the line of crates: literals and calls of built-ins.

use crate::number::compare;
use crate::operand::decimal;
use crate::{all, find};
use ordain_vm::builtin::{Bound, Builtin, Context, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Calendar, Choice, Country, Currency, Date, Decimal, Instant, Money, Time, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What an expression gives in a policy that names neither zone nor calendar.
fn give(text: &str) -> Result<Value, Fault> {
    let calendar = Calendar::default();
    let context = Context { now: Instant::parse("2026-03-03T15:00:00Z").unwrap(), zone: "UTC", calendar: &calendar };
    let mut reader = Reader { rest: text, context };
    let value = reader.expr()?;
    assert_eq!(reader.rest.trim(), "", "what stands behind is not read: {text}");
    Ok(value)
}

/// `wanted` is an expression, or the code of a fault.
fn check(text: &str, wanted: &str) {
    let is_code = wanted.starts_with("E05");
    match give(text) {
        Ok(value) => {
            assert!(!is_code, "{text} gives {value:?} and not {wanted}");
            let wanted = give(wanted).unwrap();
            let same = match (&value, &wanted) {
                (Value::Decimal(_), Value::Int(_)) => compare(&value, &wanted) == Ok(std::cmp::Ordering::Equal),
                _ => value == wanted,
            };
            assert!(same, "{text} gives {value:?} and not {wanted:?}");
        }
        Err(fault) => assert!(fault.code() == wanted, "{text} gives {fault:?} and not {wanted}"),
    }
}

struct Reader<'a> {
    rest: &'a str,
    context: Context<'a>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        if let Some(rest) = rest.strip_prefix(word) {
            self.rest = rest;
            return true;
        }
        false
    }

    fn span(&mut self, inside: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest.trim_start();
        let (word, rest) = rest.split_at(rest.find(|c| !inside(c)).unwrap_or(rest.len()));
        self.rest = rest;
        word
    }

    fn many(&mut self, end: &str) -> Result<Vec<Value>, Fault> {
        let mut values = vec![];
        while !self.take(end) {
            values.push(self.expr()?);
            self.take(",");
        }
        Ok(values)
    }

    fn set_or_map(&mut self) -> Result<Value, Fault> {
        let (mut set, mut map) = (BTreeSet::new(), BTreeMap::new());
        while !self.take("}") {
            let value = self.expr()?;
            if self.take(":") {
                map.insert(value, self.expr()?);
            } else {
                set.insert(value);
            }
            self.take(",");
        }
        Ok(if map.is_empty() { Value::Set(Arc::new(set)) } else { Value::Map(Arc::new(map)) })
    }

    fn expr(&mut self) -> Result<Value, Fault> {
        if self.take("-") {
            return Ok(match self.expr()? {
                Value::Int(value) => Value::Int(-value),
                Value::Money(Money { currency, amount }) => {
                    Value::Money(Money { currency, amount: Decimal(-amount.0) })
                }
                Value::Duration(value) => Value::Duration(-value),
                other => Value::Decimal(Decimal(-decimal(&other).0)),
            });
        }
        if self.take("[") {
            return Ok(Value::list(self.many("]")?));
        }
        if self.take("{") {
            return self.set_or_map();
        }
        if self.take("\"") {
            return Ok(self.text());
        }
        let rest = self.rest.trim_start();
        if rest.starts_with(|c: char| c.is_ascii_digit()) { Ok(self.number()) } else { self.call() }
    }

    fn text(&mut self) -> Value {
        let (mut text, mut letters) = (String::new(), self.rest.chars());
        loop {
            match letters.next().expect("a text ends") {
                '"' => break,
                '\\' => match letters.next().expect("an escape ends") {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'u' => {
                        let code: String = letters.by_ref().skip(1).take_while(|c| *c != '}').collect();
                        text.push(char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap());
                    }
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        self.rest = letters.as_str();
        Value::text(text)
    }

    fn number(&mut self) -> Value {
        let word = self.span(|c| c.is_ascii_alphanumeric() || ".:_-+".contains(c));
        if let Some(date) = Date::parse(word) {
            return Value::Date(date);
        }
        if let Some(time) = Time::parse(word) {
            return Value::Time(time);
        }
        if let Some(instant) = Instant::parse(word) {
            return Value::Instant(instant);
        }
        let digits = word.replace('_', "");
        let units = [("hour", 3600), ("minute", 60), ("second", 1)];
        for (unit, seconds) in units {
            if self.take(&format!("{unit}s")) || self.take(unit) {
                return Value::Duration(digits.parse::<i64>().unwrap() * seconds * 1_000_000_000);
            }
        }
        let ahead = self.rest.trim_start().get(..3).and_then(Currency::parse);
        let amount = Decimal::parse(&digits).unwrap_or_else(|_| panic!("{word} is no number"));
        if let Some(currency) = ahead {
            self.take(currency.code());
            return Value::Money(Money { currency, amount });
        }
        if digits.contains('.') { Value::Decimal(amount) } else { Value::Int(digits.parse().unwrap()) }
    }

    fn call(&mut self) -> Result<Value, Fault> {
        let name = self.span(|c| c.is_ascii_alphanumeric() || "._".contains(c));
        let plain = match name {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "missing" => Some(Value::Missing),
            _ => Country::parse(name).map(Value::Country).or(Currency::parse(name).map(Value::Currency)),
        };
        if let Some(value) = plain {
            return Ok(value);
        }
        let called = self.take("(");
        for choice in [Choice::Rounding, Choice::Weekday] {
            if let Some(at) = choice.words().iter().position(|word| *word == name).filter(|_| !called) {
                return Ok(Value::Choice(choice, at as u16));
            }
        }
        let (module, function) = name.split_once('.').unwrap_or(("", name));
        let row = find(module, function).unwrap_or_else(|| panic!("there is no {name}"));
        let mut operands = if called { self.many(")")? } else { vec![] };
        assert_eq!(operands.len(), row.params.len(), "{name}");
        // What the checker does: an `int` widens where a decimal is wanted, or beside one.
        let mixed = operands.iter().any(|value| matches!(value, Value::Decimal(_)));
        for (operand, param) in operands.iter_mut().zip(row.params) {
            let widens = match param.shape {
                Shape::Decimal | Shape::Var(_, Bound::Fraction) => true,
                Shape::Var(_, Bound::Ordered) => mixed,
                _ => false,
            };
            if let (Value::Int(value), true) = (&*operand, widens) {
                *operand = Value::Decimal(Decimal::from_int(*value));
            }
            assert!(fits(operand, &param.shape), "{operand:?} is not of the shape of {name}'s {}", param.name);
        }
        let value = (row.eval)(&operands, &self.context)?;
        assert!(fits(&value, &row.returns), "{name} gave {value:?}, which is not of its shape");
        Ok(value)
    }
}

fn fits(value: &Value, shape: &Shape) -> bool {
    match (shape, value) {
        (Shape::OneOf(shapes), value) => shapes.iter().any(|shape| fits(value, shape)),
        (Shape::Optional(_), Value::Missing) => true,
        (Shape::Optional(of), value) => fits(value, of),
        (Shape::List(of), Value::List(values)) => values.iter().all(|value| fits(value, of)),
        (Shape::Set(of), Value::Set(values)) => values.iter().all(|value| fits(value, of)),
        (Shape::Map(key, of), Value::Map(map)) => map.iter().all(|(k, v)| fits(k, key) && fits(v, of)),
        (Shape::Choice(wanted), Value::Choice(choice, _)) => wanted == choice,
        (Shape::Var(_, Bound::Any), value) => !value.is_missing(),
        (Shape::Var(_, Bound::Number), value) => {
            matches!(value, Value::Int(_) | Value::Decimal(_) | Value::Money(_) | Value::Duration(_))
        }
        (Shape::Var(_, Bound::Fraction), value) => matches!(value, Value::Decimal(_) | Value::Money(_)),
        (Shape::Var(_, Bound::Sequence), value) => matches!(value, Value::Text(_) | Value::List(_)),
        (Shape::Var(_, Bound::Ordered), value) => {
            !matches!(value, Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Missing)
        }
        (shape, value) => {
            let name = format!("{value:?}");
            format!("{shape:?}") == name.split(['(', ' ']).next().unwrap_or("")
        }
    }
}

#[test]
fn every_row_is_written_out() {
    let mut names = BTreeSet::new();
    for row in all() {
        let path = row.path();
        assert!(names.insert(path.clone()), "{path} stands twice");
        assert!(row.doc.ends_with('.') && !row.doc.contains("  "), "{path}: {}", row.doc);
        assert!(row.cost > 0 && !row.words.is_empty() && row.words.matches('{').count() == row.params.len(), "{path}");
        for param in row.params {
            assert!(row.words.contains(&format!("{{{}}}", param.name)), "{path}: {}", row.words);
        }
        // Opening hours have no equality.
        assert_eq!(row.examples.is_empty(), path == "calendar.business_hours", "{path}");
        assert!(std::ptr::eq(find(row.module, row.name).unwrap(), row));
    }
    for taken in "min max sum count any all none distinct latest earliest average age contains like matches".split(' ')
    {
        assert!(!all().any(|row| row.name == taken), "{taken} is the language's");
    }
    assert!(find("", "nothing").is_none() && find("calendar", "length").is_none());
    assert!(crate::has_module("calendar") && !crate::has_module("") && !crate::has_module("nothing"));
}

#[test]
fn the_examples_hold() {
    for row in all() {
        for (text, wanted) in row.examples {
            check(text, wanted);
        }
    }
}

#[test]
fn texts() {
    check(r#"length("e\u{301}")"#, "2");
    check(r#"upper("ß")"#, r#""SS""#);
    check(r#"lower("İ")"#, r#""i\u{307}""#);
    check(r#"trim("\u{A0}\u{3000}a\t")"#, r#""a""#);
    check(r#"trim("\u{200B}a")"#, r#""\u{200B}a""#);
    check(r#"split("aXXb", "XX")"#, r#"["a", "b"]"#);
    check(r#"split(",", ",")"#, r#"["", ""]"#);
    check(r#"split("日本日", "日")"#, r#"["", "本", ""]"#);
    check(r#"join(split("", ","), "-")"#, r#""""#);
    check(r#"replace("a", "a", "aa")"#, r#""aa""#);
    check(r#"slice("日本語", 0, 0)"#, r#""""#);
    check(r#"slice("日本語", 2, 1)"#, "E0511");
    check(r#"slice("", 0, 0)"#, r#""""#);
    check(r#"slice("", 0, 9223372036854775807)"#, "E0511");
    check(r#"slice("abc", 9223372036854775807, 9223372036854775807)"#, "E0511");
    check(r#"slice([1, 2], 2, 2)"#, "[]");
    check(r#"slice([1, 2], 2, 3)"#, "E0511");
    check(r#"slice([1, 2], 1, 0)"#, "E0511");
    check(r#"index_of("abc", "")"#, "0");
    check(r#"parse_int("+1")"#, "missing");
    check(r#"parse_int("")"#, "missing");
    check(r#"parse_int("-9223372036854775807")"#, "-9223372036854775807");
    check(r#"parse_int("-9223372036854775809")"#, "missing");
    check(r#"parse_int("٣")"#, "missing");
    check(r#"parse_int("1_000")"#, "missing");
    check(r#"parse_decimal("0.0000000000005")"#, "0");
    check(r#"parse_decimal("0.0000000000015")"#, "0.000000000002");
    check(r#"parse_decimal("1e400")"#, "missing");
    check(r#"parse_decimal("NaN")"#, "missing");
    check(r#"parse_decimal("")"#, "missing");
    check(r#"parse_time("23:59:59.999999999")"#, "23:59:59.999999999");
    check(r#"parse_instant("2026-06-30T23:59:60Z")"#, "missing");
    check(r#"to_text(DE)"#, r#""DE""#);
    check(r#"to_text(-0.000000000001)"#, r#""-0.000000000001""#);
    check(r#"to_text(2026-03-03T15:00:00+01:00)"#, r#""2026-03-03T14:00:00Z""#);
    check(r#"to_text(ip.range("10.0.0.0/8"))"#, r#""10.0.0.0/8""#);
    check(r#"has_hidden_characters("tab\tand é and 日本")"#, "false");
    check(r#"has_hidden_characters("\u{E0041}")"#, "true");
    check(r#"has_hidden_characters("\u{1B}[31m")"#, "true");
    check(r#"edit_distance("日本", "日木")"#, "1");
}

#[test]
fn lists() {
    check("sort(split(\"b a\", \" \"))", r#"["a", "b"]"#);
    check("sort([1 USD, 2 EUR])", "E0503");
    check("sort([2 USD, 1 USD])", "[1 USD, 2 USD]");
    check("sort([])", "[]");
    check("unique([1 USD, 1 EUR, 1 USD])", "[1 USD, 1 EUR]");
    check("flatten([])", "[]");
    check("is_subset({}, {1})", "true");
    check("first([[1]])", "[1]");
    check(r#"values({ "b": 1, "a": 2 })"#, "[2, 1]");
    check(r#"keys({ "b": 1, "a": 2 })"#, r#"{"a", "b"}"#);
}

#[test]
fn numbers() {
    check("div(9223372036854775807, -1)", "-9223372036854775807");
    check("div(0, -5)", "0");
    check("mod(0, -5)", "0");
    check("mod(-6, 3)", "0");
    check("mod(6, -4)", "-2");
    check("lesser(1 USD, 2 EUR)", "E0503");
    check("greater(\"a\", \"b\")", r#""b""#);
    check("round(0.5, 0, half_even)", "0");
    check("round(1.5, 0, half_even)", "2");
    check("round(-0.5, 0, half_even)", "0");
    check("round(-1.5, 0, half_even)", "-2");
    check("round(0.5, 0, half_down)", "0");
    check("round(-0.5, 0, half_up)", "-1");
    check("round(-0.4, 0, half_up)", "0");
    check("round(-0.6, 0, half_down)", "-1");
    check("round(0.1, 0, up)", "1");
    check("round(0.9, 0, down)", "0");
    check("round(-0.9, 0, ceiling)", "0");
    check("round(1.23, 12, up)", "1.23");
    check("round(1.23, 9223372036854775807, up)", "1.23");
    check("round(1.23, -30, half_even)", "0");
    check("round(-1.23, -30, half_even)", "0");
    check("round(-1.23, -9223372036854775807, down)", "0");
    check("round(1.23, -9223372036854775807, floor)", "0");
    check("round(1.23, -26, up)", "100000000000000000000000000.0");
    check("round(1.23, -27, up)", "E0501");
    check("round(-1.23, -27, up)", "E0501");
    check("round(0, -9223372036854775807, up)", "0");
    check("round(170141183460469231731687303.7, 0, up)", "E0501");
    check("round(170141183460469231731687303.7, 0, down)", "170141183460469231731687303.0");
    check("round(10.005 JPY, 0, half_up)", "10 JPY");
    check("round(5, -1, half_up)", "10");
    check("floor(9223372036854775807)", "9223372036854775807");
    check("floor(9223372036854775807.9)", "9223372036854775807");
    check("ceiling(9223372036854775807.9)", "E0501");
    check("floor(170141183460469231731687303.7)", "E0501");
}

#[test]
fn times() {
    check("hour(23:59:59.5)", "23");
    check("in_days(-36 hours)", "-1.5");
    check("calendar.week(2026-01-01)", "1");
    check("calendar.week(2021-01-03)", "53");
    check("calendar.week(0001-01-01)", "1");
    check("calendar.week(9999-12-31)", "52");
    check("calendar.start_of_week(0001-01-01)", "0001-01-01");
    check("calendar.is_month_end(9999-12-31)", "true");
    check("calendar.next_business_day(9999-12-31)", "E0510");
    check("calendar.previous_business_day(0001-01-01)", "E0510");
    check("calendar.end_of_quarter(2026-12-31)", "2026-12-31");
    check("calendar.is_last_business_day_of_month(2026-03-31)", "true");
    check("calendar.is_last_business_day_of_month(2026-02-27)", "true");
}

#[test]
fn urls() {
    let good = [
        ("https://example.com", "example.com"),
        ("HTTP://EXAMPLE.com:80/", "example.com"),
        ("https://a_b.example/", "a_b.example"),
        ("https://xn--mnchen-3ya.de/", "xn--mnchen-3ya.de"),
        ("https://10.0.0.1/", "10.0.0.1"),
        ("https://[::FFFF:10.0.0.1]/", "::ffff:10.0.0.1"),
        ("https://1.example/", "1.example"),
        ("https://0xg/", "0xg"),
        ("git+ssh://host/", "host"),
        ("https://example.com/..a/b../...?../..#/../", "example.com"),
        ("https://example.com?u=http://x@y", "example.com"),
    ];
    for (url, host) in good {
        check(&format!("url.host(\"{url}\")"), &format!("\"{host}\""));
    }
    let bad = [
        "",
        "://",
        "https://",
        "https:///a",
        "https:/example.com",
        "//example.com",
        "1http://example.com/",
        "ht tp://example.com/",
        "https://user@example.com/",
        "https://user:pw@example.com/",
        "https://@example.com/",
        "https://example.com:/",
        "https://example.com:0443/",
        "https://example.com:65536/",
        "https://example.com:-1/",
        "https://example.com:80:80/",
        "https://example.com./",
        "https://.example.com/",
        "https://a..b/",
        "https://-a.example/",
        "https://a-.example/",
        "https://ex%61mple.com/",
        "https://example%2ecom/",
        "https://exämple.com/",
        "https://example。com/",
        "https://a b/",
        "https://2130706433/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://1.2.3.4.5/",
        "https://a.0x1/",
        "https://256.0.0.1/",
        "https://0x/",
        "https://[::1",
        "https://[::1]a/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.a]/",
        "https://::1/",
        "https://example.com\\\\@evil.example/",
        "https:\\\\\\\\example.com",
        "https://example.com/\\\\a",
        "https://example.com/a b",
        "https://example.com/\\n",
        " https://example.com/",
        "https://example.com/ ",
        "https://example.com/\\u{0}",
        "https://example.com/é",
        "https://example.com/%",
        "https://example.com/%2",
        "https://example.com/%zz",
        "https://example.com/.",
        "https://example.com/..",
        "https://example.com/a/../b",
        "https://example.com/%2E%2e/b",
        "https://example.com/a%2f..%2fb",
        "https://example.com/a%5C..%5Cb",
        "https://example.com/..;/b",
        "https://example.com/%00",
        "https://example.com/%0d%0a",
        "https://example.com/%c0%ae%c0%ae/",
        "https://example.com/<a>",
        "https://example.com/\\\"",
        "https://example.com/[a]",
        "mailto:mary@corp.example",
        "javascript://%0aalert(1)",
        "data:text/html,x",
        "https://a,b/",
        "https://a;b/",
        "https://a!b/",
    ];
    for url in bad {
        check(&format!("url.is_url(\"{url}\")"), "false");
        check(&format!("url.host(\"{url}\")"), "E0514");
    }
    check(&format!("url.is_url(\"https://{}.example/\")", "a".repeat(64)), "false");
    check(&format!("url.is_url(\"https://{}.example/\")", "a".repeat(63)), "true");
    check(&format!("url.is_url(\"https://{}example/\")", "a.".repeat(124)), "false");
    check(r#"url.is_under("http://10.0.0.1/", "0.0.1")"#, "E0514");
    check(r#"url.is_under("http://10.0.0.1/", "10.0.0.1")"#, "true");
    check(r#"url.is_under("http://[::1]/", "::1")"#, "true");
    check(r#"url.is_under("http://[::1]/", "[::1]")"#, "true");
    check(r#"url.is_under("http://a.example/", "")"#, "E0514");
    check(r#"url.is_under("http://a.example/", "example")"#, "true");
    check(r#"url.query("https://a.example/?a?b")"#, r#""a?b""#);
}

#[test]
fn emails() {
    for text in [
        "",
        "@",
        "a@",
        "@b.example",
        "a@b",
        "a@b.example.",
        "a@.example",
        "a@b..example",
        "a b@c.example",
        "a@b.example ",
        "\\\"a\\\"@b.example",
        "a@[10.0.0.1]",
        "a@10.0.0.1",
        "a@b.123",
        "a..b@c.example",
        "a.@c.example",
        "ä@c.example",
        "a@ä.example",
        "a@b@c.example",
        "a@-b.example",
        "a(x)@b.example",
        "a@b.example\\n",
        "a\\u{0}@b.example",
        "a@b_c.example",
    ] {
        check(&format!("email.is_email(\"{text}\")"), "false");
        check(&format!("email.domain(\"{text}\")"), "E0514");
    }
    check(&format!("email.is_email(\"{}@b.example\")", "a".repeat(64)), "true");
    check(&format!("email.is_email(\"{}@b.example\")", "a".repeat(65)), "false");
    check(r#"email.is_under("mary@corp.example", "Corp.Example")"#, "true");
}

#[test]
fn paths() {
    check(r#"path.normalise("a/b/../../c")"#, r#""c""#);
    check(r#"path.normalise("a/../../c")"#, "E0514");
    check(r#"path.normalise("//a")"#, r#""/a""#);
    check(r#"path.normalise("./")"#, r#"".""#);
    check(r#"path.normalise("a/~/b")"#, r#""a/~/b""#);
    check(r#"path.normalise("日本/é")"#, r#""日本/é""#);
    for text in
        ["", "..", "/..", "a/../..", "C:/a", "c:", "~", "~root/a", "a\\u{0}b", "a\\nb", "a\\\\..\\\\b", "a\\u{85}"]
    {
        check(&format!("path.is_path(\"{text}\")"), "false");
        check(&format!("path.file_name(\"{text}\")"), "E0514");
    }
    check(r#"path.is_inside("a", ".")"#, "true");
    check(r#"path.is_inside("/a", ".")"#, "false");
    check(r#"path.is_inside("/a", "/")"#, "true");
    check(r#"path.is_inside("/SRV/a", "/srv")"#, "false");
    check(r#"path.is_inside("/srv", "/srv/a")"#, "false");
    check(r#"path.extension("a/b.C/d")"#, "missing");
    check(r#"path.extension("x.TAR.GZ/")"#, r#""gz""#);
    check(r#"path.folder("/a")"#, r#""/""#);
}

#[test]
fn addresses() {
    for text in [
        "",
        "1.2.3",
        "1.2.3.4.5",
        "01.2.3.4",
        "1.2.3.4 ",
        "::ffff:1.2.3.256",
        "fe80::1%eth0",
        "[::1]",
        "0x7f.0.0.1",
        "1.2.3.4/32",
    ] {
        check(&format!("ip.parse(\"{text}\")"), "missing");
    }
    for text in [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/+8",
        "10.0.0.0/-1",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.1/8",
        "10.0.0.0/8/8",
        "/8",
    ] {
        check(&format!("ip.parse_range(\"{text}\")"), "missing");
    }
    let ask = |function: &str, address: &str, wanted: &str| {
        check(&format!("ip.{function}(ip.address(\"{address}\"))"), wanted)
    };
    for address in ["10.255.255.255", "172.16.0.0", "192.168.255.255", "fd00::1", "::10.0.0.1", "64:ff9b::10.0.0.1"] {
        ask("is_private", address, "true");
        ask("is_public", address, "false");
    }
    for address in ["11.0.0.0", "172.32.0.0", "192.169.0.0", "fe00::1"] {
        ask("is_private", address, "false");
    }
    for address in ["::1", "127.0.0.1", "::ffff:127.1.1.1", "64:ff9b::7f00:1"] {
        ask("is_loopback", address, "true");
        ask("is_public", address, "false");
    }
    for address in ["::", "::2", "128.0.0.1"] {
        ask("is_loopback", address, "false");
    }
    for address in ["fe80::1", "febf::1", "::ffff:169.254.169.254"] {
        ask("is_link_local", address, "true");
        ask("is_public", address, "false");
    }
    for address in [
        "::",
        "0.1.2.3",
        "100.127.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "ff02::1",
        "fec0::1",
        "4000::1",
    ] {
        ask("is_public", address, "false");
    }
    for address in [
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.0",
        "223.255.255.255",
        "2001:4860::1",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
    ] {
        ask("is_public", address, "true");
    }
    let within = |address: &str, range: &str, wanted: &str| {
        check(&format!("ip.in_range(ip.address(\"{address}\"), ip.range(\"{range}\"))"), wanted)
    };
    within("10.0.0.1", "::ffff:0:0/96", "true");
    within("::ffff:10.0.0.1", "10.0.0.1/32", "true");
    within("10.0.0.1", "::/0", "true");
    within("::1", "0.0.0.0/0", "false");
    within("255.255.255.255", "0.0.0.0/0", "true");
    within("2001:db9::", "2001:db8::/32", "false");
}

#[test]
fn numbers_with_check_digits() {
    for iban in [
        "GB82WEST12345698765432",
        "FR1420041010050500013M02606",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "SA0380000000608010167519",
        "CH9300762011623852957",
        "BE68539007547034",
        "AE070331234567890123456",
        "XK051212012345678906",
    ] {
        check(&format!("iban.is_iban(\"{iban}\")"), "true");
    }
    for iban in [
        "",
        "DE",
        "DE8",
        "DE89",
        "de89370400440532013000",
        "DE8937040044053201300",
        "DE893704004405320130000",
        "ZZ89370400440532013000",
        "DE89370400440532O13000",
        "日本89",
    ] {
        check(&format!("iban.is_iban(\"{iban}\")"), "false");
        check(&format!("iban.country(\"{iban}\")"), "E0514");
    }
    check(r#"iban.country("XK051212012345678906")"#, "E0514");
    for card in ["378282246310005", "5555-5555-5555-4444", "6304000000000000", "4222222222222"] {
        check(&format!("card.is_card_number(\"{card}\")"), "true");
        check(&format!("card.has_card_number(\"x{card}.\")"), "true");
    }
    for card in [
        "",
        "0000000000000000",
        "4111  1111 1111 1111",
        " 4111111111111111",
        "4111111111111111-",
        "4111 -1111 1111 1111",
        "41111111111111111111",
        "４111111111111111",
        "4111.1111.1111.1111",
    ] {
        check(&format!("card.is_card_number(\"{card}\")"), "false");
        check(&format!("card.mask(\"{card}\")"), "E0514");
    }
    check(r#"card.mask("5555-5555-5555-4444")"#, r#""****-****-****-4444""#);
    check(r#"card.has_card_number("1 2 3 4 5555 5555 5555 4444 9 9")"#, "true");
    check(r#"card.has_card_number("日本4111111111111111日本")"#, "true");
}

/// Odd values of a shape.
fn odd(shape: &Shape) -> Vec<Value> {
    let texts = |texts: &[&str]| texts.iter().map(|text| Value::text(*text)).collect::<Vec<_>>();
    match shape {
        Shape::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Shape::Int => [i64::MIN, i64::MIN + 1, -1, 0, 1, 12, 13, i64::MAX].map(Value::Int).to_vec(),
        Shape::Decimal | Shape::Var(_, Bound::Fraction) => {
            [i128::MIN, i128::MIN + 1, -1, 0, 1, 500_000_000_000, i128::MAX]
                .map(|raw| Value::Decimal(Decimal(raw)))
                .to_vec()
        }
        Shape::Text => texts(&[
            "",
            " ",
            "a",
            "é",
            "\u{301}",
            "日本",
            "\u{0}",
            "\u{FEFF}",
            "\u{10FFFF}",
            "ﷺ",
            "://",
            "[",
            "@",
            "/",
            "..",
            "%",
            "%2",
            "-",
            "a://[]",
            "a://b:",
            "İ",
            "ΑΣ",
            "https://example.com/%41",
            "GB82WEST12345698765432",
            "4111111111111111",
        ]),
        Shape::Date => {
            [Date::MIN, Date(-1), Date(0), Date::parse("2024-02-29").unwrap(), Date::MAX].map(Value::Date).to_vec()
        }
        Shape::Time => [Time(0), Time(1), Time(86_399_999_999_999)].map(Value::Time).to_vec(),
        Shape::Instant => {
            [i64::MIN, -1, 0, 1_772_000_000_000_000_000, i64::MAX].map(|nanos| Value::Instant(Instant(nanos))).to_vec()
        }
        Shape::Duration => [i64::MIN, -1, 0, i64::MAX].map(Value::Duration).to_vec(),
        Shape::Country => vec![Value::Country(Country::parse("DE").unwrap())],
        Shape::Currency => vec![Value::Currency(Currency::parse("JPY").unwrap())],
        Shape::Money => {
            let money = |code: &str, raw| {
                Value::Money(Money { currency: Currency::parse(code).unwrap(), amount: Decimal(raw) })
            };
            vec![money("USD", i128::MIN), money("JPY", 0), money("KWD", i128::MAX)]
        }
        Shape::Ip => ["0.0.0.0", "255.255.255.255", "::", "::1", "::ffff:0:0", "ffff::"]
            .map(|ip| Value::Ip(ip.parse().unwrap()))
            .to_vec(),
        Shape::IpRange => ["0.0.0.0/0", "255.255.255.255/32", "::/0", "::/128"]
            .map(|range| Value::IpRange(ordain_vm::value::IpRange::parse(range).unwrap()))
            .to_vec(),
        Shape::Choice(choice) => (0..choice.words().len()).map(|at| Value::Choice(*choice, at as u16)).collect(),
        Shape::Var(_, Bound::Number) => {
            [odd(&Shape::Int), odd(&Shape::Decimal), odd(&Shape::Money), odd(&Shape::Duration)].concat()
        }
        Shape::Var(_, Bound::Ordered) => [odd(&Shape::Int), odd(&Shape::Money)].concat(),
        Shape::Var(_, Bound::Any) => vec![Value::Int(0), Value::text("é"), Value::list(vec![])],
        Shape::Var(_, Bound::Sequence) => [odd(&Shape::Text), odd(&Shape::List(&Shape::Int))].concat(),
        Shape::List(of) => {
            let values = odd(of);
            [vec![], values[..1].to_vec(), values].map(Value::list).to_vec()
        }
        Shape::Set(of) => vec![Value::Set(Arc::default()), Value::Set(Arc::new(odd(of).into_iter().collect()))],
        Shape::Map(key, of) => {
            let map = odd(key).into_iter().zip(odd(of)).collect();
            vec![Value::Map(Arc::default()), Value::Map(Arc::new(map))]
        }
        Shape::OneOf(shapes) => shapes.iter().flat_map(odd).collect(),
        Shape::Optional(_) | Shape::Hours | Shape::Period => vec![],
    }
}

/// As large as a request may bring them, and two small ones to go with them.
fn large(shape: &Shape) -> Vec<Value> {
    match shape {
        Shape::Text | Shape::Var(_, Bound::Sequence) => {
            let texts =
                ["a".repeat(1_000_000), "\u{390}".repeat(400_000), "1 ".repeat(500_000), "/..a".repeat(250_000)];
            texts.into_iter().chain(["a".to_string(), " ".to_string()]).map(Value::text).collect()
        }
        Shape::List(of) => {
            let values = odd(of);
            let many = values.iter().cycle().take(100_000).cloned().collect();
            [many, values].map(Value::list).to_vec()
        }
        Shape::OneOf(shapes) => shapes.iter().flat_map(large).collect(),
        other => odd(other).into_iter().take(2).collect(),
    }
}

/// Every combination of what `of` gives for each parameter.
fn combinations(row: &Builtin, of: fn(&Shape) -> Vec<Value>) -> Vec<Vec<Value>> {
    let mut all = vec![vec![]];
    for param in row.params {
        let values = of(&param.shape);
        assert!(!values.is_empty(), "{}: no value for {}", row.path(), param.name);
        let longer = |operands: &Vec<Value>| {
            values.iter().map(|value| [operands, std::slice::from_ref(value)].concat()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[test]
fn nothing_panics_and_everything_fits() {
    let usual = Calendar::default();
    let of_a_year = Calendar { valid: Some((Date(20_000), Date(20_365))), ..Calendar::default() };
    let never = Calendar { weekend: [true; 7], ..Calendar::default() };
    let policies = [(&usual, "UTC"), (&of_a_year, "America/St_Johns"), (&never, "Europe/Berlin")];
    for row in all() {
        // Zone and calendar are nothing to a row that doesn't read them.
        let policies = if row.reads == Reads::Nothing { &policies[..1] } else { &policies };
        for &(calendar, zone) in policies {
            let context = Context { now: Instant(0), zone, calendar };
            for operands in combinations(row, odd).into_iter().chain(combinations(row, large)) {
                let Ok(value) = (row.eval)(&operands, &context) else { continue };
                assert!(fits(&value, &row.returns), "{} gave {value:?}", row.path());
                let (size, most) = match &value {
                    Value::Text(text) => (text.chars().count(), crate::operand::MAX_TEXT),
                    Value::List(list) => (list.len(), crate::operand::MAX_LIST),
                    _ => (0, 0),
                };
                assert!(size <= most, "{} gave {size}", row.path());
            }
        }
    }
}
