//! Writes a file in its one form. Called by `ordain fmt` and by editors.
//! Every token is written once and in order, and every comment with the token it stands before; what was written
//! (`ast`) only decides where lines end. A place that the author broke stays broken; what is too wide is broken.
//! How pieces become lines is in `format/layout.rs`.

mod layout;
#[cfg(test)]
mod tests;

use crate::ast::*;
use crate::lex::{Kind, lex};
use crate::parse::words::{self, Tok};
use crate::parse::{parse, shape};
use crate::source::{FileId, Source, Span};
use layout::{Piece, lay_out};
use std::borrow::Cow;

/// Which form comparisons are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Operators {
    #[default]
    Words,
    Symbols,
}

/// The file in its one form; `None` where it does not parse.
pub fn format(source: &Source, operators: Operators) -> Option<String> {
    let (file, diagnostics) = parse(source, FileId(0));
    if !diagnostics.is_empty() {
        return None;
    }
    let mut writer = Writer::new(&source.text, &file, operators);
    writer.file();
    Some(lay_out(&writer.pieces))
}

struct Comment<'s> {
    text: &'s str,
    /// Nothing but space stands before it on its line.
    own_line: bool,
    /// An empty line stands before it.
    blank: bool,
}

/// A token, and the comments before it.
struct Word<'s> {
    tok: Tok,
    start: u32,
    end: u32,
    comments: Vec<Comment<'s>>,
    /// A line ends before it, and an empty line stands before it.
    new_line: bool,
    blank: bool,
}

struct Writer<'s> {
    source: &'s str,
    file: &'s File,
    operators: Operators,
    words: Vec<Word<'s>>,
    /// The comments behind the last token.
    last: Vec<Comment<'s>>,
    /// The next token to be written.
    next: usize,
    pieces: Vec<Piece<'s>>,
    /// What stands before the next token, where that is settled.
    gap: Option<Piece<'s>>,
    before: Option<Tok>,
    /// The token before is a sign, and no operator.
    sign: bool,
    /// `<` and `>` are brackets of a type.
    types: bool,
    /// Comparisons are written in words, in symbols, or as they stand.
    comparison: Option<Operators>,
}

impl<'s> Writer<'s> {
    fn new(source: &'s str, file: &'s File, operators: Operators) -> Writer<'s> {
        let tokens = lex(source);
        let shape = shape::shape(source, FileId(0), &tokens);
        let mut trivia = tokens.iter().filter(|token| token.kind.is_trivia() && token.kind != Kind::Space).peekable();
        let mut comments_before = |start: u32, end_before: u32| {
            let mut behind = end_before;
            let mut comments = vec![];
            while let Some(token) = trivia.next_if(|token| token.start < start) {
                let gap = &source[behind as usize..token.start as usize];
                let own_line = gap.contains('\n') || behind == 0;
                let blank = behind > 0 && gap.matches('\n').count() > 1;
                comments.push(Comment { text: token.text(source).trim_end(), own_line, blank });
                behind = token.end;
            }
            (comments, behind)
        };
        let mut words = vec![];
        let mut end_before = 0;
        for (start, tok, end) in shape.tokens {
            let (comments, from) = comments_before(start, end_before);
            let gap = &source[from as usize..start as usize];
            let new_line = source[end_before as usize..start as usize].contains('\n');
            let blank = from > 0 && gap.matches('\n').count() > 1;
            words.push(Word { tok, start, end, comments, new_line, blank });
            end_before = end;
        }
        let (last, _) = comments_before(u32::MAX, end_before);
        Writer {
            source,
            file,
            operators,
            words,
            last,
            next: 0,
            pieces: vec![],
            gap: None,
            before: None,
            sign: false,
            types: true,
            comparison: None,
        }
    }

    // Tokens

    fn peek(&self) -> Option<&Word<'s>> {
        self.words.get(self.next)
    }

    fn is(&self, tok: Tok) -> bool {
        self.peek().is_some_and(|word| word.tok == tok)
    }

    fn new_line(&self) -> bool {
        self.peek().is_some_and(|word| word.new_line)
    }

    fn blank(&self) -> bool {
        self.peek().is_some_and(|word| match word.comments.first() {
            Some(comment) => comment.own_line && comment.blank,
            None => word.blank,
        })
    }

    /// Writes the tokens before `position`.
    fn until(&mut self, position: u32) {
        while self.peek().is_some_and(|word| word.start < position) {
            self.emit();
        }
    }

    /// Writes the tokens before the next `tok`, which must come.
    fn until_tok(&mut self, tok: Tok) {
        while self.peek().is_some_and(|word| word.tok != tok) {
            self.emit();
        }
    }

    fn push(&mut self, piece: Piece<'s>) {
        self.pieces.push(piece);
    }

    /// What is written inside is set in, save for what starts on the line it is on.
    fn indented(&mut self, by: i32, inside: impl FnOnce(&mut Self)) {
        self.flush_gap();
        self.push(Piece::Indent(by));
        inside(self);
        self.push(Piece::Indent(-by));
    }

    fn group(&mut self, broken: bool, inside: impl FnOnce(&mut Self)) {
        self.flush_gap();
        self.push(Piece::Begin { broken });
        inside(self);
        self.push(Piece::End);
    }

    /// Puts what stands before the next token outside the group that starts with it.
    fn flush_gap(&mut self) {
        let Some(word) = self.peek() else { return };
        if !word.comments.is_empty() {
            self.comments();
        }
        let gap = self.gap.take().or_else(|| self.space().then_some(Piece::Space));
        self.gap = Some(Piece::Indent(0));
        self.pieces.extend(gap);
    }

    /// Writes the next token.
    fn emit(&mut self) {
        self.comments();
        let gap = self.gap.take().or_else(|| self.space().then_some(Piece::Space));
        self.pieces.extend(gap);
        let text = self.text();
        let word = &self.words[self.next];
        self.sign = word.tok == Tok::Minus && !self.before.is_some_and(words::ends_operand);
        self.before = Some(word.tok);
        self.next += 1;
        if word.tok == Tok::TextStart {
            self.whole_text();
        } else {
            self.push(Piece::Text(text));
        }
    }

    /// A text with filled-in parts stays as it was written.
    fn whole_text(&mut self) {
        let start = self.words[self.next - 1].start;
        let mut depth = 1;
        while depth > 0 {
            let Some(word) = self.words.get(self.next) else { break };
            match word.tok {
                Tok::TextStart => depth += 1,
                Tok::TextEnd => depth -= 1,
                _ => {}
            }
            self.next += 1;
        }
        let end = self.words[self.next - 1].end;
        self.before = Some(Tok::TextEnd);
        self.push(Piece::Text(Cow::Borrowed(&self.source[start as usize..end as usize])));
    }

    /// Leaves the next token out, but not its comments.
    fn skip(&mut self) {
        let mut comments = std::mem::take(&mut self.words[self.next].comments);
        self.next += 1;
        let following = match self.words.get_mut(self.next) {
            Some(word) => &mut word.comments,
            None => &mut self.last,
        };
        comments.append(following);
        *following = comments;
    }

    fn comma(&mut self) {
        self.push(Piece::Text(Cow::Borrowed(",")));
        self.before = Some(Tok::Comma);
    }

    /// The comments before the next token, each with the end of its line.
    fn comments(&mut self) {
        let (comments, blank) = match self.words.get_mut(self.next) {
            Some(word) => (std::mem::take(&mut word.comments), word.blank),
            None => (std::mem::take(&mut self.last), false),
        };
        if comments.is_empty() {
            return;
        }
        // Empty lines are kept where lines end anyway.
        let apart = matches!(self.gap, Some(Piece::Hard { .. } | Piece::Line { .. }));
        for (at, comment) in comments.iter().enumerate() {
            if comment.own_line && self.before.is_some() || at > 0 {
                self.push(Piece::Hard { blank: comment.blank && apart && self.before != Some(Tok::OpenBrace) });
            } else if self.before.is_some() {
                self.push(Piece::Space);
            }
            self.push(Piece::Comment(Cow::Borrowed(comment.text)));
            self.before = self.before.or(Some(Tok::Comma));
        }
        self.gap = Some(Piece::Hard { blank: blank && apart });
    }

    /// The next token as it is written.
    fn text(&self) -> Cow<'s, str> {
        let word = &self.words[self.next];
        let written = &self.source[word.start as usize..word.end as usize];
        let operators = match word.tok {
            Tok::Equal => Some(("is", "==")),
            Tok::NotEqual => Some(("is not", "!=")),
            Tok::Less => Some(("is less than", "<")),
            Tok::LessOrEqual => Some(("is at most", "<=")),
            Tok::Greater => Some(("is more than", ">")),
            Tok::GreaterOrEqual => Some(("is at least", ">=")),
            _ => None,
        };
        match (operators, self.comparison) {
            (Some((words, _)), Some(Operators::Words)) => return Cow::Borrowed(words),
            (Some((_, symbol)), Some(Operators::Symbols)) => return Cow::Borrowed(symbol),
            _ => {}
        }
        match word.tok {
            Tok::In => Cow::Borrowed("in"),
            Tok::NotIn => Cow::Borrowed("not in"),
            Tok::Like => Cow::Borrowed("like"),
            Tok::IsPresent => Cow::Borrowed("is present"),
            Tok::IsMissing => Cow::Borrowed("is missing"),
            Tok::Quantity => quantity(written),
            // `is present` would ask something else.
            Tok::Name if matches!(written, "present" | "missing" | "within") && self.behind_is() => {
                Cow::Owned(format!("`{written}`"))
            }
            Tok::Name | Tok::Field | Tok::Text | Tok::RawText => Cow::Borrowed(written),
            _ if written.contains(['\t', ' ']) => Cow::Owned(written.split_whitespace().collect::<Vec<_>>().join(" ")),
            _ => Cow::Borrowed(written),
        }
    }

    fn behind_is(&self) -> bool {
        matches!(self.before, Some(Tok::Equal | Tok::NotEqual))
    }

    /// A space stands between the token before and the next one.
    fn space(&self) -> bool {
        let (Some(before), Some(word)) = (self.before, self.peek()) else { return false };
        match (before, word.tok) {
            (Tok::OpenParen | Tok::OpenBracket | Tok::Dot, _) => false,
            (_, Tok::CloseParen | Tok::CloseBracket | Tok::Comma | Tok::Colon | Tok::Dot | Tok::Question) => false,
            (Tok::Name | Tok::CloseParen | Tok::CloseBracket, Tok::OpenParen | Tok::OpenBracket) => false,
            (Tok::QAny | Tok::QNone | Tok::QAll | Tok::QCount, Tok::OpenParen) => false,
            (Tok::Less, _) | (_, Tok::Less | Tok::Greater) if self.types => false,
            (Tok::Minus, _) => !self.sign,
            _ => true,
        }
    }

    // Lists

    /// From the opening bracket to the closing one, with commas between: on one line, or as many on each as fit.
    fn list(&mut self, starts: &[u32], mut each: impl FnMut(&mut Self, usize)) {
        let brace = self.peek().is_some_and(|word| matches!(word.tok, Tok::OpenBrace | Tok::ItemOpen));
        let edge = || if brace { Piece::Line { blank: false } } else { Piece::Soft };
        let broken = self.words.get(self.next + 1).is_some_and(|word| word.new_line) && !starts.is_empty();
        self.group(broken, |this| {
            this.emit();
            this.push(Piece::Indent(2));
            if !starts.is_empty() {
                this.gap = Some(edge());
            } else {
                this.gap = Some(Piece::Indent(0));
            }
            this.elements(starts, broken, &mut each);
            this.comments_inside();
            this.push(Piece::Indent(-2));
            if this.gap.is_none() {
                this.gap = Some(if starts.is_empty() { Piece::Indent(0) } else { edge() });
            }
            this.emit();
        });
    }

    /// Elements with commas between; where the list is broken, the author's line ends are kept.
    fn elements(&mut self, starts: &[u32], broken: bool, each: &mut impl FnMut(&mut Self, usize)) {
        for at in 0..starts.len() {
            each(self, at);
            if self.is(Tok::Comma) {
                self.skip();
            }
            if at + 1 < starts.len() {
                self.comma();
                self.gap = Some(if broken && self.new_line() { Piece::Hard { blank: false } } else { Piece::Fill });
            }
        }
    }

    /// A list without brackets, whose later lines are set in.
    fn open_list(&mut self, starts: &[u32], mut each: impl FnMut(&mut Self, usize)) {
        let first = starts.iter().skip(1).any(|start| {
            let at = self.words.partition_point(|word| word.start < *start);
            self.words.get(at).is_some_and(|word| word.new_line)
        });
        self.group(first, |this| {
            this.indented(2, |this| this.elements(starts, first, &mut each));
        });
    }

    /// Comments before a closing bracket stand inside it.
    fn comments_inside(&mut self) {
        if self.peek().is_some_and(|word| !word.comments.is_empty()) {
            self.gap = Some(Piece::Hard { blank: false });
            self.comments();
            self.gap = Some(Piece::Hard { blank: false });
        }
    }

    /// Fields in braces: on one line with commas, or a line each without.
    fn braces(&mut self, starts: &[u32], mut each: impl FnMut(&mut Self, usize)) {
        let broken = self.words.get(self.next + 1).is_some_and(|word| word.new_line) && !starts.is_empty();
        self.group(broken, |this| {
            this.emit();
            this.push(Piece::Indent(2));
            for at in 0..starts.len() {
                let blank = at > 0 && this.blank();
                this.gap = Some(Piece::Line { blank });
                each(this, at);
                if this.is(Tok::Comma) {
                    this.skip();
                }
                if at + 1 < starts.len() {
                    this.push(Piece::Comma);
                }
            }
            this.comments_inside();
            this.push(Piece::Indent(-2));
            if this.gap.is_none() {
                this.gap = Some(if starts.is_empty() { Piece::Indent(0) } else { Piece::Line { blank: false } });
            }
            this.emit();
        });
    }

    /// Lines in braces, always one each.
    fn lines(&mut self, count: usize, mut each: impl FnMut(&mut Self, usize)) {
        self.emit();
        self.push(Piece::Indent(2));
        for at in 0..count {
            let blank = at > 0 && self.blank();
            self.gap = Some(Piece::Hard { blank });
            each(self, at);
        }
        self.comments_inside();
        self.push(Piece::Indent(-2));
        if self.gap.is_none() {
            self.gap = Some(if count == 0 { Piece::Indent(0) } else { Piece::Hard { blank: false } });
        }
        self.emit();
    }

    // Items

    fn file(&mut self) {
        let file = self.file;
        if self.peek().is_some_and(|word| !word.comments.is_empty()) {
            self.gap = Some(Piece::Hard { blank: false });
        }
        let mut at = 0;
        for item in &file.items {
            // Several kinds on one line are one item.
            if at > 0 && item.at.start < self.peek().map_or(u32::MAX, |word| word.start) {
                continue;
            }
            if at > 0 {
                let blank = self.blank();
                self.gap = Some(Piece::Hard { blank });
            }
            self.item(item);
            self.until(item.at.end);
            at += 1;
        }
        self.gap = Some(Piece::Hard { blank: false });
        self.comments();
    }

    fn item(&mut self, item: &'s Item) {
        match &item.kind {
            ItemKind::Import { names: Some(names), .. } => {
                self.until_tok(Tok::ItemOpen);
                let starts: Vec<u32> = names.iter().map(|name| name.name.at.start).collect();
                self.list(&starts, |this, at| {
                    let end = names[at].alias.as_ref().map_or(names[at].name.at.end, |alias| alias.at.end);
                    this.until(end);
                });
            }
            ItemKind::Enum { members, .. } => self.members(members),
            ItemKind::Record { fields, .. } | ItemKind::Entity { fields, .. } | ItemKind::Context { fields } => {
                self.fields(fields, item.at.end);
            }
            ItemKind::Event { fields, .. } => self.fields(fields, item.at.end),
            ItemKind::Action(action) => {
                let returns = match &action.returns {
                    Some(Returns::Type(ty)) => ty.at.start,
                    Some(Returns::Fields(_, at)) => at.start,
                    None => item.at.end,
                };
                self.fields(&action.fields, returns);
                if let Some(Returns::Fields(fields, at)) = &action.returns {
                    self.until(at.start);
                    self.fields(fields, at.end);
                }
            }
            ItemKind::Group { members, .. } => {
                self.until_tok(Tok::Assign);
                self.emit();
                let starts: Vec<u32> = members.iter().map(|member| member.at.start).collect();
                self.open_list(&starts, |this, at| this.until(members[at].at.end));
            }
            ItemKind::Duty { params, .. } => self.params(params),
            ItemKind::Set { value, .. } | ItemKind::Let { value, .. } => {
                self.until(self.at(*value).start);
                self.indented(2, |this| this.outer(*value));
            }
            ItemKind::Define { params, body, .. } => {
                self.params(params);
                self.until(self.at(*body).start);
                let broken = self.new_line();
                self.group(broken, |this| {
                    // The group has taken the gap; here a line may end instead of it.
                    if matches!(this.pieces.get(this.pieces.len() - 2), Some(Piece::Space)) {
                        let begin = this.pieces.pop();
                        this.pieces.pop();
                        this.pieces.extend(begin);
                    }
                    this.push(Piece::Indent(2));
                    this.gap = Some(Piece::Line { blank: false });
                    this.indented(2, |this| this.expr(*body));
                    this.push(Piece::Indent(-2));
                });
            }
            ItemKind::Table(table) => {
                self.params(&table.params);
                match &table.body {
                    TableBody::Rows { header, rows, otherwise, .. } => {
                        let rows: Vec<&Row> = header.iter().chain(rows).collect();
                        self.table(&rows, otherwise.as_deref());
                    }
                    TableBody::From(_) => {}
                }
            }
            ItemKind::Policy(policy) => {
                self.until_tok(Tok::ItemOpen);
                let header = |member: &PolicyMember| {
                    !matches!(member.kind, PolicyMemberKind::Rule(_) | PolicyMemberKind::Limit(_))
                };
                let heads = policy.members.iter().filter(|member| header(member));
                let width = heads.map(|member| self.word_at(member.at.start).len()).max().unwrap_or(0);
                let members = &policy.members;
                self.lines(members.len(), |this, at| this.member(&members[at], width));
            }
            ItemKind::Test { steps, .. } => {
                self.until_tok(Tok::ItemOpen);
                self.lines(steps.len(), |this, at| this.step(&steps[at]));
            }
            ItemKind::Module(_) | ItemKind::Import { .. } | ItemKind::Role { .. } | ItemKind::Data { .. } => {}
            ItemKind::Control { .. } | ItemKind::Later(_) | ItemKind::Error => {}
        }
    }

    /// The token at a position, as written.
    fn word_at(&self, position: u32) -> &'s str {
        let at = self.words.partition_point(|word| word.start < position);
        self.words.get(at).map_or("", |word| &self.source[word.start as usize..word.end as usize])
    }

    fn members(&mut self, members: &[EnumMember]) {
        self.until_tok(Tok::ItemOpen);
        self.types = false;
        let broken = self.words.get(self.next + 1).is_some_and(|word| word.new_line) && !members.is_empty();
        self.group(broken, |this| {
            this.emit();
            this.push(Piece::Indent(2));
            for (at, member) in members.iter().enumerate() {
                let blank = at > 0 && this.blank();
                this.gap = Some(match (at, broken && this.new_line()) {
                    (0, _) => Piece::Line { blank: false },
                    (_, true) => Piece::Hard { blank },
                    (_, false) => Piece::Fill,
                });
                this.until(member.wire.as_ref().map_or(member.name.at.end, |wire| wire.at.end));
                if this.is(Tok::Less) {
                    this.emit();
                } else {
                    if this.is(Tok::Comma) {
                        this.skip();
                    }
                    if at + 1 < members.len() {
                        this.comma();
                    }
                }
            }
            this.comments_inside();
            this.push(Piece::Indent(-2));
            if this.gap.is_none() {
                this.gap = Some(if members.is_empty() { Piece::Indent(0) } else { Piece::Line { blank: false } });
            }
            this.emit();
        });
        self.types = true;
    }

    /// The fields of a declaration, where there are braces before `end`.
    fn fields(&mut self, fields: &[Field], end: u32) {
        while self.peek().is_some_and(|word| word.start < end && word.tok != Tok::ItemOpen) {
            self.emit();
        }
        if self.peek().is_some_and(|word| word.start < end) {
            let starts: Vec<u32> = fields.iter().map(|field| field.name.at.start).collect();
            self.braces(&starts, |this, at| this.until(fields[at].ty.at.end));
        }
    }

    fn params(&mut self, params: &[Field]) {
        self.until_tok(Tok::OpenParen);
        let starts: Vec<u32> = params.iter().map(|param| param.name.at.start).collect();
        self.list(&starts, |this, at| this.until(params[at].ty.at.end));
    }

    // Tables

    fn table(&mut self, rows: &[&Row], otherwise: Option<&[ExprId]>) {
        self.until_tok(Tok::ItemOpen);
        let widths = self.widths(rows);
        self.types = false;
        self.emit();
        self.push(Piece::Indent(2));
        if self.is(Tok::FirstMatch) {
            self.gap = Some(Piece::Hard { blank: false });
            self.emit();
        }
        for (at, row) in rows.iter().enumerate() {
            let blank = at > 0 && self.blank();
            self.gap = Some(Piece::Hard { blank });
            self.row(row, &widths);
        }
        if let Some(values) = otherwise {
            self.gap = Some(Piece::Hard { blank: false });
            self.until_tok(Tok::Otherwise);
            self.emit();
            let starts: Vec<u32> = values.iter().map(|value| self.at(*value).start).collect();
            self.open_list(&starts, |this, at| this.expr(values[at]));
        }
        self.comments_inside();
        self.push(Piece::Indent(-2));
        self.gap = Some(Piece::Hard { blank: false });
        self.emit();
        self.types = true;
    }

    /// How wide each column is; the last is that of the results.
    fn widths(&mut self, rows: &[&Row]) -> Vec<usize> {
        let columns = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let mut widths = vec![0; columns + 1];
        for row in rows {
            for (at, cell) in row.cells.iter().enumerate() {
                widths[at] = widths[at].max(self.flat(cell.at.start, cell.at.end).chars().count());
            }
            if let (Some(first), Some(last)) = (row.results.first(), row.results.last()) {
                let results = self.flat(self.at(*first).start, self.at(*last).end);
                widths[columns] = widths[columns].max(results.chars().count());
            }
        }
        widths
    }

    /// The tokens of a stretch on one line.
    fn flat(&self, start: u32, end: u32) -> String {
        let mut apart = Writer {
            source: self.source,
            file: self.file,
            operators: self.operators,
            words: vec![],
            last: vec![],
            next: 0,
            pieces: vec![],
            gap: None,
            before: None,
            sign: false,
            types: false,
            comparison: None,
        };
        let place = |position: u32| self.words.partition_point(|word| word.start < position);
        let inside = self.words[place(start)..place(end)].iter();
        let word = |word: &Word<'s>| Word { comments: vec![], new_line: false, blank: false, ..*word };
        apart.words = inside.map(word).collect();
        while apart.next < apart.words.len() {
            apart.emit();
        }
        lay_out(&apart.pieces).trim_end().to_string()
    }

    fn row(&mut self, row: &Row, widths: &[usize]) {
        for (at, cell) in row.cells.iter().enumerate() {
            self.until(cell.at.start);
            self.until(cell.at.end);
            self.pad(widths[at], cell.at.start, cell.at.end);
        }
        if let (Some(first), Some(last)) = (row.results.first(), row.results.last()) {
            let (start, end) = (self.at(*first).start, self.at(*last).end);
            self.until(end);
            self.pad(widths.last().copied().unwrap_or(0), start, end);
        }
        self.until(row.at.end);
    }

    fn pad(&mut self, width: usize, start: u32, end: u32) {
        let missing = width.saturating_sub(self.flat(start, end).chars().count());
        if missing > 0 {
            self.push(Piece::Text(Cow::Owned(" ".repeat(missing))));
        }
    }

    // Policies

    fn member(&mut self, member: &'s PolicyMember, width: usize) {
        match &member.kind {
            PolicyMemberKind::Rule(rule) | PolicyMemberKind::Limit(rule) => return self.rule(rule),
            PolicyMemberKind::Governs(paths) => {
                self.head_word(width);
                let starts: Vec<u32> = paths.iter().map(|path| path.at.start).collect();
                self.open_list(&starts, |this, at| this.until(paths[at].at.end));
            }
            PolicyMemberKind::Otherwise(otherwise) => {
                self.head_word(width);
                self.otherwise(otherwise);
            }
            PolicyMemberKind::Title(_) | PolicyMemberKind::Version(_) | PolicyMemberKind::Owner(_) => {
                self.head_word(width)
            }
            PolicyMemberKind::Effective(_) | PolicyMemberKind::Zone(_) | PolicyMemberKind::Calendar(_) => {
                self.head_word(width);
            }
            PolicyMemberKind::Implements(_) => self.head_word(width),
            PolicyMemberKind::Error => {}
        }
        self.until(member.at.end);
    }

    /// The first word of a line of the policy's head, so wide that what is behind stands in a column.
    fn head_word(&mut self, width: usize) {
        let length = self.peek().map_or(0, |word| (word.end - word.start) as usize);
        self.emit();
        if width > length {
            self.push(Piece::Text(Cow::Owned(" ".repeat(width - length))));
        }
    }

    fn rule(&mut self, rule: &'s Rule) {
        let paths = |this: &mut Self, paths: &[Path]| {
            if let Some(first) = paths.first() {
                this.until(first.at.start);
                let starts: Vec<u32> = paths.iter().map(|path| path.at.start).collect();
                this.open_list(&starts, |this, at| this.until(paths[at].at.end));
            }
        };
        paths(self, &rule.on);
        paths(self, &rule.overrides);
        self.until_tok(Tok::RuleOpen);
        let mut broken = false;
        let end = self.matching_close();
        for word in &self.words[self.next + 1..=end] {
            broken |= word.new_line;
        }
        let clauses = &rule.clauses;
        self.group(broken && !clauses.is_empty(), |this| {
            this.emit();
            this.push(Piece::Indent(2));
            let mut at = 0;
            while at < clauses.len() {
                let blank = at > 0 && this.blank();
                this.gap = Some(Piece::Line { blank });
                let count = 1 + clauses[at + 1..]
                    .iter()
                    .enumerate()
                    .take_while(|(next, _)| follows(clauses, at, at + 1 + next))
                    .count();
                this.clauses(&clauses[at..at + count]);
                at += count;
            }
            this.comments_inside();
            this.push(Piece::Indent(-2));
            if this.gap.is_none() {
                this.gap = Some(if clauses.is_empty() { Piece::Indent(0) } else { Piece::Line { blank: false } });
            }
            this.emit();
        });
    }

    /// The place of the token that closes the rule that opens here.
    fn matching_close(&self) -> usize {
        let close = self.words[self.next..].iter().position(|word| word.tok == Tok::RuleClose);
        self.next + close.unwrap_or(0)
    }

    /// A clause, and those that belong to it.
    fn clauses(&mut self, clauses: &'s [Clause]) {
        let breaks: Vec<bool> = clauses.iter().map(|clause| self.starts_line(clause.at.start)).collect();
        let mut from = 0;
        while from < clauses.len() {
            // What the author put on one line.
            let count = 1 + breaks[from + 1..].iter().take_while(|broken| !**broken).count();
            let stretch = &clauses[from..from + count];
            let chained = stretch.iter().skip(1).any(|clause| match clause.kind {
                ClauseKind::When(condition) | ClauseKind::Unless(condition) => self.chain_broken(condition),
                _ => false,
            });
            // A comment ends its line, so that what stands behind it would be read as broken the next time.
            let parted = self.commented(stretch[0].at.start, stretch[count - 1].at.end);
            // Behind a duty, a `when` on a line of its own could be the rule's.
            let may_move = !matches!(clauses[0].kind, ClauseKind::Must(_) | ClauseKind::AtMark(_));
            // What is set in already is set in no further.
            let deeper = if from == 0 { 2 } else { 0 };
            let write = |this: &mut Self| {
                this.group((chained || parted) && may_move, |this| {
                    // What stands behind a clause that may move is set in as it is.
                    let mut moved = false;
                    for (at, clause) in stretch.iter().enumerate() {
                        let head = &clauses[0].kind;
                        let movable = match clause.kind {
                            ClauseKind::When(_) | ClauseKind::Unless(_) | ClauseKind::MayBeWaived(_) => may_move,
                            ClauseKind::Otherwise(_) | ClauseKind::Code(_) => matches!(head, ClauseKind::Require(_)),
                            ClauseKind::Within { .. } | ClauseKind::OnceDone => matches!(head, ClauseKind::Must(_)),
                            _ => false,
                        };
                        moved |= at > 0 && movable;
                        if moved {
                            this.push(Piece::Indent(deeper));
                            if movable {
                                this.gap = Some(Piece::Line { blank: false });
                            }
                            this.clause(clause);
                            this.push(Piece::Indent(-deeper));
                        } else {
                            this.clause(clause);
                        }
                    }
                });
            };
            if from > 0 {
                self.push(Piece::Indent(2));
                self.gap = Some(Piece::Hard { blank: false });
                write(self);
                self.push(Piece::Indent(-2));
            } else {
                write(self);
            }
            from += count;
        }
    }

    /// Does a comment stand between the words from `start` to `end`?
    fn commented(&self, start: u32, end: u32) -> bool {
        let first = self.words.partition_point(|word| word.start <= start);
        self.words[first..].iter().take_while(|word| word.start < end).any(|word| !word.comments.is_empty())
    }

    fn starts_line(&self, position: u32) -> bool {
        let at = self.words.partition_point(|word| word.start < position);
        self.words.get(at).is_some_and(|word| word.new_line)
    }

    fn clause(&mut self, clause: &'s Clause) {
        match &clause.kind {
            ClauseKind::Let { value, .. } => self.set_in(*value),
            ClauseKind::When(value) | ClauseKind::Unless(value) | ClauseKind::Require(value) => self.set_in(*value),
            ClauseKind::Sum(value)
            | ClauseKind::Distinct(value)
            | ClauseKind::AtMost(value)
            | ClauseKind::AtMark(value) => {
                self.set_in(*value);
            }
            ClauseKind::Within { span, .. } => self.set_in(*span),
            ClauseKind::PermitWith(approvers) | ClauseKind::Needs(approvers) | ClauseKind::MayBeWaived(approvers) => {
                self.approvers(&approvers.all);
            }
            ClauseKind::Must(call) => self.duty(call),
            ClauseKind::Otherwise(otherwise) => self.otherwise(otherwise),
            ClauseKind::Per(values) => values.iter().for_each(|value| self.set_in(*value)),
            ClauseKind::Window(window) => self.window(window),
            ClauseKind::Permit
            | ClauseKind::Deny
            | ClauseKind::Lift
            | ClauseKind::OnceDone
            | ClauseKind::Because(_) => {}
            ClauseKind::Code(_) | ClauseKind::Source(_) | ClauseKind::Implements(_) | ClauseKind::Effective(_) => {}
            ClauseKind::Count | ClauseKind::Error => {}
        }
        self.until(clause.at.end);
    }

    fn set_in(&mut self, value: ExprId) {
        self.until(self.at(value).start);
        self.indented(2, |this| this.expr(value));
    }

    fn window(&mut self, window: &Window) {
        match window {
            Window::Within { span, .. } => self.set_in(*span),
            Window::Since { filter: Some(filter), .. } => self.set_in(*filter),
            Window::Since { filter: None, .. } | Window::This { .. } | Window::Ever(_) => {}
        }
    }

    fn otherwise(&mut self, otherwise: &Otherwise) {
        match otherwise {
            Otherwise::PermitWith { approvers, within } | Otherwise::Needs { approvers, within } => {
                self.approvers(&approvers.all);
                within.iter().for_each(|within| self.set_in(*within));
            }
            Otherwise::Duty(call) => self.duty(call),
            Otherwise::Text(_) | Otherwise::Permit | Otherwise::Deny(_) | Otherwise::Abstain => {}
        }
    }

    fn approvers(&mut self, approvers: &[Approver]) {
        for approver in approvers {
            match approver {
                Approver::Role { role, filter, .. } => {
                    self.set_in(*role);
                    filter.iter().for_each(|filter| self.set_in(*filter));
                }
                Approver::AnyOf { of, at, .. } => {
                    self.until(at.start);
                    self.until_tok(Tok::OpenParen);
                    let starts: Vec<u32> = of.iter().map(|of| approver_at(of).start).collect();
                    self.list(&starts, |this, at| this.approvers(&of[at..=at]));
                }
            }
        }
    }

    fn duty(&mut self, call: &DutyCall) {
        self.until(call.duty.at.end);
        self.args(&call.args);
    }

    fn args(&mut self, args: &[ExprId]) {
        let starts: Vec<u32> = args.iter().map(|arg| self.at(*arg).start).collect();
        self.list(&starts, |this, at| this.expr(args[at]));
    }

    // Tests

    fn step(&mut self, step: &'s Step) {
        match &step.kind {
            StepKind::Origins(origins) => {
                self.emit();
                let starts: Vec<u32> = origins.iter().map(|(path, _)| path.at.start).collect();
                self.open_list(&starts, |this, at| {
                    let (path, places) = &origins[at];
                    this.until(path.at.end);
                    this.until_tok(Tok::Colon);
                    this.emit();
                    this.places(places);
                });
            }
            StepKind::Context(fields) => {
                self.emit();
                self.record(fields);
            }
            StepKind::Data { value, .. } | StepKind::Request(value) | StepKind::Event(value) => {
                self.until(self.at(*value).start);
                self.expr(*value);
            }
            StepKind::Past { what, outcome, .. } => {
                self.until(self.at(*what).start);
                self.expr(*what);
                if let PastOutcome::Returned(value) = outcome {
                    self.until(self.at(*value).start);
                    self.expr(*value);
                }
            }
            StepKind::Approved { by, .. } | StepKind::Waived { by, .. } => {
                self.until(self.at(*by).start);
                self.expr(*by);
            }
            StepKind::ExpectMust(call) => self.duty(call),
            StepKind::At { .. }
            | StepKind::Session(_)
            | StepKind::ExpectVerdict { .. }
            | StepKind::ExpectMissing(_) => {}
            StepKind::ExpectError(_) | StepKind::Error => {}
        }
        self.until(step.at.end);
    }

    /// A place, or places in parentheses.
    fn places(&mut self, places: &[Place]) {
        if self.is(Tok::OpenParen) {
            let starts: Vec<u32> = places.iter().map(|place| place_at(place).start).collect();
            return self.list(&starts, |this, at| this.until(place_at(&places[at]).end));
        }
        places.iter().for_each(|place| self.until(place_at(place).end));
    }

    // Expressions

    fn at(&self, id: ExprId) -> Span {
        self.file.at(id)
    }

    /// A line ends between the operands of `and` or `or`.
    fn chain_broken(&self, id: ExprId) -> bool {
        match self.file.expr(id) {
            Expr::And(parts) | Expr::Or(parts) => parts.iter().skip(1).any(|part| {
                let at = self.words.partition_point(|word| word.start < self.at(*part).start);
                self.words[at].new_line || at > 0 && self.words[at - 1].new_line
            }),
            _ => false,
        }
    }

    /// An expression that nothing is set in around, such as a record of a fixture.
    fn outer(&mut self, id: ExprId) {
        let record = matches!(
            self.file.expr(id),
            Expr::Record { .. }
                | Expr::With { .. }
                | Expr::Entity { .. }
                | Expr::Set(_)
                | Expr::Map(_)
                | Expr::List(_)
                | Expr::Call { .. }
        );
        if record {
            self.indented(-2, |this| this.expr(id));
        } else {
            self.expr(id);
        }
    }

    fn expr(&mut self, id: ExprId) {
        let file = self.file;
        let at = self.at(id);
        let types = std::mem::replace(&mut self.types, false);
        self.until(at.start);
        match file.expr(id) {
            Expr::And(parts) | Expr::Or(parts) => {
                let broken = self.chain_broken(id);
                self.group(broken, |this| {
                    for (place, part) in parts.iter().enumerate() {
                        if place > 0 {
                            this.gap = Some(Piece::Line { blank: false });
                            this.emit();
                        }
                        // `and` inside `or`.
                        let inner = if matches!(file.expr(*part), Expr::And(_)) { 2 } else { 0 };
                        this.indented(inner, |this| this.expr(*part));
                    }
                });
            }
            Expr::Group(inner) => {
                self.emit();
                self.indented(2, |this| this.expr(*inner));
            }
            Expr::Compare { operands, ops } => {
                let style = if ops.len() == 1 { self.operators } else { Operators::Symbols };
                for (place, operand) in operands.iter().enumerate() {
                    if place > 0 {
                        self.comparison = Some(style);
                        self.emit();
                        self.comparison = None;
                    }
                    self.expr(*operand);
                }
            }
            Expr::Call { callee, args } => {
                self.expr(*callee);
                self.args(args);
            }
            Expr::List(items) => self.args(items),
            Expr::Set(items) => self.args(items),
            Expr::Map(entries) => {
                let starts: Vec<u32> = entries.iter().map(|(key, _)| self.at(*key).start).collect();
                self.list(&starts, |this, at| {
                    this.expr(entries[at].0);
                    this.expr(entries[at].1);
                });
            }
            Expr::Record { of, fields } | Expr::With { of, fields } => {
                self.expr(*of);
                self.until_tok(Tok::OpenBrace);
                self.record(fields);
            }
            Expr::Entity { of, parents, fields } => {
                self.expr(*of);
                parents.iter().for_each(|parent| self.expr(*parent));
                while self.peek().is_some_and(|word| word.start < at.end && word.tok != Tok::OpenBrace) {
                    self.emit();
                }
                if self.peek().is_some_and(|word| word.start < at.end) {
                    self.record(fields);
                }
            }
            Expr::BelongsTo { of, groups, any_of, .. } => {
                self.expr(*of);
                self.emit();
                if *any_of && self.is(Tok::OpenParen) {
                    self.args(groups);
                } else {
                    groups.iter().for_each(|group| self.expr(*group));
                }
            }
            Expr::ComesFrom { of, places, .. } => {
                self.expr(*of);
                self.emit();
                self.places(places);
            }
            Expr::Quantifier(quantifier) => self.quantifier(quantifier),
            Expr::If { condition, then, otherwise } => {
                let broken = [then, otherwise].iter().any(|part| self.line_before(**part));
                self.group(broken, |this| {
                    this.emit();
                    this.indented(2, |this| {
                        this.expr(*condition);
                        for part in [then, otherwise] {
                            this.gap = Some(Piece::Line { blank: false });
                            this.emit();
                            this.expr(*part);
                        }
                    });
                });
            }
            Expr::Match { of, arms } => {
                self.emit();
                self.expr(*of);
                let starts: Vec<u32> = arms.iter().map(|arm| arm.at.start).collect();
                self.list(&starts, |this, at| {
                    arms[at].patterns.iter().for_each(|pattern| this.expr(*pattern));
                    this.expr(arms[at].value);
                });
            }
            Expr::Let { bindings, body } => {
                let broken = bindings.iter().skip(1).any(|(name, _)| {
                    let at = self.words.partition_point(|word| word.start < name.at.start);
                    self.words[at - 1].new_line
                });
                let broken = broken || self.line_before(*body);
                self.group(broken, |this| {
                    for (place, (_, value)) in bindings.iter().enumerate() {
                        if place > 0 {
                            this.gap = Some(Piece::Line { blank: false });
                        }
                        this.until(this.at(*value).start);
                        this.indented(2, |this| this.expr(*value));
                    }
                    this.gap = Some(Piece::Line { blank: false });
                    this.emit();
                    this.indented(2, |this| this.expr(*body));
                });
            }
            // Written whole, with what is filled in.
            Expr::Text(_) => {}
            expr => expr.children(|child| self.expr(child)),
        }
        self.until(at.end);
        self.types = types;
    }

    /// A line ends before the expression, or before the word in front of it.
    fn line_before(&self, id: ExprId) -> bool {
        let at = self.words.partition_point(|word| word.start < self.at(id).start);
        self.words[at].new_line || at > 0 && self.words[at - 1].new_line
    }

    fn record(&mut self, fields: &'s [(Name, ExprId)]) {
        let starts: Vec<u32> = fields.iter().map(|(name, _)| name.at.start).collect();
        self.braces(&starts, |this, at| this.expr(fields[at].1));
    }

    fn quantifier(&mut self, quantifier: &'s Quantifier) {
        let broken = [quantifier.filter, quantifier.satisfy].into_iter().flatten().any(|part| self.line_before(part));
        self.group(broken, |this| {
            this.until_tok(Tok::OpenParen);
            this.emit();
            quantifier.value.iter().for_each(|value| this.expr(*value));
            quantifier.sources.iter().for_each(|source| this.expr(*source));
            for part in [quantifier.filter, quantifier.satisfy].into_iter().flatten() {
                this.push(Piece::IndentBroken(2));
                this.gap = Some(Piece::Line { blank: false });
                this.emit();
                this.push(Piece::IndentBroken(2));
                this.expr(part);
                this.push(Piece::IndentBroken(-4));
            }
            this.until_tok(Tok::CloseParen);
            this.emit();
        });
    }
}

/// The clause at `at` belongs to the one at `head`, so it stands on its line or is set in behind it.
fn follows(clauses: &[Clause], head: usize, at: usize) -> bool {
    match &clauses[at].kind {
        ClauseKind::When(_) | ClauseKind::Unless(_) => !matches!(
            clauses[head].kind,
            ClauseKind::Let { .. }
                | ClauseKind::When(_)
                | ClauseKind::Unless(_)
                | ClauseKind::Because(_)
                | ClauseKind::Source(_)
        ),
        ClauseKind::Within { .. } | ClauseKind::OnceDone | ClauseKind::Otherwise(_) | ClauseKind::MayBeWaived(_) => {
            true
        }
        ClauseKind::Per(_) | ClauseKind::Window(_) => true,
        ClauseKind::Code(_) => matches!(clauses[head].kind, ClauseKind::Require(_)),
        ClauseKind::Must(_) => at == head + 1 && matches!(clauses[head].kind, ClauseKind::AtMark(_)),
        ClauseKind::Let { .. } | ClauseKind::Permit | ClauseKind::PermitWith(_) | ClauseKind::Needs(_) => false,
        ClauseKind::Deny | ClauseKind::Require(_) | ClauseKind::Lift | ClauseKind::Because(_) => false,
        ClauseKind::Source(_) | ClauseKind::Implements(_) | ClauseKind::Effective(_) | ClauseKind::Count => false,
        ClauseKind::Sum(_) | ClauseKind::Distinct(_) | ClauseKind::AtMost(_) | ClauseKind::AtMark(_) => false,
        ClauseKind::Error => false,
    }
}

fn approver_at(approver: &Approver) -> Span {
    match approver {
        Approver::Role { at, .. } | Approver::AnyOf { at, .. } => *at,
    }
}

fn place_at(place: &Place) -> Span {
    match place {
        Place::User(at) | Place::Operator(at) => *at,
        Place::Named(path) => path.at,
    }
}

/// `43%`, and one space before every other unit.
fn quantity(written: &str) -> Cow<'_, str> {
    let split = written.find(|c: char| !matches!(c, '0'..='9' | '_' | '.')).unwrap_or(written.len());
    let (number, unit) = (&written[..split], written[split..].split_whitespace().collect::<Vec<_>>().join(" "));
    if unit == "%" { Cow::Owned(format!("{number}%")) } else { Cow::Owned(format!("{number} {unit}")) }
}
