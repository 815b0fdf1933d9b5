// The file `afterword.json`, which `afterword init` writes into the folder of the owner. It has no secrets.
//
// Fields: `name` (of the Worker), `worker` (its address), `account`, `sites` (as in SITES), `kv` (id of the namespace), `backups` (name of an R2 bucket),
// `domain` (a custom domain), `vars` (other settings), `secrets` (true once the Worker has them).

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure, usageError } from '../failure.js';
import { SETTINGS_FILE } from '../worker.js';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const HOST = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const TEXTS = ['name', 'worker', 'account', 'sites', 'kv', 'backups', 'domain'];
/** Settings that are never in the file. */
const SECRETS = ['SIGNING_KEY', 'ADMIN_SECRETS'];

/** The path of the file. */
export function projectFile(cwd) {
  return join(cwd, SETTINGS_FILE);
}

/** Reads and checks the file. Returns `undefined` if there is none. */
export function readProject(cwd, settings) {
  const file = projectFile(cwd);
  if (!existsSync(file)) return undefined;
  let project;
  try {
    project = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new Failure('settings.malformed', { file });
  }
  checkProject(project, settings, file);
  return project;
}

/** Checks the fields of a project. */
export function checkProject(project, settings, file = SETTINGS_FILE) {
  const fail = (field) => {
    throw new Failure('deploy.bad_field', { file, field });
  };
  if (typeof project !== 'object' || project === null || Array.isArray(project)) fail('name');
  for (const field of TEXTS) if (project[field] !== undefined && typeof project[field] !== 'string') fail(field);
  if (!NAME.test(project.name ?? '')) fail('name');
  if (!project.sites) fail('sites');
  if (project.domain !== undefined && !HOST.test(project.domain)) fail('domain');
  for (const [name, value] of Object.entries(project.vars ?? {})) {
    if (SECRETS.includes(name)) throw new Failure('deploy.secret_in_file', { file, name });
    if (!settings.includes(name) || name === 'SITES' || typeof value !== 'string') fail(`vars.${name}`);
  }
}

/** Writes the file so that it is whole or as it was. */
export function writeProject(cwd, project) {
  const file = projectFile(cwd);
  try {
    writeFileSync(`${file}.new`, `${JSON.stringify(project, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new Failure('file.unwritable', { file, reason: error.message });
  }
}

/** Checks the address of a blog, and returns its origin. */
export function blogOrigin(text) {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  let url;
  try {
    url = new URL(address);
  } catch {
    throw usageError('init.bad_site', { site: text });
  }
  if (!['https:', 'http:'].includes(url.protocol) || url.username || !url.hostname) throw usageError('init.bad_site', { site: text });
  return url.origin;
}

/** Checks the name of a Worker. */
export function workerName(text) {
  if (!NAME.test(text)) throw usageError('init.bad_name', { name: text });
  return text;
}
