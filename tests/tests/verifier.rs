//! What `verify` refuses, one planted mistake each: the message says what it is. A program with that mistake never runs.

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_vm::history::Aggregate;
use ordain_vm::op::{Gathered, Label, Op, Text, Val, Wide, Word};
use ordain_vm::program::said::Words;
use ordain_vm::program::{Enters, FieldOf, Function, Keys, Pattern, Program, Selection, Wanted, What, Window};
use ordain_vm::value::{Country, Type, Value};
use ordain_vm::verify::verify;

const POLICY: &str = r#"
entity Agent in Team { level: int }
entity Team
record Line { label: text, price: money<USD> }
role officer by Agent
action call by Agent { tool: text, site: Country, lines: list<Line>, tags: list<text>, rate: decimal, memo: text?, due: date, cash: money }
action peek by Agent { n: int }
duty tell(note: text)
data fx: map<Currency, decimal>

policy desk {
  governs call
  otherwise permit with approval of officer
  rule forms on call { deny when tool matches '[a-z]+' and tool in {"read", "write"} and site in {DE, FR} }
  rule walks on call { deny when any(l in lines where l.price > 5 USD) and sum(l.price for l in lines) > 9 USD }
  rule nested on call { deny when any(l in lines where any(t in tags where t is l.label)) }
  rule calls on call { deny when length(lower(tool)) > 3 and tags contains lower(tool) and ({"a": rate}["a"] or else 0.5) > 0.7 }
  rule makes on call { deny when lines contains Line { label: tool, price: 3 USD } }
  rule asks on call { when rate * 2.0 > 3.0 needs approval of officer where (approver.level > 2) }
  rule groups on call { deny when actor belongs to Team("x") }
  rule grouped on call { deny when actor belongs to Team(tool) }
  rule dear on call { deny when (cash as USD using fx) > 5 USD because "{tool} is dear." }
  rule seen on call { deny when tool comes from the user }
  rule whole on call { require rate < 7.0 otherwise "No." }
  rule told on call { when rate > 8.0 must tell("at {rate}") }
  rule often on call { deny when count(p in past call by actor within 1 hour) > 3 }
  rule total on call { deny when sum(p.rate for p in past call by actor this session) > 9.0 }
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

/// The function that is asked of an approver.
fn asked(program: &mut Program) -> &mut Function {
    program.functions.iter_mut().find(|function| function.asks.is_some()).expect("an approver is asked")
}

/// The function that makes the first reason that has something filled in.
fn made(program: &Program) -> usize {
    let said = program.actions[0].said.iter().find_map(|said| match said.because {
        Some(Words::Made(function)) => Some(function),
        Some(Words::Plain(_)) | None => None,
    });
    said.expect("a reason with something filled in") as usize
}

/// The place of a type of words, which is put in.
fn of_words(program: &mut Program) -> u32 {
    program.types.push(Type::Bool);
    program.types.len() as u32 - 1
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
    (|program| _ = decides(program).places.pop(), "is the last, and there is another number of places"),
    (
        |program| decides(program).work.words = u32::MAX,
        "is the last, and the function has more registers than its instructions use",
    ),
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
        "there is no constant or register of the request that is written ",
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
    // Places in tables that are not there.
    (|program| asked(program).action = 99, "there is no action 99"),
    (|program| program.actions[0].rules.push(99), "there is no rule 99"),
    (
        |program| {
            program.clauses.iter_mut().flat_map(|of| &mut of.wanted).for_each(|of| of.filter = Some(9_999));
        },
        "there is no function 9999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Wides { how, to, left, .. } => {
                    Some(Op::Wides { how: *how, to: *to, left: *left, right: Wide(99_999) })
                }
                _ => None,
            });
        },
        "there is no wide 99999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::MoveValue { to, .. } => Some(Op::MoveValue { to: *to, of: Val(99_999) }),
                _ => None,
            });
        },
        "there is no value 99999",
    ),
    (|program| look_up(program, Text::Slot(99_999)), "there is no text 99999"),
    (|program| look_up(program, Text::Const(99_999)), "there is no constant text 99999"),
    (
        |program| change(program, |op| matches!(op, Op::Begin { .. }).then_some(Op::Begin { of: Gathered(99_999) })),
        "there is no gathered 99999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Record { to, record, first, .. } => {
                    Some(Op::Record { to: *to, record: *record, first: *first, count: 99_999 })
                }
                _ => None,
            });
        },
        "there is no row of values ",
    ),
    (
        |program| {
            let asks = &mut asked(program).asks;
            *asks = asks.map(|(_, answer)| (Val(0), answer));
        },
        "there is no register of the approver 0",
    ),
    (
        |program| {
            let asks = &mut asked(program).asks;
            *asks = asks.map(|(approver, _)| (approver, Word(99_999)));
        },
        "there is no register of the answer 99999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Total { how, to, of, .. } => Some(Op::Total { how: *how, to: *to, of: *of, ty: 9_999 }),
                _ => None,
            });
        },
        "there is no type 9999",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::WordIn { to, of, .. } => Some(Op::WordIn { to: *to, of: *of, set: 99 }),
                _ => None,
            });
        },
        "there is no set of words 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::TextIn { to, of, .. } => Some(Op::TextIn { to: *to, of: *of, set: 99 }),
                _ => None,
            });
        },
        "there is no set of texts 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Matches { to, of, .. } => Some(Op::Matches { to: *to, of: *of, pattern: 99 }),
                _ => None,
            });
        },
        "there is no pattern 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Field { to, of, .. } => Some(Op::Field { to: *to, of: *of, field: 99 }),
                _ => None,
            });
        },
        "there is no field 99",
    ),
    (
        |program| {
            let [FieldOf::Record { place, .. } | FieldOf::Entity { place, .. }, ..] = &mut program.fields[0][..] else {
                panic!("a field")
            };
            *place = 99;
        },
        "there is no place of a field 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Entity { to, id, .. } => Some(Op::Entity { to: *to, kind: 99, id: *id }),
                _ => None,
            });
        },
        "there is no kind 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Record { to, first, count, .. } => {
                    Some(Op::Record { to: *to, record: 99, first: *first, count: *count })
                }
                _ => None,
            });
        },
        "there is no record 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::ComesFrom { to, of, path, .. } => {
                    Some(Op::ComesFrom { to: *to, of: *of, path: *path, origins: 99 })
                }
                _ => None,
            });
        },
        "there is no place of origin 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Call { to, policy, first, count, .. } => {
                    Some(Op::Call { to: *to, builtin: 99, policy: *policy, first: *first, count: *count })
                }
                _ => None,
            });
        },
        "there is no built-in 99",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Lack { rule, .. } => Some(Op::Lack { rule: *rule, requirement: 99 }),
                _ => None,
            });
        },
        "there is no requirement 99",
    ),
    (|program| approvals(program, |of| of.clause = 99), "there is no clause 99"),
    (|program| approvals(program, |of| of.rule = 99_999), "there is no rule or policy 99999"),
    (
        |program| {
            change(program, |op| match op {
                Op::Past { to, first, count, from, order, like, .. } => {
                    let (to, first, count, from) = (*to, *first, *count, *from);
                    Some(Op::Past { to, reading: 99, first, count, from, order: *order, like: *like })
                }
                _ => None,
            });
        },
        "there is no reading 99",
    ),
    (|program| program.readings[0].accumulator = 99, "there is no accumulator 99"),
    (
        |program| {
            let function = program.accumulators[0].entries[0];
            let enters = &mut program.functions[function as usize].enters;
            *enters = enters.map(|enters| Enters { stage: Word(99_999), ..enters });
        },
        "there is no register of an entry 99999",
    ),
    // Instructions that do what they must not.
    (
        |program| {
            let function = decides(program);
            let backs: Vec<(u32, u32)> = (0..)
                .zip(&function.ops)
                .filter_map(|(at, op)| Some((op.label()?.0, at)).filter(|(label, _)| *label <= at))
                .collect();
            let nested = |(each, _): &&(u32, u32)| backs.iter().any(|(outer, back)| outer < each && each < back);
            let inner = backs.iter().find(nested).expect("a walk in a walk").0;
            let last = function.ops.len() - 2;
            function.ops[last] = Op::JumpIfNot { of: Word(0), label: Label(inner) };
        },
        "goes back into a walk that it is not in",
    ),
    (
        |program| {
            let ty = of_words(program);
            change(program, |op| match op {
                Op::WideValue { to, of, .. } => Some(Op::WideValue { to: *to, of: *of, ty }),
                _ => None,
            });
        },
        "names a type of another bank",
    ),
    (
        |program| {
            let ty = of_words(program);
            change(program, |op| match op {
                Op::Convert { to, of, rates, .. } => Some(Op::Convert { to: *to, of: *of, ty, rates: *rates }),
                _ => None,
            });
        },
        "converts into what is no currency",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Map { to, first, count } => Some(Op::Map { to: *to, first: *first, count: count - 1 }),
                _ => None,
            });
        },
        "makes a map of a key without a value",
    ),
    (
        |program| {
            let function = asked(program);
            let Some((approver, answer)) = function.asks else { return };
            let (to, until, timed, first) = (answer, answer, answer, approver);
            function.ops[0] = Op::Approvals { to, rule: 0, clause: 0, until, timed, first, count: 0 };
        },
        "asks for approvals in a function that decides nothing",
    ),
    (|program| approvals(program, |of| of.count = 1), "gives another number of roles"),
    (
        |program| {
            let other = Function { action: 1, ..asked(program).clone() };
            let number = program.functions.len() as u32;
            program.functions.push(other);
            let wanted = program.clauses.iter_mut().flat_map(|clause| &mut clause.wanted);
            wanted.for_each(|wanted| wanted.filter = wanted.filter.map(|_| number));
        },
        "asks a condition of another action",
    ),
    (
        |program| asked(program).ops[0] = Op::OtherwiseErr { policy: 0 },
        "says what an `otherwise` comes to in a function that decides nothing",
    ),
    (
        |program| {
            change(program, |op| match op {
                Op::Past { to, reading, first, from, order, like, .. } => {
                    let (to, reading, first, from) = (*to, *reading, *first, *from);
                    Some(Op::Past { to, reading, first, count: 0, from, order: *order, like: *like })
                }
                _ => None,
            });
        },
        "asks with another number of keys",
    ),
    // Tables that do not go together.
    (
        |program| program.schema.actions[0].fields[0].ty = Type::Record(ordain_vm::value::RecordId(9)),
        "the schema names what is not in it",
    ),
    (
        |program| {
            let again = program.schema.actions[0].fields[0].clone();
            program.schema.actions[0].fields[1].name = again.name;
        },
        "a field of an action is there twice, or has a name that JSON writes otherwise",
    ),
    (
        |program| program.schema.actions[0].as_arg = Some(program.schema.actions[0].fields[0].name.clone()),
        "a field of an action is there twice, or has a name that JSON writes otherwise",
    ),
    (
        |program| program.schema.actions[0].fields[0].name = "a\":1,\"b".into(),
        "a field of an action is there twice, or has a name that JSON writes otherwise",
    ),
    (
        |program| {
            let field = program.schema.actions[0].fields[0].clone();
            program.schema.context = vec![field.clone(), field];
        },
        "a member of the context is there twice, or has a name that JSON writes otherwise",
    ),
    (|program| decides(program).cost = Some(1), "a function costs something else than it says"),
    (|program| program.clauses[0].named.clear(), "a clause names another number of roles than it wants"),
    (
        |program| {
            let nothing = Value::Enum(ordain_vm::value::EnumId(9), 0);
            program.accumulators[0].aggregate = Aggregate::Sum { nothing };
        },
        "the sum of nothing is of nothing in the schema",
    ),
    (
        |program| program.accumulators[0].entries[0] = program.actions[0].function,
        "a function says nothing of an entry, or of another key",
    ),
    (
        |program| {
            let again = program.accumulators[0].entries[0];
            program.accumulators[0].entries.push(again);
        },
        "two functions say what one action adds",
    ),
    (|program| program.readings[0].what = What::All, "a reading asks for what is not kept"),
    (
        |program| {
            let from = program.readings.iter_mut().find(|reading| reading.window == Window::From);
            from.expect("a window of time").window = Window::Session;
        },
        "a reading asks for a session where none is kept, or for none",
    ),
    (|program| _ = program.actions[0].said.pop(), "an action says something of another number of rules"),
    (
        |program| {
            let made = made(program);
            program.functions[made].action = 1;
        },
        "what is said of a rule reads another action",
    ),
    (
        |program| program.actions[0].said[0].because = Some(Words::Made(program.actions[0].function)),
        "what is said of a rule decides",
    ),
    (
        |program| {
            let made = made(program);
            program.functions[made].gives = None;
        },
        "a function gives another number of values than are said",
    ),
];

/// Has rules looked up by another text.
fn look_up(program: &mut Program, by: Text) {
    change(program, |op| match op {
        Op::SelectText { to, selection, done, .. } => {
            Some(Op::SelectText { to: *to, of: by, selection: *selection, done: *done })
        }
        _ => None,
    });
}

/// What an instruction for approvals names.
struct Named {
    rule: u32,
    clause: u32,
    first: Val,
    count: u32,
}

fn approvals(program: &mut Program, name: impl Fn(&mut Named)) {
    change(program, |op| match op {
        Op::Approvals { to, rule, clause, until, timed, .. } => {
            let mut named = Named { rule: *rule, clause: *clause, first: Val(0), count: 0 };
            name(&mut named);
            let Named { rule, clause, first, count } = named;
            Some(Op::Approvals { to: *to, rule, clause, until: *until, timed: *timed, first, count })
        }
        _ => None,
    });
}

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

/// Refusals that no program shows, with the reason.
const UNSHOWN: &[(&str, &str)] =
    &[("no hash is found for a set of texts", "a hash is found for every set that was tried")];

/// What the verifier can say stands in the list above: a refusal without a row is one that nothing shows.
#[test]
fn every_refusal_has_a_mistake() {
    let sources = [
        include_str!("../../vm/src/verify.rs"),
        include_str!("../../vm/src/verify/past.rs"),
        include_str!("../../vm/src/verify/said.rs"),
    ];
    // How a refusal begins in the text, and whether it tells of something that is not there.
    let marks = [
        ("missing(\"", true),
        ("there(\"", true),
        ("self.at(\"", true),
        ("Some((\"", true),
        ("what: \"", true),
        ("READ_ONLY: &str = \"", true),
        ("wrong(\"", false),
        ("why: \"", false),
        ("table(\"", false),
    ];
    let mut said = vec![];
    for (mark, is_missing) in marks {
        let found = sources.iter().flat_map(|source| source.split(mark).skip(1));
        let found = found.filter_map(|rest| rest.split('"').next());
        said.extend(found.map(|what| if is_missing { format!("there is no {what} ") } else { what.to_string() }));
    }
    said.sort_unstable();
    said.dedup();
    assert!(said.len() > 70, "only {} refusals were found", said.len());
    let shown = |what: &String| {
        MISTAKES.iter().any(|(_, message)| format!("{message} ").contains(what.as_str()))
            || UNSHOWN.iter().any(|(unshown, _)| unshown == what)
    };
    let unshown: Vec<&String> = said.iter().filter(|what| !shown(what)).collect();
    assert!(unshown.is_empty(), "refusals without a mistake that shows them: {unshown:?}");
}
