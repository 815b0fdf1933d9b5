import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { configuration } from '../cli/serve/config.js';
import { copyBundle, createFolders, createKeys, prepareUpgrade, readVariables, writeSettings } from '../cli/serve/data-folder.js';
import { environmentLine, parseEnvironment } from '../cli/serve/environment.js';
import { checkLock, checkPort } from '../cli/serve/lock.js';
import { caddyfile, dockerfile, nginx, unit } from '../cli/serve/print.js';

const SETTINGS = JSON.parse(readFileSync(new URL('../host/settings.json', import.meta.url), 'utf8'));
const BUILD = { version: '1.2.0', schema: 7, reader_floor: 6, compatibility_date: '2026-05-01' };
const temporary = () => mkdtempSync(join(tmpdir(), 'afterword a '));

test('environment files are read as systemd and Docker read them', () => {
  const content = '# comment\r\n\r\nSITES=https://a.example=localhost https://b.example\r\nMODERATION = open \nREACTIONS=👍 ❤️\nEMPTY=\n';
  assert.deepEqual(parseEnvironment(content), { SITES: 'https://a.example=localhost https://b.example', MODERATION: 'open', REACTIONS: '👍 ❤️', EMPTY: '' });
  for (const bad of ['SITES', 'a=b', '1A=b', 'A B=c', '=x']) assert.throws(() => parseEnvironment(`X=1\n${bad}`), /line 2 /, bad);
  assert.throws(() => environmentLine('A', 'b\nC=d'), /A has a line break/);
});

test('keys are made once and only their owner can read them', () => {
  const folder = temporary();
  createFolders(folder);
  const first = readVariables(folder, {}, SETTINGS);
  const secret = createKeys(folder, first);
  assert.match(first.SIGNING_KEY, /^[0-9a-f]{64}$/);
  assert.equal(first.ADMIN_SECRETS, `admin:${secret}`);
  assert.ok(secret.length >= 32);
  assert.equal(statSync(join(folder, 'keys')).mode & 0o777, process.platform === 'win32' ? 0o666 : 0o600);
  const second = readVariables(folder, {}, SETTINGS);
  assert.equal(createKeys(folder, second), undefined);
  assert.deepEqual(second, first);
});

test('a key that is given is neither stored nor replaced', () => {
  const folder = temporary();
  createFolders(folder);
  const variables = readVariables(folder, { SIGNING_KEY: 'k'.repeat(32) }, SETTINGS);
  createKeys(folder, variables);
  assert.equal(variables.SIGNING_KEY, 'k'.repeat(32));
  assert.deepEqual(Object.keys(parseEnvironment(readFileSync(join(folder, 'keys'), 'utf8'))), ['ADMIN_SECRETS']);
});

test('settings keep the lines of the owner', () => {
  const folder = temporary();
  writeFileSync(join(folder, 'settings'), '# mine\r\nMODERATION=all\r\nSITES=https://old.example\r\n');
  writeSettings(folder, { SITES: 'https://new.example' });
  assert.equal(readFileSync(join(folder, 'settings'), 'utf8'), '# mine\nMODERATION=all\nSITES=https://new.example\n');
  assert.equal(readVariables(folder, { MODERATION: 'open' }, SETTINGS).MODERATION, 'open', 'the environment has priority');
  writeFileSync(join(folder, 'settings'), 'SITE=https://typo.example\n');
  assert.throws(() => readVariables(folder, {}, SETTINGS), /sets SITE, which is not a setting/);
});

test('data of a newer version is refused unless its floor allows', () => {
  const folder = temporary();
  createFolders(folder);
  const { started } = prepareUpgrade(folder, BUILD);
  assert.equal(prepareUpgrade(folder, BUILD).started, started, 'a restart is no new deployment');
  const older = { ...BUILD, version: '1.1.0', schema: 6, reader_floor: 6 };
  prepareUpgrade(folder, older);
  assert.equal(JSON.parse(readFileSync(join(folder, 'version'), 'utf8')).schema, 7, 'going back does not lower the schema');
  assert.throws(() => prepareUpgrade(folder, { ...older, version: '1.0.0', schema: 5 }), /written by Afterword 1.2.0, and 1.0.0 cannot read it/);
});

test('databases are copied before the schema rises', () => {
  const folder = temporary();
  createFolders(folder);
  prepareUpgrade(folder, BUILD);
  mkdirSync(join(folder, 'state', 'key'));
  writeFileSync(join(folder, 'state', 'key', 'id.sqlite'), 'old');
  const { copy } = prepareUpgrade(folder, { ...BUILD, version: '1.3.0', schema: 8 });
  assert.equal(readFileSync(join(copy, 'key', 'id.sqlite'), 'utf8'), 'old');
  assert.equal(prepareUpgrade(folder, { ...BUILD, version: '1.3.0', schema: 8 }).copy, undefined);
});

test('the bundle is copied when it differs', () => {
  const [folder, from] = [temporary(), temporary()];
  for (const name of ['assets', 'host', 'worker']) mkdirSync(join(from, name));
  writeFileSync(join(from, 'worker', 'index.js'), 'one');
  writeFileSync(join(from, 'build.json'), '1');
  copyBundle(folder, from);
  writeFileSync(join(from, 'worker', 'index.js'), 'two');
  copyBundle(folder, from);
  assert.equal(readFileSync(join(folder, 'bundle', 'worker', 'index.js'), 'utf8'), 'one');
  writeFileSync(join(from, 'build.json'), '2');
  copyBundle(folder, from);
  assert.equal(readFileSync(join(folder, 'bundle', 'worker', 'index.js'), 'utf8'), 'two');
});

test('a second process is refused, and a socket that is left over is removed', { skip: process.platform === 'win32' }, async (context) => {
  const folder = temporary();
  const before = process.cwd();
  context.after(() => process.chdir(before));
  process.chdir(folder);
  await checkLock(folder);
  const server = createServer().listen('lock');
  await new Promise((resolve) => server.once('listening', resolve));
  await assert.rejects(checkLock(folder), /another process uses/);
  await assert.rejects(checkLock(folder), /another process uses/, 'the socket is still in its place');
  await new Promise((resolve) => server.close(resolve));
  symlinkSync('nowhere', 'lock');
  await checkLock(folder);
  assert.ok(!existsSync('lock'));
});

test('a port in use is named', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await assert.rejects(checkPort('127.0.0.1', port), new RegExp(`port ${port}: EADDRINUSE`));
  server.close();
});

test('the configuration has no path of the machine and no value of a setting', () => {
  const text = configuration({ build: BUILD, settings: SETTINGS, address: '[::1]:80', startedAt: '2026-01-01T00:00:00Z' });
  for (const name of SETTINGS) assert.ok(text.includes(`(name = "${name}", fromEnvironment = "${name}")`), name);
  for (const [, path] of text.matchAll(/(?:path =|embed) "([^"]*)"/g)) assert.match(path, /^[a-z]/, 'a relative path');
  assert.ok(text.includes('unix:lock') && text.includes('address = "[::1]:80"'));
  assert.ok(!configuration({ build: BUILD, settings: SETTINGS, address: 'x', lock: false, startedAt: '' }).includes('unix:lock'));
  const quoted = configuration({ build: { ...BUILD, version: 'a"b\\c' }, settings: [], address: 'x', startedAt: '' });
  assert.ok(quoted.includes(String.raw`json = "{\"id\":\"a\\\"b\\\\c\"`), quoted);
});

test('every setting of the Worker reaches it', () => {
  const source = readFileSync(new URL('../../../worker/src/settings.rs', import.meta.url), 'utf8');
  const names = [...source.matchAll(/^ {4}\w+: [\w<>:]+ = "([A-Z_]+)",/gm)].map(([, name]) => name);
  assert.deepEqual(SETTINGS, names);
  assert.ok(names.length > 10);
});

test('printed files quote the folder', () => {
  const text = unit('/srv/a b%$"c', 'blog');
  assert.ok(text.includes('WorkingDirectory=/srv/a b%%$"c\n'));
  assert.ok(text.includes('"/srv/a b%%$$\\"c/bin/workerd" serve config.capnp'), text);
  assert.ok(dockerfile('1.2.3', 81).includes('workerd@1.2.3') && dockerfile('1.2.3', 81).includes('http=*:81'));
  assert.ok(caddyfile(81).includes('127.0.0.1:81') && nginx(81).includes('X-Forwarded-For $proxy_add_x_forwarded_for'));
});
