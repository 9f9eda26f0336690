//! `Answer`: what is said to a line of a stream, in words: a decision, a receipt or an error.
//! Engines make it; its JSON is that of the contract, member by member. Later members may come, none changes.

use crate::request::{InputError, Malformed};
use serde::Serialize;
use std::sync::Arc;

/// One line out for one line in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Decision(Box<Decided>),
    Recorded {
        recorded: Arc<str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        warnings: Vec<Problem>,
    },
    /// A record that was not of the declared form, or came too late; and what else is wrong with it.
    Refused {
        error: Problem,
        /// The id that it names, where it could be read.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<Arc<str>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        more: Vec<Problem>,
    },
}

impl Answer {
    /// The answer to a line that could not be read: of a record the error, of everything else a denial, since it may
    /// have been a request.
    pub fn malformed(line: Malformed) -> Answer {
        let Malformed { errors, record, id, time } = line;
        if record {
            return Answer::refused(errors, id);
        }
        let errors = errors.into_iter().map(Problem::from).collect();
        let time = time.map(|time| time.to_string());
        Answer::Decision(Box::new(Decided {
            decision: false,
            context: Detail { errors, id, time, ..Detail::denial() },
        }))
    }

    /// Of a record, with at least one error.
    pub fn refused(errors: Vec<InputError>, id: Option<Arc<str>>) -> Answer {
        let mut problems = errors.into_iter().map(Problem::from);
        let error = problems.next().expect("whatever is refused has an error");
        Answer::Refused { error, id, more: problems.collect() }
    }
}

/// What became of a request. The order is that of strictness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Of an event.
    Recorded,
    Permit,
    Escalate,
    Deny,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decided {
    /// True for `permit` and `recorded`.
    pub decision: bool,
    pub context: Detail,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Detail {
    pub verdict: Verdict,
    /// The policies in force that govern the action.
    pub policy: Vec<PolicyRef>,
    /// The determining rules, by module, then place.
    pub rules: Vec<Determining>,
    pub missing: Vec<Missing>,
    pub approvers: Vec<Wanted>,
    pub approved: Vec<Approved>,
    pub duties: Vec<Duty>,
    pub trial: Vec<Determining>,
    pub errors: Vec<Problem>,
    /// [`Bits`] as text.
    pub bits: String,
    /// The digest of the typed request; of a request that could not be read, nothing. Its `id` and `time` are there where
    /// they could be read.
    pub request: Option<Arc<str>>,
    pub id: Option<Arc<str>>,
    /// RFC 3339.
    pub time: Option<String>,
    /// With `--explain`: every condition with the values it saw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<TracedRule>>,
    /// With `--explain`: the rules that came nearest to applying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nearest: Option<Vec<Near>>,
    /// With `--explain`: single inputs that would have changed the verdict, and to what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Vec<Change>>,
}

impl Detail {
    /// A denial of which nothing else is said.
    pub fn denial() -> Detail {
        Detail {
            verdict: Verdict::Deny,
            policy: vec![],
            rules: vec![],
            missing: vec![],
            approvers: vec![],
            approved: vec![],
            duties: vec![],
            trial: vec![],
            errors: vec![],
            bits: Bits::default().to_string(),
            request: None,
            id: None,
            time: None,
            trace: None,
            nearest: None,
            changes: None,
        }
    }
}

/// Two bits for each atomic condition of the action's rules, by rule, then place: whether it was seen, and whether it was
/// true. As text `base64:` and the bytes (RFC 4648, padded): the first condition has the two lowest bits of the first
/// byte, seen the lower one; the last byte is filled up with zeros.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits {
    bytes: Vec<u8>,
    count: usize,
}

impl Bits {
    /// The next condition: not seen, or its value.
    pub fn push(&mut self, value: Option<bool>) {
        let bits = match value {
            None => 0b00,
            Some(false) => 0b01,
            Some(true) => 0b11,
        };
        let place = self.count % 4 * 2;
        if place == 0 {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= bits << place;
        }
        self.count += 1;
    }
}

impl std::fmt::Display for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        f.write_str("base64:")?;
        for chunk in self.bytes.chunks(3) {
            let bytes = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
            let group = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
            for at in 0..4 {
                let letter = LETTERS[(group >> (18 - 6 * at) & 63) as usize];
                write!(f, "{}", if at > chunk.len() { '=' } else { char::from(letter) })?;
            }
        }
        Ok(())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyRef {
    pub name: Arc<str>,
    pub version: Option<Arc<str>>,
    pub digest: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Determining {
    /// Its name, or `otherwise`.
    pub rule: Arc<str>,
    pub policy: Arc<str>,
    /// `permit`, `escalate`, `deny`; of a rule on trial what it would have said.
    pub effect: Verdict,
    pub because: Option<String>,
    pub code: Option<Arc<str>>,
    pub sources: Vec<Arc<str>>,
    /// `payables.ord:52:3`
    pub at: String,
    /// Of a denial that may be waived: the roles that may.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Arc<str>>,
}

/// A requirement that failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Missing {
    pub rule: Arc<str>,
    pub text: String,
    pub code: Option<Arc<str>>,
}

/// Approvers wanted by one rule. All are wanted, save that of those with `grant` any one suffices.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wanted {
    pub rule: Arc<str>,
    pub roles: Vec<Arc<str>>,
    /// How many of the roles.
    pub count: u32,
    pub grant: bool,
    pub until: Option<String>,
}

/// An approval that counted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Approved {
    pub rule: Arc<str>,
    pub role: Arc<str>,
    pub by: Party,
    pub at: String,
    /// True where it waived a denial.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub waived: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Party {
    #[serde(rename = "type")]
    pub kind: Arc<str>,
    pub id: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Duty {
    pub duty: Arc<str>,
    /// As in requests: by parameter.
    pub args: crate::json::Json,
    pub rule: Arc<str>,
    pub when: When,
    /// Until when, RFC 3339; past it `otherwise` is due.
    pub by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<OtherDuty>,
}

/// What is due where a duty was not done in time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherDuty {
    pub duty: Arc<str>,
    pub args: crate::json::Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    Now,
    /// After the act.
    Done,
}

/// An error or warning: of evaluation, with a place in the source; or of the input, with a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub code: Arc<str>,
    pub message: String,
    pub at: Option<String>,
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
}

impl From<InputError> for Problem {
    fn from(error: InputError) -> Problem {
        let path = (!error.path.is_empty()).then_some(error.path);
        Problem { code: error.code.into(), message: error.message, at: None, path, rule: None }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TracedRule {
    pub rule: Arc<str>,
    pub policy: Arc<str>,
    pub at: String,
    /// It stood; it was defeated by; it did not apply.
    pub outcome: String,
    pub conditions: Vec<TracedCondition>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TracedCondition {
    /// As it stands in the source.
    pub text: String,
    pub at: String,
    /// `None`: it was not reached.
    pub value: Option<bool>,
    /// The values it saw: source text and value.
    pub saw: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Near {
    pub rule: Arc<str>,
    pub policy: Arc<str>,
    /// The conditions that kept it from applying, as in the source.
    pub kept_by: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The path of the input.
    pub path: String,
    /// A value that would do, as in requests.
    pub to: String,
    pub verdict: Verdict,
}
