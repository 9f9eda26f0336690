//! The one table of words: which word is a keyword where, and which words are joined into one.
//! `shape.rs` asks it for every word of a text; the grammar then sees keywords only where they can stand.
//! Reserved words are keywords everywhere; every other word is a name wherever a name is wanted.

use crate::lex::{Kind, Token};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A terminal of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[rustfmt::skip]
pub enum Tok {
    // Names and literals. A `Field` is a name with `:` behind it.
    Name, Field, Int, Decimal, Quantity, Date, Time, Instant, Version,
    Text, TextStart, TextMiddle, TextEnd, RawText,
    // Brackets: those of an item, those of a rule or limit, and all others.
    ItemOpen, ItemClose, RuleOpen, RuleClose, OpenBrace, CloseBrace, OpenParen, CloseParen, OpenBracket, CloseBracket,
    Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual, Assign, Arrow, Gives,
    Plus, Minus, Star, Slash, Dot, To, ToBelow, Comma, Colon, Question, Bar, Bars,
    // Reserved.
    Or, And, Not, In, If, Then, Else, Match, For, Where, Satisfy, When, Unless, With, Past, Let, True, False, As,
    Matches, Contains, Like,
    // Comparisons of several words.
    NotIn, OneOf, NotOneOf, IsA, IsNotA, IsPresent, IsMissing, IsWithin, IsNotWithin, StartsWith, NotStartsWith,
    EndsWith, NotEndsWith, NotContains, NotMatches, NotLike, BelongsTo, NotBelongsTo, BelongsAny, NotBelongsAny,
    ComesFrom, NotComesFrom, ComesAny, NotComesAny, ComesOnly, NotComesOnly, OrElse, IsFreeOf,
    Of, Using, Max, AnyOf,
    // Quantifiers that start with their variables: `any(x in …`.
    QAny, QNone, QAll, QCount,
    // Items.
    Module, Import, Enum, OrderedEnum, Record, Entity, Action, Event, Group, Context, Duty, Role, Set, Data, Define,
    ExportDefine, Table, Policy, Control, ItemLet, Test,
    // A form that comes later, whole; an item nested too deeply, whole.
    Later, Broken,
    By, On, Returns, Means, From, Under, FirstMatch,
    // Members of a policy, and heads of rules.
    Title, PolicyVersion, Owner, PolicyEffective, Zone, Calendar, PolicyImplements, Governs, PolicyOtherwise,
    Rule, Limit, Overrides, Overridable, Trial,
    // Clauses.
    Permit, Deny, Abstain, WithApproval, Needs, Within, MayBeWaived, Require, Lift, Must, OnceDone, Otherwise, Because,
    Code, Source, Implements, Effective, DateFrom, DateUntil, Count, SumOf, Distinct, Per, This, Since, Ever, AtMost, At,
    // The same words inside the parentheses of a quantifier.
    PastBy, PastOn, PastWithin, PastThis, PastSince, PastEver, Returned, Attempted, Denied, Pending, Failed,
    // Steps of a test.
    StepAt, Session, Origins, StepContext, StepData, StepPast, Request, StepEvent, ApprovedBy, Waived, Expect, Repeated,
    Times, Ago, Escalate, Recorded, Missing, ErrorCode, TheUser, TheOperator,
}

/// What a word stands in: the innermost bracket that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    File,
    /// Fields, members of an enum, names of an import.
    Decl,
    Policy,
    /// A rule or a limit.
    Rule,
    Test,
    Table,
    /// `( )` and `[ ]`
    Paren,
    /// `{ }` in an expression.
    Value,
    /// A filled-in part of a text.
    Hole,
}

/// Where a word must stand to be a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Behind an operand.
    Operator,
    /// Anywhere but where an operand or a name is wanted.
    Start,
    Anywhere,
    /// Right behind `expect`.
    Expected,
    /// At the beginning of a cell.
    Cell,
}

/// What must stand behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Whatever,
    Name,
    Capital,
    Text,
    Brace,
    Int,
    Number,
    Date,
    Moment,
    Version,
    FromOrUntil,
    /// `(`, names and `in`.
    Variables,
}

struct Entry {
    words: Vec<&'static str>,
    scopes: &'static [Scope],
    place: Place,
    next: Next,
    tok: Tok,
}

const ALL: &[Scope] = &[
    Scope::File,
    Scope::Decl,
    Scope::Policy,
    Scope::Rule,
    Scope::Test,
    Scope::Table,
    Scope::Paren,
    Scope::Value,
    Scope::Hole,
];
/// Where expressions can stand.
const EXPR: &[Scope] =
    &[Scope::File, Scope::Policy, Scope::Rule, Scope::Test, Scope::Table, Scope::Paren, Scope::Value, Scope::Hole];
const FILE: &[Scope] = &[Scope::File];
const POLICY: &[Scope] = &[Scope::Policy];
const RULE: &[Scope] = &[Scope::Rule];
const BODY: &[Scope] = &[Scope::Policy, Scope::Rule];
const PAREN: &[Scope] = &[Scope::Paren];
const TEST: &[Scope] = &[Scope::Test];

/// Phrase, scopes, place, what stands behind it, and what it is. Of two that fit, the longer phrase wins.
#[rustfmt::skip]
const TABLE: &[(&str, &[Scope], Place, Next, Tok)] = {
    use Next::*;
    use Place::*;
    &[
        // Operators.
        ("is at least", EXPR, Operator, Whatever, Tok::GreaterOrEqual),
        ("is at most", EXPR, Operator, Whatever, Tok::LessOrEqual),
        ("is more than", EXPR, Operator, Whatever, Tok::Greater),
        ("is less than", EXPR, Operator, Whatever, Tok::Less),
        ("is not at least", EXPR, Operator, Whatever, Tok::Less),
        ("is not at most", EXPR, Operator, Whatever, Tok::Greater),
        ("is not more than", EXPR, Operator, Whatever, Tok::LessOrEqual),
        ("is not less than", EXPR, Operator, Whatever, Tok::GreaterOrEqual),
        ("is not", EXPR, Operator, Whatever, Tok::NotEqual),
        ("is not", &[Scope::Table], Cell, Whatever, Tok::NotEqual),
        ("is one of", EXPR, Operator, Whatever, Tok::OneOf),
        ("is not one of", EXPR, Operator, Whatever, Tok::NotOneOf),
        ("is a", EXPR, Operator, Capital, Tok::IsA),
        ("is an", EXPR, Operator, Capital, Tok::IsA),
        ("is not a", EXPR, Operator, Capital, Tok::IsNotA),
        ("is not an", EXPR, Operator, Capital, Tok::IsNotA),
        ("is present", EXPR, Operator, Whatever, Tok::IsPresent),
        ("is not missing", EXPR, Operator, Whatever, Tok::IsPresent),
        ("is missing", EXPR, Operator, Whatever, Tok::IsMissing),
        ("is not present", EXPR, Operator, Whatever, Tok::IsMissing),
        ("is within", EXPR, Operator, Whatever, Tok::IsWithin),
        ("is not within", EXPR, Operator, Whatever, Tok::IsNotWithin),
        ("is in", EXPR, Operator, Whatever, Tok::In),
        ("is not in", EXPR, Operator, Whatever, Tok::NotIn),
        ("not in", EXPR, Operator, Whatever, Tok::NotIn),
        ("is like", EXPR, Operator, Whatever, Tok::Like),
        ("is not like", EXPR, Operator, Whatever, Tok::NotLike),
        ("is free of", EXPR, Operator, Whatever, Tok::IsFreeOf),
        ("is not free of", EXPR, Operator, Whatever, Tok::IsFreeOf),
        ("starts with", EXPR, Operator, Whatever, Tok::StartsWith),
        ("does not start with", EXPR, Operator, Whatever, Tok::NotStartsWith),
        ("ends with", EXPR, Operator, Whatever, Tok::EndsWith),
        ("does not end with", EXPR, Operator, Whatever, Tok::NotEndsWith),
        ("does not contain", EXPR, Operator, Whatever, Tok::NotContains),
        ("does not match", EXPR, Operator, Whatever, Tok::NotMatches),
        ("belongs to", EXPR, Operator, Whatever, Tok::BelongsTo),
        ("does not belong to", EXPR, Operator, Whatever, Tok::NotBelongsTo),
        ("belongs to any of", EXPR, Operator, Whatever, Tok::BelongsAny),
        ("does not belong to any of", EXPR, Operator, Whatever, Tok::NotBelongsAny),
        ("comes from", EXPR, Operator, Whatever, Tok::ComesFrom),
        ("does not come from", EXPR, Operator, Whatever, Tok::NotComesFrom),
        ("comes from any of", EXPR, Operator, Whatever, Tok::ComesAny),
        ("does not come from any of", EXPR, Operator, Whatever, Tok::NotComesAny),
        ("comes only from", EXPR, Operator, Whatever, Tok::ComesOnly),
        ("does not come only from", EXPR, Operator, Whatever, Tok::NotComesOnly),
        ("or else", EXPR, Operator, Whatever, Tok::OrElse),
        ("of", EXPR, Operator, Whatever, Tok::Of),
        ("using", EXPR, Operator, Whatever, Tok::Using),
        ("max", ALL, Anywhere, Int, Tok::Max),
        ("any", EXPR, Anywhere, Int, Tok::AnyOf),
        ("any", EXPR, Anywhere, Variables, Tok::QAny),
        ("none", EXPR, Anywhere, Variables, Tok::QNone),
        ("all", EXPR, Anywhere, Variables, Tok::QAll),
        ("count", EXPR, Anywhere, Variables, Tok::QCount),
        ("the user", EXPR, Anywhere, Whatever, Tok::TheUser),
        ("the operator", EXPR, Anywhere, Whatever, Tok::TheOperator),
        // Heads of items.
        ("by", FILE, Start, Whatever, Tok::By),
        ("on", FILE, Start, Whatever, Tok::On),
        ("returns", FILE, Start, Whatever, Tok::Returns),
        ("means", FILE, Start, Whatever, Tok::Means),
        ("from", FILE, Start, Text, Tok::From),
        ("under", FILE, Start, Name, Tok::Under),
        ("first match", &[Scope::File, Scope::Table], Start, Whatever, Tok::FirstMatch),
        ("otherwise", &[Scope::Table], Anywhere, Whatever, Tok::Otherwise),
        // Members of a policy.
        ("title", POLICY, Start, Text, Tok::Title),
        ("version", POLICY, Start, Version, Tok::PolicyVersion),
        ("owner", POLICY, Start, Text, Tok::Owner),
        ("effective", POLICY, Start, FromOrUntil, Tok::PolicyEffective),
        ("zone", POLICY, Start, Text, Tok::Zone),
        ("calendar", POLICY, Start, Name, Tok::Calendar),
        ("implements", POLICY, Start, Name, Tok::PolicyImplements),
        ("governs", POLICY, Start, Whatever, Tok::Governs),
        ("otherwise", POLICY, Start, Whatever, Tok::PolicyOtherwise),
        ("rule", POLICY, Start, Name, Tok::Rule),
        ("limit", POLICY, Start, Name, Tok::Limit),
        ("on", POLICY, Start, Whatever, Tok::On),
        ("overrides", POLICY, Start, Whatever, Tok::Overrides),
        ("overridable", POLICY, Start, Whatever, Tok::Overridable),
        ("trial", POLICY, Start, Whatever, Tok::Trial),
        ("abstain", POLICY, Start, Whatever, Tok::Abstain),
        // Clauses.
        ("permit", BODY, Start, Whatever, Tok::Permit),
        ("deny", BODY, Start, Whatever, Tok::Deny),
        ("with approval of", BODY, Anywhere, Whatever, Tok::WithApproval),
        ("needs approval of", BODY, Start, Whatever, Tok::Needs),
        ("within", BODY, Start, Whatever, Tok::Within),
        ("from", BODY, Start, Date, Tok::DateFrom),
        ("until", BODY, Start, Date, Tok::DateUntil),
        ("may be waived by", RULE, Start, Whatever, Tok::MayBeWaived),
        ("require", RULE, Start, Whatever, Tok::Require),
        ("lift", RULE, Start, Whatever, Tok::Lift),
        ("must", RULE, Start, Name, Tok::Must),
        ("once done", RULE, Start, Whatever, Tok::OnceDone),
        ("otherwise", RULE, Start, Whatever, Tok::Otherwise),
        ("because", RULE, Start, Text, Tok::Because),
        ("code", RULE, Start, Text, Tok::Code),
        ("source", RULE, Start, Text, Tok::Source),
        ("implements", RULE, Start, Name, Tok::Implements),
        ("effective", RULE, Start, FromOrUntil, Tok::Effective),
        ("count", RULE, Start, Whatever, Tok::Count),
        ("sum of", RULE, Start, Whatever, Tok::SumOf),
        ("distinct", RULE, Start, Whatever, Tok::Distinct),
        ("per", RULE, Start, Whatever, Tok::Per),
        ("since", RULE, Start, Whatever, Tok::Since),
        ("ever", RULE, Start, Whatever, Tok::Ever),
        ("at most", RULE, Start, Whatever, Tok::AtMost),
        ("at", RULE, Start, Number, Tok::At),
        ("this session", RULE, Start, Whatever, Tok::This),
        ("this hour", RULE, Start, Whatever, Tok::This),
        ("this day", RULE, Start, Whatever, Tok::This),
        ("this week", RULE, Start, Whatever, Tok::This),
        ("this month", RULE, Start, Whatever, Tok::This),
        ("this quarter", RULE, Start, Whatever, Tok::This),
        ("this year", RULE, Start, Whatever, Tok::This),
        // The past.
        ("by", PAREN, Start, Whatever, Tok::PastBy),
        ("on", PAREN, Start, Whatever, Tok::PastOn),
        ("within", PAREN, Start, Whatever, Tok::PastWithin),
        ("since", PAREN, Start, Whatever, Tok::PastSince),
        ("ever", PAREN, Start, Whatever, Tok::PastEver),
        ("this session", PAREN, Start, Whatever, Tok::PastThis),
        ("this hour", PAREN, Start, Whatever, Tok::PastThis),
        ("this day", PAREN, Start, Whatever, Tok::PastThis),
        ("this week", PAREN, Start, Whatever, Tok::PastThis),
        ("this month", PAREN, Start, Whatever, Tok::PastThis),
        ("this quarter", PAREN, Start, Whatever, Tok::PastThis),
        ("this year", PAREN, Start, Whatever, Tok::PastThis),
        ("returned", &[Scope::Paren, Scope::Test, Scope::Rule], Operator, Whatever, Tok::Returned),
        ("attempted", &[Scope::Paren, Scope::Test, Scope::Rule], Operator, Whatever, Tok::Attempted),
        ("denied", &[Scope::Paren, Scope::Test, Scope::Rule], Operator, Whatever, Tok::Denied),
        ("failed", &[Scope::Paren, Scope::Test, Scope::Rule], Operator, Whatever, Tok::Failed),
        ("pending", &[Scope::Paren, Scope::Rule], Operator, Whatever, Tok::Pending),
        // Tests.
        ("at", TEST, Start, Moment, Tok::StepAt),
        ("session", TEST, Start, Text, Tok::Session),
        ("origins", TEST, Start, Name, Tok::Origins),
        ("context", TEST, Start, Brace, Tok::StepContext),
        ("data", TEST, Start, Name, Tok::StepData),
        ("request", TEST, Start, Name, Tok::Request),
        ("event", TEST, Start, Name, Tok::StepEvent),
        ("approved by", TEST, Start, Whatever, Tok::ApprovedBy),
        ("waived", TEST, Start, Name, Tok::Waived),
        ("expect", TEST, Start, Whatever, Tok::Expect),
        ("by", TEST, Start, Whatever, Tok::By),
        ("repeated", TEST, Start, Int, Tok::Repeated),
        ("times", TEST, Operator, Whatever, Tok::Times),
        ("ago", TEST, Operator, Whatever, Tok::Ago),
        ("permit", TEST, Expected, Whatever, Tok::Permit),
        ("escalate", TEST, Expected, Whatever, Tok::Escalate),
        ("deny", TEST, Expected, Whatever, Tok::Deny),
        ("recorded", TEST, Expected, Whatever, Tok::Recorded),
        ("missing", TEST, Expected, Text, Tok::Missing),
        ("must", TEST, Expected, Name, Tok::Must),
        ("error", TEST, Expected, Name, Tok::ErrorCode),
    ]
};

/// Words that start an item, and what must stand behind them on the same line.
#[rustfmt::skip]
const ITEMS: &[(&str, Next, Tok)] = &[
    ("module", Next::Name, Tok::Module),
    ("import", Next::Name, Tok::Import),
    ("enum", Next::Name, Tok::Enum),
    ("ordered enum", Next::Name, Tok::OrderedEnum),
    ("record", Next::Name, Tok::Record),
    ("entity", Next::Name, Tok::Entity),
    ("action", Next::Name, Tok::Action),
    ("event", Next::Name, Tok::Event),
    ("group", Next::Name, Tok::Group),
    ("context", Next::Brace, Tok::Context),
    ("duty", Next::Name, Tok::Duty),
    ("role", Next::Name, Tok::Role),
    ("set", Next::Name, Tok::Set),
    ("data", Next::Name, Tok::Data),
    ("define", Next::Name, Tok::Define),
    ("export define", Next::Name, Tok::ExportDefine),
    ("table", Next::Name, Tok::Table),
    ("policy", Next::Name, Tok::Policy),
    ("control", Next::Name, Tok::Control),
    ("let", Next::Name, Tok::ItemLet),
    ("test", Next::Text, Tok::Test),
    ("judgement", Next::Name, Tok::Later),
    ("workflow", Next::Name, Tok::Later),
    ("unit", Next::Name, Tok::Later),
    ("prove", Next::Text, Tok::Later),
];

/// The reserved words. Some are more in company: `is at least`, `or else`.
#[rustfmt::skip]
const RESERVED: &[(&str, Tok)] = &[
    ("or", Tok::Or), ("and", Tok::And), ("not", Tok::Not), ("in", Tok::In), ("is", Tok::Equal), ("if", Tok::If),
    ("then", Tok::Then), ("else", Tok::Else), ("match", Tok::Match), ("for", Tok::For), ("where", Tok::Where),
    ("satisfy", Tok::Satisfy), ("when", Tok::When), ("unless", Tok::Unless), ("with", Tok::With), ("past", Tok::Past),
    ("let", Tok::Let), ("true", Tok::True), ("false", Tok::False), ("as", Tok::As), ("matches", Tok::Matches),
    ("contains", Tok::Contains), ("like", Tok::Like),
];

/// What a reserved word is; `None` for every other word.
pub fn reserved(word: &str) -> Option<Tok> {
    RESERVED.iter().find(|(reserved, _)| *reserved == word).map(|(_, tok)| *tok)
}

/// What must stand behind a word for it to be a keyword of one of these scopes, or without scopes of any, in words.
pub fn wanted_behind(word: &str, scopes: &[Scope]) -> Option<&'static str> {
    let table =
        TABLE.iter().filter(|(_, known, ..)| scopes.is_empty() || scopes.iter().any(|scope| known.contains(scope)));
    let table = table.map(|(phrase, _, _, next, _)| (*phrase, *next));
    let mut all = table.chain(ITEMS.iter().map(|(phrase, next, _)| (*phrase, *next)));
    let (_, next) = all.find(|(phrase, next)| *phrase == word && *next != Next::Whatever)?;
    match next {
        Next::Whatever | Next::Variables => None,
        Next::Name => Some("a name"),
        Next::Capital => Some("a kind of entity"),
        Next::Text => Some("a text in double quotes"),
        Next::Brace => Some("`{`"),
        Next::Int => Some("a whole number"),
        Next::Number => Some("a number"),
        Next::Date => Some("a date such as `2026-03-03`"),
        Next::Moment => Some("a date and a time"),
        Next::Version => Some("a version such as `1.0.0`"),
        Next::FromOrUntil => Some("`from` or `until`"),
    }
}

static BY_FIRST: LazyLock<FxHashMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let mut map: FxHashMap<&str, Vec<Entry>> = FxHashMap::default();
    for (phrase, scopes, place, next, tok) in TABLE {
        let words: Vec<_> = phrase.split(' ').collect();
        let first = words[0];
        map.entry(first).or_default().push(Entry { words, scopes, place: *place, next: *next, tok: *tok });
    }
    map.values_mut().for_each(|entries| entries.sort_by_key(|entry| std::cmp::Reverse(entry.words.len())));
    map
});

/// The tokens of a file without spaces and comments, as the table looks at them.
pub struct Words<'s> {
    pub source: &'s str,
    pub tokens: Vec<Significant>,
}

#[derive(Clone, Copy)]
pub struct Significant {
    pub token: Token,
    /// A line ends between the token before and this one.
    pub new_line: bool,
    /// It is the first on its line, without space before it.
    pub column_one: bool,
}

impl<'s> Words<'s> {
    pub fn text(&self, at: usize) -> &'s str {
        self.tokens[at].token.text(self.source)
    }

    pub fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|significant| significant.token.kind)
    }

    /// The keyword that starts at `at`, and of how many words it is.
    pub fn keyword(&self, at: usize, scope: Scope, before: Option<Tok>) -> Option<(Tok, usize)> {
        let entries = BY_FIRST.get(self.text(at))?;
        let found = entries.iter().find(|entry| {
            entry.scopes.contains(&scope)
                && match entry.place {
                    Place::Operator => before.is_some_and(ends_operand),
                    Place::Start => !before.is_some_and(wants_name),
                    Place::Anywhere => true,
                    Place::Expected => before == Some(Tok::Expect),
                    Place::Cell => before == Some(Tok::Bar),
                }
                && self.joined(at, &entry.words)
                && self.stands(at + entry.words.len(), entry.next)
        })?;
        Some((found.tok, found.words.len()))
    }

    /// The item that starts at `at`, and of how many words its keyword is.
    pub fn item(&self, at: usize) -> Option<(Tok, usize)> {
        let word = self.text(at);
        ITEMS.iter().find_map(|(phrase, next, tok)| {
            if !phrase.starts_with(word) {
                return None;
            }
            let words: Vec<_> = phrase.split(' ').collect();
            let behind = at + words.len();
            let same_line = self.tokens.get(behind).is_some_and(|token| !token.new_line);
            (self.joined(at, &words) && same_line && self.stands(behind, *next)).then_some((*tok, words.len()))
        })
    }

    fn joined(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| {
            self.tokens.get(at + offset).is_some_and(|token| {
                token.token.kind == Kind::Word && (offset == 0 || !token.new_line) && self.text(at + offset) == *word
            })
        })
    }

    fn stands(&self, at: usize, next: Next) -> bool {
        let kind = self.kind(at);
        let name = matches!(kind, Some(Kind::Word | Kind::Quoted));
        match next {
            Next::Whatever => true,
            Next::Name => name && self.tokens.get(at).is_some_and(|token| !token.new_line),
            Next::Capital => {
                let capital = |text: &str| text.trim_start_matches('`').starts_with(|c: char| c.is_uppercase());
                name && (capital(self.text(at)) || self.kind(at + 1) == Some(Kind::Dot))
            }
            Next::Text => {
                matches!(kind, Some(Kind::Text | Kind::TextStart | Kind::RawText | Kind::Unterminated))
            }
            Next::Brace => kind == Some(Kind::OpenBrace),
            Next::Int => kind == Some(Kind::Int),
            Next::Number => matches!(kind, Some(Kind::Int | Kind::Decimal | Kind::Quantity)),
            Next::Date => kind == Some(Kind::Date),
            Next::Moment => matches!(kind, Some(Kind::Date | Kind::Instant | Kind::Time)),
            Next::Version => {
                matches!(kind, Some(Kind::Version | Kind::Int | Kind::Decimal | Kind::Text))
            }
            Next::FromOrUntil => kind == Some(Kind::Word) && matches!(self.text(at), "from" | "until"),
            Next::Variables => self.variables(at),
        }
    }

    /// `(x in`, `(a, b in`
    fn variables(&self, at: usize) -> bool {
        let mut at = at;
        if self.kind(at) != Some(Kind::OpenParen) {
            return false;
        }
        loop {
            let name = match self.kind(at + 1) {
                Some(Kind::Word) => reserved(self.text(at + 1)).is_none(),
                Some(Kind::Quoted) => true,
                _ => false,
            };
            if !name {
                return false;
            }
            match self.kind(at + 2) {
                Some(Kind::Comma) => at += 2,
                Some(Kind::Word) => return self.text(at + 2) == "in",
                _ => return false,
            }
        }
    }
}

/// What stands behind such a token is an operand or a name, so a word there is no keyword.
pub fn wants_name(before: Tok) -> bool {
    use Tok::*;
    matches!(
        before,
        Less | LessOrEqual
            | Greater
            | GreaterOrEqual
            | Equal
            | NotEqual
            | Assign
            | Arrow
            | Gives
            | Plus
            | Minus
            | Star
            | Slash
            | Dot
            | To
            | ToBelow
            | Comma
            | Colon
            | Bar
            | Bars
            | OpenParen
            | OpenBracket
            | TextStart
            | TextMiddle
    ) || matches!(
        before,
        Or | And
            | Not
            | In
            | If
            | Then
            | Else
            | Match
            | For
            | Where
            | Satisfy
            | When
            | Unless
            | Past
            | Let
            | As
            | Matches
            | Contains
            | Like
            | NotIn
            | OneOf
            | NotOneOf
            | IsA
            | IsNotA
            | IsWithin
            | IsNotWithin
            | StartsWith
            | NotStartsWith
            | EndsWith
            | NotEndsWith
            | NotContains
            | NotMatches
            | NotLike
            | BelongsTo
            | NotBelongsTo
            | BelongsAny
            | NotBelongsAny
            | ComesFrom
            | NotComesFrom
            | ComesAny
            | NotComesAny
            | ComesOnly
            | NotComesOnly
            | OrElse
            | IsFreeOf
            | Of
            | Using
            | Require
            | SumOf
            | Distinct
            | Per
            | AtMost
            | At
    ) || opens_item(before)
        || matches!(before, Import | By | On | Returns | Means | Under | Calendar | PolicyImplements)
}

/// Words that open a declaration, and wait for what it is called.
fn opens_item(word: Tok) -> bool {
    use Tok::*;
    matches!(
        word,
        Module
            | Enum
            | OrderedEnum
            | Record
            | Entity
            | Action
            | Event
            | Group
            | Duty
            | Role
            | Set
            | Data
            | Define
            | ExportDefine
            | Table
            | Policy
            | Control
            | ItemLet
    )
}

/// The token is the last of an operand.
pub fn ends_operand(before: Tok) -> bool {
    use Tok::*;
    matches!(
        before,
        Name | Int
            | Decimal
            | Quantity
            | Date
            | Time
            | Instant
            | Version
            | Text
            | TextEnd
            | RawText
            | CloseBrace
            | CloseParen
            | CloseBracket
            | True
            | False
            | IsPresent
            | IsMissing
    )
}

/// These wait for a name of their own, so a reserved word behind them was meant as one.
pub fn wants_own_name(before: Tok) -> bool {
    opens_item(before) || matches!(before, Tok::Rule | Tok::Limit | Tok::Let | Tok::Dot)
}
