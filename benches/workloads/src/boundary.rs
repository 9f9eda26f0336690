//! W1, agent boundary: ten rules on one call of an agent; five texts, an exact amount, two small numbers.
//! Four comparisons of text, two memberships, two prefixes. The policy is `policies/agent_boundary.ord`.

use crate::random::Random;
use crate::{Verdict, Workload, strictest, text};
use rustc_hash::FxHashMap;

/// One call that an agent asks for. Its texts are owned, or borrowed from the JSON they came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<T = String> {
    pub agent_id: T,
    pub tool: T,
    /// In cents.
    pub amount: i64,
    pub currency: T,
    pub country: T,
    pub data_class: T,
    pub approvals: i64,
    pub hour: i64,
}

pub const RULES: [&str; 10] = [
    "unknown_tool",
    "blocked_country",
    "large_amount",
    "personal_data_leaves",
    "outside_hours",
    "unknown_currency",
    "no_amount",
    "secret_data",
    "large_wire",
    "temporary_agent",
];

/// All others ask for an officer.
pub const DENY: u64 = 0b01_0111_1011;

pub const TOOLS: [&str; 20] = [
    "crm.lookup",
    "crm.update",
    "calendar.read",
    "calendar.write",
    "mail.draft",
    "mail.send",
    "files.read",
    "files.write",
    "search.web",
    "search.docs",
    "payments.quote",
    "payments.send",
    "payments.wire",
    "payments.refund",
    "tickets.open",
    "tickets.close",
    "reports.build",
    "external.post",
    "external.share",
    "external.webhook",
];

pub const BLOCKED: [&str; 15] =
    ["BY", "CD", "CF", "CU", "ER", "IR", "KP", "LY", "ML", "MM", "SD", "SO", "SS", "SY", "YE"];

pub const CURRENCIES: [&str; 5] = ["USD", "EUR", "GBP", "CHF", "JPY"];

impl Call {
    pub fn borrowed(&self) -> Call<&str> {
        Call {
            agent_id: &self.agent_id,
            tool: &self.tool,
            amount: self.amount,
            currency: &self.currency,
            country: &self.country,
            data_class: &self.data_class,
            approvals: self.approvals,
            hour: self.hour,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Boundary;

impl Workload for Boundary {
    type Request = Call;
    type Rules = u64;

    fn name(&self) -> String {
        "W1".to_owned()
    }

    fn rules(&self) -> Vec<String> {
        RULES.map(str::to_owned).to_vec()
    }

    fn policy(&self) -> String {
        include_str!("../policies/agent_boundary.ord").to_owned()
    }

    fn requests(&self, seed: u64, count: usize) -> Vec<Call> {
        let mut random = Random::new(seed);
        (0..count).map(|_| call(&mut random)).collect()
    }

    fn line(&self, call: &Call, number: usize) -> String {
        let Call { agent_id, tool, amount, currency, country, data_class, approvals, hour } = call;
        let amount = text::money(*amount);
        format!(
            r#"{{"subject":{{"type":"Agent","id":"{agent_id}"}},"action":{{"name":"call","properties":{{"tool":"{tool}","amount":{amount},"currency":"{currency}","country":"{country}","data_class":"{data_class}","approvals":{approvals},"hour":{hour}}}}},"context":{{"id":"r-{number}","time":"2026-03-03T15:00:00Z"}}}}"#
        )
    }

    fn decide(&self, call: &Call, held: &mut u64) -> Verdict {
        let (verdict, rules) = decide(call);
        *held = rules;
        verdict
    }
}

/// The ten rules on the texts as they lie.
pub fn decide<T: AsRef<str>>(call: &Call<T>) -> (Verdict, u64) {
    let tool = call.tool.as_ref();
    let known_tool = matches!(
        tool,
        "crm.lookup"
            | "crm.update"
            | "calendar.read"
            | "calendar.write"
            | "mail.draft"
            | "mail.send"
            | "files.read"
            | "files.write"
            | "search.web"
            | "search.docs"
            | "payments.quote"
            | "payments.send"
            | "payments.wire"
            | "payments.refund"
            | "tickets.open"
            | "tickets.close"
            | "reports.build"
            | "external.post"
            | "external.share"
            | "external.webhook"
    );
    let blocked = matches!(
        call.country.as_ref(),
        "BY" | "CD" | "CF" | "CU" | "ER" | "IR" | "KP" | "LY" | "ML" | "MM" | "SD" | "SO" | "SS" | "SY" | "YE"
    );
    let known_currency = matches!(call.currency.as_ref(), "USD" | "EUR" | "GBP" | "CHF" | "JPY");
    let class = call.data_class.as_ref();
    let held = u64::from(!known_tool)
        | u64::from(blocked) << 1
        | u64::from(call.amount > 10_000_00 && call.approvals == 0) << 2
        | u64::from(class == "pii" && tool.starts_with("external.")) << 3
        | u64::from((call.hour < 8 || call.hour >= 20) && call.approvals == 0) << 4
        | u64::from(!known_currency) << 5
        | u64::from(call.amount <= 0) << 6
        | u64::from(class == "secret" && call.approvals < 2) << 7
        | u64::from(tool == "payments.wire" && call.amount > 50_000_00 && call.approvals < 2) << 8
        | u64::from(call.agent_id.as_ref().starts_with("tmp-") && call.amount > 1_000_00) << 9;
    (strictest(held, DENY), held)
}

/// Numbers for texts: each text that comes has its own, also one that no rule names. Beside each number stands what the
/// rules ask of that text.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    numbers: FxHashMap<Box<str>, u32>,
    facts: Vec<u8>,
}

const KNOWN_TOOL: u8 = 1;
const EXTERNAL: u8 = 1 << 1;
const WIRE: u8 = 1 << 2;
const BLOCKED_COUNTRY: u8 = 1 << 3;
const KNOWN_CURRENCY: u8 = 1 << 4;
const PII: u8 = 1 << 5;
const SECRET: u8 = 1 << 6;
const TEMPORARY: u8 = 1 << 7;

impl Symbols {
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let fact = |holds: bool, bit: u8| if holds { bit } else { 0 };
        let number = self.facts.len() as u32;
        self.numbers.insert(text.into(), number);
        self.facts.push(
            fact(TOOLS.contains(&text), KNOWN_TOOL)
                | fact(text.starts_with("external."), EXTERNAL)
                | fact(text == "payments.wire", WIRE)
                | fact(BLOCKED.contains(&text), BLOCKED_COUNTRY)
                | fact(CURRENCIES.contains(&text), KNOWN_CURRENCY)
                | fact(text == "pii", PII)
                | fact(text == "secret", SECRET)
                | fact(text.starts_with("tmp-"), TEMPORARY),
        );
        number
    }

    pub fn slots<T: AsRef<str>>(&mut self, call: &Call<T>) -> Slots {
        Slots {
            agent_id: self.intern(call.agent_id.as_ref()),
            tool: self.intern(call.tool.as_ref()),
            amount: call.amount,
            currency: self.intern(call.currency.as_ref()),
            country: self.intern(call.country.as_ref()),
            data_class: self.intern(call.data_class.as_ref()),
            approvals: call.approvals,
            hour: call.hour,
        }
    }

    /// The ten rules on numbers.
    pub fn decide(&self, call: &Slots) -> (Verdict, u64) {
        let is = |text: u32, bit: u8| self.facts[text as usize] & bit != 0;
        let held = u64::from(!is(call.tool, KNOWN_TOOL))
            | u64::from(is(call.country, BLOCKED_COUNTRY)) << 1
            | u64::from((call.amount > 10_000_00) & (call.approvals == 0)) << 2
            | u64::from(is(call.data_class, PII) & is(call.tool, EXTERNAL)) << 3
            | u64::from(((call.hour < 8) | (call.hour >= 20)) & (call.approvals == 0)) << 4
            | u64::from(!is(call.currency, KNOWN_CURRENCY)) << 5
            | u64::from(call.amount <= 0) << 6
            | u64::from(is(call.data_class, SECRET) & (call.approvals < 2)) << 7
            | u64::from(is(call.tool, WIRE) & (call.amount > 50_000_00) & (call.approvals < 2)) << 8
            | u64::from(is(call.agent_id, TEMPORARY) & (call.amount > 1_000_00)) << 9;
        (strictest(held, DENY), held)
    }
}

/// A call with numbers for its texts.
#[derive(Clone, Debug)]
pub struct Slots {
    pub agent_id: u32,
    pub tool: u32,
    pub amount: i64,
    pub currency: u32,
    pub country: u32,
    pub data_class: u32,
    pub approvals: i64,
    pub hour: i64,
}

const OTHER_TOOLS: [&str; 6] = ["shell.exec", "payments.void", "external", "crm.delete", "browser.open", "keys.read"];
const COUNTRIES: [&str; 24] = [
    "US", "DE", "FR", "GB", "CH", "JP", "NL", "ES", "IT", "SE", "NO", "DK", "FI", "PL", "AT", "BE", "IE", "PT", "CA",
    "AU", "BR", "IN", "SG", "ZA",
];
const OTHER_CURRENCIES: [&str; 5] = ["SEK", "RUB", "BRL", "INR", "CNY"];

/// One call. About half of them hold no rule, most of the others one or two.
pub(crate) fn call(random: &mut Random) -> Call {
    let kind = if random.chance(15) { "tmp" } else { "agent" };
    let agent_id = format!("{kind}-{:04}", random.between(0, 1_000));
    let tool = match random.between(0, 100) {
        0..4 => random.one_of(&OTHER_TOOLS).to_owned(),
        4..6 => format!("plugin.{}", random.between(0, 500)),
        6..16 => "payments.wire".to_owned(),
        _ => random.one_of(&TOOLS).to_owned(),
    };
    let amount = match random.between(0, 100) {
        0..2 => -random.between(0, 50_000),
        2..4 => [0, 1_000_00, 10_000_00, 50_000_00][random.between(0, 4) as usize],
        4..55 => random.between(1, 1_000_00),
        55..80 => random.between(1_000_00, 10_000_00),
        80..92 => random.between(10_000_00, 50_000_00),
        _ => random.between(50_000_00, 250_000_00),
    };
    let currency = if random.chance(5) { random.one_of(&OTHER_CURRENCIES) } else { random.one_of(&CURRENCIES) };
    let country = if random.chance(6) { random.one_of(&BLOCKED) } else { random.one_of(&COUNTRIES) };
    let data_class = match random.between(0, 100) {
        0..30 => "public",
        30..65 => "internal",
        65..75 => "confidential",
        75..91 => "pii",
        _ => "secret",
    };
    let approvals = [0, 0, 0, 1, 2][random.between(0, 5) as usize];
    let hour = if random.chance(80) { random.between(8, 20) } else { random.between(0, 24) };
    Call {
        agent_id,
        tool,
        amount,
        currency: currency.to_owned(),
        country: country.to_owned(),
        data_class: data_class.to_owned(),
        approvals,
        hour,
    }
}

/// Symbols for a whole set of requests, and the requests in them.
pub fn slots(calls: &[Call]) -> (Symbols, Vec<Slots>) {
    let mut symbols = Symbols::default();
    let slots = calls.iter().map(|call| symbols.slots(call)).collect();
    (symbols, slots)
}
