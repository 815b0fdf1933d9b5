import assert from 'node:assert/strict';
import { test } from 'node:test';
import { respond } from '../host/assets.js';

const HEADERS = { 'cache-control': 'public, max-age=60' };
const MANIFEST = {
  '/embed.js': { type: 'text/javascript; charset=utf-8', headers: HEADERS, etag: 'W/"abc"', encodings: ['br', 'gzip'] },
  '/assets/icon.png': { type: 'image/png', headers: HEADERS, etag: 'W/"def"', encodings: [] },
};

const folder = (name, status = 200) => ({
  fetch: async (url, { method }) => new Response(method === 'HEAD' ? null : `${name}${new URL(url).pathname}`, { status, headers: { 'content-length': '7' } }),
});
const services = { files: folder('plain'), compressed: folder('compressed') };
const get = (path, headers = {}, method = 'GET', from = services) =>
  respond(new Request(`http://localhost${path}`, { headers, method }), MANIFEST, from);

test('the encoding is one that the client accepts', async () => {
  for (const [accepted, encoding, body] of [
    ['gzip, deflate, br', 'br', 'compressed/embed.js.br'],
    ['gzip', 'gzip', 'compressed/embed.js.gz'],
    ['GZIP;q=0.5', 'gzip', 'compressed/embed.js.gz'],
    ['*', 'br', 'compressed/embed.js.br'],
    ['br;q=0, gzip', 'gzip', 'compressed/embed.js.gz'],
    ['br;q=0, *;q=0', null, 'plain/embed.js'],
    ['identity', null, 'plain/embed.js'],
    ['', null, 'plain/embed.js'],
  ]) {
    const response = await get('/embed.js', { 'accept-encoding': accepted });
    assert.deepEqual([response.headers.get('content-encoding'), await response.text()], [encoding, body], accepted);
    assert.equal(response.headers.get('vary'), 'accept-encoding');
    assert.equal(response.headers.get('cache-control'), HEADERS['cache-control']);
  }
  const icon = await get('/assets/icon.png', { 'accept-encoding': 'br' });
  assert.deepEqual([icon.headers.get('content-encoding'), icon.headers.get('content-type')], [null, 'image/png']);
});

test('a known tag is answered without the file', async () => {
  for (const known of ['W/"abc"', '"abc"', '"x", W/"abc"', '*']) {
    const response = await get('/embed.js', { 'if-none-match': known });
    assert.deepEqual([response.status, await response.text(), response.headers.get('etag')], [304, '', 'W/"abc"'], known);
  }
  assert.equal((await get('/embed.js', { 'if-none-match': '"ab"' })).status, 200);
});

test('paths and methods are those of the manifest', async () => {
  for (const path of ['/', '/embed.js/', '/Embed.js', '/constructor', '/__proto__', '/assets/', '/embed.js.br', '/_headers']) assert.equal(await get(path), null, path);
  const head = await get('/embed.js', {}, 'HEAD');
  assert.deepEqual([head.status, await head.text(), head.headers.get('content-length')], [200, '', '7']);
  const post = await get('/embed.js', {}, 'POST');
  assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
});

test('a file that cannot be read is no file of the client', async (context) => {
  context.mock.method(console, 'error', () => {});
  const broken = await get('/embed.js', {}, 'GET', { files: folder('x', 404), compressed: folder('x', 404) });
  assert.deepEqual([broken.status, broken.headers.get('cache-control')], [503, 'no-store']);
});
