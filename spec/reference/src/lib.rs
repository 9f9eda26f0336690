//! Placeholder.

use ordain_compiler::analysis::Checked;
use ordain_vm::answer::Answer;
use ordain_vm::request::Line;
use ordain_vm::value::Value;
use std::sync::Arc;

/// What becomes of a request that was permitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum OnPermit {
    /// It counts as performed at its own time.
    #[default]
    Perform,
    /// It stays reserved until a record says what became of it.
    Reserve,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub on_permit: OnPermit,
    /// Fill in trace, nearest and changes.
    pub explain: bool,
}

/// The reference engine: a checked package, its data, and the history of what it has seen.
pub struct Engine {
    _checked: Arc<Checked>,
}

impl Engine {
    /// `data` holds a value for each `DataId`.
    pub fn new(checked: Arc<Checked>, _data: Vec<Value>) -> Engine {
        Engine { _checked: checked }
    }

    /// Decides a request, or records what the line says.
    pub fn answer(&mut self, _line: Line, _options: Options) -> Answer {
        todo!()
    }
}
