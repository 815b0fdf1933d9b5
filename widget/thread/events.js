/*
 * The events of a thread.
 *
 * Inside of a shadow root a page does not recognize a field: the target of a key is the host element, and the page would take the text for
 * its hotkeys, or cancel what a reader does there. So the widget listens at the window, before the page's own listeners, and stops the
 * events of its forms. It cannot stop a listener at the window that the page registered earlier.
 */
import { create, numberIn, selectionIn } from './dom.js';
import { closeForm, insertQuote, onFormChanged, openReplyForm } from './forms.js';
import { loadPage } from './comment-list.js';
import { closeMenu } from './menus.js';
import { submit } from './submit.js';

/** Types of the events that the widget handles or keeps from the page. */
const TYPES =
  'focusin focusout submit selectstart copy contextmenu dragstart cut paste keydown keypress keyup beforeinput input compositionstart compositionupdate compositionend pointerdown pointerup mousedown mouseup touchstart touchend click dblclick dragenter dragover drop'.split(
    ' ',
  );

/** Types that the page may see from a form as well. */
const PUBLIC_TYPES = ['focusin', 'focusout', 'submit'];

/** Types that the page does not see from any part of the thread: scripts against copying cancel them. */
const COPY_TYPES = ['selectstart', 'copy', 'contextmenu', 'dragstart'];

/** Tab and Escape belong to the page as well: a dialog around the thread needs them. */
const PUBLIC_KEYS = ['Tab', 'Escape'];

/**
 * Listens to the events of the whole page before they reach any of its elements, and to those of the section. So the handler sees most
 * events of the section twice, unless it stops them the first time. Nothing but the section sees an event that a closed shadow root around
 * it hides from the window. Returns a function that ends it.
 */
export const listen = (thread) => {
  const handler = (event) => handle(thread, event);
  const targets = [
    [window, true],
    [thread.section, false],
  ];
  const each = (method) => {
    for (const type of TYPES) for (const [target, isCapture] of targets) target[method](type, handler, isCapture);
  };
  each('addEventListener');
  return () => each('removeEventListener');
};

/** Does for the forms what a reader has begun before the widget listened: one may have the focus, and some a text. */
export const catchUp = (thread) => {
  const focused = thread.section.getRootNode().activeElement;
  const form = focused && thread.formAround(focused);
  if (form) HANDLERS.focusin(thread, null, focused, form);
  for (const written of thread.forms) if (written.isWritten) HANDLERS.input(thread, null, null, written);
};

const handle = (thread, event) => {
  // At the window, `target` is the host element. The path begins with the element itself.
  const [target] = event.composedPath();
  if (!target || !target.closest || target.closest('.aw') != thread.section) return;
  const { type } = event;
  const form = thread.formAround(target);
  const isPrivate = form ? !PUBLIC_TYPES.includes(type) : COPY_TYPES.includes(type);
  if (isPrivate && !PUBLIC_KEYS.includes(event.key)) event.stopImmediatePropagation();
  const action = HANDLERS[type];
  if (action) action(thread, event, target, form);
};

/** The host element is the target of our events for the page, which asks such a target whether a reader writes into it. */
const setEditable = (thread, value) => {
  const { host } = thread.section.getRootNode();
  if (host) Object.defineProperty(host, 'isContentEditable', { value, configurable: true });
};

const HANDLERS = {
  focusin(thread, _, target, form) {
    setEditable(thread, !!form);
    if (!form || form.isPlain) return;
    thread.proofOfWork.prepare();
    const attach = (editor) => editor.attach(thread, form);
    // The tools are a help that nobody asked for.
    if (target == form.textField) thread.usePart('editor', attach, () => {});
  },

  focusout(thread) {
    setEditable(thread, false);
  },

  submit(thread, event, _, form) {
    if (!form) return;
    event.preventDefault();
    // Without JavaScript this button has the Worker draw the preview.
    const isPreview = event.submitter && event.submitter.name == 'preview';
    const plainly = form.target.edit ? undefined : () => previewPlainly(form, event.submitter);
    if (isPreview) thread.usePart('editor', ({ togglePreview }) => togglePreview(thread, form), plainly);
    else send(thread, form);
  },

  input(thread, _, target, form) {
    if (!form || form.isPlain) return;
    onFormChanged(thread, form);
    thread.authorKey();
    thread.proofOfWork.prepare();
  },

  /** The text that is selected when the reader presses the button to reply: pressing it ends the selection. */
  pointerdown(thread) {
    thread.selected = selectedText(thread);
  },

  click(thread, event, target, form) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const selected = thread.selected || selectedText(thread);
    thread.selected = '';
    const pressed = target.closest('[data-reply],a[data-page],.aw-report,button');
    const press = pressed && pressed.press;
    if (!pressed || (pressed.localName == 'button' && !press)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (press) press();
    else if (pressed.dataset.page) loadPage(thread, pressed);
    else if (pressed.matches('.aw-report')) openReport(thread, pressed);
    else reply(thread, numberIn(pressed, 'reply'), selected);
  },

  /**
   * Enter goes to the next field, as the key says on a telephone, and from the last one to the button. With Ctrl or Command it sends the
   * comment.
   */
  keydown(thread, event, target, form) {
    if (event.key == 'Escape' && !form) closeMenu(target);
    // An input method takes the key. Safari ends the composition before the event, and leaves only the code.
    if (!form || event.isComposing || event.keyCode == 229) return;
    const { key } = event;
    if (key == 'Escape' && form.isReplyOrEdit) {
      event.stopImmediatePropagation();
      return form.close ? form.close() : closeForm(thread, form);
    }
    const isCommand = event.ctrlKey || event.metaKey;
    if (form.onKey && form.onKey(event, isCommand, target)) return event.preventDefault();
    if (key != 'Enter' || !target.matches('.aw-input')) return;
    if (isCommand) send(thread, form);
    else if (target.localName == 'textarea') return;
    else {
      const next = { name: 'email', email: 'website' }[target.name];
      if (next) form.focus(next);
      else form.submitButton.focus();
    }
    event.preventDefault();
  },
};

const send = (thread, form) => (form.send ? form.send() : submit(thread, form));

/** Has the Worker draw the preview on its own page, as without JavaScript. The text stays as a draft. */
const previewPlainly = ({ element, target }, { name, value, formAction }) => {
  element.querySelector('[name=parent]').value = target.parent || '';
  element.append(create('input', { type: 'hidden', name, value }));
  element.action = formAction;
  HTMLFormElement.prototype.submit.call(element);
  element.lastElementChild.remove();
};

const openReport = (thread, link) => {
  const leave = () => location.assign(link.href);
  thread.usePart('own', ({ report }) => report(thread, numberIn(link.closest('.aw-item'), 'id')), leave);
};

const reply = (thread, id, selected) => {
  const form = openReplyForm(thread, id);
  if (!form) return;
  form.focus('text');
  if (selected) {
    insertQuote(form, selected);
    onFormChanged(thread, form);
    form.textField.setSelectionRange(form.text.length, form.text.length);
  }
};

/** The selected text, if it is part of one comment. */
const selectedText = (thread) => {
  const selection = selectionIn(thread.section);
  if (!selection || selection.isCollapsed || !selection.anchorNode) return '';
  const inText = (node) => {
    const element = node && (node.closest ? node : node.parentElement);
    return element && element.closest('.aw-text');
  };
  const text = inText(selection.anchorNode);
  return text && text == inText(selection.focusNode) && thread.section.contains(text) ? String(selection) : '';
};
