//! A fragment and its setting to a whole file: imports go before the setting, rules into its policy, declarations behind it.
//! `run` calls it. It looks only at where parts begin; whether they are right is the compiler's to say.

/// A part of a file: from a line that is not indented up to the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first word.
    pub word: String,
    pub text: String,
    /// The line on which it begins, counted from 0.
    pub line: usize,
}

/// Words that begin a member of a policy.
const MEMBERS: [&str; 11] = [
    "rule",
    "limit",
    "title",
    "version",
    "owner",
    "effective",
    "zone",
    "calendar",
    "governs",
    "otherwise",
    "implements",
];

/// A text whose lines know where they were written.
#[derive(Clone, Debug, Default)]
pub struct Completed {
    pub text: String,
    /// By line of `text`: the line of the Markdown.
    pub lines: Vec<usize>,
}

impl Completed {
    pub fn push(&mut self, text: &str, first: usize) {
        for (at, line) in text.lines().enumerate() {
            self.text.push_str(line);
            self.text.push('\n');
            self.lines.push(first + at);
        }
    }

    /// Where a line of `text`, from 1, was written.
    pub fn line(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).or(self.lines.last()).copied().unwrap_or(1)
    }
}

/// The parts of a text. A comment or documentation belongs to the part that follows.
pub fn parts(text: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![];
    let mut comment: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let begins = line.chars().next().is_some_and(|first| first.is_alphabetic() || first == '`');
        if line.starts_with("//") {
            let (_, text) = comment.get_or_insert((at, String::new()));
            text.push_str(line);
            text.push('\n');
            continue;
        }
        if begins || parts.is_empty() {
            let word = line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            let (start, text) = comment.take().unwrap_or((at, String::new()));
            parts.push(Part { word: word.to_string(), text, line: start });
        }
        if let Some(part) = parts.last_mut() {
            if let Some((_, text)) = comment.take() {
                part.text.push_str(&text);
            }
            part.text.push_str(line);
            part.text.push('\n');
        }
    }
    parts
}

/// The fragment as a whole file. `setting` and `fragment` come with the line on which each begins.
pub fn complete(setting: Option<(&str, usize)>, fragment: (&str, usize)) -> Completed {
    let mut whole = Completed::default();
    let (text, first) = fragment;
    let given = parts(text);
    let Some((setting, setting_line)) = setting.filter(|_| given.iter().all(|part| part.word != "module")) else {
        whole.push(text, first);
        return whole;
    };
    let own_policy = given.iter().any(|part| part.word == "policy");
    let setting: Vec<Part> = parts(setting)
        .into_iter()
        .filter(|part| !(is_setting_test(part) || own_policy && part.word == "policy"))
        .collect();
    let policy = setting.iter().rposition(|part| part.word == "policy");
    let member = |part: &&Part| policy.is_some() && MEMBERS.contains(&&*part.word);
    let import = |part: &&Part| part.word == "import";
    for part in given.iter().filter(import) {
        whole.push(&part.text, first + part.line);
    }
    for (at, part) in setting.iter().enumerate() {
        let start = setting_line + part.line;
        let close = part.text.rfind('}').filter(|_| Some(at) == policy);
        let Some(close) = close else {
            whole.push(&part.text, start);
            continue;
        };
        whole.push(&part.text[..close], start);
        for part in given.iter().filter(member) {
            whole.push(&part.text, first + part.line);
        }
        whole.push(&part.text[close..], start + part.text[..close].matches('\n').count());
    }
    for part in given.iter().filter(|part| !member(part) && !import(part)) {
        whole.push(&part.text, first + part.line);
    }
    whole
}

fn is_setting_test(part: &Part) -> bool {
    part.word == "test" && part.text.starts_with("test \"setting\"")
}

/// The steps of the setting's test `setting`, which come before those of every test.
pub fn setting_steps(setting: &str) -> Option<String> {
    let part = parts(setting).into_iter().find(is_setting_test)?;
    let (from, to) = (part.text.find('{')?, part.text.rfind('}')?);
    Some(part.text[from + 1..to].trim().to_string())
}

/// Puts steps at the start of each test.
pub fn with_steps(text: &str, steps: &str) -> String {
    parts(text)
        .into_iter()
        .map(|part| match part.text.find("\" {") {
            Some(at) if part.word == "test" => format!("{} {steps} {}", &part.text[..at + 3], &part.text[at + 3..]),
            _ => part.text,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_go_into_the_policy_and_the_rest_behind() {
        let setting = "entity A\npolicy p {\n  governs a\n}\nlet x = 1\ntest \"setting\" { at 2026-01-01 }\n";
        let whole = complete(Some((setting, 10)), ("// why\nrule r on a {\n  permit\n}\ntest \"t\" { }\n", 50));
        assert_eq!(
            whole.text,
            "entity A\npolicy p {\n  governs a\n// why\nrule r on a {\n  permit\n}\n}\nlet x = 1\ntest \"t\" { }\n"
        );
        assert_eq!(whole.lines, [10, 11, 12, 50, 51, 52, 53, 13, 14, 54]);
        assert_eq!(setting_steps(setting).as_deref(), Some("at 2026-01-01"));
    }

    #[test]
    fn a_policy_of_its_own_replaces_the_setting_s() {
        let whole = complete(Some(("entity A\npolicy p { }\n", 1)), ("policy q { }\n", 9));
        assert_eq!(whole.text, "entity A\npolicy q { }\n");
        let whole = complete(Some(("entity A\n", 1)), ("entity B\nimport m\n", 9));
        assert_eq!((&*whole.text, whole.lines), ("import m\nentity A\nentity B\n", vec![10, 1, 9]));
        let whole = complete(Some(("entity A\n", 1)), ("module m\nentity B\n", 9));
        assert_eq!(whole.text, "module m\nentity B\n");
    }

    #[test]
    fn steps_come_first() {
        assert_eq!(with_steps("test \"a\" {\n  x\n}\n", "s"), "test \"a\" { s \n  x\n}\n");
    }
}
