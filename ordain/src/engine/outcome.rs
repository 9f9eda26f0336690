//! What an engine says: of a request its outcome, of a record its receipt.

use crate::explanation::{Explanation, word};
use crate::{Digest, InputError, Request, Verdict, Version};
use ordain_vm::answer::{Answer, Problem};
use ordain_vm::engine::{Decided, Denied, Reply};
use std::fmt;
use std::sync::Arc;

/// What became of a request: a verdict, and what it rests on.
///
/// As [`Decision`](crate::Decision) it is no boolean. Whoever wants a permit and nothing else asks for it with
/// [`Outcome::permitted`], and whatever is no permit is then an error that says why.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Engine, Instant, Policy, Verdict};
///
/// let policy = Policy::compile_text(
///     "action send { to: text }\npolicy mail { version 2.1.0  otherwise deny \"Mail stays inside.\"\n\
///      rule inside on send { permit when to ends with \"@corp.example\" } }",
/// )?;
/// let (engine, now) = (Engine::new(&policy)?, Instant(0));
/// let mut worker = engine.worker();
/// let send = |id, to| policy.request("send").arg("to", to).time(now).id(id).build();
///
/// let permit = worker.decide(&send("r-1", "ann@corp.example")?).permitted()?;
/// assert_eq!((permit.id(), permit.policy_digest()), ("r-1", policy.digest()));
///
/// let outcome = worker.decide(&send("r-2", "bob@else.example")?);
/// assert_eq!((outcome.verdict(), outcome.versions()[0].to_string()), (Verdict::Deny, "mail 2.1.0".into()));
/// let error = outcome.permitted().unwrap_err();
/// assert!(error.to_string().contains("Mail stays inside."));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "an outcome says whether the request may go on"]
pub struct Outcome {
    of: Of,
}

#[derive(Clone)]
enum Of {
    Decided(Box<Decided>),
    /// By the history.
    Denied(Box<Denied>),
    /// It was made for other declarations.
    Stranger {
        id: Arc<str>,
        digest: Arc<str>,
    },
}

/// A request was permitted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what a permit is for is to be carried out, and recorded"]
pub struct Permit {
    id: Arc<str>,
    policy: Digest,
}

impl Permit {
    /// Of the request: what becomes of it is recorded under it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Names the policy that permitted it.
    pub fn policy_digest(&self) -> Digest {
        self.policy
    }
}

/// A request was not permitted: denied, or it waits for a person. An event is never permitted; it has happened.
#[derive(Clone, Debug, PartialEq)]
pub struct NotPermitted {
    outcome: Box<Outcome>,
}

impl NotPermitted {
    /// What became of it.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl fmt::Display for NotPermitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome.explanation() {
            Some(explanation) => write!(f, "the request `{}` is not permitted: {explanation}", self.outcome.id()),
            None => {
                write!(f, "the request `{}` is not permitted: {}", self.outcome.id(), word(self.outcome.verdict()))
            }
        }
    }
}

impl std::error::Error for NotPermitted {}

impl Outcome {
    pub(crate) fn of(reply: Reply, request: &Request) -> Outcome {
        match reply {
            Reply::Decided(decided) => Outcome { of: Of::Decided(decided) },
            Reply::Denied(denied) => Outcome { of: Of::Denied(denied) },
            // An engine says nothing of the kind to a request; it would be no permit.
            Reply::Recorded { .. } | Reply::Refused { .. } => Outcome::stranger(request),
        }
    }

    pub(crate) fn stranger(request: &Request) -> Outcome {
        Outcome { of: Of::Stranger { id: request.id().unwrap_or_default().into(), digest: request.digest().into() } }
    }

    /// What becomes of the request.
    pub fn verdict(&self) -> Verdict {
        match &self.of {
            Of::Decided(decided) => decided.decision.verdict,
            Of::Denied(_) | Of::Stranger { .. } => Verdict::Deny,
        }
    }

    /// The permit, where it is one. Escalated is not permitted.
    pub fn permitted(self) -> Result<Permit, NotPermitted> {
        match (self.verdict(), self.policy_digest()) {
            (Verdict::Permit, Some(policy)) => Ok(Permit { id: self.id().into(), policy }),
            _ => Err(NotPermitted { outcome: Box::new(self) }),
        }
    }

    /// Under which it is recorded: its own, or the one that the history gave it.
    pub fn id(&self) -> &str {
        match &self.of {
            Of::Decided(decided) => &decided.id,
            Of::Denied(denied) => &denied.id,
            Of::Stranger { id, .. } => id,
        }
    }

    /// By which approvals name it: `blake3:` and 64 hexadecimal digits.
    pub fn request_digest(&self) -> &str {
        match &self.of {
            Of::Decided(decided) => decided.digest(),
            Of::Denied(denied) => denied.digest(),
            Of::Stranger { digest, .. } => digest,
        }
    }

    /// Names the policy that decided it; none did where the history denied it by itself.
    pub fn policy_digest(&self) -> Option<Digest> {
        match &self.of {
            Of::Decided(decided) => Some(decided.loaded.program.verified.digest()),
            Of::Denied(_) | Of::Stranger { .. } => None,
        }
    }

    /// The policies that had a say, with their versions.
    pub fn versions(&self) -> Vec<Version> {
        let Of::Decided(decided) = &self.of else { return vec![] };
        let program = decided.loaded.program.verified.program();
        decided.decision.speaking().iter().filter_map(|at| Version::of(program, *at)).collect()
    }

    /// The decision in words, with the past as it was when it was made. Nothing where the
    /// [`Settings`](crate::Settings) want none, save of what the history denied by itself.
    #[must_use]
    pub fn explanation(&self) -> Option<Explanation> {
        match &self.of {
            Of::Decided(decided) => decided.detail.clone().map(Explanation),
            Of::Denied(denied) => match Answer::from(Reply::Denied(denied.clone())) {
                Answer::Decision(decided) => Some(Explanation(decided.context)),
                Answer::Recorded { .. } | Answer::Refused { .. } => None,
            },
            Of::Stranger { .. } => Some(Explanation::stranger()),
        }
    }
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Outcome) -> bool {
        (self.verdict(), self.id(), self.request_digest(), self.policy_digest(), self.explanation())
            == (other.verdict(), other.id(), other.request_digest(), other.policy_digest(), other.explanation())
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("verdict", &self.verdict())
            .field("id", &self.id())
            .field("policy", &self.policy_digest())
            .finish_non_exhaustive()
    }
}

/// Something was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    id: Arc<str>,
    warnings: Vec<Problem>,
}

impl Receipt {
    pub(crate) fn of(reply: Reply) -> Result<Receipt, Refused> {
        match reply {
            Reply::Recorded { recorded, warnings } => Ok(Receipt { id: recorded, warnings }),
            Reply::Refused { errors, id } => Err(Refused { id, errors }),
            // No record is answered so; whatever was is not taken for a receipt.
            Reply::Decided(decided) => Err(Refused::of_another(&decided.id)),
            Reply::Denied(denied) => Err(Refused { id: denied.id.clone(), errors: vec![denied.problem.clone()] }),
        }
    }

    /// Of the request that it is about; of an approval the digest that it names.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What was odd, and was recorded all the same: nobody had permitted it, or nobody asked under that id, in which case
    /// there was nothing to record (W0601).
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

/// A record was not taken: it came too late, speaks of something else under its id, is not of its form, or there is no
/// room for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    id: Arc<str>,
    errors: Vec<Problem>,
}

impl Refused {
    pub(crate) fn stranger(request: &Request) -> Refused {
        Refused::of_another(request.id().unwrap_or_default())
    }

    /// What is told was made for a policy with other declarations.
    pub(crate) fn of_another(id: &str) -> Refused {
        Refused { id: id.into(), errors: Explanation::stranger().0.errors }
    }

    pub(crate) fn no_waiver(id: &str, rule: &str) -> Refused {
        let message = format!("`{rule}` is no rule that may be waived. Name one that says `may be waived by`.");
        Refused { id: id.into(), errors: vec![InputError::new("E0622", "approved.waives", message).into()] }
    }

    /// Of the request that it is about.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Each with its code and what to do.
    pub fn errors(&self) -> &[Problem] {
        &self.errors
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing is recorded of `{}`:", self.id)?;
        self.errors.iter().try_for_each(|error| write!(f, "\n  {}: {}", error.code, error.message))
    }
}

impl std::error::Error for Refused {}
