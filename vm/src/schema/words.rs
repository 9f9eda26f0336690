//! Words for messages about what came from outside: quoted, shortened, and the name that was probably meant.

/// In backticks, at most 60 characters, control characters as escapes.
pub fn quote(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == 60 {
            shown.push('…');
            break;
        }
        if c.is_control() {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown + "`"
}

/// The candidate that was probably meant: the fewest letters changed, added, left out or swapped, and few enough of them.
/// Of two that are as near, the first.
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.chars().take(65).flat_map(char::to_lowercase).collect();
    if wanted.len() > 64 {
        return None;
    }
    let allowed = if wanted.len() < 3 { 0 } else { (wanted.len() / 3).max(1) };
    let mut best = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().take(65).flat_map(char::to_lowercase).collect();
        let distance = distance(&wanted, &letters);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How many letters are changed, added, left out, or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = vec![];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// ` Did you mean `x`?` where something is near, and otherwise nothing.
pub(crate) fn did_you_mean<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(wanted, candidates).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default()
}

/// `a`, `a and b`, `a, b and c`; of more than eight the first and how many more there are.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>, last: &str) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "nothing".to_string(),
        [one] => one.clone(),
        many if many.len() > 8 => format!("{} {last} {} more", many[..8].join(", "), many.len() - 8),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// E0610
pub(crate) fn text_too_long(length: usize, most: u32) -> String {
    format!("The text has {length} characters, but at most {most} are allowed.")
}

/// E0611
pub(crate) fn list_too_long(length: usize, most: u32) -> String {
    format!("The list has {length} entries, but at most {most} are allowed.")
}
