//! What is asked of the past.

use super::{Prose, Scope, a, listed};
use crate::hir::parts::parts;
use crate::hir::{CalendarUnit, Expr, ExprId, LocalId, PastId, PastState, Quantifier, QuantifierKind, Source, Window};

impl Prose<'_> {
    /// `pay invoice on the vendor within the last 90 days`
    pub(super) fn past(&self, id: PastId, scope: Scope<'_>) -> String {
        let past = &self.package[id];
        let mut said = match past.source.any {
            true => "request".to_string(),
            false => {
                let names = past.source.actions.iter().map(|action| self.action(*action));
                listed(&names.collect::<Vec<_>>(), "or")
            }
        };
        if let Some(state) = past.state {
            said = format!("{} {said}", state_words(state));
        }
        if let Some(by) = past.by {
            said += &format!(" by {}", self.part(by, scope));
        }
        if let Some(on) = past.on {
            said += &format!(" on {}", self.part(on, scope));
        }
        format!("{said} {}", self.window(&past.window, scope))
    }

    pub(super) fn window(&self, window: &Window, scope: Scope<'_>) -> String {
        match window {
            Window::Within { span, max, .. } => {
                let most = max.map_or(String::new(), |most| format!(" (at most {most} are looked at)"));
                format!("within the last {}{most}", self.part(*span, scope))
            }
            Window::This { unit, .. } => match unit {
                CalendarUnit::Session => "in this session",
                CalendarUnit::Hour => "in this hour",
                CalendarUnit::Day => "on this day",
                CalendarUnit::Week => "in this week",
                CalendarUnit::Month => "in this month",
                CalendarUnit::Quarter => "in this quarter",
                CalendarUnit::Year => "in this year",
            }
            .to_string(),
            Window::Since { past, var, filter, .. } => {
                let filter = *filter;
                let since = self.past(*past, scope);
                let var = var.filter(|var| filter.is_some_and(|filter| self.mentions(filter, *var)));
                let called = var.map_or(String::new(), |var| format!(" called {}", self.local(var)));
                let filter = filter.map(|filter| format!(" where {}", self.inline(filter, false, scope)));
                format!("since the latest ({since}){called}{}", filter.unwrap_or_default())
            }
            Window::Ever(_) => "at any time before".to_string(),
            Window::Error => "at an unknown time".to_string(),
        }
    }

    /// `there was a pay invoice … whose invoice is the invoice`
    pub(super) fn happened(
        &self,
        past: PastId,
        var: Option<LocalId>,
        filter: Option<ExprId>,
        there_is: bool,
        scope: Scope<'_>,
    ) -> String {
        let what = self.past(past, scope);
        let lead = if there_is { format!("there was {}", a(&what)) } else { format!("there was no {what}") };
        match filter {
            None => lead,
            Some(filter) if var.is_none_or(|var| !self.mentions(filter, var)) => {
                format!("{lead} where {}", self.inline(filter, false, scope))
            }
            Some(filter) => {
                let called = var.map_or(String::new(), |var| format!(", called {},", self.local(var)));
                format!("{lead}{called} where {}", self.inline(filter, false, scope))
            }
        }
    }

    /// `the result of the latest ‘read file’ …`
    fn one_of(&self, which: &str, of: &Quantifier, value: &str, scope: Scope<'_>) -> String {
        let (over, filter) = (self.over(of, scope), self.filtered(of, scope));
        let field = of.value.and_then(|value| match self.package.expr(value) {
            Expr::Entry { entry, field } if of.vars.first() == Some(entry) => Some(self.entry_field_name(field)),
            _ => None,
        });
        let asked = of.vars.first().is_some_and(|var| of.filter.is_some_and(|filter| self.mentions(filter, *var)));
        match (field, of.sources.as_slice()) {
            (Some(field), [Source::Past(past)]) if !asked => {
                format!("the {field} of the {which} {}{filter}", self.past(*past, scope))
            }
            _ => format!("{value} of the {which} {over}{filter}"),
        }
    }

    /// Whether the expression asks that entry or element.
    pub(super) fn mentions(&self, id: ExprId, local: LocalId) -> bool {
        let mut found = match self.package.expr(id) {
            Expr::Local(of) | Expr::Entry { entry: of, .. } => *of == local,
            _ => false,
        };
        parts(self.package, id, &mut |part| found |= self.mentions(part, local));
        found
    }

    /// What a walk over a list, or over the past, comes to.
    pub(super) fn gathered(&self, of: &Quantifier, scope: Scope<'_>) -> String {
        let value = of.value.map(|value| self.part(value, scope));
        let value = value.unwrap_or_else(|| "it".to_string());
        let over = self.over(of, scope);
        let filter = self.filtered(of, scope);
        match of.kind {
            QuantifierKind::Count => format!("the number of {over}{filter}"),
            QuantifierKind::Sum => format!("the sum of {value} over each {over}{filter}"),
            QuantifierKind::Min => format!("the least of {value} over each {over}{filter}"),
            QuantifierKind::Max => format!("the greatest of {value} over each {over}{filter}"),
            QuantifierKind::Average => format!("the average of {value} over each {over}{filter}"),
            QuantifierKind::Distinct => format!("the number of different values of {value} over each {over}{filter}"),
            QuantifierKind::Latest => self.one_of("latest", of, &value, scope),
            QuantifierKind::Earliest => self.one_of("earliest", of, &value, scope),
            QuantifierKind::Any | QuantifierKind::None | QuantifierKind::All => {
                format!("whether {}", self.quantified(of, false, scope))
            }
        }
    }
}

fn state_words(state: PastState) -> &'static str {
    match state {
        PastState::Returned => "answered",
        PastState::Attempted => "attempted",
        PastState::Denied => "denied",
        PastState::Pending => "waiting",
        PastState::Failed => "failed",
    }
}
