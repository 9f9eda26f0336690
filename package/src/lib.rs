//! A package as it lies on disk: `ordain.toml`, sources, data, entities; or as one compiled file. Read here for the command
//! and for hosts, and handed to the compiler, which opens no files.
//!
//! | module | holds |
//! | --- | --- |
//! | `read` | a path to sources and data |
//! | `manifest` | `ordain.toml` |
//! | `csv` | spreadsheets as data |
//! | `compiled` | the file `.ordc` |
//! | `complaint` | what is said when a file is at fault |

mod compiled;
mod complaint;
mod csv;
mod manifest;
mod read;

pub use compiled::{Compiled, Uncompiled, is_compiled};
pub use complaint::{Complaint, Place, shown};
pub use csv::to_json as csv_to_json;
pub use manifest::Manifest;
pub use read::{DataFiles, FromFiles, Loaded, Naming, Running, load, load_all, unreadable};
