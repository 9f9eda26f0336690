//! Email addresses: what `std.email` says of one. The plain form only: `name@example.com`, without quotes, comments,
//! display names or letters beyond ASCII, so that every program reads the same mailbox.

use crate::operand::{ONCE, param, text};
use crate::url::{domain, host_name, is_under};
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::Value;

/// `import std.email`
pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "email",
        name: "is_email",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` is one plain email address: a name, `@` and the name of a host with a dot in it. Refused are quotes, \
              comments, display names, several addresses and letters beyond ASCII.",
        examples: &[
            (r#"email.is_email("mary.o'neil+bills@corp.example")"#, "true"),
            (r#"email.is_email("Mary <mary@corp.example>")"#, "false"),
            (r#"email.is_email("a@corp.example,b@evil.example")"#, "false"),
            (r#"email.is_email("mary@localhost")"#, "false"),
            (r#"email.is_email(".mary@corp.example")"#, "false"),
        ],
        words: "{text} is an email address",
        eval: |a, _| Ok(Value::Bool(parse(text(&a[0])).is_some())),
    },
    Builtin {
        module: "email",
        name: "local_part",
        params: &[param("address", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "What stands before the `@` of `address`, as it is written. A text that is no plain email address is an evaluation \
              error; `is_email` asks first.",
        examples: &[
            (r#"email.local_part("Mary@corp.example")"#, r#""Mary""#),
            (r#"email.local_part("mary")"#, "E0514"),
        ],
        words: "the name in {address}",
        eval: |a, _| Ok(Value::text(read(&a[0])?.0)),
    },
    Builtin {
        module: "email",
        name: "domain",
        params: &[param("address", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "What stands behind the `@` of `address`, in small letters. A text that is no plain email address is an evaluation \
              error; `is_email` asks first.",
        examples: &[
            (r#"email.domain("mary@Corp.Example")"#, r#""corp.example""#),
            (r#"email.domain("a@b@corp.example")"#, "E0514"),
        ],
        words: "the domain of {address}",
        eval: |a, _| Ok(Value::text(read(&a[0])?.1)),
    },
    Builtin {
        module: "email",
        name: "is_under",
        params: &[param("address", Shape::Text), param("domain", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when the domain of `address` is `domain` or ends with a dot and `domain`. A text that is no plain email address, or \
              no name of a host, is an evaluation error.",
        examples: &[
            (r#"email.is_under("mary@eu.corp.example", "corp.example")"#, "true"),
            (r#"email.is_under("mary@evilcorp.example", "corp.example")"#, "false"),
        ],
        words: "the domain of {address} is {domain} or under it",
        eval: |a, _| Ok(Value::Bool(is_under(&read(&a[0])?.1, &domain(&a[1])?))),
    },
];

fn read(value: &Value) -> Result<(&str, String), Fault> {
    parse(text(value)).ok_or(Fault::Form("a plain email address, such as name@example.com"))
}

/// The part before the `@`, and the domain in small letters.
fn parse(text: &str) -> Option<(&str, String)> {
    let (local, domain) = text.split_once('@')?;
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let plain = local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.bytes().all(letter));
    let domain = host_name(domain)?;
    // No top domain is a number, and without this `name@10.0.0.1` would be an address.
    let named = domain.rsplit_once('.').is_some_and(|(_, top)| !top.bytes().all(|byte| byte.is_ascii_digit()));
    (plain && named && text.len() <= 254 && !domain.contains('_')).then_some((local, domain))
}
