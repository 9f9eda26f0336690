//! What a package declares besides rules: what its words mean, its tables and sets, and what a policy does by itself.

use super::{Block, Prose, Scope, capital, listed};
use crate::hir::{CellKind, Define, DefineId, Effective, Implements, Otherwise, PolicyId, SetId, Table, TableId};
use crate::prose::conditions::{relation, said_of};
use crate::prose::values::with_of;

/// A declaration under its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub title: String,
    pub says: Vec<Block>,
}

/// What is said of a policy before its rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPolicy {
    pub title: String,
    pub name: String,
    pub says: Vec<Block>,
    pub beside: Vec<(&'static str, String)>,
}

impl Prose<'_> {
    /// `A ‘vendor’ is trusted when all of this holds: …`
    pub fn define(&self, id: DefineId) -> Term {
        let define = &self.package[id];
        let name = self.words(&define.head.name.text);
        let params: Vec<String> = define.params.iter().map(|param| self.local(*param)).collect();
        let scope = Scope::default();
        let says = match define.returns {
            None => {
                let clause = self.clause(define.body, false, scope);
                let lead = said_of(&name, &params, false);
                match clause.is_short() {
                    true => vec![Block::Sentence(format!("{lead} when {}.", clause.line()))],
                    false => {
                        let (holds, items) = clause.listed();
                        vec![Block::Sentence(format!("{lead} when {holds}:")), Block::List(items)]
                    }
                }
            }
            Some(_) => vec![Block::Sentence(self.given(define, &name, &params, scope))],
        };
        Term { title: capital(&name), says }
    }

    fn given(&self, define: &Define, name: &str, params: &[String], scope: Scope<'_>) -> String {
        let value = self.value(define.body, scope);
        match params {
            [] => format!("The {name} is {value}."),
            params => format!("The {} {} is {value}.", with_of(name), listed(params, "and")),
        }
    }

    /// A decision table, a row a case.
    pub fn table(&self, id: TableId) -> Term {
        let table = &self.package[id];
        let scope = Scope::default();
        let columns = table.columns.iter().filter_map(|column| table.params.get(*column));
        let mut head: Vec<String> = columns.map(|param| self.words(&self.package[*param].name.text)).collect();
        let results = table.results.iter().map(|name| format!("then {}", self.words(&name.text)));
        match table.results.is_empty() {
            true => head.push("then".to_string()),
            false => head.extend(results),
        }
        let mut rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .map(|row| {
                let cells = row.cells.iter().map(|cell| self.cell(&cell.kind, scope));
                cells.chain(row.results.iter().map(|of| self.value(*of, scope))).collect()
            })
            .collect();
        if let Some(otherwise) = &table.otherwise {
            let cells = table.columns.iter().map(|_| "in every other case".to_string());
            rows.push(cells.chain(otherwise.iter().map(|of| self.value(*of, scope))).collect());
        }
        let name = self.words(&table.head.name.text);
        let says = vec![Block::Sentence(self.reading(table)), Block::Table(head, rows)];
        Term { title: capital(&name), says }
    }

    fn reading(&self, table: &Table) -> String {
        match table.first_match {
            true => "The first row that fits gives the result.".to_string(),
            false => "One row at most fits, and gives the result.".to_string(),
        }
    }

    fn cell(&self, cell: &CellKind, scope: Scope<'_>) -> String {
        match cell {
            CellKind::Any => "anything".to_string(),
            CellKind::Missing => "none".to_string(),
            CellKind::OneOf(options) => {
                listed(&options.iter().map(|of| self.value(*of, scope)).collect::<Vec<_>>(), "or")
            }
            CellKind::Range { low, high, half_open } => {
                let to = if *half_open { "up to but not" } else { "to" };
                format!("{} {to} {}", self.part(*low, scope), self.part(*high, scope))
            }
            CellKind::Compare(op, than) => {
                let relation = relation(*op).strip_prefix("is ").unwrap_or("exactly");
                format!("{relation} {}", self.part(*than, scope))
            }
        }
    }

    pub fn set(&self, id: SetId) -> Term {
        let set = &self.package[id];
        let name = self.words(&set.head.name.text);
        Term {
            title: capital(&name),
            says: vec![Block::Sentence(format!("‘{}’ is {}.", name, self.value(set.value, Scope::default())))],
        }
    }

    pub fn policy(&self, id: PolicyId) -> OfPolicy {
        let policy = &self.package[id];
        let name = policy.head.name.text.to_string();
        let title = policy.title.as_ref().map_or(capital(&self.words(&name)), |title| title.to_string());
        let mut beside = vec![("Name", name.clone())];
        beside.extend(policy.version.as_ref().map(|version| ("Version", version.to_string())));
        beside.extend(policy.owner.as_ref().map(|owner| ("Owner", owner.to_string())));
        beside.extend(self.effective(&policy.effective).map(|dates| ("In force", dates)));
        let zone = policy.zone.as_ref().map_or("UTC".to_string(), |zone| zone.text.to_string());
        beside.push(("Clock", zone));
        if let Some(calendar) = policy.calendar {
            beside.push(("Calendar", self.words(&self.package[calendar].head.name.text)));
        }
        beside.extend(policy.implements.iter().map(|of| ("Implements", self.implements(of))));
        let under: Vec<String> =
            policy.under.iter().map(|outer| self.words(&self.package[*outer].head.name.text)).collect();
        if !under.is_empty() {
            beside.push(("Under", listed(&under, "and")));
        }
        let mut says = vec![Block::Sentence(self.governs(id))];
        let scope = Scope::default();
        says.push(Block::Sentence(match &policy.otherwise {
            Otherwise::Permit => "Where no rule of it permits a request, it is permitted all the same.".to_string(),
            Otherwise::Deny(None) => "Where no rule of it permits a request, it is denied.".to_string(),
            Otherwise::Deny(Some(because)) => {
                format!("Where no rule of it permits a request, it is denied, and “{because}” is said.")
            }
            Otherwise::Abstain => "Where no rule of it permits a request, it has no say.".to_string(),
            Otherwise::PermitWith(approval) => format!(
                "Where no rule of it permits a request, it is permitted once {}.",
                self.approved(approval, scope).trim_end_matches(',')
            ),
        }));
        OfPolicy { title, name, says, beside }
    }

    fn governs(&self, id: PolicyId) -> String {
        let policy = &self.package[id];
        if policy.governs_any {
            return "It governs every action.".to_string();
        }
        let own = policy.rules.iter().flat_map(|rule| &self.package[*rule].on);
        let mut actions: Vec<_> =
            if policy.governs.is_empty() { own.collect() } else { policy.governs.iter().collect() };
        actions.sort_unstable();
        actions.dedup();
        let names = actions.iter().map(|action| self.action(**action));
        format!("It governs {}.", listed(&names.collect::<Vec<_>>(), "and"))
    }

    pub(super) fn effective(&self, of: &Effective) -> Option<String> {
        match (of.from, of.until) {
            (None, None) => None,
            (Some(from), None) => Some(format!("from {from} on")),
            (None, Some(until)) => Some(format!("until the end of {until}")),
            (Some(from), Some(until)) => Some(format!("from {from} until the end of {until}")),
        }
    }

    pub(super) fn implements(&self, of: &Implements) -> String {
        let control = &self.package[of.control];
        let name = control.title.as_ref().unwrap_or(&control.id);
        of.id.as_ref().map_or(name.to_string(), |id| format!("{name}, {id}"))
    }
}
