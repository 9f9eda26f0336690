//! Bytes as a policy: read, checked, formatted, compiled, verified.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ordain_tests::fuzz::source(bytes));
