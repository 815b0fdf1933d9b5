// Help texts, made from the table of commands.

const WIDTH = 78;

/** The help of the program. */
export function overview(commands) {
  const rows = commands.map((command) => [command.name, command.summary]);
  return [
    'afterword: comments for your blog',
    '',
    'Usage: afterword COMMAND …',
    '',
    'Commands:',
    table(rows),
    '',
    '“afterword help COMMAND” explains one of them.',
  ].join('\n');
}

/** The help of one command. */
export function commandHelp(command) {
  const parts = [`${command.summary}.`, '', `Usage: ${usage(command)}`];
  if (command.description) parts.push('', ...command.description.map((text) => wrap(text, 0)));
  const named = command.arguments.map((argument) => [argument.name, argument.summary]);
  if (named.length > 0) parts.push('', 'Arguments:', table(named));
  const options = Object.entries(command.options).map(([name, option]) => [flag(name, option), option.summary]);
  parts.push('', 'Options:', table([...options, ['-h, --help', 'Print this help']]));
  if (command.examples) parts.push('', 'Examples:', ...command.examples.map((line) => `  ${line}`));
  return parts.join('\n');
}

function usage(command) {
  const words = command.arguments.map((argument) => {
    const name = argument.multiple ? `${argument.name}…` : argument.name;
    return argument.required ? name : `[${name}]`;
  });
  const required = Object.entries(command.options).filter(([, option]) => option.required);
  const flags = required.map(([name, option]) => flag(name, option));
  return ['afterword', command.name, ...words, ...flags, '[OPTIONS]'].join(' ');
}

function flag(name, option) {
  const value = option.type === 'string' ? ` ${option.value}` : '';
  return `${option.short ? `-${option.short}, ` : ''}--${name}${value}`;
}

function table(rows) {
  const width = Math.min(26, Math.max(...rows.map(([name]) => name.length)));
  const indent = width + 4;
  return rows
    .map(([name, text]) => {
      const lines = wrap(text, indent).trimStart();
      return name.length > width ? `  ${name}\n${' '.repeat(indent)}${lines}` : `  ${name.padEnd(width)}  ${lines}`;
    })
    .join('\n');
}

function wrap(text, indent) {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n');
}
