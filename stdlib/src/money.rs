//! Built-ins on money: one table. Rounding and comparing stand with the numbers.

use crate::operand::{CONSTANT, decimal, money, param};
use ordain_vm::builtin::{Builtin, Reads, Shape};
use ordain_vm::value::{Money, Value};

pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "",
        name: "amount_of",
        params: &[param("money", Shape::Money)],
        returns: Shape::Decimal,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "How much `money` is, as a number without its currency.",
        examples: &[("amount_of(20.50 USD)", "20.5"), ("amount_of(-3 EUR)", "-3")],
        words: "the amount of {money}",
        eval: |a, _| Ok(Value::Decimal(money(&a[0]).amount)),
    },
    Builtin {
        module: "",
        name: "currency_of",
        params: &[param("money", Shape::Money)],
        returns: Shape::Currency,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The currency of `money`.",
        examples: &[("currency_of(20 USD)", "USD")],
        words: "the currency of {money}",
        eval: |a, _| Ok(Value::Currency(money(&a[0]).currency)),
    },
    Builtin {
        module: "",
        name: "money_of",
        params: &[param("amount", Shape::Decimal), param("currency", Shape::Currency)],
        returns: Shape::Money,
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "So much of `currency`, where a request has the two apart.",
        examples: &[("money_of(20.5, EUR)", "20.50 EUR"), ("money_of(7, JPY)", "7 JPY")],
        words: "{amount} {currency}",
        eval: |a, _| {
            let currency = match &a[1] {
                Value::Currency(currency) => *currency,
                other => unreachable!("the checker gives every operand its shape, not {other:?}"),
            };
            Ok(Value::Money(Money { currency, amount: decimal(&a[0]) }))
        },
    },
];
