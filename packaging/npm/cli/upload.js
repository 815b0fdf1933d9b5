// Sends the lines of an export to a Worker, upload by upload.

import { message } from './messages.js';

/** An upload that is under way. A repeated one is safe: the Worker recognizes lines that it has already. */
export class Upload {
  #client;
  #totals;
  #terminal;
  #plan;

  /** `plan` has `site`, `dryRun` and `total`, the number of lines if it is known. */
  constructor({ terminal }, client, tools, plan) {
    this.#client = client;
    this.#totals = new tools.Totals();
    this.#terminal = terminal;
    this.#plan = plan;
  }

  /** Sends uploads until `next` gives none. */
  async sendAll(next) {
    const { site, dryRun, total } = this.#plan;
    for (let chunk = next(); chunk !== undefined; chunk = next()) {
      const { first, last, body } = chunk;
      chunk.free();
      const hint = dryRun ? message('upload.dry_hint') : message('upload.hint', { lines: first - 1 });
      const counts = await this.#client.retry(hint, (client) => client.import(site, first, dryRun, body));
      this.#totals.add(JSON.stringify(counts));
      this.#terminal.progress(
        total ? message('upload.progress', { done: Math.min(last, total), total }) : message('upload.lines', { done: last }),
      );
    }
  }

  /** A sum by its name in the responses. */
  count(name) {
    return this.#totals.count(name);
  }

  /** The result in one sentence. */
  describe() {
    return this.#totals.describe(this.#plan.dryRun);
  }
}
