//! What a person has agreed to.

use crate::{Digest, Instant};
use ordain_vm::request as vm;

/// Someone approved a request, or waived a denial of it: made by [`Policy::approval`](crate::Policy::approval), and told by
/// [`Worker::approved`](crate::Worker::approved). It serves policies with the declarations of the one that made it.
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
