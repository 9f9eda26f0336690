//! Lines answered in words: the JSON of the contract.

use super::{Decided, Denied, Engine, Reply, Work};
use crate::answer::{self, Answer, Detail, Verdict};
use crate::history::History;
use crate::request::Line;

impl<H: History> Engine<H> {
    /// The same as [`Engine::answer`], in words, which the options must want (`say`).
    pub fn tell(&self, line: Line, work: &mut Work) -> Answer {
        Answer::from(self.answer(line, work))
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Answer {
        match reply {
            Reply::Decided(decided) => said(*decided),
            Reply::Denied(denied) => refused(*denied),
            Reply::Recorded { recorded, warnings } => Answer::Recorded { recorded, warnings },
            Reply::Refused { mut errors, id } => {
                let more = errors.split_off(errors.len().min(1));
                // Whatever is refused has an error.
                let error = errors.pop().unwrap_or_else(|| super::words::never_asked(&id));
                Answer::Refused { error, id: Some(id), more }
            }
        }
    }
}

fn said(decided: Decided) -> Answer {
    let verdict = decided.decision.verdict;
    // What nobody wanted in words is told as a denial.
    let context = decided.detail.unwrap_or_else(Detail::denial);
    let decision = matches!(verdict, Verdict::Permit | Verdict::Recorded) && context.verdict == verdict;
    Answer::Decision(Box::new(answer::Decided { decision, context }))
}

fn refused(denied: Denied) -> Answer {
    let context = Detail {
        request: Some(denied.digest().clone()),
        id: Some(denied.id.clone()),
        time: Some(denied.request.context.time.to_string()),
        errors: vec![denied.problem],
        ..Detail::denial()
    };
    Answer::Decision(Box::new(answer::Decided { decision: false, context }))
}
