/*
 * The loader: finds its place on the page, inserts the thread that the Worker rendered, and loads the widget when the thread comes near
 * the viewport or the reader touches it.
 *
 * Every byte counts here. The build replaces four names: STYLE, WIDGET and WASM are paths of assets on the Worker; UNREACHABLE is
 * { language: [error text, label of the retry button, label of the link to the Worker's own page] }.
 * The newest syntax in use is ES2020. Nothing here throws into the host page. The console gets only the
 * Worker's advice for the owner of the blog.
 */
(() => {
  // The document, read through its prototype. An element with a name hides the document's own property of that name: with
  // `<img name=currentScript src=…>` on the page, `document.currentScript` is the image, and the loader would run code from there.
  const doc = new Proxy(document, {
    get(target, name) {
      const value = Reflect.get(Document.prototype, name, target);
      return typeof value == 'function' ? value.bind(target) : value;
    },
  });
  const page = location;

  // `currentScript` is missing in a module and in a script that a framework evaluates itself. Another service may name its script
  // `embed.js` too, so the stack trace identifies the running script.
  const stackUrl = (Error().stack || '').match(/https?:[^\s()@]+\/embed\.js/);
  const script = doc.currentScript || [...doc.scripts].find((candidate) => stackUrl && candidate.src.startsWith(stackUrl[0]));
  if (!script) return;
  const endpoint = new URL(script.src).origin;

  // Under Trusted Types a page can create a policy only once, but the loader may run again: on blogs that replace pages without a page
  // load, and because of a second tag. The key is a symbol because the ids of elements become properties of `window`.
  const policyKey = Symbol.for('afterword');
  if (!window[policyKey]) {
    const policy = { createHTML: (html) => html };
    window[policyKey] = policy;
    try {
      window[policyKey] = trustedTypes.createPolicy('afterword', policy);
    } catch {
      // The browser has no Trusted Types, or the host's CSP does not allow the policy. Plain strings are all that is left to try.
    }
  }

  const createElement = (tag, properties) => Object.assign(doc.createElement(tag), properties);

  // The only place where text becomes HTML. The widget uses this function too.
  const parseHtml = (html) => createElement('template', { innerHTML: window[policyKey].createHTML(html) }).content;

  const fetchPath = (path) => fetch(new URL(path, endpoint), { credentials: 'omit' });

  const withTimeout = (milliseconds, promise) =>
    Promise.race([promise, new Promise((_, reject) => setTimeout(reject, milliseconds))]);

  const findHost = () => doc.querySelector('div#afterword');

  // Tells the owner of the blog once what to correct.
  let reportedHint;
  const report = (hint) => {
    if (hint && hint != reportedHint) console.error('Afterword: ' + (reportedHint = hint));
  };

  // The number of the comment in the page's fragment.
  const linkedComment = () => (page.hash.match(/^#comment-(\d+)$/) || [])[1];
  let loadLinkedPage;

  // Scrolls to the comment in the page's fragment and focuses it. If it is on another page of the thread, a new link loads that page. Looks
  // up the host on each call, because a long-lived page may replace it.
  const focusLinkedComment = (newLink) => {
    const host = findHost();
    const root = host && host.shadowRoot;
    if (!root || !linkedComment()) return;
    const item = root.getElementById('comment-' + linkedComment());
    if (!item) return newLink && loadLinkedPage && loadLinkedPage();
    const comment = item.firstElementChild;
    comment.tabIndex = -1;
    comment.focus({ preventScroll: true });
    comment.scrollIntoView();
  };
  addEventListener('hashchange', focusLinkedComment);

  const mount = (host) => {
    const option = (key) => host.dataset[key] || script.dataset[key];
    const theme = option('theme');
    if (theme) host.dataset.theme = theme;
    const root = host.attachShadow({ mode: 'open' });

    let lang = option('lang') || doc.documentElement.lang;
    if (!lang || lang == 'auto') lang = navigator.language;
    // The `href` of an anchor resolves relative addresses and never throws.
    const canonical = doc.querySelector('link[rel=canonical]');
    const url = createElement('a', { href: option('url') || (canonical && canonical.href) || page.href }).href;
    const title = option('title') || doc.title;
    const sort = option('sort');
    const query = '?' + new URLSearchParams({ url, lang, ...(sort && { sort }) });

    const stylesheetLoaded = withTimeout(
      2e3,
      new Promise((resolve) => {
        root.append(
          createElement('link', { rel: 'stylesheet', href: endpoint + STYLE, onload: resolve, onerror: resolve }),
        );
      }),
    ).catch(() => {});

    const showThread = async (oldContent) => {
      let content;
      try {
        content = parseHtml(
          await withTimeout(
            15e3,
            fetchPath('/v1/thread.html' + query + (linkedComment() ? '&comment=' + linkedComment() : '')).then(async (response) => {
              if (response.ok) return response.text();
              const { message, hint } = (await response.json()).error;
              report(hint);
              // The message of a 4xx names the reason. After a 5xx the reader can only try again.
              throw response.status < 500 && message;
            }),
          ),
        );
      } catch (error) {
        // A thread that is on the screen stays there.
        if (oldContent && oldContent.dataset.page) return;
        const texts = new Map(Object.entries(UNREACHABLE));
        const [text, retry, open] = texts.get(lang.toLowerCase().split('-')[0]) || texts.get('en');
        content = createElement('section', { className: 'aw' });
        content.append(
          createElement('p', {
            className: 'aw-error',
            role: 'alert',
            textContent: typeof error == 'string' ? error : text,
          }),
          createElement('button', {
            className: 'aw-submit',
            textContent: retry,
            onclick() {
              this.disabled = true;
              showThread(content);
            },
          }),
          ' ',
          createElement('a', { href: endpoint + '/thread' + query, textContent: open }),
        );
      }
      await stylesheetLoaded;
      if (oldContent) oldContent.remove();
      const section = content.querySelector('[data-messages]');
      root.append(content);
      if (section) {
        // On a right-to-left blog the comments run right to left too, even in a language that the Worker does not support.
        section.dir = getComputedStyle(host).direction;
        loadLinkedPage = () => showThread(section);
        enhance(section);
      }
    };

    const enhance = (section) => {
      // The plain form submits these fields if the widget cannot run. The random id keeps equal texts of two readers apart; the widget
      // creates its own id.
      const setField = (field, value) => {
        const input = section.querySelector(`[name=${field}]`);
        if (input) input.value = value;
      };
      setField('title', title);
      setField('id', crypto.getRandomValues(new Uint32Array(4)).join(''));

      const observer = new IntersectionObserver(
        (entries) => entries.some((entry) => entry.isIntersecting) && loadWidget(),
        { rootMargin: '800px' },
      );
      let isLoadStarted;
      let deferredTarget;
      let isLoadPending = true;
      const loadWidget = () => {
        if (isLoadStarted) return;
        isLoadStarted = true;
        observer.disconnect();
        withTimeout(
          2e4,
          Promise.all([
            import(endpoint + WIDGET),
            fetchPath(WASM),
            fetchPath(section.dataset.messages).then((response) => response.json()),
          ]).then(async ([glue, wasm, messages]) => {
            await glue.default({ module_or_path: wasm });
            glue.start(section, { endpoint, title, messages, parse: parseHtml });
          }),
        )
          // Without the widget, links lead to the Worker's own page and the form is a plain one.
          .catch(() => {})
          .then(() => {
            isLoadPending = false;
            // If the widget has restored a draft, the reader has to see the text before it is sent.
            if (deferredTarget && !deferredTarget.querySelector('.aw-restored'))
              (deferredTarget.querySelector('.aw-submit') || deferredTarget).click();
          });
      };

      // Defers clicks and submits until the widget is loaded.
      const deferAction = (event) => {
        const target = event.target;
        const link = target.closest('.aw-time,.aw-to');
        const hasNoModifier = !(event.ctrlKey || event.metaKey || event.shiftKey);
        if (link && hasNoModifier) {
          // The browser itself would search outside of the shadow root, and resolve the link against the page's `<base>`.
          event.preventDefault();
          page.hash = link.hash;
          focusLinkedComment();
        }
        const actionTarget = event.type == 'submit' ? target : target.closest('.aw-reply,.aw-more,.aw-earlier');
        if (actionTarget && isLoadPending && hasNoModifier) {
          event.preventDefault();
          deferredTarget = actionTarget;
          loadWidget();
        }
      };
      root.addEventListener('click', deferAction);
      root.addEventListener('submit', deferAction);
      root.addEventListener('pointerdown', loadWidget);
      root.addEventListener('focusin', loadWidget);
      root.addEventListener('afterword:error', (event) => report(event.detail.hint));
      observer.observe(section);
      focusLinkedComment();
    };

    showThread();
  };

  // Finds or creates the host and mounts the thread: now, when the page is complete, and after changes of the page, because some pages
  // insert the host late or replace it.
  const findAndMount = () => {
    let host = findHost();
    if (!host && doc.readyState != 'loading' && doc.body.contains(script)) {
      host = createElement('div', { id: 'afterword' });
      script.after(host);
    }
    if (host && !host.shadowRoot) mount(host);
  };
  doc.addEventListener('readystatechange', findAndMount);

  // Some pages change all the time, so after a change the observer rests for a moment.
  const observer = new MutationObserver(() => {
    observer.disconnect();
    setTimeout(findAndObserve, 100);
  });
  const findAndObserve = () => {
    findAndMount();
    observer.observe(document, { childList: true, subtree: true });
  };
  findAndObserve();
})();
