//! Bytes as a line of a stream and as an entity store.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    ordain_tests::fuzz::json(bytes);
});
