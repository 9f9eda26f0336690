//! A stream cut into lines.

use ordain_vm::json::{Lines, MAX_LINE};
use std::io::{BufReader, Cursor, Read};

/// Numbers and texts, `E…` for what was refused.
fn cut(input: impl Read) -> Vec<String> {
    // A buffer of three bytes: line ends fall on every side of its edges.
    Lines::new(BufReader::with_capacity(3, input))
        .map(|line| {
            let line = line.unwrap();
            match line.text {
                Ok(text) if text.len() > 20 => format!("{} {} bytes", line.number, text.len()),
                Ok(text) => format!("{} {}", line.number, String::from_utf8_lossy(&text)),
                Err(error) => format!("{} {}", line.number, error.code),
            }
        })
        .collect()
}

#[test]
fn ends_of_both_kinds_and_blank_lines() {
    assert_eq!(cut(&b"a\nbb\r\n\n  \t\r\nccc"[..]), ["1 a", "2 bb", "5 ccc"]);
    assert_eq!(cut(&b""[..]), [""; 0]);
    assert_eq!(cut(&b"\n\n"[..]), [""; 0]);
    assert_eq!(cut(&b"a"[..]), ["1 a"]);
    assert_eq!(cut(&b"a\rb\n\xff\xfe\n"[..]), ["1 a\rb", "2 \u{fffd}\u{fffd}"]);
}

#[test]
fn a_line_that_is_too_long_is_told_and_passed_over() {
    let max = "x".repeat(MAX_LINE);
    let text = format!("{max}\n{max}\r\n{max}x\n{max}\rx\nend\n");
    let expected = ["1 1048576 bytes", "2 1048576 bytes", "3 E0605", "4 E0605", "5 end"];
    assert_eq!(cut(Cursor::new(text)), expected);
}

#[test]
fn fifty_megabytes_in_one_line_are_not_held() {
    let long = std::io::repeat(b'[').take(50_000_000).chain(&b"\nnext\n"[..]);
    let lines: Vec<_> = Lines::new(BufReader::new(long)).map(Result::unwrap).collect();
    assert_eq!(lines[0].text.as_ref().unwrap_err().code, "E0605");
    assert_eq!(lines[1].text.as_deref(), Ok(&b"next"[..]));
}

#[test]
fn a_stream_that_breaks_ends() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let mut lines = Lines::new(BufReader::new((&b"a\nb"[..]).chain(Broken)));
    assert!(lines.next().unwrap().is_ok());
    assert!(lines.next().unwrap().is_err());
    assert!(lines.next().is_none());
}
