//! Tokens as the grammar wants them: words joined and told from names, brackets paired, one stretch for each item.
//! `parse.rs` calls it between `lex` and the grammar. What it mends (a bracket never closed), it reports, so that
//! the grammar meets well-formed nesting and one slip stays in the rule or item in which it was made.

use super::literals;
use super::words::{self, Scope, Significant, Tok, Words};
use crate::diagnostic::Diagnostic;
use crate::errors::{foreign, syntax};
use crate::lex::{Kind, Token, UNITS};
use crate::source::{FileId, Span};
use std::ops::Range;
use std::sync::Arc;

/// How deep parentheses, braces, brackets, `if`, `not` and unary `-` may nest.
pub const MAX_NESTING: u32 = 64;

/// What the grammar reads.
#[derive(Default)]
pub struct Shape {
    pub tokens: Vec<(u32, Tok, u32)>,
    /// The tokens of each item; those before the first item have a stretch of their own.
    pub items: Vec<Range<usize>>,
    /// `///` lines, by the start of the token behind them.
    pub docs: Vec<(u32, Arc<str>)>,
    /// `//!` lines.
    pub doc: Option<Arc<str>>,
    pub diagnostics: Vec<Diagnostic>,
}

pub fn shape(source: &str, file: FileId, tokens: &[Token]) -> Shape {
    let mut shape = Shape::default();
    let words = Words { source, tokens: significant(source, tokens, &mut shape) };
    let mut shaping = Shaping { words, file, shape, open: vec![], item: None, base: Group::default(), nesting: 0 };
    shaping.run();
    shaping.shape
}

/// Leaves out spaces and comments, and collects the documentation.
fn significant(source: &str, tokens: &[Token], shape: &mut Shape) -> Vec<Significant> {
    let mut found: Vec<Significant> = Vec::with_capacity(tokens.len() / 2);
    let mut docs: Vec<&str> = vec![];
    let mut file_docs: Vec<&str> = vec![];
    let mut new_line = true;
    for token in tokens {
        let text = token.text(source);
        match token.kind {
            Kind::Space => new_line |= text.contains('\n'),
            Kind::Comment => {}
            Kind::Doc if new_line => docs.push(doc_line(text)),
            Kind::Doc => {}
            Kind::FileDoc => file_docs.push(doc_line(text)),
            kind => {
                if !docs.is_empty() {
                    shape.docs.push((token.start, Arc::from(docs.join("\n"))));
                    docs.clear();
                }
                // A character that is no part of the language was reported by `literals`; the grammar does without.
                if kind == Kind::Unknown {
                    continue;
                }
                let start = token.start as usize;
                let column_one = start == 0 || source.as_bytes()[start - 1] == b'\n';
                found.push(Significant { token: *token, new_line, column_one });
                new_line = false;
            }
        }
    }
    if !file_docs.is_empty() {
        shape.doc = Some(Arc::from(file_docs.join("\n")));
    }
    found
}

fn doc_line(text: &str) -> &str {
    let line = &text[3..];
    line.strip_prefix(' ').unwrap_or(line).trim_end()
}

struct Shaping<'s> {
    words: Words<'s>,
    file: FileId,
    shape: Shape,
    open: Vec<Open>,
    /// The keyword of the item that is being read.
    item: Option<Tok>,
    base: Group,
    /// The nesting of all brackets that are open.
    nesting: u32,
}

struct Open {
    scope: Scope,
    close: Tok,
    at: Span,
    /// What it adds to the nesting: itself, and the `not` and `-` before it.
    cost: u32,
    group: Group,
}

/// What is pending between two brackets.
#[derive(Default)]
struct Group {
    ifs: u32,
    /// `not` and unary `-` just before here.
    prefixes: u32,
    /// A `let … then` of an expression waits for its `then`, behind those of so many `if`s.
    open_let: bool,
    thens: u32,
}

impl Shaping<'_> {
    fn run(&mut self) {
        self.shape.items.push(0..0);
        let mut at = 0;
        while at < self.words.tokens.len() {
            at = self.step(at);
        }
        self.close_to(0, None);
        self.end_item();
        self.shape.items.retain(|item| !item.is_empty());
    }

    fn before(&self) -> Option<Tok> {
        let start = self.shape.items.last().map_or(0, |item| item.start);
        self.shape.tokens[start..].last().map(|(_, tok, _)| *tok)
    }

    fn scope(&self) -> Scope {
        self.open.last().map_or(Scope::File, |open| open.scope)
    }

    fn group(&mut self) -> &mut Group {
        self.open.last_mut().map_or(&mut self.base, |open| &mut open.group)
    }

    fn span(&self, at: usize) -> Span {
        let token = self.words.tokens[at].token;
        Span::new(self.file, token.start, token.end)
    }

    /// Where the last token ends.
    fn last_end(&self) -> u32 {
        self.shape.tokens.last().map_or(0, |(_, _, end)| *end)
    }

    fn push(&mut self, tok: Tok, from: usize, count: usize) -> usize {
        let (start, end) = (self.words.tokens[from].token.start, self.words.tokens[from + count - 1].token.end);
        self.shape.tokens.push((start, tok, end));
        from + count
    }

    /// Takes the token at `at`, and those joined with it; gives the place behind.
    fn step(&mut self, at: usize) -> usize {
        let kind = self.words.tokens[at].token.kind;
        let before = self.before();
        let tok = match kind {
            Kind::Word | Kind::Quoted => return self.word(at, before),
            Kind::OpenBrace => return self.open_brace(at),
            Kind::OpenParen => return self.open(at, Tok::OpenParen, Tok::CloseParen, Scope::Paren),
            Kind::OpenBracket => return self.open(at, Tok::OpenBracket, Tok::CloseBracket, Scope::Paren),
            Kind::TextStart => return self.open(at, Tok::TextStart, Tok::TextEnd, Scope::Hole),
            Kind::TextMiddle => {
                self.close_hole(at);
                return self.push(Tok::TextMiddle, at, 1);
            }
            Kind::TextEnd => {
                self.close_hole(at);
                self.pop();
                return self.push(Tok::TextEnd, at, 1);
            }
            Kind::CloseBrace => return self.close(at, &[Tok::CloseBrace, Tok::RuleClose, Tok::ItemClose]),
            Kind::CloseParen => return self.close(at, &[Tok::CloseParen]),
            Kind::CloseBracket => return self.close(at, &[Tok::CloseBracket]),
            Kind::Int => Tok::Int,
            Kind::Decimal => Tok::Decimal,
            Kind::Quantity => Tok::Quantity,
            Kind::Date => Tok::Date,
            Kind::Time => Tok::Time,
            Kind::Instant => Tok::Instant,
            Kind::Version => Tok::Version,
            Kind::Text | Kind::Unterminated => Tok::Text,
            Kind::RawText => Tok::RawText,
            Kind::Less => Tok::Less,
            Kind::LessOrEqual => Tok::LessOrEqual,
            Kind::Greater => Tok::Greater,
            Kind::GreaterOrEqual => Tok::GreaterOrEqual,
            Kind::Equal => Tok::Equal,
            Kind::NotEqual => Tok::NotEqual,
            Kind::Is => Tok::Assign,
            Kind::Arrow => Tok::Arrow,
            Kind::Gives => Tok::Gives,
            Kind::Plus => Tok::Plus,
            Kind::Minus => Tok::Minus,
            Kind::Star => Tok::Star,
            Kind::Slash => Tok::Slash,
            Kind::Dot => Tok::Dot,
            Kind::To => Tok::To,
            Kind::ToBelow => Tok::ToBelow,
            Kind::Comma => Tok::Comma,
            Kind::Colon => Tok::Colon,
            Kind::Question => Tok::Question,
            Kind::Bar => Tok::Bar,
            Kind::Bars => Tok::Bars,
            Kind::Space | Kind::Comment | Kind::Doc | Kind::FileDoc | Kind::Unknown => return at + 1,
        };
        let unary = tok == Tok::Minus && !before.is_some_and(words::ends_operand);
        self.count(tok, unary);
        if self.too_deep() {
            return self.give_up(at);
        }
        self.push(tok, at, 1)
    }

    /// Keeps count of what nests without brackets.
    fn count(&mut self, tok: Tok, prefix: bool) {
        let group = self.group();
        match tok {
            Tok::If => {
                group.ifs += 1;
                group.thens += 1;
            }
            Tok::Comma | Tok::Field | Tok::When | Tok::Unless => group.ifs = 0,
            _ => {}
        }
        group.prefixes = if prefix { group.prefixes + 1 } else { 0 };
    }

    fn too_deep(&mut self) -> bool {
        let nesting = self.nesting;
        let group = self.group();
        nesting + group.ifs + group.prefixes > MAX_NESTING
    }

    fn word(&mut self, at: usize, before: Option<Tok>) -> usize {
        if let Some(next) = self.item(at, before) {
            return next;
        }
        if self.words.kind(at) == Some(Kind::Quoted) {
            let field = self.words.kind(at + 1) == Some(Kind::Colon);
            self.count(if field { Tok::Field } else { Tok::Name }, false);
            return self.push(if field { Tok::Field } else { Tok::Name }, at, 1);
        }
        self.resume(at, before);
        let before = self.before();
        let reserved = words::reserved(self.words.text(at));
        let scope = self.scope();
        // `true` is never a name, but what stands before a `:` elsewhere.
        let literal = matches!(reserved, Some(Tok::True | Tok::False)) && scope != Scope::Decl;
        let field = self.words.kind(at + 1) == Some(Kind::Colon) && !literal;
        let own = before.is_some_and(words::wants_own_name) || scope == Scope::Decl && reserved != Some(Tok::As);
        if field || before == Some(Tok::Dot) || own && reserved.is_some() {
            // `t.contains("x")` is said to be no function.
            let called = before == Some(Tok::Dot) && self.words.kind(at + 1) == Some(Kind::OpenParen);
            if reserved.is_some() && !(called && foreign::name(self.words.text(at), "a function").is_some()) {
                let (at, word) = (self.span(at), self.words.text(at));
                self.shape.diagnostics.push(syntax::reserved_word(at, word));
            }
            let tok = if field { Tok::Field } else { Tok::Name };
            self.count(tok, false);
            return self.push(tok, at, 1);
        }
        let (tok, count) = match self.words.keyword(at, scope, before) {
            Some(found) => found,
            None => (reserved.unwrap_or(Tok::Name), 1),
        };
        let tok = match tok {
            Tok::Past if scope == Scope::Test => Tok::StepPast,
            tok => tok,
        };
        if tok == Tok::Name && matches!(before, Some(Tok::Int | Tok::Decimal)) && self.unit(at) {
            return at + 1;
        }
        self.count(tok, tok == Tok::Not);
        let group = self.group();
        match tok {
            Tok::Let => group.open_let = true,
            Tok::Then if group.thens > 0 => group.thens -= 1,
            Tok::Then => group.open_let = false,
            _ => {}
        }
        if self.too_deep() {
            return self.give_up(at);
        }
        self.push(tok, at, count)
    }

    /// A word behind a number that was meant as its unit becomes part of it: `4 hrs`, or `4` and `hours` on two lines.
    fn unit(&mut self, at: usize) -> bool {
        let (here, word) = (self.span(at), self.words.text(at));
        let Some((start, _, end)) = self.shape.tokens.last().copied() else { return false };
        let found = if !self.words.tokens[at].new_line {
            let Some(meant) = literals::meant_unit(word) else { return false };
            syntax::unknown_unit(here, word, Some(meant))
        } else if UNITS.contains(&word) {
            let number = &self.words.source[start as usize..end as usize];
            syntax::quantity_split(Span::new(self.file, start, here.end), number, word)
        } else {
            return false;
        };
        self.shape.diagnostics.push(found);
        if let Some(last) = self.shape.tokens.last_mut() {
            *last = (start, Tok::Quantity, here.end);
        }
        true
    }

    /// Starts an item where one starts: at the outermost level, or at the first column where brackets were left open.
    fn item(&mut self, at: usize, before: Option<Tok>) -> Option<usize> {
        let significant = self.words.tokens[at];
        let fresh = significant.new_line && significant.column_one;
        if !self.open.is_empty() && !fresh {
            return None;
        }
        let (tok, count) = self.words.item(at)?;
        match self.open.first().map(|open| open.scope) {
            None => {
                let inside_let = tok == Tok::ItemLet && self.base.open_let;
                // `>` closes a type, save where an expression may stand.
                let compares = matches!(self.item, Some(Tok::ItemLet | Tok::Set | Tok::Define | Tok::ExportDefine));
                let open =
                    before.is_some_and(|before| words::wants_name(before) && (before != Tok::Greater || compares));
                if !fresh && (inside_let || open) {
                    return None;
                }
            }
            // Steps and clauses may start with these words.
            Some(Scope::Test) if matches!(tok, Tok::Event | Tok::Data | Tok::Context) => return None,
            // Of rules, but of nothing that stands between them.
            Some(Scope::Policy) if tok == Tok::ItemLet && self.open.len() > 1 => return None,
            Some(_) => self.close_to(0, Some(at)),
        }
        self.end_item();
        self.item = Some(tok);
        self.base = Group::default();
        if tok == Tok::Later || (tok == Tok::Event && self.derived_event(at)) {
            return Some(self.later(at));
        }
        Some(self.push(tok, at, count))
    }

    /// `event e from t in …`
    fn derived_event(&self, at: usize) -> bool {
        self.words.kind(at + 2) == Some(Kind::Word) && self.words.text(at + 2) == "from"
    }

    /// A form that comes later is one token, up to the next item.
    fn later(&mut self, at: usize) -> usize {
        let word = match self.words.text(at) {
            "event" => "event … from",
            word => word,
        };
        self.shape.diagnostics.push(syntax::later_form(self.span(at), word));
        let next = self.push(Tok::Later, at, 1);
        self.skip_item(next)
    }

    /// The place of the next item: at the first column, or behind balanced brackets.
    fn skip_item(&mut self, from: usize) -> usize {
        let mut depth = 0_u32;
        for at in from..self.words.tokens.len() {
            let significant = self.words.tokens[at];
            match significant.token.kind {
                Kind::OpenBrace | Kind::OpenParen | Kind::OpenBracket | Kind::TextStart => depth += 1,
                Kind::CloseBrace | Kind::CloseParen | Kind::CloseBracket | Kind::TextEnd => {
                    depth = depth.saturating_sub(1)
                }
                Kind::Word if (depth == 0 || significant.column_one) && self.starts_item(at, depth) => return at,
                _ => {}
            }
        }
        self.words.tokens.len()
    }

    /// An item starts here, even where brackets are open: their words start steps and clauses, too.
    fn starts_item(&self, at: usize, depth: u32) -> bool {
        self.words.item(at).is_some_and(|(tok, _)| depth == 0 || tok != Tok::Event && tok != Tok::ItemLet)
    }

    /// Nested too deeply: the item is left out, whole.
    fn give_up(&mut self, at: usize) -> usize {
        self.shape.diagnostics.push(syntax::nested_too_deeply(self.span(at), MAX_NESTING));
        let item = self.shape.items.last().map_or(0, |item| item.start);
        let start = self.shape.tokens.get(item).map_or(self.words.tokens[at].token.start, |(start, ..)| *start);
        self.shape.tokens.truncate(item);
        let next = (at + 1..self.words.tokens.len())
            .find(|at| {
                self.words.tokens[*at].column_one
                    && self.words.kind(*at) == Some(Kind::Word)
                    && self.words.item(*at).is_some()
            })
            .unwrap_or(self.words.tokens.len());
        let end = self.words.tokens[next - 1].token.end;
        self.shape.tokens.push((start, Tok::Broken, end));
        self.open.clear();
        self.nesting = 0;
        self.base = Group::default();
        next
    }

    fn end_item(&mut self) {
        let end = self.shape.tokens.len();
        if let Some(item) = self.shape.items.last_mut() {
            item.end = end;
        }
        self.shape.items.push(end..end);
    }

    /// A clause, a rule or a step that starts a line, while brackets inside the one before are still open.
    fn resume(&mut self, at: usize, before: Option<Tok>) {
        if self.open.len() < 2 || !self.words.tokens[at].new_line || self.words.kind(at + 1) == Some(Kind::Colon) {
            return;
        }
        if self.open[0].scope == Scope::Policy && self.rule_head(at) {
            return self.close_to(1, Some(at));
        }
        if before.is_none_or(words::wants_name) {
            return;
        }
        let body = match self.open.iter().rposition(|open| matches!(open.scope, Scope::Rule | Scope::Test)) {
            Some(body) if body + 1 < self.open.len() => body,
            _ => return,
        };
        let word = self.words.text(at);
        let scope = self.open[body].scope;
        let clause = match words::reserved(word) {
            Some(tok) => scope == Scope::Rule && matches!(tok, Tok::When | Tok::Unless),
            None => {
                self.words.keyword(at, self.scope(), before).is_none()
                    && self.words.keyword(at, scope, None).is_some_and(|(tok, _)| starts_alone(tok))
            }
        };
        if clause {
            self.close_to(body + 1, Some(at));
        }
    }

    fn open_brace(&mut self, at: usize) -> usize {
        match (self.scope(), self.item) {
            (Scope::File, None | Some(Tok::ItemLet | Tok::Set | Tok::Data | Tok::Define | Tok::ExportDefine)) => {}
            (Scope::File, item) => {
                let scope = match item {
                    Some(Tok::Policy) => Scope::Policy,
                    Some(Tok::Test) => Scope::Test,
                    Some(Tok::Table) => Scope::Table,
                    _ => Scope::Decl,
                };
                return self.open(at, Tok::ItemOpen, Tok::ItemClose, scope);
            }
            (Scope::Policy, _) => return self.open(at, Tok::RuleOpen, Tok::RuleClose, Scope::Rule),
            _ => {}
        }
        self.open(at, Tok::OpenBrace, Tok::CloseBrace, Scope::Value)
    }

    fn open(&mut self, at: usize, tok: Tok, close: Tok, scope: Scope) -> usize {
        let group = self.group();
        let cost = 1 + group.prefixes + group.ifs;
        group.prefixes = 0;
        self.nesting += cost;
        if self.nesting > MAX_NESTING {
            return self.give_up(at);
        }
        self.open.push(Open { scope, close, at: self.span(at), cost, group: Group::default() });
        self.push(tok, at, 1)
    }

    fn pop(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        self.nesting -= open.cost;
        Some(open)
    }

    fn close(&mut self, at: usize, closers: &[Tok]) -> usize {
        // A filled-in part ends with its text, so a bracket inside it closes nothing outside.
        let hole = self.open.iter().rposition(|open| open.scope == Scope::Hole).map_or(0, |hole| hole + 1);
        let Some(found) = self.open[hole..].iter().rposition(|open| closers.contains(&open.close)) else {
            let (at_span, text) = (self.span(at), self.words.text(at));
            self.shape.diagnostics.push(syntax::nothing_to_close(at_span, text));
            return at + 1;
        };
        if self.closes_too_early(at, hole + found) {
            let (at_span, text) = (self.span(at), self.words.text(at));
            self.shape.diagnostics.push(syntax::nothing_to_close(at_span, text));
            return at + 1;
        }
        self.close_to(hole + found + 1, Some(at));
        let close = self.pop().map_or(closers[0], |open| open.close);
        // Only an action goes on behind its fields.
        if self.open.is_empty() && close == Tok::ItemClose && self.item != Some(Tok::Action) {
            self.item = None;
        }
        self.push(close, at, 1)
    }

    /// The brace would end a policy, but a rule comes next: there is one brace too many.
    fn closes_too_early(&self, at: usize, found: usize) -> bool {
        let Some(next) = self.words.tokens.get(at + 1) else { return false };
        found == 0 && self.open[0].scope == Scope::Policy && next.new_line && self.rule_head(at + 1)
    }

    /// `rule NAME on`
    fn rule_head(&self, at: usize) -> bool {
        matches!(self.words.keyword(at, Scope::Policy, None), Some((Tok::Rule | Tok::Limit, _)))
            && self.words.kind(at + 2) == Some(Kind::Word)
            && matches!(self.words.text(at + 2), "on" | "overrides")
    }

    /// The brackets inside a filled-in part end with it.
    fn close_hole(&mut self, at: usize) {
        if let Some(hole) = self.open.iter().rposition(|open| open.scope == Scope::Hole) {
            self.close_to(hole + 1, Some(at));
        }
    }

    /// Closes what was left open beyond the first `keep` brackets, just before the token at `before`.
    fn close_to(&mut self, keep: usize, before: Option<usize>) {
        if self.open.len() <= keep {
            return;
        }
        let end = self.last_end();
        if let Some(open) = self.open.last() {
            let here = Span::new(self.file, end, end);
            let next = before.map(|at| self.words.text(at));
            let opener = self.words.source[open.at.start as usize..open.at.end as usize].chars().last().unwrap_or('{');
            self.shape.diagnostics.push(syntax::never_closed(open.at, opener, here, next));
        }
        while self.open.len() > keep {
            if let Some(open) = self.pop() {
                self.shape.tokens.push((end, open.close, end));
            }
        }
    }
}

/// Such a clause or step can stand nowhere but at a start, so brackets before it were left open.
fn starts_alone(tok: Tok) -> bool {
    use Tok::*;
    matches!(
        tok,
        Permit
            | Deny
            | Require
            | Must
            | MayBeWaived
            | OnceDone
            | Because
            | Code
            | Source
            | AtMost
            | Needs
            | StepAt
            | Session
            | Origins
            | Request
            | StepEvent
            | ApprovedBy
            | Waived
            | Expect
    )
}
