//! `cargo xtask ci`: everything that must hold before a change is taken.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use lexopt::{Arg, ValueExt};

use crate::members::Members;
use crate::run::{capture, run, say};
use crate::tools::{self, CARGO_DENY, CARGO_MACHETE, WASM};
use crate::{docs, edges, project, size, test};

type Check = (&'static str, fn() -> Result<()>);

/// The quick ones first.
const CHECKS: [Check; 9] = [
    ("format", format),
    ("edges", edges::check),
    ("unused", unused),
    ("deny", deny),
    ("docs", docs::check),
    ("clippy", clippy),
    ("doc", documentation),
    ("test", || test::command(lexopt::Parser::from_args([""; 0]))),
    ("size", || size::command(lexopt::Parser::from_args([""; 0]))),
];

/// The command: all checks, or those named; stops at the first that fails.
pub(crate) fn command(mut arguments: lexopt::Parser) -> Result<()> {
    let mut wanted = Vec::new();
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Value(name) => wanted.push(name.string()?),
            unexpected => return Err(unexpected.unexpected().into()),
        }
    }
    if let Some(unknown) = wanted.iter().find(|name| CHECKS.iter().all(|(known, _)| known != name)) {
        bail!("there is no check `{unknown}`; there are {}", CHECKS.map(|(name, _)| name).join(", "));
    }
    for (name, check) in CHECKS.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|one| one == name)) {
        let started = Instant::now();
        say(&format!("checking: {name}"));
        check().with_context(|| format!("the check `{name}` failed; `cargo xtask ci {name}` repeats it alone"))?;
        println!("check {name}: ok ({} s)", started.elapsed().as_secs());
    }
    Ok(())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(arguments).current_dir(project::root());
    command
}

fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

/// Natively with all tests, and the two outermost members for the platform they run on.
fn clippy() -> Result<()> {
    tools::ensure_toolchains()?;
    let fatal = ["--", "--deny", "warnings"];
    run(cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--keep-going"]).args(fatal))?;
    let edge = ["clippy", "--locked", "--package", "afterword-worker", "--features", "test-hooks", "--target", WASM];
    run(cargo(&edge).arg("--target-dir").arg(project::wasm_target()).args(fatal))?;
    let browser = ["clippy", "--locked", "--package", "afterword-widget", "--all-targets", "--target", WASM];
    run(cargo(&browser).arg("--target-dir").arg(project::wasm_target()).args(fatal))
}

/// Private items too: all members are read by those who work on them, and by nobody else.
fn documentation() -> Result<()> {
    let flags = "--deny warnings --allow rustdoc::private_intra_doc_links";
    run(cargo(&["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", flags))
}

fn unused() -> Result<()> {
    let members = Members::read()?;
    run(Command::new(CARGO_MACHETE.program("cargo-machete")?).args(members.folders()).current_dir(project::root()))
}

/// Known vulnerabilities are in a database on the network; where it cannot be had, that one check is left out, and said so.
fn deny() -> Result<()> {
    let program = CARGO_DENY.program("cargo-deny")?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(["--locked", "--all-features"]).args(arguments).current_dir(project::root());
        command
    };
    run(deny(&["--offline", "check", "bans", "licenses", "sources"]).arg("--hide-inclusion-graph"))?;
    match capture(&mut deny(&["fetch", "db"])) {
        Ok(_) => run(&mut deny(&["check", "--disable-fetch", "advisories"])),
        Err(error) => {
            println!("NOT CHECKED: advisories; their database cannot be had ({})", first_line(&format!("{error:#}")));
            Ok(())
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
