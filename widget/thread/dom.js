/* Elements and events. */

/**
 * Creates an element. The method is that of the document's prototype: an element of the host page with the name `createElement` hides the
 * document's own.
 */
export const create = (tag, properties, ...children) => {
  const element = Object.assign(Document.prototype.createElement.call(document, tag), properties);
  element.append(...children);
  return element;
};

/**
 * Creates a button. `press` runs when it is clicked; a listener of its own would not hear clicks in a form, which the widget keeps from the
 * host page (see `events.js`).
 */
export const createButton = (className, text, press) => create('button', { type: 'button', className, press }, text);

/** Dispatches an event that bubbles out of the shadow root. For the host page its target is the host element. */
export const dispatch = (target, type, detail) =>
  target.dispatchEvent(new CustomEvent('afterword:' + type, { bubbles: true, composed: true, detail }));

/** Returns true while the reader does not see the page. An element with the name `visibilityState` hides the document's own. */
export const isPageHidden = () => Reflect.get(Document.prototype, 'visibilityState', document) == 'hidden';

/** The selection: its ends, and its text as a string. Safari tells a page of one in a shadow root only by its range. */
export const selectionIn = (section) => {
  const root = section.getRootNode();
  if (root.getSelection) return root.getSelection();
  const selection = getSelection();
  if (selection && section.contains(selection.anchorNode)) return selection;
  try {
    const [{ startContainer, startOffset, endContainer, endOffset, collapsed }] = selection.getComposedRanges({ shadowRoots: [root] });
    const range = new Range();
    range.setStart(startContainer, startOffset);
    range.setEnd(endContainer, endOffset);
    const isOfBlocks = range.commonAncestorContainer.matches?.('.aw-text,blockquote,ol,ul');
    const blocks = [...range.cloneContents().childNodes].map((block) => block.textContent);
    const toString = () => (isOfBlocks ? blocks.join('\n\n') : String(range));
    return { anchorNode: startContainer, focusNode: endContainer, isCollapsed: collapsed, toString };
  } catch {
    // The browser has no such method, or there is no selection.
    return selection;
  }
};

/** Sets the text of an element. The same text again would cost another layout of the page. */
export const setText = (element, text) => {
  if (element.textContent != text) element.textContent = text;
};

/** Focuses an element, which may be outside of the tab order. */
export const focusElement = (element) => {
  if (!element) return;
  if (!element.matches('a,button,input,textarea,select,summary')) element.tabIndex = -1;
  element.focus();
};

/** The heading of a comment, or its article if it has none. `item` is the `<li>`. */
export const headingOf = (item) => {
  const article = item && item.querySelector('.aw-comment');
  return article && (article.querySelector('.aw-by') || article);
};

/** Lets the browser answer the reader between two parts of a long change. */
export const nextTask = () => new Promise((resolve) => setTimeout(resolve));

/** Opens all collapsed elements around an element. */
export const reveal = (element) => {
  for (let closed; (closed = element.closest('details:not([open])')); ) closed.open = true;
};

/** The number in an attribute of an element, or 0. */
export const numberIn = (element, name) => +(element && element.dataset[name]) || 0;

/**
 * Runs a change of the page. What is in the middle of the window stays where it is: not all browsers anchor their scroll position, and none
 * of them does at the top of the page.
 */
export const keepPosition = (section, change) => {
  const root = section.getRootNode();
  const anchor = root.elementFromPoint && root.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const isOwn = anchor && section.contains(anchor);
  // The middle of the window may be outside of the thread. Then the whole thread is what stays.
  const fixed = isOwn ? anchor : section;
  const top = fixed.getBoundingClientRect().top;
  change();
  if (!fixed.isConnected) return;
  const moved = fixed.getBoundingClientRect().top - top;
  if (moved) scrollBy({ top: moved, behavior: 'instant' });
};
