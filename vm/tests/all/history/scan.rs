//! What readings of the past come to, by looking at one entry after the other, as `spec/history.md` 5 and 6 say it.

use ethnum::I256;
use ordain_vm::fault::Fault;
use ordain_vm::history::{Aggregate, Kept, Place, Reading};
use ordain_vm::value::{Decimal, Money, Value};
use std::collections::BTreeSet;

/// Entries in the order of their places; what erred before its key was known is among them.
pub fn scan(
    entries: &[(Place, Kept)],
    aggregate: &Aggregate,
    reading: Reading<'_>,
    from: Place,
    own: &[Place],
    most: Option<u64>,
) -> Result<Value, Fault> {
    let mut window: Vec<&(Place, Kept)> =
        entries.iter().filter(|(place, _)| *place >= from && !own.contains(place)).collect();
    window.sort_by_key(|(place, _)| *place);
    if reading == Reading::Newest {
        window.reverse();
    }
    let bounded = !matches!(reading, Reading::Any | Reading::Newest | Reading::Oldest);
    let (mut count, mut total, mut like) = (0_u64, I256::ZERO, None);
    let mut best: Option<Value> = None;
    let mut different = BTreeSet::new();
    for (_, kept) in window {
        if let Kept::Erred(fault) = kept {
            return Err(fault.clone());
        }
        count += 1;
        if let Some(most) = most.filter(|most| bounded && count > *most) {
            return Err(Fault::HistoryBound(most));
        }
        match reading {
            Reading::Any => return Ok(Value::Bool(true)),
            Reading::Count => continue,
            _ => {}
        }
        let value = match kept {
            Kept::Value(value) => value.clone(),
            Kept::ValueErred(fault) => return Err(fault.clone()),
            Kept::Erred(_) | Kept::Nothing => Value::Missing,
        };
        match reading {
            Reading::Newest | Reading::Oldest => return Ok(value),
            Reading::Sum | Reading::Average => {
                let number = match &value {
                    Value::Int(number) => I256::from(*number),
                    Value::Duration(number) => I256::from(*number),
                    Value::Decimal(number) => I256::from(number.0),
                    Value::Money(money) => {
                        if let Some(Value::Money(before)) = &like
                            && before.currency != money.currency
                        {
                            return Err(Fault::CurrenciesDiffer(before.currency, money.currency));
                        }
                        I256::from(money.amount.0)
                    }
                    _ => return Err(Fault::Form("a number")),
                };
                total += number;
                like = Some(value);
            }
            Reading::Min | Reading::Max => {
                if let (Some(Value::Money(best)), Value::Money(money)) = (&best, &value)
                    && best.currency != money.currency
                {
                    return Err(Fault::CurrenciesDiffer(money.currency, best.currency));
                }
                let better = |best: &Value| if reading == Reading::Min { value < *best } else { value > *best };
                if best.as_ref().is_none_or(better) {
                    best = Some(value);
                }
            }
            Reading::All(wanted) if value != *wanted => return Ok(Value::Bool(false)),
            Reading::Distinct | Reading::Holds(_) => _ = different.insert(value),
            Reading::All(_) | Reading::Any | Reading::Count => {}
        }
    }
    let narrow = |number: I256| i128::try_from(number).map(Decimal).map_err(|_| Fault::Overflow);
    let int = |number: I256| i64::try_from(number).map_err(|_| Fault::Overflow);
    Ok(match reading {
        Reading::Any => Value::Bool(false),
        Reading::Count => Value::Int(count as i64),
        Reading::Sum => match (like, aggregate) {
            (None, Aggregate::Sum { nothing }) => nothing.clone(),
            (Some(Value::Int(_)), _) => Value::Int(int(total)?),
            (Some(Value::Duration(_)), _) => Value::Duration(int(total)?),
            (Some(Value::Money(like)), _) => Value::Money(Money { currency: like.currency, amount: narrow(total)? }),
            _ => Value::Decimal(narrow(total)?),
        },
        Reading::Average => match like {
            None => Value::Missing,
            Some(Value::Int(_)) => Value::Decimal(narrow(divided(total * I256::from(Decimal::ONE.0), count))?),
            Some(Value::Duration(_)) => Value::Duration(int(divided(total, count))?),
            Some(Value::Money(like)) => {
                Value::Money(Money { currency: like.currency, amount: narrow(divided(total, count))? })
            }
            Some(_) => Value::Decimal(narrow(divided(total, count))?),
        },
        Reading::Min | Reading::Max => best.unwrap_or(Value::Missing),
        Reading::Distinct => Value::Int(different.len() as i64),
        Reading::Holds(value) => Value::Bool(different.contains(value)),
        Reading::All(_) => Value::Bool(true),
        Reading::Newest | Reading::Oldest => Value::Missing,
    })
}

/// To the nearest whole number, of two equally near the even one.
fn divided(total: I256, count: u64) -> I256 {
    let by = I256::from(count);
    let floor = total.div_euclid(by);
    let twice = total.rem_euclid(by) * 2;
    if twice > by || (twice == by && floor.rem_euclid(I256::from(2)) == 1) { floor + 1 } else { floor }
}

/// The newest entry that is not left out.
pub fn newest(entries: &[(Place, Kept)], from: Place, own: &[Place]) -> Result<Option<Place>, Fault> {
    match entries.iter().filter(|(place, _)| *place >= from && !own.contains(place)).max_by_key(|(place, _)| *place) {
        Some((_, Kept::Erred(fault))) => Err(fault.clone()),
        newest => Ok(newest.map(|(place, _)| *place)),
    }
}
