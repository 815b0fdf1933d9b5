/* The rules for drafts, run by Node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Drafts, decodeDraft, hasSameContent, removePosted, removeWaiting, replaceDraft } from '../thread/drafts.js';

const draft = (target, text) => ({ id: '', url: 'https://blog.example/', ...target, text });

/** A storage that keeps its values, or refuses to. */
const storage = (isBlocked = false) => {
  const values = new Map();
  const refuse = () => {
    throw new Error('blocked');
  };
  return isBlocked
    ? { getItem: refuse, setItem: refuse, removeItem: refuse }
    : {
        getItem: (key) => values.get(key) ?? null,
        setItem: (key, value) => values.set(key, value),
        removeItem: (key) => values.delete(key),
        values,
      };
};

test('each form has one draft', () => {
  const typed = [draft({}, 'a'), draft({ parent: 3 }, 'b'), draft({ edit: 3 }, 'c'), draft({}, 'ab')];
  assert.deepEqual(typed.reduce(replaceDraft, []), [draft({ parent: 3 }, 'b'), draft({ edit: 3 }, 'c'), draft({}, 'ab')]);
});

test('emptied form has no draft', () => {
  const drafts = [draft({}, 'a'), draft({ parent: 3 }, 'b')];
  assert.deepEqual(replaceDraft(drafts, draft({}, '')), [draft({ parent: 3 }, 'b')]);
});

test('posting keeps text typed in another tab', () => {
  const drafts = [draft({}, 'theirs'), draft({ parent: 3 }, 'mine')];
  assert.deepEqual(removePosted(drafts, draft({}, 'mine')), drafts);
  assert.deepEqual(removePosted(drafts, draft({ parent: 3 }, 'mine')), [draft({}, 'theirs')]);
});

test('saved edit does not remove the draft of a reply', () => {
  const drafts = [draft({ parent: 3 }, 'same'), draft({ edit: 3 }, 'same')];
  assert.deepEqual(removePosted(drafts, draft({ edit: 3 }, 'same')), [draft({ parent: 3 }, 'same')]);
});

test('retry has the same content under a new page title', () => {
  const sent = { ...draft({ parent: 3 }, 'b'), id: 'u', title: 'Post' };
  assert(hasSameContent(sent, draft({ parent: 3 }, 'b')));
  assert(!hasSameContent(sent, draft({}, 'b')));
  assert(!hasSameContent(sent, draft({ edit: 3 }, 'b')));
  assert(!hasSameContent(sent, draft({ parent: 3 }, 'b ')));
  for (const change of [{ name: 'Ada' }, { email: 'a@b' }, { website: 'a.example' }]) {
    assert(!hasSameContent(sent, { ...draft({ parent: 3 }, 'b'), ...change }), JSON.stringify(change));
  }
});

test('values of other scripts are no drafts', () => {
  const empty = { id: '', url: '', text: '' };
  assert.deepEqual(decodeDraft([3]), empty);
  assert.deepEqual(decodeDraft({ text: 5, parent: 'q', edit: -1, name: null }), empty);
  assert.deepEqual(decodeDraft({ parent: 1.5, edit: 2 ** 60 }), empty);
  const whole = { id: 'u', url: 'https://a.example/', text: 'a\n\u{1f9d1}"', title: 'T', name: 'Ada', email: 'a@b', website: 'w', parent: 7 };
  assert.deepEqual(decodeDraft(JSON.parse(JSON.stringify(whole))), whole);
});

test('draft of this tab takes precedence', () => {
  const [local, session] = [storage(), storage()];
  const one = new Drafts('u', [local, session]);
  one.save(draft({}, 'this tab'));
  new Drafts('u', [local, storage()]).save(draft({}, 'another tab'));
  assert.equal(new Drafts('u', [local, session]).find({}).text, 'this tab');
  assert.equal(new Drafts('u', [local, storage()]).find({}).text, 'another tab');
});

test('draft is kept in memory when storage is blocked', () => {
  const drafts = new Drafts('u', [storage(true), storage(true)]);
  drafts.save(draft({ parent: 3 }, 'kept'));
  assert.equal(drafts.find({ parent: 3 }).text, 'kept');
  drafts.remove(draft({ parent: 3 }, 'kept'));
  assert.deepEqual(drafts.load(), []);
});

test('no key is left when all drafts are gone', () => {
  const local = storage();
  const drafts = new Drafts('u', [local]);
  drafts.save(draft({}, 'a'));
  assert.deepEqual([...local.values.keys()], ['afterword:draft:u']);
  drafts.save(draft({}, ''));
  assert.deepEqual([...local.values.keys()], []);
});

test('draft that another tab has posted is none any more', () => {
  const local = storage();
  const [one, other] = [new Drafts('u', [local, storage()]), new Drafts('u', [local, storage()])];
  const tried = { ...draft({ parent: 3 }, 'a'), id: 'uuid' };
  one.save(tried);
  other.removePosted(tried);
  assert.deepEqual(one.load(), []);
  // What was changed since is another comment.
  one.save(draft({ parent: 3 }, 'ab'));
  assert.deepEqual(one.load(), [draft({ parent: 3 }, 'ab')]);
});

test('draft of a reply becomes that of the post', () => {
  const [local, session] = [storage(), storage()];
  const drafts = new Drafts('u', [local, session]);
  const reply = { ...draft({ parent: 3 }, 'a'), id: 'uuid' };
  drafts.save(reply);
  drafts.save(draft({ parent: 4 }, 'b'));
  local.setItem('afterword:outbox', JSON.stringify([{ comment: reply }]));
  assert.deepEqual(drafts.moveToPost(reply), draft({}, 'a'));
  for (const tab of [session, storage()]) {
    assert.deepEqual(new Drafts('u', [local, tab]).load(), [draft({ parent: 4 }, 'b'), draft({}, 'a')]);
  }
  assert.equal(local.getItem('afterword:outbox'), null, 'it is not sent as a reply any more');
});

test('only the named comment is removed from those that wait', () => {
  const local = storage();
  local.setItem('afterword:outbox', JSON.stringify([{ comment: { id: 'a' } }, { comment: { id: 'b' } }, 5, { other: true }]));
  assert(!removeWaiting(local, 'c'));
  assert(!removeWaiting(local, ''));
  assert(removeWaiting(local, 'a'));
  assert.deepEqual(JSON.parse(local.getItem('afterword:outbox')), [{ comment: { id: 'b' } }, { other: true }]);
  assert(!removeWaiting(storage(true), 'a'));
});
