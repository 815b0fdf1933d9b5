// `afterword restore`: uploads an export file to a Worker, in chunks.

import { open } from 'node:fs/promises';
import { connect } from '../admin-client.js';
import { Failure } from '../failure.js';
import { message } from '../messages.js';
import { loadTools } from '../tools.js';
import { Upload } from '../upload.js';

const READ_BYTES = 1 << 16;

/** Restores a file. It is read twice, so that nothing is sent unless it is complete. */
export default async function restore(context) {
  const { file } = context.names;
  const dryRun = Boolean(context.options['dry-run']);
  const tools = await loadTools();
  const client = await connect(context);
  const { header, site, lines } = JSON.parse(await readThrough(tools, file, undefined, () => {}));
  const upload = new Upload(context, client, tools, { site: context.options.site ?? site, dryRun, total: lines });
  await readThrough(tools, file, header, (reader) => upload.sendAll(() => reader.nextChunk()));
  context.terminal.print(upload.describe());
}

/** Reads an export file to its end, and calls `each` with the reader after every piece. Returns the summary. */
async function readThrough(tools, file, header, each) {
  const reader = new tools.ExportFile(header);
  let handle;
  try {
    handle = await open(file);
    const buffer = Buffer.alloc(READ_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES);
      if (bytesRead === 0) break;
      reader.push(buffer.subarray(0, bytesRead));
      await each(reader);
    }
    const summary = reader.finish();
    await each(reader);
    return summary;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(error.syscall ? 'file.unreadable' : 'restore.no_export', { file, reason: error.message });
  } finally {
    await handle?.close();
    reader.free();
  }
}
