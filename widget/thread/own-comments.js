/*
 * The reader's own comments, stored until the published thread contains them, and the mark by which the reader's published comments are
 * recognized.
 *
 * KV reads can be up to a minute stale, and a comment may wait for a moderator for days. Its author sees it at once in both cases.
 */
import { readList, readString, writeList, writeString } from './storage.js';

/** Maximum number of comments stored for one post. The oldest are dropped first. */
const MAX_COMMENTS = 50;

/** Age at which a comment that is still not published is discarded: 30 days. */
const MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

/** Storage key of the mark that the reader's comments have on this site. */
const MARK_KEY = 'afterword:mark';

/**
 * Decides on a stored comment: `display` if the page lacks it, or has it as it was before an edit, `hide` if it is on a page that is not on
 * the screen, `discard` if it is published, removed or too old.
 *
 * `isOnPage` tells that the screen has it as published, `isBelowShown` that it may be a further reply to a comment on the screen. `shown` is
 * `{version, isComplete}`: the version of the page with the comment, or the oldest version among the pages on the screen if none has it, and
 * whether these are all. `now` is in Unix seconds.
 */
export const ownCommentState = (own, isOnPage, isBelowShown, shown, now) => {
  if (now - own.comment.created > MAX_AGE_SECONDS) return 'discard';
  if (isOnPage) return own.version > shown.version ? 'display' : 'discard';
  if (own.status != 'published' || own.version > shown.version) return 'display';
  if (shown.isComplete) return 'discard';
  return isBelowShown ? 'display' : 'hide';
};

/** Returns true for a comment as the Worker returns it to its author. */
export const isPosted = (value) => Number.isSafeInteger(value.comment && value.comment.id) && value.comment.id > 0;

/** The reader's own comments on one post in local storage, oldest first, each as the Worker returned it. */
export class OwnComments {
  constructor(url, storage) {
    this.key = 'afterword:own:' + url;
    this.storage = storage;
  }

  /** Loads all stored comments. */
  load() {
    return readList(this.storage, this.key).filter(isPosted);
  }

  /** Stores a comment. Replaces one with the same id. */
  store(posted) {
    this.write([...this.without([posted.comment.id]), posted]);
  }

  /** Removes comments. */
  remove(ids) {
    if (ids.length) this.write(this.without(ids));
  }

  /** Reads the storage on each call, because another tab may have posted in the meantime. */
  without(ids) {
    return this.load().filter((own) => !ids.includes(own.comment.id));
  }

  write(list) {
    writeList(this.storage, this.key, list.slice(-MAX_COMMENTS));
  }
}

/** The mark of the reader's comments. Empty until the first of them is posted. */
export const ownMark = (storage) => readString(storage, MARK_KEY);

/** Stores the mark of a comment that the reader has just posted. */
export const storeMark = (storage, posted) => {
  const { mark } = posted.comment.author || {};
  if (typeof mark == 'string' && mark) writeString(storage, MARK_KEY, mark);
};
