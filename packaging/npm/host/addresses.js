// IP addresses and networks, and the address of the client behind trusted proxies. No input makes these functions throw.

// Parses an address into 16 bytes; an IPv4 address becomes its IPv4-mapped IPv6 form. A port, brackets and a zone are ignored. Returns `null` for
// anything else.
export const parseAddress = (text) => {
  const bare = withoutPort(text.trim()).split('%')[0];
  return bare.includes(':') ? parseIPv6(bare) : mapped(parseIPv4(bare));
};

// Parses a network such as `10.0.0.0/8`, `fd00::/8` or a single address. Returns `null` for anything else.
export const parseNetwork = (text) => {
  const [address, length, ...rest] = text.trim().split('/');
  const bytes = /[[\]%]|\.\d+:/.test(address) ? null : parseAddress(address);
  if (!bytes || rest.length > 0) {
    return null;
  }
  const full = address.includes(':') ? 128 : 32;
  const bits = length === undefined ? full : /^\d{1,3}$/.test(length) ? Number(length) : NaN;
  return bits <= full ? { bytes, bits: bits + 128 - full } : null;
};

// Returns true if an address, as bytes, is in a network.
export const isInside = (bytes, network) => {
  for (let bit = 0; bit < network.bits; bit += 8) {
    const kept = Math.min(8, network.bits - bit);
    const mask = (0xff << (8 - kept)) & 0xff;
    if ((bytes[bit / 8] ^ network.bytes[bit / 8]) & mask) {
      return false;
    }
  }
  return true;
};

// The usual text of an address: IPv4-mapped addresses as IPv4.
export const formatAddress = (bytes) => {
  if (isMapped(bytes)) {
    return bytes.slice(12).join('.');
  }
  const groups = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push(((bytes[index] << 8) | bytes[index + 1]).toString(16));
  }
  return groups.join(':');
};

// The address of the client, or `null` if it is unknown. It is the peer's, unless the peer is a trusted proxy: then it is the last address of
// `X-Forwarded-For` that is not a trusted proxy. Entries further left were written by somebody who is not trusted.
export const clientAddress = (peer, forwardedFor, trusted) => {
  let address = parseAddress(peer ?? '');
  const isTrusted = (bytes) => trusted.some((network) => isInside(bytes, network));
  const hops = (forwardedFor ?? '').split(',').map((hop) => hop.trim()).filter((hop) => hop !== '');
  while (address && isTrusted(address) && hops.length > 0) {
    address = parseAddress(hops.pop());
  }
  return address && formatAddress(address);
};

// Returns true if the peer itself is a trusted proxy.
export const isTrustedPeer = (peer, trusted) => {
  const address = parseAddress(peer ?? '');
  return address !== null && trusted.some((network) => isInside(address, network));
};

const withoutPort = (text) => {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  return bracketed ? bracketed[1] : text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');
};

const parseIPv4 = (text) => {
  const parts = text.split('.');
  const isByte = (part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256;
  return parts.length === 4 && parts.every(isByte) ? parts.map(Number) : null;
};

const mapped = (ipv4) => ipv4 && [...new Array(10).fill(0), 0xff, 0xff, ...ipv4];

const isMapped = (bytes) => bytes[10] === 0xff && bytes[11] === 0xff && bytes.slice(0, 10).every((byte) => byte === 0);

const parseIPv6 = (text) => {
  const halves = text.split('::');
  // An IPv4 address is at the end only.
  if (halves.length > 2 || (halves.length === 2 && halves[0].includes('.'))) {
    return null;
  }
  const [before, after] = halves.map(parseGroups);
  if (!before || after === null) {
    return null;
  }
  if (after === undefined) {
    return before.length === 16 ? before : null;
  }
  const missing = 16 - before.length - after.length;
  return missing >= 2 ? [...before, ...new Array(missing).fill(0), ...after] : null;
};

// The bytes of groups of hexadecimal digits. The last one may be an IPv4 address.
const parseGroups = (text) => {
  const bytes = [];
  const groups = text === '' ? [] : text.split(':');
  for (const [index, group] of groups.entries()) {
    const ipv4 = index === groups.length - 1 && group.includes('.') ? parseIPv4(group) : null;
    if (ipv4) {
      bytes.push(...ipv4);
    } else if (/^[0-9a-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return null;
    }
  }
  return bytes;
};
