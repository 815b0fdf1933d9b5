// The commands that put Afterword on a machine or on Cloudflare; see commands.js for the fields.

import { WORKER_OPTIONS } from './worker.js';

const ACCOUNT = { type: 'string', value: 'ID', summary: 'The account on Cloudflare, if you have several. Without it: the variable CLOUDFLARE_ACCOUNT_ID, afterword.json, or a question' };
const DRY_RUN = { type: 'boolean', summary: 'Check everything, change nothing' };
const NO_BACKUP = { type: 'boolean', summary: 'Do not save the comments first if this version changes the database' };
const DEPLOY_OPTIONS = { account: ACCOUNT, 'secret-file': WORKER_OPTIONS['secret-file'], 'no-backup': NO_BACKUP, 'dry-run': DRY_RUN };

/** Commands that run the package. */
export const HOSTING_COMMANDS = [
  {
    name: 'init',
    summary: 'Put comments on Cloudflare for the first time',
    description: [
      'Asks for the address of your blog, writes afterword.json into this folder, and deploys. Keep that file: later commands read it. It has no secrets.',
      'Every question has an option. Without a terminal nothing is asked; set CLOUDFLARE_API_TOKEN then.',
    ],
    arguments: [],
    options: {
      site: { type: 'string', value: 'ORIGIN', summary: 'The address of your blog, such as https://blog.example' },
      name: { type: 'string', value: 'NAME', summary: 'The name of your comments on Cloudflare; “afterword” without it' },
      domain: { type: 'string', value: 'HOST', summary: 'An address of your own for the comments, such as comments.blog.example, in a zone of your account' },
      moderation: { type: 'string', value: 'WHAT', choices: ['open', 'first', 'all'], summary: 'open publishes at once; first holds the first comment of each author; all holds every comment' },
      backups: { type: 'string', value: 'BUCKET', summary: 'The name of an R2 bucket, which you have made, for a backup every night' },
      account: ACCOUNT,
      'dry-run': DRY_RUN,
    },
    examples: ['afterword init', 'afterword init --site https://blog.example --dry-run'],
    load: () => import('./commands/init.js'),
  },
  {
    name: 'deploy',
    summary: 'Put this version on Cloudflare',
    description: [
      'Deploys what afterword.json describes, and waits until it runs. Never replaces a newer version. If the database is about to change, the comments are saved into this folder first, which needs your secret.',
    ],
    arguments: [],
    options: { ...DEPLOY_OPTIONS, config: { type: 'string', value: 'FILE', summary: 'A configuration of wrangler to use in place of afterword.json, as the button in the documentation does' } },
    examples: ['npx afterword@latest deploy'],
    load: () => import('./commands/deploy.js'),
  },
  {
    name: 'upgrade',
    summary: 'Deploy this version, unless it runs already',
    arguments: [],
    options: DEPLOY_OPTIONS,
    examples: ['npx afterword@latest upgrade'],
    load: () => import('./commands/upgrade.js'),
  },
  {
    name: 'dev',
    summary: 'Show a page with comments on this machine, to try it out',
    description: ['Needs no account and no settings. Comments are published at once, and stay in the folder of --data.'],
    arguments: [],
    options: {
      port: { type: 'string', value: 'P', default: '8787', summary: 'The port of the comments' },
      'blog-port': { type: 'string', value: 'P', default: '8788', summary: 'The port of the page' },
      data: { type: 'string', value: 'DIR', default: 'afterword-dev', summary: 'The folder of the data' },
    },
    examples: ['afterword dev'],
    load: () => import('./commands/dev.js'),
  },
  {
    name: 'serve',
    summary: 'Run Afterword on this machine',
    description: [
      'Runs the comments on your own machine, on the runtime workerd. All data is in one folder. Put a web server such as Caddy or nginx before it, for https; --print writes examples.',
      'Settings are variables of the environment, or lines of the file “settings” in the folder: SITES, MODERATION and the others of the documentation. The first start makes the secrets, in the file “keys”.',
    ],
    arguments: [],
    options: {
      data: { type: 'string', value: 'DIR', summary: 'The folder of the data; needed unless --print is given' },
      port: { type: 'string', value: 'P', default: '8787', summary: 'The port' },
      host: { type: 'string', value: 'ADDRESS', default: '127.0.0.1', summary: 'The address to listen on; 0.0.0.0 for all of this machine' },
      site: { type: 'string', value: 'ORIGIN', summary: 'The address of your blog, such as https://blog.example; remembered' },
      'trusted-proxy': {
        type: 'string',
        value: 'CIDR',
        multiple: true,
        summary: 'The network of a web server before this one, such as 127.0.0.1, whose X-Forwarded-For is believed; may be given several times',
      },
      print: { type: 'string', value: 'DIR', summary: 'Start nothing, and write what runs without Node: configuration, systemd unit, Dockerfile, examples for Caddy and nginx' },
    },
    examples: ['afterword serve --data comments --site https://blog.example', 'afterword serve --print /srv/afterword --site https://blog.example'],
    load: () => import('./commands/serve.js'),
  },
];
