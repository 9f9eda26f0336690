//! Programs changed by chance.

use ordain_tests::generate::random::Random;
use ordain_vm::op::{Gathered, Label, Use, Val, Visit, Wide, Word};
use ordain_vm::program::Program;
use ordain_vm::program::said::Words;

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
pub fn spoil(program: &mut Program, random: &mut Random) {
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
