// The commands that put Afterword on a machine or on Cloudflare; see commands.js for the fields.

/** Commands that run the package. */
export const HOSTING_COMMANDS = [
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
