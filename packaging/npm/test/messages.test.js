// The page “What went wrong” has every message. `UPDATE=1` writes them.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { MESSAGES } from '../cli/messages.js';

const PAGE = new URL('../../../docs/src/what-went-wrong.md', import.meta.url);
const [START, END] = ['<!-- messages -->\n', '<!-- /messages -->\n'];

test('the documentation has every message', () => {
  const page = readFileSync(PAGE, 'utf8');
  const [before, rest] = page.split(START);
  const after = rest.slice(rest.indexOf(END));
  const texts = Object.values(MESSAGES).map((text) => text.trim().split('\n').map((line) => `    ${line}`.trimEnd()).join('\n'));
  const expected = `${before}${START}\n${texts.join('\n\n')}\n\n${after}`;
  if (process.env.UPDATE) writeFileSync(PAGE, expected);
  else assert.equal(page, expected, 'run with UPDATE=1');
});
