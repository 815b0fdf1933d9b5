// `afterword upgrade`: deploys this version if another one runs.

import { Failure } from '../failure.js';
import { message } from '../messages.js';
import { health } from '../deploy/live.js';
import { readProject } from '../deploy/project.js';
import { readPackageFile, runDeployment } from '../deploy/run.js';
import { SETTINGS_FILE } from '../worker.js';

export default async function upgrade(context) {
  const project = readProject(context.cwd, readPackageFile('host/settings.json'));
  if (!project) throw new Failure('deploy.no_project', { file: SETTINGS_FILE });
  const { version } = readPackageFile('build.json');
  const live = project.worker ? await health(project.worker) : undefined;
  if (live?.version === version) {
    context.terminal.print(message('upgrade.same', { version, address: project.worker }));
    return;
  }
  await runDeployment(context, project);
}
