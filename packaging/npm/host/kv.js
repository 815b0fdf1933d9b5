// The service behind the KV namespace of the published threads: get, bulk get, put and delete, over one SQLite object. The runtime turns the calls of
// a KV binding into these requests.

import { DurableObject } from 'cloudflare:workers';

// Values are stored in chunks of one size, filled up with zeros. SQLite overwrites a row in place by one of the same size, so nothing is left of a comment
// that was removed; a row that is deleted would stay in the file until its space is used again. Rows may have 2 MB at most, and KV values 25 MiB.
const CHUNK_BYTES = 8_192;
const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const MAX_BULK_KEYS = 100;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, length INTEGER, metadata TEXT, expires INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (key TEXT, part INTEGER, data BLOB, PRIMARY KEY (key, part));`;

export default {
  async fetch(request, env) {
    const store = env.STORE.getByName('threads');
    const url = new URL(request.url);
    const encoded = url.pathname.slice(1);
    if (request.method === 'POST' && encoded === 'bulk/get') {
      return Response.json(await store.getMany(await request.json()));
    }
    const key = decodeURIComponent(encoded);
    switch (request.method) {
      case 'GET': return found(await store.get(key));
      case 'PUT': return put(store, key, request, url.searchParams);
      case 'DELETE': return ended(store.delete(key));
      default: return new Response(null, { status: 501, statusText: 'Not Implemented' });
    }
  },
};

const found = (entry) => {
  if (!entry) {
    return new Response(null, { status: 404, statusText: 'Not Found' });
  }
  return new Response(entry.value, { headers: entry.metadata === null ? {} : { 'cf-kv-metadata': entry.metadata } });
};

const put = async (store, key, request, parameters) => {
  const value = await request.arrayBuffer();
  if (value.byteLength > MAX_VALUE_BYTES) {
    return new Response(null, { status: 413, statusText: 'Value Too Large' });
  }
  const ttl = parameters.get('expiration_ttl');
  const expires = ttl === null ? parameters.get('expiration') : Math.floor(Date.now() / 1000) + Number(ttl);
  return ended(store.put(key, value, request.headers.get('cf-kv-metadata'), expires === null ? null : Number(expires)));
};

// Requests inside the process go on without a pause for those from outside. Publishing a long thread would block all else without one.
const ended = async (write) => {
  await write;
  await scheduler.wait(1);
  return new Response();
};

export class Store extends DurableObject {
  #sql;

  constructor(state, env) {
    super(state, env);
    this.#sql = state.storage.sql;
    this.#sql.exec(SCHEMA);
  }

  get(key) {
    const [entry] = this.#sql.exec('SELECT length, metadata, expires FROM entries WHERE key = ?', key);
    if (!entry || (entry.expires !== null && entry.expires * 1000 <= Date.now())) {
      return null;
    }
    const value = new Uint8Array(entry.length);
    const parts = Math.ceil(entry.length / CHUNK_BYTES);
    for (const { part, data } of this.#sql.exec('SELECT part, data FROM chunks WHERE key = ? AND part < ?', key, parts)) {
      const offset = part * CHUNK_BYTES;
      value.set(new Uint8Array(data).subarray(0, entry.length - offset), offset);
    }
    return { value, metadata: entry.metadata };
  }

  // The values of many keys by name, as text or JSON, and their metadata on request.
  getMany({ keys, type = 'text', withMetadata = false }) {
    if (keys.length > MAX_BULK_KEYS) {
      throw new Error(`at most ${MAX_BULK_KEYS} keys can be read at once`);
    }
    const value = (entry) => {
      const text = new TextDecoder().decode(entry.value);
      return type === 'json' ? JSON.parse(text) : text;
    };
    const shown = (entry) => (withMetadata ? { value: value(entry), metadata: JSON.parse(entry.metadata) } : value(entry));
    return Object.fromEntries(keys.map((key) => {
      const entry = this.get(key);
      return [key, entry && shown(entry)];
    }));
  }

  put(key, value, metadata, expires) {
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)', key, value.byteLength, metadata, expires);
      const parts = Math.ceil(value.byteLength / CHUNK_BYTES);
      for (let part = 0; part < parts; part += 1) {
        const data = new Uint8Array(CHUNK_BYTES);
        data.set(new Uint8Array(value.slice(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES)));
        this.#sql.exec('INSERT INTO chunks VALUES (?, ?, ?) ON CONFLICT (key, part) DO UPDATE SET data = excluded.data', key, part, data);
      }
      this.#clear(key, parts);
    });
  }

  async delete(key) {
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM entries WHERE key = ?', key);
      this.#clear(key, 0);
    });
    // SQLite does not write a page that the same transaction clears and frees. Meanwhile the key may be in use again.
    await this.ctx.storage.sync();
    this.#sql.exec('DELETE FROM chunks WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM entries WHERE key = ?1)', key);
  }

  // Overwrites the chunks of a key from one on.
  #clear(key, part) {
    this.#sql.exec(`UPDATE chunks SET data = zeroblob(${CHUNK_BYTES}) WHERE key = ? AND part >= ?`, key, part);
  }
}
