//! `ordain explain PATH [RULE]`: a package, or one rule of it, in plain English, bound to the digest of its program.
//! `ordain explain E0301`: the page of a code: what happened, a wrong and a right example, and why.

use crate::args::Explain;
use crate::complaint::{shown, told};
use crate::{Exit, Io, Naming, load, uncompiled};
use ordain_compiler::analysis::Checked;
use ordain_compiler::errors::Code;
use ordain_compiler::hir::{PolicyId, RuleId};
use ordain_compiler::prose;
use ordain_package::Compiled;
use std::path::Path;

pub fn run(args: &Explain, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let path = Path::new(&args.of);
    match Code::parse(&args.of) {
        Some(code) => {
            writeln!(io.out, "{}", code.page().trim_end())?;
            Ok(Exit::Done)
        }
        None if looks_like_a_code(&args.of) && !path.exists() => no_code(&args.of, io),
        None => package(path, args, io),
    }
}

fn package(path: &Path, args: &Explain, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let Some(loaded) = told(load(path, Naming::FromPackage, None), io)? else { return Ok(Exit::Fault) };
    let Some(checked) = crate::check::checked(&loaded, io)? else { return Ok(Exit::Fault) };
    let page = match &args.rule {
        Some(name) => match rule(&checked, name) {
            Ok(rule) => prose::markdown(&checked, rule),
            Err(help) => {
                writeln!(io.err, "error: no rule is called `{}`; {help}", shown(name))?;
                return Ok(Exit::Usage);
            }
        },
        None => match Compiled::of(&loaded, &checked) {
            Ok((compiled, _)) => prose::page(&checked, &compiled.digest.to_string()),
            Err(uncompiled) => {
                uncompiled::print(&uncompiled, path, &checked, "nothing was explained", io)?;
                return Ok(Exit::Fault);
            }
        },
    };
    match &args.output {
        Some(to) => {
            if let Err(error) = std::fs::write(to, page) {
                writeln!(io.err, "error: {} can't be written: {error}", shown(&to.display().to_string()))?;
                return Ok(Exit::Fault);
            }
        }
        None => write!(io.out, "{page}")?,
    }
    Ok(Exit::Done)
}

/// The one rule of that name, or what to write instead.
fn rule(checked: &Checked, name: &str) -> Result<RuleId, String> {
    let package = &checked.package;
    let policies = (0..package.policies.len() as u32).map(PolicyId);
    let all: Vec<(String, RuleId)> = policies
        .flat_map(|policy| package[policy].rules.iter().map(move |rule| (policy, *rule)))
        .map(|(policy, rule)| (format!("{}.{}", package[policy].head.name.text, package[rule].head.name.text), rule))
        .collect();
    let is_it = |whole: &str| whole == name || whole.split_once('.').is_some_and(|(_, own)| own == name);
    let found: Vec<&(String, RuleId)> = all.iter().filter(|(whole, _)| is_it(whole)).collect();
    match found.as_slice() {
        [(_, rule)] => Ok(*rule),
        [] => Err(match all.len() {
            0 => "the package has none".to_string(),
            1..=20 => format!("there are {}", all.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(", ")),
            count => format!("the package has {count}; `ordain inspect` lists them"),
        }),
        several => {
            Err(format!("several are: {}", several.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(", ")))
        }
    }
}

fn looks_like_a_code(given: &str) -> bool {
    let mut letters = given.chars();
    letters.next().is_some_and(|first| "eEwW".contains(first)) && letters.all(|digit| digit.is_ascii_digit())
}

fn no_code(given: &str, io: &mut Io<'_>) -> std::io::Result<Exit> {
    let nearest = Code::ALL.iter().filter(|code| differences(code.as_str(), given) == 1);
    let nearest: Vec<&str> = nearest.map(|code| code.as_str()).take(5).collect();
    let help = if nearest.is_empty() {
        "a code looks like E0302 or W0401".to_string()
    } else {
        format!("did you mean {}?", nearest.join(", "))
    };
    writeln!(io.err, "error: there is no code `{}`; {help}", shown(given))?;
    Ok(Exit::Usage)
}

/// In how many places two codes differ.
fn differences(code: &str, given: &str) -> usize {
    if code.len() != given.len() {
        return usize::MAX;
    }
    code.bytes().zip(given.bytes()).filter(|(a, b)| !a.eq_ignore_ascii_case(b)).count()
}
