//! W5, history: the sum of an agent's amounts in a day, its calls in a minute, and a lookup before a wire.
//! A stream of calls in which each agent's day holds a given number of them, the policy in Ordain, and a ledger by hand that
//! decides and records. What is permitted is recorded as performed; what is denied is not.

use crate::random::Random;
use crate::{Verdict, boundary, text};
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

pub const RULES: [&str; 3] = ["amount_a_day", "calls_a_minute", "wire_after_lookup"];

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How large the past is. Each agent calls at even steps, so that its last day holds `events` calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// Calls of one agent within 24 hours: a power of ten from 10 to 1,000,000.
    pub events: i64,
    /// A thousand, or as many as make a million events together.
    pub agents: i64,
    /// Now and then an agent calls seventy times in half a minute.
    pub bursts: bool,
}

impl Scale {
    pub fn new(events: i64) -> Scale {
        Scale { events, agents: (1_000_000 / events).clamp(1, 1_000), bursts: false }
    }

    /// Small enough for an engine that scans its past, and every rule holds sometimes.
    pub fn small() -> Scale {
        Scale { events: 100, agents: 5, bursts: true }
    }

    /// Sixty, and twice the even pace where that alone is more than half of it.
    pub fn calls_a_minute(&self) -> i64 {
        (self.events * 2 / (24 * 60)).max(60)
    }

    /// In whole units: a little more than an agent's calls come to on average, so that it holds now and then.
    pub fn amount_a_day(&self) -> i64 {
        985 * self.events + 700 * self.events.isqrt()
    }

    /// From one call to the next, whoever makes it. A little longer than even, so that no two calls are exactly a day
    /// apart: engines differ in which end of a window they count.
    fn step(&self) -> i64 {
        DAY / (self.events * self.agents) + 1_000
    }

    /// So many that not every one of them was looked up in the last hour.
    fn customers(&self) -> i64 {
        (HOUR / self.step() / 4).max(200)
    }

    pub fn policy(&self) -> String {
        // A reading of more than 100,000 entries has to say so.
        let max = if self.events >= 100_000 { " max 1_000_000" } else { "" };
        format!(
            r#"/// W5: what an agent may do in a day and in a minute, and what must come before a wire.
module agent_history

entity Agent

action call by Agent {{
  tool: text<max 64>
  amount: decimal
  currency: text<max 3>
  country: text<max 2>
  data_class: text<max 16>
  approvals: int
  hour: int
  customer: text<max 32>
}}

policy agent_history {{
  title     "What an agent may do in a day"
  version   1.0.0
  governs   call
  otherwise permit

  limit amount_a_day on call {{
    sum of amount per actor within 24 hours{max}
    at most {}
  }}

  limit calls_a_minute on call {{
    count per actor within 1 minute
    at most {}
  }}

  rule wire_after_lookup on call {{
    deny
      when tool is "payments.wire"
        and none(p in past call within 1 hour where p.tool is "kyc.lookup" and p.customer is customer)
  }}
}}
"#,
            self.amount_a_day(),
            self.calls_a_minute()
        )
    }
}

/// A call with its time and the customer it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedCall {
    /// Nanoseconds since 1970; never the same twice, and ascending.
    pub time: i64,
    pub customer: String,
    pub call: boundary::Call,
}

impl TimedCall {
    /// The request as a line of JSON; `number` is its id.
    pub fn line(&self, number: usize) -> String {
        let boundary::Call { agent_id, tool, amount, currency, country, data_class, approvals, hour } = &self.call;
        let (amount, customer, time) = (text::money(*amount), &self.customer, text::time(self.time));
        format!(
            r#"{{"subject":{{"type":"Agent","id":"{agent_id}"}},"action":{{"name":"call","properties":{{"tool":"{tool}","amount":{amount},"currency":"{currency}","country":"{country}","data_class":"{data_class}","approvals":{approvals},"hour":{hour},"customer":"{customer}"}}}},"context":{{"id":"r-{number}","time":"{time}"}}}}"#
        )
    }
}

/// Calls without end. The first `events × agents` of them are the past that fills the day.
#[derive(Clone, Debug)]
pub struct Stream {
    scale: Scale,
    random: Random,
    time: i64,
    turn: i64,
    /// An agent in a burst, and how many calls are left of it.
    burst: Option<(i64, i64)>,
    /// Customers that were looked up last.
    looked_up: [i64; 3],
}

impl Stream {
    pub fn new(seed: u64, scale: Scale) -> Stream {
        let random = Random::new(seed);
        Stream { scale, random, time: 1_772_550_000 * SECOND, turn: 0, burst: None, looked_up: [0; 3] }
    }
}

impl Iterator for Stream {
    type Item = TimedCall;

    fn next(&mut self) -> Option<TimedCall> {
        let Stream { scale, random, .. } = self;
        let (agent, most) = match &mut self.burst {
            // Small amounts, so that it is not the day's sum that stops it.
            Some((agent, left)) if *left > 0 => {
                *left -= 1;
                self.time += SECOND / 2;
                (*agent, 10_00)
            }
            _ => {
                self.turn += 1;
                self.time += scale.step();
                let agent = self.turn % scale.agents;
                self.burst = (scale.bursts && random.between(0, 250) == 0).then_some((agent, 70));
                (agent, 2_000_00)
            }
        };
        let mut call = boundary::call(random);
        call.agent_id = format!("agent-{agent:04}");
        call.amount = random.between(1_00, most);
        let mut customer = random.between(0, scale.customers());
        match random.between(0, 100) {
            0..10 => {
                call.tool = "kyc.lookup".to_owned();
                self.looked_up[random.between(0, 3) as usize] = customer;
            }
            10..20 => {
                call.tool = "payments.wire".to_owned();
                if !random.chance(20) {
                    customer = self.looked_up[random.between(0, 3) as usize];
                }
            }
            _ if call.tool == "payments.wire" => call.tool = "payments.send".to_owned(),
            _ => {}
        }
        Some(TimedCall { time: self.time, customer: format!("cust-{customer:06}"), call })
    }
}

/// The past by hand: for each agent a ring of times and amounts with a running sum, for each customer the last lookup.
#[derive(Clone, Debug)]
pub struct Ledger {
    most_a_day: i64,
    most_a_minute: usize,
    agents: FxHashMap<String, Agent>,
    looked_up: FxHashMap<String, i64>,
}

#[derive(Clone, Debug, Default)]
struct Agent {
    /// The last day, oldest first: time and cents.
    day: VecDeque<(i64, i64)>,
    sum: i64,
    /// How many of them are older than a minute.
    older: usize,
}

impl Agent {
    /// Takes out what is no longer within its window.
    fn forget(&mut self, now: i64) {
        while let Some((time, cents)) = self.day.front()
            && *time <= now - DAY
        {
            self.sum -= cents;
            self.day.pop_front();
            self.older = self.older.saturating_sub(1);
        }
        while let Some((time, _)) = self.day.get(self.older)
            && *time <= now - MINUTE
        {
            self.older += 1;
        }
    }
}

impl Ledger {
    pub fn new(scale: Scale) -> Ledger {
        Ledger {
            most_a_day: scale.amount_a_day() * 100,
            most_a_minute: scale.calls_a_minute() as usize,
            agents: FxHashMap::default(),
            looked_up: FxHashMap::default(),
        }
    }

    /// Decides, and records what is permitted.
    pub fn decide(&mut self, asked: &TimedCall) -> (Verdict, u64) {
        let TimedCall { time, customer, call } = asked;
        let (sum, in_a_minute) = match self.agents.get_mut(call.agent_id.as_str()) {
            Some(agent) => {
                agent.forget(*time);
                (agent.sum, agent.day.len() - agent.older)
            }
            None => (0, 0),
        };
        let looked_up = || self.looked_up.get(customer.as_str()).is_some_and(|lookup| *lookup > time - HOUR);
        let held = u64::from(sum + call.amount > self.most_a_day)
            | u64::from(in_a_minute + 1 > self.most_a_minute) << 1
            | u64::from(call.tool == "payments.wire" && !looked_up()) << 2;
        if held != 0 {
            return (Verdict::Deny, held);
        }
        self.record(asked);
        (Verdict::Permit, held)
    }

    /// It was performed.
    pub fn record(&mut self, asked: &TimedCall) {
        let TimedCall { time, customer, call } = asked;
        let agent = match self.agents.get_mut(call.agent_id.as_str()) {
            Some(agent) => agent,
            None => self.agents.entry(call.agent_id.clone()).or_default(),
        };
        agent.day.push_back((*time, call.amount));
        agent.sum += call.amount;
        if call.tool == "kyc.lookup" {
            match self.looked_up.get_mut(customer.as_str()) {
                Some(last) => *last = *time,
                None => drop(self.looked_up.insert(customer.clone(), *time)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In the steady state of every scale a call is denied now and then, and a day holds about as many events as it says.
    #[test]
    fn a_day_is_full_and_most_calls_pass() {
        for events in [10, 100, 1_000, 10_000] {
            let scale = Scale { agents: (100_000 / events).min(1_000), ..Scale::new(events) };
            let mut ledger = Ledger::new(scale);
            let mut stream = Stream::new(11, scale);
            let past = (scale.events * scale.agents) as usize;
            for asked in stream.by_ref().take(past) {
                ledger.decide(&asked);
            }
            let mut held = [0; 3];
            for asked in stream.take(20_000) {
                let (_, rules) = ledger.decide(&asked);
                for (rule, count) in held.iter_mut().enumerate() {
                    *count += rules >> rule & 1;
                }
            }
            let kept: usize = ledger.agents.values().map(|agent| agent.day.len()).sum();
            println!("{scale:?}: held {held:?} of 20000, kept {kept} of {past}");
            assert!(kept * 10 > past * 9, "{events}: {kept} of {past} are kept");
            assert!((20..2_000).contains(&held[0]), "{events}: the day's amount holds {} times", held[0]);
            assert!((20..2_000).contains(&held[2]), "{events}: a lookup is missing {} times", held[2]);
        }
    }
}
