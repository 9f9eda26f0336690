//! ZEN (`zen-expression`): one compiled list of conditions, a truth value for each rule, on a VM that is used again.
//! Its numbers are exact decimals. The context object is made beforehand; from JSON it is made of the struct.

use crate::contender::Contender;
use crate::stated::{Dialect, Field, Fields, Literal, Rule, Stated, quoted, verdict};
use ordain_workloads::text;
use ordain_workloads::{Rules, Verdict};
use rust_decimal::Decimal;
use zen_expression::expression::Standard;
use zen_expression::variable::{Variable, VariableMap};
use zen_expression::vm::VM;
use zen_expression::{Expression, compile_expression};

pub struct Zen {
    expression: Expression<Standard>,
    vm: VM,
    denies: Vec<bool>,
}

const DIALECT: Dialect = Dialect {
    and: " and ",
    or: " or ",
    field: str::to_owned,
    literal: |literal| match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Int(value) => value.to_string(),
        Literal::Money(cents) => text::money(*cents),
        Literal::Ratio(value) => text::ratio(*value),
    },
    one_of: |field, of| format!("{field} in [{}]", quoted(of)),
    starts_with: |field, prefix| format!("startsWith({field}, \"{prefix}\")"),
    not: "not ",
    missing: |field| format!("{field} == null"),
};

impl Zen {
    fn new(rules: &[Rule]) -> Zen {
        let conditions: Vec<String> = rules.iter().map(|rule| rule.when.write(&DIALECT)).collect();
        let expression = compile_expression(&format!("[{}]", conditions.join(", "))).expect("it is ZEN");
        Zen { expression, vm: VM::new(), denies: rules.iter().map(|rule| rule.denies).collect() }
    }

    fn answer<R: Rules>(&mut self, context: Variable, held: &mut R) -> Verdict {
        let found = self.expression.evaluate_with(context, &mut self.vm).expect("the policy has no error");
        let Variable::Array(found) = found else { panic!("it is a list") };
        let found = found.borrow();
        held.clear();
        let holds = found.iter().enumerate().filter(|(_, holds)| matches!(holds, Variable::Bool(true)));
        let verdict = verdict(holds.clone().map(|(rule, _)| self.denies[rule]));
        holds.for_each(|(rule, _)| held.insert(rule));
        verdict
    }
}

pub(crate) fn context(fields: &Fields<'_>) -> Variable {
    let mut object = VariableMap::with_capacity(fields.len());
    for (name, field) in fields {
        let value = match field {
            Field::Text(text) => Variable::String(Variable::key(text)),
            Field::Int(value) => Variable::Number(Decimal::from(*value)),
            Field::Money(cents) => Variable::Number(Decimal::new(*cents, 2)),
            Field::Ratio(value) => Variable::Number(Decimal::new(*value, 4)),
            Field::Bool(value) => Variable::Bool(*value),
            Field::Missing => Variable::Null,
        };
        object.insert(Variable::key(name), value);
    }
    Variable::from_object(object)
}

impl<W: Stated> Contender<W> for Zen {
    type Input<'r> = Variable;

    const NAME: &'static str = "ZEN";

    fn ready(workload: &W) -> Zen {
        Zen::new(&workload.stated())
    }

    fn input(&mut self, request: &W::Request) -> Variable {
        context(&W::fields(&W::borrow(request)))
    }

    fn decide(&mut self, input: &mut Variable, held: &mut W::Rules) -> Verdict {
        self.answer(input.clone(), held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        self.answer(context(&W::fields(&W::parse(line))), held)
    }
}
