/* The comments of a list: the one that keys act on, and what became of each. */
import { create, find, findAll, say, text } from './page.js';
import { isAbout, withRevision } from './outcomes.js';

/** Time after a change of the shown comment in which taps are ignored, in milliseconds: they were meant for the one before. */
const GUARD_MS = 350;

/** Time in which a second click belongs to the first one, in milliseconds. */
const DOUBLE_CLICK_MS = 600;

const list = find('.rows');
const isOne = !!find('.view-one');
let guardedUntil = 0;

export const allRows = () => findAll('.row');
export const rowOf = (element) => element.closest('.row');
/** The comment with this id, and of this site if the list shows several. */
export const findRow = (result, rows = allRows()) => rows.find((row) => isAbout(row.dataset.item, result));
export const currentRow = () => find('.row[data-current]');
export const isDecided = (row) => 'decided' in row.dataset;
export const undecided = () => allRows().filter((row) => !isDecided(row));

/** The name of the author, for messages. */
export const authorOf = (row) => find('.by h3', row)?.textContent.trim() || '';

/** Makes a comment the one that keys act on. */
export const setCurrent = (row) => {
  const before = currentRow();
  if (before == row) return;
  before?.removeAttribute('data-current');
  row?.setAttribute('data-current', '');
  if (isOne) guardedUntil = performance.now() + GUARD_MS;
};

/** Puts the focus on a comment, or at the end of the list. Nothing scrolls without `isScrolling`. */
export const focusRow = (row, isScrolling = true) => {
  if (!row) return focusEnd();
  setCurrent(row);
  const item = find('.item', row);
  item.focus({ preventScroll: true });
  if (isScrolling) item.scrollIntoView({ block: isOne ? 'start' : 'nearest' });
};

const focusEnd = () => {
  setCurrent(undefined);
  const end = find('#end');
  if (!end) return;
  end.hidden = false;
  end.focus();
};

/** Moves to the next comment, or with -1 to the previous one. Without a comment to begin with, to the first one. */
export const move = (step) => {
  const rows = isOne ? undecided() : allRows();
  const at = rows.indexOf(currentRow());
  const next = at < 0 ? rows[0] : rows[at + step];
  if (next) focusRow(next);
};

/** The next comment without a decision after this one, or else the first one before it. */
export const nextUndecided = (row) => {
  const rows = allRows();
  const at = rows.indexOf(row);
  return [...rows.slice(at + 1), ...rows.slice(0, at)].find((other) => !isDecided(other));
};

/** Returns true if a comment can be seen. A key does not act on one that cannot; it shows it first. */
export const isInView = (row) => {
  const { top, bottom } = find('.item', row).getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
};

/**
 * Shows what became of a comment, in its own box. `press` is the button with its label, if there is one. It appears near the button that was
 * pressed before, so the second half of a double click does not count.
 */
export const showOutcome = (row, message, { isBad, press } = {}) => {
  find('.outcome', row)?.remove();
  if (!message) return;
  const line = create('p', { className: isBad ? 'outcome bad' : 'outcome' }, create('span', {}, message));
  const shown = performance.now();
  const onclick = () => performance.now() - shown > DOUBLE_CLICK_MS && press[1]();
  if (press) line.append(create('button', { type: 'button', onclick }, press[0]));
  find('.foot', row).append(line);
};

/** Marks a comment as decided. It keeps its box, so that nothing moves. */
export const decide = (row, action) => {
  row.dataset.decided = action;
  const box = find('.pick input', row);
  if (box) box.checked = false;
  if (isOne && row == currentRow()) {
    const next = nextUndecided(row);
    if (next) focusRow(next);
    else focusEnd();
  }
};

/** Takes a decision back. */
export const reopen = (row) => {
  delete row.dataset.decided;
  const end = find('#end.none');
  if (end && allRows().length) end.hidden = true;
};

/** Stores the revision that an action left, so that the next action on the comment names it. */
export const setRevision = (row, revision) => {
  if (!revision) return;
  const item = withRevision(row.dataset.item, revision);
  for (const field of findAll('[name=comment]', row)) if (field.value == row.dataset.item) field.value = item;
  row.dataset.item = item;
  row.dataset.revision = revision;
};

/** Says that there is nothing to act on. */
export const sayNoRow = () => say(text('no_row'));

/** Follows the focus and the pointer, and shows one comment at a time where the list asks for it. */
export const startRows = () => {
  if (!list) return;
  document.addEventListener('focusin', ({ target }) => {
    const row = rowOf(target);
    if (row && list.contains(row)) setCurrent(row);
  });
  if (!isOne) return;
  setCurrent(undecided()[0]);
  guardedUntil = 0;
  const guard = (event) => {
    if (performance.now() > guardedUntil || !event.target.closest('.acts') || !event.isTrusted || event.detail == 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener('click', guard, true);
};
