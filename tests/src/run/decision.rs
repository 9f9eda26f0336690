//! Holds an answer against what a `decision` block says of it, in its short form or as JSON.

use serde_json::Value as Json;

/// What is not as said, if anything.
pub fn compare(wanted: &str, answer: &Json) -> Option<String> {
    if wanted.starts_with('{') {
        return match serde_json::from_str::<Json>(wanted) {
            Ok(wanted) => differs(&wanted, answer, "").map(|(path, wanted, found)| {
                format!("at {path}: wanted {wanted}, found {found}\nthe answer is {answer}")
            }),
            Err(error) => Some(format!("the expected JSON can't be read: {error}")),
        };
    }
    let found = short(answer);
    (normal(wanted) != found).then(|| format!("wanted {}\nfound  {found}\nthe answer is {answer}", normal(wanted)))
}

/// The short form of an answer; lists in order of their texts.
pub fn short(answer: &Json) -> String {
    if let Some(error) = answer.get("error") {
        let more = answer.get("more").and_then(Json::as_array).into_iter().flatten();
        return errors(std::iter::once(error).chain(more));
    }
    if let Some(recorded) = answer.get("recorded") {
        let warnings = answer.get("warnings").and_then(Json::as_array).into_iter().flatten();
        let codes: Vec<&str> = warnings.filter_map(|warning| warning["code"].as_str()).collect();
        let with = if codes.is_empty() { String::new() } else { format!(" with {}", codes.join(", ")) };
        return format!("recorded {}{with}", recorded.as_str().unwrap_or_default());
    }
    let context = &answer["context"];
    let problems = context["errors"].as_array().cloned().unwrap_or_default();
    if problems.iter().any(|problem| problem["code"].as_str().is_some_and(|code| code.starts_with("E06"))) {
        return errors(problems.iter());
    }
    let rules = context["rules"].as_array().into_iter().flatten();
    let mut rules: Vec<&str> = rules.filter_map(|rule| rule["rule"].as_str()).collect();
    rules.sort_unstable();
    let by = if rules.is_empty() { String::new() } else { format!(" by {}", rules.join(", ")) };
    format!("{}{by}", context["verdict"].as_str().unwrap_or_default())
}

fn errors<'j>(problems: impl Iterator<Item = &'j Json>) -> String {
    let mut said: Vec<String> = problems
        .map(|problem| {
            let code = problem["code"].as_str().unwrap_or_default();
            match problem["path"].as_str() {
                Some(path) if !path.is_empty() => format!("{code} at {path}"),
                _ => code.to_string(),
            }
        })
        .collect();
    said.sort_unstable();
    format!("error {}", said.join(", "))
}

/// The same with its list in order.
fn normal(wanted: &str) -> String {
    let wanted = wanted.trim();
    let (head, list) = match (wanted.strip_prefix("error "), wanted.split_once(" by ")) {
        (Some(list), _) => ("error ".to_string(), list),
        (None, Some((verdict, list))) => (format!("{verdict} by "), list),
        (None, None) => return wanted.to_string(),
    };
    let mut list: Vec<&str> = list.split(',').map(str::trim).collect();
    list.sort_unstable();
    head + &list.join(", ")
}

/// The first member that is wanted and differs: its path, what was wanted, and what was found.
fn differs(wanted: &Json, found: &Json, path: &str) -> Option<(String, String, String)> {
    let different = || Some((path.to_string(), wanted.to_string(), found.to_string()));
    match (wanted, found) {
        (Json::Object(members), Json::Object(_)) => members.iter().find_map(|(name, wanted)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match found.get(name) {
                Some(found) => differs(wanted, found, &path),
                None => Some((path, wanted.to_string(), "nothing".to_string())),
            }
        }),
        (Json::Array(items), Json::Array(others)) if items.len() == others.len() => {
            let pairs = items.iter().zip(others).enumerate();
            pairs.into_iter().find_map(|(at, (wanted, found))| differs(wanted, found, &format!("{path}[{at}]")))
        }
        _ if wanted == found => None,
        _ => different(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_forms() {
        let denied = json!({"context": {"verdict": "deny", "rules": [{"rule": "b"}, {"rule": "a"}], "errors": []}});
        assert_eq!(compare("deny by b,a", &denied), None);
        assert!(compare("deny by a", &denied).is_some());
        assert!(compare("deny", &denied).is_some());
        let wrong = json!({"context": {"verdict": "deny", "rules": [], "errors": [{"code": "E0607", "path": "a.b"}]}});
        assert_eq!(compare("error E0607 at a.b", &wrong), None);
        assert!(compare("error E0607", &wrong).is_some());
        let warned = json!({"recorded": "r", "warnings": [{"code": "W0601"}]});
        assert_eq!(compare("recorded r with W0601", &warned), None);
        assert!(compare("recorded r", &warned).is_some());
    }

    #[test]
    fn members_of_json() {
        let found = json!({"a": {"b": [1, 2]}, "c": null});
        assert_eq!(compare(r#"{"a": {"b": [1, 2]}}"#, &found), None);
        assert!(compare(r#"{"a": {"b": [1]}}"#, &found).is_some());
        assert!(compare(r#"{"d": null}"#, &found).is_some());
    }
}
