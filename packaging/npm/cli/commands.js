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
    name: 'import',
    summary: 'Bring the comments of another system to your blog',
    description: [
      'Reads files of Disqus, WordPress, Blogger, Isso, Remark42, Commento, Cusdis, Waline, Twikoo, Valine, Artalk, giscus, utterances, Staticman, Garrul, Ghost, and tables (CSV, JSON); compressed ones too, and folders. The format is recognized.',
      'What is there already is recognized and stays as it is: a run that was stopped goes on with the same command, and a newer file adds only what is new. Begin with --dry-run.',
    ],
    arguments: [{ key: 'files', name: 'FILE', summary: 'The files that the old system gave you, or a folder', required: true, multiple: true }],
    options: {
      ...WORKER_OPTIONS,
      site: { ...SITE_OPTION.site, summary: 'Your blog, such as https://blog.example' },
      'dry-run': { type: 'boolean', summary: 'Store nothing, and print what would come' },
      report: { type: 'string', value: 'FILE', summary: 'Write the report to a file; JSON if its name ends in .json' },
      map: { type: 'string', value: 'FILE', summary: 'The table of addresses: it is written if it is not there, and read if it is' },
      alias: { type: 'string', value: 'HOST', multiple: true, summary: 'Another host at which the blog is or was; may be given several times' },
      'leave-out': { type: 'string', value: 'HOST', multiple: true, summary: 'A host whose comments are left out; may be given several times' },
      partition: { type: 'string', value: 'NAME', summary: 'The site to take from a file with several' },
      spam: { type: 'boolean', summary: 'Take spam too, to the list of spam' },
      pingbacks: { type: 'boolean', summary: 'Take pingbacks and trackbacks as comments' },
      'owner-email': { type: 'string', value: 'EMAIL', multiple: true, summary: 'Your e-mail address: its comments get the badge of the owner' },
      'owner-name': { type: 'string', value: 'NAME', multiple: true, summary: 'Your name, for files without e-mail addresses' },
      'trust-owner': { type: 'boolean', summary: "Take the file's own mark of the owner" },
      zone: { type: 'string', value: 'OFFSET', summary: 'The zone of times that have none in the file, such as +01:00' },
      feed: { type: 'string', value: 'FILE', multiple: true, summary: 'A feed or sitemap of the blog, for posts without an address' },
      'slug-rule': { type: 'string', value: 'RULE', summary: 'The address of a post that has only a slug, such as /blog/{slug}/' },
      'clean-urls': { type: 'boolean', summary: 'The blog has CLEAN_URLS: /post and /post.html are one page' },
      'old-site': { type: 'string', value: 'NAME', summary: 'A name for the old site, if several of one system move here; the same at every import' },
      yes: { type: 'boolean', short: 'y', summary: 'Do not ask before the upload' },
    },
    examples: [
      'afterword import disqus.xml.gz --site https://blog.example --dry-run',
      'afterword import Takeout.zip --site https://blog.example --alias old.example --report moved.txt',
    ],
    load: () => import('./commands/import.js'),
  },
  {
    name: 'export',
    summary: "Write a blog's comments for another system",
    description: ['wxr is for WordPress and what reads its files, disqus for Disqus and what reads its files; jsonl has everything. It says what the format cannot hold.'],
    arguments: [{ key: 'file', name: 'FILE', summary: 'The file to write', required: true }],
    options: {
      ...WORKER_OPTIONS,
      ...SITE_OPTION,
      to: { type: 'string', value: 'FORMAT', choices: ['wxr', 'disqus', 'jsonl'], default: 'jsonl', summary: 'wxr, disqus or jsonl' },
    },
    examples: ['afterword export comments.xml --to wxr'],
    load: () => import('./commands/export.js'),
  },
  {
    name: 'backup',
    summary: "Download a blog's comments into a file",
    description: ['The file has everything: comments, e-mail addresses, bans and settings. It can be restored with “afterword restore”.'],
    arguments: [{ key: 'file', name: 'FILE', summary: 'The file to write', required: true }],
    options: { ...WORKER_OPTIONS, ...SITE_OPTION },
    examples: ['afterword backup comments.jsonl --worker https://comments.example'],
    load: () => import('./commands/backup.js'),
  },
  {
    name: 'restore',
    summary: 'Upload the file of a backup',
    description: [
      'What is there already is recognized and stays as it is, so a run that was stopped goes on with the same command.',
    ],
    arguments: [{ key: 'file', name: 'FILE', summary: 'The file of a backup', required: true }],
    options: { ...WORKER_OPTIONS, ...SITE_OPTION, 'dry-run': DRY_RUN },
    examples: ['afterword restore comments.jsonl --dry-run'],
    load: () => import('./commands/restore.js'),
  },
  {
    name: 'remap',
    summary: 'Move comments to the new addresses of posts; only a preview without --apply',
    description: [
      'One post (--from, --to), a table of old and new addresses (--list), or all posts below an address (--prefix-from, --prefix-to).',
      'With --site, addresses may be written from the first slash on.',
    ],
    arguments: [],
    options: {
      ...WORKER_OPTIONS,
      ...SITE_OPTION,
      from: { type: 'string', value: 'URL', summary: 'The old address of one post' },
      to: { type: 'string', value: 'URL', summary: 'The new address of that post' },
      list: { type: 'string', value: 'FILE', summary: 'A file of old and new addresses, in two columns' },
      'prefix-from': { type: 'string', value: 'URL', summary: 'The beginning of the old addresses of many posts' },
      'prefix-to': { type: 'string', value: 'URL', summary: 'The beginning of their new addresses' },
      all: { type: 'boolean', summary: 'List every post in the preview' },
      apply: { type: 'boolean', summary: 'Move the posts' },
    },
    examples: ['afterword remap --site https://blog.example --list moved.csv', 'afterword remap --site https://blog.example --prefix-from /2019 --prefix-to /archive/2019 --apply'],
    load: () => import('./commands/remap.js'),
  },
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

