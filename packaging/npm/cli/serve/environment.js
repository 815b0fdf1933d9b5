// Files with one `NAME=value` on each line, which systemd, Docker and this program read alike: no quotes, no escapes.

// Parses a file. Empty lines and those that begin with `#` are comments. Throws an `Error` whose message names the line.
export const parseEnvironment = (content) => {
  const values = {};
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) {
      continue;
    }
    const [, name, value] = /^([A-Z_][A-Z0-9_]*)\s*=(.*)$/.exec(text) ?? [];
    if (name === undefined) {
      throw new Error(`line ${index + 1} is not \`NAME=value\``);
    }
    values[name] = value.trim();
  }
  return values;
};

// The line of a value. Throws an `Error` for a value that no line can hold.
export const environmentLine = (name, value) => {
  if (/[\r\n]/.test(value)) {
    throw new Error(`${name} has a line break`);
  }
  return `${name}=${value.trim()}\n`;
};
