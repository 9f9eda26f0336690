//! What is wrong or missing only because the text is broken there is not told as well: one slip, one message.
//! `analysis` calls it when all has been found.

use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::hir::Package;
use crate::lex::{self, Kind};
use crate::source::{FileId, Source, Span};
use rustc_hash::{FxHashMap, FxHashSet};

/// Takes out findings that may come from parts that did not parse.
pub fn without_consequences(package: &Package, sources: &[Source], diagnostics: &mut Vec<Diagnostic>) {
    let broken: Vec<Span> =
        diagnostics.iter().filter(|diagnostic| is_broken(diagnostic)).map(|diagnostic| diagnostic.at).collect();
    if broken.is_empty() {
        return;
    }
    let rules = package.rules.iter().map(|rule| rule.head.at);
    let tables = package.tables.iter().map(|table| table.head.at);
    let policies = package.policies.iter().map(|policy| policy.head.at);
    let whole: Vec<Span> =
        rules.chain(tables).chain(policies).chain(package.tests.iter().map(|test| test.at)).collect();
    let within = |outer: &Span, at: &Span| outer.file == at.file && outer.start <= at.start && at.start <= outer.end;
    let in_broken = |at: &Span| {
        let around = whole.iter().filter(|whole| within(whole, at));
        let smallest = around.min_by_key(|whole| whole.end - whole.start);
        smallest.is_some_and(|whole| broken.iter().any(|at| within(whole, at)))
    };
    let lost = lost_names(sources, &broken);
    diagnostics.retain(|diagnostic| match diagnostic.code {
        _ if is_broken(diagnostic) => true,
        // The rule that mentions it may be the one that is broken.
        Code::W0404 | Code::E0415 => false,
        Code::E0405 | Code::E0409 | Code::E0410 | Code::W0401 | Code::W0402 | Code::W0403 => {
            !in_broken(&diagnostic.at) && !diagnostic.labels.iter().any(|label| in_broken(&label.at))
        }
        Code::E0201 | Code::E0202 | Code::E0206 | Code::E0210 if lost.contains(text(sources, diagnostic.at)) => false,
        code if code.as_str().starts_with("E02") || code.as_str().starts_with("E03") => {
            !broken.iter().any(|at| touches(sources, diagnostic.at, *at))
        }
        _ => true,
    });
}

fn is_broken(diagnostic: &Diagnostic) -> bool {
    diagnostic.code.as_str().starts_with("E01")
}

fn text(sources: &[Source], at: Span) -> &str {
    sources[at.file.0 as usize].text.get(at.start as usize..at.end as usize).unwrap_or("")
}

/// What was found ends where the text breaks, or lies in what did not parse: `n` in `n exceeds 5`.
fn touches(sources: &[Source], found: Span, broken: Span) -> bool {
    let between = Span { start: found.end, end: broken.start, ..found };
    found.file == broken.file
        && (found.start < broken.end && broken.start < found.end
            || found.end <= broken.start && text(sources, between).bytes().all(|byte| byte == b' '))
}

/// Names that broken text may have declared: those behind a declaring word, and those on a line where the text breaks.
fn lost_names<'s>(sources: &'s [Source], broken: &[Span]) -> FxHashSet<&'s str> {
    let mut lines: FxHashMap<FileId, FxHashSet<u32>> = FxHashMap::default();
    for at in broken {
        lines.entry(at.file).or_default().insert(sources[at.file.0 as usize].line(at.start));
    }
    let mut names = FxHashSet::default();
    for (file, lines) in lines {
        let source = &sources[file.0 as usize];
        let mut declares = false;
        for token in lex::lex(&source.text) {
            match token.kind {
                Kind::Space | Kind::Comment => continue,
                Kind::Word | Kind::Quoted => {
                    let word = token.text(&source.text);
                    if declares || lines.contains(&source.line(token.start)) {
                        names.insert(word);
                    }
                    declares = DECLARING.contains(&word);
                }
                _ => declares = false,
            }
        }
    }
    names
}

const DECLARING: [&str; 17] = [
    "action", "calendar", "control", "data", "define", "duty", "entity", "enum", "event", "group", "let", "limit",
    "record", "role", "rule", "set", "table",
];
