//! The engines agree: generated packages and requests through the reference engine and the interpreter.
//! `ORDAIN_SEED=n` runs one seed, `ORDAIN_CASES=n` so many packages; a failure names the seed that shows it.

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::partial;
use ordain_compiler::hir::{ActionId, RuleId};
use ordain_compiler::source::Source;
use ordain_reference::{Engine, Options};
use ordain_stdlib::Standard;
use ordain_tests::generate::{Grants, Package, package};
use ordain_vm::answer::{Answer, Bits, Decided};
use ordain_vm::decide::{Decision, decide};
use ordain_vm::json::parse;
use ordain_vm::request::{Line, Reader, Request, read_data};
use ordain_vm::value::Value;
use ordain_vm::verify::{Verified, verify};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn checked(package: &Package) -> Arc<Checked> {
    let sources = package.files.iter().map(|file| Source::new(file.name, file.text())).collect();
    let analysis = analyse(&Input { sources, ..Input::default() });
    Arc::new(analysis.checked().expect("generated packages have no errors"))
}

fn data(package: &Package, checked: &Checked) -> Vec<Value> {
    let schema = checked.schema();
    let read = |declared: &ordain_compiler::hir::Data| match package.data.get(&*declared.head.name.text) {
        Some(json) => {
            let json = parse(json.as_bytes()).expect("generated data is JSON");
            read_data(&schema, &declared.ty, &json).expect("generated data is of its type")
        }
        None => Value::Calendar(Arc::default()),
    };
    checked.package.data.iter().map(read).collect()
}

/// Both engines, and what of the package the interpreter has.
struct Pair<'p> {
    checked: &'p Checked,
    verified: Verified,
    data: Vec<Value>,
    left_out: BTreeSet<RuleId>,
}

impl Pair<'_> {
    /// What is wrong with what the interpreter found, beside what the reference answered.
    fn compare(&self, request: &Request, id: &str, expected: &Decided) -> Vec<String> {
        let decision = decide(&self.verified, &self.data, request, id);
        let mut wrong = vec![];
        let rules = self.checked.rules_of(ActionId(request.action as u32));
        let (mut at, mut bits) = (0, Bits::default());
        for rule in rules {
            for _ in self.checked.conditions_of(*rule) {
                bits.push(decision.found.condition(at));
                at += 1;
            }
        }
        let complete = rules.iter().all(|rule| !self.left_out.contains(rule));
        if complete && bits.to_string() != expected.context.bits {
            wrong.push(format!("bits {bits}, wanted {}", expected.context.bits));
        }
        let known = |name: &str| rules.iter().any(|rule| self.name(*rule) == name && !self.left_out.contains(rule));
        let errors = |all: &mut dyn Iterator<Item = (String, String)>| all.collect::<BTreeMap<_, _>>();
        let wanted = errors(&mut expected.context.errors.iter().filter_map(|error| {
            let rule = error.rule.as_deref().filter(|rule| known(rule))?;
            Some((rule.to_string(), format!("{} {}", error.code, error.at.as_deref().unwrap_or(""))))
        }));
        let found = errors(&mut decision.found.faults.iter().map(|(rule, fault, place)| {
            let source = &self.checked.sources[place.file as usize];
            let (line, column) = source.line_column(place.start);
            (self.name(RuleId(*rule)), format!("{} {}:{line}:{column}", fault.code(), source.name))
        }));
        if found != wanted {
            wrong.push(format!("errors {found:?}, wanted {wanted:?}"));
        }
        if complete {
            wrong.extend(self.verdict(&decision, expected));
        }
        wrong
    }

    fn verdict(&self, decision: &Decision, expected: &Decided) -> Vec<String> {
        let mut wrong = vec![];
        if decision.verdict != expected.context.verdict {
            wrong.push(format!("{:?}, wanted {:?}", decision.verdict, expected.context.verdict));
        }
        let rules = decision.rules.iter().map(|rule| self.name(RuleId(*rule)));
        let otherwise = decision.otherwise.iter().map(|_| "otherwise".to_string());
        let found: BTreeSet<String> = rules.chain(otherwise).collect();
        let wanted: BTreeSet<String> = expected
            .context
            .rules
            .iter()
            .filter(|rule| !rule.policy.is_empty())
            .map(|rule| rule.rule.to_string())
            .collect();
        if found != wanted {
            wrong.push(format!("rules {found:?}, wanted {wanted:?}"));
        }
        let trial: Vec<String> = decision.trial.iter().map(|(rule, verdict)| format!("{} {verdict:?}", self.name(RuleId(*rule)))).collect();
        let wanted: Vec<String> =
            expected.context.trial.iter().map(|rule| format!("{} {:?}", rule.rule, rule.effect)).collect();
        if trial != wanted {
            wrong.push(format!("trial {trial:?}, wanted {wanted:?}"));
        }
        wrong
    }

    fn name(&self, rule: RuleId) -> String {
        self.checked.package[rule].head.name.text.to_string()
    }
}

/// How many decisions were compared, and how many of them whole.
#[derive(Debug, Default)]
struct Compared {
    decisions: u64,
    whole: u64,
    rules: u64,
    left_out: u64,
}

fn run(package: &Package, compared: &mut Compared) {
    let checked = checked(package);
    let data = data(package, &checked);
    let (program, left_out) = partial(&checked);
    compared.rules += program.rules.len() as u64;
    compared.left_out += left_out.len() as u64;
    let verified = verify(program, &Standard).expect("what is emitted verifies");
    let left_out = left_out.into_iter().map(|(rule, _)| rule).collect();
    let pair = Pair { checked: &checked, verified, data: data.clone(), left_out };
    let mut engine = Engine::new(checked.clone(), data);
    let schema = checked.schema();
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    for line in &package.lines {
        let Ok(line) = reader.line(line.replace("@", "").as_bytes()) else { continue };
        let request = match &line {
            Line::Request(request) | Line::Event(request) => Some(request.clone()),
            _ => None,
        };
        let id = request.as_ref().map(|request| request.context.id.clone().unwrap_or_else(|| engine.next_id()));
        let Answer::Decision(decided) = engine.answer(line, Options::default()) else { continue };
        let (Some(request), Some(id)) = (request, id) else { continue };
        // Refused by the history, it was not decided.
        if decided.context.policy.is_empty() && decided.context.rules.is_empty() && !decided.context.errors.is_empty() {
            continue;
        }
        let wrong = pair.compare(&request, &id, &decided);
        assert!(wrong.is_empty(), "{id}: {}\n{}", wrong.join("\n"), package.files.iter().map(|file| file.text()).collect::<String>());
        let rules = checked.rules_of(ActionId(request.action as u32));
        compared.decisions += 1;
        compared.whole += u64::from(rules.iter().all(|rule| !pair.left_out.contains(rule)));
    }
}

#[test]
fn interpreter_and_reference() {
    let seeds = match (setting("ORDAIN_SEED"), setting("ORDAIN_CASES")) {
        (Some(seed), cases) => seed..seed + cases.unwrap_or(1),
        (None, cases) => 0..cases.unwrap_or(200),
    };
    let mut compared = Compared::default();
    for seed in seeds {
        let package = package(seed, Grants::Any);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(&package, &mut compared))) {
            eprintln!("run again with ORDAIN_SEED={seed}");
            std::panic::resume_unwind(panic);
        }
    }
    println!("{compared:?}");
    assert!(compared.decisions > 0);
}
