//! `ordain explain E0301`: the page of a code: what happened, a wrong and a right example, and why.

use crate::args::Explain;
use crate::{Exit, Io};
use ordain_compiler::errors::Code;

pub fn run(args: &Explain, io: &mut Io<'_>) -> std::io::Result<Exit> {
    match Code::parse(&args.code) {
        Some(code) => {
            writeln!(io.out, "{}", code.page().trim_end())?;
            Ok(Exit::Done)
        }
        None => {
            let nearest = Code::ALL.iter().filter(|code| differences(code.as_str(), &args.code) == 1);
            let nearest: Vec<&str> = nearest.map(|code| code.as_str()).take(5).collect();
            let help = if nearest.is_empty() {
                "a code looks like E0302 or W0401".to_string()
            } else {
                format!("did you mean {}?", nearest.join(", "))
            };
            writeln!(io.err, "error: there is no code `{}`; {help}", crate::complaint::shown(&args.code))?;
            Ok(Exit::Usage)
        }
    }
}

/// In how many places two codes differ.
fn differences(code: &str, given: &str) -> usize {
    if code.len() != given.len() {
        return usize::MAX;
    }
    code.bytes().zip(given.bytes()).filter(|(a, b)| !a.eq_ignore_ascii_case(b)).count()
}
