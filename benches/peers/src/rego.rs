//! Rego (`regorus`): a partial set of the numbers of the rules that hold, compiled beforehand and run by Regorus' VM, which
//! was several times faster than its interpreter on W1, W3 and W4a. Lists stand in `data`, as objects, so that a membership is one
//! lookup. Numbers are those of JSON.

use crate::contender::Contender;
use crate::stated::{Cond, Field, Fields, Literal, Rule, Stated, verdict};
use ordain_workloads::{Rules, Verdict};
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{Engine, Rc, Value};
use std::collections::BTreeMap;
use std::fmt::Write;

pub struct Rego {
    machine: Machine,
    denies: Vec<bool>,
}

/// The VM takes programs of 65,535 instructions at most; what is longer runs in the interpreter.
enum Machine {
    Vm(Box<RegoVM>),
    Interpreter(Box<Engine>),
}

const ENTRY: &str = "data.bench.held";

impl Rego {
    fn new(rules: &[Rule]) -> Rego {
        let (modules, data) = source(rules);
        let mut engine = Engine::new();
        for (number, module) in modules.into_iter().enumerate() {
            engine.add_policy(format!("bench{number}.rego"), module).expect("the policy is Rego");
        }
        engine.add_data(data.clone()).expect("data are an object");
        let compiled = engine.compile_with_entrypoint(&Rc::from(ENTRY)).expect("it compiles");
        let machine = match Compiler::compile_from_policy(&compiled, &[ENTRY]) {
            Ok(program) => {
                let mut vm = RegoVM::new();
                vm.load_program(program);
                vm.set_data(data).expect("data have no part that a rule makes");
                vm.set_max_instructions(usize::MAX);
                Machine::Vm(Box::new(vm))
            }
            Err(error) if error.to_string().contains("max instructions") => Machine::Interpreter(Box::new(engine)),
            Err(error) => panic!("it does not compile for the VM: {error}"),
        };
        Rego { machine, denies: rules.iter().map(|rule| rule.denies).collect() }
    }

    fn answer<R: Rules>(&mut self, input: Value, held: &mut R) -> Verdict {
        let found = match &mut self.machine {
            Machine::Vm(vm) => {
                vm.set_input(input);
                vm.execute().expect("the policy has no error")
            }
            Machine::Interpreter(engine) => {
                engine.set_input(input);
                engine.eval_rule(ENTRY.to_owned()).expect("the policy has no error")
            }
        };
        let found = found.as_set().expect("it is a set");
        held.clear();
        let numbers = found.iter().map(|number| number.as_u64().expect("a rule's number") as usize);
        let verdict = verdict(numbers.clone().map(|rule| self.denies[rule]));
        numbers.for_each(|rule| held.insert(rule));
        verdict
    }
}

/// Modules of a thousand rules at most, since a file has a largest size, and the lists that they read.
fn source(rules: &[Rule]) -> (Vec<String>, Value) {
    let mut lists = BTreeMap::new();
    let mut modules = vec![];
    for (number, rule) in rules.iter().enumerate() {
        if number % 1_000 == 0 {
            modules.push("package bench\n\nimport rego.v1\n\n".to_owned());
        }
        let module = modules.last_mut().expect("one was begun");
        for way in ways(&rule.when) {
            let parts: Vec<String> = way.iter().map(|cond| written(cond, &mut lists)).collect();
            let _ = writeln!(module, "held contains {number} if {{\n\t{}\n}}\n", parts.join("\n\t"));
        }
    }
    (modules, Value::from(BTreeMap::from([(Value::from("lists"), object(lists))])))
}

fn object(lists: BTreeMap<&'static str, &'static [&'static str]>) -> Value {
    let object = |members: &[&str]| {
        let members = members.iter().map(|member| (Value::from(*member), Value::from(true)));
        Value::from(members.collect::<BTreeMap<_, _>>())
    };
    let lists = lists.into_iter().map(|(name, members)| (Value::from(name), object(members)));
    Value::from(lists.collect::<BTreeMap<_, _>>())
}

/// The conjunctions of which one has to hold: a body of a Rego rule each.
fn ways(cond: &Cond) -> Vec<Vec<&Cond>> {
    match cond {
        Cond::Any(parts) => parts.iter().flat_map(ways).collect(),
        Cond::All(parts) => parts.iter().fold(vec![vec![]], |found, part| {
            let of_part = ways(part);
            let both = found.iter().flat_map(|one| of_part.iter().map(|other| [one.as_slice(), other].concat()));
            both.collect()
        }),
        other => vec![vec![other]],
    }
}

/// A condition without parts.
fn written(cond: &Cond, lists: &mut BTreeMap<&'static str, &'static [&'static str]>) -> String {
    match cond {
        Cond::All(_) | Cond::Any(_) => unreachable!("`ways` takes them apart"),
        Cond::Compare(field, op, literal) => format!("input.{field} {} {}", op.symbol(), number(literal)),
        Cond::OneOf { field, is, list } => {
            lists.insert(list.name, list.of);
            let not = if *is { "" } else { "not " };
            format!("{not}data.lists.{}[input.{field}]", list.name)
        }
        Cond::StartsWith(field, prefix) => format!("startswith(input.{field}, \"{prefix}\")"),
        Cond::Flag(field, true) => format!("input.{field}"),
        Cond::Flag(field, false) | Cond::Missing(field) => format!("not input.{field}"),
        Cond::Same(one, other) => format!("input.{one} == input.{other}"),
    }
}

fn number(literal: &Literal) -> String {
    match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Int(value) => value.to_string(),
        Literal::Money(cents) => ordain_workloads::text::money(*cents),
        Literal::Ratio(value) => ordain_workloads::text::ratio(*value),
    }
}

fn input(fields: &Fields<'_>) -> Value {
    let value = |field: &Field<'_>| match field {
        Field::Text(text) => Some(Value::from(*text)),
        Field::Int(value) => Some(Value::from(*value)),
        Field::Money(cents) => Some(Value::from(*cents as f64 / 100.0)),
        Field::Ratio(value) => Some(Value::from(*value as f64 / 10_000.0)),
        Field::Bool(value) => Some(Value::from(*value)),
        Field::Missing => None,
    };
    let members = fields.iter().filter_map(|(name, field)| Some((Value::from(*name), value(field)?)));
    Value::from(members.collect::<BTreeMap<_, _>>())
}

impl<W: Stated> Contender<W> for Rego {
    type Input<'r> = Value;

    const NAME: &'static str = "Rego (Regorus)";

    fn ready(workload: &W) -> Rego {
        Rego::new(&workload.stated())
    }

    fn input(&mut self, request: &W::Request) -> Value {
        input(&W::fields(&W::borrow(request)))
    }

    fn decide(&mut self, input: &mut Value, held: &mut W::Rules) -> Verdict {
        self.answer(input.clone(), held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        self.answer(input(&W::fields(&W::parse(line))), held)
    }
}
