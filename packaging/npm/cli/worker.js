// The Worker that a command talks to: its address and the secret of a moderator.

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, usageError } from './failure.js';

/** Environment variable with the secret. An argument would be visible to everybody who lists processes. */
export const SECRET_VARIABLE = 'AFTERWORD_SECRET';
/** Environment variable with the address of the Worker. */
export const WORKER_VARIABLE = 'AFTERWORD_WORKER';
/** The file of `afterword init`, in the current folder. It has no secrets; `worker` is the address. */
export const SETTINGS_FILE = 'afterword.json';

/** The options of every command that talks to a Worker. */
export const WORKER_OPTIONS = {
  worker: {
    type: 'string',
    value: 'URL',
    summary: `The address of your comments' Worker. Without it: the variable ${WORKER_VARIABLE}, or "worker" in ${SETTINGS_FILE}`,
  },
  'secret-file': {
    type: 'string',
    value: 'FILE',
    summary: `A file with your secret, which only you can read. Without it: the variable ${SECRET_VARIABLE}, or a question`,
  },
};

/** The option of commands about one blog. */
export const SITE_OPTION = {
  site: { type: 'string', value: 'ORIGIN', summary: 'The blog, such as https://blog.example; needed if the Worker serves several' },
};

/** Returns the address of the Worker from the option, the environment or the file of `init`, in this order. */
export function workerAddress({ options, env, cwd }) {
  const address = options.worker ?? env[WORKER_VARIABLE] ?? readSettings(cwd).worker;
  if (!address) throw usageError('worker.missing', { variable: WORKER_VARIABLE, file: SETTINGS_FILE });
  return checkAddress(address);
}

function readSettings(cwd) {
  const file = join(cwd, SETTINGS_FILE);
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw new Failure('settings.malformed', { file });
  }
}

/** Checks the address of a Worker, and returns it without a slash at its end. The secret is sent only over https, or to this machine. */
export function checkAddress(text) {
  const address = text.replace(/\/+$/, '');
  const [, scheme, authority] = /^([^:]*):\/\/(.*)$/s.exec(address) ?? [];
  if (scheme === undefined) throw usageError('worker.no_address', { address: text });
  if (authority === '' || /[/?#@\s\\]/.test(authority)) throw usageError('worker.bad_address', { address: text });
  const host = authority.replace(/:\d+$/, '');
  const isLocal = scheme === 'http' && ['localhost', '127.0.0.1', '[::1]'].includes(host);
  if (scheme !== 'https' && !isLocal) throw usageError('worker.not_https', { address: text });
  return address;
}

/** Returns the secret of a moderator from the file, the environment or a question. */
export async function readSecret({ options, env, terminal }) {
  const file = options['secret-file'];
  if (file !== undefined) return readSecretFile(file);
  const secret = (env[SECRET_VARIABLE] ?? '').trim();
  if (secret !== '') return secret;
  if (!terminal.isInteractive) throw usageError('secret.missing', { variable: SECRET_VARIABLE });
  const answer = await terminal.ask('Your secret, which is not shown:', { hidden: true });
  if (answer === '') throw usageError('secret.missing', { variable: SECRET_VARIABLE });
  return answer;
}

/** Reads a secret from a file. On Windows there are no such permissions, so nothing is checked there. */
export function readSecretFile(file) {
  let text;
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) throw new Failure('secret.readable', { file });
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('file.unreadable', { file, reason: error.message });
  }
  if (text === '') throw new Failure('secret.empty_file', { file });
  return text;
}
