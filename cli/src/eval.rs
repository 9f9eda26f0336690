//! `ordain eval`: one request, one decision, as JSON made to be read.

use crate::args::{self, Eval, OnPermit};
use crate::engine::{Engine, at_odds};
use crate::{Exit, Io, replay};
use ordain_package::unreadable;
use ordain_vm::answer::Answer;
use ordain_vm::json::MAX_LINE;
use ordain_vm::request::Reader;
use std::io::Read;

pub fn run(args: &Eval, io: &mut Io<'_>) -> std::io::Result<Exit> {
    if at_odds(&args.running, io)? {
        return Ok(Exit::Usage);
    }
    let Some((checked, mut running)) = args.running.ready(&args.path, io)? else { return Ok(Exit::Fault) };
    let mut bytes = vec![];
    let read = if args.request.as_os_str() == "-" {
        io.input.take(MAX_LINE as u64 + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(&args.request).and_then(|file| file.take(MAX_LINE as u64 + 1).read_to_end(&mut bytes))
    };
    if let Err(error) = read {
        writeln!(io.err, "{}", unreadable(&args.request, &error))?;
        return Ok(Exit::Fault);
    }
    let engine = Engine::of(&args.running, args::Engine::Vm, OnPermit::Perform, checked, &mut running, &args.path, io)?;
    let Some(mut engine) = engine else { return Ok(Exit::Fault) };
    let reader = Reader {
        schema: &running.schema,
        store: running.store.clone(),
        from_request: running.from_request,
        now: args.running.now,
    };
    let answer = match reader.line(&bytes) {
        Ok(line) => engine.answer(line),
        Err(line) => Answer::malformed(line),
    };
    let exit = if replay::at_fault(&answer) { Exit::Fault } else { Exit::Done };
    serde_json::to_writer_pretty(&mut *io.out, &answer)?;
    writeln!(io.out)?;
    Ok(exit)
}
