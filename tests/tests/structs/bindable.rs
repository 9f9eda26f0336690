//! The types that can be bound, read from where they are implemented: a new one has to have a field in a struct here.

use crate::common::root;
use crate::shape::Row;

/// Types that no row has.
pub fn without_a_field(rows: &[Row]) -> Vec<String> {
    let has = |ty: &String| {
        let open = ty.ends_with(['<', '[']);
        rows.iter().any(|row| if open { row.rust.starts_with(ty) } else { row.rust == *ty })
    };
    all().into_iter().filter(|ty| !has(ty)).collect()
}

/// As rows write them; of one with parameters, what stands before them.
fn all() -> Vec<String> {
    let mut all = vec![];
    for file in ["field", "texts", "many", "entity"] {
        let path = root().join(format!("vm/src/bind/{file}.rs"));
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let mut in_table = false;
        for line in text.lines() {
            let row = line.trim();
            if let Some(counts) = line.strip_prefix("counts!(").and_then(|counts| counts.strip_suffix(");")) {
                all.extend(counts.split(", ").map(|ty| format!("{ty} in digits")));
            } else if let Some((_, ty)) = line.strip_suffix(" {").and_then(|line| line.split_once(" Field for ")) {
                all.push(head(ty));
            } else if !line.starts_with([' ', '}']) {
                in_table = line.ends_with("! {");
            } else if in_table && line.starts_with(' ') && !row.starts_with("//") {
                // `bool: Type::Bool, …`, `&str, |of| …`, `Vec<T>;`, `[, S] HashSet<T, S>;`
                let ty = row.split(": Type").next().and_then(|row| row.split(", |").next()).unwrap_or(row);
                let ty = ty.trim_end_matches(';');
                all.push(head(if ty.starts_with('[') { ty.split_once("] ").map_or(ty, |(_, ty)| ty) } else { ty }));
            }
        }
    }
    // A macro's own, and what an option holds is bound.
    all.retain(|ty| !ty.contains('$') && ty != "Option<");
    all
}

fn head(ty: &str) -> String {
    let ty = ty.rsplit("::").next().unwrap_or(ty).replace('&', "&'static ");
    let end = match ty.find(['<', '[']) {
        Some(at) if !ty.contains("<str>") => at + if ty[at..].starts_with("<[") { 2 } else { 1 },
        Some(_) | None => ty.len(),
    };
    ty[..end].to_string()
}

#[test]
fn tables_are_found() {
    let all = all();
    for ty in ["bool", "Duration", "Decimal", "IpRange", "Cow<", "&'static Arc<str>", "&'static [", "Box<[", "HashMap<"]
    {
        assert!(all.iter().any(|found| found == ty), "{ty} is not in {all:?}");
    }
    assert!(all.len() > 45, "{all:?}");
}
