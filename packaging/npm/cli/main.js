#!/usr/bin/env node
// The owner's commands: finds the command in the table, parses its arguments, runs it, and turns errors into exit codes.

import { pathToFileURL } from 'node:url';
import { realpathSync } from 'node:fs';
import { COMMANDS, findCommand } from './commands.js';
import { EXIT, Failure } from './failure.js';
import { commandHelp, overview } from './help.js';
import { message } from './messages.js';
import { parseCommand } from './parse.js';
import { createTerminal } from './terminal.js';
import { version } from './version.js';

/**
 * Runs one command line and returns the exit code.
 *
 * @param {string[]} words the arguments, without node and the program
 * @param {object} host what the program uses of its surroundings: `env`, `stdin`, `stdout`, `stderr`, `cwd`,
 *   and `retryDelays` in tests
 */
export async function run(words, host) {
  const terminal = createTerminal(host);
  try {
    return await dispatch(words, { ...host, terminal });
  } catch (error) {
    return report(error, terminal, host.env);
  } finally {
    terminal.close();
  }
}

async function dispatch(words, context) {
  const [name, ...rest] = words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    const about = name === 'help' && rest[0] !== undefined ? findCommand(rest[0]) : undefined;
    context.terminal.print(about ? commandHelp(about) : overview(COMMANDS));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version' || name === '-V') {
    context.terminal.print(version());
    return EXIT.ok;
  }
  const command = findCommand(name);
  const parsed = parseCommand(command, rest);
  if (parsed.help) {
    context.terminal.print(commandHelp(command));
    return EXIT.ok;
  }
  const { default: execute } = await command.load();
  return (await execute({ ...context, ...parsed })) ?? EXIT.ok;
}

function report(error, terminal, env) {
  if (error instanceof Failure) {
    terminal.complain(error.message);
    return error.exit;
  }
  terminal.complain(message('unexpected', { reason: error?.message ?? String(error) }));
  if (env.AFTERWORD_DEBUG && error?.stack) terminal.complain(error.stack);
  return EXIT.failed;
}

/** True if this file is the program, also through the link that npm makes in `node_modules/.bin`. */
function isProgram() {
  const file = process.argv[1];
  return file !== undefined && pathToFileURL(realpathSync(file)).href === import.meta.url;
}

if (isProgram()) {
  const { env, stdin, stdout, stderr } = process;
  stdout.on('error', (error) => process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed));
  process.exitCode = await run(process.argv.slice(2), { env, stdin, stdout, stderr, cwd: process.cwd() });
}
