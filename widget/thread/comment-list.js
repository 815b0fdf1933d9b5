/* Comments added after the first rendering: the reader's own, and those of further pages. */
import { create, dispatch, focusElement, headingOf, nextTask, numberIn, reveal } from './dom.js';
import { forgetRemovedForms, restoreDrafts } from './forms.js';
import { ownCommentState, ownMark } from './own-comments.js';
import { nowSeconds } from './proof-of-work.js';
import { RequestError } from './worker-api.js';

/** Time in seconds after which the page of a comment leads to a reply on another page, if there is one. */
const LINK_DELAY_SECONDS = 300;

/** Comments that are drawn in one frame. */
const DRAWN_AT_ONCE = 10;

/** Comments that the Worker or `view` rendered, prepared for this reader: times, own comments, votes. `part` contains them. */
export const prepareComments = (thread, part) => {
  thread.localizeTimes(part);
  const mark = ownMark(thread.local);
  for (const article of part.querySelectorAll('.aw-comment:not(.aw-deleted)')) {
    const shown = article.querySelector('.aw-mark');
    if (mark && shown && shown.textContent.endsWith('·' + mark)) markAsOwn(thread, article);
    addVoteButton(thread, article);
  }
};

/** Marks a comment as the reader's own. */
const markAsOwn = (thread, article) => {
  article.isOwn = true;
  if (!article.querySelector('.aw-you')) {
    headingOf(article.parentNode).append(' ', create('span', { className: 'aw-you' }, thread.text('you')));
  }
};

/** Replaces the number of votes by a button, if votes are taken. Nobody votes on their own comment, nor on a pending one. */
const addVoteButton = (thread, article) => {
  const acts = article.querySelector('.aw-acts');
  if (!acts || !thread.canPost || article.isOwn || article.querySelector('.aw-pending,.aw-vote')) return;
  const shown = acts.querySelector('.aw-votes');
  const id = numberIn(article.parentNode, 'id');
  const mine = thread.votes[id] || 0;
  const values = thread.section.dataset.downvotes == 'on' ? [1, -1] : [1];
  // The published thread may lack the reader's own vote for a minute. With votes against comments the number does not show it.
  const votes = Math.max(numberIn(shown, 'votes'), values[1] ? -Infinity : mine);
  const buttons = values.map((value) => {
    const button = create('button', {
      type: 'button',
      className: 'aw-vote',
      press: () => thread.usePart('votes', ({ vote }) => vote(thread, id, value)),
    });
    button.dataset.value = value;
    return button;
  });
  if (shown) shown.replaceWith(...buttons);
  else acts.insertBefore(buttons[0], acts.querySelector('.aw-menu'));
  if (buttons[1] && !shown) buttons[0].after(buttons[1]);
  showVotes(thread, article, votes, mine);
};

/** Shows the number of votes for a comment, and which of them is the reader's. */
export const showVotes = (thread, article, votes, mine) => {
  article.votes = votes;
  for (const button of article.querySelectorAll('.aw-vote')) {
    const isUp = button.dataset.value > 0;
    const hidden = (text) => create('span', { className: 'aw-hidden' }, text);
    button.setAttribute('aria-pressed', mine == button.dataset.value);
    // The number is the visible part of the accessible name.
    const [before, after] = thread.text('vote.up').split('{n}');
    if (isUp) button.replaceChildren('▲ ', hidden(before), thread.number(votes), hidden(after || ''));
    else button.replaceChildren('▼', hidden(' ' + thread.text('vote.down', { n: thread.number(votes) })));
  }
};

/** Displays the reader's own comments that the page lacks, and discards those that the page contains or will never contain. */
export const updateOwnComments = (thread) => {
  const discarded = [];
  thread.missingOwn = thread.missingOwn.filter((own) => {
    const { id } = own.comment;
    const item = thread.item(id);
    const isDisplayed = !!item && !!thread.article(id).ownVersion;
    const isOnPage = !!item && !isDisplayed;
    const shown = isOnPage ? { ...thread.shown, version: thread.pageVersion(item) } : thread.shown;
    const state = ownCommentState(own, isOnPage, isBelowShown(thread, own), shown, nowSeconds());
    if (state == 'display' && isOnPage) replaceOwnComment(thread, own);
    if (state == 'display' && !item) displayOwnComment(thread, own);
    if (state == 'discard') discarded.push(id);
    return state != 'discard';
  });
  thread.ownComments.remove(discarded);
};

/** Returns true if a comment may be among the further replies to a comment on the screen. */
const isBelowShown = (thread, { comment }) => {
  const parent = comment.parent && thread.item(comment.parent);
  const isNew = nowSeconds() - comment.created < LINK_DELAY_SECONDS;
  return !!parent && (isNew || !!parent.querySelector(':scope > .aw-more'));
};

/** Inserts an own comment of the reader at its position in the thread. Returns its `<li>`. */
export const displayOwnComment = (thread, own) => {
  const { comment } = own;
  const parent = comment.parent ? thread.item(comment.parent) : null;
  const item = renderItem(thread, own, parent);
  if (!item) return null;
  if (parent) insertReply(thread, parent, item);
  else if (thread.section.dataset.sort == 'newest') thread.lists()[0].prepend(item);
  else insertRoot(thread, item);
  updateBranches(thread, [item]);
  // It came from no page, so no page can lack it.
  item.page = 0;
  thread.displayedOwn.add(comment.id);
  // The note for a missing comment has the id of the comment.
  for (const note of thread.section.querySelectorAll('.aw-empty,.aw-missing#' + item.id)) note.remove();
  // An edit raises the version of a comment that the Worker counts already.
  if (own.status == 'published') thread.changeCount(comment.id, comment.since || own.version, 1);
  return item;
};

/** Replaces a comment that a page has in an older state by what the Worker has stored. */
const replaceOwnComment = (thread, own) => {
  const { id, parent } = own.comment;
  const item = renderItem(thread, own, parent ? thread.item(parent) : null);
  if (!item) return;
  thread.article(id).replaceWith(item.firstElementChild);
  if (own.status != 'published') thread.changeCount(id, own.version, -1);
};

/** Renders the `<li>` of a comment as the Worker returned it. Returns nothing for a value that no Worker can have returned. */
export const renderItem = (thread, { comment, status, version }, parent) => {
  const depth = parent ? Math.min(numberIn(parent, 'depth') + 1, 255) : 0;
  const author = parent && parent.querySelector('.aw-author');
  const name = parent ? (author ? author.textContent : '') : undefined;
  const html = thread.renderer.comment(comment, depth, name, status == 'pending');
  if (!html) return null;
  const item = thread.parse(html).firstElementChild;
  // A page of an older version does not replace it.
  Object.assign(item.firstElementChild, { isOwn: true, ownVersion: version || 1 });
  prepareComments(thread, item);
  return item;
};

/**
 * Fetches the page that a link leads to, and inserts the comments that are not on the screen.
 *
 * The room for them is made at once: what moves within half a second after a click does not surprise a reader, and does not count as a
 * shift of the layout.
 */
export const loadPage = async (thread, link) => {
  if (link.isPlain) return location.assign(link.href);
  if (link.getAttribute('aria-busy') == 'true') return;
  link.setAttribute('aria-busy', true);
  thread.announce(thread.text('loading'));
  const room = create('div');
  room.style.blockSize = innerHeight + 'px';
  if (link.matches('.aw-more')) link.after(room);
  // See `.aw-drawn` in the styles.
  thread.lists()[0].classList.add('aw-drawn');
  let page;
  try {
    // The fragment accepts the same query as the page that the link leads to.
    page = await thread.fetchSection(link.search);
    await nextTask();
  } catch (error) {
    if (thread.isEnded) return;
    room.remove();
    // From now on the link is a plain one, as without the widget. It still names the page that is not on the screen.
    link.isPlain = true;
    link.removeAttribute('aria-busy');
    thread.announce(thread.text('unreachable'));
    thread.reportError(error);
    return;
  }
  if (thread.isEnded) return;
  insertPage(thread, link, page, () => room.remove());
};

/** Draws comments in parts, a frame each: all at once would keep the page from answering meanwhile. The first part is drawn at once. */
export const drawInParts = (items, onDrawn = () => {}) => {
  const rest = items.slice(DRAWN_AT_ONCE);
  for (const item of rest) item.hidden = true;
  const draw = () => {
    for (const item of rest.splice(0, DRAWN_AT_ONCE)) item.hidden = false;
    if (rest.length) requestAnimationFrame(draw);
    else onDrawn();
  };
  if (rest.length) requestAnimationFrame(draw);
  else onDrawn();
};

/** Inserts the comments of a page that the Worker rendered. It also has the comments that they reply to. */
const insertPage = (thread, link, page, onDrawn) => {
  // Own comments were displayed in place of comments that were not loaded. Some of these are on the page now, so all own comments are
  // removed and inserted again.
  removeDisplayedOwn(thread);
  const number = link.dataset.page;
  const lists = thread.lists();
  const list = create('ol', { className: 'aw-list aw-drawn', part: 'list' });
  if (link.matches('.aw-earlier')) lists[0].before(list);
  else lists.pop().after(list);
  const inserted = insertMissing(thread, page, list);
  if (!list.firstElementChild) list.remove();
  drawInParts(inserted, onDrawn);
  replaceLinks(thread, number, page);
  thread.shown = {
    version: Math.min(numberIn(page, 'version'), thread.shown.version),
    isComplete: thread.isComplete(),
  };
  thread.countPage(page);
  updateOwnComments(thread);
  restoreDrafts(thread);
  thread.onCommentsInserted();
  const shown = thread.section.querySelectorAll('.aw-item').length;
  thread.announce(thread.plural('more.status', inserted.length, { shown: thread.number(shown), total: thread.number(thread.count) }));
  focusInserted(thread, inserted[0] || thread.lists().pop().lastElementChild);
};

/** Focuses a comment that was inserted, or the title if there is none. */
export const focusInserted = (thread, item) => {
  if (item) reveal(item);
  focusElement(headingOf(item) || thread.section.querySelector('.aw-title'));
};

/**
 * Moves the comments that are not on the screen from a page into the thread, root comments into a list, before an item or to the end. Each
 * item is visited once, so loading all pages takes time linear in their number. Returns the items of the new comments.
 */
export const insertMissing = (thread, page, list, before = null) => {
  const inserted = [];
  const number = numberIn(page, 'page') || 1;
  thread.pages[number] = Math.max(numberIn(page, 'version'), thread.pages[number] || 0);
  for (const item of [...page.querySelectorAll('.aw-item')]) {
    // An item whose parent was moved came with it.
    const isMoved = thread.section.contains(item);
    if (!isMoved && thread.item(item.dataset.id)) continue;
    inserted.push(item);
    item.page = number;
    if (isMoved) continue;
    for (const known of item.querySelectorAll('.aw-item')) if (thread.item(known.dataset.id)) known.remove();
    prepareComments(thread, item);
    const parent = item.dataset.parent && thread.item(item.dataset.parent);
    if (parent) insertReply(thread, parent, item);
    else list.insertBefore(item, before);
  }
  updateBranches(thread, inserted);
  if (inserted.length) for (const note of thread.section.querySelectorAll('.aw-empty')) note.remove();
  return inserted;
};

/** Replaces the links to a page that is on the screen now by the links that it has in their places. */
const replaceLinks = (thread, number, page) => {
  for (const link of thread.section.querySelectorAll(`a[data-page="${number}"]`)) {
    const item = link.closest('.aw-item');
    const scope = item ? page.querySelector('#' + item.id) : page;
    const next = scope && [...scope.children].find((child) => child.className == link.className);
    if (next) link.after(next);
    link.remove();
  }
};

/** Removes the displayed own comments of the reader from the page, except those with replies of others or with forms. */
const removeDisplayedOwn = (thread) => {
  const isKept = (part) => part.matches('.aw-form') || !thread.displayedOwn.has(numberIn(part, 'id'));
  for (const id of thread.displayedOwn) {
    const item = thread.item(id);
    if (item && ![...item.querySelectorAll('.aw-item,.aw-form')].some(isKept)) item.remove();
  }
  thread.displayedOwn.clear();
  forgetRemovedForms(thread);
};

/** Inserts a root comment after the last one with a smaller id. */
const insertRoot = (thread, item) => {
  const lists = thread.lists();
  const isAfter = (list) => numberIn(list.firstElementChild, 'id') < numberIn(item, 'id');
  insertById(lists.reverse().find(isAfter) || lists.pop(), item);
};

/** Inserts an item after the last one with a smaller id. */
const insertById = (list, item) => {
  const id = numberIn(item, 'id');
  let previous = list.lastElementChild;
  while (previous && numberIn(previous, 'id') > id) previous = previous.previousElementSibling;
  if (previous) previous.after(item);
  else list.prepend(item);
};

/** Inserts a reply below its parent. */
export const insertReply = (thread, parent, item) => {
  if (numberIn(parent, 'depth') < thread.renderer.max_depth()) insertById(branchOf(parent), item);
  else lastFlatReply(parent).after(item);
};

/** The list of replies to a comment. Creates it if the comment has none. */
const branchOf = (item) => {
  const found = item.querySelector(':scope > .aw-branch > .aw-replies');
  if (found) return found;
  const list = create('ol', { className: 'aw-list aw-replies' });
  const branch = create('details', { className: 'aw-branch', part: 'branch', open: true }, create('summary'), list);
  item.insertBefore(branch, item.querySelector(':scope > .aw-more'));
  return list;
};

/** Writes the numbers of comments into the summaries of the branches around these items. Tombstones do not count. */
export const updateBranches = (thread, items) => {
  const branches = new Set();
  for (const item of items) {
    for (let node = item; (node = node.parentElement && node.parentElement.closest('.aw-branch')); ) branches.add(node);
  }
  for (const branch of branches) {
    const count = branch.querySelectorAll('.aw-comment:not(.aw-deleted)').length;
    branch.firstElementChild.textContent = thread.renderer.count('replies', count);
  }
};

/**
 * The last direct or indirect reply to a comment in a flat list, or the comment itself if it has none. All replies follow the comment there,
 * each a reply to the comment or to one of the replies before it.
 */
const lastFlatReply = (item) => {
  const ids = new Set([item.dataset.id]);
  let last = item;
  for (let next; (next = last.nextElementSibling) && ids.has(next.dataset.parent); last = next) ids.add(next.dataset.id);
  return last;
};

/** Fails unless a response is a section of a thread. */
export const sectionIn = (thread, html) => {
  const section = thread.parse(html).querySelector('.aw');
  if (!section || !section.dataset.url) throw new RequestError();
  return section;
};

/** Tells the page that comments were drawn, for example for a highlighter of code. */
export const dispatchDrawn = (thread, target) =>
  dispatch(target, 'drawn', { url: thread.canonical, count: thread.count });
