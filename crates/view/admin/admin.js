/*
 * The script of the moderators' pages. Every page works without it, by links and forms; it sends the same forms without loading a page.
 */
import { act, isActionForm, press, startSelection, undoLast } from './acts.js';
import { startChanges } from './changes.js';
import { commandOf, readCommands } from './keys.js';
import { create, find, findAll, localizeTimes, readStored, say, store, text } from './page.js';
import { currentRow, focusRow, isInView, move, sayNoRow, startRows } from './rows.js';
import { openForm, opensInPlace } from './write.js';

const KEYS_OFF = 'afterword:keys-off';

const help = find('#help');
const commands = readCommands(findAll('[data-command]', help || document.createElement('p')).map((row) => row.dataset));

const openHelp = () => {
  if (help && !help.open) help.showModal();
};

/** Follows a link of the page, if it is there. */
const follow = (selector) => {
  const link = find(selector);
  if (link) location.assign(link.href);
};

/** Set when a key leads to another page, whose first comment then has the focus. A page that is opened otherwise takes none. */
const TURNED = 'afterword:page-turned';

const turnPage = (selector) => {
  if (find(selector)) store('sessionStorage', TURNED, '1');
  follow(selector);
};

const startPage = () => {
  if (!readStored('sessionStorage', TURNED)) return;
  store('sessionStorage', TURNED, '');
  move(1);
};

/** Commands that are not about one comment. */
const PAGE_COMMANDS = {
  next: () => move(1),
  previous: () => move(-1),
  undo: () => undoLast(),
  select_page: () => find('#all')?.click(),
  next_page: () => turnPage('.paging [data-do=next_page]'),
  previous_page: () => turnPage('.paging [data-do=previous_page]'),
  search: () => find('#search')?.focus(),
  help: openHelp,
};

/** Commands about the current comment that are no action of its form. */
const ROW_COMMANDS = {
  select: (row) => find('.pick input', row)?.click(),
  info: (row) => {
    const info = find('.body > .info', row);
    if (info) info.open = !info.open;
  },
  reply: (row) => openLink(row, 'reply'),
  edit: (row) => openLink(row, 'edit'),
  ban: (row) => openLink(row, 'ban'),
  context: (row) => openLink(row, 'context'),
  open: (row) => openLink(row, 'open') || openLink(row, 'context'),
};

const openLink = (row, name) => {
  const link = find(`.acts a[data-do=${name}]`, row) || (name == 'open' && find('.post a', row));
  if (!link) return say(text('no_action'));
  if (opensInPlace(link)) openForm(link);
  else location.assign(link.href);
  return true;
};

const bulk = (action) => {
  const button = find(`#bulk [value=${action}]`);
  if (!button) return say(text('no_action'));
  return act(button.form, button, true);
};

const run = (command) => {
  if (PAGE_COMMANDS[command]) return PAGE_COMMANDS[command]();
  if (command.startsWith('list_')) return follow(`.tabs li:nth-child(${command.slice(5)}) a`);
  if (command.startsWith('bulk_')) return bulk(command.slice(5));
  const row = currentRow();
  if (!row) return sayNoRow();
  if (!isInView(row)) return focusRow(row);
  if (ROW_COMMANDS[command]) return ROW_COMMANDS[command](row);
  return press(row, command, true);
};

const areKeysOn = () => readStored('localStorage', KEYS_OFF) != '1';

const startKeys = () => {
  for (const button of findAll('[data-do=help]')) button.hidden = false;
  const box = find('#keys-on');
  if (box) {
    box.checked = areKeysOn();
    box.addEventListener('change', () => {
      store('localStorage', KEYS_OFF, box.checked ? '' : '1');
      say(text(box.checked ? 'keys_on' : 'keys_off'));
    });
  }
  document.addEventListener('keydown', (event) => {
    if (event.key == 'Escape') return closeAll();
    const command = areKeysOn() && commandOf(event, commands, !!find('dialog[open]'));
    if (!command) return;
    event.preventDefault();
    run(command);
  });
};

/** Closes open menus, and leaves the search. */
const closeAll = () => {
  const menu = find('details.menu[open]');
  if (menu) {
    menu.open = false;
    find('summary', menu).focus();
  } else if (document.activeElement?.id == 'search') document.activeElement.blur();
};

const startForms = () => {
  document.addEventListener('submit', (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || !isActionForm(form) || !find('.rows')) return;
    event.preventDefault();
    for (const menu of findAll('details.menu[open]')) menu.open = false;
    act(form, submitter, false);
  });
  document.addEventListener('click', (event) => {
    const { target } = event;
    if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    for (const menu of findAll('details.menu[open]')) if (!menu.contains(target)) menu.open = false;
    const control = target.closest('[data-do]');
    if (!control) return;
    if (control.matches('a') && opensInPlace(control)) {
      event.preventDefault();
      control.closest('details.menu')?.removeAttribute('open');
      openForm(control);
    } else if (control.dataset.do == 'help') openHelp();
    else if (control.dataset.do == 'close') control.closest('dialog').close();
  });
};

/** A button to copy the line of the first page. */
const startCopy = () => {
  for (const block of findAll('.copy')) {
    if (!navigator.clipboard) return;
    const button = create('button', { type: 'button' }, text('copy'));
    button.onclick = async () => {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = text('copied');
    };
    block.after(button);
  }
};

/** The progress of an upload, for the import. The browser loads the page with the result. */
const startImport = () => {
  const form = find('#import-form');
  if (!form) return;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const progress = find('#import-progress');
    const upload = new XMLHttpRequest();
    progress.hidden = false;
    find('button', form).disabled = true;
    upload.upload.onprogress = ({ loaded, total }) => (progress.value = (100 * loaded) / total);
    upload.onloadend = () => {
      const page = new DOMParser().parseFromString(upload.responseText, 'text/html');
      const result = find('section[aria-labelledby=import]', page);
      if (result) {
        form.closest('section').replaceWith(document.adoptNode(result));
        startImport();
        find('[role=status],.error', find('section[aria-labelledby=import]'))?.scrollIntoView();
      } else {
        progress.hidden = true;
        find('button', form).disabled = false;
        say(text('unsaved') + ' ' + text(upload.status ? 'refused' : 'offline'));
      }
    };
    upload.open('POST', form.getAttribute('action'));
    upload.send(new FormData(form));
  });
};

/** An action on all that match goes on by itself, step by step. */
const startSteps = () => {
  const form = find('form[data-steps]');
  if (form) setTimeout(() => form.requestSubmit(find('.main', form)), 500);
};

/** On a narrow screen the navigation scrolls. Where the moderator is, is in sight. */
const showPlace = () => {
  for (const link of findAll('nav [aria-current=page]')) {
    const list = link.closest('ul');
    list.scrollLeft += link.getBoundingClientRect().left - list.getBoundingClientRect().left - list.clientWidth / 3;
  }
};

localizeTimes();
showPlace();
startRows();
startPage();
startSelection();
startKeys();
startForms();
startChanges();
startCopy();
startImport();
startSteps();
