/* Submission of a comment, from the form to the page. */
import { dispatch, focusElement, headingOf, reveal } from './dom.js';
import { dispatchDrawn, displayOwnComment } from './comment-list.js';
import { contentOf, rememberAuthor, removeForm } from './forms.js';
import { isPosted, storeMark } from './own-comments.js';
import { RequestError, jsonRequest } from './worker-api.js';

/** Maximum number of times that the proof of work of one comment is renewed without the reader noticing. */
const MAX_PROOF_RENEWALS = 2;

/** Age of a page in milliseconds after which a text was not filled in by a program, whether the page saw it being written or not. */
const WRITING_MS = 3000;

/** Submits a form, unless a submission is in flight. */
export const submit = async (thread, form) => {
  if (form.isBusy || form.isWaiting) return;
  form.clearErrors();
  form.hideNotice();
  const comment = contentOf(form);
  const excess = thread.renderer.excess(comment.text);
  if (!comment.text.trimEnd()) {
    return showFailure(thread, form, new RequestError('text_empty', { field: 'text', message: thread.text('error.text_empty') }));
  }
  if (excess) return showFailure(thread, form, new RequestError('text_too_long', { field: 'text', excess }));
  comment.id = comment.id || createUuid();
  form.lastAttempt = { ...comment };
  // Saves the UUID too: a reader who reloads and tries again does not post twice.
  thread.drafts.save(comment);
  form.setBusy(true);
  thread.sending += 1;
  try {
    if (form.target.edit) return await form.save(comment);
    const sent = { ...comment, title: thread.config.title };
    if (form.isWritten || performance.now() > WRITING_MS) sent.written = true;
    if (form.value('subject')) sent.subject = form.value('subject');
    const posted = await sendComment(thread, sent);
    form.setBusy(false);
    onPosted(thread, form, comment, posted);
  } catch (error) {
    form.setBusy(false);
    if (thread.isEnded) return;
    if (error.code == 'unreachable' && navigator.onLine === false && !form.target.edit) {
      // The part was loaded when the reader began to write.
      thread.usePart('offline', ({ keep }) => keep(thread, form, comment), () => showFailure(thread, form, error));
    } else showFailure(thread, form, error);
  } finally {
    thread.onSent();
  }
};

/**
 * Sends a comment as soon as its proof is available, and again with a new proof if the Worker refuses the proof. Returns the posted comment
 * as the Worker's JSON.
 */
export const sendComment = async (thread, comment, proofOfWork = thread.proofOfWork) => {
  for (let renewals = MAX_PROOF_RENEWALS; ; renewals -= 1) {
    proofOfWork.isAwaited = true;
    const proof = await proofOfWork.find();
    const body = { ...comment, ...(proof && { proof }) };
    try {
      const posted = await thread.request('/v1/comments', jsonRequest('POST', body, thread.authorKey()));
      if (!isPosted(posted)) throw new RequestError();
      proofOfWork.replace(proof, '');
      return posted;
    } catch (error) {
      if (!error.challenge) throw error;
      proofOfWork.replace(proof, error.challenge);
      if (!renewals) throw error;
    }
  }
};

/** Displays a posted comment. `posted` is the same comment as the Worker's JSON. */
const onPosted = (thread, form, comment, posted) => {
  thread.drafts.removePosted(comment);
  form.lastAttempt = { text: '' };
  showPosted(thread, posted);
  if (thread.isEnded) return;
  rememberAuthor(thread, form, comment);
  // Text that was typed while the comment was in flight is the next draft.
  if (form.text == comment.text) {
    if (form.isReplyOrEdit) removeForm(thread, form);
    else {
      form.text = '';
      form.showRoom();
      if (form.onInput) form.onInput();
    }
  }
  const item = thread.item(posted.comment.id);
  if (item) reveal(item);
  focusElement(headingOf(item));
  thread.announce(thread.text(posted.status == 'pending' ? 'waiting' : 'posted'));
  dispatch(thread.section, 'posted', posted);
};

/** Stores a posted comment for its author, and displays it if the page lacks it. */
export const showPosted = (thread, posted) => {
  const { id } = posted.comment;
  storeMark(thread.local, posted);
  thread.ownComments.store(posted);
  if (thread.isEnded) return;
  thread.missingOwn = [...thread.missingOwn.filter((own) => own.comment.id != id), posted];
  if (thread.item(id)) return;
  const item = displayOwnComment(thread, posted);
  if (item) dispatchDrawn(thread, item);
  thread.onOwnComments();
};

/** Shows why a comment was refused. */
export const showFailure = (thread, form, error) => {
  if (error.code == 'id_reused') {
    form.lastAttempt = { text: '' };
    thread.drafts.save(contentOf(form));
  }
  form.showError(error.field, thread.errorText(error));
  if (error.retryAfter) form.startCountdown(error.retryAfter);
  thread.reportError(error);
};

/**
 * A UUID for a submission: version 4, variant 1 (RFC 9562, section 5.4). `crypto.randomUUID` is missing on pages served over plain `http`.
 */
export const createUuid = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
};

/** An author key: 128 bits in hexadecimal. */
export const createAuthorKey = () => toHex(crypto.getRandomValues(new Uint8Array(16)));

const toHex = (bytes) => {
  let hex = '';
  for (const byte of bytes) hex += (byte + 256).toString(16).slice(1);
  return hex;
};
