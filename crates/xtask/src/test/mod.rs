//! `cargo xtask test`: runs all tests. The quick run has its suites side by side, the long one after the other.

mod engines;
mod report;

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::mpsc;
use std::thread::{self, Scope};

use anyhow::{Context, Result};

use crate::build::{self, Variant};
use crate::owner;
use crate::project;
use crate::run::print_progress;
use crate::test_programs::{Compiled, TestProgram};
use crate::tools::{self, WASM};
use engines::{Choice, Engine, Selection};
use report::{Build, Report, Runner, wait_for};

/// Arguments of `test`.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Run only the tests that need neither a browser nor the runtime
    #[arg(long)]
    native: bool,
    /// Run the long tests as well: more random cases, all browser tests in all engines, stress tests, and ratios of time as assertions
    #[arg(long, conflicts_with = "native")]
    all: bool,
    /// Run only the browser tests, in this engine
    #[arg(long, value_enum, conflicts_with_all = ["native", "all"])]
    browser: Option<Choice>,
    /// Run only the browser tests whose names contain one of these texts
    #[arg(requires = "browser")]
    filters: Vec<String>,
}

/// The folder of the package of end-to-end tests.
const END_TO_END: &str = "tests";

/// Number of random cases of each property in the long run.
const LONG_CASES: &str = "10000";

/// Runs the tests. All of them run even if some fail.
pub(crate) fn command(options: &Options) -> Result<()> {
    // Read at the start: compiling the tests replaces this program, and the running file is then gone from its path.
    let program = env::current_exe().context("cannot find the path of this program")?;
    let mut report = Report::default();
    if let Some(choice) = options.browser {
        choice.engines().iter().try_for_each(|engine| engine.ensure())?;
    } else if !options.native {
        // Checked before the long build, so that a missing browser is reported early.
        Engine::Chromium
            .ensure()
            .context("the browser tests cannot run; `cargo xtask test --native` runs the tests that need no browser")?;
    }
    thread::scope(|scope| {
        let variants: &[_] = match options {
            Options { native: true, .. } => &[],
            Options { browser: Some(_), .. } => &[Variant::Test],
            _ => &[Variant::Test, Variant::Release],
        };
        let builds = Builds::start(scope, variants);
        print_progress("compiling the tests");
        let suites = Suites { program, compiled: Compiled::compile()?, is_long: options.all };
        match options.browser {
            _ if options.native => suites.native().try_for_each(|runner| report.run(runner)),
            Some(choice) => suites.chosen_engines(choice, &options.filters, &builds, &mut report),
            None if options.all => suites.long_run(&builds, &mut report),
            None => suites.quick_run(builds, &mut report),
        }
    })?;
    report.finish()
}

/// The copies of the artefacts that the suites run, so that nothing is built or compared while they do.
fn artefacts() -> PathBuf {
    project::output().join("test-artefacts")
}

/// The builds of the artefacts, in a thread of their own.
struct Builds {
    test: Build,
    release: Build,
}

impl Builds {
    /// Starts the builds of these variants, one after the other.
    fn start<'scope>(scope: &'scope Scope<'scope, '_>, variants: &'static [Variant]) -> Self {
        let ((test_sender, test), (release_sender, release)) = (mpsc::channel(), mpsc::channel());
        scope.spawn(move || {
            for &variant in variants {
                let (sender, name) =
                    if variant == Variant::Test { (&test_sender, "test") } else { (&release_sender, "release") };
                let built = build::ensure(variant).and_then(|built| built.copy_to(&artefacts().join(name)));
                // Nobody waits any more if a test does not compile.
                let _ = sender.send(built);
            }
        });
        Self { test, release }
    }
}

/// Suites of a long run only.
const LONG_SUITES: [&str; 1] = ["stress"];

/// Tests that measure times: the suite of each, and its name. They are ignored in other runs, and run alone in a long one.
const TIMED_TESTS: [(&str, &str); 1] = [("browser", "responsiveness::thread_of_2000_comments_answers_at_once")];

/// The suites that take longest, the longest one first.
const LONGEST_SUITES: [&str; 2] = ["browser", "http"];

/// Tests over HTTP that run at once in a quick run. They mostly wait.
const CONCURRENT_HTTP_TESTS: &str = "4";

/// All test programs, and how they are run.
struct Suites {
    /// The path of this program, which tests start as `cargo xtask`.
    program: PathBuf,
    compiled: Compiled,
    /// True in a run with `--all`.
    is_long: bool,
}

impl Suites {
    /// The tests that need neither a browser nor the runtime. The widget's tests outside its library need WebAssembly.
    fn native(&self) -> impl Iterator<Item = Runner> {
        let is_native =
            |program: &&TestProgram| !program.is_in(END_TO_END) && (program.is_library || !program.is_in("widget"));
        self.compiled.tests.iter().filter(is_native).map(|program| {
            let mut command = program.command();
            if self.is_long {
                command.env("PROPTEST_CASES", LONG_CASES);
            }
            Runner::new(&program.name, command)
        })
    }

    /// The suites over HTTP and in browsers, without those of `--all` in other runs.
    fn end_to_end(&self) -> impl Iterator<Item = &TestProgram> {
        let suites = self.compiled.tests.iter().filter(|suite| suite.is_in(END_TO_END));
        suites.filter(|suite| self.is_long || !LONG_SUITES.contains(&suite.name.as_str()))
    }

    /// The end-to-end suites that are not among the longest.
    fn short_suites(&self) -> impl Iterator<Item = Result<Runner>> {
        let short = self.end_to_end().filter(|suite| !LONGEST_SUITES.contains(&suite.name.as_str()));
        short.map(|suite| self.runner(suite))
    }

    /// One of the longest suites.
    fn suite(&self, name: &str) -> Result<Runner> {
        let suite = self.end_to_end().find(|suite| suite.name == name);
        self.runner(suite.with_context(|| format!("there is no suite `{name}`"))?)
    }

    /// A suite in Chromium, or in none. It starts `cargo xtask` as this same program.
    fn runner(&self, suite: &TestProgram) -> Result<Runner> {
        let mut command = suite.command();
        command.env("AFTERWORD_XTASK", &self.program).env("AFTERWORD_ARTEFACTS", artefacts());
        command.env(owner::PROGRAM_VARIABLE, self.compiled.program(owner::PROGRAM)?);
        if self.is_long {
            command.env("AFTERWORD_LONG_RUN", "1");
        }
        Ok(Runner::new(&suite.name, command))
    }

    /// The suites side by side: those in Chromium, those over HTTP followed by the other engines, and all others. Tests without a time limit take
    /// the time that the others leave.
    fn quick_run(&self, builds: Builds, report: &mut Report) -> Result<()> {
        let mut others: Vec<_> = self.native().map(Runner::in_background).collect();
        others.push(wasm()?);
        let (release, short): (Vec<_>, Vec<_>) =
            self.short_suites().collect::<Result<Vec<_>>>()?.into_iter().partition(|suite| suite.label == "release");
        others.extend(short);
        others.extend(release);
        if let Some(last) = others.last_mut() {
            last.needs = Some(builds.release);
        }
        let mut http = self.suite("http")?;
        http.command.env("RUST_TEST_THREADS", CONCURRENT_HTTP_TESTS);
        let mut over_http = vec![http];
        over_http.extend(self.other_engines(report)?);
        wait_for(&builds.test)?;
        report.run_lanes(vec![vec![self.suite("browser")?], over_http, others])
    }

    /// The suites one after the other, since some tests assert times.
    fn long_run(&self, builds: &Builds, report: &mut Report) -> Result<()> {
        wait_for(&builds.test)?;
        wait_for(&builds.release)?;
        self.native().try_for_each(|runner| report.run(runner))?;
        report.run(wasm()?)?;
        self.short_suites().try_for_each(|suite| report.run(suite?))?;
        LONGEST_SUITES.iter().try_for_each(|name| report.run(self.suite(name)?))?;
        for (name, test) in TIMED_TESTS {
            let mut timed = self.suite(name)?;
            timed.command.args(["--ignored", "--exact", "--nocapture", test]);
            report.run(timed)?;
        }
        self.other_engines(report)?.into_iter().try_for_each(|runner| report.run(runner))
    }

    /// The browser tests in the engines of the command line. An engine that cannot be installed is an error.
    fn chosen_engines(&self, choice: Choice, filters: &[String], builds: &Builds, report: &mut Report) -> Result<()> {
        wait_for(&builds.test)?;
        for &engine in choice.engines() {
            let mut runner = self.browser_suite(engine, true, filters)?;
            runner.command.env("AFTERWORD_WHOLE_RUN", "1");
            report.run(runner)?;
        }
        Ok(())
    }

    /// The browser suite in the engines other than Chromium: a part of it, or with `--all` the whole. An engine that cannot be installed is reported.
    fn other_engines(&self, report: &mut Report) -> Result<Vec<Runner>> {
        let mut runners = Vec::new();
        for engine in [Engine::Firefox, Engine::WebKit] {
            match engine.ensure() {
                Ok(()) => runners.push(self.browser_suite(engine, self.is_long, &[])?),
                Err(error) => report.lines.push(format!("{}: NOT TESTED: {error:#}", engine.label())),
            }
        }
        Ok(runners)
    }

    /// The browser suite in one engine.
    fn browser_suite(&self, engine: Engine, is_whole: bool, filters: &[String]) -> Result<Runner> {
        let selection = Selection::read()?;
        selection.reasons(engine).for_each(|reason| println!("{reason}"));
        let Runner { mut command, .. } = self.suite("browser")?;
        command.envs(engine.variables()?).args(selection.arguments(engine, is_whole, filters));
        Ok(Runner::new(&format!("browser, {}", engine.label()), command))
    }
}

/// The tests of the widget as WebAssembly, in Node.
fn wasm() -> Result<Runner> {
    tools::ensure_toolchain()?;
    let mut command = Command::new("cargo");
    command
        .args(["test", "--locked", "--no-fail-fast", "--package", "afterword-widget", "--target", WASM, "--tests"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", tools::WASM_BINDGEN.program("wasm-bindgen-test-runner")?)
        .current_dir(project::root());
    Ok(Runner::new("widget, WebAssembly", command))
}
