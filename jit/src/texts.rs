//! Texts of the request beside constants: their bytes are compared eight at a time, in place.

use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::types::I64;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value};
use cranelift_frontend::FunctionBuilder;

/// Longer constants are left to the interpreter's instructions.
pub const MOST_BYTES: usize = 64;

/// Where the constant has to stand in the text.
#[derive(Clone, Copy)]
pub enum Where {
    Whole,
    Start,
    End,
}

/// 1 where the constant stands there, else 0.
pub fn stands(builder: &mut FunctionBuilder<'_>, start: Value, length: Value, constant: &[u8], place: Where) -> Value {
    let count = constant.len() as i64;
    let (look, done) = (builder.create_block(), builder.create_block());
    let result = builder.append_block_param(done, I64);
    let fits = match place {
        Where::Whole => IntCC::Equal,
        Where::Start | Where::End => IntCC::UnsignedGreaterThanOrEqual,
    };
    let fits = builder.ins().icmp_imm_s(fits, length, count);
    let no = builder.ins().iconst(I64, 0);
    builder.ins().brif(fits, look, &[], done, &[no.into()]);
    builder.switch_to_block(look);
    builder.seal_block(look);
    let from = match place {
        Where::Whole | Where::Start => start,
        Where::End => {
            let behind = builder.ins().iadd(start, length);
            builder.ins().iadd_imm_s(behind, -count)
        }
    };
    let same = same_bytes(builder, from, constant);
    builder.ins().jump(done, &[same.into()]);
    builder.switch_to_block(done);
    builder.seal_block(done);
    result
}

/// 1 where the bytes from there on are these; there are that many.
fn same_bytes(builder: &mut FunctionBuilder<'_>, from: Value, bytes: &[u8]) -> Value {
    let width = match bytes.len() {
        0 => return builder.ins().iconst(I64, 1),
        1 => 1,
        2..4 => 2,
        4..8 => 4,
        _ => 8,
    };
    let mut different: Option<Value> = None;
    let last = bytes.len() - width;
    // The last piece overlaps the one before where the length is no multiple.
    let places = (0..last).step_by(width).chain([last]);
    for at in places {
        let (flags, offset) = (MemFlagsData::new().with_notrap(), at as i32);
        let own = match width {
            1 => builder.ins().uload8(I64, flags, from, offset),
            2 => builder.ins().uload16(I64, flags, from, offset),
            4 => builder.ins().uload32(flags, from, offset),
            _ => builder.ins().load(I64, flags, from, offset),
        };
        let wanted = bytes[at..at + width].iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
        let wanted = builder.ins().iconst(I64, wanted as i64);
        let here = builder.ins().bxor(own, wanted);
        different = Some(match different {
            Some(before) => builder.ins().bor(before, here),
            None => here,
        });
    }
    let different = different.unwrap_or(from);
    let same = builder.ins().icmp_imm_s(IntCC::Equal, different, 0);
    builder.ins().uextend(I64, same)
}
