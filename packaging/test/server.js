// Runs `afterword serve` of a staged package as an owner does, and looks at what it keeps. The variable AFTERWORD_PACKAGE names the folder of the
// package; `cargo xtask package` makes `build/package/first/afterword`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const PACKAGE = process.env.AFTERWORD_PACKAGE ?? fileURLToPath(new URL('../../build/package/first/afterword', import.meta.url));
const START_MS = 60_000;

/** A new folder with a space in its path, which the test removes at its end. */
export function temporary(test) {
  const folder = mkdtempSync(join(tmpdir(), 'afterword serve '));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A port that is free at the moment. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that runs until the test ends. */
export class Server {
  log = '';

  /** Starts a server and waits until it is ready. `wrap` begins the command line, such as that of a tracer. */
  static async start(test, folder, { port, options = [], env = {}, wrap = [] } = {}) {
    const server = new Server(folder, port ?? (await freePort()));
    const words = [...wrap, process.execPath, join(PACKAGE, 'cli/main.js'), 'serve', '--data', folder, '--port', String(server.port), '--site', 'https://blog.example', ...options];
    server.run(words, { PROOF_BITS: '0', MODERATION: 'open', ...env });
    test.after(() => server.kill());
    await server.waitFor('ready http://localhost');
    return server;
  }

  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
    this.address = `http://localhost:${port}`;
  }

  /** Starts a program as the leader of a process group. */
  run([program, ...words], env, cwd) {
    this.child = spawn(program, words, { env: { PATH: process.env.PATH, NODE_PATH: process.env.NODE_PATH, ...env }, detached: true, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => { this.log += text; });
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
  }

  async waitFor(text) {
    const deadline = Date.now() + START_MS;
    while (!this.log.includes(text)) {
      assert.ok(Date.now() < deadline && this.child.exitCode === null, `waited for ${text}:\n${this.log}`);
      await sleep(20);
    }
  }

  /** Kills all processes at once, like a power failure. */
  async kill() {
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // They have ended.
    }
    await this.ended;
  }

  async terminate() {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  /** Posts a comment, and returns status and body. */
  async post(text = randomUUID(), headers = {}, url = 'https://blog.example/post') {
    const body = JSON.stringify({ id: randomUUID(), url, text, name: 'Ada' });
    const all = { 'content-type': 'application/json', origin: 'https://blog.example', ...headers };
    const response = await fetch(`${this.address}/v1/comments`, { method: 'POST', headers: all, body });
    return { status: response.status, body: await response.json() };
  }

  async json(path, headers = {}) {
    return (await fetch(`${this.address}${path}`, { headers })).json();
  }

  /** The secret of the moderator that the first start has made. */
  secret() {
    return /^ADMIN_SECRETS=admin:(.*)$/m.exec(readFileSync(join(this.folder, 'keys'), 'utf8'))[1];
  }

  /** Waits until a thread has this number of comments for its readers. */
  async waitForCount(count, url = 'https://blog.example/post') {
    const deadline = Date.now() + START_MS;
    for (;;) {
      const { counts } = await this.json(`/v1/counts?url=${encodeURIComponent(url)}`);
      if (counts[url] === count) return;
      assert.ok(Date.now() < deadline, `${url} has ${counts[url]} comments, not ${count}`);
      await sleep(100);
    }
  }
}

/** Opens the databases of the objects of a class, those of the alarms included, by their names. */
export function databases(folder, key = 'state/afterword-SiteLedger') {
  const names = readdirSync(join(folder, key)).filter((name) => name.endsWith('.sqlite'));
  return Object.fromEntries(names.map((name) => [name, new DatabaseSync(join(folder, key, name))]));
}

/** The database of the only site with comments. */
export function ledger(folder) {
  const found = Object.entries(databases(folder)).filter(([name]) => name !== 'metadata.sqlite').map(([, database]) => database);
  return found.find((database) => database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'comment'").get().n > 0);
}

/** Gets a path as it is, with any headers. Returns status and body. */
export function raw(port, path, headers = {}) {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => { body += text; }).on('end', () => resolve({ status: response.statusCode, body }));
    });
    sent.on('error', reject).end();
  });
}
