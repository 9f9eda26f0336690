//! Rhai (`rhai`): a script compiled beforehand that collects the numbers of the rules that hold: in a mask where there are
//! few, in an array where there are many. Money and ratios are floats. The scope is made beforehand, and from JSON of the
//! struct. Built with `sync` and `decimal`, which another crate of this workspace asks of it.

use crate::contender::Contender;
use crate::stated::{Dialect, Field, Fields, Literal, Rule, Stated, quoted, verdict};
use ordain_workloads::text;
use ordain_workloads::{Rules, Verdict};
use rhai::{AST, Dynamic, Engine, OptimizationLevel, Scope};
use std::fmt::Write;

pub struct Rhai {
    engine: Engine,
    script: AST,
    denies: Vec<bool>,
}

const DIALECT: Dialect = Dialect {
    and: " && ",
    or: " || ",
    field: str::to_owned,
    literal: |literal| match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Int(value) => value.to_string(),
        Literal::Money(cents) => text::money(*cents),
        Literal::Ratio(value) => text::ratio(*value),
    },
    one_of: |field, of| format!("{field} in [{}]", quoted(of)),
    starts_with: |field, prefix| format!("{field}.starts_with(\"{prefix}\")"),
    not: "!",
    missing: |field| format!("{field} == ()"),
};

/// As many rules as a mask has bits.
const FEW: usize = 63;

impl Rhai {
    fn new(rules: &[Rule]) -> Rhai {
        let mut engine = Engine::new();
        engine.set_optimization_level(OptimizationLevel::Full);
        engine.set_max_expr_depths(0, 0);
        let few = rules.len() <= FEW;
        let mut script = if few { "let held = 0;\n" } else { "let held = [];\n" }.to_owned();
        for (number, rule) in rules.iter().enumerate() {
            let when = rule.when.write(&DIALECT);
            let _ = match few {
                true => writeln!(script, "if {when} {{ held |= {}; }}", 1_u64 << number),
                false => writeln!(script, "if {when} {{ held.push({number}); }}"),
            };
        }
        script += "held";
        let script = engine.compile(script).expect("it is Rhai");
        Rhai { engine, script, denies: rules.iter().map(|rule| rule.denies).collect() }
    }

    fn answer<R: Rules>(&self, scope: &mut Scope<'static>, held: &mut R) -> Verdict {
        let fields = scope.len();
        let found: Dynamic = self.engine.eval_ast_with_scope(scope, &self.script).expect("the script has no error");
        scope.rewind(fields);
        held.clear();
        if let Ok(mask) = found.as_int() {
            let holds = (0..self.denies.len()).filter(|rule| mask >> rule & 1 == 1);
            let verdict = verdict(holds.clone().map(|rule| self.denies[rule]));
            holds.for_each(|rule| held.insert(rule));
            verdict
        } else {
            let holds = found.into_typed_array::<i64>().expect("an array of numbers");
            holds.iter().for_each(|rule| held.insert(*rule as usize));
            verdict(holds.iter().map(|rule| self.denies[*rule as usize]))
        }
    }
}

fn scope(fields: &Fields<'_>) -> Scope<'static> {
    let mut scope = Scope::new();
    for (name, field) in fields {
        let value = match field {
            Field::Text(text) => Dynamic::from((*text).to_owned()),
            Field::Int(value) => Dynamic::from_int(*value),
            Field::Money(cents) => Dynamic::from_float(*cents as f64 / 100.0),
            Field::Ratio(value) => Dynamic::from_float(*value as f64 / 10_000.0),
            Field::Bool(value) => Dynamic::from_bool(*value),
            Field::Missing => Dynamic::UNIT,
        };
        scope.push_constant_dynamic(*name, value);
    }
    scope
}

impl<W: Stated> Contender<W> for Rhai {
    type Input<'r> = Scope<'static>;

    const NAME: &'static str = "Rhai";

    fn ready(workload: &W) -> Rhai {
        Rhai::new(&workload.stated())
    }

    fn input(&mut self, request: &W::Request) -> Scope<'static> {
        scope(&W::fields(&W::borrow(request)))
    }

    fn decide(&mut self, input: &mut Scope<'static>, held: &mut W::Rules) -> Verdict {
        self.answer(input, held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        self.answer(&mut scope(&W::fields(&W::parse(line))), held)
    }
}
