//! Messages: `because`, the text behind a requirement's `otherwise`. What can't be worked out shows as the word of its
//! error, in its place, and changes nothing.

use crate::eval::Evaluator;
use ordain_compiler::hir::{Expr, ExprId, TemplatePart};

impl Evaluator<'_> {
    pub fn message(&mut self, id: ExprId) -> String {
        let package = self.package;
        let mut text = String::new();
        match package.expr(id) {
            Expr::Template(parts) => {
                for part in parts {
                    match part {
                        TemplatePart::Plain(plain) => text += plain,
                        TemplatePart::Filled(id) => text += &self.shown_or_word(*id),
                    }
                }
            }
            _ => text = self.shown_or_word(id),
        }
        text
    }

    fn shown_or_word(&mut self, id: ExprId) -> String {
        match self.shown(id) {
            Ok(text) => text,
            Err(failure) => format!("‹{}›", failure.fault.word()),
        }
    }
}
