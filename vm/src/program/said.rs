//! What is said of a rule on an action, besides what it decides: reasons, requirements, duties. The compiler's
//! `emit/said.rs` makes it, `explain` makes words of it. Values are worked out by functions, which run on the same
//! request and give what they worked out (`Function::gives`).

use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Of one rule on one action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRule {
    pub because: Option<Words>,
    /// By the number that `Op::Lack` names.
    pub requirements: Vec<Requirement>,
    pub duties: Vec<Duty>,
    /// Its duties are those of the permit behind its requirements: where it denies it has none.
    pub duties_of_permit: bool,
    /// It wants approvers, or can be waived by some.
    pub approvers: bool,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Words {
    Plain(Arc<str>),
    /// The function that gives it, a text.
    Made(u32),
}

/// A requirement, as it is said where it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub words: Words,
    pub code: Option<Arc<str>>,
}

/// A duty, and the function that gives in a row: true, where its conditions hold, and else nothing more; the values of
/// the call's parameters; with `timed` the instant until which it is to be done; the values of the other's parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    pub function: u32,
    pub call: Call,
    /// It is to be done until an instant.
    pub timed: bool,
    /// What is due where it was not done in time.
    pub otherwise: Option<Call>,
    /// Only with a permit, after the act.
    pub once_done: bool,
    /// Of a limit: due with the permit that crosses a mark.
    pub mark: bool,
}

impl Duty {
    /// How many values the function gives.
    pub fn gives(&self) -> usize {
        let other = self.otherwise.as_ref().map_or(0, |other| other.params.len());
        1 + self.call.params.len() + usize::from(self.timed) + other
    }
}

/// A duty by its name, and the names of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    pub duty: Arc<str>,
    pub params: Vec<Arc<str>>,
}
