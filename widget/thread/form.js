/* A comment form on the page: its fields, their errors, and the last attempt to post. */
import { create, createButton, setText } from './dom.js';

const AUTHOR_FIELDS = ['name', 'email', 'website'];

/** Numbers of remaining characters that are announced. */
const ANNOUNCED_ROOMS = [100, 20, 0];

/** Pause in typing after which the remaining room is announced, in milliseconds. */
const ROOM_PAUSE_MS = 1000;

/** A form that `view` rendered. `target` names what it is for: `{parent}` for a reply, `{edit}` for an edit, `{}` for the post. */
export class CommentForm {
  constructor(thread, element, target) {
    this.thread = thread;
    this.element = element;
    this.target = target;
    // The last attempt to post from the form, or the restored draft. Its text is empty if there is neither.
    this.lastAttempt = { text: '' };
    // True if the page saw text being written into the form, or restored it.
    this.isWritten = false;
    this.isBusy = false;
    const [hint] = element.querySelectorAll('.aw-hint');
    this.hint = hint ? hint.textContent : '';
    this.announcedRoom = Infinity;
  }

  /** Returns true for a form that the reader opened, and can close. */
  get isReplyOrEdit() {
    return !!(this.target.parent || this.target.edit);
  }

  field(name) {
    return name ? this.element.querySelector(`.aw-input[name="${name}"]`) : null;
  }

  get textField() {
    return this.field('text');
  }

  get text() {
    return this.textField.value;
  }

  set text(text) {
    this.textField.value = text;
  }

  value(name) {
    const field = this.field(name);
    return field ? field.value : '';
  }

  /** The content as a comment. It has the UUID of the last attempt if nothing has changed since. */
  content(hasSameContent) {
    const comment = { id: '', url: this.thread.url, ...this.target, text: this.text };
    for (const name of AUTHOR_FIELDS) if (this.value(name)) comment[name] = this.value(name);
    if (hasSameContent(comment, this.lastAttempt)) comment.id = this.lastAttempt.id;
    return comment;
  }

  /**
   * Copies name, e-mail address and website of a comment into the empty fields. With `overwrite` it sets all three fields, and clears those
   * that the comment lacks.
   */
  fillAuthor(comment, overwrite) {
    for (const name of AUTHOR_FIELDS) {
      const field = this.field(name);
      if (field && (overwrite || !field.value)) field.value = comment[name] || '';
    }
  }

  /** Returns true if the form holds a restored draft, or a comment that was sent and is not confirmed as posted. */
  get hasDraft() {
    return !!this.lastAttempt.text;
  }

  /** Focuses a field, which may be among the collapsed ones. */
  focus(name) {
    const field = this.field(name);
    const details = field.closest('.aw-form details');
    if (details) details.open = true;
    field.focus();
  }

  /** Shows below the text how much room is left once there is little, and by how much the text is too long. */
  showRoom() {
    const { renderer } = this.thread;
    const room = renderer.room(this.text);
    const hint = this.element.querySelector('.aw-hint');
    if (hint) setText(hint, room === undefined ? this.hint : renderer.count('room', room));
    const excess = renderer.excess(this.text);
    this.setError('text', excess ? renderer.count('too_long', excess) : '');
    clearTimeout(this.roomTimer);
    const reached = ANNOUNCED_ROOMS.filter((limit) => room <= limit).pop();
    if (reached === undefined) this.announcedRoom = Infinity;
    else if (reached < this.announcedRoom) {
      this.roomTimer = setTimeout(() => {
        this.announcedRoom = reached;
        this.thread.announce(renderer.count('room', room));
      }, ROOM_PAUSE_MS);
    }
  }

  get submitButton() {
    return this.element.querySelector('.aw-submit');
  }

  /** Marks a submission as in flight, or as finished. The button keeps the focus, and with it the reader's place on the page. */
  setBusy(isBusy) {
    this.isBusy = isBusy;
    this.element.setAttribute('aria-busy', isBusy);
    this.setButtonDisabled(isBusy);
  }

  setButtonDisabled(isDisabled) {
    if (isDisabled) this.submitButton.setAttribute('aria-disabled', true);
    else this.submitButton.removeAttribute('aria-disabled');
  }

  /** Returns true while the Worker would refuse another attempt. */
  get isWaiting() {
    return !!this.countdown;
  }

  /** Counts down the seconds until the Worker accepts another attempt, below the error. Until then the form sends nothing. */
  startCountdown(seconds) {
    // The clock may be at the end of its second.
    const end = Date.now() + (seconds + 1) * 1000;
    this.showWait(this.thread.renderer.wait(seconds));
    this.setButtonDisabled(true);
    clearInterval(this.countdown);
    this.countdown = setInterval(() => {
      const remaining = Math.floor((end - Date.now()) / 1000);
      if (this.thread.isEnded || !this.element.isConnected) return this.stopCountdown();
      if (remaining > 0) return this.showWait(this.thread.renderer.wait(remaining));
      this.stopCountdown();
      this.showWait(this.thread.text('wait.over'));
      this.thread.announce(this.thread.text('wait.over'));
    }, 1000);
  }

  stopCountdown() {
    clearInterval(this.countdown);
    this.countdown = 0;
    this.setButtonDisabled(false);
  }

  /** Shows the remaining time in the error of the form. The role `timer` keeps assistive technology from announcing every change. */
  showWait(text) {
    let wait = this.element.querySelector('.aw-wait');
    if (!wait) {
      wait = create('span', { className: 'aw-wait' });
      wait.setAttribute('role', 'timer');
      this.formError.append(wait);
    }
    wait.textContent = ' ' + text;
  }

  get formError() {
    return this.element.querySelector('.aw-error[role]');
  }

  /** Shows an error: below its field, or above the submit button if it belongs to no field. `view` renders the place of each. */
  showError(field, text) {
    if (this.field(field)) {
      this.setError(field, text);
      return this.focus(field);
    }
    this.formError.textContent = text;
    this.submitButton.setAttribute('aria-describedby', this.formError.id);
    this.submitButton.focus();
  }

  /** Removes all errors. */
  clearErrors() {
    this.formError.textContent = '';
    this.submitButton.removeAttribute('aria-describedby');
    for (const name of ['text', ...AUTHOR_FIELDS]) this.setError(name, '');
  }

  /** Sets the error of a field, or removes it if the text is empty. */
  setError(name, text) {
    const error = this.element.querySelector(`.aw-error[id^=aw-${name}]`);
    const field = this.field(name);
    if (!error || !field) return;
    setText(error, text);
    if (text) field.setAttribute('aria-invalid', true);
    else field.removeAttribute('aria-invalid');
  }

  /** Shows a notice below the text, in place of any other, with buttons. */
  showNotice(text, ...buttons) {
    this.hideNotice();
    this.textField.after(create('p', { className: 'aw-restored' }, text, ...buttons));
  }

  /** Shows the notice that the text was restored, with a button that discards it. */
  showRestored(discard) {
    const { thread } = this;
    this.showNotice(thread.text('restored'), createButton('aw-discard', thread.text('discard'), discard));
  }

  hideNotice() {
    const notice = this.element.querySelector('.aw-restored');
    if (notice) notice.remove();
  }
}
