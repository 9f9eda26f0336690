//! Diagnostics as a SARIF 2.1.0 log, which code hosts and editors read.
//! `ordain check --format sarif` prints it. Columns count characters, as the log says.

use super::json::Json;
use crate::diagnostic::{Diagnostic, Fix};
use crate::errors::Code;
use crate::source::{Source, Span};
use std::collections::BTreeSet;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub fn sarif(diagnostics: &[Diagnostic], sources: &[Source]) -> String {
    let codes: BTreeSet<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let rules = codes.iter().map(|code| rule(*code)).collect();
    let driver = Json::Object(vec![
        ("name", Json::text("ordain")),
        ("version", Json::text(env!("CARGO_PKG_VERSION"))),
        ("rules", Json::List(rules)),
    ]);
    let results = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes, sources)).collect();
    let run = Json::Object(vec![
        ("tool", Json::Object(vec![("driver", driver)])),
        ("columnKind", Json::text("unicodeCodePoints")),
        ("results", Json::List(results)),
    ]);
    let log = Json::Object(vec![
        ("$schema", Json::text(SCHEMA)),
        ("version", Json::text("2.1.0")),
        ("runs", Json::List(vec![run])),
    ]);
    format!("{log}\n")
}

fn level(code: Code) -> Json {
    Json::text(if code.is_warning() { "warning" } else { "error" })
}

fn text(text: &str) -> Json {
    Json::Object(vec![("text", Json::text(text))])
}

fn rule(code: Code) -> Json {
    Json::Object(vec![
        ("id", Json::text(code.as_str())),
        ("shortDescription", text(code.title())),
        ("help", text(&format!("`ordain explain {code}` says more."))),
        ("defaultConfiguration", Json::Object(vec![("level", level(code))])),
    ])
}

fn result(diagnostic: &Diagnostic, codes: &[Code], sources: &[Source]) -> Json {
    let index = codes.binary_search(&diagnostic.code).unwrap_or(0);
    let mut words = diagnostic.message.clone();
    for more in [&diagnostic.label].into_iter().chain(&diagnostic.notes).chain(&diagnostic.help) {
        if !more.is_empty() {
            words.push('\n');
            words.push_str(more);
        }
    }
    let mut members = vec![
        ("ruleId", Json::text(diagnostic.code.as_str())),
        ("ruleIndex", Json::Number(index)),
        ("level", level(diagnostic.code)),
        ("message", text(&words)),
        ("locations", Json::List(location(diagnostic.at, sources).map(Json::Object).into_iter().collect())),
    ];
    let mut related = vec![];
    for label in &diagnostic.labels {
        if let Some(mut place) = location(label.at, sources) {
            place.push(("id", Json::Number(related.len() + 1)));
            place.push(("message", text(&label.text)));
            related.push(Json::Object(place));
        }
    }
    if !related.is_empty() {
        members.push(("relatedLocations", Json::List(related)));
    }
    if let Some(fix) = &diagnostic.fix {
        members.push(("fixes", Json::List(vec![mend(fix, sources)])));
    }
    Json::Object(members)
}

fn location(at: Span, sources: &[Source]) -> Option<Vec<(&'static str, Json)>> {
    let source = sources.get(at.file.0 as usize)?;
    let place = Json::Object(vec![("artifactLocation", artifact(source)), ("region", region(at, source))]);
    Some(vec![("physicalLocation", place)])
}

fn artifact(source: &Source) -> Json {
    Json::Object(vec![("uri", Json::Text(uri(&source.name)))])
}

fn region(at: Span, source: &Source) -> Json {
    let (start, end) = (source.line_column(at.start), source.line_column(at.end));
    Json::Object(vec![
        ("startLine", Json::Number(start.0 as usize)),
        ("startColumn", Json::Number(start.1 as usize)),
        ("endLine", Json::Number(end.0 as usize)),
        ("endColumn", Json::Number(end.1 as usize)),
    ])
}

fn mend(fix: &Fix, sources: &[Source]) -> Json {
    let mut edits: Vec<&(Span, String)> = fix.edits.iter().collect();
    edits.sort_by_key(|(at, _)| *at);
    let mut changes = vec![];
    for edits in edits.chunk_by(|a, b| a.0.file == b.0.file) {
        let Some(source) = sources.get(edits[0].0.file.0 as usize) else { continue };
        let replacements = edits.iter().map(|(at, new)| {
            Json::Object(vec![("deletedRegion", region(*at, source)), ("insertedContent", text(new))])
        });
        changes.push(Json::Object(vec![
            ("artifactLocation", artifact(source)),
            ("replacements", Json::List(replacements.collect())),
        ]));
    }
    Json::Object(vec![("description", text(&fix.title)), ("artifactChanges", Json::List(changes))])
}

/// A path as a URI reference: relative stays relative.
fn uri(name: &str) -> String {
    let name = name.replace('\\', "/");
    let mut out = String::from(if name.starts_with('/') { "file://" } else { "" });
    // A colon in the first part of a relative path would read as a scheme.
    if !name.starts_with('/') && name.split('/').next().is_some_and(|first| first.contains(':')) {
        out.push_str("./");
    }
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'+' | b',' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
