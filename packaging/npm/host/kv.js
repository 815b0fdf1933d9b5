// The service behind the KV namespace of the published threads: get, bulk get, put and delete, over one SQLite object. The runtime turns the calls of
// a KV binding into these requests.

import { DurableObject } from 'cloudflare:workers';

// SQLite objects take values of up to 2 MB, and KV takes 25 MiB.
const CHUNK_BYTES = 1_000_000;
const MAX_VALUE_BYTES = 25 * 1024 * 1024;
const MAX_BULK_KEYS = 100;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, metadata TEXT, expires INTEGER) WITHOUT ROWID;
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
    const [entry] = this.#sql.exec('SELECT metadata, expires FROM entries WHERE key = ?', key);
    if (!entry || (entry.expires !== null && entry.expires * 1000 <= Date.now())) {
      return null;
    }
    const chunks = [...this.#sql.exec('SELECT data FROM chunks WHERE key = ? ORDER BY part', key)].map(({ data }) => new Uint8Array(data));
    const value = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
    let offset = 0;
    for (const chunk of chunks) {
      value.set(chunk, offset);
      offset += chunk.length;
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
      this.#sql.exec('DELETE FROM chunks WHERE key = ?', key);
      this.#sql.exec('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)', key, metadata, expires);
      for (let part = 0; part * CHUNK_BYTES < value.byteLength; part += 1) {
        const data = value.slice(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES);
        this.#sql.exec('INSERT INTO chunks VALUES (?, ?, ?)', key, part, data);
      }
    });
  }

  delete(key) {
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec('DELETE FROM chunks WHERE key = ?', key);
      this.#sql.exec('DELETE FROM entries WHERE key = ?', key);
    });
  }
}
