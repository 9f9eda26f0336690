//! `ordain replay`: a stream of requests, events and records; a line out for each line in, whatever it holds.
//! On a terminal it shows progress and closes with a summary; into a pipe it writes answers.

mod latency;
mod stages;
mod summary;

use crate::args::{self, Replay, ReplayFormat};
use crate::engine::{Engine, at_odds};
use crate::{Exit, Io};
use ordain_package::unreadable;
use ordain_vm::answer::Answer;
use ordain_vm::json::Lines;
use ordain_vm::request::Reader;
use std::io::{BufRead, BufReader};
use summary::Summary;

/// So many lines for each thread are taken at once.
const LINES: usize = 256;

pub fn run(args: &Replay, io: &mut Io<'_>) -> std::io::Result<Exit> {
    if at_odds(&args.running, io)? {
        return Ok(Exit::Usage);
    }
    let Some((checked, mut running)) = args.running.ready(&args.path, io)? else { return Ok(Exit::Fault) };
    let engine = Engine::of(&args.running, args::Engine::Jit, args.on_permit, checked, &mut running, &args.path, io)?;
    let Some(mut engine) = engine else { return Ok(Exit::Fault) };
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
    let threads = usize::from(args.threads.get());
    // One line at a time is answered as it comes.
    let most = if threads > 1 { threads * LINES } else { 1 };
    let (mut summary, mut exit, mut lines) = (Summary::new(), Exit::Done, Lines::new(input));
    loop {
        let (mut batch, mut broken) = (vec![], None);
        for line in lines.by_ref().take(most) {
            match line {
                Ok(line) => {
                    progress.inc(line.text.as_ref().map_or(0, |text| text.len() as u64 + 1));
                    batch.push(line);
                }
                Err(error) => broken = Some(error),
            }
        }
        let ended = batch.is_empty() || broken.is_some();
        let answered = stages::answer(batch, &reader, &mut engine, threads);
        if answered.iter().any(|answered| at_fault(&answered.answer)) {
            exit = Exit::Fault;
        }
        if human {
            answered.iter().for_each(|answered| summary.add(answered));
        } else {
            for line in stages::written(&answered, threads)? {
                io.out.write_all(&line)?;
            }
        }
        if let Some(error) = broken {
            writeln!(io.err, "{}", unreadable(&args.requests, &error))?;
            exit = Exit::Fault;
        }
        if ended {
            break;
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
