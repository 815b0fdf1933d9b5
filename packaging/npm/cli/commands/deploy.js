// `afterword deploy` and `afterword upgrade`: puts this version on Cloudflare.

import { Failure } from '../failure.js';
import { deployConfigured } from '../deploy/configured.js';
import { readProject } from '../deploy/project.js';
import { readPackageFile, runDeployment } from '../deploy/run.js';
import { SETTINGS_FILE } from '../worker.js';

export default async function deploy(context) {
  if (context.options.config !== undefined) return deployConfigured(context);
  const project = readProject(context.cwd, readPackageFile('host/settings.json'));
  if (!project) throw new Failure('deploy.no_project', { file: SETTINGS_FILE });
  return runDeployment(context, project);
}
