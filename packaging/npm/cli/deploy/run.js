// A deployment, from the account to the check that the new version runs.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, usageError } from '../failure.js';
import { message } from '../messages.js';
import { scriptTag } from '../tag.js';
import { wranglerFailure } from './failures.js';
import { checkNotOlder, health, waitUntilUp } from './live.js';
import { writeProject } from './project.js';
import { deploy, findNamespace, listAccounts, runWrangler } from './wrangler.js';
import { wranglerConfig } from './wrangler-config.js';

export const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** Reads a JSON file of the package. */
export function readPackageFile(name) {
  const file = join(PACKAGE, name);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Failure('package.damaged', { file, reason: error.message });
  }
}

/** Deploys a project. Writes what becomes known into its file, unless it is a dry run. */
export async function runDeployment(context, project) {
  const { options, terminal, env, cwd } = context;
  const dryRun = options['dry-run'] === true;
  const build = readPackageFile('build.json');
  await checkLive(context, project, build);
  project.account = await chooseAccount(context, project, dryRun);
  const secrets = project.secrets ? undefined : makeSecrets();
  const config = wranglerConfig({ project, build, packageFolder: PACKAGE });
  const result = await deploy({ config, secrets: secrets?.variables, account: project.account, env, dryRun });
  if (result.exit !== 0) throw wranglerFailure(result);
  if (dryRun) {
    terminal.print(message('deploy.dry_run', { name: project.name, sites: project.sites, version: build.version }));
    return;
  }
  await remember(project, result, env);
  project.secrets = true;
  writeProject(cwd, project);
  if (secrets) terminal.print(message('deploy.secret', { secret: secrets.moderator }));
  if (!project.worker) throw new Failure('deploy.no_address', { name: project.name });
  const live = await waitUntilUp(project.worker, build.version, context);
  for (const problem of live.problems ?? []) terminal.note(message('deploy.problem', { problem }));
  const site = project.sites.split(/[\s=]/)[0];
  terminal.print(message('deploy.done', { version: build.version, address: project.worker, site, tag: scriptTag(project.worker).join('\n  ') }));
}

/** Compares with what runs. Saves the comments first if the database is about to change. */
async function checkLive(context, project, build) {
  const live = project.worker ? await health(project.worker) : undefined;
  if (!live) return;
  checkNotOlder(live, build);
  const changes = live.schema !== undefined && build.schema > live.schema;
  if (!changes || context.options['dry-run'] || context.options['no-backup']) return;
  const { default: backup } = await import('../commands/backup.js');
  for (const word of project.sites.split(/\s+/).filter(Boolean)) {
    const site = word.split('=')[0];
    const file = `${new URL(site).host.replaceAll(':', '_')}-${live.version}.jsonl`;
    context.terminal.note(message('deploy.backup', { file }));
    await backup({ ...context, options: { ...context.options, worker: project.worker, site }, names: { file: join(context.cwd, file) } });
  }
}

/** The id of the account, or `undefined` if wrangler is to find it. */
async function chooseAccount({ options, terminal, env }, project, dryRun) {
  const known = options.account ?? env.CLOUDFLARE_ACCOUNT_ID ?? project.account;
  // A dry run needs nobody to be logged in.
  if (known || dryRun) return known;
  let accounts = await listAccounts(env);
  if (accounts === undefined) {
    if (!terminal.isInteractive) throw new Failure('deploy.login', {});
    terminal.note(message('deploy.logging_in'));
    const login = await runWrangler(['login'], { env });
    if (login.exit !== 0) throw new Failure('deploy.login', {});
    accounts = (await listAccounts(env)) ?? [];
  }
  if (accounts.length === 0) throw new Failure('deploy.no_account', {});
  if (accounts.length === 1) return accounts[0].id;
  const list = accounts.map(({ name }, index) => `  ${index + 1}  ${name}`).join('\n');
  if (!terminal.isInteractive) throw usageError('deploy.which_account', { list });
  const answer = Number(await terminal.ask(message('deploy.ask_account', { list, count: accounts.length })));
  const chosen = accounts[answer - 1];
  if (!chosen) throw usageError('deploy.which_account', { list });
  return chosen.id;
}

function makeSecrets() {
  const moderator = randomBytes(24).toString('base64url');
  return { moderator, variables: { SIGNING_KEY: randomBytes(32).toString('hex'), ADMIN_SECRETS: `admin:${moderator}` } };
}

/** Keeps what wrangler tells: the address, and the id of the namespace, which a renamed Worker would lose. */
async function remember(project, { entries, config }, env) {
  const deployed = entries.findLast((entry) => entry.type === 'deploy');
  const target = deployed?.targets?.map((text) => text.split(' ')[0]).find((text) => /^(https:\/\/)?[a-z0-9.-]+$/i.test(text));
  // An address that the owner has written stays.
  if (project.domain) project.worker = `https://${project.domain}`;
  else if (target && !project.worker) project.worker = target.startsWith('https://') ? target : `https://${target}`;
  // Only on a terminal does wrangler write the id into the configuration.
  const id = config.kv_namespaces?.[0]?.id ?? (await findNamespace(project.name, { env, account: project.account }));
  if (id) project.kv = id;
}
