//! Runs a command as a person would, in this process, and gives back what it said.
#![allow(dead_code)]

use clap::Parser;
use ordain_cli::args::Args;
use ordain_cli::{Exit, Io, run};
use std::path::{Path, PathBuf};

/// What a command said and how it ended.
pub struct Said {
    pub out: String,
    pub err: String,
    pub exit: Exit,
}

/// `ordain("check x.ord --now …")` with arguments that hold no blanks of their own.
pub fn ordain(args: &[&str], input: &[u8]) -> Said {
    let args = Args::try_parse_from(std::iter::once(&"ordain").chain(args)).expect("the arguments are well formed");
    let (mut out, mut err, mut input) = (vec![], vec![], input);
    let mut io = Io { input: &mut input, out: &mut out, err: &mut err, out_terminal: false, err_terminal: false };
    let exit = run(&args, &mut io).expect("writing to memory does not fail");
    let text = |bytes| String::from_utf8(bytes).expect("commands write UTF-8");
    Said { out: text(out), err: text(err), exit }
}

/// The project's folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the project").to_path_buf()
}

/// A folder of its own for a test, emptied first.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("the target folder can be written");
    folder
}

/// Writes a file and gives its path as an argument.
pub fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("the target folder can be written");
    path.display().to_string()
}
