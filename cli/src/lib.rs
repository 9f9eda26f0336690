//! The command: reads files and streams, calls the compiler and an engine, prints, and ends with an exit code.
//!
//! | file | command |
//! | --- | --- |
//! | `check` | `ordain check`: what is wrong with a package |
//! | `fmt` | `ordain fmt`: the one form of a file |
//! | `test` | `ordain test`: the tests that stand in a package |
//! | `eval` | `ordain eval`: one request, one decision |
//! | `replay` | `ordain replay`: a stream of requests and records, a line out for each line in |
//! | `build` | `ordain build`: a package as one compiled file |
//! | `inspect` | `ordain inspect`: what is in a compiled policy |
//! | `explain` | `ordain explain`: a package in plain English, or the page of a code |
//!
//! `args` declares them, `ready` readies what they work on, `engine` decides, `complaint` is what they say when a file is at fault, and `uncompiled` where a package has no program.

pub mod args;
mod build;
mod check;
mod complaint;
pub mod engine;
mod eval;
mod explain;
mod fmt;
mod inspect;
mod ready;
mod replay;
mod test;
mod uncompiled;

pub use ordain_package::{Complaint, Loaded, Manifest, Naming, Running, csv_to_json, load};

use args::{Args, Command};
use std::io::{BufRead, Write};

/// Where a command reads from and writes to, so that tests can look at it.
pub struct Io<'a> {
    pub input: &'a mut dyn BufRead,
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
    /// Results go to a terminal: a summary for people, where there is one, and colour.
    pub out_terminal: bool,
    /// Diagnostics go to a terminal: colour and progress.
    pub err_terminal: bool,
}

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, whatever the verdicts.
    Done,
    /// The input was at fault.
    Fault,
    /// Wrong usage.
    Usage,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Fault => 1,
            Exit::Usage => 2,
        }
    }
}

/// Runs one command. The error is of writing: a pipe that was closed.
pub fn run(args: &Args, io: &mut Io<'_>) -> std::io::Result<Exit> {
    match &args.command {
        Command::Check(args) => check::run(args, io),
        Command::Fmt(args) => fmt::run(args, io),
        Command::Test(args) => test::run(args, io),
        Command::Eval(args) => eval::run(args, io),
        Command::Replay(args) => replay::run(args, io),
        Command::Build(args) => build::run(args, io),
        Command::Inspect(args) => inspect::run(args, io),
        Command::Explain(args) => explain::run(args, io),
    }
}
