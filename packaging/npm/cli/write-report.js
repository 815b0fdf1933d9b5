// The report of a converted export: what the other format cannot hold.

const LINES = [
  ['threads', 'posts'],
  ['comments', 'comments'],
  ['tombstones', 'deleted comments that stay because they have replies'],
  ['left_out_deleted', 'deleted comments are left out'],
  ['left_out_pending', 'comments that wait for a moderator are left out'],
  ['not_in_order_of_time', 'comments are older than the one before them, and may stand elsewhere'],
  ['lost_badges', 'badges of the owner are lost'],
  ['lost_pins', 'pins are lost'],
  ['lost_votes', 'comments lose their votes'],
  ['lost_edits', 'times of edits are lost'],
  ['lost_websites', 'websites of authors are lost'],
  ['lost_lines', 'other lines are left behind: settings, bans, the log, former addresses, reactions, reports'],
];

/** Formats the report of a conversion. */
export function textWriteReport(report) {
  return LINES.filter(([name]) => report[name] > 0)
    .map(([name, text]) => `${String(report[name]).padStart(9)}  ${text}\n`)
    .join('');
}
