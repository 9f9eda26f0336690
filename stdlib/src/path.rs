//! Paths of files: what `std.path` says of one. A path is a text here: links, mounts and the current folder are not known.
//! Parts stand between slashes; what could leave them in another program's eyes is no path here.

use crate::operand::{ONCE, made_text, optional, param, text};
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::Value;

/// `import std.path`
pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "path",
        name: "is_path",
        params: &[param("text", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `text` is a path with slashes, from the root (`/srv/a`) or not (`a/b`), that does not climb above where it \
              starts. Refused are: an empty text, backslashes, control characters, a drive (`C:`) and `~` at the beginning. Percent \
              signs are letters like others.",
        examples: &[
            (r#"path.is_path("/srv/data/../log")"#, "true"),
            (r#"path.is_path("../etc/passwd")"#, "false"),
            (r#"path.is_path("/..")"#, "false"),
            (r#"path.is_path("a\\b")"#, "false"),
            (r#"path.is_path("~/.ssh")"#, "false"),
            (r#"path.is_path("")"#, "false"),
        ],
        words: "{text} is a path",
        eval: |a, _| Ok(Value::Bool(parse(text(&a[0])).is_some())),
    },
    Builtin {
        module: "path",
        name: "normalise",
        params: &[param("path", Shape::Text)],
        returns: Shape::Text,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "`path` without `.`, `..`, doubled slashes and a slash at its end. What is left of nothing is `/`, or `.` where it does \
              not start at the root. A path that climbs above where it starts, or is none, is an evaluation error. Links are not \
              followed.",
        examples: &[
            (r#"path.normalise("/srv//data/./a/../b/")"#, r#""/srv/data/b""#),
            (r#"path.normalise("a/..")"#, r#"".""#),
            (r#"path.normalise("/")"#, r#""/""#),
            (r#"path.normalise("/srv/%2e%2e/a")"#, r#""/srv/%2e%2e/a""#),
            (r#"path.normalise("/srv/../../etc")"#, "E0514"),
        ],
        words: "{path} without detours",
        eval: |a, _| made_text(read(&a[0])?.to_string()),
    },
    Builtin {
        module: "path",
        name: "is_inside",
        params: &[param("path", Shape::Text), param("root", Shape::Text)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "True when `path`, without detours, is `root` or below it. A path that starts at the root is never inside one that \
              does not. Letters are compared exactly. A path that climbs above where it starts, or is none, is an evaluation error.",
        examples: &[
            (r#"path.is_inside("/srv/data/a", "/srv/data")"#, "true"),
            (r#"path.is_inside("/srv/data", "/srv/data/")"#, "true"),
            (r#"path.is_inside("/srv/data-old/a", "/srv/data")"#, "false"),
            (r#"path.is_inside("/srv/data/../keys", "/srv/data")"#, "false"),
            (r#"path.is_inside("data/a", "/")"#, "false"),
            (r#"path.is_inside("../a", ".")"#, "E0514"),
        ],
        words: "{path} is inside {root}",
        eval: |a, _| {
            let (path, root) = (read(&a[0])?, read(&a[1])?);
            Ok(Value::Bool(path.absolute == root.absolute && path.parts.starts_with(&root.parts)))
        },
    },
    Builtin {
        module: "path",
        name: "folder",
        params: &[param("path", Shape::Text)],
        returns: Shape::Optional(&Shape::Text),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The folder that `path`, without detours, is in; missing of `/` and `.`. A text that is no path is an evaluation error.",
        examples: &[
            (r#"path.folder("/srv/data/a.csv")"#, r#""/srv/data""#),
            (r#"path.folder("a.csv")"#, r#"".""#),
            (r#"path.folder("/")"#, "missing"),
        ],
        words: "the folder of {path}",
        eval: |a, _| {
            let mut path = read(&a[0])?;
            if path.parts.pop().is_some() { made_text(path.to_string()) } else { Ok(Value::Missing) }
        },
    },
    Builtin {
        module: "path",
        name: "file_name",
        params: &[param("path", Shape::Text)],
        returns: Shape::Optional(&Shape::Text),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The last part of `path`, without detours; missing of `/` and `.`. A text that is no path is an evaluation error.",
        examples: &[
            (r#"path.file_name("/srv/data/a.csv")"#, r#""a.csv""#),
            (r#"path.file_name("/srv/data/.")"#, r#""data""#),
            (r#"path.file_name("/")"#, "missing"),
        ],
        words: "the file name of {path}",
        eval: |a, _| Ok(optional(read(&a[0])?.parts.last().copied().map(Value::text))),
    },
    Builtin {
        module: "path",
        name: "extension",
        params: &[param("path", Shape::Text)],
        returns: Shape::Optional(&Shape::Text),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "What stands behind the last dot of the file name of `path`, in small letters; missing where there is no dot, or only the \
              one the name begins with. A text that is no path is an evaluation error.",
        examples: &[
            (r#"path.extension("report.final.PDF")"#, r#""pdf""#),
            (r#"path.extension("/srv/.env")"#, "missing"),
            (r#"path.extension("Makefile")"#, "missing"),
            (r#"path.extension("a.")"#, r#""""#),
        ],
        words: "the extension of {path}",
        eval: |a, _| {
            let path = read(&a[0])?;
            let extension =
                path.parts.last().and_then(|name| name.rsplit_once('.')).filter(|(stem, _)| !stem.is_empty());
            match extension {
                Some((_, extension)) => made_text(extension.to_lowercase()),
                None => Ok(Value::Missing),
            }
        },
    },
];

/// Without detours.
struct Path<'a> {
    /// It starts at the root.
    absolute: bool,
    parts: Vec<&'a str>,
}

fn read(value: &Value) -> Result<Path<'_>, Fault> {
    parse(text(value)).ok_or(Fault::Form("a path that stays below where it starts, such as /srv/data/a.csv"))
}

fn parse(text: &str) -> Option<Path<'_>> {
    let drive = text.as_bytes().get(1) == Some(&b':') && text.starts_with(|c: char| c.is_ascii_alphabetic());
    if text.is_empty() || text.starts_with('~') || drive || text.contains(|c: char| c == '\\' || c.is_control()) {
        return None;
    }
    let mut parts = vec![];
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(Path { absolute: text.starts_with('/'), parts })
}

impl std::fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.absolute, self.parts.is_empty()) {
            (false, true) => f.write_str("."),
            (absolute, _) => write!(f, "{}{}", if absolute { "/" } else { "" }, self.parts.join("/")),
        }
    }
}
