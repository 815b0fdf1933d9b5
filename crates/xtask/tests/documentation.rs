//! The README is short and plain, and every list in `docs/` that mirrors code is complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use afterword_guard::{INTERACTION_LIMITS, RATE_LIMITS};
use afterword_model::{InteractionKind, LimitScope, Refusal, Signal};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The cells of every row of every table in a page, headings included.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    lines.map(|line| line.split(" | ").map(str::trim).collect()).collect()
}

/// The code in the first cell of every row that begins with `prefix`, up to a placeholder.
fn first_cells(page: &str, prefix: &str) -> BTreeSet<String> {
    let cells = rows(page).into_iter().filter_map(|cells| cells[0].strip_prefix('`')?.split(['`', '<']).next());
    cells.filter(|cell| cell.starts_with(prefix)).map(str::to_owned).collect()
}

/// The parts of a text between an opening and a closing mark.
fn between<'a>(text: &'a str, open: &'a str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

#[test]
fn the_readme_is_short_and_free_of_platform_terms() {
    let readme = read("README.md");
    let words = readme.split_whitespace().count();
    assert!(words <= 600, "the README has {words} words; move what is not needed at first to docs/");
    for term in ["KV", "Durable Object", "isolate"] {
        assert!(!readme.contains(term), "the README speaks of {term}");
    }
    assert!(readme.contains("It reads without JavaScript, posts without an account, and leaves with all its data."));
}

#[test]
fn the_readme_shows_the_screenshots() {
    for image in ["thread-light.png", "thread-dark.png"] {
        assert!(read("README.md").contains(&format!("docs/src/images/{image}")), "{image}");
    }
}

#[test]
fn the_error_table_lists_every_error() {
    let page = read("docs/src/http-api.md");
    let table = page.split("\n## Errors").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let listed: Vec<String> = rows(table).iter().skip(2).map(|cells| cells[..cells.len() - 1].join(" ")).collect();
    let field = |refusal: &Refusal| match refusal.field() {
        Some(field) => format!("`{}`", serde_json::to_value(field).unwrap().as_str().unwrap()),
        None => String::new(),
    };
    let all = Refusal::ALL.iter().map(|refusal| {
        let columns = [refusal.status().to_string(), format!("`{}`", refusal.code()), field(refusal)];
        columns.join(" ").trim_end().to_owned()
    });
    assert_eq!(listed, all.collect::<Vec<_>>());
}

#[test]
fn the_signal_table_lists_every_signal() {
    let page = read("docs/src/spam.md");
    let listed: BTreeSet<String> = first_cells(&page, "");
    assert_eq!(listed, Signal::ALL.iter().map(|signal| signal.code().to_owned()).collect());
}

#[test]
fn the_limit_table_lists_every_limit() {
    let page = read("docs/src/http-api.md");
    let cell = |who, proven| {
        let limits = RATE_LIMITS.iter().filter(|limit| limit.scope == who && limit.with_proof == proven);
        limits.map(|limit| limit_text(limit.max_comments, limit.window_seconds)).collect::<Vec<_>>().join(", ")
    };
    let interactions = |who, kind| {
        let limits = INTERACTION_LIMITS.iter().filter(|limit| limit.scope == who && limit.kind == kind);
        limits.map(|limit| limit_text(limit.max, limit.window_seconds)).collect::<Vec<_>>().join(", ")
    };
    let subjects = [
        ("author", LimitScope::Author),
        ("network", LimitScope::Network),
        ("block of networks", LimitScope::Block),
        ("site", LimitScope::Site),
    ];
    for (subject, who) in subjects {
        let row = format!("| {subject} | {} | {} |", cell(who, true), cell(who, false)).replace("  ", " ");
        assert!(page.lines().any(|line| line == row), "missing: {row}");
        let kinds = [InteractionKind::Own, InteractionKind::Opinion, InteractionKind::Report];
        let row = format!("| {subject} | {} |", kinds.map(|kind| interactions(who, kind)).join(" | "));
        assert!(page.lines().any(|line| line == row), "missing: {row}");
    }
}

fn limit_text(max: u32, window_seconds: u32) -> String {
    let number = match (max / 1_000, max % 1_000) {
        (0, posts) => posts.to_string(),
        (thousands, posts) => format!("{thousands},{posts:03}"),
    };
    match window_seconds {
        60 => format!("{number} a minute"),
        3_600 => format!("{number} an hour"),
        86_400 => format!("{number} a day"),
        seconds => format!("{number} in {seconds} seconds"),
    }
}

#[test]
fn the_page_on_customising_lists_properties_and_parts() {
    let (page, style) = (read("docs/src/customise.md"), read("crates/view/afterword.css"));
    let head = style.split("*/").next().unwrap();
    let properties = head.lines().filter_map(|line| line.strip_prefix(" *   --")?.split(' ').next());
    assert_eq!(first_cells(&page, "--"), properties.map(|name| format!("--{name}")).collect());
    let parts: BTreeSet<&str> = head.split("Parts: ").nth(1).unwrap().split('.').next().unwrap().split(' ').collect();
    let sentence = page.split("The parts are ").nth(1).unwrap().split(".\n").next().unwrap();
    assert_eq!(sentence.split('`').skip(1).step_by(2).collect::<BTreeSet<_>>(), parts);
}

#[test]
fn the_page_on_customising_lists_attributes_events_and_keys() {
    let (page, widget) = (read("docs/src/customise.md"), read("widget/README.md"));
    let loader = read("widget/embed.js");
    let attributes: BTreeSet<String> = between(&loader, "option('", '\'').map(|key| format!("data-{key}")).collect();
    assert_eq!(first_cells(&page, "data-"), attributes);
    // The tests of the widget compare its README with the code.
    assert_eq!(first_cells(&page, "afterword:"), first_cells(&widget, "afterword:"));
}

#[test]
fn the_page_on_commands_lists_every_command() {
    let main = read("crates/xtask/src/main.rs");
    let arms = main.lines().filter(|line| line.contains(" => "));
    let arms = arms.filter_map(|line| line.strip_prefix("        Cli::")?.split(['(', ' ']).next());
    let commands: BTreeSet<String> = arms.map(str::to_lowercase).collect();
    let page = read("docs/src/commands.md");
    let listed = first_cells(&page, "cargo xtask ").into_iter().map(|cell| cell.split(' ').nth(2).unwrap().to_owned());
    assert_eq!(listed.collect::<BTreeSet<_>>(), commands);
    assert!(commands.contains("docs") && commands.len() > 8, "{commands:?}");
}
