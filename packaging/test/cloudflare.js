// A fake of the part of Cloudflare's API that a deployment uses, on this machine. wrangler sends its real requests to it.
//
// The state is public: `scripts` (by name, with bindings, modules, secrets and assets), `namespaces`, `log`. `fail(pattern, error)` answers the next matching request
// with an error.

import { createServer } from 'node:http';

const ACCOUNT = { id: 'a'.repeat(32), name: 'Ada' };

export class Cloudflare {
  accounts = [ACCOUNT];
  namespaces = [];
  scripts = {};
  subdomain = 'ada';
  log = [];
  #failures = [];
  #assets = new Map();

  static async start(test) {
    const cloudflare = new Cloudflare();
    cloudflare.server = createServer((request, response) => cloudflare.#respond(request, response));
    await new Promise((resolve) => cloudflare.server.listen(0, '127.0.0.1', resolve));
    cloudflare.address = `http://127.0.0.1:${cloudflare.server.address().port}`;
    test.after(() => {
      cloudflare.server.closeAllConnections();
      cloudflare.server.close();
    });
    return cloudflare;
  }

  /** Answers the next request that matches `METHOD /path` with an error. */
  fail(pattern, { status = 400, code, message = 'as arranged' }) {
    this.#failures.push({ pattern, status, error: { code, message } });
  }

  async #respond(request, response) {
    const body = await read(request);
    const url = new URL(request.url, this.address);
    const line = `${request.method} ${url.pathname}`;
    this.log.push(line);
    response.setHeader('content-type', 'application/json');
    const failure = this.#failures.findIndex(({ pattern }) => pattern.test(line));
    if (failure >= 0) {
      const [{ status, error }] = this.#failures.splice(failure, 1);
      return refuse(response, status, error);
    }
    if (!request.headers.authorization?.startsWith('Bearer ')) return refuse(response, 401, { code: 10000, message: 'Authentication error' });
    const answer = await this.#answer(line, body, request, url);
    if (answer === undefined) return refuse(response, 404, { code: 10007, message: `no such thing: ${line}` });
    if (answer.refused) return refuse(response, 404, answer.refused);
    response.statusCode = answer.status ?? 200;
    return response.end(JSON.stringify({ success: true, errors: [], messages: [], result: answer.result ?? null, result_info: { page: 1, total_pages: 1 } }));
  }

  async #answer(line, body, request, url) {
    for (const [pattern, respond] of this.#routes()) {
      const found = pattern.exec(line);
      if (found) return respond(found.slice(1), body, request, url);
    }
    return undefined;
  }

  #routes() {
    const id = this.accounts[0]?.id;
    const within = (path) => new RegExp(`^${path.replace('ACCOUNT', `/accounts/[0-9a-f]{32}`)}$`);
    return [
      [/^GET \/user\/tokens\/verify$/, () => ({ result: { id: 'token', status: 'active' } })],
      [/^GET \/user$/, () => ({ result: { id: 'ada', email: 'ada@blog.example' } })],
      [/^GET \/accounts$/, () => ({ result: this.accounts })],
      [/^GET \/memberships$/, () => ({ result: this.accounts.map((account) => ({ account, roles: [] })) })],
      [within('GET ACCOUNT/workers/services/([^/]+)'), ([name]) => this.#service(name)],
      [within('GET ACCOUNT/workers/scripts'), () => ({ result: Object.keys(this.scripts).map((id) => ({ id, migration_tag: 'v1' })) })],
      [within('GET ACCOUNT/workers/scripts/([^/]+)/secrets'), ([name]) => this.#secrets(name)],
      [within('GET ACCOUNT/workers/scripts/([^/]+)/settings'), ([name]) => this.#settings(name)],
      [within('GET ACCOUNT/workers/subdomain'), () => (this.subdomain ? { result: { subdomain: this.subdomain } } : { refused: { code: 10007, message: 'no workers.dev subdomain' } })],
      [within('GET ACCOUNT/storage/kv/namespaces'), (_, __, ___, url) => ({ result: Number(url.searchParams.get('page') ?? 1) > 1 ? [] : this.namespaces })],
      [within('POST ACCOUNT/storage/kv/namespaces'), (_, body) => this.#createNamespace(JSON.parse(body))],
      [within('POST ACCOUNT/workers/scripts/([^/]+)/assets-upload-session'), (_, body) => this.#beginAssets(JSON.parse(body))],
      [within('POST ACCOUNT/workers/assets/upload'), async (_, body, request) => this.#takeAssets(await form(body, request))],
      [within('PUT ACCOUNT/workers/scripts/([^/]+)'), async ([name], body, request) => this.#upload(name, await form(body, request))],
      // A Worker that exists gets a version, which is deployed afterwards.
      [within('POST ACCOUNT/workers/scripts/([^/]+)/versions'), async ([name], body, request) => this.#upload(name, await form(body, request))],
      [within('POST ACCOUNT/workers/scripts/[^/]+/deployments'), () => ({ result: { id: 'e'.repeat(32) } })],
      [within('PATCH ACCOUNT/workers/scripts/[^/]+/(?:script-)?settings'), () => ({ result: {} })],
      [within('(?:GET|POST) ACCOUNT/workers/scripts/[^/]+/subdomain'), () => ({ result: { enabled: true, previews_enabled: false } })],
      [within('PUT ACCOUNT/workers/scripts/([^/]+)/schedules'), ([name], body) => {
        this.scripts[name].schedules = JSON.parse(body);
        return { result: { schedules: [] } };
      }],
      [within('GET ACCOUNT/workers/scripts/[^/]+/(?:deployments|versions)'), () => ({ result: { deployments: [], items: [] } })],
      [within('GET ACCOUNT/workers/durable_objects/namespaces'), () => ({ result: [] })],
      [within('GET ACCOUNT/r2/buckets/[^/]+'), () => ({ result: { name: 'bucket' } })],
      [/^GET \/accounts\/[0-9a-f]{32}$/, () => ({ result: { id } })],
    ];
  }

  #service(name) {
    if (!this.scripts[name]) return { refused: { code: 10090, message: 'This Worker does not exist on your account.' } };
    const script = { last_deployed_from: 'wrangler', tag: 'tag', migration_tag: 'v1' };
    return { result: { id: name, default_environment: { environment: 'production', script } } };
  }

  #secrets(name) {
    const script = this.scripts[name];
    if (!script) return { refused: { code: 10007, message: 'This Worker does not exist on your account.' } };
    return { result: script.metadata.bindings.filter(({ type }) => type === 'secret_text').map(({ name: secret, type }) => ({ name: secret, type })) };
  }

  #settings(name) {
    const script = this.scripts[name];
    if (!script) return { refused: { code: 10007, message: 'This Worker does not exist on your account.' } };
    return { result: { bindings: script.metadata.bindings, migration_tag: 'v1' } };
  }

  #createNamespace({ title }) {
    if (this.namespaces.some((namespace) => namespace.title === title)) return { refused: { code: 10014, message: 'a namespace with this account ID and title already exists' } };
    const namespace = { id: String(this.namespaces.length + 1).repeat(32), title };
    this.namespaces.push(namespace);
    return { result: namespace };
  }

  #beginAssets({ manifest }) {
    this.manifest = manifest;
    const missing = Object.values(manifest).map(({ hash }) => hash).filter((hash) => !this.#assets.has(hash));
    return { result: { jwt: token(), buckets: missing.length > 0 ? [[...new Set(missing)]] : [] } };
  }

  #takeAssets(parts) {
    for (const [hash, file] of parts) this.#assets.set(hash, file);
    return { status: 201, result: { jwt: token() } };
  }

  #upload(name, parts) {
    const metadata = JSON.parse(parts.get('metadata'));
    const modules = [...parts.keys()].filter((key) => key !== 'metadata');
    const kept = (this.scripts[name]?.metadata.bindings ?? []).filter(({ type }) => metadata.keep_bindings?.includes(type));
    const fresh = metadata.bindings.map((binding) => this.#inherit(name, binding));
    const names = new Set(fresh.map((binding) => binding.name));
    metadata.bindings = [...fresh, ...kept.filter((binding) => !names.has(binding.name))];
    this.scripts[name] = { ...this.scripts[name], metadata, modules, assets: Object.keys(this.manifest ?? {}) };
    return { result: { id: 'd'.repeat(32), metadata: { has_preview: false }, number: 1, resources: { script: { etag: 'e' }, bindings: [], script_runtime: {} }, etag: 'e', pipeline_hash: 'p', mutable_pipeline_id: 'm', deployment_id: 'd'.repeat(32), startup_time_ms: 20, entry_point: metadata.main_module } };
  }

  #inherit(name, binding) {
    if (binding.type !== 'inherit') return binding;
    return this.scripts[name]?.metadata.bindings.find((known) => known.name === binding.name) ?? binding;
  }

  /** The bindings of a Worker, by name. */
  bindings(name = 'afterword') {
    return Object.fromEntries(this.scripts[name].metadata.bindings.map((binding) => [binding.name, binding]));
  }
}

function refuse(response, status, error) {
  response.statusCode = status;
  response.end(JSON.stringify({ success: false, errors: [error], messages: [], result: null }));
}

async function read(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The parts of a form: files as bytes, others as text. */
async function form(body, request) {
  const data = await new Response(body, { headers: { 'content-type': request.headers['content-type'] } }).formData();
  const parts = await Promise.all([...data].map(async ([name, value]) => [name, typeof value === 'string' ? value : name === 'metadata' ? await value.text() : new Uint8Array(await value.arrayBuffer())]));
  return new Map(parts);
}

/** A token of the form that wrangler decodes to see when it expires. */
function token() {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode({ exp: Math.floor(Date.now() / 1000) + 3600 })}.x`;
}
