/* The second step: what was found, and the questions about it. */
import { create, findAll, readStored, store } from '../page.js';
import { counted, facts, field, folded, foreign, t, tick, tool } from './elements.js';

const STATES = ['published', 'pending', 'spam', 'deleted', 'private', 'pingbacks', 'other'];

export const stateFacts = (states) =>
  STATES.filter((state) => states[state]).map((state) => [t(`state.${state}`), states[state]]);

/** Position of a problem in words. */
const placeOf = (position) => {
  const [[kind, value] = []] = Object.entries(position || {});
  return kind ? t(`position.${kind.toLowerCase()}`, { n: value }) : '';
};

export const problemItem = ({ file, position, kind }) => [foreign(file), ' ', placeOf(position), `: ${t(`kind.${kind}`)}`];

/** Returns true for a host that differs by `www.` only. */
const isTwin = (one, other) => one == `www.${other}` || other == `www.${one}`;

const hostOf = (origin) => origin.replace(/^\w+:\/\//, '').toLowerCase();

/** Offsets from UTC in minutes that some place has. */
const ZONES = [...Array(27).keys()].map((hour) => (hour - 12) * 60).concat(-570, -210, 210, 270, 330, 345, 390, 525, 570, 630, 765);

const zoneName = (minutes) => {
  const [sign, size] = [minutes < 0 ? '−' : '+', Math.abs(minutes)];
  return `UTC${sign}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
};

const option = (value, label) => create('option', { value }, label);

const group = (key, ...children) =>
  create('fieldset', {}, create('legend', {}, t(key)), create('p', { className: 'hint' }, t(`${key}.hint`)), ...children);

/** Key of the last answers for this blog. They have no addresses of people. */
const KEPT = `afterword:import:${tool?.dataset.site}`;

const readAnswers = () => {
  try {
    return JSON.parse(readStored('localStorage', KEPT)) || {};
  } catch {
    return {};
  }
};

/** Keeps the answers that the next import of this blog needs again. */
export const keepAnswers = ({ aliases, slug_rule, source_site, address_table }) =>
  store('localStorage', KEPT, JSON.stringify({ aliases, slug_rule, source_site, address_table }));

/** Shows the survey. Returns the elements, and a function that reads the answers. */
export const showFound = (label, survey) => {
  const site = hostOf(tool.dataset.site);
  const form = create('form', { className: 'stack' });
  const last = readAnswers();
  const elements = [
    create('p', {}, t('found', { format: label })),
    facts([[t('comments'), survey.comments], [t('posts'), survey.threads], ...stateFacts(survey.states)]),
    folded('problems', survey.problems.map(problemItem), survey.problem_count),
    form,
  ];
  const partition = survey.partitions.length > 1 && partitionField(survey.partitions);
  if (partition) form.append(partition.element);
  const hasSite = survey.hosts.some(({ name }) => name == site);
  const hosts = survey.hosts.filter(({ name }) => name && name != site);
  if (hosts.length) form.append(group('hosts', ...hosts.map((host, at) => hostTick(host, last.aliases ? last.aliases.includes(host.name) : isTwin(host.name, site) || (at == 0 && !hasSite)))));
  if (survey.owners.length) form.append(ownerGroup(survey.owners.map(ownerTick)));
  if (survey.states.spam) form.append(tick(t('take_spam'), { name: 'spam' }));
  if (survey.states.pingbacks) form.append(tick(t('take_pingbacks'), { name: 'pingbacks' }));
  const zone = survey.without_zone > 0 && create('select', { name: 'zone' }, ...ZONES.sort((a, b) => a - b).map((at) => option(at, zoneName(at))));
  if (zone) {
    zone.value = 0;
    form.append(field('zone', zone));
  }
  const feed = create('input', { type: 'file', multiple: true, accept: '.xml,.atom,.rss' });
  const slug = create('input', { type: 'text', dir: 'ltr', placeholder: '/blog/{slug}/', value: last.slug_rule || '' });
  if (survey.without_address) form.append(create('p', {}, counted('without_address', survey.without_address)), field('feed', feed), field('slug', slug));
  const table = create('input', { type: 'file', accept: '.csv,text/csv' });
  const oldSite = create('input', { type: 'text', dir: 'auto', value: last.source_site || '' });
  const kept = last.address_table && tick(t('last_table'), { name: 'last_table', checked: true });
  form.append(create('details', { open: !!kept }, create('summary', {}, t('more_questions')), kept || '', field('table', table), field('old_site', oldSite)));
  const read = async () => ({
    zone: zone ? Number(zone.value) : undefined,
    options: {
      site: tool.dataset.site,
      aliases: findAll('[name=host]:checked', form).map((box) => box.value),
      left_out_hosts: findAll('[name=host]:not(:checked)', form).map((box) => box.value),
      clean_urls: tool.dataset.cleanUrls == 'true',
      partition: (partition && partition.control.value) || null,
      include_spam: !!findAll('[name=spam]:checked', form).length,
      include_pingbacks: !!findAll('[name=pingbacks]:checked', form).length,
      owner: readOwner(form, survey.owners),
      address_table: await readTable(table, findAll('[name=last_table]:checked', form).length ? last.address_table : ''),
      slug_rule: slug.value.trim() || null,
      latest: Math.floor(Date.now() / 1000),
      source_site: oldSite.value.trim(),
    },
    feeds: await Promise.all([...feed.files].map(async (file) => new Uint8Array(await file.arrayBuffer()))),
  });
  return { elements, form, read };
};

/** The chosen table, or that of the last import. */
const readTable = async (input, last) => (input.files[0] ? input.files[0].text() : last);

const partitionField = (partitions) => {
  const control = create('select', { required: true }, ...partitions.map(({ name, comments }) => option(name, `${name} (${counted('n_comments', comments)})`)));
  return { control, element: field('partition', control) };
};

/** The host of most comments is taken for a former address of the blog if the file has none of its present one. */
const hostTick = ({ name, comments }, checked) => tick(create('span', {}, foreign(name), ` (${counted('n_comments', comments)})`), { name: 'host', value: name, checked });

/** Number of authors that are shown without unfolding the others. */
const OWNERS_SHOWN = 4;

const ownerGroup = (ticks) => {
  const others = ticks.splice(OWNERS_SHOWN);
  return group('owners', ...ticks, others.length ? create('details', {}, create('summary', {}, t('other_authors')), ...others) : '');
};

const ownerTick = ({ name, email, comments, marked }, at) => {
  const words = [foreign(name), email ? ' ' : '', email ? foreign(email) : '', ` (${counted('n_comments', comments)})`];
  if (marked) words.push(` · ${t('marked')}`);
  return tick(create('span', {}, ...words), { name: 'owner', value: at });
};

const readOwner = (form, owners) => {
  const chosen = findAll('[name=owner]:checked', form).map((box) => owners[box.value]);
  return {
    emails: chosen.filter(({ email }) => email).map(({ email }) => email),
    names: chosen.filter(({ email }) => !email).map(({ name }) => name),
    trust_source: chosen.some(({ marked }) => marked),
  };
};
