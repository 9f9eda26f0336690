//! Calls of the standard library: of any row whose result can be of the wanted kind, by the shapes that the row declares. A
//! new row is called as soon as it stands in its table. `exprs` calls it.

use super::exprs::{Binds, Exprs, Scope, Written};
use super::world::Kind;
use Kind::*;
use ordain_stdlib::all;
use ordain_vm::builtin::{Bound, Builtin, Reads, Shape};

/// What a result of a wanted kind settles of its row.
#[derive(Clone, Copy)]
struct Settled {
    /// What the row's letter stands for.
    letter: Option<(char, Kind)>,
    optional: bool,
}

impl Exprs<'_> {
    /// A call that gives that kind; none where no row does, or what it wants is not at hand.
    pub fn builtin(&mut self, scope: &Scope, kind: Kind, depth: usize) -> Option<Written> {
        let turn = all().nth(self.turn);
        let rows: Vec<(&Builtin, Settled)> = all()
            .filter(|row| scope.clock || row.reads == Reads::Nothing)
            .filter_map(|row| Some((row, settle(row.returns, kind)?)))
            .collect();
        if rows.is_empty() {
            return None;
        }
        let in_turn = rows.iter().find(|(row, _)| turn.is_some_and(|turn| std::ptr::eq(turn, *row)));
        let (row, settled) = match in_turn {
            Some(row) if self.random.chance(80) => *row,
            Some(_) | None => *self.random.pick(&rows),
        };
        let mut letter = settled.letter;
        let operands: Option<Vec<String>> =
            row.params.iter().map(|param| self.operand(scope, param.shape, &mut letter, depth)).collect();
        let call = format!("{}({})", row.path(), operands?.join(", "));
        match settled.optional {
            true => Some((format!("{call} or else {}", self.literal(kind).0), Binds::Default)),
            false => Some((call, Binds::Atom)),
        }
    }

    /// What says its own type, as bare members and empty lists do not: it is at hand, or a call gives it.
    pub fn typed(&mut self, scope: &Scope, kind: Kind, depth: usize) -> Option<String> {
        let made = match depth > 0 && self.random.chance(40) {
            true => self.builtin(scope, kind, depth - 1).filter(|(_, binds)| *binds == Binds::Atom),
            false => None,
        };
        match made {
            Some((call, _)) => Some(call),
            None => self.own(scope, kind),
        }
    }

    /// So often, in percent, a call is tried where that kind is wanted.
    pub fn calls(&self, kind: Kind) -> u64 {
        let turn = all().nth(self.turn);
        if turn.is_some_and(|row| settle(row.returns, kind).is_some()) { 50 } else { 8 }
    }

    fn operand(
        &mut self,
        scope: &Scope,
        shape: Shape,
        letter: &mut Option<(char, Kind)>,
        depth: usize,
    ) -> Option<String> {
        let kind = match shape {
            Shape::Bool => Bool,
            Shape::Int => Int,
            Shape::Decimal => Decimal,
            Shape::Text => Text,
            Shape::Date => Date,
            Shape::Time => Time,
            Shape::Instant => Instant,
            Shape::Duration => Duration,
            Shape::Period => Period,
            Shape::Country => Country,
            Shape::Currency => Currency,
            Shape::Money => *self.random.pick(&[Usd, Money]),
            Shape::Ip => Ip,
            Shape::IpRange => Range,
            Shape::Hours => return scope.clock.then(|| "calendar.business_hours".to_string()),
            Shape::Choice(of) => return Some(self.random.word(of.words()).to_string()),
            Shape::Optional(of) => return self.operand(scope, *of, letter, depth),
            Shape::OneOf(shapes) => {
                // Where several types would do, a bare code says not which it is.
                return match *self.random.pick(shapes) {
                    Shape::Country => self.typed(scope, Country, depth),
                    Shape::Currency => self.typed(scope, Currency, depth),
                    shape => self.operand(scope, shape, letter, depth),
                };
            }
            Shape::Var(of, bound) => {
                let fits: Vec<Kind> = SCALARS.iter().copied().filter(|kind| allows(bound, *kind)).collect();
                stands_for(of, letter, *self.random.pick(&fits))
            }
            Shape::List(Shape::Text) => return self.typed(scope, Texts, depth),
            Shape::List(of @ Shape::List(_)) => {
                let (a, b) = (self.operand(scope, *of, letter, depth)?, self.operand(scope, *of, letter, depth)?);
                return Some(format!("[{a}, {b}]"));
            }
            Shape::List(Shape::Var(of, bound)) => {
                let lists: Vec<Kind> = LISTS.iter().map(|(_, of)| *of).filter(|of| allows(*bound, *of)).collect();
                let element = stands_for(*of, letter, *self.random.pick(&lists));
                let (list, _) = LISTS.iter().find(|(_, of)| *of == element)?;
                return self.typed(scope, *list, depth);
            }
            Shape::Set(Shape::Var(of, _)) if stands_for(*of, letter, Text) == Text => {
                return self.typed(scope, Tags, depth);
            }
            Shape::Map(Shape::Var(key, _), Shape::Var(of, _)) => {
                let fits = settled(*key, *letter).is_none_or(|kind| kind == Text)
                    && settled(*of, *letter).is_none_or(|kind| kind == Usd);
                return if fits { self.own(scope, Prices) } else { None };
            }
            Shape::List(_) | Shape::Set(_) | Shape::Map(..) => return None,
        };
        match kind {
            Ints | Texts | Tags | Points | Prices => self.typed(scope, kind, depth),
            kind => Some(self.at(scope, kind, depth, Binds::Open)),
        }
    }
}

/// What the letter stands for; where nothing settled that yet, this.
fn stands_for(of: char, letter: &mut Option<(char, Kind)>, kind: Kind) -> Kind {
    if letter.is_none() {
        *letter = Some((of, kind));
    }
    settled(of, *letter).unwrap_or(kind)
}

fn settled(of: char, letter: Option<(char, Kind)>) -> Option<Kind> {
    letter.filter(|(settled, _)| *settled == of).map(|(_, kind)| kind)
}

/// Lists that are generated, and of what.
const LISTS: [(Kind, Kind); 3] = [(Ints, Int), (Texts, Text), (Points, Point)];

/// What a letter that no result settles may stand for.
const SCALARS: [Kind; 7] = [Int, Usd, Text, Date, Time, Instant, Duration];

/// Two operands of one letter have to be of one type, and an int among decimals would not be.
fn allows(bound: Bound, kind: Kind) -> bool {
    match bound {
        Bound::Any => matches!(kind, Int | Text | Point),
        Bound::Number => matches!(kind, Int | Decimal | Usd | Duration),
        Bound::Ordered => SCALARS.contains(&kind),
        Bound::Fraction => matches!(kind, Decimal | Usd),
        Bound::Sequence => matches!(kind, Text | Ints | Texts),
    }
}

/// Whether a result of that shape can be of that kind.
fn settle(shape: Shape, kind: Kind) -> Option<Settled> {
    let of = |letter| Some(Settled { letter, optional: false });
    match (shape, kind) {
        (Shape::Optional(of), kind) => Some(Settled { optional: true, ..settle(*of, kind)? }),
        (Shape::Var(letter, bound), kind) if allows(bound, kind) => of(Some((letter, kind))),
        (Shape::List(Shape::Text), Texts) => of(None),
        (Shape::List(Shape::Var(letter, bound)), kind) => {
            let (_, element) = LISTS.iter().find(|(list, _)| *list == kind)?;
            if allows(*bound, *element) { of(Some((*letter, *element))) } else { None }
        }
        (Shape::Set(Shape::Var(letter, _)), Tags) => of(Some((*letter, Text))),
        (Shape::Bool, Bool)
        | (Shape::Int, Int)
        | (Shape::Decimal, Decimal)
        | (Shape::Text, Text)
        | (Shape::Date, Date)
        | (Shape::Time, Time)
        | (Shape::Instant, Instant)
        | (Shape::Duration, Duration)
        | (Shape::Period, Period)
        | (Shape::Country, Country)
        | (Shape::Currency, Currency)
        | (Shape::Money, Money)
        | (Shape::Ip, Ip)
        | (Shape::IpRange, Range) => of(None),
        _ => None,
    }
}
