/* The menu of a comment. The part with the reader's actions fills it when it is opened. */
import { focusElement } from './dom.js';

/** Fills the menus that are opened. Returns a function that ends it. */
export const watchMenus = (thread) => {
  const onToggle = ({ target }) => {
    if (!target.matches('.aw-menu') || !target.open) return;
    for (const other of thread.section.querySelectorAll('.aw-menu[open]')) if (other != target) other.open = false;
    thread.usePart('own', ({ fillMenu }) => fillMenu(thread, target));
  };
  // The reader may have opened one before the widget came.
  for (const open of thread.section.querySelectorAll('.aw-menu[open]')) onToggle({ target: open });
  // The event does not bubble.
  thread.section.addEventListener('toggle', onToggle, true);
  return () => thread.section.removeEventListener('toggle', onToggle, true);
};

/** Closes the menu around an element and moves the focus to its button. */
export const closeMenu = (element) => {
  const menu = element.closest('.aw-menu[open]');
  if (!menu) return;
  menu.open = false;
  focusElement(menu.firstElementChild);
};
