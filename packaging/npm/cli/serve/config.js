// The configuration of the runtime workerd for a self-hosted Afterword, in the language of Cap'n Proto. All paths in it are relative: those of `embed` to
// the file, those of disks to the working directory. Secrets and settings reach the Worker from the environment of the process.

// Ids of the objects and the names of their files derive from these keys. They are those of `cargo xtask serve` and never change.
const LEDGER_KEY = 'afterword-SiteLedger';
const CLOCK_KEY = 'afterword-Clock';
const STORE_KEY = 'afterword-kv';

// Modules of each Worker by file, under `bundle`. The first one is the entry.
const GATEWAY = ['host/gateway.js', 'host/addresses.js', 'host/assets.js', 'host/assets.json'];
const APP = ['host/app.js', 'host/backups.js', 'host/clock.js', 'host/limiter.js', 'worker/index.js', 'worker/index_bg.wasm'];
const STORE = ['host/kv.js'];

// All folders of data, by the name of their service.
export const FOLDERS = ['state', 'kv', 'backups'];

// The text of the configuration. `build` is the content of build.json, `settings` the names of the Worker's settings. `address` is where the server
// listens. `lock` is false where another program keeps a second process away. `internet` has the networks that the Worker may call.
export const configuration = ({ build, settings, address, lock = true, startedAt, internet = ['public'] }) => `\
# Written by \`afterword serve\`, which overwrites this file at each start.
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "gateway", worker = .gateway),
    (name = "app", worker = .app),
    (name = "store", worker = .store),
${FOLDERS.map((name) => `    (name = ${text(name)}, disk = (path = ${text(name)}, writable = true)),`).join('\n')}
    (name = "assets", disk = (path = "bundle/assets")),
    (name = "compressed", disk = (path = "bundle/host/assets")),
    (name = "internet", network = (allow = [${internet.map(text).join(', ')}], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    (name = "http", address = ${text(address)}, http = (), service = "gateway"),
${lock ? '    (name = "lock", address = "unix:lock", http = (), service = "gateway"),\n' : ''}\
  ],
);

const gateway :Workerd.Worker = (
${worker(GATEWAY, build)}
  bindings = [
    (name = "APP", service = "app"),
    (name = "ASSETS", service = "assets"),
    (name = "COMPRESSED", service = "compressed"),
    (name = "CLOCK", durableObjectNamespace = (className = "Clock", serviceName = "app")),
    (name = "TRUSTED_PROXIES", fromEnvironment = "TRUSTED_PROXIES"),
  ],
);

const app :Workerd.Worker = (
${worker(APP, build)}
  bindings = [
    (name = "LEDGER", durableObjectNamespace = "SiteLedger"),
    (name = "THREADS", kvNamespace = "store"),
    (name = "BACKUP_FOLDER", service = "backups"),
    (name = "NIGHTLY", service = (name = "app", entrypoint = "Nightly")),
    (name = "CF_VERSION_METADATA", json = ${text(JSON.stringify({ id: build.version, tag: '', timestamp: startedAt }))}),
${settings.map((name) => `    (name = ${text(name)}, fromEnvironment = ${text(name)}),`).join('\n')}
  ],
  durableObjectNamespaces = [
    (className = "SiteLedger", uniqueKey = ${text(LEDGER_KEY)}, enableSql = true),
    (className = "Clock", uniqueKey = ${text(CLOCK_KEY)}, enableSql = true),
  ],
  durableObjectStorage = (localDisk = "state"),
);

const store :Workerd.Worker = (
${worker(STORE, build)}
  bindings = [(name = "STORE", durableObjectNamespace = "Store")],
  durableObjectNamespaces = [(className = "Store", uniqueKey = ${text(STORE_KEY)}, enableSql = true)],
  durableObjectStorage = (localDisk = "kv"),
);
`;

const worker = (files, { compatibility_date: date }) => `\
  compatibilityDate = ${text(date)},
  modules = [
${files.map((file) => `    (name = ${text(moduleName(file))}, ${moduleKind(file)} = embed ${text(`bundle/${file}`)}),`).join('\n')}
  ],`;

// Modules of `host` import each other, and the Worker, by these names.
const moduleName = (file) => file.replace(/^host\//, '');

const moduleKind = (file) => ({ '.js': 'esModule', '.json': 'json', '.wasm': 'wasm' })[/\.[a-z]+$/.exec(file)[0]];

// A text literal of Cap'n Proto, which has the escapes of C.
const text = (value) => `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
