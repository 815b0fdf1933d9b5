/* The third step: what will come, and what will be lost. */
import { create } from '../page.js';
import { counted, facts, folded, foreign, number, t } from './elements.js';
import { problemItem, stateFacts } from './found.js';

const link = (url) => create('a', { href: url, rel: 'noreferrer' }, foreign(url));

const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeZone: 'UTC' });

/** Shows a report. */
export const showReport = (report) => [
  facts([[t('posts'), report.threads], [t('to_import'), report.to_import], ...stateFacts(report.states)]),
  ...leftOut(report),
  notes(report),
  folded('unknown_hosts', report.unknown_hosts.map(({ name, comments }) => [foreign(name), ` (${counted('n_comments', comments)})`]), report.unknown_hosts.length),
  folded(
    'unplaced',
    report.without_address.map(({ from, title, comments }) => [foreign(title || from), ` (${counted('n_comments', comments)})`]),
    report.without_address_count,
  ),
  folded('merged', report.merged.map(({ url, from }) => [link(url), ' ← ', foreign(from.join(', '))]), report.merged_count),
  folded('guessed', report.guessed_dates.map(({ thread, time }) => [link(thread), `: ${day.format(time * 1000)}`]), report.guessed_date_count),
  folded('markup', report.dropped_markup.map(({ name, comments }) => [foreign(name), ` (${counted('n_comments', comments)})`]), report.dropped_markup.length),
  folded('problems', report.problems.map(problemItem), report.problem_count),
];

const leftOut = ({ left_out: reasons, read, to_import: coming }) => {
  if (!reasons.length) return [create('p', {}, t('all_come', { n: number(read) }))];
  const rows = reasons.map(({ reason, comments }) => [t(`left.${reason}`), comments]);
  return [create('h4', {}, t('left_out', { n: number(read - coming), all: number(read) })), facts(rows)];
};

/** Sentences about what changes and what is left behind. */
const notes = (report) => {
  const { changed } = report;
  const items = [
    ['tombstones', report.tombstones],
    ['continuations', report.continuations],
    ['orphans', report.orphans + report.parents_elsewhere],
    ['cycles', report.cycles],
    ['owner_comments', report.owner_comments],
    ['without_zone', report.without_zone],
    ['names_cut', changed.names_cut],
    ['emails_dropped', changed.emails_dropped],
    ['websites_dropped', changed.websites_dropped],
    ['votes_dropped', changed.votes_dropped],
  ];
  const lost = report.lost.map(({ field, count }) => t('lost', { what: t(`field.${field}`), n: number(count) }));
  const texts = items.filter(([, count]) => count).map(([key, count]) => counted(key, count));
  const all = [...texts, ...lost];
  return all.length ? create('ul', {}, ...all.map((text) => create('li', {}, text))) : '';
};
