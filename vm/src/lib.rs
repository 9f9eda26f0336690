//! What a policy computes with, what is asked of it, and what it answers.
//!
//! | module | holds |
//! | --- | --- |
//! | [`value`] | [`value::Value`] and [`value::Type`]: what a policy computes with |
//! | [`builtin`] | [`builtin::Builtin`]: the shape of a row in the table of built-ins |
//! | [`fault`] | [`fault::Fault`]: why a rule could not be evaluated |
//! | [`schema`] | [`schema::Schema`]: the declared form of requests, entities and data |
//! | [`json`] | strict JSON, and the values that the schema makes of it |
//! | [`request`] | [`request::Line`]: a checked request, event or record |
//! | [`answer`] | [`answer::Answer`]: what is said to it |

pub mod answer;
pub mod builtin;
pub mod fault;
pub mod json;
pub mod request;
pub mod schema;
pub mod value;
