// The table of commands. Help, parser and documentation follow it.
//
// An entry has `name`, `summary` (without a full stop), `description` (paragraphs), `arguments` (in order: `key`, `name`, `summary`, `required`,
// `multiple`), `options` (by name: `type`, and for a string `value`; `summary`, `short`, `multiple`, `required`, `choices`, `default`), `examples`,
// and `load`, which imports the module. Its default export gets `{ options, names, terminal, env, cwd, stdin, stdout, stderr }` and returns an exit code,
// or nothing for success.

import { usageError } from './failure.js';
import { HOSTING_COMMANDS } from './hosting-commands.js';
import { SITE_OPTION, WORKER_OPTIONS } from './worker.js';

const DRY_RUN = { type: 'boolean', summary: 'Change nothing, and print what would change' };

/** All commands, in the order of the help. */
export const COMMANDS = [
  ...HOSTING_COMMANDS,
  {
    name: 'verify',
    summary: 'Compare the files of a live Worker with those of a release',
    description: ['Reads the checksums of a release (build.json), downloads each file from the Worker, and names those that differ.'],
    arguments: [],
    options: {
      worker: WORKER_OPTIONS.worker,
      build: { type: 'string', value: 'FILE', summary: 'The build.json of the release; without it, that of this package' },
    },
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'moderators',
    summary: 'Make a secret for a moderator',
    description: ['Prints a new secret and the entry for ADMIN_SECRETS. Nothing is sent: you set the variable yourself.'],
    arguments: [{ key: 'name', name: 'NAME', summary: 'Name of the moderator, as the log will show it', required: true }],
    options: {
      role: { type: 'string', value: 'ROLE', choices: ['owner', 'moderator'], default: 'moderator', summary: 'owner or moderator; only an owner may erase, export, import and change settings' },
      blog: { type: 'string', value: 'HOST', multiple: true, summary: 'A blog to which the moderator is limited, such as blog.example; may be given several times' },
    },
    examples: ['afterword moderators grace --role moderator'],
    load: () => import('./commands/moderators.js'),
  },
];

/** Returns the entry of a command. */
export function findCommand(name) {
  const command = COMMANDS.find((entry) => entry.name === name);
  if (!command) throw usageError('usage.command', { name });
  return command;
}

export { DRY_RUN };
