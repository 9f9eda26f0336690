//! The page of a code: what stands under `Wrong` gives exactly that code, what stands under `Right` gives none.
//! An `ordain` block is checked, and with a `request` block asked; `csv NAME` is a sheet, `data NAME` data, `json` the
//! entity store, `history TIME` says since when the history is complete. Bytes in hexadecimal are a line of a stream.

use super::Failure;
use super::engine::{Given, answers, check};
use crate::complete::Completed;
use crate::markdown::{Block, blocks};
use ordain_vm::json::parse;
use ordain_vm::value::Instant;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What in the page of `code` is not as it says. Where `told`, its mistake is told and can't be shown.
pub fn page(text: &str, code: &str, told: bool) -> Vec<Failure> {
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
        let bytes = part.iter().find_map(|block| bytes(block).map(|bytes| (block.line, bytes)));
        match (part.iter().find(|block| block.kind() == "ordain"), bytes) {
            (Some(ordain), _) => failures.extend(run(ordain, &part, wanted)),
            (None, Some((line, bytes))) => {
                let found = parse(&bytes).err().map(|error| error.code);
                if found != wanted {
                    failures.push(Failure::new(line, format!("wanted {wanted:?}, found {found:?}")));
                }
            }
            (None, None) if told => {}
            (None, None) => failures.push(Failure::new(1, format!("`{heading}` has no `ordain` block"))),
        }
    }
    failures
}

/// The bytes of a line, of a `text` block that writes them in hexadecimal.
fn bytes(block: &Block) -> Option<Vec<u8>> {
    let bytes = block.text.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).ok().filter(|_| pair.len() == 2));
    bytes.collect::<Option<Vec<u8>>>().filter(|bytes| block.kind() == "text" && !bytes.is_empty())
}

fn run(ordain: &Block, part: &[&Block], wanted: Option<&str>) -> Option<Failure> {
    let mut text = Completed::default();
    text.push(&ordain.text, ordain.line);
    let second = |block: &Block| block.info.get(1).cloned().unwrap_or_default();
    let of_kind = |kind: &'static str| part.iter().filter(move |block| block.kind() == kind);
    let sheets: BTreeMap<Arc<str>, String> =
        of_kind("csv").map(|block| (Arc::from(second(block)), block.text.clone())).collect();
    let (analysis, said) = check(&text, &sheets);
    let request = of_kind("request").next();
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
        let given = Given {
            data: of_kind("data").map(|block| (second(block), block.text.clone())).collect(),
            store: of_kind("json").next().map(|block| block.text.clone()),
            complete_since: of_kind("history").next().and_then(|block| Instant::parse(&second(block))),
            ..Given::default()
        };
        let lines: Vec<&str> = request.text.lines().filter(|line| !line.trim().is_empty()).collect();
        (codes, said) = match answers(&Arc::new(checked), &given, &lines) {
            Ok(answers) => {
                (answers.iter().flat_map(problems).collect(), answers.iter().map(ToString::to_string).collect())
            }
            Err(errors) => (
                errors.iter().map(|error| error.code.to_string()).collect(),
                errors.iter().map(|error| format!("{} at {}: {}", error.code, error.path, error.message)).collect(),
            ),
        };
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

/// The codes of errors and warnings of an answer.
fn problems(answer: &serde_json::Value) -> Vec<String> {
    let lists = [&answer["context"]["errors"], &answer["warnings"], &answer["more"]];
    let listed = lists.into_iter().filter_map(|list| list.as_array()).flatten();
    let all = listed.chain(answer.get("error"));
    all.filter_map(|problem| problem["code"].as_str()).map(str::to_string).collect()
}
