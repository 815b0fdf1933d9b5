// `afterword init` and `deploy` with the real wrangler, against a fake of Cloudflare's API.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cloudflare } from './cloudflare.js';
import { PACKAGE } from './server.js';

const BUILD = JSON.parse(readFileSync(join(PACKAGE, 'build.json'), 'utf8'));

/** A folder of an owner, with a home of its own and a Worker that answers at the address that is told to the program. */
async function owner(test) {
  const folder = mkdtempSync(join(tmpdir(), 'afterword owner '));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  const cloudflare = await Cloudflare.start(test);
  const home = join(folder, 'home');
  mkdirSync(home);
  const run = (words, { stopAt, ...env } = {}) =>
    afterword(words, folder, { HOME: home, XDG_CONFIG_HOME: home, USERPROFILE: home, CLOUDFLARE_API_BASE_URL: cloudflare.address, CLOUDFLARE_API_TOKEN: 'token', NO_COLOR: '1', ...env }, stopAt);
  const project = () => JSON.parse(readFileSync(join(folder, 'afterword.json'), 'utf8'));
  const write = (value) => writeFileSync(join(folder, 'afterword.json'), JSON.stringify(value));
  return { folder, cloudflare, run, project, write };
}

/** Runs a command line without a terminal. Stops it when it prints `stopAt`. */
function afterword(words, cwd, env, stopAt, timeout = 240_000) {
  const child = spawn(process.execPath, [join(PACKAGE, 'cli/main.js'), ...words], { cwd, env: { PATH: process.env.PATH, NODE_PATH: process.env.NODE_PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout });
  const result = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => { result.stdout += text; });
  child.stderr.on('data', (text) => {
    result.stderr += text;
    if (stopAt && result.stderr.includes(stopAt)) child.kill();
  });
  return new Promise((resolve) => child.once('close', (exit, signal) => resolve({ exit: exit ?? signal, ...result })));
}

/** A Worker that tells its health. */
async function liveWorker(test, health) {
  const server = createServer((_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(health)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

const LIVE = { version: BUILD.version, schema: BUILD.schema, reader_floor: BUILD.reader_floor, configured: true, problems: [] };

test('the first deployment makes storage, secrets and assets, and later ones keep them', async (context) => {
  const { cloudflare, run, project, write, folder } = await owner(context);
  // The address that is told is not of this machine: the run ends while it waits for it.
  const first = await run(['init', '--site', 'blog.example', '--moderation', 'all'], { stopAt: 'waiting for https://afterword.ada.workers.dev' });
  assert.match(first.stdout, /Your secret as a moderator, shown only now/);
  const worker = await liveWorker(context, LIVE);
  const bindings = cloudflare.bindings();
  assert.deepEqual(Object.keys(bindings).sort(), ['ADMIN_SECRETS', 'ASSETS', 'CF_VERSION_METADATA', 'COMMENT_LIMITER', 'LEDGER', 'LOGIN_LIMITER', 'MODERATION', 'PREVIEW_LIMITER', 'SIGNING_KEY', 'SITES', 'THREADS']);
  assert.equal(bindings.SITES.text, 'https://blog.example');
  assert.deepEqual([bindings.SIGNING_KEY.type, bindings.ADMIN_SECRETS.type], ['secret_text', 'secret_text']);
  assert.match(bindings.SIGNING_KEY.text, /^[0-9a-f]{64}$/);
  const { metadata, modules, assets, schedules } = cloudflare.scripts.afterword;
  assert.equal(metadata.migrations.new_tag, 'v1');
  assert.deepEqual(modules.map((name) => name.replace(/^\.\//, '')).sort(), ['index.js', 'index_bg.wasm']);
  assert.ok(assets.includes('/embed.js') && !assets.some((path) => path.endsWith('.br') || path === '/_headers'), assets.join(' '));
  assert.equal(schedules[0].cron, '17 3 * * *');
  assert.equal(cloudflare.namespaces.length, 1);
  assert.equal(project().kv, cloudflare.namespaces[0].id);
  assert.equal(project().worker, 'https://afterword.ada.workers.dev');
  assert.equal(project().secrets, true);
  assert.ok(!readFileSync(join(folder, 'afterword.json'), 'utf8').includes(bindings.ADMIN_SECRETS.text.slice(6)));

  write({ ...project(), worker });
  cloudflare.scripts.afterword.metadata.bindings.push({ type: 'plain_text', name: 'DOWNVOTES', text: 'on' });
  const second = await run(['deploy']);
  assert.equal(second.exit, 0, `${second.stdout}${second.stderr}`);
  assert.match(second.stdout, /runs at http[^]*embed\.js" async="async"[^]*\/admin/);
  assert.doesNotMatch(second.stdout, /Your secret/);
  assert.deepEqual(readdirSync(tmpdir()).filter((name) => name.startsWith('afterword-') && readdirSync(join(tmpdir(), name)).includes('secrets.json')), [], 'no file with secrets is left');
  const later = cloudflare.bindings();
  assert.equal(later.SIGNING_KEY.text, bindings.SIGNING_KEY.text, `${second.stdout}${second.stderr}`);
  assert.equal(later.DOWNVOTES?.text, 'on', 'a variable of the dashboard stays');
  assert.equal(cloudflare.namespaces.length, 1);
});

test('each known failure is told with the next step', async (context) => {
  const { cloudflare, run, write } = await owner(context);
  const project = { name: 'afterword', sites: 'https://blog.example', account: cloudflare.accounts[0].id };
  const upload = /^PUT .*\/workers\/scripts\/afterword$/;
  const cases = [
    [upload, { status: 403, code: 10000 }, /does not allow this \(code 10000\)/],
    [upload, { status: 403, code: 10034 }, /not verified your e-mail address/],
    [upload, { code: 10042 }, /R2 is not switched on/],
    [upload, { code: 10085 }, /bucket for backups does not exist/],
    [upload, { code: 10063 }, /no name below workers.dev yet/],
    [/^PUT .*\/schedules$/, { code: 10072 }, /did not take the cron trigger/],
    [/^POST .*\/storage\/kv\/namespaces$/, { code: 10014 }, /left from an earlier attempt/],
    [upload, { status: 400, code: 10021, message: 'Uncaught Error' }, /did not take the deployment/],
  ];
  for (const [pattern, error, expected] of cases) {
    write(project);
    cloudflare.scripts = {};
    cloudflare.namespaces = [];
    cloudflare.fail(pattern, error);
    const { exit, stderr, stdout } = await run(['deploy']);
    assert.equal(exit, 1, stdout);
    assert.match(stderr.split('\n').filter((line) => line.startsWith('afterword:')).join('\n'), expected, `${stdout}${stderr}`);
  }
});

test('without a name below workers.dev nothing is uploaded', async (context) => {
  const { cloudflare, run, write } = await owner(context);
  cloudflare.subdomain = undefined;
  write({ name: 'afterword', sites: 'https://blog.example', account: cloudflare.accounts[0].id });
  const { exit, stderr, stdout } = await run(['deploy']);
  assert.equal(exit, 1);
  assert.match(stderr, /no name below workers\.dev yet/, stdout);
});

test('accounts: none logged in, none, several, one', async (context) => {
  const { cloudflare, run, write, project } = await owner(context);
  const start = { name: 'afterword', sites: 'https://blog.example' };
  write(start);
  assert.match((await run(['deploy'], { CLOUDFLARE_API_TOKEN: '' })).stderr, /not logged in to Cloudflare/);
  cloudflare.accounts = [{ id: 'a'.repeat(32), name: 'Ada' }, { id: 'b'.repeat(32), name: 'Bob' }];
  const several = await run(['deploy']);
  assert.equal(several.exit, 2);
  assert.match(several.stderr, /several accounts.*--account ID[^]*1 {2}Ada\n {2}2 {2}Bob/);
  const worker = await liveWorker(context, LIVE);
  write({ ...start, worker });
  cloudflare.fail(/^PUT .*\/schedules$/, { code: 10072 });
  await run(['deploy', '--account', 'b'.repeat(32)]);
  assert.ok(cloudflare.log.some((line) => line.includes(`/accounts/${'b'.repeat(32)}/workers/scripts/afterword`)));
  void project;
});

test('a newer version is never replaced', async (context) => {
  const { cloudflare, run, write } = await owner(context);
  for (const live of [{ ...LIVE, version: '99.0.0' }, { ...LIVE, reader_floor: BUILD.schema + 1, schema: BUILD.schema + 1 }]) {
    write({ name: 'afterword', sites: 'https://blog.example', worker: await liveWorker(context, live), secrets: true });
    const { exit, stderr } = await run(['deploy']);
    assert.equal(exit, 1);
    assert.match(stderr, /which is newer than/);
  }
  assert.deepEqual(cloudflare.log, [], 'Cloudflare was not even asked');
});

test('upgrade does nothing where this version runs', async (context) => {
  const { cloudflare, run, write } = await owner(context);
  write({ name: 'afterword', sites: 'https://blog.example', worker: await liveWorker(context, LIVE), secrets: true });
  const { exit, stdout } = await run(['upgrade']);
  assert.deepEqual([exit, cloudflare.log], [0, []]);
  assert.match(stdout, /runs at .* already/);
});

test('before a change of the database the comments are saved, or nothing happens', async (context) => {
  const { cloudflare, run, write } = await owner(context);
  write({ name: 'afterword', sites: 'https://blog.example', worker: await liveWorker(context, { ...LIVE, schema: BUILD.schema - 1 }), secrets: true });
  const { exit, stderr } = await run(['deploy']);
  assert.notEqual(exit, 0);
  assert.match(stderr, /saved into blog\.example-.*\.jsonl first[^]*secret is missing/);
  assert.deepEqual(cloudflare.log, []);
});

test('a dry run goes to the end, needs no account and writes nothing', async (context) => {
  const { folder, cloudflare, run } = await owner(context);
  const { exit, stdout, stderr } = await run(['init', '--site', 'https://blog.example', '--dry-run'], { CLOUDFLARE_API_TOKEN: '' });
  assert.equal(exit, 0, `${stdout}${stderr}`);
  assert.match(stdout, /Nothing was changed/);
  assert.deepEqual([readdirSync(folder), cloudflare.log], [['home'], []]);
});

test('a file that is wrong is named', async (context) => {
  const { run, write } = await owner(context);
  for (const [project, expected] of [
    [{ name: 'After Word', sites: 'x' }, /“name” is missing or wrong/],
    [{ name: 'a' }, /“sites” is missing/],
    [{ name: 'a', sites: 'x', vars: { SIGNING_KEY: 'x' } }, /must not hold SIGNING_KEY/],
    [{ name: 'a', sites: 'x', vars: { SITE: 'x' } }, /“vars.SITE”/],
    [{ name: 'a', sites: 'x', domain: 'https://x' }, /“domain”/],
  ]) {
    write(project);
    assert.match((await run(['deploy'])).stderr, expected);
  }
  assert.match((await run(['init', '--site', 'blog.example'])).stderr, /“domain”|is there already/);
});

test('the folder of the button deploys, and makes the signing key once', async (context) => {
  const { folder, cloudflare, run } = await owner(context);
  const button = new URL('../../deploy/', import.meta.url);
  const config = readFileSync(new URL('wrangler.jsonc', button), 'utf8').replaceAll('node_modules/afterword', PACKAGE.replaceAll('\\', '/'));
  writeFileSync(join(folder, 'wrangler.jsonc'), config);
  const env = { CLOUDFLARE_ACCOUNT_ID: cloudflare.accounts[0].id };
  const dry = await run(['deploy', '--config', 'wrangler.jsonc', '--dry-run'], env);
  assert.equal(dry.exit, 0, `${dry.stdout}${dry.stderr}`);
  assert.deepEqual(cloudflare.log, []);
  const first = await run(['deploy', '--config', 'wrangler.jsonc'], env);
  assert.equal(first.exit, 0, `${first.stdout}${first.stderr}`);
  const key = cloudflare.bindings().SIGNING_KEY.text;
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.ok(!`${first.stdout}${first.stderr}`.includes(key));
  const second = await run(['deploy', '--config', 'wrangler.jsonc'], env);
  assert.equal(second.exit, 0, `${second.stdout}${second.stderr}`);
  assert.equal(cloudflare.bindings().SIGNING_KEY.text, key);
  cloudflare.fail(/^GET .*\/secrets$/, { status: 500, code: 10013 });
  cloudflare.fail(/^GET .*\/secrets$/, { status: 500, code: 10013 });
  cloudflare.fail(/^GET .*\/secrets$/, { status: 500, code: 10013 });
  cloudflare.fail(/^GET .*\/secrets$/, { status: 500, code: 10013 });
  await run(['deploy', '--config', 'wrangler.jsonc'], env);
  assert.equal(cloudflare.bindings().SIGNING_KEY.text, key, 'a failure never replaces the key');
});

test('both configurations for Cloudflare describe the same Worker', async () => {
  const { wranglerConfig } = await import('../npm/cli/deploy/wrangler-config.js');
  const text = readFileSync(new URL('../../deploy/wrangler.jsonc', import.meta.url), 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const button = JSON.parse(text);
  const own = wranglerConfig({ project: { name: 'afterword', sites: 'https://blog.example' }, build: BUILD, packageFolder: 'node_modules/afterword' });
  const { workers_dev, ...rest } = own;
  assert.equal(workers_dev, true);
  assert.deepEqual(JSON.parse(JSON.stringify(rest).replaceAll('\\\\', '/')), button);
  const secrets = readFileSync(new URL('../../deploy/.dev.vars.example', import.meta.url), 'utf8');
  assert.equal(secrets, 'ADMIN_SECRETS=\n', 'every line there is a required secret, and none may have a value that works');
});
