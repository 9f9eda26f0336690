//! Text to an analysis or a program, and lines to answers: the ways into compiler and engine that blocks need.

use crate::complete::Completed;
use ordain_cli::csv_to_json;
use ordain_compiler::analysis::{Analysis, Checked, Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_reference::scenario::{self, NOON};
use ordain_reference::{Engine, OnPermit, Options};
use ordain_stdlib::Standard;
use ordain_vm::answer::Answer;
use ordain_vm::engine::{self as program, Work};
use ordain_vm::history::{History, MemoryHistory};
use ordain_vm::json::parse;
use ordain_vm::request::{Entities, InputError, Reader, read_data, read_entities};
use ordain_vm::value::{Instant, Type, Value};
use ordain_vm::verify::verify;
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
    // What has expired is judged at the moment at which tests stand.
    let now = Some(NOON);
    let analysis = analyse(&Input { sources: vec![Source::new("block.ord", text.text.as_str())], sheets, now });
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
    let engine = Engine::new(checked.clone(), empty_data(checked));
    let mut failed = vec![];
    for (at, test) in checked.package.tests.iter().enumerate() {
        if checked.package[test.module].std {
            continue;
        }
        let id = ordain_compiler::hir::TestId(at as u32);
        let outcome = scenario::run(&engine, id);
        for failure in outcome.failures {
            let source = &checked.sources[failure.at.file.0 as usize];
            let line = source.line(failure.at.start) as usize;
            failed.push((line, format!("test \"{}\": {}", test.name, failure.message)));
        }
    }
    failed
}

/// In a line, what stands for the digest of the last request that was decided.
pub const DIGEST: &str = "$digest";

/// What an engine is given besides its program.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// JSON by name of the `data`.
    pub data: Vec<(String, String)>,
    /// The entity store's file.
    pub store: Option<String>,
    /// Since when the history is complete.
    pub complete_since: Option<Instant>,
    /// What becomes of permits.
    pub on_permit: OnPermit,
}

/// The answers to lines of a stream, each as JSON; or what is wrong with what was given.
pub fn answers(checked: &Arc<Checked>, given: &Given, lines: &[&str]) -> Result<Vec<Json>, Vec<InputError>> {
    let schema = checked.schema();
    let mut data = empty_data(checked);
    for (name, text) in &given.data {
        let at = schema.data.iter().position(|data| *data.name == **name).expect("the block names a `data`");
        data[at] = read_data(&schema, &schema.data[at].ty, &parse(text.as_bytes()).map_err(|error| vec![error])?)?;
    }
    let store = match &given.store {
        Some(text) => Some(entities(checked, text)?),
        None => None,
    };
    let reader = Reader { schema: &schema, from_request: store.is_none(), store: store.map(Arc::new), now: None };
    let (compiled, mut work) = (compiled(checked, given, data.clone()), Work::default());
    let mut engine = Engine::new(checked.clone(), data);
    if let Some(since) = given.complete_since {
        engine.set_complete_since(since);
    }
    let mut digest = String::new();
    let mut answer = |line: &&str| {
        let answer = match reader.line(line.replace(DIGEST, &digest).as_bytes()) {
            Ok(line) => {
                let told = compiled.tell(line.clone(), &mut work);
                let answer = engine.answer(line, Options { on_permit: given.on_permit, ..Options::default() });
                assert_eq!(json(&told), json(&answer), "the program answers, and the reference engine");
                answer
            }
            Err(line) => Answer::malformed(line),
        };
        let answer = json(&answer);
        if let Some(last) = answer["context"]["request"].as_str() {
            digest = last.to_string();
        }
        answer
    };
    Ok(lines.iter().map(&mut answer).collect())
}

fn json(answer: &Answer) -> Json {
    serde_json::to_value(answer).expect("an answer is JSON")
}

/// The package as a program, over a history of its own.
fn compiled(checked: &Checked, given: &Given, data: Vec<Value>) -> program::Engine<MemoryHistory> {
    let emitted = emit(checked).expect("all of the language is compiled");
    let verified = Arc::new(verify(emitted, &Standard).expect("what is emitted verifies"));
    let history = MemoryHistory::default();
    if let Some(since) = given.complete_since {
        history.set_complete_since(since);
    }
    let on_permit = match given.on_permit {
        OnPermit::Perform => program::OnPermit::Perform,
        OnPermit::Reserve => program::OnPermit::Reserve,
    };
    program::Engine::new(verified, data, history, program::Options { on_permit, ..program::Options::default() })
}

/// The entity store of that text.
pub fn entities(checked: &Checked, text: &str) -> Result<Entities, Vec<InputError>> {
    read_entities(&checked.schema(), &parse(text.as_bytes()).map_err(|error| vec![error])?)
}

/// The JSON of a data file, JSON itself or CSV, where it is of the declared type.
pub fn data(checked: &Checked, name: &str, csv: bool, text: &str) -> Result<String, Vec<InputError>> {
    let schema = checked.schema();
    let Some(declared) = schema.data.iter().find(|data| *data.name == *name) else {
        return Err(vec![InputError::new("E0626", "", format!("no `data` is called `{name}`"))]);
    };
    let json = if csv {
        csv_to_json(text, &schema, &declared.ty).map_err(|what| vec![InputError::new("E0626", "", what)])?
    } else {
        parse(text.as_bytes()).map_err(|error| vec![error])?
    };
    read_data(&schema, &declared.ty, &json).map(|_| json.to_string())
}

/// What a package reads where nothing was supplied: empty sets, lists and maps, and calendars without holidays; of a
/// record nothing.
fn empty_data(checked: &Checked) -> Vec<Value> {
    checked.package.data.iter().map(|data| empty(&data.ty)).collect()
}

fn empty(ty: &Type) -> Value {
    match ty {
        Type::Set(_) => Value::Set(Arc::default()),
        Type::Map(..) => Value::Map(Arc::default()),
        Type::List(..) => Value::list(vec![]),
        Type::Calendar => Value::Calendar(Arc::default()),
        _ => Value::Missing,
    }
}
