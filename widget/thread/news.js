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

const isVersion = (value) => Number.isSafeInteger(value) && value >= 0;

/** The valid versions in a value of the storage: from the number of a page to the version that was shown of it. */
const versionsIn = (value) => Object.fromEntries(Object.entries(value || {}).filter(([, version]) => isVersion(version)));

/**
 * Continues a visit, or begins another. `stored` is `{at, seen, before}`: the time in milliseconds at which the page was last visible, the
 * versions of the pages that this visit has shown, and those that the visit before it had shown. `shown` are the versions on the screen.
 * Pages count one by one, since the reader may have seen only some of them.
 */
export const continueVisit = (stored, shown, now) => {
  const seen = versionsIn(stored.seen);
  const isSame = now - stored.at < VISIT_MS && now >= stored.at;
  const before = isSame ? versionsIn(stored.before) : seen;
  const latest = { ...seen };
  for (const [page, version] of Object.entries(shown)) latest[page] = Math.max(latest[page] || 0, version);
  return { at: now, seen: latest, before };
};

/** Marks the comments that are new. Returns a function that ends the visit. */
export const markNewComments = (thread) => {
  const key = 'afterword:visit:' + thread.canonical;
  const visit = () => continueVisit(readObject(thread.local, key), thread.pages, Date.now());
  const { before } = visit();
  const store = () => writeObject(thread.local, key, visit());
  const onVisibility = () => isPageHidden() && store();
  store();
  thread.markNews = () => {
    markNews(thread, before);
    store();
  };
  thread.markNews();
  // Elements with names hide methods of the document, but not of the window.
  addEventListener('visibilitychange', onVisibility);
  return () => {
    removeEventListener('visibilitychange', onVisibility);
    store();
  };
};

const markNews = (thread, before) => {
  const articles = [...thread.section.querySelectorAll('.aw-comment[data-since]')];
  for (const article of articles) {
    const seen = before[article.parentNode.page || thread.firstPage];
    // Of a page that no earlier visit has shown nothing is new.
    if (numberIn(article, 'since') > seen && !article.isOwn && !article.querySelector('.aw-new')) {
      article.querySelector('.aw-meta')?.append(' ', create('span', { className: 'aw-new' }, thread.text('new')));
    }
  }
  const count = thread.section.querySelectorAll('.aw-new').length;
  let bar = thread.section.querySelector('.aw-news');
  if (!count) {
    // The new comments may be on a page that is not on the screen any more.
    if (bar) bar.remove();
    return;
  }
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
  if (!items.length) return;
  const at = items.findIndex((item) => item == thread.lastNew) + 1;
  thread.lastNew = items[at % items.length];
  reveal(thread.lastNew);
  focusElement(headingOf(thread.lastNew));
};
