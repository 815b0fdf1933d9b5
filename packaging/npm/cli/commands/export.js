// `afterword export`: writes a blog's comments for another system.

import { readSync, writeSync } from 'node:fs';
import { connect } from '../admin-client.js';
import { downloadExport } from '../download.js';
import { Failure } from '../failure.js';
import { message } from '../messages.js';
import { writePrivately } from '../private-file.js';
import { temporaryFile } from '../temporary.js';
import { loadTools } from '../tools.js';
import { textWriteReport } from '../write-report.js';
import backup from './backup.js';

/** Downloads the export into a temporary file, and converts it, since a writer reads it twice. */
export default async function exportFile(context) {
  const { names, options, terminal } = context;
  if (options.to === 'jsonl') return backup(context);
  const tools = await loadTools();
  const client = await connect(context);
  const [own, converted] = [temporaryFile(), temporaryFile()];
  try {
    let length = 0;
    await downloadExport(context, client, tools, (text) => {
      length += append(own.handle, Buffer.from(text), length);
    });
    const { report, size } = convert(tools, own.handle, length, converted.handle, options.to);
    await writePrivately(names.file, (write) => copy(converted.handle, size, write));
    terminal.print(textWriteReport(report).trimEnd());
    terminal.print(message('export.done', { comments: report.comments, file: names.file }));
  } finally {
    own.close();
    converted.close();
  }
  return undefined;
}

/** Converts in one synchronous call. */
function convert(tools, source, length, target, format) {
  let size = 0;
  const host = {
    read: (_file, offset, bytes) => readSync(source, bytes, 0, bytes.length, offset),
    write(bytes) {
      size += append(target, bytes, size);
    },
  };
  try {
    return { report: JSON.parse(tools.convertExport(host, length, format)), size };
  } catch (error) {
    throw new Failure('export.failed', { reason: error.message });
  }
}

/** Writes all bytes at an offset, and returns their number. */
function append(handle, bytes, offset) {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at, bytes.length - at, offset + at);
  return bytes.length;
}

async function copy(source, length, write) {
  const [buffer, decoder] = [Buffer.alloc(1 << 20), new TextDecoder()];
  for (let at = 0; at < length; ) {
    const count = readSync(source, buffer, 0, buffer.length, at);
    await write(decoder.decode(buffer.subarray(0, count), { stream: true }));
    at += count;
  }
}
