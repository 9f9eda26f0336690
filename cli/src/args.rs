//! The command line, declared. `main` parses it, each command reads its own part.

use clap::{Parser, Subcommand, ValueEnum};
use ordain_vm::value::Instant;
use std::num::NonZeroU8;
use std::path::PathBuf;

/// Governance policies: checked before they run, decided, and explained.
#[derive(Parser, Debug)]
#[command(name = "ordain", version, propagate_version = true)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Say what is wrong with a policy, before it runs
    Check(Check),
    /// Write policies in their one form
    Fmt(Fmt),
    /// Run the tests that stand in a policy
    Test(Test),
    /// Decide one request
    Eval(Eval),
    /// Answer a stream of requests and records, a line for each line
    Replay(Replay),
    /// Compile a policy into one file
    Build(Build),
    /// Show what is in a compiled policy
    Inspect(Inspect),
    /// Say in plain English what a policy decides; or print the page of a code, such as E0302
    Explain(Explain),
}

#[derive(clap::Args, Debug)]
pub struct Check {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`)
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub format: CheckFormat,
    /// The moment at which expired rules are judged, such as 2026-03-03T15:00:00Z; without it they are not
    #[arg(long, value_parser = moment)]
    pub now: Option<Instant>,
    /// Warnings, too, make the exit code 1
    #[arg(long)]
    pub deny_warnings: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people, with the source
    Human,
    /// One object with the `diagnostics`
    Json,
    /// SARIF 2.1.0, for code review
    Sarif,
}

#[derive(clap::Args, Debug)]
pub struct Fmt {
    /// `.ord` files, or folders with an `ordain.toml`
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; name the files that would change, and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
}

#[derive(clap::Args, Debug)]
pub struct Test {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`)
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Only the tests whose name holds this text; where none does, the exit code is 1
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Say which rules stood, which conditions were seen both ways, and which table rows were hit
    #[arg(long)]
    pub coverage: bool,
    #[arg(long, value_enum, default_value_t = TestFormat::Human)]
    pub format: TestFormat,
    #[command(flatten)]
    pub data: DataFiles,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    Human,
    /// One object a test, and one of the coverage
    Json,
    /// JUnit's XML, for build servers
    Junit,
}

/// Files that stand in for those that `ordain.toml` names.
#[derive(clap::Args, Debug, Default)]
pub struct DataFiles {
    /// The value of a `data` declaration, from a JSON or CSV file
    #[arg(long = "data", value_name = "NAME=FILE", value_parser = name_and_file)]
    pub data: Vec<(String, PathBuf)>,
}

#[derive(clap::Args, Debug)]
pub struct Running {
    /// The engine that decides, with the same answers; without it `vm` for one request, `jit` for a stream, and with
    /// --explain `reference`
    #[arg(long, value_enum)]
    pub engine: Option<Engine>,
    /// Add every condition with the values it saw, the rules that came nearest, and what would have changed the verdict
    #[arg(long)]
    pub explain: bool,
    /// The entity store: an array of entities in JSON
    #[arg(long, value_name = "FILE")]
    pub entities: Option<PathBuf>,
    #[command(flatten)]
    pub data: DataFiles,
    /// The clock of requests that have no time of their own, such as 2026-03-03T15:00:00Z
    #[arg(long, value_parser = moment)]
    pub now: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    /// The policy compiled to machine code
    Jit,
    /// The policy compiled to bytecode
    Vm,
    /// The specification as a program
    Reference,
}

#[derive(clap::Args, Debug)]
pub struct Eval {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`)
    pub path: PathBuf,
    /// The request, in JSON; `-` is standard input
    #[arg(long, value_name = "FILE|-")]
    pub request: PathBuf,
    #[command(flatten)]
    pub running: Running,
}

#[derive(clap::Args, Debug)]
pub struct Replay {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`)
    pub path: PathBuf,
    /// The stream, a JSON object a line; `-` is standard input
    #[arg(long, value_name = "FILE|-")]
    pub requests: PathBuf,
    /// What becomes of a request that was permitted
    #[arg(long, value_enum, default_value_t = OnPermit::Perform)]
    pub on_permit: OnPermit,
    /// How many threads read lines and write answers; one decides, in the order of the stream
    #[arg(long, value_name = "N", default_value = "1", value_parser = threads)]
    pub threads: NonZeroU8,
    /// A summary for people, or an answer a line; by default the summary on a terminal and the lines elsewhere
    #[arg(long, value_enum)]
    pub format: Option<ReplayFormat>,
    #[command(flatten)]
    pub running: Running,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnPermit {
    /// It counts as performed at its own time, until a line takes that back
    Perform,
    /// It stays reserved until a line says what became of it
    Reserve,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    Human,
    Jsonl,
}

#[derive(clap::Args, Debug)]
pub struct Build {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`)
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The file to write; by default the name of the package, or else of its folder or file, and `.ordc`, here
    #[arg(short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(clap::Args, Debug)]
pub struct Inspect {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`)
    pub path: PathBuf,
    #[arg(long, value_enum, default_value_t = InspectFormat::Human)]
    pub format: InspectFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InspectFormat {
    Human,
    /// One object
    Json,
}

#[derive(clap::Args, Debug)]
pub struct Explain {
    /// A `.ord` file, a folder with an `ordain.toml`, or a compiled policy (`.ordc`); or a code, such as E0302
    #[arg(value_name = "PATH|CODE")]
    pub of: String,
    /// One rule or limit, as `rule` or `policy.rule`; without it the whole package
    pub rule: Option<String>,
    /// Where the page is written, in Markdown; without it, it is printed
    #[arg(short)]
    pub output: Option<PathBuf>,
}

fn threads(text: &str) -> Result<NonZeroU8, String> {
    text.parse().map_err(|_| "a number from 1 to 255 is wanted".to_string())
}

fn moment(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| "a moment is wanted, such as 2026-03-03T15:00:00Z".to_string())
}

fn name_and_file(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("NAME=FILE is wanted, such as fx=rates.json")?;
    if name.is_empty() || file.is_empty() {
        return Err("NAME=FILE is wanted, such as fx=rates.json".to_string());
    }
    Ok((name.to_string(), PathBuf::from(file)))
}
