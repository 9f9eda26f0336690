//! Built-ins on lists, sets and maps: one table. `length` and `slice` stand with the texts, which they take too.
//! Quantifying (`any`, `all`, `sum`, …) and `in` are the language's own.

use crate::number::compare;
use crate::operand::{CONSTANT, MORE, ONCE, ORDERED, T, list, made_list, map, optional, param, set, within_list};
use ordain_vm::builtin::{Bound, Builtin, Reads, Shape};
use ordain_vm::fault::Fault;
use ordain_vm::value::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

const LIST: Shape = Shape::List(&T);
const SET: Shape = Shape::Set(&T);
/// The values of a map, whose keys are `T`.
const KEYED: Shape = Shape::Var('v', Bound::Any);

pub const ROWS: &[Builtin] = &[
    Builtin {
        module: "",
        name: "first",
        params: &[param("list", LIST)],
        returns: Shape::Optional(&T),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The first entry of `list`; missing of an empty one.",
        examples: &[("first([3, 1, 2])", "3"), (r#"first(words(""))"#, "missing")],
        words: "the first of {list}",
        eval: |a, _| Ok(optional(list(&a[0]).first().cloned())),
    },
    Builtin {
        module: "",
        name: "last",
        params: &[param("list", LIST)],
        returns: Shape::Optional(&T),
        reads: Reads::Nothing,
        cost: CONSTANT,
        doc: "The last entry of `list`; missing of an empty one.",
        examples: &[("last([3, 1, 2])", "2"), (r#"last(words(""))"#, "missing")],
        words: "the last of {list}",
        eval: |a, _| Ok(optional(list(&a[0]).last().cloned())),
    },
    Builtin {
        module: "",
        name: "sort",
        params: &[param("values", Shape::OneOf(&[Shape::List(&ORDERED), Shape::Set(&ORDERED)]))],
        returns: Shape::List(&ORDERED),
        reads: Reads::Nothing,
        cost: MORE,
        doc: "The entries of a list or set, the least first. Texts are in the order of their code points. Money of different \
              currencies is an evaluation error.",
        examples: &[
            ("sort([3, 1, 2, 1])", "[1, 1, 2, 3]"),
            (r#"sort(["b", "a", "B"])"#, r#"["B", "a", "b"]"#),
            ("sort({2, 1})", "[1, 2]"),
        ],
        words: "{values} in order",
        eval: |a, _| {
            let mut values = match &a[0] {
                Value::Set(set) => set.iter().cloned().collect(),
                other => list(other).to_vec(),
            };
            // Whether two can be compared is asked beforehand, of neighbours, since sorting can't stop half way.
            for pair in values.windows(2) {
                compare(&pair[0], &pair[1])?;
            }
            values.sort_by(|a, b| compare(a, b).expect("all have the first one's currency"));
            made_list(values)
        },
    },
    Builtin {
        module: "",
        name: "unique",
        params: &[param("list", LIST)],
        returns: LIST,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "`list` with each value once, where it first stands.",
        examples: &[("unique([2, 1, 2])", "[2, 1]"), (r#"unique(["a", "A"])"#, r#"["a", "A"]"#)],
        words: "the different ones of {list}",
        eval: |a, _| {
            let mut seen = BTreeSet::new();
            made_list(list(&a[0]).iter().filter(|value| seen.insert(*value)).cloned().collect())
        },
    },
    Builtin {
        module: "",
        name: "reverse",
        params: &[param("list", LIST)],
        returns: LIST,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "`list` with the last entry first.",
        examples: &[("reverse([1, 2, 3])", "[3, 2, 1]")],
        words: "{list} from last to first",
        eval: |a, _| made_list(list(&a[0]).iter().rev().cloned().collect()),
    },
    Builtin {
        module: "",
        name: "concat",
        params: &[param("a", LIST), param("b", LIST)],
        returns: LIST,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The entries of `a`, and then those of `b`.",
        examples: &[("concat([1, 2], [2])", "[1, 2, 2]")],
        words: "{a} and then {b}",
        eval: |a, _| {
            within_list(list(&a[0]).len() + list(&a[1]).len())?;
            made_list([list(&a[0]), list(&a[1])].concat())
        },
    },
    Builtin {
        module: "",
        name: "flatten",
        params: &[param("lists", Shape::List(&LIST))],
        returns: LIST,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The entries of all `lists`, one list after the other.",
        examples: &[("flatten([[1, 2], [3]])", "[1, 2, 3]")],
        words: "all entries of {lists}",
        eval: |a, _| {
            let lists = list(&a[0]);
            within_list(lists.iter().map(|part| list(part).len()).sum())?;
            made_list(lists.iter().flat_map(list).cloned().collect())
        },
    },
    Builtin {
        module: "",
        name: "to_set",
        params: &[param("list", LIST)],
        returns: SET,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "The set of the values in `list`.",
        examples: &[("to_set([2, 1, 2])", "{1, 2}")],
        words: "the set of {list}",
        eval: |a, _| made_set(list(&a[0]).iter()),
    },
    Builtin {
        module: "",
        name: "keys",
        params: &[param("map", Shape::Map(&T, &KEYED))],
        returns: SET,
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The keys of `map`.",
        examples: &[(r#"keys({ "b": 1, "a": 2 })"#, r#"{"a", "b"}"#)],
        words: "the keys of {map}",
        eval: |a, _| made_set(map(&a[0]).keys()),
    },
    Builtin {
        module: "",
        name: "values",
        params: &[param("map", Shape::Map(&T, &KEYED))],
        returns: Shape::List(&KEYED),
        reads: Reads::Nothing,
        cost: ONCE,
        doc: "The values of `map`, in the order of their keys.",
        examples: &[(r#"values({ "b": 1, "a": 2 })"#, "[2, 1]")],
        words: "the values of {map}",
        eval: |a, _| made_list(map(&a[0]).values().cloned().collect()),
    },
    Builtin {
        module: "",
        name: "union",
        params: &[param("a", SET), param("b", SET)],
        returns: SET,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "What is in `a`, in `b` or in both.",
        examples: &[("union({1, 2}, {2, 3})", "{1, 2, 3}")],
        words: "what is in {a} or in {b}",
        eval: |a, _| made_set(set(&a[0]).union(set(&a[1]))),
    },
    Builtin {
        module: "",
        name: "intersection",
        params: &[param("a", SET), param("b", SET)],
        returns: SET,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "What is both in `a` and in `b`.",
        examples: &[("intersection({1, 2}, {2, 3})", "{2}"), ("length(intersection({1}, {2}))", "0")],
        words: "what is in both {a} and {b}",
        eval: |a, _| made_set(set(&a[0]).intersection(set(&a[1]))),
    },
    Builtin {
        module: "",
        name: "difference",
        params: &[param("a", SET), param("b", SET)],
        returns: SET,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "What is in `a` and not in `b`.",
        examples: &[("difference({1, 2}, {2, 3})", "{1}")],
        words: "what is in {a} but not in {b}",
        eval: |a, _| made_set(set(&a[0]).difference(set(&a[1]))),
    },
    Builtin {
        module: "",
        name: "is_subset",
        params: &[param("a", SET), param("b", SET)],
        returns: Shape::Bool,
        reads: Reads::Nothing,
        cost: MORE,
        doc: "True when everything in `a` is in `b`, so also when `a` is empty.",
        examples: &[
            ("is_subset({1}, {1, 2})", "true"),
            ("is_subset({1, 3}, {1, 2})", "false"),
            ("is_subset({1, 2}, {1, 2})", "true"),
        ],
        words: "everything in {a} is in {b}",
        eval: |a, _| Ok(Value::Bool(set(&a[0]).is_subset(set(&a[1])))),
    },
];

fn made_set<'a>(values: impl Iterator<Item = &'a Value>) -> Result<Value, Fault> {
    let values: BTreeSet<Value> = values.cloned().collect();
    within_list(values.len())?;
    Ok(Value::Set(Arc::new(values)))
}
