// Responses for the static assets. The manifest `assets.json` is made with the package: for each path its type, headers, tag and encodings.

// The encodings of the compressed files, the preferred one first, with the end of the file's name.
const ENCODINGS = [['br', '.br'], ['gzip', '.gz']];

// The response for a request of an asset, or `null` if the path is none. `files` and `compressed` are the folders of the assets, as services.
export const respond = async (request, manifest, { files, compressed }) => {
  const { pathname } = new URL(request.url);
  const asset = Object.hasOwn(manifest, pathname) ? manifest[pathname] : null;
  if (!asset) {
    return null;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return new Response(null, { status: 405, headers: { ...asset.headers, allow: 'GET, HEAD' } });
  }
  const headers = new Headers({ ...asset.headers, etag: asset.etag, vary: 'accept-encoding' });
  if (matches(request.headers.get('if-none-match'), asset.etag)) {
    return new Response(null, { status: 304, headers });
  }
  const [encoding, end] = choose(request.headers.get('accept-encoding'), asset.encodings);
  headers.set('content-type', asset.type);
  if (encoding) {
    headers.set('content-encoding', encoding);
  }
  const file = await (encoding ? compressed : files).fetch(`http://assets${pathname}${end}`, { method: request.method });
  if (!file.ok) {
    console.error(`asset not read path=${pathname}${end} status=${file.status}`);
    return new Response(null, { status: 503, headers: { ...asset.headers, 'retry-after': '30', 'cache-control': 'no-store' } });
  }
  // The file has its encoding already.
  headers.set('content-length', file.headers.get('content-length'));
  return new Response(file.body, { headers, encodeBody: 'manual' });
};

// The compressed file that the client accepts (RFC 9110, section 12.5.3).
const choose = (accepted, available) => {
  const weights = new Map();
  for (const item of (accepted ?? '').toLowerCase().split(',')) {
    const [name, ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)));
  }
  const accepts = (name) => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
  return ENCODINGS.find(([name]) => available.includes(name) && accepts(name)) ?? ['', ''];
};

const matches = (known, etag) => {
  const bare = (tag) => tag.trim().replace(/^W\//, '');
  return (known ?? '').split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
};
