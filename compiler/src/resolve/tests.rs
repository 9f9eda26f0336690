//! What names mean and where clauses belong, by texts: a policy, and what is said of it.
//! Every example of the project resolves without a word; the pages of codes hold what they promise.

use crate::analysis::{Input, analyse};
use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::hir::{self, Package};
use crate::parse;
use crate::resolve::resolve;
use crate::source::{FileId, Source};
use std::collections::BTreeMap;
use std::path::Path;

const SETTING: &str = r#"
enum Color { red, green, amount }
entity Person in Team { tier: int, color: Color }
entity Team
record Row { id: text, color: Color }
action list_rows by Person returns list<Row>
action pay by Person on Team as team_id { amount: int, word: text, color: Color, land: Country, memo: text? }
action refund by Person on Team { amount: int, word: text?, land: Country }
action idle
event ping by Person { score: decimal }
group both = pay, refund
duty tell(who: text, what: text)
role officer, auditor by Person
control soc "SOC 2"
context { risk: decimal? }
set banned: set<Country> = { KP, SY }
data fx: map<Currency, decimal>
define small(x: int) means x < 5
"#;

/// What the text means, and what is said of it besides what the checker says.
fn read(files: &[(&str, &str)], sheets: &[(&str, &str)]) -> (Package, Vec<Diagnostic>, Vec<Source>) {
    let mut sources: Vec<Source> = files.iter().map(|(name, text)| Source::new(*name, *text)).collect();
    let own = sources.len();
    sources.extend(sheets.iter().map(|(name, text)| Source::new(*name, *text)));
    let first_std = sources.len();
    sources
        .extend(ordain_stdlib::MODULES.iter().map(|module| Source::new(format!("{}.ord", module.name), module.text)));
    let names: BTreeMap<_, _> =
        sheets.iter().enumerate().map(|(at, (name, _))| ((*name).into(), FileId((own + at) as u32))).collect();
    let (mut trees, mut said) = (vec![], vec![]);
    for (at, source) in sources.iter().enumerate() {
        if (own..first_std).contains(&at) {
            trees.push(crate::ast::File::default());
            continue;
        }
        let (tree, wrong) = parse::parse(source, FileId(at as u32));
        trees.push(tree);
        said.extend(wrong);
    }
    let (package, wrong) = resolve(&sources, &trees, &names);
    said.extend(wrong);
    crate::diagnostic::sort(&mut said);
    (package, said, sources)
}

fn list(said: &[Diagnostic], sources: &[Source]) -> String {
    let one = |one: &Diagnostic| format!("{} {}", one.code, sources[one.at.file.0 as usize].slice(one.at));
    said.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// `text` is a condition of a rule on `pay`, members of a policy, or declarations; what is expected is
/// "E0201 amont; W0202 x": codes and the words they point at, in the order of the text.
fn check(text: &str, expected: &str) {
    let starts = |words: &[&str]| words.iter().any(|word| text.trim_start().starts_with(&format!("{word} ")));
    let declarations = [
        "define", "export", "set", "table", "test", "let", "policy", "data", "record", "import", "enum", "entity",
        "action", "event", "group", "context", "duty", "role", "control", "ordered", "module",
    ];
    // Without a policy nothing that is declared counts as unused.
    let whole = if starts(&["rule", "limit", "governs", "otherwise", "zone", "title", "implements", "calendar"]) {
        format!("policy p {{\n{text}\n}}\n{SETTING}")
    } else if starts(&declarations) {
        format!("{text}\n{SETTING}")
    } else {
        format!("policy p {{ rule r on pay {{ deny when {text}\n}} }}\n{SETTING}")
    };
    let (_, said, sources) = read(&[("test.ord", &whole)], &[]);
    let said: Vec<Diagnostic> = said.into_iter().filter(|one| one.at.start < text.len() as u32 + 60).collect();
    let said: Vec<Diagnostic> = said.into_iter().filter(|one| !in_setting(&whole, one)).collect();
    assert_eq!(list(&said, &sources), expected, "\n{text}\n{said:#?}");
}

fn in_setting(whole: &str, one: &Diagnostic) -> bool {
    one.at.start as usize >= whole.len() - SETTING.len()
}

fn check_files(files: &[(&str, &str)], expected: &str) {
    let (_, said, sources) = read(files, &[]);
    assert_eq!(list(&said, &sources), expected, "\n{said:#?}");
}

/// The first message's help.
fn helps(text: &str, help: &str) {
    let whole = format!("policy p {{ rule r on pay {{ deny when {text}\n}} }}\n{SETTING}");
    let (_, said, _) = read(&[("test.ord", &whole)], &[]);
    assert_eq!(said.first().and_then(|one| one.help.as_deref()).unwrap_or_default(), help, "\n{text}\n{said:#?}");
}

/// The fix of the first message gives `fixed`.
fn fixes(text: &str, fixed: &str) {
    let wrap = |text: &str| format!("policy p {{\n{text}\n}}\n{SETTING}");
    let whole = wrap(text);
    let (_, said, _) = read(&[("test.ord", &whole)], &[]);
    let fix = said.iter().find_map(|one| one.fix.clone()).unwrap_or_else(|| panic!("no fix: {said:#?}"));
    let mut edits = fix.edits;
    edits.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
    let mut result = whole.clone();
    for (at, text) in edits {
        result.replace_range(at.start as usize..at.end as usize, &text);
    }
    assert_eq!(result.strip_suffix(SETTING).unwrap(), wrap(fixed).strip_suffix(SETTING).unwrap());
}

#[test]
fn examples_resolve() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut folders: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let mut files: Vec<(String, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ext| ext == "ord"))
            .map(|path| (path.file_name().unwrap().to_string_lossy().into(), std::fs::read_to_string(path).unwrap()))
            .collect();
        files.sort();
        for _ in 0..2 {
            let texts: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
            check_files(&texts, "");
            // The order of files does not matter.
            files.reverse();
        }
    }
}

#[test]
fn the_standard_library_resolves() {
    for module in ordain_stdlib::MODULES {
        check_files(&[("std.ord", module.text)], "");
    }
}

#[test]
fn pages_hold_what_they_promise() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/errors");
    let mut wrong = vec![];
    let own = |code: &&Code| {
        let text = code.as_str();
        text.starts_with("E02")
            || text.starts_with("W02")
            || matches!(text, "E0111" | "E0112" | "E0113" | "E0114" | "E0118")
    };
    for code in Code::ALL.iter().filter(own) {
        let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).unwrap_or_default();
        for (part, wanted) in [("## Wrong", code.as_str()), ("## Right", "")] {
            let block = page.split(part).nth(1).and_then(|rest| rest.split("```ordain\n").nth(1)?.split("```").next());
            let Some(block) = block else {
                wrong.push(format!("{code} has no `{part}`"));
                continue;
            };
            let sources = vec![Source::new("page.ord", block)];
            let analysis = analyse(&Input { sources, ..Input::default() });
            let mut found: Vec<&str> = analysis.diagnostics.iter().map(|one| one.code.as_str()).collect();
            found.dedup();
            if found.join(", ") != wanted {
                wrong.push(format!("{code} {part}: {found:?} {:#?}", analysis.diagnostics));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_in_conditions() {
    check("amount > 1 and team_id is \"x\" and args.amount > 1 and actor.tier > 1 and target is Team(\"a\")", "");
    check("now > 2026-01-01T00:00:00Z and today > 2026-01-01 and context.session is \"s\" and context.id is \"i\"", "");
    check("context.risk is present and context.rsk is present", "E0202 rsk");
    check("amont > 1", "E0201 amont");
    helps("amont > 1", "Did you mean `amount`?");
    check("args.amont > 1", "E0202 amont");
    check("small(amount) and smal(amount)", "E0201 smal");
    check("banned contains land and land in banned", "");
    check("is_month_end(today)", "E0201 is_month_end");
    helps("is_month_end(today)", "`std.calendar` has it: write `import std.calendar { is_month_end }`.");
    check("calendar.is_month_end(today)", "E0201 calendar");
    check("small > 1", "E0209 small");
    check("Person is actor", "E0209 Person");
    check("officer > tell", "E0209 tell");
    check("amount(1) > 1", "E0209 amount");
    check("word.length() > 1", "E0209 length");
    check("banned.x > 1 and Row(1) > 2", "E0209 Row");
    check("Person(\"a\", \"b\") is actor", "E0305 Person(\"a\", \"b\")");
    check("Team(\"x\") { } is target", "");
    check("Person(\"x\") { tier: 1 } is actor", "E0209 Person(\"x\") { tier: 1 }");
    check("Row { id: \"a\", colour: red, id: \"b\" } is missing", "E0202 colour; E0203 id");
    check("Rowe { id: \"a\" } is missing", "E0201 Rowe");
    check("1 < args", "E0202 args");
    check("\"pay\" is action", "E0201 action");
    check("count(banned) > 1", "E0310 count(banned)");
    check("sum(banned) > 1", "E0309 sum(banned)");
    check("word matches word", "E0311 word");
    check("amount as USDX using fx > 1", "E0210 USDX");
    check("amount as USD using banned > 1", "E0209 banned");
    check("word is \"{amount}\"", "E0114 amount");
    check("actor is a Persn", "E0201 Persn");
    check("actor is a Row", "E0209 Row");
}

#[test]
fn ages_and_chains() {
    check("age(today) > 3 days and 1 day < age(today) <= 3 days and 3 days > age(now)", "");
    check("age(today)", "E0308 age(today)");
    check("age(today) > age(now)", "E0308 age(now)");
    check("1 < amount <= 3 and amount is not 2", "");
}

#[test]
fn members_and_two_meanings() {
    check("color is red and color is not one of (red, green) and Color.red is color and land in { DE, FR }", "");
    // That only the member could be a color is no reason to read it so.
    check("color is amount and amount > 1 and actor.color is amount", "E0205 amount; E0205 amount");
    check("color is Color.amount and amount > 1 and args.amount > 1", "");
    check("rule r on pay { let red = color deny when color is red }", "E0205 red");
    check("rule r on pay { let red = color deny when color is Color.red and red is color }", "E0205 red");
    check("rule r on pay { let green = 1 deny when color is green and green is 1 }", "E0205 green");
    let with = |text: &str| format!("{text}\npolicy q {{ rule r on pay {{ deny when color is red }} }}");
    check(&with("set red: set<int> = { 1 }"), "W0202 red; E0205 red");
    check(&with("data red: set<int>"), "W0202 red; E0205 red");
    check(&with("define red() -> int = 1"), "W0202 red; E0205 red");
    // What is no value can't be meant.
    check(&with("define red(x: int) means x > 1\nrole red\nduty red()"), "W0202 red; E0203 red; E0203 red");
    check("Color.reed is color", "E0210 reed");
    // The type is known, so the checker lists the members.
    check("color is reed and land is XX and land in { DE, XX }", "");
    check("amount is reed", "E0201 reed");
    check("land in bannd", "E0201 bannd");
    check("match color { red => true, any => false } and match amount { 1 => true, any => false }", "");
}

#[test]
fn hidden_names() {
    check("any(actor in [1] where true)", "E0208 actor");
    check("any(amount in [1] where amount > 1)", "E0208 amount");
    check("any(x in [1] where any(x in [2] where x > 1))", "E0208 x");
    check("any(banned in [1] where banned > 1)", "E0208 banned");
    check("any(approver in [1] where approver > 1)", "E0208 approver");
    check("set target: set<int> = { 1 }", "E0208 target");
    check("data calendar: set<int>", "E0208 calendar");
    check("entity Thing { id: text, type: text, name: text }", "E0208 id; E0208 type");
    check("define length(x: int) means x > 1", "W0201 length");
    check(
        "set word: set<text> = { \"a\" }\npolicy q { rule r on pay { deny when word is \"a\" } }",
        "W0202 word; W0201 word",
    );
    check("define f(now: int) means now > 1", "E0208 now");
}

#[test]
fn the_past() {
    check("any(p in past pay by actor on target within 1 hour where p.amount > 1 and p.target is target)", "");
    check(
        "any(p in past pay by actor ever where p.args.amount > 1 and p.time < now and p.id is \"x\" and p.session is \"s\")",
        "",
    );
    check("any(p in past pay by actor ever where p.amont > 1)", "E0202 amont");
    check("any(p in past both by actor ever where p.amount > 1 and p.word is \"x\")", "E0202 word");
    check("any(p in past both by actor ever where p.memo is present)", "E0202 memo");
    check("any(p in past any by actor ever where p.amount is 1 and p.actor is actor)", "E0202 amount");
    check("any(p in past idle ever where p.actor is actor)", "E0202 actor");
    check("any(p in past pay ever where p.result is 1)", "E0202 result");
    check("any(p in past list_rows returned by actor ever where any(r in p.result where r.color is red))", "");
    check("any(p in past payy by actor ever where p.amount is 1)", "E0201 payy");
    check("any(p in past officer by actor ever)", "E0209 officer");
    check("any(p in past pay by actor ever where p is 1)", "E0202 p");
    check("count(p in past pay by actor since refund) > 1", "");
    check("count(p in past pay by actor since (s in refund where s.amount > 1 and s.actor is actor)) > 1", "");
    check("count(p in past pay by actor since (s in refund where s.amont > 1)) > 1", "E0202 amont");
    check(
        "all(a, b in [1], [2] satisfy a is b) and all(a, b in [1] satisfy a is b)",
        "E0305 all(a, b in [1] satisfy a is b)",
    );
    check("set s: set<int> = { count(p in past pay ever) }", "E0201 past pay ever");
}

#[test]
fn places() {
    check("word comes from any of (the user, the operator, list_rows.id, list_rows)", "");
    check("word comes from list_rows.idd", "E0202 idd");
    check("word comes from pay.id", "E0202 id");
    check("word comes from rows", "E0201 rows");
    check("word comes from officer", "E0209 officer");
    check("word comes from ping", "E0202 ping");
}

#[test]
fn rules_on_several_actions() {
    check("rule r on both { deny when amount > 1 and land is DE and actor.tier > 1 }", "");
    check("rule r on both { deny when word is \"a\" }", "E0202 word");
    check("rule r on both { deny when memo is present }", "E0202 memo");
    check("rule r on idle { deny when actor is actor }", "E0202 actor; E0202 actor");
    check("rule r on payy { deny when anything > 1 }", "E0201 payy");
    check("rule r on officer { deny }", "E0209 officer");
    check("governs any rule r on any { deny when today > 2026-01-01 }", "");
    check("define f(x: int) means x > memo", "E0201 memo");
    check("define f(x: int) means x > 1 and actor is actor", "E0201 actor; E0201 actor");
    check("define f(x: int) means x > 1 and now > 2026-01-01T00:00:00Z and context.risk is present", "");
}

#[test]
fn declarations() {
    check("set a: set<int> = { 1 }\nset a: set<int> = { 2 }", "E0203 a");
    check("enum E { a, b, a }", "E0203 a");
    check("enum E { a \"x\", b \"x\" }", "E0203 \"x\"");
    check("record R { a: int, a: int }", "E0203 a");
    check("record R { a: S }\nrecord S { b: list<R>? }", "E0207 R");
    check("record R { a: Persn }", "E0201 Persn");
    check("record R { a: officer }", "E0209 officer");
    check(
        "record R { a: list, b: map<int>, c: money<XYZ>, d: lst<int> }",
        "E0305 list; E0305 map<int>; E0210 XYZ; E0201 lst",
    );
    check("action a by Team on Team or Person as x { }", "E0305 x");
    check("action a on Team as x { x: text }", "E0203 x");
    check("group g = pay, ping", "E0209 ping");
    check("group g = pay, pay", "E0203 pay");
    check("group g = pay, both", "E0209 both");
    check("context { risk: decimal? }", "");
    check("context { risky: int?, calm: bool, risky: text? }", "E0301 bool; E0203 risky");
    check("define f(x: int) -> int = g(x)\ndefine g(x: int) -> int = f(x)", "E0207 f");
    check("define f(x: int) -> int = f(x)", "E0207 f");
    check("define f(x: int) -> int = let y = 1 then x", "W0202 y");
    check("define f(x: int, y: int) -> int = x", "W0202 y");
    check("let a = b\nlet b = a", "E0207 a");
    check("role pay by Person", "");
    check("module m\nmodule n", "E0203 n");
}

#[test]
fn tables() {
    check(
        "table t(x: int, c: Color) -> decimal { | x | c || result | | < 1 | red || 1 | | any | {red, green} || x * 2 | otherwise 0 }",
        "",
    );
    check("table t(x: int) -> decimal { | y || result | | 1 || 1 | otherwise 0 }", "E0201 y");
    check("table t(x: int, y: int) -> decimal { | x || result | | 1 || 1 | otherwise 0 }", "W0202 y");
    check("table t(x: int) -> Row { | x || id, color | | 1 || \"a\", red | otherwise \"b\", green }", "");
    check("table t(x: int) -> Row { | x || id, colour | | 1 || \"a\", red | otherwise \"b\", green }", "E0202 colour");
    check("table t(x: int) -> int { | x || result | | 1 || t(1) | otherwise 0 }", "E0207 t");
    check("table t(x: int) -> int { | x || result | | 1 || now | otherwise 0 }", "E0201 now");
}

#[test]
fn sheets() {
    let table = "enum Use { own, rent }\ntable t(use: Use, score: int?, name: text) -> decimal from \"a.csv\"\n";
    let check = |sheet: &str, expected: &str| {
        let (package, said, sources) = read(&[("test.ord", table)], &[("a.csv", sheet)]);
        assert_eq!(list(&said, &sources), expected, "\n{sheet}\n{said:#?}");
        package
    };
    let package = check(
        "use,name,score,result\nown,acme,>= 5,97%\n\"rent\",\"a, \"\"b\"\"\",,0.5\n,\"{x, y}\",missing,1\notherwise,,,0\n",
        "",
    );
    let table_of = &package.tables[0];
    assert_eq!((table_of.columns.as_slice(), table_of.rows.len()), ([0, 2, 1].as_slice(), 3));
    assert!(table_of.otherwise.is_some());
    let hir::CellKind::OneOf(names) = &table_of.rows[1].cells[1].kind else { panic!() };
    assert!(matches!(package.expr(names[0]), hir::Expr::Text(text) if &**text == "a, \"b\""));
    assert!(matches!(table_of.rows[1].cells[2].kind, hir::CellKind::Any));
    assert!(matches!(table_of.rows[2].cells[2].kind, hir::CellKind::Missing));
    // Places are those of the sheet.
    let (_, _, sources) = read(&[("test.ord", table)], &[("a.csv", "use,score,name,result\nown,1,a,2\notherwise,,,0")]);
    assert_eq!(sources[1].line(table_of.rows[0].at.start), 2);
    check("use,score,name,result\nown,1,a\n", "E0412 own,1,a");
    check("use,scre,name,result\nown,1,a,2\notherwise,,,0", "E0201 scre");
    check("use,result\nown,nothing\notherwise,0", "W0202 score; W0202 name; E0201 nothing");
    check("", "E0412 ");
    let (_, said, sources) = read(&[("test.ord", table)], &[]);
    assert_eq!(list(&said, &sources), "E0623 \"a.csv\"");
}

#[test]
fn modules() {
    let lists = ("lists.ord", "module corp.lists\nset good: set<int> = { 1 }\ndefine even(x: int) means x > 1");
    let with = |text: &str, expected: &str| {
        let text = format!("module own\n{text}\naction act {{ n: int }}");
        check_files(&[("own.ord", &text), lists], expected);
        check_files(&[lists, ("own.ord", &text)], expected);
    };
    with("import corp.lists { good, even }\npolicy p { rule r on act { permit when n in good and even(n) } }", "");
    with("import corp.lists { good as fine }\npolicy p { rule r on act { permit when n in fine } }", "");
    with(
        "import corp.lists\npolicy p { rule r on act { permit when n in lists.good and lists.even(n) and n in corp.lists.good } }",
        "",
    );
    with("import corp.lists as l\npolicy p { rule r on act { permit when n in l.good and l.even(n) } }", "");
    with("policy p { rule r on act { permit when n in good } }", "E0201 good");
    with("policy p { rule r on act { permit when n in corp.lists.good } }", "E0201 corp.lists");
    with("import corp.list { good }\npolicy p { rule r on act { permit when n in good } }", "E0204 corp.list");
    with("import corp.lists { goood }\npolicy p { rule r on act { permit when n in goood } }", "E0206 goood");
    with("import corp.lists\npolicy p { rule r on act { permit when n in lists.goood } }", "E0206 goood");
    with("import corp.lists { good }\npolicy p { rule r on act { permit when n > 1 } }", "W0202 good");
    with("import corp.lists\npolicy p { rule r on act { permit when n > 1 } }", "W0202 corp.lists");
    with(
        "import corp.lists { good }\nset good: set<int> = { 1 }\npolicy p { rule r on act { permit when n in good } }",
        "E0203 good",
    );
    with("import std.calendar\npolicy p { rule r on act { permit when calendar.is_month_end(today) } }", "");
    with("import std.calendar { is_month_end }\npolicy p { rule r on act { permit when is_month_end(today) } }", "");
    with("import std.calender\npolicy p { rule r on act { permit when calender.x(today) } }", "E0204 std.calender");
    check_files(&[("a.ord", "module m"), ("b.ord", "module m")], "E0212 m");
    check_files(&[("a.ord", "entity A"), ("b.ord", "entity A")], "E0203 A");
    check_files(&[("x/a.ord", "set s: set<int> = { 1 }"), ("b.ord", "import a { s }\nset t: set<int> = s")], "");
}

#[test]
fn leftovers() {
    let unused = "enum E { a }\nrecord R { x: int }\nentity K\nduty d(x: int)\nrole r\nset s: set<int> = { 1 }\ndata t: set<int>\n\
        define f(x: int) means x > 1\ntable g(x: int) -> int { | x || result | | 1 || 1 | otherwise 0 }\nlet v = 1\ngroup h = act\n\
        export define e(x: int) means x > 1\ncontrol c \"c\"\naction act { n: int }\n";
    let policy = "policy p { rule q on act { let z = n permit when n > 1 } }";
    check_files(&[("a.ord", unused)], "");
    check_files(
        &[("a.ord", &format!("{unused}{policy}"))],
        "W0202 E; W0202 R; W0202 K; W0202 d; W0202 r; W0202 s; W0202 t; W0202 f; W0202 g; W0202 v; W0202 h; W0202 z",
    );
}

#[test]
fn clauses_find_their_place() {
    check(
        "rule r on pay { let x = amount when x > 1 unless x > 5 deny when word is \"a\" may be waived by officer because \"no\" code \"C\" source \"s\" implements soc \"1\" effective from 2026-01-01 }",
        "",
    );
    check(
        "rule r on pay { require amount > 1 when word is \"a\" otherwise \"few\" code \"A\" require memo is present permit when amount < 5 must tell(\"a\", \"b\") }",
        "",
    );
    check(
        "rule r on pay { permit must tell(\"a\", \"{amount}\") when amount > 1\n within 2 days otherwise tell(\"c\", \"d\")\n once done }",
        "",
    );
    check("rule r on pay { permit must tell(\"a\", \"b\")\n when amount > 1 }", "E0113 when amount > 1");
    check("rule r on pay { because \"x\" deny }", "E0111 deny");
    check("rule r on pay { deny code \"x\" because \"y\" }", "E0111 because \"y\"");
    check("rule r on pay { deny let x = 1 when amount > x }", "E0111 let x = 1");
    check("rule r on pay { deny because \"x\" when amount > 1 }", "E0111 when amount > 1");
    check("rule r on pay { permit may be waived by officer }", "E0111 may be waived by officer");
    check("rule r on pay { permit within 2 days }", "E0111 within 2 days");
    check("rule r on pay { deny otherwise \"x\" }", "E0111 otherwise \"x\"");
    check("rule r on pay { permit once done }", "E0111 once done");
    check("rule r on pay { sum of amount permit }", "E0111 sum of amount");
    check("rule r on pay { deny because \"a\" because \"b\" }", "E0112 because \"b\"");
    check("rule r on pay { needs approval of officer within 1 hour within 2 hours }", "E0112 within 2 hours");
    check("rule r on pay { require amount > 1 otherwise \"a\" otherwise \"b\" }", "E0112 otherwise \"b\"");
    check("rule r on pay { deny when amount > 1 deny when amount < 0 }", "E0112 deny");
    check("rule r on pay { permit deny when amount > 1 }", "E0118 deny");
    check("rule r on pay { require amount > 1 deny }", "E0118 deny");
    check("rule r on pay { lift require amount > 1 }", "E0118 require amount > 1");
    check("rule r on pay { permit permit with approval of officer }", "E0118 permit with approval of officer");
    check("title \"a\" title \"b\"", "E0112 title \"b\"");
    check("zone \"Europe/Berlin\"", "");
    check("zone \"Europe/Berln\"", "E0201 \"Europe/Berln\"");
    check("rule r on pay { deny source \"{amount}\" }", "E0114 amount");
    check("rule r on pay { permit must tel(\"a\", \"b\") }", "E0201 tel");
    check("rule r on pay { permit must officer(\"a\", \"b\") }", "E0209 officer");
    check("rule r on pay { deny implements scc }", "E0201 scc");
    check("rule r on pay { needs approval of oficer }", "E0201 oficer");
    check(
        "rule r on pay { needs approval of officer where (approver.tier > 1 and approver is not actor) and auditor }",
        "",
    );
    check("rule r on pay { deny } rule r on pay { permit }", "E0203 r");
}

#[test]
fn limits() {
    check(
        "limit l on pay { when amount > 1 sum of amount per actor, word within 24 hours at most 5 otherwise needs approval of officer at 80% must tell(\"a\", \"b\") because \"x\" }",
        "",
    );
    check("limit l on pay { count this session at most 5 otherwise deny }", "");
    check("limit l on pay { count at most 5 }", "E0409 l");
    check("limit l on pay { within 1 hour at most 5 }", "E0409 l");
    check("limit l on pay { count within 1 hour }", "E0409 l");
    check("limit l on pay { count within 1 hour at most 5 must tell(\"a\", \"b\") }", "E0111 must tell(\"a\", \"b\")");
    check("limit l on pay { count within 1 hour at most 5 deny }", "E0111 deny");
    check("limit l on pay { count within 1 hour at most 5 otherwise permit }", "E0111 otherwise permit");
    check("limit l on pay { within 1 hour count at most 5 }", "E0111 count");
    check("limit l on pay { count count within 1 hour at most 5 }", "E0112 count");
}

#[test]
fn overrides() {
    check("rule a on pay { deny } rule b on pay overrides a { lift when amount > 1 }", "");
    check("rule a on pay { deny } rule b on pay overrides aa { lift when amount > 1 }", "E0402 aa");
    check(
        "policy q { rule a on pay overridable { deny } }\npolicy o under q { rule b on pay overrides a, q.a { lift } }",
        "",
    );
    check(
        "policy q { rule a on pay overridable { deny } }\npolicy o { rule b on pay overrides q.a { lift } }",
        "E0402 q.a",
    );
    check("policy q { rule a on pay { deny } }\npolicy o { rule b on pay overrides a { lift } }", "E0402 a");
    check("policy o under qq { rule b on pay { deny } }", "E0201 qq");
}

#[test]
fn fixes_move_and_mend() {
    fixes(
        "  rule r on pay {\n    because \"x\"\n    deny when amount > 1\n  }",
        "  rule r on pay {\n    deny when amount > 1\n    because \"x\"\n  }",
    );
    fixes(
        "  rule r on pay {\n    deny\n    because \"x\"\n    when amount > 1\n  }",
        "  rule r on pay {\n    deny when amount > 1\n    because \"x\"\n  }",
    );
    fixes("  rule r on pay { because \"x\" deny }", "  rule r on pay { deny because \"x\" }");
    fixes("  rule r on pay { deny when amont > 1 }", "  rule r on pay { deny when amount > 1 }");
    fixes("  rule r on pay { deny when word is \"{amount}\" }", "  rule r on pay { deny when word is '{amount}' }");
    fixes(
        "  rule r on pay { deny when word is \"'{amount}\" }",
        "  rule r on pay { deny when word is \"'\\{amount}\" }",
    );
}

#[test]
fn fixtures_and_tests() {
    let policy =
        "policy p { rule small on pay { permit when amount < 5 } rule hear on ping { must tell(\"a\", \"b\") } }\n";
    let with = |text: &str, expected: &str| check(&format!("{policy}{text}"), expected);
    let base = "let ann = Person(\"ann\") in Team(\"t\") { tier: 1, color: red }\n\
        let one = pay { actor: ann, target: Team(\"t\"), amount: 1, word: \"w\", color: red, land: DE }\n";
    let with_base = |steps: &str, expected: &str| with(&format!("{base}test \"t\" {{\n{steps}\n}}"), expected);
    with_base("request one with { amount: 2 }\nexpect permit by small", "");
    with_base("request one\nexpect deny by otherwise", "");
    with_base("request one\nexpect permit by smal", "E0201 smal");
    with_base("request one\nexpect permit by p.small", "");
    with_base("request one with { amont: 2 }", "E0202 amont");
    with_base("request one with { team_id: \"x\" }", "E0202 team_id");
    with_base("request one\nrequest two", "E0201 two");
    with_base("request one\nrequest ann", "E0415 ann");
    with_base("request one\nrequest payy { amount: 1 }", "E0201 payy");
    with_base("request ping { score: 1 }\nrequest one", "E0209 ping { score: 1 }");
    with_base("event one", "E0209 one");
    with_base("event ping { actor: ann, score: 0.5 }\nexpect must tell(\"a\", \"b\")\nrequest one", "");
    with_base("context { risk: 0.5 }\nrequest one", "");
    with_base("context { rsk: 0.5 }\nrequest one", "E0202 rsk");
    with_base("data fx: { USD: 1, EUR: 1.1 }\nrequest one", "");
    with_base("data fx: { USD: 1, USD: 1.1 }\nrequest one", "E0203 USD");
    with_base("at 2026-03-03 10:00 \"UTD\"\nrequest one", "E0201 \"UTD\"");
    with_base("origins word: list_rows.id, amount: ()\nrequest one", "");
    with_base("origins word: list_rows.idd\nrequest one", "E0202 idd");
    with_base(
        "past one repeated 2 times 1 hour ago\npast list_rows { actor: ann } returned [Row { id: \"a\", color: red }] 1 hour ago",
        "",
    );
    with_base("request one\napproved by ann as oficer", "E0201 oficer");
    with_base("request one\nexpect error E9999", "E0201 E9999");
    with_base("request one\nexpect error E0506", "");
    with(
        &format!(
            "{base}test \"t\" {{ request one }}\nlet three = two with {{ amount: 1 }}\nlet two = one with {{ amount: 2 }}\ntest \"u\" {{ request three }}"
        ),
        "",
    );
    let versions = "policy q { effective from 2026-01-01 until 2026-06-30 rule v on pay { permit } }\n\
        policy q { effective from 2026-07-01 rule v on pay { permit } }\n";
    let text =
        format!("{versions}{base}test \"t\" {{ at 2026-08-01 10:00 request one expect permit by v }}\n{SETTING}");
    let (package, said, sources) = read(&[("test.ord", &text)], &[]);
    assert!(said.iter().all(|one| one.code == Code::W0202), "{}", list(&said, &sources));
    let last = package.tests[0].steps.last().unwrap();
    let hir::StepKind::ExpectVerdict { by: Some(by), .. } = &last.kind else { panic!("{last:?}") };
    assert_eq!(by.as_slice(), [hir::Determining::Rule(hir::RuleId(1))]);
}

/// Time grows with the length of the text, also where every name is wrong.
#[test]
fn hostile_texts_end() {
    let many = |line: &dyn Fn(usize) -> String| (0..3000).map(line).collect::<String>();
    let texts = [
        many(&|at| format!("let a{at} = a{} with {{ n: 1 }}\n", at + 1)),
        many(&|at| format!("define f{at}(x: int) -> int = f{}(x)\n", (at + 1) % 3000)),
        many(&|at| format!("record R{at} {{ a: R{} }}\n", at + 1)),
        format!(
            "action act {{ n: int }}\npolicy p {{ {} }}",
            many(&|at| format!("rule r{at} on act overrides x{at} {{ deny when nn{at} > 1 }}\n"))
        ),
        format!(
            "action act {{ n: int }}\npolicy p {{ rule r on act {{ {} permit }} }}",
            many(&|at| format!("let a{} = a{at}\n", at + 1))
        ),
    ];
    for text in texts {
        let (_, said, _) = read(&[("test.ord", &text)], &[]);
        assert!(!said.is_empty());
    }
}

/// How long a large policy takes: the question of `cargo bench`, asked here where a growth with the square would show.
#[test]
#[allow(clippy::disallowed_methods, reason = "time is what is tested")]
fn a_large_policy_takes_no_longer_a_line() {
    let time = |rules: usize| {
        let text: String = (0..rules)
            .map(|at| {
                format!(
                    "  rule r{at} on pay {{\n    deny\n      when amount is more than {at} and word starts with \"a\"\n        \
                     and any(p in past pay by actor on target within 1 day where p.amount is amount)\n      \
                     unless land in banned or color is red\n    because \"{{actor}} may not pay {{amount}}.\"\n  }}\n"
                )
            })
            .collect();
        let source = Source::new("test.ord", format!("policy p {{\n{text}}}\n{SETTING}"));
        let (tree, said) = parse::parse(&source, FileId(0));
        assert!(said.is_empty(), "{said:?}");
        let start = std::time::Instant::now();
        let modules: Vec<Source> =
            ordain_stdlib::MODULES.iter().map(|module| Source::new(module.name, module.text)).collect();
        let trees: Vec<_> = std::iter::once(tree).chain(modules.iter().map(|_| crate::ast::File::default())).collect();
        let sources: Vec<Source> = std::iter::once(source).chain(modules).collect();
        let (package, _) = resolve(&sources, &trees, &BTreeMap::new());
        assert_eq!(package.rules.len(), rules);
        start.elapsed()
    };
    // The best of a few, since the machine does other things as well.
    let best = |rules: usize| (0..5).map(|_| time(rules)).min().unwrap_or_default();
    let (small, large) = (best(150), best(1500));
    // Ten times the text; a growth with the square would be a hundred times.
    assert!(large < small * 60, "{small:?} {large:?}");
}
