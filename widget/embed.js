/*
 * The loader: finds the places for comments on the page, shows the thread that the Worker rendered in each of them, and loads the widget
 * when a thread comes near the viewport or the reader touches it. It follows the page: when the address or the attributes that name the
 * post change, the thread is drawn again. A thread that came in the page itself, in a declarative shadow root, is taken as it is.
 *
 * Every byte counts here. The build replaces these names: STYLE, WIDGET, WASM and FAILURE are paths of assets on the Worker, THEMES the names
 * of the themes, separated by spaces.
 * The newest syntax in use is ES2020. Nothing here throws into the host page. The console gets only advice for the owner of the blog.
 */
(() => {
  // The document, read through its prototype. An element with a name hides the document's own property of that name: with
  // `<img name=currentScript src=…>` on the page, `document.currentScript` is the image, and the loader would run code from there.
  const doc = new Proxy(document, {
    get(target, name) {
      const value = Reflect.get(Document.prototype, name, target);
      return value?.bind ? value.bind(target) : value;
    },
  });

  // `currentScript` is missing in a module, in a shadow root and in a script that a framework evaluates itself. Another service may name
  // its script `embed.js` too, so the stack trace identifies the running script.
  const running = doc.currentScript;
  const address = /https?:[^\s()@]+\/embed\.js/.exec(running?.src || Error().stack)?.[0];
  if (!address) return;
  // A Worker may live under a path of the blog.
  const endpoint = address.slice(0, -9);

  // Shared by all runs of loaders on the page: a second tag runs the loader again, and so does a page that is replaced without a page
  // load. The key is a symbol because the ids of elements become properties of `window`.
  const key = Symbol.for('afterword');
  const shared = (window[key] = window[key] || {});
  if (shared[endpoint]) return shared[endpoint]();

  // Under Trusted Types a page can create a policy only once.
  if (!shared.policy) {
    shared.policy = { createHTML: (html) => html };
    try {
      shared.policy = trustedTypes.createPolicy('afterword', shared.policy);
    } catch {
      // The browser has no Trusted Types, or the host's CSP does not allow the policy. Plain strings are all that is left to try.
    }
  }

  const createElement = (tag, properties) => Object.assign(doc.createElement(tag), properties);

  // The only place where text becomes HTML. The widget uses this function too. The document of the template is an HTML document even if
  // the page is XHTML.
  const htmlDocument = doc.implementation.createHTMLDocument('');
  const parse = (html) =>
    Object.assign(htmlDocument.createElement('template'), { innerHTML: shared.policy.createHTML(html) }).content;

  const fetchPath = (path) => fetch(endpoint + path, { credentials: 'omit' });

  const withTimeout = (milliseconds, promise) =>
    Promise.race([promise, new Promise((resolve, reject) => setTimeout(reject, milliseconds))]);

  // The module is fetched once, however many threads the page shows.
  let wasm;

  // The tag of this loader that is in the document now. A page that replaces its body may have copied the tag without running it.
  const findTag = () => {
    const tags = [...doc.scripts].filter((tag) => tag.src.startsWith(address));
    return tags.find((tag) => tag.closest('body')) || tags[0] || running || htmlDocument.head;
  };

  // The part of the fragment that names a page, as `#/post` and `#!/post` do.
  const readRoute = () => /^#[!/].+/.exec(location.hash) || '';

  const isComment = (hash) => /^#comment-\d+$/.test(hash);

  // The canonical link, and the path of the page on which it was first seen. On another page it is a leftover.
  let canonical;
  let canonicalPath;

  // The thread of an element. It ends when the element leaves the page or is unmounted, and can begin again.
  const createThread = (host) => {
    const root = host.shadowRoot || host.attachShadow({ mode: 'open' });
    // Assistive technology does not hear all announcements from shadow roots. Some themes hide empty elements.
    const status = parse('<span role=status slot=afterword> ').firstChild;
    let options = {};
    // What the widget gets. It replaces the function `stop`, which ends it.
    let config = {};
    // The thread that came in the page itself. The id of its slot is the path for which it is the answer.
    let [slot, stylesheetLoaded, section] = root.childNodes;
    let query;
    let lang;
    let place;

    const setField = (field, value, form = section) => {
      Object.assign(form?.querySelector(`[name=${field}]`) || {}, { value });
    };

    // Reads address, title and options from the document as it is now, and draws the thread if its address has changed.
    const update = (newOptions) => {
      options = newOptions || options;
      const tag = findTag();
      const option = (name) =>
        options[name] || host.getAttribute(name) || host.dataset[name] || tag.dataset[name];
      const theme = option('theme');
      if (theme && host.dataset.theme != theme) host.dataset.theme = theme;
      // The language of the page around the thread. That of the browser counts only if the owner wants it.
      lang = option('lang') || (host.closest('[lang]') || doc.documentElement).lang;
      if (lang == 'auto') lang = navigator.language;
      const href = doc.querySelector('link[rel~=canonical]')?.href;
      if (canonical != href) {
        canonical = href;
        canonicalPath = location.pathname;
      }
      const here = location.href.split('#')[0] + readRoute();
      const named = option('url');
      // The `href` of an anchor resolves relative addresses and never throws.
      const url = createElement('a', {
        href: named || (canonicalPath == location.pathname && canonical) || here,
      }).href;
      const sort = option('sort') || '';
      const newQuery = '?' + new URLSearchParams({ url, lang, ...(!named && { location: here }), sort });
      if (query != newQuery) {
        query = newQuery;
        place = lang + sort + location.pathname + readRoute();
        // Comments of another page are hidden while those of this page are loading.
        if (section?.place) section.style.visibility = place == section.place ? '' : 'hidden';
        draw();
      } else setField('title', (config.title = option('title') || doc.title));
      // The styles of a theme come after those of the thread.
      for (const name of THEMES.split(' ')) {
        if (host.matches(`[data-theme~=${name}]`) && !root.querySelector('.' + name))
          loadStyle(STYLE.replace('.', `-${name}.`), 0, name);
      }
    };

    const loadStyle = (path, onload, className) =>
      // Requests without credentials share a connection, and those of `fetch` and `import` are such.
      root.append(createElement('link', { href: endpoint + path, rel: 'stylesheet', onload, className, crossOrigin: '' }));

    const draw = async () => {
      const drawnQuery = query;
      host.append(status);
      stylesheetLoaded ||= withTimeout(
        2e3,
        new Promise((resolve) => {
          root.append(parse('<slot name=afterword>'));
          loadStyle(STYLE, resolve);
        }),
      ).catch(() => {});
      let drawn;
      try {
        let path = '/v1/thread.html' + query;
        try {
          // The order that the reader has chosen.
          path = path.replace(/\w*$/, (sort) => /^(oldest|newest|top)$/.exec(localStorage['afterword:sort'])?.[0] || sort);
          // A service worker may answer from its cache for ever. It has not seen this address yet.
          if (navigator.serviceWorker.controller) path += '&t=' + Date.now();
        } catch {}
        path += location.hash.replace(/^#comment-|.*/, '&comment=');
        drawn =
          slot?.id == path
            ? section
            : parse(
                await withTimeout(
                  15e3,
                  (async () => {
                    const response = await fetchPath(path);
                    if (!response.ok) throw response;
                    return response.text();
                  })(),
                ),
              ).querySelector('.aw');
      } catch (error) {
        try {
          const failure = await import(endpoint + FAILURE);
          drawn = await failure.draw(parse, lang, error, draw, endpoint + '/thread' + drawnQuery);
        } catch {
          drawn = parse('<p>Comments could not be loaded.').firstChild;
        }
      }
      slot = await stylesheetLoaded;
      const { url, count } = drawn.dataset;
      // The page has moved on meanwhile, or its address now is another one of the same post.
      if (query != drawnQuery || (place == section?.place && url == section.dataset.url)) return;
      clear();
      root.append((section = drawn));
      if (!url) return;
      section.place = place;
      // On a right-to-left blog the comments run right to left too, even in a language that the Worker does not support.
      section.dir = getComputedStyle(host).direction;
      enhance(section);
      update();
      for (const type of ['drawn', 'count'])
        section.dispatchEvent(
          new CustomEvent('afterword:' + type, { bubbles: 1, composed: 1, detail: { url, count: +count } }),
        );
      // A reader who has scrolled elsewhere in the post stays there. The browser itself may have scrolled to the empty host, at the end of the page.
      if (!scrollY || host.getBoundingClientRect().top < innerHeight + 99) showLinked();
    };

    const enhance = (section) => {
      const observer = new IntersectionObserver(
        // In a tab or an accordion that was closed, the linked comment could not be shown before.
        (entries) => entries.pop().isIntersecting && startWidget(isHidden && showLinked()),
        { rootMargin: '800px' },
      );
      // Browsers before 2024 may lack this method. There, the linked comment is shown again when the thread comes near.
      const isHidden = !section.checkVisibility?.();
      let isStarted = 0;
      let isSettled;
      let deferredTarget;
      // The plain form submits this if the widget cannot run. With it, equal texts of two readers are two comments.
      setField('id', Math.random());

      const startWidget = () => {
        if (isStarted++) return;
        observer.disconnect();
        wasm = wasm || fetchPath(WASM);
        withTimeout(
          15e3,
          Promise.all([import(endpoint + WIDGET), wasm, fetchPath(section.dataset.messages)]).then(
            ([{ start }, ...responses]) => start(section, ownConfig, responses),
          ),
        )
          // Without the widget, links lead to the Worker's own page and the form is a plain one.
          .catch(() => {
            wasm = '';
          })
          .then(() => {
            isSettled = 1;
            // If the widget has restored a draft, the reader has to see the text before it is sent.
            if (deferredTarget && !deferredTarget.closest('form')?.querySelector('.aw-restored')) deferredTarget.click();
          });
      };

      const ownConfig = (config = { endpoint, parse, status, lang, stop: () => observer.disconnect() });

      // Opens the form for a reply and focuses it at once: telephones show the keyboard only then. The widget takes the form over. Without
      // it, the form is a plain one.
      const openReply = (link) => {
        const form = section.querySelector(':scope>.aw-form').cloneNode(true);
        form.reset();
        setField('parent', link.dataset.reply, form);
        link.closest('.aw-comment').after(form);
        form.querySelector('textarea').focus();
      };

      // Defers clicks and submits until the widget is loaded.
      const deferAction = (event) => {
        sync();
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        const target = event.target;
        const link = target.closest('.aw-time,.aw-to');
        if (link) {
          // The browser itself would search outside of the shadow root, and resolve the link against the page's `<base>`.
          event.preventDefault();
          if (!readRoute()) location.hash = link.hash;
          showLinked(0, link.hash);
        }
        const actionTarget =
          event.submitter ? target.matches('.aw-form') && event.submitter : target.closest('.aw-reply,.aw-more,.aw-earlier');
        if (actionTarget && !isSettled) {
          event.preventDefault();
          if (actionTarget.dataset.reply) openReply(actionTarget);
          else deferredTarget = actionTarget;
          startWidget();
        }
      };
      section.onclick = section.onsubmit = deferAction;
      section.addEventListener('focusin', startWidget);
      observer.observe(section);
    };

    // Brings the comment in the fragment into view and focuses it; a new link to a comment of another page draws that page. The fragment
    // `#afterword` leads to the thread.
    const showLinked = (isNewLink, hash = location.hash) => {
      const target = (isComment(hash) ? root.querySelector(hash) : hash == '#' + host.id && section)?.firstElementChild;
      if (target) {
        target.tabIndex = -1;
        target.focus({ preventScroll: 1 });
        target.scrollIntoView();
      } else if (isNewLink && isComment(hash)) {
        // The same thread with another of its pages.
        place = '';
        draw();
      }
    };

    const clear = () => {
      config.stop?.();
      section?.remove();
      section = null;
    };

    return {
      update,
      showLinked,
      end() {
        clear();
        status.remove();
        query = stylesheetLoaded = root.textContent = '';
      },
    };
  };

  // The elements that have a thread now. The thread is a property of its element, and stays there when it ends; null stands for an unmounted one.
  const hosts = new Set();
  const thread = Symbol();

  const mount = (host, options) => {
    host[thread] = host[thread] || createThread(host);
    hosts.add(host);
    host[thread].update(options);
  };

  const end = (host) => {
    hosts.delete(host);
    host[thread]?.end();
  };

  // Draws the threads that the page has a place for and ends those that have left it.
  const sync = () => {
    hosts.forEach((host) => host.isConnected || end(host));
    const tag = findTag();
    let div = [...doc.querySelectorAll('div#afterword')].find(
      (div) =>
        thread in div ||
        // Only a div that is empty or has a `data-url` is a place for comments. Authors have a chapter with this name too.
        (div.shadowRoot?.firstChild?.id != '' &&
          (div.dataset.url ||
            [...div.childNodes].every((node) => /#c|ript/i.test(node.nodeName) || node.data?.trim() == ''))),
    );
    if (!div && !hosts.size && tag.closest('body') && doc.readyState != 'loading')
      tag.after((div = createElement('div', { id: 'afterword' })));
    if (div && div[thread] !== null) hosts.add(div);
    hosts.forEach((host) => {
      mount(host);
      observer.observe(host, { attributes: 1 });
    });
    observer.observe(document, { childList: 1, subtree: 1, attributes: 1 });
  };

  // Some pages change all the time, so after a change the observer rests for a moment.
  const later = () => {
    observer.disconnect();
    setTimeout(sync, 100);
  };
  const observer = new MutationObserver(later);

  // An element works in a shadow root too, which the observer does not see.
  if (!customElements.get('afterword-comments'))
    customElements.define(
      'afterword-comments',
      class extends HTMLElement {
        connectedCallback() {
          hosts.add(this);
          later();
        }
      },
    );

  window.Afterword = {
    mount,
    unmount(host) {
      end(host);
      host[thread] = null;
    },
  };

  // The observer sees most pages change. The Navigation API reports the others. Without it, a change of the address alone is noticed when the
  // reader touches the thread.
  window.navigation?.addEventListener('currententrychange', later);
  addEventListener('hashchange', () => {
    later();
    hosts.forEach((host) => host[thread]?.showLinked(1));
  });
  doc.addEventListener('readystatechange', sync);
  (shared[endpoint] = sync)();
})();
