/*
 * The section that takes the place of a thread that could not be loaded. Files are often there when the Worker is not, so the loader imports this one
 * when it needs it. The build replaces TEXTS by a list of [beginning of a language tag, error text, label of the retry button, label of the
 * link]; the last one is for all languages.
 */
import { report } from './report.js';

/**
 * Returns the section. `error` is the response of the Worker, or anything else if there was none; `retry` loads the thread again; `href`
 * leads to the thread's own page.
 */
export const draw = async (parse, lang, error, retry, href) => {
  const [, text, again, open] = TEXTS.find(([tag]) => (lang + '-').toLowerCase().startsWith(tag));
  const section = parse(
    `<section class=aw><p class=aw-error role=alert>${text}</p><button class=aw-submit>${again}</button> <a>${open}</a></section>`,
  ).firstChild;
  const [shown, button, link] = section.children;
  try {
    const { message, hint } = (await error.json()).error;
    report(hint);
    // The message of a 4xx names the reason. After a 5xx the reader can only try again.
    if (error.status < 500) shown.textContent = message;
  } catch {
    // Something else than the Worker has answered, or nothing.
  }
  link.href = href;
  button.onclick = async () => {
    button.onclick = null;
    button.setAttribute('aria-disabled', true);
    const root = section.getRootNode();
    await retry();
    // The focus does not get lost with the button.
    const next = root.querySelector('.aw-title,button');
    if (next && !root.activeElement) {
      next.tabIndex = next.localName == 'button' ? 0 : -1;
      next.focus();
    }
  };
  return section;
};
