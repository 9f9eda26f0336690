//! What a person has agreed to.

use crate::{Digest, Instant};
use ordain_vm::request as vm;

/// Someone approved a request, or waived a denial of it: made by [`Policy::approval`](crate::Policy::approval), and told by
/// [`Worker::approved`](crate::Worker::approved). It serves policies with the declarations of the one that made it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Engine, Instant, Policy, Verdict};
///
/// let policy = Policy::compile_text(
///     "entity Person\nrole officer by Person\naction pay { n: int }\npolicy desk { rule all on pay { permit }\n\
///      rule frozen on pay { deny when n > 100 may be waived by officer } }",
/// )?;
/// let (engine, second) = (Engine::new(&policy)?, 1_000_000_000);
/// let mut worker = engine.worker();
/// let pay = |at| policy.request("pay").arg("n", 500).time(Instant(at)).asked(Instant(0)).id("r-1").build();
/// let approval = policy.approval("officer", ("Person", "ann"), Instant(0), pay(0)?.digest())?;
/// worker.approved(approval.waives("desk.frozen").expires(Instant(60 * second)))?;
/// assert_eq!(worker.decide(&pay(60 * second)?).verdict(), Verdict::Deny, "from then on it counts no more");
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an approval counts once it is told to a worker"]
pub struct Approval {
    pub(crate) of: vm::Approval,
    pub(crate) declares: Digest,
}

impl Approval {
    /// It counts before that moment only.
    pub fn expires(mut self, at: Instant) -> Approval {
        self.of.expires = Some(at);
        self
    }

    /// It waives that denial, and approves nothing: `policy.rule`, one that says `may be waived by`.
    pub fn waives(mut self, rule: &str) -> Approval {
        self.of.waives = Some(rule.into());
        self
    }

    /// The digest of the request that it speaks of.
    pub fn request_digest(&self) -> &str {
        &self.of.request
    }
}
