// Downloads the export of a site.

import { message } from './messages.js';

/**
 * Downloads the export of a site, and hands its text on to `write` piece by piece. Every byte is checked on its way. Returns the summary. A download is not
 * continued, since the ledger may have changed meanwhile: it begins again.
 */
export async function downloadExport({ options, terminal }, client, tools, write) {
  const [check, decoder] = [new tools.ExportFile(), new TextDecoder('utf-8', { fatal: true })];
  let bytes = 0;
  const source = await client.retry(message('backup.hint'), (self) => self.export(options.site));
  try {
    for await (const chunk of source) {
      check.push(chunk);
      await write(decoder.decode(chunk, { stream: true }));
      bytes += chunk.length;
      terminal.progress(message('backup.progress', { megabytes: (bytes / 1e6).toFixed(1) }));
    }
    return JSON.parse(check.finish());
  } catch (error) {
    throw client.explainDownload(error);
  } finally {
    check.free();
  }
}
