/*
 * The part for comments that were written without a connection. They are kept, and sent when the browser is online again: once, over all
 * tabs. Each has the UUID under which it was first tried, so the Worker stores it once even if a response is lost.
 */

const KEY = 'afterword:outbox';

/** Age after which a comment is not sent without being asked for, in milliseconds. */
const FRESH_MS = 24 * 60 * 60 * 1000;

const readOutbox = (thread) =>
  thread.ui.readList(thread.local, KEY).filter(({ comment, url, at }) => comment && typeof comment.text == 'string' && comment.id && url && at >= 0);

const removeEntry = (thread, id) =>
  thread.ui.writeList(
    thread.local,
    KEY,
    readOutbox(thread).filter((entry) => entry.comment.id != id),
  );

/** Keeps a comment that could not be sent. Its text stays in the form as well. */
export const keep = (thread, form, comment) => {
  const others = readOutbox(thread).filter((entry) => entry.comment.id != comment.id);
  const sent = { ...comment, title: thread.config.title, written: true };
  const entry = { comment: sent, url: thread.canonical, endpoint: thread.endpoint, at: Date.now() };
  thread.ui.writeList(thread.local, KEY, [...others, entry]);
  // Without storage nothing would be sent later.
  if (!readOutbox(thread).some((kept) => kept.comment.id == comment.id)) {
    return thread.ui.showFailure(thread, form, { code: 'unreachable', hint: '' });
  }
  showWaiting(thread, form, entry);
  thread.announce(thread.text('offline.saved'));
};

/** Takes up the comments that are waiting, when a thread is opened and when the browser is online again. */
export const resume = (thread) => {
  for (const entry of readOutbox(thread)) {
    const form = formOf(thread, entry);
    if (form) showWaiting(thread, form, entry);
  }
  sendAll(thread);
};

/** The form that has the text of a comment. */
const formOf = (thread, { comment, url }) => {
  if (url != thread.canonical) return null;
  const isSame = ({ target, text }) => target.parent == comment.parent && !target.edit && text == comment.text;
  return thread.forms.find(isSame);
};

/** Shows below a text that it is not sent yet, and what the reader can do. */
const showWaiting = (thread, form, entry) => {
  const { createButton } = thread.ui;
  const { id } = entry.comment;
  const isOld = Date.now() - entry.at > FRESH_MS;
  const forget = () => {
    removeEntry(thread, id);
    form.hideNotice();
    form.onInput = null;
  };
  const send = createButton('aw-discard', thread.text('offline.send'), () => sendEntry(thread, entry, form));
  const change = createButton('aw-discard', thread.text('offline.change'), () => {
    forget();
    form.focus('text');
  });
  const discard = createButton('aw-discard', thread.text('offline.discard'), () => {
    forget();
    thread.drafts.remove(entry.comment);
    form.text = '';
    form.focus('text');
  });
  form.showNotice(thread.text(isOld ? 'offline.old' : 'offline.waiting'), ' ', send, ' ', change, ' ', discard);
  // Whoever goes on writing changes the comment, and sends it again.
  form.onInput = () => form.text != entry.comment.text && forget();
};

/** Sends the comments of this Worker that are waiting, except those that are so old that the reader has to be asked. */
const sendAll = async (thread) => {
  if (navigator.onLine === false) return;
  for (const entry of readOutbox(thread)) {
    const isDue = entry.endpoint == thread.endpoint && Date.now() - entry.at <= FRESH_MS;
    if (isDue && !thread.isEnded) await sendEntry(thread, entry);
  }
};

/** Sends one comment, in one tab only. A browser without locks relies on the UUID alone. */
const sendEntry = (thread, entry, form = formOf(thread, entry)) => {
  const send = (lock) => lock !== null && sendOnce(thread, entry, form);
  const { locks } = navigator;
  return locks ? locks.request('afterword-send ' + entry.comment.id, { ifAvailable: true }, send) : send();
};

const sendOnce = async (thread, entry, form) => {
  const { comment, url } = entry;
  const { ProofOfWork, sendComment, showFailure, showPosted } = thread.ui;
  // Another tab may have sent or discarded it.
  if (!readOutbox(thread).some((kept) => kept.comment.id == comment.id)) return;
  const isHere = url == thread.canonical;
  if (form) form.setBusy(true);
  thread.sending += 1;
  try {
    const proofOfWork = isHere ? thread.proofOfWork : new ProofOfWork(thread.endpoint, url, thread.Solver);
    const posted = await sendComment(thread, comment, proofOfWork);
    removeEntry(thread, comment.id);
    if (isHere) showSent(thread, form, comment, posted);
    else thread.storeForeign(url, comment, posted);
  } catch (error) {
    // Without a connection it waits on. A refusal is for the reader to read.
    if (error.code != 'unreachable') removeEntry(thread, comment.id);
    if (form && !thread.isEnded) {
      form.setBusy(false);
      if (error.code != 'unreachable') {
        form.hideNotice();
        showFailure(thread, form, error);
      }
    }
  } finally {
    if (form) form.setBusy(false);
    thread.onSent();
  }
};

const showSent = (thread, form, comment, posted) => {
  thread.drafts.remove(comment);
  thread.ui.showPosted(thread, posted);
  if (thread.isEnded) return;
  if (form && form.text == comment.text) {
    const hadFocus = form.element.contains(thread.section.getRootNode().activeElement);
    form.hideNotice();
    form.onInput = null;
    form.text = '';
    if (form.isReplyOrEdit) thread.ui.removeForm(thread, form);
    const item = thread.item(posted.comment.id);
    if (hadFocus) thread.ui.focusElement(thread.ui.headingOf(item));
  }
  thread.announce(thread.text(posted.status == 'pending' ? 'waiting' : 'posted'));
};
