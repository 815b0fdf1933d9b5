/*
 * The part for a moderator who comes from `/admin/on-page`: the comments that wait, above the thread, and decisions about those in it.
 *
 * The address has a code, which is exchanged at once for a token. The token is valid for an hour, on pages of this origin, and is kept in
 * `sessionStorage`. Its texts are in English, as those of all pages for moderators.
 */

const KEY = 'afterword:moderate';

/** Time between two looks at what waits, in milliseconds. */
const POLL_MS = 60000;

const TEXTS = {
  title: 'Moderation',
  none: 'Nothing waits on this post.',
  more: 'More comments wait than are shown here.',
  queue: 'Open the queue',
  leave: 'Stop moderating here',
  anonymous: 'Anonymous',
  answers: 'answers',
  ended: 'Your sign-in for this page has ended. Open the page again from the moderators’ pages.',
  failed: 'Not saved. Please try again.',
  undo: 'Undo',
  undone: 'Undone.',
  changed: 'The text has changed. Please read it again.',
  gone: 'This comment is no longer there.',
  reply: 'Reply as the blog’s author',
  reply_approve: 'Approve and reply',
  reply_text: 'Your answer',
  send: 'Publish the answer',
  cancel: 'Cancel',
  replied: 'Your answer is published. It appears here within a minute.',
};

/** The decisions, with the words on their buttons and for their outcomes. */
const ACTIONS = {
  approve: ['Approve', 'Approved. It appears here within a minute.'],
  spam: ['Spam', 'Marked as spam.'],
  delete: ['Delete', 'Deleted.'],
  unpublish: ['Hold', 'Waits for approval.'],
  pin: ['Pin', 'Pinned. It moves to the top within a minute.'],
  unpin: ['Unpin', 'No longer pinned.'],
};

const STATES = { pending: 'waiting', published: 'published', spam: 'spam', deleted: 'deleted', erased: 'erased' };

/** Begins to moderate, if the address has a code or this tab has a token. */
export const start = async (thread) => {
  const code = takeCode();
  const moderation = { thread, access: readAccess(), shown: new Map() };
  if (code) {
    try {
      const { token, expires } = await post(thread, '', '/v1/moderation/token', { code });
      moderation.access = { token, expires, endpoint: thread.endpoint };
    } catch (error) {
      if (thread.isEnded) return;
      drawPanel(moderation);
      return end(moderation, error.code == 'unreachable' ? TEXTS.failed : TEXTS.ended);
    }
    store(JSON.stringify(moderation.access));
  }
  // Another deployment on the same blog has tokens of its own.
  const { endpoint, expires } = moderation.access;
  if (thread.isEnded || endpoint != thread.endpoint || !(expires > Date.now() / 1000)) return store('');
  drawPanel(moderation);
  if (code) moderation.panel.scrollIntoView();
  watchMenus(moderation);
  await refresh(moderation);
  const timer = setInterval(() => isPageHidden() || refresh(moderation), POLL_MS);
  thread.endings.push(() => clearInterval(timer));
};

/** An element of the blog's page may hide the document's own property. */
const isPageHidden = () => Reflect.get(Document.prototype, 'hidden', document);

/** Removes the code from the address, so that neither history nor a copied link has it. */
const takeCode = () => {
  const [, code] = /&moderate=([\w.-]+)$/.exec(location.hash) || [];
  if (code) history.replaceState(history.state, '', location.href.split('#')[0]);
  return code;
};

/** The token of this tab. The storage may be blocked, or hold what another script wrote. */
const readAccess = () => {
  try {
    return Object(JSON.parse(sessionStorage.getItem(KEY)));
  } catch {
    return {};
  }
};

const store = (text) => {
  try {
    if (text) sessionStorage.setItem(KEY, text);
    else sessionStorage.removeItem(KEY);
  } catch {}
};

const post = (thread, token, path, body) =>
  thread.request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: 'Bearer ' + token }) },
  });

const call = async ({ thread, access: { token } }, path, body) =>
  body ? post(thread, token, path, body) : thread.request(path, { headers: { Authorization: 'Bearer ' + token } });

/** Runs a call of the moderator. A sign-in that has ended ends moderation; another failure is said beside the comment. */
const attempt = async (moderation, note, run) => {
  try {
    return await run();
  } catch (error) {
    if (moderation.thread.isEnded) return;
    if (error.status == 401) end(moderation, TEXTS.ended);
    else say(moderation, note, TEXTS.failed);
    moderation.thread.reportError(error);
  }
};

/** Shows or hides an element, whatever the styles say of it. */
const setShown = (element, isShown) => {
  element.style.display = isShown ? '' : 'none';
};

const say = ({ thread }, note, text, ...others) => {
  note.replaceChildren(text, ' ', ...others);
  thread.announce(text);
};

/** Draws the panel above the thread. */
const drawPanel = (moderation) => {
  const { thread } = moderation;
  const { create, createButton } = thread.ui;
  moderation.note = create('p', { className: 'aw-hint' });
  moderation.list = create('ol', { className: 'aw-list' });
  const queue = new URLSearchParams({ list: 'pending', post: thread.canonical });
  const link = create('a', { href: thread.endpoint + '/admin/queue?' + queue, target: '_blank', rel: 'noopener' }, TEXTS.queue);
  moderation.leave = createButton('aw-act', TEXTS.leave, () => {
    end(moderation, '');
    thread.ui.focusElement(thread.section.querySelector('.aw-title'));
  });
  const heading = create('h3', { className: 'aw-form-title' }, TEXTS.title);
  const links = create('p', { className: 'aw-acts' }, link, ' ', moderation.leave);
  moderation.panel = create('div', { className: 'aw-moderation', lang: 'en', dir: 'ltr' }, heading, moderation.note, moderation.list, links);
  moderation.panel.setAttribute('role', 'group');
  // Readers download no styles for it.
  Object.assign(moderation.panel.style, { border: '1px solid', borderRadius: '4px', padding: '0 1em', marginBlock: '1em 2em' });
  moderation.panel.setAttribute('aria-label', TEXTS.title);
  thread.section.querySelector('.aw-title').after(moderation.panel);
  thread.endings.push(() => moderation.panel.remove());
};

/** Ends moderation in this tab, and says why. */
const end = (moderation, text) => {
  store('');
  moderation.isEnded = true;
  for (const items of moderation.thread.section.querySelectorAll('.aw-moderate-items')) items.remove();
  if (!text) return moderation.panel.remove();
  moderation.list.remove();
  moderation.leave.remove();
  say(moderation, moderation.note, text);
};

/** Shows what waits on the post. A comment that was decided here keeps its place, so that its undo does too. */
const refresh = async (moderation) => {
  const { thread, shown, list, note } = moderation;
  if (moderation.isEnded) return;
  const path = '/v1/moderation/comments?url=' + encodeURIComponent(thread.canonical);
  const answer = await attempt(moderation, note, () => call(moderation, path));
  if (!answer || thread.isEnded || moderation.isEnded) return;
  for (const comment of answer.comments) {
    const known = shown.get(comment.id);
    if (known && known.revision == comment.revision) continue;
    const row = drawRow(moderation, comment);
    if (known) known.row.replaceWith(row);
    else list.append(row);
    shown.set(comment.id, { revision: comment.revision, row });
  }
  const isWaiting = ({ id }) => shown.has(id);
  for (const [id, { row }] of shown) {
    // Somebody else has decided about it.
    if (answer.comments.some((comment) => comment.id == id && isWaiting(comment)) || row.isDecided) continue;
    row.remove();
    shown.delete(id);
  }
  note.textContent = answer.more ? TEXTS.more : answer.comments.length ? '' : TEXTS.none;
};

const drawRow = (moderation, comment) => {
  const { thread } = moderation;
  const { create } = thread.ui;
  const by = create('h4', { className: 'aw-by' }, create('bdi', {}, comment.name || TEXTS.anonymous));
  if (comment.parent) by.append(` ${TEXTS.answers} `, create('bdi', {}, comment.parent_name || TEXTS.anonymous));
  const time = create('time', { className: 'aw-time', dateTime: new Date(comment.created * 1000).toISOString() }, new Date(comment.created * 1000).toLocaleString());
  const text = create('div', { className: 'aw-text', dir: 'auto' });
  text.append(thread.parse(comment.html));
  const note = create('p', { className: 'aw-hint' });
  const acts = create('p', { className: 'aw-acts' });
  const row = create('li', {}, create('article', { className: 'aw-comment' }, create('header', { className: 'aw-meta' }, by, time), text, thread.parse(comment.why), acts, note));
  fillActions(moderation, { comment, acts, note, row, names: ['approve', 'spam', 'delete'] });
  return row;
};

/** Adds the buttons of a comment. `names` are the decisions that its state allows. */
const fillActions = (moderation, target) => {
  const { create, createButton } = moderation.thread.ui;
  const { comment, acts, names } = target;
  const of = () => create('span', { className: 'aw-hidden' }, ': ' + (comment.name || TEXTS.anonymous));
  const add = (text, press) => {
    const button = createButton('aw-act', text, press);
    button.append(of());
    acts.append(button, ' ');
  };
  for (const name of names) add(ACTIONS[name][0], () => decide(moderation, target, name));
  if (comment.state == 'pending') add(TEXTS.reply_approve, () => openReply(moderation, target));
  else if (comment.state == 'published') add(TEXTS.reply, () => openReply(moderation, target));
};

/** Decides about a comment, as it was seen. */
const decide = async (moderation, target, name) => {
  const { thread } = moderation;
  const { comment, acts, note, row } = target;
  if (acts.isBusy) return;
  acts.isBusy = true;
  const id = thread.ui.createUuid();
  const body = { id, action: name, comment: comment.id, revision: comment.revision };
  const result = await attempt(moderation, note, () => call(moderation, '/v1/moderation/actions', body));
  acts.isBusy = false;
  if (!result || thread.isEnded) return;
  if (result.outcome != 'done') return showOther(moderation, target, result);
  row.isDecided = true;
  setShown(acts, false);
  const undo = thread.ui.createButton('aw-act', TEXTS.undo, () => undoDecision(moderation, target, id));
  say(moderation, note, ACTIONS[name][1], undo);
  thread.ui.focusElement(undo);
};

const undoDecision = async (moderation, target, batch) => {
  const { thread } = moderation;
  const { comment, acts, note, row } = target;
  const path = `/v1/moderation/actions/${batch}/undo`;
  const result = await attempt(moderation, note, () => call(moderation, path, { id: thread.ui.createUuid() }));
  if (!result || thread.isEnded) return;
  if (result.outcome != 'done') return showOther(moderation, target, result);
  comment.revision = result.revision;
  const known = moderation.shown.get(comment.id);
  if (known) known.revision = result.revision;
  row.isDecided = false;
  setShown(acts, true);
  say(moderation, note, TEXTS.undone);
  thread.ui.focusElement(acts.querySelector('button'));
};

/** Says why nothing was done. */
const showOther = (moderation, { note }, { outcome, by, state }) => {
  const who = by ? ` (${by})` : '';
  const texts = {
    already: `It was decided like that already${who}.`,
    decided_otherwise: `Somebody else has decided${who}: ${STATES[state] || state}.`,
    changed: TEXTS.changed,
  };
  say(moderation, note, texts[outcome] || TEXTS.gone);
  if (outcome == 'changed') refresh(moderation);
};

const openReply = (moderation, target) => {
  const { thread } = moderation;
  const { comment, acts, note } = target;
  const { create, createButton, focusElement } = thread.ui;
  const id = thread.ui.createUuid();
  const text = create('textarea', { className: 'aw-input', rows: 4, dir: 'auto', required: true });
  const label = create('label', { className: 'aw-field' }, create('span', {}, TEXTS.reply_text), text);
  const send = create('button', { className: 'aw-submit' }, TEXTS.send);
  const problem = create('p', { className: 'aw-error' });
  const close = () => {
    thread.ui.removeForm(thread, form);
    setShown(acts, true);
    focusElement(acts.querySelector('button'));
  };
  const cancel = createButton('aw-cancel', TEXTS.cancel, close);
  const element = create('form', { className: 'aw-form', lang: 'en' }, label, problem, create('div', { className: 'aw-send' }, send, cancel));
  element.setAttribute('aria-label', TEXTS.reply);
  const form = { element, target: {}, isPlain: true, isReplyOrEdit: true, submitButton: send, close };
  form.text = '';
  form.send = async () => {
    if (form.isBusy || !text.value.trim()) return;
    form.isBusy = true;
    const body = { id, revision: comment.revision, text: text.value, approve: comment.state == 'pending' };
    const path = `/v1/moderation/comments/${comment.id}/reply`;
    const result = await attempt(moderation, problem, () => call(moderation, path, body));
    form.isBusy = false;
    if (!result || thread.isEnded) return;
    if (result.outcome != 'done') return showOther(moderation, { note: problem }, result);
    target.row.isDecided = true;
    close();
    setShown(acts, false);
    say(moderation, note, TEXTS.replied);
    focusElement(note);
  };
  thread.forms.push(form);
  setShown(acts, false);
  note.after(element);
  focusElement(text);
};

/** Adds decisions to the menu of a comment in the thread. They are about the comment as it is now; if the page shows another text, it gets this one. */
const watchMenus = (moderation) => {
  const { thread } = moderation;
  const onToggle = ({ target: menu }) => {
    if (menu.matches('.aw-menu') && menu.open && !moderation.isEnded) fillMenu(moderation, menu);
  };
  thread.section.addEventListener('toggle', onToggle, true);
  thread.endings.push(() => thread.section.removeEventListener('toggle', onToggle, true));
};

const fillMenu = async (moderation, menu) => {
  const { thread } = moderation;
  const { create } = thread.ui;
  const old = menu.querySelector('.aw-moderate-items');
  if (old) old.remove();
  const article = menu.closest('.aw-comment');
  const { id } = article.parentNode.dataset;
  const acts = create('p', { className: 'aw-acts' });
  const note = create('p', { className: 'aw-hint' });
  const row = create('div', { className: 'aw-moderate-items', lang: 'en', dir: 'ltr' }, acts, note);
  menu.append(row);
  const comment = await attempt(moderation, note, () => call(moderation, '/v1/moderation/comments/' + id));
  if (!comment || thread.isEnded || moderation.isEnded) return;
  if (comment.state != 'published') return say(moderation, note, `This comment is not public any more: ${STATES[comment.state]}.`);
  const text = article.querySelector('.aw-text');
  const present = thread.parse(comment.html);
  if (text.textContent.trim() != present.textContent.trim()) {
    text.replaceChildren(present);
    say(moderation, note, TEXTS.changed);
  }
  fillActions(moderation, { comment, acts, note, row, names: ['spam', 'delete', 'unpublish', comment.pinned ? 'unpin' : 'pin'] });
};
