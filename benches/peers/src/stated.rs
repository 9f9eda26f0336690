//! Workloads as a peer needs them: each rule as a condition that a peer writes in its own language, each request as fields,
//! and each line of JSON as a struct that borrows from it.
//! Peers have no exact decimals in common, so amounts are money or ratios here and each peer takes its natural number.

use ordain_workloads::boundary::{self, Boundary, Call};
use ordain_workloads::credit::{self, Application, Credit};
use ordain_workloads::promotion::{Promotion, PromotionGate};
use ordain_workloads::scale::{ByRegion, ByResource, Transfer, Use};
use ordain_workloads::{Verdict, Workload};
use serde::Deserialize;

/// A value of a request.
#[derive(Clone, Copy, Debug)]
pub enum Field<'a> {
    Text(&'a str),
    Int(i64),
    /// In cents.
    Money(i64),
    /// In ten-thousandths.
    Ratio(i64),
    Bool(bool),
    Missing,
}

pub type Fields<'a> = Vec<(&'static str, Field<'a>)>;

/// A rule holds when its condition does; where it holds it denies, or asks for a person.
#[derive(Clone, Debug)]
pub struct Rule {
    pub denies: bool,
    pub when: Cond,
}

#[derive(Clone, Debug)]
pub enum Cond {
    All(Vec<Cond>),
    Any(Vec<Cond>),
    Compare(&'static str, Op, Literal),
    /// The field is, or is not, one of a named list.
    OneOf {
        field: &'static str,
        is: bool,
        list: List,
    },
    StartsWith(&'static str, &'static str),
    Flag(&'static str, bool),
    Missing(&'static str),
    /// Two texts that are equal.
    Same(&'static str, &'static str),
}

#[derive(Clone, Copy, Debug)]
pub struct List {
    pub name: &'static str,
    pub of: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Equal,
    NotEqual,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Op {
    pub fn symbol(self) -> &'static str {
        match self {
            Op::Equal => "==",
            Op::NotEqual => "!=",
            Op::Less => "<",
            Op::AtMost => "<=",
            Op::More => ">",
            Op::AtLeast => ">=",
        }
    }
}

#[derive(Clone, Debug)]
pub enum Literal {
    Text(String),
    Int(i64),
    Money(i64),
    Ratio(i64),
}

/// How a language writes conditions, where they are infix.
pub struct Dialect {
    pub and: &'static str,
    pub or: &'static str,
    pub field: fn(&str) -> String,
    pub literal: fn(&Literal) -> String,
    pub one_of: fn(&str, &[&str]) -> String,
    pub starts_with: fn(&str, &str) -> String,
    pub not: &'static str,
    pub missing: fn(&str) -> String,
}

impl Cond {
    pub fn write(&self, dialect: &Dialect) -> String {
        let joined = |parts: &[Cond], by: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.write(dialect)).collect();
            format!("({})", parts.join(by))
        };
        match self {
            Cond::All(parts) => joined(parts, dialect.and),
            Cond::Any(parts) => joined(parts, dialect.or),
            Cond::Compare(field, op, literal) => {
                format!("{} {} {}", (dialect.field)(field), op.symbol(), (dialect.literal)(literal))
            }
            Cond::OneOf { field, is: true, list } => (dialect.one_of)(field, list.of),
            Cond::OneOf { field, is: false, list } => format!("{}({})", dialect.not, (dialect.one_of)(field, list.of)),
            Cond::StartsWith(field, prefix) => (dialect.starts_with)(field, prefix),
            Cond::Flag(field, true) => (dialect.field)(field),
            Cond::Flag(field, false) => format!("{}({})", dialect.not, (dialect.field)(field)),
            Cond::Missing(field) => (dialect.missing)(field),
            Cond::Same(one, other) => format!("{} == {}", (dialect.field)(one), (dialect.field)(other)),
        }
    }
}

/// Texts in double quotes, as every peer reads them. The workloads have nothing to escape.
pub fn quoted(texts: &[&str]) -> String {
    let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
    quoted.join(", ")
}

/// What a peer needs to know of a workload.
pub trait Stated: Workload {
    /// The request with texts that lie elsewhere.
    type Borrowed<'a>;

    fn stated(&self) -> Vec<Rule>;
    fn borrow(request: &Self::Request) -> Self::Borrowed<'_>;
    /// A line of JSON read by `serde_json` into a struct that borrows its texts from the line.
    fn parse(line: &str) -> Self::Borrowed<'_>;
    fn fields<'r>(request: &'r Self::Borrowed<'_>) -> Fields<'r>;
    /// As `decide`, on borrowed texts.
    fn decide_borrowed(&self, request: &Self::Borrowed<'_>, held: &mut Self::Rules) -> Verdict;
}

/// The host's part: which verdict follows from the rules that hold.
pub fn verdict(rules: impl Iterator<Item = bool>) -> Verdict {
    let mut verdict = Verdict::Permit;
    for denies in rules {
        if denies {
            return Verdict::Deny;
        }
        verdict = Verdict::Escalate;
    }
    verdict
}

// A line of JSON: an AuthZEN evaluation

#[derive(Deserialize)]
struct Line<'a, P> {
    #[serde(borrow)]
    subject: Entity<'a>,
    action: Action<'a, P>,
    #[serde(borrow)]
    resource: Option<Entity<'a>>,
    #[serde(borrow)]
    context: Context<'a>,
}

#[derive(Deserialize)]
struct Entity<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    id: &'a str,
}

#[derive(Deserialize)]
struct Action<'a, P> {
    name: &'a str,
    properties: P,
}

#[derive(Deserialize)]
struct Context<'a> {
    id: &'a str,
    time: &'a str,
}

/// The agent's id and the properties. All else is read, too, and then passed over: a peer has no use for it here.
fn read<'a, P: Deserialize<'a>>(line: &'a str) -> (&'a str, P) {
    let line: Line<'a, P> = serde_json::from_str(line).expect("the line is of that form");
    let Line { subject, action, resource, context } = line;
    std::hint::black_box((subject.kind, action.name, resource.map(|entity| (entity.kind, entity.id))));
    std::hint::black_box((context.id, context.time));
    (subject.id, action.properties)
}

fn cents(amount: f64) -> i64 {
    (amount * 100.0).round() as i64
}

fn ratio(value: f64) -> i64 {
    (value * 10_000.0).round() as i64
}

// Conditions, short enough to be read

use Cond::{All, Any, Flag, Missing, Same, StartsWith};
use Literal::{Int, Money, Ratio};
use Op::{AtLeast, AtMost, Equal, Less, More, NotEqual};

fn cmp(field: &'static str, op: Op, literal: Literal) -> Cond {
    Cond::Compare(field, op, literal)
}

fn is(field: &'static str, text: &str) -> Cond {
    Cond::Compare(field, Equal, Literal::Text(text.to_owned()))
}

fn deny(when: Cond) -> Rule {
    Rule { denies: true, when }
}

fn ask(when: Cond) -> Rule {
    Rule { denies: false, when }
}

// W1

const TOOLS: List = List { name: "tools", of: &boundary::TOOLS };
const BLOCKED: List = List { name: "blocked", of: &boundary::BLOCKED };
const CURRENCIES: List = List { name: "currencies", of: &boundary::CURRENCIES };

#[derive(Deserialize)]
struct CallProperties<'a> {
    tool: &'a str,
    amount: f64,
    currency: &'a str,
    country: &'a str,
    data_class: &'a str,
    approvals: i64,
    hour: i64,
}

impl Stated for Boundary {
    type Borrowed<'a> = Call<&'a str>;

    fn stated(&self) -> Vec<Rule> {
        let unapproved = || cmp("approvals", Equal, Int(0));
        let not_twice = || cmp("approvals", Less, Int(2));
        vec![
            deny(Cond::OneOf { field: "tool", is: false, list: TOOLS }),
            deny(Cond::OneOf { field: "country", is: true, list: BLOCKED }),
            ask(All(vec![cmp("amount", More, Money(10_000_00)), unapproved()])),
            deny(All(vec![is("data_class", "pii"), StartsWith("tool", "external.")])),
            deny(All(vec![Any(vec![cmp("hour", Less, Int(8)), cmp("hour", AtLeast, Int(20))]), unapproved()])),
            deny(Cond::OneOf { field: "currency", is: false, list: CURRENCIES }),
            deny(cmp("amount", AtMost, Money(0))),
            ask(All(vec![is("data_class", "secret"), not_twice()])),
            deny(All(vec![is("tool", "payments.wire"), cmp("amount", More, Money(50_000_00)), not_twice()])),
            ask(All(vec![StartsWith("agent_id", "tmp-"), cmp("amount", More, Money(1_000_00))])),
        ]
    }

    fn borrow(request: &Call) -> Call<&str> {
        request.borrowed()
    }

    fn parse(line: &str) -> Call<&str> {
        let (agent_id, read) = read::<CallProperties<'_>>(line);
        let CallProperties { tool, amount, currency, country, data_class, approvals, hour } = read;
        Call { agent_id, tool, amount: cents(amount), currency, country, data_class, approvals, hour }
    }

    fn fields<'r>(call: &'r Call<&str>) -> Fields<'r> {
        vec![
            ("agent_id", Field::Text(call.agent_id)),
            ("tool", Field::Text(call.tool)),
            ("amount", Field::Money(call.amount)),
            ("currency", Field::Text(call.currency)),
            ("country", Field::Text(call.country)),
            ("data_class", Field::Text(call.data_class)),
            ("approvals", Field::Int(call.approvals)),
            ("hour", Field::Int(call.hour)),
        ]
    }

    fn decide_borrowed(&self, call: &Call<&str>, held: &mut u64) -> Verdict {
        let (verdict, rules) = boundary::decide(call);
        *held = rules;
        verdict
    }
}

// W2

#[derive(Deserialize)]
struct PromotionProperties<'a> {
    auc: f64,
    psi: f64,
    fairness: f64,
    challenger_delta: f64,
    validation_artifact: Option<&'a str>,
    signed: bool,
    days_since_validation: i64,
    tier: i64,
    owner: &'a str,
    approver: Option<&'a str>,
    model_card: bool,
    explainability: bool,
    lineage: bool,
    open_findings: i64,
    monitoring: bool,
}

impl Stated for PromotionGate {
    type Borrowed<'a> = Promotion<&'a str>;

    /// A rule holds where the requirement fails.
    fn stated(&self) -> Vec<Rule> {
        let tier = |op, tier| cmp("tier", op, Int(tier));
        let days = |op, of, most| All(vec![tier(op, of), cmp("days_since_validation", More, Int(most))]);
        let failing = vec![
            cmp("auc", Less, Ratio(7_000)),
            cmp("psi", More, Ratio(2_500)),
            cmp("fairness", Less, Ratio(8_000)),
            Missing("validation_artifact"),
            Flag("signed", false),
            Any(vec![days(Equal, 1, 180), days(Equal, 2, 365), days(AtLeast, 3, 730)]),
            is("owner", ""),
            Flag("model_card", false),
            All(vec![tier(AtMost, 2), Flag("explainability", false)]),
            All(vec![tier(Equal, 1), cmp("challenger_delta", Less, Ratio(100))]),
            Any(vec![Flag("lineage", false), cmp("open_findings", NotEqual, Int(0))]),
            Any(vec![
                Missing("approver"),
                Same("approver", "owner"),
                All(vec![tier(Equal, 1), Flag("monitoring", false)]),
            ]),
        ];
        failing.into_iter().map(deny).collect()
    }

    fn borrow(request: &Promotion) -> Promotion<&str> {
        request.borrowed()
    }

    fn parse(line: &str) -> Promotion<&str> {
        let (_, read) = read::<PromotionProperties<'_>>(line);
        Promotion {
            auc: ratio(read.auc),
            psi: ratio(read.psi),
            fairness: ratio(read.fairness),
            challenger_delta: ratio(read.challenger_delta),
            validation_artifact: read.validation_artifact,
            signed: read.signed,
            days_since_validation: read.days_since_validation,
            tier: read.tier,
            owner: read.owner,
            approver: read.approver,
            model_card: read.model_card,
            explainability: read.explainability,
            lineage: read.lineage,
            open_findings: read.open_findings,
            monitoring: read.monitoring,
        }
    }

    fn fields<'r>(model: &'r Promotion<&str>) -> Fields<'r> {
        let optional = |text: Option<&'r str>| text.map_or(Field::Missing, Field::Text);
        vec![
            ("auc", Field::Ratio(model.auc)),
            ("psi", Field::Ratio(model.psi)),
            ("fairness", Field::Ratio(model.fairness)),
            ("challenger_delta", Field::Ratio(model.challenger_delta)),
            ("validation_artifact", optional(model.validation_artifact)),
            ("signed", Field::Bool(model.signed)),
            ("days_since_validation", Field::Int(model.days_since_validation)),
            ("tier", Field::Int(model.tier)),
            ("owner", Field::Text(model.owner)),
            ("approver", optional(model.approver)),
            ("model_card", Field::Bool(model.model_card)),
            ("explainability", Field::Bool(model.explainability)),
            ("lineage", Field::Bool(model.lineage)),
            ("open_findings", Field::Int(model.open_findings)),
            ("monitoring", Field::Bool(model.monitoring)),
        ]
    }

    fn decide_borrowed(&self, model: &Promotion<&str>, missing: &mut u64) -> Verdict {
        let (verdict, rules) = ordain_workloads::promotion::decide(model);
        *missing = rules;
        verdict
    }
}

// W3

const NEW_REGIONS: List = List { name: "new_regions", of: &["islands", "north"] };

#[derive(Deserialize)]
struct ApplicationProperties<'a> {
    score: i64,
    age: i64,
    income: f64,
    amount: f64,
    debt: f64,
    savings: f64,
    collateral: f64,
    dti: f64,
    ltv: f64,
    pd: f64,
    term: i64,
    delinquencies: i64,
    inquiries: i64,
    bankruptcies: i64,
    months_employed: i64,
    months_at_address: i64,
    existing_customer: bool,
    product: &'a str,
    region: &'a str,
    channel: &'a str,
}

impl Stated for Credit {
    type Borrowed<'a> = Application<&'a str>;

    fn stated(&self) -> Vec<Rule> {
        let int = |field, op, value| cmp(field, op, Int(value));
        let money = |field, op, units: i64| cmp(field, op, Money(units * 100));
        let part = |field, op, value| cmp(field, op, Ratio(value));
        let stranger = || Flag("existing_customer", false);
        vec![
            deny(All(vec![int("score", Less, 580), Any(vec![stranger(), money("savings", Less, 25_000)])])),
            deny(All(vec![part("dti", More, 5_000), money("collateral", Less, 100_000)])),
            deny(part("ltv", More, 9_700)),
            deny(All(vec![part("pd", More, 1_200), money("collateral", Less, 150_000)])),
            deny(int("age", Less, 18)),
            deny(int("bankruptcies", AtLeast, 2)),
            deny(int("delinquencies", More, 4)),
            deny(money("amount", More, 1_000_000)),
            deny(int("term", More, 360)),
            deny(All(vec![money("income", Less, 12_000), money("savings", Less, 50_000)])),
            deny(int("inquiries", More, 10)),
            deny(All(vec![int("months_employed", Less, 3), is("product", "unsecured")])),
            ask(All(vec![int("score", AtLeast, 580), int("score", Less, 640)])),
            ask(All(vec![part("dti", More, 4_300), part("dti", AtMost, 5_000), stranger()])),
            ask(All(vec![part("ltv", More, 9_000), is("product", "mortgage")])),
            ask(All(vec![part("pd", More, 500), part("pd", AtMost, 1_200)])),
            ask(int("age", More, 75)),
            ask(All(vec![int("bankruptcies", Equal, 1), int("months_at_address", Less, 60)])),
            ask(All(vec![int("delinquencies", AtLeast, 2), int("delinquencies", AtMost, 4), stranger()])),
            ask(All(vec![money("amount", More, 250_000), money("collateral", Less, 250_000)])),
            ask(All(vec![int("term", More, 84), is("product", "auto")])),
            ask(money("debt", More, 200_000)),
            ask(All(vec![int("inquiries", AtLeast, 6), int("inquiries", AtMost, 10)])),
            ask(All(vec![Cond::OneOf { field: "region", is: true, list: NEW_REGIONS }, part("ltv", More, 8_000)])),
            ask(All(vec![is("channel", "broker"), money("amount", More, 100_000), int("score", Less, 740)])),
        ]
    }

    fn borrow(request: &Application) -> Application<&str> {
        request.borrowed()
    }

    fn parse(line: &str) -> Application<&str> {
        let (_, read) = read::<ApplicationProperties<'_>>(line);
        Application {
            score: read.score,
            age: read.age,
            income: cents(read.income),
            amount: cents(read.amount),
            debt: cents(read.debt),
            savings: cents(read.savings),
            collateral: cents(read.collateral),
            dti: ratio(read.dti),
            ltv: ratio(read.ltv),
            pd: ratio(read.pd),
            term: read.term,
            delinquencies: read.delinquencies,
            inquiries: read.inquiries,
            bankruptcies: read.bankruptcies,
            months_employed: read.months_employed,
            months_at_address: read.months_at_address,
            existing_customer: read.existing_customer,
            product: read.product,
            region: read.region,
            channel: read.channel,
        }
    }

    fn fields<'r>(asked: &'r Application<&str>) -> Fields<'r> {
        vec![
            ("score", Field::Int(asked.score)),
            ("age", Field::Int(asked.age)),
            ("income", Field::Money(asked.income)),
            ("amount", Field::Money(asked.amount)),
            ("debt", Field::Money(asked.debt)),
            ("savings", Field::Money(asked.savings)),
            ("collateral", Field::Money(asked.collateral)),
            ("dti", Field::Ratio(asked.dti)),
            ("ltv", Field::Ratio(asked.ltv)),
            ("pd", Field::Ratio(asked.pd)),
            ("term", Field::Int(asked.term)),
            ("delinquencies", Field::Int(asked.delinquencies)),
            ("inquiries", Field::Int(asked.inquiries)),
            ("bankruptcies", Field::Int(asked.bankruptcies)),
            ("months_employed", Field::Int(asked.months_employed)),
            ("months_at_address", Field::Int(asked.months_at_address)),
            ("existing_customer", Field::Bool(asked.existing_customer)),
            ("product", Field::Text(asked.product)),
            ("region", Field::Text(asked.region)),
            ("channel", Field::Text(asked.channel)),
        ]
    }

    fn decide_borrowed(&self, asked: &Application<&str>, held: &mut u64) -> Verdict {
        let (verdict, rules) = credit::decide(asked);
        *held = rules;
        verdict
    }
}

// W4

#[derive(Deserialize)]
struct UseProperties<'a> {
    resource: &'a str,
    amount: f64,
}

impl Stated for ByResource {
    type Borrowed<'a> = Use<&'a str>;

    fn stated(&self) -> Vec<Rule> {
        let rule = |rule: &ordain_workloads::scale::ResourceRule| {
            deny(All(vec![is("resource", &rule.resource), cmp("amount", More, Money(rule.above))]))
        };
        self.rules.iter().map(rule).collect()
    }

    fn borrow(request: &Use) -> Use<&str> {
        request.borrowed()
    }

    fn parse(line: &str) -> Use<&str> {
        let (_, read) = read::<UseProperties<'_>>(line);
        Use { resource: read.resource, amount: cents(read.amount) }
    }

    fn fields<'r>(asked: &'r Use<&str>) -> Fields<'r> {
        vec![("resource", Field::Text(asked.resource)), ("amount", Field::Money(asked.amount))]
    }

    fn decide_borrowed(&self, asked: &Use<&str>, held: &mut Vec<u32>) -> Verdict {
        self.one_after_another(asked, held)
    }
}

#[derive(Deserialize)]
struct TransferProperties<'a> {
    region: &'a str,
    tier: i64,
    amount: f64,
}

impl Stated for ByRegion {
    type Borrowed<'a> = Transfer<&'a str>;

    fn stated(&self) -> Vec<Rule> {
        let rule = |rule: &ordain_workloads::scale::RegionRule| {
            let tier = cmp("tier", AtLeast, Int(rule.tier));
            deny(All(vec![is("region", &rule.region), tier, cmp("amount", More, Money(rule.above))]))
        };
        self.rules.iter().map(rule).collect()
    }

    fn borrow(request: &Transfer) -> Transfer<&str> {
        request.borrowed()
    }

    fn parse(line: &str) -> Transfer<&str> {
        let (_, read) = read::<TransferProperties<'_>>(line);
        Transfer { region: read.region, tier: read.tier, amount: cents(read.amount) }
    }

    fn fields<'r>(asked: &'r Transfer<&str>) -> Fields<'r> {
        vec![
            ("region", Field::Text(asked.region)),
            ("tier", Field::Int(asked.tier)),
            ("amount", Field::Money(asked.amount)),
        ]
    }

    fn decide_borrowed(&self, asked: &Transfer<&str>, held: &mut Vec<u32>) -> Verdict {
        self.one_after_another(asked, held)
    }
}
