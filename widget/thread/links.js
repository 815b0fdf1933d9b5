/* Links to comments, in branches that the reader has collapsed and to comments that are not on the page. */
import { create, focusElement, headingOf, reveal } from './dom.js';

const linkedId = () => (/^#comment-(\d+)$/.exec(location.hash) || [])[1];

/** Opens the collapsed branches around a comment that a link leads to. Returns a function that ends it. */
export const watchLinks = (thread) => {
  const onHashChange = () => {
    const item = thread.item(linkedId());
    if (!item || !item.closest('details:not([open])')) return;
    reveal(item);
    item.scrollIntoView();
    focusElement(headingOf(item));
  };
  addEventListener('hashchange', onHashChange);
  return () => removeEventListener('hashchange', onHashChange);
};

/** Tells a reader who followed a link to a comment that is not on the page what became of it. The Worker draws the note, if it can. */
export const explainMissing = (thread) => {
  const id = linkedId();
  const item = thread.item(id);
  let note = thread.section.querySelector('.aw-missing');
  const hadFocus = note && note == thread.section.getRootNode().activeElement;
  if (item || !id) {
    // The comment is one of the reader's own, which nobody else sees yet.
    if (item && note) note.remove();
    if (item && hadFocus) focusElement(headingOf(item));
    return;
  }
  if (!note) {
    note = create('p', { className: 'aw-missing' }, thread.text('missing'));
    thread.section.querySelector('.aw-title').after(note);
  }
  // A reader who is elsewhere on the page stays there.
  if (!hadFocus && thread.section.getBoundingClientRect().top < innerHeight) focusElement(note);
};
