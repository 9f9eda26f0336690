//! The blocks of a chapter of the specification, in order.

use super::Failure;
use super::decision::compare;
use super::engine::{DIGEST, Given, Said, answers, check, data, entities, is_error, run_tests};
use crate::complete::{Completed, complete, parts, setting_steps, with_steps};
use crate::markdown::{Block, blocks};
use ordain_cli::Manifest;
use ordain_compiler::analysis::{Analysis, Checked};
use ordain_compiler::source::Source;
use ordain_reference::OnPermit;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What in a chapter is not as it says.
pub fn chapter(text: &str) -> Vec<Failure> {
    let mut chapter = Chapter::default();
    for block in blocks(text) {
        chapter.block(&block);
    }
    if let Some((line, _)) = chapter.asked.take() {
        chapter.fail(line, "a `request` block without a `decision` block");
    }
    chapter.nonterminals();
    chapter.failures
}

#[derive(Default)]
struct Chapter {
    failures: Vec<Failure>,
    setting: Option<Block>,
    /// The program of the latest good `ordain` block.
    program: Option<Arc<Checked>>,
    /// What `entities` and `data` blocks give to the next `request` block.
    given: Given,
    /// The latest `request` block: its line, and what was answered.
    asked: Option<(usize, Vec<serde_json::Value>)>,
    /// Of `ebnf` blocks: names defined, and names used with their lines.
    defined: BTreeSet<String>,
    used: Vec<(usize, String)>,
}

impl Chapter {
    fn fail(&mut self, line: usize, message: impl Into<String>) {
        self.failures.push(Failure::new(line, message));
    }

    fn block(&mut self, block: &Block) {
        match block.kind() {
            "ordain" if block.is("ordain", "setting") => {
                self.setting = Some(block.clone());
                let whole = complete(Some((&block.text, block.line)), ("", block.line));
                self.good(block, &whole);
            }
            "ordain" if block.is("ordain", "wrong") => self.wrong(block),
            "ordain" if block.info.len() == 1 => {
                let whole = self.complete(block);
                self.good(block, &whole);
            }
            "expressions" => self.expressions(block),
            "request" => self.request(block),
            "decision" => self.decision(block),
            "entities" | "data" | "csv" => self.supplied(block),
            "toml" => {
                let source = Source::new("ordain.toml", block.text.as_str());
                let found = Manifest::parse(source).1;
                let said = found.iter().map(|complaint| (complaint.code.to_string(), complaint.to_string()));
                self.accepted(block, &block.info[1..], said.collect());
            }
            "json" => {
                if let Err(error) = serde_json::from_str::<serde_json::Value>(&block.text) {
                    self.fail(block.line, format!("not JSON: {error}"));
                }
            }
            "ebnf" => self.ebnf(block),
            "sh" | "text" => {}
            _ => self.fail(block.line - 1, format!("unknown kind of block: {}", block.info.join(" "))),
        }
    }

    /// Data and entities, which the next `request` block is given; or which are refused.
    fn supplied(&mut self, block: &Block) {
        let Some(program) = self.program.clone() else {
            return self.fail(block.line, "nothing can be supplied before a good `ordain` block");
        };
        let named = usize::from(block.kind() != "entities");
        let name = block.info.get(named).cloned().unwrap_or_default();
        let rest = block.info.get(1 + named..).unwrap_or_default();
        let read = match block.kind() {
            "entities" => entities(&program, &block.text).map(|_| block.text.clone()),
            kind => data(&program, &name, kind == "csv", &block.text),
        };
        let refused = read.as_ref().err().cloned().unwrap_or_default();
        let said =
            refused.into_iter().map(|error| (error.code.to_string(), format!("at {}: {}", error.path, error.message)));
        self.accepted(block, rest, said.collect());
        match read {
            Ok(text) if block.kind() == "entities" => self.given.store = Some(text),
            Ok(text) => self.given.data.push((name, text)),
            Err(_) => {}
        }
    }

    /// What must be accepted, or with `wrong` be refused with exactly these codes.
    fn accepted(&mut self, block: &Block, rest: &[String], said: Vec<(String, String)>) {
        let wanted: BTreeSet<&str> = rest.iter().skip(1).map(String::as_str).collect();
        if rest.first().is_some_and(|word| word != "wrong") || rest.len() == 1 {
            return self.fail(block.line - 1, "behind `wrong` stand codes, and nothing else stands here");
        }
        let found: BTreeSet<&str> = said.iter().map(|(code, _)| code.as_str()).collect();
        if found != wanted {
            let said: Vec<String> = said.iter().map(|(code, what)| format!("{code} {what}")).collect();
            self.fail(block.line, format!("wanted {wanted:?}, found {found:?}\n  {}", said.join("\n  ")));
        }
    }

    fn complete(&self, block: &Block) -> Completed {
        let steps = self.setting.as_ref().and_then(|setting| setting_steps(&setting.text));
        let text = match steps {
            Some(steps) => with_steps(&block.text, &steps),
            None => block.text.clone(),
        };
        complete(self.setting.as_ref().map(|setting| (&*setting.text, setting.line)), (&text, block.line))
    }

    /// A block that must be without errors, and whose tests must pass.
    fn good(&mut self, block: &Block, whole: &Completed) {
        let (analysis, said) = check(whole, &BTreeMap::new());
        let errors: Vec<&Said> = said.iter().filter(|said| is_error(said)).collect();
        if !errors.is_empty() {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            return self.fail(block.line, format!("the block has errors:\n  {}", errors.join("\n  ")));
        }
        let checked = match analysis.checked() {
            Ok(checked) => Arc::new(checked),
            Err(_) => return self.fail(block.line, "the block has errors that nobody said"),
        };
        for (line, message) in run_tests(&checked) {
            self.fail(whole.line(line), message);
        }
        self.program = Some(checked);
    }

    fn wrong(&mut self, block: &Block) {
        let wanted: BTreeSet<&str> = block.info[2..].iter().map(String::as_str).collect();
        if wanted.is_empty() {
            return self.fail(block.line - 1, "`ordain wrong` names no code");
        }
        let (_, said) = check(&self.complete(block), &BTreeMap::new());
        if let Some(message) = codes_differ(&wanted, &said) {
            self.fail(block.line, message);
        }
    }

    fn expressions(&mut self, block: &Block) {
        let Some(setting) = self.setting.clone() else {
            return self.fail(block.line, "an `expressions` block before any setting");
        };
        let action = parts(&setting.text).into_iter().find_map(|part| {
            let value = part.text.strip_prefix("let example = ")?;
            value.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_string)
        });
        let Some(action) = action else {
            return self.fail(block.line, "the setting has no `let example = ACTION { … }`");
        };
        for (at, line) in block.text.lines().enumerate() {
            let place = block.line + at;
            if line.trim().is_empty() {
                continue;
            }
            let Some((left, right)) = line.rsplit_once("  =>  ") else {
                self.fail(place, format!("not `EXPR  =>  RESULT`: {line}"));
                continue;
            };
            if let Some(message) = self.expression(&action, left.trim(), right.trim(), place) {
                self.fail(place, format!("{}\n  {message}", line.trim()));
            }
        }
    }

    fn expression(&self, action: &str, left: &str, right: &str, place: usize) -> Option<String> {
        let program = |body: &str, expected: &str| {
            let text = format!(
                "rule expression_line on {action} {{ {body} }}\ntest \"expression\" {{ request example {expected} }}\n"
            );
            let block = Block { info: vec![], text, line: place, heading: String::new() };
            check(&self.complete(&block), &BTreeMap::new())
        };
        let holds = "expect deny by expression_line";
        if let Some(codes) = right.strip_prefix("wrong ") {
            let wanted = codes.split([',', ' ']).filter(|code| !code.is_empty()).collect();
            let (_, said) = program(&format!("let line_value = {left}\n deny"), "expect deny");
            return codes_differ(&wanted, &said);
        }
        // Without an error the rule does not apply.
        let errs = format!("deny when any(line_value in [{left}] where false)");
        if right == "error" {
            return said_or_run(program(&errs, holds));
        }
        if right.len() == 5 && right.starts_with("E05") {
            return said_or_run(program(&errs, &format!("{holds} expect error {right}")));
        }
        // Where the value errs the rule stands too, as it then does where the opposite is asked.
        let holds_alone = |body: &str, opposite: &str| {
            said_or_run(program(body, holds)).or_else(|| {
                let other = said_or_run(program(opposite, holds));
                other.is_none().then(|| "it is an evaluation error".to_string())
            })
        };
        if right == "missing" {
            let asked = |test: &str| format!("deny when any(line_value in [{left}] where line_value {test})");
            return holds_alone(&asked("is missing"), &asked("is present"));
        }
        let (_, said) = program(&format!("deny when ({left}) == ({right})"), holds);
        if said.iter().filter(|said| is_error(said)).all(|said| said.code == "E0302") && said.iter().any(is_error) {
            // The value is optional.
            let head = format!("let line_value = {left}\n deny when line_value");
            return holds_alone(
                &format!("{head} is present and line_value == ({right})"),
                &format!("{head} is missing or line_value != ({right})"),
            );
        }
        holds_alone(&format!("deny when ({left}) == ({right})"), &format!("deny when ({left}) != ({right})"))
    }

    fn request(&mut self, block: &Block) {
        let Some(program) = &self.program else {
            return self.fail(block.line, "a `request` block without a good `ordain` block before it");
        };
        let lines: Vec<&str> = block.text.lines().filter(|line| !line.trim().is_empty()).collect();
        let mut given = std::mem::take(&mut self.given);
        if block.info.get(1).is_some_and(|word| word == "reserve") {
            given.on_permit = OnPermit::Reserve;
        }
        let answers = match answers(program, &given, &lines) {
            Ok(answers) => answers,
            Err(errors) => return self.fail(block.line, format!("what is given is at fault: {errors:?}")),
        };
        if let Some((line, _)) = self.asked.replace((block.line, answers)) {
            self.fail(line, "a `request` block without a `decision` block");
        }
    }

    fn decision(&mut self, block: &Block) {
        let Some((asked, answers)) = self.asked.take() else {
            return self.fail(block.line, "a `decision` block without a `request` block before it");
        };
        let lines: Vec<(usize, &str)> =
            block.text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
        if lines.len() != answers.len() {
            self.fail(block.line, format!("{} lines for {} requests (line {asked})", lines.len(), answers.len()));
        }
        let mut digest = String::new();
        for ((at, wanted), answer) in lines.into_iter().zip(&answers) {
            if let Some(last) = answer["context"]["request"].as_str() {
                digest = last.to_string();
            }
            if let Some(message) = compare(&wanted.trim().replace(DIGEST, &digest), answer) {
                self.fail(block.line + at, message);
            }
        }
    }

    fn ebnf(&mut self, block: &Block) {
        for (at, line) in block.text.lines().enumerate() {
            if let Some((name, _)) =
                line.split_once(" = ").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                self.defined.insert(name.trim().to_string());
            }
            // What stands in quotes is a word of the language; every second piece between quotes is outside.
            for piece in line.split('"').step_by(2) {
                for word in piece.split(|c: char| !c.is_ascii_alphanumeric() && c != '_') {
                    if word.starts_with(|c: char| c.is_ascii_lowercase()) {
                        self.used.push((block.line + at, word.to_string()));
                    }
                }
            }
        }
    }

    fn nonterminals(&mut self) {
        for (line, name) in std::mem::take(&mut self.used) {
            if !self.defined.contains(&name) {
                self.fail(line, format!("`{name}` is not defined"));
            }
        }
    }
}

/// What is wrong with a program, or with its one test.
fn said_or_run((analysis, said): (Analysis, Vec<Said>)) -> Option<String> {
    let errors: Vec<String> = said.iter().filter(|said| is_error(said)).map(ToString::to_string).collect();
    if !errors.is_empty() {
        return Some(format!("does not check: {}", errors.join("; ")));
    }
    let Ok(checked) = analysis.checked() else { return Some("has errors that nobody said".to_string()) };
    let failed = run_tests(&Arc::new(checked));
    failed.into_iter().next().map(|(_, message)| message)
}

/// The errors must be exactly those wanted; of the warnings those that are wanted must be there.
fn codes_differ(wanted: &BTreeSet<&str>, said: &[Said]) -> Option<String> {
    let found: BTreeSet<&str> =
        said.iter().filter(|said| is_error(said) || wanted.contains(said.code)).map(|said| said.code).collect();
    if &found == wanted {
        return None;
    }
    let list = |codes: &BTreeSet<&str>| codes.iter().copied().collect::<Vec<_>>().join(", ");
    let said: Vec<String> = said.iter().map(ToString::to_string).collect();
    let found = if found.is_empty() { "nothing".to_string() } else { list(&found) };
    Some(format!("wanted {}, found {found}\n  {}", list(wanted), said.join("\n  ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<usize> {
        chapter(text).into_iter().map(|failure| failure.line).collect()
    }

    #[test]
    fn a_chapter_that_lies_is_found_out() {
        assert_eq!(wrong("```nonsense\n```\n"), [1]);
        assert_eq!(wrong("```json\n{\n```\n"), [2]);
        assert_eq!(wrong("```ebnf\na = \"x\" , b ;\n```\n"), [2]);
        assert_eq!(wrong("```ebnf\na = \"x\" , a ;\n```\n"), [0_usize; 0]);
        assert_eq!(wrong("```ordain\nentity\n```\n"), [2]);
        assert_eq!(wrong("```ordain wrong E0101\nentity A\n```\n"), [2]);
        assert_eq!(wrong("```decision\npermit\n```\n"), [2]);
        assert_eq!(
            wrong("```toml\n[paths]\n```\n```toml wrong E0625\n[paths]\n```\n```toml wrong E0625\n```\n"),
            [2, 8]
        );
        assert_eq!(wrong("```toml wrong\n```\n"), [1]);
        let program = "```ordain\ndata d: set<int>\nentity A\naction a by A\npolicy p { governs a }\n```\n";
        let with = |blocks: &str| wrong(&format!("{program}{blocks}"));
        assert_eq!(with("```data d\n[1]\n```\n```data d wrong E0608\n[\"x\"]\n```\n"), [0_usize; 0]);
        assert_eq!(with("```data d\n[\"x\"]\n```\n```data d wrong E0608\n[1]\n```\n```data e\n[]\n```\n"), [8, 11, 14]);
        assert_eq!(with("```csv d\nn\n1\n```\n```csv d wrong E0626\nn,m\n1,2\n```\n```csv d\n```\n"), [16]);
        assert_eq!(with("```entities\n{}\n```\n```entities wrong E0608\n{}\n```\n"), [8]);
    }

    #[test]
    fn an_expression_that_lies_is_found_out() {
        let setting = "```ordain setting\nentity A\naction a by A\npolicy p { governs a otherwise permit }\nlet example = a { actor: A(\"x\") }\n```\n";
        let with = |lines: &str| wrong(&format!("{setting}```expressions\n{lines}\n```\n"));
        assert_eq!(with("1 + 1  =>  2\n1 + 1  =>  3\n1 + true  =>  wrong E0301\n1 + true  =>  2"), [9, 11]);
        assert_eq!(with("1 / 0  =>  E0502\n1 / 0  =>  1\n1 / 1  =>  E0502\n1 + 1  =>  wrong E0301"), [9, 10, 11]);
    }
}
