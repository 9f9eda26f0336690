//! `Program` to [`Verified`]: the only way to something that runs. Everything behind it may assume what is checked here,
//! in one pass over each function: registers, constants and jumps are there, what is named is there and of the right kind,
//! only registers of work are written, and every walk ends.

mod cost;
mod past;
mod places;
mod said;

use crate::builtin::Builtin;
use crate::conditions::Unseen;
use crate::encode::{Digest, digest, digest_of_things};
use crate::library::{Library, Matcher};
use crate::lookup::{Index, TextSet, WordSet};
use crate::op::{Gathered, Label, Op, Text, Use, Val, Visit, Wide, Word};
use crate::program::{
    Action, Clause, FieldOf, Function, Keys, Place, Policy, Program, Registers, Role, Selection, Wanted,
};
use crate::request::slots::{Bank, Layout};
use crate::schema::plain_names;
use crate::value::{Instant, Type};
pub use cost::cost;
use places::Places;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// A program whose instructions are known good, with what it calls.
pub struct Verified {
    program: Program,
    builtins: Vec<&'static Builtin>,
    matchers: Vec<Matcher>,
    word_sets: Vec<WordSet>,
    text_sets: Vec<TextSet>,
    /// By action.
    layouts: Vec<Layout>,
    places: Places,
    /// By function, by selection.
    indexes: Vec<Vec<Index>>,
    /// By function, by value of the request: whether it reads it.
    read: Vec<Arc<[bool]>>,
    /// By action: how the bits of its conditions begin.
    unseen: Vec<Unseen>,
    /// By action, by rule: its place among the action's. Nothing where rules are run in their order.
    order: Vec<Vec<u32>>,
    /// By action: no date of a policy that governs it has a say.
    undated: Vec<bool>,
    /// Of all that this process has verified, counted from 1.
    number: u64,
    digest: OnceLock<Digest>,
    /// [`digest_of_things`]
    things: Digest,
    /// By action: accumulators that it adds to, and by which function.
    entries: Vec<Vec<(u32, u32)>>,
}

/// So many conditions the rules of one action may have, for which bits are kept.
const MOST_CONDITIONS: u32 = 1 << 20;

/// How many programs were verified.
static VERIFIED: AtomicU64 = AtomicU64::new(0);

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified").field("program", &self.program).finish_non_exhaustive()
    }
}

/// Why a program is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The library has no built-in of that name.
    NoBuiltin(String),
    /// A pattern is malformed, or too large.
    Pattern(String),
    /// Something that the program names is not in it.
    Missing { what: &'static str, number: u32, function: Option<u32>, at: Option<u32> },
    /// An instruction of a function does what it must not.
    Wrong { why: &'static str, function: u32, at: u32 },
    /// A table does not go together with another.
    Table { why: &'static str, number: u32 },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoBuiltin(name) => write!(f, "the program calls `{name}`, which this library does not have"),
            Refusal::Pattern(form) => write!(f, "the pattern `{form}` is malformed"),
            Refusal::Missing { what, number, function: Some(function), at: Some(at) } => {
                write!(f, "there is no {what} {number}, which instruction {at} of function {function} names")
            }
            Refusal::Missing { what, number, .. } => write!(f, "there is no {what} {number}"),
            Refusal::Wrong { why, function, at } => write!(f, "instruction {at} of function {function} {why}"),
            Refusal::Table { why, number } => write!(f, "{why} (number {number})"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Checks a program against the library that it will call. Time grows with its size.
pub fn verify(program: Program, library: &dyn Library) -> Result<Verified, Refusal> {
    let builtins = program
        .builtins
        .iter()
        .map(|path| library.builtin(path).ok_or_else(|| Refusal::NoBuiltin(path.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    let matchers = program
        .patterns
        .iter()
        .map(|pattern| library.matcher(pattern).ok_or_else(|| Refusal::Pattern(pattern.form().to_string())))
        .collect::<Result<_, _>>()?;
    if !program.schema.is_whole() {
        return Err(Refusal::Table { why: "the schema names what is not in it", number: 0 });
    }
    if let Some(action) = program.schema.actions.iter().position(|action| !action.names_are_plain()) {
        let why = "a field of an action is there twice, or has a name that JSON writes otherwise";
        return Err(Refusal::Table { why, number: action as u32 });
    }
    if !plain_names(program.schema.context.iter().map(|member| &member.name)) {
        let why = "a member of the context is there twice, or has a name that JSON writes otherwise";
        return Err(Refusal::Table { why, number: 0 });
    }
    let layouts: Vec<Layout> =
        (0..program.schema.actions.len()).map(|action| Layout::of(&program.schema, action)).collect();
    tables(&program)?;
    let entries = past::tables(&program)?;
    if let Some(at) = program.types.iter().position(|ty| !program.schema.knows(ty)) {
        return Err(Refusal::Table { why: "a type is of nothing in the schema", number: at as u32 });
    }
    let mut decides: Vec<Option<&Action>> = vec![None; program.functions.len()];
    program.actions.iter().for_each(|action| decides[action.function as usize] = Some(action));
    let mut read = vec![];
    for (number, function) in program.functions.iter().enumerate() {
        let (number, decides) = (number as u32, decides[number]);
        let Some(layout) = layouts.get(function.action as usize) else {
            return Err(Refusal::Missing { what: "action", number: function.action, function: Some(number), at: None });
        };
        let rules = decides.iter().flat_map(|action| action.rules.iter().copied().zip(0..)).collect();
        let checker = Checker { program: &program, builtins: &builtins, function, number, decides, rules, layout };
        read.push(checker.function()?);
        if function.cost != cost(&program, function) {
            return Err(Refusal::Table { why: "a function costs something else than it says", number });
        }
    }
    let word_sets = program.word_sets.iter().map(|words| WordSet::new(words)).collect();
    let unhashed = |at: usize| Refusal::Table { why: "no hash is found for a set of texts", number: at as u32 };
    let text_sets = program.text_sets.iter().enumerate();
    let text_sets = text_sets.map(|(at, texts)| TextSet::new(texts).ok_or_else(|| unhashed(at)));
    let text_sets = text_sets.collect::<Result<_, _>>()?;
    let index = |(at, of): (usize, &Selection)| Index::new(&of.keys).ok_or_else(|| unhashed(at));
    let indexes = program.functions.iter().map(|function| function.selections.iter().enumerate().map(index).collect());
    let indexes = indexes.collect::<Result<_, _>>()?;
    let unseen = program.actions.iter().map(Unseen::of).collect();
    let order = program.actions.iter().map(|action| order(&program, action)).collect();
    let undated = program.actions.iter().map(|action| action.policies.iter().all(|of| is_undated(&program, *of)));
    let (undated, number) = (undated.collect(), VERIFIED.fetch_add(1, Relaxed) + 1);
    let (places, things) = (Places::of(&program.files), digest_of_things(&program.schema));
    Ok(Verified {
        program,
        builtins,
        matchers,
        word_sets,
        text_sets,
        indexes,
        read,
        unseen,
        order,
        layouts,
        places,
        undated,
        number,
        digest: OnceLock::new(),
        things,
        entries,
    })
}

/// A policy and those outside it, from the inside outwards; the last where it is under none. Policies are not under
/// themselves, so there are no more levels than policies.
fn outwards(program: &Program, policy: u32, mut keep: impl FnMut(&Policy) -> bool) -> bool {
    let mut level = vec![policy];
    for _ in 0..program.policies.len() {
        level.retain(|policy| keep(&program.policies[*policy as usize]));
        if level.is_empty() || level.iter().any(|policy| program.policies[*policy as usize].under.is_empty()) {
            return !level.is_empty();
        }
        level = level.iter().flat_map(|policy| program.policies[*policy as usize].under.iter().copied()).collect();
        level.sort_unstable();
        level.dedup();
    }
    false
}

/// By rule: its place among those of an action in which rules are looked up.
fn order(program: &Program, action: &Action) -> Vec<u32> {
    if action.asked_first.is_empty() {
        return vec![];
    }
    let mut order = vec![0; program.rules.len()];
    action.rules.iter().zip(0..).for_each(|(rule, at)| order[*rule as usize] = at);
    order
}

/// It is in force whenever it is asked.
fn is_undated(program: &Program, policy: u32) -> bool {
    let mut undated = true;
    outwards(program, policy, |policy| {
        undated &= policy.in_force.always();
        true
    }) && undated
}

impl Verified {
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Of the action in that place of the schema.
    pub fn layout(&self, action: usize) -> &Layout {
        &self.layouts[action]
    }

    /// The same, where there is such an action.
    pub(crate) fn layout_of(&self, action: usize) -> Option<&Layout> {
        self.layouts.get(action)
    }

    /// By value of the request: whether that function reads it.
    pub(crate) fn read(&self, function: u32) -> Arc<[bool]> {
        self.read[function as usize].clone()
    }

    /// Which of all that this process has verified it is, from 1 on; 0 is none.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The digest of the program, as it stands in its file. It is worked out where it is asked for first.
    pub fn digest(&self) -> Digest {
        *self.digest.get_or_init(|| digest(&self.program))
    }

    /// What an entity store is made by: a [`Snapshot`](crate::request::Snapshot) of it serves this program.
    pub(crate) fn things(&self) -> Digest {
        self.things
    }

    /// Adds the policies that govern the action and are in force: in their own dates, while a version of what they are
    /// under is.
    pub(crate) fn speaking(&self, action: usize, now: Instant, speaking: &mut Vec<u32>) {
        let policies = &self.program.actions[action].policies;
        if self.undated[action] {
            return speaking.extend_from_slice(policies);
        }
        let speaks = |of: &&u32| outwards(&self.program, **of, |policy| policy.in_force.at(now));
        speaking.extend(policies.iter().filter(speaks));
    }

    /// As people read a place: `payables.ord:52:3`. Of a file that is not there, nothing.
    pub fn shown(&self, place: Place) -> String {
        self.places.shown(&self.program.files, place)
    }

    /// Accumulators that an entry of that action adds to, and by which function.
    pub(crate) fn entries(&self, action: usize) -> &[(u32, u32)] {
        self.entries.get(action).map_or(&[], |entries| entries)
    }

    pub(crate) fn builtin(&self, at: u32) -> &'static Builtin {
        self.builtins[at as usize]
    }

    pub(crate) fn index(&self, function: u32, selection: u32) -> &Index {
        &self.indexes[function as usize][selection as usize]
    }

    /// By rule, the places of an action's rules, where they are not run in their order.
    pub(crate) fn order(&self, action: usize) -> Option<&[u32]> {
        Some(self.order[action].as_slice()).filter(|order| !order.is_empty())
    }

    pub(crate) fn unseen(&self, action: usize) -> &Unseen {
        &self.unseen[action]
    }

    /// True where the word is in that set of the program, which has it.
    pub fn word_in(&self, set: u32, word: i64) -> bool {
        self.word_sets[set as usize].contains(word)
    }

    /// True where the text is in that set of the program, which has it.
    pub fn text_in(&self, set: u32, text: &str) -> bool {
        self.text_sets[set as usize].place(text).is_some()
    }

    pub(crate) fn matches(&self, at: u32, text: &str) -> bool {
        self.matchers[at as usize](text)
    }
}

/// What stands beside the functions.
fn tables(program: &Program) -> Result<(), Refusal> {
    let missing = |what, number| Refusal::Missing { what, number, function: None, at: None };
    let table = |why, number| Refusal::Table { why, number };
    let (rules, policies) = (program.rules.len() as u32, program.policies.len() as u32);
    let sorted = |words: &Vec<i64>| words.windows(2).all(|pair| pair[0] < pair[1]);
    if let Some(at) = program.word_sets.iter().position(|set| !sorted(set)) {
        return Err(table("a set of words is not in order", at as u32));
    }
    let unsorted = program.text_sets.iter().position(|set| !set.windows(2).all(|pair| pair[0] < pair[1]));
    if let Some(at) = unsorted {
        return Err(table("a set of texts is not in order", at as u32));
    }
    for rule in &program.rules {
        if rule.policy >= policies {
            return Err(missing("policy", rule.policy));
        }
    }
    for policy in &program.policies {
        if let Some(outer) = policy.under.iter().find(|outer| **outer >= policies) {
            return Err(missing("policy", *outer));
        }
        if let Some(data) = policy.calendar.filter(|data| *data as usize >= program.schema.data.len()) {
            return Err(missing("data", data));
        }
    }
    if program.actions.len() != program.schema.actions.len() {
        return Err(table("the schema has another number of actions", program.actions.len() as u32));
    }
    for (number, action) in program.actions.iter().enumerate() {
        let function = program.functions.get(action.function as usize);
        if function.is_none_or(|function| function.action as usize != number) {
            return Err(missing("function of the action", number as u32));
        }
        if let Some(rule) = action.rules.iter().find(|rule| **rule >= rules) {
            return Err(missing("rule", *rule));
        }
        if let Some(policy) = action.policies.iter().find(|policy| **policy >= policies) {
            return Err(missing("policy", *policy));
        }
        if action.conditions > MOST_CONDITIONS {
            return Err(table("an action has too many conditions", number as u32));
        }
        if let Some(at) = action.asked_first.iter().find(|at| **at >= action.conditions) {
            return Err(missing("condition", *at));
        }
        said::check(program, number as u32, action)?;
        in_order(action).map_err(|rule| table("a rule stands before one that overrides it", rule))?;
    }
    program.clauses.iter().enumerate().try_for_each(|(number, clause)| wanted(program, number as u32, clause))
}

/// Each rule that is overridden stands behind those that override it.
fn in_order(action: &Action) -> Result<(), u32> {
    let mut open: BTreeSet<u32> = action.overridden.iter().map(|(rule, _)| *rule).collect();
    for (rule, by) in &action.overridden {
        if by.iter().any(|by| open.contains(by)) || !open.remove(rule) {
            return Err(*rule);
        }
    }
    Ok(())
}

fn wanted(program: &Program, number: u32, clause: &Clause) -> Result<(), Refusal> {
    let missing = |what, number| Refusal::Missing { what, number, function: None, at: None };
    if clause.wanted.len() > 32 {
        return Err(Refusal::Table { why: "a clause wants more than 32 roles", number });
    }
    let named = clause.named.iter().fold(0_u64, |roles, (_, of)| roles + u64::from(*of));
    if named != clause.wanted.len() as u64 {
        return Err(Refusal::Table { why: "a clause names another number of roles than it wants", number });
    }
    for Wanted { role, filter } in &clause.wanted {
        if let Role::Fixed(role) = role
            && *role as usize >= program.schema.roles.len()
        {
            return Err(missing("role", *role));
        }
        if let Some(filter) = filter {
            let function = program.functions.get(*filter as usize).ok_or(missing("function", *filter))?;
            if function.asks.is_none() || program.actions.iter().any(|action| action.function == *filter) {
                return Err(Refusal::Table { why: "a condition on an approver is no such function", number: *filter });
            }
        }
    }
    Ok(())
}

struct Checker<'p> {
    program: &'p Program,
    builtins: &'p [&'static Builtin],
    function: &'p Function,
    number: u32,
    /// The action that it decides; nothing of a function that is asked of an approver.
    decides: Option<&'p Action>,
    /// Those on that action, and their places there.
    rules: BTreeMap<u32, usize>,
    layout: &'p Layout,
}

/// Which registers an instruction writes, and the first thing that is wrong with it.
struct Registered {
    all: Registers,
    /// The first register of each bank that may be written.
    work: Registers,
    ops: u32,
    /// How many constant texts there are.
    texts: u32,
    /// The first register of a row that has none.
    nothing: Option<u32>,
    words: Vec<u32>,
    values: Vec<u32>,
    /// By value of the request: it is read.
    read: Vec<bool>,
    wrong: Option<(&'static str, u32)>,
}

const READ_ONLY: &str = "constant or register of the request that is written";

impl Registered {
    fn at(&mut self, what: &'static str, how: Use, at: u32, count: u32, work: u32) {
        match how {
            _ if at >= count => self.wrong = self.wrong.or(Some((what, at))),
            Use::Read => {}
            Use::Write | Use::Change if at < work => self.wrong = self.wrong.or(Some((READ_ONLY, at))),
            Use::Write | Use::Change => {}
        }
    }
}

/// These registers of values are read.
fn mark(read: &mut [bool], first: u32, count: u32) {
    let end = first.saturating_add(count).min(read.len() as u32);
    if first < end {
        read[first as usize..end as usize].fill(true);
    }
}

impl Visit for Registered {
    fn word(&mut self, how: Use, at: &mut Word) {
        self.at("word", how, at.0, self.all.words, self.work.words);
        if how != Use::Read {
            self.words.push(at.0);
        }
    }

    fn wide(&mut self, how: Use, at: &mut Wide) {
        self.at("wide", how, at.0, self.all.wides, self.work.wides);
    }

    fn val(&mut self, how: Use, at: &mut Val) {
        if how == Use::Read && self.nothing == Some(at.0) {
            return;
        }
        self.at("value", how, at.0, self.all.values, self.work.values);
        mark(&mut self.read, at.0, 1);
        if how != Use::Read {
            self.values.push(at.0);
        }
    }

    fn slot(&mut self, at: &mut u32) {
        self.at("text", Use::Read, *at, self.all.texts, 0);
    }

    fn constant(&mut self, at: &mut u32) {
        self.at("constant text", Use::Read, *at, self.texts, 0);
    }

    fn gathered(&mut self, how: Use, at: &mut Gathered) {
        self.at("gathered", how, at.0, self.all.gathered, 0);
    }

    fn label(&mut self, at: &mut Label) {
        if at.0 >= self.ops {
            self.wrong = self.wrong.or(Some(("instruction", at.0)));
        }
    }
}

impl Checker<'_> {
    /// Gives which values of the request it reads.
    fn function(&self) -> Result<Arc<[bool]>, Refusal> {
        let function = self.function;
        let count = function.ops.len() as u32;
        if !matches!(function.ops.last(), Some(Op::Return {})) {
            return Err(self.wrong("is the last and does not end the function", count));
        }
        if function.places.len() != function.ops.len() {
            return Err(self.wrong("is the last, and there is another number of places", count));
        }
        // So that no program asks for memory that its size does not tell of.
        let (work, most) = (function.work, count.saturating_mul(16).saturating_add(64));
        if [work.words, work.wides, work.values, work.gathered].into_iter().any(|registers| registers > most) {
            return Err(self.wrong("is the last, and the function has more registers than its instructions use", count));
        }
        if let Some(at) = function.values.iter().position(|value| !self.program.schema.holds(value)) {
            return Err(self.missing("thing in the schema for the constant", at as u32, 0));
        }
        let (all, work) = (self.registers(), self.constants());
        let mut walks: Vec<(u32, u32)> = vec![];
        let mut written: Vec<(Vec<u32>, Vec<u32>)> = vec![];
        let mut read = vec![false; self.layout.registers.values as usize];
        for (at, op) in function.ops.iter().enumerate() {
            let at = at as u32;
            // A row of no registers may stand behind the last.
            let nothing = op.row().filter(|(_, count)| *count == 0).map(|(first, _)| first.0);
            let texts = function.texts.len() as u32;
            let mut seen =
                Registered { all, work, ops: count, texts, nothing, words: vec![], values: vec![], read, wrong: None };
            let mut shown = op.clone();
            shown.visit(&mut seen);
            read = seen.read;
            if let Some((what, number)) = seen.wrong {
                return Err(self.missing(what, number, at));
            }
            if let Some((first, count)) = op.row()
                && first.0.checked_add(count).is_none_or(|end| end > all.values)
            {
                return Err(self.missing("row of values", first.0, at));
            }
            if let Some((first, count)) = op.row() {
                mark(&mut read, first.0, count);
            }
            self.named(op, at)?;
            if let Some(label) = op.label().map(|label| label.0).filter(|label| *label <= at) {
                let jumps =
                    matches!(op, Op::Jump { .. } | Op::JumpIf { .. } | Op::JumpIfNot { .. } | Op::InForce { .. });
                if !jumps || !matches!(function.ops[label as usize], Op::Each { .. }) {
                    return Err(self.wrong("goes back to what begins no walk", at));
                }
                walks.push((label, at));
            }
            written.push((seen.words, seen.values));
        }
        self.walks(&walks, &written)?;
        for region in &function.regions {
            if region.from > region.to || region.to > count || region.handler < region.to || region.handler >= count {
                return Err(self.missing("place of a region", region.handler, region.from));
            }
        }
        function.selections.iter().enumerate().try_for_each(|(at, selection)| self.selection(at as u32, selection))?;
        for watched in &function.watched {
            self.condition(watched.condition, watched.from)?;
        }
        if let Some((first, count)) = function.gives
            && first.0.checked_add(count).is_none_or(|end| end > all.values)
        {
            return Err(self.missing("row of values", first.0, 0));
        }
        if let Some((approver, answer)) = function.asks {
            if approver.0 >= all.values || approver.0 < work.values {
                return Err(self.missing("register of the approver", approver.0, 0));
            }
            if answer.0 >= all.words {
                return Err(self.missing("register of the answer", answer.0, 0));
            }
        }
        if let Some(enters) = function.enters {
            self.enters(enters, all, work)?;
            mark(&mut read, enters.first.0, enters.count);
            mark(&mut read, enters.kept.0, 1);
        }
        if let Some((first, count)) = function.gives {
            mark(&mut read, first.0, count);
        }
        Ok(read.into())
    }

    /// Its keys are in order, and each has a stretch of targets that ends.
    fn selection(&self, number: u32, of: &Selection) -> Result<(), Refusal> {
        let (keys, sorted) = match &of.keys {
            Keys::Words(words) => (words.len(), words.windows(2).all(|pair| pair[0] < pair[1])),
            Keys::Texts(texts) => (texts.len(), texts.windows(2).all(|pair| pair[0] < pair[1])),
        };
        let ops = self.function.ops.len() as u32;
        let (starts, targets) = (&of.starts, &of.targets);
        if !sorted || keys != starts.len() || starts.iter().any(|start| *start as usize >= targets.len()) {
            return Err(Refusal::Table { why: "the keys of a selection are not in order", number });
        }
        match targets.iter().find(|target| **target >= ops && **target != Selection::END) {
            Some(target) => Err(self.missing("instruction", *target, 0)),
            None => Ok(()),
        }
    }

    /// A selection's rules lie behind where they are looked up.
    fn selects(&self, selection: u32, at: u32) -> Result<(), Refusal> {
        match self.function.selections.get(selection as usize) {
            None => Err(self.missing("selection", selection, at)),
            Some(of) if of.targets.iter().any(|target| *target <= at) => {
                Err(self.wrong("selects what lies before it", at))
            }
            Some(_) => Ok(()),
        }
    }

    /// Every walk ends. `walks` are the jumps back: to which `Each`, and from where. Walks lie in one another or apart, so
    /// that who has left one comes back to its `Each` only through that of a walk around it; nothing in a walk changes its
    /// place or its list; and an `Each` that has come to its end goes on behind the last jump back to it.
    fn walks(&self, walks: &[(u32, u32)], written: &[(Vec<u32>, Vec<u32>)]) -> Result<(), Refusal> {
        // By `Each`: the last jump back to it.
        let mut ranges: BTreeMap<u32, u32> = BTreeMap::new();
        for (each, back) in walks {
            let last = ranges.entry(*each).or_insert(*back);
            *last = (*last).max(*back);
        }
        let mut around: Vec<u32> = vec![];
        for (each, back) in &ranges {
            let Op::Each { of, at, done } = &self.function.ops[*each as usize] else { continue };
            around.retain(|end| each <= end);
            if around.iter().any(|end| back > end) {
                return Err(self.wrong("goes back into a walk that it is not in", *back));
            }
            around.push(*back);
            if done.0 <= *back {
                return Err(self.wrong("ends a walk inside it", *each));
            }
            for inside in each + 1..=*back {
                let (words, values) = &written[inside as usize];
                if words.contains(&at.0) || values.contains(&of.0) {
                    return Err(self.wrong("changes the walk that it is in", inside));
                }
            }
        }
        Ok(())
    }

    fn constants(&self) -> Registers {
        let (given, function) = (self.layout.registers, self.function);
        Registers {
            words: given.words + function.words.len() as u32,
            wides: given.wides + function.wides.len() as u32,
            texts: given.texts,
            values: given.values + function.values.len() as u32,
            gathered: 0,
        }
    }

    fn registers(&self) -> Registers {
        let (before, work) = (self.constants(), self.function.work);
        Registers {
            words: before.words.saturating_add(work.words),
            wides: before.wides.saturating_add(work.wides),
            // No instruction writes a text.
            texts: before.texts,
            values: before.values.saturating_add(work.values),
            gathered: work.gathered,
        }
    }

    /// What an instruction names besides registers and labels.
    fn named(&self, op: &Op, at: u32) -> Result<(), Refusal> {
        let program = self.program;
        let there = |what, number: u32, count: usize| match (number as usize) < count {
            true => Ok(()),
            false => Err(self.missing(what, number, at)),
        };
        let of_bank = |ty: u32, bank: Bank| match program.types.get(ty as usize) {
            Some(found) if Bank::of(found) == bank => Ok(()),
            Some(_) => Err(self.wrong("names a type of another bank", at)),
            None => Err(self.missing("type", ty, at)),
        };
        match op {
            Op::WordValue { ty, .. } => of_bank(*ty, Bank::Word),
            Op::WideValue { ty, .. } => of_bank(*ty, Bank::Wide),
            Op::WidenValue { ty, .. } | Op::FitValue { ty, .. } | Op::Total { ty, .. } => {
                there("type", *ty, program.types.len())
            }
            Op::Convert { ty, .. } => match program.types.get(*ty as usize) {
                Some(Type::Money(Some(_))) => Ok(()),
                Some(_) => Err(self.wrong("converts into what is no currency", at)),
                None => Err(self.missing("type", *ty, at)),
            },
            Op::WordIn { set, .. } => there("set of words", *set, program.word_sets.len()),
            Op::TextIn { set, .. } => there("set of texts", *set, program.text_sets.len()),
            Op::Matches { pattern, .. } => there("pattern", *pattern, program.patterns.len()),
            Op::Data { data, .. } => there("data", *data, program.schema.data.len()),
            Op::Field { field, .. } => {
                there("field", *field, program.fields.len())?;
                program.fields[*field as usize].iter().try_for_each(|field| self.field(*field, at))
            }
            Op::Entity { kind, .. } | Op::IsA { kind, .. } => there("kind", *kind, program.schema.entities.len()),
            Op::Record { record, count, .. } => {
                there("record", *record, program.schema.records.len())?;
                match program.schema.records[*record as usize].fields.len() == *count as usize {
                    true => Ok(()),
                    false => Err(self.wrong("makes a record of another number of fields", at)),
                }
            }
            Op::Map { count, .. } if count % 2 == 1 => Err(self.wrong("makes a map of a key without a value", at)),
            Op::ComesFrom { origins, .. } => there("place of origin", *origins, program.origins.len()),
            Op::Call { builtin, count, policy, .. } => {
                there("built-in", *builtin, program.builtins.len())?;
                if *policy != u32::MAX {
                    there("policy", *policy, program.policies.len())?;
                }
                match self.builtins[*builtin as usize].params.len() == *count as usize {
                    true => Ok(()),
                    false => Err(self.wrong("calls with another number of operands", at)),
                }
            }
            Op::Seen { at: condition, .. } => self.condition(*condition, at),
            Op::Stand { rule, .. } | Op::Err { rule, .. } | Op::Unsay { rule } | Op::InForce { rule, .. } => {
                self.rule(*rule, at)
            }
            Op::Cross { rule, .. } => self.rule(*rule, at),
            Op::Lack { rule, requirement } => {
                self.rule(*rule, at)?;
                let place = self.rules.get(rule).copied();
                let said = self.decides.and_then(|action| action.said.get(place?));
                there("requirement", *requirement, said.map_or(0, |said| said.requirements.len()))
            }
            Op::Approvals { clause, count, rule, .. } => {
                there("clause", *clause, program.clauses.len())?;
                there("rule or policy", *rule, program.rules.len() + program.policies.len())?;
                let clause = &program.clauses[*clause as usize];
                let given = clause.wanted.iter().filter(|wanted| wanted.role == Role::Given).count();
                let filters = clause.wanted.iter().filter_map(|wanted| wanted.filter);
                let mut filters = filters.filter_map(|filter| program.functions.get(filter as usize));
                match self.decides {
                    None => Err(self.wrong("asks for approvals in a function that decides nothing", at)),
                    Some(_) if given != *count as usize => Err(self.wrong("gives another number of roles", at)),
                    Some(_) if filters.any(|filter| filter.action != self.function.action) => {
                        Err(self.wrong("asks a condition of another action", at))
                    }
                    Some(_) => Ok(()),
                }
            }
            Op::Past { reading, count, .. } => {
                there("reading", *reading, program.readings.len())?;
                self.key(program.readings[*reading as usize].accumulator, *count, at)
            }
            Op::NewestPlace { accumulator, count, .. } => {
                there("accumulator", *accumulator, program.accumulators.len())?;
                self.key(*accumulator, *count, at)
            }
            Op::Otherwise { policy, .. } | Op::OtherwiseErr { policy } => match self.decides {
                Some(_) => there("policy", *policy, program.policies.len()),
                None => Err(self.wrong("says what an `otherwise` comes to in a function that decides nothing", at)),
            },
            Op::SelectText { of: Text::Made(_), .. } => Err(self.wrong("looks up a text that is made on the way", at)),
            Op::SelectText { selection, .. } | Op::SelectWord { selection, .. } => self.selects(*selection, at),
            Op::Next { selection, .. } => there("selection", *selection, self.function.selections.len()),
            Op::Jump { .. }
            | Op::JumpIf { .. }
            | Op::JumpIfNot { .. }
            | Op::Each { .. }
            | Op::Fail {}
            | Op::Return {}
            | Op::MoveWord { .. }
            | Op::MoveWide { .. }
            | Op::MoveValue { .. }
            | Op::TextValue { .. }
            | Op::ValueWord { .. }
            | Op::ValueWide { .. }
            | Op::Missing { .. }
            | Op::CompareWords { .. }
            | Op::Words { .. }
            | Op::NegateWord { .. }
            | Op::Not { .. }
            | Op::Widen { .. }
            | Op::CompareWides { .. }
            | Op::Wides { .. }
            | Op::NegateWide { .. }
            | Op::CompareTexts { .. }
            | Op::TestTexts { .. }
            | Op::IsMissing { .. }
            | Op::CompareValues { .. }
            | Op::Values { .. }
            | Op::NegateValue { .. }
            | Op::Present { .. }
            | Op::Sure { .. }
            | Op::EntityId { .. }
            | Op::BelongsTo { .. }
            | Op::Index { .. }
            | Op::Holds { .. }
            | Op::InRange { .. }
            | Op::List { .. }
            | Op::Set { .. }
            | Op::Map { .. }
            | Op::With { .. }
            | Op::Items { .. }
            | Op::Element { .. }
            | Op::Length { .. }
            | Op::Show { .. }
            | Op::FaultWord { .. }
            | Op::Concat { .. }
            | Op::Begin { .. }
            | Op::Gather { .. } => Ok(()),
        }
    }

    fn field(&self, field: FieldOf, at: u32) -> Result<(), Refusal> {
        let schema = &self.program.schema;
        let count = match field {
            FieldOf::Record { record, .. } => schema.records.get(record as usize).map(|record| record.fields.len()),
            FieldOf::Entity { kind, .. } => schema.entities.get(kind as usize).map(|kind| kind.attributes.len()),
        };
        match count.is_some_and(|count| field.place() < count) {
            true => Ok(()),
            false => Err(self.missing("place of a field", field.place() as u32, at)),
        }
    }

    fn condition(&self, condition: u32, at: u32) -> Result<(), Refusal> {
        match self.decides.is_some_and(|action| condition < action.conditions) {
            true => Ok(()),
            false => Err(self.missing("condition", condition, at)),
        }
    }

    /// One that is on the action.
    fn rule(&self, rule: u32, at: u32) -> Result<(), Refusal> {
        match self.rules.contains_key(&rule) {
            true => Ok(()),
            false => Err(self.missing("rule on the action", rule, at)),
        }
    }

    fn missing(&self, what: &'static str, number: u32, at: u32) -> Refusal {
        Refusal::Missing { what, number, function: Some(self.number), at: Some(at) }
    }

    fn wrong(&self, why: &'static str, at: u32) -> Refusal {
        Refusal::Wrong { why, function: self.number, at }
    }
}
