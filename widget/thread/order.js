/* The order of the comments, which the reader chooses. The choice is remembered for all posts of the blog. */
import { drawInParts, insertMissing, insertReply, updateOwnComments } from './comment-list.js';
import { nextTask, numberIn } from './dom.js';
import { forgetRemovedForms, restoreDrafts } from './forms.js';
import { writeString } from './storage.js';

/** Lets the choice of an order take effect at once. Returns a function that ends it. */
export const watchOrder = (thread) => {
  const form = thread.section.querySelector('.aw-order');
  if (!form) return () => {};
  const select = form.querySelector('select');
  const button = form.querySelector('button');
  if (button) button.hidden = true;
  const removed = [];
  const onChange = () => changeOrder(thread, select, removed);
  select.addEventListener('change', onChange);
  // The reader may have chosen before the widget came.
  if (select.value != (thread.section.dataset.sort || select.value)) onChange();
  return () => select.removeEventListener('change', onChange);
};

/** `removed` are the lists of further pages that make place for another order, and come back if that cannot be fetched. */
const changeOrder = async (thread, select, removed) => {
  const { value } = select;
  writeString(thread.local, 'afterword:sort', value);
  const query = new URLSearchParams({ url: thread.url, lang: thread.section.lang, sort: value });
  let page;
  try {
    [page] = await Promise.all([thread.fetchSection('?' + query), removeFurtherPages(thread, removed)]);
  } catch (error) {
    if (thread.isEnded || select.value != value) return;
    thread.lists()[0].after(...removed.splice(0));
    select.value = thread.section.dataset.sort || 'oldest';
    thread.announce(thread.text('unreachable'));
    thread.reportError(error);
    return;
  }
  // The reader may have chosen another order meanwhile.
  if (thread.isEnded || select.value != value) return;
  removed.length = 0;
  showPage(thread, page);
  thread.announce(select.selectedOptions[0].textContent.trim());
};

/** Removes further pages, one by one: all at once would keep the page from answering. What the reader is using stays. */
const removeFurtherPages = async (thread, removed) => {
  for (const list of thread.lists().slice(1).reverse()) {
    if ([...list.querySelectorAll('.aw-item')].some(hasOwnState)) continue;
    list.remove();
    removed.unshift(list);
    await nextTask();
  }
};

/** The article of a comment and the forms below it. */
const partsOf = (item) => item.querySelectorAll(':scope > :is(.aw-comment,.aw-form)');

/** Returns true if the widget has something of a comment that the Worker does not: a form, a change of the reader's own, a vote. */
const hasOwnState = (item) => {
  const [article, ...forms] = partsOf(item);
  return forms.length > 0 || !!(article.isDeleted || article.ownVersion || item.voteTurn);
};

/** Shows the first page in another order in place of all comments. */
const showPage = (thread, page) => {
  const { sort, pages, page: number } = page.dataset;
  const root = thread.section.getRootNode();
  const focused = root.activeElement;
  const links = [...page.querySelectorAll(':scope > a[data-page]')];
  const old = new Map([...thread.section.querySelectorAll('.aw-item')].map((item) => [item.dataset.id, item]));
  const stale = thread.section.querySelectorAll(':scope > a[data-page],.aw-fresh-here');
  for (const element of stale) element.remove();
  Object.assign(thread.section.dataset, { sort, pages, page: number });
  thread.firstPage = numberIn(page, 'page') || 1;
  thread.version = numberIn(page, 'version');
  thread.displayedOwn.clear();
  const [list, ...others] = thread.lists();
  for (const other of others) other.remove();
  list.replaceChildren();
  drawInParts(insertMissing(thread, page, list));
  for (const link of links) {
    if (link.matches('.aw-earlier')) list.before(link);
    else list.after(link);
  }
  thread.shown = { version: thread.version, isComplete: thread.isComplete() };
  thread.countPage(page);
  updateOwnComments(thread);
  for (const [id, item] of old) {
    if (!thread.item(id)) keepBranch(thread, item);
    keepInUse(thread, item, thread.item(id));
  }
  forgetRemovedForms(thread);
  restoreDrafts(thread);
  thread.onCommentsInserted();
  if (focused && focused.isConnected && root.activeElement != focused) focused.focus({ preventScroll: true });
};

/**
 * Keeps a comment that the page lacks if the reader is using it: with the comments around it, below the one that the page has, or at the end.
 * It came from no page then, so no page can lack it.
 */
const keepBranch = (thread, item) => {
  const [article, ...forms] = partsOf(item);
  if (!forms.length && !article.isDeleted) return;
  let branch = item;
  let above;
  while ((above = branch.parentNode && branch.parentNode.closest('.aw-item')) && !thread.item(above.dataset.id)) branch = above;
  for (const kept of [branch, ...branch.querySelectorAll('.aw-item')]) kept.page = 0;
  if (above) insertReply(thread, thread.item(above.dataset.id), branch);
  else thread.lists()[0].append(branch);
};

/** Keeps what the page does not have of a comment: its forms, which only the reader closes, a later edit, and a vote. */
const keepInUse = (thread, old, item) => {
  if (!item || item == old) return;
  const [article, ...forms] = partsOf(old);
  const isNewer = article.isDeleted || article.ownVersion > thread.version;
  if (!forms.length && !isNewer && !old.voteTurn) return;
  item.voteTurn = old.voteTurn;
  item.querySelector(':scope > .aw-comment').replaceWith(article, ...forms);
};
