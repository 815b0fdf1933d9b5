/* Requests to the Worker. */

/** Timeout of a request in milliseconds. After it the reader sees an error and may try again, under the same UUID. */
const REQUEST_TIMEOUT_MS = 20000;

/**
 * A failed request. `code` is the Worker's error code, or `unreachable` if there was no response, or something else responded. `message` is
 * the Worker's text, in English; `field` the form field with the error, `excess` the number of characters by which it is too long;
 * `challenge` the challenge to solve before a retry; `hint` advice for the blog's owner; `retryAfter` the seconds until a retry may succeed;
 * `status` the HTTP status of the Worker's response, 0 if there was none.
 */
export class RequestError {
  constructor(code = 'unreachable', details = {}) {
    Object.assign(this, { code, message: '', field: '', excess: 0, challenge: '', hint: '', retryAfter: 0, status: 0 }, details);
  }
}

/**
 * Sends a request and returns the JSON of its response, or its text with `isText`. Throws a `RequestError`.
 *
 * The timeout does not wait for the aborted `fetch`: the page may have wrapped `fetch` in code that ignores the signal.
 */
export const request = async (address, { isText, ...init } = {}) => {
  const controller = new AbortController();
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject();
    }, REQUEST_TIMEOUT_MS);
  });
  try {
    const response = read(address, { credentials: 'omit', ...init, signal: controller.signal }, isText);
    return await Promise.race([timeout, response]);
  } catch (error) {
    throw error instanceof RequestError ? error : new RequestError();
  } finally {
    clearTimeout(timer);
  }
};

/** The options of a request with a JSON body, which the author key signs if there is one. */
export const jsonRequest = (method, body, authorKey) => ({
  method,
  ...(body && { body: JSON.stringify(body) }),
  headers: {
    ...(body && { 'Content-Type': 'application/json' }),
    ...(authorKey && { Authorization: 'Bearer ' + authorKey }),
  },
});

const read = async (address, init, isText) => {
  const response = await fetch(address, init);
  const text = await response.text();
  if (isText && response.ok) return text;
  let json;
  try {
    json = JSON.parse(text);
  } catch {}
  // A response without the expected JSON is not from the Worker.
  if (!json || typeof json != 'object') throw new RequestError();
  if (response.ok) return json;
  const { code, message, field, excess, hint } = json.error || {};
  throw new RequestError(code || undefined, {
    message: message || '',
    field: field || '',
    excess: excess || 0,
    hint: hint || '',
    challenge: json.challenge || '',
    retryAfter: +response.headers.get('retry-after') || 0,
    status: response.status,
  });
};
