//! Generated packages made ready to be decided: checked, with the values of their data. Tests, the generators' own among them,
//! and fuzz targets call it.

use crate::generate::Package;
use ordain_compiler::analysis::{Analysis, Checked, Input, analyse};
use ordain_compiler::source::Source;
use ordain_vm::json::parse;
use ordain_vm::request::read_data;
use ordain_vm::schema::{FieldSchema, Schema};
use ordain_vm::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A number from the environment: `ORDAIN_SEED`, `ORDAIN_CASES`.
pub fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

pub fn analysis(package: &Package) -> Analysis {
    let sources = package.files.iter().map(|file| Source::new(file.name, file.text())).collect();
    analyse(&Input { sources, ..Input::default() })
}

/// The package, which has no errors; where it has, all of them are said.
pub fn checked(package: &Package) -> Arc<Checked> {
    let analysis = analysis(package);
    let errors = errors(&analysis);
    assert!(errors.is_empty(), "seed {}: {} errors\n{}", package.seed, errors.len(), errors.join("\n"));
    Arc::new(analysis.checked().expect("there are no errors"))
}

/// What is wrong with it, a text each, with the line that it is in.
pub fn errors(analysis: &Analysis) -> Vec<String> {
    analysis
        .diagnostics
        .iter()
        .filter(|diagnostic| !diagnostic.is_warning())
        .map(|diagnostic| {
            let source = &analysis.sources[diagnostic.at.file.0 as usize];
            let (line, text) = (source.line(diagnostic.at.start), source.slice(diagnostic.at));
            let whole = source.text.lines().nth(line as usize - 1).unwrap_or_default();
            format!("{}:{line} {} {} `{text}`\n  {whole}", source.name, diagnostic.code, diagnostic.message)
        })
        .collect()
}

/// A value for each data of the schema.
pub fn data(package: &Package, schema: &Schema) -> Vec<Value> {
    let read = |declared: &FieldSchema| match package.data.get(&*declared.name) {
        Some(json) => {
            let json = parse(json.as_bytes()).expect("generated data is JSON");
            read_data(schema, &declared.ty, &json).expect("generated data is of its type")
        }
        None => Value::Calendar(Arc::default()),
    };
    schema.data.iter().map(read).collect()
}

/// Puts digests for `@q-1@`; for one that nobody knows, zeros.
pub fn with_digests(line: &str, digests: &BTreeMap<String, String>) -> String {
    let (mut text, mut rest) = (String::new(), line);
    while let Some(at) = rest.find("@q-") {
        let end = rest[at + 1..].find('@').expect("an id ends") + at + 1;
        text += &rest[..at];
        text += &digests.get(&rest[at + 1..end]).cloned().unwrap_or_else(|| format!("blake3:{}", "0".repeat(64)));
        rest = &rest[end + 1..];
    }
    text + rest
}
