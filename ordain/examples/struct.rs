//! A struct of the host as a request: bound to a policy once, and read where it lies. From the second decision on nothing
//! is allocated, and no request is built.

use ordain::{Action, Decider, Enum, Instant, Policy, Verdict, When};
use std::error::Error;

const POLICY: &str = r#"
enum Class { public, internal, secret }

entity Agent

action send by Agent {
  to: text<max 80>
  class: Class
  size: int
  fee: money<USD>
  ticket: text?
}

policy mail {
  rule public on send { permit when class is public and size is at most 1_000_000 }
  rule ticketed on send { permit when class is internal and ticket is present and fee is at most 2.50 USD }
  rule secret on send { deny when class is secret because "Secrets stay here." }
}
"#;

#[derive(Enum, Clone, Copy)]
enum Class {
    Public,
    Internal,
    Secret,
}

/// Its fields have the names that the policy gives them.
#[derive(Action)]
struct Send<'a> {
    #[ordain(actor)]
    agent: &'a str,
    to: &'a str,
    class: Class,
    /// Bytes.
    size: u32,
    /// In cents.
    #[ordain(digits = 2)]
    fee: i64,
    ticket: Option<&'a str>,
}

/// The verdicts, in the order of the requests.
pub fn run() -> Result<Vec<Verdict>, Box<dyn Error>> {
    let policy = Policy::compile_text(POLICY)?;
    // Names and types are checked here, once; all that doesn't fit is told.
    let binding = policy.bind::<Send>()?;
    let mut decider = Decider::new(&policy)?;
    let send = |class, ticket| Send { agent: "a-1", to: "ann@corp.example", class, size: 1_200, fee: 1_99, ticket };
    let sends = [
        send(Class::Public, None),
        send(Class::Internal, Some("T-7")),
        send(Class::Internal, None),
        send(Class::Secret, Some("T-8")),
    ];
    let mut verdicts = vec![];
    for (at, send) in (1..).zip(&sends) {
        let ask = binding.ask(send, When::at(Instant(at), "r-1"))?;
        let decision = decider.decide(&ask);
        match decision.verdict() {
            Verdict::Permit => println!("{} is sent, by {:?}", send.to, decision.rules().collect::<Vec<_>>()),
            Verdict::Escalate | Verdict::Deny | Verdict::Recorded => println!("{}", decision.explain()),
        }
        verdicts.push(decision.verdict());
    }
    Ok(verdicts)
}

pub fn main() -> Result<(), Box<dyn Error>> {
    assert_eq!(run()?, [Verdict::Permit, Verdict::Permit, Verdict::Deny, Verdict::Deny]);
    Ok(())
}
