//! Progress of long steps, on standard error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::run::print_progress;

/// Interval between two lines of a step.
const INTERVAL: Duration = Duration::from_secs(8);

/// A running step. Prints a line at its start and one in every interval, until it is dropped.
pub(crate) struct Progress {
    ended: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts a step. `next` names the steps that follow.
    pub(crate) fn start(name: &str, next: &str) -> Self {
        print_progress(name);
        let ended = Arc::new(AtomicBool::new(false));
        let (line, flag) = (format!("{name}, then {next}"), Arc::clone(&ended));
        let ticker = thread::spawn(move || print_until_ended(&line, &flag));
        Self { ended, ticker: Some(ticker) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        if let Some(ticker) = self.ticker.take() {
            ticker.thread().unpark();
            // A ticker that panicked has nothing left to print.
            let _ = ticker.join();
        }
    }
}

fn print_until_ended(line: &str, ended: &AtomicBool) {
    let (started, mut next) = (Instant::now(), INTERVAL);
    while !ended.load(Ordering::Acquire) {
        // May return early for no reason.
        thread::park_timeout(next.saturating_sub(started.elapsed()));
        if started.elapsed() >= next {
            print_progress(&format!("{line} ({} s)", started.elapsed().as_secs()));
            next += INTERVAL;
        }
    }
}
