//! ZEN's decision table (`zen-engine`) on W4: one row a rule, all rows that hit are collected. The engine keeps an index of
//! the columns that ask for equality, so this is the form that ZEN has for many rules. Its context is that of `zen`.

use crate::contender::Contender;
use crate::stated::{Cond, Literal, Op, Stated};
use crate::zen::context;
use ordain_workloads::text;
use ordain_workloads::{Rules, Verdict};
use serde_json::{Map, Value, json};
use zen_engine::Decision;
use zen_engine::model::GraphContent;
use zen_expression::variable::Variable;

pub struct ZenTable {
    decision: Decision,
}

impl ZenTable {
    /// Of rules that are conjunctions of comparisons and deny.
    fn new<W: Stated>(workload: &W) -> ZenTable {
        let mut inputs: Vec<Value> = vec![];
        let mut rows: Vec<Value> = vec![];
        for (number, rule) in workload.stated().iter().enumerate() {
            let Cond::All(parts) = &rule.when else { panic!("a row is a conjunction") };
            let mut row = Map::from_iter([
                ("_id".to_owned(), json!(format!("row{number}"))),
                ("rule".to_owned(), json!(number.to_string())),
            ]);
            for part in parts {
                let Cond::Compare(field, op, literal) = part else { panic!("a cell is a comparison") };
                row.insert((*field).to_owned(), json!(cell(*op, literal)));
                if number == 0 {
                    inputs.push(json!({"id": field, "name": field, "field": field}));
                }
            }
            rows.push(Value::Object(row));
        }
        let graph = json!({
            "nodes": [
                {"id": "in", "type": "inputNode", "name": "request"},
                {"id": "table", "type": "decisionTableNode", "name": "table", "content": {
                    "hitPolicy": "collect",
                    "inputs": inputs,
                    "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
                    "rules": rows,
                }},
                {"id": "out", "type": "outputNode", "name": "response"},
            ],
            "edges": [
                {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
                {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
            ],
        });
        let content: GraphContent = serde_json::from_value(graph).expect("it is a decision graph");
        let mut decision = Decision::from(content);
        decision.compile();
        ZenTable { decision }
    }

    fn answer<R: Rules>(&self, context: Variable, held: &mut R) -> Verdict {
        let response = pollster::block_on(self.decision.evaluate(context)).expect("the table has no error");
        held.clear();
        let Variable::Array(rows) = response.result else { return Verdict::Permit };
        let rows = rows.borrow();
        for row in rows.iter() {
            let Variable::Object(row) = row else { panic!("a row gives an object") };
            let row = row.borrow();
            let Some(Variable::Number(rule)) = row.get_str("rule") else { panic!("a row gives its number") };
            held.insert(usize::try_from(*rule).expect("it is a whole number"));
        }
        if rows.is_empty() { Verdict::Permit } else { Verdict::Deny }
    }
}

fn cell(op: Op, literal: &Literal) -> String {
    let literal = match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Int(value) => value.to_string(),
        Literal::Money(cents) => text::money(*cents),
        Literal::Ratio(value) => text::ratio(*value),
    };
    match op {
        Op::Equal => literal,
        op => format!("{} {literal}", op.symbol()),
    }
}

impl<W: Stated> Contender<W> for ZenTable {
    type Input<'r> = Variable;

    const NAME: &'static str = "ZEN, decision table";

    fn ready(workload: &W) -> ZenTable {
        ZenTable::new(workload)
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
