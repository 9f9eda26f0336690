//! `Conditions`: what was seen of the conditions of an action's rules, two bits each.

use crate::program::Action;

/// So many words are laid anew together.
const BLOCK: usize = 64;

/// Two bits a condition, from the lowest on: seen, true. The room is used again: of many conditions only those are laid
/// anew that the decision before has seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Conditions {
    bits: Vec<u64>,
    /// By block, the last ones wrapping round: something in it was seen.
    touched: u64,
    /// Which program and action the bits are laid for.
    of: (u64, usize),
}

/// As the bits begin.
#[derive(Clone, Debug)]
pub(crate) struct Unseen(Box<[u64]>);

impl Unseen {
    /// Nothing is seen, save for conditions by which rules are looked up: they are seen, and true only where the rule is
    /// found.
    pub fn of(action: &Action) -> Unseen {
        let mut bits = vec![0; action.conditions.div_ceil(32) as usize];
        for at in &action.asked_first {
            bits[*at as usize / 32] |= 1 << (at % 32 * 2);
        }
        Unseen(bits.into())
    }
}

impl PartialEq for Conditions {
    fn eq(&self, other: &Conditions) -> bool {
        self.bits == other.bits
    }
}

impl Conditions {
    /// Lays the bits for a decision of that action of that program.
    pub fn begin(&mut self, of: (u64, usize), unseen: &Unseen) {
        if self.of != of {
            self.bits.clear();
            self.bits.extend_from_slice(&unseen.0);
            self.of = of;
        } else if self.touched != 0 {
            let blocks = self.bits.chunks_mut(BLOCK).zip(unseen.0.chunks(BLOCK)).enumerate();
            for (_, (bits, unseen)) in blocks.filter(|(at, _)| self.touched >> (at % 64) & 1 == 1) {
                bits.copy_from_slice(unseen);
            }
        }
        self.touched = 0;
    }

    /// Of a condition of the action.
    pub fn see(&mut self, at: u32, value: bool) {
        let word = at as usize / 32;
        self.bits[word] |= (1 | u64::from(value) << 1) << (at % 32 * 2);
        self.touched |= 1 << (word / BLOCK % 64);
    }

    /// Whether a condition was seen, and then whether it was true.
    pub fn condition(&self, at: u32) -> Option<bool> {
        let bits = self.bits.get(at as usize / 32).copied().unwrap_or(0) >> (at % 32 * 2);
        (bits & 1 == 1).then_some(bits & 2 == 2)
    }

    /// Where the bits and the touched blocks lie.
    pub fn raw(&mut self) -> (*mut u64, *mut u64) {
        (self.bits.as_mut_ptr(), &raw mut self.touched)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_decision_saw_the_next_has_not() {
        let action = Action { conditions: 10_000, asked_first: vec![3, 9_999], ..Action::default() };
        let (unseen, mut conditions) = (Unseen::of(&action), Conditions::default());
        conditions.begin((1, 0), &unseen);
        let fresh = conditions.clone();
        for at in [0, 3, 31, 32, 2_047, 2_048, 9_999] {
            conditions.see(at, at % 2 == 1);
            assert_eq!(conditions.condition(at), Some(at % 2 == 1));
        }
        assert_ne!(conditions, fresh);
        conditions.begin((1, 0), &unseen);
        assert_eq!(conditions, fresh);
        assert_eq!([0, 3, 9_999].map(|at| conditions.condition(at)), [None, Some(false), Some(false)]);
        let other = Action { conditions: 1, ..Action::default() };
        conditions.begin((1, 1), &Unseen::of(&other));
        assert_eq!([0, 3].map(|at| conditions.condition(at)), [None, None]);
    }
}
