//! Strict JSON: what is read, what is refused and where.

use crate::Dice;
use ordain_vm::json::{Json, MAX_DEPTH, parse};

fn check(text: impl AsRef<[u8]>, expected: &str) {
    let text = text.as_ref();
    let got = match parse(text) {
        Ok(json) => json.to_string(),
        Err(error) => match error
            .message
            .split_once(": ")
            .filter(|(place, _)| place.starts_with("Line ") || place.starts_with("Column "))
        {
            Some((place, _)) => format!("{} {place}", error.code),
            None => format!("{} {}", error.code, error.path).trim_end().to_string(),
        },
    };
    assert_eq!(got, expected, "{}", String::from_utf8_lossy(&text[..text.len().min(200)]));
}

#[test]
fn values_keep_their_text_and_order() {
    check(r#" {"b" : 1 , "a":[true,false,null,"x"]} "#, r#"{"b":1,"a":[true,false,null,"x"]}"#);
    for same in
        ["0", "-0", "10", "0.10", "1e3", "1E+3", "1.50e-10", "123456789012345678901234567890", "[]", "{}", "\"\""]
    {
        check(same, same);
    }
    check(r#""\u0041\n\/\u00e9\ud83d\ude00""#, "\"A\\n/é😀\"");
    check("\"\\u0000\\u001f\u{7f}\\u2028\"", "\"\\u0000\\u001f\u{7f}\u{2028}\"");
    check("\r\n\t [ ]", "[]");
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    for (text, place) in [
        ("", "Column 1"),
        ("   ", "Column 4"),
        ("{\n  \"a\": }", "Line 2, column 8"),
        ("[1,]", "Column 4"),
        ("[1 2]", "Column 4"),
        ("[1", "Column 3"),
        ("{\"a\":1,}", "Column 8"),
        ("{\"a\" 1}", "Column 6"),
        ("{a:1}", "Column 2"),
        ("{\"a\":1", "Column 7"),
        ("1 2", "Column 3"),
        ("{} x", "Column 4"),
        ("NaN", "Column 1"),
        ("[Infinity]", "Column 2"),
        ("-Infinity", "Column 1"),
        ("01", "Column 2"),
        ("+1", "Column 1"),
        ("1.", "Column 2"),
        (".5", "Column 1"),
        ("1.e3", "Column 2"),
        ("1e", "Column 2"),
        ("1e+", "Column 2"),
        ("-", "Column 1"),
        ("0x10", "Column 2"),
        ("1_000", "Column 2"),
        ("True", "Column 1"),
        ("nul", "Column 1"),
        ("nullx", "Column 1"),
        ("'a'", "Column 1"),
        ("// c\n1", "Line 1, column 1"),
        ("\"a", "Column 3"),
        ("\"é\n\"", "Line 1, column 3"),
        ("\"\t\"", "Column 2"),
        ("\"\\x\"", "Column 2"),
        ("\"\\", "Column 2"),
        ("\"\\u12\"", "Column 2"),
        ("\"\\u12g4\"", "Column 2"),
        ("\"\\u+123\"", "Column 2"),
        ("\"a\\ud800\"", "Column 3"),
        ("\"\\ud800\\u0041\"", "Column 2"),
        ("\"\\udc00\\ud800\"", "Column 2"),
        ("\u{feff}{}", "Column 1"),
        ("\u{a0}1", "Column 1"),
    ] {
        check(text, &format!("E0601 {place}"));
    }
}

#[test]
fn bytes_that_are_no_utf_8_are_told_with_their_place() {
    for (text, at) in
        [(&b"\"\xff\""[..], 1), (b"\"ab\xc3", 3), (b"\"\xed\xa0\x80\"", 1), (b"\xff\xfe{\0", 0), (b"\"\xc0\xaf\"", 1)]
    {
        let error = parse(text).unwrap_err();
        assert_eq!(
            (error.code, error.message.contains(&format!("byte at {at} "))),
            ("E0602", true),
            "{}",
            error.message
        );
    }
}

#[test]
fn a_member_given_twice_is_told_with_its_path() {
    check(r#"{"a":1,"a":2}"#, "E0603 a");
    check(r#"{"x":[0,{"a b":1,"c":2,"a b":2}]}"#, "E0603 x[1][\"a b\"]");
    check(r#"{"a":1,"\u0061":2}"#, "E0603 a");
    check(r#"{"a":1,"A":2}"#, r#"{"a":1,"A":2}"#);
    let many: String = (0..50_000).map(|at| format!("\"m{at}\":0,")).collect();
    check(format!("{{{many}\"m7\":1}}"), "E0603 m7");
    assert!(parse(format!("{{{many}\"n\":1}}").as_bytes()).is_ok());
}

#[test]
fn depth_is_bounded_and_a_million_brackets_are_refused_at_once() {
    let deep = |count: usize| format!("{}{}", "[".repeat(count), "]".repeat(count));
    check(deep(MAX_DEPTH), &deep(MAX_DEPTH));
    check(deep(MAX_DEPTH + 1), "E0604");
    check(deep(1_000_000), "E0604");
    check("[".repeat(1_000_000), "E0604");
    check("{\"a\":".repeat(1_000_000), "E0604");
    let mixed = format!("{}1{}", "{\"a\":[".repeat(32), "]}".repeat(32));
    check(&mixed, &mixed);
}

#[test]
fn numbers_of_any_length_are_kept() {
    let long = "9".repeat(100_000);
    assert_eq!(parse(long.as_bytes()), Ok(Json::Number(long)));
}

/// Texts made of pieces of JSON: what we accept, another reader accepts too and sees the same in it, and what we refuse
/// and it doesn't has a duplicate.
#[test]
fn another_reader_agrees() {
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "1",
        "-0.5",
        "1e2",
        "01",
        "true",
        "null",
        " ",
        "\n",
        "-",
        "\"",
        "\\",
        "é",
        "{\"a\":1}",
        "[1,2]",
        "{}",
        "[]",
        "\"k\":",
    ];
    let mut dice = Dice(1);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..60_000 {
        let text: String = (0..1 + dice.below(7)).map(|_| *dice.pick(&pieces)).collect();
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match (parse(text.as_bytes()), theirs) {
            (Ok(ours), Ok(theirs)) => {
                good += 1;
                let again = parse(ours.to_string().as_bytes()).unwrap();
                assert_eq!(again, ours, "{text}");
                assert_eq!(serde_json::from_str::<serde_json::Value>(&ours.to_string()).unwrap(), theirs, "{text}");
            }
            (Err(_), Err(_)) => bad += 1,
            (Err(error), Ok(_)) => assert_eq!(error.code, "E0603", "{text}"),
            (Ok(_), Err(error)) => panic!("{text}: {error}"),
        }
    }
    assert!(good > 1000 && bad > 1000, "{good} {bad}");
}

#[test]
fn serializing_never_changes_a_number() {
    let json = parse(br#"[1,-9223372036854775808,18446744073709551615,0.10,1e400,"x",null]"#).unwrap();
    assert_eq!(
        serde_json::to_string(&json).unwrap(),
        r#"[1,-9223372036854775808,18446744073709551615,"0.10","1e400","x",null]"#
    );
}
