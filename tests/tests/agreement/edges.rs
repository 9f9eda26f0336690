//! A package that asks everything of the past, and lines that stand at the edges of its windows. What is generated comes
//! there seldom.

use ordain_tests::generate::random::Random;
use ordain_tests::generate::{File, Item, Package};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const POLICY: &str = r#"
entity Agent
entity Account { closed: bool }
action pay by Agent on Account { amount: money, kind: text, note: text? }
action look by Agent on Account { query: text } returns { id: text, total: int }
action close by Agent on Account
event tick by Agent { level: int }
group both = pay, look
duty alert(text: text)
define same(a: money, b: money) means a == b
policy desk {
  zone "Europe/Berlin"
  governs pay, look, close, tick
  rule fine on any { permit }
  rule hourly on pay trial { deny when count(p in past pay by actor within 1 hour) >= 1 }
  rule hours on pay trial { deny when sum(1 for p in past both by actor within 1 hour max 3) > 2 }
  rule today on pay trial { deny when any(p in past pay by actor this day) }
  rule this_hour on pay trial { deny when any(p in past pay by actor this hour) }
  rule monthly on pay trial { deny when any(p in past look by actor within 1 month where p.query is kind) }
  rule amounts on pay trial { deny when any(p in past pay by actor ever where same(p.amount, amount) and p.kind is not "free") }
  rule notes on pay trial { deny when note is present and any(p in past pay ever where p.note is present and p.note == note) }
  rule looked on pay trial { deny unless any(p in past look on target since pay) }
  rule unclosed on pay trial { deny when count(p in past pay by actor since (c in close where c.target == target)) >= 2 }
  rule kinds on pay trial { deny unless all(p in past pay by actor this day satisfy p.kind == kind and not p.target.closed) }
  rule session on look trial { deny when count(p in past look by actor this session) >= 1 }
  rule newest on look trial { deny when latest(p.result.total for p in past look returned by actor ever) or else 0 > 4 }
  rule oldest on look trial { deny when earliest(p.query for p in past look by actor within 2 hours) or else "" is query }
  rule failed on look trial { deny when any(p in past look failed by actor within 1 day) }
  rule denied on pay trial { deny when any(p in past any denied by actor within 1 hour) }
  rule asked on pay trial { deny when count(p in past any attempted by actor within 1 hour) >= 2 }
  rule levels on pay trial { deny when (max(t.level for t in past tick by actor within 1 hour) or else 0) > 3 }
  rule average on pay trial { deny when (average(t.level for t in past tick by actor within 1 hour) or else 0) > 1.5 }
  rule different on pay trial { deny when distinct(p.kind for p in past pay by actor within 1 hour) > 1 }
  rule divided on pay trial { deny when any(p in past tick by actor within 1 hour where 10 / p.level > 4) }
  limit spent on pay { sum of amount per actor within 1 hour at most 100 EUR at 80% must alert("near {amount}") }
  limit often on look { when query is not "free" count per actor within 1 hour at most 2 }
  limit some on pay { distinct kind per actor, target since close at most 2 }
}
"#;

/// Lines whose times are quarters of hours, so that what happened stands at the edges of windows.
pub fn package(seed: u64) -> Package {
    let file = File { name: "edges.ord", head: String::new(), items: vec![Item::Written(POLICY.to_string())] };
    let mut random = Random::new(seed);
    let (mut lines, mut asked): (Vec<Value>, Vec<Value>) = (vec![], vec![]);
    // From late on a day on, through the night in which clocks change.
    let mut minutes = 21 * 60;
    for step in 0..220 {
        minutes += [0, 0, 0, 15, 15, 30, 60][random.below(7)];
        let early = if random.chance(2) { 15 } else { 0 };
        let at = minutes - early;
        let time = format!("2026-03-{:02}T{:02}:{:02}:00Z", 28 + at / 1440, at / 60 % 24, at % 60);
        if random.chance(8) && !asked.is_empty() {
            // The same again, or something else under its id.
            let mut again = asked[random.below(asked.len())].clone();
            again["context"]["time"] = json!(time);
            if random.chance(20) {
                again["resource"]["id"] = json!("c-9");
            }
            lines.push(again);
            continue;
        }
        let (agent, account) = (random.below(2), random.below(2));
        let actor = json!({"type": "Agent", "id": format!("a-{agent}")});
        let closed = random.chance(15);
        let target = json!({"type": "Account", "id": format!("c-{account}"), "properties": {"closed": closed}});
        let mut context = json!({"id": format!("q-{step}"), "time": time});
        if random.chance(85) {
            context["session"] = json!(format!("s-{}", random.below(2)));
        }
        let request = |name: &str, properties: Value| json!({"subject": actor, "action": {"name": name, "properties": properties}, "resource": target, "context": context});
        let currency = if random.chance(5) { "USD" } else { "EUR" };
        let amount = json!({"amount": random.pick(&[10, 20, 40, 0]), "currency": currency});
        let mut pay = json!({"amount": amount, "kind": random.word(&["x", "y", "free"])});
        if random.chance(30) {
            pay["note"] = json!("n");
        }
        let look = json!({"query": random.word(&["x", "y", "free"])});
        let earlier = format!("q-{}", random.below(step.max(1)));
        let line = match random.below(12) {
            0..=4 => request("pay", pay),
            5..=7 => request("look", look),
            8 => json!({"result": earlier, "returns": {"id": "r", "total": random.below(6)}}),
            9 => json!({random.word(&["failed", "abandoned"]): earlier}),
            10 if random.chance(40) => request("close", json!({})),
            10 => json!({"performed": request("pay", pay)}),
            _ => {
                let tick = json!({"name": "tick", "properties": {"level": random.below(6)}});
                json!({"event": tick, "subject": actor, "context": context})
            }
        };
        if line.get("action").is_some() {
            asked.push(line.clone());
        }
        lines.push(line);
    }
    let lines = lines.iter().map(ToString::to_string).collect();
    Package { seed, files: vec![file], data: BTreeMap::new(), lines }
}
