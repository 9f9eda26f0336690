//! Decisions by hand in Rust: what engines are measured against. On the struct as it lies, on numbers for texts, with an
//! index over many rules; and reading a line of JSON with `serde_json` without deciding anything.

use crate::contender::{Beside, Contender};
use crate::measured::BY_HAND;
use crate::stated::Stated;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::credit::{self, Application, Credit};
use ordain_workloads::scale::{ByRegion, ByResource, RegionIndex, ResourceIndex, Transfer, Use};
use ordain_workloads::{Rules, Verdict, Workload};
use std::hint::black_box;

/// On the struct: W1 to W3 each rule in turn without a branch for most, W4 rule after rule.
pub struct ByHand<W>(W);

impl<W: Clone> Beside for ByHand<W> {
    fn beside(&self) -> Self {
        ByHand(self.0.clone())
    }
}

macro_rules! by_hand {
    ($($workload:ty),*) => {$(
        impl Contender<$workload> for ByHand<$workload> {
            type Input<'r> = <$workload as Workload>::Request;

            const NAME: &'static str = BY_HAND;

            fn ready(workload: &$workload) -> Self {
                ByHand(workload.clone())
            }

            fn input(&mut self, request: &<$workload as Workload>::Request) -> Self::Input<'_> {
                request.clone()
            }

            fn decide(&mut self, input: &mut Self::Input<'_>, held: &mut <$workload as Workload>::Rules) -> Verdict {
                self.0.decide(input, held)
            }

            fn decide_json(&mut self, line: &str, held: &mut <$workload as Workload>::Rules) -> Verdict {
                self.0.decide_borrowed(&<$workload>::parse(line), held)
            }
        }
    )*};
}

by_hand!(Boundary, ordain_workloads::promotion::PromotionGate, Credit, ByResource, ByRegion);

/// On numbers for texts. From JSON the texts have to be looked up first.
pub struct Slots<S> {
    symbols: S,
}

impl Contender<Boundary> for Slots<boundary::Symbols> {
    type Input<'r> = boundary::Slots;

    const NAME: &'static str = "Rust by hand, texts as numbers";

    fn ready(_: &Boundary) -> Self {
        Slots { symbols: boundary::Symbols::default() }
    }

    fn input(&mut self, request: &boundary::Call) -> boundary::Slots {
        self.symbols.slots(&request.borrowed())
    }

    fn decide(&mut self, input: &mut boundary::Slots, held: &mut u64) -> Verdict {
        let (verdict, rules) = self.symbols.decide(input);
        *held = rules;
        verdict
    }

    fn decide_json(&mut self, line: &str, held: &mut u64) -> Verdict {
        let mut slots = self.symbols.slots(&Boundary::parse(line));
        self.decide(&mut slots, held)
    }
}

impl Contender<Credit> for Slots<credit::Symbols> {
    type Input<'r> = Application<u32>;

    const NAME: &'static str = "Rust by hand, texts as numbers";

    fn ready(_: &Credit) -> Self {
        Slots { symbols: credit::Symbols::default() }
    }

    fn input(&mut self, request: &Application) -> Application<u32> {
        self.symbols.slots(&request.borrowed())
    }

    fn decide(&mut self, input: &mut Application<u32>, held: &mut u64) -> Verdict {
        let (verdict, rules) = credit::decide_slots(input);
        *held = rules;
        verdict
    }

    fn decide_json(&mut self, line: &str, held: &mut u64) -> Verdict {
        let mut slots = self.symbols.slots(&Credit::parse(line));
        self.decide(&mut slots, held)
    }
}

/// With an index over the rules, made beforehand.
pub struct Indexed<I>(I);

impl Contender<ByResource> for Indexed<ResourceIndex> {
    type Input<'r> = Use;

    const NAME: &'static str = "Rust by hand, hash index";

    fn ready(workload: &ByResource) -> Self {
        Indexed(workload.index())
    }

    fn input(&mut self, request: &Use) -> Use {
        request.clone()
    }

    fn decide(&mut self, input: &mut Use, held: &mut Vec<u32>) -> Verdict {
        self.0.decide(input, held)
    }

    fn decide_json(&mut self, line: &str, held: &mut Vec<u32>) -> Verdict {
        self.0.decide(&ByResource::parse(line), held)
    }
}

impl Contender<ByRegion> for Indexed<RegionIndex> {
    type Input<'r> = Transfer;

    const NAME: &'static str = "Rust by hand, bitmap index";

    fn ready(workload: &ByRegion) -> Self {
        Indexed(workload.index())
    }

    fn input(&mut self, request: &Transfer) -> Transfer {
        request.clone()
    }

    fn decide(&mut self, input: &mut Transfer, held: &mut Vec<u32>) -> Verdict {
        self.0.decide(input, held)
    }

    fn decide_json(&mut self, line: &str, held: &mut Vec<u32>) -> Verdict {
        self.0.decide(&ByRegion::parse(line), held)
    }
}

/// Reads a line of JSON into the borrowed struct. It decides nothing, so it is timed and not compared.
pub fn read_only<W: Stated>(line: &str) {
    black_box(W::parse(black_box(line)));
}

/// Keeps `Rules` in one place for whoever fills it from a set of numbers.
pub fn fill<R: Rules>(held: &mut R, numbers: impl Iterator<Item = usize>) {
    held.clear();
    numbers.for_each(|number| held.insert(number));
}
