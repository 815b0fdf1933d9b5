//! Runs test programs, one after the other or in lanes side by side, and collects their summary lines.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc::Receiver;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::run::{describe, print_progress};

/// Summary lines of all test runners, and if one has failed.
#[derive(Default)]
pub(super) struct Report {
    pub(super) lines: Vec<String>,
    failed: bool,
}

impl Report {
    /// Runs one test runner and prints its output. A failure is recorded, and the other runners still run.
    pub(super) fn run(&mut self, mut runner: Runner) -> Result<()> {
        runner.wait_for_build()?;
        print_progress(&format!("testing: {}", runner.label));
        let outcome = run_to_end(&mut runner.command, |line| println!("{line}"))?;
        self.record(&runner.label, &outcome);
        Ok(())
    }

    /// Runs test runners side by side. Those of one lane run one after the other. Each line of output begins with the runner's label.
    pub(super) fn run_lanes(&mut self, lanes: Vec<Vec<Runner>>) -> Result<()> {
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

    pub(super) fn finish(self) -> Result<()> {
        println!();
        self.lines.iter().for_each(|line| println!("{line}"));
        if self.failed {
            bail!("some tests failed");
        }
        Ok(())
    }
}

/// A test runner that has not started.
pub(super) struct Runner {
    pub(super) label: String,
    pub(super) command: Command,
    /// The build that it waits for.
    pub(super) needs: Option<Build>,
}

/// The niceness of runners in the background. They still get a tenth of a processor that others use.
const BACKGROUND: &str = "10";

/// A build that another thread finishes.
pub(super) type Build = Receiver<Result<()>>;

impl Runner {
    pub(super) fn new(label: &str, command: Command) -> Self {
        Self { label: label.to_owned(), command, needs: None }
    }

    /// The same runner at a low priority: it takes the time that others leave.
    pub(super) fn in_background(self) -> Self {
        let mut command = Command::new("nice");
        command.arg("-n").arg(BACKGROUND).arg(self.command.get_program()).args(self.command.get_args());
        if let Some(folder) = self.command.get_current_dir() {
            command.current_dir(folder);
        }
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self { command, ..self }
    }

    /// Waits for its build. The error of the build is that of the runner.
    fn wait_for_build(&mut self) -> Result<()> {
        match self.needs.take() {
            Some(build) => wait_for(&build),
            None => Ok(()),
        }
    }
}

/// Waits for a build.
pub(super) fn wait_for(build: &Build) -> Result<()> {
    build.recv().context("the thread of a build has ended early")?
}

/// The result of one test runner.
struct Outcome {
    /// Its summary lines.
    summary: Vec<String>,
    passed: bool,
}

/// Runs test runners one after the other.
fn run_lane(lane: Vec<Runner>) -> Result<Vec<(String, Outcome)>> {
    let run = |mut runner: Runner| {
        runner.wait_for_build()?;
        let Runner { label, mut command, .. } = runner;
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

/// Returns true for the summary line of a test runner, unless it ran no tests.
fn is_summary_line(line: &str) -> bool {
    line.starts_with("test result: ") && !line.starts_with("test result: ok. 0 passed; 0 failed; 0 ignored")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use anyhow::anyhow;

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

    fn script(label: &str, text: &str) -> Runner {
        let mut command = Command::new("sh");
        command.args(["-c", text]);
        Runner::new(label, command)
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

    #[test]
    fn runner_waits_for_its_build_and_fails_with_it() {
        let folder = Scratch::new("build");
        let (sender, needs) = mpsc::channel();
        let mut runner = script("suite", "cat built && echo 'test result: ok. 1 passed;'");
        runner.command.current_dir(folder.path(""));
        runner.needs = Some(needs);
        let built = folder.path("built");
        let mut report = Report::default();
        thread::scope(|scope| {
            scope.spawn(move || {
                std::fs::write(built, "").unwrap();
                sender.send(Ok(())).unwrap();
            });
            report.run(runner).unwrap();
        });
        assert_eq!(report.lines, ["suite: test result: ok. 1 passed;"]);
        let (sender, needs) = mpsc::channel();
        sender.send(Err(anyhow!("does not compile"))).unwrap();
        let runner = Runner { needs: Some(needs), ..script("suite", "true") };
        assert!(report.run_lanes(vec![vec![runner]]).unwrap_err().to_string().contains("does not compile"));
    }

    #[test]
    fn background_runner_keeps_folder_and_variables() {
        let folder = Scratch::new("background");
        let mut runner = script("suite", "echo \"test result: $GIVEN $(basename $(pwd)) $(nice)\"");
        runner.command.env("GIVEN", "yes").current_dir(folder.path(""));
        let name = folder.path("").file_name().unwrap().to_string_lossy().into_owned();
        let mut report = Report::default();
        report.run(runner.in_background()).unwrap();
        let own = Command::new("nice").output().unwrap();
        let own: i32 = String::from_utf8(own.stdout).unwrap().trim().parse().unwrap();
        assert_eq!(report.lines, [format!("suite: test result: yes {name} {}", (own + 10).min(19))]);
    }
}
