//! W2, promotion gate: twelve requirements of a model; ratios, flags, optional texts, two texts that must differ.
//! The answer is the list of what is missing. The policy is `policies/promotion_gate.ord`.

use crate::random::Random;
use crate::{Verdict, Workload, text};

/// One model that is to be promoted. Ratios in ten-thousandths; texts owned or borrowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion<T = String> {
    pub auc: i64,
    pub psi: i64,
    pub fairness: i64,
    pub challenger_delta: i64,
    pub validation_artifact: Option<T>,
    pub signed: bool,
    pub days_since_validation: i64,
    /// 1 to 4.
    pub tier: i64,
    /// Empty where nobody is named.
    pub owner: T,
    pub approver: Option<T>,
    pub model_card: bool,
    pub explainability: bool,
    pub lineage: bool,
    pub open_findings: i64,
    pub monitoring: bool,
}

/// The requirements' codes. A bit is set where the requirement fails.
pub const RULES: [&str; 12] = [
    "auc",
    "psi",
    "fairness",
    "artifact",
    "signed",
    "validation_age",
    "owner",
    "model_card",
    "explainability",
    "challenger",
    "findings",
    "approver",
];

impl Promotion {
    pub fn borrowed(&self) -> Promotion<&str> {
        Promotion {
            auc: self.auc,
            psi: self.psi,
            fairness: self.fairness,
            challenger_delta: self.challenger_delta,
            validation_artifact: self.validation_artifact.as_deref(),
            signed: self.signed,
            days_since_validation: self.days_since_validation,
            tier: self.tier,
            owner: &self.owner,
            approver: self.approver.as_deref(),
            model_card: self.model_card,
            explainability: self.explainability,
            lineage: self.lineage,
            open_findings: self.open_findings,
            monitoring: self.monitoring,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct PromotionGate;

impl Workload for PromotionGate {
    type Request = Promotion;
    type Rules = u64;

    fn name(&self) -> String {
        "W2".to_owned()
    }

    fn rules(&self) -> Vec<String> {
        RULES.map(str::to_owned).to_vec()
    }

    fn policy(&self) -> String {
        include_str!("../policies/promotion_gate.ord").to_owned()
    }

    fn requests(&self, seed: u64, count: usize) -> Vec<Promotion> {
        let mut random = Random::new(seed);
        (0..count).map(|_| promotion(&mut random)).collect()
    }

    fn line(&self, model: &Promotion, number: usize) -> String {
        let Promotion { signed, days_since_validation, tier, owner, model_card, explainability, .. } = model;
        let Promotion { lineage, open_findings, monitoring, .. } = model;
        let [auc, psi, fairness, delta] =
            [model.auc, model.psi, model.fairness, model.challenger_delta].map(text::ratio);
        let optional = |name: &str, value: &Option<String>| match value {
            Some(value) => format!(r#","{name}":"{value}""#),
            None => String::new(),
        };
        let artifact = optional("validation_artifact", &model.validation_artifact);
        let approver = optional("approver", &model.approver);
        format!(
            r#"{{"subject":{{"type":"Engineer","id":"mlops"}},"action":{{"name":"promote","properties":{{"auc":{auc},"psi":{psi},"fairness":{fairness},"challenger_delta":{delta}{artifact},"signed":{signed},"days_since_validation":{days_since_validation},"tier":{tier},"owner":"{owner}"{approver},"model_card":{model_card},"explainability":{explainability},"lineage":{lineage},"open_findings":{open_findings},"monitoring":{monitoring}}}}},"resource":{{"type":"Model","id":"m-{number}"}},"context":{{"id":"r-{number}","time":"2026-03-03T15:00:00Z"}}}}"#
        )
    }

    fn decide(&self, model: &Promotion, missing: &mut u64) -> Verdict {
        let (verdict, rules) = decide(model);
        *missing = rules;
        verdict
    }
}

/// The twelve requirements; the mask says which fail.
pub fn decide<T: AsRef<str>>(model: &Promotion<T>) -> (Verdict, u64) {
    let most_days = match model.tier {
        1 => 180,
        2 => 365,
        _ => 730,
    };
    let owner = model.owner.as_ref();
    let independent = model.approver.as_ref().is_some_and(|approver| approver.as_ref() != owner);
    let missing = u64::from(model.auc < 7_000)
        | u64::from(model.psi > 2_500) << 1
        | u64::from(model.fairness < 8_000) << 2
        | u64::from(model.validation_artifact.is_none()) << 3
        | u64::from(!model.signed) << 4
        | u64::from(model.days_since_validation > most_days) << 5
        | u64::from(owner.is_empty()) << 6
        | u64::from(!model.model_card) << 7
        | u64::from(model.tier <= 2 && !model.explainability) << 8
        | u64::from(model.tier == 1 && model.challenger_delta < 100) << 9
        | u64::from(!model.lineage || model.open_findings != 0) << 10
        | u64::from(!independent || (model.tier == 1 && !model.monitoring)) << 11;
    (if missing == 0 { Verdict::Permit } else { Verdict::Deny }, missing)
}

const PEOPLE: [&str; 12] = [
    "ana.silva",
    "ben.okafor",
    "chen.wei",
    "dara.khan",
    "elif.demir",
    "finn.larsen",
    "gita.rao",
    "hugo.meyer",
    "iris.novak",
    "jon.berg",
    "kira.sato",
    "lena.fischer",
];

/// One model. A third lacks nothing, most others one or two things.
fn promotion(random: &mut Random) -> Promotion {
    let auc = match random.between(0, 100) {
        0..2 => 7_000,
        2..9 => random.between(5_500, 7_000),
        _ => random.between(7_000, 9_700),
    };
    let psi = match random.between(0, 100) {
        0..2 => 2_500,
        2..9 => random.between(2_501, 4_000),
        _ => random.between(0, 2_500),
    };
    let fairness = match random.between(0, 100) {
        0..2 => 8_000,
        2..10 => random.between(6_000, 8_000),
        _ => random.between(8_000, 10_000),
    };
    let tier = random.between(1, 5);
    let owner = if random.chance(4) { "" } else { random.one_of(&PEOPLE) };
    let approver = match random.between(0, 100) {
        0..5 => None,
        5..9 => Some(owner),
        _ => Some(random.one_of(&PEOPLE)),
    };
    Promotion {
        auc,
        psi,
        fairness,
        challenger_delta: if random.chance(10) { random.between(-300, 100) } else { random.between(100, 900) },
        validation_artifact: (!random.chance(5)).then(|| format!("val-{:06}.pdf", random.between(0, 1_000_000))),
        signed: !random.chance(6),
        days_since_validation: match random.between(0, 100) {
            0..3 => [180, 365, 730][random.between(0, 3) as usize],
            3..10 => random.between(181, 900),
            _ => random.between(0, 181),
        },
        tier,
        owner: owner.to_owned(),
        approver: approver.map(str::to_owned),
        model_card: !random.chance(6),
        explainability: !random.chance(8),
        lineage: !random.chance(4),
        open_findings: if random.chance(5) { random.between(1, 6) } else { 0 },
        monitoring: !random.chance(8),
    }
}
