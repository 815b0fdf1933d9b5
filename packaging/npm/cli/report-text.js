// The report of an import as plain text, for the owner's files. The import page of the moderators links this module too.

const REASONS = {
  repeated_id: 'another record has the same id',
  other_partition: 'they belong to another site in the file',
  no_thread: 'their post is not in the file',
  draft_post: 'their post is a draft',
  private_post: 'their post is private',
  deleted_post: 'their post is deleted',
  left_out_host: 'their post is at an address that is left out',
  unknown_host: 'the host of their post is neither the blog nor an alias',
  left_out_by_table: 'the table of addresses leaves their post out',
  no_address: 'the address of their post is not known',
  deleted: 'they are deleted',
  spam: 'they are spam',
  private: 'they were never for readers',
  pingback: 'they are pingbacks',
  other: 'they are no comments',
  no_text: 'they have no text',
};

const FIELDS = {
  network_addresses: 'addresses of networks',
  user_agents: 'names of browsers',
  avatars: 'pictures of authors',
  votes: 'votes',
  reactions: 'reactions',
  edits: 'earlier texts of edited comments',
  subscriptions: 'subscriptions',
  accounts: 'accounts of authors',
  badges: 'badges and labels',
  reports: 'reports of readers',
  metadata: 'data of plugins',
  unusable_emails: 'e-mail addresses that are hashes or shared by many',
};

const FAULTS = {
  no_id: 'no id',
  repeated_id: 'an id that another record has',
  no_thread: 'no post',
  bad_field: 'a field that cannot be read',
  too_large: 'too large',
  too_deep: 'nested too deeply',
};

const NOTES = [
  ['tombstones', 'comments that are left out, but stand as “deleted” because replies to them come'],
  ['continuations', 'replies with the rest of a text that is too long for one comment'],
  ['orphans', 'replies whose parent is not in the file; they become comments of their own'],
  ['parents_elsewhere', 'replies whose parent is under another post; they become comments of their own'],
  ['cycles', 'replies that were parents of each other'],
  ['owner_comments', 'comments that get the badge of the owner'],
  ['guessed_date_count', 'comments without a usable time; they stand beside their neighbours'],
  ['without_zone', 'comments whose time has no zone in the file'],
];

const CHANGES = [
  ['names_cut', 'names that are cut'],
  ['emails_dropped', 'e-mail addresses that are none, and go'],
  ['websites_dropped', 'websites that are none, and go'],
  ['texts_split', 'texts that are split'],
  ['votes_dropped', 'numbers of votes that are out of range, and go'],
];

/** Formats a report. `source` is the name of the format for people; `outcome`, if there is one, has `new` and `known` of a dry run or an import. */
export function textReport(report, source, outcome) {
  const lines = [`Import of ${source} to ${report.site}`, ''];
  const row = (count, text) => lines.push(`${String(count).padStart(9)}  ${text}`);
  row(report.read, 'comments in the file');
  row(report.to_import, 'of them come:');
  for (const [state, count] of Object.entries(report.states)) if (count > 0) row(count, `  ${state}`);
  row(report.read - report.to_import, 'of them are left out:');
  for (const { reason, comments } of report.left_out) row(comments, `  because ${REASONS[reason] ?? reason}`);
  row(report.threads, 'posts with comments');
  if (outcome) {
    row(outcome.new, 'comments are new');
    row(outcome.known, 'comments are there already, and stay as they are');
  }
  section(lines, 'Worth knowing', [...counts(report, NOTES), ...counts(report.changed, CHANGES)]);
  section(lines, 'Left behind', report.lost.map(({ field, count }) => `${count}  ${FIELDS[field] ?? field}`));
  section(lines, 'Hosts that are neither the blog nor an alias', report.unknown_hosts.map(({ name, comments }) => `${name}: ${comments} comments`));
  list(lines, 'Posts without an address', report.without_address, report.without_address_count, ({ from, title, comments }) => `${title || from}: ${comments} comments`);
  list(lines, 'Addresses that are one post now', report.merged, report.merged_count, ({ url, from }) => `${url} ← ${from.join(', ')}`);
  list(lines, 'Times that were guessed', report.guessed_dates, report.guessed_date_count, ({ id, thread, time }) => `${id}, ${thread}: ${new Date(time * 1000).toISOString()}`);
  section(lines, 'Markup that comments do not have; its text stays', report.dropped_markup.map(({ name, comments, samples }) => `${name}: ${comments} comments, such as ${samples.join(', ')}`));
  list(lines, 'Records with faults', report.problems, report.problem_count, describeProblem);
  return `${lines.join('\n')}\n`;
}

function counts(values, table) {
  return table.filter(([name]) => values[name] > 0).map(([name, text]) => `${values[name]}  ${text}`);
}

function section(lines, title, items) {
  if (items.length > 0) lines.push('', title, ...items.map((item) => `  ${oneLine(item)}`));
}

function list(lines, title, items, count, describe) {
  section(lines, `${title} (${count})`, items.map(describe));
  if (items.length > 0 && count > items.length) lines.push(`  and ${count - items.length} more`);
}

/** The place and the fault of a record. */
export function describeProblem({ file, position, kind }) {
  const [[unit, value] = []] = Object.entries(position ?? {});
  return `${file}${unit === undefined ? '' : `, ${unit} ${value}`}: ${FAULTS[kind] ?? kind}`;
}

/** Texts of a file must not make lines of their own, nor steer a terminal. */
function oneLine(text) {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, ' ');
}
