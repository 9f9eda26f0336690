//! Text to a checked policy, in order: `source`, `lex`, `parse`, `resolve`, `check`, `analysis`.
//!
//! | step | from | to |
//! | --- | --- | --- |
//! | `lex` | [`source::Source`] | tokens, none ever lost |
//! | `parse` | tokens | [`ast::File`], with holes where the text is broken |
//! | `resolve` | [`ast::File`]s | [`hir::Package`]: every name an id |
//! | `check` | [`hir::Package`] | [`check::Types`] and all that can be said before it runs |
//! | `analysis` | the four above | [`analysis::Analysis`] of any text; [`analysis::Checked`] of a good one |
//! | `emit` | [`analysis::Checked`] | `ordain_vm::program::Program` |
//!
//! Beside the way: `format` writes an [`ast::File`] back, `prose` says in plain English what a [`analysis::Checked`] means,
//! `errors` holds every message.

pub mod analysis;
pub mod ast;
pub mod check;
pub mod diagnostic;
pub mod emit;
pub mod errors;
pub mod format;
pub mod hir;
pub mod lex;
pub mod parse;
pub mod prose;
pub mod resolve;
pub mod source;
