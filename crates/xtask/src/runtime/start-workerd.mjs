// Runs a Worker on plain workerd, as `afterword serve` does, and by the modules of the package. What that command makes for its owner is left out:
// tests run without settings too.
//
// Arguments: the folder of the package, the folder of the data, the port. Variables are in the environment.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [packageFolder, folder, port] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(packageFolder, 'cli/serve', name)));
const read = (name) => JSON.parse(readFileSync(join(packageFolder, name), 'utf8'));
const { configuration } = await load('config.js');
const { copyBundle, createFolders } = await load('data-folder.js');
const { checkLock } = await load('lock.js');
const { Runtime, workerdPath } = await load('runtime.js');

// Wraps the entry with what miniflare has: a route that fires the cron trigger, and a header by which a test chooses its address. The gateway gets that as
// the header of a trusted proxy.
const ENTRY = `
import gateway from './gateway.js';
const withAddress = (request) => {
  const address = request.headers.get('cf-connecting-ip');
  if (address === null) return request;
  const named = new Request(request, { cf: request.cf });
  named.headers.set('x-forwarded-for', address);
  return named;
};
export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname !== '/cdn-cgi/handler/scheduled') {
      return gateway.fetch(withAddress(request), env, context);
    }
    await env.NIGHTLY.run(Number(url.searchParams.get('time') ?? Date.now()));
    return new Response('ok');
  },
};
`;

const replaceOnce = (text, from, to) => {
  if (text.split(from).length !== 2) throw new Error(`the configuration has no single ${from}`);
  return text.replace(from, () => to);
};

createFolders(folder);
process.chdir(folder);
await checkLock(folder);
copyBundle(folder, packageFolder);
writeFileSync('bundle/entry.js', ENTRY);
let config = configuration({
  build: read('build.json'),
  // Tests shorten delays by variables of their own.
  settings: [...read('host/settings.json'), ...Object.keys(process.env).filter((name) => name.startsWith('TEST_'))],
  address: `127.0.0.1:${port}`,
  startedAt: new Date().toISOString(),
  // The team of Cloudflare Access is a server on this machine.
  internet: ['public', 'private'],
});
config = replaceOnce(config, '    (name = "gateway.js",', '    (name = "entry.js", esModule = embed "bundle/entry.js"),\n    (name = "gateway.js",');
config = replaceOnce(config, '    (name = "CLOCK",', '    (name = "NIGHTLY", service = (name = "app", entrypoint = "Nightly")),\n    (name = "CLOCK",');
writeFileSync('config.capnp', config);

const runtime = new Runtime(workerdPath(), folder, { TRUSTED_PROXIES: '127.0.0.1' });
const stop = () => runtime.stop();
// The other end of this process's input closes when its parent ends, for whatever reason.
process.stdin.resume().on('close', stop);
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);
process.on('exit', () => runtime.kill());
const result = await runtime.wait();
process.stdin.pause();
process.exitCode = result === 0 || result === 'SIGTERM' ? 0 : 1;
