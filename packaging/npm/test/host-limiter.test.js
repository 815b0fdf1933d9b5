import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ratelimit, limiters } from '../host/limiter.js';

test('each key has a limit in each window', async () => {
  let now = 1_000_000;
  const limiter = new Ratelimit({ limit: 2, period: 10 }, () => now);
  const allowed = async (key) => (await limiter.limit({ key })).success;
  assert.deepEqual([await allowed('a'), await allowed('a'), await allowed('a'), await allowed('b')], [true, true, false, true]);
  now += 10_000;
  assert.equal(await allowed('a'), true);
  now -= 60_000;
  assert.equal(await allowed('a'), true, 'a clock that goes back starts a new window');
});

test('the limits are those of wrangler.toml', async () => {
  const { readFileSync } = await import('node:fs');
  const config = readFileSync(new URL('../../../worker/wrangler.toml', import.meta.url), 'utf8');
  for (const [, name, limit] of config.matchAll(/name = "(\w+_LIMITER)"[^[]*limit = (\d+)/g)) {
    const results = [];
    for (let call = 0; call <= Number(limit); call += 1) results.push((await limiters[name].limit({ key: 'k' })).success);
    assert.deepEqual([results.filter(Boolean).length, results.at(-1), limiters[name].constructor.name], [Number(limit), false, 'Ratelimit'], name);
  }
});
