//! Runs the Markdown of this repository: the chapters of the specification, and the page of each code.
//! `tests/spec.rs` and `tests/pages.rs` call it; blocks are read in `markdown`, completed in `complete`, run in `run`.
//! `generate` makes packages by chance, `prepare` makes them ready; `fuzz` is what fuzz targets run.

pub mod complete;
pub mod fuzz;
pub mod generate;
pub mod markdown;
pub mod prepare;
pub mod run;
