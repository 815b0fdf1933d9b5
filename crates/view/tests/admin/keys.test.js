/* The rules for keys, run by Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { commandOf, keyName, readCommands } from '../../admin/keys.js';

const commands = readCommands([
  { command: 'next', keys: 'j' },
  { command: 'approve', keys: 'a' },
  { command: 'spam', keys: 's !' },
  { command: 'undo', keys: 'z Ctrl+Z' },
  { command: 'select_page', keys: 'Shift+X' },
  { command: 'help', keys: '?' },
  { command: 'list_1', keys: '1' },
  { command: 'open', keys: 'o Enter' },
]);

/** A target that one group of selectors matches. */
const target = (kind) => ({ matches: (selector) => selector.split(/,(?![^(]*\))/).includes(kind) });

const commandFor = (event, isDialogOpen = false) => commandOf({ target: target('article'), ...event }, commands, isDialogOpen);

test('each key has its command', () => {
  for (const [event, command] of [
    [{ key: 'a' }, 'approve'],
    [{ key: '!', shiftKey: true }, 'spam'],
    [{ key: 'Z', ctrlKey: true }, 'undo'],
    [{ key: 'z', metaKey: true }, 'undo'],
    [{ key: 'X', shiftKey: true }, 'select_page'],
    [{ key: '?', shiftKey: true }, 'help'],
    [{ key: 'Enter' }, 'open'],
    [{ key: 'q' }, undefined],
  ]) {
    assert.equal(commandFor(event), command, JSON.stringify(event));
  }
});

test('caps lock changes nothing', () => {
  assert.equal(commandFor({ key: 'A' }), 'approve');
  assert.equal(commandFor({ key: 'x', shiftKey: true }), 'select_page');
});

test('the place of a key counts where its letter is not Latin', () => {
  assert.equal(commandFor({ key: 'ф', code: 'KeyA' }), 'approve');
  assert.equal(commandFor({ key: 'ש', code: 'KeyA' }), 'approve');
  assert.equal(commandFor({ key: 'Ч', code: 'KeyX', shiftKey: true }), 'select_page');
  assert.equal(commandFor({ key: 'я', code: 'KeyZ', ctrlKey: true }), 'undo');
  assert.equal(commandFor({ key: '١', code: 'Digit1' }), 'list_1');
  // A Latin letter counts, wherever the layout has it.
  assert.equal(commandFor({ key: 'a', code: 'KeyQ' }), 'approve');
  assert.equal(commandFor({ key: 'q', code: 'KeyA' }), undefined);
});

test('a held key moves, and acts once', () => {
  assert.equal(commandFor({ key: 'a', repeat: true }), undefined);
  assert.equal(commandFor({ key: 'z', repeat: true }), undefined);
  assert.equal(commandFor({ key: 'j', repeat: true }), 'next');
});

test('keys of fields, dialogs, input methods and of the browser are left alone', () => {
  for (const event of [
    { key: 'a', target: target('textarea') },
    { key: 'a', target: target('select') },
    { key: 'a', isComposing: true },
    { key: 'a', keyCode: 229 },
    { key: 'a', defaultPrevented: true },
    { key: 'a', ctrlKey: true },
    { key: 'a', metaKey: true },
    { key: 'a', altKey: true },
    { key: 'Z', ctrlKey: true, shiftKey: true },
    { key: 'Enter', target: target('button') },
    { key: 'Enter', target: target('summary') },
  ]) {
    assert.equal(commandFor(event), undefined, JSON.stringify(event));
  }
  assert.equal(commandFor({ key: 'a' }, true), undefined);
  assert.equal(keyName({ key: 'Dead' }), 'Dead');
});
