//! One key's entries: whatever was added and taken out, every reading is what a scan says.

use super::scan::{newest, scan};
use crate::Dice;
use ordain_vm::fault::Fault;
use ordain_vm::history::{Aggregate, Kept, Lost, Place, Reading, Series, View};
use ordain_vm::value::{Currency, Decimal, Instant, Money, Value};

/// What the values of a series are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Values {
    FewInts,
    GreatInts,
    GreatDecimals,
    Dollars,
    TwoCurrencies,
    Durations,
    Texts,
}

impl Values {
    fn value(self, dice: &mut Dice) -> Value {
        let currency = |name: &str| Currency::parse(name).unwrap();
        let great = [i128::MAX, i128::MIN, i128::MAX / 2, -1, 0, 1, i128::MAX - 1];
        let money = |currency, amount| Value::Money(Money { currency, amount: Decimal(amount) });
        match self {
            Values::FewInts => Value::Int(dice.below(6) as i64 - 2),
            Values::GreatInts => Value::Int(*dice.pick(&[i64::MAX, i64::MIN, i64::MAX / 2, -1, 0, 1])),
            Values::GreatDecimals => Value::Decimal(Decimal(*dice.pick(&great))),
            Values::Dollars => money(currency("USD"), dice.below(1_000) as i128),
            Values::TwoCurrencies => {
                let name = if dice.below(6) == 0 { "EUR" } else { "USD" };
                money(currency(name), dice.below(20) as i128)
            }
            Values::Durations => Value::Duration(dice.below(100) as i64 - 50),
            Values::Texts => Value::text(format!("text {}", dice.below(12))),
        }
    }
}

struct Case {
    aggregate: Aggregate,
    values: Values,
    /// One of so many entries errs; 0: none.
    faults: usize,
}

fn cases() -> Vec<Case> {
    let zero = |values: Values| match values {
        Values::Dollars => Value::Money(Money { currency: Currency::parse("USD").unwrap(), amount: Decimal::ZERO }),
        Values::TwoCurrencies => Value::Missing,
        Values::GreatDecimals => Value::Decimal(Decimal::ZERO),
        Values::Durations => Value::Duration(0),
        _ => Value::Int(0),
    };
    let numbers = [
        Values::FewInts,
        Values::GreatInts,
        Values::GreatDecimals,
        Values::Dollars,
        Values::TwoCurrencies,
        Values::Durations,
    ];
    let ordered = [Values::FewInts, Values::GreatDecimals, Values::Dollars, Values::TwoCurrencies, Values::Texts];
    let mut cases = vec![];
    for faults in [0, 40, 8] {
        let mut add = |aggregate, values| cases.push(Case { aggregate, values, faults });
        add(Aggregate::Count, Values::FewInts);
        numbers.iter().for_each(|values| add(Aggregate::Sum { nothing: zero(*values) }, *values));
        ordered.iter().for_each(|values| add(Aggregate::Min, *values));
        ordered.iter().for_each(|values| add(Aggregate::Max, *values));
        for values in [Values::FewInts, Values::Texts, Values::Dollars] {
            add(Aggregate::Distinct, values);
            add(Aggregate::Values, values);
            add(Aggregate::Same, values);
        }
    }
    cases
}

fn readings<'v>(aggregate: &Aggregate, value: &'v Value) -> Vec<Reading<'v>> {
    let mut readings = vec![Reading::Any, Reading::Count];
    match aggregate {
        Aggregate::Count => {}
        Aggregate::Sum { .. } => readings.extend([Reading::Sum, Reading::Average]),
        Aggregate::Min => readings.push(Reading::Min),
        Aggregate::Max => readings.push(Reading::Max),
        Aggregate::Distinct => readings.extend([Reading::Distinct, Reading::Holds(value)]),
        Aggregate::Values => readings.extend([Reading::Newest, Reading::Oldest]),
        Aggregate::Same => readings.push(Reading::All(value)),
    }
    readings
}

/// A series beside a plain list of its entries.
struct Pair {
    series: Series,
    entries: Vec<(Place, Kept)>,
    /// In the list, and not in the series any more.
    lost: Vec<(Place, Kept)>,
    clock: i64,
    order: u64,
}

impl Pair {
    fn new(case: &Case) -> Pair {
        Pair { series: Series::new(&case.aggregate), entries: vec![], lost: vec![], clock: 0, order: 0 }
    }

    fn kept(case: &Case, dice: &mut Dice) -> Kept {
        if case.faults > 0 && dice.below(case.faults) == 0 {
            let fault = dice.pick(&[Fault::Overflow, Fault::DivisionByZero, Fault::Outside]).clone();
            let counts = dice.below(2) == 0 && case.aggregate != Aggregate::Count;
            return if counts { Kept::ValueErred(fault) } else { Kept::Erred(fault) };
        }
        match &case.aggregate {
            Aggregate::Count => Kept::Nothing,
            // Long runs, now and then broken.
            Aggregate::Same if dice.below(10) > 0 => Kept::Value(Values::FewInts.value(&mut Dice(7))),
            _ => Kept::Value(case.values.value(dice)),
        }
    }

    fn append(&mut self, case: &Case, dice: &mut Dice) {
        self.clock += *dice.pick(&[0, 0, 1, 1, 2, 10]);
        self.order += 1 + dice.below(3) as u64;
        self.insert(Place { time: Instant(self.clock), order: self.order }, Pair::kept(case, dice));
    }

    /// Between two that are there.
    fn slip_in(&mut self, case: &Case, dice: &mut Dice) {
        let Some((place, _)) = self.any(dice) else { return };
        let place = Place { order: place.order + 1, ..place };
        if self.entries.iter().all(|(other, _)| *other != place) {
            self.insert(place, Pair::kept(case, dice));
            self.order = self.order.max(place.order);
        }
    }

    fn insert(&mut self, place: Place, kept: Kept) {
        self.series.insert(place, kept.clone());
        let at = self.entries.partition_point(|(other, _)| *other < place);
        self.entries.insert(at, (place, kept));
    }

    fn any(&self, dice: &mut Dice) -> Option<(Place, Kept)> {
        (!self.entries.is_empty()).then(|| dice.pick(&self.entries).clone())
    }

    fn remove(&mut self, dice: &mut Dice) {
        let Some((place, kept)) = self.any(dice) else { return };
        assert_eq!(self.series.remove(place), Some(kept), "what is taken out is what was put in");
        assert_eq!(self.series.remove(place), None);
        self.entries.retain(|(other, _)| *other != place);
    }

    fn expire(&mut self, dice: &mut Dice) {
        let before = Instant(self.clock - dice.below(60) as i64);
        self.series.expire(before);
        self.entries.retain(|(place, _)| place.time >= before);
    }

    fn check(&self, case: &Case, dice: &mut Dice, told: &str) {
        let from = match dice.below(4) {
            0 => Place::FIRST,
            1 => Place::at(Instant(self.clock - dice.below(40) as i64)),
            2 => Place::at(Instant(self.clock - dice.below(400) as i64)),
            _ => self.any(dice).map_or(Place::FIRST, |(place, _)| Place { order: place.order + 1, ..place }),
        };
        let mut own = vec![];
        if dice.below(3) == 0 {
            own.extend(self.any(dice).map(|(place, _)| place));
            own.push(Place { time: Instant(self.clock), order: self.order + 1_000 });
        }
        let most = if dice.below(3) == 0 { Some(dice.below(self.entries.len() + 3) as u64) } else { None };
        // What erred before its key was known.
        let mut all = self.entries.clone();
        let open = self.any(dice).filter(|_| case.faults == 8 && dice.below(2) == 0);
        let open = open.map(|(place, _)| (Place { order: place.order + 900_000, ..place }, Fault::NoSession));
        let open = open.filter(|(place, _)| *place >= from);
        all.extend(open.iter().map(|(place, fault)| (*place, Kept::Erred(fault.clone()))));
        let open = open.as_ref().map(|(place, fault)| (*place, fault));
        let view = View { from, own: &own, most, open };
        let value = match self.any(dice) {
            Some((_, Kept::Value(value))) => value,
            _ => case.values.value(dice),
        };
        for reading in readings(&case.aggregate, &value) {
            let said = self.series.read(&case.aggregate, reading, &view);
            let scanned = scan(&all, &case.aggregate, reading, from, &own, most);
            assert_eq!(said, scanned, "{told}: {reading:?} from {from:?} without {own:?}, at most {most:?}: {all:#?}");
        }
        assert_eq!(self.series.newest_place(&view), newest(&all, from, &own), "{told}: the newest place");
        assert_eq!(self.series.len(), self.entries.len(), "{told}");
        assert_eq!(self.series.newest(), self.entries.last().map(|(place, _)| *place), "{told}");
    }
}

#[test]
fn every_reading_is_what_a_scan_says() {
    let mut checks = 0;
    for seed in 0..25 {
        for (number, case) in cases().iter().enumerate() {
            let dice = &mut Dice(seed * 1_000 + number as u64);
            let mut pair = Pair::new(case);
            // Most are short, some are of many chunks.
            let steps = if seed == 0 { 2_500 } else { 20 + dice.below(60) };
            for step in 0..steps {
                match dice.below(20) {
                    0 | 1 => pair.remove(dice),
                    2 | 3 => pair.slip_in(case, dice),
                    4 if dice.below(steps / 20 + 1) == 0 => pair.expire(dice),
                    _ => pair.append(case, dice),
                }
                if steps < 100 || step % 50 == 0 {
                    let told = format!("seed {seed}, {:?} of {:?}, step {step}", case.aggregate, case.values);
                    pair.check(case, dice, &told);
                    checks += 1;
                }
            }
        }
    }
    assert!(checks > 50_000, "only {checks} checks");
}

/// Taken out in the order in which they came, in the other, and by chance, until nothing is left.
#[test]
fn what_is_taken_out_leaves_no_trace() {
    for (number, case) in cases().iter().enumerate() {
        for way in 0..3 {
            let dice = &mut Dice(number as u64);
            let mut pair = Pair::new(case);
            (0..60).for_each(|_| pair.append(case, dice));
            while !pair.entries.is_empty() {
                let at = [0, pair.entries.len() - 1, dice.below(pair.entries.len())][way];
                let (place, kept) = pair.entries.remove(at);
                assert_eq!(pair.series.remove(place), Some(kept));
                pair.check(case, dice, &format!("{:?}, way {way}", case.aggregate));
            }
            assert!(pair.series.is_idle());
        }
    }
}

/// Where the oldest found no room, a reading that reaches them says so, or what it would say with them.
#[test]
fn what_found_no_room_is_never_left_out_silently() {
    let (mut told, mut said) = (0, 0);
    for seed in 0..6 {
        for (number, case) in cases().iter().enumerate() {
            let dice = &mut Dice(seed * 77 + number as u64);
            let mut pair = Pair::new(case);
            for _ in 0..60 {
                pair.append(case, dice);
                pair.series.cut(20);
                while pair.entries.len() > 20 {
                    pair.lost.push(pair.entries.remove(0));
                }
            }
            let all: Vec<(Place, Kept)> = pair.lost.iter().chain(&pair.entries).cloned().collect();
            let value = case.values.value(dice);
            for (at, (from, _)) in all.iter().enumerate() {
                let most = Some(30).filter(|_| dice.below(2) == 0);
                let view = View { from: *from, own: &[], most, open: None };
                for reading in readings(&case.aggregate, &value) {
                    let result = pair.series.read(&case.aggregate, reading, &view);
                    let scanned = scan(&all, &case.aggregate, reading, *from, &[], most);
                    let bound = result == Err(Fault::HistoryBound(20));
                    assert!(result == scanned || bound && at < pair.lost.len(), "{reading:?}: {result:?}, {scanned:?}");
                    told += usize::from(bound);
                    said += usize::from(!bound && at < pair.lost.len());
                }
            }
        }
    }
    assert!(told > 1_000 && said > 1_000, "{told} told, {said} said");
}

/// A key that was not held when something of it came, and is held later.
#[test]
fn what_was_lost_before_is_remembered() {
    let mut series = Series::new(&Aggregate::Count);
    series.lose(Lost { through: Place { time: Instant(10), order: u64::MAX }, erred: true, bound: 7 });
    series.insert(Place { time: Instant(20), order: 5 }, Kept::Nothing);
    let read = |series: &Series, first| {
        let view = View { from: Place::at(Instant(first)), own: &[], most: None, open: None };
        series.read(&Aggregate::Count, Reading::Count, &view)
    };
    assert_eq!(read(&series, 10), Err(Fault::HistoryBound(7)));
    assert_eq!(read(&series, 11), Ok(Value::Int(1)));
    series.expire(Instant(11));
    assert_eq!(read(&series, 0), Ok(Value::Int(1)), "so long ago that nobody asks");
}

/// A question that its accumulator can't answer is no answer.
#[test]
fn other_questions_are_refused() {
    let series = Series::new(&Aggregate::Count);
    let view = View { from: Place::FIRST, own: &[], most: None, open: None };
    for reading in [Reading::Sum, Reading::Average, Reading::Min, Reading::Max, Reading::Distinct, Reading::Newest] {
        assert_eq!(series.read(&Aggregate::Count, reading, &view).map_err(|fault| fault.code()), Err("E0514"));
    }
}
