//! Values by type: read, refused, written back, shown.

use crate::schema::{AGENT, CLASS, PART, PERSON, json, schema};
use crate::{Dice, told};
use ordain_vm::json::parse;
use ordain_vm::request::read_data;
use ordain_vm::value::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a value is written as again, or code and path of what is wrong.
fn read(ty: &Type, text: &str) -> String {
    match read_data(&schema(), ty, &json(text)) {
        Ok(value) => schema().to_json(&value).to_string(),
        Err(errors) => told(&errors),
    }
}

fn check(ty: &Type, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(read(ty, text), *expected, "{text} as {ty:?}");
    }
}

fn shown(ty: &Type, text: &str) -> String {
    schema().show(&read_data(&schema(), ty, &json(text)).unwrap())
}

fn usd() -> Type {
    Type::Money(Currency::parse("USD"))
}

#[test]
fn numbers() {
    check(&Type::Bool, &[("true", "true"), ("\"true\"", "E0608"), ("1", "E0608"), ("null", "E0606")]);
    check(
        &Type::Int,
        &[
            ("10", "10"),
            ("\"10\"", "10"),
            ("10.0", "10"),
            ("1e2", "100"),
            ("1.5", "E0608"),
            ("\"\"", "E0608"),
            ("\" 1\"", "E0608"),
            ("\"+1\"", "E0608"),
            ("\"01\"", "E0608"),
            ("9223372036854775808", "E0609"),
            ("true", "E0608"),
            ("[]", "E0608"),
        ],
    );
    check(
        &Type::Decimal,
        &[
            ("0.750", "\"0.75\""),
            ("\"0.75\"", "\"0.75\""),
            ("1e-13", "\"0\""),
            ("0.0000000000015", "\"0.000000000002\""),
            ("\"43%\"", "E0608"),
            ("1e400", "E0609"),
            ("\"NaN\"", "E0608"),
            ("{}", "E0608"),
        ],
    );
    check(&Type::Decimal, &[(&"9".repeat(400), "E0609"), (&format!("0.{}", "3".repeat(400)), "\"0.333333333333\"")]);
}

#[test]
fn money() {
    check(
        &usd(),
        &[
            ("25", "\"25 USD\""),
            ("\"25.00\"", "\"25 USD\""),
            ("\"25.50 USD\"", "\"25.5 USD\""),
            ("{\"amount\": 25, \"currency\": \"USD\"}", "\"25 USD\""),
            ("\"25 EUR\"", "E0608"),
            ("\"25 XYZ\"", "E0612"),
            ("\"25 usd\"", "E0612"),
            ("\"25  USD\"", "E0612"),
            ("\"USD 25\"", "E0608"),
            ("\"25USD\"", "E0608"),
            ("\"25 USD \"", "E0612"),
            ("\"1,000 USD\"", "E0608"),
            ("\"1e400 USD\"", "E0609"),
            ("true", "E0608"),
            ("[25]", "E0608"),
        ],
    );
    check(
        &Type::Money(None),
        &[
            ("\"25 EUR\"", "\"25 EUR\""),
            ("{\"amount\": \"25\", \"currency\": \"JPY\"}", "\"25 JPY\""),
            ("25", "E0608"),
            ("\"25\"", "E0608"),
            ("{\"amount\": 25}", "E0606 currency"),
            ("{\"currency\": \"USD\"}", "E0606 amount"),
            ("{\"amount\": 25, \"currency\": 3}", "E0608 currency"),
            ("{\"amount\": \"x\", \"currency\": \"ABC\", \"z\": 1}", "E0607 z\nE0608 amount\nE0612 currency"),
        ],
    );
    assert_eq!(shown(&usd(), "10000"), "USD 10,000");
}

#[test]
fn texts_and_codes() {
    check(&Type::Text(Some(3)), &[("\"äöü\"", "\"äöü\""), ("\"äöüx\"", "E0610"), ("1", "E0608"), ("\"\"", "\"\"")]);
    check(&Type::Country, &[("\"DE\"", "\"DE\""), ("\"de\"", "E0612"), ("\"XX\"", "E0612"), ("1", "E0608")]);
    check(&Type::Currency, &[("\"EUR\"", "\"EUR\""), ("\"EURO\"", "E0612")]);
    check(&Type::Role, &[("\"officer\"", "\"officer\""), ("\"oficer\"", "E0612")]);
    check(&Type::Enum(CLASS), &[("\"personal data\"", "\"personal data\""), ("\"personal\"", "E0612"), ("0", "E0608")]);
    check(&Type::Choice(Choice::Weekday), &[("\"monday\"", "\"monday\""), ("\"Monday\"", "E0612")]);
    check(
        &Type::Ip,
        &[("\"10.1.2.3\"", "\"10.1.2.3\""), ("\"2001:DB8::0:1\"", "\"2001:db8::1\""), ("\"10.1.2\"", "E0608")],
    );
    check(&Type::IpRange, &[("\"10.0.0.0/8\"", "\"10.0.0.0/8\""), ("\"10.0.0.1/8\"", "E0608")]);
}

#[test]
fn the_name_that_was_meant_is_told() {
    let message = |ty: &Type, text: &str| read_data(&schema(), ty, &json(text)).unwrap_err()[0].message.clone();
    assert_eq!(message(&Type::Country, "\"de\""), "`de` is not a country code of ISO 3166. Did you mean `DE`?");
    assert_eq!(message(&Type::Country, "\"XX\""), "`XX` is not a country code of ISO 3166.");
    assert_eq!(message(&Type::Role, "\"oficer\""), "`oficer` is not a role. Did you mean `officer`?");
    assert_eq!(
        message(&Type::Enum(CLASS), "\"x\""),
        "`x` is not one of `Class`. There are `public`, `internal` and `personal data`."
    );
    assert_eq!(
        message(&Type::Record(PART), r#"{"fileid": "a"}"#),
        "`fileid` is no member of `Part`. Did you mean `file_id`?"
    );
    assert_eq!(message(&Type::Date, "5"), "Found the number `5`. Wanted: a date, as `\"2026-03-03\"`.");
    assert_eq!(message(&usd(), "\"25 EUR\""), "Found an amount of EUR. Wanted: an amount of USD.");
    let long = format!("\"{}\\u0007\"", "x".repeat(10_000));
    assert!(message(&Type::Date, &long).len() < 200);
}

#[test]
fn times() {
    check(&Type::Date, &[("\"2024-02-29\"", "\"2024-02-29\""), ("\"2023-02-29\"", "E0608"), ("20240229", "E0608")]);
    check(&Type::Time, &[("\"15:00:00\"", "\"15:00\""), ("\"24:00\"", "E0608")]);
    check(
        &Type::Instant,
        &[
            ("\"2026-03-03T15:00:00+01:00\"", "\"2026-03-03T14:00:00Z\""),
            ("\"2026-03-03\"", "E0608"),
            ("1772550000", "E0608"),
        ],
    );
    check(&Type::Duration, &[("\"P1DT12H\"", "\"PT36H\""), ("\"P1M\"", "E0608"), ("4", "E0608")]);
    check(&Type::Period, &[("\"P1Y\"", "\"P12M\""), ("\"P3B\"", "\"P3B\""), ("\"PT4H\"", "E0608")]);
    assert_eq!(shown(&Type::Duration, "\"PT4H\""), "4 hours");
    assert_eq!(shown(&Type::Period, "\"P3B\""), "3 business days");
    assert_eq!(shown(&Type::Instant, "\"2026-03-03T15:00:00+01:00\""), "2026-03-03T14:00:00Z");
}

#[test]
fn records_and_collections() {
    let part = Type::Record(PART);
    check(
        &part,
        &[
            (r#"{"size": 1, "file_id": "a"}"#, r#"{"file_id":"a","size":1}"#),
            (r#"{"file_id": "a", "size": null}"#, r#"{"file_id":"a"}"#),
            (r#"{"size": "x", "z": 1, "tags": ["a", "a"]}"#, "E0608 size\nE0607 z\nE0603 tags[1]\nE0606 file_id"),
            (r#"{"file_id": null}"#, "E0606 file_id"),
            ("[]", "E0608"),
        ],
    );
    check(
        &Type::List(Box::new(part), Some(2)),
        &[
            ("[]", "[]"),
            (r#"[{"file_id": "b"}, {"file_id": "a"}]"#, r#"[{"file_id":"b"},{"file_id":"a"}]"#),
            (r#"[{"file_id": 1}, 2]"#, "E0608 [0].file_id\nE0608 [1]"),
            ("[1, 2, 3]", "E0611"),
            (r#"{"0": 1}"#, "E0608"),
        ],
    );
    check(
        &Type::set(Type::Decimal),
        &[("[10, 9, 2.5]", r#"["10","2.5","9"]"#), ("[1, 2, 1.0]", "E0603 [2]"), ("1", "E0608")],
    );
    check(&Type::list(Type::Int.optional()), &[("[1, null]", "[1,null]")]);
    check(&Type::Optional(Box::new(Type::list(Type::Int))), &[("null", "null"), ("[null]", "E0606 [0]")]);
    assert_eq!(shown(&Type::list(Type::Int), "[3, 1, 2]"), "3, 1, 2");
    assert_eq!(shown(&Type::set(Type::Int), "[10, 9]"), "9, 10");
    assert_eq!(shown(&Type::list(Type::Int), "[]"), "none");
    assert_eq!(shown(&Type::Record(PART), r#"{"file_id": "a", "tags": ["x", "y"]}"#), "file_id: a, tags: x, y");
    assert_eq!(shown(&Type::map(Type::TEXT, usd()), r#"{"b": 1000, "a": 2}"#), "a: USD 2, b: USD 1,000");
}

#[test]
fn keys_of_maps_are_read_by_their_type() {
    let map = |key| Type::map(key, Type::Int);
    check(&map(Type::TEXT), &[(r#"{"b": 1, "a b": 2}"#, r#"{"a b":2,"b":1}"#), (r#"{"a b": "x"}"#, "E0608 [\"a b\"]")]);
    check(
        &map(Type::Currency),
        &[(r#"{"USD": 1}"#, r#"{"USD":1}"#), (r#"{"UST": 1, "EUR": true}"#, "E0612 UST\nE0608 EUR")],
    );
    check(
        &map(Type::Int),
        &[(r#"{"10": 1, "9": 2}"#, r#"{"10":1,"9":2}"#), (r#"{"1": 1, "1.0": 2}"#, "E0603 [\"1.0\"]")],
    );
    check(&map(Type::Bool), &[(r#"{"true": 1}"#, r#"{"true":1}"#), (r#"{"yes": 1}"#, "E0608 yes")]);
    check(
        &map(Type::Enum(CLASS)),
        &[(r#"{"personal data": 1}"#, r#"{"personal data":1}"#), (r#"{"personel": 1}"#, "E0612 personel")],
    );
    check(&map(Type::Date), &[(r#"{"2026-01-01": 1}"#, r#"{"2026-01-01":1}"#)]);
    check(&map(Type::Entity(vec![PERSON])), &[(r#"{"mary": 1}"#, r#"{"mary":1}"#)]);
}

#[test]
fn entities_in_data_are_only_named() {
    let both = Type::Entity(vec![AGENT, PERSON]);
    check(
        &Type::Entity(vec![PERSON]),
        &[
            ("\"mary\"", r#"{"type":"Person","id":"mary"}"#),
            (r#"{"type": "Person", "id": "mary"}"#, r#"{"type":"Person","id":"mary"}"#),
            (r#"{"type": "Agent", "id": "a"}"#, "E0614 type"),
            (r#"{"type": "Persn", "id": "a"}"#, "E0614 type"),
            (r#"{"type": "Person"}"#, "E0606 id"),
            (r#"{"id": "mary"}"#, "E0606 type"),
            (r#"{"type": "Person", "id": "mary", "properties": {}}"#, "E0607 properties"),
            (r#"{"type": "Person", "id": 5, "x": 1}"#, "E0607 x\nE0608 id"),
            ("\"\"", "E0608"),
            ("5", "E0608"),
        ],
    );
    check(&both, &[("\"mary\"", "E0608"), (r#"{"type": "Agent", "id": "a"}"#, r#"{"type":"Agent","id":"a"}"#)]);
    assert_eq!(shown(&both, r#"{"type": "Agent", "id": "a-1"}"#), "a-1");
}

#[test]
fn calendars_and_hours() {
    let full = r#"{"weekend":["friday","saturday"],"holidays":["2026-01-01","2026-12-25"],"valid":{"from":"2026-01-01","until":"2026-12-31"},"hours":{"monday":["09:00-12:00","13:00-24:00"],"closed_on_holidays":false}}"#;
    check(
        &Type::Calendar,
        &[
            (full, full),
            (
                r#"{"weekend":["friday","saturday"]}"#,
                r#"{"weekend":["friday","saturday"],"holidays":[],"hours":{"monday":["09:00-17:00"],"tuesday":["09:00-17:00"],"wednesday":["09:00-17:00"],"thursday":["09:00-17:00"],"sunday":["09:00-17:00"],"closed_on_holidays":true}}"#,
            ),
            (
                r#"{"hours":{}}"#,
                r#"{"weekend":["saturday","sunday"],"holidays":[],"hours":{"closed_on_holidays":true}}"#,
            ),
            (r#"{"weekend":["satday"],"holiday":[]}"#, "E0612 weekend[0]\nE0607 holiday"),
            (r#"{"holidays":["2026-02-29","2026-01-01","2026-01-01"]}"#, "E0608 holidays[0]"),
            (r#"{"holidays":["2026-01-01","2026-01-01"]}"#, "E0603 holidays[1]"),
            (r#"{"valid":{"from":"2026-01-01"}}"#, "E0606 valid.until"),
            (r#"{"valid":{"from":"2026-01-02","until":"2026-01-01"}}"#, "E0608 valid"),
            (r#"{"hours":{"monday":["9-17"]}}"#, "E0608 hours.monday[0]"),
            ("[]", "E0608"),
        ],
    );
    assert_eq!(read_data(&schema(), &Type::Calendar, &json("{}")), Ok(Value::Calendar(Arc::new(Calendar::default()))));
    check(
        &Type::Hours,
        &[
            (r#"{"friday":["22:00-24:00"]}"#, r#"{"friday":["22:00-24:00"],"closed_on_holidays":false}"#),
            (r#"{"friday":["22:00-06:00"]}"#, "E0608 friday[0]"),
            (r#"{"friday":["09:00-09:00"]}"#, "E0608 friday[0]"),
            (r#"{"friday":["24:00-24:00"]}"#, "E0608 friday[0]"),
            (r#"{"friday":["13:00-17:00","09:00-12:00"]}"#, "E0608 friday[1]"),
            (
                r#"{"friday":["09:00-12:00","12:00-13:00"]}"#,
                r#"{"friday":["09:00-12:00","12:00-13:00"],"closed_on_holidays":false}"#,
            ),
            (
                r#"{"friday":"09:00-12:00","fryday":[],"closed_on_holidays":1}"#,
                "E0608 friday\nE0607 fryday\nE0608 closed_on_holidays",
            ),
        ],
    );
    assert_eq!(
        shown(&Type::Hours, r#"{"monday":["09:00-12:00","13:00-17:00"],"friday":["09:00-12:00"]}"#),
        "monday 09:00-12:00 and 13:00-17:00, friday 09:00-12:00"
    );
}

#[test]
fn no_more_than_a_hundred_mistakes_are_told() {
    let many = format!("[{}]", vec!["true"; 5000].join(","));
    assert_eq!(read_data(&schema(), &Type::list(Type::Int), &json(&many)).unwrap_err().len(), 100);
    let name = "n".repeat(100_000);
    let errors = read_data(&schema(), &Type::Record(PART), &json(&format!("{{\"{name}\": 1}}"))).unwrap_err();
    assert!(errors.iter().all(|error| error.path.len() < 600 && error.message.len() < 600));
}

/// A type, no deeper than `depth`.
fn any_type(dice: &mut Dice, depth: usize) -> Type {
    let key = [
        Type::TEXT,
        Type::Int,
        Type::Decimal,
        Type::Bool,
        Type::Date,
        Type::Currency,
        Type::Enum(CLASS),
        Type::Entity(vec![PERSON]),
        Type::Period,
    ];
    match dice.below(if depth == 0 { 21 } else { 26 }) {
        0 => Type::Bool,
        1 => Type::Int,
        2 => Type::Decimal,
        3 => usd(),
        4 => Type::Money(None),
        5 => Type::TEXT,
        6 => Type::Date,
        7 => Type::Time,
        8 => Type::Instant,
        9 => Type::Duration,
        10 => Type::Period,
        11 => Type::Country,
        12 => Type::Currency,
        13 => Type::Ip,
        14 => Type::IpRange,
        15 => Type::Hours,
        16 => Type::Calendar,
        17 => Type::Role,
        18 => Type::Enum(CLASS),
        19 => Type::Choice(Choice::Rounding),
        20 => Type::Entity(vec![AGENT, PERSON]),
        21 => Type::Record(PART),
        22 => Type::list(any_type(dice, depth - 1)),
        23 => Type::set(any_type(dice, depth - 1)),
        24 => Type::map(dice.pick(&key).clone(), any_type(dice, depth - 1)),
        _ => any_type(dice, depth - 1).optional(),
    }
}

fn any_hours(dice: &mut Dice) -> Hours {
    let days = std::array::from_fn(|_| {
        let mut ends: BTreeSet<u32> = (0..2 * dice.below(3)).map(|_| dice.below(1441) as u32).collect();
        if ends.len() % 2 == 1 {
            ends.pop_first();
        }
        let ends: Vec<_> = ends.into_iter().map(|minute| Time(i64::from(minute) * 60_000_000_000)).collect();
        ends.chunks(2).map(|pair| (pair[0], pair[1])).collect()
    });
    Hours { days, closed_on_holidays: dice.below(2) == 0 }
}

fn any_value(dice: &mut Dice, ty: &Type) -> Value {
    let texts = ["", "a", "\"\\\n\u{1}", "é😀\u{2028}", "0.5", "null", "x y"];
    let date = |dice: &mut Dice| Date(Date::MIN.0 + dice.below((Date::MAX.0 - Date::MIN.0 + 1) as usize) as i32);
    let small = |dice: &mut Dice| dice.below(7) as i32 - 3;
    let decimal = |dice: &mut Dice| {
        let raw = (i128::from(dice.next() as i64) << 64) | i128::from(dice.next());
        Decimal(raw >> dice.below(128))
    };
    let currency =
        |dice: &mut Dice| Currency::parse(Currency::all().nth(dice.below(Currency::all().count())).unwrap()).unwrap();
    match ty {
        Type::Unknown => Value::Missing,
        Type::Bool => Value::Bool(dice.below(2) == 0),
        Type::Int => Value::Int(dice.next() as i64 >> dice.below(64)),
        Type::Decimal => Value::Decimal(decimal(dice)),
        Type::Money(declared) => {
            Value::Money(Money { currency: declared.unwrap_or_else(|| currency(dice)), amount: decimal(dice) })
        }
        Type::Text(_) => Value::text(*dice.pick(&texts)),
        Type::Date => Value::Date(date(dice)),
        Type::Time => Value::Time(Time((dice.next() % 86_400_000_000_000) as i64)),
        Type::Instant => Value::Instant(Instant(dice.next() as i64)),
        Type::Duration => Value::Duration(dice.next() as i64 >> dice.below(64)),
        Type::Period => Value::Period(Period { months: small(dice), days: small(dice), business_days: small(dice) }),
        Type::Country => Value::Country(Country::parse(Country::all().nth(dice.below(249)).unwrap()).unwrap()),
        Type::Currency => Value::Currency(currency(dice)),
        Type::Ip if dice.below(2) == 0 => Value::Ip(std::net::Ipv4Addr::from_bits(dice.next() as u32).into()),
        Type::Ip => Value::Ip(std::net::Ipv6Addr::from_bits(u128::from(dice.next()) << dice.below(64)).into()),
        Type::IpRange => {
            let prefix = dice.below(33) as u8;
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            Value::IpRange(IpRange { address: std::net::Ipv4Addr::from_bits(dice.next() as u32 & mask).into(), prefix })
        }
        Type::Hours => Value::Hours(Arc::new(any_hours(dice))),
        Type::Calendar => {
            let (a, b) = (date(dice), date(dice));
            Value::Calendar(Arc::new(Calendar {
                weekend: std::array::from_fn(|_| dice.below(2) == 0),
                holidays: (0..dice.below(4)).map(|_| date(dice)).collect(),
                valid: (dice.below(2) == 0).then_some((a.min(b), a.max(b))),
                hours: any_hours(dice),
            }))
        }
        Type::Role => Value::Role(RoleId(dice.below(3) as u32)),
        Type::Enum(id) => Value::Enum(*id, dice.below(3) as u16),
        Type::Choice(choice) => Value::Choice(*choice, dice.below(choice.words().len()) as u16),
        Type::Record(id) => {
            let fields = schema().records[id.index()].fields.clone();
            Value::Record(*id, fields.iter().map(|field| any_value(dice, &field.ty)).collect())
        }
        Type::Entity(kinds) => Value::Entity(EntityRef::new(*dice.pick(kinds), *dice.pick(&texts[1..]))),
        Type::List(of, _) => Value::list((0..dice.below(4)).map(|_| any_value(dice, of)).collect()),
        Type::Set(of) => Value::Set(Arc::new((0..dice.below(4)).map(|_| any_value(dice, of)).collect())),
        Type::Map(key, of) => {
            Value::Map(Arc::new((0..dice.below(4)).map(|_| (any_value(dice, key), any_value(dice, of))).collect()))
        }
        Type::Optional(of) => {
            if dice.below(3) == 0 {
                Value::Missing
            } else {
                any_value(dice, of)
            }
        }
    }
}

/// Whatever is written reads back as the same value, has one form, and can be shown.
#[test]
fn writing_is_the_inverse_of_reading() {
    let schema = schema();
    let mut dice = Dice(7);
    for _ in 0..20_000 {
        let ty = any_type(&mut dice, 3);
        let value = any_value(&mut dice, &ty);
        let text = schema.to_json(&value).to_string();
        let again = read_data(&schema, &ty, &parse(text.as_bytes()).unwrap());
        assert_eq!(again.as_ref(), Ok(&value), "{text} as {ty:?}");
        assert_eq!(schema.to_json(&again.unwrap()).to_string(), text);
        schema.show(&value);
    }
}
