//! One function of a program to Cranelift's instructions: a block wherever something leads, and behind each instruction
//! that can fail the way to its handler.

use crate::frame::{self, ENDED, Frame, ON, OUT, OUTSIDE, OVERFLOW, TEXTS};
use crate::texts::{self, MOST_BYTES, Where};
use crate::words::Words;
use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::{I32, I64};
use cranelift_codegen::ir::{AbiParam, Block, InstBuilder, JumpTableData, MemFlagsData, SigRef, Signature, Value};
use cranelift_codegen::isa::TargetFrontendConfig;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext, Variable};
use cranelift_jit::JITModule;
use cranelift_module::Module;
use ordain_vm::op::{Arith, Cmp, Label, Op, Text, TextTest, Wide, Word};
use ordain_vm::program::{Function, Selection};
use ordain_vm::verify::Verified;
use std::collections::BTreeSet;
use std::mem::offset_of;

/// Bits of so many words stand in variables; of an action with more conditions they go to memory at once.
const MOST_BITS_KEPT: u32 = 4;

/// What is used again from function to function.
pub struct Translator {
    /// Of every function.
    pub signature: Signature,
    context: Context,
    functions: FunctionBuilderContext,
}

impl Translator {
    pub fn new(module: &JITModule) -> Translator {
        let mut signature = module.make_signature();
        signature.params.push(AbiParam::new(I64));
        signature.returns.push(AbiParam::new(I64));
        Translator { signature, context: module.make_context(), functions: FunctionBuilderContext::new() }
    }

    /// Cranelift's instructions for a function that decides an action.
    pub fn translate(&mut self, module: &JITModule, verified: &Verified, number: u32) -> &mut Context {
        self.context.func.signature = self.signature.clone();
        let function = &verified.program().functions[number as usize];
        let layout = verified.layout(function.action as usize).registers;
        let conditions = verified.program().actions[function.action as usize].conditions;
        let mut builder = FunctionBuilder::new(&mut self.context.func, &mut self.functions);
        let calls = Calls::new(module, &mut builder);
        let words = Words::new(function, layout.words, &mut builder, |op| !is_written_out(function, op));
        let mut body = Body::new(builder, function, words, layout.wides, calls);
        body.keep_bits(conditions.div_ceil(32));
        body.write(module.target_config());
        &mut self.context
    }
}

/// The signatures of what machine code calls.
struct Calls {
    step: SigRef,
    fail: SigRef,
    text_in: SigRef,
    word_in: SigRef,
}

impl Calls {
    fn new(module: &JITModule, builder: &mut FunctionBuilder<'_>) -> Calls {
        let mut taking = |count: usize| {
            let mut signature = module.make_signature();
            signature.params.extend(std::iter::repeat_n(AbiParam::new(I64), count));
            signature.returns.push(AbiParam::new(I64));
            builder.import_signature(signature)
        };
        Calls { step: taking(2), fail: taking(3), text_in: taking(4), word_in: taking(3) }
    }
}

/// The constant that a text of the request is compared with here, if machine code does it.
fn beside_constant(function: &Function, of: Text, constant: Text) -> Option<(u32, &[u8])> {
    let (Text::Slot(slot), Text::Const(at)) = (of, constant) else { return None };
    let bytes = function.texts[at as usize].as_bytes();
    ((slot as usize) < TEXTS && bytes.len() <= MOST_BYTES).then_some((slot, bytes))
}

/// True of the instructions for which machine code is written; the others are the interpreter's.
fn is_written_out(function: &Function, op: &Op) -> bool {
    match op {
        Op::Jump { .. } | Op::JumpIf { .. } | Op::JumpIfNot { .. } | Op::Return {} | Op::Seen { .. } => true,
        Op::MoveWord { .. } | Op::MoveWide { .. } | Op::CompareWords { .. } | Op::Not { .. } | Op::Sure { .. } => true,
        Op::CompareWides { .. } | Op::WordIn { .. } | Op::Stand { .. } | Op::Lack { .. } => true,
        Op::Words { how, .. } => matches!(how, Arith::Add | Arith::Subtract),
        Op::Wides { how, .. } => matches!(how, Arith::Add | Arith::Subtract),
        Op::TextIn { of, .. } => matches!(of, Text::Slot(slot) if (*slot as usize) < TEXTS),
        Op::CompareTexts { how: Cmp::Equal | Cmp::NotEqual, left, right, .. } => {
            beside_constant(function, *left, *right).or(beside_constant(function, *right, *left)).is_some()
        }
        Op::TestTexts { how: TextTest::StartsWith | TextTest::EndsWith, of, part, .. } => {
            beside_constant(function, *of, *part).is_some()
        }
        _ => false,
    }
}

/// A function while it is written.
struct Body<'b, 'f> {
    builder: FunctionBuilder<'b>,
    function: &'f Function,
    words: Words,
    calls: Calls,
    /// The first wide that holds a constant.
    given_wides: u32,
    /// By instruction: the block that begins there, where something leads there.
    blocks: Vec<Option<Block>>,
    /// By instruction: where its fault is handled.
    handlers: Vec<Option<u32>>,
    /// `Frame`, and what it holds.
    frame: Value,
    machine: Value,
    words_at: Value,
    wides_at: Value,
    bits_at: Value,
    /// By word of bits, where they stand in variables until the end.
    bits: Vec<Variable>,
    /// Which blocks of bits were touched, where they do not stand in variables.
    touched: Variable,
    /// Leaves the function with what it is given.
    exit: Block,
    /// By selection: the block that goes on at one of its rules.
    selections: Vec<Option<Block>>,
}

impl<'b, 'f> Body<'b, 'f> {
    fn new(
        mut builder: FunctionBuilder<'b>,
        function: &'f Function,
        words: Words,
        given_wides: u32,
        calls: Calls,
    ) -> Body<'b, 'f> {
        let entry = builder.create_block();
        builder.append_block_params_for_function_params(entry);
        builder.switch_to_block(entry);
        builder.seal_block(entry);
        let frame = builder.block_params(entry)[0];
        let mut field = |at: usize| builder.ins().load(I64, MemFlagsData::trusted().with_readonly(), frame, at as i32);
        let (machine, words_at) = (field(offset_of!(Frame, machine)), field(offset_of!(Frame, words)));
        let (wides_at, bits_at) = (field(offset_of!(Frame, wides)), field(offset_of!(Frame, bits)));
        words.begin(&mut builder);
        // What leads forwards makes its block on the way, and only where something leads.
        let mut leads = BTreeSet::new();
        let back = function.ops.iter().zip(0..).filter_map(|(op, at)| op.label().filter(|label| label.0 <= at));
        leads.extend(back.map(|label| label.0));
        let targets = function.selections.iter().flat_map(|selection| &selection.targets);
        leads.extend(targets.copied().filter(|target| *target != Selection::END));
        let mut blocks = vec![None; function.ops.len()];
        leads.into_iter().for_each(|at| blocks[at as usize] = Some(builder.create_block()));
        let exit = builder.create_block();
        builder.append_block_param(exit, I64);
        let (bits, selections) = (vec![], vec![None; function.selections.len()]);
        let mut handlers = vec![None; function.ops.len()];
        // The innermost stand first and have the last word.
        for region in function.regions.iter().rev() {
            handlers[region.from as usize..region.to as usize].fill(Some(region.handler));
        }
        let touched = builder.declare_var(I64);
        let zero = builder.ins().iconst(I64, 0);
        builder.def_var(touched, zero);
        Body {
            handlers,
            touched,
            exit,
            selections,
            builder,
            function,
            words,
            calls,
            given_wides,
            blocks,
            frame,
            machine,
            words_at,
            wides_at,
            bits_at,
            bits,
        }
    }

    /// So many words of bits, which are 0 when the function begins.
    fn keep_bits(&mut self, count: u32) {
        if count <= MOST_BITS_KEPT {
            self.bits = (0..count).map(|_| self.builder.declare_var(I64)).collect();
            let zero = self.builder.ins().iconst(I64, 0);
            self.bits.iter().for_each(|bits| self.builder.def_var(*bits, zero));
        }
    }

    fn write(mut self, config: TargetFrontendConfig) {
        let mut reached = true;
        for (at, op) in self.function.ops.iter().enumerate() {
            if let Some(block) = self.blocks[at] {
                if reached {
                    self.builder.ins().jump(block, &[]);
                }
                self.builder.switch_to_block(block);
                reached = true;
            }
            // What nothing leads to is not written.
            if reached {
                reached = self.op(at as u32, op);
            }
        }
        for (block, selection) in std::mem::take(&mut self.selections).into_iter().zip(&self.function.selections) {
            let Some(block) = block else { continue };
            let place = self.builder.append_block_param(block, I64);
            self.builder.switch_to_block(block);
            self.choose(place, &selection.targets);
        }
        self.write_exit();
        self.builder.seal_all_blocks();
        self.builder.finalize(config);
    }

    /// Writes an instruction. False where the run does not go on behind it.
    fn op(&mut self, at: u32, op: &Op) -> bool {
        if let Op::SelectText { to: cursor, selection, done, .. }
        | Op::SelectWord { to: cursor, selection, done, .. }
        | Op::Next { at: cursor, selection, done } = op
        {
            return self.selected(at, *cursor, *selection, *done);
        }
        if !is_written_out(self.function, op) {
            return self.interpreted(at, op);
        }
        match op {
            Op::Jump { label } => {
                let to = self.block(label.0);
                self.builder.ins().jump(to, &[]);
                return false;
            }
            Op::JumpIf { of, label } => self.branch(*of, label.0, true),
            Op::JumpIfNot { of, label } => self.branch(*of, label.0, false),
            Op::Return {} => {
                self.leave(ENDED);
                return false;
            }
            Op::Seen { at, of } => self.seen(*at, *of),
            Op::MoveWord { to, of } => {
                let value = self.word(*of);
                self.set(*to, value);
            }
            Op::MoveWide { to, of } => {
                let value = self.wide(*of);
                self.set_wide(*to, value);
            }
            Op::CompareWords { how, to, left, right } => {
                let (left, right) = (self.word(*left), self.word(*right));
                let holds = self.builder.ins().icmp(signed(*how), left, right);
                self.tell(*to, holds);
            }
            Op::Not { to, of } => {
                let of = self.word(*of);
                let holds = self.builder.ins().icmp_imm_s(IntCC::Equal, of, 0);
                self.tell(*to, holds);
            }
            Op::Sure { of } => {
                let of = self.word(*of);
                let fails = self.builder.ins().icmp_imm_s(IntCC::Equal, of, 0);
                self.fails_where(fails, at, OUTSIDE);
            }
            Op::CompareWides { how, to, left, right } => self.compare_wides(*how, *to, *left, *right),
            Op::WordIn { to, of, set } => {
                let (of, set) = (self.word(*of), self.builder.ins().iconst(I64, i64::from(*set)));
                let holds =
                    self.call(self.calls.word_in, frame::word_in as *const () as usize, &[self.machine, of, set]);
                self.set(*to, holds);
            }
            Op::Words { how, to, left, right } => {
                let (left, right) = (self.word(*left), self.word(*right));
                let (result, wrong) = self.sum(*how, left, right);
                self.fails_where(wrong, at, OVERFLOW);
                self.set(*to, result);
            }
            Op::Stand { rule, stance } => {
                self.tell_machine(frame::stand as *const () as usize, *rule, frame::stance_number(*stance));
            }
            Op::Lack { rule, requirement } => {
                self.tell_machine(frame::lack as *const () as usize, *rule, *requirement);
            }
            Op::Wides { how, to, left, right } => self.wide_sum(at, *how, *to, *left, *right),
            Op::TextIn { to, of, set } => {
                let Text::Slot(slot) = of else { return true };
                let ((start, length), set) = (self.text(*slot), self.builder.ins().iconst(I64, i64::from(*set)));
                let with = [self.machine, start, length, set];
                let holds = self.call(self.calls.text_in, frame::text_in as *const () as usize, &with);
                self.set(*to, holds);
            }
            Op::CompareTexts { how, to, left, right } => {
                let (one, other) = (*left, *right);
                let pair = beside_constant(self.function, one, other).or(beside_constant(self.function, other, one));
                let Some((slot, bytes)) = pair else { return true };
                let (start, length) = self.text(slot);
                let same = texts::stands(&mut self.builder, start, length, bytes, Where::Whole);
                let same = match how {
                    Cmp::NotEqual => self.builder.ins().bxor_imm_s(same, 1),
                    _ => same,
                };
                self.set(*to, same);
            }
            Op::TestTexts { how, to, of, part } => {
                let Some((slot, bytes)) = beside_constant(self.function, *of, *part) else { return true };
                let (start, length) = self.text(slot);
                let place = if *how == TextTest::EndsWith { Where::End } else { Where::Start };
                let holds = texts::stands(&mut self.builder, start, length, bytes, place);
                self.set(*to, holds);
            }
            _ => return self.interpreted(at, op),
        }
        true
    }

    // Where the run goes on

    fn block(&mut self, at: u32) -> Block {
        match self.blocks[at as usize] {
            Some(block) => block,
            None => *self.blocks[at as usize].insert(self.builder.create_block()),
        }
    }

    /// Writes on in a block to which everything leads that ever will.
    fn go_on_at(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.builder.seal_block(block);
    }

    /// Jumps where the word is true, or where it is not.
    fn branch(&mut self, of: Word, label: u32, when: bool) {
        let (of, to, on) = (self.word(of), self.block(label), self.builder.create_block());
        let (then, otherwise) = if when { (to, on) } else { (on, to) };
        self.builder.ins().brif(of, then, &[], otherwise, &[]);
        self.go_on_at(on);
    }

    fn leave(&mut self, how: i64) {
        let how = self.builder.ins().iconst(I64, how);
        self.builder.ins().jump(self.exit, &[how.into()]);
    }

    /// Leaves the function; bits that stood in variables go to those that calls have set.
    fn write_exit(&mut self) {
        self.builder.switch_to_block(self.exit);
        for (at, bits) in self.bits.iter().enumerate() {
            let kept = self.builder.use_var(*bits);
            let there = self.builder.ins().load(I64, MemFlagsData::trusted(), self.bits_at, at as i32 * 8);
            let all = self.builder.ins().bor(kept, there);
            self.builder.ins().store(MemFlagsData::trusted(), all, self.bits_at, at as i32 * 8);
        }
        let touched = match self.bits.is_empty() {
            true => self.builder.use_var(self.touched),
            // They are all in the first block.
            false => self.builder.ins().iconst(I64, 1),
        };
        let at = offset_of!(Frame, touched) as i32;
        let at = self.builder.ins().load(I64, MemFlagsData::trusted().with_readonly(), self.frame, at);
        let before = self.builder.ins().load(I64, MemFlagsData::trusted(), at, 0);
        let touched = self.builder.ins().bor(before, touched);
        self.builder.ins().store(MemFlagsData::trusted(), touched, at, 0);
        let how = self.builder.block_params(self.exit)[0];
        self.builder.ins().return_(&[how]);
    }

    fn call(&mut self, signature: SigRef, address: usize, with: &[Value]) -> Value {
        let address = self.builder.ins().iconst(I64, address as i64);
        let call = self.builder.ins().call_indirect(signature, address, with);
        self.builder.inst_results(call)[0]
    }

    /// A call that only tells: it never fails, and the run goes on behind it.
    fn tell_machine(&mut self, address: usize, rule: u32, what: u32) {
        let (rule, what) =
            (self.builder.ins().iconst(I64, i64::from(rule)), self.builder.ins().iconst(I64, i64::from(what)));
        self.call(self.calls.fail, address, &[self.machine, rule, what]);
    }

    /// On at a rule that was looked up, or at `done`.
    fn selected(&mut self, at: u32, cursor: Word, selection: u32, done: Label) -> bool {
        let number = self.builder.ins().iconst(I64, i64::from(at));
        let went = self.call(self.calls.step, frame::step as *const () as usize, &[self.machine, number]);
        let (block, end) = (self.selection(selection), self.block(done.0));
        let cursor = self.word(cursor);
        let ends = self.builder.ins().icmp_imm_s(IntCC::Equal, went, i64::from(done.0));
        self.builder.ins().brif(ends, end, &[], block, &[cursor.into()]);
        false
    }

    /// The block that is given a place among the targets of a selection, and goes on there.
    fn selection(&mut self, number: u32) -> Block {
        *self.selections[number as usize].get_or_insert_with(|| self.builder.create_block())
    }

    /// Goes on at the target in that place, which is none but of a program that changes it by itself.
    fn choose(&mut self, place: Value, targets: &[u32]) {
        let (index, none) = (self.builder.ins().ireduce(I32, place), self.builder.create_block());
        let mut to = |block: Block| self.builder.func.dfg.block_call(block, &[]);
        let default = to(none);
        let blocks: Vec<_> =
            targets.iter().map(|target| self.blocks.get(*target as usize).copied().flatten()).collect();
        let calls: Vec<_> = blocks.into_iter().map(|block| to(block.unwrap_or(none))).collect();
        let table = self.builder.create_jump_table(JumpTableData::new(default, &calls));
        self.builder.ins().br_table(index, table);
        self.builder.switch_to_block(none);
        self.leave(OUT);
    }

    /// An instruction that the interpreter runs: on behind it, at its label, or at the handler of its fault.
    fn interpreted(&mut self, at: u32, op: &Op) -> bool {
        let number = self.builder.ins().iconst(I64, i64::from(at));
        let went = self.call(self.calls.step, frame::step as *const () as usize, &[self.machine, number]);
        let label = op.label().map(|label| label.0);
        let (on, elsewhere) = (self.builder.create_block(), self.builder.create_block());
        let goes_on = self.builder.ins().icmp_imm_s(IntCC::Equal, went, ON);
        self.builder.ins().brif(goes_on, on, &[], elsewhere, &[]);
        self.go_on_at(elsewhere);
        match label {
            None => self.builder.set_cold_block(elsewhere),
            Some(label) => {
                let (to, fault) = (self.block(label), self.builder.create_block());
                let jumps = self.builder.ins().icmp_imm_s(IntCC::Equal, went, i64::from(label));
                self.builder.ins().brif(jumps, to, &[], fault, &[]);
                self.go_on_at(fault);
            }
        }
        self.handle(at);
        self.go_on_at(on);
        true
    }

    /// The instruction has failed where that is true.
    fn fails_where(&mut self, wrong: Value, at: u32, fault: u64) {
        let (fails, on) = (self.builder.create_block(), self.builder.create_block());
        self.builder.ins().brif(wrong, fails, &[], on, &[]);
        self.builder.set_cold_block(fails);
        self.go_on_at(fails);
        let (number, fault) =
            (self.builder.ins().iconst(I64, i64::from(at)), self.builder.ins().iconst(I64, fault as i64));
        self.call(self.calls.fail, frame::fail as *const () as usize, &[self.machine, number, fault]);
        self.handle(at);
        self.go_on_at(on);
    }

    /// On where a fault of that instruction is handled; the machine has noted it.
    fn handle(&mut self, at: u32) {
        match self.handlers[at as usize] {
            Some(handler) => {
                let handler = self.block(handler);
                self.builder.ins().jump(handler, &[]);
            }
            None => self.leave(OUT),
        }
    }

    // Registers

    fn word(&mut self, at: Word) -> Value {
        self.words.read(at, self.words_at, &mut self.builder)
    }

    fn set(&mut self, to: Word, value: Value) {
        self.words.write(to, value, self.words_at, &mut self.builder);
    }

    /// 1 or 0.
    fn tell(&mut self, to: Word, holds: Value) {
        let value = self.builder.ins().uextend(I64, holds);
        self.set(to, value);
    }

    /// The lower half and the upper.
    fn wide(&mut self, at: Wide) -> [Value; 2] {
        let constant = at.0.checked_sub(self.given_wides).and_then(|at| self.function.wides.get(at as usize));
        if let Some(wide) = constant {
            let halves = [*wide as i64, (*wide >> 64) as i64];
            return halves.map(|half| self.builder.ins().iconst(I64, half));
        }
        let at = at.0 as i32 * 16;
        [at, at + 8].map(|at| self.builder.ins().load(I64, MemFlagsData::trusted(), self.wides_at, at))
    }

    fn set_wide(&mut self, to: Wide, [low, high]: [Value; 2]) {
        let at = to.0 as i32 * 16;
        self.builder.ins().store(MemFlagsData::trusted(), low, self.wides_at, at);
        self.builder.ins().store(MemFlagsData::trusted(), high, self.wides_at, at + 8);
    }

    /// Where it starts, and how many bytes it has.
    fn text(&mut self, slot: u32) -> (Value, Value) {
        let at = offset_of!(Frame, texts) + slot as usize * size_of::<frame::Text>();
        let mut part =
            |at: usize| self.builder.ins().load(I64, MemFlagsData::trusted().with_readonly(), self.frame, at as i32);
        (part(at + offset_of!(frame::Text, start)), part(at + offset_of!(frame::Text, length)))
    }

    fn seen(&mut self, condition: u32, of: Word) {
        let (place, shift) = (condition / 32, i64::from(condition % 32 * 2));
        let of = self.word(of);
        let holds = self.builder.ins().icmp_imm_s(IntCC::NotEqual, of, 0);
        let holds = self.builder.ins().uextend(I64, holds);
        let holds = self.builder.ins().ishl_imm_s(holds, shift + 1);
        let seen = self.builder.ins().iconst(I64, 1_i64 << shift);
        let both = self.builder.ins().bor(holds, seen);
        match self.bits.get(place as usize).copied() {
            Some(bits) => {
                let before = self.builder.use_var(bits);
                let all = self.builder.ins().bor(before, both);
                self.builder.def_var(bits, all);
            }
            None => {
                let touched = self.builder.use_var(self.touched);
                let block = self.builder.ins().iconst(I64, 1_i64 << (place / 64 % 64));
                let touched = self.builder.ins().bor(touched, block);
                self.builder.def_var(self.touched, touched);
                let at = place as i32 * 8;
                let before = self.builder.ins().load(I64, MemFlagsData::trusted(), self.bits_at, at);
                let all = self.builder.ins().bor(before, both);
                self.builder.ins().store(MemFlagsData::trusted(), all, self.bits_at, at);
            }
        }
    }

    // Numbers

    fn compare_wides(&mut self, how: Cmp, to: Word, left: Wide, right: Wide) {
        let ([low, high], [other_low, other_high]) = (self.wide(left), self.wide(right));
        let holds = match how {
            Cmp::Equal | Cmp::NotEqual => {
                let (low, high) = (self.builder.ins().bxor(low, other_low), self.builder.ins().bxor(high, other_high));
                let different = self.builder.ins().bor(low, high);
                self.builder.ins().icmp_imm_s(signed(how), different, 0)
            }
            Cmp::Less | Cmp::LessOrEqual | Cmp::Greater | Cmp::GreaterOrEqual => {
                let strict = match how {
                    Cmp::Less | Cmp::LessOrEqual => IntCC::SignedLessThan,
                    _ => IntCC::SignedGreaterThan,
                };
                let below = match how {
                    Cmp::Less => IntCC::UnsignedLessThan,
                    Cmp::LessOrEqual => IntCC::UnsignedLessThanOrEqual,
                    Cmp::Greater => IntCC::UnsignedGreaterThan,
                    _ => IntCC::UnsignedGreaterThanOrEqual,
                };
                let above = self.builder.ins().icmp(strict, high, other_high);
                let same = self.builder.ins().icmp(IntCC::Equal, high, other_high);
                let below = self.builder.ins().icmp(below, low, other_low);
                let below = self.builder.ins().band(same, below);
                self.builder.ins().bor(above, below)
            }
        };
        self.tell(to, holds);
    }

    /// The sum or difference, and a number that is not 0 where it does not fit.
    fn sum(&mut self, how: Arith, left: Value, right: Value) -> (Value, Value) {
        let result = match how {
            Arith::Subtract => self.builder.ins().isub(left, right),
            _ => self.builder.ins().iadd(left, right),
        };
        (result, self.overflows(how, left, right, result))
    }

    /// True where the signs say that a sum or difference does not fit.
    fn overflows(&mut self, how: Arith, left: Value, right: Value, result: Value) -> Value {
        let (one, other) = match how {
            Arith::Subtract => (self.builder.ins().bxor(left, right), self.builder.ins().bxor(left, result)),
            _ => (self.builder.ins().bxor(left, result), self.builder.ins().bxor(right, result)),
        };
        let both = self.builder.ins().band(one, other);
        self.builder.ins().icmp_imm_s(IntCC::SignedLessThan, both, 0)
    }

    fn wide_sum(&mut self, at: u32, how: Arith, to: Wide, left: Wide, right: Wide) {
        let ([low, high], [other_low, other_high]) = (self.wide(left), self.wide(right));
        let (sum, upper, carry) = match how {
            Arith::Subtract => {
                let sum = self.builder.ins().isub(low, other_low);
                let upper = self.builder.ins().isub(high, other_high);
                (sum, upper, self.builder.ins().icmp(IntCC::UnsignedLessThan, low, other_low))
            }
            _ => {
                let sum = self.builder.ins().iadd(low, other_low);
                let upper = self.builder.ins().iadd(high, other_high);
                (sum, upper, self.builder.ins().icmp(IntCC::UnsignedLessThan, sum, low))
            }
        };
        let carry = self.builder.ins().uextend(I64, carry);
        let upper = match how {
            Arith::Subtract => self.builder.ins().isub(upper, carry),
            _ => self.builder.ins().iadd(upper, carry),
        };
        let wrong = self.overflows(how, high, other_high, upper);
        self.fails_where(wrong, at, OVERFLOW);
        self.set_wide(to, [sum, upper]);
    }
}

fn signed(how: Cmp) -> IntCC {
    match how {
        Cmp::Equal => IntCC::Equal,
        Cmp::NotEqual => IntCC::NotEqual,
        Cmp::Less => IntCC::SignedLessThan,
        Cmp::LessOrEqual => IntCC::SignedLessThanOrEqual,
        Cmp::Greater => IntCC::SignedGreaterThan,
        Cmp::GreaterOrEqual => IntCC::SignedGreaterThanOrEqual,
    }
}
