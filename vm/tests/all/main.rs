//! What comes in and what goes out, by example: JSON, values, requests, entities, answers.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is what it is for")]

mod answers;
mod bound;
mod entities;
mod history;
mod json;
mod lines;
mod numbers;
mod origins;
mod requests;
mod schema;
mod times;
mod values;

use ordain_vm::request::InputError;

/// Codes and paths, one a line.
fn told(errors: &[InputError]) -> String {
    errors
        .iter()
        .map(|error| format!("{} {}", error.code, error.path).trim_end().to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
