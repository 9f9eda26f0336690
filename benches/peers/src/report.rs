//! What criterion measured as a Markdown table: one for each workload, one column a size where there are sizes.
//! `benches/peers.rs` calls it at the end of a run; it reads criterion's own estimates, so it says what criterion says.

use crate::contender::{JSON, STRUCT, Session, group};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// The tables of a run. `results` is the folder that criterion wrote into.
pub fn tables(session: &Session, results: &Path) -> String {
    let mut medians = BTreeMap::new();
    for key in &session.order {
        let (workload, form, contender) = key;
        if let Some(median) = median(results, &group(workload, form), contender) {
            medians.insert(key.clone(), median);
        }
    }
    let mut families: Vec<&str> = vec![];
    for (workload, _, _) in &session.order {
        let family = family(workload);
        if !families.contains(&family) {
            families.push(family);
        }
    }
    let mut text = String::new();
    for of in families {
        let sized = session.order.iter().any(|(workload, _, _)| family(workload) == of && workload != of);
        let _ = writeln!(text, "### {of}\n");
        text += &if sized { by_size(session, &medians, of) } else { by_form(session, &medians, of) };
        text += "\n";
    }
    text
}

type Key = (String, String, String);

/// `W4a` of `W4a, 100 rules`.
fn family(workload: &str) -> &str {
    workload.split_once(", ").map_or(workload, |(family, _)| family)
}

fn contenders<'a>(session: &'a Session, of: &str) -> Vec<&'a str> {
    let mut found = vec![];
    for (workload, _, contender) in &session.order {
        if family(workload) == of && !found.contains(&contender.as_str()) {
            found.push(contender.as_str());
        }
    }
    found
}

/// One workload: struct and JSON side by side, each with its ratio to the first row.
fn by_form(session: &Session, medians: &BTreeMap<Key, f64>, of: &str) -> String {
    let rows = contenders(session, of);
    let get = |form: &str, contender: &str| medians.get(&(of.to_owned(), form.to_owned(), contender.to_owned()));
    let first = |form: &str| rows.iter().find_map(|contender| get(form, contender).copied());
    let mut text =
        "| | struct | × | p99 | JSON | × | p99 | ready |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
            .to_owned();
    for contender in &rows {
        let mut cells = vec![];
        for form in [STRUCT, JSON] {
            let slow = session.slow.get(&(of.to_owned(), form.to_owned(), (*contender).to_owned()));
            match (get(form, contender), first(form), slow) {
                (Some(median), Some(first), Some(slow)) => {
                    cells.extend([duration(*median), times(median / first), duration(slow.as_nanos() as f64)]);
                }
                _ => cells.extend(["", "", ""].map(str::to_owned)),
            }
        }
        let ready = session.ready.get(&(of.to_owned(), (*contender).to_owned()));
        cells.push(ready.map_or(String::new(), |ready| duration(ready.as_nanos() as f64)));
        let _ = writeln!(text, "| {contender} | {} |", cells.join(" | "));
    }
    text
}

/// A workload of several sizes, from a struct: a column a size, and what it takes from text to ready at the largest.
fn by_size(session: &Session, medians: &BTreeMap<Key, f64>, of: &str) -> String {
    let mut sizes: Vec<&str> = vec![];
    for (workload, _, _) in session.order.iter().filter(|(workload, _, _)| family(workload) == of) {
        if !sizes.contains(&workload.as_str()) {
            sizes.push(workload);
        }
    }
    let names: Vec<&str> = sizes.iter().map(|size| size.split_once(", ").map_or(*size, |(_, size)| size)).collect();
    let mut text = format!("| | {} | ready |\n| --- |{} ---: |\n", names.join(" | "), " ---: |".repeat(sizes.len()));
    for contender in contenders(session, of) {
        let mut cells: Vec<String> = vec![];
        let mut ready: Option<Duration> = None;
        for size in &sizes {
            let median = medians.get(&((*size).to_owned(), STRUCT.to_owned(), contender.to_owned()));
            cells.push(median.map_or(String::new(), |median| duration(*median)));
            ready = session.ready.get(&((*size).to_owned(), contender.to_owned())).copied().or(ready);
        }
        cells.push(ready.map_or(String::new(), |ready| duration(ready.as_nanos() as f64)));
        let _ = writeln!(text, "| {contender} | {} |", cells.join(" | "));
    }
    text
}

/// Criterion's point estimate of the median, in nanoseconds.
fn median(results: &Path, group: &str, contender: &str) -> Option<f64> {
    let path = results.join(group).join(contender).join("new/estimates.json");
    let text = std::fs::read_to_string(path).ok()?;
    let estimates: serde_json::Value = serde_json::from_str(&text).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}

fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    let digits = if value < 10.0 { 1 } else { 0 };
    format!("{value:.digits$} {unit}")
}

fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}
