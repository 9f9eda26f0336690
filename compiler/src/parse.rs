//! Text to what was written: `lex`, then words and brackets (`parse/words.rs`, `parse/shape.rs`), then the grammar, an item
//! at a time. Called by `analysis`, by `format` and by editors; it never fails, and leaves holes where text is broken.
//! What is wrong with single tokens is said by `parse/literals.rs`, what can't stand where it stands by `parse/messages.rs`.

pub mod build;
mod literals;
mod messages;
pub(crate) mod shape;
#[cfg(test)]
mod tests;
pub mod words;

use crate::ast::{File, Item};
use crate::diagnostic::{self, Diagnostic, Label};
use crate::errors::{Code, syntax};
use crate::lex;
use crate::source::{FileId, MAX_SOURCE, Source, Span};
use build::Builder;
use rustc_hash::FxHashSet;

#[allow(clippy::all, clippy::unwrap_used, clippy::match_wildcard_for_single_variants, unused, unused_qualifications)]
mod grammar {
    lalrpop_util::lalrpop_mod!(pub rules, "/grammar.rs");
}

/// The file as it was written, and all that is wrong with how.
pub fn parse(source: &Source, file: FileId) -> (File, Vec<Diagnostic>) {
    if source.text.len() > MAX_SOURCE {
        return (File::default(), vec![syntax::source_too_large(Span::new(file, 0, 0))]);
    }
    let tokens = lex::lex(&source.text);
    let mut diagnostics = literals::check(&source.text, file, &tokens);
    let shape = shape::shape(&source.text, file, &tokens);
    let unclosed: Vec<Span> =
        diagnostics.iter().filter(|found| found.code == Code::E0103).map(|found| found.at).collect();
    // A text that is never closed may hold the bracket that is missing.
    let held = |found: &Diagnostic, text: &Span| {
        let behind = |label: &Label| source.line(text.start) <= source.line(label.at.start);
        found.at.start < text.start && found.labels.iter().any(behind)
    };
    let brackets = shape.diagnostics.into_iter();
    diagnostics
        .extend(brackets.filter(|found| found.code != Code::E0101 || !unclosed.iter().any(|text| held(found, text))));
    let mut builder = Builder::new(&source.text, file, shape.docs, &shape.tokens);
    let parser = grammar::rules::TopParser::new();
    let mut items = vec![];
    for stretch in shape.items {
        let end = shape.tokens[stretch.clone()].last().map_or(0, |(.., end)| *end);
        let tokens = shape.tokens[stretch].iter().map(|token| Ok::<_, ()>(*token));
        match parser.parse(&mut builder, tokens) {
            // What was left out behind a declaration is a part of it.
            Ok(found) => {
                items.extend(found.into_iter().map(|item| Item { at: item.at.to(Span::new(file, end, end)), ..item }))
            }
            Err(error) => {
                let found = messages::unexpected(&builder, &error.map_error(|()| ()));
                builder.report(found);
            }
        }
    }
    let Builder { exprs, diagnostics: found, .. } = builder;
    diagnostics.extend(without_echoes(source, &diagnostics, found));
    diagnostic::sort(&mut diagnostics);
    (File { doc: shape.doc, items, exprs }, diagnostics)
}

/// Of what the grammar could not take, nothing where a token or a bracket was already found wrong: that is an echo.
fn without_echoes(source: &Source, earlier: &[Diagnostic], mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut lines = FxHashSet::default();
    for diagnostic in earlier {
        lines.insert(source.line(diagnostic.at.start));
        lines.extend(diagnostic.labels.iter().map(|label| source.line(label.at.start)));
    }
    found.retain(|diagnostic| diagnostic.code != Code::E0101 || !lines.contains(&source.line(diagnostic.at.start)));
    found
}
