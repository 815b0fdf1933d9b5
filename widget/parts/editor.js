/* The part for writing: a toolbar, its shortcuts, and the preview. */

/** Pause in typing after which the preview is drawn again, in milliseconds. */
const PREVIEW_PAUSE_MS = 600;

/** The tools: key of the label, sign on the button in place of the label, and what it does to the field. */
const TOOLS = [
  ['tool.bold', 'B', (field) => wrap(field, '**')],
  ['tool.italic', 'I', (field) => wrap(field, '*')],
  ['tool.code', '</>', (field) => (selectionOf(field).includes('\n') ? wrap(field, '```\n', '\n```') : wrap(field, '`'))],
  ['tool.quote', '❝', (field) => prefix(field, '> ')],
  ['tool.list', '•', (field) => prefix(field, '- ')],
  ['tool.link', '', (field) => link(field)],
];

const SHORTCUTS = { b: 0, i: 1, k: 5 };

/** Adds the toolbar to a form, below the text: what the reader has just focused stays where it is. */
export const attach = (thread, form) => {
  if (form.tools) return;
  const { create, createButton } = thread.ui;
  const field = form.textField;
  const buttons = TOOLS.map(([key, sign, apply], index) => {
    const button = createButton('aw-tool aw-' + key.replace('.', '-'), sign ? '' : thread.text(key), () => {
      field.focus();
      apply(field);
    });
    // A toolbar is one stop of the Tab key; arrow keys move inside of it.
    button.tabIndex = index ? -1 : 0;
    button.title = thread.text(key);
    // The style sheet draws it: a sign is no word, and nobody says it to a program that listens.
    button.dataset.sign = sign;
    button.setAttribute('aria-label', button.title);
    return button;
  });
  form.tools = create('div', { className: 'aw-tools' }, ...buttons);
  form.tools.setAttribute('role', 'toolbar');
  form.tools.setAttribute('aria-label', thread.text('tool.label'));
  form.tools.setAttribute('aria-controls', field.id);
  field.after(form.tools);
  form.onKey = (event, isCommand, target) => onKey(event, isCommand, target, field, buttons);
};

/** Handles a key in the text or in the toolbar. Returns true if it did something. */
const onKey = ({ key, altKey, shiftKey }, isCommand, target, field, buttons) => {
  // An event that a browser's autofill or a script has made may have no key.
  const index = SHORTCUTS[(key || '').toLowerCase()];
  if (isCommand && !altKey && !shiftKey && target == field && index !== undefined) {
    TOOLS[index][2](field);
    return true;
  }
  const at = buttons.indexOf(target);
  const isForward = (key == 'ArrowRight') == (getComputedStyle(field.form).direction == 'ltr');
  const to = { ArrowRight: 1, ArrowLeft: 1, Home: 0, End: -1 }[key];
  if (at < 0 || to === undefined) return false;
  const step = to == 1 ? at + (isForward ? 1 : -1) : to;
  const next = buttons[(step + buttons.length) % buttons.length];
  buttons.forEach((button) => (button.tabIndex = button == next ? 0 : -1));
  next.focus();
  return true;
};

const selectionOf = ({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd);

/** Replaces a part of the text as if it were typed, so that it can be undone, and selects a part of the new one. */
const replace = (field, from, to, text, selectFrom, selectTo) => {
  field.setSelectionRange(from, to);
  const isTyped = Document.prototype.execCommand.call(document, text ? 'insertText' : 'delete', false, text);
  if (!isTyped) {
    field.setRangeText(text);
    field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
  }
  field.setSelectionRange(selectFrom, selectTo);
};

/** Puts signs around the selection, or takes them away if they are there. */
export const wrap = (field, before, after = before) => {
  const { value, selectionStart: from, selectionEnd: to } = field;
  const selected = value.slice(from, to);
  const isWrapped =
    value.slice(0, from).endsWith(before) &&
    value.slice(to).startsWith(after) &&
    // One star of two is not the sign for emphasis.
    !(before == '*' && value[from - 2] == '*' && value[from - 3] != '*');
  if (isWrapped) replace(field, from - before.length, to + after.length, selected, from - before.length, to - before.length);
  else replace(field, from, to, before + selected + after, from + before.length, to + before.length);
};

/** Puts a sign at the beginning of each selected line, or takes it away if all have it. */
export const prefix = (field, sign) => {
  const { value, selectionStart, selectionEnd } = field;
  const from = value.lastIndexOf('\n', selectionStart - 1) + 1;
  const end = value.indexOf('\n', selectionEnd);
  const to = end < 0 ? value.length : end;
  const lines = value.slice(from, to).split('\n');
  const all = lines.every((line) => line.startsWith(sign));
  const text = lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join('\n');
  replace(field, from, to, text, from + text.length, from + text.length);
};

/** Makes a link of the selection. A selected address is the target, and anything else the text. */
export const link = (field) => {
  const { selectionStart: from, selectionEnd: to } = field;
  const selected = selectionOf(field);
  const isAddress = /^https?:\/\/\S+$/.test(selected);
  const text = isAddress ? `[](${selected})` : `[${selected}](https://)`;
  const start = isAddress ? from + 1 : from + selected.length + 3;
  replace(field, from, to, text, start, isAddress ? start : start + 8);
};

/** Opens or closes the preview of a form. */
export const togglePreview = (thread, form) => {
  attach(thread, form);
  const button = form.element.querySelector('.aw-preview-button');
  const isOpen = !form.preview;
  button.setAttribute('aria-pressed', isOpen);
  form.element.classList.toggle('aw-previewing', isOpen);
  if (!isOpen) {
    clearTimeout(form.previewTimer);
    form.preview.remove();
    form.preview = form.onInput = null;
    return;
  }
  const { create } = thread.ui;
  const title = create('h3', { className: 'aw-form-title' }, button.textContent);
  form.preview = create('section', { className: 'aw-preview' }, title, create('div', { className: 'aw-text', dir: 'auto' }), create('p', { className: 'aw-hint' }));
  form.preview.setAttribute('aria-label', button.textContent);
  // Beside the text where there is room, else below it.
  form.textField.after(form.preview);
  form.onInput = () => {
    clearTimeout(form.previewTimer);
    form.previewTimer = setTimeout(() => draw(thread, form), PREVIEW_PAUSE_MS);
  };
  draw(thread, form);
};

/** Draws the preview by the Worker's own code. The last one stays if that fails. */
const draw = async (thread, form) => {
  const { preview, text } = form;
  const [, shown, note] = preview.children;
  const isCurrent = () => form.preview == preview && form.text == text && !thread.isEnded;
  if (!text.trim()) {
    shown.replaceChildren();
    note.textContent = thread.text('preview.empty');
    return;
  }
  try {
    const { html } = await thread.requestComment('POST', '/v1/preview', { text });
    if (!isCurrent()) return;
    shown.replaceChildren(thread.parse(String(html)));
    note.textContent = '';
    thread.ui.dispatchDrawn(thread, preview);
  } catch {
    if (isCurrent()) note.textContent = thread.text('preview.failed');
  }
};
