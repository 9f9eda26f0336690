//! A new version of a policy is swapped in while a thread decides. What was paid before counts for it, too, and every
//! outcome names the version that it was decided by.

use ordain::{Engine, Instant, NotLoaded, Policy, Verdict, Version};
use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

/// A version of the policy, with what an agent may spend in a day.
fn policy(version: &str, most: u32) -> Result<Policy, Box<dyn Error>> {
    let text = format!(
        "entity Agent\naction pay by Agent {{ amount: int }}\npolicy desk {{\n  version {version}\n  \
         rule all on pay {{ permit }}\n  \
         limit daily on pay {{ sum of amount per actor within 24 hours at most {most} }}\n}}\n"
    );
    Ok(Policy::compile_text(&text)?)
}

/// What was permitted by each version, by its name, from the first on.
pub fn run() -> Result<Vec<(String, u32)>, Box<dyn Error>> {
    let (old, new) = (policy("1.0.0", 100)?, policy("1.1.0", 250)?);
    let engine = Engine::new(&old)?;
    let now = Instant::parse("2026-03-03T15:00:00Z").ok_or("no time")?;
    let (refused, decided) = (AtomicBool::new(false), AtomicBool::new(false));
    let permitted = std::thread::scope(|scope| {
        let deciding = scope.spawn(|| -> Result<Vec<(String, u32)>, String> {
            let (mut worker, mut permitted) = (engine.worker(), Vec::<(String, u32)>::new());
            for _ in 0..1_000_000 {
                let request = engine.request("pay").actor("Agent", "a-1").arg("amount", 1).time(now).build();
                let outcome = worker.decide(&request.map_err(|error| error.to_string())?);
                let by = outcome.versions().first().map(Version::to_string).unwrap_or_default();
                match outcome.verdict() {
                    Verdict::Permit if permitted.last().is_some_and(|(last, _)| *last == by) => {
                        permitted.iter_mut().rev().take(1).for_each(|(_, count)| *count += 1);
                    }
                    Verdict::Permit => permitted.push((by, 1)),
                    // The old version has no more to give: it waits for the new one. That one has no more, either.
                    Verdict::Deny if by == "desk 1.0.0" => refused.store(true, SeqCst),
                    Verdict::Deny | Verdict::Escalate | Verdict::Recorded => break,
                }
            }
            decided.store(true, SeqCst);
            Ok(permitted)
        });
        while !refused.load(SeqCst) && !decided.load(SeqCst) {
            std::thread::yield_now();
        }
        let loaded = engine.load(&new).map_err(|error| error.to_string());
        let permitted = deciding.join().unwrap_or_else(|_| Err("the thread panicked".to_string()));
        loaded.and(permitted)
    })?;
    assert_eq!(engine.policy_digest(), new.digest());
    // A policy that declares something else has nothing to do with what was recorded.
    let other = Policy::compile_text("action look\npolicy desk { rule all on look { permit } }")?;
    assert_eq!(engine.load(&other), Err(NotLoaded::OtherDeclarations));
    Ok(permitted)
}

pub fn main() -> Result<(), Box<dyn Error>> {
    let permitted = run()?;
    permitted.iter().for_each(|(version, count)| println!("{version} permitted {count}"));
    assert_eq!(permitted, [("desk 1.0.0".to_string(), 100), ("desk 1.1.0".to_string(), 150)]);
    Ok(())
}
