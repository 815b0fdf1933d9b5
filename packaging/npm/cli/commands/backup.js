// `afterword backup`: downloads a site's export into a file.

import { connect } from '../admin-client.js';
import { message } from '../messages.js';
import { writePrivately } from '../private-file.js';
import { loadTools } from '../tools.js';

export default async function backup(context) {
  const { file } = context.names;
  const tools = await loadTools();
  const client = await connect(context);
  const summary = await download(context, client, tools, (write) => write, file);
  context.terminal.print(message('backup.done', { comments: summary.comments, site: summary.site, file }));
}

/**
 * Downloads the export of a site into a file, through a function that may convert it: `convert(write)` returns a function that takes the bytes as text. Every
 * byte is checked on its way, and the file appears only if the export is whole.
 */
async function download({ options, terminal }, client, tools, convert, file) {
  return writePrivately(file, async (write) => {
    const [check, take, decoder] = [new tools.ExportFile(), convert(write), new TextDecoder('utf-8', { fatal: true })];
    let bytes = 0;
    // A download is not continued: the ledger may have changed meanwhile. It begins again.
    const source = await client.retry(message('backup.hint'), (self) => self.export(options.site));
    try {
      for await (const chunk of source) {
        check.push(chunk);
        await take(decoder.decode(chunk, { stream: true }));
        bytes += chunk.length;
        terminal.progress(message('backup.progress', { megabytes: (bytes / 1e6).toFixed(1) }));
      }
      return JSON.parse(check.finish());
    } catch (error) {
      throw client.explainDownload(error);
    } finally {
      check.free();
    }
  });
}
