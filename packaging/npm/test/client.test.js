import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { AdminClient, CallError, explain } from '../cli/admin-client.js';
import { Failure } from '../cli/failure.js';
import { writePrivately } from '../cli/private-file.js';
import { checkAddress, readSecretFile, workerAddress } from '../cli/worker.js';
import { serve } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'afterword-client-'));
after(() => rmSync(folder, { recursive: true }));

test('the secret is sent over https, or to this machine, only', () => {
  const { good, bad } = JSON.parse(readFileSync(new URL('cases/worker-addresses.json', import.meta.url), 'utf8'));
  for (const address of good) assert.equal(checkAddress(address), address.replace(/\/$/, ''));
  for (const address of bad) assert.throws(() => checkAddress(address), Failure, address);
});

test('the address comes from the option, the environment or the file', () => {
  const env = { AFTERWORD_WORKER: 'https://b.example' };
  writeFileSync(join(folder, 'afterword.json'), '{"worker":"https://c.example"}');
  assert.equal(workerAddress({ options: { worker: 'https://a.example/' }, env, cwd: folder }), 'https://a.example');
  assert.equal(workerAddress({ options: {}, env, cwd: folder }), 'https://b.example');
  assert.equal(workerAddress({ options: {}, env: {}, cwd: folder }), 'https://c.example');
  assert.throws(() => workerAddress({ options: {}, env: {}, cwd: join(folder, 'none') }), Failure);
  writeFileSync(join(folder, 'afterword.json'), '{');
  assert.throws(() => workerAddress({ options: {}, env: {}, cwd: folder }), Failure);
});

test('a secret that others can read is refused', { skip: process.platform === 'win32' }, () => {
  const file = join(folder, 'secret');
  writeFileSync(file, ' abc\n', { mode: 0o600 });
  assert.equal(readSecretFile(file), 'abc');
  chmodSync(file, 0o640);
  assert.throws(() => readSecretFile(file), /chmod 600/);
  assert.throws(() => readSecretFile(join(folder, 'absent')), Failure);
});

test('a private file appears only when it is whole', { skip: process.platform === 'win32' }, async () => {
  const [file, other] = [join(folder, 'private'), join(folder, 'other')];
  writeFileSync(other, 'of somebody else');
  symlinkSync(other, `${file}.part`);
  await assert.rejects(writePrivately(file, async (write) => (await write('x'), Promise.reject(new Error('broken')))), /broken/);
  assert.throws(() => statSync(`${file}.part`));
  await writePrivately(file, (write) => write('whole'));
  assert.equal(readFileSync(file, 'utf8'), 'whole');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(other, 'utf8'), 'of somebody else');
  await assert.rejects(writePrivately(join(folder, 'none', 'x'), () => {}), Failure);
});

async function withServer(answer, use) {
  const { address, stop } = await serve(answer);
  const notes = [];
  const client = new AdminClient(address, 'secret', { terminal: { note: (text) => notes.push(text) }, retryDelays: [1, 1] });
  try {
    return await use(client, notes);
  } finally {
    await stop();
  }
}

test('temporary failures are retried, others are not', async () => {
  let calls = 0;
  const answer = (statuses) => (request, response) => {
    assert.equal(request.headers.authorization, 'Bearer secret');
    const status = statuses[Math.min(calls, statuses.length - 1)];
    calls += 1;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(status === 200 ? '{"ok":1}' : '{"error":{"code":"bad_request","message":"no"}}');
  };
  const get = (client) => client.retry('Run it again.', (self) => self.get('/admin/api/sites'));
  await withServer(answer([503, 429, 200]), async (client, notes) => {
    assert.deepEqual(await get(client), { ok: 1 });
    assert.equal(notes.length, 2);
  });
  calls = 0;
  await withServer(answer([500]), async (client) => {
    await assert.rejects(get(client), /no\nRun it again\./);
    assert.equal(calls, 3);
  });
  calls = 0;
  await withServer(answer([400]), async (client) => {
    await assert.rejects(get(client), Failure);
    assert.equal(calls, 1);
  });
});

test('a redirect is not followed, and a foreign answer is named', async () => {
  const elsewhere = await serve((request) => assert.fail(`the secret went to ${request.url}`));
  await withServer(
    (_, response) => response.writeHead(302, { location: elsewhere.address }).end(),
    (client) => assert.rejects(client.get('/x'), CallError),
  );
  await elsewhere.stop();
  await withServer((_, response) => response.end('<html>'), (client) => assert.rejects(client.get('/x'), /not from Afterword/));
  await withServer((request) => request.socket.destroy(), (client) => assert.rejects(client.get('/x'), { transient: true }));
});

test('a download that ends early is an error', async () => {
  const half = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  };
  await withServer(half, async (client) => {
    await assert.rejects(async () => {
      for await (const _ of await client.export()); // eslint-disable-line no-empty
    }, CallError);
  });
});

test('errors come with advice where it is clear what to do', () => {
  assert.match(explain(401, 'unauthorized', 'x'), /AFTERWORD_SECRET/);
  assert.match(explain(404, 'not_found', 'x'), /older version/);
  assert.equal(explain(400, 'other', 'as told'), 'as told');
  assert.match(explain(502, '', undefined), /502/);
});
