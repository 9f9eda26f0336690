//! CEL (`cel`): one compiled list of conditions, a truth value for each rule. Money and ratios are doubles.
//! The context with its variables is made beforehand; from JSON it is made of the struct.

use crate::contender::Contender;
use crate::stated::{Dialect, Field, Fields, Literal, Rule, Stated, quoted, verdict};
use cel::{Context, Env, Program, Value};
use ordain_workloads::text;
use ordain_workloads::{Rules, Verdict};
use std::sync::Arc;

pub struct Cel {
    env: Arc<Env>,
    program: Program,
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
    starts_with: |field, prefix| format!("{field}.startsWith(\"{prefix}\")"),
    not: "!",
    missing: |field| format!("{field} == null"),
};

impl Cel {
    fn new(rules: &[Rule]) -> Cel {
        let conditions: Vec<String> = rules.iter().map(|rule| rule.when.write(&DIALECT)).collect();
        let env = Arc::new(Env::stdlib());
        let program = env.compile(&format!("[{}]", conditions.join(", "))).expect("it is CEL");
        Cel { env, program, denies: rules.iter().map(|rule| rule.denies).collect() }
    }

    fn context(&self, fields: &Fields<'_>) -> Context<'static, 'static> {
        let mut context = Context::with_env(self.env.clone());
        for (name, field) in fields {
            let value = match field {
                Field::Text(text) => Value::from(*text),
                Field::Int(value) => Value::Int(*value),
                Field::Money(cents) => Value::Float(*cents as f64 / 100.0),
                Field::Ratio(value) => Value::Float(*value as f64 / 10_000.0),
                Field::Bool(value) => Value::Bool(*value),
                Field::Missing => Value::Null,
            };
            context.add_variable_from_value(*name, value);
        }
        context
    }

    fn answer<R: Rules>(&self, context: &Context<'_, '_>, held: &mut R) -> Verdict {
        let Value::List(found) = self.program.execute(context).expect("the policy has no error") else {
            panic!("it is a list")
        };
        held.clear();
        let holds = found.iter().enumerate().filter(|(_, holds)| matches!(holds, Value::Bool(true)));
        let verdict = verdict(holds.clone().map(|(rule, _)| self.denies[rule]));
        holds.for_each(|(rule, _)| held.insert(rule));
        verdict
    }
}

impl<W: Stated> Contender<W> for Cel {
    type Input<'r> = Context<'static, 'static>;

    const NAME: &'static str = "CEL";

    fn ready(workload: &W) -> Cel {
        Cel::new(&workload.stated())
    }

    fn input(&mut self, request: &W::Request) -> Context<'static, 'static> {
        self.context(&W::fields(&W::borrow(request)))
    }

    fn decide(&mut self, input: &mut Context<'static, 'static>, held: &mut W::Rules) -> Verdict {
        self.answer(input, held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        let context = self.context(&W::fields(&W::parse(line)));
        self.answer(&context, held)
    }
}
