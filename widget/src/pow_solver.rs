//! The proof of work for a comment. It is requested and computed while the reader types, so that posting does not wait for it.
//!
//! The work does not run in a Web Worker: that would be one more script to download, and the host page's `worker-src` would have to
//! allow it. It runs in slices of a few milliseconds, and the page handles its other tasks between them.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::puzzle::Solver;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::platform::clock::now_seconds;
use crate::platform::dom::{self, JsObject};
use crate::worker_api;

/// Target duration of a slice in milliseconds. It is far below the 50 after which a page feels stuck, because a slice takes longer
/// than planned on a machine with other work to do.
const SLICE_MS: f64 = 5.0;
/// Hashes in the first slice: a few milliseconds in the slowest browser, before it has compiled anything.
const FIRST_SLICE_HASHES: u32 = 128;
/// Maximum number of hashes in a slice, for clocks that are too coarse to measure one.
const MAX_SLICE_HASHES: u32 = 4096;
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
    slice_hashes: Cell<u32>,
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
            let channel = dom::new_message_channel(window);
            channel.get_object("port1").set("onmessage", on_message.as_ref());
            Self {
                window: window.clone(),
                challenge_url: [endpoint, "/v1/challenge?url=", &encoded].concat(),
                state: RefCell::new(ProofState::Idle),
                previous_challenge: RefCell::default(),
                solver: RefCell::default(),
                slice_hashes: Cell::new(FIRST_SLICE_HASHES),
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

    /// Computes one slice, and schedules the next if the challenge is not solved.
    fn run_slice(&self) {
        let started = self.monotonic_ms();
        let hashes = self.slice_hashes.get();
        let mut current = self.solver.borrow_mut();
        let Some(solver) = current.as_mut() else { return };
        if let Some(proof) = solver.solve_slice(hashes).map(str::to_owned) {
            current.take();
            drop(current);
            return self.finish(Some(&proof), self.valid_until.get());
        }
        let elapsed = self.monotonic_ms() - started;
        if elapsed > SLICE_MS {
            self.slice_hashes.set(hashes / 2 + 1);
        } else if elapsed < SLICE_MS / 2.0 && hashes < MAX_SLICE_HASHES {
            self.slice_hashes.set(hashes * 2);
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

    fn monotonic_ms(&self) -> f64 {
        let now = self.window.get_object("performance").call_with("now", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        now.as_f64().unwrap_or_default()
    }
}

/// Closes the port: an open one would keep the page from being garbage collected.
impl Drop for PowSolver {
    fn drop(&mut self) {
        self.channel.get_object("port1").call_method("close");
    }
}
