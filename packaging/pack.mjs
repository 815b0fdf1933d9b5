// Stages the files of the npm package `afterword` into a folder, from its sources and a build.
//
// Arguments: a file with JSON: `source` (packaging/npm), `worker` and `assets` (the folders of a build), `owner` (the folder of the owner's WebAssembly, or
// null), `target` (the folder to write), `version`, `commit`, `schema`, `reader_floor`, `compatibility_date`.

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** Media types by the end of a name, as Cloudflare gives them. */
const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};
/** Files that are compressed already. */
const INCOMPRESSIBLE = new Set(['.png']);
const ENCODINGS = [
  ['br', '.br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } })],
  ['gzip', '.gz', (bytes) => gzipSync(bytes, { level: 9 })],
];

/** Folders of the sources that are part of the package. */
const SOURCES = ['cli', 'host', 'npm-shrinkwrap.json', 'README.md'];
/** Files of the Worker that are part of the package. All others are left over from its build. */
const WORKER_FILES = ['index.js', 'index_bg.wasm'];

/** Writes the package. Returns the content of build.json. */
export function stage(options) {
  const { source, target, worker, assets, owner, version } = options;
  rmSync(target, { recursive: true, force: true });
  for (const name of SOURCES) cpSync(join(source, name), join(target, name), { recursive: true });
  for (const name of WORKER_FILES) copy(join(worker, name), join(target, 'worker', name));
  cpSync(assets, join(target, 'assets'), { recursive: true });
  if (owner) cpSync(owner, join(target, 'owner'), { recursive: true });
  stageAssets(join(target, 'assets'), join(target, 'host'));
  for (const name of options.texts) copy(name, join(target, name.split(/[\\/]/).at(-1)));
  const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  // The tests are not part of the package.
  delete manifest.scripts;
  writeJson(join(target, 'package.json'), { ...manifest, version });
  const { commit, schema, reader_floor, compatibility_date } = options;
  const build = { version, commit, schema, reader_floor, compatibility_date, files: checksums(target) };
  writeJson(join(target, 'build.json'), build);
  return build;
}

/** Writes the compressed assets, and the manifest by which the gateway serves them. */
function stageAssets(folder, host) {
  const rules = parseHeaders(readFileSync(join(folder, '_headers'), 'utf8'));
  const manifest = {};
  for (const name of files(folder).filter((file) => file !== '_headers')) {
    const bytes = readFileSync(join(folder, name));
    const end = extname(name);
    if (!TYPES[end]) throw new Error(`${name} has no media type`);
    const encodings = [];
    for (const [encoding, suffix, compress] of INCOMPRESSIBLE.has(end) ? [] : ENCODINGS) {
      const compressed = compress(bytes);
      if (compressed.length >= bytes.length) continue;
      encodings.push(encoding);
      write(join(host, 'assets', `${name}${suffix}`), compressed);
    }
    const path = `/${name}`;
    manifest[path] = { type: TYPES[end], headers: headersOf(rules, path), etag: `W/"${sha256(bytes).slice(0, 32)}"`, encodings };
  }
  mkdirSync(join(host, 'assets'), { recursive: true });
  writeJson(join(host, 'assets.json'), manifest);
}

/** Parses a `_headers` file: paths, which may end with `*`, each with indented headers. */
export function parseHeaders(text) {
  const rules = [];
  for (const line of text.split(/\r?\n/).filter((entry) => entry.trim() !== '' && !entry.startsWith('#'))) {
    if (/^\S/.test(line)) {
      rules.push({ path: line.trim(), headers: {} });
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 0 || rules.length === 0) throw new Error(`_headers: ${line}`);
    rules.at(-1).headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return rules;
}

function headersOf(rules, path) {
  const matches = (rule) => (rule.path.endsWith('*') ? path.startsWith(rule.path.slice(0, -1)) : path === rule.path);
  return Object.assign({}, ...rules.filter(matches).map(({ headers }) => headers));
}

/** The SHA-256 of each file below a folder, by its path. */
function checksums(folder) {
  return Object.fromEntries(files(folder).map((name) => [name, sha256(readFileSync(join(folder, name)))]));
}

/** The files below a folder, with `/` between the parts of their paths, in a fixed order. */
function files(folder) {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const relative = (entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1).replaceAll('\\', '/');
  return found.map(relative).sort();
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function copy(from, to) {
  write(to, readFileSync(from));
}

function write(file, bytes) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

function writeJson(file, value) {
  write(file, `${JSON.stringify(value, null, 2)}\n`);
}

if (process.argv[1] && pathToFileURL(process.argv[1]).href === import.meta.url) {
  stage(JSON.parse(readFileSync(process.argv[2], 'utf8')));
}
