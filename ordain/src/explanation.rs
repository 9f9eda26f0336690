//! `Explanation`: a decision in words.

use ordain_vm::answer::{Detail, Problem, Verdict};
use std::fmt;

/// Why a request was decided as it was. Shown, it is a few lines for people; [`Explanation::detail`] has every part, and is
/// the `context` of the decision's JSON.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::{Decider, Instant, Policy};
///
/// let policy = Policy::compile_text(
///     "action send { to: text }\npolicy mail { otherwise deny \"Mail stays inside.\"\n\
///      rule inside on send { permit when to ends with \"@corp.example\" } }",
/// )?;
/// let request = policy.request("send").arg("to", "bob@else.example").time(Instant(0)).build()?;
/// let said = Decider::new(&policy)?.decide(&request).explain();
/// assert!(said.to_string().starts_with("deny\n  otherwise of mail: Mail stays inside."));
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation(pub(crate) Detail);

impl Explanation {
    /// Every part of it.
    pub fn detail(&self) -> &Detail {
        &self.0
    }

    /// Of a request that was made for other declarations.
    pub(crate) fn stranger() -> Explanation {
        let message = "The request was made for another policy. Make it anew for the one that decides.";
        let error = Problem { code: "E0613".into(), message: message.into(), at: None, path: None, rule: None };
        Explanation(Detail { errors: vec![error], ..Detail::denial() })
    }
}

/// As it stands in JSON.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Recorded => "recorded",
        Verdict::Permit => "permit",
        Verdict::Escalate => "escalate",
        Verdict::Deny => "deny",
    }
}

impl fmt::Display for Explanation {
    /// The verdict; then a line for each rule that determines it, each requirement that failed, each approval that is
    /// wanted, each duty, and each error.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &self.0;
        f.write_str(word(detail.verdict))?;
        for rule in &detail.rules {
            write!(f, "\n  {} of {}", rule.rule, rule.policy)?;
            rule.because.iter().try_for_each(|because| write!(f, ": {because}"))?;
            write!(f, " ({})", rule.at)?;
            rule.sources.iter().try_for_each(|source| write!(f, " [{source}]"))?;
        }
        detail
            .missing
            .iter()
            .try_for_each(|missing| write!(f, "\n  missing for {}: {}", missing.rule, missing.text))?;
        for wanted in &detail.approvers {
            write!(f, "\n  {} wants approval of {} of: {}", wanted.rule, wanted.count, wanted.roles.join(", "))?;
            wanted.until.iter().try_for_each(|until| write!(f, ", until {until}"))?;
        }
        for duty in &detail.duties {
            write!(f, "\n  due: {} {}", duty.duty, duty.args)?;
            duty.by.iter().try_for_each(|by| write!(f, ", by {by}"))?;
        }
        for error in &detail.errors {
            write!(f, "\n  {}", error.code)?;
            error.rule.iter().try_for_each(|rule| write!(f, " in {rule}"))?;
            write!(f, ": {}", error.message)?;
        }
        Ok(())
    }
}
