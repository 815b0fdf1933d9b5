/* Forms for a text or a ban, opened over the list, so that the place in it is not lost. */
import { SendError, fieldsOf, load, sendAll } from './send.js';
import { create, find, findAll, localizeTimes, readStored, say, store, text, warn } from './page.js';
import { parseItem } from './outcomes.js';
import { remember } from './acts.js';
import { decide, findRow, focusRow, nextUndecided, rowOf, setRevision, showOutcome } from './rows.js';
import { showCounts } from './counts.js';

/** Pages that open over the list: the values of `data-do` of their links. */
const OPENED = ['reply', 'edit', 'ban', 'move'];

let dialog;

/** Returns true if a link opens over the list. */
export const opensInPlace = (link) => OPENED.includes(link.dataset.do) && !!rowOf(link) && !!find('.rows');

/** Opens the page behind a link in a dialog. If it cannot be loaded so, the browser loads it. */
export const openForm = async (link) => {
  let page;
  try {
    ({ page } = await load(link.href));
  } catch {
    // The browser shows why.
  }
  const form = page && find('#write', page);
  if (!form) return location.assign(link.href);
  dialog?.remove();
  dialog = create('dialog');
  dialog.className = 'write';
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  fill(page, link);
  dialog.showModal();
  firstField()?.focus();
};

const firstField = () => find('[aria-invalid],textarea,input:not([type=hidden])', dialog);

const fill = (page, link) => {
  const heading = create('h2', { id: 'write-title' }, find('h1', page)?.textContent || '');
  const parts = findAll('main > .card, main > p:not(.hint), main > form', page).map((part) => document.adoptNode(part));
  dialog.setAttribute('aria-labelledby', 'write-title');
  dialog.replaceChildren(heading, ...parts);
  localizeTimes(dialog);
  const form = find('#write', dialog);
  restoreDraft(form);
  form.addEventListener('input', () => keepDraft(form));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(form, event.submitter, link);
  });
  dialog.addEventListener('click', (event) => {
    if (!event.target.closest('[data-do=cancel]')) return;
    event.preventDefault();
    dialog.close();
    link.focus();
  });
};

const submit = async (form, button, link) => {
  const row = rowOf(link);
  const buttons = findAll('button', form);
  const fields = fieldsOf(form, button);
  for (const one of buttons) one.disabled = true;
  try {
    const { json, page, isRedirected } = await sendAll(form.getAttribute('action'), fields);
    // A page with the form again: a preview, or an error beside its field.
    if (page && !isRedirected && find('#write', page)) {
      fill(page, link);
      return (find('.card .text', dialog) && button?.name == 'preview' ? find('#preview', dialog) : firstField())?.focus();
    }
    forgetDraft(form);
    dialog.close();
    succeed(row, link.dataset.do, fields, json, page);
  } catch (error) {
    showError(form, error);
  } finally {
    for (const one of buttons) one.disabled = !one.type || one.hidden;
  }
};

/** Shows what a form has done. The reply is JSON, or the page of the list, with the offer to undo and with the comment as it is now. */
const succeed = (row, kind, fields, json, page) => {
  const notice = page && find('#notice', page);
  if (notice?.matches('.bad')) {
    focusRow(row);
    return warn(find('p', notice).textContent, [text('reload'), () => location.reload()]);
  }
  const batch = notice && find('[name=batch]', notice)?.value;
  if (batch) remember(batch, [row], kind, parseItem(row.dataset.item).site);
  const result = json?.results?.find((result) => findRow(result, [row]));
  setRevision(row, result?.revision);
  showText(row, page);
  showCounts(json?.counts);
  const isApproved = fields.get('approve') == 'on';
  const message = [isApproved && text('approve'), text(kind)].filter(Boolean).join(', ');
  if (isApproved) {
    decide(row, 'approve');
    focusRow(nextUndecided(row));
  } else focusRow(row);
  showOutcome(row, message);
  say(message);
};

/** Shows the text of a comment as the new page of the list has it, and names its revision from now on. */
const showText = (row, page) => {
  const fresh = page && page.getElementById(row.id);
  const [before, after] = [row, fresh].map((one) => one && find('.text', one));
  if (before && after) before.replaceWith(document.adoptNode(after));
  if (fresh) setRevision(row, +fresh.dataset.revision);
};

const showError = (form, error) => {
  const why = error instanceof SendError && error.message && error.message != error.reason ? error.message : text(error.reason || 'refused');
  const field = error.field && find(`[name=${CSS.escape(error.field)}]`, form);
  find('.sent-error', form)?.remove();
  const line = create('p', { className: 'error sent-error' }, text('unsaved') + ' ' + why);
  line.setAttribute('role', 'alert');
  if (field) field.after(line);
  else find('.send', form).before(line);
  (field || firstField())?.focus();
};

const draftKey = (form) => 'afterword:draft:' + form.getAttribute('action');

const keepDraft = (form) => {
  const area = find('textarea', form);
  if (area) store('sessionStorage', draftKey(form), area.value);
};

const restoreDraft = (form) => {
  const area = find('textarea', form);
  const draft = readStored('sessionStorage', draftKey(form));
  if (area && draft && !area.hasAttribute('aria-invalid')) area.value = draft;
};

const forgetDraft = (form) => store('sessionStorage', draftKey(form), '');
