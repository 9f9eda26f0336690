//! One slip, one message: what is wrong or missing only because of another mistake is not told as well.
//! `analysis` calls it when all has been found.

use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::hir::Package;
use crate::lex::{self, Kind};
use crate::source::{FileId, Source, Span};
use rustc_hash::{FxHashMap, FxHashSet};

/// Takes out findings that may come from parts that did not parse, or that rest on something with a mistake of its own.
pub fn without_consequences(package: &Package, sources: &[Source], diagnostics: &mut Vec<Diagnostic>) {
    let places = |wanted: &dyn Fn(&Diagnostic) -> bool| {
        Places::new(diagnostics.iter().filter(|diagnostic| wanted(diagnostic)).map(|diagnostic| diagnostic.at))
    };
    let unread = places(&|diagnostic| diagnostic.code == Code::E0101);
    let unparsed = places(&|diagnostic| topic(diagnostic) == "E01");
    let unnamed = places(&|diagnostic| matches!(topic(diagnostic), "E01" | "E02"));
    let wrong = places(&|diagnostic| matches!(topic(diagnostic), "E01" | "E02" | "E03"));
    if wrong.all.is_empty() {
        return;
    }
    // What rests on something else is no foundation.
    let roots =
        places(&|diagnostic| matches!(topic(diagnostic), "E01" | "E02" | "E03") && diagnostic.rests_on.is_empty());
    let rules = package.rules.iter().map(|rule| rule.head.at);
    let tables = package.tables.iter().map(|table| table.head.at);
    let whole: Vec<Span> = rules.chain(tables).collect();
    // A rule or table that lost a part, for whatever reason.
    let in_wrong = |at: &Span| whole.iter().any(|whole| holds(*whole, *at) && wrong.any_in(*whole));
    let lost = lost_names(sources, &unparsed.all);
    diagnostics.retain(|diagnostic| match diagnostic.code {
        // A clause that is none: `d within 30 days of today`.
        Code::E0111 => !touches_any(sources, diagnostic.at, &unread.all),
        _ if topic(diagnostic) == "E01" => true,
        _ if diagnostic.rests_on.iter().any(|declaration| roots.any_in(*declaration)) => false,
        // What is not used may be what the wrong name was to be.
        Code::W0202 | Code::W0404 | Code::W0410 => unnamed.all.is_empty(),
        Code::E0405 | Code::E0409 | Code::W0401 | Code::W0402 | Code::W0403 => {
            !in_wrong(&diagnostic.at) && !diagnostic.labels.iter().any(|label| in_wrong(&label.at))
        }
        Code::E0201 | Code::E0202 | Code::E0206 | Code::E0210 | Code::E0402 => {
            !lost.contains(text(sources, diagnostic.at)) && !touches_any(sources, diagnostic.at, &unparsed.all)
        }
        _ if matches!(topic(diagnostic), "E02" | "E03") => !touches_any(sources, diagnostic.at, &unparsed.all),
        _ => true,
    });
}

/// `E01` of `E0101`.
fn topic(diagnostic: &Diagnostic) -> &'static str {
    &diagnostic.code.as_str()[..3]
}

fn holds(outer: Span, at: Span) -> bool {
    outer.file == at.file && outer.start <= at.start && at.start <= outer.end
}

/// Where mistakes stand, in the order of the text.
struct Places {
    all: Vec<Span>,
}

impl Places {
    fn new(places: impl Iterator<Item = Span>) -> Places {
        let mut all: Vec<Span> = places.collect();
        all.sort();
        Places { all }
    }

    fn any_in(&self, outer: Span) -> bool {
        let first = self.all.partition_point(|at| (at.file, at.start) < (outer.file, outer.start));
        self.all.get(first).is_some_and(|at| holds(outer, *at))
    }
}

fn text(sources: &[Source], at: Span) -> &str {
    sources[at.file.0 as usize].text.get(at.start as usize..at.end as usize).unwrap_or("")
}

fn touches_any(sources: &[Source], found: Span, broken: &[Span]) -> bool {
    broken.iter().any(|at| touches(sources, found, *at))
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
