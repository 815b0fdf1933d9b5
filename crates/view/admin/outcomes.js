/* What the Worker's replies mean for the rows, without the page. */

/** The actions that decide about a comment. Pinning, for example, does not. */
const DECISIONS = ['approve', 'approve_and_trust', 'unpublish', 'spam', 'delete', 'restore', 'keep', 'erase'];

/** Returns true if a comment is decided by an action, so that the next one has its turn. */
export const isDecision = (action) => DECISIONS.includes(action);

/** The parts of a comment as a form sends it: `id:revision:site`. */
export const parseItem = (item) => {
  const [id, revision, ...site] = item.split(':');
  return { id, revision: +revision, site: site.join(':') };
};

/** Returns true if an item names the comment of a result. Comments of several sites may have the same id; without a site the id is enough. */
export const isAbout = (item, result) => {
  const { id, site } = parseItem(item);
  return id == result.id && (!site || !result.site || site == result.site);
};

/** The site of all these items; empty if they are of several. */
export const siteOf = (items) => {
  const sites = new Set(items.map((item) => parseItem(item).site));
  return sites.size == 1 ? [...sites][0] : '';
};

/** The comment as a form sends it, with another revision. */
export const withRevision = (item, revision) => {
  const { id, site } = parseItem(item);
  return [id, revision, site].join(':');
};

/**
 * The meaning of an outcome: `isDone` if the comment is as the moderator wants it, `revision` for the next action on it if it is known,
 * `text` as the key of a text and its parts.
 *
 * After `changed` there is no new revision: the moderator has not seen the new text yet.
 */
export const readOutcome = (result) => {
  switch (result.outcome) {
    case 'done':
      return { isDone: true, isOwn: true, revision: result.revision };
    case 'already':
      return { isDone: true, text: 'already', parts: { name: result.by || '?' } };
    case 'decided_otherwise':
      return { isDone: false, revision: result.revision, text: 'otherwise', parts: { name: result.by, state: result.state } };
    case 'changed':
      return { isDone: false, text: 'changed', needsReload: true };
    default:
      return { isDone: true, text: 'gone' };
  }
};

/** The entries of other moderators, the last one for each comment, in their order. `ownBatches` are those that this page has sent. */
export const foreignChanges = (entries, ownBatches) => {
  const last = new Map();
  for (const entry of entries) {
    if (!entry.comment || ownBatches.has(entry.batch)) continue;
    last.delete(entry.comment);
    last.set(entry.comment, entry);
  }
  return [...last.values()];
};

/** The number of an entry after which the next question begins. */
export const latestNumber = (entries, since) => entries.reduce((latest, entry) => Math.max(latest, entry.number), since);

/** Number of comments that have arrived since the page was loaded, given the number that waited then, waits now, and was decided here. */
export const arrivals = (before, now, decided) => Math.max(0, now - (before - decided));

/** The number that a list shows: `12`, `1,000+`. */
export const shownCount = ({ count, more }) => count.toLocaleString('en') + (more ? '+' : '');
