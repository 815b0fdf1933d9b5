//! Rules for dependencies between crates: forbidden ones are proven absent from cargo's own graph.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Result, bail};

use crate::project;
use crate::run::capture;
use crate::tools::WASM;

/// Platform crates, which only the Worker and the widget may use.
const PLATFORM: [&str; 4] = ["js-sys", "wasm-bindgen", "web-sys", "worker"];
/// Crates that are too large for the widget. `url` is not listed: `model` depends on it, but the widget uses no part of `model` that needs it, and the
/// linker removes it. The size budget would show it otherwise.
const HEAVY: [&str; 4] = ["ammonia", "pulldown-cmark", "serde_json", "rusqlite"];
/// The members that other members may depend on, and the native programs.
const INNER_CRATES: [&str; 8] = ["guard", "interchange", "ledger", "markup", "model", "transfer", "view", "xtask"];

/// The rule for one member: the members that it may depend on, and if it may use the platform.
struct CrateRule {
    name: &'static str,
    may_use: &'static [&'static str],
    platform: bool,
}

const RULES: [CrateRule; 10] = [
    CrateRule { name: "model", may_use: &[], platform: false },
    CrateRule { name: "markup", may_use: &["model"], platform: false },
    CrateRule { name: "view", may_use: &["model"], platform: false },
    CrateRule { name: "guard", may_use: &["model"], platform: false },
    CrateRule { name: "ledger", may_use: &["model"], platform: false },
    CrateRule { name: "interchange", may_use: &["markup", "model"], platform: false },
    CrateRule { name: "transfer", may_use: &["ledger", "model"], platform: false },
    CrateRule { name: "xtask", may_use: &["model", "view"], platform: false },
    CrateRule { name: "widget", may_use: &["model", "view"], platform: true },
    CrateRule { name: "worker", may_use: &["guard", "ledger", "markup", "model", "view"], platform: true },
];

/// Fails on the first forbidden dependency. As a positive control, every name that is forbidden somewhere must be found elsewhere: after a rename
/// it would otherwise be absent everywhere and the check would pass.
pub(crate) fn check() -> Result<()> {
    let mut seen = BTreeSet::new();
    for rule in &RULES {
        let linked = linked_packages(rule.name, "normal,no-proc-macro")?;
        let found: Vec<_> = forbidden(rule).into_iter().filter(|name| linked.contains(name)).collect();
        if !found.is_empty() {
            bail!(
                "afterword-{} must not depend on {}; `cargo tree --invert` shows the path",
                rule.name,
                found.join(", ")
            );
        }
        seen.extend(linked);
    }
    // The native store is for tests only.
    seen.extend(linked_packages("ledger", "normal,dev")?);
    let missing: BTreeSet<_> = RULES.iter().flat_map(forbidden).filter(|name| !seen.contains(name)).collect();
    if !missing.is_empty() {
        bail!("positive control: no crate depends on {missing:?}; correct the rule");
    }
    Ok(())
}

fn forbidden(rule: &CrateRule) -> Vec<String> {
    let others = INNER_CRATES.iter().filter(|name| **name != rule.name && !rule.may_use.contains(name));
    let mut names: Vec<String> = others.map(|name| package_name(name)).collect();
    if rule.name != "worker" {
        names.push(package_name("worker"));
    }
    if rule.name != "widget" {
        names.push(package_name("widget"));
    }
    if !rule.platform {
        names.extend(PLATFORM.map(str::to_owned));
    }
    match rule.name {
        "widget" => names.extend(HEAVY.map(str::to_owned)),
        "worker" => names.push("rusqlite".to_owned()),
        _ => {}
    }
    names
}

fn package_name(name: &str) -> String {
    format!("afterword-{name}")
}

/// The packages that a member links, for the target that it is built for.
fn linked_packages(name: &str, edges: &str) -> Result<BTreeSet<String>> {
    let mut tree = Command::new("cargo");
    tree.args(["tree", "--locked", "--edges", edges, "--prefix", "none", "--format", "{p}"]);
    tree.args(["--package", &package_name(name)]).current_dir(project::root());
    if !matches!(name, "transfer" | "xtask") {
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
    fn package_names_are_parsed_from_cargo_tree() {
        let tree = "afterword-view v0.1.0 (/w/crates/view)\nmaud v0.27.0\nitoa v1.0.18 (*)\n\n";
        assert_eq!(names(tree), ["afterword-view", "maud", "itoa"].map(str::to_owned).into());
    }

    #[test]
    fn pure_crates_use_no_platform_and_model_uses_no_member() {
        let forbidden_for = |name: &str| forbidden(RULES.iter().find(|rule| rule.name == name).unwrap());
        for name in ["afterword-view", "afterword-worker", "afterword-widget", "worker", "wasm-bindgen", "web-sys"] {
            assert!(forbidden_for("model").contains(&name.to_owned()), "{name}");
        }
        assert!(!forbidden_for("view").contains(&"afterword-model".to_owned()));
        assert!(forbidden_for("widget").contains(&"ammonia".to_owned()));
        assert!(!forbidden_for("widget").contains(&"web-sys".to_owned()));
    }
}
