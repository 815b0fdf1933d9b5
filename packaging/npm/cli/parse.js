// Parses the arguments of a command by its entry in the table.

import { parseArgs } from 'node:util';
import { usageError } from './failure.js';

const HELP = { help: { type: 'boolean', short: 'h' } };

/**
 * Returns `options` and `names` (the positional arguments by their names; one that may be there several times is a list), or `help: true`.
 */
export function parseCommand(command, words) {
  const parsed = parse(command, words);
  if (parsed.values.help) return { help: true };
  const { help: _, ...options } = parsed.values;
  checkRequired(command, options);
  return { help: false, options, names: assign(command, parsed.positionals) };
}

function parse(command, words) {
  const options = { ...HELP };
  for (const [name, option] of Object.entries(command.options)) {
    const { type, short, multiple, default: initial } = option;
    options[name] = { type };
    if (short) options[name].short = short;
    if (multiple) options[name].multiple = true;
    if (initial !== undefined) options[name].default = initial;
  }
  try {
    return parseArgs({ args: words, options, allowPositionals: true, strict: true });
  } catch (error) {
    // The first sentence names the option; what follows is advice for programmers.
    throw usageError('usage.option', { reason: error.message.split('. ')[0], command: command.name });
  }
}

function checkRequired(command, options) {
  for (const [name, option] of Object.entries(command.options)) {
    const value = options[name];
    if (option.required && value === undefined) {
      throw usageError('usage.missing_option', { option: name, command: command.name });
    }
    if (option.choices && value !== undefined && !option.choices.includes(value)) {
      throw usageError('usage.choice', { option: name, choices: option.choices.join(', '), command: command.name });
    }
  }
}

function assign(command, words) {
  const names = {};
  const left = [...words];
  for (const argument of command.arguments) {
    const taken = argument.multiple ? left.splice(0) : left.splice(0, 1);
    if (argument.required && taken.length === 0) {
      throw usageError('usage.missing_argument', { argument: argument.name, command: command.name });
    }
    names[argument.key] = argument.multiple ? taken : taken[0];
  }
  if (left.length > 0) throw usageError('usage.extra_argument', { argument: left[0], command: command.name });
  return names;
}
