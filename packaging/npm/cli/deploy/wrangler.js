// Runs wrangler. Its answers are read from the files and the JSON that it documents, never from texts for people.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../failure.js';

/** The script of wrangler. */
function script() {
  try {
    const require = createRequire(import.meta.url);
    const manifest = require.resolve('wrangler/package.json');
    return join(manifest, '..', require(manifest).bin.wrangler);
  } catch (error) {
    throw new Failure('deploy.no_wrangler', { reason: error.message.split('\n')[0] });
  }
}

/**
 * Runs a command of wrangler. With `capture`, returns its standard output; else the owner sees it, and may answer questions. Returns the exit code,
 * the output, and the entries of wrangler's output file.
 */
export async function runWrangler(words, { env, account, capture = false, quiet = false }) {
  const folder = mkdtempSync(join(tmpdir(), 'afterword-'));
  const entries = join(folder, 'output.jsonl');
  const own = { ...env, WRANGLER_OUTPUT_FILE_PATH: entries, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true' };
  if (account) own.CLOUDFLARE_ACCOUNT_ID = account;
  const stdio = capture ? ['ignore', 'pipe', quiet ? 'ignore' : 'inherit'] : ['inherit', 'inherit', 'inherit'];
  try {
    const child = spawn(process.execPath, ['--no-warnings', script(), ...words], { env: own, cwd: folder, stdio });
    let output = '';
    child.stdout?.on('data', (text) => { output += text; });
    const exit = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(signal ?? code));
    });
    return { exit, output, entries: readEntries(entries) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readEntries(file) {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

/** The accounts of the owner, or `undefined` if nobody is logged in. */
export async function listAccounts(env) {
  const { exit, output } = await runWrangler(['whoami', '--json'], { env, capture: true, quiet: true });
  let found;
  try {
    found = JSON.parse(output);
  } catch {
    found = undefined;
  }
  if (exit !== 0 || !found?.loggedIn) return undefined;
  return found.accounts ?? [];
}

/** The id of the KV namespace that wrangler has made for a Worker, or `undefined` if it cannot be told. */
export async function findNamespace(name, { env, account }) {
  const { exit, output } = await runWrangler(['kv', 'namespace', 'list'], { env, account, capture: true, quiet: true });
  try {
    return exit === 0 ? JSON.parse(output).find(({ title }) => title === `${name}-threads`)?.id : undefined;
  } catch {
    return undefined;
  }
}

/** Uploads. Returns the entries, the exit code, and the configuration as wrangler has left it, with the ids of what it made. */
export async function deploy({ config, secrets, account, env, dryRun }) {
  const folder = mkdtempSync(join(tmpdir(), 'afterword-'));
  try {
    const file = join(folder, 'wrangler.json');
    writeFileSync(file, JSON.stringify(config, null, 2), { mode: 0o600 });
    const words = ['deploy', '--config', file];
    if (dryRun) words.push('--dry-run', '--outdir', join(folder, 'out'));
    if (secrets) {
      const secretFile = join(folder, 'secrets.json');
      writeFileSync(secretFile, JSON.stringify(secrets), { mode: 0o600 });
      words.push('--secrets-file', secretFile);
    }
    const result = await runWrangler(words, { env, account });
    return { ...result, config: JSON.parse(readFileSync(file, 'utf8')) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
