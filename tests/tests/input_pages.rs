//! The pages of the input codes: what stands under `Wrong` gives exactly that code, what stands under `Right` gives none.
//! A page has a policy (`ordain`), the lines that are asked (`request`), and where it needs one an entity store (`json`).

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::source::Source;
use ordain_reference::{Engine, Options};
use ordain_vm::answer::Answer;
use ordain_vm::json::parse;
use ordain_vm::request::{Reader, read_entities};
use std::path::Path;
use std::sync::Arc;

/// Pages about files, and about bytes that can't stand in a page: they only tell.
const TOLD: [&str; 6] = ["E0602", "E0605", "E0623", "E0624", "E0625", "E0626"];

#[test]
fn wrong_gives_the_code_and_right_gives_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compiler/src/errors");
    let mut failed = vec![];
    for number in 601..=628 {
        let code = format!("E0{number}");
        failed.extend(page(&folder, &code));
    }
    failed.extend(page(&folder, "W0601"));
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What is not as it should be.
fn page(folder: &Path, code: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join(format!("{code}.md"))).unwrap_or_default();
    let parts = ["## What happened\n", "## Wrong\n", "## Right\n", "## Why\n"].map(|part| text.find(part));
    let [Some(_), Some(wrong), Some(right), Some(why)] = parts else {
        return vec![format!("{code}: a part is missing")];
    };
    if !text.starts_with(&format!("# {code}: ")) || !parts.is_sorted() {
        return vec![format!("{code}: the parts are not in order")];
    }
    if TOLD.contains(&code) {
        return vec![];
    }
    let mut failed = vec![];
    for (part, wanted) in [(&text[wrong..right], vec![code.to_string()]), (&text[right..why], vec![])] {
        match codes(part) {
            Ok(found) if found == wanted => {}
            Ok(found) => failed.push(format!("{code}: wanted {wanted:?}, found {found:?} in\n{part}")),
            Err(message) => failed.push(format!("{code}: {message} in\n{part}")),
        }
    }
    failed
}

/// The codes of the answers to the lines of a part.
fn codes(part: &str) -> Result<Vec<String>, String> {
    let checked = Arc::new(policy(block(part, "ordain").ok_or("no policy")?)?);
    let schema = checked.schema();
    let mut found = vec![];
    let store = match block(part, "json") {
        None => None,
        Some(text) => {
            match parse(text.as_bytes()).map_err(|error| vec![error]).and_then(|json| read_entities(&schema, &json)) {
                Ok(entities) => Some(Arc::new(entities)),
                Err(errors) => return Ok(errors.into_iter().map(|error| error.code.to_string()).collect()),
            }
        }
    };
    let reader = Reader { schema: &schema, store, from_request: false, now: None };
    let mut engine = Engine::new(checked.clone(), vec![]);
    for line in block(part, "request").ok_or("no request")?.lines() {
        let answer = match reader.line(line.as_bytes()) {
            Ok(line) => engine.answer(line, Options::default()),
            Err(errors) => Answer::malformed(errors),
        };
        match answer {
            Answer::Decision(decided) => {
                found.extend(decided.context.errors.iter().map(|error| error.code.to_string()))
            }
            Answer::Recorded { warnings, .. } => found.extend(warnings.iter().map(|warning| warning.code.to_string())),
            Answer::Refused { error, more } => {
                found.extend([error].iter().chain(&more).map(|error| error.code.to_string()))
            }
        }
    }
    Ok(found)
}

fn policy(text: &str) -> Result<Checked, String> {
    let input = Input { sources: vec![Source::new("page.ord".to_string(), text)], ..Input::default() };
    let analysis = analyse(&input);
    match analysis.diagnostics.as_slice() {
        [] => analysis.checked().map_err(|_| "the policy is not checked".to_string()),
        wrong => Err(format!("{wrong:?}")),
    }
}

/// The text of the first fenced block of that kind.
fn block<'t>(part: &'t str, kind: &str) -> Option<&'t str> {
    let (_, rest) = part.split_once(&format!("```{kind}\n"))?;
    rest.split_once("```").map(|(text, _)| text)
}
