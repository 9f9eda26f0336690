//! `Lines`: a stream cut into lines of bounded length. A line that is too long is told and passed over, never held.
//! Commands iterate over it and answer every item.

use crate::request::InputError;
use std::io::{BufRead, ErrorKind, Result};

/// How many bytes a line may have, without its end.
pub const MAX_LINE: usize = 1 << 20;

/// A line and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// From 1, blank lines counted.
    pub number: u64,
    /// Without its end; or E0605.
    pub text: std::result::Result<Vec<u8>, InputError>,
}

/// The lines of a stream, ended by `\n` or `\r\n`. Lines of nothing but spaces are passed over; every other gets an
/// item, and so an answer. A line of more than [`MAX_LINE`] bytes gets E0605, and the next line follows. An error of
/// the stream itself is the last item.
#[derive(Debug)]
pub struct Lines<R> {
    input: R,
    number: u64,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Lines<R> {
        Lines { input, number: 0, ended: false }
    }

    /// The next line's text, or `None` in it where it is too long; `None` at the end.
    fn line(&mut self) -> Result<Option<Option<Vec<u8>>>> {
        let (mut line, mut started, mut long) = (vec![], false, false);
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            started |= !chunk.is_empty();
            // One byte more than the bound may be the `\r` of the line's end.
            if long || line.len() + part.len() > MAX_LINE + 1 {
                long = true;
                line = vec![];
            } else {
                line.extend_from_slice(part);
            }
            let done = end.is_some() || chunk.is_empty();
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if done {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(started.then_some((!long && line.len() <= MAX_LINE).then_some(line)));
            }
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Numbered>;

    fn next(&mut self) -> Option<Result<Numbered>> {
        while !self.ended {
            let line = match self.line() {
                Ok(Some(line)) => line,
                Ok(None) => {
                    self.ended = true;
                    break;
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            };
            self.number += 1;
            if line.as_ref().is_some_and(|line| line.iter().all(u8::is_ascii_whitespace)) {
                continue;
            }
            let text = line.ok_or_else(too_long);
            return Some(Ok(Numbered { number: self.number, text }));
        }
        None
    }
}

/// E0605
pub(crate) fn too_long() -> InputError {
    InputError::new("E0605", "", format!("The line has more than {MAX_LINE} bytes. Send less in one line."))
}
