/* The rules for visits and for requests for new comments, and identifiers, run by Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PollSchedule } from '../thread/live.js';
import { continueVisit } from '../thread/news.js';
import { createAuthorKey, createUuid } from '../thread/submit.js';

const MINUTE = 60 * 1000;

test('nothing is new without a memory', () => {
  assert.deepEqual(continueVisit({}, 7, 1000), { seen: 7, at: 1000 });
  for (const seen of ['7', -1, 1.5, null, 2 ** 60]) {
    assert.deepEqual(continueVisit({ seen, at: 0 }, 7, 1000), { seen: 7, at: 1000 }, String(seen));
  }
});

test('visit ends half an hour after the page was hidden', () => {
  const stored = { seen: 7, at: 0, before: 3 };
  assert.deepEqual(continueVisit(stored, 9, 29 * MINUTE), { seen: 9, at: 29 * MINUTE, before: 3 });
  assert.deepEqual(continueVisit(stored, 9, 30 * MINUTE), { seen: 9, at: 30 * MINUTE, before: 7 });
});

test('clock that was turned back begins another visit', () => {
  assert.equal(continueVisit({ seen: 7, at: 100 * MINUTE, before: 3 }, 9, 0).before, 7);
});

test('stale page does not make comments new again', () => {
  assert.equal(continueVisit({ seen: 9, at: 0, before: 3 }, 7, MINUTE).seen, 9);
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
