// The configuration of wrangler for one deployment. It is made for each and thrown away.

import { join } from 'node:path';

/** Limits of the platform's rate limiters. Their ids only have to differ within the account. */
const LIMITERS = [
  ['COMMENT_LIMITER', '7101', 20, 10],
  ['LOGIN_LIMITER', '7102', 10, 60],
  ['PREVIEW_LIMITER', '7103', 40, 10],
];

/** Returns the configuration. All paths in it are absolute; `packageFolder` is that of this package. */
export function wranglerConfig({ project, build, packageFolder }) {
  const { name, account, sites, kv, backups, domain, vars = {} } = project;
  return {
    name,
    ...(account && { account_id: account }),
    main: join(packageFolder, 'worker', 'index.js'),
    compatibility_date: build.compatibility_date,
    no_bundle: true,
    find_additional_modules: true,
    rules: [{ type: 'CompiledWasm', globs: ['**/*.wasm'], fallthrough: false }],
    // What the owner has set in the dashboard stays.
    keep_vars: true,
    preview_urls: false,
    workers_dev: domain === undefined,
    ...(domain && { routes: [{ pattern: domain, custom_domain: true }] }),
    assets: { directory: join(packageFolder, 'assets'), binding: 'ASSETS', not_found_handling: 'none' },
    // Without an id, wrangler makes the namespace, and finds it again by the names of Worker and binding.
    kv_namespaces: [{ binding: 'THREADS', ...(kv && { id: kv }) }],
    durable_objects: { bindings: [{ name: 'LEDGER', class_name: 'SiteLedger' }] },
    // One tag for ever: a rollback cannot go past a later one.
    migrations: [{ tag: 'v1', new_sqlite_classes: ['SiteLedger'] }],
    version_metadata: { binding: 'CF_VERSION_METADATA' },
    triggers: { crons: ['17 3 * * *'] },
    ...(backups && { r2_buckets: [{ binding: 'BACKUPS', bucket_name: backups }] }),
    ratelimits: LIMITERS.map(([limiter, id, limit, period]) => ({ name: limiter, namespace_id: id, simple: { limit, period } })),
    vars: { SITES: sites, ...vars },
    observability: { enabled: true },
  };
}
