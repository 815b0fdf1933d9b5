// What a Worker says about itself.

import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../failure.js';
import { message } from '../messages.js';

/** A new name below workers.dev takes some minutes until it is known everywhere. */
const UP_MS = 5 * 60_000;
const POLL_MS = 2_000;

/** The health of a Worker, or `undefined` if it does not answer or is another program. */
export async function health(address) {
  try {
    const response = await fetch(`${address}/health`, { redirect: 'manual', signal: AbortSignal.timeout(15_000), headers: { 'cache-control': 'no-cache' } });
    const found = await response.json();
    return typeof found?.version === 'string' && typeof found.configured === 'boolean' ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Fails if this package is older than what runs: newer data could be unreadable for it. */
export function checkNotOlder(live, build) {
  if (compareVersions(live.version, build.version) > 0) throw new Failure('deploy.older', { live: live.version, version: build.version });
  if ((live.reader_floor ?? 0) > build.schema) throw new Failure('deploy.older', { live: live.version, version: build.version });
}

/** Waits until a Worker answers with this version. */
export async function waitUntilUp(address, version, { terminal, upMs = UP_MS, pollMs = POLL_MS }) {
  const deadline = Date.now() + upMs;
  for (;;) {
    const found = await health(address);
    if (found?.version === version) return found;
    if (Date.now() > deadline) throw new Failure('deploy.not_up', { address, version });
    terminal.progress(message('deploy.waiting', { address }));
    await sleep(pollMs);
  }
}

/** Compares two versions `1.2.3`: negative if the first is older. A pre-release is older than its release. */
export function compareVersions(a, b) {
  const [[left, before], [right, after]] = [a, b].map((version) => version.split(/-(.*)/s, 2));
  const [x, y] = [left, right].map((numbers) => numbers.split('.').map(Number));
  for (let index = 0; index < 3; index += 1) {
    if ((x[index] ?? 0) !== (y[index] ?? 0)) return (x[index] ?? 0) - (y[index] ?? 0);
  }
  if (before === after) return 0;
  if (before === undefined || after === undefined) return before === undefined ? 1 : -1;
  return before < after ? -1 : 1;
}
