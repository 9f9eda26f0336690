//! What a policy computes with, what is asked of it, and what it answers.
//!
//! | module | holds |
//! | --- | --- |
//! | [`value`] | [`value::Value`] and [`value::Type`]: what a policy computes with |
//! | [`builtin`] | [`builtin::Builtin`]: the shape of a row in the table of built-ins |
//! | [`fault`] | [`fault::Fault`]: why a rule could not be evaluated |
//! | [`schema`] | [`schema::Schema`]: the declared form of requests, entities and data |
//! | [`op`] | [`op::Op`]: every instruction and its meaning |
//! | [`program`] | [`program::Program`]: what a policy is once it is compiled |
//! | [`encode`](mod@encode) | a program as bytes, and back: the file `.ordc` |
//! | [`verify`] | [`verify::Verified`]: the only way to something that runs |
//! | [`semantics`] | what each operation means on values |
//! | [`interp`] | the interpreter |
//! | [`engine`] | [`engine::Engine`]: lines in, decisions out, over a history |
//! | [`entries`] | what an entry of the past adds to what a program keeps of it |
//! | [`decide`] | [`decide::Decision`]: the verdict, and what it rests on |
//! | [`frame`] | [`frame::Frame`]: what one thread decides with, used again and again |
//! | [`explain`] | a decision in words |
//! | [`library`] | [`library::Library`]: built-ins and patterns that a program calls |
//! | [`listing`] | a program as people read it |
//! | [`json`] | strict JSON, and the values that the schema makes of it |
//! | [`request`] | [`request::Line`]: a checked request, event or record |
//! | [`bind`] | structs of Rust as requests, checked against a program once |
//! | [`answer`] | [`answer::Answer`]: what is said to it |
//! | [`history`] | [`history::History`]: the past, as accumulators |

pub mod answer;
mod approvals;
pub mod bind;
pub mod builtin;
mod conditions;
pub mod decide;
pub mod encode;
pub mod engine;
pub mod entries;
pub mod explain;
pub mod fault;
pub mod frame;
pub mod history;
pub mod interp;
pub mod json;
pub mod library;
pub mod listing;
mod lookup;
pub mod op;
pub mod program;
pub mod request;
pub mod schema;
pub mod semantics;
pub mod value;
pub mod verify;
