/* What other moderators do meanwhile. One tab asks for all. */
import { counted, find, text } from './page.js';
import { arrivals, foreignChanges, latestNumber } from './outcomes.js';
import { decidedHere, ownBatches } from './acts.js';
import { decide, findRow, reopen, setRevision, showOutcome } from './rows.js';
import { showCounts } from './counts.js';
import { load } from './send.js';

/** Time between two questions while the page is visible. */
const INTERVAL_MS = 20000;
/** Time without a key or a press after which nothing is asked. An answer reads some thousand rows, of which the free plan has five million a day. */
const IDLE_MS = 10 * 60000;

let lastInput = Date.now();
for (const type of ['keydown', 'pointerdown']) addEventListener(type, () => (lastInput = Date.now()));

const { changes: address, since: first } = document.body.dataset;
/** Only tabs that show the same blogs share answers: the numbers of entries and comments are those of a blog. */
const NAME = 'afterword-admin-changes ' + address;
let since = +first || 0;
/** Number of comments that waited when the page was drawn; none if they were not counted to the end. */
const pendingAtLoad = +document.body.dataset.pending;

/** Asks for changes, and tells the other tabs. */
const ask = async (channel) => {
  let json;
  try {
    ({ json } = await load(address + (address.includes('?') ? '&' : '?') + 'since=' + since));
  } catch {
    // Without a connection nothing is new. An ended session shows with the next action.
    return;
  }
  if (!json) return;
  channel?.postMessage(json);
  show(json);
};

/** Shows changes. Nothing enters or leaves the list by itself. */
const show = ({ audit = [], counts }) => {
  const entries = audit.filter(({ number }) => number > since);
  since = latestNumber(entries, since);
  for (const entry of foreignChanges(entries, ownBatches)) showEntry(entry);
  showCounts(counts);
  if (counts?.pending && !counts.pending.more && find('[data-list=pending]')) showArrivals(counts.pending.count);
};

const showEntry = ({ comment, action, by, after }) => {
  const row = findRow({ id: comment });
  if (!row) return;
  const isEdit = action == 'edit';
  const message = text('others', { name: by, action: text(action == 'trust' ? 'approve_and_trust' : action) });
  if (isEdit) return showOutcome(row, message + '. ' + text('changed'), { isBad: true, press: [text('reload'), () => location.reload()] });
  if (after) setRevision(row, after.revision);
  // The state in which the page was drawn has come back, such as by an undo.
  if (after && after.state == row.dataset.state) reopen(row);
  else decide(row, action);
  showOutcome(row, message);
};

const showArrivals = (now) => {
  const box = find('#new');
  if (!box || isNaN(pendingAtLoad)) return;
  const n = arrivals(pendingAtLoad, now, decidedHere());
  box.hidden = n == 0;
  find('a', box).textContent = counted('new', n);
};

/** Begins to ask. A visible tab that gets the lock asks for all; without locks every visible tab asks for itself. */
export const startChanges = () => {
  if (!address || !find('.row, #end')) return;
  const channel = window.BroadcastChannel && new BroadcastChannel(NAME);
  if (channel) channel.onmessage = ({ data }) => show(data);
  let stop;
  const run = () => {
    const timer = setInterval(() => Date.now() - lastInput < IDLE_MS && ask(channel), INTERVAL_MS);
    return new Promise((resolve) => {
      stop = () => {
        clearInterval(timer);
        resolve();
      };
    });
  };
  const follow = () => {
    stop?.();
    stop = undefined;
    if (document.visibilityState != 'visible') return;
    ask(channel);
    if (!navigator.locks) return void run();
    const controller = new AbortController();
    stop = () => controller.abort();
    navigator.locks.request(NAME, { signal: controller.signal }, run).catch(() => {});
  };
  document.addEventListener('visibilitychange', follow);
  addEventListener('pageshow', ({ persisted }) => persisted && ask(channel));
  const timer = setTimeout(follow, INTERVAL_MS);
  addEventListener('pagehide', () => clearTimeout(timer));
};
