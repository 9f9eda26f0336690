//! `ordain`: parses the command line, gives the command its streams, and ends with its exit code.

use clap::Parser;
use ordain_cli::args::Args;
use ordain_cli::{Io, run};
use std::io::{BufWriter, ErrorKind, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::parse();
    let out_terminal = stdout().is_terminal();
    let err_terminal = stderr().is_terminal();
    let mut out = BufWriter::new(anstream::AutoStream::auto(stdout().lock()));
    let mut err = anstream::AutoStream::auto(stderr());
    let mut io = Io { input: &mut stdin().lock(), out: &mut out, err: &mut err, out_terminal, err_terminal };
    let end = run(&args, &mut io).and_then(|exit| out.flush().map(|()| exit));
    match end {
        Ok(exit) => ExitCode::from(exit.code()),
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(stderr(), "error: the answer could not be written: {error}");
            ExitCode::from(1)
        }
    }
}
