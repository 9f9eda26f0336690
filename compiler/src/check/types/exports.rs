//! What a define reads besides its parameters; an `export define` may read nothing but them and data.
//! Gathered while bodies are typed, and followed through the defines that a define calls.

use super::Checker;
use crate::errors::types as errors;
use crate::hir::DefineId;
use crate::source::Span;

/// Of the define being typed, and of those typed before.
#[derive(Debug, Default)]
pub struct Reads {
    now: Gathered,
    of: Vec<Gathered>,
}

#[derive(Clone, Debug, Default)]
struct Gathered {
    /// The first thing that only a request has.
    first: Option<(Span, &'static str)>,
    calls: Vec<(DefineId, Span)>,
}

impl Checker<'_> {
    /// The body reads something that only a request has.
    pub(super) fn reads(&mut self, at: Span, what: &'static str) {
        self.reads.now.first.get_or_insert((at, what));
    }

    pub(super) fn calls(&mut self, define: DefineId, at: Span) {
        self.reads.now.calls.push((define, at));
    }

    pub(super) fn begin_reads(&mut self) {
        self.reads.now = Gathered::default();
    }

    /// To be called once for each define, in order.
    pub(super) fn end_reads(&mut self) {
        let gathered = std::mem::take(&mut self.reads.now);
        self.reads.of.push(gathered);
    }

    /// Says which exported defines read what a host can't give.
    pub(super) fn exports(&mut self) {
        let of = std::mem::take(&mut self.reads.of);
        let mut callers = vec![vec![]; of.len()];
        for (caller, gathered) in of.iter().enumerate() {
            for (callee, at) in &gathered.calls {
                callers[callee.index()].push((caller, *at));
            }
        }
        // For each define that reads something: where in its own body, and what.
        let mut reads: Vec<Option<(Span, &'static str)>> = of.iter().map(|gathered| gathered.first).collect();
        let mut open: Vec<usize> = (0..of.len()).filter(|at| reads[*at].is_some()).collect();
        let direct = reads.clone();
        while let Some(callee) = open.pop() {
            let Some((_, what)) = reads[callee] else { continue };
            for (caller, at) in &callers[callee] {
                if reads[*caller].is_none() {
                    reads[*caller] = Some((*at, what));
                    open.push(*caller);
                }
            }
        }
        for (at, define) in self.package.defines.iter().enumerate() {
            if let (true, Some((place, what))) = (define.export, reads[at]) {
                let name = &define.head.name.text;
                let diagnostic = if direct[at].is_some() {
                    errors::export_reads(place, name, what)
                } else {
                    errors::export_reads_through(place, name, &self.say_at(place), what)
                };
                self.report(diagnostic);
            }
        }
    }
}
