//! The proof of work for a comment. It is requested and computed while the reader types, so that posting does not wait for it.
//!
//! The work does not run in a Web Worker: that would be one more script to download, and the host page's `worker-src` would have to
//! allow it. It runs in slices of a few milliseconds, and the page handles its other tasks between them.
//!
//! The speed of one slice does not predict that of the next: Chromium's CPU throttling suspends the thread by signals from another
//! thread, which itself waits for a free core, and the compiler replaces the code meanwhile. Slices that were sized by the one before
//! therefore took more than twenty times as long as planned on a busy machine, so the clock is now read after every small batch of hashes.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::proof_of_work::Solver;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::platform::clock::{now_seconds, page_age_ms};
use crate::platform::dom::{self, JsObject};
use crate::worker_api;

/// Duration of a slice in milliseconds. It is far below the 50 after which a page feels stuck, because other processes may interrupt it.
const SLICE_MS: f64 = 5.0;
/// Hashes between two readings of the clock: a millisecond or two in the slowest browser, before it has compiled anything.
const BATCH_HASHES: u32 = 64;
/// Maximum number of batches in a slice, for clocks that are too coarse to measure one.
const MAX_SLICE_BATCHES: u32 = 64;
/// Remaining validity below which a proof is not sent any more.
const MIN_VALIDITY_SECONDS: i64 = 60;
/// Delay after a failed request for a challenge. A comment that is about to be sent does not wait for it.
const RETRY_DELAY_SECONDS: i64 = 30;

/// Receives the proof. Receives none if no proof is required or none is available.
type Callback = Box<dyn FnOnce(Option<String>)>;

/// State of the current proof.
enum ProofState {
    /// No proof has been requested.
    Idle,
    /// The challenge is requested or being solved.
    Pending(Vec<Callback>),
    /// The proof is available, and valid until this second. `None` with the second 0 stands for a failed request.
    Ready(Option<String>, i64),
}

/// Solver of the challenge for the next comment on a thread, in whichever form the reader types it.
pub(crate) struct PowSolver {
    window: JsObject,
    /// Address of the challenges for this thread.
    challenge_url: String,
    state: RefCell<ProofState>,
    /// The previous challenge. The next one keeps its opening time, because the form has been open since then.
    previous_challenge: RefCell<String>,
    solver: RefCell<Option<Solver>>,
    /// Validity of a challenge in seconds.
    challenge_ttl: Cell<i64>,
    valid_until: Cell<i64>,
    /// Schedules the next slice by a message to itself, which queues it behind the page's waiting tasks.
    channel: JsObject,
    _on_message: Closure<dyn FnMut()>,
}

impl PowSolver {
    /// Creates a solver for the thread with this canonical address.
    pub(crate) fn new(window: &JsObject, endpoint: &str, url: &str) -> Rc<Self> {
        let encoded = window.call_with_string("encodeURIComponent", url).as_string().unwrap_or_default();
        Rc::new_cyclic(|solver: &Weak<Self>| {
            let solver = solver.clone();
            let on_message = Closure::new(move || {
                if let Some(solver) = solver.upgrade() {
                    solver.run_slice();
                }
            });
            let channel = dom::construct(window, "MessageChannel", &JsValue::UNDEFINED);
            channel.get_object("port1").set("onmessage", on_message.as_ref());
            Self {
                window: window.clone(),
                challenge_url: [endpoint, "/v1/challenge?url=", &encoded].concat(),
                state: RefCell::new(ProofState::Idle),
                previous_challenge: RefCell::default(),
                solver: RefCell::default(),
                challenge_ttl: Cell::new(0),
                valid_until: Cell::new(0),
                channel,
                _on_message: on_message,
            }
        })
    }

    /// Starts to prepare a proof, unless there is one. Every keystroke calls this, so it waits [`RETRY_DELAY_SECONDS`] after a failure.
    pub(crate) fn prepare_proof(self: &Rc<Self>) {
        let failed = matches!(*self.state.borrow(), ProofState::Ready(None, 0));
        if !failed || self.valid_until.get() < now_seconds() {
            self.request_proof(Box::new(drop));
        }
    }

    /// Passes a proof to the callback: at once if one is available, else as soon as it is solved.
    pub(crate) fn request_proof(self: &Rc<Self>, callback: Callback) {
        let mut state = self.state.borrow_mut();
        match &mut *state {
            ProofState::Pending(callbacks) => callbacks.push(callback),
            ProofState::Ready(proof, valid_until) if *valid_until > now_seconds() => {
                let proof = proof.clone();
                drop(state);
                callback(proof);
            }
            _ => {
                *state = ProofState::Pending(vec![callback]);
                drop(state);
                self.fetch_challenge();
            }
        }
    }

    /// Discards a proof that the Worker has accepted or refused, and solves the challenge that it sent in return, if any.
    pub(crate) fn replace_proof(&self, used: Option<&String>, challenge: &str) {
        if !matches!(&*self.state.borrow(), ProofState::Ready(proof, _) if proof.as_ref() == used) {
            return;
        }
        self.previous_challenge.take();
        self.state.replace(ProofState::Idle);
        if !challenge.is_empty() {
            self.state.replace(ProofState::Pending(Vec::new()));
            self.start_solving(challenge);
        }
    }

    fn fetch_challenge(self: &Rc<Self>) {
        let solver = Rc::clone(self);
        let address = [&self.challenge_url, "&after=", &*self.previous_challenge.borrow()].concat();
        worker_api::fetch_json(&self.window, &address, move |result| match result {
            Ok(response) => {
                solver.challenge_ttl.set(response.get("ttl").as_f64().unwrap_or_default() as i64);
                solver.start_solving(&response.get_string("challenge"));
            }
            Err(_) => {
                solver.valid_until.set(now_seconds() + RETRY_DELAY_SECONDS);
                solver.finish(None, 0);
            }
        });
    }

    fn start_solving(&self, challenge: &str) {
        self.previous_challenge.replace(challenge.to_owned());
        self.valid_until.set(now_seconds() + self.challenge_ttl.get() - MIN_VALIDITY_SECONDS);
        self.solver.replace(Solver::new(challenge));
        if self.solver.borrow().is_some() { self.run_slice() } else { self.finish(None, self.valid_until.get()) }
    }

    /// Runs one slice, and schedules the next if the challenge is not solved.
    fn run_slice(&self) {
        let now = || page_age_ms(&self.window);
        let mut current = self.solver.borrow_mut();
        let Some(solver) = current.as_mut() else { return };
        if let Some(proof) = solve_slice(solver, now) {
            current.take();
            drop(current);
            return self.finish(Some(&proof), self.valid_until.get());
        }
        self.channel.get_object("port2").call_with("postMessage", &JsValue::NULL, &JsValue::UNDEFINED);
    }

    fn finish(&self, proof: Option<&str>, valid_until: i64) {
        let proof = || proof.map(str::to_owned);
        if let ProofState::Pending(callbacks) = self.state.replace(ProofState::Ready(proof(), valid_until)) {
            for callback in callbacks {
                callback(proof());
            }
        }
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

/// Closes the port: an open one would keep the page from being garbage collected.
impl Drop for PowSolver {
    fn drop(&mut self) {
        self.channel.get_object("port1").call_method("close");
    }
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
