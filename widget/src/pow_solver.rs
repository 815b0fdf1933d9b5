//! The proof of work that goes with a comment: asked for and worked out while the reader writes, so that nobody waits for it.
//!
//! The work is done here and not in a Web Worker: one more script would have to be downloaded, and allowed by the host page's `worker-src`. It
//! is done in slices of a few milliseconds, between which the page does whatever else it has to do.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::puzzle::Solver;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::platform::clock::now_seconds;
use crate::platform::dom::{self, JsObject};
use crate::worker_api;

/// A slice may take this long, in milliseconds. It is far from the 50 after which a page seems to hang: a machine that has something
/// else to do takes longer than was foreseen.
const SLICE_MS: f64 = 5.0;
/// Hashes of the first slice: a few milliseconds in the slowest browser, which has not compiled anything yet.
const FIRST_SLICE_HASHES: u32 = 128;
/// Hashes of the largest slice, for clocks that are too coarse to measure one.
const MAX_SLICE_HASHES: u32 = 4096;
/// A proof that is good for less than this many seconds is not sent any more.
const MIN_VALIDITY_SECONDS: i64 = 60;
/// How long to wait after a challenge could not be had, in seconds, unless a comment is to be sent.
const RETRY_DELAY_SECONDS: i64 = 30;

/// Who waits for a proof; nothing is given where none is asked for, or where none can be had.
type Callback = Box<dyn FnOnce(Option<String>)>;

/// What there is of a proof.
enum ProofState {
    /// Nothing.
    Idle,
    /// It is asked for, or worked out.
    Pending(Vec<Callback>),
    /// It is there, and good until this second.
    Ready(Option<String>, i64),
}

/// The proof for the next comment on a thread, whichever form it is written in.
pub(crate) struct PowSolver {
    window: JsObject,
    /// Where the challenges for this thread are.
    challenge_url: String,
    state: RefCell<ProofState>,
    /// The challenge that the next one goes on from, for the form has been open since then.
    previous_challenge: RefCell<String>,
    solver: RefCell<Option<Solver>>,
    slice_hashes: Cell<u32>,
    /// For how many seconds a challenge is good.
    challenge_ttl: Cell<i64>,
    valid_until: Cell<i64>,
    /// Sends a message to itself to go on after everything else that is waiting.
    channel: JsObject,
    _on_message: Closure<dyn FnMut()>,
}

impl PowSolver {
    /// For the thread of this post.
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

    /// Sees to it that there will be a proof; after a failure not at once, for this is called with every key.
    pub(crate) fn prepare_proof(self: &Rc<Self>) {
        let failed = matches!(*self.state.borrow(), ProofState::Ready(None, 0));
        if !failed || self.valid_until.get() < now_seconds() {
            self.request_proof(Box::new(drop));
        }
    }

    /// Gives a proof: at once if there is one, else as soon as there is.
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

    /// Forgets a proof that has been used, or refused, and goes on with the challenge that came instead, if one did.
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

    /// Works for one slice, and sees to the next.
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

/// An open port would keep the prover's page from being thrown away.
impl Drop for PowSolver {
    fn drop(&mut self) {
        self.channel.get_object("port1").call_method("close");
    }
}
