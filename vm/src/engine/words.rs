//! What the engine says of a line that the history does not take, or takes with a warning.

use crate::answer::Problem;
use crate::history::Unsettled;
use crate::value::Instant;

pub(super) fn too_early(time: Instant, latest: Instant) -> Problem {
    let message = format!(
        "{time} is before {latest}, up to which the history has come. Give records in the order of their times."
    );
    problem("E0619", "context.time", message)
}

pub(super) fn other_content(id: &str) -> Problem {
    let message = format!("The id `{id}` was used for another request. Give this one an id of its own.");
    problem("E0620", "context.id", message)
}

pub(super) fn performed_already(id: &str) -> Problem {
    let message = format!("The request `{id}` was performed already. Give a new request an id of its own.");
    problem("E0621", "context.id", message)
}

/// Nothing was recorded of a request of that time.
pub(super) fn unsettled(unsettled: Unsettled, time: Instant) -> Problem {
    match unsettled {
        Unsettled::Early(latest) => too_early(time, latest),
        Unsettled::Full(most) => full(most),
    }
}

/// What is not recorded must not be permitted.
pub(super) fn full(most: u64) -> Problem {
    let message = format!(
        "The history holds {most} records, as many as it may, and takes no new id. Give it more room, or begin a new one."
    );
    problem("E0508", "context.id", message)
}

/// It happened, and nobody permitted it.
pub(super) fn not_permitted(id: &str) -> Problem {
    warning(format!("Nothing was permitted under the id `{id}`. It is recorded all the same."))
}

/// There is nothing that the record could speak of.
pub(super) fn never_asked(id: &str) -> Problem {
    warning(format!("Nothing was ever asked under the id `{id}`, so there is nothing to record. Is the id misspelled?"))
}

pub(super) fn an_event(id: &str) -> Problem {
    warning(format!(
        "`{id}` is an event: it has happened, so it can't fail or be abandoned, and brings nothing back. It stays as it is."
    ))
}

fn warning(message: String) -> Problem {
    Problem { code: "W0601".into(), message, at: None, path: None, rule: None }
}

fn problem(code: &str, path: &str, message: String) -> Problem {
    Problem { code: code.into(), message, at: None, path: Some(path.into()), rule: None }
}
