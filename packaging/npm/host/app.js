// The Worker of Cloudflare as it is, with what a machine of one's own lacks: rate limiters, a folder for backups, a clock.

import { WorkerEntrypoint } from 'cloudflare:workers';

import { R2Bucket } from './backups.js';
import { CRON } from './clock.js';
import { limiters } from './limiter.js';
import Worker, { SiteLedger as WorkerLedger } from './worker/index.js';

export { Clock } from './clock.js';

// The bindings of the Worker. A variable that the process does not have is `null` here, and the Worker waits for ever for a setting that is `null`.
const bindings = (env) => {
  const present = Object.entries(env).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(present), ...limiters, BACKUPS: new R2Bucket(env.BACKUP_FOLDER) };
};

const worker = (context, env) => new Worker(context, bindings(env));

export default {
  fetch: (request, env, context) => worker(context, env).fetch(request),
};

export class Nightly extends WorkerEntrypoint {
  // Runs the nightly maintenance that was due at `time`, in milliseconds.
  async run(time) {
    await worker(this.ctx, this.env).scheduled({ scheduledTime: time, cron: CRON, type: 'scheduled' });
  }
}

export class SiteLedger extends WorkerLedger {
  constructor(state, env) {
    super(state, bindings(env));
  }
}
