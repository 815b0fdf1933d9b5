//! `cargo xtask test`: runs all tests, the quick ones first.

mod engines;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::build::{self, Variant};
use crate::project;
use crate::run::{describe, print_progress};
use crate::test_programs::TestProgram;
use crate::tools::{self, WASM};
use engines::{Choice, Engine, Selection};

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

/// Runs the tests, the quick ones first. All of them run even if some fail.
pub(crate) fn command(options: &Options) -> Result<()> {
    // Read at the start: compiling the tests replaces this program, and the running file is then gone from its path.
    let program = env::current_exe().context("cannot find the path of this program")?;
    let mut report = Report::default();
    if let Some(choice) = options.browser {
        return chosen_engines(&program, choice, &options.filters, report);
    }
    print_progress("compiling the tests");
    let programs = TestProgram::compile()?;
    native(options, &programs, &mut report)?;
    if !options.native {
        // Checked before the long build, so that a missing browser is reported early.
        Engine::Chromium
            .ensure()
            .context("the browser tests cannot run; `cargo xtask test --native` runs the tests that need no browser")?;
        wasm(&mut report)?;
        end_to_end(&program, options, &programs, &mut report)?;
        if options.all {
            other_engines(&program, options, &programs, &mut report)?;
        }
    }
    report.finish()
}

/// Runs the browser tests in the engines of the command line. An engine that cannot be installed is an error.
fn chosen_engines(program: &Path, choice: Choice, filters: &[String], mut report: Report) -> Result<()> {
    choice.engines().iter().try_for_each(|engine| engine.ensure())?;
    drop(build::ensure(Variant::Test)?);
    print_progress("compiling the tests");
    let programs = TestProgram::compile()?;
    for &engine in choice.engines() {
        browser_suite(program, engine, true, filters, &programs, &mut report)?;
    }
    report.finish()
}

/// Runs a part of the browser tests in the engines other than Chromium, or with `--all` the whole suite. An engine that cannot be
/// installed is reported.
fn other_engines(program: &Path, options: &Options, programs: &[TestProgram], report: &mut Report) -> Result<()> {
    for engine in [Engine::Firefox, Engine::WebKit] {
        match engine.ensure() {
            Ok(()) => browser_suite(program, engine, options.all, &[], programs, report)?,
            Err(error) => report.lines.push(format!("{}: NOT TESTED: {error:#}", engine.label())),
        }
    }
    Ok(())
}

/// Runs the browser suite in one engine.
fn browser_suite(
    program: &Path,
    engine: Engine,
    whole: bool,
    filters: &[String],
    programs: &[TestProgram],
    report: &mut Report,
) -> Result<()> {
    let selection = Selection::read()?;
    selection.reasons(engine).for_each(|reason| println!("{reason}"));
    let suite = programs.iter().find(|suite| suite.is_in(END_TO_END) && suite.name == "browser");
    let mut command = suite.context("there is no browser suite")?.command();
    command.env("AFTERWORD_XTASK", program).envs(engine.variables()?);
    command.args(selection.arguments(engine, whole, filters));
    report.run(&format!("browser, {}", engine.label()), &mut command)
}

fn native(options: &Options, programs: &[TestProgram], report: &mut Report) -> Result<()> {
    // The widget's tests outside its library need WebAssembly.
    let is_native =
        |program: &&TestProgram| !program.is_in(END_TO_END) && (program.is_library || !program.is_in("widget"));
    for program in programs.iter().filter(is_native) {
        let mut command = program.command();
        if options.all {
            command.env("PROPTEST_CASES", LONG_CASES);
        }
        report.run(&program.name, &mut command)?;
    }
    Ok(())
}

/// Runs the tests of the widget as WebAssembly, in Node.
fn wasm(report: &mut Report) -> Result<()> {
    tools::ensure_toolchain()?;
    let runner = tools::WASM_BINDGEN.program("wasm-bindgen-test-runner")?;
    let mut command = cargo();
    command
        .args(["--package", "afterword-widget", "--target", WASM, "--tests"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    report.run("widget, WebAssembly", &mut command)
}

/// Suites of a long run only.
const LONG_SUITES: [&str; 1] = ["stress"];

/// Tests that measure times: the suite of each, and its name. They are ignored in other runs, and run alone in a long one.
const TIMED_TESTS: [(&str, &str); 1] = [("browser", "responsiveness::thread_of_2000_comments_answers_at_once")];

/// Suites that run side by side in a quick run, after the others. The tests over HTTP mostly wait.
const PARALLEL_SUITES: [&str; 2] = ["browser", "http"];

/// Runs the tests over HTTP and in browsers. They start `cargo xtask serve` themselves, as this same program.
fn end_to_end(program: &Path, options: &Options, programs: &[TestProgram], report: &mut Report) -> Result<()> {
    drop(build::ensure(Variant::Release)?);
    drop(build::ensure(Variant::Test)?);
    let command = |suite: &TestProgram| {
        let mut command = suite.command();
        command.env("AFTERWORD_XTASK", program);
        if options.all {
            command.env("AFTERWORD_LONG_RUN", "1");
        }
        command
    };
    let suites = programs.iter().filter(|suite| suite.is_in(END_TO_END));
    let suites = suites.filter(|suite| options.all || !LONG_SUITES.contains(&suite.name.as_str()));
    let (parallel, alone): (Vec<_>, Vec<_>) = suites.partition(|suite| PARALLEL_SUITES.contains(&suite.name.as_str()));
    for suite in alone {
        report.run(&suite.name, &mut command(suite))?;
    }
    if !options.all {
        return report.run_together(parallel.into_iter().map(|suite| (suite.name.as_str(), command(suite))).collect());
    }
    // Some tests assert times then.
    for suite in &parallel {
        report.run(&suite.name, &mut command(suite))?;
    }
    for (name, test) in TIMED_TESTS {
        let suite = parallel.iter().find(|suite| suite.name == name).context("a timed test is in no suite")?;
        report.run(test, command(suite).args(["--ignored", "--exact", "--nocapture", test]))?;
    }
    Ok(())
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.args(["test", "--locked", "--no-fail-fast"]).current_dir(project::root());
    command
}

/// Summary lines of all test runners, and if one has failed.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    /// Runs one test runner and prints its output. A failure is recorded, and the other runners still run.
    fn run(&mut self, label: &str, command: &mut Command) -> Result<()> {
        print_progress(&format!("testing: {label}"));
        let outcome = run_to_end(command, |line| println!("{line}"))?;
        self.record(label, &outcome);
        Ok(())
    }

    /// Runs several test runners at the same time. Each line of their output begins with the runner's label.
    fn run_together(&mut self, runners: Vec<(&str, Command)>) -> Result<()> {
        let labels: Vec<_> = runners.iter().map(|(label, _)| *label).collect();
        print_progress(&format!("testing: {}", labels.join(", ")));
        let outcomes: Vec<_> = thread::scope(|scope| {
            let start = |(label, mut command): (_, Command)| {
                scope.spawn(move || run_to_end(&mut command, |line| println!("{label}: {line}")))
            };
            let running: Vec<_> = runners.into_iter().map(start).collect();
            running.into_iter().map(|runner| runner.join()).collect()
        });
        for (label, outcome) in labels.into_iter().zip(outcomes) {
            let Ok(outcome) = outcome else { bail!("the thread that runs {label} panicked") };
            self.record(label, &outcome?);
        }
        Ok(())
    }

    fn record(&mut self, label: &str, outcome: &Outcome) {
        self.lines.extend(outcome.summary.iter().map(|line| format!("{label}: {line}")));
        if !outcome.passed {
            self.failed = true;
            self.lines.push(format!("{label}: FAILED"));
        }
    }

    fn finish(self) -> Result<()> {
        println!();
        self.lines.iter().for_each(|line| println!("{line}"));
        if self.failed {
            bail!("some tests failed");
        }
        Ok(())
    }
}

/// The result of one test runner.
struct Outcome {
    /// Its summary lines.
    summary: Vec<String>,
    passed: bool,
}

/// Runs one test runner to its end, and hands over each line of its output.
fn run_to_end(command: &mut Command, print: impl Fn(&str)) -> Result<Outcome> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = child.with_context(|| format!("cannot start {}", describe(command)))?;
    let mut summary = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line.context("the output of a test is not UTF-8")?;
            print(&line);
            if is_summary_line(&line) {
                summary.push(line);
            }
        }
    }
    Ok(Outcome { summary, passed: child.wait()?.success() })
}

/// Returns true for the summary line of a test runner, unless it ran no tests.
fn is_summary_line(line: &str) -> bool {
    line.starts_with("test result: ") && !line.starts_with("test result: ok. 0 passed; 0 failed; 0 ignored")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn summary_lines_of_empty_runs_are_ignored() {
        assert!(is_summary_line(
            "test result: ok. 13 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s"
        ));
        assert!(is_summary_line("test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out"));
        assert!(is_summary_line("test result: ok. 0 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out"));
        assert!(!is_summary_line(
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s"
        ));
        assert!(!is_summary_line("test view::test result: ok ... ok"));
    }

    fn script(text: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", text]);
        shell
    }

    #[test]
    fn runners_run_at_the_same_time_and_all_are_reported() {
        let folder = Scratch::new("parallel-runners");
        let mut report = Report::default();
        // Each waits for a file that the other one writes, ten seconds at most.
        let [first, second] = [("a", "b"), ("b", "a")].map(|(own, other)| {
            let wait = format!("for try in $(seq 100); do [ -e {other} ] && break; sleep 0.1; done; [ -e {other} ]");
            let text = format!("touch {own}; {wait} && echo 'test result: ok. 1 passed;'");
            let mut command = script(&text);
            command.current_dir(folder.path(""));
            command
        });
        report.run_together(vec![("first", first), ("second", second), ("third", script("exit 1"))]).unwrap();
        assert_eq!(
            report.lines,
            ["first: test result: ok. 1 passed;", "second: test result: ok. 1 passed;", "third: FAILED"]
        );
        assert!(report.finish().is_err());
    }

    #[test]
    fn failure_is_recorded_and_the_next_runner_still_runs() {
        let mut report = Report::default();
        report.run("first", &mut script("echo 'test result: FAILED. 1 passed; 1 failed;'; exit 101")).unwrap();
        report.run("second", &mut script("echo noise; echo 'test result: ok. 2 passed; 0 failed;'")).unwrap();
        assert_eq!(
            report.lines,
            [
                "first: test result: FAILED. 1 passed; 1 failed;",
                "first: FAILED",
                "second: test result: ok. 2 passed; 0 failed;"
            ]
        );
        assert!(report.finish().is_err());
    }
}
