//! Ordain on W1 to W4: machine code and the interpreter from a bound struct and from JSON that is read in one pass; machine
//! code from a whole `Request`, as an engine with a history takes it; and the reference engine.
//! Each says of a decision which rules stand, and of a gate of requirements which of them fail.

use crate::contender::{Beside, Contender};
use crate::stated::Stated;
use ordain_benches::bound::Bound;
use ordain_benches::past::By;
use ordain_benches::{decided, reader, verified};
use ordain_compiler::analysis::{Input, analyse};
use ordain_compiler::hir::RuleId;
use ordain_compiler::source::Source;
use ordain_reference as reference;
use ordain_vm::answer::{self, Answer};
use ordain_vm::bind::{Binding, When};
use ordain_vm::decide::Decision;
use ordain_vm::frame::Frame;
use ordain_vm::interp::Run;
use ordain_vm::request::{Line, OnePass, Read, Reader, Request, Room};
use ordain_vm::schema::Schema;
use ordain_vm::value::Instant;
use ordain_vm::verify::Verified;
use ordain_workloads::{Rules, Verdict, Workload};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// Which of the engines.
pub trait Engine: Send + Sync + 'static {
    const BY: By;
    const NAME: &'static str;
}

pub struct MachineCode;
pub struct Interpreted;

impl Engine for MachineCode {
    const BY: By = By::MachineCode;
    const NAME: &'static str = "Ordain, machine code";
}

impl Engine for Interpreted {
    const BY: By = By::Interpreter;
    const NAME: &'static str = "Ordain, interpreter";
}

/// What threads share.
struct Loaded<W: Bound> {
    workload: W,
    verified: Arc<Verified>,
    run: Arc<dyn Run>,
    binding: Binding<W::Whole>,
    pass: OnePass,
    numbers: Numbers,
}

/// The workload's number of each rule of the program. A gate of requirements has none; its requirements do.
struct Numbers(Vec<Option<usize>>);

impl Numbers {
    fn new<W: Workload>(workload: &W, verified: &Verified) -> Numbers {
        let names = workload.rules();
        let of: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(number, name)| (name.as_str(), number)).collect();
        Numbers(verified.program().rules.iter().map(|rule| of.get(&*rule.name).copied()).collect())
    }

    #[inline]
    fn read<R: Rules>(&self, decision: &Decision, held: &mut R) -> Verdict {
        held.clear();
        decision.standing().filter_map(|(rule, _)| self.0[rule as usize]).for_each(|number| held.insert(number));
        decision.found.lacks.iter().for_each(|(_, requirement)| held.insert(*requirement as usize));
        verdict(decision.verdict)
    }
}

fn verdict(of: answer::Verdict) -> Verdict {
    match of {
        answer::Verdict::Permit => Verdict::Permit,
        answer::Verdict::Escalate => Verdict::Escalate,
        answer::Verdict::Deny | answer::Verdict::Recorded => Verdict::Deny,
    }
}

/// A struct that was bound once, or JSON that is read where it lies.
pub struct Ordain<W: Bound, E> {
    loaded: Arc<Loaded<W>>,
    frame: Frame,
    room: Room,
    engine: PhantomData<E>,
}

impl<W: Bound + Clone, E: Engine> Ordain<W, E> {
    pub fn new(workload: &W) -> Self {
        let verified = Arc::new(verified(&workload.policy()));
        let loaded = Loaded {
            workload: workload.clone(),
            run: E::BY.run(&verified),
            binding: Binding::new(&verified).expect("the struct fits"),
            pass: OnePass::new(verified.clone(), None, true, None).expect("there is no store"),
            numbers: Numbers::new(workload, &verified),
            verified,
        };
        Ordain { loaded: Arc::new(loaded), frame: Frame::new(), room: Room::default(), engine: PhantomData }
    }

    #[inline]
    pub fn decide_struct(&mut self, asked: &W::Struct<'_>, held: &mut W::Rules) -> Verdict {
        let Loaded { verified, run, binding, numbers, .. } = &*self.loaded;
        let ask = binding.ask(verified, asked, When::at(Instant(0), "r-1")).expect("it is well formed");
        numbers.read(self.frame.decide(&**run, &ask.around(&[])), held)
    }
}

impl<W: Bound, E> Beside for Ordain<W, E> {
    /// The program is shared, registers are not.
    fn beside(&self) -> Self {
        let loaded = self.loaded.clone();
        Ordain { loaded, frame: Frame::new(), room: Room::default(), engine: PhantomData }
    }
}

impl<W: Stated + Bound + Clone, E: Engine> Contender<W> for Ordain<W, E> {
    type Input<'r> = W::Struct<'r>;

    const NAME: &'static str = E::NAME;

    fn ready(workload: &W) -> Self {
        Ordain::new(workload)
    }

    fn input<'r>(&mut self, request: &'r W::Request) -> W::Struct<'r> {
        let Loaded { workload, verified, .. } = &*self.loaded;
        let mut structs = workload.structs(std::slice::from_ref(request), &verified.program().schema);
        structs.pop().expect("of one request there is one struct")
    }

    fn decide(&mut self, input: &mut W::Struct<'_>, held: &mut W::Rules) -> Verdict {
        self.decide_struct(input, held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        let Loaded { run, pass, numbers, .. } = &*self.loaded;
        let Ok(Read::InPlace(asked)) = pass.read(line.as_bytes(), &mut self.room) else {
            panic!("the workload's request is read in place: {line}")
        };
        numbers.read(self.frame.decide(&**run, &asked.around(&[])), held)
    }
}

/// A whole `Request`, which holds all its values, by machine code.
pub struct Whole<W> {
    workload: W,
    verified: Arc<Verified>,
    run: Arc<dyn Run>,
    numbers: Numbers,
    frame: Frame,
}

fn request(reader: &Reader<'_>, line: &str) -> Request {
    match reader.line(line.as_bytes()) {
        Ok(Line::Request(request)) => request,
        other => panic!("the workload's request: {other:?}"),
    }
}

impl<W: Stated + Clone> Contender<W> for Whole<W> {
    type Input<'r> = Request;

    const NAME: &'static str = "Ordain, machine code, whole `Request`";

    fn ready(workload: &W) -> Self {
        let verified = Arc::new(verified(&workload.policy()));
        let (run, numbers) = (MachineCode::BY.run(&verified), Numbers::new(workload, &verified));
        Whole { workload: workload.clone(), verified, run, numbers, frame: Frame::new() }
    }

    fn input(&mut self, asked: &W::Request) -> Request {
        request(&reader(&self.verified), &self.workload.line(asked, 1))
    }

    fn decide(&mut self, input: &mut Request, held: &mut W::Rules) -> Verdict {
        let Whole { verified, run, numbers, frame, .. } = self;
        numbers.read(decided(frame, &**run, verified, input), held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        let mut request = request(&reader(&self.verified), line);
        self.decide(&mut request, held)
    }
}

/// The reference engine, over an empty past each time. It says what stood by what it has covered.
pub struct Reference<W> {
    workload: W,
    engine: reference::Engine,
    schema: Schema,
    rules: BTreeMap<RuleId, usize>,
    codes: BTreeMap<String, usize>,
}

impl<W: Stated> Reference<W> {
    fn answer(&self, request: Request, held: &mut W::Rules) -> Verdict {
        let mut engine = self.engine.afresh();
        let answer = engine.answer(Line::Request(request), reference::Options::default());
        let Answer::Decision(decided) = answer else { panic!("a request is decided: {answer:?}") };
        held.clear();
        let stood = engine.coverage().stood.keys().filter_map(|rule| self.rules.get(rule));
        stood.for_each(|number| held.insert(*number));
        let codes = decided.context.missing.iter().filter_map(|missing| missing.code.as_deref());
        codes.filter_map(|code| self.codes.get(code)).for_each(|number| held.insert(*number));
        verdict(decided.context.verdict)
    }

    fn reader(&self) -> Reader<'_> {
        Reader { schema: &self.schema, store: None, from_request: false, now: None }
    }
}

impl<W: Stated + Clone> Contender<W> for Reference<W> {
    type Input<'r> = Request;

    const NAME: &'static str = "Ordain, reference engine";

    fn ready(workload: &W) -> Self {
        let sources = vec![Source::new("policy.ord", workload.policy())];
        let analysis = analyse(&Input { sources, ..Input::default() });
        let checked = analysis.checked().expect("the workload's policy has no errors");
        let names = workload.rules().into_iter().enumerate().map(|(number, name)| (name, number));
        let codes: BTreeMap<String, usize> = names.collect();
        let package = &checked.package;
        let number = |rule: RuleId| Some((rule, *codes.get(&*package[rule].head.name.text)?));
        let rules = (0..package.rules.len() as u32).filter_map(|rule| number(RuleId(rule))).collect();
        let schema = checked.schema();
        let engine = reference::Engine::new(Arc::new(checked), vec![]);
        Reference { workload: workload.clone(), engine, schema, rules, codes }
    }

    fn input(&mut self, asked: &W::Request) -> Request {
        request(&self.reader(), &self.workload.line(asked, 1))
    }

    fn decide(&mut self, input: &mut Request, held: &mut W::Rules) -> Verdict {
        self.answer(input.clone(), held)
    }

    fn decide_json(&mut self, line: &str, held: &mut W::Rules) -> Verdict {
        self.answer(request(&self.reader(), line), held)
    }
}
