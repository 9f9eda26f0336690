//! The past: what accumulators say is what a scan of the entries says, and a decision that was recorded rested on it.

mod bounds;
mod model;
mod records;
mod scan;
mod series;
mod threads;
