//! Fixtures and tests: what is asked has every field that its action declares, and what is set has its declared type.
//! A fixture may leave attributes out as long as nothing asks it; a request, an event or an entry of the past may not.

use super::{Checker, Scope};
use crate::errors::{
    names as words,
    types::{self as errors, Spot},
};
use crate::hir::{Expr, ExprId, Fixture, FixtureValue, PastOutcome, RequestFixture, Step, StepKind};
use ordain_vm::value::{EntityId, RoleId, Type};

impl<'a> Checker<'a> {
    pub(super) fn fixtures(&mut self) {
        let package = self.package;
        self.scope = Scope { fixture: true, ..Scope::default() };
        for Fixture { value, .. } in &package.fixtures {
            match value {
                FixtureValue::Request(request) => self.request(request),
                FixtureValue::Value(value) => {
                    self.infer(*value, None);
                }
                FixtureValue::Error => {}
            }
        }
    }

    pub(super) fn tests(&mut self) {
        let package = self.package;
        self.scope = Scope { fixture: true, ..Scope::default() };
        for test in &package.tests {
            test.steps.iter().for_each(|step| self.step(step));
        }
    }

    fn step(&mut self, step: &'a Step) {
        let package = self.package;
        match &step.kind {
            StepKind::AtInstant(_)
            | StepKind::AtLocal { .. }
            | StepKind::Session(_)
            | StepKind::Origins(_)
            | StepKind::ExpectVerdict { .. }
            | StepKind::ExpectMissing(_)
            | StepKind::ExpectError(_) => {}
            StepKind::Context(members) => {
                for (member, value) in members {
                    if let Some(field) = package.context.get(*member) {
                        self.expect(*value, &field.ty, Spot::Field { of: "context", field: &field.name.text });
                    }
                }
            }
            StepKind::Data { data, value } => {
                let data = &package[*data];
                self.expect(*value, &data.ty, Spot::Value(&data.head.name.text));
            }
            StepKind::Past { what, outcome, ago, times: _ } => {
                self.request(what);
                self.complete_request(what);
                self.outcome(what, outcome);
                if let Some(ago) = ago {
                    self.span(*ago, "how long ago it was");
                }
            }
            StepKind::Request(request) => {
                self.request(request);
                self.complete_request(request);
            }
            StepKind::Approved { by, role } | StepKind::Waived { by, role, .. } => self.approved(*by, *role),
            StepKind::ExpectMust(call) => self.duty_call(call),
        }
    }

    fn outcome(&mut self, what: &RequestFixture, outcome: &PastOutcome) {
        match outcome {
            PastOutcome::Performed | PastOutcome::Denied | PastOutcome::Failed | PastOutcome::Attempted => {}
            PastOutcome::Returned(value) => {
                let head = &self.package[what.action].head;
                let name = &head.name.text;
                match super::fields::returned(self.package, what.action) {
                    Some(ty) => self.expect(*value, &ty, Spot::Value(name)),
                    None => {
                        self.infer(*value, Some(&Type::Unknown));
                        self.report(words::returns_nothing(self.at(*value), head));
                    }
                }
            }
        }
    }

    /// What is given has the declared types.
    fn request(&mut self, request: &'a RequestFixture) {
        let action = &self.package[request.action];
        let name = &action.head.name.text;
        for (given, kinds, which) in [(request.actor, &action.by, "actor"), (request.target, &action.on, "target")] {
            let Some(given) = given else { continue };
            if kinds.is_empty() {
                self.infer(given, Some(&Type::Unknown));
                self.report(words::no_party(self.at(given), which, &action.head));
            } else {
                self.expect(given, &Type::Entity(kinds.clone()), Spot::Field { of: name, field: which });
            }
        }
        let (target_id, args): (Vec<_>, Vec<_>) = request
            .args
            .iter()
            .cloned()
            .partition(|(given, _)| action.as_arg.as_ref().is_some_and(|as_arg| as_arg.text == given.text));
        for (given, value) in target_id {
            self.infer(value, Some(&Type::TEXT));
            self.report(errors::follows_from_target(given.at, name, &given.text));
        }
        self.given_fields(&action.head, &action.fields, &args);
    }

    /// Whether every argument is given is another check's; here, every attribute.
    fn complete_request(&mut self, request: &RequestFixture) {
        let args = request.args.iter().map(|(_, value)| *value);
        for given in request.actor.into_iter().chain(request.target).chain(args) {
            self.complete_value(given);
        }
    }

    /// Entities in a request have the attributes that are declared; of one that is named alone, nothing is known.
    fn complete_value(&mut self, id: ExprId) {
        let package = self.package;
        match package.expr(id) {
            Expr::Entity { attributes, .. } if attributes.is_empty() => {}
            Expr::Entity { kind, attributes, .. } => {
                let entity = &package[*kind];
                for field in &entity.attributes {
                    if !field.ty.is_optional() && !attributes.iter().any(|(given, _)| given.text == field.name.text) {
                        let at = self.at(id);
                        self.report(errors::field_left_out(at, &entity.head, &field.name.text));
                    }
                }
                attributes.iter().for_each(|(_, value)| self.complete_value(*value));
            }
            Expr::Record { fields, .. } => fields.iter().for_each(|(_, value)| self.complete_value(*value)),
            Expr::List(elements) | Expr::SetOf(elements) => {
                elements.iter().for_each(|element| self.complete_value(*element));
            }
            _ => {}
        }
    }

    fn approved(&mut self, by: ExprId, role: RoleId) {
        let role = &self.package[role];
        let kinds: Vec<EntityId> =
            if role.by.is_empty() { super::fields::all_kinds(self.package) } else { role.by.clone() };
        self.expect(by, &Type::Entity(kinds), Spot::The("who approves"));
    }
}
