// A deployment with a configuration of wrangler that the owner has, as the button of Cloudflare makes it.

import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Failure } from '../failure.js';
import { message } from '../messages.js';
import { wranglerFailure } from './failures.js';
import { runWrangler } from './wrangler.js';

/** The secret that nobody has to type. It must not change afterwards. */
const KEY = 'SIGNING_KEY';

/** Deploys, and makes the signing key if the Worker has none. */
export async function deployConfigured({ options, terminal, env, cwd }) {
  const file = resolve(cwd, options.config);
  if (!existsSync(file)) throw new Failure('deploy.no_project', { file: options.config });
  const words = ['deploy', '--config', file];
  const folder = mkdtempSync(join(tmpdir(), 'afterword-'));
  try {
    if (options['dry-run']) words.push('--dry-run', '--outdir', join(folder, 'out'));
    else if (!(await hasKey(file, env, options.account))) {
      const secrets = join(folder, 'secrets.json');
      writeFileSync(secrets, JSON.stringify({ [KEY]: randomBytes(32).toString('hex') }), { mode: 0o600 });
      words.push('--secrets-file', secrets);
      terminal.note(message('deploy.key_made'));
    }
    const result = await runWrangler(words, { env, account: options.account });
    if (result.exit !== 0) throw wranglerFailure(result);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** True if the Worker has the signing key. A Worker that is not there has none; any other failure must not replace a key. */
async function hasKey(file, env, account) {
  const { exit, output, entries } = await runWrangler(['secret', 'list', '--config', file, '--format', 'json'], { env, account, capture: true, quiet: true });
  if (exit === 0) return JSON.parse(output).some(({ name }) => name === KEY);
  const failed = entries.findLast((entry) => entry.type === 'command-failed');
  if (/not found|does not exist|10007|10090/i.test(`${failed?.code} ${failed?.message}`)) return false;
  throw wranglerFailure({ exit, entries });
}
