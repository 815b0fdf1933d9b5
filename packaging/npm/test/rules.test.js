// The cases that the rules pass natively too: `crates/transfer/tests/rules.rs` reads the same table.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadTools } from '../cli/tools.js';

const TABLE = new URL('../../../crates/transfer/tests/cases/rules.json', import.meta.url);
const cases = JSON.parse(readFileSync(TABLE, 'utf8'));
const tools = await loadTools();

/** Compares a result with the field `name` of a case, or its error with `error`. */
function check(entry, name, make) {
  if (entry.error === undefined) assert.deepEqual(make(), entry[name]);
  else assert.throws(make, { message: entry.error });
}

test('export files', () => {
  for (const entry of cases.export_files) {
    check(entry, 'summary', () => {
      const reader = new tools.ExportFile();
      reader.push(Buffer.from(entry.text));
      return JSON.parse(reader.finish());
    });
  }
});

test('uploads', () => {
  for (const { lines, length, chunks } of cases.uploads) {
    // A file has uploads only if it is an export, so the lines are wrapped in one.
    const header = '{"afterword":2,"site":"https://blog.example","last":0}';
    const reader = new tools.ExportFile(header);
    reader.push(Buffer.from(`${header}\n${`${'x'.repeat(length)}\n`.repeat(lines)}`));
    assert.throws(() => reader.finish(), /closing line/);
    const found = [];
    for (let chunk = reader.nextChunk(); chunk; chunk = reader.nextChunk()) found.push([chunk.first, chunk.last]);
    // Without a closing line, the last upload is not complete.
    assert.deepEqual(found, chunks.slice(0, found.length));
    assert.ok(found.length >= chunks.length - 1);
  }
});

test('totals', () => {
  for (const entry of cases.totals) {
    const totals = new tools.Totals();
    for (const response of entry.responses) totals.add(JSON.stringify(response));
    assert.equal(totals.describe(entry.dry_run), entry.text);
  }
});

test('moves', () => {
  for (const entry of cases.moves) {
    check(entry, 'requests', () => {
      const plan = tools.Remap.fromList(Buffer.from(entry.list), entry.site ?? undefined);
      assert.equal(plan.unchanged, entry.unchanged);
      assert.deepEqual(JSON.parse(plan.hosts()).map(({ address }) => address), entry.hosts);
      return JSON.parse(plan.requests());
    });
  }
});

test('previews', () => {
  for (const entry of cases.previews) assert.equal(tools.describePreview(JSON.stringify(entry.steps), entry.all), entry.text);
});
