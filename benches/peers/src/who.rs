//! Who takes part in what. A peer that is missing from a workload is explained in `benches/README.md`.

use crate::cedar::Cedar;
use crate::cel::Cel;
use crate::contender::Round;
use crate::measured::{JSON, STRUCT};
use crate::ordain::{Interpreted, MachineCode, Ordain, Reference, Whole};
use crate::rego::Rego;
use crate::rhai::Rhai;
use crate::rust::{ByHand, Indexed, Slots};
use crate::stated::Stated;
use crate::zen::Zen;
#[cfg(feature = "zen-table")]
use crate::zen_table::ZenTable;
use ordain_benches::bound::Bound;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::credit::{self, Credit};
use ordain_workloads::promotion::PromotionGate;
use ordain_workloads::scale::{ByRegion, ByResource, RegionIndex, ResourceIndex};

/// So many inputs that a branch predictor does not learn them by heart.
pub const MANY: usize = 65_536;
/// For what takes larger inputs and more time, and for which it makes no difference.
const SOME: usize = 4_096;
const FEW: usize = 256;

/// The expression engines and the policy engines that take part in W1 to W3.
pub const EXPRESSION_ENGINES: [&str; 3] = ["ZEN", "CEL", "Rhai"];
pub const POLICY_ENGINES: [&str; 2] = ["Rego (Regorus)", "Cedar"];

const BOTH: &[&str] = &[STRUCT, JSON];

/// How many rules W4 has.
pub const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// The reference engine goes through every rule and is not made to be fast.
const MOST_BY_REFERENCE: usize = 1_000;

pub fn boundary(round: &mut impl Round) {
    round.run::<_, ByHand<_>>(&Boundary, BOTH, MANY);
    round.run::<_, Slots<boundary::Symbols>>(&Boundary, BOTH, MANY);
    engines(round, &Boundary);
}

pub fn promotion(round: &mut impl Round) {
    round.run::<_, ByHand<_>>(&PromotionGate, BOTH, MANY);
    engines(round, &PromotionGate);
}

pub fn credit(round: &mut impl Round) {
    round.run::<_, ByHand<_>>(&Credit, BOTH, MANY);
    round.run::<_, Slots<credit::Symbols>>(&Credit, BOTH, MANY);
    engines(round, &Credit);
}

fn engines<W: Stated<Rules = u64> + Bound + Clone>(round: &mut impl Round, workload: &W) {
    round.run::<_, Ordain<W, MachineCode>>(workload, BOTH, MANY);
    round.run::<_, Ordain<W, Interpreted>>(workload, BOTH, MANY);
    round.run::<_, Whole<W>>(workload, BOTH, SOME);
    round.run::<_, Reference<W>>(workload, BOTH, SOME);
    round.run::<_, Zen>(workload, BOTH, SOME);
    round.run::<_, Cel>(workload, BOTH, SOME);
    round.run::<_, Rego>(workload, BOTH, SOME);
    round.run::<_, Rhai>(workload, BOTH, SOME);
    round.run::<_, Cedar>(workload, BOTH, SOME);
}

pub fn by_resource(round: &mut impl Round, workload: &ByResource) {
    round.run::<_, ByHand<_>>(workload, &[STRUCT], SOME);
    round.run::<_, Indexed<ResourceIndex>>(workload, &[STRUCT], MANY);
    many_rules(round, workload, workload.rules.len());
}

pub fn by_region(round: &mut impl Round, workload: &ByRegion) {
    round.run::<_, ByHand<_>>(workload, &[STRUCT], SOME);
    round.run::<_, Indexed<RegionIndex>>(workload, &[STRUCT], MANY);
    many_rules(round, workload, workload.rules.len());
}

fn many_rules<W: Stated<Rules = Vec<u32>> + Bound + Clone>(round: &mut impl Round, workload: &W, rules: usize) {
    round.run::<_, Ordain<W, MachineCode>>(workload, &[STRUCT], MANY);
    round.run::<_, Ordain<W, Interpreted>>(workload, &[STRUCT], MANY);
    if rules <= MOST_BY_REFERENCE {
        round.run::<_, Reference<W>>(workload, &[STRUCT], FEW);
    }
    #[cfg(feature = "zen-table")]
    round.run::<_, ZenTable>(workload, &[STRUCT], FEW);
    round.run::<_, Zen>(workload, &[STRUCT], FEW);
    round.run::<_, Cel>(workload, &[STRUCT], FEW);
    round.run::<_, Rego>(workload, &[STRUCT], FEW);
    round.run::<_, Rhai>(workload, &[STRUCT], FEW);
    round.run::<_, Cedar>(workload, &[STRUCT], FEW);
}
