//! Approvals: whether those given suffice for a clause that wants approvers. The interpreter asks for each gate,
//! conditional grant and denial that may be waived; a condition on an approver is a function of its own.

use crate::fault::Fault;
use crate::interp::{Around, Found, Interpreter, Machine, Run};
use crate::program::{Clause, Function, Place};
use crate::request::Approval;
use crate::request::slots::Banks;
use crate::value::{EntityRef, Instant, RoleId, Value};

/// The roles of a clause, by bit; `until`: an approval counts only before it.
pub(crate) struct Asking<'a> {
    pub around: &'a Around<'a>,
    pub clause: &'a Clause,
    /// By role wanted.
    pub roles: Vec<RoleId>,
    pub until: Option<Instant>,
}

/// What was asked of approvers.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The rule, or behind those of the rules the policy, whose `otherwise` asks.
    pub rule: u32,
    pub clause: u32,
    pub roles: Vec<RoleId>,
    pub until: Option<Instant>,
}

/// True where the approvals given suffice. The first fault of a condition on an approver is put into `fault`.
pub(crate) fn suffice(asking: &Asking<'_>, fault: &mut Option<(Fault, Place)>) -> bool {
    let able: Vec<Vec<&EntityRef>> = (0..asking.roles.len())
        .map(|slot| {
            let given = asking.around.given.iter();
            given.filter(|approval| asking.counts(slot, approval, fault)).map(|approval| &approval.by).collect()
        })
        .collect();
    asking.clause.choices.iter().any(|choice| can_be_filled(*choice, &able))
}

/// The same of a clause where no approval was given: a choice of its wants nobody.
pub(crate) fn nobody_suffices(clause: &Clause) -> bool {
    clause.choices.iter().any(|choice| (0..clause.wanted.len()).all(|slot| choice >> slot & 1 == 0))
}

impl<'a> Asking<'a> {
    /// Every approval that counts, by role wanted; of one person in one role the first.
    pub fn counted(&self) -> Vec<&'a Approval> {
        let mut counted: Vec<&Approval> = vec![];
        for slot in 0..self.roles.len() {
            for approval in self.around.given {
                let known = counted.iter().any(|other| other.role == approval.role && other.by == approval.by);
                if !known && self.counts(slot, approval, &mut None) {
                    counted.push(approval);
                }
            }
        }
        counted
    }

    fn counts(&self, slot: usize, approval: &Approval, fault: &mut Option<(Fault, Place)>) -> bool {
        let request = self.around.request;
        let role = self.roles[slot];
        let kinds = &self.around.verified.program().schema.roles[role.index()].by;
        let now = request.time();
        let counts = approval.role == role
            && approval.waives == self.clause.waives
            && (kinds.is_empty() || kinds.contains(&approval.by.kind))
            && request.actor() != Some(&approval.by)
            && approval.at <= now
            && approval.expires.is_none_or(|expires| now < expires)
            && self.until.is_none_or(|until| approval.at < until);
        match self.clause.wanted[slot].filter {
            Some(filter) if counts => self.holds(filter, approval).unwrap_or_else(|found| {
                fault.get_or_insert(found);
                false
            }),
            Some(_) | None => counts,
        }
    }

    /// What a function says of an approver.
    fn holds(&self, number: u32, approval: &Approval) -> Result<bool, (Fault, Place)> {
        let verified = self.around.verified;
        let function: &Function = &verified.program().functions[number as usize];
        let Some((approver, answer)) = function.asks else { return Ok(false) };
        let request = self.around.request;
        let layout = verified.layout(request.action());
        let mut banks = Banks::new(&layout.registers, function);
        layout.begin(request.time(), self.around.id, self.around.asked, &mut banks);
        request.fill(layout, &mut banks);
        banks.values[approver.index()] = Value::Entity(approval.by.clone());
        let around = Around { approver: Some(&approval.entities), ..*self.around };
        Interpreter.run(&mut Machine::new(number, &mut banks, &around, &mut Found::default()))?;
        Ok(banks.words[answer.index()] != 0)
    }
}

/// Every slot of the choice can have a person of its own.
fn can_be_filled(choice: u32, able: &[Vec<&EntityRef>]) -> bool {
    let mut filled: Vec<Option<&EntityRef>> = vec![None; able.len()];
    (0..able.len()).filter(|slot| choice >> slot & 1 == 1).all(|slot| fill(slot, able, &mut filled, &mut vec![]))
}

/// Finds someone for the slot, and, where they are wanted elsewhere, someone else for that.
fn fill<'e>(
    slot: usize,
    able: &[Vec<&'e EntityRef>],
    filled: &mut Vec<Option<&'e EntityRef>>,
    tried: &mut Vec<&'e EntityRef>,
) -> bool {
    for person in &able[slot] {
        if tried.contains(person) {
            continue;
        }
        tried.push(person);
        let elsewhere = filled.iter().position(|other| other.is_some_and(|other| other == *person));
        if elsewhere.is_none_or(|elsewhere| fill(elsewhere, able, filled, tried)) {
            filled[slot] = Some(person);
            return true;
        }
    }
    false
}
