//! What an engine says to a line, held against what the reference engine says.

use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::{ActionId, RuleId};
use ordain_vm::answer::{self, Answer, Bits, Detail, Problem};
use ordain_vm::decide::Decision;
use ordain_vm::engine::{Decided, Reply};
use std::collections::{BTreeMap, BTreeSet};

/// What an engine says, beside what the reference does.
pub struct Pair<'p> {
    pub checked: &'p Checked,
}

impl Pair<'_> {
    /// What is wrong with it.
    pub fn compare(&self, found: &Reply, expected: &Answer) -> Vec<String> {
        match (found, expected) {
            (Reply::Decided(found), Answer::Decision(expected)) => {
                let (Decided { request, decision, detail, id, .. }, digest) = (&**found, found.digest());
                let mut wrong =
                    told(&(Some(id), Some(digest)), &(expected.context.id.as_ref(), expected.context.request.as_ref()));
                wrong.extend(self.decision(request.action, decision, detail.as_ref(), expected));
                wrong
            }
            (Reply::Denied(found), Answer::Decision(expected)) => {
                let found = (std::slice::from_ref(&found.problem), Some(&found.id), Some(found.digest()));
                let context = &expected.context;
                told(&found, &(context.errors.as_slice(), context.id.as_ref(), context.request.as_ref()))
            }
            (Reply::Recorded { recorded, warnings }, Answer::Recorded { recorded: id, warnings: wanted }) => {
                told(&(recorded, warnings), &(id, wanted))
            }
            (Reply::Refused { errors, id }, Answer::Refused { error, id: wanted, more }) => {
                let all: Vec<Problem> = std::iter::once(error).chain(more).cloned().collect();
                told(&(errors, Some(id)), &(&all, wanted.as_ref()))
            }
            (found, expected) => told(&format!("{found:?}"), &format!("{expected:?}")),
        }
    }

    /// What is wrong with a decision on that action.
    pub fn decision(
        &self,
        action: usize,
        decision: &Decision,
        detail: Option<&Detail>,
        expected: &answer::Decided,
    ) -> Vec<String> {
        let context = &expected.context;
        let mut wrong = vec![];
        let rules = self.checked.rules_of(ActionId(action as u32));
        let (mut at, mut bits) = (0, Bits::default());
        for rule in rules {
            for _ in self.checked.conditions_of(*rule) {
                bits.push(decision.found.condition(at));
                at += 1;
            }
        }
        if bits.to_string() != context.bits {
            wrong.push(format!("bits {bits}, wanted {}", context.bits));
        }
        let errors = |all: &mut dyn Iterator<Item = (String, String)>| all.collect::<BTreeMap<_, _>>();
        let wanted = errors(&mut context.errors.iter().filter_map(|error| {
            let rule = error.rule.as_deref().filter(|rule| *rule != "otherwise")?;
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
        wrong.extend(self.verdict(decision, expected));
        wrong.extend(detail.into_iter().flat_map(|detail| differences(detail, context)));
        wrong
    }

    fn verdict(&self, decision: &Decision, expected: &answer::Decided) -> Vec<String> {
        let mut wrong = vec![];
        if let Some((fault, _)) = &decision.found.ended {
            wrong.push(format!("ended by {fault}"));
        }
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
        let trial: Vec<String> =
            decision.trial.iter().map(|(rule, verdict)| format!("{} {verdict:?}", self.name(RuleId(*rule)))).collect();
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

/// The members in which what is said differs.
fn differences(found: &Detail, wanted: &Detail) -> Vec<String> {
    if found == wanted {
        return vec![];
    }
    let members = |detail| match serde_json::to_value(detail) {
        Ok(serde_json::Value::Object(members)) => members,
        other => panic!("a detail is an object: {other:?}"),
    };
    let (found, wanted) = (members(found), members(wanted));
    let names: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
    let differs = |name: &&String| found.get(*name) != wanted.get(*name);
    let line = |name: &String| format!("{name} {:?}, wanted {:?}", found.get(name), wanted.get(name));
    names.into_iter().filter(differs).map(line).collect()
}

fn told<T: std::fmt::Debug + PartialEq>(found: &T, wanted: &T) -> Vec<String> {
    if found == wanted { vec![] } else { vec![format!("{found:?}, wanted {wanted:?}")] }
}
