//! The proof of work that goes with a comment: asked for and worked out while the reader writes, so that nobody waits for it.
//!
//! The work is done here and not in a Web Worker: one more script would have to be downloaded, and allowed by the host page's `worker-src`. It
//! is done in slices of a few milliseconds, between which the page does whatever else it has to do.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use afterword_model::proof_of_work::Solver;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::Closure;

use crate::comments::now;
use crate::dom::{self, Node};
use crate::post;

/// A slice may take this long, in milliseconds. It is far from the 50 after which a page seems to hang: a machine that has something
/// else to do takes longer than was foreseen.
const SLICE: f64 = 5.0;
/// Hashes of the first slice: a few milliseconds in the slowest browser, which has not compiled anything yet.
const FIRST: u32 = 128;
/// Hashes of the largest slice, for clocks that are too coarse to measure one.
const LARGEST: u32 = 4096;
/// A proof that is good for less than this many seconds is not sent any more.
const MARGIN: i64 = 60;
/// How long to wait after a challenge could not be had, in seconds, unless a comment is to be sent.
const PAUSE: i64 = 30;

/// Who waits for a proof; nothing is given where none is asked for, or where none can be had.
type Waiting = Box<dyn FnOnce(Option<String>)>;

/// What there is of a proof.
enum Work {
    /// Nothing.
    None,
    /// It is asked for, or worked out.
    Going(Vec<Waiting>),
    /// It is there, and good until this second.
    Done(Option<String>, i64),
}

/// The proof for the next comment on a thread, whichever form it is written in.
pub(crate) struct Prover {
    window: Node,
    /// Where the challenges for this thread are.
    address: String,
    work: RefCell<Work>,
    /// The challenge that the next one goes on from, for the form has been open since then.
    before: RefCell<String>,
    solver: RefCell<Option<Solver>>,
    hashes: Cell<u32>,
    /// For how many seconds a challenge is good.
    ttl: Cell<i64>,
    good_until: Cell<i64>,
    /// Sends a message to itself to go on after everything else that is waiting.
    channel: Node,
    _heard: Closure<dyn FnMut()>,
}

impl Prover {
    /// For the thread of this post.
    pub(crate) fn new(window: &Node, endpoint: &str, url: &str) -> Rc<Self> {
        let encoded = window.call_with("encodeURIComponent", url).as_string().unwrap_or_default();
        Rc::new_cyclic(|prover: &Weak<Self>| {
            let prover = prover.clone();
            let heard = Closure::new(move || {
                if let Some(prover) = prover.upgrade() {
                    prover.go_on();
                }
            });
            let channel = dom::message_channel(window);
            channel.node("port1").set("onmessage", heard.as_ref());
            Self {
                window: window.clone(),
                address: [endpoint, "/v1/challenge?url=", &encoded].concat(),
                work: RefCell::new(Work::None),
                before: RefCell::default(),
                solver: RefCell::default(),
                hashes: Cell::new(FIRST),
                ttl: Cell::new(0),
                good_until: Cell::new(0),
                channel,
                _heard: heard,
            }
        })
    }

    /// Sees to it that there will be a proof; after a failure not at once, for this is called with every key.
    pub(crate) fn prepare(self: &Rc<Self>) {
        let failed = matches!(*self.work.borrow(), Work::Done(None, 0));
        if !failed || self.good_until.get() < now() {
            self.prove(Box::new(drop));
        }
    }

    /// Gives a proof: at once if there is one, else as soon as there is.
    pub(crate) fn prove(self: &Rc<Self>, then: Waiting) {
        let mut work = self.work.borrow_mut();
        match &mut *work {
            Work::Going(waiting) => waiting.push(then),
            Work::Done(proof, until) if *until > now() => {
                let proof = proof.clone();
                drop(work);
                then(proof);
            }
            _ => {
                *work = Work::Going(vec![then]);
                drop(work);
                self.ask();
            }
        }
    }

    /// Forgets a proof that has been used, or refused, and goes on with the challenge that came instead, if one did.
    pub(crate) fn renew(&self, used: Option<&String>, challenge: &str) {
        if !matches!(&*self.work.borrow(), Work::Done(proof, _) if proof.as_ref() == used) {
            return;
        }
        self.before.take();
        self.work.replace(Work::None);
        if !challenge.is_empty() {
            self.work.replace(Work::Going(Vec::new()));
            self.begin(challenge);
        }
    }

    fn ask(self: &Rc<Self>) {
        let prover = Rc::clone(self);
        let address = [&self.address, "&after=", &*self.before.borrow()].concat();
        post::get(&self.window, &address, move |answer| match answer {
            Ok(answer) => {
                prover.ttl.set(answer.get("ttl").as_f64().unwrap_or_default() as i64);
                prover.begin(&answer.text("challenge"));
            }
            Err(_) => {
                prover.good_until.set(now() + PAUSE);
                prover.settle(None, 0);
            }
        });
    }

    fn begin(&self, challenge: &str) {
        self.before.replace(challenge.to_owned());
        self.good_until.set(now() + self.ttl.get() - MARGIN);
        self.solver.replace(Solver::new(challenge));
        if self.solver.borrow().is_some() { self.go_on() } else { self.settle(None, self.good_until.get()) }
    }

    /// Works for one slice, and sees to the next.
    fn go_on(&self) {
        let begun = self.clock();
        let hashes = self.hashes.get();
        let mut solver = self.solver.borrow_mut();
        let Some(working) = solver.as_mut() else { return };
        if let Some(proof) = working.solve_slice(hashes).map(str::to_owned) {
            solver.take();
            drop(solver);
            return self.settle(Some(&proof), self.good_until.get());
        }
        let took = self.clock() - begun;
        if took > SLICE {
            self.hashes.set(hashes / 2 + 1);
        } else if took < SLICE / 2.0 && hashes < LARGEST {
            self.hashes.set(hashes * 2);
        }
        self.channel.node("port2").call("postMessage", &JsValue::NULL, &JsValue::UNDEFINED);
    }

    fn settle(&self, proof: Option<&str>, good_until: i64) {
        let proof = || proof.map(str::to_owned);
        if let Work::Going(waiting) = self.work.replace(Work::Done(proof(), good_until)) {
            for then in waiting {
                then(proof());
            }
        }
    }

    fn clock(&self) -> f64 {
        let now = self.window.node("performance").call("now", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
        now.as_f64().unwrap_or_default()
    }
}

/// An open port would keep the prover's page from being thrown away.
impl Drop for Prover {
    fn drop(&mut self) {
        self.channel.node("port1").act("close");
    }
}
