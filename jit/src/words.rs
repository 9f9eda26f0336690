//! Where words stand while machine code runs. What the request brings is read from its register, constants are written
//! out, and what is worked with stands in a variable of Cranelift's, which it keeps in a register of the processor;
//! unless an instruction touches it that the interpreter runs: then it stands in the machine's register.

use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types::I64};
use cranelift_frontend::{FunctionBuilder, Variable};
use ordain_vm::op::{Gathered, Label, Op, Use, Val, Visit, Wide, Word};
use ordain_vm::program::Function;

pub struct Words {
    /// How many the request fills.
    given: u32,
    constants: Vec<i64>,
    /// By word that is worked with.
    homes: Vec<Option<Variable>>,
}

impl Words {
    /// `interpreted`: which instructions the interpreter runs.
    pub fn new(
        function: &Function,
        given: u32,
        builder: &mut FunctionBuilder<'_>,
        interpreted: impl Fn(&Op) -> bool,
    ) -> Words {
        let work = given + function.words.len() as u32;
        let mut touched = Touched { work, words: vec![false; function.work.words as usize] };
        for op in function.ops.iter().filter(|op| interpreted(op)) {
            op.clone().visit(&mut touched);
        }
        let homes = touched.words.iter().map(|touched| (!touched).then(|| builder.declare_var(I64))).collect();
        Words { given, constants: function.words.clone(), homes }
    }

    /// Every word that is worked with is 0 when the function begins; the machine's are already.
    pub fn begin(&self, builder: &mut FunctionBuilder<'_>) {
        let zero = builder.ins().iconst(I64, 0);
        self.homes.iter().flatten().for_each(|home| builder.def_var(*home, zero));
    }

    fn home(&self, at: Word) -> Option<Variable> {
        let work = self.given as usize + self.constants.len();
        at.index().checked_sub(work).and_then(|at| self.homes.get(at).copied().flatten())
    }

    /// Its value where that is known.
    pub fn constant(&self, at: Word) -> Option<i64> {
        at.0.checked_sub(self.given).and_then(|at| self.constants.get(at as usize).copied())
    }

    pub fn read(&self, at: Word, bank: Value, builder: &mut FunctionBuilder<'_>) -> Value {
        if let Some(constant) = self.constant(at) {
            return builder.ins().iconst(I64, constant);
        }
        match self.home(at) {
            Some(home) => builder.use_var(home),
            None => builder.ins().load(I64, MemFlagsData::trusted(), bank, at.0 as i32 * 8),
        }
    }

    pub fn write(&self, at: Word, value: Value, bank: Value, builder: &mut FunctionBuilder<'_>) {
        match self.home(at) {
            Some(home) => builder.def_var(home, value),
            None => {
                builder.ins().store(MemFlagsData::trusted(), value, bank, at.0 as i32 * 8);
            }
        }
    }
}

/// Which words that are worked with an instruction touches.
struct Touched {
    work: u32,
    words: Vec<bool>,
}

impl Visit for Touched {
    fn word(&mut self, _: Use, at: &mut Word) {
        if let Some(touched) = at.0.checked_sub(self.work).and_then(|at| self.words.get_mut(at as usize)) {
            *touched = true;
        }
    }

    fn wide(&mut self, _: Use, _: &mut Wide) {}
    fn val(&mut self, _: Use, _: &mut Val) {}
    fn slot(&mut self, _: &mut u32) {}
    fn constant(&mut self, _: &mut u32) {}
    fn gathered(&mut self, _: Use, _: &mut Gathered) {}
    fn label(&mut self, _: &mut Label) {}
}
