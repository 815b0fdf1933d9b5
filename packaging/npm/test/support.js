// Runs the program as an owner does, in this process, and records its output.

import { createServer } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { run } from '../cli/main.js';

/** Runs a command line. Returns its exit code and output. */
export async function afterword(words, { env = {}, cwd = process.cwd(), input = '' } = {}) {
  const output = { stdout: '', stderr: '' };
  const sink = (name) =>
    new Writable({
      write(chunk, _encoding, done) {
        output[name] += chunk;
        done();
      },
    });
  const host = { env, cwd, stdin: Readable.from([input]), stdout: sink('stdout'), stderr: sink('stderr'), retryDelays: [1, 1] };
  const exit = await run(words, host);
  return { exit, ...output };
}

/** Starts a server on this machine. Returns its address and a function that stops it. */
export async function serve(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { address: `http://127.0.0.1:${server.address().port}`, stop };
}
