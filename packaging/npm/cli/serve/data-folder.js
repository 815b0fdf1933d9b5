// The data folder of a self-hosted Afterword: `state` and `kv` (databases), `backups`, `bundle` (a copy of what runs), `config.capnp`, `settings`
// and `keys` (variables), `version` (what wrote the databases), `lock`.

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../failure.js';
import { FOLDERS } from './config.js';
import { environmentLine, parseEnvironment } from './environment.js';

/** The folders of the package that a server needs. */
const BUNDLE = ['assets', 'host', 'worker', 'build.json'];
/** The variable of the gateway: networks, separated by spaces. */
const PROXIES = 'TRUSTED_PROXIES';
/** The settings that are secret. */
const SECRETS = ['SIGNING_KEY', 'ADMIN_SECRETS'];

/** Creates the folders of the data, readable by this user only. */
export function createFolders(folder) {
  try {
    for (const name of FOLDERS) mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Failure('file.unwritable', { file: folder, reason: error.message });
  }
}

/**
 * Compares the versions of the databases and of the program. A database that this program cannot read is refused. Before a newer schema, the
 * databases are copied: there is no way back otherwise. Returns the folder of the copy, or `undefined`.
 */
export function prepareUpgrade(folder, build) {
  const file = join(folder, 'version');
  const found = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  if (found && found.reader_floor > build.schema) {
    throw new Failure('serve.newer_data', { folder, found: found.version, version: build.version });
  }
  let copy;
  if (found && found.schema < build.schema) {
    copy = join(folder, 'backups', `state-before-${build.version}`);
    if (!existsSync(copy)) {
      rmSync(`${copy}.new`, { recursive: true, force: true });
      cpSync(join(folder, 'state'), `${copy}.new`, { recursive: true });
      renameSync(`${copy}.new`, copy);
    }
  }
  if (!found || found.schema <= build.schema) {
    const { version, schema, reader_floor } = build;
    const started = found?.version === version ? found.started : new Date().toISOString();
    replaceFile(file, `${JSON.stringify({ version, schema, reader_floor, started })}\n`);
    return { copy, started };
  }
  return { copy, started: found.started };
}

/** Copies what runs into the folder, unless the same is there: the package itself may be in a cache that is emptied. */
export function copyBundle(folder, packageFolder) {
  const target = join(folder, 'bundle');
  const wanted = readFileSync(join(packageFolder, 'build.json'));
  const stamp = join(target, 'build.json');
  if (existsSync(stamp) && readFileSync(stamp).equals(wanted)) return;
  const staging = `${target}.new`;
  rmSync(staging, { recursive: true, force: true });
  try {
    // `build.json` comes last and says that all of it is there.
    for (const name of BUNDLE) cpSync(join(packageFolder, name), join(staging, name), { recursive: true });
    rmSync(target, { recursive: true, force: true });
    renameSync(staging, target);
  } catch (error) {
    throw new Failure('file.unwritable', { file: target, reason: error.message });
  }
}

/** Reads the variables of the folder. Those of `env` have priority. `settings` has the names of the Worker's settings. */
export function readVariables(folder, env, settings) {
  const names = [...settings, PROXIES];
  const variables = {};
  for (const name of ['settings', 'keys']) {
    const file = join(folder, name);
    if (!existsSync(file)) continue;
    try {
      Object.assign(variables, parseEnvironment(readFileSync(file, 'utf8')));
    } catch (error) {
      throw new Failure('serve.bad_file', { file, reason: error.message });
    }
  }
  const unknown = Object.keys(variables).find((name) => !names.includes(name));
  if (unknown) throw new Failure('serve.unknown_setting', { name: unknown, folder });
  for (const name of names) if (env[name] !== undefined) variables[name] = env[name];
  return variables;
}

/** Adds the keys that are missing, once. Returns the new secret of the moderator, if it was made. */
export function createKeys(folder, variables) {
  const missing = SECRETS.filter((name) => !variables[name]);
  if (missing.length === 0) return undefined;
  const secret = randomBytes(24).toString('base64url');
  const made = { SIGNING_KEY: randomBytes(32).toString('hex'), ADMIN_SECRETS: `admin:${secret}` };
  const file = join(folder, 'keys');
  const old = existsSync(file) ? readFileSync(file, 'utf8').replace(/([^\n])$/, '$1\n') : '';
  replaceFile(file, old + missing.map((name) => environmentLine(name, made[name])).join(''), 0o600);
  for (const name of missing) variables[name] = made[name];
  return missing.includes('ADMIN_SECRETS') ? secret : undefined;
}

/** Writes settings that are new or have changed. Other lines, such as comments, stay. */
export function writeSettings(folder, changes) {
  const file = join(folder, 'settings');
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const kept = old.split(/\r?\n/).filter((line) => line !== '' && !Object.keys(changes).includes(line.split('=')[0].trim()));
  const lines = Object.entries(changes).map(([name, value]) => environmentLine(name, value).trimEnd());
  replaceFile(file, `${[...kept, ...lines].join('\n')}\n`, 0o600);
}

/** Writes a file so that it is whole or not there. */
export function replaceFile(file, content, mode = 0o600) {
  try {
    writeFileSync(`${file}.new`, content, { mode });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new Failure('file.unwritable', { file, reason: error.message });
  }
}
