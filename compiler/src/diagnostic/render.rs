//! Diagnostics to text: as people read them beside their source, as JSON, and as SARIF.
//! The command and the tests call it; what is said is settled in `errors/`, and where it goes by the caller.
//! The only place that knows ariadne. What could move the cursor or turn text around is written out as `\u{…}`.

mod json;
mod sarif;
#[cfg(test)]
mod tests;
mod view;

pub use json::json;
pub use sarif::sarif;

use super::{Diagnostic, Fix};
use crate::source::{Source, Span};
use ariadne::{Cache, CharSet, Color, Config, IndexType, Label, Report, ReportKind};
use std::ops::Range;
use view::{View, visible};

/// All of them, one below the other; `color`: with escape sequences for a terminal's colours.
pub fn human(diagnostics: &[Diagnostic], sources: &[Source], color: bool) -> String {
    let mut drawn = Drawn { sources, whole: vec![None; sources.len()], long: vec![None; sources.len()], part: None };
    let mut out = String::new();
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&drawn.report(diagnostic, color));
    }
    out
}

/// What ariadne reads: each file as it is shown, made once.
struct Drawn<'a> {
    sources: &'a [Source],
    /// By `FileId`: the whole file.
    whole: Vec<Option<(View, ariadne::Source<String>)>>,
    /// By `FileId`: it has very long lines.
    long: Vec<Option<bool>>,
    /// A file with very long lines, cut for the diagnostic at hand.
    part: Option<(usize, View, ariadne::Source<String>)>,
}

impl Drawn<'_> {
    fn report(&mut self, diagnostic: &Diagnostic, color: bool) -> String {
        let (kind, main) = if diagnostic.is_warning() {
            (ReportKind::Warning, Color::Yellow)
        } else {
            (ReportKind::Error, Color::Red)
        };
        let config = Config::new()
            .with_index_type(IndexType::Byte)
            .with_color(color)
            .with_char_set(CharSet::Unicode)
            .with_tab_width(4)
            .with_multiline_arrows(true);
        let places: Vec<Span> =
            std::iter::once(diagnostic.at).chain(diagnostic.labels.iter().map(|label| label.at)).collect();
        let at = (diagnostic.at.file.0 as usize, self.range(diagnostic.at, &places));
        let start = at.1.start;
        let mut report = Report::build(kind, at.clone())
            .with_config(config)
            .with_code(diagnostic.code)
            .with_message(visible(&diagnostic.message));
        let mut labels = vec![(diagnostic.at, at, &diagnostic.label, main)];
        for label in &diagnostic.labels {
            let range = self.range(label.at, &places);
            labels.push((label.at, (label.at.file.0 as usize, range), &label.text, Color::Blue));
        }
        // In the order of the text each file is drawn once; that of the diagnostic itself comes first.
        labels.sort_by_key(|(span, ..)| (span.file != diagnostic.at.file, span.file, span.end, span.start));
        for (_, range, text, color) in labels {
            // Without words a place would not be marked.
            let text = if text.is_empty() { "here".to_string() } else { visible(text) };
            report.add_label(Label::new(range).with_color(color).with_message(text));
        }
        for note in &diagnostic.notes {
            report.add_note(visible(note));
        }
        match (&diagnostic.help, &diagnostic.fix) {
            (Some(help), Some(fix)) if says(help, fix) => report.add_help(self.fixed(help, fix)),
            (Some(help), Some(fix)) => {
                report.add_help(visible(help));
                report.add_help(self.fixed(&format!("{}:", fix.title), fix));
            }
            (None, Some(fix)) => report.add_help(self.fixed(&format!("{}:", fix.title), fix)),
            (Some(help), None) => report.add_help(visible(help)),
            (None, None) => {}
        }
        let mut out = vec![];
        report.finish().write(&mut *self, &mut out).expect("writing to memory does not fail");
        let text = String::from_utf8_lossy(&out);
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let text = lines.join("\n") + "\n";
        match self.place_shown(diagnostic.at, start) {
            Some((shown, meant)) => text.replacen(&shown, &meant, 1),
            None => text,
        }
    }

    /// What ariadne calls a place, and what the file calls it, where the line is not shown as it is.
    fn place_shown(&self, at: Span, start: usize) -> Option<(String, String)> {
        let file = at.file.0 as usize;
        let source = self.sources.get(file)?;
        let part = self.part.as_ref().filter(|(drawn, ..)| *drawn == file).map(|(_, view, _)| view);
        let view = part.or_else(|| self.whole[file].as_ref().map(|(view, _)| view))?;
        let line_start = view.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let (line, column) = source.line_column(at.start);
        let shown = view.text[line_start..start].chars().count() as u32 + 1;
        let name = |column: u32| format!("[ {}:{line}:{column} ]", visible(&source.name));
        (shown != column).then(|| (name(shown), name(column)))
    }

    /// Where a span stands in its file as it is shown; what is empty becomes one character wide.
    fn range(&mut self, at: Span, places: &[Span]) -> Range<usize> {
        let file = at.file.0 as usize;
        let Some(source) = self.sources.get(file) else { return 0..0 };
        let view = if *self.long[file].get_or_insert_with(|| view::has_long_lines(source)) {
            if self.part.as_ref().is_none_or(|(drawn, ..)| *drawn != file) {
                self.part = Some(draw_part(source, file, places));
            }
            // Another diagnostic needs other parts of the same lines.
            if at == places[0] {
                self.part = Some(draw_part(source, file, places));
            }
            &self.part.as_ref().expect("it was just made").1
        } else {
            let drawn = self.whole[file].get_or_insert_with(|| {
                let view = View::new(source, None);
                let text = view.text.clone();
                (view, ariadne::Source::from(text))
            });
            &drawn.0
        };
        view.range(at.start as usize, at.end as usize)
    }

    /// What to do, and the lines as they would be.
    fn fixed(&self, what: &str, fix: &Fix) -> String {
        let what = visible(what);
        match self.mended(fix) {
            Some(lines) => format!("{what}\n{}", visible(&lines)),
            None => what.trim_end_matches(':').to_string(),
        }
    }

    /// The lines that a fix touches, mended; `None` where they are too many to be read at a glance.
    fn mended(&self, fix: &Fix) -> Option<String> {
        let mut edits: Vec<_> = fix.edits.iter().collect();
        edits.sort_by_key(|(at, _)| *at);
        let (first, last) = (edits.first()?.0, edits.last()?.0);
        if first.file != last.file {
            return None;
        }
        let text = &*self.sources.get(first.file.0 as usize)?.text;
        let start = text.get(..first.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
        let end = text.get(last.end as usize..)?.find('\n').map_or(text.len(), |at| at + last.end as usize);
        let (mut lines, mut from) = (String::new(), start);
        for (at, new) in edits {
            lines.push_str(text.get(from..at.start as usize)?);
            lines.push_str(new);
            from = at.end as usize;
        }
        lines.push_str(text.get(from..end)?);
        let few = lines.len() <= 600 && lines.lines().count() <= 6;
        let indent = lines.lines().filter(|line| !line.trim().is_empty()).map(indent_of).min().unwrap_or(0);
        let shown = |line: &str| format!("  {}", line.get(indent..).unwrap_or("").trim_end());
        few.then(|| lines.lines().map(shown).collect::<Vec<_>>().join("\n"))
    }
}

/// The help says already what the fix does.
fn says(help: &str, fix: &Fix) -> bool {
    let mut written = fix.title.split('`').skip(1).step_by(2);
    written.all(|word| help.contains(word))
}

fn draw_part(source: &Source, file: usize, places: &[Span]) -> (usize, View, ariadne::Source<String>) {
    let here: Vec<Span> = places.iter().copied().filter(|at| at.file.0 as usize == file).collect();
    let view = View::new(source, Some(&here));
    let text = view.text.clone();
    (file, view, ariadne::Source::from(text))
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

impl Cache<usize> for &mut Drawn<'_> {
    type Storage = String;

    fn fetch(&mut self, file: &usize) -> Result<&ariadne::Source<String>, impl std::fmt::Debug> {
        if let Some((drawn, _, source)) = &self.part
            && drawn == file
        {
            return Ok(source);
        }
        match self.whole.get(*file) {
            Some(Some((_, source))) => Ok(source),
            _ => Err("a diagnostic names a file that was not given"),
        }
    }

    fn display<'b>(&self, file: &'b usize) -> Option<impl std::fmt::Display + 'b> {
        self.sources.get(*file).map(|source| visible(&source.name))
    }
}
