/* The order of the comments, which the reader chooses. The choice is remembered for all posts of the blog. */
import { insertMissing, removeDisplayedOwn, updateOwnComments } from './comment-list.js';
import { numberIn } from './dom.js';
import { forgetRemovedForms, openReplyForm, restoreDrafts } from './forms.js';
import { writeString } from './storage.js';

/** Lets the choice of an order take effect at once. Returns a function that ends it. */
export const watchOrder = (thread) => {
  const form = thread.section.querySelector('.aw-order');
  if (!form) return () => {};
  const select = form.querySelector('select');
  const button = form.querySelector('button');
  if (button) button.hidden = true;
  const onChange = () => changeOrder(thread, select);
  select.addEventListener('change', onChange);
  // The reader may have chosen before the widget came.
  if (select.value != (thread.section.dataset.sort || select.value)) onChange();
  return () => select.removeEventListener('change', onChange);
};

const changeOrder = async (thread, select) => {
  const { value } = select;
  writeString(thread.local, 'afterword:sort', value);
  const query = new URLSearchParams({ url: thread.url, lang: thread.section.lang, sort: value });
  let page;
  try {
    page = await thread.fetchSection('?' + query);
  } catch (error) {
    if (thread.isEnded) return;
    select.value = thread.section.dataset.sort || 'oldest';
    thread.announce(thread.text('unreachable'));
    thread.reportError(error);
    return;
  }
  // The reader may have chosen another order meanwhile.
  if (thread.isEnded || select.value != value) return;
  thread.section.dataset.sort = value;
  const replies = thread.forms.map(({ target }) => target.parent).filter(Boolean);
  removeDisplayedOwn(thread);
  for (const link of thread.section.querySelectorAll(':scope > a[data-page]')) link.remove();
  thread.list.replaceChildren();
  forgetRemovedForms(thread);
  const links = [...page.querySelectorAll(':scope > a[data-page]')];
  insertMissing(thread, page);
  for (const link of links) {
    if (link.matches('.aw-earlier')) thread.list.before(link);
    else thread.list.after(link);
  }
  thread.shown = { version: numberIn(page, 'version'), isComplete: thread.isComplete() };
  thread.setCount(numberIn(page, 'count'));
  thread.missingOwn = thread.ownComments.load();
  updateOwnComments(thread);
  restoreDrafts(thread);
  // Only the reader closes a form, even an empty one.
  for (const parent of replies) openReplyForm(thread, parent);
  thread.onCommentsInserted();
  thread.announce(select.selectedOptions[0].textContent.trim());
};
