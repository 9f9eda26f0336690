//! The engine that decides: the program of the package, by machine code or by the interpreter, or the reference engine.
//! Answers are the same.

use crate::Io;
use crate::{args, uncompiled};
use clap::ValueEnum;
use ordain_compiler::analysis::Checked;
use ordain_compiler::emit::emit;
use ordain_jit::Native;
use ordain_package::{Running, Uncompiled};
use ordain_reference as reference;
use ordain_stdlib::Standard;
use ordain_vm::answer::Answer;
use ordain_vm::engine::{self as program, Work};
use ordain_vm::history::{Bounds, MemoryHistory};
use ordain_vm::request::Line;
use ordain_vm::verify::{Verified, verify};
use std::path::Path;
use std::sync::Arc;

/// Only the reference engine can say why.
pub fn at_odds(wanted: &args::Running, io: &mut Io<'_>) -> std::io::Result<bool> {
    let other = wanted.engine.filter(|engine| wanted.explain && *engine != args::Engine::Reference);
    if let Some(name) = other.and_then(|engine| engine.to_possible_value()) {
        writeln!(io.err, "error: --explain needs the reference engine; leave `--engine {}` out", name.get_name())?;
    }
    Ok(other.is_some())
}

pub enum Engine {
    Program(Box<program::Engine<MemoryHistory>>, Box<Work>),
    Reference(Box<reference::Engine>, reference::Options),
}

impl Engine {
    /// The one that is wanted; nothing where it can't be had, which has been printed. Where none is named it is `usual`, save
    /// that only the reference engine says why.
    pub fn of(
        wanted: &args::Running,
        usual: args::Engine,
        on_permit: args::OnPermit,
        checked: Arc<Checked>,
        running: &mut Running,
        path: &Path,
        io: &mut Io<'_>,
    ) -> std::io::Result<Option<Engine>> {
        let data = std::mem::take(&mut running.data);
        let named = wanted.engine.unwrap_or(if wanted.explain { args::Engine::Reference } else { usual });
        if named == args::Engine::Reference {
            let on_permit = match on_permit {
                args::OnPermit::Perform => reference::OnPermit::Perform,
                args::OnPermit::Reserve => reference::OnPermit::Reserve,
            };
            let options = reference::Options { on_permit, explain: wanted.explain };
            return Ok(Some(Engine::Reference(Box::new(reference::Engine::new(checked, data)), options)));
        }
        let verified = match running.compiled.take() {
            Some(compiled) => Ok(compiled.verified),
            None => verified(&checked),
        };
        let verified = match verified {
            Ok(verified) => verified,
            Err(uncompiled) => {
                uncompiled::print(&uncompiled, path, &checked, "`--engine reference` decides it", io)?;
                return Ok(None);
            }
        };
        let mut program = program::Runnable::from(Arc::new(verified));
        if named == args::Engine::Jit {
            match Native::new(&program.verified) {
                Ok(native) => program.run = Arc::new(native),
                // Where nobody asked for it, the interpreter answers the same.
                Err(_) if wanted.engine.is_none() => {}
                Err(none) => {
                    writeln!(io.err, "error: {none}; `--engine vm` answers the same")?;
                    return Ok(None);
                }
            }
        }
        let on_permit = match on_permit {
            args::OnPermit::Perform => program::OnPermit::Perform,
            args::OnPermit::Reserve => program::OnPermit::Reserve,
        };
        // A stream that is replayed ends: its sessions and keys are held whole, as the reference engine holds them.
        let bounds = Bounds { max_sessions: usize::MAX, ..Bounds::default() };
        let options = program::Options { on_permit, max_keys: usize::MAX, say: true };
        let engine = program::Engine::new(program, data, MemoryHistory::new(bounds), options);
        Ok(Some(Engine::Program(Box::new(engine), Box::default())))
    }

    /// Decides a request, or records what the line says.
    pub fn answer(&mut self, line: Line) -> Answer {
        match self {
            Engine::Program(engine, work) => engine.tell(line, work),
            Engine::Reference(engine, options) => engine.answer(line, *options),
        }
    }
}

fn verified(checked: &Checked) -> Result<Verified, Uncompiled> {
    let program = emit(checked).map_err(Uncompiled::Parts)?;
    verify(program, &Standard).map_err(|refusal| Uncompiled::Whole(refusal.to_string()))
}
