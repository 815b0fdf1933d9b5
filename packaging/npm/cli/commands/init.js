// `afterword init`: asks what cannot be known, writes `afterword.json`, and deploys for the first time.

import { Failure, usageError } from '../failure.js';
import { message } from '../messages.js';
import { blogOrigin, checkProject, projectFile, readProject, workerName, writeProject } from '../deploy/project.js';
import { readPackageFile, runDeployment } from '../deploy/run.js';

const DEFAULT_NAME = 'afterword';

export default async function init(context) {
  const { options, cwd } = context;
  const settings = readPackageFile('host/settings.json');
  const dryRun = options['dry-run'] === true;
  if (!dryRun && readProject(cwd, settings)) throw new Failure('init.exists', { file: projectFile(cwd) });
  const project = {
    name: workerName(await answer(context, options.name, 'init.ask_name', DEFAULT_NAME)),
    sites: blogOrigin(await answer(context, options.site, 'init.ask_site')),
    ...(options.domain && { domain: options.domain.toLowerCase() }),
    ...(options.backups && { backups: options.backups }),
    ...(options.moderation && { vars: { MODERATION: options.moderation } }),
  };
  checkProject(project, settings);
  // Written first: a failed deployment goes on with `afterword deploy`.
  if (!dryRun) writeProject(cwd, project);
  await runDeployment(context, project);
}

/** The value of an option, or the answer of the owner, or the default. */
async function answer({ terminal }, given, question, initial) {
  if (given !== undefined) return given;
  if (terminal.isInteractive) {
    const text = (await terminal.ask(message(question, { initial: initial ?? '' }))) || initial;
    if (text) return text;
  }
  if (initial === undefined) throw usageError('init.no_site');
  return initial;
}
