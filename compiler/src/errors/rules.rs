//! Messages about rules, tables, policies and the past.

use crate::diagnostic::Diagnostic;
use crate::errors::Code;
use crate::hir::Name;
use crate::source::Span;
use ordain_vm::fault::Fault;

/// A whole sentence: a capital at the beginning, a full stop at the end.
fn say(code: Code, at: Span, message: impl Into<String>) -> Diagnostic {
    let message: String = message.into();
    let mut letters = message.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    Diagnostic::new(code, at, format!("{first}{}.", letters.as_str()))
}

// Effects

pub fn effect_on_event(at: Span, rule: &str, event: &str, what: &str) -> Diagnostic {
    say(Code::E0404, at, format!("`{rule}` is on the event `{event}`, and {what}"))
        .note("An event has happened already: nothing can permit or refuse it.")
        .help("Leave the rule its duties: `when … must …`.")
}

pub fn no_effect(at: Span, rule: &str) -> Diagnostic {
    say(Code::E0409, at, format!("`{rule}` does nothing: it has no effect and no duty"))
        .help("Say what it does: `permit`, `deny`, `needs approval of …`, `require …` or `must …`.")
}

// Duties

pub fn otherwise_without_within(at: Span, duty: &str) -> Diagnostic {
    say(Code::E0413, at, format!("the duty `{duty}` has an `otherwise`, but no time by which it is due"))
        .help("Write `within …` before `otherwise`.")
}

pub fn once_done_on_event(at: Span, duty: &str) -> Diagnostic {
    say(Code::E0413, at, format!("`{duty}` is to be done `once done`, but an event is not carried out"))
        .note("An event has happened already, so its duties are due at once.")
        .help("Remove `once done`.")
}

pub fn no_time_for_duty(at: Span, duty: &str) -> Diagnostic {
    say(Code::E0413, at, format!("the duty `{duty}` is given no time: `within` is not more than nothing"))
        .help("Give it some time, or leave `within` out.")
}

pub fn mark_outside(at: Span, mark: &str) -> Diagnostic {
    say(Code::E0413, at, format!("the mark `{mark}` is never crossed below the limit"))
        .help("A mark is more than 0% and at most 100%.")
}

// Approvers

pub fn too_few_approvers(at: Span, wanted: u32, listed: usize) -> Diagnostic {
    say(Code::E0414, at, format!("`any {wanted} of` lists only {listed}"))
        .note("It could never be met.")
        .help(format!("Ask for at most {listed}, or list more roles."))
}

pub fn no_approver(at: Span) -> Diagnostic {
    say(Code::E0414, at, "`any 0 of` asks for nobody").help("Ask for at least 1, or leave the approval out.")
}

pub fn too_many_approvers(at: Span, roles: usize) -> Diagnostic {
    say(Code::E0414, at, format!("one clause names {roles} roles; it may name 16"))
        .help("Split it into several rules, or make one role of some of them.")
}

pub fn no_time_to_approve(at: Span) -> Diagnostic {
    say(Code::E0414, at, "there is no time to approve: `within` is not more than nothing")
        .help("Give the approvers some time, or leave `within` out.")
}

// Overrides

pub fn override_circle(at: Span, circle: &[String]) -> Diagnostic {
    let steps: Vec<String> = circle.windows(2).map(|pair| format!("`{}` overrides `{}`", pair[0], pair[1])).collect();
    let message = match circle {
        [one, other] if one == other => format!("`{one}` overrides itself"),
        _ => format!("these rules override each other in a circle: {}", steps.join(", ")),
    };
    say(Code::E0401, at, message).note("Which of them stands could not be told.").help("Remove one of the `overrides`.")
}

pub fn foreign_override(at: Span, rule: &str, other: &str, policy: &str) -> Diagnostic {
    say(Code::E0402, at, format!("`{rule}` can't override `{other}`, which stands in the policy `{policy}`")).help(
        format!(
            "A rule overrides rules of its own policy, or, in a policy `under {policy}`, those marked `overridable`."
        ),
    )
}

pub fn not_overridable(at: Span, rule: &str, other: &str, policy: &str, declared: Span) -> Diagnostic {
    say(Code::E0402, at, format!("`{rule}` can't override `{other}`: `{policy}` does not allow it"))
        .also(declared, "not marked `overridable`")
        .help(format!("Only whoever keeps `{policy}` can mark `{other}` as `overridable`."))
}

pub fn override_lacks_version(at: Span, rule: &str, other: &str, version: Span) -> Diagnostic {
    say(
        Code::E0402,
        at,
        format!("`{rule}` overrides `{other}`, which a version of the outer policy does not let it override"),
    )
    .also(version, format!("this version is in force at the same time; it has no `{other}` marked `overridable`"))
    .help("Every version of the outer policy whose dates overlap must have the rule, marked `overridable`.")
}

pub fn override_shares_no_action(at: Span, rule: &str, other: &str, declared: Span) -> Diagnostic {
    say(Code::E0402, at, format!("`{rule}` overrides `{other}`, but no action has both rules"))
        .also(declared, format!("`{other}` is on other actions"))
        .help("Put both on the same action, or remove the `overrides`.")
}

pub fn override_without_effect(at: Span, rule: &str) -> Diagnostic {
    say(Code::E0403, at, format!("`{rule}` overrides another rule, but has no effect of its own"))
        .help("Write `lift`, which defeats the other rule and grants nothing.")
}

pub fn override_on_trial(at: Span, rule: &str) -> Diagnostic {
    say(Code::E0403, at, format!("`{rule}` is on trial, so it can't override another rule"))
        .note("A rule on trial decides nothing.")
        .help("Remove `trial`, or the `overrides`.")
}

pub fn lift_overrides_nothing(at: Span, rule: &str) -> Diagnostic {
    say(Code::E0403, at, format!("`{rule}` lifts, but names no rule that it overrides"))
        .help("Write `overrides RULE` behind the action, or `permit` if it is meant to grant.")
}

pub fn permits_what_it_overrides(at: Span, rule: &str, other: &str, declared: Span) -> Diagnostic {
    say(Code::W0405, at, format!("`{rule}` permits what it overrides: it defeats `{other}` and grants besides"))
        .also(declared, "this restricts")
        .note("What else would have been asked of the request is then no longer needed for it to pass.")
        .help("If it is only an exception, write `lift`, and leave granting to the rules that grant.")
}

// Policies

pub fn overlapping_versions(at: Span, policy: &str, other: Span, from: &str) -> Diagnostic {
    say(Code::E0407, at, format!("two versions of `{policy}` are in force at the same time{from}"))
        .also(other, "the other version")
        .help("Let one end with `until` on the day before the other begins with `effective from`.")
}

pub fn same_version(at: Span, policy: &str, number: &str, other: Span) -> Diagnostic {
    say(Code::E0407, at, format!("two versions of `{policy}` are both called {number}"))
        .also(other, "the other version")
        .help("Give each version a number of its own.")
}

pub fn not_governed(at: Span, rule: &str, action: &str, policy: &str, governs: Span) -> Diagnostic {
    say(Code::E0408, at, format!("`{rule}` is on `{action}`, which `{policy}` does not govern"))
        .also(governs, "what the policy governs")
        .help(format!("Add `{action}` to `governs`, or move the rule to a policy that governs it."))
}

pub fn not_governed_by_outer(at: Span, rule: &str, action: &str, outer: &str, version: Span) -> Diagnostic {
    say(Code::E0408, at, format!("`{rule}` is on `{action}`, which the outer policy `{outer}` does not govern"))
        .also(version, format!("`{outer}` does not govern `{action}`"))
        .help(format!("A policy `under {outer}` governs only what `{outer}` governs."))
}

pub fn governs_nothing(at: Span, policy: &str) -> Diagnostic {
    say(Code::E0410, at, format!("`{policy}` governs nothing: it has no `governs` and no rule on an action"))
        .help("Write `governs` and the actions, or a rule.")
}

pub fn any_of_nothing(at: Span, rule: &str, policy: &Name) -> Diagnostic {
    say(
        Code::E0315,
        at,
        format!("`{rule}` is on `any` action that `{}` governs, and `{0}` does not say which", policy.text),
    )
    .also(policy.at, "has no `governs`")
    .help("Write `governs any`, or `governs` and the actions; or name the action in the rule.")
}

pub fn governs_twice(at: Span, policy: &str, action: &str) -> Diagnostic {
    say(Code::E0410, at, format!("`governs` of `{policy}` names `{action}` twice"))
        .help("Name each action once; a group stands for all its members.")
}

pub fn governs_more_than_outer(at: Span, policy: &str, action: &str, outer: &str, version: Span) -> Diagnostic {
    say(Code::E0408, at, format!("`{policy}` governs `{action}`, which `{outer}` does not govern"))
        .also(version, format!("`{outer}` does not govern `{action}`"))
        .help(format!(
            "A policy `under {outer}` governs only what `{outer}` governs: remove `{action}`, or add it there."
        ))
}

pub fn action_without_rule(at: Span, action: &str) -> Diagnostic {
    say(Code::W0404, at, format!("no rule mentions the action `{action}`"))
        .note("Every request for it is answered by an `otherwise`, or denied since no policy governs it.")
        .help("Write a rule on it, or remove it.")
}

/// `gate`: there is a rule that asks for approval; `first` is a rule on the action.
pub fn never_permits(at: Span, policy: &str, action: &str, abstains: bool, gate: bool, first: &Name) -> Diagnostic {
    let message = if abstains {
        format!("nothing can ever permit `{action}`: no policy that governs it has a rule that permits it")
    } else {
        format!("nothing can ever permit `{action}`: `{policy}` has no rule that permits it, and denies the rest")
    };
    let diagnostic = say(Code::W0410, at, message)
        .label("permits nothing")
        .also(first.at, format!("a rule on `{action}`"))
        .help("Write a rule that permits, or `otherwise permit`. Where another policy permits it, write `otherwise abstain`.");
    if gate {
        diagnostic.note("A gate grants nothing: what `needs approval` must be permitted besides.")
    } else {
        diagnostic
    }
}

// Dates

pub fn expired(at: Span, what: &str, name: &str, until: &str) -> Diagnostic {
    say(Code::W0408, at, format!("the {what} `{name}` has expired: its last day was {until}"))
        .help("Remove it, or set another `until`.")
}

pub fn ends_before_it_begins(at: Span, what: &str, name: &str, from: &str, until: &str) -> Diagnostic {
    say(
        Code::W0409,
        at,
        format!("the {what} `{name}` is never in force: it ends on {until}, before it begins on {from}"),
    )
    .help("`from` is the first day in force, `until` the last.")
}

pub fn outside_the_policys_dates(at: Span, rule: &str, policy: &str, declared: Span) -> Diagnostic {
    say(Code::W0409, at, format!("`{rule}` is never in force: its dates lie outside those of `{policy}`"))
        .also(declared, "when the policy is in force")
        .help("A rule is in force only while its policy is.")
}

pub fn outside_the_outers_dates(at: Span, policy: &str, outer: &str, declared: Span) -> Diagnostic {
    say(Code::W0409, at, format!("`{policy}` is never in force: no version of `{outer}` is at the same time"))
        .also(declared, format!("a version of `{outer}`"))
        .help(format!("A policy `under {outer}` is in force only while `{outer}` is."))
}

// Tests

fn test_step(at: Span, message: impl Into<String>) -> Diagnostic {
    say(Code::E0415, at, message)
}

pub fn expects_too_early(at: Span) -> Diagnostic {
    test_step(at, "this test expects something before it has asked for anything")
        .help("Write a `request` or an `event` before it.")
}

pub fn expects_nothing(at: Span, name: &str) -> Diagnostic {
    test_step(at, format!("the test \"{name}\" expects nothing, so it can't fail"))
        .help("Write what must come of it: `expect permit by …`.")
}

pub fn approves_too_early(at: Span, word: &str) -> Diagnostic {
    test_step(at, format!("there is no request that could be {word} here"))
        .note("It asks the last request again, with its id.")
        .help("Write a `request` before it.")
}

pub fn repeated_never(at: Span) -> Diagnostic {
    test_step(at, "`repeated 0 times` records nothing").help("Repeat it at least once, or remove the line.")
}

pub fn ago_is_ahead(at: Span) -> Diagnostic {
    test_step(at, "this would lie in the future").help("Write how long ago it was: `2 hours ago`.")
}

pub fn event_has_no_verdict(at: Span, verdict: &str) -> Diagnostic {
    test_step(at, format!("an event is recorded; it is never answered with `{verdict}`"))
        .help("Write `expect recorded`, `expect must …` or `expect error …`.")
}

pub fn request_is_not_recorded(at: Span) -> Diagnostic {
    test_step(at, "only an event is `recorded`; a request is permitted, escalated or denied")
        .help("Write `expect permit`, `expect escalate` or `expect deny`.")
}

pub fn rule_on_another_action(at: Span, rule: &str, action: &str, declared: Span) -> Diagnostic {
    test_step(at, format!("`{rule}` can't decide this: it is not on `{action}`"))
        .also(declared, format!("`{rule}`"))
        .help("Name a rule on the action that was asked for, or `otherwise`.")
}

pub fn rule_never_says(at: Span, rule: &str, verdict: &str, why: &str, declared: Span) -> Diagnostic {
    test_step(at, format!("`{rule}` never determines `{verdict}`: {why}")).also(declared, format!("`{rule}`"))
}

pub fn not_waivable(at: Span, rule: &str, declared: Span) -> Diagnostic {
    test_step(at, format!("`{rule}` can't be waived"))
        .also(declared, "it names nobody who may waive it")
        .help("Write `may be waived by ROLE` behind its `deny`, or remove this step.")
}

pub fn lacks_argument(at: Span, action: &str, name: &str) -> Diagnostic {
    test_step(at, format!("this request for `{action}` lacks `{name}`"))
        .help(format!("Write `{name}: …`, here or in what it is made from."))
}

pub fn clock_goes_back(at: Span, before: Span) -> Diagnostic {
    test_step(at, "the clock goes back")
        .also(before, "a request was made at this time")
        .help("The times of one history never decrease: put the steps in order of time, or write another test.")
}

pub fn zone_is_open(at: Span, zones: &str) -> Diagnostic {
    test_step(at, format!("this local time could be of several zones: the policies in force have {zones}"))
        .help("Write the zone behind the time: `at 2026-03-03 10:00 \"UTC\"`.")
}

pub fn no_such_code(at: Span, code: &str) -> Diagnostic {
    test_step(at, format!("`{code}` is no code of an evaluation or input error"))
        .help("`ordain explain E0501` shows one; they begin with E05 and E06.")
}

// Tables

pub fn table_hole(at: Span, table: &str, case: &[(String, String)]) -> Diagnostic {
    say(Code::E0405, at, format!("no row of `{table}` fits every case"))
        .label(format!("not here: {}", case_words(case)))
        .note(format!("A missing case: {}", case_row(case)))
        .help("Add a row for it, or an `otherwise`.")
}

pub fn table_too_wide(at: Span, table: &str) -> Diagnostic {
    say(Code::E0405, at, format!("`{table}` has too many combinations to be looked through for holes"))
        .help("Add an `otherwise`, or split the table.")
}

pub fn table_overlap(at: Span, other: Span, case: &[(String, String)]) -> Diagnostic {
    say(Code::E0406, at, "two rows fit the same case")
        .label(format!("fits {}", case_words(case)))
        .also(other, "and so does this row")
        .note(format!("The case: {}", case_row(case)))
        .help("Make one of them narrower, or write `first match` in the first line of the table: then the earlier row is taken.")
}

pub fn row_never_taken(at: Span, earlier: Option<Span>) -> Diagnostic {
    let message = "this row is never taken: the rows before it fit everything that it fits";
    let diagnostic = say(Code::W0402, at, message).help("Move it up, or remove it.");
    match earlier {
        Some(earlier) => diagnostic.also(earlier, "this row fits all of it"),
        None => diagnostic,
    }
}

pub fn arm_never_reached(at: Span) -> Diagnostic {
    say(Code::W0402, at, "this arm is never reached: those before it take everything that it takes")
        .help("Move it up, or remove it.")
}

pub fn empty_cell(at: Span, parameter: &str) -> Diagnostic {
    say(Code::E0412, at, format!("no value of `{parameter}` fits this cell, so the row is never taken"))
        .help("A range goes from the smaller end to the larger: `1 .. 5`.")
}

pub fn text_range(at: Span, parameter: &str) -> Diagnostic {
    say(Code::E0405, at, format!("this splits the texts of `{parameter}`, so holes can't be looked for"))
        .help("Add an `otherwise`, or list the texts: `{\"a\", \"b\"}`.")
}

fn case_words(case: &[(String, String)]) -> String {
    let parts: Vec<String> = case.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    parts.join(", ")
}

fn case_row(case: &[(String, String)]) -> String {
    let values: Vec<&str> = case.iter().map(|(_, value)| value.as_str()).collect();
    format!("| {} |", values.join(" | "))
}

// The past

pub fn where_without_entry(at: Span, part: &str, entry: &str) -> Diagnostic {
    say(Code::E0313, at, format!("this part of the `where` says nothing about `{entry}`"))
        .note("A `where` picks entries of the past. What holds for all of them alike belongs before the reading.")
        .help(format!("Move it out: `{part} and any({entry} in past …)`."))
}

pub fn clock_in_where(at: Span, part: &str, entry: &str) -> Diagnostic {
    say(Code::E0313, at, format!("`{part}` asks the clock about each entry of the past"))
        .note("Whether an entry belongs to the answer is settled when it is recorded.")
        .help(format!(
            "Say in the window how far back to look (`within 90 days`), and let the `where` ask about `{entry}` alone."
        ))
}

pub fn past_in_where(at: Span, part: &str, entry: &str) -> Diagnostic {
    say(Code::E0313, at, format!("`{part}` asks the past about each entry of the past"))
        .help(format!("Ask it in a condition of its own, outside the `where` of `{entry}`."))
}

pub fn request_in_where(at: Span, part: &str, entry: &str) -> Diagnostic {
    say(Code::E0313, at, format!("`{part}` compares each entry of the past with this request"))
        .note(format!(
            "A `where` holds equalities, such as `{entry}.invoice == invoice`, and conditions on `{entry}` alone, joined by `and`."
        ))
        .help(format!(
            "Take the value out and compare it outside: `max({entry}.amount for {entry} in past …)`, `latest(…)`; or split an `or` into two readings."
        ))
}

pub fn value_not_of_entry(at: Span, part: &str, entry: &str) -> Diagnostic {
    say(Code::E0313, at, format!("`{part}` is worked out when `{entry}` is recorded, and can use `{entry}` alone"))
        .help("Move what comes from this request, the clock or the past out of it.")
}

pub fn since_lacks_key(at: Span, action: &str, key: &str) -> Diagnostic {
    say(Code::E0313, at, format!("`since {action}` looks for the same `{key}`, and `{action}` has none of that type"))
        .help(format!("Say which one is meant: `since (s in {action} where …)`."))
}

pub fn limit_reads_past(at: Span, part: &str) -> Diagnostic {
    say(Code::E0313, at, format!("`{part}` reads the past, but a limit counts what each request itself has"))
        .help("Ask the past in a rule of its own.")
}

pub fn counts_everyones(at: Span) -> Diagnostic {
    say(Code::W0406, at, "this counts everyone's: it names no actor, no target and no other key")
        .help("Write `by actor` if only the past of who is asking counts.")
}

pub fn unbounded_ever(at: Span) -> Diagnostic {
    say(Code::W0407, at, "this looks back for ever, and keeps something for every key that ever came up")
        .note("It also needs a history that is complete for all time.")
        .help("Say how far back it matters: `within 1 year`.")
}

pub fn unbounded_since(at: Span) -> Diagnostic {
    say(
        Code::W0407,
        at,
        "this looks back without end where that never happened, and keeps something for every key that ever came up",
    )
    .note("It then also needs a history that is complete for all time.")
    .help("If an age is enough, say it: `within 1 year`.")
}

// Conditions

pub fn never_applies(at: Span, rule: &str, limit: bool, proof: Vec<String>) -> Diagnostic {
    let what = if limit { "counts nothing" } else { "can never apply" };
    let mut diagnostic = say(Code::W0401, at, format!("`{rule}` {what}: its conditions never all hold"));
    diagnostic.notes = proof;
    diagnostic.help("Change the condition that is wrong, or remove the rule.")
}

pub fn always(at: Span, condition: &str, holds: bool, proof: Vec<String>) -> Diagnostic {
    let what = if holds { "is always true" } else { "is never true" };
    let mut diagnostic = say(Code::W0402, at, format!("`{condition}` {what}"));
    diagnostic.notes = proof;
    diagnostic.help("Remove it, or say what was meant.")
}

pub fn always_here(at: Span, condition: &str, holds: bool, proof: Vec<String>) -> Diagnostic {
    let what = if holds { "is always true where it is asked" } else { "is never true where it is asked" };
    let mut diagnostic = say(Code::W0402, at, format!("`{condition}` {what}"));
    diagnostic.notes = proof;
    diagnostic.help("Remove it, or change what is asked before it.")
}

/// A set in which something errs; `part` is what does, which may stand in a define that it calls.
pub fn set_errs(at: Span, set: &str, fault: &Fault, part: Span) -> Diagnostic {
    let code = Code::parse(fault.code()).unwrap_or(Code::E0514);
    let diagnostic = say(code, at, format!("`{set}` can't be made: {fault}")).label(fault.word());
    let diagnostic = if part == at { diagnostic } else { diagnostic.also(part, "here") };
    diagnostic.help("A set is a constant: every rule that reads it would err.")
}

/// An operation that errs for every request; `part` is what does, which may stand in a define that it calls.
pub fn always_errs(at: Span, said: &str, fault: &Fault, part: Span) -> Diagnostic {
    let diagnostic = say(Code::W0411, at, format!("`{said}` always errs: {fault}"))
        .label(fault.word())
        .note(format!("Whatever the request, it is {}.", fault.code()));
    let diagnostic = if part == at { diagnostic } else { diagnostic.also(part, "here") };
    diagnostic.help("Say what was meant, or remove it.")
}

pub fn pointless(at: Span, rule: &str, other: &str, declared: Span, why: &str) -> Diagnostic {
    say(Code::W0403, at, format!("`{rule}` is pointless: wherever it applies, `{other}` {why}"))
        .also(declared, format!("`{other}`"))
        .help("Remove it, or change one of the two.")
}

/// A `lift` of `others` rules, `first` being one of them, that never meets any.
pub fn lifts_nothing(at: Span, rule: &str, first: &Name, others: usize, proof: Vec<String>) -> Diagnostic {
    let what = match others {
        1 => format!("`{}` never does", first.text),
        _ => "none of what it overrides does".to_string(),
    };
    let mut diagnostic = say(Code::W0403, at, format!("`{rule}` lifts nothing: where it applies, {what}"))
        .also(first.at, format!("`{}`", first.text));
    diagnostic.notes = proof;
    diagnostic.help("Change the condition that is wrong, or remove the rule.")
}

/// A window of no time, in a `past` or a limit.
pub fn empty_window(at: Span, span: &str) -> Diagnostic {
    say(Code::W0402, at, format!("`{span}` is no time, so nothing of the past is in this window"))
        .help("Say how far back to look: `within 24 hours`.")
}

/// A limit on a number that the request alone exceeds.
pub fn exceeded_by_each(at: Span, limit: &str, most: &str) -> Diagnostic {
    say(Code::W0402, at, format!("every request exceeds `{limit}`: it counts itself, and `{most}` is less than one"))
        .help("Allow at least one, or write a rule that denies.")
}

pub fn calls_too_deep(at: Span, name: &str, most: u32) -> Diagnostic {
    Diagnostic::new(
        Code::E0105,
        at,
        format!("`{name}` leads through more than {most} other names, one behind the other."),
    )
    .help("Take some of the steps together.")
}

pub fn too_many_parts(at: Span, most: u32) -> Diagnostic {
    let message = format!("This `where` has {most} parts or more when all defines that it calls are laid out.");
    Diagnostic::new(Code::E0105, at, message)
        .help("Call a define once, or ask for less: each part is looked at for every entry.")
}

pub fn too_much_laid_out(at: Span, name: &str, most: u64) -> Diagnostic {
    let message = format!("`{name}` comes to more than {most} steps when all that it calls is laid out.");
    Diagnostic::new(Code::E0105, at, message).help("Call a define once and keep what it gives: `let a = f(x) then …`.")
}
