//! What a program says of its rules is whole: a row a rule, and functions that work out as many values as are said.

use super::Refusal;
use crate::program::said::{OfRule, Words};
use crate::program::{Action, Program};

pub(super) fn check(program: &Program, number: u32, action: &Action) -> Result<(), Refusal> {
    if action.said.len() != action.rules.len() {
        return Err(Refusal::Table { why: "an action says something of another number of rules", number });
    }
    action.said.iter().try_for_each(|said| of_rule(program, number, said))
}

fn of_rule(program: &Program, action: u32, said: &OfRule) -> Result<(), Refusal> {
    let texts = said.because.iter().chain(said.requirements.iter().map(|requirement| &requirement.words));
    for words in texts {
        match words {
            Words::Plain(_) => {}
            Words::Made(function) => gives(program, action, *function, 1)?,
        }
    }
    said.duties.iter().try_for_each(|duty| gives(program, action, duty.function, duty.gives()))
}

/// A function on that action, which decides nothing and gives so many values.
fn gives(program: &Program, action: u32, number: u32, count: usize) -> Result<(), Refusal> {
    let missing = Refusal::Missing { what: "function", number, function: None, at: None };
    let function = program.functions.get(number as usize).ok_or(missing)?;
    let table = |why| Refusal::Table { why, number };
    match function.gives {
        _ if function.action != action => Err(table("what is said of a rule reads another action")),
        _ if program.actions.iter().any(|action| action.function == number) => {
            Err(table("what is said of a rule decides"))
        }
        Some((_, given)) if given as usize == count => Ok(()),
        Some(_) | None => Err(table("a function gives another number of values than are said")),
    }
}
