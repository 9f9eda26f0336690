//! Ordain and its peers on the workloads of `ordain-workloads`: other engines, and the same decisions by hand in Rust.
//! `benches/peers.rs` compares their answers and then times them. Nothing of Ordain's own workspace depends on this.
//!
//! | module | holds |
//! | --- | --- |
//! | [`contender`] | what takes part, and how it is compared and timed |
//! | [`clock`] | what times are |
//! | [`who`] | who takes part in what |
//! | [`stated`] | workloads as a peer needs them: rules to be written in any language, requests as fields, lines of JSON |
//! | [`rust`] | decisions by hand: on the struct, on numbers for texts, with an index; and what serde alone costs |
//! | [`ordain`] | machine code, interpreter and reference engine |
//! | [`cedar`], [`rego`], [`cel`], [`zen`], `zen_table`, [`rhai`] | one peer each |
//! | [`remembers`], [`dogwood`] | W5: what takes part and how it is timed, and the peer that has history |
//! | [`threads`], [`stages`], [`batch`] | two threads; text and file to ready; a million rows |
//! | [`measured`] | what a run has measured |
//! | [`report`], [`goals`], [`plots`] | tables of it, what was wanted beside what was measured, pictures |

pub mod batch;
pub mod cedar;
pub mod cel;
pub mod clock;
pub mod contender;
pub mod dogwood;
pub mod goals;
pub mod measured;
pub mod ordain;
pub mod plots;
pub mod rego;
pub mod remembers;
pub mod report;
pub mod rhai;
pub mod rust;
pub mod stages;
pub mod stated;
pub mod threads;
pub mod who;
pub mod zen;
#[cfg(feature = "zen-table")]
pub mod zen_table;
