// What failed on Cloudflare, in words and with the next step.

import { Failure } from '../failure.js';

/** Messages by the code of Cloudflare's API. */
const BY_CODE = {
  10000: 'deploy.not_allowed',
  9109: 'deploy.not_allowed',
  10001: 'deploy.not_allowed',
  10063: 'deploy.no_subdomain',
  10042: 'deploy.bucket_service',
  10085: 'deploy.no_bucket',
  10072: 'deploy.cron_limit',
  10014: 'deploy.kv_exists',
  10034: 'deploy.unverified_email',
};

/** Messages by a word in wrangler's message, where it has no code. */
const BY_TEXT = [
  [/CLOUDFLARE_API_TOKEN|not authenticated|not logged in|failed to refresh|expired/i, 'deploy.login'],
  [/more than one account|CLOUDFLARE_ACCOUNT_ID/i, 'deploy.which_account'],
  [/workers\.dev subdomain/i, 'deploy.no_subdomain'],
  [/\/schedules\)/, 'deploy.cron_limit'],
  [/fetch failed|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/i, 'deploy.offline'],
];

/** The error for a failed run of wrangler. `command-failed` is the entry that it writes for programs. */
export function wranglerFailure({ exit, entries }) {
  const failed = entries.findLast((entry) => entry.type === 'command-failed');
  const reason = failed?.message?.split('\n')[0] ?? '';
  const code = failed?.code ?? Number(/\[code: (\d+)\]/.exec(failed?.message ?? '')?.[1]);
  const byText = BY_TEXT.find(([pattern]) => pattern.test(failed?.message ?? ''))?.[1];
  return new Failure(BY_CODE[code] ?? byText ?? 'deploy.failed', { reason: reason || `wrangler ended with ${exit}`, code: code || '?' });
}
