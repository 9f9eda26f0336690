//! What was measured as Markdown: a table for each workload, one column a size where there are sizes, and tables of what is
//! measured of Ordain alone. `benches/peers.rs` prints them at the end of a run, and writes them into `benches/README.md`.

use crate::measured::{BY_HAND, JSON, Key, Measured, STRUCT};
use ordain_workloads::text;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// What the run itself was like.
pub struct Run {
    /// The machine's load average of a minute, before and after.
    pub load: [String; 2],
    pub took: Duration,
}

const BEGIN: &str = "<!-- tables: begin -->\n";
const END: &str = "<!-- tables: end -->\n";

/// Puts them in the place of those of the run before.
pub fn write_between_markers(readme: &Path, tables: &str) -> std::io::Result<()> {
    let text = std::fs::read_to_string(readme)?;
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| std::io::Error::other("the two markers are not there"))?;
    std::fs::write(readme, format!("{before}{BEGIN}\n{}\n\n{END}{after}", tables.trim()))
}

/// The tables of a run.
pub fn tables(run: &Run, measured: &Measured) -> String {
    let mut families: Vec<&str> = vec![];
    for key in &measured.order {
        let family = family(&key.workload);
        if !families.contains(&family) {
            families.push(family);
        }
    }
    let mut text = told(run);
    for of in families {
        let sized = measured.order.iter().any(|key| family(&key.workload) == of && key.workload != of);
        let table = if sized { by_size(measured, of) } else { by_form(measured, of) };
        let _ = writeln!(text, "### {of}\n\n{table}");
    }
    let of_ordain: [(&str, String); 4] = [
        ("W5 in Ordain: two threads and memory", past(measured)),
        ("Decisions a second, from structs", threads(measured)),
        ("A million requests of W1 as rows", batch(measured)),
        ("Until Ordain decides", stages(measured)),
    ];
    for (title, table) in of_ordain.iter().filter(|(_, table)| !table.is_empty()) {
        let _ = writeln!(text, "### {title}\n\n{table}");
    }
    text
}

/// When, on what, and beside what else.
fn told(run: &Run) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i64);
    let day = text::time(now).chars().take(10).collect::<String>();
    let [before, after] = &run.load;
    let minutes = run.took.as_secs_f64() / 60.0;
    let threads = std::thread::available_parallelism().map_or(0, usize::from);
    format!(
        "Run of {day} on {threads} processors ({}), {}; {minutes:.0} minutes. Load average of the machine {before} before \
         the run, {after} at its end, of which the run itself makes 1, and 2 where there are two threads.\n\n",
        processor(),
        compiler(),
    )
}

fn processor() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or("unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

fn compiler() -> String {
    let told = Command::new("rustc").arg("--version").output().map(|told| told.stdout).unwrap_or_default();
    String::from_utf8_lossy(&told).split(' ').take(2).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// The machine's load average of a minute.
pub fn load() -> String {
    let told = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    told.split(' ').next().unwrap_or_default().to_owned()
}

/// `W4a` of `W4a, 100 rules`.
fn family(workload: &str) -> &str {
    workload.split_once(", ").map_or(workload, |(family, _)| family)
}

/// `1,000 rules` of `W4a, 1000 rules`.
fn size(workload: &str) -> String {
    let words = workload.split_once(", ").map_or(workload, |(_, size)| size).split(' ');
    let words = words.map(|word| word.parse().map_or(word.to_owned(), grouped));
    words.collect::<Vec<_>>().join(" ")
}

/// `W4a, 1,000 rules` of `W4a, 1000 rules`.
fn named(workload: &str) -> String {
    match workload.split_once(", ") {
        Some((family, _)) => format!("{family}, {}", size(workload)),
        None => workload.to_owned(),
    }
}

/// `1,000,000`
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

fn contenders<'m>(measured: &'m Measured, of: &str) -> Vec<&'m str> {
    let mut found = vec![];
    for key in measured.order.iter().filter(|key| family(&key.workload) == of) {
        if !found.contains(&key.contender.as_str()) {
            found.push(key.contender.as_str());
        }
    }
    found
}

/// One workload: struct and JSON side by side, each with its ratio to the code by hand.
fn by_form(measured: &Measured, of: &str) -> String {
    let mut text = head(&["struct", "×", "p99", "allocations", "JSON", "×", "p99", "allocations", "ready"]);
    for contender in contenders(measured, of) {
        let mut cells = vec![];
        for form in [STRUCT, JSON] {
            let key = Key::new(of, form, contender);
            let (median, first) = (measured.medians.get(&key), measured.median(of, form, BY_HAND));
            cells.push(cell(median, |median| duration(*median)));
            cells.push(cell(median.zip(first), |(median, first)| times(median / first)));
            cells.push(cell(measured.slow.get(&key), |slow| duration(*slow)));
            cells.push(cell(measured.allocations.get(&key), |each| count(*each)));
        }
        let ready = measured.ready.get(&(of.to_owned(), contender.to_owned()));
        cells.push(cell(ready, |ready| duration(*ready)));
        text += &row(contender, &cells);
    }
    text
}

/// A workload of several sizes, from a struct: a column a size, and what it takes from text to ready at the largest.
fn by_size(measured: &Measured, of: &str) -> String {
    let mut sizes: Vec<&str> = vec![];
    for key in measured.order.iter().filter(|key| family(&key.workload) == of) {
        if !sizes.contains(&key.workload.as_str()) {
            sizes.push(&key.workload);
        }
    }
    let of_each = |contender: &str, values: &dyn Fn(&Key) -> Option<f64>| -> Vec<String> {
        let values = sizes.iter().map(|size| values(&Key::new(size, STRUCT, contender)));
        values.map(|value| cell(value, duration)).collect()
    };
    let ready = |contender: &str| {
        let last = sizes.iter().rev().find_map(|size| measured.ready.get(&((*size).to_owned(), contender.to_owned())));
        last.copied()
    };
    let rows = contenders(measured, of);
    let names: Vec<String> = sizes.iter().map(|workload| size(workload)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let has_ready = rows.iter().any(|contender| ready(contender).is_some());
    let mut text = head(&names.iter().copied().chain(has_ready.then_some("ready")).collect::<Vec<_>>());
    for contender in &rows {
        let mut cells = of_each(contender, &|key| measured.medians.get(key).copied());
        if has_ready {
            cells.push(cell(ready(contender), duration));
        }
        text += &row(contender, &cells);
    }
    let _ = writeln!(text, "\np99:\n\n{}", head(&names).trim_end());
    for contender in &rows {
        text += &row(contender, &of_each(contender, &|key| measured.slow.get(key).copied()));
    }
    text
}

fn threads(measured: &Measured) -> String {
    let mut workloads: Vec<&str> = measured.threads.iter().map(|of| of.workload.as_str()).collect();
    workloads.dedup();
    if workloads.is_empty() {
        return String::new();
    }
    let heads: Vec<String> = workloads.iter().flat_map(|of| [format!("{of}, 1 thread"), format!("{of}, 2")]).collect();
    let mut text = head(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    let mut contenders: Vec<&str> = vec![];
    for of in &measured.threads {
        if !contenders.contains(&of.contender) {
            contenders.push(of.contender);
        }
    }
    for contender in contenders {
        let rates = measured.threads.iter().filter(|of| of.contender == contender).flat_map(|of| of.rate);
        text += &row(contender, &rates.map(rate).collect::<Vec<_>>());
    }
    text
}

fn stages(measured: &Measured) -> String {
    if measured.stages.is_empty() {
        return String::new();
    }
    let mut text = head(&[
        "text to program",
        "program to machine code",
        "file to first decision, interpreter",
        "file to first decision, machine code",
        "file",
        "memory",
        "memory with machine code",
    ]);
    for of in &measured.stages {
        let times = [of.text_to_program, of.to_machine_code, of.file_to_interpreter, of.file_to_machine_code];
        let memory = [of.file as f64, of.resident[0] as f64, of.resident[1] as f64];
        let cells: Vec<String> = times.into_iter().map(duration).chain(memory.into_iter().map(bytes)).collect();
        text += &row(&named(&of.workload), &cells);
    }
    text
}

fn batch(measured: &Measured) -> String {
    let Some(batch) = &measured.batch else { return String::new() };
    let mut text = head(&["a row", "rows a second", "of the loop's speed"]);
    let rows = [
        ("a loop by hand over the structs", batch.by_hand),
        ("Ordain, machine code, through a binding", batch.machine_code),
        ("Ordain, interpreter, through a binding", batch.interpreter),
    ];
    for (name, each) in rows {
        text += &row(name, &[duration(each), rate(1e9 / each), format!("{:.2} ×", batch.by_hand / each)]);
    }
    text
}

fn past(measured: &Measured) -> String {
    if measured.past.is_empty() {
        return String::new();
    }
    let mut text = head(&["interpreter, 2 threads", "machine code, 2 threads", "memory of an event"]);
    for of in &measured.past {
        let [interpreter, machine_code] = of.together.map(duration);
        text += &row(&size(&of.workload), &[interpreter, machine_code, format!("{} B", of.resident)]);
    }
    text
}

// Cells

fn head(columns: &[&str]) -> String {
    format!("| | {} |\n| --- |{}\n", columns.join(" | "), " ---: |".repeat(columns.len()))
}

fn row(name: &str, cells: &[String]) -> String {
    format!("| {name} | {} |\n", cells.join(" | "))
}

fn cell<T>(value: Option<T>, write: impl FnOnce(T) -> String) -> String {
    value.map_or(String::new(), write)
}

pub fn duration(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n if n < 1e9 => (n / 1e6, "ms"),
        n => (n / 1e9, "s"),
    };
    let digits = if value < 10.0 { 1 } else { 0 };
    format!("{value:.digits$} {unit}")
}

pub fn times(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.1}") } else { format!("{ratio:.0}") }
}

pub fn count(each: f64) -> String {
    if each.fract() == 0.0 || each >= 10.0 { format!("{each:.0}") } else { format!("{each:.1}") }
}

fn rate(a_second: f64) -> String {
    match a_second {
        rate if rate < 1e6 => format!("{:.0} k", rate / 1e3),
        rate => format!("{:.1} M", rate / 1e6),
    }
}

fn bytes(count: f64) -> String {
    match count {
        count if count < 1e3 => format!("{count:.0} B"),
        count if count < 1e6 => format!("{:.0} kB", count / 1e3),
        count => format!("{:.1} MB", count / 1e6),
    }
}
