//! Records: what a host says has become of a request.

use super::{Engine, Opened, Reply, Work, same_content, words};
use crate::answer::{Problem, Verdict};
use crate::history::{History, Record, Refused, Step, settle};
use crate::json::Json;
use crate::request::{Request, read_returns};
use std::sync::Arc;

impl<H: History> Engine<H> {
    /// It happened, whoever permitted it.
    pub(super) fn performed(&self, request: Request, work: &mut Work) -> Reply {
        let request = Arc::new(request);
        // Records are not counted for ids, so that each attempt looks for a free one.
        let own_id = |this: &Engine<H>| request.context.id.clone().unwrap_or_else(|| this.history.next_id());
        let settled = settle(&self.history, |turn| {
            let id = own_id(self);
            let (loaded, before) = self.look_up(&id, turn, work);
            let opened = Opened { loaded, id, before, taken: false };
            if let Err(problem) = self.in_time(&request).and_then(|()| same_content(&opened, &request)) {
                return Ok(refused_record(problem, opened.id));
            }
            let Opened { loaded, id, before, .. } = opened;
            let warnings = permitted(before.as_ref(), &id);
            let step = Step::Performed { request: request.clone(), data: loaded.data.clone() };
            self.commit(&loaded, &id, before.as_ref(), step, false, work)?;
            Ok(Reply::Recorded { recorded: id, warnings })
        });
        settled
            .unwrap_or_else(|unsettled| refused_record(words::unsettled(unsettled, request.context.time), own_id(self)))
    }

    /// What a request brought back; so it was performed.
    pub(super) fn returned(&self, id: Arc<str>, returns: &Json, work: &mut Work) -> Reply {
        self.of_record(id, work, |this, before, loaded, work| {
            let id = &before.id;
            let Some(action) = before.action() else { return Ok(say(id, words::never_asked(id))) };
            let value = match read_returns(&loaded.program.verified.program().schema, action, returns) {
                Ok(value) => value,
                Err(errors) => {
                    let errors = errors.into_iter().map(Problem::from).collect();
                    return Ok(Reply::Refused { errors, id: id.clone() });
                }
            };
            this.commit(loaded, id, Some(before), Step::Returned(value), false, work)?;
            Ok(Reply::Recorded { recorded: id.clone(), warnings: permitted(Some(before), id) })
        })
    }

    /// It failed, or was abandoned.
    pub(super) fn later(&self, id: Arc<str>, step: Step, work: &mut Work) -> Reply {
        self.of_record(id, work, |this, before, loaded, work| {
            let id = &before.id;
            this.commit(loaded, id, Some(before), step.clone(), false, work)?;
            let warnings = match &step {
                Step::Abandoned => vec![],
                _ => permitted(Some(before), id),
            };
            Ok(Reply::Recorded { recorded: id.clone(), warnings })
        })
    }

    /// Records something of a request that was seen before; of others, and of events, there is nothing to record.
    fn of_record(
        &self,
        id: Arc<str>,
        work: &mut Work,
        record: impl Fn(&Engine<H>, &Record, &super::Loaded, &mut Work) -> Result<Reply, Refused>,
    ) -> Reply {
        let settled = settle(&self.history, |turn| {
            let (loaded, before) = self.look_up(&id, turn, work);
            match before {
                Some(before) if before.event => Ok(say(&id, words::an_event(&id))),
                Some(before) => record(self, &before, &loaded, work),
                None => Ok(say(&id, words::never_asked(&id))),
            }
        });
        // Such a record has no time that could be early, and needs no room.
        settled.unwrap_or_else(|_| say(&id, words::never_asked(&id)))
    }
}

fn say(id: &Arc<str>, warning: Problem) -> Reply {
    Reply::Recorded { recorded: id.clone(), warnings: vec![warning] }
}

fn permitted(before: Option<&Record>, id: &str) -> Vec<Problem> {
    match before.is_some_and(|before| before.answer == Some(Verdict::Permit)) {
        true => vec![],
        false => vec![words::not_permitted(id)],
    }
}

fn refused_record(problem: Problem, id: Arc<str>) -> Reply {
    let path = problem.path.map(|path| format!("performed.{path}"));
    Reply::Refused { errors: vec![Problem { path, ..problem }], id }
}
