//! Policies as text: heads, rules of every effect, limits, duties, approvals.
//! `generate` calls `policy`; expressions come from `exprs`.

use super::exprs::{Binds, Common, Exprs, Scope};
use super::world::Kind;
use super::{Grants, Policy};
use Kind::*;

/// A rule that others of its policy may override.
struct Made {
    name: String,
    on: Vec<usize>,
    overridable: bool,
}

impl Exprs<'_> {
    /// A policy of that name; `under` is an outer policy with what it governs and its overridable rules.
    pub fn policy(&mut self, name: &str, grants: Grants, under: Option<&Policy>) -> Policy {
        let mut governed: Vec<usize> = match under {
            Some(outer) => outer.governed.clone(),
            None => (0..self.world.actions.len()).filter(|_| self.random.chance(85)).collect(),
        };
        if governed.iter().all(|at| self.world.actions[*at].event) {
            governed.insert(0, 0);
        }
        let mut head = vec![];
        let names: Vec<&str> = governed.iter().map(|at| self.world.name(*at)).collect();
        head.push(format!("governs {}", names.join(", ")));
        let zone = self.random.word(&["UTC", "America/New_York", "Europe/Berlin"]);
        let standing = match self.random.below(5) {
            0 => "needs",
            1 => "permit",
            2 => "abstain",
            3 => "deny",
            _ => "",
        };
        match standing {
            "needs" if grants == Grants::Any => {
                let filter = self.random.word(&[
                    "",
                    " where (12 / (approver.tier - 2) > 1)",
                    " where (12 / (approver.tier - 3) < 9)",
                ]);
                head.push(format!("otherwise permit with approval of officer{filter} within 2 hours"));
            }
            "permit" if grants == Grants::Any => head.push("otherwise permit".to_string()),
            "abstain" => head.push("otherwise abstain".to_string()),
            "deny" => head.push("otherwise deny \"Not here.\"".to_string()),
            _ => {}
        }
        for (line, percent) in [
            ("title \"A policy\"".to_string(), 50),
            ("owner 'Risk {team}'".to_string(), 30),
            ("version 1.2.3".to_string(), 50),
            ("effective from 2025-01-01 until 2030-12-31".to_string(), 30),
            (format!("zone \"{zone}\""), 70),
            ("calendar holidays".to_string(), 40),
            ("implements rulebook \"4.2\"".to_string(), 30),
        ] {
            if self.random.chance(percent) {
                head.push(line);
            }
        }
        let mut made: Vec<Made> = vec![];
        let mut rules = vec![];
        let mut waivable = vec![];
        if grants == Grants::Any && self.random.chance(if standing == "needs" { 25 } else { 75 }) {
            let name = format!("base_{name}");
            rules.push((name.clone(), format!("rule {name} on any {{ permit }}")));
            made.push(Made {
                name,
                on: governed.iter().copied().filter(|at| !self.world.actions[*at].event).collect(),
                overridable: false,
            });
        }
        let count = 4 + self.random.below(8);
        for at in 0..count {
            let on = self.on(&governed);
            let events = self.world.actions[on.1[0]].event;
            self.narrowed.clear();
            self.asked.clear();
            let rule = format!("r{at}_{name}");
            let text = if !events && self.random.chance(18) {
                self.limit(&rule, &on, &governed, &mut made)
            } else {
                self.rule(&rule, &on, &governed, grants, events, under, &mut made)
            };
            if text.contains("may be waived") && !text.contains(" trial {") {
                waivable.push((rule.clone(), on.1.clone()));
            }
            rules.push((rule, text));
        }
        let overridable = made.iter().filter(|rule| rule.overridable).map(|rule| (rule.name.clone(), rule.on.clone()));
        Policy {
            name: name.to_string(),
            under: under.map(|outer| outer.name.clone()),
            governed: governed.clone(),
            overridable: overridable.collect(),
            waivable,
            head,
            rules,
        }
    }

    /// What a rule is on: its words, and the actions.
    fn on(&mut self, governed: &[usize]) -> (String, Vec<usize>) {
        let actions: Vec<usize> = governed.iter().copied().filter(|at| !self.world.actions[*at].event).collect();
        let groups: Vec<(&str, Vec<usize>)> =
            self.world.groups.iter().filter(|(_, of)| of.iter().all(|at| governed.contains(at))).cloned().collect();
        match self.random.below(8) {
            0 => ("any".to_string(), actions),
            1 if !groups.is_empty() => {
                let (name, of) = self.random.pick(&groups).clone();
                (name.to_string(), of)
            }
            2 if actions.len() > 1 => {
                let pair = [actions[0], actions[1 + self.random.below(actions.len() - 1)]];
                (format!("{}, {}", self.world.name(pair[0]), self.world.name(pair[1])), pair.to_vec())
            }
            _ => {
                let at = *self.random.pick(governed);
                (self.world.name(at).to_string(), vec![at])
            }
        }
    }

    /// What a rule on these actions knows.
    pub fn rule_scope(&mut self, on: &[usize], governed: &[usize]) -> Scope {
        let mut scope = Scope {
            clock: true,
            context: true,
            past: true,
            governed: governed.to_vec(),
            library: Some("lib."),
            ..Scope::default()
        };
        let events = self.world.actions[on[0]].event;
        for field in self.world.shared_fields(on) {
            let path = match field.name {
                "today" => "args.today".to_string(),
                field => field.to_string(),
            };
            let path = if self.random.chance(10) && !path.starts_with("args") { format!("args.{path}") } else { path };
            if field.optional {
                scope.add_optional(&path, field.kind);
                continue;
            }
            if !events && !matches!(field.kind, Ip | Range | Role) {
                scope.origins.push(path.clone());
            }
            scope.add(&path, field.kind);
        }
        scope.actor = self.world.shared_kinds(on, |action| &action.by);
        scope.target = self.world.shared_kinds(on, |action| &action.on);
        for (word, kinds) in [("actor", scope.actor.clone()), ("target", scope.target.clone())] {
            match kinds.as_slice() {
                [] => {}
                [kind] => scope.add(word, *kind),
                kinds if kinds == [Person, Robot] => {
                    scope.several = Some(word.to_string());
                    scope.add(&format!("{word}.tier"), Int);
                }
                _ => scope.add(&format!("{word}.id"), Text),
            }
        }
        if let [at] = on
            && let Some(name) = self.world.actions[*at].as_arg
        {
            scope.add(name, Text);
            scope.origins.push(name.to_string());
        }
        if let [at] = on
            && !events
            && !self.world.actions[*at].on.is_empty()
        {
            scope.origins.push("target".to_string());
        }
        for (name, kind) in [("channel", Text), ("risk", Decimal), ("seen", Date)] {
            scope.add_optional(&format!("context.{name}"), kind);
        }
        scope
    }

    fn approvers(&mut self, scope: &Scope) -> String {
        let simple = Scope { past: false, ..scope.clone() };
        match self.random.below(8) {
            6 => "officer where (12 / (approver.tier - 2) > 1)".to_string(),
            0 => "officer and auditor".to_string(),
            1 => "any 2 of (officer, auditor, board)".to_string(),
            2 => "officer where approver.tier is at least 2".to_string(),
            3 => "auditor where (approver.tier > 1 and approver.id is not \"p2\")".to_string(),
            4 => format!("lib.who({})", self.at(&simple, Int, 1, Binds::Open)),
            5 => "any 1 of (board, officer where approver.tier > 0) and auditor".to_string(),
            _ => self.random.word(&["officer", "auditor", "board", "lib.grade(\"A\")"]).to_string(),
        }
    }

    fn within(&mut self) -> &'static str {
        self.random.word(&["", "", " within 4 hours", " within 2 business days", " within 1 month"])
    }

    /// A message with something filled in.
    fn message(&mut self, scope: &Scope) -> String {
        let shown = [Int, Decimal, Usd, Money, Date, Instant, Duration, Color, Text, Country, Points, Point, Leg, Tags];
        let atoms: Vec<(String, Kind)> = scope.atoms.iter().filter(|(_, kind)| shown.contains(kind)).cloned().collect();
        let mut text = "Said".to_string();
        if !atoms.is_empty() {
            text += &format!(" of {{{}}}", self.random.pick(&atoms).0);
        }
        if self.random.chance(30) {
            let filled = self.at(scope, Int, 2, Binds::Open);
            if !filled.contains(['"', '\'', '{', '}']) {
                text += &format!(" with {{{filled}}}");
            }
        }
        text + "."
    }

    fn duty(&mut self, scope: &Scope, event: bool) -> String {
        let mut text = format!("must {}", self.duty_call(scope));
        if self.random.chance(30) {
            let condition = self.condition(scope, 1);
            text += &format!(" when {condition}");
        }
        if self.random.chance(25) {
            text += self.random.word(&[" within 2 hours", " within 3 business days"]);
            if self.random.chance(60) {
                text += &format!(" otherwise {}", self.duty_call(scope));
            }
        }
        if !event && self.random.chance(25) {
            text += " once done";
        }
        text
    }

    fn duty_call(&mut self, scope: &Scope) -> String {
        match self.random.below(4) {
            0 => {
                let by = self.at(scope, Int, 1, Binds::Open);
                let sum = self.at(scope, Usd, 1, Binds::Open);
                format!("count_up({by}, {sum})")
            }
            1 => match scope.actor.as_slice() {
                [Person] => "pause(actor)".to_string(),
                _ => "pause(Person(\"p1\"))".to_string(),
            },
            _ => format!("alert(\"team\", \"{}\")", self.message(scope)),
        }
    }

    /// A condition that other rules on the same may begin with, too. It stands before what a rule names or narrows.
    fn common(&mut self, scope: &Scope, on: &[usize], governed: &[usize]) -> String {
        let key = (on.to_vec(), governed.to_vec());
        let common = match self.common.get(&key) {
            Some(common) => common.clone(),
            None => {
                let text = self.condition(scope, 3);
                let common = Common { text, narrowed: self.narrowed.clone(), asked: self.asked.clone() };
                self.common.insert(key, common.clone());
                common
            }
        };
        self.narrowed.extend(common.narrowed);
        self.asked.extend(common.asked);
        common.text
    }

    #[allow(clippy::too_many_arguments, reason = "a rule depends on its policy's state")]
    fn rule(
        &mut self,
        name: &str,
        (words, on): &(String, Vec<usize>),
        governed: &[usize],
        grants: Grants,
        event: bool,
        under: Option<&Policy>,
        made: &mut Vec<Made>,
    ) -> String {
        let mut scope = self.rule_scope(on, governed);
        let mut body: Vec<String> = vec![];
        let common = self.random.chance(35).then(|| self.common(&scope, on, governed));
        if self.random.chance(20) {
            let kind = *self.random.pick(&[Int, Usd, Bool, Text]);
            // Without the past, so that a reading may have it as a key.
            let present = Scope { past: false, ..scope.clone() };
            let (bound, value) = (self.name(), self.at(&present, kind, 2, Binds::Open));
            body.push(format!("let {bound} = {value}"));
            scope.add(&bound, kind);
        }
        body.extend(common.map(|common| format!("when {common}")));
        if self.random.chance(25) && !scope.optional.is_empty() {
            let (path, kind) = self.random.pick(&scope.optional).clone();
            if !path.starts_with("context") && !path.contains('.') && !self.asked.contains(&path) {
                let form = self.random.word(&["when P is present", "unless P is missing"]);
                body.push(form.replace('P', &path));
                scope = scope.narrowed(&path, kind);
            }
        }
        for _ in 0..self.random.below(3) {
            let word = self.random.word(&["when", "unless"]);
            let condition = self.condition(&scope, 3);
            body.push(format!("{word} {condition}"));
        }
        let trial = self.random.chance(8);
        let mut overrides = vec![];
        if !event && !trial && self.random.chance(35) {
            let shared: Vec<&Made> = made.iter().filter(|rule| rule.on.iter().any(|at| on.contains(at))).collect();
            if !shared.is_empty() {
                overrides.push(self.random.pick(&shared).name.clone());
            } else if let Some(outer) = under {
                let shared: Vec<&(String, Vec<usize>)> =
                    outer.overridable.iter().filter(|(_, of)| of.iter().any(|at| on.contains(at))).collect();
                if !shared.is_empty() {
                    overrides.push(self.random.pick(&shared).0.clone());
                }
            }
        }
        let effect = if event { 0 } else { 1 + self.random.below(9) };
        let with = |exprs: &mut Self, scope: &Scope, text: String| {
            if exprs.random.chance(60) {
                let word = exprs.random.word(&["when", "unless"]);
                format!("{text} {word} {}", exprs.condition(scope, 3))
            } else {
                text
            }
        };
        let erring = if grants == Grants::Erring { " when 1 / 0 > 1" } else { "" };
        // What restricts does so seldom enough that streams reach every verdict.
        let seldom = |exprs: &mut Self, scope: &Scope, text: String| {
            let (a, b) = (exprs.at(scope, Bool, 3, Binds::Not), exprs.at(scope, Bool, 2, Binds::Not));
            if exprs.random.chance(90) { format!("{text} when {a} and {b}") } else { text }
        };
        let mut no_effect = event;
        match effect {
            0 => {}
            1 | 2 if grants != Grants::None => {
                let text = if self.random.chance(25) {
                    let (approvers, within) = (self.approvers(&scope), self.within());
                    format!("permit with approval of {approvers}{within}{erring}")
                } else {
                    format!("permit{erring}")
                };
                body.push(if erring.is_empty() { with(self, &scope, text) } else { text });
            }
            3 => {
                let (approvers, within) = (self.approvers(&scope), self.within());
                let text = seldom(self, &scope, format!("needs approval of {approvers}{within}"));
                body.push(text);
            }
            4 | 5 => {
                let mut text = seldom(self, &scope, "deny".to_string());
                if self.random.chance(35) {
                    text += &format!("\n    may be waived by {}", self.approvers(&scope));
                }
                body.push(text);
            }
            6 | 7 => {
                for _ in 0..1 + self.random.below(2) {
                    let (a, b) = (self.at(&scope, Bool, 2, Binds::And), self.at(&scope, Bool, 2, Binds::And));
                    let mut text = format!("require {a} or {b}");
                    if self.random.chance(40) {
                        text += &format!(" when {}", self.condition(&scope, 1));
                    }
                    if self.random.chance(60) {
                        text += &format!(" otherwise \"{}\"", self.message(&scope));
                    }
                    if self.random.chance(20) {
                        text += " code \"C-1\"";
                    }
                    body.push(text);
                }
                if self.random.chance(40) && grants != Grants::None {
                    let text = self.random.word(&["permit", "permit with approval of officer"]).to_string() + erring;
                    body.push(if erring.is_empty() { with(self, &scope, text) } else { text });
                }
            }
            8 if !overrides.is_empty() => {
                let text = with(self, &scope, "lift".to_string());
                body.push(text);
            }
            _ => no_effect = true,
        }
        if no_effect {
            overrides.clear();
        }
        if no_effect || self.random.chance(30) {
            for _ in 0..1 + self.random.below(2) {
                let text = self.duty(&scope, event);
                body.push(text);
            }
        }
        if self.random.chance(60) {
            body.push(format!("because \"{}\"", self.message(&scope)));
            // Without a reason before it, it would be the requirement's.
            if self.random.chance(25) {
                body.push("code \"D-7\"".to_string());
            }
        }
        for (text, percent) in
            [("source \"MRP-7, 4.2(b)\"", 25), ("implements rulebook", 10), ("effective until 2029-01-01", 8)]
        {
            if self.random.chance(percent) {
                body.push(text.to_string());
            }
        }
        let overridable = !event && self.random.chance(25);
        let mut head = format!("rule {name} on {words}");
        if !overrides.is_empty() {
            head += &format!(" overrides {}", overrides.join(", "));
        }
        if overridable {
            head += " overridable";
        }
        if trial {
            head += " trial";
        }
        if !event {
            made.push(Made { name: name.to_string(), on: on.clone(), overridable });
        }
        format!("{head} {{\n    {}\n  }}", body.join("\n    "))
    }

    fn limit(
        &mut self,
        name: &str,
        (words, on): &(String, Vec<usize>),
        governed: &[usize],
        made: &mut Vec<Made>,
    ) -> String {
        let scope = self.rule_scope(on, governed);
        let plain = Scope { past: false, ..scope.clone() };
        let mut body = vec![];
        if self.random.chance(40) {
            let word = self.random.word(&["when", "unless"]);
            body.push(format!("{word} {}", self.condition(&plain, 2)));
        }
        let kind = *self.random.pick(&[Int, Usd, Decimal]);
        let field = plain.atoms.iter().find(|(_, known)| *known == kind).map(|(path, _)| path.clone());
        let (counted, kind) = match (self.random.below(3), field) {
            (0, _) | (_, None) => ("count".to_string(), Int),
            (1, Some(field)) => (format!("sum of {field}"), kind),
            (_, Some(field)) => (format!("distinct {field}"), Int),
        };
        let mut keys = vec![];
        if !scope.actor.is_empty() {
            keys.push("actor".to_string());
        }
        if self.random.chance(30)
            && let Some((path, _)) = plain.atoms.iter().find(|(path, kind)| *kind == Country && !path.contains('.'))
        {
            keys.push(path.clone());
        }
        let per = if keys.is_empty() { String::new() } else { format!(" per {}", keys.join(", ")) };
        let window = self.random.word(&[
            "within 24 hours",
            "this day",
            "this month",
            "within 1 month",
            "this quarter",
            "this hour",
            "this week",
            "this year",
            "ever",
        ]);
        body.push(format!("{counted}{per} {window}"));
        let most = match kind {
            Usd => self.random.word(&["100 USD", "1_000 USD", "0.50 USD * 3"]),
            _ => self.random.word(&["2", "5", "1 + 2"]),
        };
        let mut line = format!("at most {most}");
        line += &match self.random.below(3) {
            0 => format!(" otherwise needs approval of {}{}", self.approvers(&scope), self.within()),
            1 => " otherwise deny".to_string(),
            _ => String::new(),
        };
        body.push(line);
        if self.random.chance(40) {
            let call = self.duty_call(&plain);
            body.push(format!("at 80% must {call}"));
        }
        if self.random.chance(50) {
            body.push(format!("because \"{}\"", self.message(&plain)));
        }
        let mut head = format!("limit {name} on {words}");
        let overridable = self.random.chance(30);
        if overridable {
            head += " overridable";
        }
        if self.random.chance(10) {
            head += " trial";
        }
        made.push(Made { name: name.to_string(), on: on.clone(), overridable });
        format!("{head} {{\n    {}\n  }}", body.join("\n    "))
    }
}
