/* Forms that are sent without loading a page, and what to do when the session has ended. */
import { create, find, text } from './page.js';

/** Time after which a request counts as failed, in milliseconds. It can be sent again under the same id. */
const TIMEOUT_MS = 20000;

/** A form that was not accepted. `reason` is `offline`, `refused` or `expired`; `message` is the Worker's text, `field` the field with the error. */
export class SendError extends Error {
  constructor(reason, message = '', field = '') {
    super(reason);
    Object.assign(this, { reason, message, field });
  }
}

/** The fields of a form with the button that was pressed, as the browser would send them. */
export const fieldsOf = (form, button) => {
  const data = new FormData(form);
  if (button && button.name) data.append(button.name, button.value);
  return new URLSearchParams([...data].filter(([, value]) => typeof value == 'string'));
};

/**
 * Sends fields to an address and returns the reply: `{json}`, or `{page, isRedirected}` with a parsed document. Throws a `SendError`.
 *
 * When the session has ended, the moderator signs in inside the page, and the same fields are sent again.
 */
export const send = async (address, fields) => {
  for (;;) {
    const reply = await request(address, fields);
    const content = reply.status == 401 ? undefined : await read(reply);
    if (content && !isSignIn(content.page)) return content;
    await signInAgain();
  }
};

/** Sends a form as `send` does, and the forms of the pages in reply that do the rest of work that takes several requests. */
export const sendAll = async (address, fields) => {
  let reply = await send(address, fields);
  for (;;) {
    const next = reply.page && find('form[data-steps]', reply.page);
    if (!next) return reply;
    reply = await send(next.getAttribute('action'), fieldsOf(next, find('.main', next)));
  }
};

/** Returns true for the page to which an ended session leads. */
const isSignIn = (page) => !!page && !!find('form[action^="/admin/sign-in"]', page);

/** Loads a page or JSON. */
export const load = async (address) => read(await request(address));

const request = async (address, body) => {
  try {
    return await fetch(address, {
      ...(body && { method: 'POST', body }),
      headers: { Accept: 'application/json, text/html;q=0.9' },
      signal: AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined,
    });
  } catch {
    throw new SendError('offline');
  }
};

const read = async (reply) => {
  const isJson = /json/.test(reply.headers.get('content-type') || '');
  const body = await reply.text().catch(() => '');
  if (isJson) {
    let json = {};
    try {
      json = JSON.parse(body);
    } catch {
      throw new SendError('refused');
    }
    if (reply.ok) return { json };
    const { message, field } = json.error || {};
    throw new SendError(reply.status == 401 ? 'expired' : 'refused', message, field);
  }
  const page = new DOMParser().parseFromString(body, 'text/html');
  if (reply.ok || find('#write', page)) return { page, isRedirected: reply.redirected };
  throw new SendError(reply.status == 401 ? 'expired' : 'refused', find('main p', page)?.textContent);
};

let signingIn;

/** Asks for the secret in a dialog. Requests that wait meanwhile share it. Rejects if the moderator closes it. */
const signInAgain = () => {
  signingIn ||= new Promise((resolve, reject) => openSignIn(resolve, reject)).finally(() => (signingIn = undefined));
  return signingIn;
};

const openSignIn = (resolve, reject) => {
  const input = create('input', { type: 'password', id: 'again', name: 'secret', autocomplete: 'current-password', required: true });
  const error = create('p', { className: 'error' });
  error.setAttribute('role', 'alert');
  const label = create('label', { htmlFor: 'again' }, text('secret'));
  const button = create('button', { className: 'main' }, text('sign_in'));
  const close = create('button', { type: 'button', onclick: () => dialog.close() }, text('close'));
  const send = create('p', { className: 'send' }, button, close);
  const form = create('form', { className: 'stack' }, create('p', {}, text('expired')), create('div', { className: 'field' }, label, input), error, send);
  const dialog = create('dialog', {}, form);
  dialog.setAttribute('aria-label', text('sign_in'));
  form.onsubmit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    const reply = await request('/admin/sign-in', fieldsOf(form)).catch(() => undefined);
    const content = reply && reply.ok && (await read(reply).catch(() => undefined));
    button.disabled = false;
    if (content && !isSignIn(content.page)) {
      resolve();
      dialog.close();
    } else {
      error.textContent = text(reply ? 'wrong_secret' : 'offline');
      input.focus();
    }
  };
  dialog.onclose = () => {
    dialog.remove();
    // Without effect once the moderator is signed in.
    reject(new SendError('expired'));
  };
  document.body.append(dialog);
  dialog.showModal();
};
