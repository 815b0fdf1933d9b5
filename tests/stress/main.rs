//! Under fire: what must hold when the runtime is killed again and again, when KV fails, when a thread is very long, and in a flood of comments. Each case prints a table
//! of what it measured.

#![expect(clippy::unwrap_used, reason = "a test reports by failing, in its helpers too")]

mod crash_recovery;
mod flood;
mod kv_outage;
mod long_thread;

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One case at a time: they measure, and would measure each other.
fn run_alone() -> MutexGuard<'static, ()> {
    static LOCK: Mutex<()> = Mutex::new(());
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a case measured, line by line.
#[derive(Default)]
struct Table(Vec<(String, String)>);

impl Table {
    fn row(&mut self, description: impl Into<String>, measured: impl Into<String>) {
        self.0.push((description.into(), measured.into()));
    }

    /// Prints it past the test runner, which keeps what a test prints to itself as long as the test goes well.
    fn print(&self, title: &str) {
        let width = self.0.iter().map(|(description, _)| description.chars().count()).max().unwrap_or_default();
        let rows = self.0.iter().map(|(description, measured)| format!("  {description:width$}  {measured}\n"));
        let text = format!("\n{title}\n{}", rows.collect::<String>());
        std::io::stdout().write_all(text.as_bytes()).unwrap();
    }
}
