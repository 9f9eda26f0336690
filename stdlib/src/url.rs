//! URLs: what `std.url` says of one. One reading, that of RFC 3986, and narrower: a text that two programs could read as
//! different places is no URL here, so that a rule never allows one place and a tool goes to another.
//! Names of hosts are checked here for `std.email` too.

use crate::operand::{ONCE, optional, param, text};
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::Value;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const WANTED: &str = "a URL with a plain host, such as https://example.com/a";

/// `import std.url`
pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "url",
        name: "is_url",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` is a URL with a scheme, `://` and a host, in ASCII, that can be read in one way only. Refused are: a \
              user or password before the host, backslashes, spaces and control characters, percent signs in the host, numbers \
              that stand for an address in another way (`127.1`, `0x7f.1`), a dot at the end of the host, and `.` or `..` as a part \
              of the path, also where percent signs hide them. Letters of other scripts in a host are written as `xn--…`.",
        examples: &[
            (r#"url.is_url("https://example.com/a?b=1")"#, "true"),
            (r#"url.is_url("https://[::1]:8080/")"#, "true"),
            (r#"url.is_url("https://example.com@evil.example/")"#, "false"),
            (r#"url.is_url("https://example.com/a/%2e%2e/admin")"#, "false"),
            (r#"url.is_url("http://127.1/")"#, "false"),
            (r#"url.is_url("example.com")"#, "false"),
        ],
        words: "{text} is a URL",
        eval: |a, _| Ok(Value::Bool(parse(text(&a[0])).is_some())),
    },
    Builtin {
        module: "url",
        name: "scheme",
        params: &[param("url", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The scheme of `url` in small letters, without the colon. A text that is no URL is an evaluation error; `is_url` asks first.",
        examples: &[
            (r#"url.scheme("HTTPS://example.com/")"#, r#""https""#),
            (r#"url.scheme("javascript:alert(1)")"#, "E0514"),
        ],
        words: "the scheme of {url}",
        eval: |a, _| Ok(Value::text(read(&a[0])?.scheme)),
    },
    Builtin {
        module: "url",
        name: "host",
        params: &[param("url", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The host of `url` in small letters, without the port; an IPv6 address in its shortest form, without brackets. A text \
              that is no URL is an evaluation error; `is_url` asks first.",
        examples: &[
            (r#"url.host("https://API.Example.com:8443/a")"#, r#""api.example.com""#),
            (r#"url.host("http://[2001:DB8:0::1]/")"#, r#""2001:db8::1""#),
            (r#"url.host("https://good.example\\@evil.example/")"#, "E0514"),
        ],
        words: "the host of {url}",
        eval: |a, _| Ok(Value::text(read(&a[0])?.host)),
    },
    Builtin {
        module: "url",
        name: "port",
        params: &[param("url", Shape::Text)],
        returns: Shape::Optional(&Shape::Int),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The port of `url`: the one written, or else the usual one of `http`, `https`, `ws`, `wss`, `ftp` and `ssh`; of other \
              schemes missing. A text that is no URL is an evaluation error; `is_url` asks first.",
        examples: &[
            (r#"url.port("https://example.com/")"#, "443"),
            (r#"url.port("https://example.com:8443/")"#, "8443"),
            (r#"url.port("redis://example.com/")"#, "missing"),
            (r#"url.port("https://example.com:99999/")"#, "E0514"),
        ],
        words: "the port of {url}",
        eval: |a, _| {
            let url = read(&a[0])?;
            Ok(optional(url.port.or(usual_port(&url.scheme)).map(|port| Value::Int(i64::from(port)))))
        },
    },
    Builtin {
        module: "url",
        name: "path",
        params: &[param("url", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The path of `url` as it is written, percent signs included; `/` where it has none. A text that is no URL is an \
              evaluation error; `is_url` asks first.",
        examples: &[
            (r#"url.path("https://example.com/a%20b/c?d")"#, r#""/a%20b/c""#),
            (r#"url.path("https://example.com")"#, r#""/""#),
            (r#"url.path("https://example.com/public/../admin")"#, "E0514"),
        ],
        words: "the path of {url}",
        eval: |a, _| {
            let path = read(&a[0])?.path;
            Ok(Value::text(if path.is_empty() { "/" } else { path }))
        },
    },
    Builtin {
        module: "url",
        name: "query",
        params: &[param("url", Shape::Text)],
        returns: Shape::Optional(&Shape::Text),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "What stands between `?` and `#` in `url`, as it is written; missing without a `?`. A text that is no URL is an \
              evaluation error; `is_url` asks first.",
        examples: &[
            (r#"url.query("https://example.com/?a=1&b=%20#top")"#, r#""a=1&b=%20""#),
            (r#"url.query("https://example.com/?")"#, r#""""#),
            (r#"url.query("https://example.com/#a?b")"#, "missing"),
        ],
        words: "the query of {url}",
        eval: |a, _| Ok(optional(read(&a[0])?.query.map(Value::text))),
    },
    Builtin {
        module: "url",
        name: "is_under",
        params: &[param("url", Shape::Text), param("domain", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when the host of `url` is `domain` or ends with a dot and `domain`, so that `evil-example.com` is not under \
              `example.com`. A text that is no URL, or no name of a host, is an evaluation error.",
        examples: &[
            (r#"url.is_under("https://api.example.com/", "example.com")"#, "true"),
            (r#"url.is_under("https://example.com/", "Example.com")"#, "true"),
            (r#"url.is_under("https://evil-example.com/", "example.com")"#, "false"),
            (r#"url.is_under("https://example.com.evil.example/", "example.com")"#, "false"),
            (r#"url.is_under("https://example.com/", ".com")"#, "E0514"),
        ],
        words: "the host of {url} is {domain} or under it",
        eval: |a, _| Ok(Value::Bool(is_under(&read(&a[0])?.host, &domain(&a[1])?))),
    },
];

struct Url<'a> {
    /// In small letters.
    scheme: String,
    /// In small letters, an IPv6 address without brackets.
    host: String,
    /// The one written.
    port: Option<u16>,
    path: &'a str,
    query: Option<&'a str>,
}

fn read(value: &Value) -> Result<Url<'_>, Fault> {
    parse(text(value)).ok_or(Fault::Form(WANTED))
}

fn parse(text: &str) -> Option<Url<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    {
        return None;
    }
    let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    if ![path, query.unwrap_or(""), fragment].into_iter().all(is_plain) || !is_straight(path) {
        return None;
    }
    let (host, port) = split_port(authority)?;
    let port = match port {
        Some(port) => Some(parse_port(port)?),
        None => None,
    };
    Some(Url { scheme: scheme.to_ascii_lowercase(), host: parse_host(host)?, port, path, query })
}

/// Where the port begins. A user in front of the host fails as part of the host, for its `@`.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = if authority.starts_with('[') {
        authority.find(']')? + 1
    } else {
        authority.find(':').unwrap_or(authority.len())
    };
    match authority.split_at(end) {
        (host, "") => Some((host, None)),
        (host, port) => Some((host, Some(port.strip_prefix(':')?))),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn parse_host(host: &str) -> Option<String> {
    if let Some(inner) = host.strip_prefix('[') {
        return Some(inner.strip_suffix(']')?.parse::<Ipv6Addr>().ok()?.to_string());
    }
    // Where the last part is a number, programs take the whole for an address, in more than one way.
    let last = host.rsplit('.').next()?;
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let hexadecimal = last.strip_prefix("0x").or(last.strip_prefix("0X"));
    if number(last) || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Some(host.parse::<Ipv4Addr>().ok()?.to_string());
    }
    host_name(host)
}

/// A name in small letters: parts of letters, digits, `-` and `_` between single dots.
pub fn host_name(text: &str) -> Option<String> {
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    (text.len() <= 253 && text.split('.').all(part)).then(|| text.to_ascii_lowercase())
}

/// A domain that hosts are compared with: a name or an address.
pub fn domain(value: &Value) -> Result<String, Fault> {
    let text = text(value);
    let address = text.parse::<IpAddr>().map(|address| address.to_string()).ok();
    address.or_else(|| parse_host(text)).ok_or(Fault::Form("the name of a host, such as example.com"))
}

pub fn is_under(host: &str, domain: &str) -> bool {
    match host.strip_suffix(domain) {
        // Only names have others under them.
        Some(rest) => rest.is_empty() || rest.ends_with('.') && host.parse::<IpAddr>().is_err(),
        None => false,
    }
}

/// Only what may stand behind the host, with whole percent signs.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(byte),
    })
}

/// No part is `.` or `..`, however written, and what percent signs stand for is text without control characters.
fn is_straight(path: &str) -> bool {
    let (mut decoded, mut rest) = (vec![], path.as_bytes());
    while let [byte, after @ ..] = rest {
        rest = after;
        decoded.push(match (byte, after) {
            (b'%', [high, low, after @ ..]) => {
                rest = after;
                let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as u8;
                digit(high) * 16 + digit(low)
            }
            _ => *byte,
        });
    }
    let Ok(decoded) = String::from_utf8(decoded) else { return false };
    !decoded.contains(char::is_control)
        && !decoded.split(['/', '\\']).any(|part| {
            // Some servers cut what stands behind a `;` from a part before they look at it.
            matches!(part.split(';').next(), Some("." | ".."))
        })
}

fn usual_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        "ssh" => Some(22),
        _ => None,
    }
}
