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
  words: [], tags: {}, point: Point { x: 1, y: 1 }, rows: [], address: ip("10.0.0.1")
}
"#;

/// `text` is a condition, rules of a policy on everything, or declarations. What is expected stands as
/// "E0302 memo; E0303 usd is eur": code and words, in the order of the text.
fn check(text: &str, expected: &str) {
    let starts = |words: &[&str]| words.iter().any(|word| text.trim_start().starts_with(&format!("{word} ")));
    let policy = |rules: &str| format!("policy p {{ governs any\n otherwise permit\n{rules}\n}}\n");
    let whole = if starts(&["rule", "limit"]) {
        format!("{}{SETTING}", policy(text))
    } else if starts(&["define", "export", "set", "table", "test", "let", "policy", "data", "record"]) {
        format!("{text}\n{}{SETTING}", policy(""))
    } else {
        format!("{}{SETTING}", policy(&format!("rule r on pay {{ deny when {text}\n}}")))
    };
    let source = Source::new("test.ord", whole);
    let analysis = analyse(&Input { sources: vec![source.clone()], ..Input::default() });
    let found: Vec<String> = analysis
        .diagnostics
        .iter()
        .filter(|diagnostic| !diagnostic.is_warning())
        .map(|diagnostic| format!("{} {}", diagnostic.code, source.slice(diagnostic.at)))
        .collect();
    assert_eq!(found.join("; "), expected, "\n{text}\n{:#?}", analysis.diagnostics);
}

/// The message that is said, and its help.
fn says(text: &str, message: &str, help: &str) {
    let whole = format!("policy p {{ governs any\n otherwise permit\n rule r on pay {{ deny when {text}\n}}\n}}{SETTING}");
    let analysis = analyse(&Input { sources: vec![Source::new("test.ord", whole)], ..Input::default() });
    let found = analysis.diagnostics.iter().find(|diagnostic| !diagnostic.is_warning()).expect("a mistake");
    assert_eq!((found.message.as_str(), found.help.as_deref().unwrap_or("")), (message, help));
}

#[test]
fn the_setting_is_good() {
    check("n > 0", "");
}

#[test]
fn arithmetic() {
    check("n + 1 > 0 and n * d > 1 and n / 2 is 0.5 and -usd < 1 USD", "");
    check("usd * 2 + usd / 4 < 5 USD and usd / usd > 1 and d * usd > 1 USD", "");
    check("1 + true > 2", "E0301 1 + true");
    check("word + \"x\" is \"y\"", "E0301 word + \"x\"");
    check("usd * usd > 1 USD", "E0301 usd * usd");
    check("usd + 1 > 1 USD", "E0301 usd + 1");
    check("usd + eur > 1 USD", "E0303 usd + eur");
    check("usd + cash > 1 USD", "");
    check("usd / eur > 1", "E0303 usd / eur");
    check("day + 1 month < today and day + 3 days < today and day - 1 week < today", "");
    check("day + 1 hour < today", "E0304 day + 1 hour");
    check("today - day > 3 days", "E0301 today - day");
    check("moment + 1 hour < now and moment + 1 month < now and moment + 1 day < now and now - moment < 3 days", "");
    check("span + 1 month > span", "E0304 span + 1 month");
    check("span * 0.5 < 1 day and span / 2 < 1 day and span / 1 hour > 2", "");
    check("clock + 1 hour > clock", "E0301 clock + 1 hour");
    check("-word is \"x\"", "E0301 word");
}

#[test]
fn comparisons() {
    check("n is 0.5 and 0 < n <= 5 and word < \"b\" and clock > 10:00", "");
    check("n is \"1\"", "E0301 n is \"1\"");
    check("usd is 5", "E0301 usd is 5");
    check("usd > eur", "E0303 usd > eur");
    check("usd > cash", "");
    check("level >= middle and middle <= level and color is red and red is not color", "");
    check("color < green", "E0301 color < green");
    check("land < DE", "E0301 land < DE");
    check("day < moment", "E0301 day < moment");
    check("span < 1 month", "E0304 span < 1 month");
    check("spell < 3 days", "E0304 spell < 3 days");
    check("spell < 2 months", "E0304 spell < 2 months");
    check("spell is 1 month", "E0317 spell is 1 month");
    check("words is [] and words is [\"a\"] and tags is {}", "");
    check("words is [1]", "E0301 words is [1]");
    check("point is point and actor is Person(\"ann\")", "");
    check("actor < Person(\"ann\")", "E0301 actor < Person(\"ann\")");
    check("actor is target", "E0318 actor is target");
    check("now is within 1 hour of moment and day is within 3 days of today and day is within 1 month of today", "");
    check("day is within 3 hours of today", "E0304 3 hours");
    check("n is within 1 of 5", "E0301 n is within 1 of 5");
    check("now is within word", "E0301 word");
    check("address is within ip_range(\"10.0.0.0/8\")", "");
    check("word is within ip_range(\"10.0.0.0/8\")", "E0301 word");
}

#[test]
fn members() {
    check("color is yellow", "E0210 yellow");
    check("land is XX", "E0210 XX");
    check("land in banned and land in { DE, FR } and land is one of (DE, FR)", "");
    check("land in { DE, XX }", "E0210 XX");
    check("color is one of (red, blue) and Color.red is color", "");
    check("n is nothing", "E0201 nothing");
    check("red is red", "E0201 red; E0201 red");
    check("officer is by_level(level) and by_level(low) is anyone", "");
    check("(tint or else red) is blue", "");
    check("(if n > 1 then red else color) is blue and (match level { low => red, any => color }) is blue", "");
    check("fee(low, red) > 1 and fee(middle, tint) > 1", "");
    check("fee(red, red) > 1", "E0210 red");
}

#[test]
fn membership() {
    check("word in words and \"x\" in tags and word not in { \"a\", \"b\" } and 2 in [0.5, 1]", "");
    check("n in words", "E0301 n in words");
    check("word in word", "E0309 word");
    check("words contains word and tags contains \"x\" and word contains \"y\"", "");
    check("n contains \"y\"", "E0301 n");
    check("words contains 1", "E0301 words contains 1");
    check("word starts with 1", "E0301 1");
    check("word matches '[a-z]+' and word like \"a*\"", "");
    check("word matches '['", "E0311 word matches '['");
}

#[test]
fn what_may_be_missing() {
    check("memo is \"x\"", "E0302 memo");
    check("memo is present and memo is \"x\"", "");
    check("memo is missing or memo is \"x\"", "");
    check("not (memo is missing) and memo is \"x\"", "");
    check("not (memo is missing or maybe is missing) and memo is \"x\" and maybe > 1", "");
    check("(memo is missing and n > 1) or memo is \"x\"", "E0302 memo");
    check("(memo is present or n > 1) and memo is \"x\"", "E0302 memo");
    check("((memo is present and n > 1) or (n < 0 and memo is present)) and memo is \"x\"", "");
    check("memo is \"x\" and memo is present", "E0302 memo");
    check("(if memo is present then memo else \"\") is \"x\"", "");
    check("(if memo is missing then memo else \"\") is \"x\"", "E0302 if memo is missing then memo else \"\"");
    check("(if memo is present then memo is \"x\" else false) and memo is \"y\"", "");
    check("(memo or else \"\") is \"x\" and (maybe or else 0.5) > 1", "");
    check("(memo or else 1) is \"x\"", "E0301 1");
    check("(n or else 1) > 1", "E0302 n");
    check("maybe + 1 > 1", "E0302 maybe");
    check("match maybe { missing => false, any => maybe > 1 }", "");
    check("match maybe { 1 => maybe > 0, any => true }", "");
    check("match maybe { 1 => true, any => maybe > 1 }", "E0302 maybe");
    check("context.risk > 0.5", "E0302 context.risk");
    check("context.risk is present and context.risk > 0.5", "");
    check("context.session is \"s\"", "E0302 context.session");
    check("spot.x > 1", "E0302 spot");
    check("spot is present and spot.x > 1", "");
    check("spot is present and spot.note is \"x\"", "E0302 spot.note");
    check("spot is present and spot.note is present and spot.note is \"x\"", "");
    check("any(w in more where w is \"x\")", "E0302 more");
    check("more is present and any(w in more where w is \"x\")", "");
    check("any(w in words where memo is present) and memo is \"x\"", "");
    check("none(w in words where memo is present) and memo is \"x\"", "E0302 memo");
    check("limits[word] > 1 USD", "E0302 limits[word]");
    check("word in limits and limits[word] > 1 USD", "");
    check("word in limits and limits[\"x\"] > 1 USD", "E0302 limits[\"x\"]");
    check("\"x\" in limits and limits[\"x\"] > 1 USD", "");
    check("limits[word] is present and limits[word] > 1 USD and (limits[word] or else 1 USD) > 2 USD", "E0302 limits[word]");
    check("(limits[word] or else 1 USD) > 2 USD and words[0] is \"x\"", "");
    check("word in notes and notes[word] is \"x\"", "E0302 notes[word]");
    check("word in notes and notes[word] is present and notes[word] is \"x\"", "");
    check("limits[1] is present", "E0301 1");
    check("n[1] is 1", "E0316 n");
    check("min(x for x in [1, 2]) > 1", "E0302 min(x for x in [1, 2])");
    check("(max(x for x in [1, 2]) or else 0) > 1", "");
    check("sum(p.note for p in [point]) > 1", "E0302 p.note");
    check("count(p in [point] where p.note is present and p.note is \"x\") > 1", "");
    check("all(p in [point] where p.note is present satisfy p.note is \"x\")", "");
}

#[test]
fn kinds_of_entity() {
    check("actor.tier > 1", "");
    check("actor.maker is \"x\"", "E0202 maker");
    check("actor.boss is present", "E0202 boss");
    check("actor is a Robot and actor.maker is \"x\"", "");
    check("actor is a Person or actor.maker is \"x\"", "");
    check("actor is not a Robot and actor.boss is present and actor.boss.tier > 1", "");
    check("target is a Person", "E0318 target is a Person");
    check("n is a Person", "E0301 n");
    check("actor belongs to Team(\"core\") and actor belongs to Region(\"eu\") and target belongs to target", "");
    check("actor belongs to any of (Team(\"a\"), Region(\"b\"))", "");
    check("actor belongs to Rock(\"r\")", "E0318 actor belongs to Rock(\"r\")");
    check("actor belongs to word", "E0301 word");
    check("target.name is \"x\"", "E0202 name");
    check("target.id is \"x\" and team_id is \"y\"", "");
    check("who is present and who is actor", "");
    check("Team(\"x\") { } is target", "");
    check("point.z > 1", "E0202 z");
    check("word.length > 1", "E0202 length");
}

#[test]
fn ages() {
    check("age(day) is at least 90 days and age(day) < 1 month and age(moment) > 3 hours and age(moment) > 1 year", "");
    check("age(day) >= 3 hours", "E0308 3 hours");
    check("age(day) is 1 month", "E0317 age(day) is 1 month");
    check("age(word) > 1 day", "E0308 word");
    check("age(day) > 3", "E0308 3");
}

#[test]
fn conditions() {
    check("n", "E0306 n");
    check("n and true", "E0306 n");
    check("not word", "E0306 word");
    check("if n then true else false", "E0306 n");
    check("any(w in words where w)", "E0306 w");
    check("all(w in words satisfy 1)", "E0306 1");
}

#[test]
fn branches_and_matches() {
    check("(if n > 1 then 1 else 2.5) > 2", "");
    check("(if n > 1 then 1 else \"a\") is 1", "E0301 \"a\"");
    check("(match color { red => 1, green => 2 }) > 1", "E0307 match color { red => 1, green => 2 }");
    check("(match color { red => 1, green or blue => 2.5 }) > 1", "");
    check("(match color { red => 1, any => 2, blue => 3 }) > 1", "E0307 any");
    check("(match maybe { 1 => 1, any => 2 }) > 1", "");
    check("(match tint { red => 1, green => 1, blue => 1 }) > 1", "E0307 match tint { red => 1, green => 1, blue => 1 }");
    check("(match n { 1 => 1, 2 => 2 }) > 1", "E0307 match n { 1 => 1, 2 => 2 }");
    check("(match color { missing => 1, any => 2 }) > 1", "E0301 missing");
    check("match n > 1 { true => false, false => true }", "");
    check("[1, \"a\"] is []", "E0301 \"a\"");
}

#[test]
fn calls() {
    check("double(n) > double(1) and is_small(usd)", "");
    check("double() > 1", "E0305 double()");
    check("double(1, 2) > 1", "E0305 double(1, 2)");
    check("double(\"a\") > 1", "E0305 \"a\"");
    check("double(maybe) > 1", "E0302 maybe");
    check("is_small(eur)", "E0303 eur");
    check("is_small(cash)", "E0303 cash");
    check("length(words) > 1 and length(word) > 1", "");
    check("length(n) > 1", "E0305 n");
    check("length(memo) > 1", "E0302 memo");
    check("length(words, words) > 1", "E0305 length(words, words)");
    check("(cash as USD using fx) > 1 USD", "");
    check("(n as USD using fx) > 1 USD", "E0301 n");
    check("(cash as USD using limits) > 1 USD", "E0301 cash as USD using limits");
    check("(point with { x: 2 }).x is 2", "");
    check("(point with { z: 2 }).x is 2", "E0202 z");
    check("(point with { x: \"a\" }).x is 2", "E0301 \"a\"");
    check("Point { x: 1 } is point", "E0305 Point { x: 1 }");
    check("Point { x: 1, y: 1 } is point", "");
}

#[test]
fn quantifiers() {
    check("sum(x for x in [1, 2]) is 3 and sum(x for x in [1, 2.5]) > 3 and distinct(w for w in words) > 1", "");
    check("sum(w for w in words) > 1", "E0301 w");
    check("any(x in n)", "E0309 n");
    check("count(words) > 1", "E0310 count(words)");
    check("latest(w for w in words) is \"x\"", "E0302 latest(w for w in words); E0309 words");
    check("all(a, b in words, [\"x\"] satisfy a is b)", "");
    check("all(a, b in words, tags satisfy a is b)", "E0309 tags");
    check("(average(x for x in [1, 2]) or else 0) > 1.5", "");
    check("(min(p for p in [point]) or else point) is point", "E0301 p");
    check("(sum(cash for w in words) or else 1 USD) > 1 USD", "");
}

#[test]
fn the_past() {
    check("any(p in past pay by actor on target within 1 hour where p.usd > 1 USD and p.time < now)", "");
    check("any(p in past read by actor within 1 month where p.target is Region(\"x\"))", "E0318 actor");
    check("actor is a Person and any(p in past read by actor on target within 1 day)", "E0318 target");
    check("any(p in past list_rows returned by ann within 1 day where length(p.result) > 1)", "E0201 ann");
    check("actor is a Person and any(p in past list_rows returned by actor ever where length(p.result) > 1)", "");
    check("actor is a Person and any(p in past list_rows by actor ever where length(p.result) > 1)", "E0202 p.result");
    check("any(p in past pay returned ever where p.result is 1)", "E0202 p.result");
    check("any(p in past pay by actor ever where p.memo is \"x\")", "E0302 p.memo");
    check("any(p in past pay by actor ever where p.memo is present and p.memo is \"x\")", "");
    check("any(p in past pay by actor within 5)", "E0301 5");
    check("any(p in past pay by word within 1 hour)", "E0301 word");
    check("actor is a Person and any(p in past both by actor ever where p.usd > 1 USD)", "");
    check("actor is a Person and any(p in past both by actor ever where p.day is today)", "E0202 day");
    check("actor is a Person and any(p in past both by actor ever where p.color is red)", "E0202 color");
    check("any(p in past any within 1 hour where p.n is 1)", "E0202 n");
    check("count(p in past any within 1 hour where p.actor is present) > 1", "");
    check("(latest(p.usd for p in past pay by actor ever) or else 1 USD) > 1 USD", "");
    check("count(p in past pay by actor since (s in ping by Robot(\"r\") where s.score > 0.5)) > 1", "");
    check("actor is a Robot and count(p in past pay by actor since idle) > 1", "E0202 since idle");
}

#[test]
fn origins() {
    check("word comes from the user and target comes from the user and target.id comes from list_rows.id", "");
    check("all(w in words satisfy w comes from list_rows.email) and any(r in rows where r.id comes from the operator)", "");
    check("memo comes from the user", "E0302 memo");
    check("actor comes from the user", "E0312 actor");
    check("actor.tier comes from the user", "E0312 actor.tier");
    check("context.place is present and context.place comes from the user", "E0312 context.place");
    check("words[0] comes from the user", "E0312 words[0]");
    check("word comes from list_rows.idd", "E0202 word comes from list_rows.idd");
    check("word comes from pay", "E0202 word comes from pay");
    check("word comes from looking.id", "");
    check("any(p in past pay by actor ever where p.word comes from the user and p.words comes from the user)", "");
    check("rule r on pay { let w = word deny when w comes from the user }", "");
    check("define f(x: text) means x comes from the user", "E0312 x");
}

#[test]
fn rules() {
    check("rule r on pay { when memo is present permit because \"{memo}\" must tell(memo, \"{n} {usd} {words} {point}\") }", "");
    check("rule r on pay { permit because \"{memo}\" }", "E0302 memo");
    check("rule r on pay { unless memo is missing permit when memo is \"x\" because \"{memo}\" }", "");
    check("rule r on pay { require memo is present when n > 1 otherwise \"{memo}\" }", "E0302 memo");
    check("rule r on pay { require memo is missing otherwise \"{memo}\" }", "");
    check("rule r on pay { require memo is \"x\" when memo is present otherwise \"{memo}\" }", "");
    check("rule r on pay { require memo is present permit when memo is \"x\" must tell(memo, \"\") }", "");
    check("rule r on pay { require memo is present must tell(memo, \"\") }", "E0302 memo");
    check("rule r on pay { require memo is present require memo is \"x\" }", "E0302 memo");
    check("rule r on pay { permit must tell(memo, \"\") when memo is present }", "");
    check("rule r on pay { permit must stop(actor) }", "E0305 actor");
    check("rule r on pay { permit must stop(actor) when actor is a Person }", "");
    check("rule r on pay { permit must tell(\"x\") }", "E0305 tell(\"x\")");
    check("rule r on pay { permit must tell(\"x\", \"y\") within 3 business days otherwise tell(n, \"y\") }", "E0305 n");
    check("rule r on pay { permit must tell(\"x\", \"y\") within n }", "E0301 n");
    check("rule r on pay { permit with approval of officer where (approver.tier > 1 and approver is not actor) within 1 hour }", "");
    check("rule r on pay { permit with approval of officer where approver.height > 1 }", "E0202 height");
    check("rule r on pay { permit with approval of anyone where approver.id is \"x\" }", "");
    check("rule r on pay { permit with approval of anyone where approver.tier is 1 }", "E0202 tier");
    check("rule r on pay { permit with approval of by_level(level) }", "");
    check("rule r on pay { permit with approval of double(n) }", "E0301 double(n)");
    check("rule r on pay { let x = memo or else \"\" let y = x permit when length(y) > 1 }", "");
    check("rule r on both { permit when n > 1 and memo is present and usd > 1 USD }", "");
    check("rule r on both { permit when day is today }", "E0202 day");
    check("rule r on both { permit when color is red }", "E0202 color");
    check("rule r on acting { permit when n > 1 and actor.id is \"x\" }", "E0202 actor");
    check("rule r on idle { permit when actor.id is \"x\" }", "E0202 actor");
    check("rule r on ping { when score > 0.5 must tell(\"x\", \"{actor} {score}\") }", "");
}

#[test]
fn limits() {
    check("limit l on pay { sum of usd per actor within 24 hours at most 50 USD }", "");
    check("limit l on pay { sum of usd per actor within 24 hours at most 50 }", "E0301 50");
    check("limit l on pay { sum of usd per actor within 24 hours at most 50 EUR }", "E0303 50 EUR");
    check("limit l on pay { sum of d per actor, word within 1 month at most 50 at 80% must tell(\"x\", \"y\") }", "");
    check("limit l on pay { sum of word per actor within 24 hours at most 50 }", "E0301 word");
    check("limit l on pay { sum of maybe per actor within 24 hours at most 50 }", "E0302 maybe");
    check("limit l on pay { count per memo within 24 hours at most 50 }", "E0302 memo");
    check("limit l on pay { when memo is present count per memo within 24 hours at most 50 }", "");
    check("limit l on pay { count per actor within 24 hours at most 0.5 }", "E0301 0.5");
    check("limit l on pay { distinct word per actor within 24 hours at most 5 }", "");
}

#[test]
fn declarations() {
    check("define f(x: int) -> text = x", "E0301 x");
    check("define f(x: int) means x", "E0306 x");
    check("define f(x: int?) -> int? = x", "");
    check("define f(x: int) -> decimal? = x", "");
    check("define f(x: int?) -> int = x", "E0302 x");
    check("define f(x: int) -> int = let a = x let b = a + 1 then a + b", "");
    check("set s: set<int> = { 1, \"a\" }", "E0301 \"a\"");
    check("set s: set<decimal> = { 1, 2.5 }", "");
    check("set s: set<Color> = { red, yellow }", "E0210 yellow");
    check("export define f(x: date) means x < today", "E0314 today");
    check("export define f(x: date) means g(x) define g(x: date) means age(x) > 1 day", "E0314 g(x)");
    check("export define f(x: text) means any(p in past idle ever where p.id is x)", "E0314 past idle ever");
    check("export define f(x: instant) means x + 1 month > x", "E0314 x + 1 month");
    check("export define f(x: text) means x in limits and is_small(limits[x])", "");
    check("table t(x: int) -> text { | x || result | | 1 || 2 | otherwise \"\" }", "E0301 2");
    check("table t(x: int) -> text { | x || result | | \"a\" || \"\" | otherwise \"\" }", "E0301 \"a\"");
    check("table t(x: Color) -> int { | x || result | | red || 1 | | { green, blue } || 2 | }", "");
    check("table t(x: Color) -> int { | x || result | | > red || 1 | otherwise 2 }", "E0301 > red");
    check("table t(x: int) -> Point { | x || x, y | | 1 || 2, 3 | otherwise 4, 5 }", "");
    check("table t(x: int) -> Point { | x || x, z | | 1 || 2, 3 | otherwise 4, 5 }", "E0202 z; E0305 t");
    check("table t(x: int) -> role { | x || result | | 1 || officer | otherwise anyone }", "");
}

#[test]
fn fixtures_and_tests() {
    check("test \"t\" { request one expect permit }", "");
    check("test \"t\" { request one with { n: \"a\" } expect permit }", "E0301 \"a\"");
    check("test \"t\" { request one with { color: yellow } expect permit }", "E0210 yellow");
    check("test \"t\" { request one with { word: \"far too long\" } expect permit }", "E0301 \"far too long\"");
    check("test \"t\" { request one with { words: [\"a\", \"b\", \"c\", \"d\"] } expect permit }", "E0301 [\"a\", \"b\", \"c\", \"d\"]");
    check("test \"t\" { request one with { actor: Rock(\"r\") } expect permit }", "E0301 Rock(\"r\")");
    check("test \"t\" { request one with { actor: Person(\"p\") { tier: 1 } } expect permit }", "E0305 Person(\"p\") { tier: 1 }");
    check("test \"t\" { request one with { actor: Person(\"p\") { tier: 1, mail: \"\", size: 2 } } expect permit }", "E0202 size");
    check("test \"t\" { request one with { actor: Person(\"p\") in Rock(\"r\") { tier: 1, mail: \"\" } } expect permit }", "E0318 Rock(\"r\")");
    check("test \"t\" { data fx: { EUR: 1, GBP: 1.5 } data limits: { \"a\": 1 USD } request one expect permit }", "");
    check("test \"t\" { data fx: { EUR: \"a\" } request one expect permit }", "E0301 { EUR: \"a\" }");
    check("test \"t\" { context risk: 1, place: DE request one expect permit }", "");
    check("test \"t\" { past list_rows { actor: ann } returned [Row { id: \"a\", email: \"b\" }] 1 hour ago request one expect permit }", "");
    check("test \"t\" { past list_rows { actor: ann } returned 1 1 hour ago request one expect permit }", "E0301 1");
    check("test \"t\" { past one returned 1 1 hour ago request one expect permit }", "E0202 1");
}

#[test]
fn messages() {
    says("memo is \"x\"", "`memo` may be missing.", "Check `memo is present` first, or say `memo or else …`.");
    says("limits[word] > 1 USD", "`limits` may have no entry for `word`.", "Check `word in limits` first, or say `limits[word] or else …`.");
    says("double(words) > 1", "`x` of `double` is a whole number, but `words` is a list of texts.", "");
    says("usd > 5", "Only values of one type compare, but `usd` is an amount in USD and `5` is a whole number.", "Give the number its currency: `5 USD`.");
    says("actor.maker is \"x\"", "A Robot has a `maker`, but `actor` may also be a Person, which has none.", "Ask `actor is a Robot` first.");
    says("color is gren", "`Color` has no member `gren`.", "Did you mean `green`?");
    says("(match color { red => 1, any => 2 }) is word", "Only values of one type compare, but `match color { red => 1, any => 2 }` is a whole number and `word` is a text.", "");
    says("n", "A condition is wanted here, but `n` is a whole number.", "Compare it: `n is …`.");
    says("usd is eur", "USD and EUR don't compare: they are different currencies.", "Convert one: `AMOUNT as USD using RATES`, with `data RATES: map<Currency, decimal>`.");
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
        let blocks: Vec<&str> = text.split("```ordain\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
        let codes = |text: &str| {
            let analysis = analyse(&Input { sources: vec![Source::new("page.ord", text)], ..Input::default() });
            analysis.diagnostics.iter().map(|diagnostic| format!("{} {}", diagnostic.code, diagnostic.message)).collect::<Vec<_>>()
        };
        let wrong = codes(blocks[0]);
        assert!(!wrong.is_empty() && wrong.iter().all(|said| said.starts_with(&code)), "{code}: {wrong:?}");
        assert_eq!(codes(blocks[1]), Vec::<String>::new(), "{code}");
        seen += 1;
    }
    assert!(seen >= 16);
}
