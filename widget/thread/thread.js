/* The state of one thread on the page, and its start and end. */
import { collapseRemembered, watchBranches } from './branches.js';
import { dispatchDrawn, prepareComments, sectionIn, updateOwnComments } from './comment-list.js';
import { dispatch, numberIn } from './dom.js';
import { Drafts } from './drafts.js';
import { catchUp, listen } from './events.js';
import { adoptForms, fillInAuthor, restoreDrafts } from './forms.js';
import { explainMissing, watchLinks } from './links.js';
import { watchForNewComments } from './live.js';
import { markNewComments } from './news.js';
import { watchMenus } from './menus.js';
import { watchOrder } from './order.js';
import { OwnComments } from './own-comments.js';
import { usePart } from './parts.js';
import { createTimeWriter } from '../times.js';
import { ProofOfWork } from './proof-of-work.js';
import { local, readObject, readString, session, writeObject, writeString } from './storage.js';
import { createAuthorKey } from './submit.js';
import { ui } from './ui.js';
import { jsonRequest, request } from './worker-api.js';

const AUTHOR_KEY = 'afterword:key';
const PROFILE_KEY = 'afterword:me';

/** An author key: 128 bits in hexadecimal. */
const AUTHOR_KEY_PATTERN = /^[0-9a-f]{32}$/;

/** For parts that the reader has not asked for: the failure is not worth a word. */
const ignore = () => {};

/** A thread on the page, until its handle ends it and no comment is being sent any more. */
export class Thread {
  /**
   * `section` is the `<section>` that the Worker rendered, `config` the object of the loader, `catalogue` the messages, `url` the address of
   * the post as the reader opened it, `renderer` and `Solver` the WebAssembly.
   */
  constructor(section, config, { catalogue, url, renderer, Solver }) {
    Object.assign(this, { section, config, catalogue, url, renderer });
    this.endpoint = config.endpoint;
    this.canonical = section.dataset.url;
    this.version = numberIn(section, 'version');
    this.count = numberIn(section, 'count');
    // The number of comments on the latest page, and the reader's own changes of it, which a page may not have yet.
    this.counted = { version: this.version, count: this.count };
    this.countChanges = new Map();
    this.firstPage = numberIn(section, 'page') || 1;
    // The versions of the pages on the screen.
    this.pages = { [this.firstPage]: this.version };
    // A thread that is closed, or is shown elsewhere, takes neither comments nor votes.
    this.canPost = !!section.querySelector(':scope > .aw-form');
    this.forms = [];
    this.local = local();
    this.votes = readObject(this.local, 'afterword:votes:' + this.canonical);
    this.drafts = new Drafts(this.canonical, [this.local, session()]);
    this.ownComments = new OwnComments(this.canonical, this.local);
    this.missingOwn = this.ownComments.load();
    // Those of them whose `<li>` the widget has made.
    this.displayedOwn = new Set();
    this.proofOfWork = new ProofOfWork(this.endpoint, this.canonical, Solver);
    this.Solver = Solver;
    // What the parts use of the widget: they are bundled without it.
    this.ui = ui;
    this.sending = 0;
    this.endings = [];
    // Writes the times in a part of the thread for this reader. The Worker knows only UTC.
    this.localizeTimes = createTimeWriter(catalogue.locale || section.lang, config.lang || '');
    this.shown = { version: this.version, isComplete: this.isComplete() };
  }

  /** Takes over the section. */
  start() {
    this.endings.push(listen(this));
    prepareComments(this, this.section);
    updateOwnComments(this);
    collapseRemembered(this);
    adoptForms(this);
    catchUp(this);
    if (restoreDrafts(this)) this.announce(this.text('restored'));
    const [main] = this.forms;
    if (main && !main.hasDraft) fillInAuthor(this, main);
    this.endings.push(watchBranches(this), watchLinks(this), watchMenus(this), watchOrder(this), markNewComments(this), watchForNewComments(this));
    explainMissing(this);
    // The age of comments changes while they are read.
    const times = setInterval(() => this.localizeTimes(this.section), 60000);
    this.endings.push(() => clearInterval(times));
    dispatch(this.section, 'ready', { url: this.canonical, count: this.count, version: this.version });
    this.onOwnComments();
    if (this.section.dataset.reactions && this.canPost) this.usePart('votes', ({ showReactions }) => showReactions(this), ignore);
    const resume = () => readString(this.local, 'afterword:outbox') && this.usePart('offline', (offline) => offline.resume(this), ignore);
    addEventListener('online', resume);
    this.endings.push(() => removeEventListener('online', resume));
    resume();
    // A moderator, whom their own pages have led here.
    if (/&moderate=/.test(location.hash) || readString(session(), 'afterword:moderate')) this.usePart('moderate', ({ start }) => start(this), ignore);
  }

  /** Ends the widget: its listeners and timers are removed, and the thread stays on the page as it is. A comment that is being sent is still sent. */
  end() {
    this.isEnded = true;
    for (const end of this.endings) end();
    for (const form of this.forms) {
      clearInterval(form.countdown);
      clearTimeout(form.roomTimer);
    }
    this.proofOfWork.stop();
    if (!this.sending) this.renderer.free();
  }

  /** A submission has ended. */
  onSent() {
    this.sending -= 1;
    if (this.isEnded && !this.sending) this.renderer.free();
  }

  /** Loads a part of the widget and passes it to a function. On failure calls the other function, or tells the reader. */
  usePart(name, use, onFailure) {
    return usePart(this, name, use, onFailure);
  }

  /** The reader's own comments on the page have changed. Only those that wait for approval have a fate to ask for. */
  onOwnComments() {
    const isHeld = this.missingOwn.some(({ status }) => status == 'pending');
    if (isHeld) this.usePart('own', ({ showStatus }) => showStatus(this), ignore);
  }

  /** Comments of the Worker have been inserted. */
  onCommentsInserted() {
    collapseRemembered(this);
    this.onOwnComments();
    if (this.markNews) this.markNews();
    dispatchDrawn(this, this.section);
  }

  /** Adds the texts of the parts to the catalogue. */
  addTexts(texts) {
    Object.assign(this.catalogue, texts);
    this.renderer.add_messages(texts);
  }

  /** The message of a key in the reader's language, with values in place of `{placeholders}`. */
  text(key, values) {
    return fill(this.catalogue[key] || key, values);
  }

  /** The message of a key in the plural form for a number. */
  plural(key, number, values) {
    return fill(this.renderer.count(key, number), values);
  }

  /** A number in the digits of the language. */
  number(number) {
    const digits = this.renderer.number(Math.abs(number));
    return number < 0 ? '\u2212' + digits : digits;
  }

  /** Announces a text to assistive technology. */
  announce(text) {
    const { status } = this.config;
    // The same text once more would not be announced, and some themes hide empty elements.
    status.textContent = status.textContent == text ? text + '\u00a0' : text || ' ';
  }

  /** The text of an error in the page's language. The Worker writes most of them. */
  errorText(error) {
    if (error.excess) return this.renderer.count('too_long', error.excess);
    if (error.code == 'unreachable') return this.text('unsent');
    return error.message || this.text('error.unknown');
  }

  /** Reports an error to the host page. */
  reportError({ code, hint }) {
    dispatch(this.section, 'error', { code, hint });
  }

  /** Sends a request to the Worker. */
  request(path, { headers, ...init } = {}) {
    return request(this.endpoint + path, { ...init, headers: { ...headers, 'Accept-Language': this.section.lang } });
  }

  /** Sends a request about one of the thread's comments, signed by the author key. */
  requestComment(method, path, body, query = '') {
    const address = path + '?url=' + encodeURIComponent(this.canonical) + query;
    return this.request(address, jsonRequest(method, body, this.authorKey()));
  }

  /** Fetches a page of the thread, as the Worker renders it. */
  async fetchSection(search, init) {
    return sectionIn(this, await this.request('/v1/thread.html' + search, { ...init, isText: true }));
  }

  /** Parses HTML that the Worker or `view` rendered into a `DocumentFragment`. */
  parse(html) {
    return this.config.parse(html);
  }

  /** The lists of root comments: that of the first page, and one for each further page. */
  lists() {
    return [...this.section.querySelectorAll(':scope > .aw-list')];
  }

  /** The `<li>` of a comment, which also contains the replies to it. */
  item(id) {
    const item = this.section.getRootNode().getElementById('comment-' + id);
    return item && item.matches('.aw-item') && this.section.contains(item) ? item : null;
  }

  /** The `<article>` of a comment, without the replies to it. */
  article(id) {
    const item = this.item(id);
    return item && item.querySelector(':scope > .aw-comment');
  }

  /** The form that contains an element. */
  formAround(element) {
    const found = element.closest('.aw-form');
    return found ? this.forms.find((form) => form.element == found) : undefined;
  }

  /** Returns true if all comments of the thread are on the screen. */
  isComplete() {
    return !this.section.querySelector('a[data-page]');
  }

  /** Shows a number of comments. */
  setCount(count) {
    this.count = count;
    this.section.querySelector('.aw-title').textContent = this.renderer.heading(count);
    dispatch(this.section, 'count', { url: this.canonical, count, text: this.plural('count', count) });
  }

  /** Takes over the number of comments of a page, unless a later page had another. */
  countPage(page) {
    const version = numberIn(page, 'version');
    if (version >= this.counted.version) this.counted = { version, count: numberIn(page, 'count') };
    this.showCount();
  }

  /** Counts a comment of the reader's own, or with -1 no longer, until a page has that version. */
  changeCount(id, version, by) {
    this.countChanges.set(id + ' ' + version, { version, by });
    this.showCount();
  }

  showCount() {
    let { count } = this.counted;
    for (const { version, by } of this.countChanges.values()) if (version > this.counted.version) count += by;
    this.setCount(Math.max(count, 0));
  }

  /** The version of the page from which a comment on the screen came. */
  pageVersion(item) {
    return this.pages[item.page || this.firstPage] || this.version;
  }

  /** Forgets comments of the reader's own, because the thread has them now, or never will. They stay on the screen. */
  forgetOwn(ids) {
    this.ownComments.remove(ids);
    this.missingOwn = this.missingOwn.filter(({ comment }) => !ids.includes(comment.id));
    for (const id of ids) this.displayedOwn.delete(id);
  }

  /** Stores a comment on another post of the blog, which was sent from here, and removes its draft. */
  storeForeign(url, comment, posted) {
    new OwnComments(url, this.local).store(posted);
    new Drafts(url, [this.local, session()]).removePosted(comment);
  }

  /** Name, e-mail address and website of the last comment, if the reader wanted them to be remembered. */
  profile() {
    return readString(this.local, PROFILE_KEY) ? readObject(this.local, PROFILE_KEY) : null;
  }

  /** Stores name, e-mail address and website, or removes them. */
  storeProfile(profile) {
    if (profile) writeObject(this.local, PROFILE_KEY, profile);
    else writeString(this.local, PROFILE_KEY, '');
  }

  /**
   * The key by which the site recognizes this browser.
   *
   * The key is created when the reader first types. Nobody types into two tabs at once, but both may send at once, and each would create a
   * key.
   */
  authorKey() {
    const stored = readString(this.local, AUTHOR_KEY);
    if (AUTHOR_KEY_PATTERN.test(stored)) return stored;
    this.fallbackKey = this.fallbackKey || createAuthorKey();
    writeString(this.local, AUTHOR_KEY, this.fallbackKey);
    return this.fallbackKey;
  }
}

const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
