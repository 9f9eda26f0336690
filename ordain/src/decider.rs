//! `Decider`: decisions of one thread, without a history.

use crate::explanation::Explanation;
use crate::{Asked, NoData, Policy, Verdict, Version};
use ordain_vm::decide;
use ordain_vm::explain::{OTHERWISE, detail};
use ordain_vm::frame::Frame;
use ordain_vm::interp::Around;
use ordain_vm::request::Approval;
use std::fmt;

/// Decides request after request in one thread, and remembers nothing of them. Its registers are made once: from the second
/// request of an action on, a decision allocates nothing, save for texts, lists and records that a rule makes on its way.
///
/// What a rule asks of the past is an error here, and no permit: that wants an [`Engine`](crate::Engine).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Decider, Instant, Policy, Verdict};
///
/// let policy = Policy::compile_text(
///     "action send { to: text }\npolicy mail { rule inside on send { permit when to ends with \"@corp.example\" } }",
/// )?;
/// let mut decider = Decider::new(&policy)?;
/// let request = policy.request("send").arg("to", "ann@corp.example").time(Instant(0)).build()?;
/// let decision = decider.decide(&request);
/// match decision.verdict() {
///     Verdict::Permit => println!("sent"),
///     Verdict::Escalate | Verdict::Deny | Verdict::Recorded => println!("{}", decision.explain()),
/// }
/// # assert_eq!(decision.verdict(), Verdict::Permit);
/// # assert_eq!(decision.rules().collect::<Vec<_>>(), ["inside"]);
/// # }
/// # Ok(())
/// # }
/// ```
pub struct Decider {
    policy: Policy,
    frame: Frame,
    /// Approvals of the request that is decided.
    given: Vec<Approval>,
}

impl fmt::Debug for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decider").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Decider {
    /// Refused where the policy declares data that nobody supplied.
    pub fn new(policy: &Policy) -> Result<Decider, NoData> {
        policy.ready()?;
        Ok(Decider { policy: policy.clone(), frame: Frame::new(), given: vec![] })
    }

    /// The policy that decides.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Decides. A request that was made for other declarations, or a struct that is bound to another policy, is denied.
    ///
    /// Approvals that come with a request count where they name its digest.
    pub fn decide<'d>(&'d mut self, asked: &'d impl Asked) -> Decision<'d> {
        let Decider { policy, frame, given } = self;
        let policy = &*policy;
        given.clear();
        if !asked.approvals().is_empty() {
            let digest = asked.digest(policy);
            given.extend(asked.approvals().iter().filter(|approval| approval.request == digest).cloned());
        }
        let of = &policy.of;
        let around = Around {
            verified: &of.program.verified,
            data: &of.data,
            request: asked.facts(policy),
            id: asked.id(),
            asked: asked.asked(),
            given,
            approver: None,
            past: None,
        };
        let decision = frame.decide(&*of.program.run, &around);
        Decision { decision, around, policy, asked }
    }
}

/// What was decided, and by what. It is plain data, read when someone asks.
///
/// A decision is no boolean, and none can be made of it by accident: there are three verdicts, and whoever asks says what
/// becomes of each in a `match`. What is escalated waits for a person; it is neither permitted nor refused.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Decider, Instant, Policy, Verdict};
///
/// let policy = Policy::compile_text(
///     "action pay { amount: money<USD> }\nentity Person\nrole officer by Person\npolicy desk { rule all on pay { permit }\n\
///      rule large on pay { needs approval of officer when amount is more than 1_000 USD } }",
/// )?;
/// let request = policy.request("pay").arg("amount", "2500").time(Instant(0)).build()?;
/// let mut decider = Decider::new(&policy)?;
/// let decision = decider.decide(&request);
/// assert_eq!(decision.verdict(), Verdict::Escalate);
/// assert_eq!(decision.rules().collect::<Vec<_>>(), ["large"]);
/// assert_eq!(decision.explain().detail().approvers[0].roles, ["officer".into()]);
/// # }
/// # Ok(())
/// # }
/// ```
#[must_use = "a decision says whether the request may go on"]
pub struct Decision<'d> {
    decision: &'d decide::Decision,
    around: Around<'d>,
    policy: &'d Policy,
    asked: &'d dyn Asked,
}

impl<'d> Decision<'d> {
    /// What becomes of the request.
    pub fn verdict(&self) -> Verdict {
        self.decision.verdict
    }

    /// The rules that determine the verdict, by name, in the order of the policy; `otherwise` where none does.
    pub fn rules(&self) -> impl Iterator<Item = &'d str> {
        let program = self.policy.of.program.verified.program();
        let decision = self.decision;
        let rules = decision.rules.iter().filter_map(|rule| program.rules.get(*rule as usize));
        rules.map(|rule| &*rule.name).chain(decision.otherwise.first().map(|_| OTHERWISE))
    }

    /// The policies that had a say.
    pub fn versions(&self) -> Vec<Version> {
        let program = self.policy.of.program.verified.program();
        self.decision.speaking().iter().filter_map(|at| Version::of(program, *at)).collect()
    }

    /// The decision in words: reasons, what is missing, whose approval is wanted, duties and errors. They are worked out
    /// now, in some microseconds.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        if self.is_of_another() {
            return Explanation::stranger();
        }
        Explanation(detail(&self.around, self.decision, &self.asked.digest(self.policy)))
    }

    /// The request is bound to another program, by which it was denied.
    fn is_of_another(&self) -> bool {
        self.around.request.program().is_some_and(|of| of != self.around.verified.number())
    }
}

impl fmt::Debug for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules: Vec<&str> = self.rules().collect();
        f.debug_struct("Decision").field("verdict", &self.verdict()).field("rules", &rules).finish_non_exhaustive()
    }
}
