// `afterword serve`: runs Afterword on this machine.

import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseNetwork } from '../../host/addresses.js';
import { EXIT, Failure, usageError } from '../failure.js';
import { message } from '../messages.js';
import { configuration } from '../serve/config.js';
import { copyBundle, createFolders, createKeys, prepareUpgrade, readVariables, replaceFile, writeSettings } from '../serve/data-folder.js';
import { checkLock, checkPort, hasSocketFiles } from '../serve/lock.js';
import { printFiles } from '../serve/print.js';
import { Runtime, isAskedEnd, workerdPath } from '../serve/runtime.js';
import { scriptTag } from '../tag.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

export default async function serve(context) {
  const { options, terminal, env, cwd } = context;
  const build = readPackageFile('build.json');
  const settings = readPackageFile('host/settings.json');
  const port = parsePort(options.port);
  const proxies = (options['trusted-proxy'] ?? []).map(checkNetwork);
  if (options.print !== undefined) {
    const folder = resolve(cwd, options.print);
    return printFiles({ folder, build, settings, host: options.host, port, proxies, site: options.site, packageFolder: PACKAGE, env, terminal });
  }
  if (options.data === undefined) throw usageError('usage.missing_option', { option: 'data', command: 'serve' });
  const folder = resolve(cwd, options.data);
  createFolders(folder);
  process.chdir(folder);
  await checkLock(folder);
  await checkPort(options.host, port);
  const { copy, started } = prepareUpgrade(folder, build);
  if (copy) terminal.note(message('serve.upgrading', { copy }));
  copyBundle(folder, PACKAGE);
  const variables = readVariables(folder, env, settings);
  await askForSite(options, variables, folder, terminal);
  const secret = createKeys(folder, variables);
  variables.KV_WRITES ??= '0';
  if (proxies.length > 0) variables.TRUSTED_PROXIES = proxies.join(' ');
  const address = `${isIPv6(options.host) ? `[${options.host}]` : options.host}:${port}`;
  // Only tests need it: the team of Cloudflare Access is a server on this machine there.
  const internet = env.AFTERWORD_PRIVATE_NETWORK ? ['public', 'private'] : ['public'];
  replaceFile('config.capnp', configuration({ build, settings, address, lock: hasSocketFiles, startedAt: started, internet }));
  return run(new Runtime(workerdPath(), folder, variables), { address: `http://${localAddress(options.host, port)}`, secret, variables, terminal, folder });
}

/** Runs until the server ends, or until a signal ends it. */
async function run(runtime, { address, secret, variables, terminal, folder }) {
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    runtime.stop();
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, stop);
  process.on('exit', () => runtime.kill());
  if (await runtime.waitUntilReady(address)) {
    terminal.print(message('serve.ready', { address }));
    if (secret) terminal.note(message('serve.first_start', { address, secret, folder, tag: scriptTag(address).join('\n    '), site: variables.SITES.split(/[\s=]/)[0] }));
  }
  const result = await runtime.wait();
  if (isStopping && isAskedEnd(result)) return EXIT.ok;
  throw new Failure('serve.ended', { result });
}

async function askForSite(options, variables, folder, terminal) {
  let asked = options.site;
  if (!asked && !variables.SITES && terminal.isInteractive) asked = await terminal.ask(message('serve.ask_site'));
  if (asked) variables.SITES = asked;
  if (!variables.SITES) throw usageError('serve.no_site', { folder });
  if (asked) writeSettings(folder, { SITES: asked });
}

function readPackageFile(name) {
  const file = join(PACKAGE, name);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Failure('package.damaged', { file, reason: error.message });
  }
}

function parsePort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw usageError('serve.bad_port', { port: text });
  return port;
}

function checkNetwork(text) {
  if (!parseNetwork(text)) throw usageError('serve.bad_network', { network: text });
  return text;
}

/** The address at which this machine reaches a server that listens on `host`. */
function localAddress(host, port) {
  if (host === '0.0.0.0' || host === '127.0.0.1') return `localhost:${port}`;
  if (host === '::' || host === '::1') return `[::1]:${port}`;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
