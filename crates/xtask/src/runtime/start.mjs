// Runs a Worker on workerd, as `wrangler dev` does, and by the same library. `wrangler dev` itself adds a second workerd before the Worker,
// a bundler and a watcher, which take several seconds of CPU at each start.
//
// Arguments: miniflare's main file, the configuration (that of wrangler, as JSON), the folder of the state, the port.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [library, configuration, persist, port] = process.argv.slice(2);
const { Log, LogLevel, Miniflare } = createRequire(import.meta.url)(library);
const config = JSON.parse(readFileSync(configuration, 'utf8'));

const folder = dirname(config.main);
const module = (type, path) => ({ type, path });
const named = (list, name, value) => Object.fromEntries((list ?? []).map((item) => [item[name], value(item)]));

const runtime = new Miniflare({
  host: '127.0.0.1',
  port: Number(port),
  // The folder in which wrangler's own commands look for local data.
  defaultPersistRoot: join(persist, 'v3'),
  cf: false,
  telemetry: { enabled: false },
  log: new Log(LogLevel.WARN),
  logRequests: false,
  handleStructuredLogs: ({ message }) => void process.stderr.write(`${message}\n`),
  unsafeTriggerHandlers: true,
  workers: [{
    name: config.name,
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: config.compatibility_flags,
    modulesRoot: folder,
    modules: [
      module('ESModule', config.main),
      ...readdirSync(folder).filter((name) => name.endsWith('.wasm')).map((name) => module('CompiledWasm', join(folder, name))),
    ],
    bindings: config.vars,
    kvNamespaces: named(config.kv_namespaces, 'binding', ({ binding, id }) => ({ id: id ?? binding })),
    r2Buckets: named(config.r2_buckets, 'binding', ({ bucket_name: id }) => ({ id })),
    durableObjects: named(config.durable_objects.bindings, 'name', ({ class_name: className }) => ({ className, useSQLite: true })),
    ratelimits: named(config.ratelimits, 'name', ({ simple }) => ({ simple })),
    versionMetadata: config.version_metadata?.binding,
    assets: config.assets && {
      directory: config.assets.directory,
      binding: config.assets.binding,
      routerConfig: { has_user_worker: true },
      assetConfig: { not_found_handling: config.assets.not_found_handling },
    },
  }],
});

// The other end of this process's input closes when its parent ends, for whatever reason.
const stop = () => runtime.dispose().finally(() => process.exit());
process.stdin.resume().on('close', stop);
process.on('SIGTERM', stop);
await runtime.ready;
