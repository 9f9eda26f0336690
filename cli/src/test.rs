//! `ordain test`: runs the tests that stand in packages, and with `--coverage` says what they reached.

mod coverage;

use crate::args::{Test, TestFormat};
use crate::complaint::{shown, told};
use crate::{Exit, Io, Naming, load};
use coverage::Covered;
use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::TestId;
use ordain_compiler::source::Span;
use ordain_reference::Engine;
use ordain_reference::scenario::{self, Report};
use std::sync::Arc;

pub fn run(args: &Test, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let mut exit = Exit::Done;
    let mut suites = vec![];
    for path in &args.paths {
        let Some(loaded) = told(load(path, Naming::FromHere, None), io)? else {
            exit = Exit::Fault;
            continue;
        };
        let Some(checked) = crate::check::checked(&loaded, io)? else {
            exit = Exit::Fault;
            continue;
        };
        let Some(data) = told(loaded.data_values(&checked, &args.data.data), io)? else {
            exit = Exit::Fault;
            continue;
        };
        let checked = Arc::new(checked);
        let wanted = |test: &TestId| {
            let name = &checked.package[*test].name;
            args.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()))
        };
        let tests = (0..checked.package.tests.len() as u32).map(TestId).filter(wanted);
        let engine = Engine::new(checked.clone(), data);
        let reports: Vec<Report> = tests.map(|test| scenario::run(&engine, test)).collect();
        let covered = args.coverage.then(|| Covered::of(&checked, &reports));
        let name = loaded.manifest.name.clone().unwrap_or_else(|| path.display().to_string());
        suites.push(Suite { name, checked, reports, covered });
    }
    let failed: usize =
        suites.iter().flat_map(|suite| &suite.reports).filter(|report| !report.failures.is_empty()).count();
    match args.format {
        TestFormat::Human => human(&suites, io)?,
        TestFormat::Json => json(&suites, io)?,
        TestFormat::Junit => junit(&suites, io)?,
    }
    // A filter that is misspelt must not look like tests that pass.
    if let Some(filter) = &args.filter
        && exit == Exit::Done
        && suites.iter().all(|suite| suite.reports.is_empty())
    {
        writeln!(io.err, "error: no test has `{}` in its name", shown(filter))?;
        exit = Exit::Fault;
    }
    Ok(if failed > 0 { Exit::Fault } else { exit })
}

struct Suite {
    name: String,
    checked: Arc<Checked>,
    reports: Vec<Report>,
    covered: Option<Covered>,
}

/// `payables.ord:52:3`
pub fn place(checked: &Checked, at: Span) -> String {
    let source = &checked.sources[at.file.0 as usize];
    let (line, column) = source.line_column(at.start);
    format!("{}:{line}:{column}", source.name)
}

fn human(suites: &[Suite], io: &mut Io<'_>) -> std::io::Result<()> {
    let (mut passed, mut failed) = (0, 0);
    for suite in suites {
        for report in &suite.reports {
            if report.failures.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            writeln!(io.out, "FAILED {} ({})", shown(&report.name), place(&suite.checked, report.at))?;
            for failure in &report.failures {
                writeln!(
                    io.out,
                    "  {}: {}",
                    place(&suite.checked, failure.at),
                    shown(&failure.message).replace('\n', "\n  ")
                )?;
            }
        }
        if suite.reports.is_empty() {
            writeln!(io.err, "{}: no tests", suite.name)?;
        }
        if let Some(covered) = &suite.covered {
            covered.write(io.out)?;
        }
    }
    writeln!(io.out, "{passed} passed, {failed} failed")
}

fn json(suites: &[Suite], io: &mut Io<'_>) -> std::io::Result<()> {
    for suite in suites {
        for report in &suite.reports {
            let failures: Vec<_> = report
                .failures
                .iter()
                .map(|failure| serde_json::json!({ "at": place(&suite.checked, failure.at), "message": failure.message }))
                .collect();
            let line = serde_json::json!({
                "test": report.name,
                "package": suite.name,
                "at": place(&suite.checked, report.at),
                "passed": failures.is_empty(),
                "failures": failures,
            });
            writeln!(io.out, "{line}")?;
        }
        if let Some(covered) = &suite.covered {
            writeln!(io.out, "{}", serde_json::json!({ "package": suite.name, "coverage": covered.json() }))?;
        }
    }
    Ok(())
}

fn junit(suites: &[Suite], io: &mut Io<'_>) -> std::io::Result<()> {
    writeln!(io.out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>")?;
    for suite in suites {
        let failed = suite.reports.iter().filter(|report| !report.failures.is_empty()).count();
        let (name, tests) = (xml(&suite.name), suite.reports.len());
        writeln!(io.out, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\">")?;
        for report in &suite.reports {
            write!(io.out, "    <testcase classname=\"{name}\" name=\"{}\"", xml(&report.name))?;
            if report.failures.is_empty() {
                writeln!(io.out, "/>")?;
                continue;
            }
            writeln!(io.out, ">")?;
            for failure in &report.failures {
                let at = place(&suite.checked, failure.at);
                writeln!(io.out, "      <failure message=\"{}\">{}</failure>", xml(&failure.message), xml(&at))?;
            }
            writeln!(io.out, "    </testcase>")?;
        }
        writeln!(io.out, "  </testsuite>")?;
    }
    writeln!(io.out, "</testsuites>")?;
    if let Some(suite) = suites.iter().find(|suite| suite.covered.is_some()) {
        writeln!(
            io.err,
            "{}: JUnit's form has no place for coverage; ask for it with --format human or json",
            suite.name
        )?;
    }
    Ok(())
}

/// Text for an attribute or element; characters that XML can't hold are written as escapes.
fn xml(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' => out += "&#10;",
            '\t' => out += "&#9;",
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out += &c.escape_unicode().to_string(),
            c => out.push(c),
        }
    }
    out
}
