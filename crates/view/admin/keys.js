/* Keys: from an event of the keyboard to the command that the page names for it. */

/** Commands that act on comments. A held key repeats, and must not act on one comment after the other. */
const MOVES = ['next', 'previous'];

/** Elements in which letters are typed. A box to tick is none. */
const TYPING = 'input:not([type=checkbox],[type=radio],[type=submit],[type=button]),textarea,select,[contenteditable=""],[contenteditable=true]';

/**
 * The name of the pressed key, as the table of keys writes it: `a`, `!`, `Shift+X`, `Ctrl+Z`. Empty for a key with another modifier.
 *
 * Layouts of other scripts have no Latin letters, so the place of the key counts there.
 */
export const keyName = ({ key, code = '', shiftKey, ctrlKey, metaKey, altKey }) => {
  if (altKey) return '';
  let name = key || '';
  if (name.length == 1 && name > '~') {
    if (/^Key[A-Z]$/.test(code)) name = code.slice(3).toLowerCase();
    else if (/^Digit[0-9]$/.test(code) && !shiftKey) name = code.slice(5);
    else if (code == 'Slash') name = shiftKey ? '?' : '/';
  }
  const isLetter = /^[a-z]$/i.test(name);
  if (ctrlKey || metaKey) return isLetter && !shiftKey ? 'Ctrl+' + name.toUpperCase() : '';
  if (!isLetter) return name;
  return shiftKey ? 'Shift+' + name.toUpperCase() : name.toLowerCase();
};

/** The commands by the names of their keys, from the rows of the help. */
export const readCommands = (rows) => {
  const commands = new Map();
  for (const { command, keys } of rows) for (const key of keys.split(' ')) commands.set(key, command);
  return commands;
};

/**
 * The command of an event, or nothing if the key belongs to something else: to a field, a dialog, an input method, the browser, or to the
 * link or button that has the focus.
 */
export const commandOf = (event, commands, isDialogOpen) => {
  if (event.defaultPrevented || event.isComposing || event.keyCode == 229 || isDialogOpen) return undefined;
  const { target } = event;
  if (target && target.matches && target.matches(TYPING)) return undefined;
  const name = keyName(event);
  if (name == 'Enter' && target && target.matches && target.matches('a,button,summary,input,label')) return undefined;
  const command = commands.get(name);
  return event.repeat && !MOVES.includes(command) ? undefined : command;
};
