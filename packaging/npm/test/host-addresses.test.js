import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, formatAddress, isInside, isTrustedPeer, parseAddress, parseNetwork } from '../host/addresses.js';

const shown = (text) => {
  const bytes = parseAddress(text);
  return bytes && formatAddress(bytes);
};

test('addresses are parsed with port, brackets and zone', () => {
  for (const [text, expected] of [
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1:443 ', '192.0.2.1'],
    ['[2001:db8::1]:443', '2001:db8:0:0:0:0:0:1'],
    ['[2001:db8::1]', '2001:db8:0:0:0:0:0:1'],
    ['2001:DB8::a:0', '2001:db8:0:0:0:0:a:0'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:80', '192.0.2.1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4:5:6:c000:201'],
  ]) assert.equal(shown(text), expected, text);
});

test('what is no address is refused', () => {
  for (const text of ['', 'unknown', '_hidden', '1.2.3', '1.2.3.4.5', '1.2.3.256', '01.2.3.4', '1.2.3.4:x', '1:2:3', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', '12345::', 'g::', '[::1', '::1]', '1.2.3.4::', 'unix:/run/x', '1:2:3:4:5:6:7::8', '-1.2.3.4', '1.2.3.4/8'])
    assert.equal(parseAddress(text), null, text);
});

test('networks contain what they should', () => {
  for (const [network, inside, outside] of [
    ['10.0.0.0/8', ['10.0.0.1', '10.255.255.255', '::ffff:10.1.1.1'], ['11.0.0.1', '::a00:1', '9.255.255.255']],
    ['192.0.2.130/25', ['192.0.2.128', '192.0.2.255'], ['192.0.2.127']],
    ['127.0.0.1', ['127.0.0.1'], ['127.0.0.2', '::1']],
    ['0.0.0.0/0', ['1.2.3.4'], ['::1', '2001:db8::1']],
    ['fd00::/8', ['fd12::1'], ['fe00::1', '10.0.0.1']],
    ['::1', ['::1'], ['::2']],
    ['::/0', ['::1', '10.0.0.1'], []],
  ]) {
    const parsed = parseNetwork(network);
    for (const address of inside) assert.ok(isInside(parseAddress(address), parsed), `${address} in ${network}`);
    for (const address of outside) assert.ok(!isInside(parseAddress(address), parsed), `${address} not in ${network}`);
  }
});

test('what is no network is refused', () => {
  for (const text of ['', 'all', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.0/8/8', '10.0.0.0/8x', '[::1]', '10.0.0.1:80', 'fe80::1%eth0'])
    assert.equal(parseNetwork(text), null, text);
});

test('the client is the peer unless a trusted proxy names another', () => {
  const proxies = ['127.0.0.1', '10.0.0.0/8'].map(parseNetwork);
  for (const [peer, forwarded, expected] of [
    ['203.0.113.9:1234', null, '203.0.113.9'],
    ['203.0.113.9:1234', '198.51.100.1', '203.0.113.9'],
    ['127.0.0.1:1234', null, '127.0.0.1'],
    ['127.0.0.1:1234', '', '127.0.0.1'],
    ['127.0.0.1:1234', '198.51.100.1', '198.51.100.1'],
    // The left entries come from the client, who may write anything there.
    ['127.0.0.1:1234', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['127.0.0.1:1234', '198.51.100.1, 10.1.1.1', '198.51.100.1'],
    ['127.0.0.1:1234', '10.2.2.2, 10.1.1.1', '10.2.2.2'],
    ['[::ffff:127.0.0.1]:1234', '2001:db8::7', '2001:db8:0:0:0:0:0:7'],
    // A proxy that does not know the client must not lend it its own address.
    ['127.0.0.1:1234', '198.51.100.1, unknown', null],
    ['127.0.0.1:1234', '198.51.100.1:99, 10.0.0.7:80', '198.51.100.1'],
    [undefined, '198.51.100.1', null],
    ['unix:lock', '198.51.100.1', null],
  ]) assert.equal(clientAddress(peer, forwarded, proxies), expected, `${peer} ${forwarded}`);
  assert.equal(clientAddress('127.0.0.1:1', '198.51.100.1', []), '127.0.0.1', 'nobody is trusted by default');
  assert.deepEqual([isTrustedPeer('10.9.9.9:1', proxies), isTrustedPeer('11.9.9.9:1', proxies), isTrustedPeer(undefined, proxies)], [true, false, false]);
});

test('random text never throws', () => {
  const letters = '0123456789abcdef:.[]%/, x';
  let seed = 7;
  const next = (bound) => (seed = (seed * 48_271) % 2_147_483_647) % bound;
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: next(24) }, () => letters[next(letters.length)]).join('');
    parseNetwork(text);
    clientAddress(text, text, [parseNetwork('::/0')]);
  }
});
