//! A program together with what runs it, so that a new one can't be run by the machine code of the one before.

use crate::interp::{Interpreter, Run};
use crate::verify::Verified;
use std::fmt;
use std::sync::Arc;

/// What an engine decides with. A program alone is run by the interpreter.
#[derive(Clone)]
pub struct Runnable {
    pub verified: Arc<Verified>,
    /// The interpreter, or machine code of this program.
    pub run: Arc<dyn Run>,
}

impl From<Arc<Verified>> for Runnable {
    fn from(verified: Arc<Verified>) -> Runnable {
        Runnable { verified, run: Arc::new(Interpreter) }
    }
}

impl fmt::Debug for Runnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runnable").field("program", &self.verified.digest()).finish_non_exhaustive()
    }
}
