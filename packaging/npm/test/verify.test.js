import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { afterword, serve } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'afterword-verify-'));
after(() => rmSync(folder, { recursive: true }));
const hash = (text) => createHash('sha256').update(text).digest('hex');

test('a changed and a missing file are found', async () => {
  const served = { '/embed.js': 'loader', '/assets/a%20b.js': 'script' };
  const { address, stop } = await serve((request, response) => {
    const body = served[request.url];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  const build = join(folder, 'build.json');
  const files = { 'assets/embed.js': hash('loader'), 'assets/assets/a b.js': hash('script'), 'assets/_headers': 'x', 'worker/index.js': 'x' };
  const check = async (more) => {
    writeFileSync(build, JSON.stringify({ version: '1.2.3', files: { ...files, ...more } }));
    return afterword(['verify', '--worker', address, '--build', build]);
  };
  const same = await check({});
  assert.equal(same.exit, 0, same.stderr);
  assert.match(same.stdout, /All 2 files .* 1\.2\.3/);
  const wrong = await check({ 'assets/embed.js': hash('other'), 'assets/gone.css': hash('') });
  assert.equal(wrong.exit, 3);
  assert.match(wrong.stdout, /different: embed\.js\nmissing: gone\.css\n2 of 3 files/);
  await stop();
  assert.equal((await afterword(['verify', '--worker', address, '--build', join(folder, 'none')])).exit, 1);
  writeFileSync(build, '[]');
  assert.equal((await afterword(['verify', '--worker', address, '--build', build])).exit, 1);
});
