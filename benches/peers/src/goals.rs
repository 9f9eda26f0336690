//! What was wanted, beside what was measured: every row of the goals, worked out from what this run measured. Why a goal is
//! missed is told by hand, in `benches/README.md`.

use crate::measured::{BY_HAND, JSON, Measured, SERDE_JSON, STRUCT};
use crate::ordain::{Engine, Interpreted, MachineCode};
use crate::report::{count, duration, times};
use crate::who::{EXPRESSION_ENGINES, POLICY_ENGINES};

const SMALL: [&str; 3] = ["W1", "W2", "W3"];

/// How much longer still counts as the same, on a machine that others use.
const SAME: f64 = 1.25;

/// What was found of a goal: nothing where what it asks was not measured in this run.
type Found = Option<(String, bool)>;

pub fn table(measured: &Measured) -> String {
    let rows: Vec<(&str, String, Found)> = vec![
        ("machine code, struct, W1 to W3", "at most 1.5 × by hand".into(), by_hand::<MachineCode>(measured, 1.5)),
        against::<MachineCode>(measured, "expression engine", &EXPRESSION_ENGINES, 75.0),
        against::<MachineCode>(measured, "policy engine", &POLICY_ENGINES, 150.0),
        ("interpreter, struct, W1 to W3", "at most 4 × by hand".into(), by_hand::<Interpreted>(measured, 4.0)),
        against::<Interpreted>(measured, "expression engine", &EXPRESSION_ENGINES, 30.0),
        (
            "machine code, JSON in one pass, W1 to W3",
            "at most 1.0 × `serde_json` alone, into a struct that borrows".into(),
            json(measured),
        ),
        ("the same, W1", "under 0.5 µs for 300 bytes".into(), three_hundred_bytes(measured)),
        ("the same, W1 to W3", "at least 14 × faster than the fastest peer".into(), json_against_peers(measured)),
        ("W4a, machine code, 10,000 rules against 10", "at most 2 ×".into(), more_rules::<MachineCode>(measured)),
        ("W4a, interpreter, the same", "at most 2 ×".into(), more_rules::<Interpreted>(measured)),
        ("W4b, machine code, 10,000 rules", "at most 1.5 × a bitmap index by hand".into(), bitmap(measured)),
        (
            "W5, 1,000,000 events a key, decide and record, machine code",
            "at most 3 × W1".into(),
            long_past(measured, "W1", 3.0),
        ),
        (
            "the same",
            "the same as with 10 events (within a quarter)".into(),
            long_past(measured, "W5, 10 × 1000 agents", SAME),
        ),
        (
            "bits and determining rules recorded, against the verdict only",
            "at most 1.1 ×".into(),
            Some(("can't be measured: nobody can ask for the verdict only, every decision records them".into(), false)),
        ),
        ("a million requests, rows, machine code", "at least 0.7 × the speed of a loop by hand".into(), rows(measured)),
        (
            "a million requests, columns",
            "at least 2 × the speed of that loop".into(),
            Some(("there is no interface for columns".into(), false)),
        ),
        ("text to verified program, 1,000 rules", "under 50 ms".into(), stage(measured, 50.0, |of| of.text_to_program)),
        ("from there to machine code", "under 30 ms".into(), stage(measured, 30.0, |of| of.to_machine_code)),
        ("heap allocations in a decision, W1 to W3", "0".into(), allocations(measured)),
    ];
    let mut text = "### Goals\n\n| figure | goal | measured | met? |\n| --- | --- | --- | --- |\n".to_owned();
    for (figure, goal, found) in rows {
        let (told, met) = match found {
            Some((told, met)) => (told, if met { "yes" } else { "no" }),
            None => ("not in this run".to_owned(), ""),
        };
        text += &format!("| {figure} | {goal} | {told} | {met} |\n");
    }
    text
}

/// One figure for each of W1 to W3, and whether all are as wanted.
fn each(figure: impl Fn(&str) -> Option<(String, bool)>) -> Found {
    let found: Option<Vec<(String, bool)>> = SMALL.iter().map(|workload| figure(workload)).collect();
    let found = found?;
    let told = SMALL.iter().zip(&found).map(|(workload, (told, _))| format!("{workload} {told}")).collect::<Vec<_>>();
    Some((told.join(", "), found.iter().all(|(_, met)| *met)))
}

fn by_hand<E: Engine>(measured: &Measured, most: f64) -> Found {
    each(|workload| {
        let ratio = measured.median(workload, STRUCT, E::NAME)? / measured.median(workload, STRUCT, BY_HAND)?;
        Some((format!("{} ×", times(ratio)), ratio <= most))
    })
}

/// How many times faster than the fastest of them; beside it, how many times the code by hand itself is.
fn against<E: Engine>(measured: &Measured, kind: &str, peers: &[&str], least: f64) -> (&'static str, String, Found) {
    let found = each(|workload| {
        let peer = measured.fastest(workload, STRUCT, peers)?;
        let ratio = peer / measured.median(workload, STRUCT, E::NAME)?;
        let by_hand = peer / measured.median(workload, STRUCT, BY_HAND)?;
        Some((format!("{} × (code by hand {} ×)", times(ratio), times(by_hand)), ratio >= least))
    });
    ("the same", format!("at least {least} × faster than the fastest {kind}"), found)
}

fn json(measured: &Measured) -> Found {
    each(|workload| {
        let alone = measured.median(workload, JSON, SERDE_JSON)?;
        let ratio = measured.median(workload, JSON, MachineCode::NAME)? / alone;
        Some((format!("{} ×", times(ratio)), ratio <= 1.0))
    })
}

fn three_hundred_bytes(measured: &Measured) -> Found {
    let (taken, bytes) = (measured.median("W1", JSON, MachineCode::NAME)?, measured.bytes.get("W1")?);
    Some((format!("{} for {bytes:.0} bytes", duration(taken)), taken * 300.0 / bytes < 500.0))
}

fn json_against_peers(measured: &Measured) -> Found {
    each(|workload| {
        let peers = [EXPRESSION_ENGINES.as_slice(), &POLICY_ENGINES].concat();
        let peer = measured.fastest(workload, JSON, &peers)?;
        let ratio = peer / measured.median(workload, JSON, MachineCode::NAME)?;
        let by_hand = peer / measured.median(workload, JSON, BY_HAND)?;
        Some((format!("{} × (code by hand {} ×)", times(ratio), times(by_hand)), ratio >= 14.0))
    })
}

fn more_rules<E: Engine>(measured: &Measured) -> Found {
    let [few, many] = [10, 10_000].map(|rules| measured.median(&format!("W4a, {rules} rules"), STRUCT, E::NAME));
    let ratio = many? / few?;
    Some((format!("{} ×: {} against {}", times(ratio), duration(many?), duration(few?)), ratio <= 2.0))
}

fn bitmap(measured: &Measured) -> Found {
    let of = |contender| measured.median("W4b, 10000 rules", STRUCT, contender);
    let (own, index) = (of(MachineCode::NAME)?, of("Rust by hand, bitmap index")?);
    Some((format!("{} ×: {} against {}", times(own / index), duration(own), duration(index)), own <= 1.5 * index))
}

fn long_past(measured: &Measured, beside: &str, most: f64) -> Found {
    let long = measured.median("W5, 1000000 × 1 agent", STRUCT, MachineCode::NAME)?;
    let other = measured.median(beside, STRUCT, MachineCode::NAME)?;
    let ratio = long / other;
    Some((format!("{} ×: {} against {}", times(ratio), duration(long), duration(other)), ratio <= most))
}

fn rows(measured: &Measured) -> Found {
    let batch = measured.batch.as_ref()?;
    let speed = batch.by_hand / batch.machine_code;
    Some((format!("{speed:.2} ×"), speed >= 0.7))
}

fn stage(measured: &Measured, most: f64, of: impl Fn(&crate::measured::Stages) -> f64) -> Found {
    let found = |family: &str| {
        let name = format!("{family}, 1000 rules");
        measured.stages.iter().find(|stages| stages.workload == name).map(&of)
    };
    let (a, b) = (found("W4a")?, found("W4b")?);
    Some((format!("W4a {}, W4b {}", duration(a), duration(b)), a.max(b) < most * 1e6))
}

fn allocations(measured: &Measured) -> Found {
    let all = measured
        .allocations
        .iter()
        .filter(|(key, _)| [MachineCode::NAME, Interpreted::NAME].contains(&&*key.contender));
    let most = all.map(|(_, each)| *each).max_by(f64::total_cmp)?;
    Some((format!("{}, by struct and by JSON, interpreter and machine code", count(most)), most == 0.0))
}
