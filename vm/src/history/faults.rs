//! What erred, by place. `series` keeps it beside its entries; most have none.

use super::series::{Place, View};
use crate::fault::Fault;
use crate::value::Instant;
use std::collections::VecDeque;

/// In the order of their places.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults(VecDeque<(Place, Fault)>);

impl Faults {
    pub fn insert(&mut self, place: Place, fault: Fault) {
        let at = self.0.partition_point(|(other, _)| *other < place);
        self.0.insert(at, (place, fault));
    }

    pub fn remove(&mut self, place: Place) -> Option<Fault> {
        let at = self.0.binary_search_by_key(&place, |(other, _)| *other).ok()?;
        self.0.remove(at).map(|(_, fault)| fault)
    }

    pub fn expire(&mut self, before: Instant) {
        while self.first().is_some_and(|place| place.time < before) {
            self.drop_first();
        }
    }

    pub fn drop_first(&mut self) {
        self.0.pop_front();
    }

    pub fn first(&self) -> Option<Place> {
        self.0.front().map(|(place, _)| *place)
    }

    pub fn last(&self) -> Option<Place> {
        self.0.back().map(|(place, _)| *place)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The oldest in view.
    pub fn oldest(&self, view: &View<'_>) -> Option<(Place, &Fault)> {
        let from = self.0.partition_point(|(place, _)| *place < view.from);
        let mut faults = self.0.range(from..).map(|(place, fault)| (*place, fault));
        faults.find(|(place, _)| !view.own.contains(place))
    }

    /// The newest in view.
    pub fn newest(&self, view: &View<'_>) -> Option<(Place, &Fault)> {
        let newest_first = self.0.iter().rev().map(|(place, fault)| (*place, fault));
        newest_first.take_while(|(place, _)| *place >= view.from).find(|(place, _)| !view.own.contains(place))
    }
}
