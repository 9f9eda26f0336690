//! The engines agree: generated packages and requests through the reference engine and the interpreter.
//! `ORDAIN_SEED=n` runs one seed, `ORDAIN_CASES=n` so many packages; a failure names the seed that shows it.

#[path = "agreement/changed.rs"]
mod changed;
#[path = "agreement/edges.rs"]
mod edges;

use changed::{Changed, HISTORIES, How};
use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::emit;
use ordain_compiler::hir::{ActionId, RuleId};
use ordain_compiler::source::Source;
use ordain_jit::{Effort, Native};
use ordain_reference::{Engine, Options};
use ordain_stdlib::Standard;
use ordain_tests::generate::keyed::keyed;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, Package, package};
use ordain_vm::answer::{Answer, Bits, Decided, Detail, Problem};
use ordain_vm::decide::{Decision, decide};
use ordain_vm::engine::{self as vm, OnPermit, Reply};
use ordain_vm::explain::detail;
use ordain_vm::history::{EntryState, MemoryHistory};
use ordain_vm::interp::Around;
use ordain_vm::json::parse;
use ordain_vm::op::{Arith, Cmp, Gathered, Label, Op, Stance, TextTest, Use, Val, Visit, Wide, Word};
use ordain_vm::program::said::{OfRule, Words};
use ordain_vm::program::{Otherwise, Program};
use ordain_vm::request::{Line, Reader, Request, read_data};
use ordain_vm::value::{Instant, Value};
use ordain_vm::verify::verify;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

fn checked(package: &Package) -> Arc<Checked> {
    let sources = package.files.iter().map(|file| Source::new(file.name, file.text())).collect();
    let analysis = analyse(&Input { sources, ..Input::default() });
    let wrong: Vec<String> = analysis
        .diagnostics
        .iter()
        .filter(|found| !found.is_warning())
        .map(|found| {
            format!("{} {} {}", found.code, found.message, analysis.sources[found.at.file.0 as usize].slice(found.at))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    Arc::new(analysis.checked().expect("no errors"))
}

fn data(package: &Package, checked: &Checked) -> Vec<Value> {
    let schema = checked.schema();
    let read = |declared: &ordain_compiler::hir::Data| match package.data.get(&*declared.head.name.text) {
        Some(json) => {
            let json = parse(json.as_bytes()).expect("generated data is JSON");
            read_data(&schema, &declared.ty, &json).expect("generated data is of its type")
        }
        None => Value::Calendar(Arc::default()),
    };
    checked.package.data.iter().map(read).collect()
}

/// What the interpreter says, beside what the reference does.
struct Pair<'p> {
    checked: &'p Checked,
}

impl Pair<'_> {
    /// What is wrong with it.
    fn compare(&self, found: &Reply, expected: &Answer) -> Vec<String> {
        match (found, expected) {
            (Reply::Decided(found), Answer::Decision(expected)) => self.decision(found, expected),
            (Reply::Denied(found), Answer::Decision(expected)) => {
                let found = (std::slice::from_ref(&found.problem), Some(&found.id), Some(&found.digest));
                let context = &expected.context;
                told(&found, &(context.errors.as_slice(), context.id.as_ref(), context.request.as_ref()))
            }
            (Reply::Recorded { recorded, warnings }, Answer::Recorded { recorded: id, warnings: wanted }) => {
                told(&(recorded, warnings), &(id, wanted))
            }
            (Reply::Refused { errors, id }, Answer::Refused { error, id: wanted, more }) => {
                let all: Vec<Problem> = std::iter::once(error).chain(more).cloned().collect();
                told(&(errors, Some(id)), &(&all, wanted.as_ref()))
            }
            (found, expected) => told(&format!("{found:?}"), &format!("{expected:?}")),
        }
    }

    fn decision(&self, found: &vm::Decided, expected: &Decided) -> Vec<String> {
        let (request, decision, said) = (&found.request, &found.decision, &found.detail);
        let context = &expected.context;
        let mut wrong = told(&(Some(&found.id), Some(&found.digest)), &(context.id.as_ref(), context.request.as_ref()));
        let rules = self.checked.rules_of(ActionId(request.action as u32));
        let (mut at, mut bits) = (0, Bits::default());
        for rule in rules {
            for _ in self.checked.conditions_of(*rule) {
                bits.push(decision.found.condition(at));
                at += 1;
            }
        }
        if bits.to_string() != context.bits {
            wrong.push(format!("bits {bits}, wanted {}", context.bits));
        }
        let errors = |all: &mut dyn Iterator<Item = (String, String)>| all.collect::<BTreeMap<_, _>>();
        let wanted = errors(&mut context.errors.iter().filter_map(|error| {
            let rule = error.rule.as_deref().filter(|rule| *rule != "otherwise")?;
            Some((rule.to_string(), format!("{} {}", error.code, error.at.as_deref().unwrap_or(""))))
        }));
        let found = errors(&mut decision.found.faults.iter().map(|(rule, fault, place)| {
            let source = &self.checked.sources[place.file as usize];
            let (line, column) = source.line_column(place.start);
            (self.name(RuleId(*rule)), format!("{} {}:{line}:{column}", fault.code(), source.name))
        }));
        if found != wanted {
            wrong.push(format!("errors {found:?}, wanted {wanted:?}"));
        }
        wrong.extend(self.verdict(decision, expected));
        wrong.extend(said.iter().flat_map(|detail| differences(detail, context)));
        wrong
    }

    fn verdict(&self, decision: &Decision, expected: &Decided) -> Vec<String> {
        let mut wrong = vec![];
        if let Some((fault, _)) = &decision.found.ended {
            wrong.push(format!("ended by {fault}"));
        }
        if decision.verdict != expected.context.verdict {
            wrong.push(format!("{:?}, wanted {:?}", decision.verdict, expected.context.verdict));
        }
        let rules = decision.rules.iter().map(|rule| self.name(RuleId(*rule)));
        let otherwise = decision.otherwise.iter().map(|_| "otherwise".to_string());
        let found: BTreeSet<String> = rules.chain(otherwise).collect();
        let wanted: BTreeSet<String> = expected
            .context
            .rules
            .iter()
            .filter(|rule| !rule.policy.is_empty())
            .map(|rule| rule.rule.to_string())
            .collect();
        if found != wanted {
            wrong.push(format!("rules {found:?}, wanted {wanted:?}"));
        }
        let trial: Vec<String> =
            decision.trial.iter().map(|(rule, verdict)| format!("{} {verdict:?}", self.name(RuleId(*rule)))).collect();
        let wanted: Vec<String> =
            expected.context.trial.iter().map(|rule| format!("{} {:?}", rule.rule, rule.effect)).collect();
        if trial != wanted {
            wrong.push(format!("trial {trial:?}, wanted {wanted:?}"));
        }
        wrong
    }

    fn name(&self, rule: RuleId) -> String {
        self.checked.package[rule].head.name.text.to_string()
    }
}

/// The members in which what is said differs.
fn differences(found: &Detail, wanted: &Detail) -> Vec<String> {
    let members = |detail| match serde_json::to_value(detail) {
        Ok(serde_json::Value::Object(members)) => members,
        other => panic!("a detail is an object: {other:?}"),
    };
    let (found, wanted) = (members(found), members(wanted));
    let names: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
    let differs = |name: &&String| found.get(*name) != wanted.get(*name);
    let line = |name: &String| format!("{name} {:?}, wanted {:?}", found.get(name), wanted.get(name));
    names.into_iter().filter(differs).map(line).collect()
}

fn told<T: std::fmt::Debug + PartialEq>(found: &T, wanted: &T) -> Vec<String> {
    if found == wanted { vec![] } else { vec![format!("{found:?}, wanted {wanted:?}")] }
}

/// How many lines were compared, and how many of them were decisions.
#[derive(Debug, Default)]
struct Compared {
    lines: u64,
    decisions: u64,
    rules: u64,
    accumulators: u64,
    readings: u64,
    /// Rules that stood.
    stood: BTreeSet<String>,
    /// Duties that came due, and codes of errors.
    told: BTreeSet<String>,
}

/// How it is told that a program does not verify.
const REFUSED: &str = "refused: ";

/// Sends the package's lines through both engines, each with a history of its own. Every other package keeps its permits
/// as reservations.
fn run(package: &Package, checked: &Arc<Checked>, compared: &mut Compared, plant: Plant) -> Result<(), String> {
    let data = data(package, checked);
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
        let effort = if package.seed.is_multiple_of(3) { Effort::Little } else { Effort::Full };
        let native = Native::with(&verified, effort).expect("there is machine code for this processor");
        let program = vm::Runnable { verified, run: Arc::new(native) };
        let engine = vm::Engine::new(program, data.clone(), history(), options);
        tried.push(("by machine code", engine));
    }
    let mut work = vm::Work::default();
    let (pair, mut engine) = (Pair { checked }, Engine::new(checked.clone(), data));
    let schema = checked.schema();
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let mut digests = BTreeMap::new();
    for line in &package.lines {
        let mut text = line.clone();
        digests.iter().for_each(|(id, digest): (&String, &String)| text = text.replace(&format!("@{id}@"), digest));
        let Ok(line) = reader.line(text.as_bytes()) else { continue };
        let expected = engine.answer(line.clone(), Options { on_permit: reference, ..Options::default() });
        for (how, tried) in &tried {
            let wrong = pair.compare(&tried.answer(line.clone(), &mut work), &expected);
            if !wrong.is_empty() {
                return Err(format!("{text}\n{how}: {}", wrong.join("\n")));
            }
        }
        compared.lines += 1;
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

#[test]
fn interpreter_and_reference() {
    let seeds = match (setting("ORDAIN_SEED"), setting("ORDAIN_CASES")) {
        (Some(seed), cases) => seed..seed + cases.unwrap_or(1),
        (None, cases) => 0..cases.unwrap_or(200),
    };
    let mut compared = Compared::default();
    for seed in seeds {
        let package = package(seed, Grants::Any);
        let outcome =
            catch_unwind(AssertUnwindSafe(|| run(&package, &checked(&package), &mut compared, Plant::none())));
        let files = || package.files.iter().map(|file| file.text()).collect::<String>();
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(wrong)) => panic!("{}\n{wrong}\nrun again with ORDAIN_SEED={seed}", files()),
            Err(panic) => {
                eprintln!("run again with ORDAIN_SEED={seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    println!("{compared:?}");
    assert!(compared.decisions > 0);
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
        if let Err(wrong) = run(&package, &checked, &mut compared, Plant::none()) {
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
            let outcome = run(package, checked, &mut Compared::default(), plant);
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
        if let Err(wrong) = run(&package, &checked(&package), &mut compared, Plant::none()) {
            panic!("{seed}: {wrong}");
        }
    }
    println!("{compared:?}");
    let package = &checked(&edges::package(0)).package;
    let names: BTreeSet<String> = package.rules.iter().map(|rule| rule.head.name.text.to_string()).collect();
    assert_eq!(compared.stood, names);
    let told = ["E0502", "E0503", "E0505", "E0508", "E0619", "E0620", "E0621", "alert"];
    assert_eq!(compared.told, told.map(String::from).into());
}

/// What a program becomes by chance is refused, or runs to its end.
#[test]
fn changed_programs_are_refused_or_end() {
    let (mut refused, mut ran) = (0, 0);
    for seed in 0..12 {
        let package = package(seed, Grants::Any);
        let checked = checked(&package);
        let data = data(&package, &checked);
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

struct Spoiling<'r>(&'r mut Random);

impl Spoiling<'_> {
    fn number(&mut self, at: &mut u32) {
        if self.0.below(2) == 0 {
            let near = [at.wrapping_add(1), at.wrapping_sub(1), 0, self.0.below(300) as u32, u32::MAX];
            *at = near[self.0.below(5)];
        }
    }
}

impl Visit for Spoiling<'_> {
    fn word(&mut self, _: Use, at: &mut Word) {
        self.number(&mut at.0);
    }
    fn wide(&mut self, _: Use, at: &mut Wide) {
        self.number(&mut at.0);
    }
    fn val(&mut self, _: Use, at: &mut Val) {
        self.number(&mut at.0);
    }
    fn slot(&mut self, at: &mut u32) {
        self.number(at);
    }
    fn constant(&mut self, at: &mut u32) {
        self.number(at);
    }
    fn gathered(&mut self, _: Use, at: &mut Gathered) {
        self.number(&mut at.0);
    }
    fn label(&mut self, at: &mut Label) {
        self.number(&mut at.0);
    }
}

/// Changes a number of what stands beside the instructions.
fn spoil_tables(program: &mut Program, spoiling: &mut Spoiling<'_>) {
    let all = program.functions.len();
    let function = &mut program.functions[spoiling.0.below(all)];
    let action = &mut program.actions[spoiling.0.below(all.min(program.schema.actions.len()))];
    match spoiling.0.below(14) {
        0 => function.regions.iter_mut().for_each(|region| {
            [&mut region.from, &mut region.to, &mut region.handler].into_iter().for_each(|at| spoiling.number(at));
        }),
        1 => function.watched.iter_mut().for_each(|watched| spoiling.number(&mut watched.condition)),
        2 => spoiling.number(&mut function.action),
        3 => [&mut function.work.words, &mut function.work.values].into_iter().for_each(|count| spoiling.number(count)),
        4 => [&mut action.function, &mut action.conditions].into_iter().for_each(|at| spoiling.number(at)),
        5 => action.rules.iter_mut().chain(&mut action.policies).for_each(|at| spoiling.number(at)),
        6 => action.overridden.iter_mut().for_each(|(rule, by)| {
            spoiling.number(rule);
            by.iter_mut().for_each(|by| spoiling.number(by));
        }),
        7 => action.said.iter_mut().for_each(|said| {
            if let Some(Words::Made(function)) = &mut said.because {
                spoiling.number(function);
            }
            said.duties.iter_mut().for_each(|duty| spoiling.number(&mut duty.function));
            said.requirements.truncate(1);
        }),
        8 => function.gives.iter_mut().for_each(|(first, count)| {
            spoiling.number(&mut first.0);
            spoiling.number(count);
        }),
        9 => program.rules.iter_mut().for_each(|rule| spoiling.number(&mut rule.policy)),
        10 => program.accumulators.iter_mut().for_each(|accumulator| {
            spoiling.number(&mut accumulator.keys);
            accumulator.entries.iter_mut().for_each(|at| spoiling.number(at));
            accumulator.of_session ^= spoiling.0.below(4) == 0;
        }),
        11 => program.readings.iter_mut().for_each(|reading| spoiling.number(&mut reading.accumulator)),
        12 => function.enters.iter_mut().for_each(|enters| {
            spoiling.number(&mut enters.stage.0);
            spoiling.number(&mut enters.count);
            [&mut enters.first, &mut enters.kept, &mut enters.result]
                .into_iter()
                .for_each(|at| spoiling.number(&mut at.0));
        }),
        _ => program.clauses.iter_mut().for_each(|clause| {
            clause.choices.iter_mut().for_each(|choice| spoiling.number(choice));
            clause.named.iter_mut().for_each(|(_, of)| spoiling.number(of));
            clause.wanted.iter_mut().filter_map(|wanted| wanted.filter.as_mut()).for_each(|at| spoiling.number(at));
        }),
    }
}

/// Changes a number of an instruction, or puts another in its place.
fn spoil(program: &mut Program, random: &mut Random) {
    if random.chance(25) {
        return spoil_tables(program, &mut Spoiling(random));
    }
    let function = random.below(program.functions.len());
    let function = &mut program.functions[function];
    let (at, other) = (random.below(function.ops.len()), random.below(function.ops.len()));
    match random.below(3) {
        0 => function.ops.swap(at, other),
        1 => function.ops[at] = function.ops[other].clone(),
        _ => function.ops[at].visit(&mut Spoiling(random)),
    }
}
