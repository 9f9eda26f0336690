//! What `verify` refuses, one planted mistake each: the message says what it is. A program with that mistake never runs.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_vm::op::{Label, Op, Text, Val, Word};
use ordain_vm::program::{Function, Keys, Pattern, Program, Selection, Wanted};
use ordain_vm::value::{Country, Type, Value};
use ordain_vm::verify::verify;

const POLICY: &str = r#"
entity Agent in Team { level: int }
entity Team
record Line { label: text, price: money<USD> }
role officer by Agent
action call by Agent { tool: text, site: Country, lines: list<Line>, tags: list<text>, rate: decimal, memo: text?, due: date }

policy desk {
  otherwise permit with approval of officer
  rule forms on call { deny when tool matches '[a-z]+' and tool in {"read", "write"} and site in {DE, FR} }
  rule walks on call { deny when any(l in lines where l.price > 5 USD) and sum(l.price for l in lines) > 9 USD }
  rule nested on call { deny when any(l in lines where any(t in tags where t is l.label)) }
  rule calls on call { deny when length(lower(tool)) > 3 and tags contains lower(tool) and ({"a": rate}["a"] or else 0.5) > 0.7 }
  rule makes on call { deny when lines contains Line { label: tool, price: 3 USD } }
  rule asks on call { when rate * 2.0 > 3.0 needs approval of officer where (approver.level > 2) }
  rule groups on call { deny when actor belongs to Team("x") }
  rule first on call overrides groups { lift when rate > 9.0 }
  rule a1 on call { deny when tool is "a1" and rate > 1.0 }
  rule a2 on call { deny when tool is "a2" and rate > 1.0 }
  rule a3 on call { deny when tool is "a3" and rate > 1.0 }
  rule a4 on call { deny when tool is "a4" and rate > 1.0 }
  rule a5 on call { deny when tool is "a5" and rate > 1.0 }
  rule a6 on call { deny when tool is "a6" and rate > 1.0 }
  rule a7 on call { deny when tool is "a7" and rate > 1.0 }
  rule a8 on call { deny when tool is "a8" and rate > 1.0 }
}
"#;

fn program() -> Program {
    let sources = vec![Source::new("verifier.ord", POLICY)];
    let analysis = analyse(&Input { sources, ..Input::default() });
    let checked = match analysis.checked() {
        Ok(checked) => checked,
        Err(analysis) => panic!("{:?}", analysis.diagnostics),
    };
    emit(&checked).expect("all of it compiles")
}

/// The function that decides the action.
fn decides(program: &mut Program) -> &mut Function {
    let number = program.actions[0].function;
    &mut program.functions[number as usize]
}

/// Changes the first instruction for which `change` has another, in any function.
fn change(program: &mut Program, change: impl Fn(&Op) -> Option<Op>) {
    let mut ops = program.functions.iter_mut().flat_map(|function| &mut function.ops);
    let found = ops.find_map(|op| Some((change(op)?, op)));
    let (new, op) = found.expect("the policy has such an instruction");
    *op = new;
}

type Plant = fn(&mut Program);

/// What is planted, and what is said to it.
const MISTAKES: &[(Plant, &str)] = &[
    (|program| program.builtins[0] = "guess".into(), "the program calls `guess`, which this library does not have"),
    (|program| program.patterns[0] = Pattern::Matches("(".into()), "the pattern `(` is malformed"),
    (|program| program.types.push(Type::Record(ordain_vm::value::RecordId(9))), "a type is of nothing in the schema"),
    (|program| program.word_sets[0].reverse(), "a set of words is not in order"),
    (|program| program.text_sets[0].reverse(), "a set of texts is not in order"),
    (|program| program.rules[0].policy = 9, "there is no policy 9"),
    (|program| program.policies[0].under.push(9), "there is no policy 9"),
    (|program| program.policies[0].calendar = Some(9), "there is no data 9"),
    (|program| program.actions.clear(), "the schema has another number of actions"),
    (|program| program.actions[0].function = 99, "there is no function of the action"),
    (|program| program.actions[0].policies.push(9), "there is no policy 9"),
    (|program| program.actions[0].conditions = u32::MAX, "an action has too many conditions"),
    (|program| program.actions[0].asked_first.push(99_999), "there is no condition 99999"),
    (
        |program| {
            let (rule, by) = program.actions[0].overridden[0].clone();
            program.actions[0].overridden.push((by[0], vec![rule]));
            program.actions[0].overridden.reverse();
        },
        "a rule stands before one that overrides it",
    ),
    (
        |program| {
            let wanted = Wanted { filter: None, ..program.clauses[0].wanted[0].clone() };
            program.clauses[0].wanted = vec![wanted; 33];
        },
        "a clause wants more than 32 roles",
    ),
    (|program| program.clauses[0].wanted[0].role = ordain_vm::program::Role::Fixed(9), "there is no role 9"),
    (
        |program| {
            let decides = program.actions[0].function;
            program.clauses.iter_mut().flat_map(|clause| &mut clause.wanted).for_each(|wanted| {
                wanted.filter = Some(decides);
            });
        },
        "a condition on an approver is no such function",
    ),
    (|program| _ = decides(program).ops.pop(), "is the last and does not end the function"),
    (|program| _ = decides(program).places.pop(), "there is another number of places"),
    (|program| decides(program).work.words = u32::MAX, "has more registers than its instructions use"),
    (
        |program| decides(program).values.push(Value::Enum(ordain_vm::value::EnumId(9), 0)),
        "there is no thing in the schema for the constant",
    ),
    (
        |program| {
            change(program, |op| matches!(op, Op::Not { .. }).then_some(Op::Not { to: Word(99_999), of: Word(0) }))
        },
        "there is no word 99999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::WordIn { of, set, .. } => Some(Op::WordIn { to: *of, of: *of, set: *set }),
                _ => None,
            });
        },
        "register of the request that is written",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::JumpIfNot { of, .. } => Some(Op::JumpIfNot { of: *of, label: Label(99_999) }),
                _ => None,
            });
        },
        "there is no instruction 99999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::JumpIfNot { of, .. } => Some(Op::JumpIfNot { of: *of, label: Label(0) }),
                _ => None,
            });
        },
        "goes back to what begins no walk",
    ),
    (|program| decides(program).regions[0].handler = 0, "there is no place of a region"),
    (|program| decides(program).watched[0].condition = 99_999, "there is no condition 99999"),
    (
        |program| {
            let function = decides(program);
            let at = function.ops.iter().position(|op| matches!(op, Op::Each { .. })).expect("a walk");
            let Op::Each { of, at: place, .. } = function.ops[at].clone() else { return };
            function.ops[at] = Op::Each { of, at: place, done: Label(at as u32 + 1) };
        },
        "ends a walk inside it",
    ),
    (
        |program| {
            let function = decides(program);
            let at = function.ops.iter().position(|op| matches!(op, Op::Each { .. })).expect("a walk");
            let Op::Each { at: place, .. } = function.ops[at].clone() else { return };
            function.ops[at + 1] = Op::MoveWord { to: place, of: place };
        },
        "changes the walk that it is in",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Call { to, builtin, policy, first, count } if *count > 0 => {
                    Some(Op::Call { to: *to, builtin: *builtin, policy: *policy, first: *first, count: count - 1 })
                }
                _ => None,
            });
        },
        "calls with another number of operands",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Record { to, record, first, count } => {
                    Some(Op::Record { to: *to, record: *record, first: *first, count: count - 1 })
                }
                _ => None,
            });
        },
        "makes a record of another number of fields",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Stand { stance, .. } => Some(Op::Stand { rule: 99_999, stance: *stance }),
                _ => None,
            });
        },
        "there is no rule on the action 99999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::SelectText { to, selection, done, .. } => {
                    let of = Text::Made(Val(0));
                    Some(Op::SelectText { to: *to, of, selection: *selection, done: *done })
                }
                _ => None,
            });
        },
        "looks up a text that is made on the way",
    ),
    (|program| decides(program).selections[0].targets[0] = 0, "selects what lies before it"),
    (|program| decides(program).selections[0].targets[0] = 99_999, "there is no instruction 99999"),
    (|program| decides(program).selections.clear(), "there is no selection 0"),
    (|program| _ = decides(program).selections[0].starts.pop(), "the keys of a selection are not in order"),
    (
        |program| {
            let country = |code| Country::parse(code).map_or(0, |country| country.word());
            let keys = Keys::Words(vec![country("FR"), country("DE"), 0]);
            decides(program).selections.push(Selection { keys, starts: vec![0, 0, 0], targets: vec![Selection::END] });
        },
        "the keys of a selection are not in order",
    ),
];

#[test]
fn every_mistake_is_refused_by_its_name() {
    let whole = program();
    assert!(verify(whole.clone(), &Standard).is_ok(), "what is emitted verifies");
    for (number, (plant, message)) in MISTAKES.iter().enumerate() {
        let mut program = whole.clone();
        plant(&mut program);
        let said = verify(program, &Standard).map_or_else(|refusal| refusal.to_string(), |_| "nothing".to_string());
        assert!(said.contains(message), "mistake {number}: {said}; wanted: {message}");
    }
}
