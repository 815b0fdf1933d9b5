// `afterword moderators`: makes a secret for a moderator.

import { randomBytes } from 'node:crypto';
import { usageError } from '../failure.js';
import { message } from '../messages.js';

/** 256 bits. The Worker takes secrets of at least 32 characters. */
const SECRET_BYTES = 32;
/** The rule of the Worker: `MODERATOR_NAME_BYTES` and `is_moderator_name`. */
const NAME = /^[A-Za-z0-9_.-]{1,32}$/;
const HOST = /^[a-z0-9.-]+$|^\[[0-9a-f:.]+\]$/;

export default function moderators({ names: { name }, options: { role, blog = [] }, terminal }) {
  if (!NAME.test(name)) throw usageError('moderators.bad_name', { name });
  const hosts = blog.map((host) => {
    const lower = host.toLowerCase();
    if (!HOST.test(lower)) throw usageError('moderators.bad_host', { host });
    return lower;
  });
  const secret = randomBytes(SECRET_BYTES).toString('hex');
  const entry = `${name}${role === 'owner' ? '' : `/${role}`}${hosts.map((host) => `@${host}`).join('')}:${secret}`;
  terminal.print(message('moderators.made', { name, secret, entry }));
}
