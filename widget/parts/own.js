/* The part for the menu of a comment: copy its link, report it, and edit or delete one's own. Also the fate of held comments. */

/** Time in seconds during which a comment can be edited, unless the section says otherwise. */
const EDIT_WINDOW_SECONDS = 900;

/** Number of held comments that are asked for. */
const MAX_ASKED = 20;

/** The texts of the reasons of a report. The Worker names a reason by the second word. */
const REASONS = ['report.spam', 'report.abuse', 'report.off_topic', 'report.private_data', 'report.other'];

/** Fills the menu of a comment when it is opened. */
export const fillMenu = (thread, menu) => {
  const { create, createButton } = thread.ui;
  const article = menu.closest('.aw-comment');
  const id = +article.parentNode.dataset.id;
  const items = menu.querySelector('.aw-menu-items') || menu.appendChild(create('p', { className: 'aw-menu-items' }));
  for (const old of items.querySelectorAll('.aw-act')) old.remove();
  const add = (className, text, act) =>
    items.append(
      createButton('aw-act ' + className, text, () => {
        menu.open = false;
        act();
      }),
      ' ',
    );
  add('aw-copy', thread.text('menu.copy'), () => copyLink(thread, article, menu));
  // A thread that is closed has no form to copy.
  if (!article.isOwn) return;
  const minutes = minutesLeft(thread, article);
  if (thread.pristineForm && (minutes > 0 || thread.drafts.find({ edit: id }))) {
    add('aw-edit', minutes > 0 ? thread.plural('edit.left', minutes) : thread.text('edit'), () => edit(thread, id));
  }
  add('aw-delete', thread.text('delete'), () => remove(thread, id));
};

/** Remembers until when a comment can be edited, as the Worker says. The site may have changed the time since the section was rendered. */
const storeEditEnd = (thread, id, end) => {
  thread.editEnds = { ...thread.editEnds, ...(end > 0 && { [id]: end }) };
};

/** The minutes that remain to edit a comment, rounded up. */
const minutesLeft = (thread, article) => {
  const known = thread.editEnds && thread.editEnds[article.parentNode.dataset.id];
  const written = new Date(article.querySelector('.aw-time time').dateTime) / 1000;
  const { editWindow } = thread.section.dataset;
  const seconds = editWindow === undefined ? EDIT_WINDOW_SECONDS : +editWindow;
  return Math.ceil(((known || written + seconds) - Date.now() / 1000) / 60);
};

const copyLink = async (thread, article, menu) => {
  const { href } = article.querySelector('.aw-time');
  thread.ui.focusElement(menu.firstElementChild);
  try {
    // A link within the page is resolved against the page and not against its `<base>`.
    const { hash } = new URL(href);
    const isHere = article.querySelector('.aw-time').getAttribute('href').startsWith('#');
    await navigator.clipboard.writeText(isHere ? location.href.split('#')[0] + hash : href);
    thread.ui.showNote(thread, article, thread.text('menu.copied'));
  } catch {
    // Without permission the reader copies the link of the time.
    thread.ui.focusElement(article.querySelector('.aw-time'));
  }
};

/** Opens the form for an edit. It is there at once, and gets the source of the comment as soon as that has arrived. */
const edit = async (thread, id) => {
  const labels = { title: thread.text('edit.title'), submit: thread.text('edit.save'), cancel: thread.text('edit.cancel') };
  const form = thread.ui.openEditForm(thread, id, '', labels);
  form.save = (comment) => save(thread, form, comment);
  form.focus('text');
  if (form.hasDraft) return;
  form.setBusy(true);
  form.textField.readOnly = true;
  try {
    const { text, edit_until: end } = await thread.requestComment('GET', `/v1/comments/${id}/source`);
    storeEditEnd(thread, id, end);
    form.text = String(text);
    form.showRoom();
    form.setBusy(false);
  } catch (error) {
    if (thread.isEnded) return;
    form.setBusy(false);
    thread.ui.closeForm(thread, form);
    thread.ui.showProblem(thread, thread.article(id), thread.errorText(error));
    thread.reportError(error);
  }
  form.textField.readOnly = false;
};

const save = async (thread, form, { id, text, edit }) => {
  const { focusElement, headingOf, removeForm, showFailure } = thread.ui;
  let answer;
  try {
    answer = await thread.requestComment('PATCH', '/v1/comments/' + edit, { id, text });
  } catch (error) {
    form.setBusy(false);
    // The text stays, so that the reader can copy it.
    if (error.code == 'edit_window_over') error.message = thread.text('edit.over');
    if (!thread.isEnded) showFailure(thread, form, error);
    return;
  }
  thread.drafts.remove({ edit, text });
  thread.ownComments.store(answer);
  if (thread.isEnded) return;
  form.setBusy(false);
  removeForm(thread, form);
  const article = thread.article(edit);
  // The reader may have gone to a page without it.
  const by = article ? (answer.status == 'published') - isPublished(article) : 0;
  showOwn(thread, edit, answer);
  if (by) thread.changeCount(edit, answer.version, by);
  thread.onOwnComments();
  const item = thread.item(edit);
  focusElement(item && (item.querySelector('.aw-menu > summary') || headingOf(item)));
  thread.announce(thread.text(answer.status == 'pending' ? 'edit.held' : 'edit.saved'));
};

const isPublished = (article) => !article.querySelector('.aw-pending');

/** Replaces a comment by what the Worker has stored. The thread may lack it for a while, or have it as it was. */
const showOwn = (thread, id, answer) => {
  thread.missingOwn = [...thread.missingOwn.filter((own) => own.comment.id != id), answer];
  const item = thread.item(id);
  if (!item) return;
  const parent = item.dataset.parent ? thread.item(item.dataset.parent) : null;
  const rendered = thread.ui.renderItem(thread, answer, parent);
  if (!rendered) return;
  const old = item.querySelector(':scope > .aw-comment');
  old.replaceWith(rendered.firstElementChild);
  thread.ui.dispatchDrawn(thread, item);
};

/** Deletes a comment at once, and offers to restore it in its place. */
const remove = async (thread, id) => {
  const { create, createButton, focusElement, showProblem } = thread.ui;
  const article = thread.article(id);
  showProblem(thread, article, '');
  if (article.isBusy) return;
  article.isBusy = true;
  const wasPublished = isPublished(article);
  let answer;
  try {
    answer = await thread.requestComment('DELETE', '/v1/comments/' + id);
  } catch (error) {
    if (!thread.isEnded) showProblem(thread, article, thread.errorText(error));
    thread.reportError(error);
    return;
  } finally {
    article.isBusy = false;
  }
  // Its item stays where it is, whatever the pages have.
  thread.forgetOwn([id]);
  if (thread.isEnded) return;
  const undo = createButton('aw-act', thread.text('delete.undo'), () => restore(thread, id));
  const note = create('p', { className: 'aw-gone' }, thread.text('delete.own'), ' ', undo);
  // The deleted comment keeps its frame, so that nothing below it jumps.
  const gone = create('article', { className: 'aw-comment aw-deleted', isDeleted: true, isOwn: true }, note);
  const shown = thread.article(id);
  if (shown) shown.replaceWith(gone);
  if (shown) thread.ui.updateBranches(thread, [gone.parentNode]);
  if (wasPublished) thread.changeCount(id, answer.version, -1);
  focusElement(undo);
  thread.announce(thread.text('delete.done'));
};

const restore = async (thread, id) => {
  const { focusElement, headingOf, showProblem } = thread.ui;
  const gone = thread.article(id);
  if (gone.isBusy) return;
  gone.isBusy = true;
  showProblem(thread, gone, '');
  let answer;
  try {
    answer = await thread.requestComment('POST', `/v1/comments/${id}/restore`);
  } catch (error) {
    gone.isBusy = false;
    if (!thread.isEnded) showProblem(thread, gone, thread.errorText(error));
    thread.reportError(error);
    return;
  }
  thread.ownComments.store(answer);
  if (thread.isEnded) return;
  showOwn(thread, id, answer);
  const item = thread.item(id);
  if (item) thread.ui.updateBranches(thread, [item]);
  if (answer.status == 'published') thread.changeCount(id, answer.version, 1);
  focusElement(headingOf(item));
  thread.announce(thread.text('delete.restored'));
};

/** Shows what became of the reader's comments that were held for approval. */
export const showStatus = async (thread) => {
  const held = thread.missingOwn.filter(({ status }) => status == 'pending').slice(-MAX_ASKED);
  if (thread.isStatusKnown || !held.length) return;
  thread.isStatusKnown = true;
  let answer;
  try {
    const ids = held.map(({ comment }) => '&id=' + comment.id).join('');
    answer = await thread.requestComment('GET', '/v1/comments/status', null, ids);
  } catch {
    // The notes stay as they are. The next visit asks again.
    thread.isStatusKnown = false;
    return;
  }
  if (thread.isEnded) return;
  for (const { id, status, edit_until: end } of Array.isArray(answer.comments) ? answer.comments : []) {
    storeEditEnd(thread, id, end);
    showFate(thread, id, status);
  }
};

const showFate = (thread, id, status) => {
  const article = thread.article(id);
  const note = article && article.querySelector('.aw-pending');
  const forget = () => thread.forgetOwn([id]);
  if (status == 'deleted') {
    forget();
    if (article && !article.parentNode.querySelector('.aw-item')) thread.ui.keepPosition(thread.section, () => article.parentNode.remove());
  }
  if (!note) return;
  if (status == 'published') showPublished(thread, id, note);
  if (status != 'rejected') return;
  const discard = thread.ui.createButton('aw-act', thread.text('offline.discard'), () => {
    forget();
    const focused = article.parentNode.previousElementSibling;
    article.parentNode.remove();
    thread.ui.focusElement(thread.ui.headingOf(focused) || thread.section.querySelector('.aw-title'));
  });
  note.replaceChildren(thread.text('status.rejected'), ' ', discard);
};

/** Shows that a comment is not held any more. It is on the next page that the Worker publishes, and counts until then. */
const showPublished = (thread, id, note) => {
  const version = thread.counted.version + 1;
  thread.ui.keepPosition(thread.section, () => note.remove());
  for (const own of thread.missingOwn) if (own.comment.id == id) Object.assign(own, { status: 'published', version });
  thread.changeCount(id, version, 1);
};

/** Opens the form for a report of a comment. */
export const report = (thread, id) => {
  const { closeMenu, create, createButton, focusElement } = thread.ui;
  const article = thread.article(id);
  const open = thread.forms.find(({ target }) => target.report == id);
  if (open) return open.reason.focus();
  const field = (label, input) => create('label', { className: 'aw-field' }, create('span', {}, label), input);
  const reason = create('select', { className: 'aw-input' });
  for (const key of REASONS) reason.append(create('option', { value: key.split('.')[1] }, thread.text(key)));
  const details = create('textarea', { className: 'aw-input', rows: 2, maxLength: 500, dir: 'auto' });
  const send = create('button', { className: 'aw-submit' }, thread.text('report.send'));
  const problem = create('p', { className: 'aw-error' });
  const cancel = createButton('aw-cancel', thread.text('report.cancel'), () => close(thread, form));
  const title = create('h3', { className: 'aw-form-title' }, thread.text('report.title'));
  const element = create(
    'form',
    { className: 'aw-form aw-report-form' },
    title,
    create('label', { className: 'aw-field' }, create('span', { className: 'aw-hidden' }, thread.text('report.title')), reason),
    field(thread.text('report.text'), details),
    problem,
    create('div', { className: 'aw-send' }, send, cancel),
  );
  // It has no draft and no proof, and is closed and sent in its own way.
  const form = { element, target: { report: id }, isPlain: true, isReplyOrEdit: true, text: '', reason, submitButton: send };
  Object.assign(form, { close: () => close(thread, form), send: () => sendReport(thread, form, details, problem, send) });
  element.setAttribute('aria-label', thread.text('report.title'));
  thread.forms.push(form);
  closeMenu(article.querySelector('.aw-report'));
  article.after(element);
  focusElement(reason);
};

const close = (thread, form) => {
  const article = thread.article(form.target.report);
  thread.ui.removeForm(thread, form);
  thread.ui.focusElement(article && article.querySelector('.aw-menu > summary'));
};

const sendReport = async (thread, form, details, problem, send) => {
  if (form.isBusy) return;
  form.isBusy = true;
  send.setAttribute('aria-disabled', true);
  const text = details.value.trim();
  const body = { reason: form.reason.value, ...(text && { text }) };
  try {
    await thread.requestComment('POST', `/v1/comments/${form.target.report}/report`, body);
  } catch (error) {
    problem.textContent = thread.errorText(error);
    thread.announce(problem.textContent);
    thread.reportError(error);
    return;
  } finally {
    form.isBusy = false;
    send.removeAttribute('aria-disabled');
  }
  if (thread.isEnded) return;
  close(thread, form);
  const article = thread.article(form.target.report);
  if (article) thread.ui.showNote(thread, article, thread.text('report.thanks'));
};
