/*
 * New comments while the thread is being read.
 *
 * The thread is fetched again after a minute, since the published thread may be as old as that, then after twice the time, and so on up to
 * a quarter of an hour. Nothing is inserted unasked: a button stands where the new comments will. Edits and removals change in place.
 */
import { dispatchDrawn, focusInserted, insertMissing, prepareComments, showVotes, updateBranches } from './comment-list.js';
import { create, createButton, isPageHidden, keepPosition, numberIn, selectionIn } from './dom.js';

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
    adoptOwn(thread, latest, items.filter(known));
    removeMissing(thread, latest);
    offer(thread, latest, arrived);
    if (!arrived.length) thread.countPage(latest);
  });
  if (thread.markNews) thread.markNews();
  if (arrived.length && arrived.length != thread.offered) thread.announce(thread.plural('live.status', arrived.length));
  thread.offered = arrived.length;
};

/** From now on the reader's own comments that the thread has are comments of their page. An edit may be later than the page. */
const adoptOwn = (thread, latest, items) => {
  const found = new Set(items.map((item) => numberIn(item, 'id')));
  for (const id of found) {
    const item = thread.item(id);
    if (item.page === 0) item.page = numberIn(latest, 'page') || 1;
    thread.displayedOwn.delete(id);
  }
  const isCurrent = (own) => found.has(own.comment.id) && own.version <= thread.version;
  thread.forgetOwn(thread.missingOwn.filter(isCurrent).map(({ comment }) => comment.id));
};

/** The text of a comment. Its times and votes change without it. */
const comparable = (article) => {
  const copy = article.cloneNode(true);
  for (const part of copy.querySelectorAll('.aw-new,.aw-act,.aw-note,time,.aw-vote,.aw-votes')) part.remove();
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
  // A comment that has just been deleted has a button to restore it in its place, and one that has just been edited is newer.
  if (!article || article.isDeleted || article.ownVersion > thread.version) return;
  // The number of votes on the screen has that of the reader, which the page may not have yet.
  if (item.voteTurn) showVotes(thread, other, article.votes, thread.votes[item.dataset.id] || 0);
  if (comparable(article) == comparable(other)) return updateVotes(thread, article, other);
  if (isInUse(thread, article)) return;
  article.replaceWith(other);
  dispatchDrawn(thread, other);
};

const updateVotes = (thread, article, other) => {
  if (article.querySelector('.aw-vote')) {
    return showVotes(thread, article, other.votes || 0, thread.votes[article.parentNode.dataset.id] || 0);
  }
  // Nobody votes on their own comment.
  const [shown, votes] = [article, other].map((one) => one.querySelector('.aw-votes'));
  if (shown) shown.remove();
  if (votes) article.querySelector('.aw-menu').before(votes, ' ');
};

/**
 * Returns true if the latest page has the comments of that page on the screen, unless they were removed. A page keeps its comments, but the
 * newest page is the first only until there is another, and votes change which comments are on the page of the best.
 */
const isSamePage = ({ section }, { dataset: { pages, sort } }) =>
  sort == 'oldest' || (pages == section.dataset.pages && (sort == 'newest' || pages == 1));

/** Shows a note in place of comments that are no longer in the thread. So nothing below them moves. */
const removeMissing = (thread, latest) => {
  if (!isSamePage(thread, latest)) return;
  const page = numberIn(latest, 'page') || 1;
  for (const item of thread.section.querySelectorAll('.aw-item')) {
    const article = item.querySelector(':scope > .aw-comment');
    const isOfPage = (item.page ?? thread.firstPage) == page && !latest.querySelector('#' + item.id);
    // The author knows of their own what the page does not: that it waits, or has been restored.
    const isKnown = article.querySelector('.aw-pending') || article.ownVersion > thread.version;
    if (!isOfPage || isKnown || article.matches('.aw-deleted') || isInUse(thread, article)) continue;
    article.classList.add('aw-deleted');
    article.replaceChildren(create('p', { className: 'aw-gone' }, thread.text('deleted')));
    updateBranches(thread, [item]);
  }
};

/** The comment on the screen below which a new comment will stand, or nothing for a root comment. It may be a reply to a new one. */
const placeOf = (thread, latest, item) => {
  let place;
  for (let above = item; !place && above && above.dataset.parent; ) {
    const id = above.dataset.parent;
    place = thread.item(id);
    above = latest.querySelector('#comment-' + id);
  }
  // In a collapsed branch a button would not be seen.
  for (let closed; place && (closed = place.closest('.aw-branch:not([open])')); ) place = closed.parentNode;
  return place;
};

/** Puts a button where the new comments will stand: below each comment that has new replies, and at the end of the thread. */
const offer = (thread, latest, arrived) => {
  const places = new Map();
  for (const item of arrived) {
    const place = placeOf(thread, latest, item);
    places.set(place, (places.get(place) || 0) + 1);
  }
  const unused = new Set(thread.section.querySelectorAll('.aw-fresh-here'));
  for (const [place, number] of places) {
    // A button stays, because it may have the focus.
    let button = [...unused].find((old) => old.place == place);
    if (button) unused.delete(button);
    else button = createFreshButton(thread, place);
    button.textContent = thread.plural('live.show', number);
    button.press = () => show(thread, latest, place);
  }
  removeFreshButtons(unused);
};

const createFreshButton = (thread, place) => {
  const button = createButton('aw-fresh aw-fresh-here', '');
  button.place = place;
  if (place) [...place.querySelectorAll(':scope > :is(.aw-comment,.aw-form,.aw-branch)')].pop().after(button);
  else if (thread.section.dataset.sort == 'newest') thread.lists()[0].before(button);
  else thread.lists().pop().after(button);
  return button;
};

const removeFreshButtons = (buttons) => {
  for (const button of buttons) button.remove();
};

/** Shows all new comments and focuses the first of those that the button stood for. */
const show = (thread, latest, place) => {
  removeFreshButtons(thread.section.querySelectorAll('.aw-fresh-here'));
  const lists = thread.lists();
  const isNewestFirst = thread.section.dataset.sort == 'newest';
  const list = isNewestFirst ? lists[0] : lists.pop();
  const inserted = insertMissing(thread, latest, list, isNewestFirst ? list.firstElementChild : null);
  thread.offered = 0;
  thread.countPage(latest);
  thread.onCommentsInserted();
  const isHere = (item) => (place ? place.contains(item) : item.parentNode == list);
  focusInserted(thread, inserted.find(isHere) || inserted[0] || place);
};
