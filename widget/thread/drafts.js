/*
 * Drafts: comments that the reader has typed but not posted.
 *
 * A draft is the comment as the widget would send it. Its `id` is empty until the first attempt to send it, and is the UUID of that attempt
 * afterwards. The outcome of an attempt may be unknown, so a draft that has not changed since is sent again under the same UUID, even after
 * a reload.
 *
 * Every form of a thread has its own draft: the form for the post, one for each comment that the reader replies to (`parent`), and one for
 * each comment that they edit (`edit`). This keeps tabs apart: a tab writes only the draft of the form in which the reader types, and
 * posting removes only the draft with the posted text. If two tabs write into the same form, each tab keeps its own text through a reload,
 * and a new tab gets the text that was typed last.
 *
 * A comment that waits for a connection is in the outbox as well. The UUIDs of the last comments that were posted are kept, because another
 * tab may have posted a draft of this one.
 */
import { readList, writeList } from './storage.js';

const FIELDS = ['name', 'email', 'website'];

const OUTBOX_KEY = 'afterword:outbox';
const POSTED_KEY = 'afterword:sent';

/** Maximum number of posted comments whose UUIDs are kept. */
const MAX_POSTED = 20;

/** Decodes a value of the storage, which any script of the blog can have written. */
export const decodeDraft = (value) => {
  const draft = { id: '', url: '', text: '' };
  for (const name of ['id', 'url', 'text', 'title', ...FIELDS]) {
    if (typeof value[name] == 'string') draft[name] = value[name];
  }
  for (const name of ['parent', 'edit']) {
    if (Number.isSafeInteger(value[name]) && value[name] > 0) draft[name] = value[name];
  }
  return draft;
};

/** Returns true if two drafts belong to the same form. */
export const isSameForm = (one, other) => one.parent == other.parent && one.edit == other.edit;

/**
 * Returns true if two attempts send the same comment. The UUID is only a name, and the title comes from the page and may change between
 * attempts. Neither counts.
 */
export const hasSameContent = (one, other) =>
  isSameForm(one, other) && ['text', ...FIELDS].every((name) => (one[name] || '') == (other[name] || ''));

/** Replaces the draft of the same form. A draft with an empty text is only removed. */
export const replaceDraft = (drafts, draft) => [
  ...drafts.filter((other) => !isSameForm(other, draft)),
  ...(draft.text ? [draft] : []),
];

/** Removes the draft of the same form if it has the posted text. */
export const removePosted = (drafts, posted) =>
  drafts.filter((draft) => !isSameForm(draft, posted) || draft.text != posted.text);

/** Removes a comment from those that wait for a connection. Returns true if it was among them. */
export const removeWaiting = (storage, id) => {
  const waiting = readList(storage, OUTBOX_KEY);
  const others = waiting.filter(({ comment }) => !comment || comment.id != id);
  if (!id || others.length == waiting.length) return false;
  writeList(storage, OUTBOX_KEY, others);
  return true;
};

/** The drafts of a thread, in the browser's storage and in memory. */
export class Drafts {
  /** `storages` are that of all tabs, then that of this tab. Later ones take precedence. */
  constructor(url, storages) {
    this.key = 'afterword:draft:' + url;
    this.storages = storages;
    // Text typed since the widget started, in case the browser stores nothing.
    this.typed = [];
  }

  /**
   * Loads one draft for each form. A draft of this tab takes precedence over one of another tab. A draft that has not changed since it was
   * posted, from whichever tab, is none any more.
   */
  load() {
    const posted = readList(this.storages[0], POSTED_KEY);
    const stored = this.storages.flatMap((storage) => this.loadFrom(storage));
    const isPosted = (draft) => draft.id && posted.some(({ id }) => id == draft.id);
    return [...stored, ...this.typed].filter((draft) => !isPosted(draft)).reduce(replaceDraft, []);
  }

  /** The draft of a form, which `{parent}` or `{edit}` names. */
  find(form) {
    return this.load().find((draft) => isSameForm(draft, form));
  }

  /** Saves the draft of a form. */
  save(draft) {
    this.update((drafts) => replaceDraft(drafts, draft));
  }

  /** Removes a draft that the reader discards. */
  remove(draft) {
    this.update((drafts) => removePosted(drafts, draft));
  }

  /** Removes the draft of a comment that has been posted, for all tabs. */
  removePosted(posted) {
    this.remove(posted);
    const [local] = this.storages;
    const others = readList(local, POSTED_KEY).filter(({ id }) => id != posted.id);
    writeList(local, POSTED_KEY, [...others, { id: posted.id }].slice(-MAX_POSTED));
    removeWaiting(local, posted.id);
  }

  /** Makes the draft of a reply that of the form of the post. Returns it. It is another comment then, with a UUID of its own. */
  moveToPost(draft) {
    const moved = { ...draft, id: '' };
    delete moved.parent;
    this.update((drafts) => replaceDraft(removePosted(drafts, draft), moved));
    removeWaiting(this.storages[0], draft.id);
    return moved;
  }

  update(change) {
    this.typed = change(this.typed);
    for (const storage of this.storages) writeList(storage, this.key, change(this.loadFrom(storage)));
  }

  loadFrom(storage) {
    return readList(storage, this.key).map(decodeDraft);
  }
}
