//! Diagnostics as one JSON object: `{"diagnostics": […], "errors": N, "warnings": N}`.
//! `ordain check --format json` prints it. Lines and columns count from 1, columns in characters; `start` and `end` are bytes.

use super::view::is_harmless;
use crate::diagnostic::{Diagnostic, Fix};
use crate::source::{Source, Span};
use std::fmt::{Display, Formatter, Result as FmtResult};

pub fn json(diagnostics: &[Diagnostic], sources: &[Source]) -> String {
    let warnings = diagnostics.iter().filter(|diagnostic| diagnostic.is_warning()).count();
    let all = diagnostics.iter().map(|diagnostic| one(diagnostic, sources)).collect();
    let whole = Json::Object(vec![
        ("diagnostics", Json::List(all)),
        ("errors", Json::Number(diagnostics.len() - warnings)),
        ("warnings", Json::Number(warnings)),
    ]);
    format!("{whole}\n")
}

fn one(diagnostic: &Diagnostic, sources: &[Source]) -> Json {
    let severity = if diagnostic.is_warning() { "warning" } else { "error" };
    let labels = diagnostic.labels.iter().map(|label| place(label.at, sources, ("text", Json::text(&label.text))));
    let mut members = vec![
        ("code", Json::text(diagnostic.code.as_str())),
        ("severity", Json::text(severity)),
        ("message", Json::text(&diagnostic.message)),
    ];
    let Json::Object(at) = place(diagnostic.at, sources, ("label", Json::text(&diagnostic.label))) else {
        return Json::Object(members);
    };
    members.extend(at);
    members.push(("labels", Json::List(labels.collect())));
    members.push(("notes", Json::List(diagnostic.notes.iter().map(|note| Json::text(note)).collect())));
    members.push(("help", diagnostic.help.as_ref().map_or(Json::Null, |help| Json::text(help))));
    members.push(("fix", diagnostic.fix.as_ref().map_or(Json::Null, |fix| mend(fix, sources))));
    Json::Object(members)
}

fn mend(fix: &Fix, sources: &[Source]) -> Json {
    let edits = fix.edits.iter().map(|(at, text)| place(*at, sources, ("text", Json::text(text)))).collect();
    Json::Object(vec![("title", Json::text(&fix.title)), ("edits", Json::List(edits))])
}

fn place(at: Span, sources: &[Source], more: (&'static str, Json)) -> Json {
    let mut members = vec![];
    if let Some(source) = sources.get(at.file.0 as usize) {
        let (start, end) = (source.line_column(at.start), source.line_column(at.end));
        members.extend([
            ("file", Json::text(&source.name)),
            ("line", Json::Number(start.0 as usize)),
            ("column", Json::Number(start.1 as usize)),
            ("end_line", Json::Number(end.0 as usize)),
            ("end_column", Json::Number(end.1 as usize)),
        ]);
    }
    members.extend([("start", Json::Number(at.start as usize)), ("end", Json::Number(at.end as usize)), more]);
    Json::Object(members)
}

/// What these two formats need of JSON.
pub enum Json {
    Null,
    Number(usize),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Json {
    pub fn text(text: &str) -> Json {
        Json::Text(text.to_string())
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
        match self {
            Json::Null => f.write_str("null"),
            Json::Number(number) => write!(f, "{number}"),
            Json::Text(text) => quote(text, f),
            Json::List(items) => {
                f.write_str("[")?;
                for (at, item) in items.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_str("]")
            }
            Json::Object(members) => {
                f.write_str("{")?;
                for (at, (name, value)) in members.iter().enumerate() {
                    f.write_str(if at == 0 { "" } else { "," })?;
                    quote(name, f)?;
                    f.write_str(":")?;
                    value.fmt(f)?;
                }
                f.write_str("}")
            }
        }
    }
}

/// Whatever a terminal could take for more than a letter is escaped, which reads back as the same text.
fn quote(text: &str, f: &mut Formatter<'_>) -> FmtResult {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            c if is_harmless(c) => write!(f, "{c}")?,
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(f, "\\u{unit:04x}")?;
                }
            }
        }
    }
    f.write_str("\"")
}
