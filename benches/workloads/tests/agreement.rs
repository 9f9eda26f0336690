//! Each workload's policy is checked, formatted and run: the reference engine says of every request what the decision
//! written by hand says, and every rule holds sometimes.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::format::{Operators, format};
use ordain_compiler::hir::RuleId;
use ordain_compiler::source::Source;
use ordain_reference::{Engine, OnPermit, Options};
use ordain_vm::answer::{Answer, Decided};
use ordain_vm::request::Reader;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::credit::{self, Credit};
use ordain_workloads::history::{self, Ledger, Scale, Stream};
use ordain_workloads::promotion::PromotionGate;
use ordain_workloads::scale::{ByRegion, ByResource};
use ordain_workloads::{Rules, Verdict, Workload};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A policy in the reference engine, which says by name what stands.
struct Reference {
    engine: Engine,
    stood: BTreeMap<RuleId, u64>,
}

impl Reference {
    /// The text has to be as `ordain check` and `ordain fmt` want it: not even a warning.
    fn new(text: &str) -> Reference {
        let source = Source::new("policy.ord", text);
        let formatted = format(&source, Operators::Words);
        assert_eq!(formatted.as_deref(), Some(text), "it is not formatted");
        let analysis = analyse(&Input { sources: vec![source], ..Input::default() });
        let said: Vec<&str> = analysis.diagnostics.iter().map(|said| said.message.as_str()).collect();
        assert!(said.is_empty(), "the check says: {said:?}");
        let checked = analysis.checked().expect("nothing was said");
        Reference { engine: Engine::new(Arc::new(checked), vec![]), stood: BTreeMap::new() }
    }

    /// The verdict, the rules that stood, and the codes of the requirements that failed.
    fn decide(&mut self, line: &str) -> (Verdict, BTreeSet<String>) {
        let schema = self.engine.checked().schema();
        let reader = Reader { schema: &schema, store: None, from_request: false, now: None };
        let line = reader.line(line.as_bytes()).unwrap_or_else(|errors| panic!("{errors:?}\nin {line}"));
        let answer = self.engine.answer(line, Options { on_permit: OnPermit::Perform, explain: false });
        let Answer::Decision(decided) = answer else { panic!("no decision: {answer:?}") };
        let Decided { context, .. } = *decided;
        assert!(context.errors.is_empty(), "{:?}", context.errors);
        let verdict = match context.verdict {
            ordain_vm::answer::Verdict::Permit => Verdict::Permit,
            ordain_vm::answer::Verdict::Escalate => Verdict::Escalate,
            ordain_vm::answer::Verdict::Deny => Verdict::Deny,
            ordain_vm::answer::Verdict::Recorded => panic!("it was no event"),
        };
        let stood = &self.engine.coverage().stood;
        let package = &self.engine.checked().package;
        let newly = stood.iter().filter(|(rule, count)| self.stood.get(rule).copied().unwrap_or(0) < **count);
        let mut names: BTreeSet<String> = newly.map(|(rule, _)| package[*rule].head.name.text.to_string()).collect();
        self.stood = stood.clone();
        // A gate of requirements is one rule; what it says is which of them fail.
        names.remove("gate");
        names.extend(context.missing.iter().filter_map(|missing| missing.code.as_deref()).map(str::to_owned));
        (verdict, names)
    }
}

/// How often each rule held, and how many requests held how many.
struct Seen {
    rules: Vec<usize>,
    at_once: Vec<usize>,
}

impl Seen {
    fn new(rules: usize) -> Seen {
        Seen { rules: vec![0; rules], at_once: vec![] }
    }

    fn add(&mut self, held: &[usize]) {
        for rule in held {
            self.rules[*rule] += 1;
        }
        let most = held.len().max(self.at_once.len().saturating_sub(1));
        self.at_once.resize(most + 1, 0);
        self.at_once[held.len()] += 1;
    }

    fn check(&self, name: &str, names: &[String]) {
        println!("{name}: rules held {:?}, at once {:?}", self.rules, self.at_once);
        let never: Vec<&String> =
            names.iter().zip(&self.rules).filter(|(_, count)| **count == 0).map(|(name, _)| name).collect();
        assert!(never.is_empty(), "{name}: never held: {never:?}");
        let few: usize = self.at_once.iter().take(4).sum();
        let all: usize = self.at_once.iter().sum();
        assert!(few * 10 > all * 9, "{name}: more than three rules hold too often: {:?}", self.at_once);
        assert!(self.at_once[0] * 20 < all * 19, "{name}: too often no rule holds: {:?}", self.at_once);
    }
}

fn agree<W: Workload>(workload: &W, count: usize) -> Seen {
    let name = workload.name();
    let mut reference = Reference::new(&workload.policy());
    let rules = workload.rules();
    let mut seen = Seen::new(rules.len());
    let mut held = W::Rules::default();
    for (number, request) in workload.requests(7, count).iter().enumerate() {
        let line = workload.line(request, number);
        let verdict = workload.decide(request, &mut held);
        let names: BTreeSet<String> = held.numbers().iter().map(|rule| rules[*rule].clone()).collect();
        assert_eq!(reference.decide(&line), (verdict, names), "{name}: {line}");
        seen.add(&held.numbers());
    }
    seen
}

#[test]
fn agent_boundary() {
    agree(&Boundary, 1_200).check("W1", &Boundary.rules());
}

#[test]
fn promotion_gate() {
    agree(&PromotionGate, 1_200).check("W2", &PromotionGate.rules());
}

#[test]
fn credit_decision() {
    agree(&Credit, 1_200).check("W3", &Credit.rules());
}

#[test]
fn by_resource() {
    agree(&ByResource::new(10), 1_000).check("W4a", &ByResource::new(10).rules());
    agree(&ByResource::new(300), 100);
}

#[test]
fn by_region() {
    agree(&ByRegion::new(60), 1_000);
    agree(&ByRegion::new(400), 100);
}

#[test]
fn policies_of_every_size_are_checked_and_formatted() {
    for count in [1, 10, 100, 1_000] {
        Reference::new(&ByResource::new(count).policy());
        Reference::new(&ByRegion::new(count).policy());
    }
    for events in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        Reference::new(&Scale::new(events).policy());
    }
}

#[test]
fn agent_history() {
    let scale = Scale::small();
    let mut reference = Reference::new(&scale.policy());
    let mut ledger = Ledger::new(scale);
    let mut seen = Seen::new(3);
    for (number, asked) in Stream::new(7, scale).take(1_500).enumerate() {
        let line = asked.line(number);
        let (verdict, held) = ledger.decide(&asked);
        let names = held.numbers().iter().map(|rule| history::RULES[*rule].to_owned()).collect();
        assert_eq!(reference.decide(&line), (verdict, names), "{line}");
        seen.add(&held.numbers());
    }
    seen.check("W5", &history::RULES.map(str::to_owned));
}

#[test]
fn numbers_for_texts_change_no_decision() {
    let calls = Boundary.requests(3, 20_000);
    let (symbols, slots) = boundary::slots(&calls);
    for (call, slots) in calls.iter().zip(&slots) {
        assert_eq!(symbols.decide(slots), boundary::decide(call), "{call:?}");
    }
    let mut symbols = credit::Symbols::default();
    for asked in Credit.requests(3, 20_000) {
        let slots = symbols.slots(&asked);
        assert_eq!(credit::decide_slots(&slots), credit::decide(&asked), "{asked:?}");
    }
}
