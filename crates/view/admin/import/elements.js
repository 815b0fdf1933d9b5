/* Elements of the import page, with texts of its own table. */
import { create, find } from '../page.js';

export const tool = find('#move-in');
const texts = JSON.parse(tool?.dataset.texts || '{}');
const numbers = new Intl.NumberFormat(document.documentElement.lang);

export const number = (value) => numbers.format(value);

/** A text with its placeholders filled. */
export const t = (key, parts = {}) =>
  (texts[key] ?? key).replace(/\{(\w+)\}/g, (all, name) => (name in parts ? parts[name] : all));

/** A text about a number, in the form for one or for others. */
export const counted = (key, n) => t(`${key}.${n == 1 ? 'one' : 'other'}`, { n: number(n) });

/** A button. */
export const button = (key, onclick, className = '') => create('button', { type: 'button', className, onclick }, t(key));

/** Text of a file, which may be in a language of another direction. */
export const foreign = (value) => create('bdi', {}, value);

/** A list of facts: pairs of a text and a number or an element. */
export const facts = (pairs) => {
  const list = create('dl', { className: 'facts' });
  for (const [name, value] of pairs) {
    list.append(create('dt', {}, name), create('dd', {}, typeof value == 'number' ? number(value) : value));
  }
  return list;
};

/** A list that is folded. `shown` of `count` items are in it. */
export const folded = (key, items, count, className = '') => {
  if (!count) return '';
  const list = create('ul', {}, ...items.map((item) => create('li', {}, ...[item].flat())));
  const more = count > items.length ? create('p', { className: 'hint' }, t('more', { n: number(count - items.length) })) : '';
  return create('details', { className }, create('summary', {}, counted(key, count)), list, more);
};

let ids = 0;

/** A field with a label and a hint. */
export const field = (key, control) => {
  ids += 1;
  control.id = `mi-${ids}`;
  const hint = texts[`${key}.hint`] && create('p', { className: 'hint', id: `mi-${ids}-hint` }, t(`${key}.hint`));
  if (hint) control.setAttribute('aria-describedby', hint.id);
  return create('div', { className: 'field' }, create('label', { htmlFor: control.id }, t(key)), control, hint || '');
};

/** A box to tick. */
export const tick = (label, properties = {}) => {
  ids += 1;
  const box = create('input', { type: 'checkbox', id: `mi-${ids}`, ...properties });
  return create('div', { className: 'field tick' }, create('label', { htmlFor: box.id }, box, ' ', label));
};

/** Saves a text as a file. */
export const save = (name, type, parts) => {
  const link = create('a', { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
};
