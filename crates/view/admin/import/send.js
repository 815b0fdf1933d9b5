/* Sends uploads, one after the other, with retries. An upload that is repeated is recognized, so a run can be stopped and continued anywhere. */

const RETRY_DELAYS_MS = [1000, 2000, 5000, 10000, 30000];

/** An upload that was not accepted. `reason` is `offline`, `expired` or `refused`; `message` is the Worker's text. */
export class UploadError extends Error {
  constructor(reason, message = '') {
    super(message);
    this.reason = reason;
  }
}

const isTransient = (status) => status >= 500 || status == 429;

const post = async (site, isDryRun, { first, body }) => {
  const query = new URLSearchParams({ first, dry_run: isDryRun, ...(site && { site }) });
  const headers = { 'Content-Type': 'application/x-ndjson' };
  return fetch(`/admin/api/import?${query}`, { method: 'POST', headers, body });
};

/** Sends one upload and returns the text of the response. */
const sendChunk = async (site, isDryRun, chunk, isStopped) => {
  for (let attempt = 0; ; attempt++) {
    const response = await post(site, isDryRun, chunk).catch(() => undefined);
    const text = await response?.text().catch(() => undefined);
    if (response?.ok && text !== undefined) return text;
    if (response?.status == 401) throw new UploadError('expired');
    if (response && text !== undefined && !isTransient(response.status)) throw new UploadError('refused', messageOf(text));
    if (attempt == RETRY_DELAYS_MS.length || isStopped()) throw new UploadError('offline');
    await new Promise((resolve) => setTimeout(resolve, RETRY_DELAYS_MS[attempt]));
  }
};

const messageOf = (text) => {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return '';
  }
};

/**
 * A run of uploads. `run()` sends from where it stopped; it returns true when everything has arrived and false after `stop()`, and throws an
 * `UploadError`. `onProgress` gets the number of the last line and the sums.
 */
export class Run {
  constructor(tools, site, isDryRun, onProgress) {
    Object.assign(this, { tools, site, isDryRun, onProgress, sums: {}, isStopping: false });
  }

  stop() {
    this.isStopping = true;
  }

  async run() {
    this.isStopping = false;
    if (!this.hasBegun) await this.tools('begin');
    this.hasBegun = true;
    for (;;) {
      this.chunk ||= await this.tools('next');
      if (!this.chunk) return true;
      if (this.isStopping) return false;
      const text = await sendChunk(this.site, this.isDryRun, this.chunk, () => this.isStopping);
      this.sums = await this.tools('add', text);
      this.onProgress(this.chunk.last, this.sums);
      this.chunk = undefined;
    }
  }
}
