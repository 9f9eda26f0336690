//! The workloads of the benches: requests from a seed, the policy in Ordain, and the same decisions written by hand in Rust.
//! Every engine that is measured takes its requests from here and has its answers compared with `decide`.
//! Nothing here knows an engine: policies and requests leave as text, or as plain structs.
//!
//! | module | workload |
//! | --- | --- |
//! | [`boundary`] | W1: ten rules on what an agent may call |
//! | [`promotion`] | W2: twelve requirements before a model is promoted |
//! | [`credit`] | W3: twenty-five thresholds, a third of them with an exception |
//! | [`scale`] | W4: the same rule N times, on a resource (a) or on region, tier and amount (b) |
//! | [`history`] | W5: sums, counts and earlier calls within a window |

#![allow(clippy::inconsistent_digit_grouping, reason = "the last two digits are cents: `10_000_00`")]

pub mod boundary;
pub mod credit;
pub mod history;
pub mod promotion;
pub mod random;
pub mod scale;
pub mod text;

/// What becomes of a request. The order is that of strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    Permit,
    Escalate,
    Deny,
}

/// Which rules hold, as an engine says it: a mask where there are few rules, a list where there are many.
pub trait Rules: Clone + std::fmt::Debug + Default {
    fn clear(&mut self);
    fn insert(&mut self, rule: usize);
    /// Their numbers, ascending.
    fn numbers(&self) -> Vec<usize>;
}

impl Rules for u64 {
    fn clear(&mut self) {
        *self = 0;
    }

    fn insert(&mut self, rule: usize) {
        *self |= 1 << rule;
    }

    fn numbers(&self) -> Vec<usize> {
        (0..64).filter(|rule| self >> rule & 1 == 1).collect()
    }
}

impl Rules for Vec<u32> {
    fn clear(&mut self) {
        Vec::clear(self);
    }

    fn insert(&mut self, rule: usize) {
        self.push(rule as u32);
    }

    fn numbers(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = self.iter().map(|rule| *rule as usize).collect();
        numbers.sort_unstable();
        numbers
    }
}

/// A workload without a past: one request, one decision. [`history`] stands apart.
pub trait Workload {
    type Request;
    type Rules: Rules;

    /// `W1`, `W4a, 100 rules`.
    fn name(&self) -> String;

    /// The names of the rules, in the order of their numbers: what stands in a decision of Ordain, as rule or as the
    /// code of a requirement.
    fn rules(&self) -> Vec<String>;

    /// The rules in Ordain, in the same order.
    fn policy(&self) -> String;

    /// The same for the same seed.
    fn requests(&self, seed: u64, count: usize) -> Vec<Self::Request>;

    /// The request as a line of JSON, without a line break; `number` is its id.
    fn line(&self, request: &Self::Request, number: usize) -> String;

    /// The decision as a Rust programmer would write it for that struct.
    fn decide(&self, request: &Self::Request, held: &mut Self::Rules) -> Verdict;
}

/// The verdict where the rules in `deny` deny and the others ask for a person.
fn strictest(held: u64, deny: u64) -> Verdict {
    if held & deny != 0 {
        Verdict::Deny
    } else if held != 0 {
        Verdict::Escalate
    } else {
        Verdict::Permit
    }
}
