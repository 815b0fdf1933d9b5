import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../cli/commands.js';
import { MESSAGES, message } from '../cli/messages.js';
import { createTerminal } from '../cli/terminal.js';
import { afterword } from './support.js';

const CLI = new URL('../cli/', import.meta.url).pathname;

test('every command has a help with all of its arguments and options', async () => {
  for (const command of COMMANDS) {
    const { exit, stdout } = await afterword([command.name, '--help']);
    assert.equal(exit, 0);
    for (const { name, summary } of command.arguments) {
      assert.ok(stdout.includes(name) && summary, `${command.name} ${name}`);
    }
    for (const [name, option] of Object.entries(command.options)) {
      assert.ok(stdout.includes(`--${name}`) && option.summary, `${command.name} --${name}`);
      assert.ok(option.type === 'boolean' || option.value, `${command.name} --${name} takes a value without a name`);
    }
    assert.ok(stdout.split('\n').every((line) => [...line].length <= 100), stdout);
    assert.equal((await afterword(['help', command.name])).stdout, stdout);
  }
});

test('every command can be loaded', async () => {
  for (const command of COMMANDS) assert.equal(typeof (await command.load()).default, 'function', command.name);
});

test('a wrong command line has exit code 2 and says where the help is', async () => {
  for (const words of [
    ['nothing'],
    ['verify', '--nothing'],
    ['verify', 'extra'],
    ['moderators'],
    ['moderators', 'ada', '--role', 'king'],
    ['moderators', 'a b'],
    ['verify'],
  ]) {
    const { exit, stderr } = await afterword(words);
    assert.equal(exit, 2, words.join(' '));
    assert.match(stderr, /^afterword: /);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
  assert.equal((await afterword([])).exit, 2);
  assert.equal((await afterword(['--version'])).exit, 0);
});

test('every message is used', () => {
  const used = new Set();
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.name !== 'messages.js') {
        for (const [, id] of readFileSync(path, 'utf8').matchAll(/'([a-z_]+(?:\.[a-z_]+)?)'/g)) used.add(id);
      }
    }
  };
  visit(CLI);
  assert.deepEqual(Object.keys(MESSAGES).filter((id) => !used.has(id)), []);
});

test('values cannot steer the terminal', () => {
  assert.equal(message('call.failed', { address: 'a', reason: '\x1b[31mred\u202e' }), 'a: \ufffd[31mred\ufffd');
  assert.throws(() => message('call.failed', { address: 'a' }));
  assert.throws(() => message('nothing'));
});

test('progress is one line on a terminal, and a line now and then elsewhere', () => {
  const record = (isTTY) => {
    let [text, time] = ['', 0];
    const stderr = { isTTY, columns: 20, write: (chunk) => (text += chunk) };
    const terminal = createTerminal({ stdin: {}, stdout: { write: (chunk) => (text += chunk) }, stderr, now: () => time });
    terminal.progress('one');
    time += 50;
    terminal.progress('left out');
    time += 6_000;
    terminal.progress(`two ${'x'.repeat(30)}`);
    terminal.print('done');
    return text;
  };
  assert.equal(record(false), `afterword: one\nafterword: two ${'x'.repeat(30)}\ndone\n`);
  assert.equal(record(true), `\r\x1b[Kone\r\x1b[Ktwo ${'x'.repeat(15)}\r\x1b[Kdone\n`);
});

test('a secret is long, random and never stored', async () => {
  const made = async (...words) => (await afterword(['moderators', 'ada', ...words])).stdout;
  const [first, second] = [await made(), await made('--role', 'owner', '--blog', 'Blog.example', '--blog', 'b.example')];
  assert.match(first, /^ada\/moderator:[0-9a-f]{64}$/m);
  assert.match(second, /^ada@blog\.example@b\.example:[0-9a-f]{64}$/m);
  assert.notEqual(/:([0-9a-f]{64})$/m.exec(first)[1], /:([0-9a-f]{64})$/m.exec(second)[1]);
});
