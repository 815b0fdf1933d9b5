/* Elements, texts, and messages to the moderator. */

/** Shortest time between two texts of the status, in milliseconds, so that a screen reader can say each. */
const STATUS_INTERVAL_MS = 1000;

export const find = (selector, root = document) => root.querySelector(selector);
export const findAll = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Creates an element. */
export const create = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const texts = JSON.parse(document.body.dataset.texts || '{}');

/** A text of the page's table with its placeholders filled. */
export const text = (key, parts = {}) =>
  (texts[key] || key).replace(/\{(\w+)\}/g, (all, name) => (name in parts ? parts[name] : all));

/** The plural form of a text. */
export const counted = (key, n) => text(key + (n == 1 ? '.one' : '.other'), { n });

let lastStatus = 0;
let timer;

/** Shows one status text. A later one replaces it, after a second at the earliest. */
export const say = (message) => {
  const status = find('#status');
  if (!status) return;
  clearTimeout(timer);
  const wait = Math.max(0, lastStatus + STATUS_INTERVAL_MS - performance.now());
  timer = setTimeout(() => {
    lastStatus = performance.now();
    status.textContent = '';
    // The same text again is said again.
    requestAnimationFrame(() => (status.textContent = message));
    timer = setTimeout(() => (status.textContent = ''), 6000);
  }, wait);
};

/** Takes back a status that is not true any more. */
export const hush = () => {
  clearTimeout(timer);
  const status = find('#status');
  if (status) status.textContent = '';
};

/** Shows an error until it is closed, with buttons: pairs of a label and a function. */
export const warn = (message, ...buttons) => {
  const alert = find('#alert');
  if (!alert) return;
  const close = () => alert.replaceChildren();
  const make = ([label, press]) =>
    create('button', {
      type: 'button',
      onclick: () => {
        close();
        press();
      },
    }, label);
  alert.replaceChildren(create('span', {}, message), ...buttons.map(make), make([text('close'), () => {}]));
};

/** Closes the error. */
export const unwarn = () => find('#alert')?.replaceChildren();

/** Reads a value of local storage, which the browser may forbid. */
export const readStored = (storage, key) => {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
};

/** Stores a value, or removes it without one. */
export const store = (storage, key, value) => {
  try {
    if (value) window[storage].setItem(key, value);
    else window[storage].removeItem(key);
  } catch {
    // Without a storage the value lasts as long as the page.
  }
};

/** Shows times in the zone of the browser, with its name. */
export const localizeTimes = (root = document) => {
  const { lang } = document.documentElement;
  // The browser knows in which way its user writes times in the language of the page.
  const locale = navigator.language.split('-')[0] == lang.split('-')[0] ? navigator.language : lang;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  for (const time of findAll('time', root)) {
    const date = new Date(time.dateTime);
    if (isNaN(date)) continue;
    time.title = day.format(date);
    const at = find('.at', time);
    if (at) at.textContent = clock.format(date);
    if (time.className == 'clock') time.textContent = day.format(date);
  }
};
