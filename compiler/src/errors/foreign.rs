//! What other languages say, and what is written here instead: one table a kind of place, one row a word.
//! `parse/messages.rs` asks where a word could not be read, `errors/names.rs` where a name means nothing.
//! A row is a help, never a meaning: such a word that is declared is that.

/// What to do instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Put this in its place.
    Write(&'static str),
    /// A sentence.
    Say(&'static str),
}

use Instead::{Say, Write};

/// A word, or the first of a phrase; then what is written, by itself and with `or equal to` behind it.
pub const COMPARISONS: &[(&str, &str, &str)] = &[
    ("greater", "is more than", "is at least"),
    ("larger", "is more than", "is at least"),
    ("bigger", "is more than", "is at least"),
    ("higher", "is more than", "is at least"),
    ("above", "is more than", "is at least"),
    ("over", "is more than", "is at least"),
    ("exceeds", "is more than", "is at least"),
    ("more", "is more than", "is at least"),
    ("less", "is less than", "is at most"),
    ("smaller", "is less than", "is at most"),
    ("lower", "is less than", "is at most"),
    ("fewer", "is less than", "is at most"),
    ("below", "is less than", "is at most"),
    ("under", "is less than", "is at most"),
    ("after", ">", ">="),
    ("later", ">", ">="),
    ("before", "<", "<="),
    ("earlier", "<", "<="),
    ("equal", "is", "is"),
    ("equals", "is", "is"),
    ("same", "is", "is"),
];

/// What a comparison in other words is here.
pub fn comparison(word: &str, or_equal: bool, negated: bool) -> Option<&'static str> {
    let (_, alone, equal) = COMPARISONS.iter().find(|(known, ..)| *known == word)?;
    let found = if or_equal { equal } else { alone };
    Some(match (negated, *found) {
        (false, found) => found,
        (true, "is more than") => "is at most",
        (true, "is at most") => "is more than",
        (true, "is less than") => "is at least",
        (true, "is at least") => "is less than",
        (true, ">") => "<=",
        (true, "<=") => ">",
        (true, "<") => ">=",
        (true, ">=") => "<",
        (true, _) => "is not",
    })
}

/// Phrases behind an operand, longest first where one starts another.
pub const OPERATORS: &[(&str, Instead)] = &[
    ("between", Say("Write `low <= x <= high`.")),
    ("older than", Say("Write `age(x) is more than 30 days`.")),
    ("newer than", Say("Write `age(x) is less than 30 days`.")),
    ("younger than", Say("Write `age(x) is less than 30 days`.")),
    ("either", Say("Write `is one of (…)`.")),
    ("any of", Say("Write `is one of (…)`, or of a list `any(x in xs where …)`.")),
    ("subset of", Say("Write `all(x in xs satisfy x in ys)`.")),
    ("has", Write("contains")),
    ("includes", Write("contains")),
];

/// Phrases where a clause of a rule begins.
pub const CLAUSES: &[(&str, Instead)] = &[
    ("needs approval from", Write("needs approval of")),
    ("needs approval by", Write("needs approval of")),
    ("requires approval from", Write("needs approval of")),
    ("requires approval by", Write("needs approval of")),
    ("requires approval of", Write("needs approval of")),
    ("need approval of", Write("needs approval of")),
    ("escalate to", Write("needs approval of")),
    ("escalate", Say("Say who approves: `needs approval of ROLE when …`.")),
    ("allow", Write("permit")),
    ("allows", Write("permit")),
    ("grant", Write("permit")),
    ("accept", Write("permit")),
    ("permits", Write("permit")),
    ("permitted", Write("permit")),
    ("forbid", Write("deny")),
    ("prohibit", Write("deny")),
    ("block", Write("deny")),
    ("reject", Write("deny")),
    ("refuse", Write("deny")),
    ("denies", Write("deny")),
    ("disallow", Write("deny")),
    ("requires", Write("require")),
    ("ensure", Write("require")),
    ("assert", Write("require")),
    ("except", Write("unless")),
    ("where", Write("when")),
    ("if", Write("when")),
    ("given", Write("when")),
    ("provided", Write("when")),
    ("then", Say("Leave `then` out: effect and condition stand side by side, as in `deny when …`.")),
    ("else", Say("Make a rule of its own for the other case.")),
    ("reason", Write("because")),
    ("message", Write("because")),
    ("reference", Write("source")),
    ("cite", Write("source")),
    ("citation", Write("source")),
    ("obligation", Write("must")),
    ("oblige", Write("must")),
];

/// Phrases where a line of a policy begins.
pub const MEMBERS: &[(&str, Instead)] = &[
    ("default", Write("otherwise")),
    ("else", Write("otherwise")),
    ("permit", Say("An effect stands in a rule: `rule NAME on ACTION { permit when … }`.")),
    ("deny", Say("An effect stands in a rule: `rule NAME on ACTION { deny when … }`.")),
    ("allow", Say("An effect stands in a rule: `rule NAME on ACTION { permit when … }`.")),
    ("forbid", Say("An effect stands in a rule: `rule NAME on ACTION { deny when … }`.")),
    ("require", Say("An effect stands in a rule: `rule NAME on ACTION { require … }`.")),
    ("when", Say("A condition stands in a rule: `rule NAME on ACTION { deny when … }`.")),
];

/// Words where a declaration begins.
pub const ITEMS: &[(&str, Instead)] = &[
    ("function", Write("define")),
    ("fn", Write("define")),
    ("func", Write("define")),
    ("def", Write("define")),
    ("type", Write("record")),
    ("struct", Write("record")),
    ("class", Write("entity")),
    ("use", Write("import")),
    ("include", Write("import")),
    ("package", Write("module")),
    ("namespace", Write("module")),
    ("const", Write("let")),
    ("var", Write("let")),
    ("rule", Say("A rule stands in a policy: `policy NAME { rule NAME on ACTION { … } }`.")),
    ("permit", Say("An effect stands in a rule: `policy NAME { rule NAME on ACTION { permit … } }`.")),
    ("allow", Say("An effect stands in a rule: `policy NAME { rule NAME on ACTION { permit … } }`.")),
    ("deny", Say("An effect stands in a rule: `policy NAME { rule NAME on ACTION { deny … } }`.")),
];

/// Phrases where the window of a past is wanted.
pub const WINDOWS: &[(&str, Instead)] = &[
    ("in the last", Write("within")),
    ("in the past", Write("within")),
    ("in last", Write("within")),
    ("in", Write("within")),
    ("during the last", Write("within")),
    ("during", Write("within")),
    ("over the last", Write("within")),
    ("over", Write("within")),
    ("within the last", Write("within")),
    ("within last", Write("within")),
    ("today", Write("this day")),
    ("from", Write("by")),
];

/// Quantifiers without parentheses.
pub const QUANTIFIERS: &[(&str, Instead)] = &[
    ("some", Say("Write `any(x in xs where …)`.")),
    ("exists", Say("Write `any(x in xs where …)`.")),
    ("any", Say("Write `any(x in xs where …)`.")),
    ("every", Say("Write `all(x in xs satisfy …)`.")),
    ("each", Say("Write `all(x in xs satisfy …)`.")),
    ("forall", Say("Write `all(x in xs satisfy …)`.")),
    ("all", Say("Write `all(x in xs satisfy …)`.")),
    ("no", Say("Write `none(x in xs where …)`.")),
];

/// The first row whose phrase stands at the start of a text, and where it ends there. Blanks may be wider.
pub fn phrase(table: &[(&str, Instead)], text: &str) -> Option<(Instead, usize)> {
    table.iter().find_map(|(phrase, instead)| Some((*instead, starts_with(text, phrase)?)))
}

fn starts_with(text: &str, phrase: &str) -> Option<usize> {
    let mut at = 0;
    for word in phrase.split(' ') {
        let rest = &text[at..];
        let gap = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        at += gap;
        text[at..].strip_prefix(word)?;
        at += word.len();
        if text[at..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
    }
    Some(at)
}

const NO_NULL: &str = "Nothing stands for what is missing: ask `is missing` or `is present`.";

/// Names that stand for a value elsewhere.
pub const VALUES: &[(&str, Instead)] = &[
    ("null", Say(NO_NULL)),
    ("Null", Say(NO_NULL)),
    ("NULL", Say(NO_NULL)),
    ("nil", Say(NO_NULL)),
    ("none", Say(NO_NULL)),
    ("None", Say(NO_NULL)),
    ("undefined", Say(NO_NULL)),
    ("empty", Say("A text is empty where it `is \"\"`, a list or a set where `length(…) is 0`.")),
    ("True", Write("true")),
    ("TRUE", Write("true")),
    ("False", Write("false")),
    ("FALSE", Write("false")),
    ("resource", Write("target")),
    ("object", Write("target")),
    ("subject", Write("actor")),
    ("principal", Write("actor")),
    ("user", Write("actor")),
    ("caller", Write("actor")),
    ("input", Say(BY_ITSELF)),
    ("request", Say(BY_ITSELF)),
    ("params", Say(BY_ITSELF)),
    ("arguments", Say(BY_ITSELF)),
    ("env", Say("Members of `context` are declared: `context { NAME: TYPE? }`.")),
    ("environment", Say("Members of `context` are declared: `context { NAME: TYPE? }`.")),
];

const BY_ITSELF: &str = "A field of the request stands by itself: `amount`, or `args.amount`.";

/// True of a word that stands for the whole request elsewhere, so that its fields stand behind it.
pub fn is_request(word: &str) -> bool {
    VALUES.iter().any(|(known, instead)| *known == word && *instead == Say(BY_ITSELF))
}

/// Functions, before or behind what they work on.
pub const FUNCTIONS: &[(&str, Instead)] = &[
    ("len", Write("length")),
    ("size", Write("length")),
    ("toLower", Write("lower")),
    ("to_lower", Write("lower")),
    ("lowercase", Write("lower")),
    ("toUpper", Write("upper")),
    ("to_upper", Write("upper")),
    ("uppercase", Write("upper")),
    ("starts_with", Say("Write `x starts with \"…\"`.")),
    ("startsWith", Say("Write `x starts with \"…\"`.")),
    ("startswith", Say("Write `x starts with \"…\"`.")),
    ("ends_with", Say("Write `x ends with \"…\"`.")),
    ("endsWith", Say("Write `x ends with \"…\"`.")),
    ("endswith", Say("Write `x ends with \"…\"`.")),
    ("includes", Say("Write `xs contains x`.")),
    ("has", Say("Write `x is present`, or `xs contains x`.")),
    ("exists", Say("Write `x is present`, or `any(x in xs where …)`.")),
    ("some", Say("Write `any(x in xs where …)`.")),
    ("every", Say("Write `all(x in xs satisfy …)`.")),
    ("regex", Say("Write `x matches '…'`.")),
    ("contains", Say("Write `x contains y`.")),
    ("matches", Say("Write `x matches '…'`.")),
];

/// Types, where one is wanted.
pub const TYPES: &[(&str, Instead)] = &[
    ("string", Write("text")),
    ("String", Write("text")),
    ("str", Write("text")),
    ("varchar", Write("text")),
    ("uuid", Write("text")),
    ("number", Write("decimal")),
    ("float", Write("decimal")),
    ("double", Write("decimal")),
    ("real", Write("decimal")),
    ("integer", Write("int")),
    ("long", Write("int")),
    ("i64", Write("int")),
    ("boolean", Write("bool")),
    ("datetime", Write("instant")),
    ("timestamp", Write("instant")),
    ("array", Write("list")),
    ("vector", Write("list")),
    ("dict", Write("map")),
    ("object", Say("Declare its fields: `record NAME { … }`.")),
    ("struct", Say("Declare its fields: `record NAME { … }`.")),
    ("any", Say("Every field has one type. What has fields is a record: `record NAME { … }`.")),
    ("void", Say("An action that returns nothing has no `returns`.")),
];

/// Where a value comes from.
pub const PLACES: &[(&str, Instead)] = &[
    ("user", Write("the user")),
    ("human", Write("the user")),
    ("operator", Write("the operator")),
    ("system", Write("the operator")),
];

/// What to write instead of a name that is not known, where `wanted` stands: "a type", nothing for a value.
pub fn name(name: &str, wanted: &str) -> Option<Instead> {
    let table = match wanted {
        "a type" => TYPES,
        "an action or group" => PLACES,
        "a function" => FUNCTIONS,
        "" => VALUES,
        _ => return None,
    };
    table.iter().find(|(known, _)| *known == name).map(|(_, instead)| *instead)
}

/// True of a word that stands for a missing value elsewhere.
pub fn is_null(name: &str) -> bool {
    VALUES.iter().any(|(known, instead)| *known == name && *instead == Say(NO_NULL))
}
