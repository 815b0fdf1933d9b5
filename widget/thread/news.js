/*
 * Comments that are new since the reader's last visit.
 *
 * A comment is new if it became visible after the version of the thread that the last visit saw. The id does not tell: a held comment is
 * approved late, with a lower id than those around it. A visit ends half an hour after the page was hidden. Without a memory nothing is new.
 */
import { create, createButton, focusElement, headingOf, isPageHidden, numberIn, reveal } from './dom.js';
import { readObject, writeObject } from './storage.js';

/** Time after which a hidden page belongs to an earlier visit, in milliseconds. */
const VISIT_MS = 30 * 60 * 1000;

/**
 * The version that the last visit saw, and the state to store: `{seen, at, before}`. `seen` is the newest version that this visit has shown,
 * `at` the time at which the page was last visible, `before` what the visit before it saw.
 */
export const continueVisit = ({ seen, at, before }, version, now) => {
  const isVersion = (value) => Number.isSafeInteger(value) && value >= 0;
  if (!isVersion(seen)) return { seen: version, at: now };
  const isSame = now - at < VISIT_MS && now >= at;
  const last = isSame ? before : seen;
  return { seen: Math.max(seen, version), at: now, ...(isVersion(last) && { before: last }) };
};

/** Marks the comments that are new. Returns a function that ends the visit. */
export const markNewComments = (thread) => {
  const key = 'afterword:visit:' + thread.canonical;
  const visit = () => continueVisit(readObject(thread.local, key), thread.version, Date.now());
  const { before } = visit();
  const store = () => writeObject(thread.local, key, visit());
  const onVisibility = () => isPageHidden() && store();
  store();
  thread.markNews = () => markNews(thread, before);
  if (before !== undefined) thread.markNews();
  // Elements with names hide methods of the document, but not of the window.
  addEventListener('visibilitychange', onVisibility);
  return () => {
    removeEventListener('visibilitychange', onVisibility);
    store();
  };
};

const markNews = (thread, before) => {
  if (before === undefined) return;
  const articles = [...thread.section.querySelectorAll('.aw-comment[data-since]')];
  for (const article of articles) {
    if (numberIn(article, 'since') > before && !article.isOwn && !article.querySelector('.aw-new')) {
      article.querySelector('.aw-meta')?.append(' ', create('span', { className: 'aw-new' }, thread.text('new')));
    }
  }
  const count = thread.section.querySelectorAll('.aw-new').length;
  if (!count) return;
  let bar = thread.section.querySelector('.aw-news');
  if (!bar) {
    const next = createButton('aw-fresh', thread.text('new.next'), () => focusNextNew(thread));
    bar = create('p', { className: 'aw-news' }, create('span'), ' ', next);
    // In the row of the order, if there is one: the comments below do not move.
    const order = thread.section.querySelector('.aw-order');
    if (order) order.append(bar);
    else thread.section.querySelector('.aw-title').after(bar);
  }
  bar.firstElementChild.textContent = thread.plural('new.since', count);
};

/** Focuses the first new comment after the one that was shown last, and the first of all after the last. */
const focusNextNew = (thread) => {
  const items = [...thread.section.querySelectorAll('.aw-new')].map((mark) => mark.closest('.aw-item'));
  const at = items.findIndex((item) => item == thread.lastNew) + 1;
  thread.lastNew = items[at % items.length];
  reveal(thread.lastNew);
  focusElement(headingOf(thread.lastNew));
};
