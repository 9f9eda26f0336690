//! Text to an analysis or a program, and lines to answers: the ways into compiler and engine that blocks need.

use crate::complete::Completed;
use ordain_compiler::analysis::{Analysis, Checked, Input, analyse};
use ordain_compiler::source::Source;
use ordain_reference::{Engine, Options, scenario};
use ordain_vm::request::{Reader, read_data};
use ordain_vm::value::{Instant, Type, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the check says: code, line of the text, message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub code: &'static str,
    pub line: usize,
    pub message: String,
}

impl std::fmt::Display for Said {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}: {}", self.line, self.code, self.message)
    }
}

/// The analysis of one file, with what it says placed in the Markdown.
pub fn check(text: &Completed, sheets: &BTreeMap<Arc<str>, String>) -> (Analysis, Vec<Said>) {
    let sheets = sheets.iter().map(|(name, text)| (name.clone(), Source::new(name.clone(), text.as_str()))).collect();
    let analysis = analyse(&Input { sources: vec![Source::new("block.ord", text.text.as_str())], sheets, now: None });
    let said = analysis.diagnostics.iter().map(|diagnostic| {
        let source = &analysis.sources[diagnostic.at.file.0 as usize];
        let line = source.line(diagnostic.at.start) as usize;
        let line = if diagnostic.at.file.0 == 0 { text.line(line) } else { line };
        Said { code: diagnostic.code.as_str(), line, message: diagnostic.message.clone() }
    });
    let said = said.collect();
    (analysis, said)
}

pub fn is_error(said: &Said) -> bool {
    said.code.starts_with('E')
}

/// Runs every test of a program; the name of each that fails, and what it says.
pub fn run_tests(checked: &Arc<Checked>) -> Vec<(usize, String)> {
    let data = empty_data(checked);
    let mut failed = vec![];
    for (at, test) in checked.package.tests.iter().enumerate() {
        if checked.package[test.module].std {
            continue;
        }
        let id = ordain_compiler::hir::TestId(at as u32);
        let outcome = scenario::run(checked, id, &data);
        for failure in outcome.failures {
            let source = &checked.sources[failure.at.file.0 as usize];
            let line = source.line(failure.at.start) as usize;
            failed.push((line, format!("test \"{}\": {}", test.name, failure.message)));
        }
    }
    failed
}

/// What a host brings besides the lines.
#[derive(Default)]
pub struct Host {
    /// The JSON of `data`, by name; what is not named is empty.
    pub data: BTreeMap<String, String>,
    /// Since when the empty history is complete; without it, for all time.
    pub complete_since: Option<Instant>,
}

/// The answers to lines of a stream, each as JSON.
pub fn answers(checked: &Arc<Checked>, host: &Host, lines: &[&str]) -> Vec<Json> {
    let schema = checked.schema();
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let mut data = empty_data(checked);
    for (declared, value) in checked.package.data.iter().zip(&mut data) {
        if let Some(json) = host.data.get(&*declared.head.name.text) {
            let json = ordain_vm::json::parse(json.as_bytes()).unwrap_or_else(|error| panic!("data: {error:?}"));
            *value = read_data(&schema, &declared.ty, &json).unwrap_or_else(|errors| panic!("data: {errors:?}"));
        }
    }
    let mut engine = Engine::new(checked.clone(), data);
    if let Some(since) = host.complete_since {
        engine.set_complete_since(since);
    }
    lines
        .iter()
        .map(|line| {
            let answer = match reader.line(line.as_bytes()) {
                Ok(line) => engine.answer(line, Options::default()),
                Err(errors) => ordain_vm::answer::Answer::malformed(errors),
            };
            serde_json::to_value(&answer).expect("an answer is JSON")
        })
        .collect()
}

/// What a package reads where nothing was supplied: empty sets, lists and maps, and calendars without holidays.
fn empty_data(checked: &Checked) -> Vec<Value> {
    checked.package.data.iter().map(|data| empty(&data.ty)).collect()
}

fn empty(ty: &Type) -> Value {
    match ty {
        Type::Set(_) => Value::Set(Arc::default()),
        Type::Map(..) => Value::Map(Arc::default()),
        Type::List(..) => Value::list(vec![]),
        Type::Calendar => Value::Calendar(Arc::default()),
        other => panic!("a block declares data of a type that has no empty value: {other:?}"),
    }
}
