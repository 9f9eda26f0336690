//! Packages in which many rules begin by asking the same arguments for constants, so that engines look them up.

use super::random::Random;
use super::{File, Item, Package};
use std::collections::BTreeMap;

/// So many rules, in an order in which others stand between those that are looked up.
const RULES: usize = 60;
const TOOLS: [&str; 6] = ["read", "write", "wire", "mail", "", "a tool with a name of more than sixteen bytes"];
const CLASSES: [&str; 3] = ["open", "inner", "secret"];

/// The package of a seed, with 60 requests.
pub fn keyed(seed: u64) -> Package {
    let mut random = Random::new(seed);
    let rules: Vec<String> = (0..RULES).map(|at| rule(&mut random, at)).collect();
    let text = format!(
        "entity Agent\nenum Class {{ open, inner, secret }}\nrole officer by Agent\n\
         action call by Agent {{ tool: text, class: Class, amount: int, memo: text? }}\n\
         policy desk {{\n  otherwise {}\n{}}}",
        random.word(&["permit", "deny"]),
        rules.concat()
    );
    let file = File { name: "keyed.ord", head: String::new(), items: vec![Item::Written(text)] };
    let lines = (0..60).map(|at| line(&mut random, at)).collect();
    Package { seed, files: vec![file], data: BTreeMap::new(), lines }
}

fn rule(random: &mut Random, at: usize) -> String {
    let tool = random.word(&TOOLS).to_string();
    let class = random.word(&CLASSES);
    let first = match random.below(8) {
        0 | 1 => format!("tool is \"{tool}\""),
        2 => format!("tool in {{\"{tool}\", \"read\"}}"),
        3 => format!("\"{tool}\" == tool"),
        4 | 5 => format!("class is {class}"),
        6 => format!("class in {{{class}, inner}}"),
        _ => format!("amount > {}", random.below(5)),
    };
    let rest = match random.below(5) {
        0 => String::new(),
        1 => format!(" and amount < {}", random.below(8)),
        // The sum is too large for some.
        2 => " and amount + 9_223_372_036_854_775_804 > 3".to_string(),
        3 => " and (memo is present or amount is 2)".to_string(),
        _ => format!(" and tool is not \"{}\"", random.word(&TOOLS)),
    };
    let trial = if random.chance(10) { " trial" } else { "" };
    let overrides = match at > 0 && trial.is_empty() && random.chance(25) {
        true => format!(" overrides r{}", random.below(at)),
        false => String::new(),
    };
    let effect = match random.below(6) {
        0 | 1 => format!("permit when {first}{rest}"),
        2 | 3 => format!("deny when {first}{rest}"),
        4 => format!("when {first}{rest}\n    needs approval of officer"),
        _ => format!("when {first}\n    require amount > 1 or memo is present\n    require amount < 5"),
    };
    format!("  rule r{at} on call{overrides}{trial} {{\n    {effect}\n  }}\n")
}

fn line(random: &mut Random, at: usize) -> String {
    let memo = if random.chance(50) { ",\"memo\":\"m\"" } else { "" };
    format!(
        "{{\"subject\":{{\"type\":\"Agent\",\"id\":\"a\"}},\"action\":{{\"name\":\"call\",\"properties\":{{\"tool\":\"{}\",\
         \"class\":\"{}\",\"amount\":{}{memo}}}}},\"context\":{{\"id\":\"k{at}\",\"time\":\"2026-03-03T12:00:00Z\"}}}}",
        random.word(&TOOLS),
        random.word(&CLASSES),
        random.below(8)
    )
}
