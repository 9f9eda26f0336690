//! Values as people call them.

use super::{Prose, Scope, a, listed, quoted, whose};
use crate::hir::parts::parts;
use crate::hir::{
    Action, ArithmeticOp, Callee, EntryField, Expr, ExprId, LocalId, LocalKind, Name, Pattern, Place, TemplatePart,
};
use ordain_vm::value::{EntityId, EnumId, Value};

impl Prose<'_> {
    /// What the expression gives: `the vendor’s country`, `USD 10,000`.
    pub(super) fn value(&self, id: ExprId, scope: Scope<'_>) -> String {
        if let Some(literal) = self.checked.types.literal(self.package, id) {
            return self.literal(&literal);
        }
        let value = |id: &ExprId| self.value(*id, scope);
        let part = |id: &ExprId| self.part(*id, scope);
        match self.package.expr(id) {
            // Literals, of which each has its words above; and broken text, of which no package has any.
            Expr::Error
            | Expr::Bool(_)
            | Expr::Int(_)
            | Expr::Decimal(_)
            | Expr::Money(..)
            | Expr::Text(_)
            | Expr::Date(_)
            | Expr::Time(_)
            | Expr::Instant(_)
            | Expr::Duration(_)
            | Expr::Period(_)
            | Expr::Days(_)
            | Expr::EnumMember(..)
            | Expr::Role(_) => "something unknown".to_string(),
            Expr::Member(name) => self.words(&name.text),
            Expr::Template(parts) => self.template(parts, scope),
            Expr::Local(local) => self.local(*local),
            Expr::Actor => self.actor(scope),
            Expr::Target => self.target(scope),
            Expr::Now => "now".to_string(),
            Expr::Today => "today".to_string(),
            Expr::Arg(name) => the(&self.noun(&name.text)),
            Expr::Session => "the session".to_string(),
            Expr::RequestId => "the request’s id".to_string(),
            Expr::Context(at) => {
                format!(
                    "the context’s {}",
                    self.package.context.get(*at).map_or("?".into(), |of| self.words(&of.name.text))
                )
            }
            Expr::Set(set) => quoted(&self.words(&self.package[*set].head.name.text)),
            Expr::Data(data) => quoted(&self.words(&self.package[*data].head.name.text)),
            Expr::Entry { entry, field } => self.entry_field(*entry, field),
            Expr::Field { of, name } => self.field(part(of), &name.text),
            Expr::Index { of, key } => format!("the entry of {} for {}", part(of), part(key)),
            Expr::Call { callee, args } => self.called(callee, args, scope),
            Expr::Entity { kind, id, parents, attributes } => {
                let mut said = format!("{} {}", self.kind(*kind), value(id));
                if !parents.is_empty() {
                    said += &format!(" in {}", listed(&parents.iter().map(value).collect::<Vec<_>>(), "and"));
                }
                if !attributes.is_empty() {
                    said += &format!(" with {}", self.fields(attributes, scope));
                }
                said
            }
            Expr::Record { record, fields } => {
                let name = self.words(&self.package[*record].head.name.text);
                match fields.as_slice() {
                    [] => a(&name),
                    fields => format!("{} with {}", a(&name), self.fields(fields, scope)),
                }
            }
            Expr::With { of, fields } => format!("{} with {} instead", part(of), self.fields(fields, scope)),
            Expr::List(items) => match items.as_slice() {
                [] => "an empty list".to_string(),
                items => format!("the list of {}", listed(&items.iter().map(part).collect::<Vec<_>>(), "and")),
            },
            Expr::SetOf(items) => listed(&items.iter().map(part).collect::<Vec<_>>(), "and"),
            Expr::MapOf(items) => {
                let items = items.iter().map(|(key, of)| format!("{} for {}", part(of), part(key)));
                listed(&items.collect::<Vec<_>>(), "and")
            }
            Expr::Negate(of) => format!("minus {}", part(of)),
            Expr::OrElse(of, default) => format!("{}, or {} where there is none", part(of), part(default)),
            Expr::Arithmetic(op, left, right) => {
                let word = match op {
                    ArithmeticOp::Add => "plus",
                    ArithmeticOp::Subtract => "minus",
                    ArithmeticOp::Multiply => "times",
                    ArithmeticOp::Divide => "divided by",
                };
                format!("{} {word} {}", part(left), part(right))
            }
            Expr::Convert { of, currency, rates } => {
                let rates = self.words(&self.package[*rates].head.name.text);
                format!("{} in {currency} by {rates}", part(of))
            }
            Expr::If { condition, then, otherwise } => {
                format!("{} if {}, else {}", part(then), self.inline(*condition, false, scope), part(otherwise))
            }
            Expr::Match { of, arms } => {
                let arms = arms.iter().map(|arm| {
                    let patterns: Vec<String> =
                        arm.patterns.iter().map(|pattern| self.pattern(pattern, scope)).collect();
                    format!("{} for {}", part(&arm.value), listed(&patterns, "or"))
                });
                format!("by {}: {}", part(of), listed(&arms.collect::<Vec<_>>(), "and"))
            }
            Expr::Let { bindings, body } => {
                let bindings = bindings.iter().map(|(local, of)| format!("{} is {}", self.local(*local), value(of)));
                format!("{}, where {}", part(body), listed(&bindings.collect::<Vec<_>>(), "and"))
            }
            Expr::Quantifier(quantifier) => self.gathered(quantifier, scope),
            // Conditions as values.
            Expr::Not(_)
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Compare { .. }
            | Expr::Age { .. }
            | Expr::In { .. }
            | Expr::StartsWith(..)
            | Expr::EndsWith(..)
            | Expr::Contains(..)
            | Expr::Matches(..)
            | Expr::Like(..)
            | Expr::IsPresent(_)
            | Expr::IsA(..)
            | Expr::BelongsTo { .. }
            | Expr::Near { .. }
            | Expr::Within { .. }
            | Expr::ComesFrom { .. } => format!("whether {}", self.inline(id, false, scope)),
        }
    }

    /// The same as a part of something larger: in parentheses where it could be read otherwise.
    pub(super) fn part(&self, id: ExprId, scope: Scope<'_>) -> String {
        let said = self.value(id, scope);
        if self.stands_alone(id) { said } else { format!("({said})") }
    }

    fn stands_alone(&self, id: ExprId) -> bool {
        if self.checked.types.literal(self.package, id).is_some() {
            return true;
        }
        match self.package.expr(id) {
            Expr::Template(_) | Expr::Field { .. } => true,
            // `the length of the passengers`
            Expr::Call { callee: Callee::Builtin(row), args } if let [of] = args.as_slice() => {
                row.words.starts_with("the ") && row.words.ends_with('}') && self.stands_alone(*of)
            }
            Expr::SetOf(items) => items.len() < 2,
            Expr::Entity { parents, attributes, .. } => parents.is_empty() && attributes.is_empty(),
            // What has no parts.
            _ => {
                let mut alone = true;
                parts(self.package, id, &mut |_| alone = false);
                alone
            }
        }
    }

    /// A constant: texts in quotation marks, everything else as messages show it.
    pub(super) fn literal(&self, value: &Value) -> String {
        match value {
            Value::Text(text) => format!("“{text}”"),
            Value::Bool(truth) => if *truth { "yes" } else { "no" }.to_string(),
            Value::Enum(of, member) => self.member(*of, *member),
            Value::Role(role) => {
                self.package.roles.get(role.index()).map_or("?".into(), |role| self.words(&role.head.name.text))
            }
            // A day of the clock, and no day of the calendar.
            Value::Duration(86_400_000_000_000) => "24 hours".to_string(),
            Value::Decimal(_) | Value::Int(_) => grouped(&self.schema.show(value)),
            other => self.schema.show(other),
        }
    }

    pub(super) fn member(&self, of: EnumId, member: u16) -> String {
        let members = &self.package[of].members;
        members.get(usize::from(member)).map_or("?".into(), |member| self.words(&member.name.text))
    }

    pub(super) fn action(&self, action: crate::hir::ActionId) -> String {
        quoted(&self.words(&self.package[action].head.name.text))
    }

    pub(super) fn kind(&self, kind: EntityId) -> String {
        self.words(&self.package.entities[kind.index()].head.name.text)
    }

    /// `the agent` where all that may act are agents, and the target is none; else `the actor`.
    pub(super) fn actor(&self, scope: Scope<'_>) -> String {
        let kinds = |action: &Action| action.by.clone();
        let others = |action: &Action| action.on.clone();
        self.party(scope, kinds, others).map_or("the actor".to_string(), |kind| format!("the {kind}"))
    }

    pub(super) fn target(&self, scope: Scope<'_>) -> String {
        let kinds = |action: &Action| action.on.clone();
        let others = |action: &Action| action.by.clone();
        self.party(scope, kinds, others).map_or("the target".to_string(), |kind| format!("the {kind}"))
    }

    /// The one kind that it can be on all actions, where nothing else there has that name.
    fn party(
        &self,
        scope: Scope<'_>,
        kinds: impl Fn(&Action) -> Vec<EntityId>,
        others: impl Fn(&Action) -> Vec<EntityId>,
    ) -> Option<String> {
        let first = kinds(self.package.actions.get(scope.actions.first()?.index())?);
        let [kind] = first.as_slice() else { return None };
        let name = self.kind(*kind);
        let is_it = |action: &Action| {
            kinds(action) == first
                && !others(action).contains(kind)
                && action.fields.iter().all(|field| self.words(&field.name.text) != name)
        };
        scope.actions.iter().all(|action| is_it(&self.package[*action])).then_some(name)
    }

    /// A name that the author gave: in quotation marks of its own, so that it is no other word.
    pub(super) fn local(&self, local: LocalId) -> String {
        let of = &self.package[local];
        match &of.kind {
            LocalKind::Approver(_) => "the approver".to_string(),
            LocalKind::Param(_)
            | LocalKind::Let(_)
            | LocalKind::Element(_)
            | LocalKind::Entry(_)
            | LocalKind::Since(_) => format!("‘{}’", self.words(&of.name.text)),
        }
    }

    /// `the vendor’s country`; of what has a name of the author’s `the country of ‘v’`.
    fn field(&self, of: String, name: &str) -> String {
        if of.ends_with(['’', ')']) {
            format!("the {} of {of}", self.noun(name))
        } else {
            format!("{} {}", whose(&of), self.noun(name))
        }
    }

    fn entry_field(&self, entry: LocalId, field: &EntryField) -> String {
        format!("the {} of {}", self.entry_field_name(field), self.local(entry))
    }

    pub(super) fn entry_field_name(&self, field: &EntryField) -> String {
        match field {
            EntryField::Time => "time".to_string(),
            EntryField::Actor => "actor".to_string(),
            EntryField::Target => "target".to_string(),
            EntryField::Action => "action".to_string(),
            EntryField::Session => "session".to_string(),
            EntryField::Id => "request id".to_string(),
            EntryField::Result => "result".to_string(),
            EntryField::Arg(name) => self.noun(&name.text),
        }
    }

    pub(super) fn fields(&self, fields: &[(Name, ExprId)], scope: Scope<'_>) -> String {
        let said = fields.iter().map(|(name, of)| format!("{} {}", self.words(&name.text), self.part(*of, scope)));
        listed(&said.collect::<Vec<_>>(), "and")
    }

    fn called(&self, callee: &Callee, args: &[ExprId], scope: Scope<'_>) -> String {
        match callee {
            Callee::Builtin(row) => {
                let boolean = matches!(row.returns, ordain_vm::builtin::Shape::Bool);
                let said = self.filled(row, row.words, args, scope);
                if boolean { format!("whether {said}") } else { said }
            }
            Callee::Define(define) => {
                let of = &self.package[*define];
                let name = self.words(&of.head.name.text);
                match of.returns {
                    None => format!("whether {}", self.defined(*define, args, false, scope)),
                    Some(_) if args.is_empty() => format!("the {name}"),
                    Some(_) => {
                        let args: Vec<String> = args.iter().map(|arg| self.part(*arg, scope)).collect();
                        format!("the {} {}", with_of(&name), listed(&args, "and"))
                    }
                }
            }
            Callee::Table(table) => {
                let name = self.words(&self.package[*table].head.name.text);
                let args: Vec<String> = args.iter().map(|arg| self.part(*arg, scope)).collect();
                format!("the {name} by the table for {}", listed(&args, "and"))
            }
        }
    }

    /// The words of a built-in, with its operands in the place of their names.
    pub(super) fn filled(
        &self,
        row: &ordain_vm::builtin::Builtin,
        form: &str,
        args: &[ExprId],
        scope: Scope<'_>,
    ) -> String {
        let mut said = String::new();
        let mut rest = form;
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').unwrap_or((behind, ""));
            said += before;
            let place = row.params.iter().position(|param| param.name == name);
            match place.and_then(|place| args.get(place)) {
                Some(arg) => said += &self.part(*arg, scope),
                None => said += name,
            }
            rest = after;
        }
        said + rest
    }

    /// A message, in quotation marks; what is filled in stands in brackets.
    pub(super) fn template(&self, parts: &[TemplatePart], scope: Scope<'_>) -> String {
        let mut said = "“".to_string();
        for part in parts {
            match part {
                TemplatePart::Plain(plain) => said += plain,
                TemplatePart::Filled(of) => match self.checked.types.literal(self.package, *of) {
                    Some(literal) => said += &self.literal(&literal),
                    None => said += &format!("[{}]", self.value(*of, scope)),
                },
            }
        }
        said + "”"
    }

    fn pattern(&self, pattern: &Pattern, scope: Scope<'_>) -> String {
        match pattern {
            Pattern::Any(_) => "anything else".to_string(),
            Pattern::Missing(_) => "none".to_string(),
            Pattern::Value(of) => self.value(*of, scope),
        }
    }

    pub(super) fn place(&self, place: &Place) -> String {
        match place {
            Place::User => "the user".to_string(),
            Place::Operator => "the operator".to_string(),
            Place::Result { actions, field } => {
                let actions: Vec<String> = actions.iter().map(|action| self.action(*action)).collect();
                let actions = listed(&actions, "or");
                match field {
                    Some(field) => format!("the {} that {actions} returned", self.noun(&field.text)),
                    None => format!("what {actions} returned"),
                }
            }
        }
    }
}

/// `bonus of`, of a name that does not end so.
pub(super) fn with_of(name: &str) -> String {
    if name.ends_with(" of") { name.to_string() } else { format!("{name} of") }
}

/// `the amount`, `‘to’`
fn the(noun: &str) -> String {
    if noun.starts_with('‘') { noun.to_string() } else { format!("the {noun}") }
}

/// Digits of the whole part in groups of three.
fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, behind) = rest.find('.').map_or((rest, ""), |at| rest.split_at(at));
    if !whole.bytes().all(|digit| digit.is_ascii_digit()) {
        return number.to_string();
    }
    let mut said = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    format!("{sign}{said}{behind}")
}
