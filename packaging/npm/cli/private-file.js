// Files with private data, such as e-mail addresses: only their owner can read them, and they appear only when they are complete.

import { open, rename, rm } from 'node:fs/promises';
import { Failure } from './failure.js';

const MODE = 0o600;
const BUFFER_BYTES = 1 << 16;

/**
 * Writes a file through a function that gets `write(text)`. The file takes its name when the function is done; until then, and if it fails, a file that
 * already has this name stays as it is. On Windows the permissions are those of the folder.
 */
export async function writePrivately(file, fill) {
  const part = `${file}.part`;
  const handle = await create(part, file);
  try {
    const result = await fillFile(handle, fill);
    await handle.sync();
    await handle.close();
    await rename(part, file);
    return result;
  } catch (error) {
    await handle.close().catch(() => {});
    // An incomplete file must not be mistaken for a whole one.
    await rm(part, { force: true });
    throw isSystemError(error) ? new Failure('file.unwritable', { file, reason: error.message }) : error;
  }
}

async function create(part, file) {
  try {
    // What a killed run left may have other permissions, or be a link to a file of somebody else.
    await rm(part, { force: true });
    return await open(part, 'wx', MODE);
  } catch (error) {
    throw new Failure('file.unwritable', { file, reason: error.message });
  }
}

async function fillFile(handle, fill) {
  let buffer = '';
  const flush = async () => {
    await handle.writeFile(buffer);
    buffer = '';
  };
  const result = await fill(async (text) => {
    buffer += text;
    if (buffer.length >= BUFFER_BYTES) await flush();
  });
  await flush();
  return result;
}

function isSystemError(error) {
  return typeof error?.syscall === 'string';
}
