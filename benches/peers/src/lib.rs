//! The peers of Ordain on the workloads of `ordain-workloads`: other engines, and the same decisions by hand in Rust.
//! `benches/peers.rs` compares their answers and then times them. Nothing of Ordain's own workspace depends on this.
//!
//! | module | holds |
//! | --- | --- |
//! | [`contender`] | what takes part, and how it is compared and timed |
//! | [`stated`] | workloads as a peer needs them: rules to be written in any language, requests as fields, lines of JSON |
//! | [`rust`] | decisions by hand: on the struct, on numbers for texts, with an index; and what serde alone costs |
//! | [`cedar`], [`rego`], [`cel`], [`zen`], `zen_table`, [`rhai`] | one peer each |
//! | [`dogwood`] | the peer that has history |
//! | [`report`] | medians to a table |

pub mod cedar;
pub mod cel;
pub mod contender;
pub mod dogwood;
pub mod rego;
pub mod report;
pub mod rhai;
pub mod rust;
pub mod stated;
pub mod zen;
#[cfg(feature = "zen-table")]
pub mod zen_table;
