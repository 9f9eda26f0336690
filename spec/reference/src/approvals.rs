//! Approvals and waivers: which of those given count for the roles that a clause wants, and whether they suffice.
//! `combine` asks for each gate, conditional grant and denial that may be waived.

use crate::eval::{Binding, Evaluator, Failure, Outcome};
use ordain_compiler::hir::{Approver, Approvers, ExprId, Filter, RoleExpr};
use ordain_vm::answer::{Approved, Party, Wanted};
use ordain_vm::request::Approval;
use ordain_vm::value::{EntityRef, Instant, RoleId, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most roles that one clause may want; the checker refuses more.
pub const MAX_ROLES: usize = 16;

/// What became of a clause that wants approvers.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// They have approved.
    pub approved: bool,
    /// Every approval that counts.
    pub counted: Vec<Approved>,
    /// What the clause wants, as written.
    pub wanted: Vec<Wanted>,
    /// The first error in an approver's `where`; by it the rule has not erred.
    pub in_where: Option<Failure>,
}

/// A role wanted, and what must be true of whoever has it.
struct Slot<'a> {
    role: RoleId,
    filter: Option<&'a Filter>,
}

/// Which roles suffice, as sets of slots: bit `n` is slot `n`.
type Choice = u32;

impl Evaluator<'_> {
    /// `until`: an approval counts only before it. `waives`: only approvals that name this denial count, and with `None` only
    /// those that name none.
    pub fn approvals(
        &mut self,
        rule: &Arc<str>,
        approvers: &Approvers,
        grant: bool,
        until: Option<Instant>,
        waives: Option<&str>,
        given: &[Approval],
    ) -> Outcome<Standing> {
        let mut slots = vec![];
        let mut choices = vec![0];
        let mut standing = Standing::default();
        for approver in &approvers.all {
            let first = slots.len();
            let own = self.choices(approver, &mut slots)?;
            choices = both(&choices, &own);
            standing.wanted.push(Wanted {
                rule: rule.clone(),
                roles: slots[first..].iter().map(|slot| self.role_name(slot.role)).collect(),
                count: match approver {
                    Approver::Role { .. } => 1,
                    Approver::AnyOf { count, .. } => *count,
                },
                grant,
                until: until.map(|until| until.to_string()),
            });
        }
        let mut people: Vec<Vec<EntityRef>> = vec![];
        for slot in &slots {
            let mut able = vec![];
            for approval in given {
                if self.counts(slot, approval, until, waives, &mut standing.in_where) {
                    if !able.contains(&approval.by) {
                        able.push(approval.by.clone());
                    }
                    let approved = self.approved(rule, approval);
                    if !standing.counted.iter().any(|other| other.role == approved.role && other.by == approved.by) {
                        standing.counted.push(approved);
                    }
                }
            }
            people.push(able);
        }
        standing.approved = slots.len() <= MAX_ROLES && choices.iter().any(|choice| can_be_given(*choice, &people));
        Ok(standing)
    }

    /// The ways in which one approver wanted can be had; its roles become slots.
    fn choices<'b>(&mut self, approver: &'b Approver, slots: &mut Vec<Slot<'b>>) -> Outcome<Vec<Choice>> {
        match approver {
            Approver::Role { role, filter, .. } => {
                let role = match role {
                    RoleExpr::Role(role) => *role,
                    RoleExpr::Value(value) => self.role(*value)?,
                };
                slots.push(Slot { role, filter: filter.as_ref() });
                Ok(vec![1_u32.checked_shl(slots.len() as u32 - 1).unwrap_or(0)])
            }
            Approver::AnyOf { count, of, .. } => {
                // By how many of them: the ways to have so many.
                let mut ways: Vec<Vec<Choice>> = vec![vec![0]];
                for approver in of {
                    let own = self.choices(approver, slots)?;
                    ways.push(vec![]);
                    for had in (0..ways.len() - 1).rev() {
                        if slots.len() <= MAX_ROLES {
                            let more = both(&ways[had], &own);
                            ways[had + 1].extend(more);
                        }
                    }
                }
                Ok(ways.into_iter().nth(*count as usize).unwrap_or_default())
            }
        }
    }

    fn role(&mut self, id: ExprId) -> Outcome<RoleId> {
        match self.eval(id)? {
            Value::Role(role) => Ok(role),
            _ => Err(ordain_vm::fault::Fault::Form("a role").into()),
        }
    }

    fn counts(
        &mut self,
        slot: &Slot<'_>,
        approval: &Approval,
        until: Option<Instant>,
        waives: Option<&str>,
        in_where: &mut Option<Failure>,
    ) -> bool {
        let kinds = &self.package.roles[slot.role.index()].by;
        let counts = approval.role == slot.role
            && approval.waives.as_deref() == waives
            && (kinds.is_empty() || kinds.contains(&approval.by.kind))
            && self.request.actor.as_ref() != Some(&approval.by)
            && approval.at <= self.now
            && approval.expires.is_none_or(|expires| self.now < expires)
            && until.is_none_or(|until| approval.at < until);
        let Some(filter) = slot.filter.filter(|_| counts) else { return counts };
        let depth = self.locals.len();
        let around = self.approver.replace(approval.entities.clone());
        self.bind(filter.approver, Binding::Value(Value::Entity(approval.by.clone()), None));
        let result = self.truth(filter.condition);
        self.locals.truncate(depth);
        self.approver = around;
        result.unwrap_or_else(|failure| {
            in_where.get_or_insert(failure);
            false
        })
    }

    fn role_name(&self, role: RoleId) -> Arc<str> {
        self.package[role].head.name.text.clone()
    }

    fn approved(&self, rule: &Arc<str>, approval: &Approval) -> Approved {
        Approved {
            rule: rule.clone(),
            role: self.role_name(approval.role),
            by: Party { kind: self.package[approval.by.kind].head.name.text.clone(), id: approval.by.id.clone() },
            at: approval.at.to_string(),
            waived: approval.waives.is_some(),
        }
    }
}

/// Every way of the one with every way of the other.
fn both(some: &[Choice], others: &[Choice]) -> Vec<Choice> {
    some.iter().flat_map(|one| others.iter().map(move |other| one | other)).collect()
}

/// Each slot of the choice can have a person, and no person two: people are handed out slot by slot, and whoever is wanted
/// elsewhere is asked to step aside where that slot can have another.
fn can_be_given(choice: Choice, people: &[Vec<EntityRef>]) -> bool {
    let mut holders: BTreeMap<&EntityRef, usize> = BTreeMap::new();
    (0..people.len()).filter(|slot| choice >> slot & 1 == 1).all(|slot| take(slot, people, &mut holders, &mut vec![]))
}

fn take<'p>(
    slot: usize,
    people: &'p [Vec<EntityRef>],
    holders: &mut BTreeMap<&'p EntityRef, usize>,
    asked: &mut Vec<&'p EntityRef>,
) -> bool {
    for person in &people[slot] {
        if asked.contains(&person) {
            continue;
        }
        asked.push(person);
        let free = match holders.get(person).copied() {
            None => true,
            Some(other) => take(other, people, holders, asked),
        };
        if free {
            holders.insert(person, slot);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordain_vm::value::EntityId;

    /// A line a slot, the people who can fill it; `wanted` the slots that must be filled.
    fn given(people: &[&str], wanted: &[usize]) -> bool {
        let people: Vec<Vec<EntityRef>> = people
            .iter()
            .map(|line| line.split_whitespace().map(|id| EntityRef::new(EntityId(0), id)).collect())
            .collect();
        can_be_given(wanted.iter().fold(0, |choice, slot| choice | 1 << slot), &people)
    }

    #[test]
    fn each_role_has_a_person_of_its_own() {
        assert!(given(&[], &[]));
        assert!(given(&["mary"], &[0]));
        assert!(!given(&[""], &[0]));
        assert!(!given(&["mary", "mary"], &[0, 1]));
        assert!(given(&["mary", "mary"], &[1]));
        assert!(given(&["mary omar", "mary"], &[0, 1]));
        assert!(given(&["mary omar", "mary lena", "mary"], &[0, 1, 2]));
        assert!(!given(&["mary omar", "mary omar", "mary omar"], &[0, 1, 2]));
        assert!(given(&["a b", "b c", "c d", "d a"], &[0, 1, 2, 3]));
        assert!(!given(&["a b", "b a", "c", "c"], &[0, 1, 2, 3]));
    }

    #[test]
    fn handing_out_agrees_with_trying_everything() {
        // Every way in which three people can be able to fill three roles.
        for bits in 0..512_u32 {
            let able = |slot: usize, person: usize| bits >> (slot * 3 + person) & 1 == 1;
            let names = ["a", "b", "c"];
            let lines: Vec<String> = (0..3)
                .map(|slot| (0..3).filter(|p| able(slot, *p)).map(|p| names[p]).collect::<Vec<_>>().join(" "))
                .collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
            let possible = orders.iter().any(|order| (0..3).all(|slot| able(slot, order[slot])));
            assert_eq!(given(&lines, &[0, 1, 2]), possible, "{lines:?}");
        }
    }

    #[test]
    fn ways_are_joined() {
        assert_eq!(both(&[0b01, 0b10], &[0b100]), [0b101, 0b110]);
        assert_eq!(both(&[0], &[]), [] as [Choice; 0]);
    }
}
