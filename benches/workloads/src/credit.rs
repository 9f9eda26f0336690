//! W3, credit decision: twenty-five thresholds, twelve that decline and thirteen that ask an underwriter, nine of them with
//! an exception. Numbers mostly, three short texts. The policy is `policies/credit_decision.ord`.

use crate::random::Random;
use crate::{Verdict, Workload, strictest, text};
use rustc_hash::FxHashMap;

/// One application for credit. Money in cents, ratios in ten-thousandths, terms in months; texts owned, borrowed or numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application<T = String> {
    pub score: i64,
    pub age: i64,
    pub income: i64,
    pub amount: i64,
    pub debt: i64,
    pub savings: i64,
    pub collateral: i64,
    pub dti: i64,
    pub ltv: i64,
    pub pd: i64,
    pub term: i64,
    pub delinquencies: i64,
    pub inquiries: i64,
    pub bankruptcies: i64,
    pub months_employed: i64,
    pub months_at_address: i64,
    pub existing_customer: bool,
    pub product: T,
    pub region: T,
    pub channel: T,
}

pub const RULES: [&str; 25] = [
    "score_too_low",
    "debt_burden",
    "loan_to_value",
    "likely_default",
    "under_age",
    "bankrupt_twice",
    "often_late",
    "over_the_ceiling",
    "too_long",
    "income_too_low",
    "many_inquiries",
    "new_in_work",
    "score_is_thin",
    "debt_is_heavy",
    "mortgage_is_high",
    "default_possible",
    "high_age",
    "bankrupt_once",
    "sometimes_late",
    "large_amount",
    "long_car_loan",
    "owes_much",
    "asks_around",
    "region_is_new",
    "broker_is_large",
];

/// The first twelve decline; all others ask for an underwriter.
pub const DENY: u64 = 0xFFF;

impl Application {
    pub fn borrowed(&self) -> Application<&str> {
        self.with_texts([&self.product, &self.region, &self.channel])
    }
}

impl<T> Application<T> {
    /// The same with other texts: product, region, channel.
    fn with_texts<U>(&self, [product, region, channel]: [U; 3]) -> Application<U> {
        Application {
            score: self.score,
            age: self.age,
            income: self.income,
            amount: self.amount,
            debt: self.debt,
            savings: self.savings,
            collateral: self.collateral,
            dti: self.dti,
            ltv: self.ltv,
            pd: self.pd,
            term: self.term,
            delinquencies: self.delinquencies,
            inquiries: self.inquiries,
            bankruptcies: self.bankruptcies,
            months_employed: self.months_employed,
            months_at_address: self.months_at_address,
            existing_customer: self.existing_customer,
            product,
            region,
            channel,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Credit;

impl Workload for Credit {
    type Request = Application;
    type Rules = u64;

    fn name(&self) -> String {
        "W3".to_owned()
    }

    fn rules(&self) -> Vec<String> {
        RULES.map(str::to_owned).to_vec()
    }

    fn policy(&self) -> String {
        include_str!("../policies/credit_decision.ord").to_owned()
    }

    fn requests(&self, seed: u64, count: usize) -> Vec<Application> {
        let mut random = Random::new(seed);
        (0..count).map(|_| application(&mut random)).collect()
    }

    fn line(&self, asked: &Application, number: usize) -> String {
        let Application { score, age, term, delinquencies, inquiries, bankruptcies, months_employed, .. } = asked;
        let Application { months_at_address, existing_customer, product, region, channel, .. } = asked;
        let [income, amount, debt, savings, collateral] =
            [asked.income, asked.amount, asked.debt, asked.savings, asked.collateral].map(text::money);
        let [dti, ltv, pd] = [asked.dti, asked.ltv, asked.pd].map(text::ratio);
        format!(
            r#"{{"subject":{{"type":"Desk","id":"retail"}},"action":{{"name":"lend","properties":{{"score":{score},"age":{age},"income":{income},"amount":{amount},"debt":{debt},"savings":{savings},"collateral":{collateral},"dti":{dti},"ltv":{ltv},"pd":{pd},"term":{term},"delinquencies":{delinquencies},"inquiries":{inquiries},"bankruptcies":{bankruptcies},"months_employed":{months_employed},"months_at_address":{months_at_address},"existing_customer":{existing_customer},"product":"{product}","region":"{region}","channel":"{channel}"}}}},"context":{{"id":"r-{number}","time":"2026-03-03T15:00:00Z"}}}}"#
        )
    }

    fn decide(&self, asked: &Application, held: &mut u64) -> Verdict {
        let (verdict, rules) = decide(asked);
        *held = rules;
        verdict
    }
}

/// The twenty-five rules on the struct as it lies.
pub fn decide<T: AsRef<str>>(asked: &Application<T>) -> (Verdict, u64) {
    let product = asked.product.as_ref();
    let held = numbers(asked)
        | u64::from(asked.months_employed < 3 && product == "unsecured") << 11
        | u64::from(asked.ltv > 9_000 && product == "mortgage") << 14
        | u64::from(asked.term > 84 && product == "auto") << 20
        | u64::from(asked.ltv > 8_000 && matches!(asked.region.as_ref(), "islands" | "north")) << 23
        | u64::from(asked.amount > 100_000_00 && asked.score < 740 && asked.channel.as_ref() == "broker") << 24;
    (strictest(held, DENY), held)
}

/// The twenty rules that ask for numbers alone.
fn numbers<T>(asked: &Application<T>) -> u64 {
    let Application { score, dti, ltv, pd, amount, savings, collateral, existing_customer, .. } = *asked;
    let deny = u64::from(score < 580 && !(existing_customer && savings >= 25_000_00))
        | u64::from(dti > 5_000 && collateral < 100_000_00) << 1
        | u64::from(ltv > 9_700) << 2
        | u64::from(pd > 1_200 && collateral < 150_000_00) << 3
        | u64::from(asked.age < 18) << 4
        | u64::from(asked.bankruptcies >= 2) << 5
        | u64::from(asked.delinquencies > 4) << 6
        | u64::from(amount > 1_000_000_00) << 7
        | u64::from(asked.term > 360) << 8
        | u64::from(asked.income < 12_000_00 && savings < 50_000_00) << 9
        | u64::from(asked.inquiries > 10) << 10;
    let escalate = u64::from((580..640).contains(&score)) << 12
        | u64::from(dti > 4_300 && dti <= 5_000 && !existing_customer) << 13
        | u64::from(pd > 500 && pd <= 1_200) << 15
        | u64::from(asked.age > 75) << 16
        | u64::from(asked.bankruptcies == 1 && asked.months_at_address < 60) << 17
        | u64::from((2..=4).contains(&asked.delinquencies) && !existing_customer) << 18
        | u64::from(amount > 250_000_00 && collateral < 250_000_00) << 19
        | u64::from(asked.debt > 200_000_00) << 21
        | u64::from((6..=10).contains(&asked.inquiries)) << 22;
    deny | escalate
}

/// Numbers for texts: each text that comes has its own. The six that rules name come first.
#[derive(Clone, Debug)]
pub struct Symbols(FxHashMap<Box<str>, u32>);

const NAMED: [&str; 6] = ["unsecured", "mortgage", "auto", "islands", "north", "broker"];

impl Default for Symbols {
    fn default() -> Symbols {
        let mut symbols = Symbols(FxHashMap::default());
        for text in NAMED {
            symbols.intern(text);
        }
        symbols
    }
}

impl Symbols {
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.0.get(text) {
            return *number;
        }
        let number = self.0.len() as u32;
        self.0.insert(text.into(), number);
        number
    }

    pub fn slots<T: AsRef<str>>(&mut self, asked: &Application<T>) -> Application<u32> {
        let texts = [&asked.product, &asked.region, &asked.channel].map(|text| self.intern(text.as_ref()));
        asked.with_texts(texts)
    }
}

/// The twenty-five rules on numbers.
pub fn decide_slots(asked: &Application<u32>) -> (Verdict, u64) {
    let held = numbers(asked)
        | u64::from((asked.months_employed < 3) & (asked.product == 0)) << 11
        | u64::from((asked.ltv > 9_000) & (asked.product == 1)) << 14
        | u64::from((asked.term > 84) & (asked.product == 2)) << 20
        | u64::from((asked.ltv > 8_000) & ((asked.region == 3) | (asked.region == 4))) << 23
        | u64::from((asked.amount > 100_000_00) & (asked.score < 740) & (asked.channel == 5)) << 24;
    (strictest(held, DENY), held)
}

const PRODUCTS: [&str; 5] = ["unsecured", "mortgage", "auto", "card", "student"];
const REGIONS: [&str; 6] = ["islands", "north", "south", "east", "west", "centre"];
const CHANNELS: [&str; 4] = ["branch", "online", "broker", "phone"];

/// One application. A third holds no rule, most others one to three.
fn application(random: &mut Random) -> Application {
    // Three draws together stand closer to the middle than one.
    let score = 520 + random.between(0, 110) + random.between(0, 110) + random.between(0, 110);
    let income = match random.between(0, 100) {
        0..4 => random.between(0, 12_000_00),
        4..7 => 12_000_00,
        _ => random.between(18_000_00, 190_000_00),
    };
    let amount = match random.between(0, 100) {
        0..2 => [100_000_00, 250_000_00, 1_000_000_00][random.between(0, 3) as usize],
        2..4 => random.between(1_000_000_00, 2_000_000_00),
        4..15 => random.between(250_000_00, 1_000_000_00),
        _ => random.between(500_00, 250_000_00),
    };
    let dti = match random.between(0, 100) {
        0..2 => [4_300, 5_000][random.between(0, 2) as usize],
        2..7 => random.between(5_000, 9_000),
        7..14 => random.between(4_300, 5_000),
        _ => random.between(200, 4_300),
    };
    let pd = match random.between(0, 100) {
        0..5 => random.between(1_200, 4_000),
        5..13 => random.between(500, 1_201),
        _ => random.between(0, 500),
    };
    Application {
        score,
        age: if random.chance(2) { random.between(15, 18) } else { random.between(18, 80) },
        income,
        amount,
        debt: if random.chance(6) { random.between(200_000_00, 900_000_00) } else { random.between(0, 200_000_00) },
        savings: if random.chance(60) { random.between(0, 20_000_00) } else { random.between(0, 120_000_00) },
        collateral: if random.chance(55) { 0 } else { random.between(10_000_00, 900_000_00) },
        dti,
        ltv: if random.chance(5) { random.between(9_000, 10_500) } else { random.between(1_000, 9_000) },
        pd,
        term: if random.chance(2) { random.between(361, 480) } else { 12 * random.between(1, 31) },
        delinquencies: if random.chance(10) { random.between(1, 8) } else { 0 },
        inquiries: if random.chance(8) { random.between(4, 15) } else { random.between(0, 5) },
        bankruptcies: if random.chance(5) { random.between(1, 4) } else { 0 },
        months_employed: if random.chance(8) { random.between(0, 4) } else { random.between(3, 300) },
        months_at_address: random.between(0, 240),
        existing_customer: random.chance(40),
        product: random.one_of(&PRODUCTS).to_owned(),
        region: random.one_of(&REGIONS).to_owned(),
        channel: random.one_of(&CHANNELS).to_owned(),
    }
}
