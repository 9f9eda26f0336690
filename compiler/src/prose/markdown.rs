//! A package as a page of Markdown: policies with their rules, and the words that they use.

use super::{Block, Item, Prose};
use crate::analysis::Checked;
use crate::hir::{DefineId, PolicyId, RuleId, SetId, TableId};

/// The whole package. `digest`: of the program that it compiles to, by which a reviewer knows what the page is of.
pub fn page(checked: &Checked, digest: &str) -> String {
    let prose = &Prose::new(checked);
    let mut page = String::from("# Policies\n\n");
    page += &format!(
        "This page says what the program with the digest `{digest}` decides. It was made from that program.\n"
    );
    let package = prose.package;
    for at in (0..package.policies.len() as u32).map(PolicyId) {
        let policy = prose.policy(at);
        page += &format!("\n## {}\n\n", escaped(&policy.title));
        write_beside(&mut page, &policy.beside);
        write_blocks(&mut page, &policy.says);
        for rule in &package[at].rules {
            page += "\n";
            page += &rule_section(prose, *rule, "###");
        }
    }
    let is_own = |module: crate::hir::ModuleId| !package[module].std;
    let defines = (0..package.defines.len() as u32).map(DefineId).filter(|id| is_own(package[*id].head.module));
    let tables = (0..package.tables.len() as u32).map(TableId).filter(|id| is_own(package[*id].head.module));
    let sets = (0..package.sets.len() as u32).map(SetId).filter(|id| is_own(package[*id].head.module));
    let terms = defines.map(|id| prose.define(id)).chain(tables.map(|id| prose.table(id)));
    let terms: Vec<_> = terms.chain(sets.map(|id| prose.set(id))).collect();
    if !terms.is_empty() {
        page += "\n## Words\n";
    }
    for term in terms {
        page += &format!("\n### {}\n\n", escaped(&term.title));
        write_blocks(&mut page, &term.says);
    }
    for section in prose.declared() {
        page += &format!("\n## {}\n\n", escaped(&section.title));
        write_blocks(&mut page, &section.says);
    }
    page
}

/// One rule.
pub fn markdown(checked: &Checked, rule: RuleId) -> String {
    rule_section(&Prose::new(checked), rule, "#")
}

fn rule_section(prose: &Prose<'_>, id: RuleId, level: &str) -> String {
    let rule = prose.rule(id);
    let mut page = format!("{level} {}\n\n", escaped(&rule.title));
    write_blocks(&mut page, &rule.says);
    if !rule.beside.is_empty() {
        page += "\n";
        write_beside(&mut page, &rule.beside);
    }
    page
}

fn write_beside(page: &mut String, beside: &[(&'static str, String)]) {
    for (what, said) in beside {
        *page += &format!("- {what}: {}\n", escaped(said));
    }
}

/// Sentences in a row are one paragraph; one that ends in a colon leads to what stands below it.
fn write_blocks(page: &mut String, blocks: &[Block]) {
    let mut paragraph = false;
    for block in blocks {
        if !paragraph && !page.ends_with("\n\n") {
            page.push('\n');
        }
        match block {
            Block::Sentence(said) => {
                if paragraph {
                    page.pop();
                    page.push(' ');
                }
                *page += &format!("{}\n", escaped(said));
                paragraph = !said.ends_with(':');
                continue;
            }
            Block::List(items) => {
                if paragraph {
                    page.push('\n');
                }
                write_items(page, items, 0);
            }
            Block::Table(head, rows) => {
                if paragraph {
                    page.push('\n');
                }
                let row = |cells: &[String]| {
                    let cells: Vec<String> = cells.iter().map(|cell| escaped(cell).replace('\n', " ")).collect();
                    format!("| {} |\n", cells.join(" | "))
                };
                *page += &row(head);
                *page += &format!("|{}\n", " --- |".repeat(head.len()));
                rows.iter().for_each(|cells| *page += &row(cells));
            }
        }
        paragraph = false;
    }
}

fn write_items(page: &mut String, items: &[Item], depth: usize) {
    for item in items {
        *page += &format!("{}- {}\n", "  ".repeat(depth), escaped(&item.text).replace('\n', " "));
        write_items(page, &item.under, depth + 1);
    }
}

/// What Markdown would take for its own stands behind a backslash.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '`' | '*' | '_' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}
