//! What is missing only because the text is broken there is not told as well: one slip, one message.
//! `analysis` calls it when all has been found.

use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::hir::Package;
use crate::source::Span;

/// Takes out findings that may come from parts that did not parse.
pub fn without_consequences(package: &Package, diagnostics: &mut Vec<Diagnostic>) {
    let broken: Vec<Span> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code.as_str().starts_with("E01"))
        .map(|diagnostic| diagnostic.at)
        .collect();
    if broken.is_empty() {
        return;
    }
    let rules = package.rules.iter().map(|rule| rule.head.at);
    let tables = package.tables.iter().map(|table| table.head.at);
    let policies = package.policies.iter().map(|policy| policy.head.at);
    let whole: Vec<Span> =
        rules.chain(tables).chain(policies).chain(package.tests.iter().map(|test| test.at)).collect();
    let within = |outer: &Span, at: &Span| outer.file == at.file && outer.start <= at.start && at.start <= outer.end;
    diagnostics.retain(|diagnostic| match diagnostic.code {
        // The rule that mentions it may be the one that is broken.
        Code::W0404 => false,
        Code::E0405 | Code::E0409 | Code::E0410 | Code::E0415 => {
            let around = whole.iter().filter(|whole| within(whole, &diagnostic.at));
            let smallest = around.min_by_key(|whole| whole.end - whole.start);
            !smallest.is_some_and(|whole| broken.iter().any(|at| within(whole, at)))
        }
        _ => true,
    });
}
