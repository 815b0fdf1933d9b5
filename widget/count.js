/*
 * Shows numbers of comments on pages with many posts. Every element with `data-afterword-count` gets the number of comments of one post:
 * the attribute is the address of the post, or empty on, in or beside a link to it.
 *
 * The Worker writes the texts, in the language of the page. An element, or the script tag for all of them, may have its own:
 * `data-none`, `data-one` and `data-other`, in which `{n}` stands for the number. If the Worker cannot be reached, the elements stay as they
 * are. Nothing here throws into the page.
 */
(() => {
  // An element with a name can hide properties of `document`, but not this one of the prototype.
  const tag = Object.getOwnPropertyDescriptor(Document.prototype, 'currentScript').get.call(document);
  const [endpoint] = /https?:[^\s()@]+?(?=\/count\.js)/.exec(tag?.src || Error().stack) || [];
  // A page that is replaced without a page load runs its scripts again.
  const key = Symbol.for('afterword count ' + endpoint);
  if (!endpoint || window[key]) return;
  window[key] = 1;

  // The address for which each element has its text. Elements that leave the page are forgotten.
  const shown = new WeakMap();

  const update = () => {
    observer.observe(document, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['data-afterword-count', 'href'],
    });
    const wanted = {};
    for (const element of document.querySelectorAll('[data-afterword-count]')) {
      const link = element.closest('a') || element.parentNode.querySelector('a') || {};
      // The `href` of an anchor resolves relative addresses and never throws.
      const url = Object.assign(document.createElement('a'), { href: element.dataset.afterwordCount || link.href }).href;
      if (shown.get(element) == url) continue;
      shown.set(element, url);
      (wanted[url] = wanted[url] || []).push(element);
    }
    const urls = Object.keys(wanted);
    while (urls[0]) show(urls.splice(0, 100), wanted);
  };

  const show = async (urls, wanted) => {
    try {
      const query = new URLSearchParams(urls.map((url) => ['url', url]));
      query.set('lang', document.documentElement.lang || navigator.language);
      const response = await fetch(endpoint + '/v1/counts?' + query, { credentials: 'omit' });
      const { counts, texts } = await response.json();
      for (const url of urls)
        for (const element of wanted[url]) {
          // The element may show another post by now.
          if (shown.get(element) == url) write(element, counts[url], texts[url]);
        }
    } catch {}
  };

  const write = (element, count, text) => {
    const name = ['none', 'one'][count] || 'other';
    const template = element.dataset[name] || tag?.dataset[name];
    element.textContent = template ? template.replace('{n}', count) : text;
  };

  // A widget on the page knows more than the Worker has published.
  addEventListener('afterword:count', ({ detail: { url, count, text } }) => {
    for (const element of document.querySelectorAll('[data-afterword-count]'))
      if (text && shown.get(element) == url) write(element, count, text);
  });

  // Some pages change all the time, so after a change the observer rests for a moment.
  const observer = new MutationObserver(() => {
    observer.disconnect();
    setTimeout(update, 200);
  });
  if (document.readyState == 'loading') addEventListener('DOMContentLoaded', update);
  else update();
})();
