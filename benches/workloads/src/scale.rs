//! W4, scale: the same rule N times. (a) [`ByResource`]: one rule a resource; (b) [`ByRegion`]: region, tier and amount.
//! Rules here are data of the generator, so that policies of any size can be written in any language from them.
//! By hand there are two forms of each: rule after rule, and an index made beforehand.

use crate::random::Random;
use crate::{Verdict, Workload, text};
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// The largest amount of most requests, in cents.
const USUAL: i64 = 100_000_00;
/// And of some.
const LARGE: i64 = 10_000_000_00;

fn deny_if_any(held: &[u32]) -> Verdict {
    if held.is_empty() { Verdict::Permit } else { Verdict::Deny }
}

// W4a

/// W4a: N rules, each denying one resource above an amount.
#[derive(Clone, Debug)]
pub struct ByResource {
    pub rules: Vec<ResourceRule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRule {
    /// `res_17`
    pub resource: String,
    /// In cents.
    pub above: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use<T = String> {
    pub resource: T,
    /// In cents.
    pub amount: i64,
}

impl Use {
    pub fn borrowed(&self) -> Use<&str> {
        Use { resource: &self.resource, amount: self.amount }
    }
}

impl ByResource {
    pub fn new(rules: usize) -> ByResource {
        let mut random = Random::new(4_001);
        let rule = |rule| ResourceRule { resource: format!("res_{rule}"), above: random.between(1_000_00, 90_000_00) };
        ByResource { rules: (0..rules).map(rule).collect() }
    }

    pub fn one_after_another<T: AsRef<str>>(&self, asked: &Use<T>, held: &mut Vec<u32>) -> Verdict {
        held.clear();
        let resource = asked.resource.as_ref();
        for (number, rule) in self.rules.iter().enumerate() {
            if resource == rule.resource && asked.amount > rule.above {
                held.push(number as u32);
            }
        }
        deny_if_any(held)
    }

    pub fn index(&self) -> ResourceIndex {
        let entry = |(number, rule): (usize, &ResourceRule)| (rule.resource.clone(), (number as u32, rule.above));
        ResourceIndex(self.rules.iter().enumerate().map(entry).collect())
    }
}

/// One lookup instead of N comparisons.
#[derive(Clone, Debug)]
pub struct ResourceIndex(FxHashMap<String, (u32, i64)>);

impl ResourceIndex {
    pub fn decide<T: AsRef<str>>(&self, asked: &Use<T>, held: &mut Vec<u32>) -> Verdict {
        held.clear();
        if let Some((rule, above)) = self.0.get(asked.resource.as_ref())
            && asked.amount > *above
        {
            held.push(*rule);
        }
        deny_if_any(held)
    }
}

impl Workload for ByResource {
    type Request = Use;
    type Rules = Vec<u32>;

    fn name(&self) -> String {
        format!("W4a, {} rules", self.rules.len())
    }

    fn rules(&self) -> Vec<String> {
        (0..self.rules.len()).map(|rule| format!("r{rule}")).collect()
    }

    fn policy(&self) -> String {
        let mut policy = r#"/// W4a: rules that each name a resource of their own.
module limits_by_resource

entity Agent

action use by Agent {
  resource: text<max 32>
  amount: decimal
}

policy limits_by_resource {
  title     "Limits by resource"
  version   1.0.0
  governs   use
  otherwise permit

"#
        .to_owned();
        for (number, ResourceRule { resource, above }) in self.rules.iter().enumerate() {
            let condition = format!(r#"resource is "{resource}" and amount is more than {}"#, text::money(*above));
            let _ = writeln!(policy, "  rule r{number} on use {{ deny when {condition} }}");
        }
        policy + "}\n"
    }

    fn requests(&self, seed: u64, count: usize) -> Vec<Use> {
        let mut random = Random::new(seed);
        let request = |_| {
            let rule = &self.rules[random.between(0, self.rules.len() as i64) as usize];
            let resource = match random.between(0, 100) {
                0..8 => format!("res_x{}", random.between(0, 10_000)),
                _ => rule.resource.clone(),
            };
            let amount = if random.chance(2) { rule.above } else { random.between(0, USUAL) };
            Use { resource, amount }
        };
        (0..count).map(request).collect()
    }

    fn line(&self, asked: &Use, number: usize) -> String {
        let (resource, amount) = (&asked.resource, text::money(asked.amount));
        format!(
            r#"{{"subject":{{"type":"Agent","id":"agent-1"}},"action":{{"name":"use","properties":{{"resource":"{resource}","amount":{amount}}}}},"context":{{"id":"r-{number}","time":"2026-03-03T15:00:00Z"}}}}"#
        )
    }

    fn decide(&self, asked: &Use, held: &mut Vec<u32>) -> Verdict {
        self.one_after_another(asked, held)
    }
}

// W4b

const REGIONS: usize = 20;
const TIERS: usize = 10;

/// W4b: N rules, each denying a region from a tier on above an amount.
#[derive(Clone, Debug)]
pub struct ByRegion {
    pub rules: Vec<RegionRule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionRule {
    /// `r07`, one of 20.
    pub region: String,
    /// 1 to 10.
    pub tier: i64,
    /// In cents.
    pub above: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer<T = String> {
    pub region: T,
    pub tier: i64,
    /// In cents.
    pub amount: i64,
}

impl Transfer {
    pub fn borrowed(&self) -> Transfer<&str> {
        Transfer { region: &self.region, tier: self.tier, amount: self.amount }
    }
}

fn region(number: i64) -> String {
    format!("r{number:02}")
}

impl ByRegion {
    /// However many rules there are, a usual request holds one or two of them: about a hundred ask for usual amounts,
    /// all others for large ones.
    pub fn new(rules: usize) -> ByRegion {
        let mut random = Random::new(4_002);
        let rule = |_| {
            let usual = random.between(0, rules.max(100) as i64) < 100;
            RegionRule {
                region: region(random.between(0, REGIONS as i64)),
                tier: random.between(1, TIERS as i64 + 1),
                above: if usual { random.between(0, USUAL) } else { random.between(USUAL, LARGE) },
            }
        };
        ByRegion { rules: (0..rules).map(rule).collect() }
    }

    pub fn one_after_another<T: AsRef<str>>(&self, asked: &Transfer<T>, held: &mut Vec<u32>) -> Verdict {
        held.clear();
        let region = asked.region.as_ref();
        for (number, rule) in self.rules.iter().enumerate() {
            if region == rule.region && asked.tier >= rule.tier && asked.amount > rule.above {
                held.push(number as u32);
            }
        }
        deny_if_any(held)
    }

    pub fn index(&self) -> RegionIndex {
        let mut by_amount: Vec<u32> = (0..self.rules.len() as u32).collect();
        by_amount.sort_by_key(|rule| self.rules[*rule as usize].above);
        let words = self.rules.len().div_ceil(64);
        let mut index = RegionIndex {
            regions: FxHashMap::default(),
            tiers: vec![vec![0; words]; TIERS + 1],
            above: by_amount.iter().map(|rule| self.rules[*rule as usize].above).collect(),
            rules: by_amount,
        };
        for (place, number) in index.rules.iter().enumerate() {
            let RegionRule { region, tier, .. } = &self.rules[*number as usize];
            let (word, bit) = (place / 64, 1 << (place % 64));
            index.regions.entry(region.clone()).or_insert_with(|| vec![0; words])[word] |= bit;
            for reached in *tier as usize..=TIERS {
                index.tiers[reached][word] |= bit;
            }
        }
        index
    }
}

/// A bitmap for each region and for each tier reached. Places are in the order of the amounts, so that the rules an
/// amount reaches are a prefix.
#[derive(Clone, Debug)]
pub struct RegionIndex {
    regions: FxHashMap<String, Vec<u64>>,
    tiers: Vec<Vec<u64>>,
    /// By place: the rule's amount, ascending, and its number.
    above: Vec<i64>,
    rules: Vec<u32>,
}

impl RegionIndex {
    pub fn decide<T: AsRef<str>>(&self, asked: &Transfer<T>, held: &mut Vec<u32>) -> Verdict {
        held.clear();
        let Some(in_region) = self.regions.get(asked.region.as_ref()) else { return Verdict::Permit };
        let of_tier = &self.tiers[asked.tier.clamp(0, TIERS as i64) as usize];
        let reached = self.above.partition_point(|above| *above < asked.amount);
        let words = reached.div_ceil(64);
        for (word, (region, tier)) in in_region[..words].iter().zip(&of_tier[..words]).enumerate() {
            let mut both = region & tier;
            while both != 0 {
                let place = word * 64 + both.trailing_zeros() as usize;
                if place >= reached {
                    break;
                }
                held.push(self.rules[place]);
                both &= both - 1;
            }
        }
        deny_if_any(held)
    }
}

impl Workload for ByRegion {
    type Request = Transfer;
    type Rules = Vec<u32>;

    fn name(&self) -> String {
        format!("W4b, {} rules", self.rules.len())
    }

    fn rules(&self) -> Vec<String> {
        (0..self.rules.len()).map(|rule| format!("r{rule}")).collect()
    }

    /// Each rule has a source: one that denies less than another would otherwise be warned of as pointless.
    fn policy(&self) -> String {
        let mut policy = r#"/// W4b: rules that each ask for a region, a tier and an amount.
module limits_by_region

entity Agent

action transfer by Agent {
  region: text<max 8>
  tier: int
  amount: decimal
}

policy limits_by_region {
  title     "Limits by region and tier"
  version   1.0.0
  governs   transfer
  otherwise permit

"#
        .to_owned();
        for (number, RegionRule { region, tier, above }) in self.rules.iter().enumerate() {
            let above = text::money(*above);
            let condition =
                format!(r#"region is "{region}" and tier is at least {tier} and amount is more than {above}"#);
            let _ = writeln!(
                policy,
                "  rule r{number} on transfer {{\n    deny when {condition}\n    source \"Limits, row {number}\"\n  }}"
            );
        }
        policy + "}\n"
    }

    fn requests(&self, seed: u64, count: usize) -> Vec<Transfer> {
        let mut random = Random::new(seed);
        let request = |_| Transfer {
            region: region(random.between(0, REGIONS as i64 + 1)),
            tier: random.between(1, TIERS as i64 + 1),
            amount: match random.between(0, 200) {
                0 => random.between(USUAL, LARGE),
                1..4 => self.rules[random.between(0, self.rules.len() as i64) as usize].above.min(USUAL),
                _ => random.between(0, USUAL),
            },
        };
        (0..count).map(request).collect()
    }

    fn line(&self, asked: &Transfer, number: usize) -> String {
        let Transfer { region, tier, amount } = asked;
        let amount = text::money(*amount);
        format!(
            r#"{{"subject":{{"type":"Agent","id":"agent-1"}},"action":{{"name":"transfer","properties":{{"region":"{region}","tier":{tier},"amount":{amount}}}}},"context":{{"id":"r-{number}","time":"2026-03-03T15:00:00Z"}}}}"#
        )
    }

    fn decide(&self, asked: &Transfer, held: &mut Vec<u32>) -> Verdict {
        self.one_after_another(asked, held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rules;

    #[test]
    fn an_index_answers_as_rule_after_rule() {
        for count in [10, 100, 1_000, 10_000] {
            let (a, b) = (ByResource::new(count), ByRegion::new(count));
            let (by_resource, by_region) = (a.index(), b.index());
            let (mut one, mut other) = (vec![], vec![]);
            for asked in a.requests(1, 2_000) {
                let verdicts = (a.decide(&asked, &mut one), by_resource.decide(&asked, &mut other));
                assert_eq!(verdicts.0, verdicts.1, "{asked:?}");
                assert_eq!(one, other, "{asked:?}");
            }
            for asked in b.requests(1, 1_000) {
                let verdicts = (b.decide(&asked, &mut one), by_region.decide(&asked, &mut other));
                assert_eq!(verdicts.0, verdicts.1, "{asked:?}");
                assert_eq!(one.numbers(), other.numbers(), "{asked:?}");
            }
        }
    }
}
