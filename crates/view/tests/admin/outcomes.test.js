/* The meaning of the Worker's replies, run by Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { arrivals, foreignChanges, isAbout, isDecision, latestNumber, parseItem, readOutcome, shownCount, siteOf, withRevision } from '../../admin/outcomes.js';

test('an item keeps its site when its revision changes', () => {
  assert.deepEqual(parseItem('12:3:https://blog.example:8080'), { id: '12', revision: 3, site: 'https://blog.example:8080' });
  assert.equal(withRevision('12:3:https://blog.example:8080', 4), '12:4:https://blog.example:8080');
  assert.equal(withRevision('12:3:', 4), '12:4:');
});

test('comments of several sites with the same id are told apart', () => {
  const [blog, other] = ['12:3:https://blog.example', '12:1:https://other.example:8080'];
  assert.ok(isAbout(blog, { id: 12, site: 'https://blog.example' }));
  assert.ok(!isAbout(other, { id: 12, site: 'https://blog.example' }));
  assert.ok(!isAbout(blog, { id: 13, site: 'https://blog.example' }));
  assert.ok(isAbout('12:3:', { id: 12, site: 'https://blog.example' }), 'the only site has no name in the page');
  assert.ok(isAbout(blog, { id: 12 }), 'the log of one site');
  assert.ok(isAbout(blog, parseItem(blog)));
  assert.equal(siteOf([blog, '13:1:https://blog.example']), 'https://blog.example');
  assert.equal(siteOf([blog, other]), '', 'an undo asks all sites');
});

test('only what was done here can be undone here', () => {
  assert.deepEqual(readOutcome({ outcome: 'done', revision: 7 }), { isDone: true, isOwn: true, revision: 7 });
  for (const outcome of ['already', 'decided_otherwise', 'changed', 'gone', 'unheard_of']) {
    assert.ok(!readOutcome({ outcome, by: 'ben' }).isOwn, outcome);
  }
});

test('a comment that changed or was decided otherwise is undecided again', () => {
  const otherwise = readOutcome({ outcome: 'decided_otherwise', by: 'ben', state: 'spam', revision: 9 });
  assert.equal(otherwise.isDone, false);
  assert.equal(otherwise.revision, 9, 'a second decision may stand against theirs');
  const changed = readOutcome({ outcome: 'changed', revision: 9 });
  assert.equal(changed.isDone, false);
  assert.equal(changed.revision, undefined, 'nobody has seen the new text');
});

test('what others did last to each comment is shown, and own batches are not', () => {
  const entries = [
    { number: 1, comment: 5, batch: 'a', action: 'spam' },
    { number: 2, comment: 6, batch: 'own', action: 'spam' },
    { number: 3, comment: null, batch: 'b', action: 'set' },
    { number: 4, comment: 5, batch: 'c', action: 'undo' },
    { number: 5, comment: 7, batch: 'c', action: 'approve' },
  ];
  const shown = foreignChanges(entries, new Set(['own']));
  assert.deepEqual(shown.map(({ comment, action }) => [comment, action]), [[5, 'undo'], [7, 'approve']]);
  assert.equal(latestNumber(entries, 0), 5);
  assert.equal(latestNumber([], 8), 8);
});

test('decisions of this page do not hide arrivals', () => {
  assert.equal(arrivals(10, 10, 0), 0);
  assert.equal(arrivals(10, 8, 3), 1);
  assert.equal(arrivals(10, 4, 3), 0, 'others decide too');
});

test('numbers that were not counted to the end have a plus', () => {
  assert.equal(shownCount({ count: 1000, more: true }), '1,000+');
  assert.equal(shownCount({ count: 7 }), '7');
});

test('pinning decides nothing', () => {
  assert.ok(isDecision('approve') && isDecision('keep') && !isDecision('pin'));
});
