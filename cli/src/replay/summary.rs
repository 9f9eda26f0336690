//! What `replay` says on a terminal: how many lines, what became of them, by which rules, what was wrong, and how long it
//! took.

use super::latency::Latency;
use super::stages::{Answered, clock};
use crate::check::counted;
use ordain_vm::answer::{Answer, Verdict};
use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

pub struct Summary {
    start: Instant,
    /// From a line's text to its answer.
    latency: Latency,
    lines: usize,
    verdicts: BTreeMap<Verdict, usize>,
    recorded: usize,
    /// By verdict, policy and rule.
    rules: BTreeMap<(Verdict, String), usize>,
    duties: BTreeMap<String, usize>,
    /// By code: how often; the line and message of the first.
    problems: BTreeMap<String, (usize, u64, String)>,
}

impl Summary {
    pub fn new() -> Summary {
        Summary {
            start: clock(),
            latency: Latency::default(),
            lines: 0,
            verdicts: BTreeMap::new(),
            recorded: 0,
            rules: BTreeMap::new(),
            duties: BTreeMap::new(),
            problems: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, answered: &Answered) {
        let (line, answer) = (answered.number, &answered.answer);
        self.latency.add(answered.took);
        self.lines += 1;
        let problems = match answer {
            Answer::Decision(decided) => {
                let detail = &decided.context;
                *self.verdicts.entry(detail.verdict).or_default() += 1;
                for rule in &detail.rules {
                    let name = if rule.policy.is_empty() {
                        rule.rule.to_string()
                    } else {
                        format!("{}.{}", rule.policy, rule.rule)
                    };
                    *self.rules.entry((detail.verdict, name)).or_default() += 1;
                }
                for duty in &detail.duties {
                    *self.duties.entry(duty.duty.to_string()).or_default() += 1;
                }
                &detail.errors
            }
            Answer::Recorded { warnings, .. } => {
                self.recorded += 1;
                warnings
            }
            Answer::Refused { error, .. } => std::slice::from_ref(error),
        };
        for problem in problems {
            self.problems.entry(problem.code.to_string()).or_insert((0, line, problem.message.clone())).0 += 1;
        }
    }

    pub fn write(&self, out: &mut dyn Write) -> std::io::Result<()> {
        writeln!(out, "{}", counted(self.lines, "line"))?;
        for (verdict, count) in &self.verdicts {
            let word = match verdict {
                Verdict::Permit => "permitted",
                Verdict::Escalate => "escalated",
                Verdict::Deny => "denied",
                Verdict::Recorded => "events",
            };
            writeln!(out, "{count:>8}  {word}")?;
            for ((_, rule), count) in self.rules.iter().filter(|((of, _), _)| of == verdict) {
                writeln!(out, "{count:>16}  by {rule}")?;
            }
        }
        if self.recorded > 0 {
            writeln!(out, "{:>8}  recorded", self.recorded)?;
        }
        for (duty, count) in &self.duties {
            writeln!(out, "{count:>8}  duties to {duty}")?;
        }
        for (code, (count, line, message)) in &self.problems {
            let first = if *count > 1 { "first in line" } else { "line" };
            writeln!(out, "{count:>8}  {code}, {first} {line}: {}", crate::complaint::shown(message))?;
        }
        self.write_times(out)
    }

    fn write_times(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let decisions: usize = self.verdicts.values().sum();
        if decisions == 0 {
            return Ok(());
        }
        let a_second = decisions as f64 / self.start.elapsed().as_secs_f64().max(1e-9);
        writeln!(out, "{a_second:>8.0}  decisions a second; from a line to its answer {}", self.latency)
    }
}
