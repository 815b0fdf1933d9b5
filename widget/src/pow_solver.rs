//! The proof of work for a comment, solved in slices.
//!
//! The work does not run in a Web Worker: that would be one more script to download, and the host page's `worker-src` would have to
//! allow it. It runs in slices of a few milliseconds, and the page handles its other tasks between them.
//!
//! The speed of one slice does not predict that of the next: Chromium's CPU throttling suspends the thread by signals from another
//! thread, which itself waits for a free core, and the compiler replaces the code meanwhile. Slices that were sized by the one before
//! therefore took more than twenty times as long as planned on a busy machine, so the clock is now read after every small batch of hashes.

use afterword_model::proof_of_work::Solver;
use wasm_bindgen::prelude::wasm_bindgen;

/// Duration of a slice in milliseconds. It is far below the 50 after which a page feels stuck, because other processes may interrupt it.
const SLICE_MS: f64 = 5.0;
/// Hashes between two readings of the clock: a millisecond or two in the slowest browser, before it has compiled anything.
const BATCH_HASHES: u32 = 64;
/// Maximum number of batches in a slice, for clocks that are too coarse to measure one.
const MAX_SLICE_BATCHES: u32 = 64;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn page_age_ms() -> f64;
}

/// Solver of one challenge.
#[wasm_bindgen]
pub struct PowSolver(Solver);

#[wasm_bindgen]
impl PowSolver {
    /// Creates a solver. Returns nothing if the challenge is invalid.
    pub fn create(challenge: &str) -> Option<PowSolver> {
        Solver::new(challenge).map(Self)
    }

    /// Works for a few milliseconds. Returns the proof once it is complete.
    pub fn run_slice(&mut self) -> Option<String> {
        solve_slice(&mut self.0, page_age_ms)
    }
}

/// Solves batch after batch until the clock has passed the end of the slice. Returns the proof once it is complete.
fn solve_slice(solver: &mut Solver, now: impl Fn() -> f64) -> Option<String> {
    let end = now() + SLICE_MS;
    for _ in 0..MAX_SLICE_BATCHES {
        if let Some(proof) = solver.solve_slice(BATCH_HASHES) {
            return Some(proof.to_owned());
        }
        if now() >= end {
            break;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use afterword_model::encode_hex;
    use afterword_model::proof_of_work::{BITS_OFFSET, CHALLENGE_BYTES, COUNT_OFFSET, Solver};

    use super::{BATCH_HASHES, MAX_SLICE_BATCHES, SLICE_MS, solve_slice};

    fn solver(bits: u8, count: u8) -> Solver {
        let mut challenge = [7; CHALLENGE_BYTES];
        challenge[BITS_OFFSET] = bits;
        challenge[COUNT_OFFSET] = count;
        Solver::new(&encode_hex(&challenge)).unwrap()
    }

    /// A solver that never finishes: a hash has no 255 leading zero bits.
    fn endless_solver() -> Solver {
        solver(255, 1)
    }

    /// Runs one slice with a clock that shows these times, and returns the number of readings.
    fn readings(times: impl Fn(u32) -> f64) -> u32 {
        let count = Cell::new(0);
        let now = || times(count.replace(count.get() + 1));
        assert_eq!(solve_slice(&mut endless_solver(), now), None);
        count.get()
    }

    #[test]
    fn slice_ends_at_the_first_reading_past_its_end() {
        for batch_ms in [0.1, 0.9, 1.0, 4.9, 5.0, 70.0, 5000.0] {
            let batches = (SLICE_MS / batch_ms).ceil() as u32;
            assert_eq!(readings(|reading| f64::from(reading) * batch_ms), 1 + batches, "{batch_ms} ms for a batch");
        }
    }

    #[test]
    fn slice_ends_when_the_speed_drops_within_it() {
        let times = [40.0, 40.5, 41.0, 44.9, 180.0];
        assert_eq!(readings(|reading| times[reading as usize]), 5);
    }

    #[test]
    fn slice_ends_under_a_clock_that_stands_still() {
        assert_eq!(readings(|_| 0.0), 1 + MAX_SLICE_BATCHES);
    }

    /// With zero bits every hash solves a puzzle, so the number of puzzles counts the hashes.
    #[test]
    fn one_batch_is_computed_between_two_readings() {
        let puzzles = 255;
        for (reading_ms, slice_batches) in [(5.0, 1), (2.5, 2), (2.0, 3), (1.0, 5)] {
            let mut solver = solver(0, puzzles);
            let time = Cell::new(0.0);
            let now = || time.replace(time.get() + reading_ms);
            let slices = (1..=10).find(|_| solve_slice(&mut solver, now).is_some()).unwrap();
            let batches = u32::from(puzzles) / BATCH_HASHES + 1;
            assert_eq!(slices, batches.div_ceil(slice_batches), "{reading_ms} ms between readings");
        }
    }
}
