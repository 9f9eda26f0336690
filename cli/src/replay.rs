//! `ordain replay`: a stream of requests, events and records; a line out for each line in, whatever it holds.
//! On a terminal it shows progress and closes with a summary; into a pipe it writes answers.

mod summary;

use crate::args::{self, Replay, ReplayFormat};
use crate::package::unreadable;
use crate::{Exit, Io};
use ordain_reference::{Engine, OnPermit, Options};
use ordain_vm::answer::Answer;
use ordain_vm::json::Lines;
use ordain_vm::request::{Malformed, Reader};
use std::io::{BufRead, BufReader};
use summary::Summary;

pub fn run(args: &Replay, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let Some((checked, running)) = args.running.ready(&args.path, io)? else { return Ok(Exit::Fault) };
    let stdin = args.requests.as_os_str() == "-";
    let mut file;
    let mut size = 0;
    let input: &mut dyn BufRead = if stdin {
        &mut *io.input
    } else {
        match std::fs::File::open(&args.requests).and_then(|file| Ok((file.metadata()?.len(), file))) {
            Ok((bytes, opened)) => {
                size = bytes;
                file = BufReader::new(opened);
                &mut file
            }
            Err(error) => {
                writeln!(io.err, "{}", unreadable(&args.requests, &error))?;
                return Ok(Exit::Fault);
            }
        }
    };
    let human = match args.format {
        Some(format) => format == ReplayFormat::Human,
        None => io.out_terminal,
    };
    let progress = progress(io.err_terminal && !stdin, size);
    let reader = Reader {
        schema: &running.schema,
        store: running.store.clone(),
        from_request: running.from_request,
        now: args.running.now,
    };
    let on_permit = match args.on_permit {
        args::OnPermit::Perform => OnPermit::Perform,
        args::OnPermit::Reserve => OnPermit::Reserve,
    };
    let options = Options { on_permit, explain: args.running.explain };
    let mut engine = Engine::new(checked, running.data);
    let mut summary = Summary::default();
    let mut exit = Exit::Done;
    for line in Lines::new(input) {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                writeln!(io.err, "{}", unreadable(&args.requests, &error))?;
                exit = Exit::Fault;
                break;
            }
        };
        let number = line.number;
        let read = line.text.map_err(Malformed::from).and_then(|text| {
            progress.inc(text.len() as u64 + 1);
            reader.line(&text)
        });
        let answer = match read {
            Ok(line) => engine.answer(line, options),
            Err(line) => Answer::malformed(line),
        };
        if at_fault(&answer) {
            exit = Exit::Fault;
        }
        if human {
            summary.add(number, &answer);
        } else {
            serde_json::to_writer(&mut *io.out, &answer)?;
            io.out.write_all(b"\n")?;
        }
    }
    progress.finish_and_clear();
    if human {
        summary.write(io.out)?;
    }
    Ok(exit)
}

/// A bar over the bytes of the file, on a terminal only.
fn progress(shown: bool, size: u64) -> indicatif::ProgressBar {
    if !shown {
        return indicatif::ProgressBar::hidden();
    }
    let style = indicatif::ProgressStyle::with_template("{bar:40} {percent}% {binary_bytes_per_sec} {eta}");
    let bar = indicatif::ProgressBar::new(size);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// True where the line was not of the declared form, or was a record that could not be taken.
pub fn at_fault(answer: &Answer) -> bool {
    match answer {
        Answer::Decision(decided) => decided.context.errors.iter().any(|error| error.code.starts_with("E06")),
        Answer::Recorded { .. } => false,
        Answer::Refused { .. } => true,
    }
}
