// Prints what `afterword serve` costs: cold start, memory at rest and under load, time of an answer. Numbers depend on the machine and its other work.
//
// Arguments: seconds of load (20 without one). The package is that of server.js.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PACKAGE, Server, temporary } from './server.js';

const RATE = 100;
const seconds = Number(process.argv[2] ?? 20);
const cleanup = [];
const run = { after: (end) => cleanup.push(end) };

const size = (path) => (statSync(path).isDirectory() ? readdirSync(path).reduce((sum, name) => sum + size(join(path, name)), 0) : statSync(path).size);
const resident = (server) => {
  const children = readFileSync(`/proc/${server.child.pid}/task/${server.child.pid}/children`, 'utf8').trim().split(' ');
  return Math.max(...children.map((pid) => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0))) / 1024;
};
const row = (name, value) => console.log(`${name.padEnd(44)}${value}`);

const folder = temporary(run);
const begun = performance.now();
const first = await Server.start(run, folder, { env: { RATE_LIMITS: 'off' } });
row('first start, with the copy of the package', `${Math.round(performance.now() - begun)} ms`);
await first.terminate();
const again = performance.now();
const server = await Server.start(run, folder, { env: { RATE_LIMITS: 'off' } });
row('start', `${Math.round(performance.now() - again)} ms`);
await server.post();
await server.waitForCount(1);
await sleep(2_000);
row('memory at rest', `${resident(server).toFixed(0)} MiB`);

const times = [];
const pending = [];
const end = performance.now() + seconds * 1_000;
for (let number = 0; performance.now() < end; number += 1) {
  const sent = performance.now();
  const request = number % 10 === 0 ? server.post() : fetch(`${server.address}/v1/thread.html?url=https://blog.example/post`).then((response) => response.text());
  pending.push(request.then(() => times.push(performance.now() - sent)));
  await sleep(Math.max(0, 1_000 / RATE - (performance.now() - sent)));
}
await Promise.all(pending);
times.sort((a, b) => a - b);
row(`requests in ${seconds} s, one in ten a comment`, `${times.length} (${(times.length / seconds).toFixed(0)} a second)`);
row('time of an answer, median and 99 %', `${times[Math.floor(times.length / 2)].toFixed(0)} ms, ${times[Math.floor(times.length * 0.99)].toFixed(0)} ms`);
row('memory under this load', `${resident(server).toFixed(0)} MiB`);
row('data', `${(size(join(folder, 'state')) / 1e6).toFixed(1)} MB state, ${(size(join(folder, 'kv')) / 1e6).toFixed(1)} MB kv`);
row('package, without workerd', `${(size(PACKAGE) / 1e6).toFixed(1)} MB`);
for (const step of cleanup.reverse()) await step();
process.exit();
