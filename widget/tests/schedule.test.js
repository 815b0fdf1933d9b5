/* The rules for visits and for requests for new comments, and identifiers, run by Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PollSchedule } from '../thread/live.js';
import { continueVisit } from '../thread/news.js';
import { createAuthorKey, createUuid } from '../thread/submit.js';

const MINUTE = 60 * 1000;

test('nothing is new without a memory', () => {
  assert.deepEqual(continueVisit({}, { 1: 7 }, 1000), { at: 1000, seen: { 1: 7 }, before: {} });
  for (const seen of ['7', -1, 1.5, null, 2 ** 60, { 1: '7' }, { 1: -1 }]) {
    assert.deepEqual(continueVisit({ at: 0, seen }, { 1: 7 }, 1000).before, {}, JSON.stringify(seen));
  }
});

test('visit ends half an hour after the page was hidden', () => {
  const stored = { at: 0, seen: { 1: 7 }, before: { 1: 3 } };
  const [same, next] = [29, 30].map((minutes) => continueVisit(stored, { 1: 9 }, minutes * MINUTE));
  assert.deepEqual(same, { at: 29 * MINUTE, seen: { 1: 9 }, before: { 1: 3 } });
  assert.deepEqual(next, { at: 30 * MINUTE, seen: { 1: 9 }, before: { 1: 7 } });
});

test('clock that was turned back begins another visit', () => {
  assert.deepEqual(continueVisit({ at: 100 * MINUTE, seen: { 1: 7 }, before: { 1: 3 } }, { 1: 9 }, 0).before, { 1: 7 });
});

test('stale page does not make comments new again', () => {
  assert.deepEqual(continueVisit({ at: 0, seen: { 1: 9 }, before: { 1: 3 } }, { 1: 7 }, MINUTE).seen, { 1: 9 });
});

test('only the pages that were drawn count as seen', () => {
  const stored = { at: 0, seen: { 1: 7 }, before: {} };
  const visit = continueVisit(stored, { 1: 9, 2: 9 }, 60 * MINUTE);
  assert.deepEqual(visit, { at: 60 * MINUTE, seen: { 1: 9, 2: 9 }, before: { 1: 7 } });
});

test('requests are a minute apart, then twice as long, and at most ten', () => {
  const schedule = new PollSchedule(0);
  const times = [];
  let now = 0;
  for (let wait; (wait = schedule.wait(now)) !== undefined; ) {
    now += wait;
    times.push(now / MINUTE);
    schedule.poll(now);
  }
  assert.deepEqual(times, [1, 3, 7, 15, 30, 45, 60, 75, 90, 105]);
});

test('there are at most ten requests in the first hour, whatever the reader does', () => {
  const schedule = new PollSchedule(0);
  let polls = 0;
  for (let now = 0; now < 60 * MINUTE; now += 1000) {
    if (now % (3 * MINUTE) == 0) schedule.return(now, 2 * MINUTE);
    if (schedule.wait(now) === 0) {
      schedule.poll(now);
      polls += 1;
    }
  }
  assert.equal(polls, 10);
});

test('thread is requested on return after two minutes', () => {
  const schedule = new PollSchedule(0);
  schedule.return(30 * 1000, 119 * 1000);
  assert.equal(schedule.wait(30 * 1000), 30 * 1000);
  schedule.return(30 * 1000, 120 * 1000);
  assert.equal(schedule.wait(30 * 1000), 0);
});

test('submissions have version 4 UUIDs, and keys 128 bits', () => {
  const [one, other] = [createUuid(), createUuid()];
  assert.match(one, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(one, other);
  assert.match(createAuthorKey(), /^[0-9a-f]{32}$/);
});
