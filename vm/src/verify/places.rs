//! Places of a program's files, as people read them. Where lines begin is found out once, when the program is loaded.

use crate::program::{File, Place};

pub(super) struct Places {
    /// By file: the byte at which each of its lines begins.
    lines: Vec<Vec<u32>>,
}

impl Places {
    pub fn of(files: &[File]) -> Places {
        let starts = |file: &File| {
            let ends = file.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
            std::iter::once(0).chain(ends.map(|(at, _)| at as u32 + 1)).collect()
        };
        Places { lines: files.iter().map(starts).collect() }
    }

    /// Line and column stand behind the name, both from 1; the column counts characters.
    pub fn shown(&self, files: &[File], place: Place) -> String {
        let (Some(file), Some(lines)) = (files.get(place.file as usize), self.lines.get(place.file as usize)) else {
            return String::new();
        };
        let line = lines.partition_point(|start| *start <= place.start);
        let start = line.checked_sub(1).and_then(|line| lines.get(line)).map_or(0, |start| *start as usize);
        let end = file.text.floor_char_boundary((place.start as usize).min(file.text.len()));
        let column = file.text.get(start..end).map_or(0, |before| before.chars().count()) + 1;
        format!("{}:{line}:{column}", file.name)
    }
}
