/* The numbers of the lists, as the Worker counts them. The page never adds. */
import { findAll } from './page.js';
import { shownCount } from './outcomes.js';

/** Shows numbers of comments at the tabs, in the navigation and in the title. */
export const showCounts = (counts) => {
  if (!counts) return;
  for (const element of findAll('[data-count]')) {
    const count = counts[element.dataset.count];
    if (!count) continue;
    element.textContent = shownCount(count);
    if (element.closest('.top')) element.hidden = count.count == 0;
  }
  const { pending } = counts;
  if (pending) document.title = (pending.count ? `(${shownCount(pending)}) ` : '') + document.title.replace(/^\([\d,.+]+\) /, '');
};
