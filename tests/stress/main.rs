//! Stress tests: repeated kills of the runtime, KV failures, a very long thread and a flood of comments. Each test
//! prints a table of its measurements.

#![expect(clippy::unwrap_used, reason = "tests and their helpers report failures by panicking")]

mod crash_recovery;
mod flood;
mod kv_outage;
mod long_thread;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Runs one test at a time, so that the measurements do not affect each other.
fn run_alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The measurements of a test, line by line.
#[derive(Default)]
struct Table(Vec<(String, String)>);

impl Table {
    fn row(&mut self, description: impl Into<String>, measured: impl Into<String>) {
        self.0.push((description.into(), measured.into()));
    }

    /// Prints the table directly to stdout, because the test runner hides the output of passing tests.
    fn print(&self, title: &str) {
        let width = self.0.iter().map(|(description, _)| description.chars().count()).max().unwrap_or_default();
        let rows = self.0.iter().map(|(description, measured)| format!("  {description:width$}  {measured}\n"));
        let text = format!("\n{title}\n{}", rows.collect::<String>());
        std::io::stdout().write_all(text.as_bytes()).unwrap();
    }
}
