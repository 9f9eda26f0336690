//! Dogwood (`dogwood-language` with `dogwood-local-engine`), the peer that has history, on W5.
//! A call that is asked for is a request event, and one that was permitted and performed a response event. The engine keeps
//! its state in memory here: no log is written. The day's amount with this call is the crate's experimental arithmetic.
//!
//! Dogwood is faster where its history is partitioned. Two rules are about one agent, the third about one customer, so the
//! fast form is two engines, each with its rules and its partition, that see the same events.

use crate::remembers::Remembers;
use dogwood_language::{Authorizer, DogwoodRuleRef, Event, LoweredPolicySet, PolicySchema, ServiceSchema, Value};
use dogwood_local_engine::{LocalTemporalEngine, TickRate};
use ordain_workloads::Verdict;
use ordain_workloads::history::{Ledger, Scale, TimedCall};

const SCHEMA: &str = r#"
namespace Bench {
  type CallInput = { tool: String, amount: Long, customer: String };
  entity Gateway;
  entity Agent;
  action "Call" appliesTo { principal: [Agent], resource: [Gateway], context: { input: CallInput } };
}
"#;

/// Events with the fields that the rules read. The partition is said in place of `PIN`.
const EVENTS: &str = r#"
max_window = 24h

decision event <A>::request { ...inputs(A), AGENT callerResource: resourceType(A), requestId: String, CUSTOMER }
event <A>::response { ...inputs(A), AGENT callerResource: resourceType(A), requestId: String, CUSTOMER }
"#;

const ALL: &str = "permit (principal, action, resource);\n";

fn amount_a_day(scale: Scale, agent: &str) -> String {
    format!(
        r#"forbid (principal, action == Bench::Action::"Call", resource)
when temporal {{
  (sum a for (a: Long), (t: Timepoint). where (formerly within 24h (Bench::Action::"Call"::response{{ input.amount: a{agent} }} && tp(t)))) + context.input.amount > {}
}};
"#,
        scale.amount_a_day() * 100
    )
}

fn calls_a_minute(scale: Scale, agent: &str) -> String {
    format!(
        r#"forbid (principal, action == Bench::Action::"Call", resource)
when temporal {{
  (count for (t: Timepoint). where (formerly within 1m (Bench::Action::"Call"::response{{ {agent} }} && tp(t)))) >= {}
}};
"#,
        scale.calls_a_minute()
    )
}

fn wire_after_lookup(customer: &str) -> String {
    format!(
        r#"forbid (principal, action == Bench::Action::"Call", resource)
when {{ context.input.tool == "payments.wire" }}
when temporal {{ !formerly within 1h Bench::Action::"Call"::response{{ input.tool: "kyc.lookup"{customer} }} }};
"#
    )
}

/// Policies with their rules' numbers, lowered against an event schema that pins what the fragments say.
fn engine(policy: &str, agent: &str, customer: &str, partitioned: bool) -> Authorizer {
    let events = EVENTS.replace("AGENT", agent).replace("CUSTOMER", customer);
    let schema = PolicySchema::from_cedarschema_str(SCHEMA).expect("the schema is Cedar");
    let service = ServiceSchema::builder().event_schema_str(&events).build().expect("the events are Dogwood");
    let lowered = LoweredPolicySet::from_str(policy, &service, &schema).expect("the policy is Dogwood");
    // Microseconds: a day of 1,000,000 even calls has 86,400 of them from one to the next.
    let temporal = LocalTemporalEngine::new().with_tick_rate(TickRate::per_second(1_000_000));
    let builder = Authorizer::builder(lowered).temporal_engine(temporal);
    let builder = if partitioned { builder.partition_temporal() } else { builder };
    builder.build().expect("every condition compiles")
}

const PLAIN_AGENT: &str = "callerPrincipal: principalType(A),";
const PLAIN_CUSTOMER: &str = "sessionId: String,";

/// The two events of a call.
pub struct Events {
    request: Event,
    response: Event,
}

fn events(call: &TimedCall) -> Events {
    let event = |kind: &str, later: i64| {
        let input = [
            ("tool", Value::String(call.call.tool.clone())),
            ("amount", Value::Int(call.call.amount)),
            ("customer", Value::String(call.customer.clone())),
        ];
        let event = Event::builder("Bench::Action::Call", kind)
            .timestamp(call.time / 1_000 + later)
            .principal_for("Bench::Agent", &call.call.agent_id)
            .resource_for("Bench::Gateway", "gw")
            .logged_field("sessionId", Value::String(call.customer.clone()))
            .request_context_field("sessionId", Value::String(call.customer.clone()));
        input
            .into_iter()
            .fold(event, |event, (name, value)| {
                event.field("input", name, value.clone()).request_context("input", name, value)
            })
            .build()
    };
    Events { request: event("request", 0), response: event("response", 1) }
}

fn held<'a>(reasons: impl Iterator<Item = &'a DogwoodRuleRef>, rules: &[Option<u32>]) -> u64 {
    reasons.filter_map(|rule| rules[rule.rule_index]).fold(0, |held, rule| held | 1 << rule)
}

/// Some engines that see the same events, each with the numbers of its rules.
struct Engines(Vec<(Authorizer, Vec<Option<u32>>)>);

impl Engines {
    fn record(&mut self, events: &Events) {
        for (engine, _) in &mut self.0 {
            assert!(engine.is_authorized(&events.response).is_none(), "a response is no question");
        }
    }

    /// Deciding as well would take hours.
    fn fill(&mut self, call: &TimedCall, ledger: &mut Ledger) {
        if ledger.decide(call).1 == 0 {
            self.record(&events(call));
        }
    }

    fn decide(&mut self, events: &Events) -> (Verdict, u64) {
        let mut all = 0;
        for (engine, rules) in &mut self.0 {
            let response = engine.is_authorized(&events.request).expect("a request is a question");
            debug_assert_eq!(response.diagnostics().errors().next(), None);
            all |= held(response.diagnostics().reason(), rules);
            // A denial without a reason would be an error of its own.
            assert_eq!(response.allowed(), held(response.diagnostics().reason(), rules) == 0);
        }
        if all != 0 {
            return (Verdict::Deny, all);
        }
        self.record(events);
        (Verdict::Permit, 0)
    }
}

/// One engine with one history.
pub struct Dogwood(Engines);

impl Remembers for Dogwood {
    type Input = Events;

    const NAME: &'static str = "Dogwood";

    fn ready(scale: Scale) -> Dogwood {
        let policy = [
            ALL,
            &amount_a_day(scale, ", callerPrincipal: principal"),
            &calls_a_minute(scale, "callerPrincipal: principal"),
            &wire_after_lookup(", input.customer: context.input.customer"),
        ]
        .concat();
        let engine = engine(&policy, PLAIN_AGENT, PLAIN_CUSTOMER, false);
        Dogwood(Engines(vec![(engine, vec![None, Some(0), Some(1), Some(2)])]))
    }

    fn input(&mut self, call: &TimedCall) -> Events {
        events(call)
    }

    fn fill(&mut self, call: &TimedCall, ledger: &mut Ledger) {
        self.0.fill(call, ledger);
    }

    fn decide(&mut self, input: &mut Events) -> (Verdict, u64) {
        self.0.decide(input)
    }
}

/// Two engines, partitioned by agent and by customer.
pub struct Partitioned(Engines);

impl Remembers for Partitioned {
    type Input = Events;

    const NAME: &'static str = "Dogwood, partitioned";

    fn ready(scale: Scale) -> Partitioned {
        let by_agent = [ALL, &amount_a_day(scale, ""), &calls_a_minute(scale, "")].concat();
        let by_customer = [ALL, &wire_after_lookup("")].concat();
        let agent = "pin callerPrincipal: principalType(A) = principal,";
        let customer = "pin sessionId: String = context.sessionId,";
        Partitioned(Engines(vec![
            (engine(&by_agent, agent, PLAIN_CUSTOMER, true), vec![None, Some(0), Some(1)]),
            (engine(&by_customer, PLAIN_AGENT, customer, true), vec![None, Some(2)]),
        ]))
    }

    fn input(&mut self, call: &TimedCall) -> Events {
        events(call)
    }

    fn fill(&mut self, call: &TimedCall, ledger: &mut Ledger) {
        self.0.fill(call, ledger);
    }

    fn decide(&mut self, input: &mut Events) -> (Verdict, u64) {
        self.0.decide(input)
    }
}
