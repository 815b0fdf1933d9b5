//! Progress of long steps, on standard error.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::run::print_progress;

/// Interval between two lines of a step.
const INTERVAL: Duration = Duration::from_secs(8);

/// A running step. Prints a line at its start and one in every interval, until it is dropped.
pub(crate) struct Progress {
    end: Option<Sender<()>>,
    ticker: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts a step. `next` names the steps that follow.
    pub(crate) fn start(name: &str, next: &str) -> Self {
        print_progress(name);
        let (end, ended) = channel();
        let line = format!("{name}, then {next}");
        let ticker = thread::spawn(move || print_until_ended(&line, &ended));
        Self { end: Some(end), ticker: Some(ticker) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        // A ticker that panicked has nothing left to print.
        let _ = self.ticker.take().map(JoinHandle::join);
    }
}

fn print_until_ended(line: &str, ended: &Receiver<()>) {
    let started = Instant::now();
    while matches!(ended.recv_timeout(INTERVAL), Err(RecvTimeoutError::Timeout)) {
        print_progress(&format!("{line} ({} s)", started.elapsed().as_secs()));
    }
}
