//! How long answers took: counts by length, so that a stream of any length is measured in the same room.

use std::fmt;
use std::time::Duration;

/// Lengths that share their first bits share a count: it is off by at most one part in 32.
const FINE: u32 = 5;

#[derive(Clone, Debug)]
pub struct Latency {
    counts: Vec<u64>,
    total: u64,
    longest: u64,
}

impl Default for Latency {
    fn default() -> Latency {
        Latency { counts: vec![0; (64 << FINE) as usize], total: 0, longest: 0 }
    }
}

impl Latency {
    pub fn add(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(place(nanos)) {
            *count += 1;
        }
        self.total += 1;
        self.longest = self.longest.max(nanos);
    }

    /// The length that so many of a hundred do not exceed.
    pub fn percentile(&self, of_hundred: u64) -> Duration {
        let wanted = self.total.saturating_mul(of_hundred).div_ceil(100).max(1);
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return Duration::from_nanos(last_of(at).min(self.longest));
            }
        }
        Duration::from_nanos(self.longest)
    }
}

impl fmt::Display for Latency {
    /// `p50 1.2µs, p90 1.9µs, p99 12µs, max 1.4ms`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for of_hundred in [50, 90, 99] {
            write!(f, "p{of_hundred} {:.1?}, ", self.percentile(of_hundred))?;
        }
        write!(f, "max {:.1?}", Duration::from_nanos(self.longest))
    }
}

/// Lengths up to 31 stand for themselves; above, the highest bit and the five behind it say the place.
fn place(nanos: u64) -> usize {
    let bits = 63 - (nanos | 1).leading_zeros();
    match bits.checked_sub(FINE) {
        None => nanos as usize,
        Some(shift) => (((shift + 1) << FINE) as u64 + (nanos >> shift) - (1 << FINE)) as usize,
    }
}

/// The longest in that place.
fn last_of(place: usize) -> u64 {
    let (group, within) = ((place >> FINE) as u32, (place as u64) & ((1 << FINE) - 1));
    match group.checked_sub(1) {
        None => within,
        Some(shift) => (((1 << FINE) + within + 1).checked_shl(shift).unwrap_or(u64::MAX)).wrapping_sub(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_holds_lengths_that_are_near_one_another() {
        let mut before = 0;
        for nanos in (0..5_000).chain((12..63).map(|bit| 3 << (bit - 1))).chain([u64::MAX]) {
            let at = place(nanos);
            assert!(at >= before && at < 64 << FINE, "{nanos}");
            let last = last_of(at);
            assert!(last >= nanos && last - nanos <= nanos / 32, "{nanos} {last}");
            before = at;
        }
    }

    #[test]
    fn percentiles_are_those_of_the_lengths() {
        let mut latency = Latency::default();
        (1..=100).for_each(|micros| latency.add(Duration::from_micros(micros)));
        for (of_hundred, micros) in [(50, 50), (90, 90), (99, 99)] {
            let found = latency.percentile(of_hundred).as_nanos();
            assert!(found >= micros * 1_000 && found <= micros * 1_000 * 33 / 32, "{of_hundred} {found}");
        }
        assert_eq!(latency.percentile(100), Duration::from_micros(100));
    }
}
