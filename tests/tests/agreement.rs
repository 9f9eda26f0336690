//! The engines agree: generated packages and requests through the reference engine, the interpreter and machine code.
//! `ORDAIN_SEED=n` runs one seed, `ORDAIN_CASES=n` so many packages; a failure names the seed that shows it.

#[path = "agreement/changed.rs"]
mod changed;
#[path = "agreement/compare.rs"]
mod compare;
#[path = "agreement/edges.rs"]
mod edges;
#[path = "agreement/forms.rs"]
mod forms;
#[path = "agreement/spoil.rs"]
mod spoil;

use changed::{Changed, HISTORIES, How};
use compare::Pair;
use ordain_compiler::analysis::Checked;
use ordain_compiler::emit::emit;
use ordain_jit::{Effort, Native};
use ordain_reference::{Engine, Options};
use ordain_stdlib::Standard;
use ordain_tests::generate::keyed::keyed;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::used::Used;
use ordain_tests::generate::{Grants, Package, long, package};
use ordain_tests::prepare::{checked, data, setting, with_digests};
use ordain_vm::answer::Answer;
use ordain_vm::decide::decide;
use ordain_vm::engine::{self as vm, OnPermit};
use ordain_vm::explain::detail;
use ordain_vm::history::{EntryState, History, MemoryHistory};
use ordain_vm::interp::Around;
use ordain_vm::op::{Arith, Cmp, Label, Op, Stance, TextTest, Word};
use ordain_vm::program::said::OfRule;
use ordain_vm::program::{Otherwise, Program};
use ordain_vm::request::{Line, Reader, Request};
use ordain_vm::value::Instant;
use ordain_vm::verify::verify;
use spoil::spoil;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How many lines were compared, and how many of them were decisions.
#[derive(Debug, Default)]
struct Compared {
    lines: u64,
    decisions: u64,
    rules: u64,
    accumulators: u64,
    readings: u64,
    /// Requests that were put together piece by piece, too.
    built: u64,
    /// Rules that stood.
    stood: BTreeSet<String>,
    /// Duties that came due, and codes of errors.
    told: BTreeSet<String>,
}

/// How it is told that a program does not verify.
const REFUSED: &str = "refused: ";

/// Sends the package's lines through all engines, each with a history of its own: the interpreter gets a request as it is
/// read of JSON, machine code one that is put together by `RequestBuilder`. Every other package keeps its permits as
/// reservations; of some the history is known not to be complete.
fn run(
    package: &Package,
    checked: &Arc<Checked>,
    compared: &mut Compared,
    plant: Plant,
    used: Option<&mut Used>,
) -> Result<(), String> {
    let schema = checked.schema();
    let data = data(package, &schema);
    let mut program = emit(checked).expect("all of the language is compiled");
    (plant.program)(&mut program);
    compared.rules += program.rules.len() as u64;
    compared.accumulators += program.accumulators.len() as u64;
    compared.readings += program.readings.len() as u64;
    let verified = Arc::new(verify(program, &Standard).map_err(|refusal| format!("{REFUSED}{refusal}"))?);
    let history = || Changed { inner: MemoryHistory::default(), how: plant.history };
    let (on_permit, reference) = match package.seed % 2 {
        0 => (OnPermit::Perform, ordain_reference::OnPermit::Perform),
        _ => (OnPermit::Reserve, ordain_reference::OnPermit::Reserve),
    };
    let options = vm::Options { on_permit, ..vm::Options::default() };
    let mut tried = vec![("interpreted", vm::Engine::new(verified.clone(), data.clone(), history(), options))];
    if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
        // To make it in full takes longer than most packages do.
        let effort = if package.seed.is_multiple_of(9) { Effort::Full } else { Effort::Little };
        let native = Native::with(&verified, effort).expect("there is machine code for this processor");
        let program = vm::Runnable { verified: verified.clone(), run: Arc::new(native) };
        let engine = vm::Engine::new(program, data.clone(), history(), options);
        tried.push(("by machine code", engine));
    }
    let (pair, mut engine) = (Pair { checked }, Engine::new(checked.clone(), data));
    if package.seed % 7 == 3 {
        let since = Instant::parse("2026-03-02T00:00:00Z").expect("an instant");
        engine.set_complete_since(since);
        tried.iter().for_each(|(_, tried)| tried.history().set_complete_since(since));
    }
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let (mut work, mut digests, mut used) = (vm::Work::default(), BTreeMap::new(), used);
    if let Some(used) = &mut used {
        used.checked(checked);
        used.program(verified.program());
    }
    for line in &package.lines {
        let text = with_digests(line, &digests);
        let read = reader.line(text.as_bytes());
        let built = forms::built(&schema, &text, &read).map_err(|wrong| format!("{text}\n{wrong}"))?;
        compared.built += u64::from(built.is_some());
        let Ok(line) = read else { continue };
        compared.lines += 1;
        let expected = engine.answer(line.clone(), Options { on_permit: reference, ..Options::default() });
        for (number, (how, tried)) in tried.iter().enumerate() {
            let line = if number == 0 { &line } else { built.as_ref().unwrap_or(&line) };
            let reply = tried.answer(line.clone(), &mut work);
            let wrong = pair.compare(&reply, &expected);
            if !wrong.is_empty() {
                return Err(format!("{text}\n{how}: {}", wrong.join("\n")));
            }
            if let Some(used) = &mut used {
                used.answered(&reply);
            }
        }
        let Answer::Decision(decided) = expected else { continue };
        compared.decisions += 1;
        let stood = decided.context.rules.iter().chain(&decided.context.trial);
        compared.stood.extend(stood.map(|rule| rule.rule.to_string()));
        compared.told.extend(decided.context.duties.iter().map(|duty| duty.duty.to_string()));
        compared.told.extend(decided.context.errors.iter().map(|error| error.code.to_string()));
        if let (Some(id), Some(digest)) = (&decided.context.id, &decided.context.request) {
            digests.insert(id.to_string(), digest.to_string());
        }
    }
    Ok(())
}

/// Tests run side by side, each with every so many-th package.
const PARTS: u64 = 4;
/// Packages of a part, and lines of a package, some of which no engine is asked with, since they are malformed.
const PACKAGES: u64 = 250;
const LINES: usize = 235;
/// So many pairs of a program and an input each engine answers: 200,000 in all.
const PAIRS: u64 = 50_000;

/// One of the parts. Where a seed is given, the first runs it alone.
fn part(number: u64) {
    let given = setting("ORDAIN_CASES");
    let seeds: Vec<u64> = match setting("ORDAIN_SEED") {
        Some(seed) if number == 0 => (seed..seed + given.unwrap_or(1)).collect(),
        Some(_) => return,
        None => (0..given.unwrap_or(PARTS * PACKAGES)).filter(|seed| seed % PARTS == number).collect(),
    };
    let mut compared = Compared::default();
    for seed in &seeds {
        let package = long(*seed, LINES);
        let outcome =
            catch_unwind(AssertUnwindSafe(|| run(&package, &checked(&package), &mut compared, Plant::none(), None)));
        let files = || package.files.iter().map(|file| file.text()).collect::<String>();
        let again =
            format!("run again: ORDAIN_SEED={seed} cargo nextest run -p ordain-tests --test agreement engines_agree_0");
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(wrong)) => panic!("{}\n{wrong}\n{again}", files()),
            Err(panic) => {
                eprintln!("{again}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{compared:?}");
    if given.is_none() && setting("ORDAIN_SEED").is_none() {
        assert!(compared.lines >= PAIRS, "only {} pairs were compared", compared.lines);
        assert!(compared.decisions * 2 > compared.lines && compared.built * 2 > compared.lines, "{compared:?}");
    }
}

#[test]
fn engines_agree_0() {
    part(0);
}

#[test]
fn engines_agree_1() {
    part(1);
}

#[test]
fn engines_agree_2() {
    part(2);
}

#[test]
fn engines_agree_3() {
    part(3);
}

/// All that a program can hold is used by what is generated, and all that can arise does.
#[test]
fn everything_is_used() {
    let (mut compared, mut used) = (Compared::default(), Used::default());
    let edges = (0..2).map(edges::package);
    let packages = (0..setting("ORDAIN_CASES").unwrap_or(0).max(300)).map(|seed| long(seed, 40));
    for package in packages.chain(edges).chain((0..2).map(keyed)) {
        if let Err(wrong) = run(&package, &checked(&package), &mut compared, Plant::none(), Some(&mut used)) {
            let files = package.files.iter().map(|file| file.text()).collect::<String>();
            panic!("{files}\nseed {}: {wrong}", package.seed);
        }
    }
    println!("{compared:?}");
    let missing = used.missing();
    assert!(missing.is_empty(), "never used, or used though it is an exception: {}", missing.join(", "));
}

/// Rules that are looked up say what they would say in their order.
#[test]
fn rules_that_are_looked_up() {
    let (mut compared, mut looked_up) = (Compared::default(), 0);
    let cases = setting("ORDAIN_CASES").unwrap_or(40);
    for seed in 0..cases {
        let package = keyed(seed);
        let checked = checked(&package);
        let program = emit(&checked).expect("all of the language is compiled");
        looked_up += program.functions.iter().map(|function| function.selections.len()).sum::<usize>();
        if let Err(wrong) = run(&package, &checked, &mut compared, Plant::none(), None) {
            panic!("{}\n{wrong}\nseed {seed}", package.files[0].text());
        }
    }
    assert!(looked_up as u64 > cases && compared.decisions > 25 * cases, "{compared:?}");
}

/// What is planted in a program, and in the history that it reads.
#[derive(Clone, Copy)]
struct Plant {
    program: fn(&mut Program),
    history: How,
}

impl Plant {
    fn none() -> Plant {
        Plant { program: |_| {}, history: How::Not }
    }
}

/// Changes every instruction for which `change` has another.
fn change(program: &mut Program, change: impl Fn(&Op) -> Option<Op>) {
    let ops = program.functions.iter_mut().flat_map(|function| &mut function.ops);
    ops.for_each(|op| *op = change(op).unwrap_or_else(|| op.clone()));
}

fn said(program: &mut Program, change: impl Fn(&mut OfRule)) {
    program.actions.iter_mut().flat_map(|action| &mut action.said).for_each(change);
}

/// A program with a fault planted in it is told from the reference by one of the first packages.
#[test]
fn planted_faults_are_caught() {
    type Planted = (&'static str, fn(&mut Program));
    let plants: [Planted; 17] = [
        ("a wrong comparison of amounts", |program| {
            change(program, |op| match op {
                Op::CompareWides { how: Cmp::Less, to, left, right } => {
                    Some(Op::CompareWides { how: Cmp::LessOrEqual, to: *to, left: *left, right: *right })
                }
                Op::CompareWides { how: Cmp::GreaterOrEqual, to, left, right } => {
                    Some(Op::CompareWides { how: Cmp::LessOrEqual, to: *to, left: *left, right: *right })
                }
                _ => None,
            });
        }),
        ("an addition that subtracts", |program| {
            change(program, |op| match op {
                Op::Words { how: Arith::Add, to, left, right } => {
                    Some(Op::Words { how: Arith::Subtract, to: *to, left: *left, right: *right })
                }
                _ => None,
            });
        }),
        ("a text that is looked for at the wrong end", |program| {
            change(program, |op| match op {
                Op::TestTexts { how: TextTest::StartsWith, to, of, part } => {
                    Some(Op::TestTexts { how: TextTest::EndsWith, to: *to, of: *of, part: *part })
                }
                Op::TestTexts { how: TextTest::EndsWith, to, of, part } => {
                    Some(Op::TestTexts { how: TextTest::StartsWith, to: *to, of: *of, part: *part })
                }
                _ => None,
            });
        }),
        ("a denial that grants", |program| {
            change(program, |op| match op {
                Op::Stand { rule, stance: Stance::Denial } => Some(Op::Stand { rule: *rule, stance: Stance::Grant }),
                _ => None,
            });
        }),
        ("an override that is dropped", |program| {
            program.actions.iter_mut().for_each(|action| action.overridden.clear())
        }),
        ("a rule that is never in force", |program| {
            program.rules.iter_mut().for_each(|rule| rule.in_force.until = Some(Instant(0)));
        }),
        ("an otherwise that permits", |program| {
            program.policies.iter_mut().for_each(|policy| policy.otherwise = Otherwise::Permit);
        }),
        ("a handler that is forgotten", |program| {
            program.functions.iter_mut().for_each(|function| function.regions.truncate(1));
        }),
        ("a set without its first text", |program| {
            program.text_sets.iter_mut().for_each(|set| {
                set.remove(0);
            });
        }),
        ("a rule on trial that counts", |program| program.rules.iter_mut().for_each(|rule| rule.trial = false)),
        ("a reason that is lost", |program| said(program, |of| of.because = None)),
        ("a duty that is due before the act", |program| {
            said(program, |of| of.duties.iter_mut().for_each(|duty| duty.once_done = false));
        }),
        ("a gate that is said to grant", |program| program.clauses.iter_mut().for_each(|clause| clause.grant = true)),
        ("a place in the wrong line", |program| program.rules.iter_mut().for_each(|rule| rule.place.start += 40)),
        ("a window that begins when it should end", |program| {
            change(program, |op| match op {
                Op::Past { to, reading, first, count, order, like, .. } => {
                    let (to, first, order, like) = (*to, *first, *order, *like);
                    Some(Op::Past { to, reading: *reading, first, count: *count, from: Word(0), order, like })
                }
                _ => None,
            });
        }),
        ("an entry that counts whatever is asked of it", |program| {
            program.functions.iter_mut().filter(|function| function.enters.is_some()).for_each(|function| {
                function.ops.iter_mut().enumerate().for_each(|(at, op)| {
                    if let Op::JumpIfNot { label, .. } = op {
                        *label = Label(at as u32 + 1);
                    }
                });
            });
        }),
        ("a state that is another", |program| {
            program.accumulators.iter_mut().for_each(|accumulator| {
                accumulator.state = match accumulator.state {
                    EntryState::Denied => EntryState::Pending,
                    _ => EntryState::Attempted,
                };
            });
        }),
    ];
    let plants = plants.into_iter().map(|(what, program)| (what, Plant { program, ..Plant::none() }));
    let plants = plants.chain(HISTORIES.map(|(what, history)| (what, Plant { history, ..Plant::none() })));
    let with_check = |package: Package| {
        let checked = checked(&package);
        (package, checked)
    };
    let mut packages: Vec<(Package, Arc<Checked>)> = (0..2).map(|seed| with_check(edges::package(seed))).collect();
    for (what, plant) in plants {
        let caught = (0..300).any(|at| {
            if packages.len() == at {
                packages.push(with_check(package(at as u64, Grants::Any)));
            }
            let (package, checked) = &packages[at];
            let outcome = run(package, checked, &mut Compared::default(), plant, None);
            // To refuse it is no way of noticing what it would do.
            let refused = matches!(&outcome, Err(wrong) if wrong.starts_with(REFUSED));
            assert!(!refused, "{what} is refused: {outcome:?}");
            outcome.is_err()
        });
        assert!(caught, "{what} was not noticed");
    }
}

/// Every rule of that package stands in one of the streams, and what can go wrong does.
#[test]
fn at_the_edges() {
    let mut compared = Compared::default();
    for seed in 0..12 {
        let package = edges::package(seed);
        if let Err(wrong) = run(&package, &checked(&package), &mut compared, Plant::none(), None) {
            panic!("{seed}: {wrong}");
        }
    }
    println!("{compared:?}");
    let package = &checked(&edges::package(0)).package;
    let names: BTreeSet<String> = package.rules.iter().map(|rule| rule.head.name.text.to_string()).collect();
    assert_eq!(compared.stood, names);
    let told = ["E0502", "E0503", "E0505", "E0507", "E0508", "E0619", "E0620", "E0621", "alert"];
    assert_eq!(compared.told, told.map(String::from).into());
}

/// What a program becomes by chance is refused, or runs to its end.
#[test]
fn changed_programs_are_refused_or_end() {
    let (mut refused, mut ran) = (0, 0);
    for seed in 0..12 {
        let package = package(seed, Grants::Any);
        let checked = checked(&package);
        let data = data(&package, &checked.schema());
        let program = emit(&checked).expect("all of the language is compiled");
        let schema = checked.schema();
        let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
        let requests: Vec<Request> = package
            .lines
            .iter()
            .filter_map(|line| match reader.line(line.as_bytes()) {
                Ok(Line::Request(request) | Line::Event(request)) => Some(request),
                Ok(_) | Err(_) => None,
            })
            .take(3)
            .collect();
        let mut random = Random::new(seed);
        for _ in 0..setting("ORDAIN_CASES").unwrap_or(600) {
            let mut program = program.clone();
            for _ in 0..=random.below(3) {
                spoil(&mut program, &mut random);
            }
            let Ok(verified) = verify(program, &Standard) else {
                refused += 1;
                continue;
            };
            ran += 1;
            for request in &requests {
                let time = request.context.time;
                let around = Around {
                    verified: &verified,
                    data: &data,
                    request,
                    id: "r",
                    asked: time,
                    given: &request.context.approvals,
                    approver: None,
                    past: None,
                };
                let decision = decide(&around);
                assert!(decision.standing().count() <= verified.program().rules.len());
                assert_eq!(detail(&around, &decision, &"".into()).verdict, decision.verdict);
            }
        }
    }
    assert!(refused > 200 && ran > 200, "{refused} refused, {ran} ran");
}
