//! Internet addresses: what `std.ip` says of one. An IPv4 address that is written as an IPv6 one, or that a gateway will
//! make of it, is judged as what it is, so that neither hides behind the other.

use crate::operand::{CONSTANT, ip, ip_range, optional, param, text};
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::{IpRange, Value};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `import std.ip`
pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "ip",
        name: "parse",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::Ip),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The address that `text` is, IPv4 or IPv6; missing where it is none. Leading zeros, short forms (`127.1`) and zones \
              (`%eth0`) are refused.",
        examples: &[
            (r#"ip.parse("10.0.0.1")"#, r#"ip.address("10.0.0.1")"#),
            (r#"ip.parse("010.0.0.1")"#, "missing"),
            (r#"ip.parse("localhost")"#, "missing"),
        ],
        words: "{text} as an address",
        eval: |a, _| Ok(optional(text(&a[0]).parse().ok().map(Value::Ip))),
    },
    Builtin {
        module: "ip",
        name: "address",
        params: &[param("text", Shape::Text)],
        returns: Shape::Ip,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The address that `text` is; anything else is an evaluation error. `parse` asks first.",
        examples: &[
            (r#"ip.address("::1")"#, r#"ip.address("0:0:0:0:0:0:0:1")"#),
            (r#"ip.address("10.0.0.256")"#, "E0514"),
        ],
        words: "the address {text}",
        eval: |a, _| {
            text(&a[0])
                .parse()
                .map(Value::Ip)
                .map_err(|_| Fault::Form("an internet address, such as 10.0.0.1 or 2001:db8::1"))
        },
    },
    Builtin {
        module: "ip",
        name: "parse_range",
        params: &[param("text", Shape::Text)],
        returns: Shape::Optional(&Shape::IpRange),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The range of addresses that `text` is: an address, `/` and how many leading bits are shared. Missing where it is none, or \
              where the address has bits behind those.",
        examples: &[
            (r#"ip.parse_range("10.0.0.0/8")"#, r#"ip.range("10.0.0.0/8")"#),
            (r#"ip.parse_range("10.0.0.1/8")"#, "missing"),
            (r#"ip.parse_range("10.0.0.0/33")"#, "missing"),
        ],
        words: "{text} as a range of addresses",
        eval: |a, _| Ok(optional(IpRange::parse(text(&a[0])).map(Value::IpRange))),
    },
    Builtin {
        module: "ip",
        name: "range",
        params: &[param("text", Shape::Text)],
        returns: Shape::IpRange,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The range of addresses that `text` is; anything else is an evaluation error. `parse_range` asks first.",
        examples: &[
            (r#"ip.in_range(ip.address("10.1.2.3"), ip.range("10.0.0.0/8"))"#, "true"),
            (r#"ip.range("10.0.0.0")"#, "E0514"),
        ],
        words: "the addresses {text}",
        eval: |a, _| {
            IpRange::parse(text(&a[0]))
                .map(Value::IpRange)
                .ok_or(Fault::Form("a range of addresses, such as 10.0.0.0/8"))
        },
    },
    Builtin {
        module: "ip",
        name: "in_range",
        params: &[param("address", Shape::Ip), param("range", Shape::IpRange)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `address` is in `range`. An IPv4 address that is written as an IPv6 one (`::ffff:10.0.0.1`) is in the ranges of \
              both.",
        examples: &[
            (r#"ip.in_range(ip.address("10.1.2.3"), ip.range("10.0.0.0/8"))"#, "true"),
            (r#"ip.in_range(ip.address("::ffff:10.1.2.3"), ip.range("10.0.0.0/8"))"#, "true"),
            (r#"ip.in_range(ip.address("11.1.2.3"), ip.range("10.0.0.0/8"))"#, "false"),
        ],
        words: "{address} is in {range}",
        eval: |a, _| {
            let (address, range) = (ip(&a[0]), ip_range(&a[1]));
            let mapped = match address {
                IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
                IpAddr::V6(_) => address,
            };
            Ok(Value::Bool(range.contains(address.to_canonical()) || range.contains(mapped)))
        },
    },
    Builtin {
        module: "ip",
        name: "is_private",
        params: &[param("address", Shape::Ip)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `address` is one that networks use inside only: `10.0.0.0/8`, `172.16.0.0/12`, `192.168.0.0/16` or `fc00::/7`, \
              also where it is an IPv4 address within an IPv6 one. What is not private need not be public: see `is_public`.",
        examples: &[
            (r#"ip.is_private(ip.address("172.31.0.1"))"#, "true"),
            (r#"ip.is_private(ip.address("::ffff:192.168.0.1"))"#, "true"),
            (r#"ip.is_private(ip.address("8.8.8.8"))"#, "false"),
        ],
        words: "{address} is a private address",
        eval: |a, _| {
            Ok(Value::Bool(match meant(ip(&a[0])) {
                IpAddr::V4(v4) => v4.is_private(),
                IpAddr::V6(v6) => v6.segments()[0] & 0xfe00 == 0xfc00,
            }))
        },
    },
    Builtin {
        module: "ip",
        name: "is_loopback",
        params: &[param("address", Shape::Ip)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `address` is the machine itself: `127.0.0.0/8` or `::1`, also where it is an IPv4 address within an IPv6 one.",
        examples: &[
            (r#"ip.is_loopback(ip.address("127.8.8.8"))"#, "true"),
            (r#"ip.is_loopback(ip.address("::ffff:127.0.0.1"))"#, "true"),
            (r#"ip.is_loopback(ip.address("10.0.0.1"))"#, "false"),
        ],
        words: "{address} is the machine itself",
        eval: |a, _| Ok(Value::Bool(meant(ip(&a[0])).is_loopback())),
    },
    Builtin {
        module: "ip",
        name: "is_link_local",
        params: &[param("address", Shape::Ip)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `address` is known on one cable only: `169.254.0.0/16`, where cloud machines find their credentials, or \
              `fe80::/10`, also where it is an IPv4 address within an IPv6 one.",
        examples: &[
            (r#"ip.is_link_local(ip.address("169.254.169.254"))"#, "true"),
            (r#"ip.is_link_local(ip.address("fe80::1"))"#, "true"),
            (r#"ip.is_link_local(ip.address("10.0.0.1"))"#, "false"),
        ],
        words: "{address} is a link-local address",
        eval: |a, _| {
            Ok(Value::Bool(match meant(ip(&a[0])) {
                IpAddr::V4(v4) => v4.is_link_local(),
                IpAddr::V6(v6) => v6.segments()[0] & 0xffc0 == 0xfe80,
            }))
        },
    },
    Builtin {
        module: "ip",
        name: "is_public",
        params: &[param("address", Shape::Ip)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "True when `address` can be reached from the whole internet: neither private, shared, loopback, link-local, multicast, \
              reserved, for documentation or tests, nor a tunnel. An IPv4 address within an IPv6 one is judged as itself.",
        examples: &[
            (r#"ip.is_public(ip.address("8.8.8.8"))"#, "true"),
            (r#"ip.is_public(ip.address("2606:4700::1111"))"#, "true"),
            (r#"ip.is_public(ip.address("100.64.0.1"))"#, "false"),
            (r#"ip.is_public(ip.address("::ffff:10.0.0.1"))"#, "false"),
            (r#"ip.is_public(ip.address("0.0.0.0"))"#, "false"),
        ],
        words: "{address} is a public address",
        eval: |a, _| {
            Ok(Value::Bool(match meant(ip(&a[0])) {
                IpAddr::V4(v4) => is_public_v4(v4),
                IpAddr::V6(v6) => is_public_v6(v6),
            }))
        },
    },
];

/// The IPv4 address that is written, or that a gateway (`64:ff9b::/96`) reads, in an IPv6 one; else the address itself.
fn meant(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.segments() {
            // Mapped; and the old form `::10.0.0.1`, of which `::` and `::1` are none.
            [0, 0, 0, 0, 0, 0xffff, high, low] => v4(high, low),
            [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
            _ => address,
        },
    }
}

fn v4(high: u16, low: u16) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}

/// By the register of special addresses.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    !(octets[0] == 0
        || address.is_private()
        || matches!(octets, [100, 64..=127, ..])
        || address.is_loopback()
        || address.is_link_local()
        || matches!(octets, [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..])
        || address.is_documentation()
        || octets[0] >= 224)
}

/// Only `2000::/3` is given out; in it lie tunnels, tests and documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}
