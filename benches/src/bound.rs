//! The requests of W1 to W4 as a host would bind them: amounts stay whole numbers of cents, texts stay where they are.

use ordain_vm::bind::Action;
use ordain_vm::schema::Schema;
use ordain_vm::value::EntityRef;
use ordain_workloads::Workload;
use ordain_workloads::boundary::{self, Boundary};
use ordain_workloads::credit::{self, Credit};
use ordain_workloads::promotion::{self, PromotionGate};
use ordain_workloads::scale::{self, ByRegion, ByResource};

/// A workload whose requests are structs that can be bound.
pub trait Bound: Workload {
    /// Of texts that live for ever: what a binding is of.
    type Whole: Action<Static = Self::Whole>;
    type Struct<'a>: Action<Static = Self::Whole, Plan = <Self::Whole as Action>::Plan>;

    /// The requests, with things of the kinds that the schema has.
    fn structs<'a>(&self, requests: &'a [Self::Request], schema: &Schema) -> Vec<Self::Struct<'a>>;
}

fn thing(schema: &Schema, kind: &str, id: &str) -> EntityRef {
    EntityRef::new(schema.entity(kind).expect("the workload's policy declares it"), id)
}

/// W1
#[derive(Clone, Debug, Action)]
pub struct Call<'a> {
    #[ordain(actor)]
    pub agent: EntityRef,
    pub tool: &'a str,
    #[ordain(digits = 2)]
    pub amount: i64,
    pub currency: &'a str,
    pub country: &'a str,
    pub data_class: &'a str,
    pub approvals: i64,
    pub hour: i64,
}

impl Bound for Boundary {
    type Whole = Call<'static>;
    type Struct<'a> = Call<'a>;

    fn structs<'a>(&self, requests: &'a [boundary::Call], schema: &Schema) -> Vec<Call<'a>> {
        let of = |call: &'a boundary::Call| Call {
            agent: thing(schema, "Agent", &call.agent_id),
            tool: &call.tool,
            amount: call.amount,
            currency: &call.currency,
            country: &call.country,
            data_class: &call.data_class,
            approvals: call.approvals,
            hour: call.hour,
        };
        requests.iter().map(of).collect()
    }
}

/// W2
#[derive(Clone, Debug, Action)]
#[ordain(name = "promote")]
pub struct Promotion<'a> {
    #[ordain(actor)]
    pub engineer: EntityRef,
    #[ordain(target)]
    pub model: EntityRef,
    #[ordain(digits = 4)]
    pub auc: i64,
    #[ordain(digits = 4)]
    pub psi: i64,
    #[ordain(digits = 4)]
    pub fairness: i64,
    #[ordain(digits = 4)]
    pub challenger_delta: i64,
    pub validation_artifact: Option<&'a str>,
    pub signed: bool,
    pub days_since_validation: i64,
    pub tier: i64,
    pub owner: &'a str,
    pub approver: Option<&'a str>,
    pub model_card: bool,
    pub explainability: bool,
    pub lineage: bool,
    pub open_findings: i64,
    pub monitoring: bool,
}

impl Bound for PromotionGate {
    type Whole = Promotion<'static>;
    type Struct<'a> = Promotion<'a>;

    fn structs<'a>(&self, requests: &'a [promotion::Promotion], schema: &Schema) -> Vec<Promotion<'a>> {
        let engineer = thing(schema, "Engineer", "mlops");
        let of = |(number, model): (usize, &'a promotion::Promotion)| Promotion {
            engineer: engineer.clone(),
            model: thing(schema, "Model", &format!("m-{number}")),
            auc: model.auc,
            psi: model.psi,
            fairness: model.fairness,
            challenger_delta: model.challenger_delta,
            validation_artifact: model.validation_artifact.as_deref(),
            signed: model.signed,
            days_since_validation: model.days_since_validation,
            tier: model.tier,
            owner: &model.owner,
            approver: model.approver.as_deref(),
            model_card: model.model_card,
            explainability: model.explainability,
            lineage: model.lineage,
            open_findings: model.open_findings,
            monitoring: model.monitoring,
        };
        requests.iter().enumerate().map(of).collect()
    }
}

/// W3
#[derive(Clone, Debug, Action)]
#[ordain(name = "lend")]
pub struct Application<'a> {
    #[ordain(actor)]
    pub desk: EntityRef,
    pub score: i64,
    pub age: i64,
    #[ordain(digits = 2)]
    pub income: i64,
    #[ordain(digits = 2)]
    pub amount: i64,
    #[ordain(digits = 2)]
    pub debt: i64,
    #[ordain(digits = 2)]
    pub savings: i64,
    #[ordain(digits = 2)]
    pub collateral: i64,
    #[ordain(digits = 4)]
    pub dti: i64,
    #[ordain(digits = 4)]
    pub ltv: i64,
    #[ordain(digits = 4)]
    pub pd: i64,
    pub term: i64,
    pub delinquencies: i64,
    pub inquiries: i64,
    pub bankruptcies: i64,
    pub months_employed: i64,
    pub months_at_address: i64,
    pub existing_customer: bool,
    pub product: &'a str,
    pub region: &'a str,
    pub channel: &'a str,
}

impl Bound for Credit {
    type Whole = Application<'static>;
    type Struct<'a> = Application<'a>;

    fn structs<'a>(&self, requests: &'a [credit::Application], schema: &Schema) -> Vec<Application<'a>> {
        let desk = thing(schema, "Desk", "retail");
        let of = |asked: &'a credit::Application| Application {
            desk: desk.clone(),
            score: asked.score,
            age: asked.age,
            income: asked.income,
            amount: asked.amount,
            debt: asked.debt,
            savings: asked.savings,
            collateral: asked.collateral,
            dti: asked.dti,
            ltv: asked.ltv,
            pd: asked.pd,
            term: asked.term,
            delinquencies: asked.delinquencies,
            inquiries: asked.inquiries,
            bankruptcies: asked.bankruptcies,
            months_employed: asked.months_employed,
            months_at_address: asked.months_at_address,
            existing_customer: asked.existing_customer,
            product: &asked.product,
            region: &asked.region,
            channel: &asked.channel,
        };
        requests.iter().map(of).collect()
    }
}

/// W4a
#[derive(Clone, Debug, Action)]
pub struct Use<'a> {
    #[ordain(actor)]
    pub agent: EntityRef,
    pub resource: &'a str,
    #[ordain(digits = 2)]
    pub amount: i64,
}

impl Bound for ByResource {
    type Whole = Use<'static>;
    type Struct<'a> = Use<'a>;

    fn structs<'a>(&self, requests: &'a [scale::Use], schema: &Schema) -> Vec<Use<'a>> {
        let agent = thing(schema, "Agent", "agent-1");
        let of = |asked: &'a scale::Use| Use { agent: agent.clone(), resource: &asked.resource, amount: asked.amount };
        requests.iter().map(of).collect()
    }
}

/// W4b
#[derive(Clone, Debug, Action)]
pub struct Transfer<'a> {
    #[ordain(actor)]
    pub agent: EntityRef,
    pub region: &'a str,
    pub tier: i64,
    #[ordain(digits = 2)]
    pub amount: i64,
}

impl Bound for ByRegion {
    type Whole = Transfer<'static>;
    type Struct<'a> = Transfer<'a>;

    fn structs<'a>(&self, requests: &'a [scale::Transfer], schema: &Schema) -> Vec<Transfer<'a>> {
        let agent = thing(schema, "Agent", "agent-1");
        let of = |asked: &'a scale::Transfer| Transfer {
            agent: agent.clone(),
            region: &asked.region,
            tier: asked.tier,
            amount: asked.amount,
        };
        requests.iter().map(of).collect()
    }
}
