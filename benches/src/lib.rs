//! Packages of any size, for benchmarks: text that looks like what people write; and the workloads' requests as structs
//! that are bound to a program, or asked of an engine with a past. `benches/*.rs` measure with them; nothing here is measured.

pub mod bound;
pub mod past;

use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::source::Source;
use ordain_stdlib::Standard;
use ordain_vm::decide::Decision;
use ordain_vm::frame::Frame;
use ordain_vm::interp::{Around, Run};
use ordain_vm::request::{Reader, Request};
use ordain_vm::verify::{Verified, verify};

/// The program of a workload's policy.
pub fn verified(policy: &str) -> Verified {
    let analysis = analyse(&Input { sources: vec![Source::new("policy.ord", policy)], ..Input::default() });
    let checked = analysis.checked().expect("the workload's policy has no errors");
    verify(emit(&checked).expect("the workload compiles"), &Standard).expect("what is emitted verifies")
}

/// Reads lines that bring all that is known of things.
pub fn reader(verified: &Verified) -> Reader<'_> {
    Reader { schema: &verified.program().schema, store: None, from_request: false, now: None }
}

pub fn decided<'f>(frame: &'f mut Frame, run: &dyn Run, verified: &Verified, request: &Request) -> &'f Decision {
    let time = request.context.time;
    let id = request.context.id.as_deref().unwrap_or("");
    let around = Around { verified, data: &[], request, id, asked: time, given: &[], approver: None, past: None };
    frame.decide(run, &around)
}

/// Files of some 250 lines each, together at least `lines` long: a module of shared declarations, and policies with
/// rules, limits, tables, defines and tests.
pub fn package(lines: usize) -> Input {
    let mut sources = vec![Source::new("shared.ord", SHARED)];
    let mut written = SHARED.lines().count();
    let mut number = 0;
    while written < lines {
        let text = module(number);
        written += text.lines().count();
        sources.push(Source::new(format!("part{number}.ord"), text));
        number += 1;
    }
    Input { sources, ..Input::default() }
}

const SHARED: &str = r#"/// What every part of the package speaks of.
module shared

ordered enum Class { public < internal < confidential < personal }

entity Team
entity Agent in Team { tier: int, region: Country }
entity Person in Team
entity Account { country: Country, since: date, class: Class }

duty alert(team: text, message: text)

role officer, director by Person

set closed: set<Country> = { KP, IR, SY }
"#;

/// One policy with its own actions.
fn module(number: usize) -> String {
    let mut text = format!(
        r#"/// Part {number}.
module part{number}

import shared {{ Account, Agent, Class, Person, Team, alert, closed, director, officer }}

action pay{number} by Agent on Account as account_id {{
  amount: money<USD>
  invoice: text<max 40>
  memo: text?
}}
action send{number} by Agent {{ to: list<text, max 50>, body: text }}

group both{number} = pay{number}, send{number}

table ceiling{number}(class: Class, tier: int) -> money<USD> {{
  | class        | tier    || result     |
  | public       | < 2     || 100 USD    |
  | public       | >= 2    || 1_000 USD  |
  | internal     | any     || 500 USD    |
  | confidential | 0 .. 5  || 50 USD     |
  otherwise 0 USD
}}

define is_old{number}(account: Account) means age(account.since) is at least 90 days

policy desk{number} {{
  title "Desk {number}"
  version 1.0.{number}
  zone "America/New_York"
  otherwise deny "Nothing else."

  rule ordinary on pay{number} {{ permit when is_old{number}(target) and amount is at most ceiling{number}(target.class, actor.tier) }}

  rule large on pay{number} {{
    permit with approval of officer within 4 hours
      when is_old{number}(target) and amount is more than ceiling{number}(target.class, actor.tier)
    because "{{amount}} is above what {{actor}} may pay alone."
    source "Manual, {number}"
  }}

  rule closed_country on pay{number} {{
    deny when target.country in closed
      may be waived by director
    because "{{target.country}} is closed."
  }}

  limit daily on pay{number} {{
    sum of amount per actor within 24 hours
    at most 50_000 USD
    at 80% must alert("desk", "{{actor}} nears the limit")
  }}

  rule inside on send{number} {{ permit when all(a in to satisfy a ends with "@corp.example") }}

  rule calm on both{number} {{
    needs approval of officer when count(p in past both{number} by actor within 1 hour) is more than 100
  }}
"#
    );
    for rule in 0..30 {
        text += &format!(
            r#"
  rule detail{rule} on pay{number} {{
    deny when target.class is personal and amount is more than {amount} USD and actor.tier is less than {tier}
      and invoice starts with "D{rule}-"
    because "Too much for tier {{actor.tier}}."
  }}
"#,
            amount = 100 + rule,
            tier = rule % 7 + 1,
        );
    }
    text += "}\n";
    text += &format!(
        r#"
let usual{number} = pay{number} {{
  actor: Agent("a") in Team("t") {{ tier: 3, region: DE }}
  target: Account("x") {{ country: DE, since: 2020-01-01, class: internal }}
  amount: 20 USD
  invoice: "I-1"
}}

test "an ordinary payment {number}" {{
  at 2026-03-03 10:00
  request usual{number}
  expect permit by ordinary
  request usual{number} with {{ amount: 600 USD }}
  expect escalate by large
}}
"#
    );
    text
}
