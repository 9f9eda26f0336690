//! Third pass: what sets, defines, tables and rules say.
//! `resolve` calls it when every declaration has its types and every policy its rules.
//! Fixtures and tests come behind it, since they may name rules.

use super::Resolver;
use super::circles::Node;
use super::exprs::Hint;
use super::scope::{Body, Def, Place};
use crate::ast::ItemKind;
use crate::hir::RuleId;

impl<'a> Resolver<'a> {
    pub(super) fn bodies(&mut self) {
        let items = std::mem::take(&mut self.items);
        for item in &items {
            self.silent = self.package[item.module].std;
            match (&item.item.kind, item.def) {
                (ItemKind::Set { value, .. }, Def::Set(id)) => {
                    let mut body = Body::new(item.file, item.module, Place::Constant);
                    body.node = Some(Node::Set(id));
                    self.reads.entry(Node::Set(id)).or_default();
                    let hint = Hint::of(&self.package[id].ty);
                    self.package[id].value = self.expr(&mut body, *value, hint);
                }
                (ItemKind::Define { body: text, .. }, Def::Define(id)) => {
                    let mut body = Body::new(item.file, item.module, Place::Define);
                    body.node = Some(Node::Define(id));
                    self.reads.entry(Node::Define(id)).or_default();
                    for param in self.package[id].params.clone() {
                        let name = self.package[param].name.clone();
                        self.bind(&mut body, &name, param);
                    }
                    let hint = self.package[id].returns.as_ref().map_or(Hint::None, Hint::of);
                    self.package[id].body = self.expr(&mut body, *text, hint);
                }
                (ItemKind::Table(table), Def::Table(id)) => self.table(id, item.module, item.file, table),
                (ItemKind::Policy(_), Def::Policy(id)) => {
                    for rule in self.package[id].rules.clone() {
                        self.rule_body(rule, item.file);
                    }
                }
                _ => {}
            }
        }
        self.silent = false;
        self.items = items;
    }

    fn rule_body(&mut self, id: RuleId, file: &'a crate::ast::File) {
        let rule = &self.package[id];
        let (module, on) = (rule.head.module, rule.on.clone());
        let mut body = Body::new(file, module, Place::Rule);
        body.request = Some(self.request(&on));
        self.rule(id, &mut body);
    }
}
