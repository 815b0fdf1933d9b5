// The lock of a data folder: a socket in it on which the runtime listens while it runs.

import { renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Failure } from '../failure.js';

const NAME = 'lock';

/** True where the runtime itself can listen on a socket in a folder. */
export const hasSocketFiles = process.platform !== 'win32';

/**
 * Fails if another process uses the folder, which is the working directory. A socket that a killed process left is removed.
 *
 * On Windows this process holds the lock, as a named pipe; it ends with the process.
 */
export async function checkLock(folder) {
  if (!hasSocketFiles) return lockPipe(folder);
  // Moved away first: the socket of a process that starts at this moment must not be deleted.
  const found = join(folder, `${NAME}.${process.pid}`);
  try {
    renameSync(join(folder, NAME), found);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (await isListening(`${NAME}.${process.pid}`)) {
    renameSync(found, join(folder, NAME));
    throw new Failure('serve.locked', { folder });
  }
  rmSync(found, { force: true });
}

/** Tries to connect. The path is relative, as a socket's path may have about a hundred bytes only. */
function isListening(path) {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function lockPipe(folder) {
  const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', () => reject(new Failure('serve.locked', { folder })));
    server.listen(`\\\\.\\pipe\\afterword-${name}`, () => {
      server.unref();
      resolve();
    });
  });
}

/** Fails if another program listens on the port. */
export function checkPort(host, port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => reject(new Failure('serve.port', { host, port, reason: error.code ?? error.message })));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
  });
}
