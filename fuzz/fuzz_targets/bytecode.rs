//! Bytes as the body of a compiled policy: read, verified, run.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ordain_tests::fuzz::bytecode(bytes);
});
