//! Numbers with check digits: what `std.iban` and `std.card` say of them. A number that passes need not exist; one that
//! does not pass is mistyped.

use crate::operand::{ONCE, made_text, param, text};
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{Country, Value};

/// `import std.iban`, `import std.card`
pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "iban",
        name: "is_iban",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` is an IBAN in its electronic form, capitals and digits without spaces: of a country that has them, with \
              that country's length, and with the right check digits.",
        examples: &[
            (r#"iban.is_iban("DE89370400440532013000")"#, "true"),
            (r#"iban.is_iban("DE89370400440532013001")"#, "false"),
            (r#"iban.is_iban("DE89 3704 0044 0532 0130 00")"#, "false"),
            (r#"iban.is_iban(replace("DE89 3704 0044 0532 0130 00", " ", ""))"#, "true"),
        ],
        words: "{text} is an IBAN",
        eval: |a, _| Ok(Value::Bool(is_iban(text(&a[0])))),
    },
    Builtin {
        module: "iban",
        name: "country",
        params: &[param("iban", Shape::Text)],
        returns: Shape::Country,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The country of `iban`. A text that is no IBAN is an evaluation error, and so is one of Kosovo, which has no code in ISO \
              3166; `is_iban` asks first.",
        examples: &[
            (r#"iban.country("GB82WEST12345698765432")"#, "GB"),
            (r#"iban.country("GB82WEST12345698765433")"#, "E0514"),
        ],
        words: "the country of {iban}",
        eval: |a, _| {
            let text = text(&a[0]);
            let country = if is_iban(text) { Country::parse(&text[..2]) } else { None };
            country.map(Value::Country).ok_or(Fault::Form("an IBAN without spaces, such as DE89370400440532013000"))
        },
    },
    Builtin {
        module: "card",
        name: "is_card_number",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` is a number of a payment card: 12 to 19 digits, the first not 0, with the right check digit. A single \
              space or hyphen may stand between digits.",
        examples: &[
            (r#"card.is_card_number("4111 1111 1111 1111")"#, "true"),
            (r#"card.is_card_number("4111111111111112")"#, "false"),
            (r#"card.is_card_number("4111")"#, "false"),
        ],
        words: "{text} is a card number",
        eval: |a, _| Ok(Value::Bool(is_card_number(text(&a[0])))),
    },
    Builtin {
        module: "card",
        name: "has_card_number",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when somewhere in `text` stands a number of a payment card of 13 to 19 digits, with no digit before or behind it. \
              Some other numbers have the form by chance; a number that is written in another way is not found.",
        examples: &[
            (r#"card.has_card_number("Please charge 4111-1111-1111-1111 today.")"#, "true"),
            (r#"card.has_card_number("2026-11-24 4111111111111111 12")"#, "true"),
            (r#"card.has_card_number("INV-94111111111111111")"#, "false"),
            (r#"card.has_card_number("Order 1234567890123456")"#, "false"),
        ],
        words: "a card number stands in {text}",
        eval: |a, _| Ok(Value::Bool(has_card_number(text(&a[0])))),
    },
    Builtin {
        module: "card",
        name: "mask",
        params: &[param("number", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The card number with a star for each digit but the last four. A text that is no card number is an evaluation error; \
              `is_card_number` asks first.",
        examples: &[
            (r#"card.mask("4111 1111 1111 1111")"#, r#""**** **** **** 1111""#),
            (r#"card.mask("4111")"#, "E0514"),
        ],
        words: "{number} without all but its last four digits",
        eval: |a, _| {
            let text = text(&a[0]);
            if !is_card_number(text) {
                return Err(Fault::Form("a card number, such as 4111 1111 1111 1111"));
            }
            let mut hide = text.bytes().filter(u8::is_ascii_digit).count() - 4;
            made_text(
                text.chars()
                    .map(|c| match c {
                        '0'..='9' if hide > 0 => {
                            hide -= 1;
                            '*'
                        }
                        other => other,
                    })
                    .collect(),
            )
        },
    },
];

/// Country and length, by the register of IBANs.
const LENGTHS: &str = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 \
    ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 \
    LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 \
    SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

fn is_iban(text: &str) -> bool {
    let Some((country, check)) = text.get(..2).zip(text.get(2..4)) else { return false };
    let length = LENGTHS.split_whitespace().find_map(|entry| entry.strip_prefix(country)?.parse::<usize>().ok());
    if length != Some(text.len()) || !text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return false;
    }
    // 00, 01 and 99 leave the same as 97, 98 and 02, and are never given.
    let digits = check.parse::<u32>().is_ok_and(|check| (2..=98).contains(&check));
    // A letter stands for two digits from 10 on; the first four characters are read last.
    let left = text[4..].chars().chain(text[..4].chars()).fold(0, |left, c| {
        let value = c.to_digit(36).expect("capitals and digits only");
        if value < 10 { (left * 10 + value) % 97 } else { (left * 100 + value) % 97 }
    });
    digits && left == 1
}

fn is_card_number(text: &str) -> bool {
    card_numbers(text.as_bytes()).any(|(end, _)| end == text.len())
}

/// True where groups of digits, with single spaces or hyphens between them, are a card number of at least 13 digits.
fn has_card_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut starts = (0..bytes.len()).filter(|at| digit(*at) && (*at == 0 || !digit(at - 1)));
    starts.any(|start| card_numbers(&bytes[start..]).any(|(end, digits)| digits >= 13 && !digit(start + end)))
}

/// The card numbers that a text begins with: where each ends, and how many digits it has.
fn card_numbers(text: &[u8]) -> impl Iterator<Item = (usize, usize)> {
    let (mut at, mut digits) = (0, 0);
    // Luhn's sums: with every second digit doubled, the last one not, or the last one too.
    let (mut last_plain, mut last_doubled) = (0, 0);
    std::iter::from_fn(move || {
        loop {
            let separator = usize::from(digits > 0 && matches!(text.get(at), Some(b' ' | b'-')));
            let digit = u32::from(text.get(at + separator)?.checked_sub(b'0').filter(|digit| *digit <= 9)?);
            if digits == 19 || digits == 0 && digit == 0 {
                return None;
            }
            (at, digits) = (at + separator + 1, digits + 1);
            (last_plain, last_doubled) = (last_doubled + digit, last_plain + digit * 2 / 10 + digit * 2 % 10);
            if digits >= 12 && last_plain % 10 == 0 {
                return Some((at, digits));
            }
        }
    })
}
