/*
 * The import page: files of other comment systems are read in the browser. Nothing is uploaded before the owner presses the button for it.
 *
 * Steps: choose files, what was found, what will come, upload, done. Each is a section that appears when the one before is done; going back is changing an
 * answer above.
 */
import { create, find, say } from '../page.js';
import { textReport } from 'afterword-report';
import { showReport } from './coming.js';
import { button, counted, field, number, save, t, tool } from './elements.js';
import { startExport } from './export.js';
import { keepAnswers, showFound } from './found.js';
import { Run } from './send.js';
import { startTools } from './tools.js';

const sections = {};
const bar = create('progress', { max: 1, value: 0, hidden: true });
const state = create('p', { className: 'hint', role: 'status' });
let tools;
let isUploading = false;

/** Shows a step and moves the focus to its heading. Later steps go. */
const show = (name, ...children) => {
  const names = Object.keys(sections);
  for (const later of names.slice(names.indexOf(name))) sections[later].replaceChildren();
  const heading = create('h3', { tabIndex: -1 }, t(`step.${name}`));
  sections[name].append(heading, ...children);
  sections[name].hidden = false;
  if (name != 'files') heading.focus({ preventScroll: false });
};

const showProgress = (value, text) => {
  bar.hidden = value === undefined;
  if (value !== undefined) bar.value = value;
  state.textContent = text;
};

/** A message of the tools as a sentence. */
const sentence = (text) => text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.');

const fail = (section, error) => {
  showProgress(undefined, '');
  if (!error.message) {
    // A trap leaves the tools unusable: the next file gets new ones.
    tools?.stop();
    tools = undefined;
  }
  const message = create('p', { className: 'error', role: 'alert', tabIndex: -1 }, sentence(error.message) || t('broken'));
  section.append(message);
  message.focus();
};

/** Runs a step with its errors shown under it, and its controls off meanwhile. */
const guarded = async (section, work) => {
  for (const old of section.querySelectorAll('.error')) old.remove();
  // An upload has controls of its own, which stay in use.
  if (section != sections.upload) section.setAttribute('aria-busy', 'true');
  try {
    await work();
  } catch (error) {
    fail(section, error);
  } finally {
    section.removeAttribute('aria-busy');
  }
};

const showFiles = () => {
  const input = create('input', { type: 'file', multiple: true });
  const folder = create('input', { type: 'file', multiple: true });
  folder.webkitdirectory = true;
  const take = (chosen) => chosen.length && guarded(sections.files, () => open([...chosen]));
  input.onchange = () => take(input.files);
  folder.onchange = () => take(folder.files);
  const parts = [create('p', {}, t('local')), field('files', input)];
  if ('webkitdirectory' in folder) parts.push(create('details', {}, create('summary', {}, t('folder_instead')), field('folder', folder)));
  show('files', ...parts);
};

/** Starts the Web Worker at the first use. */
const needTools = () => {
  tools ||= startTools(({ bytes, total, comments }) =>
    showProgress(total ? bytes / total : 0, counted('reading', comments)),
  );
  return tools;
};

const open = async (files) => {
  needTools();
  for (const name of ['found', 'coming', 'upload', 'done']) sections[name].replaceChildren();
  showProgress(0, t('opening'));
  const { format, label } = await tools('open', files);
  const result = await tools('read', format, undefined);
  showProgress(undefined, '');
  if (result.summary) return showOwnExport(result.summary);
  askQuestions(format, label, result.survey);
};

const askQuestions = (format, label, survey) => {
  const found = showFound(label, survey);
  let zone;
  found.form.append(create('p', { className: 'send' }, create('button', { className: 'main' }, t('show_plan'))));
  found.form.onsubmit = (event) => {
    event.preventDefault();
    guarded(sections.found, async () => {
      const answers = await found.read();
      if (answers.zone !== zone) {
        zone = answers.zone;
        await tools('read', format, zone);
      }
      const report = await tools('plan', answers.options, answers.feeds);
      showProgress(undefined, '');
      keepAnswers(answers.options);
      showComing(report, label);
    });
  };
  show('found', ...found.elements);
  say(t('found', { format: label }));
};

const showComing = (report, label) => {
  const lines = report.to_import + report.tombstones + report.continuations;
  const files = create(
    'p',
    { className: 'send' },
    button('download_report', () => save('import-report.txt', 'text/plain', [textReport(report, label)])),
    button('download_table', async () => save('addresses.csv', 'text/csv', [await tools('table')])),
  );
  show('coming', ...showReport(report), files, ...uploadButtons(lines, tool.dataset.site, lines, lines - report.to_import));
};

const showOwnExport = ({ site, lines, comments }) => {
  const note = create('p', {}, t('own_export', { site, n: number(comments) }));
  show('coming', note, ...uploadButtons(comments, tool.dataset.site || site, lines));
};

/** The buttons for a dry run against what is there, and for the upload. */
const uploadButtons = (comments, site, lines = comments, extras = 0) => {
  const result = create('p', { role: 'status' });
  const check = button('check', () => guarded(sections.coming, async () => {
    const run = new Run(tools, site, true, (last) => showProgress(Math.min(1, last / lines), t('checking')));
    await run.run();
    showProgress(undefined, '');
    const added = run.sums.comments || 0;
    result.textContent = t('checked', { new: number(added), known: number(Math.max(0, comments - added)) });
  }));
  const start = button('upload', () => upload(comments, site, lines, extras), 'main');
  return [create('p', { className: 'hint' }, t('upload_hint')), create('p', { className: 'send' }, start, check), result];
};

/** The fourth step. It can be stopped and continued; the tab has to stay open meanwhile. */
const upload = (comments, site, lines, extras) => {
  const lock = (isLocked) => ['files', 'found', 'coming'].forEach((name) => (sections[name].inert = isLocked));
  const started = performance.now();
  const run = new Run(tools, site, false, (last, sums) => {
    showProgress(Math.min(1, last / (lines + 1)), t('uploading', { n: number(sums.comments + sums.known), all: number(comments), ...leftOver(last) }));
  });
  const leftOver = (last) => {
    const seconds = (((performance.now() - started) / last) * Math.max(0, lines - last)) / 1000;
    return { left: seconds < 60 ? t('seconds_left') : counted('minutes_left', Math.ceil(seconds / 60)) };
  };
  const stop = button('pause', () => run.stop());
  const go = button('continue', () => start(), 'main');
  go.hidden = true;
  const start = () => guarded(sections.upload, async () => {
    lock(true);
    [isUploading, stop.hidden, go.hidden] = [true, false, true];
    try {
      if (await run.run()) return showDone(run.sums, extras);
      showProgress(bar.value, t('paused'));
    } catch (error) {
      throw new Error(error.message || t(`upload.${error.reason || 'offline'}`));
    } finally {
      [isUploading, stop.hidden, go.hidden] = [false, true, false];
      lock(false);
    }
    go.focus();
  });
  show('upload', create('p', {}, t('keep_open')), create('p', { className: 'send' }, stop, go));
  start();
};

const showDone = (sums, extras) => {
  showProgress(undefined, '');
  const { site } = tool.dataset;
  const threads = create('a', { className: 'button main', href: tool.dataset.threads }, t('see_threads'));
  const blog = create('a', { className: 'button', href: site }, t('see_blog'));
  show(
    'done',
    create('p', {}, t('done', { n: number(sums.comments || 0), threads: number(sums.threads || 0) })),
    extras && sums.comments ? create('p', {}, counted('extras', extras)) : '',
    sums.known ? create('p', {}, t('known', { n: number(sums.known) })) : '',
    create('p', { className: 'send' }, threads, site ? blog : ''),
  );
  sections.upload.hidden = true;
};

if (tool && 'Worker' in window) {
  for (const name of ['files', 'found', 'coming', 'upload', 'done']) {
    sections[name] = create('section', { hidden: true, className: 'step' });
    tool.append(sections[name]);
    if (name == 'upload') tool.append(bar, state);
  }
  bar.setAttribute('aria-label', t('progress'));
  showFiles();
  startExport(needTools);
  tool.hidden = false;
  const plain = find('#import-plain');
  if (plain) plain.hidden = true;
  addEventListener('beforeunload', (event) => {
    if (isUploading) event.preventDefault();
  });
}
