//! Compiled policies as machine code: [`Native`] runs what [`Verified`] holds, with the same answers as the interpreter.
//!
//! One function of machine code an action. What is done often is written out: words, amounts, comparisons of texts, bits
//! and jumps, on 64-bit integers alone. Everything else is a call of the interpreter's own instruction
//! ([`Machine::step_at`]), on the same registers, so that it has one meaning in one place.
//! Pages are written first and made executable then; never both at once.
//!
//! | module | holds |
//! | --- | --- |
//! | `frame` | what machine code is given, and what it calls |
//! | `translate` | one function to Cranelift's instructions |
//! | `words` | where words stand: in Cranelift's variables, or in their register |
//! | `texts` | texts that are compared with constants |

#![allow(unsafe_code, reason = "machine code is called by its address, and is given addresses of registers")]

mod frame;
mod texts;
mod translate;
mod words;

use cranelift_codegen::settings::{self, Configurable};
use cranelift_jit::{JITBuilder, JITModule};
use cranelift_module::{Linkage, Module, default_libcall_names};
use frame::Entry;
use ordain_vm::fault::Fault;
use ordain_vm::interp::{Interpreter, Machine, Run};
use ordain_vm::program::Place;
use ordain_vm::verify::Verified;
use std::fmt;
use std::mem::ManuallyDrop;

/// A function of more instructions is left to the interpreter: to translate it well takes seconds, and translated fast it is
/// slower than the interpreter (W4b with 10,000 rules: 301 and 82 µs).
const MOST_OPS: usize = 20_000;

/// Programs of more instructions in functions that are translated are translated fast rather than well.
const MOST_OPS_WELL: usize = 100_000;

/// The machine code of a program. It holds no part of the program: a frame may be used with it and without it by turns.
/// Functions of another program are left to the interpreter.
pub struct Native {
    /// [`Verified::number`]
    of: u64,
    /// By function of the program; those that decide nothing have none.
    entries: Vec<Option<Entry>>,
    /// Owns the pages that `entries` lead to; taken where this is dropped.
    module: ManuallyDrop<JITModule>,
}

// SAFETY: behind `new` nothing is written any more, neither the pages nor what the module notes of them.
unsafe impl Send for Native {}
// SAFETY: the same.
unsafe impl Sync for Native {}

/// Why there is no machine code. The interpreter has the same answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoNative(pub String);

impl fmt::Display for NoNative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no machine code: {}", self.0)
    }
}

impl std::error::Error for NoNative {}

impl Native {
    /// Machine code for this processor (x86-64 or aarch64) of what decides each action: with full effort where the
    /// program is of usual size. What decides an action by some thousand rules stays with the interpreter.
    pub fn new(verified: &Verified) -> Result<Native, NoNative> {
        let program = verified.program();
        let ops = program.actions.iter().map(|of| program.functions[of.function as usize].ops.len());
        let ops: usize = ops.filter(|ops| *ops <= MOST_OPS).sum();
        Native::with(verified, if ops > MOST_OPS_WELL { Effort::Little } else { Effort::Full })
    }

    /// The same, with that effort.
    pub fn with(verified: &Verified, effort: Effort) -> Result<Native, NoNative> {
        if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
            return Err(NoNative("this processor is neither x86-64 nor aarch64".into()));
        }
        let program = verified.program();
        let mut numbers: Vec<u32> = program.actions.iter().map(|action| action.function).collect();
        numbers.sort_unstable();
        let module = ManuallyDrop::new(JITModule::new(builder(effort)?));
        // From here on the pages are given back, also where something fails.
        let mut native = Native { of: verified.number(), entries: vec![None; program.functions.len()], module };
        let module = &mut *native.module;
        let mut translator = translate::Translator::new(module);
        let mut defined = vec![];
        for number in numbers {
            if program.functions[number as usize].ops.len() > MOST_OPS {
                continue;
            }
            let id = module
                .declare_function(&format!("decide_{number}"), Linkage::Local, &translator.signature)
                .map_err(|wrong| NoNative(wrong.to_string()))?;
            let context = translator.translate(module, verified, number);
            module.define_function(id, context).map_err(|wrong| NoNative(wrong.to_string()))?;
            module.clear_context(context);
            defined.push((number, id));
        }
        module.finalize_definitions().map_err(|wrong| NoNative(wrong.to_string()))?;
        for (number, id) in defined {
            let code = native.module.get_finalized_function(id);
            // SAFETY: the code was translated with the signature of `Entry`, and lives as long as the module.
            native.entries[number as usize] = Some(unsafe { std::mem::transmute::<*const u8, Entry>(code) });
        }
        Ok(native)
    }
}

/// How much is done for the code to be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    Little,
    Full,
}

fn builder(effort: Effort) -> Result<JITBuilder, NoNative> {
    let mut flags = settings::builder();
    let (level, registers) = match effort {
        Effort::Little => ("none", "single_pass"),
        Effort::Full => ("speed", "backtracking"),
    };
    let wanted = [
        ("opt_level", level),
        ("regalloc_algorithm", registers),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        // It takes more than a third of the time. The tests verify what is translated.
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ];
    for (name, value) in wanted {
        flags.set(name, value).map_err(|wrong| NoNative(wrong.to_string()))?;
    }
    let isa = cranelift_native::builder().map_err(|wrong| NoNative(wrong.to_string()))?;
    let isa = isa.finish(settings::Flags::new(flags)).map_err(|wrong| NoNative(wrong.to_string()))?;
    Ok(JITBuilder::with_isa(isa, default_libcall_names()))
}

impl Run for Native {
    fn run(&self, machine: &mut Machine<'_, '_>) -> Result<(), (Fault, Place)> {
        let entry = self.entries.get(machine.number() as usize).copied().flatten();
        match entry {
            // SAFETY: the code was made of that function of that program; a machine's bits are laid before it runs.
            Some(entry) if self.of == machine.verified().number() => unsafe { frame::enter(entry, machine) },
            Some(_) | None => Interpreter.run(machine),
        }
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").field("functions", &self.entries.iter().flatten().count()).finish_non_exhaustive()
    }
}

impl Drop for Native {
    fn drop(&mut self) {
        // SAFETY: the module is taken once, here. Machine code runs only while `self` is borrowed, so nothing runs now.
        unsafe { ManuallyDrop::take(&mut self.module).free_memory() }
    }
}
