//! The arrows between the members, and what must never be linked: proven absent in cargo's own graph.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, bail};

use crate::project;
use crate::run::capture;
use crate::tools::WASM;

/// What only the two outermost members may name.
const PLATFORM: [&str; 5] = ["gloo-net", "js-sys", "wasm-bindgen", "web-sys", "worker"];
/// What costs a reader more bytes than it is worth. `url` is not among them: `model` is built on it, the widget uses no part of
/// `model` that does, and the linker leaves nothing of it; the budget of bytes would tell.
const HEAVY: [&str; 4] = ["ammonia", "pulldown-cmark", "serde_json", "rusqlite"];
/// Names that follow from the members below, for the rule of one member.
const MEMBERS: [&str; 6] = ["guard", "ledger", "markup", "model", "view", "xtask"];

/// One member: the members it may know, and whether it is below the platform.
struct Rule {
    member: &'static str,
    knows: &'static [&'static str],
    platform: bool,
}

const RULES: [Rule; 8] = [
    Rule { member: "model", knows: &[], platform: false },
    Rule { member: "markup", knows: &["model"], platform: false },
    Rule { member: "view", knows: &["model"], platform: false },
    Rule { member: "guard", knows: &["model"], platform: false },
    Rule { member: "ledger", knows: &["markup", "model"], platform: false },
    Rule { member: "xtask", knows: &["ledger", "model", "view"], platform: false },
    Rule { member: "widget", knows: &["model", "view"], platform: true },
    Rule { member: "worker", knows: &["guard", "ledger", "markup", "model", "view"], platform: true },
];

/// Fails on the first edge that should not be there. As a control, every name that is forbidden somewhere must be found where
/// it belongs: a name that has changed would otherwise be absent everywhere.
pub(crate) fn check() -> Result<()> {
    let mut seen = BTreeSet::new();
    for rule in &RULES {
        let linked = linked(rule.member, "normal,no-proc-macro")?;
        let found: Vec<_> = forbidden(rule).into_iter().filter(|name| linked.contains(name)).collect();
        if !found.is_empty() {
            bail!("afterword-{} must not depend on {}; `cargo tree` tells the way", rule.member, found.join(", "));
        }
        seen.extend(linked);
    }
    // The native store is for tests alone.
    seen.extend(linked("ledger", "normal,dev")?);
    let missing: BTreeSet<_> = RULES.iter().flat_map(forbidden).filter(|name| !seen.contains(name)).collect();
    if !missing.is_empty() {
        bail!("control: nobody depends on {missing:?}; correct the rule");
    }
    Ok(())
}

fn forbidden(rule: &Rule) -> Vec<String> {
    let foreign = MEMBERS.iter().filter(|name| **name != rule.member && !rule.knows.contains(name));
    let mut names: Vec<String> = foreign.map(|name| package(name)).collect();
    if rule.member != "worker" {
        names.push(package("worker"));
    }
    if rule.member != "widget" {
        names.push(package("widget"));
    }
    if !rule.platform {
        names.extend(PLATFORM.map(str::to_owned));
    }
    match rule.member {
        "widget" => names.extend(HEAVY.map(str::to_owned)),
        "worker" => names.push("rusqlite".to_owned()),
        _ => {}
    }
    names
}

fn package(member: &str) -> String {
    format!("afterword-{member}")
}

/// The packages that a member links, for the target it is built for.
fn linked(member: &str, edges: &str) -> Result<BTreeSet<String>> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--edges", edges, "--prefix", "none", "--format", "{p}"]);
    tree.args(["--package", &package(member)]).current_dir(project::root());
    if member != "xtask" {
        tree.args(["--target", WASM]);
    }
    Ok(names(&capture(&mut tree)?))
}

fn names(tree: &str) -> BTreeSet<String> {
    tree.lines().filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_tree() {
        let tree = "afterword-view v0.1.0 (/w/crates/view)\nmaud v0.27.0\nitoa v1.0.18 (*)\n\n";
        assert_eq!(names(tree), ["afterword-view", "maud", "itoa"].map(str::to_owned).into());
    }

    #[test]
    fn the_pure_crates_know_no_platform_and_model_knows_nobody() {
        let of = |member: &str| forbidden(RULES.iter().find(|rule| rule.member == member).unwrap());
        for name in ["afterword-view", "afterword-worker", "afterword-widget", "worker", "wasm-bindgen", "web-sys"] {
            assert!(of("model").contains(&name.to_owned()), "{name}");
        }
        assert!(!of("view").contains(&"afterword-model".to_owned()));
        assert!(of("widget").contains(&"ammonia".to_owned()));
        assert!(!of("widget").contains(&"web-sys".to_owned()));
    }
}
