//! The engines agree: generated packages and requests through the reference engine and the interpreter.
//! `ORDAIN_SEED=n` runs one seed, `ORDAIN_CASES=n` so many packages; a failure names the seed that shows it.

use ordain_compiler::analysis::{Checked, Input, analyse};
use ordain_compiler::emit::{Of, partial};
use ordain_compiler::hir::{ActionId, RuleId};
use ordain_compiler::source::Source;
use ordain_jit::Native;
use ordain_reference::{Engine, Options};
use ordain_stdlib::Standard;
use ordain_tests::generate::keyed::keyed;
use ordain_tests::generate::random::Random;
use ordain_tests::generate::{Grants, Package, package};
use ordain_vm::answer::{Answer, Bits, Decided, Detail};
use ordain_vm::decide::{Decision, decide};
use ordain_vm::explain::detail;
use ordain_vm::frame::Frame;
use ordain_vm::interp::Around;
use ordain_vm::json::parse;
use ordain_vm::op::{Arith, Cmp, Gathered, Label, Op, Stance, TextTest, Use, Val, Visit, Wide, Word};
use ordain_vm::program::said::{OfRule, Words};
use ordain_vm::program::{Otherwise, Program};
use ordain_vm::request::{Approval, Line, Reader, Request, read_data};
use ordain_vm::value::{Instant, Value};
use ordain_vm::verify::{Verified, verify};
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

/// Both engines, and what of the package the interpreter has.
struct Pair<'p> {
    checked: &'p Checked,
    verified: Verified,
    /// Machine code of it, where this processor has any.
    native: Option<Native>,
    data: Vec<Value>,
    left_out: BTreeSet<RuleId>,
    /// An `otherwise` is left out.
    otherwise: bool,
}

impl Pair<'_> {
    /// What is wrong with what the interpreter found, beside what the reference answered.
    fn compare(&self, asked: &Asked, expected: &Decided) -> Vec<String> {
        let request = &asked.request;
        let around = Around {
            verified: &self.verified,
            data: &self.data,
            request,
            id: &asked.id,
            asked: asked.first,
            given: &asked.given,
            approver: None,
        };
        let decision = decide(&around);
        let mut wrong = vec![];
        let native = self.native.as_ref().map(|native| Frame::new().decide(native, &around).clone());
        if let Some(native) = native.filter(|native| *native != decision) {
            wrong.push(format!("by machine code {native:?}, and interpreted {decision:?}"));
        }
        let rules = self.checked.rules_of(ActionId(request.action as u32));
        let (mut at, mut bits) = (0, Bits::default());
        for rule in rules {
            for _ in self.checked.conditions_of(*rule) {
                bits.push(decision.found.condition(at));
                at += 1;
            }
        }
        let complete = self.complete(request);
        if complete && bits.to_string() != expected.context.bits {
            wrong.push(format!("bits {bits}, wanted {}", expected.context.bits));
        }
        let known = |name: &str| rules.iter().any(|rule| self.name(*rule) == name && !self.left_out.contains(rule));
        let errors = |all: &mut dyn Iterator<Item = (String, String)>| all.collect::<BTreeMap<_, _>>();
        let wanted = errors(&mut expected.context.errors.iter().filter_map(|error| {
            let rule = error.rule.as_deref().filter(|rule| known(rule))?;
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
        if complete {
            wrong.extend(self.verdict(&decision, expected));
            wrong.extend(differences(&detail(&around, &decision, &asked.digest), &expected.context));
        }
        wrong
    }

    fn complete(&self, request: &Request) -> bool {
        let rules = self.checked.rules_of(ActionId(request.action as u32));
        !self.otherwise && rules.iter().all(|rule| !self.left_out.contains(rule))
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

/// How many decisions were compared, and how many of them whole.
#[derive(Debug, Default)]
struct Compared {
    decisions: u64,
    whole: u64,
    rules: u64,
    left_out: u64,
}

/// Sends the package's lines through both engines, the program being first changed by `plant`.
fn run(
    package: &Package,
    checked: &Arc<Checked>,
    compared: &mut Compared,
    plant: impl FnOnce(&mut Program),
) -> Result<(), String> {
    let data = data(package, checked);
    let (mut program, left_out) = partial(checked);
    plant(&mut program);
    compared.rules += program.rules.len() as u64;
    compared.left_out += left_out.len() as u64;
    let verified = verify(program, &Standard).expect("what is emitted verifies");
    let otherwise = left_out.iter().any(|(of, _)| matches!(of, Of::Otherwise(_)));
    let left_out = left_out.into_iter().filter_map(|(of, _)| match of {
        Of::Rule(rule) => Some(rule),
        Of::Otherwise(_) => None,
    });
    let native = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"))
        .then(|| Native::new(&verified).expect("there is machine code for this processor"));
    let pair = Pair { checked, verified, native, data: data.clone(), left_out: left_out.collect(), otherwise };
    let mut engine = Engine::new(checked.clone(), data);
    let schema = checked.schema();
    let reader = Reader { schema: &schema, store: None, from_request: true, now: None };
    let mut digests = BTreeMap::new();
    for line in &package.lines {
        let mut text = line.clone();
        digests.iter().for_each(|(id, digest): (&String, &String)| text = text.replace(&format!("@{id}@"), digest));
        let Ok(line) = reader.line(text.as_bytes()) else { continue };
        let asked = match &line {
            Line::Request(request) | Line::Event(request) => Some(Asked::of(request, &engine)),
            _ => None,
        };
        let Answer::Decision(decided) = engine.answer(line, Options::default()) else { continue };
        if let (Some(id), Some(digest)) = (&decided.context.id, &decided.context.request) {
            digests.insert(id.to_string(), digest.to_string());
        }
        let Some(asked) = asked else { continue };
        // Refused by the history, it was not decided.
        if decided.context.policy.is_empty() && decided.context.rules.is_empty() && !decided.context.errors.is_empty() {
            continue;
        }
        let wrong = pair.compare(&asked, &decided);
        if !wrong.is_empty() {
            return Err(format!("{}: {}", asked.id, wrong.join("\n")));
        }
        compared.decisions += 1;
        compared.whole += u64::from(pair.complete(&asked.request));
    }
    Ok(())
}

/// A request, and what the history knows of it.
struct Asked {
    request: Request,
    id: Arc<str>,
    digest: Arc<str>,
    first: Instant,
    given: Vec<Approval>,
}

impl Asked {
    fn of(request: &Request, engine: &Engine) -> Asked {
        let id = request.context.id.clone().unwrap_or_else(|| engine.next_id());
        let digest = engine.digest(request, &id);
        let given = request.context.approvals.iter().chain(&engine.history().approvals);
        Asked {
            first: request.context.asked.or_else(|| engine.first_asked(&id)).unwrap_or(request.context.time),
            given: given.filter(|approval| approval.request == digest).cloned().collect(),
            request: request.clone(),
            digest,
            id,
        }
    }
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
        let outcome = catch_unwind(AssertUnwindSafe(|| run(&package, &checked(&package), &mut compared, |_| {})));
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
    for seed in 0..setting("ORDAIN_CASES").unwrap_or(40) {
        let package = keyed(seed);
        let checked = checked(&package);
        let selections = |program: &mut Program| {
            looked_up += program.functions.iter().map(|function| function.selections.len()).sum::<usize>();
        };
        if let Err(wrong) = run(&package, &checked, &mut compared, selections) {
            panic!("{}\n{wrong}\nseed {seed}", package.files[0].text());
        }
    }
    assert!(looked_up > 40 && compared.whole == compared.decisions && compared.decisions > 1_000, "{compared:?}");
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
    type Plant = fn(&mut Program);
    let plants: [(&str, Plant); 14] = [
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
    ];
    let mut packages: Vec<(Package, Arc<Checked>)> = vec![];
    for (what, plant) in plants {
        let caught = (0..300).any(|seed| {
            if packages.len() == seed {
                let package = package(seed as u64, Grants::Any);
                let checked = checked(&package);
                packages.push((package, checked));
            }
            let (package, checked) = &packages[seed];
            let outcome = catch_unwind(AssertUnwindSafe(|| run(package, checked, &mut Compared::default(), plant)));
            !matches!(outcome, Ok(Ok(())))
        });
        assert!(caught, "{what} was not noticed");
    }
}

/// What a program becomes by chance is refused, or runs to its end.
#[test]
fn changed_programs_are_refused_or_end() {
    let (mut refused, mut ran) = (0, 0);
    for seed in 0..12 {
        let package = package(seed, Grants::Any);
        let checked = checked(&package);
        let data = data(&package, &checked);
        let program = partial(&checked).0;
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
    match spoiling.0.below(11) {
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
