// `afterword verify`: compares the assets of a live Worker with the checksums of a release.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { EXIT, Failure } from '../failure.js';
import { message } from '../messages.js';
import { workerAddress } from '../worker.js';

const OWN_BUILD = fileURLToPath(new URL('../../build.json', import.meta.url));
/** The folder of build.json whose files the Worker serves, at the root of its address. */
const ASSETS = 'assets/';
/** Files of that folder that configure the platform and are not served. */
const NOT_SERVED = new Set(['_headers', '_redirects', '.assetsignore']);
const PARALLEL = 6;
const TIMEOUT_MS = 60_000;
const ATTEMPTS = 3;

export default async function verify(context) {
  const { terminal } = context;
  const address = workerAddress(context);
  const build = await readBuild(context.options.build ?? OWN_BUILD);
  const files = servedFiles(build);
  const outcomes = await compareAll(address, files, terminal);
  const wrong = outcomes.filter(({ problem }) => problem !== undefined);
  for (const { path, problem } of wrong) terminal.print(message(problem, { path }));
  if (wrong.length > 0) {
    terminal.print(message('verify.differs', { count: wrong.length, total: files.length, version: build.version }));
    return EXIT.differs;
  }
  terminal.print(message('verify.same', { total: files.length, address, version: build.version }));
  return EXIT.ok;
}

async function readBuild(file) {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure('file.unreadable', { file, reason: error.message });
  }
  try {
    const build = JSON.parse(text);
    if (typeof build.version === 'string' && typeof build.files === 'object') return build;
  } catch {
    // Told below.
  }
  throw new Failure('verify.no_build', { file });
}

function servedFiles({ files }) {
  return Object.entries(files)
    .filter(([path]) => path.startsWith(ASSETS))
    .map(([path, sha256]) => ({ path: path.slice(ASSETS.length), sha256 }))
    .filter(({ path }) => !NOT_SERVED.has(path));
}

async function compareAll(address, files, terminal) {
  const outcomes = [];
  const left = files[Symbol.iterator]();
  const lane = async () => {
    for (const file of left) {
      outcomes.push({ path: file.path, problem: await compare(address, file) });
      terminal.progress(message('verify.progress', { done: outcomes.length, total: files.length }));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  return outcomes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Returns the id of the message about a difference, if there is one. */
async function compare(address, { path, sha256 }) {
  const url = new URL(path.split('/').map(encodeURIComponent).join('/'), `${address}/`);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (response.status === 404) return 'verify.absent';
      if (response.ok) {
        const found = createHash('sha256').update(new Uint8Array(await response.arrayBuffer())).digest('hex');
        return found === sha256 ? undefined : 'verify.changed';
      }
      if (attempt === ATTEMPTS) throw new Error(message('call.status', { status: response.status }));
      await response.body?.cancel();
    } catch (error) {
      if (attempt === ATTEMPTS) throw new Failure('call.failed', { address: url.href, reason: error.cause?.message ?? error.message });
    }
  }
}
