/*
 * New comments while the thread is being read.
 *
 * The thread is fetched again after a minute, since the published thread may be as old as that, then after twice the time, and so on up to
 * a quarter of an hour. Nothing is inserted unasked: a button stands where the new comments will. Edits and removals change in place.
 */
import { branchOf, insertMissing, prepareComments, updateBranches } from './comment-list.js';
import {
  create,
  createButton,
  focusElement,
  headingOf,
  isPageHidden,
  keepPosition,
  numberIn,
  selectionIn,
} from './dom.js';

const FIRST_MS = 60 * 1000;
const LONGEST_MS = 15 * 60 * 1000;
/** Number of requests in one visit. */
const MAX_POLLS = 10;
/** Absence after which the thread is fetched on return, in milliseconds. */
const AWAY_MS = 2 * 60 * 1000;

/** Times of the requests for new comments. `now` is in milliseconds; all times are of the same clock. */
export class PollSchedule {
  constructor(now) {
    this.delay = FIRST_MS;
    this.polls = 0;
    this.next = now + FIRST_MS;
  }

  /** The time in milliseconds until the next request, or nothing if there is none any more. */
  wait(now) {
    return this.polls < MAX_POLLS ? Math.max(this.next - now, 0) : undefined;
  }

  /** A request is sent. */
  poll(now) {
    this.polls += 1;
    this.delay = Math.min(this.delay * 2, LONGEST_MS);
    this.next = now + this.delay;
  }

  /** The reader returns to the page after an absence. */
  return(now, away) {
    if (away >= AWAY_MS) this.next = now;
  }
}

/** Fetches the thread from time to time. Returns a function that ends it. */
export const watchForNewComments = (thread) => {
  if (navigator.connection && navigator.connection.saveData) return () => {};
  const schedule = new PollSchedule(Date.now());
  let timer;
  let isInView = false;
  let hiddenAt;
  const plan = () => {
    clearTimeout(timer);
    const wait = schedule.wait(Date.now());
    if (wait === undefined || !isInView || isPageHidden()) return;
    timer = setTimeout(() => {
      schedule.poll(Date.now());
      plan();
      poll(thread);
    }, wait);
  };
  const observer = new IntersectionObserver((entries) => {
    isInView = entries.pop().isIntersecting;
    plan();
  });
  const onVisibility = () => {
    if (isPageHidden()) hiddenAt = Date.now();
    else if (hiddenAt) schedule.return(Date.now(), Date.now() - hiddenAt);
    plan();
  };
  observer.observe(thread.section);
  addEventListener('visibilitychange', onVisibility);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
    removeEventListener('visibilitychange', onVisibility);
  };
};

const poll = async (thread) => {
  const { sort, page } = thread.section.dataset;
  const query = new URLSearchParams({ url: thread.url, lang: thread.section.lang, sort: sort || '' });
  if (page > 1) query.set('page', page);
  let latest;
  try {
    // The browser asks whether its copy is still current.
    latest = await thread.fetchSection('?' + query, { cache: 'no-cache' });
  } catch {
    // The next request may succeed; until then nothing is missing that the reader was shown.
    return;
  }
  if (thread.isEnded) return;
  if (numberIn(latest, 'version') > thread.version) update(thread, latest);
};

/** Compares the thread on the page with the latest one. */
const update = (thread, latest) => {
  thread.version = numberIn(latest, 'version');
  prepareComments(thread, latest);
  const known = (item) => thread.item(item.dataset.id);
  const items = [...latest.querySelectorAll('.aw-item')];
  const arrived = items.filter((item) => !known(item));
  keepPosition(thread.section, () => {
    for (const item of items) if (known(item)) updateComment(thread, known(item), item);
    removeMissing(thread, latest);
    if (arrived.length) offer(thread, latest, arrived);
    else thread.setCount(numberIn(latest, 'count'));
  });
  if (arrived.length) thread.announce(thread.plural('live.status', arrived.length));
};

const comparable = (article) => {
  const copy = article.cloneNode(true);
  for (const part of copy.querySelectorAll('.aw-new,.aw-act,.aw-note')) part.remove();
  for (const part of copy.querySelectorAll('details')) part.open = false;
  return copy.textContent.replace(/\s+/g, ' ').trim();
};

/** Returns true if the reader is at a comment: with the focus, a selection, or a form. */
const isInUse = (thread, article) => {
  const selection = selectionIn(thread.section);
  return (
    article.contains(thread.section.getRootNode().activeElement) ||
    article.hidden ||
    !!article.parentNode.querySelector(':scope > .aw-form') ||
    (selection && !selection.isCollapsed && article.contains(selection.anchorNode))
  );
};

const updateComment = (thread, item, latest) => {
  const article = item.querySelector(':scope > .aw-comment');
  const other = latest.querySelector(':scope > .aw-comment');
  // A comment that has just been deleted has a button to restore it in its place.
  if (!article || article.isDeleted || comparable(article) == comparable(other)) return;
  if (isInUse(thread, article)) return;
  const copy = other.cloneNode(true);
  copy.isOwn = other.isOwn;
  article.replaceWith(copy);
  // The buttons of a copy do nothing.
  for (const button of copy.querySelectorAll('.aw-vote')) button.remove();
  prepareComments(thread, copy.parentNode);
};

/** Shows a note in place of comments that are no longer in the thread. So nothing below them moves. */
const removeMissing = (thread, latest) => {
  const numbers = [...latest.querySelectorAll('.aw-item')].map((item) => numberIn(item, 'id'));
  const first = Math.min(...numbers);
  const last = Math.max(...numbers);
  for (const item of thread.section.querySelectorAll('.aw-item')) {
    const id = numberIn(item, 'id');
    const article = item.querySelector(':scope > .aw-comment');
    const isGone = id > first && id < last && !numbers.includes(id) && !thread.displayedOwn.has(id);
    if (!isGone || !thread.shown.isComplete || article.matches('.aw-deleted') || isInUse(thread, article)) continue;
    article.classList.add('aw-deleted');
    article.replaceChildren(create('p', { className: 'aw-gone' }, thread.text('deleted')));
  }
};

/** Puts a button where the new comments will stand: below each comment that has new replies, and at the end of the thread. */
const offer = (thread, latest, arrived) => {
  for (const old of thread.section.querySelectorAll('.aw-fresh-here')) old.remove();
  const places = new Map();
  for (const item of arrived) {
    const parent = item.dataset.parent && thread.item(item.dataset.parent);
    const isBelowArrived = item.parentElement.closest('.aw-item') && !parent;
    const place = parent || thread.list;
    if (!isBelowArrived) places.set(place, (places.get(place) || 0) + 1);
  }
  for (const [place, number] of places) {
    const button = createButton('aw-fresh aw-fresh-here', thread.plural('live.show', number), () => show(thread, latest));
    if (place != thread.list) branchOf(place).after(button);
    else if (thread.section.dataset.sort == 'newest') place.before(button);
    else place.after(button);
  }
};

/** Shows all new comments and focuses the first. */
const show = (thread, latest) => {
  for (const button of thread.section.querySelectorAll('.aw-fresh-here')) button.remove();
  const before = thread.section.dataset.sort == 'newest' ? thread.list.firstElementChild : null;
  const inserted = insertMissing(thread, latest, before);
  updateBranches(thread, inserted);
  thread.setCount(numberIn(latest, 'count'));
  thread.onCommentsInserted();
  focusElement(headingOf(inserted[0]));
};
