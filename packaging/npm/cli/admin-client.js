// A client for the admin API of a running Worker.

import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.js';
import { message } from './messages.js';
import { SECRET_VARIABLE, readSecret, workerAddress } from './worker.js';

/** Maximum time without any data. */
const IDLE_MS = 120_000;
/** Maximum length of a response that is read into memory. */
const MAX_RESPONSE_BYTES = 64 << 20;
/** Delays before retries of calls that failed temporarily. */
const RETRY_DELAYS_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

/** A failed call. A transient one may succeed if it is repeated. */
export class CallError extends Error {
  constructor(reason, { transient = false, code = '', status = 0 } = {}) {
    super(reason);
    this.name = 'CallError';
    this.transient = transient;
    this.code = code;
    this.status = status;
  }
}

/** Connects a command to its Worker: reads address and secret. */
export async function connect(context) {
  const address = workerAddress(context);
  return new AdminClient(address, await readSecret(context), context);
}

/** A Worker and the secret of one of its moderators. */
export class AdminClient {
  #secret;
  #terminal;
  #delays;

  constructor(address, secret, { terminal, retryDelays = RETRY_DELAYS_MS }) {
    this.address = address;
    this.#secret = secret;
    this.#terminal = terminal;
    this.#delays = retryDelays;
  }

  /** Starts the download of a site's export, as a stream of bytes. Without a site: that of the only one. */
  async export(site) {
    const response = await this.#call('GET', '/admin/api/export', { site });
    return readBody(response);
  }

  /** Uploads lines of an export, header first. After the header, they begin with line `first` of the export. */
  import(site, first, dryRun, lines) {
    return this.#json('POST', '/admin/api/import', { site, first, dry_run: dryRun }, lines, 'application/x-ndjson');
  }

  /** Moves posts of a site, or previews the moves. */
  remap(site, moves) {
    return this.#json('POST', '/admin/api/remap', { site }, JSON.stringify(moves), 'application/json');
  }

  /** Any other call that answers with JSON. */
  get(path, query = {}) {
    return this.#json('GET', path, query);
  }

  /** Makes a call that is safe to repeat, and retries temporary failures. `hint` is added to the error if all retries fail. */
  async retry(hint, call, place) {
    const where = place === undefined ? this.address : `${this.address}, ${place}`;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await call(this);
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        const delay = this.#delays[attempt];
        if (!error.transient) throw new Failure('call.failed', { address: where, reason: error.message });
        if (delay === undefined) throw new Failure('call.gave_up', { address: where, reason: error.message, hint });
        this.#terminal.note(message('call.retry', { address: this.address, reason: error.message, seconds: delay / 1_000 }));
        await sleep(delay);
      }
    }
  }

  /** The error for a download that did not end well: what came is no whole export. */
  explainDownload(error) {
    return error instanceof Failure ? error : new Failure('call.download', { address: this.address, reason: error.message });
  }

  async #json(method, path, query, body, type) {
    const response = await this.#call(method, path, query, body, type);
    const chunks = [];
    let length = 0;
    for await (const chunk of readBody(response)) {
      length += chunk.length;
      if (length > MAX_RESPONSE_BYTES) throw new CallError(message('call.too_long'));
      chunks.push(chunk);
    }
    const value = parseJson(Buffer.concat(chunks).toString('utf8'));
    if (value === undefined) throw new CallError(message('call.foreign'));
    return value;
  }

  async #call(method, path, query, body, type) {
    const url = new URL(path, this.address);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers = { authorization: `Bearer ${this.#secret}` };
    if (type) headers['content-type'] = type;
    const idle = new IdleTimer();
    let response;
    try {
      // The secret must not be sent to any other address.
      response = await fetch(url, { method, headers, body, redirect: 'manual', signal: idle.signal });
    } catch (error) {
      idle.stop();
      throw new CallError(describeCause(error), { transient: true });
    }
    if (response.status === 200) return { response, idle };
    throw await errorOf({ response, idle });
  }
}

/** Aborts a request if nothing arrives for a while. */
class IdleTimer {
  #controller = new AbortController();
  #timer;

  constructor() {
    this.touch();
  }

  get signal() {
    return this.#controller.signal;
  }

  touch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#controller.abort(new Error(message('call.silent'))), IDLE_MS);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

async function* readBody({ response, idle }) {
  try {
    if (response.body === null) return;
    for await (const chunk of response.body) {
      idle.touch();
      yield chunk;
    }
  } catch (error) {
    throw new CallError(describeCause(error), { transient: true });
  } finally {
    idle.stop();
  }
}

async function errorOf(call) {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of readBody(call)) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > 65_536) break;
    }
  } catch {
    // The status says enough.
  }
  const { status } = call.response;
  const { code = '', message: told } = parseJson(text)?.error ?? {};
  return new CallError(explain(status, code, told), { transient: status >= 500 || status === 429, code, status });
}

/** Formats an error response, with advice where it is clear what to do. */
export function explain(status, code, told) {
  if (!told) return message('call.status', { status });
  const advice = {
    unauthorized: () => message('call.unauthorized', { variable: SECRET_VARIABLE }),
    unknown_site: () => message('call.unknown_site'),
    bad_query: () => message('call.bad_query'),
    not_found: () => message('call.not_found'),
  };
  return Object.hasOwn(advice, code) ? advice[code]() : told;
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The cause that a person understands: `fetch failed` alone says nothing. */
function describeCause(error) {
  const cause = error?.cause ?? error;
  return cause?.message || cause?.code || String(cause);
}
