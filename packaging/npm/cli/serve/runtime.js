// Runs workerd.

import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure.js';

const START_MS = 60_000;
const POLL_MS = 50;

/** The path of the program workerd, which comes with wrangler. */
export function workerdPath() {
  const require = createRequire(import.meta.url);
  try {
    return createRequire(require.resolve('wrangler/package.json'))('workerd').default;
  } catch (error) {
    throw new Failure('serve.no_workerd', { platform: `${process.platform} ${process.arch}`, reason: error.message.split('\n')[0] });
  }
}

/** A running server. */
export class Runtime {
  #child;
  #ended;

  /** Starts workerd in a data folder that has its configuration. `variables` are its environment. */
  constructor(program, folder, variables) {
    const env = { ...process.env, ...variables };
    this.#child = spawn(program, ['serve', 'config.capnp'], { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] });
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(signal ?? code));
    });
  }

  /** Waits until the server answers. Returns false if it has ended instead. */
  async waitUntilReady(address) {
    let over = false;
    this.#ended.then(() => { over = true; });
    const deadline = Date.now() + START_MS;
    while (!over) {
      if (await answers(`${address}/health`)) return true;
      if (Date.now() > deadline) throw new Failure('serve.silent', { address });
      await sleep(POLL_MS);
    }
    return false;
  }

  /** Asks the server to finish its requests and end. */
  stop() {
    this.#child.kill('SIGTERM');
  }

  /** Ends the server at once. */
  kill() {
    this.#child.kill('SIGKILL');
  }

  /** Waits for the end. Returns the exit code, or a word for what ended it. */
  wait() {
    return this.#ended;
  }
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    // Without settings the Worker answers 503 with a page for its owner.
    return response.status === 200 || response.status === 503;
  } catch {
    return false;
  }
}

/** True if a result of `wait` is the end that SIGTERM or SIGINT asked for. */
export function isAskedEnd(result) {
  return result === 0 || ['SIGTERM', 'SIGINT'].some((name) => result === name || result === 128 + constants.signals[name]);
}
