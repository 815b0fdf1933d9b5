/* The functions that the widget passes to its parts. They are bundled without it, so that none of its code is downloaded twice. */
import { dispatchDrawn, prepareComments, renderItem, showVotes, updateBranches } from './comment-list.js';
import { create, createButton, focusElement, headingOf, keepPosition, reveal } from './dom.js';
import { closeForm, contentOf, openEditForm, openReplyForm, removeForm } from './forms.js';
import { closeMenu } from './menus.js';
import { ProofOfWork } from './proof-of-work.js';
import { readList, writeList, writeObject } from './storage.js';
import { createUuid, sendComment, showFailure, showPosted } from './submit.js';

/** Shows a problem with a comment below it, and announces it. An empty text removes it. */
const showProblem = (thread, article, text) => {
  const shown = article.querySelector('.aw-problem');
  if (shown) shown.remove();
  if (!text) return;
  article.append(create('p', { className: 'aw-error aw-problem' }, text));
  thread.announce(text);
};

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
  renderItem,
  reveal,
  sendComment,
  showFailure,
  showPosted,
  showProblem,
  showVotes,
  updateBranches,
  writeList,
  writeObject,
};
