//! What a run has measured, as plain data. `contender.rs`, `past.rs`, `threads.rs`, `stages.rs` and `batch.rs` fill it;
//! `report.rs`, `goals.rs` and `plots.rs` read it. Times are nanoseconds.

use std::collections::BTreeMap;

/// The forms of input.
pub const STRUCT: &str = "struct";
pub const JSON: &str = "JSON";

/// Rows that others are held against.
pub const BY_HAND: &str = "Rust by hand";
pub const SERDE_JSON: &str = "serde_json alone, no decision";

/// What a time is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// `W1`, `W4a, 100 rules`
    pub workload: String,
    pub form: String,
    pub contender: String,
}

impl Key {
    pub fn new(workload: &str, form: &str, contender: &str) -> Key {
        Key { workload: workload.to_owned(), form: form.to_owned(), contender: contender.to_owned() }
    }
}

#[derive(Debug, Default)]
pub struct Measured {
    /// In the order in which they came.
    pub order: Vec<Key>,
    pub medians: BTreeMap<Key, f64>,
    /// 99th percentiles.
    pub slow: BTreeMap<Key, f64>,
    /// From text to the first decision, by workload and contender.
    pub ready: BTreeMap<(String, String), f64>,
    /// Heap allocations of a decision.
    pub allocations: BTreeMap<Key, f64>,
    /// How long a line of JSON is on average, by workload.
    pub bytes: BTreeMap<String, f64>,
    pub threads: Vec<Threads>,
    pub stages: Vec<Stages>,
    pub past: Vec<Past>,
    pub batch: Option<Batch>,
}

/// Decisions a second, from structs.
#[derive(Debug)]
pub struct Threads {
    pub workload: String,
    pub contender: &'static str,
    /// With one thread, and with two.
    pub rate: [f64; 2],
}

/// What it takes until Ordain decides.
#[derive(Debug)]
pub struct Stages {
    pub workload: String,
    pub text_to_program: f64,
    pub to_machine_code: f64,
    /// From the bytes of a compiled file to the first decision.
    pub file_to_interpreter: f64,
    pub file_to_machine_code: f64,
    /// Of that file, in bytes.
    pub file: usize,
    /// Resident memory in bytes, by how much it grew: the program, and the program with its machine code.
    pub resident: [u64; 2],
}

/// W5 in Ordain's engine, beside the median.
#[derive(Debug)]
pub struct Past {
    /// `W5, 10 × 1000 agents`
    pub workload: String,
    /// Interpreter and machine code, each with two threads: the clock's time divided by all decisions.
    pub together: [f64; 2],
    /// Resident memory in bytes, for each event that is kept.
    pub resident: u64,
}

/// One million requests of W1, one after the other; a request of them.
#[derive(Debug)]
pub struct Batch {
    pub by_hand: f64,
    pub interpreter: f64,
    pub machine_code: f64,
}

impl Measured {
    pub fn median(&self, workload: &str, form: &str, contender: &str) -> Option<f64> {
        self.medians.get(&Key::new(workload, form, contender)).copied()
    }

    /// The fastest of them.
    pub fn fastest(&self, workload: &str, form: &str, of: &[&str]) -> Option<f64> {
        of.iter().filter_map(|contender| self.median(workload, form, contender)).min_by(f64::total_cmp)
    }
}
