//! The page of a code: what stands under `Wrong` gives exactly that code, what stands under `Right` gives none.

use super::Failure;
use super::engine::{Host, answers, check};
use crate::complete::Completed;
use crate::markdown::{Block, blocks};
use ordain_vm::value::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What in the page of `code`, entitled `title`, is not as it says.
pub fn page(text: &str, code: &str) -> Vec<Failure> {
    let mut failures = vec![];
    let mut headings = text.lines().filter_map(|line| line.strip_prefix('#'));
    if headings.next().is_none_or(|first| !first.trim().starts_with(&format!("{code}: "))) {
        failures.push(Failure::new(1, format!("the page does not begin with `# {code}: …`")));
    }
    let parts: Vec<&str> = headings.map(|heading| heading.trim_start_matches('#').trim()).collect();
    if parts != ["What happened", "Wrong", "Right", "Why"] {
        failures.push(Failure::new(1, "the parts are not `What happened`, `Wrong`, `Right`, `Why`"));
    }
    let blocks = blocks(text);
    for (heading, wanted) in [("Wrong", Some(code)), ("Right", None)] {
        let part: Vec<&Block> = blocks.iter().filter(|block| block.heading == heading).collect();
        match part.iter().find(|block| block.kind() == "ordain") {
            Some(ordain) => failures.extend(run(ordain, &part, wanted)),
            None => failures.push(Failure::new(1, format!("`{heading}` has no `ordain` block"))),
        }
    }
    failures
}

fn run(ordain: &Block, part: &[&Block], wanted: Option<&str>) -> Option<Failure> {
    let mut text = Completed::default();
    text.push(&ordain.text, ordain.line);
    let sheets: BTreeMap<Arc<str>, String> = part
        .iter()
        .filter(|block| block.kind() == "csv")
        .map(|block| (Arc::from(block.info.get(1).map_or("", String::as_str)), block.text.clone()))
        .collect();
    let (analysis, said) = check(&text, &sheets);
    let request = part.iter().find(|block| block.kind() == "request");
    let mut codes: Vec<String> = said.iter().map(|said| said.code.to_string()).collect();
    let mut said: Vec<String> = said.iter().map(ToString::to_string).collect();
    if let Some(request) = request {
        if !codes.is_empty() {
            return Some(Failure::new(
                ordain.line,
                format!("the policy is not without fault:\n  {}", said.join("\n  ")),
            ));
        }
        let Ok(checked) = analysis.checked() else { return Some(Failure::new(ordain.line, "the policy has errors")) };
        let lines: Vec<&str> = request.text.lines().filter(|line| !line.trim().is_empty()).collect();
        let answers = answers(&Arc::new(checked), &host(part), &lines);
        codes = answers.iter().flat_map(problems).collect();
        said = answers.iter().map(ToString::to_string).collect();
    }
    codes.sort();
    codes.dedup();
    let found: Vec<&str> = codes.iter().map(String::as_str).collect();
    let wanted: Vec<&str> = wanted.into_iter().collect();
    let at = request.map_or(ordain.line, |block| block.line);
    let list = |codes: &[&str]| if codes.is_empty() { "nothing".to_string() } else { codes.join(", ") };
    (found != wanted)
        .then(|| Failure::new(at, format!("wanted {}, found {}\n  {}", list(&wanted), list(&found), said.join("\n  "))))
}

/// What `data NAME` blocks supply, and since when a `history INSTANT` block says that the history is complete.
fn host(part: &[&Block]) -> Host {
    let named = |kind: &'static str| part.iter().filter(move |block| block.kind() == kind);
    let data = named("data").map(|block| (block.info.get(1).cloned().unwrap_or_default(), block.text.clone()));
    let since = named("history").find_map(|block| Instant::parse(block.info.get(1)?));
    Host { data: data.collect(), complete_since: since }
}

/// The codes of errors and warnings of an answer.
fn problems(answer: &serde_json::Value) -> Vec<String> {
    let lists = [&answer["context"]["errors"], &answer["warnings"], &answer["more"]];
    let listed = lists.into_iter().filter_map(|list| list.as_array()).flatten();
    let all = listed.chain(answer.get("error"));
    all.filter_map(|problem| problem["code"].as_str()).map(str::to_string).collect()
}
