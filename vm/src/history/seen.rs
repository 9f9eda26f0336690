//! `Seen`: what a decision has read of a history, and in which state it was. Made by the caller and used again; filled
//! by `open` and `read`, checked by `commit`. A store has parts, at most 64, and places in them, each with a version that
//! changes with it; what these numbers mean is its own.

use super::series::Place;

/// So many readings are noted one by one; of those behind them, the part of the store is.
const NOTES: usize = 24;

/// The parts that a store can have.
pub(super) const PARTS: usize = 64;

/// That a place was in that state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// 0 to 63.
    pub part: u32,
    /// Which place in the part.
    pub place: u32,
    pub version: u64,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The accumulators that were read; 0: nothing was opened.
    pub generation: u64,
    /// The store's number of the id that was opened.
    pub id: u64,
    /// The state of its record; `None`: it had none.
    pub record: Option<u64>,
    /// Where the record's recordings stand: no reading looks at them.
    own: [Place; 3],
    owned: usize,
    /// The state of what is an entry of every key.
    pub open: u64,
    /// Parts that a note, or what the record contributed, is of.
    pub parts: u64,
    notes: [Note; NOTES],
    noted: usize,
    /// Parts that are noted as a whole, and their versions.
    whole: u64,
    versions: [u64; PARTS],
}

impl Default for Seen {
    fn default() -> Seen {
        Seen {
            generation: 0,
            id: 0,
            record: None,
            own: [Place::FIRST; 3],
            owned: 0,
            open: 0,
            parts: 0,
            notes: [Note::default(); NOTES],
            noted: 0,
            whole: 0,
            versions: [0; PARTS],
        }
    }
}

impl Seen {
    /// Forgets what was seen, and begins with that id.
    pub fn begin(&mut self, generation: u64, id: u64, open: u64) {
        (self.generation, self.id, self.open) = (generation, id, open);
        (self.record, self.owned, self.parts, self.noted, self.whole) = (None, 0, 0, 0, 0);
    }

    /// Recordings of the id that was opened.
    pub fn own(&self) -> &[Place] {
        &self.own[..self.owned]
    }

    /// One of at most three.
    pub fn add_own(&mut self, place: Place) {
        if let Some(free) = self.own.get_mut(self.owned) {
            *free = place;
            self.owned += 1;
        }
    }

    /// That something was in that state; `part_version` is the state of all of its part.
    pub fn note(&mut self, note: Note, part_version: u64) {
        let part = note.part as usize % PARTS;
        let bit = 1 << part;
        self.parts |= bit;
        // What is read twice counts as it was first.
        if self.notes().iter().any(|other| (other.part, other.place) == (note.part, note.place)) {
            return;
        }
        if let Some(free) = self.notes.get_mut(self.noted) {
            *free = note;
            self.noted += 1;
        } else if self.whole & bit == 0 {
            self.whole |= bit;
            self.versions[part] = part_version;
        }
    }

    /// What is noted one by one.
    pub fn notes(&self) -> &[Note] {
        &self.notes[..self.noted]
    }

    /// The parts that are noted as a whole, with their versions.
    pub fn whole(&self) -> impl Iterator<Item = (u32, u64)> {
        let mut left = self.whole;
        std::iter::from_fn(move || {
            let part = (left != 0).then(|| left.trailing_zeros())?;
            left &= left - 1;
            Some((part, self.versions[part as usize]))
        })
    }
}
