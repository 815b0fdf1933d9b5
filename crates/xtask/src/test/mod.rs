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
        report.run(browser_suite(program, engine, true, filters, &programs)?)?;
    }
    report.finish()
}

/// The browser suite in the engines other than Chromium: a part of it, or with `--all` the whole. An engine that cannot be installed is reported.
fn other_engines(program: &Path, whole: bool, programs: &[TestProgram], report: &mut Report) -> Result<Vec<Runner>> {
    let mut runners = Vec::new();
    for engine in [Engine::Firefox, Engine::WebKit] {
        match engine.ensure() {
            Ok(()) => runners.push(browser_suite(program, engine, whole, &[], programs)?),
            Err(error) => report.lines.push(format!("{}: NOT TESTED: {error:#}", engine.label())),
        }
    }
    Ok(runners)
}

/// The browser suite in one engine.
fn browser_suite(
    program: &Path,
    engine: Engine,
    whole: bool,
    filters: &[String],
    programs: &[TestProgram],
) -> Result<Runner> {
    let selection = Selection::read()?;
    selection.reasons(engine).for_each(|reason| println!("{reason}"));
    let suite = programs.iter().find(|suite| suite.is_in(END_TO_END) && suite.name == "browser");
    let mut command = suite.context("there is no browser suite")?.command();
    command.env("AFTERWORD_XTASK", program).envs(engine.variables()?);
    command.args(selection.arguments(engine, whole, filters));
    Ok(Runner { label: format!("browser, {}", engine.label()), command })
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
        report.run(Runner { label: program.name.clone(), command })?;
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
    report.run(Runner { label: "widget, WebAssembly".to_owned(), command })
}

/// The tests of the owner's program. They need the owner's tools, which the build has put beside it.
fn owner_program() -> Runner {
    let mut command = Command::new("node");
    command.args(["--test", "--test-reporter=tap"]).current_dir(project::root().join("packaging/npm"));
    Runner { label: "owner's program, Node".to_owned(), command }
}

/// Suites of a long run only.
const LONG_SUITES: [&str; 1] = ["stress"];

/// Tests that measure times: the suite of each, and its name. They are ignored in other runs, and run alone in a long one.
const TIMED_TESTS: [(&str, &str); 1] = [("browser", "responsiveness::thread_of_2000_comments_answers_at_once")];

/// The suites that take longest, the longest one first. A quick run has them side by side: the tests over HTTP mostly wait.
const LONGEST_SUITES: [&str; 2] = ["browser", "http"];

/// Runs the tests over HTTP and in browsers. They start `cargo xtask serve` themselves, as this same program.
fn end_to_end(program: &Path, options: &Options, programs: &[TestProgram], report: &mut Report) -> Result<()> {
    drop(build::ensure(Variant::Release)?);
    drop(build::ensure(Variant::Test)?);
    report.run(owner_program())?;
    let runner = |suite: &TestProgram| {
        let mut command = suite.command();
        command.env("AFTERWORD_XTASK", program);
        if options.all {
            command.env("AFTERWORD_LONG_RUN", "1");
        }
        Runner { label: suite.name.clone(), command }
    };
    let suites = programs.iter().filter(|suite| suite.is_in(END_TO_END));
    let suites = suites.filter(|suite| options.all || !LONG_SUITES.contains(&suite.name.as_str()));
    let (longest, others): (Vec<_>, Vec<_>) = suites.partition(|suite| LONGEST_SUITES.contains(&suite.name.as_str()));
    for suite in others {
        report.run(runner(suite))?;
    }
    let in_other_engines = other_engines(program, options.all, programs, report)?;
    if !options.all {
        let of_suite = |name| longest.iter().filter(move |suite| suite.name == name).map(|suite| runner(suite));
        let mut lanes = LONGEST_SUITES.map(|name| of_suite(name).collect::<Vec<_>>());
        lanes[1].extend(in_other_engines);
        return report.run_lanes(lanes.into());
    }
    // Some tests assert times then.
    for suite in &longest {
        report.run(runner(suite))?;
    }
    for (name, test) in TIMED_TESTS {
        let suite = longest.iter().find(|suite| suite.name == name).context("a timed test is in no suite")?;
        let mut timed = runner(suite);
        timed.command.args(["--ignored", "--exact", "--nocapture", test]);
        report.run(timed)?;
    }
    in_other_engines.into_iter().try_for_each(|runner| report.run(runner))
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
    fn run(&mut self, mut runner: Runner) -> Result<()> {
        print_progress(&format!("testing: {}", runner.label));
        let outcome = run_to_end(&mut runner.command, |line| println!("{line}"))?;
        self.record(&runner.label, &outcome);
        Ok(())
    }

    /// Runs test runners side by side. Those of one lane run one after the other. Each line of output begins with the runner's label.
    fn run_lanes(&mut self, lanes: Vec<Vec<Runner>>) -> Result<()> {
        let finished: Vec<_> = thread::scope(|scope| {
            let running: Vec<_> = lanes.into_iter().map(|lane| scope.spawn(|| run_lane(lane))).collect();
            running.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        for lane in finished {
            let Ok(outcomes) = lane else { bail!("a thread that runs tests panicked") };
            outcomes?.iter().for_each(|(label, outcome)| self.record(label, outcome));
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

/// A test runner that has not started.
struct Runner {
    label: String,
    command: Command,
}

/// The result of one test runner.
struct Outcome {
    /// Its summary lines.
    summary: Vec<String>,
    passed: bool,
}

/// Runs test runners one after the other.
fn run_lane(lane: Vec<Runner>) -> Result<Vec<(String, Outcome)>> {
    let run = |Runner { label, mut command }: Runner| {
        print_progress(&format!("testing: {label}"));
        let outcome = run_to_end(&mut command, |line| println!("{label}: {line}"))?;
        Ok((label, outcome))
    };
    lane.into_iter().map(run).collect()
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

/// Returns true for the summary line of a test runner, unless it ran no tests. Node's runner has two of them.
fn is_summary_line(line: &str) -> bool {
    if line.starts_with("# pass ") || line.starts_with("# fail ") {
        return true;
    }
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
        assert!(is_summary_line("# pass 17") && is_summary_line("# fail 0") && !is_summary_line("# tests 17"));
        assert!(!is_summary_line("test view::test result: ok ... ok"));
    }

    fn script(label: &str, text: &str) -> Runner {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        Runner { label: label.to_owned(), command }
    }

    #[test]
    fn lanes_run_side_by_side_and_all_runners_are_reported() {
        let folder = Scratch::new("lanes");
        let mut report = Report::default();
        // Each waits for a file that the other one writes, ten seconds at most.
        let lanes = [("first", "a", "b"), ("second", "b", "a")].map(|(label, own, other)| {
            let wait = format!("for try in $(seq 100); do [ -e {other} ] && break; sleep 0.1; done; [ -e {other} ]");
            let mut runner = script(label, &format!("touch {own}; {wait} && echo 'test result: ok. 1 passed;'"));
            runner.command.current_dir(folder.path(""));
            vec![runner, script("next", "exit 1")]
        });
        report.run_lanes(lanes.into()).unwrap();
        assert_eq!(
            report.lines,
            ["first: test result: ok. 1 passed;", "next: FAILED", "second: test result: ok. 1 passed;", "next: FAILED",]
        );
        assert!(report.finish().is_err());
    }

    #[test]
    fn failure_is_recorded_and_the_next_runner_still_runs() {
        let mut report = Report::default();
        report.run(script("first", "echo 'test result: FAILED. 1 passed; 1 failed;'; exit 101")).unwrap();
        report.run(script("second", "echo noise; echo 'test result: ok. 2 passed; 0 failed;'")).unwrap();
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
