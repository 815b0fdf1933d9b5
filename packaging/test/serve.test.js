import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnvironment } from '../npm/cli/serve/environment.js';
import { PACKAGE, Server, databases, freePort, ledger, raw, temporary } from './server.js';

const networks = (folder) => ledger(folder).prepare('SELECT network FROM comment ORDER BY id').all().map(({ network }) => network);

test('a client cannot choose its address', async (context) => {
  const server = await Server.start(context, temporary(context));
  const honest = await server.post();
  assert.equal(honest.status, 201, JSON.stringify(honest.body));
  for (const header of ['cf-connecting-ip', 'true-client-ip', 'x-real-ip', 'x-forwarded-for', 'cf-connecting-ipv6']) {
    const forged = await server.post(undefined, { [header]: '198.51.100.7', forwarded: 'for=198.51.100.7' });
    assert.equal(forged.status, 201, JSON.stringify(forged.body));
  }
  const found = networks(server.folder);
  assert.equal(found.length, 6);
  assert.ok(found[0] && found.every((network) => network === found[0]), 'all have the network of the connection');
});

test('a trusted proxy names the client, and only the last address counts', async (context) => {
  const server = await Server.start(context, temporary(context), { options: ['--trusted-proxy', '127.0.0.0/8', '--trusted-proxy', '10.0.0.0/8'] });
  for (const forwarded of ['198.51.100.7', '6.6.6.6, 198.51.100.7', '198.51.100.7, 10.0.0.3', '203.0.113.9']) {
    assert.equal((await server.post(undefined, { 'x-forwarded-for': forwarded, 'cf-connecting-ip': '6.6.6.6' })).status, 201);
  }
  const [first, second, third, other] = networks(server.folder);
  assert.deepEqual([second, third], [first, first]);
  assert.notEqual(other, first);
});

test('only a trusted proxy makes links https', async (context) => {
  const folder = temporary(context);
  const links = async (server) => {
    const headers = { host: 'comments.example', 'x-forwarded-proto': 'https' };
    const answer = (await raw(server.port, '/v1/thread.html?url=https://blog.example/post', headers)).body;
    return [answer.includes('http://comments.example/'), answer.includes('https://comments.example/')];
  };
  const direct = await Server.start(context, folder);
  assert.deepEqual(await links(direct), [true, false]);
  await direct.terminate();
  assert.deepEqual(await links(await Server.start(context, folder, { options: ['--trusted-proxy', '127.0.0.1'] })), [false, true]);
});

test('static assets are compressed, tagged and read-only', async (context) => {
  const server = await Server.start(context, temporary(context));
  const plain = await fetch(`${server.address}/embed.js`, { headers: { 'accept-encoding': 'identity' } });
  const text = await plain.text();
  assert.equal(text, readFileSync(join(PACKAGE, 'assets/embed.js'), 'utf8'));
  const packed = await fetch(`${server.address}/embed.js`, { headers: { 'accept-encoding': 'br' } });
  assert.deepEqual([packed.headers.get('content-encoding'), await packed.text()], ['br', text]);
  assert.ok(Number(packed.headers.get('content-length')) < text.length / 2);
  const again = await fetch(`${server.address}/embed.js`, { headers: { 'if-none-match': plain.headers.get('etag') } });
  assert.equal(again.status, 304);
  assert.equal((await fetch(`${server.address}/embed.js`, { method: 'PUT', body: 'x' })).status, 405);
  for (const path of ['/_headers', '/assets/', '/assets/../worker/index.js', '/%2e%2e/keys', '/assets/%2e%2e%2f%2e%2e%2fkeys', '/assets.json']) {
    assert.equal((await raw(server.port, path)).status, 404, path);
  }
});

test('a second process is refused, and the first goes on', async (context) => {
  const folder = temporary(context);
  const first = await Server.start(context, folder);
  const words = [join(PACKAGE, 'cli/main.js'), 'serve', '--data', folder, '--port', String(await freePort()), '--site', 'https://blog.example'];
  const second = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(second.status, 1);
  assert.match(second.stderr, /another process uses/);
  assert.equal((await first.post()).status, 201);
  // The runtime outlives a launcher that was killed, and still holds the folder.
  process.kill(first.child.pid, 'SIGKILL');
  await first.ended;
  assert.match(spawnSync(process.execPath, words, { encoding: 'utf8' }).stderr, /another process uses/);
  await first.kill();
  const third = await Server.start(context, folder);
  assert.equal((await third.post()).status, 201, 'the socket of a killed process is no obstacle');
});

test('a port in use is named', async (context) => {
  const first = await Server.start(context, temporary(context));
  const words = [join(PACKAGE, 'cli/main.js'), 'serve', '--data', temporary(context), '--port', String(first.port), '--site', 'https://blog.example'];
  assert.match(spawnSync(process.execPath, words, { encoding: 'utf8' }).stderr, new RegExp(`port ${first.port}: EADDRINUSE`));
});

test('SIGTERM ends it with success and leaves no process', async (context) => {
  const server = await Server.start(context, temporary(context));
  const group = server.child.pid;
  assert.equal(await server.terminate(), 0);
  assert.throws(() => process.kill(-group, 0), { code: 'ESRCH' });
  await assert.rejects(fetch(server.address));
});

test('every acknowledged comment was synchronized first', { skip: spawnSync('strace', ['-V']).status !== 0 }, async (context) => {
  const folder = temporary(context);
  const trace = join(folder, 'trace');
  const server = await Server.start(context, folder, { wrap: ['strace', '-f', '-y', '-e', 'trace=fsync,fdatasync', '-o', trace], env: { RATE_LIMITS: 'off' } });
  assert.equal((await server.post()).status, 201);
  const syncs = () => readFileSync(trace, 'utf8').split('\n').filter((line) => /(fsync|fdatasync)\(.*afterword-SiteLedger\/[0-9a-f]+\.sqlite-wal>\)/.test(line)).length;
  for (let number = 0; number < 10; number += 1) {
    const before = syncs();
    assert.equal((await server.post()).status, 201);
    assert.ok(syncs() > before, `comment ${number} was acknowledged without a sync`);
  }
});

test('a full disk is an error for the client, and nothing is lost', async (context) => {
  const disk = mkdtempSync(join(tmpdir(), 'afterword disk '));
  // Room for the program and some comments. Only root may do this.
  const mount = (...words) => spawnSync('mount', words).status === 0;
  if (!mount('-t', 'tmpfs', '-o', 'size=24m', 'afterword', disk)) return context.skip('a file system of a small size cannot be mounted');
  try {
    await fillDisk(context, disk, () => assert.ok(mount('-o', 'remount,size=48m', disk)));
  } finally {
    spawnSync('umount', ['--lazy', disk]);
    rmdirSync(disk);
  }
});

async function fillDisk(context, disk, enlarge) {
  const folder = join(disk, 'data');
  const port = await freePort();
  const env = { RATE_LIMITS: 'off' };
  const server = await Server.start(context, folder, { port, env });
  const [kept, failures] = [[], []];
  for (let number = 0; failures.length < 3; number += 1) {
    assert.ok(number < 9_000, 'the disk was never full');
    const { status, body } = await server.post(`${number} ${'x'.repeat(3_900)}`);
    if (status === 201) kept.push(body.comment.id);
    else failures.push([status, body.error?.code]);
  }
  assert.ok(kept.length > 50, `${kept.length}`);
  for (const [status, code] of failures) assert.ok(status >= 500 && code, JSON.stringify(failures));
  assert.equal((await fetch(`${server.address}/health`)).status, 200, 'reading still works');
  await server.kill();
  const database = ledger(folder);
  assert.equal(database.prepare('PRAGMA integrity_check').get().integrity_check, 'ok');
  const found = new Set(database.prepare('SELECT id FROM comment').all().map(({ id }) => id));
  database.close();
  assert.deepEqual(kept.filter((id) => !found.has(id)), [], 'every acknowledged comment is there');
  enlarge();
  const again = await Server.start(context, folder, { port, env });
  assert.equal((await again.post()).status, 201, 'with room again, it goes on');
  await again.kill();
}

test('a night that was missed is made up, with a backup', async (context) => {
  const folder = temporary(context);
  const server = await Server.start(context, folder);
  assert.equal((await server.post()).status, 201);
  assert.equal((await server.json('/health')).maintenance.last_run, null);
  await sleep(300);
  assert.equal(await server.terminate(), 0);
  const yesterday = (Date.now() - 86_400_000) * 1_000_000;
  for (const database of Object.values(databases(folder, 'state/afterword-Clock'))) {
    for (const { name, sql } of database.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all()) {
      if (name === '_cf_ALARM') database.exec(`UPDATE _cf_ALARM SET scheduled_time = ${yesterday}`);
      if (name === '_cf_METADATA') assert.match(sql, /key/), database.exec(`UPDATE _cf_METADATA SET value = ${yesterday} WHERE key = 1`);
    }
    database.close();
  }
  const again = await Server.start(context, folder, { env: { SERVER_TIMING: 'on' } });
  const deadline = Date.now() + 30_000;
  while ((await again.json('/health')).maintenance.last_run === null) {
    assert.ok(Date.now() < deadline, again.log);
    await sleep(100);
  }
  assert.doesNotMatch(again.log, /failed/);
  const [backup] = readdirSync(join(folder, 'backups/blog.example/daily'));
  const exported = await fetch(`${again.address}/admin/api/export`, { headers: { authorization: `Bearer ${again.secret()}` } });
  assert.equal(readFileSync(join(folder, 'backups/blog.example/daily', backup), 'utf8'), await exported.text());
});

test('published threads are rebuilt from the database', async (context) => {
  const folder = temporary(context);
  const server = await Server.start(context, folder);
  assert.equal((await server.post()).status, 201);
  await server.waitForCount(1);
  await server.terminate();
  rmSync(join(folder, 'kv'), { recursive: true });
  const again = await Server.start(context, folder);
  const { counts } = await again.json('/v1/counts?url=https://blog.example/post');
  assert.equal(counts['https://blog.example/post'], 0);
  const headers = { authorization: `Bearer ${again.secret()}` };
  const response = await fetch(`${again.address}/admin/api/republish?site=https://blog.example`, { method: 'POST', headers });
  assert.equal(response.status, 200, await response.text());
  await again.waitForCount(1);
});

test('printed files run without Node', { skip: process.platform !== 'linux' }, async (context) => {
  const folder = temporary(context);
  const port = await freePort();
  const words = [join(PACKAGE, 'cli/main.js'), 'serve', '--print', folder, '--port', String(port), '--site', 'https://blog.example'];
  const printed = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(printed.status, 0, printed.stderr);
  for (const name of ['config.capnp', 'afterword.service', 'Dockerfile', '.dockerignore', 'Caddyfile', 'nginx.conf', 'settings', 'keys']) assert.ok(existsSync(join(folder, name)), name);
  const env = Object.assign({}, ...['settings', 'keys'].map((name) => parseEnvironment(readFileSync(join(folder, name), 'utf8'))));
  const server = new Server(folder, port);
  context.after(() => server.kill());
  server.run(['flock', '--nonblock', '--no-fork', join(folder, 'lock.flock'), join(folder, 'bin/workerd'), 'serve', 'config.capnp'], { ...env, PROOF_BITS: '0', MODERATION: 'open' }, folder);
  const deadline = Date.now() + 30_000;
  while (!(await fetch(`${server.address}/health`).catch(() => null))?.ok) {
    assert.ok(Date.now() < deadline, server.log);
    await sleep(50);
  }
  assert.equal((await server.post()).status, 201);
  const second = spawnSync('flock', ['--nonblock', '--no-fork', join(folder, 'lock.flock'), 'true']);
  assert.equal(second.status, 1, 'a second process is refused');
  // The image has data and bundle in different places.
  await server.kill();
  const data = temporary(context);
  const image = readFileSync(join(folder, 'Dockerfile'), 'utf8');
  const command = JSON.parse(/^CMD (.*)$/m.exec(image)[1]).slice(5).map((word) => word.replaceAll('/app/', `${folder}/`));
  for (const name of ['state', 'kv', 'backups']) spawnSync('mkdir', [join(data, name)]);
  const contained = new Server(data, port);
  context.after(() => contained.kill());
  contained.run([join(folder, 'bin/workerd'), ...command], { ...env, PROOF_BITS: '0', MODERATION: 'open' }, data);
  while (!(await fetch(`${contained.address}/embed.js`).catch(() => null))?.ok) {
    assert.ok(Date.now() < deadline + 30_000, contained.log);
    await sleep(50);
  }
  assert.equal((await contained.post()).status, 201);
});
