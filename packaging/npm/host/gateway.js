// The entry of a self-hosted Afterword. It serves the static assets, and passes every other request on to the Worker with the address of the client.

import { clientAddress, isTrustedPeer, parseNetwork } from './addresses.js';
import { respond } from './assets.js';
import manifest from './assets.json';

// Headers that tell about the client. Whoever sends them could write anything into them.
const FORGEABLE = [
  'cf-connecting-ip', 'cf-connecting-ipv6', 'cf-ipcountry', 'cf-pseudo-ipv4', 'cf-ray', 'cf-visitor', 'cf-worker', 'forwarded',
  'true-client-ip', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip',
];

let isClockStarted = false;

export default {
  async fetch(request, env, context) {
    if (!isClockStarted) {
      isClockStarted = true;
      context.waitUntil(env.CLOCK.getByName('nightly').start());
    }
    return (await respond(request, manifest, { files: env.ASSETS, compressed: env.COMPRESSED })) ?? env.APP.fetch(forward(request, env.TRUSTED_PROXIES));
  },
};

// The request as the Worker gets it.
const forward = (request, proxies) => {
  // The command line has checked them; a variable may hold anything.
  const trusted = (proxies ?? '').split(/\s+/).map(parseNetwork).filter((network) => network !== null);
  const peer = request.cf?.clientIp;
  const client = clientAddress(peer, request.headers.get('x-forwarded-for'), trusted);
  const url = new URL(request.url);
  if (isTrustedPeer(peer, trusted) && request.headers.get('x-forwarded-proto') === 'https') {
    url.protocol = 'https:';
  }
  const forwarded = new Request(url, request);
  for (const name of FORGEABLE) {
    forwarded.headers.delete(name);
  }
  if (client) {
    forwarded.headers.set('cf-connecting-ip', client);
  }
  // The id of the request in the log, of the same form as Cloudflare's.
  const id = crypto.getRandomValues(new Uint8Array(8));
  forwarded.headers.set('cf-ray', Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join(''));
  return forwarded;
};
