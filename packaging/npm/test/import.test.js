import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { loadTools } from '../cli/tools.js';
import { afterword, serve } from './support.js';

const folder = mkdtempSync(join(tmpdir(), 'afterword-import-test-'));
after(() => rmSync(folder, { recursive: true }));
const SITE = ['--site', 'https://blog.example'];
const path = (name) => join(folder, name);

const WXR = 'xmlns:wp="http://wordpress.org/export/1.2/"';
const comment = (id, parent, approved, text) =>
  `<wp:comment><wp:comment_id>${id}</wp:comment_id><wp:comment_author><![CDATA[Ada]]></wp:comment_author>` +
  `<wp:comment_author_email>ada@mail.example</wp:comment_author_email><wp:comment_date_gmt>2012-03-04 05:06:07</wp:comment_date_gmt>` +
  `<wp:comment_content><![CDATA[${text}]]></wp:comment_content><wp:comment_approved>${approved}</wp:comment_approved>` +
  `<wp:comment_parent>${parent}</wp:comment_parent></wp:comment>`;
const post = (id, comments) =>
  `<item><title>Post ${id}</title><link>https://blog.example/post-${id}</link><wp:post_id>${id}</wp:post_id>` +
  `<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>${comments}</item>`;
const wxr = (...items) =>
  `<?xml version="1.0"?><rss version="2.0" ${WXR}><channel><link>https://blog.example</link>${items.join('')}</channel></rss>`;

const FIRST = wxr(post(1, comment(1, 0, 1, 'One') + comment(2, 1, 1, 'Two') + comment(3, 0, 0, 'Waits') + comment(4, 0, 'spam', 'Spam')));
const SECOND = wxr(post(2, comment(5, 0, 1, 'Five')));

/** Runs a dry run with a report as JSON. */
async function dryRun(...words) {
  const report = path('report.json');
  rmSync(report, { force: true });
  const { exit, stdout, stderr } = await afterword(['import', ...words, ...SITE, '--dry-run', '--report', report]);
  assert.equal(exit, 0, stderr);
  assert.equal(statSync(report).mode & 0o077, 0);
  return { stdout, report: JSON.parse(readFileSync(report, 'utf8')) };
}

test('a dry run says what would come, and the numbers add up', async () => {
  writeFileSync(path('one.xml'), FIRST);
  const { stdout, report } = await dryRun(path('one.xml'));
  assert.match(stdout, /4 {2}comments in the file/);
  assert.deepEqual([report.read, report.to_import, report.states.pending], [4, 3, 1]);
  assert.deepEqual(report.left_out, [{ reason: 'spam', comments: 1 }]);
  const withSpam = await dryRun(path('one.xml'), '--spam');
  assert.equal(withSpam.report.to_import, 4);
});

test('compressed files, several parts and folders are read', async () => {
  mkdirSync(path('parts'));
  writeFileSync(join(path('parts'), 'a.xml'), FIRST);
  writeFileSync(join(path('parts'), 'b.xml'), SECOND);
  writeFileSync(join(path('parts'), '.hidden'), 'x');
  writeFileSync(path('one.xml.gz'), gzipSync(FIRST));
  writeFileSync(path('two.xml'), SECOND);
  assert.equal((await dryRun(path('one.xml.gz'))).report.read, 4);
  assert.equal((await dryRun(path('one.xml.gz'), path('two.xml'))).report.read, 5);
  assert.equal((await dryRun(path('parts'))).report.read, 5);
});

test('the table of addresses is written once, and read from then on', async () => {
  writeFileSync(path('one.xml'), FIRST);
  const table = path('addresses.csv');
  await dryRun(path('one.xml'), '--map', table);
  const text = readFileSync(table, 'utf8');
  assert.match(text, /post-1/);
  writeFileSync(table, 'from,to\nhttps://blog.example/post-1,-\n');
  const { report } = await dryRun(path('one.xml'), '--map', table);
  assert.equal(report.to_import, 0);
  assert.equal(report.left_out.find(({ reason }) => reason === 'left_out_by_table').comments > 0, true);
  assert.equal(readFileSync(table, 'utf8').startsWith('from,to\n'), true);
});

test('wrong files and answers are explained', async () => {
  writeFileSync(path('nonsense'), 'nonsense');
  const check = async (words, exit, pattern) => {
    const outcome = await afterword(['import', ...words, '--dry-run']);
    assert.equal(outcome.exit, exit, outcome.stderr);
    assert.match(outcome.stderr, pattern);
    assert.doesNotMatch(outcome.stderr, /\n\s+at |this should not happen/);
  };
  writeFileSync(path('one.xml'), FIRST);
  await check([path('nonsense'), ...SITE], 1, /not known/);
  await check([path('absent'), ...SITE], 1, /cannot read/);
  await check([path('one.xml')], 2, /--site/);
  await check([path('one.xml'), '--site', 'blog.example/path'], 1, /not the address of a site/);
  await check([path('one.xml'), ...SITE, '--zone', 'Berlin'], 2, /time zone/);
  await check([path('one.xml'), ...SITE, '--slug-rule', '/x'], 1, /slug/);
});

test('everything is uploaded as one export, in order, whatever fails on the way', async () => {
  const comments = Array.from({ length: 2_500 }, (_, at) => comment(at + 10, at % 3 === 2 ? at + 9 : 0, 1, `Text ${at}`)).join('');
  writeFileSync(path('many.xml'), wxr(post(7, comments)));
  const tools = await loadTools();
  const lines = [];
  let calls = 0;
  const { address, stop } = await serve(async (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    for await (const part of request) body += part;
    calls += 1;
    if (calls === 2) return response.writeHead(503).end('{"error":{"code":"busy","message":"busy"}}');
    const query = new URL(request.url, 'http://host').searchParams;
    assert.equal(query.get('site'), 'https://blog.example');
    const [header, ...rest] = body.trimEnd().split('\n');
    if (lines.length === 0) lines.push(header);
    assert.equal(Number(query.get('first')), lines.length + 1);
    lines.push(...rest);
    const count = (kind) => rest.filter((line) => line.startsWith(`{"${kind}"`)).length;
    response.end(JSON.stringify({ comments: count('comment'), threads: count('thread'), known: 0 }));
  });
  const env = { AFTERWORD_WORKER: address, AFTERWORD_SECRET: 'secret' };
  const temporary = path('temporary');
  mkdirSync(temporary);
  const former = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  const { exit, stdout, stderr } = await afterword(['import', path('many.xml'), ...SITE], { env });
  if (former === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = former;
  await stop();
  assert.equal(exit, 0, stderr);
  assert.match(stderr, /retry in/);
  assert.match(stdout, /2500 {2}comments are new/);
  const check = new tools.ExportFile();
  check.push(Buffer.from(`${lines.join('\n')}\n`));
  assert.equal(JSON.parse(check.finish()).comments, 2_500);
  assert.deepEqual(readdirSync(temporary), [], 'no temporary file remains');
});

test('an export of Afterword is restored', async () => {
  const header = '{"afterword":2,"site":"https://blog.example","last":0}';
  writeFileSync(path('broken.jsonl'), `${header}\n`);
  const env = { AFTERWORD_WORKER: 'http://127.0.0.1:1', AFTERWORD_SECRET: 'secret' };
  const { exit, stderr } = await afterword(['import', path('broken.jsonl')], { env });
  assert.equal(exit, 1);
  assert.match(stderr, /closing line is missing/);
  assert.ok(existsSync(path('broken.jsonl')));
});
