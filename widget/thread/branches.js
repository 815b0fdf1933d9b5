/* Branches of replies, which the reader can collapse. What is collapsed is remembered. */
import { numberIn } from './dom.js';
import { readObject, writeObject, writeString } from './storage.js';

/** Maximum number of collapsed branches that are remembered for one post. */
const MAX_COLLAPSED = 200;

const keyOf = (thread) => 'afterword:collapsed:' + thread.canonical;

const readCollapsed = (thread) => {
  const ids = readObject(thread.local, keyOf(thread));
  return Array.isArray(ids) ? ids : [];
};

/** Collapses what the reader collapsed on earlier visits, except around the comment that the address names. */
export const collapseRemembered = (thread) => {
  const linked = thread.item(location.hash.slice('#comment-'.length));
  for (const id of readCollapsed(thread)) {
    const item = thread.item(id);
    const branch = item && item.querySelector(':scope > .aw-branch');
    if (branch && !branch.contains(linked)) branch.open = false;
  }
};

/** Remembers what the reader collapses, and prints it all the same. Returns a function that ends it. */
export const watchBranches = (thread) => {
  let printed = [];
  const onPrint = () => {
    printed = [...thread.section.querySelectorAll('.aw-branch:not([open])')];
    for (const branch of printed) branch.open = true;
  };
  const onPrinted = () => {
    for (const branch of printed) branch.open = false;
  };
  const onToggle = ({ target }) => {
    if (!target.matches('.aw-branch')) return;
    // Both changes for printing are heard, and neither is the reader's.
    if (printed.includes(target)) {
      if (!target.open) printed = printed.filter((branch) => branch != target);
      return;
    }
    // A text that is being written stays in view.
    const isWriting = thread.forms.some(({ element, text }) => text && target.contains(element));
    if (!target.open && isWriting) {
      target.open = true;
      return;
    }
    const id = numberIn(target.parentNode, 'id');
    const others = readCollapsed(thread).filter((other) => other !== id);
    const collapsed = target.open ? others : [...others, id].slice(-MAX_COLLAPSED);
    if (collapsed.length) writeObject(thread.local, keyOf(thread), collapsed);
    else writeString(thread.local, keyOf(thread), '');
  };
  // The event does not bubble.
  thread.section.addEventListener('toggle', onToggle, true);
  addEventListener('beforeprint', onPrint);
  addEventListener('afterprint', onPrinted);
  return () => {
    thread.section.removeEventListener('toggle', onToggle, true);
    removeEventListener('beforeprint', onPrint);
    removeEventListener('afterprint', onPrinted);
  };
};
