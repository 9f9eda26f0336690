//! Lines to answers in stages: read and written by as many threads as are wanted, decided by one, in the order of the
//! stream, since what one line did is the past of the next.

use crate::engine::Engine;
use ordain_vm::answer::Answer;
use ordain_vm::json::Numbered;
use ordain_vm::request::{Line, Malformed, Reader};
use std::time::{Duration, Instant};

/// An answer, and how long it took from the line's text on.
pub struct Answered {
    pub number: u64,
    pub answer: Answer,
    pub took: Duration,
}

/// Answers lines that follow one another in the stream.
pub fn answer(lines: Vec<Numbered>, reader: &Reader<'_>, engine: &mut Engine, threads: usize) -> Vec<Answered> {
    let read = spread(threads, lines, |line| {
        let start = clock();
        let read = line.text.map_err(Malformed::from).and_then(|text| reader.line(&text));
        (line.number, read, start.elapsed())
    });
    read.into_iter().map(|(number, read, reading)| decide(number, read, reading, engine)).collect()
}

fn decide(number: u64, read: Result<Line, Malformed>, reading: Duration, engine: &mut Engine) -> Answered {
    let start = clock();
    let answer = match read {
        Ok(line) => engine.answer(line),
        Err(line) => Answer::malformed(line),
    };
    Answered { number, answer, took: reading + start.elapsed() }
}

/// Each answer as a line of JSON.
pub fn written(answered: &[Answered], threads: usize) -> serde_json::Result<Vec<Vec<u8>>> {
    let lines = spread(threads, answered.iter().collect(), |answered: &Answered| {
        let mut line = serde_json::to_vec(&answered.answer)?;
        line.push(b'\n');
        Ok(line)
    });
    lines.into_iter().collect()
}

/// What `work` makes of each, in their order, by so many threads.
fn spread<T: Send, R: Send>(threads: usize, mut all: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    if threads < 2 || all.len() < 2 {
        return all.into_iter().map(work).collect();
    }
    let share = all.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let mut parts = vec![];
        while !all.is_empty() {
            let rest = all.split_off(share.min(all.len()));
            let (part, work) = (std::mem::replace(&mut all, rest), &work);
            parts.push(scope.spawn(move || part.into_iter().map(work).collect::<Vec<R>>()));
        }
        let done = |part: std::thread::ScopedJoinHandle<'_, Vec<R>>| {
            part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        parts.into_iter().flat_map(done).collect()
    })
}

/// For the summary alone; no answer depends on it.
#[allow(clippy::disallowed_methods, reason = "how long answers take is measured; no answer reads it")]
pub fn clock() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept() {
        for threads in 1..5 {
            for count in [0, 1, 2, 3, 7, 100] {
                let all: Vec<usize> = (0..count).collect();
                assert_eq!(
                    spread(threads, all.clone(), |one| one * 2),
                    all.iter().map(|one| one * 2).collect::<Vec<_>>()
                );
            }
        }
    }
}
