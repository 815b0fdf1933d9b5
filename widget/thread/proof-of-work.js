/*
 * The proof of work for the next comment on a thread. It is requested and computed while the reader types, so that posting does not wait
 * for it.
 */
import { request } from './worker-api.js';

/** Remaining validity below which a proof is not sent any more. */
const MIN_VALIDITY_SECONDS = 60;
/** Delay after a failed request for a challenge. A comment that is about to be sent does not wait for it. */
const RETRY_DELAY_SECONDS = 30;

export const nowSeconds = () => Math.floor(Date.now() / 1000);

export class ProofOfWork {
  /** `Solver` is the class of the WebAssembly that solves a challenge. */
  constructor(endpoint, url, Solver) {
    this.address = endpoint + '/v1/challenge?url=' + encodeURIComponent(url) + '&after=';
    this.Solver = Solver;
    // The previous challenge. The next one keeps its opening time, because the form has been open since then.
    this.previous = '';
    this.validitySeconds = 0;
    this.retryAt = 0;
  }

  /** Starts to prepare a proof, unless there is one. Every keystroke calls this, so it waits for a while after a failure. */
  prepare() {
    if (this.retryAt < nowSeconds()) this.find();
  }

  /** Returns the proof as soon as it is solved. Returns nothing if no proof is required or none is available. */
  find() {
    if (this.ready && this.ready.validUntil > nowSeconds()) return Promise.resolve(this.ready.proof);
    if (!this.pending) this.finish(this.fetchChallenge());
    return this.pending;
  }

  /** Discards a proof that the Worker has accepted or refused, and solves the challenge that it sent in return, if any. */
  replace(used, challenge) {
    if (this.pending || !this.ready || this.ready.proof !== used) return;
    this.previous = '';
    this.ready = this.retryAt = 0;
    if (challenge) this.finish(this.solve(challenge));
  }

  /** Ends the work, unless a comment is waiting for it. */
  stop() {
    this.isStopped = true;
  }

  finish(work) {
    this.pending = work.then((ready) => {
      this.ready = ready;
      this.pending = null;
      return ready.proof;
    });
  }

  async fetchChallenge() {
    let response;
    try {
      response = await request(this.address + this.previous);
    } catch {
      this.retryAt = nowSeconds() + RETRY_DELAY_SECONDS;
      return { validUntil: 0 };
    }
    this.validitySeconds = +response.ttl || 0;
    return this.solve(String(response.challenge || ''));
  }

  solve(challenge) {
    this.previous = challenge;
    const validUntil = nowSeconds() + this.validitySeconds - MIN_VALIDITY_SECONDS;
    return new Promise((resolve) => {
      const solver = this.Solver.create(challenge);
      if (!solver) return resolve({ validUntil });
      // A message to itself queues the next slice behind the page's waiting tasks. An open port would keep the page from being garbage
      // collected.
      const channel = new MessageChannel();
      const run = () => {
        const proof = this.isStopped && !this.isAwaited ? '' : solver.run_slice();
        if (proof === undefined) return channel.port2.postMessage(null);
        channel.port1.close();
        solver.free();
        resolve({ proof, validUntil });
      };
      channel.port1.onmessage = run;
      run();
    });
  }
}
