/*
 * The part for comments that were written without a connection. They are kept, and sent when the browser is online again: once, over all
 * tabs. Each has the UUID under which it was first tried, so the Worker stores it once even if a response is lost.
 */

const KEY = 'afterword:outbox';

/** Age after which a comment is not sent without being asked for, in milliseconds. */
const FRESH_MS = 24 * 60 * 60 * 1000;

/** Time in milliseconds after which a comment is sent again that the Worker could not take, unless it says when. */
const RETRY_MS = 5 * 60 * 1000;

/**
 * The entries of the outbox: `comment` as it is sent, the `url` of its post, the `endpoint` of its Worker, `at`, when it was written, in
 * milliseconds, and `refused`, why the Worker has refused it, if it has.
 */
const readOutbox = (thread) =>
  thread.ui.readList(thread.local, KEY).filter(({ comment, url, at }) => comment && typeof comment.text == 'string' && comment.id && url && at >= 0);

/** Stores an entry in place of the one of the same comment. */
const storeEntry = (thread, entry) => {
  const others = readOutbox(thread).filter(({ comment }) => comment.id != entry.comment.id);
  thread.ui.writeList(thread.local, KEY, [...others, entry]);
};

const isWaiting = (thread, id) => readOutbox(thread).some(({ comment }) => comment.id == id);

/** Keeps a comment that could not be sent. Its text stays in the form as well. */
export const keep = (thread, form, comment) => {
  const sent = { ...comment, title: thread.config.title, written: true };
  const entry = { comment: sent, url: thread.canonical, endpoint: thread.endpoint, at: Date.now() };
  storeEntry(thread, entry);
  // Without storage nothing would be sent later.
  if (!isWaiting(thread, comment.id)) return thread.ui.showFailure(thread, form, { code: 'unreachable', hint: '' });
  showWaiting(thread, form, entry);
  thread.announce(thread.text('offline.saved'));
};

/** Takes up the comments that are waiting, when a thread is opened and when the browser is online again. */
export const resume = (thread) => {
  for (const entry of readOutbox(thread)) {
    const form = formOf(thread, entry);
    // A refused comment that is in its form again is sent when the reader presses the button.
    if (entry.refused && form) thread.ui.removeWaiting(thread.local, entry.comment.id);
    else if (entry.refused) showRefused(thread, entry);
    else if (form) showWaiting(thread, form, entry);
  }
  sendAll(thread);
};

/** The form that has a comment, unchanged since it was tried. */
const formOf = (thread, { comment, url }) =>
  url == thread.canonical && thread.forms.find((form) => !form.isPlain && thread.ui.contentOf(form).id == comment.id);

/** Shows below a text that it is not sent yet, and what the reader can do. */
const showWaiting = (thread, form, entry) => {
  const { createButton, removeWaiting } = thread.ui;
  const isOld = Date.now() - entry.at > FRESH_MS;
  const forget = () => {
    removeWaiting(thread.local, entry.comment.id);
    form.hideNotice();
  };
  // Another tab may have sent it or not: with its UUID it is stored once.
  const send = createButton('aw-discard', thread.text('offline.send'), () => sendEntry(thread, entry, form, true));
  const change = createButton('aw-discard', thread.text('offline.change'), () => {
    forget();
    form.focus('text');
  });
  const discard = createButton('aw-discard', thread.text('offline.discard'), () => {
    forget();
    thread.drafts.remove(entry.comment);
    clear(form);
    form.focus('text');
  });
  // Whoever goes on writing changes the comment: `forms.js` takes it out of the outbox then, and hides the notice.
  form.showNotice(thread.text(isOld ? 'offline.old' : 'offline.waiting'), ' ', send, ' ', change, ' ', discard);
};

/** Empties a form. The next comment from it is another one, even with the same text. */
const clear = (form) => {
  form.lastAttempt = { text: '' };
  form.text = '';
  form.showRoom();
  if (form.onInput) form.onInput();
};

/** Sends the comments of this Worker that are waiting, except those that are so old that the reader has to be asked. */
const sendAll = async (thread) => {
  if (navigator.onLine === false) return;
  for (const entry of readOutbox(thread)) {
    const isDue = entry.endpoint == thread.endpoint && !entry.refused && Date.now() - entry.at <= FRESH_MS;
    if (isDue && !thread.isEnded) await sendEntry(thread, entry);
  }
};

/**
 * Sends one comment, in one tab only. A browser without locks relies on the UUID alone. `isAsked` tells that the reader has pressed the
 * button to send it.
 */
const sendEntry = (thread, entry, form = formOf(thread, entry), isAsked) => {
  const send = (lock) => lock !== null && sendOnce(thread, entry, form, isAsked);
  const { locks } = navigator;
  return locks ? locks.request('afterword-send ' + entry.comment.id, { ifAvailable: true }, send) : send();
};

const sendOnce = async (thread, entry, form, isAsked) => {
  const { comment, url } = entry;
  const { ProofOfWork, sendComment, showFailure } = thread.ui;
  // Another tab may have sent or discarded it. A form that is busy is sending it.
  if ((!isAsked && !isWaiting(thread, comment.id)) || (form && (form.isBusy || form.isWaiting))) return;
  const isHere = url == thread.canonical;
  if (form) {
    form.clearErrors();
    form.setBusy(true);
  }
  thread.sending += 1;
  try {
    const proofOfWork = isHere ? thread.proofOfWork : new ProofOfWork(thread.endpoint, url, thread.Solver);
    const posted = await sendComment(thread, comment, proofOfWork);
    thread.ui.removeWaiting(thread.local, comment.id);
    if (form) form.setBusy(false);
    if (isHere) showSent(thread, entry, posted);
    else thread.storeForeign(url, comment, posted);
  } catch (error) {
    if (form) form.setBusy(false);
    if (isRefusal(error)) refuse(thread, form, entry, error);
    else {
      if (error.status) setTimeout(() => sendAll(thread), error.retryAfter * 1000 || RETRY_MS);
      if (form && isAsked && !thread.isEnded) showFailure(thread, form, error);
    }
  } finally {
    thread.onSent();
  }
};

/** Returns true if another attempt would fail as well. Without a connection, and while the Worker is busy, a comment waits on. */
const isRefusal = ({ code, status, retryAfter, challenge }) =>
  status >= 400 && status < 500 && status != 429 && code != 'unreachable' && !retryAfter && !challenge;

/** Shows why a comment was refused: in its form, or else below the thread, until the reader discards it. */
const refuse = (thread, form, entry, error) => {
  // The reader has changed it meanwhile.
  if (!isWaiting(thread, entry.comment.id)) return;
  if (form) thread.ui.removeWaiting(thread.local, entry.comment.id);
  else storeEntry(thread, { ...entry, refused: thread.errorText(error) });
  if (thread.isEnded) return;
  if (form) {
    form.hideNotice();
    thread.ui.showFailure(thread, form, error);
  } else {
    showRefused(thread, { ...entry, refused: thread.errorText(error) });
    thread.reportError(error);
  }
};

const showRefused = (thread, { comment, url, refused }) => {
  const reason = thread.text('status.rejected') + ' ' + refused + (url == thread.canonical ? '' : ' ' + url);
  const discard = () => {
    thread.ui.removeWaiting(thread.local, comment.id);
    if (url == thread.canonical) thread.drafts.remove(comment);
  };
  if (thread.ui.showUnsent(thread, comment.text, reason, thread.text('offline.discard'), discard)) thread.announce(reason);
};

const showSent = (thread, entry, posted) => {
  thread.drafts.removePosted(entry.comment);
  thread.ui.showPosted(thread, posted);
  if (thread.isEnded) return;
  // The reader may have opened or changed it meanwhile.
  const form = formOf(thread, entry);
  if (form) {
    const hadFocus = form.element.contains(thread.section.getRootNode().activeElement);
    form.hideNotice();
    clear(form);
    if (form.isReplyOrEdit) thread.ui.removeForm(thread, form);
    const item = thread.item(posted.comment.id);
    if (hadFocus) thread.ui.focusElement(thread.ui.headingOf(item));
  }
  thread.announce(thread.text(posted.status == 'pending' ? 'waiting' : 'posted'));
};
