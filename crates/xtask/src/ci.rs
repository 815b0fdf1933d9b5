//! `cargo xtask ci`: all checks that a change must pass.

use std::env;
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::builder::PossibleValuesParser;

use crate::build::{self, Variant};
use crate::run::{capture, print_progress, run};
use crate::tools::{self, CARGO_DENY, CARGO_MACHETE, WASM};
use crate::workspace::Workspace;
use crate::{dependency_rules, docs, project, prose, reproducible, size, test};

type Check = (&'static str, fn() -> Result<()>);

/// Checks that take seconds.
const QUICK_CHECKS: &[Check] = &[
    ("format", format),
    ("prose", prose::check),
    ("dependencies", dependency_rules::check),
    ("unused", unused_dependencies),
    ("deny", deny),
    ("docs", docs::check),
];

/// Checks that compile. The artefacts that the last two need are built meanwhile.
const CHECKS: &[Check] = &[
    ("clippy", clippy),
    ("doc", documentation),
    ("fuzz", fuzz_targets),
    ("test", || test::command(&test::Options::default())),
    ("size", size::command),
];

/// Checks that run only when they are named, since each takes minutes.
const LONG_CHECKS: &[Check] = &[("reproducible", reproducible::check)];

/// Arguments of `ci`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Names of the checks to run; all without one
    #[arg(value_parser = PossibleValuesParser::new(all().map(|(name, _)| *name)))]
    checks: Vec<String>,
}

fn all() -> impl Iterator<Item = &'static Check> {
    [QUICK_CHECKS, CHECKS, LONG_CHECKS].into_iter().flatten()
}

/// Runs all checks, or the named ones. Stops at the first failure.
pub(crate) fn command(options: &Options) -> Result<()> {
    let wanted = &options.checks;
    if !wanted.is_empty() {
        return run_checks(all().filter(|(name, _)| wanted.iter().any(|one| one == name)));
    }
    run_checks(QUICK_CHECKS)?;
    thread::scope(|scope| {
        // Its errors are those of the check that needs the artefacts.
        scope.spawn(|| [Variant::Test, Variant::Release].into_iter().all(|variant| build::ensure(variant).is_ok()));
        run_checks(CHECKS)
    })
}

fn run_checks<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Result<()> {
    for (name, check) in checks {
        let started = Instant::now();
        print_progress(&format!("checking: {name}"));
        if let Err(error) = check() {
            // At once: the end may have to wait for a build.
            print_progress(&format!("the check `{name}` failed"));
            return Err(error)
                .with_context(|| format!("the check `{name}` failed; repeat it with `cargo xtask ci {name}`"));
        }
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

/// Lints all members and their tests natively, and the Worker and the widget for WebAssembly as well.
fn clippy() -> Result<()> {
    tools::ensure_toolchain()?;
    let fatal = ["--", "--deny", "warnings"];
    run(cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--keep-going"]).args(fatal))?;
    let worker =
        ["clippy", "--locked", "--package", "afterword-worker", "--features", "fault-injection", "--target", WASM];
    run(cargo(&worker).args(fatal))?;
    let widget = ["clippy", "--locked", "--package", "afterword-widget", "--all-targets", "--target", WASM];
    run(cargo(&widget).args(fatal))
}

/// Builds the documentation with private items, as its only readers are those who work on the code.
fn documentation() -> Result<()> {
    let flags = "--deny warnings --allow rustdoc::private_intra_doc_links";
    run(cargo(&["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"]).env("RUSTDOCFLAGS", flags))
}

/// Compiles the fuzz targets. They are a workspace of their own, so nothing else notices when they break. They share the folder of the other checks,
/// and so most of the dependencies.
fn fuzz_targets() -> Result<()> {
    run(cargo(&["check", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target-dir"]).arg(project::target()))
}

fn unused_dependencies() -> Result<()> {
    let workspace = Workspace::read()?;
    run(Command::new(CARGO_MACHETE.program("cargo-machete")?).args(workspace.folders()).current_dir(project::root()))
}

/// Checks dependencies with cargo-deny. The database of vulnerabilities is downloaded. If that fails, the check fails where
/// `AFTERWORD_REQUIRE_ADVISORIES` is set; elsewhere the check of advisories is skipped, and the output says so.
fn deny() -> Result<()> {
    let program = CARGO_DENY.program("cargo-deny")?;
    let deny = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(["--locked", "--all-features"]).args(arguments).current_dir(project::root());
        command
    };
    // Offline, cargo-deny reads only what was downloaded before: the dependencies of every target.
    run(&mut cargo(&["fetch", "--locked"]))?;
    run(deny(&["--offline", "check", "bans", "licenses", "sources"]).arg("--hide-inclusion-graph"))?;
    match capture(&mut deny(&["fetch", "db"])) {
        Ok(_) => run(&mut deny(&["check", "--disable-fetch", "advisories"])),
        Err(error) if env::var_os("AFTERWORD_REQUIRE_ADVISORIES").is_some() => {
            Err(error).context("cannot download the database of advisories")
        }
        Err(error) => {
            println!("NOT CHECKED: advisories; cannot download their database ({})", first_line(&format!("{error:#}")));
            Ok(())
        }
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
