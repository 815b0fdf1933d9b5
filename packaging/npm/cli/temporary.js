// Temporary files with private data. Elsewhere than on Windows they lose their names as soon as they are open, so nothing is left of them even if the
// program is killed.

import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates an empty temporary file. Returns its handle and a function that closes and deletes it. */
export function temporaryFile() {
  const folder = mkdtempSync(join(tmpdir(), 'afterword-'));
  const handle = openSync(join(folder, 'data'), 'wx+', 0o600);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  if (process.platform !== 'win32') {
    remove();
    return { handle, close: () => closeSync(handle) };
  }
  const stop = () => process.exit(130);
  process.once('exit', remove).once('SIGINT', stop);
  const close = () => {
    process.off('exit', remove).off('SIGINT', stop);
    closeSync(handle);
    remove();
  };
  return { handle, close };
}
