// Exit codes, and the error that ends a command with one of them.

import { message } from './messages.js';

/** The exit codes of all commands. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** Not done, or not whole; the message says how to go on. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A comparison found a difference. */
  differs: 3,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
};

/** An error that is explained to the owner. */
export class Failure extends Error {
  /**
   * @param {string} id the id of the message
   * @param {Record<string, unknown>} values the values in it
   * @param {number} exit the exit code
   */
  constructor(id, values = {}, exit = EXIT.failed) {
    super(message(id, values));
    this.name = 'Failure';
    this.id = id;
    this.exit = exit;
  }
}

/** An error of the command line. */
export function usageError(id, values) {
  return new Failure(id, values, EXIT.usage);
}
