//! Every code and every way in which something becomes known, over whole policies.
//! A case is a text and the mistakes in it: a code, and the words that it points at.

use crate::analysis::{Input, analyse};
use crate::source::Source;

const SETTING: &str = r#"
enum Color { red, green, blue }
ordered enum Level { low < middle < high }
record Point { x: int, y: decimal, note: text? }
record Row { id: text, email: text }
entity Team in Region
entity Region
entity Person in Team { tier: int, boss: Person?, mail: text }
entity Robot { tier: int, maker: text, boss: Person }
entity Rock
role officer by Person
role anyone
data fx: map<Currency, decimal>
data limits: map<text, money<USD>>
data notes: map<text, text?>
set banned: set<Country> = { KP, SY }
context { risk: decimal?, place: Country? }
duty tell(who: text, what: text)
duty stop(who: Person)
event ping by Robot { score: decimal }
action list_rows by Person returns list<Row>
action count_rows by Person returns int
action read by Person on Region { why: text? }
action pay by Person or Robot on Team as team_id {
  n: int
  d: decimal
  usd: money<USD>
  eur: money<EUR>
  cash: money
  word: text<max 5>
  memo: text?
  maybe: int?
  day: date
  clock: time
  moment: instant
  span: duration
  spell: period
  color: Color
  level: Level
  tint: Color?
  land: Country
  words: list<text, max 3>
  more: list<text>?
  tags: set<text>
  point: Point
  spot: Point?
  rows: list<Row>
  address: ip
  who: Person?
}
action refund by Person on Team as team_id { n: int, usd: money<USD>, memo: text?, color: Level }
action idle { n: int }
group both = pay, refund
group acting = pay, idle
group looking = list_rows, count_rows
table fee(level: Level, tint: Color?) -> decimal { | level | tint || result | | low | any || 1 | otherwise 2 }
define double(x: int) -> int = x + x
define is_small(x: money<USD>) means x is less than 5 USD
define by_level(level: Level) -> role = match level { low => officer, any => anyone }

let ann = Person("ann") in Team("core") { tier: 1, mail: "a" }
let one = pay {
  actor: ann, target: Team("core"), n: 1, d: 0.5, usd: 1 USD, eur: 1 EUR, cash: 1 GBP, word: "w", day: 2026-01-01
  clock: 10:00, moment: 2026-01-01T00:00:00Z, span: 1 hour, spell: 1 month, color: red, level: low, land: DE
  words: [], tags: {}, point: Point { x: 1, y: 1 }, rows: [], address: ip.address("10.0.0.1")
}
"#;

/// `text` is a condition, rules of a policy on everything, or declarations. What is expected stands as
/// "E0302 memo; E0303 usd is eur": code and words, in the order of the text.
fn check(cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(text, expected)| {
            let found = found(text);
            (found != *expected).then(|| format!("{text}\n    expected: {expected}\n    found:    {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn found(text: &str) -> String {
    let starts = |words: &[&str]| words.iter().any(|word| text.trim_start().starts_with(&format!("{word} ")));
    let policy = |rules: &str| format!("policy p {{ governs any\n otherwise permit\n{rules}\n}}\n");
    let rest = if starts(&["rule", "limit"]) {
        policy(text)
    } else if starts(&["define", "export", "set", "table", "test", "let", "policy", "data", "record"]) {
        format!("{text}\n{}", policy(""))
    } else {
        policy(&format!("rule r on pay {{ deny when {text}\n}}"))
    };
    let source = Source::new("test.ord", format!("import std.ip\n{rest}{SETTING}"));
    let analysis = analyse(&Input { sources: vec![source.clone()], ..Input::default() });
    let errors = analysis.diagnostics.iter().filter(|diagnostic| !diagnostic.is_warning());
    errors.map(|error| format!("{} {}", error.code, source.slice(error.at))).collect::<Vec<_>>().join("; ")
}

/// The message that is said, and its help.
fn says(text: &str, message: &str, help: &str) {
    let whole = format!(
        "import std.ip\npolicy p {{ governs any\n otherwise permit\n rule r on pay {{ deny when {text}\n}}\n}}{SETTING}"
    );
    let analysis = analyse(&Input { sources: vec![Source::new("test.ord", whole)], ..Input::default() });
    let found = analysis.diagnostics.iter().find(|diagnostic| !diagnostic.is_warning()).expect("a mistake");
    assert_eq!((found.message.as_str(), found.help.as_deref().unwrap_or("")), (message, help));
}

#[test]
fn the_setting_is_good() {
    check(&[("n > 0", "")]);
}

#[test]
fn arithmetic() {
    check(&[
        ("n + 1 > 0 and n * d > 1 and n / 2 is 0.5 and -usd < 1 USD", ""),
        ("usd * 2 + usd / 4 < 5 USD and usd / usd > 1 and d * usd > 1 USD", ""),
        ("1 + true > 2", "E0301 1 + true"),
        ("word + \"x\" is \"y\"", "E0301 word + \"x\""),
        ("usd * usd > 1 USD", "E0301 usd * usd"),
        ("usd + 1 > 1 USD", "E0301 usd + 1"),
        ("usd + eur > 1 USD", "E0303 usd + eur"),
        ("usd + cash > 1 USD", ""),
        ("usd / eur > 1", "E0303 usd / eur"),
        ("day + 1 month < today and day + 3 days < today and day - 1 week < today", ""),
        ("day + 1 hour < today", "E0304 day + 1 hour"),
        ("today - day > 3 days", "E0301 today - day"),
        ("moment + 1 hour < now and moment + 1 month < now and moment + 1 day < now and now - moment < 3 days", ""),
        ("span + 1 month > span", "E0304 span + 1 month"),
        ("span * 0.5 < 1 day and span / 2 < 1 day and span / 1 hour > 2", ""),
        ("clock + 1 hour > clock", "E0301 clock + 1 hour"),
        ("-word is \"x\"", "E0301 word"),
    ]);
}

#[test]
fn comparisons() {
    check(&[
        ("n is 0.5 and 0 < n <= 5 and word < \"b\" and clock > 10:00", ""),
        ("n is \"1\"", "E0301 n is \"1\""),
        ("usd is 5", "E0301 usd is 5"),
        ("usd > eur", "E0303 usd > eur"),
        ("usd > cash", ""),
        ("level >= middle and middle <= level and color is red and red is not color", ""),
        ("color < green", "E0301 color < green"),
        ("land < DE", "E0301 land < DE"),
        ("day < moment", "E0301 day < moment"),
        ("span < 1 month", "E0304 span < 1 month"),
        ("spell < 3 days", "E0304 spell < 3 days"),
        ("spell < 2 months", "E0304 spell < 2 months"),
        ("spell is 1 month", "E0317 spell is 1 month"),
        ("words is [] and words is [\"a\"] and tags is {}", ""),
        ("words is [1]", "E0301 words is [1]"),
        ("point is point and actor is Person(\"ann\")", ""),
        ("actor < Person(\"ann\")", "E0301 actor < Person(\"ann\")"),
        ("actor is target", "E0318 actor is target"),
        ("now is within 1 hour of moment and day is within 3 days of today and day is within 1 month of today", ""),
        ("day is within 3 hours of today", "E0304 3 hours"),
        ("n is within 1 of 5", "E0301 n is within 1 of 5"),
        ("now is within word", "E0301 word"),
        ("address is within ip.range(\"10.0.0.0/8\")", ""),
        ("word is within ip.range(\"10.0.0.0/8\")", "E0301 word"),
    ]);
}

#[test]
fn members() {
    check(&[
        ("color is yellow", "E0210 yellow"),
        ("land is XX", "E0210 XX"),
        ("land in banned and land in { DE, FR } and land is one of (DE, FR)", ""),
        ("land in { DE, XX }", "E0210 XX"),
        ("color is one of (red, blue) and Color.red is color", ""),
        ("n is nothing", "E0201 nothing"),
        ("color is nothing", "E0210 nothing"),
        ("nothing is color", "E0210 nothing"),
        ("word is one of (nothing, \"a\")", "E0201 nothing"),
        ("red is red", "E0201 red; E0201 red"),
        ("officer is by_level(level) and by_level(low) is anyone", ""),
        ("(tint or else red) is blue", ""),
        ("(if n > 1 then red else color) is blue and (match level { low => red, any => color }) is blue", ""),
        ("fee(low, red) > 1 and fee(middle, tint) > 1", ""),
        ("fee(red, red) > 1", "E0210 red"),
    ]);
}

#[test]
fn membership() {
    check(&[
        ("word in words and \"x\" in tags and word not in { \"a\", \"b\" } and 2 in [0.5, 1]", ""),
        ("n in words", "E0301 n in words"),
        ("word in word", "E0309 word"),
        ("words contains word and tags contains \"x\" and word contains \"y\"", ""),
        ("n contains \"y\"", "E0301 n"),
        ("words contains 1", "E0301 words contains 1"),
        ("word starts with 1", "E0301 1"),
        ("word matches '[a-z]+' and word like \"a*\"", ""),
        ("word matches '['", "E0311 word matches '['"),
    ]);
}

#[test]
fn what_may_be_missing() {
    check(&[
        ("memo is \"x\"", "E0302 memo"),
        ("memo is present and memo is \"x\"", ""),
        ("memo is missing or memo is \"x\"", ""),
        ("not (memo is missing) and memo is \"x\"", ""),
        ("not (memo is missing or maybe is missing) and memo is \"x\" and maybe > 1", ""),
        ("(memo is missing and n > 1) or memo is \"x\"", "E0302 memo"),
        ("(memo is present or n > 1) and memo is \"x\"", "E0302 memo"),
        ("((memo is present and n > 1) or (n < 0 and memo is present)) and memo is \"x\"", ""),
        ("memo is \"x\" and memo is present", "E0302 memo"),
        ("(if memo is present then memo else \"\") is \"x\"", ""),
        ("(if memo is missing then memo else \"\") is \"x\"", "E0302 if memo is missing then memo else \"\""),
        ("(memo or else \"\") is \"x\" and (maybe or else 0.5) > 1", ""),
        ("(memo or else 1) is \"x\"", "E0301 1"),
        ("(n or else 1) > 1", "E0302 n"),
        ("maybe + 1 > 1", "E0302 maybe"),
        ("match maybe { missing => false, any => maybe > 1 }", ""),
        ("match maybe { 1 => maybe > 0, any => true }", ""),
        ("match maybe { 1 => true, any => maybe > 1 }", "E0302 maybe"),
        ("context.risk > 0.5", "E0302 context.risk"),
        ("context.risk is present and context.risk > 0.5", ""),
        ("context.session is \"s\"", "E0302 context.session"),
        ("spot.x > 1", "E0302 spot"),
        ("spot is present and spot.x > 1", ""),
        ("spot is present and spot.note is \"x\"", "E0302 spot.note"),
        ("spot is present and spot.note is present and spot.note is \"x\"", ""),
        ("any(w in more where w is \"x\")", "E0302 more"),
        ("more is present and any(w in more where w is \"x\")", ""),
        ("any(w in words where memo is present) and memo is \"x\"", ""),
        ("none(w in words where memo is present) and memo is \"x\"", "E0302 memo"),
        ("limits[word] > 1 USD", "E0302 limits[word]"),
        ("word in limits and limits[word] > 1 USD", ""),
        ("word in limits and limits[\"x\"] > 1 USD", "E0302 limits[\"x\"]"),
        ("\"x\" in limits and limits[\"x\"] > 1 USD", ""),
        (
            "limits[word] is present and limits[word] > 1 USD and (limits[word] or else 1 USD) > 2 USD",
            "E0302 limits[word]",
        ),
        ("(limits[word] or else 1 USD) > 2 USD and words[0] is \"x\"", ""),
        ("word in notes and notes[word] is \"x\"", "E0302 notes[word]"),
        ("word in notes and notes[word] is present and notes[word] is \"x\"", ""),
        ("limits[1] is present", "E0301 1"),
        ("n[1] is 1", "E0316 n"),
        ("min(x for x in [1, 2]) > 1", "E0302 min(x for x in [1, 2])"),
        ("(max(x for x in [1, 2]) or else 0) > 1", ""),
        ("sum(maybe for w in words) > 1", "E0302 maybe"),
        ("count(p in [point] where p.note is present and p.note is \"x\") > 1", ""),
        ("all(p in [point] where p.note is present satisfy p.note is \"x\")", ""),
    ]);
}

#[test]
fn kinds_of_entity() {
    check(&[
        ("actor.tier > 1", ""),
        ("actor.maker is \"x\"", "E0202 maker"),
        ("actor.boss is present", "E0202 boss"),
        ("actor is a Robot and actor.maker is \"x\"", ""),
        ("actor is a Person or actor.maker is \"x\"", ""),
        ("actor is not a Robot and actor.boss is present and actor.boss.tier > 1", ""),
        ("target is a Person", "E0318 target is a Person"),
        ("n is a Person", "E0301 n"),
        ("actor belongs to Team(\"core\") and actor belongs to Region(\"eu\") and target belongs to target", ""),
        ("actor belongs to any of (Team(\"a\"), Region(\"b\"))", ""),
        ("actor belongs to Rock(\"r\")", "E0318 actor belongs to Rock(\"r\")"),
        ("actor belongs to word", "E0301 word"),
        ("target.name is \"x\"", "E0202 name"),
        ("target.id is \"x\" and team_id is \"y\"", ""),
        ("who is present and who is actor", ""),
        ("point.z > 1", "E0202 z"),
        ("word.length > 1", "E0202 length"),
    ]);
}

#[test]
fn ages() {
    check(&[
        ("age(day) is at least 90 days and age(day) < 1 month and age(moment) > 3 hours and age(moment) > 1 year", ""),
        ("age(day) >= 3 hours", "E0308 3 hours"),
        ("age(day) is 1 month", "E0317 age(day) is 1 month"),
        ("age(word) > 1 day", "E0308 word"),
        ("age(day) > 3", "E0308 3"),
    ]);
}

#[test]
fn conditions() {
    check(&[
        ("n", "E0306 n"),
        ("n and true", "E0306 n"),
        ("not word", "E0306 word"),
        ("if n then true else false", "E0306 n"),
        ("any(w in words where w)", "E0306 w"),
        ("all(w in words satisfy 1)", "E0306 1"),
    ]);
}

#[test]
fn branches_and_matches() {
    check(&[
        ("(if n > 1 then 1 else 2.5) > 2", ""),
        ("(if n > 1 then 1 else \"a\") is 1", "E0301 \"a\""),
        ("(match color { red => 1, green => 2 }) > 1", "E0307 match color { red => 1, green => 2 }"),
        ("(match color { red => 1, green or blue => 2.5 }) > 1", ""),
        ("(match color { red => 1, any => 2, blue => 3 }) > 1", "E0307 any"),
        ("(match maybe { 1 => 1, any => 2 }) > 1", ""),
        (
            "(match tint { red => 1, green => 1, blue => 1 }) > 1",
            "E0307 match tint { red => 1, green => 1, blue => 1 }",
        ),
        ("(match n { 1 => 1, 2 => 2 }) > 1", "E0307 match n { 1 => 1, 2 => 2 }"),
        ("(match color { missing => 1, any => 2 }) > 1", "E0301 missing"),
        ("match is_small(usd) { true => false, false => true }", ""),
        ("[1, \"a\"] is []", "E0301 \"a\""),
    ]);
}

#[test]
fn calls() {
    check(&[
        ("double(n) > double(1) and is_small(usd)", ""),
        ("double() > 1", "E0305 double()"),
        ("double(1, 2) > 1", "E0305 double(1, 2)"),
        ("double(\"a\") > 1", "E0305 \"a\""),
        ("double(maybe) > 1", "E0302 maybe"),
        ("is_small(eur)", "E0303 eur"),
        ("is_small(cash)", "E0303 cash"),
        ("length(words) > 1 and length(word) > 1", ""),
        ("length(n) > 1", "E0305 n"),
        ("length(memo) > 1", "E0302 memo"),
        ("length(words, words) > 1", "E0305 length(words, words)"),
        ("(cash as USD using fx) > 1 USD", ""),
        ("(n as USD using fx) > 1 USD", "E0301 n"),
        ("(cash as USD using limits) > 1 USD", "E0301 cash as USD using limits"),
        ("(point with { x: 2 }).x is 2", ""),
        ("(point with { z: 2 }).x is 2", "E0202 z"),
        ("(point with { x: \"a\" }).x is 2", "E0301 \"a\""),
        ("Point { x: 1 } is point", "E0305 Point { x: 1 }"),
        ("Point { x: 1, y: 1 } is point", ""),
    ]);
}

#[test]
fn quantifiers() {
    check(&[
        ("sum(x for x in [1, 2]) is 3 and sum(x for x in [1, 2.5]) > 3 and distinct(w for w in words) > 1", ""),
        ("sum(w for w in words) > 1", "E0301 w"),
        ("any(x in n)", "E0309 n"),
        ("count(words) > 1", "E0310 count(words)"),
        ("latest(w for w in words) is \"x\"", "E0302 latest(w for w in words); E0309 words"),
        ("all(a, b in words, [\"x\"] satisfy a is b)", ""),
        ("all(a, b in words, tags satisfy a is b)", "E0309 tags"),
        ("(average(x for x in [1, 2]) or else 0) > 1.5", ""),
        ("(min(p for p in [point]) or else point) is point", "E0301 p"),
        ("(sum(cash for w in words) or else 1 USD) > 1 USD", ""),
    ]);
}

#[test]
fn the_past() {
    check(&[
        ("any(p in past pay by actor on target within 1 hour where p.usd > 1 USD and p.word is \"x\")", ""),
        ("actor is a Person and any(p in past ping by actor within 1 month where p.score > 1)", "E0318 actor"),
        ("actor is a Person and any(p in past read by actor on target within 1 day)", "E0318 target"),
        ("any(p in past list_rows returned by ann within 1 day where length(p.result) > 1)", "E0201 ann"),
        ("actor is a Person and any(p in past list_rows returned by actor ever where length(p.result) > 1)", ""),
        ("actor is a Person and any(p in past list_rows by actor ever where length(p.result) > 1)", "E0202 p.result"),
        ("any(p in past pay returned ever where p.result is 1)", "E0202 result"),
        ("any(p in past pay by actor ever where p.memo is \"x\")", "E0302 p.memo"),
        ("any(p in past pay by actor ever where p.memo is present and p.memo is \"x\")", ""),
        ("any(p in past pay by actor within 5)", "E0301 5"),
        ("any(p in past pay by word within 1 hour)", "E0301 word"),
        ("actor is a Person and any(p in past both by actor ever where p.usd > 1 USD)", ""),
        ("actor is a Person and any(p in past both by actor ever where p.clock is 10:00)", "E0202 clock"),
        ("actor is a Person and any(p in past both by actor ever where p.color is red)", "E0202 color"),
        ("any(p in past any within 1 hour where p.n is 1)", "E0202 n"),
        ("count(p in past any within 1 hour where p.actor is present) > 1", ""),
        ("(latest(p.usd for p in past pay by actor ever) or else 1 USD) > 1 USD", ""),
        ("count(p in past pay by actor since (s in ping where s.actor is Robot(\"r\") and s.score > 0.5)) > 1", ""),
        ("any(p in past pay by actor ever where p.word in limits and limits[p.word] > 1 USD)", ""),
        ("\"x\" in limits and any(p in past pay by actor ever where limits[\"x\"] is p.usd)", "E0302 limits[\"x\"]"),
        ("any(p in past pay by actor ever where \"x\" in limits) and limits[\"x\"] > 1 USD", "E0302 limits[\"x\"]"),
        ("actor is a Robot and count(p in past pay by actor since idle) > 1", "E0313 since idle"),
    ]);
}

#[test]
fn origins() {
    check(&[
        ("word comes from the user and target comes from the user and target.id comes from list_rows.id", ""),
        (
            "all(w in words satisfy w comes from list_rows.email) and any(r in rows where r.id comes from the operator)",
            "",
        ),
        ("memo comes from the user", "E0302 memo"),
        ("actor comes from the user", "E0312 actor"),
        ("actor.tier comes from the user", "E0312 actor.tier"),
        ("context.place is present and context.place comes from the user", "E0312 context.place"),
        ("words[0] comes from the user", "E0312 words[0]"),
        ("word comes from list_rows.idd", "E0202 idd"),
        ("word comes from pay", "E0202 word comes from pay"),
        ("word comes from looking.id", ""),
        ("any(p in past pay by actor ever where p.word comes from the user and p.words comes from the user)", ""),
        ("rule r on pay { let w = word deny when w comes from the user }", ""),
        ("define f(x: text) means x comes from the user", "E0312 x"),
    ]);
}

#[test]
fn rules() {
    check(&[
        (
            "rule r on pay { when memo is present permit must tell(memo, \"{n} {usd} {words} {point}\") because \"{memo}\" }",
            "",
        ),
        ("rule r on pay { permit because \"{memo}\" }", "E0302 memo"),
        ("rule r on pay { unless memo is missing permit when memo is \"x\" because \"{memo}\" }", ""),
        ("rule r on pay { require memo is present when n > 1 otherwise \"{memo}\" }", "E0302 memo"),
        ("rule r on pay { require memo is missing otherwise \"{memo}\" }", ""),
        ("rule r on pay { require memo is \"x\" when memo is present otherwise \"{memo}\" }", ""),
        ("rule r on pay { require memo is present permit when memo is \"x\" must tell(memo, \"\") }", ""),
        ("rule r on pay { require memo is present must tell(memo, \"\") }", "E0302 memo"),
        ("rule r on pay { require memo is present require memo is \"x\" }", "E0302 memo"),
        ("rule r on pay { permit must tell(memo, \"\") when memo is present }", ""),
        ("rule r on pay { permit must stop(actor) }", "E0305 actor"),
        ("rule r on pay { permit must stop(actor) when actor is a Person }", ""),
        ("rule r on pay { permit must tell(\"x\") }", "E0305 tell(\"x\")"),
        ("rule r on pay { permit must tell(\"x\", \"y\") within 3 business days otherwise tell(n, \"y\") }", "E0305 n"),
        ("rule r on pay { permit must tell(\"x\", \"y\") within n }", "E0301 n"),
        (
            "rule r on pay { permit with approval of officer where (approver.tier > 1 and approver is not actor) within 1 hour }",
            "",
        ),
        ("rule r on pay { permit with approval of officer where approver.height > 1 }", "E0202 height"),
        ("rule r on pay { permit with approval of anyone where approver.id is \"x\" }", ""),
        ("rule r on pay { permit with approval of anyone where approver.tier is 1 }", "E0202 tier"),
        ("rule r on pay { permit with approval of by_level(level) }", ""),
        ("rule r on pay { permit with approval of double(n) }", "E0301 double(n)"),
        ("rule r on pay { let x = memo or else \"\" let y = x permit when length(y) > 1 }", ""),
        ("rule r on both { permit when n > 1 and memo is present and usd > 1 USD }", ""),
        ("rule r on both { permit when clock is 10:00 }", "E0202 clock"),
        ("rule r on both { permit when color is red }", "E0202 color"),
        ("rule r on acting { permit when n > 1 and actor.id is \"x\" }", "E0202 actor"),
        ("rule r on idle { permit when actor.id is \"x\" }", "E0202 actor"),
        ("rule r on ping { when score > 0.5 must tell(\"x\", \"{actor} {score}\") }", ""),
    ]);
}

#[test]
fn limits() {
    check(&[
        ("limit l on pay { sum of usd per actor within 24 hours at most 50 USD }", ""),
        ("limit l on pay { sum of usd per actor within 24 hours at most 50 }", "E0301 50"),
        ("limit l on pay { sum of usd per actor within 24 hours at most 50 EUR }", "E0303 50 EUR"),
        ("limit l on pay { sum of d per actor, word within 1 month at most 50 at 80% must tell(\"x\", \"y\") }", ""),
        ("limit l on pay { sum of word per actor within 24 hours at most 50 }", "E0301 word"),
        ("limit l on pay { sum of maybe per actor within 24 hours at most 50 }", "E0302 maybe"),
        ("limit l on pay { count per memo within 24 hours at most 50 }", "E0302 memo"),
        ("limit l on pay { when memo is present count per memo within 24 hours at most 50 }", ""),
        ("limit l on pay { count per actor within 24 hours at most 0.5 }", "E0301 0.5"),
        ("limit l on pay { distinct word per actor within 24 hours at most 5 }", ""),
    ]);
}

#[test]
fn declarations() {
    check(&[
        ("define f(x: int) -> text = x", "E0301 x"),
        ("define f(x: int) means x", "E0306 x"),
        ("define f(x: int?) -> int? = x", ""),
        ("define f(x: int) -> decimal? = x", ""),
        ("define f(x: int?) -> int = x", "E0302 x"),
        ("define f(x: int) -> int = let a = x let b = a + 1 then a + b", ""),
        ("set s: set<int> = { 1, \"a\" }", "E0301 \"a\""),
        ("set s: set<decimal> = { 1, 2.5 }", ""),
        ("set s: set<Color> = { red, yellow }", "E0210 yellow"),
        ("export define f(x: date) means x < today", "E0314 today"),
        ("export define f(x: date) means g(x) define g(x: date) means age(x) > 1 day", "E0314 g(x)"),
        ("export define f(x: text) means any(p in past idle ever where p.id is x)", "E0314 past idle ever"),
        ("export define f(x: instant) means x + 1 month > x", "E0314 x + 1 month"),
        ("export define f(x: date) -> date = x + 1 business day", "E0314 x + 1 business day"),
        ("export define f(x: date, p: period) means x is within p of x", "E0314 x is within p of x"),
        ("export define f(x: date) -> date = x + 1 month - 3 days", ""),
        ("export define f(x: text) means x in limits and is_small(limits[x])", ""),
        ("table t(x: int) -> text { | x || result | | 1 || 2 | otherwise \"\" }", "E0301 2"),
        ("table t(x: int) -> text { | x || result | | \"a\" || \"\" | otherwise \"\" }", "E0301 \"a\""),
        ("table t(x: Color) -> int { | x || result | | red || 1 | | { green, blue } || 2 | }", ""),
        ("table t(x: Color) -> int { | x || result | | > red || 1 | otherwise 2 }", "E0412 > red"),
        ("table t(x: int) -> Point { | x || x, y | | 1 || 2, 3 | otherwise 4, 5 }", ""),
        ("table t(x: int) -> Point { | x || x, z | | 1 || 2, 3 | otherwise 4, 5 }", "E0202 z"),
        ("table t(x: int) -> role { | x || result | | 1 || officer | otherwise anyone }", ""),
    ]);
}

#[test]
fn fixtures_and_tests() {
    check(&[
        ("test \"t\" { request one expect permit }", ""),
        ("test \"t\" { request one with { n: \"a\" } expect permit }", "E0301 \"a\""),
        ("test \"t\" { request one with { color: yellow } expect permit }", "E0210 yellow"),
        ("test \"t\" { request one with { word: \"far too long\" } expect permit }", "E0301 \"far too long\""),
        (
            "test \"t\" { request one with { words: [\"a\", \"b\", \"c\", \"d\"] } expect permit }",
            "E0301 [\"a\", \"b\", \"c\", \"d\"]",
        ),
        ("test \"t\" { request one with { actor: Rock(\"r\") } expect permit }", "E0301 Rock(\"r\")"),
        (
            "test \"t\" { request one with { actor: Person(\"p\") { tier: 1 } } expect permit }",
            "E0305 Person(\"p\") { tier: 1 }",
        ),
        (
            "test \"t\" { request one with { actor: Person(\"p\") { tier: 1, mail: \"\", size: 2 } } expect permit }",
            "E0202 size",
        ),
        (
            "test \"t\" { request one with { actor: Person(\"p\") in Rock(\"r\") { tier: 1, mail: \"\" } } expect permit }",
            "E0318 Rock(\"r\")",
        ),
        ("test \"t\" { data fx: { EUR: 1, GBP: 1.5 } data limits: { \"a\": 1 USD } request one expect permit }", ""),
        ("test \"t\" { request one with { who: ann } expect permit }", ""),
        (
            "test \"t\" { request one with { n: ann } expect permit }",
            "E0301 Person(\"ann\") in Team(\"core\") { tier: 1, mail: \"a\" }",
        ),
        ("test \"t\" { request one with { actor: ann with { size: 1 } } expect permit }", "E0202 size"),
        ("test \"t\" { request one with { actor: Person(\"p\") } expect permit }", ""),
        ("test \"t\" { data fx: { EUR: \"a\" } request one expect permit }", "E0301 { EUR: \"a\" }"),
        ("test \"t\" { context { risk: 1, place: DE } request one expect permit }", ""),
        (
            "test \"t\" { past list_rows { actor: ann } returned [Row { id: \"a\", email: \"b\" }] 1 hour ago request one expect permit }",
            "",
        ),
        ("test \"t\" { past list_rows { actor: ann } returned 1 1 hour ago request one expect permit }", "E0301 1"),
        ("test \"t\" { past one returned 1 1 hour ago request one expect permit }", "E0202 1"),
    ]);
}

#[test]
fn messages() {
    says("memo is \"x\"", "`memo` may be missing.", "Check `memo is present` first, or say `memo or else …`.");
    says(
        "limits[word] > 1 USD",
        "`limits` may have no entry for `word`.",
        "Check `word in limits` first, or say `limits[word] or else …`.",
    );
    says("double(words) > 1", "`x` of `double` is a whole number, but `words` is a list of texts.", "");
    says(
        "usd > 5",
        "Only values of one type compare, but `usd` is an amount in USD and `5` is a whole number.",
        "Give the number its currency: `5 USD`.",
    );
    says(
        "actor.maker is \"x\"",
        "A Robot has a `maker`, but `actor` may also be a Person, which has none.",
        "Ask `actor is a Robot` first.",
    );
    says("color is gren", "`Color` has no member `gren`.", "Did you mean `green`?");
    says(
        "(match color { red => 1, any => 2 }) is word",
        "Only values of one type compare, but `match color { red => 1, any => 2 }` is a whole number and `word` is a text.",
        "",
    );
    says("n", "A condition is wanted here, but `n` is a whole number.", "Compare it: `n is …`.");
    says(
        "usd is eur",
        "USD and EUR don't compare: they are different currencies.",
        "Convert one: `AMOUNT as USD using RATES`, with `data RATES: map<Currency, decimal>`.",
    );
}

/// The pages about types: what is wrong there gives its code and nothing else, what is right gives nothing at all.
#[test]
fn pages() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/errors");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let code = path.file_stem().unwrap().to_string_lossy().to_string();
        if path.extension().is_none_or(|extension| extension != "md") || !code.starts_with("E03") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let blocks: Vec<&str> =
            text.split("```ordain\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        let codes = |text: &str| {
            let analysis = analyse(&Input { sources: vec![Source::new("page.ord", text)], ..Input::default() });
            analysis
                .diagnostics
                .iter()
                .map(|diagnostic| format!("{} {}", diagnostic.code, diagnostic.message))
                .collect::<Vec<_>>()
        };
        let wrong = codes(blocks[0]);
        assert!(!wrong.is_empty() && wrong.iter().all(|said| said.starts_with(&code)), "{code}: {wrong:?}");
        assert_eq!(codes(blocks[1]), Vec::<String>::new(), "{code}");
        seen += 1;
    }
    assert!(seen >= 16);
}
