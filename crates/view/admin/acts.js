/* Actions on comments: at once on the page, then in the database, and back if that fails. */
import { fieldsOf, send } from './send.js';
import { find, findAll, hush, say, text, unwarn, warn } from './page.js';
import { isDecision, parseItem, readOutcome, siteOf } from './outcomes.js';
import { authorOf, currentRow, decide, findRow, focusRow, isDecided, nextUndecided, reopen, rowOf, setRevision, showOutcome } from './rows.js';
import { showCounts } from './counts.js';

/** The batches that this page has sent, newest last: `{id, rows, action}`. */
const done = [];

/** UUIDs of all batches of this page, undone ones too. */
export const ownBatches = new Set();

/** Number of comments that this page has decided. */
export const decidedHere = () => findAll('.row[data-decided]').length;

const undoButton = () => {
  let button = find('#undo-last');
  if (!button) {
    button = document.createElement('button');
    Object.assign(button, { id: 'undo-last', type: 'button', hidden: true, onclick: () => undoLast(false) });
    find('main h1')?.after(button);
  }
  return button;
};

/** Offers the undo of the last action above the list. There is never a button for it where Approve was. */
const showUndo = () => {
  const last = done[done.length - 1];
  const button = undoButton();
  button.hidden = !last;
  if (last) button.textContent = text('undo') + ': ' + text(last.action) + (last.rows.length == 1 ? ', ' + authorOf(last.rows[0]) : '');
};

/** Keeps a batch, so that it can be undone. */
export const remember = (id, rows, action, site) => {
  ownBatches.add(id);
  done.push({ id, rows, action, site });
  showUndo();
};

/** Returns true if a form is about actions on comments. */
export const isActionForm = (form) => /^\/admin\/act(\?|$)/.test(form.getAttribute('action') || '');

/** Sends the form of a comment or of the selection. With `isKey` the focus goes to the next comment. */
export const act = (form, button, isKey) => {
  const fields = fieldsOf(form, button);
  const items = fields.getAll('comment').map(parseItem);
  if (!items.length) return say(text('nothing_selected'));
  fields.set('id', crypto.randomUUID());
  const rows = items.map((item) => findRow(item)).filter(Boolean);
  const action = fields.get('action');
  return perform({ address: form.getAttribute('action'), fields, rows, action }, isKey);
};

const perform = async (task, isKey) => {
  const { rows, action } = task;
  const from = rows.length == 1 ? rows[0] : currentRow();
  unwarn();
  if (isDecision(action)) {
    for (const row of rows) decide(row, action);
    for (const row of rows) showOutcome(row, text(action));
    // The buttons are out of sight now, and the focus with them.
    const isInRow = from && from.contains(document.activeElement);
    if (isKey || rows.length > 1) focusRow(from && isDecided(from) ? nextUndecided(from) : from);
    else if (isInRow && !find('.view-one')) focusRow(from, false);
    sayLeft(action);
  } else for (const row of rows) showOutcome(row, text('saving'));
  try {
    const { json, page } = await send(task.address, task.fields);
    finish(task, json || readPage(page, rows));
  } catch (error) {
    fail(task, error);
  }
};

const sayLeft = (action) => {
  const left = findAll('.row:not([data-decided])').length;
  say(text(action) + '. ' + text('left', { n: left }));
};

/** The result of a page that a form without JSON leads to: its offer to undo names the batch. */
const readPage = (page, rows) => {
  const batch = find('#notice [name=batch]', page)?.value;
  return { id: batch, results: rows.map((row) => ({ ...parseItem(row.dataset.item), revision: 0, outcome: 'done' })) };
};

const finish = ({ rows, action }, { id, results = [], counts }) => {
  if (id) ownBatches.add(id);
  const own = [];
  const problems = [];
  for (const result of results) {
    const row = findRow(result, rows);
    if (!row) continue;
    const outcome = readOutcome(result);
    setRevision(row, outcome.revision);
    if (outcome.isOwn) {
      own.push(row);
      showOutcome(row, text(action), { press: [text('undo'), () => undo(id)] });
      continue;
    }
    const parts = { ...outcome.parts, ...(outcome.parts?.state && { state: stateText(outcome.parts.state) }) };
    const message = text(outcome.text, parts);
    if (!outcome.isDone) {
      reopen(row);
      reselect(row, rows);
      problems.push(authorOf(row) + ': ' + message);
    }
    showOutcome(row, message, { isBad: !outcome.isDone, press: outcome.needsReload && [text('reload'), () => location.reload()] });
  }
  if (own.length && id) remember(id, own, action, siteOf(own.map((row) => row.dataset.item)));
  showUndo();
  showCounts(counts);
  if (!problems.length) return;
  hush();
  warn([own.length ? text('done', { done: own.length }) : '', ...problems].join(' '));
};

const stateText = (state) => text(state == 'spam' ? 'spam_state' : state);

const fail = (task, error) => {
  const why = error.message && error.message != error.reason ? error.message : text(error.reason == 'expired' ? 'expired' : error.reason);
  const again = () => perform(task, false);
  hush();
  for (const row of task.rows) {
    reopen(row);
    reselect(row, task.rows);
    showOutcome(row, text('unsaved') + ' ' + why, { isBad: true, press: [text('retry'), again] });
  }
  warn(text('unsaved') + ' ' + why, [text('retry'), again]);
};

/** Failed comments of a selection stay selected. */
const reselect = (row, rows) => {
  const box = rows.length > 1 && find('.pick input', row);
  if (box) box.checked = true;
};

/** Undoes the last action of this page. */
export const undoLast = (isKey = true) => {
  const last = done[done.length - 1];
  if (last) return undo(last.id, isKey);
  const form = find('form.undo');
  if (form) return form.requestSubmit();
  say(text('nothing_to_undo'));
};

/** Undoes a batch, in as many steps as it takes. The focus goes to the first comment that is as it was. */
const undo = async (batch) => {
  const at = done.findIndex(({ id }) => id == batch);
  if (at < 0) return;
  const [entry] = done.splice(at, 1);
  showUndo();
  const fields = new URLSearchParams({ batch, id: crypto.randomUUID(), site: entry.site, back: location.pathname + location.search });
  for (const row of entry.rows) {
    reopen(row);
    showOutcome(row, text('saving'));
  }
  focusRow(entry.rows[0]);
  try {
    for (;;) {
      const { json } = await send('/admin/undo', fields);
      restore(entry, json || { results: entry.rows.map((row) => ({ ...parseItem(row.dataset.item), revision: 0, outcome: 'done' })) });
      if (!json?.next) break;
      // A large batch takes several requests.
      fields.set('after', json.next);
    }
    say(text('undone'));
  } catch (error) {
    done.push(entry);
    showUndo();
    const why = text('unsaved') + ' ' + text(error.reason);
    for (const row of entry.rows) {
      decide(row, entry.action);
      showOutcome(row, text(entry.action), { press: [text('undo'), () => undo(batch)] });
    }
    warn(why, [text('retry'), () => undo(batch)]);
  }
};

const restore = (entry, { id, results = [], counts }) => {
  if (id) ownBatches.add(id);
  for (const result of results) {
    const row = findRow(result, entry.rows);
    if (!row) continue;
    const outcome = readOutcome(result);
    setRevision(row, outcome.revision);
    if (outcome.isOwn) showOutcome(row, '');
    else {
      decide(row, entry.action);
      showOutcome(row, text('not_undone'), { isBad: true });
    }
  }
  showCounts(counts);
};

/** Runs an action of the current comment as its button does. */
export const press = (row, action, isKey) => {
  const button = find(`.acts [name=action][value=${action}]`, row) || (action == 'approve' && find('.acts [value=restore]', row));
  if (!button || isDecided(row)) return say(text('no_action'));
  return act(button.form, button, isKey);
};

/** Selection: the box for the page, and the number. */
export const startSelection = () => {
  const all = find('#all');
  if (!all) return;
  all.closest('label').hidden = false;
  const boxes = () => findAll('.pick input').filter((box) => !isDecided(rowOf(box)));
  const update = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked == boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
    find('#selected').textContent = text('selected', { n: ticked });
    find('.tools').toggleAttribute('data-selecting', ticked > 0);
  };
  all.addEventListener('change', () => {
    for (const box of boxes()) box.checked = all.checked;
    update();
  });
  document.addEventListener('change', ({ target }) => target.closest('.pick') && update());
  update();
};

