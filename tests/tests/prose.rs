//! Plain English: what is said of a package, and that packages that differ in meaning are not said alike.

mod common;

use common::root;
use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::partial;
use ordain_compiler::prose;
use ordain_compiler::source::Source;
use ordain_tests::markdown::blocks;
use ordain_tests::prepare::setting;
use ordain_vm::program::{Place, Program};
use std::path::Path;

fn checked(sources: Vec<Source>) -> Option<Checked> {
    analyse(&Input { sources, ..Input::default() }).checked().ok()
}

/// What is said of each package of `cases/prose.md`. `UPDATE=1` writes it anew.
#[test]
fn pages_are_as_shown() {
    let path = root().join("tests/cases/prose.md");
    let cases = std::fs::read_to_string(&path).expect("the cases can be read");
    let mut made = cases.clone();
    for pair in blocks(&cases).chunks(2) {
        let [policy, page] = pair else { panic!("a policy stands before each page") };
        let analysis =
            analyse(&Input { sources: vec![Source::new("policy.ord", policy.text.as_str())], ..Input::default() });
        let wrong: Vec<_> = analysis.diagnostics.iter().filter(|found| !found.is_warning()).cloned().collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let found = prose::page(&analysis.checked().expect("it has no errors"), "blake3:…");
        made = made.replacen(&format!("```page\n{}```", page.text), &format!("```page\n{found}```"), 1);
    }
    if std::env::var_os("UPDATE").is_some() {
        return std::fs::write(&path, &made).expect("the cases can be written");
    }
    assert!(made == cases, "{made}\nUPDATE=1 writes this to {}", path.display());
}

/// Names that people would write alike stay as they are.
#[test]
fn names_that_differ_read_differently() {
    let page = |used: &str| {
        let text = format!(
            "entity Agent\naction pay by Agent {{ n: int }}\ndefine is_small(n: int) means n < 5\n\
             define isSmall(n: int) means n < 500\npolicy p {{ rule r on pay {{ permit when {used}(n) }} }}"
        );
        prose::page(&checked(vec![Source::new("policy.ord", text.as_str())]).expect("it has no errors"), "")
    };
    assert!(
        page("is_small").contains("‘is_small’ holds for the n".replace('_', "\\_").as_str()),
        "{}",
        page("is_small")
    );
    assert_ne!(page("is_small"), page("isSmall"));
}

/// The program without its text and places: what decides.
fn meaning(checked: &Checked) -> String {
    let mut program: Program = partial(checked).0;
    program.files.clear();
    for function in &mut program.functions {
        function.places.fill(Place::default());
    }
    for policy in &mut program.policies {
        policy.digest = "".into();
        (policy.place, policy.name_at) = (Place::default(), Place::default());
    }
    for rule in &mut program.rules {
        rule.place = Place::default();
    }
    format!("{program:?}")
}

/// Words that turn a meaning round.
const TURNED: &[(&str, &str)] = &[
    ("and", "or"),
    ("or", "and"),
    ("least", "most"),
    ("most", "least"),
    ("more", "less"),
    ("less", "more"),
    ("when", "unless"),
    ("unless", "when"),
    ("permit", "deny"),
    ("deny", "permit"),
    ("present", "missing"),
    ("missing", "present"),
    ("any", "all"),
    ("all", "any"),
    ("any", "none"),
    ("sum", "max"),
    ("count", "distinct"),
    ("hour", "day"),
    ("hours", "days"),
    ("days", "weeks"),
    ("actor", "target"),
    ("session", "day"),
    ("true", "false"),
    ("false", "true"),
    ("returned", "failed"),
    ("latest", "earliest"),
    ("starts", "ends"),
    ("ends", "starts"),
    ("USD", "EUR"),
];

/// The places of words and numbers that stand in no test.
fn words(text: &str) -> Vec<std::ops::Range<usize>> {
    let end = text.find("\ntest \"").unwrap_or(text.len());
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found: Vec<std::ops::Range<usize>> = vec![];
    for (at, letter) in text[..end].char_indices().filter(|(_, letter)| is_part(*letter)) {
        let behind = at + letter.len_utf8();
        match found.last_mut() {
            Some(last) if last.end == at => last.end = behind,
            _ => found.push(at..behind),
        }
    }
    found
}

/// What else could stand in the place of a word: a number one more, the opposite, a name from close by.
fn others(text: &str, all: &[std::ops::Range<usize>], at: usize) -> Vec<String> {
    let word = &text[all[at].clone()];
    if let Ok(number) = word.replace('_', "").parse::<u64>() {
        return vec![(number + 1).to_string()];
    }
    let mut others: Vec<String> =
        TURNED.iter().filter(|(of, _)| *of == word).map(|(_, other)| other.to_string()).collect();
    let near = all[at.saturating_sub(6)..(at + 6).min(all.len())].iter().map(|place| &text[place.clone()]);
    others.extend(near.filter(|near| *near != word).map(str::to_string));
    others.dedup();
    others
}

/// One word of a package is another (`ORDAIN_CASES`: so many of each file): where that is a package, too, and decides otherwise, it is said otherwise.
#[test]
fn what_decides_otherwise_is_said_otherwise() {
    let (mut compared, mut unseen) = (0, vec![]);
    let most = setting("ORDAIN_CASES").map_or(20, |most| most as usize);
    for folder in ["payables", "airline", "assistant"] {
        let folder = root().join("examples").join(folder);
        let mut names: Vec<_> =
            std::fs::read_dir(&folder).expect("an example").map(|file| file.expect("a file").path()).collect();
        names.retain(|path| path.extension().is_some_and(|end| end == "ord"));
        names.sort();
        let read = |path: &Path| std::fs::read_to_string(path).expect("a source");
        let files: Vec<(String, String)> = names
            .iter()
            .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), read(path)))
            .collect();
        let sources = |files: &[(String, String)]| {
            files.iter().map(|(name, text)| Source::new(name.as_str(), text.as_str())).collect()
        };
        let first = checked(sources(&files)).expect("an example has no errors");
        let (meant, said) = (meaning(&first), prose::page(&first, ""));
        for number in 0..files.len() {
            let text = files[number].1.clone();
            let places = words(&text);
            // So many words, all over the text.
            let step = (places.len() / most).max(1);
            for at in (0..places.len()).step_by(step) {
                for other in others(&text, &places, at).into_iter().take(2) {
                    let mut changed = files.clone();
                    changed[number].1.replace_range(places[at].clone(), &other);
                    let Some(package) = checked(sources(&changed)) else { continue };
                    if meaning(&package) == meant {
                        continue;
                    }
                    compared += 1;
                    let line = text[..places[at].start].matches('\n').count() + 1;
                    if prose::page(&package, "") == said {
                        unseen.push(format!(
                            "{} line {line}: `{other}` in the place of `{}`: {}",
                            files[number].0,
                            &text[places[at].clone()],
                            changed[number].1.lines().nth(line - 1).unwrap_or("").trim()
                        ));
                    }
                }
            }
        }
    }
    println!("{compared} packages that decide otherwise");
    assert!(unseen.is_empty(), "{} are said alike:\n{}", unseen.len(), unseen.join("\n"));
    assert!(compared > 20 || most < 20, "only {compared}");
}
