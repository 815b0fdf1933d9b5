// All messages of the program, by their ids. A test compares those that the documentation quotes.

import { HOSTING_MESSAGES } from './hosting-messages.js';

/** The texts. `{name}` stands for a value. */
export const MESSAGES = {
  ...HOSTING_MESSAGES,
  unexpected: 'this should not happen: {reason}. Run it again with AFTERWORD_DEBUG=1 for details',
  interrupted: 'stopped',
  'terminal.needed': 'nobody can answer here: {question}',

  'usage.command': 'there is no command “{name}”; “afterword help” lists them',
  'usage.option': '{reason}; see “afterword help {command}”',
  'usage.missing_option': '--{option} is missing; see “afterword help {command}”',
  'usage.choice': '--{option} must be one of {choices}; see “afterword help {command}”',
  'usage.missing_argument': '{argument} is missing; see “afterword help {command}”',
  'usage.extra_argument': '“{argument}” is one argument too many; see “afterword help {command}”',

  'worker.missing': 'the address of your Worker is missing: write --worker https://…, set {variable}, or run this in the folder of {file}',
  'worker.no_address': '“{address}” is not an address; write https://…',
  'worker.bad_address': '“{address}” is not the address of a Worker; write https:// and its name, without a path',
  'worker.not_https': '“{address}”: the secret is sent by https only',
  'settings.malformed': '{file} is not JSON; correct it, or write --worker https://…',

  'secret.missing': 'the secret is missing: set {variable} to that of a moderator, without the name before it, or write --secret-file FILE',
  'secret.readable': 'others can read {file}; run “chmod 600 {file}” first',
  'secret.empty_file': '{file} is empty; it should hold your secret',

  'file.unreadable': 'cannot read {file}: {reason}',
  'file.unwritable': 'cannot write {file}: {reason}',

  'call.failed': '{address}: {reason}',
  'call.gave_up': '{address}: {reason}\n{hint}',
  'call.retry': '{address}: {reason}; retry in {seconds} s',
  'call.silent': 'no data for two minutes',
  'call.too_long': 'the response is too long',
  'call.foreign': 'the response is not from Afterword',
  'call.status': 'the response has status {status} and is not from Afterword',
  'call.unauthorized': 'the secret is not that of a moderator there. {variable} holds the secret alone, without the name before it',
  'call.unknown_site':
    'the blog is not served there: name it in SITES, as a site of its own or, if the blog has moved, beside its new name',
  'call.bad_query': 'the Worker serves several blogs: choose one with --site',
  'call.not_found': 'the Worker does not have this function; is it an older version?',

  'call.download': '{address}: the response is not a whole export; try again ({reason})',

  'tools.broken': 'the installation is incomplete: {reason}. Install the package again',

  'backup.progress': '{megabytes} MB',
  'backup.hint': 'Nothing was written. Run the same command again.',
  'backup.done': '{comments} comments of {site} in {file}',

  'upload.progress': '{done} of {total} lines',
  'upload.lines': '{done} lines',
  'upload.hint': 'The first {lines} lines have arrived. Run the same command again: it skips them.',
  'upload.dry_hint': 'Nothing was stored. Run the same command again.',

  'restore.no_export': '{file}: {reason}',

  'import.no_files': 'there is no file to read',
  'import.too_many_files': 'there are more than {max} files; name the folder of the export',
  'import.no_site': '--site is missing: the address of your blog, such as https://blog.example',
  'import.one_export': 'an export of Afterword is one file; name it alone',
  'import.partitions': 'the file has several sites; choose one with --partition NAME\n{list}',
  'import.bad_zone': '“{zone}” is no time zone; write it as in +01:00',
  'import.format': 'the file is: {label}',
  'import.reading': 'reading: {percent} %, {comments} comments',
  'import.unplaced': '{count} posts have no address. Run it with --dry-run --map FILE, fill in the column “to”, and run it again with the same file',
  'import.table': 'the table of addresses is in {file}. Correct it, and run the same command again',
  'import.confirm': 'Import {count} comments to {site}? [y/N]',
  'import.not_compared': 'To compare this with what is there already, give the Worker and the secret too.',
  'import.dry_run': 'Nothing was stored. To import, run the same command again without --dry-run.',
  'import.done': 'The comments are at {site}. Readers see them within some minutes.',
  'import.failed': '{reason}',

  'export.done': '{comments} comments in {file}',
  'export.failed': 'the export cannot be converted: {reason}',

  'remap.selection': 'write either --from and --to, or --list, or --prefix-from and --prefix-to; see “afterword help remap”',
  'remap.wrong': '{reason}',
  'remap.unchanged': 'left out, since they have no new address: {lines} lines',
  'remap.preview': 'Nothing has changed. To apply this, run the same command again with --apply.',
  'remap.progress': '{done} of {total} addresses',
  'remap.nothing': 'Nothing was moved.',
  'remap.hint': 'Posts that have moved stay moved. Run the same command again to continue.',

  'moderators.bad_name': '“{name}” is no name of a moderator: use 1 to 32 letters, digits, “_”, “.” or “-”',
  'moderators.bad_host': '“{host}” is not the host of a blog; write it as in blog.example',
  'moderators.made':
    'Secret of {name}, with which they sign in: {secret}\n' +
    'Add this entry to the variable ADMIN_SECRETS of your Worker, after the others and a space:\n{entry}\n' +
    'Nothing is stored here. Keep the secret; nobody can show it again.',

  'verify.no_build': '{file} is not the build.json of a release',
  'verify.progress': '{done} of {total} files',
  'verify.absent': 'missing: {path}',
  'verify.changed': 'different: {path}',
  'verify.same': 'All {total} files at {address} are those of version {version}.',
  'verify.differs': '{count} of {total} files are not those of version {version}. Another version may be deployed.',
};

/** Returns a message with its values. */
export function message(id, values = {}) {
  const text = MESSAGES[id];
  if (text === undefined) throw new Error(`there is no message ${id}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => {
    if (!Object.hasOwn(values, name)) throw new Error(`the message ${id} lacks ${name}`);
    return printable(String(values[name]));
  });
}

/** Replaces control characters: a file or an answer must not steer the terminal. Newlines stay. */
export function printable(text) {
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}
