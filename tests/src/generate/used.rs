//! What packages use of what they are compiled to, and what arises where they are decided: instructions with their ways,
//! built-ins, types, readings, stances, faults. `tests/agreement.rs` asks that all of it is used, save for `EXCEPTIONS`.
//! Instructions and built-ins are listed by their own tables; the other lists are matched in full.

use ordain_compiler::analysis::Checked;
use ordain_vm::answer::Verdict;
use ordain_vm::decide::Decision;
use ordain_vm::engine::Reply;
use ordain_vm::fault::Fault;
use ordain_vm::history::{Aggregate, EntryState};
use ordain_vm::op::{Label, Op, Role as OperandRole, Stance, Told};
use ordain_vm::program::said::Words;
use ordain_vm::program::{FieldOf, Function, Keys, OriginOf, Otherwise, Pattern, Program, Role, What, Window};
use ordain_vm::value::Type;
use std::collections::BTreeSet;

/// Not used, with the reason.
pub const EXCEPTIONS: &[(&str, &str)] =
    &[("Type::Unknown", "stands for text that is wrong"), ("op Words divide", "`/` of two ints is a decimal")];

/// What was used, as `op CompareWords less` or `Fault::Overflow`.
#[derive(Default)]
pub struct Used {
    found: BTreeSet<String>,
}

variants! { Used:
    fault: Fault {
        Overflow DivisionByZero CurrenciesDiffer NoRate NoSession NoOrigin HistoryIncomplete HistoryBound NoCalendar
        TimeRange Outside TooLong LocalTime Form
    }
    stance: Stance { Grant ConditionalGrant Gate Met Denial Lift Duties }
    verdict: Verdict { Permit Escalate Deny Recorded }
    reply: Reply { Decided Denied Recorded Refused }
    what: What { Any Count Sum Average Min Max Distinct Holds All Newest Oldest }
    window: Window { From Behind Session Ever }
    aggregate: Aggregate { Count Sum Min Max Distinct Values Same }
    state: EntryState { Done Returned Attempted Denied Pending Failed }
    otherwise: Otherwise { Permit Deny Abstain Approval }
    keys: Keys { Words Texts }
    origin: OriginOf { User Operator Result }
    role: Role { Fixed Given }
    field: FieldOf { Record Entity }
    pattern: Pattern { Matches Like }
    words: Words { Plain Made }
    ty: Type {
        Unknown Bool Int Decimal Money Text Date Time Instant Duration Period Country Currency Ip IpRange Hours Calendar Role
        Enum Choice Record Entity List Set Map Optional
    }
}

/// Parts of a program and of decisions that are no variants.
const PARTS: &[&str] = &[
    "policy in its dates",
    "policy under another",
    "rule on trial",
    "rule in its dates",
    "rule with a code",
    "rule overridden",
    "rules looked up",
    "rules that share a condition",
    "accumulator of a session",
    "accumulator with an end",
    "accumulator without a key",
    "accumulator with two keys",
    "reading with a bound",
    "clause that is a grant",
    "clause that waives",
    "clause with a choice",
    "clause with a condition",
    "duty in time",
    "duty with another",
    "duty once done",
    "duty at a mark",
    "duty of a permit",
    "requirement with a code",
    "decision with a trial",
    "decision with a rule defeated",
    "decision with a mark crossed",
    "decision with a lack",
    "decision with an otherwise",
    "decision with a fault of an otherwise",
];

/// The ways of an instruction, by the type of its operand.
fn ways(ty: &str) -> &'static [&'static str] {
    match ty {
        "Cmp" => &["equal", "not_equal", "less", "less_or_equal", "greater", "greater_or_equal"],
        "Arith" => &["add", "subtract", "multiply", "divide"],
        "TextTest" => &["starts_with", "ends_with", "contains"],
        "Stance" => &["grant", "conditional_grant", "gate", "met", "denial", "lift", "duties"],
        "Gather" => &["count", "sum", "average", "min", "max", "distinct"],
        "Said" => &["permit", "escalate", "deny"],
        "bool" => &["true", "false"],
        _ => &[],
    }
}

impl Used {
    /// The types of everything that is written in a package.
    pub fn checked(&mut self, checked: &Checked) {
        checked.types.exprs.iter().filter(|ty| **ty != Type::Unknown).for_each(|ty| self.types(ty));
        checked.schema().data.iter().for_each(|data| self.types(&data.ty));
    }

    fn types(&mut self, ty: &Type) {
        self.ty(ty);
        match ty {
            Type::List(of, _) | Type::Set(of) | Type::Optional(of) => self.types(of),
            Type::Map(key, of) => {
                self.types(key);
                self.types(of);
            }
            _ => {}
        }
    }

    /// What a package was compiled to.
    pub fn program(&mut self, program: &Program) {
        for op in program.functions.iter().flat_map(|function| &function.ops) {
            let (name, operands) = op.told();
            self.found.insert(format!("op {name}"));
            for operand in operands.iter().filter(|operand| operand.role == OperandRole::Says) {
                if let Told::Word(way) = &operand.what {
                    self.found.insert(format!("op {name} {way}"));
                }
            }
        }
        program.functions.iter().for_each(|of| self.note("rules", "that share a condition", shares(of)));
        self.found.extend(program.builtins.iter().map(|path| format!("built-in {path}")));
        program.readings.iter().for_each(|reading| {
            self.what(&reading.what);
            self.window(&reading.window);
            self.note("reading", "with a bound", reading.most.is_some());
        });
        program.accumulators.iter().for_each(|of| {
            self.aggregate(&of.aggregate);
            self.state(&of.state);
            self.note("accumulator", "of a session", of.of_session);
            self.note("accumulator", "with an end", of.horizon.is_some());
            self.note("accumulator", "without a key", of.keys == 0);
            self.note("accumulator", "with two keys", of.keys == 2);
        });
        program.origins.iter().flat_map(|of| &of.of).for_each(|of| self.origin(of));
        program.fields.iter().flatten().for_each(|of| self.field(of));
        program.patterns.iter().for_each(|of| self.pattern(of));
        program.functions.iter().flat_map(|of| &of.selections).for_each(|of| {
            self.keys(&of.keys);
            self.note("rules", "looked up", true);
        });
        program.clauses.iter().for_each(|of| {
            of.wanted.iter().for_each(|wanted| self.role(&wanted.role));
            self.note("clause", "that is a grant", of.grant);
            self.note("clause", "that waives", of.waives.is_some());
            self.note("clause", "with a choice", of.choices.len() > 1);
            self.note("clause", "with a condition", of.wanted.iter().any(|wanted| wanted.filter.is_some()));
        });
        self.said(program);
    }

    fn said(&mut self, program: &Program) {
        program.policies.iter().for_each(|of| {
            self.otherwise(&of.otherwise);
            self.note("policy", "in its dates", !of.in_force.always());
            self.note("policy", "under another", !of.under.is_empty());
        });
        program.rules.iter().for_each(|of| {
            self.note("rule", "on trial", of.trial);
            self.note("rule", "in its dates", !of.in_force.always());
            self.note("rule", "with a code", of.code.is_some());
        });
        program.actions.iter().for_each(|of| self.note("rule", "overridden", !of.overridden.is_empty()));
        for said in program.actions.iter().flat_map(|action| &action.said) {
            said.because.iter().for_each(|words| self.words(words));
            self.note("duty", "of a permit", said.duties_of_permit && !said.duties.is_empty());
            self.note("requirement", "with a code", said.requirements.iter().any(|of| of.code.is_some()));
            for duty in &said.duties {
                self.note("duty", "in time", duty.timed);
                self.note("duty", "with another", duty.otherwise.is_some());
                self.note("duty", "once done", duty.once_done);
                self.note("duty", "at a mark", duty.mark);
            }
        }
    }

    /// What was said to a line.
    pub fn answered(&mut self, said: &Reply) {
        self.reply(said);
        match said {
            Reply::Decided(decided) => self.decision(&decided.decision),
            Reply::Denied(denied) => self.code(&denied.problem.code),
            Reply::Recorded { warnings: told, .. } | Reply::Refused { errors: told, .. } => {
                told.iter().for_each(|problem| self.code(&problem.code));
            }
        }
    }

    fn code(&mut self, code: &str) {
        self.found.insert(format!("code {code}"));
    }

    fn decision(&mut self, of: &Decision) {
        self.verdict(&of.verdict);
        let found = &of.found;
        found.stands.iter().for_each(|(_, stance)| self.stance(stance));
        for (_, fault, _) in found.faults.iter().chain(&found.otherwise_faults) {
            self.fault(fault);
        }
        for (what, is) in [
            ("with a trial", !of.trial.is_empty()),
            ("with a rule defeated", !of.defeated.is_empty()),
            ("with a mark crossed", !found.crossed.is_empty()),
            ("with a lack", !found.lacks.is_empty()),
            ("with an otherwise", !found.otherwise.is_empty()),
            ("with a fault of an otherwise", !found.otherwise_faults.is_empty()),
        ] {
            self.note("decision", what, is);
        }
    }

    fn note(&mut self, of: &str, what: &str, is: bool) {
        if is {
            self.found.insert(format!("{of} {what}"));
        }
    }

    /// What was never used and is no exception; and exceptions that were used all the same.
    pub fn missing(&self) -> Vec<String> {
        let ops = Op::FORMS.iter().flat_map(|form| {
            let ways = form.operands.iter().filter(|(_, role, _)| *role == OperandRole::Says);
            let ways = ways.flat_map(|(_, _, ty)| ways_of(form.name, ty));
            std::iter::once(format!("op {}", form.name)).chain(ways)
        });
        let rows = ordain_stdlib::all().chain(ordain_stdlib::op::ROWS).map(|row| format!("built-in {}", row.path()));
        let variants = ALL.iter().flat_map(|(ty, all)| all.iter().map(move |variant| format!("{ty}::{variant}")));
        let parts = PARTS.iter().map(|part| part.to_string());
        let codes = CODES.iter().map(|code| format!("code {code}"));
        let is_exception = |name: &str| EXCEPTIONS.iter().any(|(exception, _)| *exception == name);
        let all = ops.chain(rows).chain(variants).chain(parts).chain(codes);
        all.filter(|name| is_exception(name) == self.found.contains(name)).collect()
    }
}

/// Behind a condition that is kept for other rules stands a note that it is known; those go on behind that.
fn shares(function: &Function) -> bool {
    let behind = |label: Label| function.ops.get(label.index().checked_sub(1)?);
    function.ops.iter().any(|op| match op {
        Op::JumpIf { of, label } => matches!(behind(*label), Some(Op::MoveWord { to, .. }) if to == of),
        _ => false,
    })
}

/// Of what is said to lines, besides decisions.
const CODES: [&str; 3] = ["E0619", "E0620", "E0621"];

fn ways_of(op: &'static str, ty: &str) -> impl Iterator<Item = String> {
    ways(ty).iter().map(move |way| format!("op {op} {way}"))
}
