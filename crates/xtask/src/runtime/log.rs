//! Output of the runtime: forwarded once it is ready. The last lines are kept for the message if it fails.

use std::collections::VecDeque;
use std::io::{Write, stderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Maximum number of lines kept for error messages.
const MAX_LINES: usize = 60;

#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    forwarding: bool,
    last: VecDeque<String>,
}

impl Log {
    pub(super) fn line(&self, line: &str) {
        let mut state = self.state();
        if state.forwarding {
            // In one write: standard output may be the same file, and its lines must not end up between a line and its newline. An error means that the
            // reader is gone, which is no failure.
            let _ = stderr().write_all(format!("{line}\n").as_bytes());
        }
        if state.last.len() == MAX_LINES {
            state.last.pop_front();
        }
        state.last.push_back(line.to_owned());
    }

    /// Forwards all further lines and drops those of the start.
    pub(super) fn start_forwarding(&self) {
        let mut state = self.state();
        state.forwarding = true;
        state.last.clear();
    }

    /// Holds back the output of the runtime's shutdown.
    pub(super) fn stop_forwarding(&self) {
        self.state().forwarding = false;
    }

    /// Returns the last lines.
    pub(super) fn tail(&self) -> String {
        self.state().last.iter().map(|line| format!("  {line}\n")).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_output_is_bounded() {
        let log = Log::default();
        (0..2 * MAX_LINES).for_each(|number| log.line(&format!("line {number}")));
        assert_eq!(log.tail().lines().count(), MAX_LINES);
        assert!(log.tail().ends_with(&format!("  line {}\n", 2 * MAX_LINES - 1)), "the last lines are kept");
    }
}
