/* The forms of a thread: they open and close, and their drafts remain. */
import { create, createButton, focusElement, numberIn } from './dom.js';
import { hasSameContent, removeWaiting } from './drafts.js';
import { CommentForm } from './form.js';
import { prepareOffline } from './parts.js';

/** Separator between a draft and text that was typed before the draft was restored. It makes them separate paragraphs. */
const DRAFT_SEPARATOR = '\n\n';

/** The content of a form as a comment. */
export const contentOf = (form) => form.content(hasSameContent);

/** The form for a target: `{}`, `{parent}` or `{edit}`. A report is for none of them. */
export const findForm = (thread, { parent, edit }) =>
  thread.forms.find(({ target, isPlain }) => !isPlain && target.parent == parent && target.edit == edit);

/** Follows a change of the text or of another field. */
export const onFormChanged = (thread, form) => {
  form.isWritten = true;
  form.showRoom();
  saveDraft(thread, form);
  prepareOffline(thread);
  if (form.onInput) form.onInput();
};

/** Saves what a form has. A comment that waits for a connection is not sent as it was any more: the change is another comment. */
const saveDraft = (thread, form) => {
  const comment = contentOf(form);
  thread.drafts.save(comment);
  const isWaiting = comment.id != form.lastAttempt.id && removeWaiting(thread.local, form.lastAttempt.id);
  if (isWaiting) form.hideNotice();
};

/** Takes over the forms that are on the page: that of the post, and reply forms that the loader opened before the widget came. */
export const adoptForms = (thread) => {
  const main = thread.section.querySelector(':scope > .aw-form');
  if (!main) return;
  thread.pristineForm = main.cloneNode(true);
  // The copy has text that was typed before the widget started.
  thread.pristineForm.reset();
  const remember = main.querySelector('.aw-remember');
  if (remember) {
    remember.hidden = thread.pristineForm.querySelector('.aw-remember').hidden = false;
    const isRemembered = !!thread.profile();
    for (const form of [main, thread.pristineForm]) {
      const box = form.querySelector('[name=remember]');
      // A copy made by `reset` and `cloneNode` has the state of the attribute.
      box.defaultChecked = isRemembered;
      box.checked = isRemembered;
    }
  }
  addForm(thread, main, {});
  for (const element of thread.section.querySelectorAll('.aw-item > .aw-form')) adoptReplyForm(thread, element);
  adoptTypedText(thread, thread.forms[0]);
};

const adoptReplyForm = (thread, element) => {
  const parent = numberIn(element.parentNode, 'id');
  const hadFocus = element.contains(thread.section.getRootNode().activeElement);
  let form = findForm(thread, { parent });
  if (form) {
    // The reader has pressed the button twice.
    const typed = element.querySelector('[name=text]').value;
    if (typed) form.text += (form.text && DRAFT_SEPARATOR) + typed;
    element.remove();
  } else {
    turnIntoReplyForm(thread, element, parent);
    form = addForm(thread, element, { parent });
  }
  adoptTypedText(thread, form);
  const draft = thread.drafts.find({ parent });
  if (draft) restoreDraft(thread, form, draft);
  if (!form.hasDraft) fillInAuthor(thread, form);
  if (hadFocus) form.focus('text');
};

const addForm = (thread, element, target) => {
  const form = new CommentForm(thread, element, target);
  thread.forms.push(form);
  return form;
};

/** Saves the text that was typed into a form before the widget started, appended to the draft that it would replace. */
const adoptTypedText = (thread, form) => {
  const typed = form.text;
  if (!typed) return;
  form.isWritten = true;
  const draft = thread.drafts.find(form.target);
  if (draft && draft.text != typed) {
    form.fillAuthor(draft);
    setRestoredText(thread, form, draft.text + DRAFT_SEPARATOR + typed, draft);
    // A form that waits for a connection has the draft alone.
    removeWaiting(thread.local, draft.id);
  }
  thread.drafts.save(contentOf(form));
};

/**
 * Restores drafts into their forms.
 *
 * A draft whose comment is not on the page stays in storage as long as there are further pages. Once all pages are shown, the comment is
 * gone, and the text becomes the draft of the form of the post, where the reader finds it, if that form is empty. A draft of an edit waits
 * until the reader edits the comment again. On a thread that was closed meanwhile, the texts are shown for the reader to copy.
 *
 * Returns true if a form has a restored draft.
 */
export const restoreDrafts = (thread) => {
  const main = findForm(thread, {});
  for (const draft of thread.drafts.load()) {
    if (!thread.pristineForm) showUnsentDraft(thread, draft);
    else if (draft.edit) continue;
    else if (!draft.parent) restoreDraft(thread, main, draft);
    // A form that opens restores its draft.
    else if (!openReplyForm(thread, draft.parent) && thread.shown.isComplete) moveToPost(thread, main, draft);
  }
  return !!thread.section.querySelector('.aw-restored');
};

/** Restores the draft of a reply to a comment that is gone in the form of the post, if nothing else is to be written there. */
const moveToPost = (thread, main, draft) => {
  if (!main.text && !thread.drafts.find({})) restoreDraft(thread, main, thread.drafts.moveToPost(draft));
};

const showUnsentDraft = (thread, draft) => {
  const discard = () => {
    thread.drafts.remove(draft);
    removeWaiting(thread.local, draft.id);
  };
  showUnsent(thread, draft.text, thread.text('restored'), thread.text('discard'), discard);
};

/** Shows a text that cannot be posted, for the reader to copy, below the thread, unless it is on the page. Returns true if it is new. */
export const showUnsent = (thread, text, title, label, discard) => {
  const { section } = thread;
  if ([...section.querySelectorAll('textarea')].some(({ value }) => value == text)) return false;
  const field = create('textarea', { className: 'aw-input', readOnly: true, rows: 6, dir: 'auto', value: text });
  // The styles for writing are not there.
  field.style.inlineSize = '100%';
  const button = createButton('aw-discard', label, () => {
    discard();
    notice.remove();
    focusElement(section.querySelector('.aw-title'));
  });
  const notice = create('div', { className: 'aw-unsent' }, create('label', { className: 'aw-restored' }, title, field), button);
  section.append(notice);
  return true;
};

/** Opens the reply form of a comment, or returns the open one. Returns nothing if the comment is not on the page. */
export const openReplyForm = (thread, parent) => {
  const open = findForm(thread, { parent });
  if (open) return open;
  const article = thread.article(parent);
  if (!article || !thread.pristineForm) return null;
  const element = thread.pristineForm.cloneNode(true);
  turnIntoReplyForm(thread, element, parent, article);
  article.after(element);
  const form = addForm(thread, element, { parent });
  const draft = thread.drafts.find({ parent });
  if (draft) restoreDraft(thread, form, draft);
  if (!form.hasDraft) fillInAuthor(thread, form);
  return form;
};

const turnIntoReplyForm = (thread, element, parent, article = thread.article(parent)) => {
  const author = article.querySelector('.aw-author');
  // The isolates keep the direction of the name from the words around it.
  const name = `\u2068${author ? author.textContent : ''}\u2069`;
  const title = thread.text('form.reply', { name });
  prepareForm(thread, element, '-' + parent, title, thread.text('form.submit.reply'), thread.text('form.cancel'));
};

/** Gives a copy of the form of the post ids of its own, because several forms are on the page, a title, and a button that closes it. */
export const prepareForm = (thread, element, suffix, title, submit, cancel) => {
  element.removeAttribute('id');
  for (const attribute of ['id', 'for', 'aria-describedby', 'aria-controls']) {
    for (const found of element.querySelectorAll(`[${attribute}]`)) {
      const ids = found.getAttribute(attribute).split(' ');
      found.setAttribute(attribute, ids.map((id) => id + suffix).join(' '));
    }
  }
  element.querySelector('label').textContent = title;
  element.querySelector('.aw-submit').textContent = submit;
  const button = createButton('aw-cancel', cancel, () => {
    closeForm(thread, thread.formAround(button));
  });
  button.setAttribute('part', 'cancel');
  element.querySelector('.aw-send').append(button);
};

/** Closes a reply or edit form and moves the focus to the button that opened it. The text remains as a draft. */
export const closeForm = (thread, form) => {
  const { parent, edit } = form.target;
  if (form.isBusy || !(parent || edit)) return;
  const article = thread.article(parent || edit);
  removeForm(thread, form);
  if (article) {
    article.hidden = false;
    // The button to edit is in a menu, which is closed by now.
    focusElement(article.querySelector(edit ? '.aw-menu > summary' : '.aw-reply'));
  }
  if (thread.drafts.find(form.target)) thread.announce(thread.text('draft.kept'));
};

/** Removes a form from the page. */
export const removeForm = (thread, form) => {
  form.element.remove();
  forgetRemovedForms(thread);
};

/** Drops the forms that are no longer on the page. */
export const forgetRemovedForms = (thread) => {
  thread.forms = thread.forms.filter(({ element }) => element.isConnected);
};

/** Opens a form for an edit of one's own comment in place of its text. */
export const openEditForm = (thread, edit, source, labels) => {
  const open = findForm(thread, { edit });
  if (open) return open;
  const article = thread.article(edit);
  const element = thread.pristineForm.cloneNode(true);
  for (const part of element.querySelectorAll('.aw-field,.aw-more-fields,.aw-remember')) part.remove();
  prepareForm(thread, element, '-edit-' + edit, labels.title, labels.submit, labels.cancel);
  article.hidden = true;
  article.after(element);
  const form = addForm(thread, element, { edit });
  form.text = source;
  const draft = thread.drafts.find({ edit });
  if (draft && draft.text != source) setRestoredText(thread, form, draft.text, draft);
  return form;
};

/** Discards restored text at the reader's request. Text that was typed below it remains. */
const discardRestoredText = (thread, form) => {
  thread.drafts.remove(contentOf(form));
  removeWaiting(thread.local, form.lastAttempt.id);
  const separated = form.lastAttempt.text + DRAFT_SEPARATOR;
  form.text = form.text.startsWith(separated) ? form.text.slice(separated.length) : '';
  if (form.text) thread.drafts.save(contentOf(form));
  form.hideNotice();
  form.showRoom();
  if (form.onInput) form.onInput();
  form.focus('text');
};

const restoreDraft = (thread, form, draft) => {
  if (form.text) return;
  form.fillAuthor(draft, true);
  setRestoredText(thread, form, draft.text, draft);
};

const setRestoredText = (thread, form, text, draft) => {
  form.text = text;
  form.isWritten = true;
  form.showRoom();
  form.lastAttempt = draft;
  form.showRestored(() => discardRestoredText(thread, form));
  prepareOffline(thread);
};

/**
 * Fills the empty author fields: of the form of the post from the last comment, of a reply from the form of the post.
 *
 * A form with a restored draft is left alone: a name that the reader cleared there stays empty, because otherwise a second attempt would no
 * longer send the same comment.
 */
export const fillInAuthor = (thread, form) => {
  const [main] = thread.forms;
  form.fillAuthor(form == main ? thread.profile() || {} : contentOf(main));
};

/** Stores the author fields of a comment if the reader wants it, and removes them otherwise. */
export const rememberAuthor = (thread, form, { name, email, website }) => {
  const box = form.element.querySelector('[name=remember]');
  if (!box) return;
  thread.storeProfile(box.checked ? { name, email, website } : null);
  for (const other of [...thread.forms.map(({ element }) => element), thread.pristineForm]) {
    const own = other.querySelector('[name=remember]');
    if (own) own.checked = own.defaultChecked = box.checked;
  }
};

/** Puts a quote of a text at the beginning of a form, unless the form has it. */
export const insertQuote = (form, text) => {
  const quote = text.trim().replace(/^/gm, '> ') + DRAFT_SEPARATOR;
  if (text.trim() && !form.text.includes(quote.trim())) {
    form.text = form.text ? form.text.trimEnd() + DRAFT_SEPARATOR + quote : quote;
  }
};
