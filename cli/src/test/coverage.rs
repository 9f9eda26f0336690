//! What the tests of a package reached: rules that stood, conditions seen both ways, rows of tables that were taken.
//! What was not reached is named with its place, so that the next test can be written.

use ordain_compiler::analysis::Checked;
use ordain_compiler::hir::{RuleId, TableId};
use ordain_reference::scenario::Report;
use std::io::Write;

pub struct Covered {
    rules: Part,
    /// Two for each condition: seen true, and seen false.
    conditions: Part,
    rows: Part,
}

#[derive(Default)]
struct Part {
    reached: usize,
    all: usize,
    /// Place, and what was not reached there.
    missed: Vec<(String, String)>,
}

impl Part {
    fn add(&mut self, reached: bool, missed: impl FnOnce() -> (String, String)) {
        self.all += 1;
        if reached {
            self.reached += 1;
        } else {
            self.missed.push(missed());
        }
    }
}

impl Covered {
    pub fn of(checked: &Checked, reports: &[Report]) -> Covered {
        let package = &checked.package;
        let coverages = || reports.iter().map(|report| &report.coverage);
        let (mut rules, mut conditions, mut rows) = (Part::default(), Part::default(), Part::default());
        let mut seen = std::collections::BTreeSet::new();
        for at in 0..package.rules.len() {
            let id = RuleId(at as u32);
            let rule = &package[id];
            let stood = coverages().any(|coverage| coverage.stood.contains_key(&id));
            let name = format!("{}.{}", package[rule.policy].head.name.text, rule.head.name.text);
            rules.add(stood, || (super::place(checked, rule.head.at), format!("{name} never stood")));
            for condition in checked.conditions_of(id) {
                if !seen.insert(*condition) {
                    continue;
                }
                let counts = coverages().filter_map(|coverage| coverage.conditions.get(condition));
                let (held, failed) = counts.fold((0, 0), |sum, found| (sum.0 + found.0, sum.1 + found.1));
                let span = package.at(*condition);
                let text =
                    checked.sources[span.file.0 as usize].slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
                let place = || super::place(checked, span);
                conditions.add(held > 0, || (place(), format!("`{text}` was never true")));
                conditions.add(failed > 0, || (place(), format!("`{text}` was never false")));
            }
        }
        for (at, table) in package.tables.iter().enumerate() {
            let id = TableId(at as u32);
            let taken = |row: usize| coverages().any(|coverage| coverage.rows.contains_key(&(id, row)));
            let name = &table.head.name.text;
            for (number, row) in table.rows.iter().enumerate() {
                rows.add(taken(number), || {
                    (super::place(checked, row.at), format!("row {} of `{name}` was never taken", number + 1))
                });
            }
            if table.otherwise.is_some() {
                let place = || super::place(checked, table.head.at);
                rows.add(taken(table.rows.len()), || (place(), format!("`otherwise` of `{name}` was never taken")));
            }
        }
        Covered { rules, conditions, rows }
    }

    fn parts(&self) -> [(&'static str, &Part); 3] {
        [
            ("rules stood", &self.rules),
            ("conditions seen true and false", &self.conditions),
            ("table rows taken", &self.rows),
        ]
    }

    pub fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for (what, part) in self.parts() {
            if part.all > 0 {
                writeln!(out, "{what}: {} of {} ({}%)", part.reached, part.all, part.reached * 100 / part.all)?;
            }
            for (place, missed) in &part.missed {
                writeln!(out, "  {place}: {missed}")?;
            }
        }
        Ok(())
    }

    pub fn json(&self) -> serde_json::Value {
        let part = |part: &Part| {
            let missed: Vec<_> =
                part.missed.iter().map(|(at, what)| serde_json::json!({ "at": at, "what": what })).collect();
            serde_json::json!({ "reached": part.reached, "all": part.all, "missed": missed })
        };
        serde_json::json!({ "rules": part(&self.rules), "conditions": part(&self.conditions), "rows": part(&self.rows) })
    }
}
