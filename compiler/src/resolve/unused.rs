//! What is declared, imported or bound, and read by nothing.
//! Runs last, when every use is marked. Modules without a policy are libraries: what they declare is for whoever imports
//! it. Actions that no rule mentions are the checker's.

use super::Resolver;
use super::scope::Def;
use crate::errors::names;
use crate::hir::ModuleId;
use rustc_hash::FxHashSet;

impl Resolver<'_> {
    pub(super) fn unused(&mut self) {
        let mut found = vec![];
        let in_use = self.modules_in_use();
        for item in &self.items {
            if self.package[item.module].std || !in_use.contains(&item.module) || self.used.contains(&item.def) {
                continue;
            }
            let kind = match item.def {
                Def::Enum(_) => "enum",
                Def::Record(_) => "record",
                Def::Entity(_) => "entity",
                Def::Group(_) => "group",
                Def::Duty(_) => "duty",
                Def::Role(_) => "role",
                Def::Set(_) => "set",
                Def::Data(_) => "data",
                Def::Define(id) if !self.package[id].export => "define",
                Def::Table(_) => "table",
                Def::Fixture(_) => "fixture",
                Def::Define(_) | Def::Action(_) | Def::Policy(_) | Def::Control(_) | Def::Broken => continue,
            };
            let Some(head) = self.head(item.def) else { continue };
            // A second declaration of a name was reported; it is in no scope.
            if self.scopes[item.module.index()].decls.get(&head.name.text) == Some(&item.def) {
                found.push(names::unused(head.name.at, kind, &head.name.text));
            }
        }
        for (at, scope) in self.scopes.iter().enumerate() {
            if self.package.modules[at].std {
                continue;
            }
            let mut imports: Vec<_> = scope.imported.iter().filter(|(_, place)| !scope.imports[**place].used).collect();
            imports.sort();
            found.extend(
                imports.into_iter().map(|(name, place)| names::unused(scope.imports[*place].at, "import", name)),
            );
        }
        for (local, kind) in &self.local_watch {
            if !self.local_used[local.index()] {
                let name = &self.package[*local].name;
                found.push(names::unused(name.at, kind, &name.text));
            }
        }
        found.into_iter().for_each(|diagnostic| self.report(diagnostic));
    }

    /// Modules with a policy: what others declare may be imported by whoever comes later.
    fn modules_in_use(&self) -> FxHashSet<ModuleId> {
        self.package.policies.iter().map(|policy| policy.head.module).collect()
    }
}
