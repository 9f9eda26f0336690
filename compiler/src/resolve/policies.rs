//! Policies: what they govern, what they are under, what their rules are on and override.
//! Runs when every declaration has its types, and before any rule's body, which needs to know its actions.
//! Whether dates overlap, a rule may be overridden or an action is governed is asked by the checker.

use super::Resolver;
use super::exprs::{Hint, strip};
use super::scope::{Body, Def, Found, Place};
use crate::ast::{self, ItemKind, PolicyMemberKind};
use crate::diagnostic::Diagnostic;
use crate::errors::{Code, clauses, names, syntax};
use crate::hir::{self, ActionId, ExprId, LocalKind, ModuleId, PolicyId, RuleId};
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::sync::Arc;

impl<'a> Resolver<'a> {
    pub(super) fn policies(&mut self) {
        let items = std::mem::take(&mut self.items);
        let policies: Vec<(PolicyId, ModuleId, &'a ast::File, &'a ast::Policy)> = items
            .iter()
            .filter_map(|item| match (&item.item.kind, item.def) {
                (ItemKind::Policy(policy), Def::Policy(id)) => Some((id, item.module, item.file, policy)),
                _ => None,
            })
            .collect();
        self.items = items;
        for (id, module, _, policy) in &policies {
            if let Some(path) = &policy.under {
                self.package[*id].under = self.outer(*module, path);
            }
        }
        self.under_in_circles();
        for (id, module, file, policy) in &policies {
            self.policy_members(*id, *module, file, policy);
            self.rules_of_policy(*id, *module);
            self.governed(*id, policy);
        }
        for (id, module, file, policy) in &policies {
            for rule in self.package[*id].rules.clone() {
                let paths = &self.rule_items[rule.index()].overrides;
                self.package[rule].overrides = paths.iter().flat_map(|path| self.overridden(*id, path)).collect();
            }
            self.policy_otherwise(*id, *module, file, policy);
        }
    }

    /// Every version of the policy that another one is under.
    fn outer(&mut self, module: ModuleId, path: &ast::Path) -> Vec<PolicyId> {
        match self.path(module, path, "a policy") {
            Some(Found::Def(Def::Policy(id))) => {
                let name = self.package[id].head.name.text.clone();
                self.versions.get(&name).cloned().unwrap_or_default()
            }
            Some(other) => {
                let name = path.parts.last().map(|name| name.text.to_string()).unwrap_or_default();
                self.wrong_kind(path.at, &name, other, "a policy");
                vec![]
            }
            None => vec![],
        }
    }

    fn under_in_circles(&mut self) {
        let edges: Vec<Vec<usize>> = self
            .package
            .policies
            .iter()
            .map(|policy| policy.under.iter().map(|outer| outer.index()).collect())
            .collect();
        for knot in super::circles::knots(&edges) {
            let heads: Vec<_> = knot.way.iter().map(|at| &self.package.policies[*at].head.name).collect();
            let mut round: Vec<&str> = heads.iter().map(|name| &*name.text).collect();
            round.push(round[0]);
            let spans: Vec<Span> = heads.iter().map(|name| name.at).collect();
            let diagnostic = names::circle(spans[0], "is under", &round, &spans[1..]);
            self.report(Diagnostic { code: Code::E0411, ..diagnostic });
            knot.members.iter().for_each(|at| self.package.policies[*at].under.clear());
        }
    }

    fn policy_members(&mut self, id: PolicyId, module: ModuleId, file: &'a ast::File, policy: &'a ast::Policy) {
        let mut seen: FxHashMap<&'static str, Span> = FxHashMap::default();
        for member in &policy.members {
            let once = match &member.kind {
                PolicyMemberKind::Title(_) => "`title`",
                PolicyMemberKind::Version(_) => "`version`",
                PolicyMemberKind::Owner(_) => "`owner`",
                PolicyMemberKind::Effective(_) => "`effective`",
                PolicyMemberKind::Zone(_) => "`zone`",
                PolicyMemberKind::Calendar(_) => "`calendar`",
                PolicyMemberKind::Governs(_) => "`governs`",
                PolicyMemberKind::Otherwise(_) => "`otherwise`",
                PolicyMemberKind::Implements(_) | PolicyMemberKind::Rule(_) | PolicyMemberKind::Limit(_) => "",
                PolicyMemberKind::Error => "",
            };
            if !once.is_empty() {
                if let Some(first) = seen.get(once) {
                    self.report(clauses::twice(member.at, once, *first, "Keep one of them."));
                    continue;
                }
                seen.insert(once, member.at);
            }
            match &member.kind {
                PolicyMemberKind::Title(text) => self.package[id].title = Some(self.plain(file, text)),
                PolicyMemberKind::Version(name) => {
                    if !is_version(&name.text) {
                        self.report(syntax::no_version(name.at, &name.text));
                    }
                    self.package[id].version = Some(name.text.clone());
                }
                PolicyMemberKind::Owner(text) => self.package[id].owner = Some(self.plain(file, text)),
                PolicyMemberKind::Effective(effective) => {
                    self.package[id].effective = effective_at(effective, member.at);
                }
                PolicyMemberKind::Zone(text) => {
                    let zone = self.zone(file, text);
                    self.package[id].zone = zone.map(|zone| ast::Name { text: zone, at: text.at });
                }
                PolicyMemberKind::Calendar(path) => self.package[id].calendar = self.calendar(module, path),
                PolicyMemberKind::Implements(implements) => {
                    let implements = self.implements(module, file, implements, member.at);
                    self.package[id].implements.extend(implements);
                }
                PolicyMemberKind::Governs(paths) => {
                    for path in paths {
                        let found = self.actions(module, path, "an action, event or group");
                        let before = &self.package[id].governs;
                        if !found.actions.is_empty() && found.actions.iter().all(|action| before.contains(action)) {
                            let name = path.parts.last().map_or("", |part| &part.text);
                            let twice = crate::errors::rules::governs_twice(path.at, &policy.name.text, name);
                            self.report(twice);
                        }
                        self.package[id].governs.extend(found.actions);
                        self.package[id].governs_any |= found.any;
                    }
                }
                // Its approvers may speak of the request, so it waits for what is governed.
                PolicyMemberKind::Otherwise(_) => {}
                PolicyMemberKind::Rule(_) | PolicyMemberKind::Limit(_) | PolicyMemberKind::Error => {}
            }
        }
    }

    fn calendar(&mut self, module: ModuleId, path: &ast::Path) -> Option<hir::DataId> {
        match self.path(module, path, "data")? {
            Found::Def(Def::Data(id)) => Some(id),
            other => {
                let name = path.parts.last()?.text.clone();
                self.wrong_kind(path.at, &name, other, "data of the type `calendar`");
                None
            }
        }
    }

    pub(super) fn implements(
        &mut self,
        module: ModuleId,
        file: &ast::File,
        implements: &ast::Implements,
        at: Span,
    ) -> Option<hir::Implements> {
        let id = implements.id.as_ref().map(|id| self.plain(file, id));
        match self.path(module, &implements.control, "a control")? {
            Found::Def(Def::Control(control)) => Some(hir::Implements { control, id, at }),
            other => {
                let name = implements.control.parts.last()?.text.clone();
                self.wrong_kind(implements.control.at, &name, other, "a control");
                None
            }
        }
    }

    fn rules_of_policy(&mut self, id: PolicyId, module: ModuleId) {
        for rule in self.package[id].rules.clone() {
            let paths = &self.rule_items[rule.index()].on;
            let (mut on, mut any, mut broken) = (vec![], false, false);
            for path in paths {
                let found = self.actions(module, path, "an action, event or group");
                on.extend(found.actions);
                any |= found.any;
                broken |= found.broken;
            }
            on.sort();
            on.dedup();
            if broken {
                on.clear();
            }
            self.package[rule].on = on;
            self.package[rule].on_any = any;
        }
    }

    /// What a policy governs: what it says, or what its rules and limits name.
    fn governed(&mut self, id: PolicyId, policy: &ast::Policy) {
        let rules = self.package[id].rules.clone();
        let named = rules.iter().flat_map(|rule| self.package[*rule].on.iter().copied());
        let says = policy.members.iter().any(|member| matches!(member.kind, PolicyMemberKind::Governs(_)));
        let mut governs: Vec<ActionId> = if self.package[id].governs_any {
            let all = (0..self.package.actions.len() as u32).map(ActionId);
            let all = all.filter(|action| !self.package[*action].event);
            // Events that rules name are seen by the policy as well.
            all.chain(named.filter(|action| self.package[*action].event)).collect()
        } else if says {
            self.package[id].governs.clone()
        } else {
            named.collect()
        };
        governs.sort();
        governs.dedup();
        let actions: Vec<ActionId> = governs.iter().copied().filter(|action| !self.package[*action].event).collect();
        self.package[id].governs = governs;
        for rule in rules {
            if self.package[rule].on_any {
                let on = &mut self.package[rule].on;
                if says {
                    on.extend(&actions);
                }
                on.sort();
                on.dedup();
            }
        }
    }

    fn overridden(&mut self, policy: PolicyId, path: &ast::Path) -> Vec<RuleId> {
        let Some((rule, before)) = path.parts.split_last() else { return vec![] };
        let outer = self.package[policy].under.clone();
        let find = |this: &Self, policies: &[PolicyId]| -> Vec<RuleId> {
            policies.iter().filter_map(|id| this.rule_names.get(&(*id, rule.text.clone())).copied()).collect()
        };
        let found = match before.last() {
            None => {
                let own = find(self, &[policy]);
                if own.is_empty() { find(self, &outer) } else { own }
            }
            Some(owner) if owner.text == self.package[policy].head.name.text => find(self, &[policy]),
            Some(owner) => {
                let name = match self.peek(self.package[policy].head.module, &owner.text) {
                    Some(Found::Def(Def::Policy(id))) => self.package[id].head.name.text.clone(),
                    _ => owner.text.clone(),
                };
                let versions = self.versions.get(&name).cloned().unwrap_or_default();
                if versions.iter().all(|version| outer.contains(version)) {
                    find(self, &versions)
                } else {
                    self.report(clauses::foreign_override(path.at, &rule.text, &name));
                    return vec![];
                }
            }
        };
        if found.is_empty() {
            let elsewhere = match self.searches {
                0 => None,
                _ => self.package.rules.iter().find(|other| other.head.name.text == rule.text),
            };
            let diagnostic = match elsewhere {
                Some(other) if before.is_empty() => {
                    let owner = &self.package[other.policy].head.name.text;
                    clauses::foreign_override(path.at, &rule.text, owner)
                }
                _ => {
                    let reach = std::iter::once(policy).chain(outer);
                    let rules: Vec<RuleId> = reach.flat_map(|id| self.package[id].rules.clone()).collect();
                    let candidates = rules.iter().map(|id| &*self.package[*id].head.name.text);
                    let near = if self.searches > 0 { names::nearest(&rule.text, candidates) } else { None };
                    clauses::unknown_override(rule.at, &rule.text, near)
                }
            };
            self.searches = self.searches.saturating_sub(1);
            self.report(diagnostic);
        }
        found
    }

    fn policy_otherwise(&mut self, id: PolicyId, module: ModuleId, file: &'a ast::File, policy: &'a ast::Policy) {
        let otherwise = policy.members.iter().find_map(|member| match &member.kind {
            PolicyMemberKind::Otherwise(otherwise) => Some((otherwise, member.at)),
            _ => None,
        });
        let Some((otherwise, at)) = otherwise else { return };
        let wrong = match otherwise {
            ast::Otherwise::Permit => {
                self.package[id].otherwise = hir::Otherwise::Permit;
                return;
            }
            ast::Otherwise::Abstain => {
                self.package[id].otherwise = hir::Otherwise::Abstain;
                return;
            }
            ast::Otherwise::Deny(text) => {
                let text = text.as_ref().map(|text| self.plain(file, text));
                self.package[id].otherwise = hir::Otherwise::Deny(text);
                return;
            }
            ast::Otherwise::PermitWith { approvers, within } => {
                let mut body = Body::new(file, module, Place::Rule);
                let governs = self.package[id].governs.clone();
                body.request = Some(self.request(&governs));
                let approvers = self.approvers(&mut body, approvers);
                let within = within.map(|within| self.expr(&mut body, within, Hint::None));
                self.package[id].otherwise = hir::Otherwise::PermitWith(hir::Approval { approvers, within });
                return;
            }
            ast::Otherwise::Text(_) => "A text",
            ast::Otherwise::Needs { .. } => "`needs approval`",
            ast::Otherwise::Duty(_) => "A duty",
        };
        let help = "A policy says `otherwise permit`, `deny`, `permit with approval of …` or `abstain`.";
        self.report(clauses::misplaced(at, wrong, "can't be what holds without a rule", help, None));
    }

    // Approvers

    pub(super) fn approval(
        &mut self,
        body: &mut Body<'a>,
        approvers: &'a ast::Approvers,
        within: Option<ast::ExprId>,
    ) -> hir::Approval {
        let approvers = self.approvers(body, approvers);
        let within = within.map(|within| self.expr(body, within, Hint::None));
        hir::Approval { approvers, within }
    }

    pub(super) fn approvers(&mut self, body: &mut Body<'a>, approvers: &'a ast::Approvers) -> hir::Approvers {
        let all = approvers.all.iter().map(|approver| self.approver(body, approver)).collect();
        hir::Approvers { all, at: approvers.at }
    }

    fn approver(&mut self, body: &mut Body<'a>, approver: &'a ast::Approver) -> hir::Approver {
        match approver {
            ast::Approver::AnyOf { count, of, at } => hir::Approver::AnyOf {
                count: u32::try_from(*count).unwrap_or(u32::MAX),
                of: of.iter().map(|approver| self.approver(body, approver)).collect(),
                at: *at,
            },
            ast::Approver::Role { role, filter, at } => {
                let value = self.role_value(body, *role);
                let (role, by) = match self.package.expr(value) {
                    hir::Expr::Role(id) => (hir::RoleExpr::Role(*id), self.package[*id].by.clone()),
                    _ => (hir::RoleExpr::Value(value), vec![]),
                };
                let filter = filter.map(|filter| {
                    let name = ast::Name { text: Arc::from("approver"), at: *at };
                    let approver = self.local(&name, LocalKind::Approver(by));
                    let mark = body.mark();
                    body.push(&name.text, approver);
                    let condition = self.expr(body, filter, Hint::None);
                    body.pop_to(mark);
                    // Of who has an unknown role nothing is known.
                    let unknown = matches!(self.package.expr(value), hir::Expr::Error);
                    let condition = if unknown { self.error(*at) } else { condition };
                    hir::Filter { approver, condition }
                });
                hir::Approver::Role { role, filter, at: *at }
            }
        }
    }

    fn role_value(&mut self, body: &mut Body<'a>, role: ast::ExprId) -> ExprId {
        let file = body.file;
        if let ast::Expr::Name(name) = file.expr(strip(file, role))
            && self.is_unknown(body, &name.text)
        {
            let near = self.near(body.module, name, "a role", []);
            return self.broken(name.at, names::unknown(name.at, &name.text, "a role", near));
        }
        self.expr(body, role, Hint::Role)
    }
}

pub(super) fn effective_at(effective: &ast::Effective, at: Span) -> hir::Effective {
    hir::Effective { from: effective.from, until: effective.until, at: Some(at) }
}

/// Three numbers: `3.2.0`.
fn is_version(text: &str) -> bool {
    let mut parts = text.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    number(parts.next()) && number(parts.next()) && number(parts.next()) && parts.next().is_none()
}
