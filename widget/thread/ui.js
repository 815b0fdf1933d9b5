/* The functions that the widget passes to its parts. They are bundled without it, so that none of its code is downloaded twice. */
import { dispatchDrawn, prepareComments, renderItem, showVotes, updateBranches } from './comment-list.js';
import { create, createButton, focusElement, headingOf, keepPosition, reveal } from './dom.js';
import { removeWaiting } from './drafts.js';
import { closeForm, contentOf, openEditForm, openReplyForm, removeForm, showUnsent } from './forms.js';
import { closeMenu } from './menus.js';
import { ProofOfWork } from './proof-of-work.js';
import { readList, writeList, writeObject } from './storage.js';
import { createUuid, sendComment, showFailure, showPosted } from './submit.js';

/** Shows a note below a comment in place of the one before, and announces it. An empty text removes it. */
const showNote = (thread, article, text, className = 'aw-hint') => {
  const shown = article.querySelector('.aw-note');
  if (shown) shown.remove();
  if (!text) return;
  article.append(create('p', { className: className + ' aw-note' }, text));
  thread.announce(text);
};

/** Shows a problem with a comment below it, and announces it. An empty text removes it. */
const showProblem = (thread, article, text) => showNote(thread, article, text, 'aw-error');

export const ui = {
  closeForm,
  closeMenu,
  contentOf,
  create,
  createButton,
  createUuid,
  dispatchDrawn,
  focusElement,
  headingOf,
  keepPosition,
  openEditForm,
  openReplyForm,
  prepareComments,
  ProofOfWork,
  readList,
  removeForm,
  removeWaiting,
  renderItem,
  reveal,
  sendComment,
  showFailure,
  showNote,
  showPosted,
  showProblem,
  showUnsent,
  showVotes,
  updateBranches,
  writeList,
  writeObject,
};
