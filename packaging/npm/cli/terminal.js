// Output for people: results on standard output, progress and errors on standard error.
//
// On a terminal, progress is one line that is written again. Elsewhere, such as in a log, it is a plain line at most every five seconds. There are no
// colours: nothing here needs them, and a log with escape sequences is hard to read.

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Failure } from './failure.js';

const REDRAW_MS = 100;
const PLAIN_MS = 5_000;

/** Creates the output of a command. `now` is a clock in milliseconds. */
export function createTerminal({ stdin, stdout, stderr, now = () => Date.now() }) {
  const redraws = Boolean(stderr.isTTY);
  let drawn = false;
  let last = -Infinity;

  function clear() {
    if (drawn) stderr.write('\r\x1b[K');
    drawn = false;
  }

  return {
    /** True if a person can answer questions. */
    isInteractive: Boolean(stdin.isTTY && stderr.isTTY),

    /** Prints a result. */
    print(text) {
      clear();
      stdout.write(`${text}\n`);
    },

    /** Prints something that the owner should know now. */
    note(text) {
      clear();
      stderr.write(`afterword: ${text}\n`);
    },

    /** Prints an error. */
    complain(text) {
      clear();
      stderr.write(`afterword: ${text}\n`);
    },

    /** Shows the present state of a long task. Calls that follow each other quickly are left out. */
    progress(text) {
      const time = now();
      if (time - last < (redraws ? REDRAW_MS : PLAIN_MS)) return;
      last = time;
      if (!redraws) {
        stderr.write(`afterword: ${text}\n`);
        return;
      }
      const columns = stderr.columns ?? 80;
      stderr.write(`\r\x1b[K${[...text].slice(0, columns - 1).join('')}`);
      drawn = true;
    },

    /** Asks a question. The answer is not shown while it is typed if it is `hidden`. */
    ask(question, { hidden = false } = {}) {
      clear();
      return ask({ stdin, stderr }, question, hidden);
    },

    close: clear,
  };
}

function ask({ stdin, stderr }, question, hidden) {
  if (!stdin.isTTY) throw new Failure('terminal.needed', { question });
  stderr.write(`${question} `);
  const output = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) stderr.write(chunk);
      done();
    },
  });
  const reader = createInterface({ input: stdin, output, terminal: true });
  return new Promise((resolve, reject) => {
    let answered = false;
    reader.once('line', (line) => {
      answered = true;
      reader.close();
      resolve(line.trim());
    });
    reader.once('close', () => {
      stderr.write(hidden ? '\n' : '');
      if (!answered) reject(new Failure('interrupted', {}, 130));
    });
    reader.once('SIGINT', () => reader.close());
  });
}
