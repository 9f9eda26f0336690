//! Cedar (`cedar-policy`): each rule a `forbid` with its number as id; all that are satisfied are the decision's reasons.
//! Cedar has no third outcome, so the host knows which of the rules ask for a person. Money and ratios are `Long`s in cents and
//! ten-thousandths, as Cedar has no arithmetic on decimals. The request is made beforehand; from JSON it is made of the struct.

use crate::contender::Contender;
use crate::stated::{Dialect, Field, Fields, Literal, Rule, Stated, quoted};
use cedar_policy::{
    Authorizer, Context, Entities, EntityUid, Policy, PolicyId, PolicySet, Request, RestrictedExpression,
};
use ordain_workloads::{Rules, Verdict};
use std::fmt::Write;

pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    names: [EntityUid; 3],
    denies: Vec<bool>,
}

const DIALECT: Dialect = Dialect {
    and: " && ",
    or: " || ",
    field: |field| format!("context.{field}"),
    literal: |literal| match literal {
        Literal::Text(text) => format!("\"{text}\""),
        Literal::Int(value) | Literal::Money(value) | Literal::Ratio(value) => value.to_string(),
    },
    one_of: |field, of| format!("[{}].contains(context.{field})", quoted(of)),
    starts_with: |field, prefix| format!("context.{field} like \"{prefix}*\""),
    not: "!",
    missing: |field| format!("!(context has {field})"),
};

impl Cedar {
    fn new(rules: &[Rule]) -> Cedar {
        let mut policies = PolicySet::new();
        let mut add = |id: &str, text: &str| {
            let policy = Policy::parse(Some(PolicyId::new(id)), text).expect("the policy is Cedar");
            policies.add(policy).expect("ids are used once");
        };
        add("all", "permit(principal, action, resource);");
        for (number, rule) in rules.iter().enumerate() {
            let mut text = "forbid(principal, action, resource) when { ".to_owned();
            let _ = write!(text, "{} }};", rule.when.write(&DIALECT));
            add(&number.to_string(), &text);
        }
        let name = |text: &str| text.parse().expect("the name is Cedar");
        Cedar {
            authorizer: Authorizer::new(),
            policies,
            entities: Entities::empty(),
            names: [name(r#"Agent::"a""#), name(r#"Action::"call""#), name(r#"Resource::"r""#)],
            denies: rules.iter().map(|rule| rule.denies).collect(),
        }
    }

    fn request(&self, fields: &Fields<'_>) -> Request {
        let value = |field: &Field<'_>| match field {
            Field::Text(text) => Some(RestrictedExpression::new_string((*text).to_owned())),
            Field::Int(value) | Field::Money(value) | Field::Ratio(value) => {
                Some(RestrictedExpression::new_long(*value))
            }
            Field::Bool(value) => Some(RestrictedExpression::new_bool(*value)),
            Field::Missing => None,
        };
        let pairs = fields.iter().filter_map(|(name, field)| Some(((*name).to_owned(), value(field)?)));
        let context = Context::from_pairs(pairs).expect("names are used once");
        let [principal, action, resource] = self.names.clone();
        Request::new(principal, action, resource, context, None).expect("there is no schema to fail")
    }

    fn answer<R: Rules>(&self, request: &Request, held: &mut R) -> Verdict {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        held.clear();
        let mut denied = false;
        let mut any = false;
        // The reasons of a permit are those of the policy that permits all, whose id is no number.
        for reason in response.diagnostics().reason() {
            if let Ok(rule) = AsRef::<str>::as_ref(reason).parse::<usize>() {
                held.insert(rule);
                any = true;
                denied |= self.denies[rule];
            }
        }
        match (any, denied) {
            (false, _) => Verdict::Permit,
            (true, false) => Verdict::Escalate,
            (true, true) => Verdict::Deny,
        }
    }
}

impl<W: Stated> Contender<W> for Cedar {
    type Input<'r> = Request;

    const NAME: &'static str = "Cedar";

    fn ready(workload: &W) -> Cedar {
        Cedar::new(&workload.stated())
    }

    fn input(&mut self, request: &W::Request) -> Request {
        self.request(&W::fields(&W::borrow(request)))
    }

    fn decide(&mut self, input: &mut Request, held: &mut W::Rules) -> Verdict {
        self.answer(input, held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        let request = self.request(&W::fields(&W::parse(line)));
        self.answer(&request, held)
    }
}
