/* The rules for the reader's own comments, run by Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { OwnComments, ownCommentState } from '../thread/own-comments.js';

const DAY = 24 * 60 * 60;
const CREATED = 1321000000;

/** The stored form of a posted comment. If it changes, the widget must still be able to read this one. */
const posted = (status, version, id = 7) => ({
  comment: {
    id,
    parent: null,
    author: { name: 'Ada', website: null, owner: false, mark: 'k3f9' },
    html: '<p>Hi</p>',
    created: CREATED,
    edited: null,
    votes: 0,
    pinned: false,
    deleted: false,
  },
  status,
  version,
});

const check = (own, isOnPage, [version, isComplete], days, expected, isBelowShown = false) =>
  assert.equal(ownCommentState(own, isOnPage, isBelowShown, { version, isComplete }, CREATED + days * DAY), expected);

test('own comment is displayed until the page has it', () => {
  const own = posted('published', 5);
  check(own, false, [4, true], 0, 'display');
  check(own, false, [4, false], 0, 'display');
  check(own, true, [5, true], 0, 'discard');
  check(own, true, [6, false], 0, 'discard');
});

test('edited comment replaces that of an older page', () => {
  for (const status of ['published', 'pending']) {
    check(posted(status, 5), true, [4, true], 0, 'display');
    check(posted(status, 5), true, [5, true], 0, 'discard');
  }
});

test('comment missing from a newer page is discarded', () => {
  check(posted('published', 5), false, [5, true], 0, 'discard');
  check(posted('published', 5), false, [9, true], 0, 'discard');
});

test('comment on a page not yet loaded is kept hidden', () => {
  check(posted('published', 5), false, [5, false], 0, 'hide');
  check(posted('published', 5), true, [5, false], 0, 'discard');
});

test('reply on a page not yet loaded stays below its parent', () => {
  check(posted('published', 5), false, [5, false], 0, 'display', true);
  check(posted('published', 5), false, [5, true], 0, 'discard', true);
});

test('pending comment is displayed for 30 days', () => {
  const own = posted('pending', 5);
  check(own, false, [9, true], 29, 'display');
  check(own, false, [9, false], 30, 'display');
  check(own, false, [9, true], 31, 'discard');
  check(own, true, [9, true], 0, 'discard');
});

test('clock behind the Worker discards nothing', () => {
  check(posted('pending', 5), false, [5, true], -400 / DAY, 'display');
});

test('at most 50 comments are stored, and each once', () => {
  const values = new Map();
  const storage = {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, value),
    removeItem: (key) => values.delete(key),
  };
  const own = new OwnComments('u', storage);
  for (let id = 1; id <= 60; id += 1) own.store(posted('pending', 5, id));
  own.store(posted('published', 6, 60));
  const ids = own.load().map(({ comment }) => comment.id);
  assert.deepEqual(ids, Array.from({ length: 50 }, (_, index) => index + 11));
  own.remove(ids);
  assert.equal(values.size, 0);
  values.set('afterword:own:u', '[{"comment":null},{"comment":{"id":"1"}},3,null,{"comment":{"id":0}}]');
  assert.deepEqual(own.load(), []);
});
