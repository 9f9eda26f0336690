//! Every code that Ordain can say, once, with the line that lists it.
//! The functions in `errors/` make diagnostics of them, one a message; a page a code stands beside them.
//! Codes are forever: a retired one keeps its page, which says so.

pub mod clauses;
pub mod foreign;
pub mod names;
pub mod rules;
pub mod syntax;
pub mod types;

macro_rules! codes {
    ($($code:ident $title:literal,)*) => {
        /// A stable code: `E` for an error, `W` for a warning; the two digits behind it are the topic
        /// (01 syntax, 02 names, 03 types, 04 rules, 05 evaluation, 06 input).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// All codes in order.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$code => stringify!($code),)*
                }
            }

            /// Its page, in Markdown: what happened, a wrong and a right example, and why.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$code => include_str!(concat!("errors/", stringify!($code), ".md")),)*
                }
            }

            /// What the code is about, in half a line.
            pub fn title(self) -> &'static str {
                match self {
                    $(Code::$code => $title,)*
                }
            }
        }
    };
}

codes! {
    E0101 "unexpected text (what was found, what could stand here)",
    E0102 "a character that is no part of the language",
    E0103 "unterminated text",
    E0104 "unknown escape",
    E0105 "nested too deeply",
    E0106 "source too large",
    E0107 "bidirectional or invisible control character",
    E0108 "look-alike letter in a name",
    E0109 "impossible literal (2026-02-30, number too large, too many digits)",
    E0110 "unknown unit or quantity split",
    E0111 "clause in the wrong place (fix)",
    E0112 "clause given twice",
    E0113 "`when` alone after `must`: which is meant",
    E0114 "filled-in part in a text that is no message",
    E0115 "reserved word as a name (backticks)",
    E0116 "a form that comes later (judgement, workflow, prove, unit, event from, then, is free of)",
    E0117 "comparison that cannot chain",
    E0118 "mixed rule effects (one effect, or requires with at most one permit)",
    E0119 "not UTF-8",
    E0201 "unknown name (nearest)",
    E0202 "no such field/attribute (nearest)",
    E0203 "declared twice",
    E0204 "unknown module",
    E0205 "two meanings (a name in scope and an enum member)",
    E0206 "that module has no such declaration",
    E0207 "declaration refers to itself in a circle",
    E0208 "hides a name",
    E0209 "wrong kind of name (a role where an action is wanted)",
    E0210 "unknown enum member",
    E0212 "module name twice",
    E0301 "types do not fit",
    E0302 "something that may be missing is used as if it were there",
    E0303 "currencies differ",
    E0304 "units that do not go together",
    E0305 "wrong number or kind of arguments, or a field left out",
    E0306 "a condition is wanted",
    E0307 "a `match` has no answer for some values",
    E0308 "`age` is used wrongly",
    E0309 "not a list, a set or the past",
    E0310 "`count` takes a condition, not a list",
    E0311 "a pattern that can't be used",
    E0312 "nobody records where this came from",
    E0313 "a `past` condition that no accumulator can keep",
    E0314 "an exported define reads what a host can't give",
    E0315 "`any` where nothing says which actions",
    E0316 "nothing to look up",
    E0317 "an age or a period is asked to be exactly something",
    E0318 "a kind of entity that is never possible",
    E0401 "override circle",
    E0402 "override of unknown/foreign/not overridable rule",
    E0403 "`lift` without overrides / on trial",
    E0404 "effect on an event",
    E0405 "table hole",
    E0406 "table overlap",
    E0407 "overlapping versions of a policy",
    E0408 "rule on an action the policy does not govern",
    E0409 "rule without effect or duty",
    E0410 "`governs` misuse",
    E0411 "`under` misuse",
    E0412 "table cell or row malformed",
    E0413 "duty deadline misuse",
    E0414 "approvers misuse",
    E0415 "test cannot be run as written",
    E0501 "overflow",
    E0502 "division by zero",
    E0503 "currencies differ",
    E0504 "no rate in the table of rates",
    E0505 "no session",
    E0506 "no record of where a value came from",
    E0507 "history is not complete that far back",
    E0508 "history bound passed",
    E0509 "calendar has no data for that date",
    E0510 "date or time out of range",
    E0511 "index or key outside",
    E0512 "text or list too long",
    E0513 "local time does not exist or is ambiguous",
    E0514 "not of the form wanted (parse of url, email, iban …)",
    E0601 "not JSON",
    E0602 "not UTF-8",
    E0603 "given twice (member, set entry, map key, entity)",
    E0604 "nested too deeply",
    E0605 "line too long",
    E0606 "member missing",
    E0607 "unknown member",
    E0608 "wrong type",
    E0609 "number out of range",
    E0610 "text too long",
    E0611 "list too long",
    E0612 "not a member of the enum",
    E0613 "unknown action or event",
    E0614 "wrong kind of entity",
    E0615 "argument and target differ",
    E0616 "entity not in the store",
    E0617 "differs from the store",
    E0618 "no time",
    E0619 "time earlier than the history",
    E0620 "id came back with other content",
    E0621 "already performed",
    E0622 "bad approval",
    E0623 "unreadable file",
    E0624 "no policy found",
    E0625 "ordain.toml at fault",
    E0626 "data file at fault",
    E0627 "unknown kind of line in a stream",
    E0628 "an entity is its own ancestor",
    E0629 "compiled policy at fault",
    W0201 "hides another name",
    W0202 "unused declaration",
    W0401 "rule can never apply",
    W0402 "condition always true/false",
    W0403 "rule made pointless by another",
    W0404 "action no rule mentions",
    W0405 "rule permits what it overrides (use lift)",
    W0406 "`past` without a key counts everyone's",
    W0407 "unbounded history",
    W0408 "expired rule or policy",
    W0409 "never effective",
    W0410 "nothing here can ever be permitted",
    W0411 "an operation that always errs",
    W0601 "recorded for an id that was not permitted",
}

impl Code {
    pub fn parse(text: &str) -> Option<Code> {
        Code::ALL.iter().copied().find(|code| code.as_str().eq_ignore_ascii_case(text))
    }

    pub fn is_warning(self) -> bool {
        self.as_str().starts_with('W')
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
