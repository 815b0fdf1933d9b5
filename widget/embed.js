/*
 * The loader: finds its place on the page, puts the finished thread there, and fetches the widget once a reader comes near.
 *
 * Bytes count here more than anywhere else. The build replaces four names: STYLE, WIDGET and WASM are paths of assets on the
 * Worker; UNREACHABLE is { language: [what has happened, "try again", "open on a page of its own"] }.
 * ES2020 is the newest syntax used. Nothing here throws into the host page or writes on its console.
 */
(() => {
  const doc = document;
  const page = location;

  // A module, and a script that a framework runs in its own way, have no `currentScript`. Another service's script may have the same
  // name, so the one that is running right now says where it came from.
  const from = (Error().stack || '').match(/https?:[^\s()@]+\/embed\.js/);
  const script = doc.currentScript || [...doc.scripts].find((one) => from && one.src.startsWith(from[0]));
  if (!script) return;
  const endpoint = new URL(script.src).origin;

  // Under Trusted Types a policy can be created once in the life of a page, but the loader may run again: on blogs that swap
  // pages without loading them, and with a second tag. A symbol is safe from elements whose ids become properties of `window`.
  const name = Symbol.for('afterword');
  if (!window[name]) {
    const rules = { createHTML: (html) => html };
    window[name] = rules;
    try {
      window[name] = trustedTypes.createPolicy('afterword', rules);
    } catch {
      // No Trusted Types here, or a host CSP that does not know the policy: then plain HTML is all there is to try.
    }
  }

  const make = (tag, properties) => Object.assign(doc.createElement(tag), properties);

  // The one place where text becomes HTML, for the widget too.
  const draw = (html) => make('template', { innerHTML: window[name].createHTML(html) }).content;

  const get = (path) => fetch(new URL(path, endpoint), { credentials: 'omit' });

  const within = (time, promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, time))]);

  const find = () => doc.querySelector('div#afterword');

  // Goes to the comment that the address names. Asks for the host each time: a page that lives long has one after the other.
  const jump = () => {
    const host = find();
    const root = host && host.shadowRoot;
    const item = root && /^#comment-\d+$/.test(page.hash) && root.getElementById(page.hash.slice(1));
    if (!item) return;
    const comment = item.firstElementChild;
    comment.tabIndex = -1;
    comment.focus({ preventScroll: true });
    comment.scrollIntoView();
  };
  addEventListener('hashchange', jump);

  const mount = (host) => {
    const option = (key) => host.dataset[key] || script.dataset[key];
    const theme = option('theme');
    if (theme) host.dataset.theme = theme;
    const root = host.attachShadow({ mode: 'open' });

    let lang = option('lang') || doc.documentElement.lang;
    if (!lang || lang == 'auto') lang = navigator.language;
    // An anchor resolves what is relative and throws at nothing.
    const canonical = doc.querySelector('link[rel=canonical]');
    const url = make('a', { href: option('url') || (canonical && canonical.href) || page.href }).href;
    const title = option('title') || doc.title;
    const sort = option('sort');
    const query = '?' + new URLSearchParams({ url, lang, ...(sort && { sort }) });

    const styled = within(
      2e3,
      new Promise((resolve) => {
        root.append(
          make('link', { rel: 'stylesheet', href: endpoint + STYLE, onload: resolve, onerror: resolve }),
        );
      }),
    ).catch(() => {});

    const show = async (old) => {
      let content;
      try {
        content = draw(
          await within(
            15e3,
            get('/v1/thread.html' + query).then(async (answer) => {
              if (answer.ok) return answer.text();
              // What a 4xx says is for the owner to read: a site that is not set up, an address that is none.
              throw answer.status < 500 && (await answer.json()).error.message;
            }),
          ),
        );
      } catch (problem) {
        const words = new Map(Object.entries(UNREACHABLE));
        const [text, again, open] = words.get(lang.toLowerCase().split('-')[0]) || words.get('en');
        content = make('section', { className: 'aw' });
        content.append(
          make('p', { className: 'aw-error', role: 'alert', textContent: typeof problem == 'string' ? problem : text }),
          make('button', {
            className: 'aw-submit',
            textContent: again,
            onclick() {
              this.disabled = true;
              show(content);
            },
          }),
          ' ',
          make('a', { href: endpoint + '/thread' + query, textContent: open }),
        );
      }
      await styled;
      if (old) old.remove();
      const section = content.querySelector('[data-messages]');
      root.append(content);
      if (section) {
        // A blog written from right to left has its comments so, also in a language that the Worker does not speak.
        section.dir = getComputedStyle(host).direction;
        adopt(section);
      }
    };

    const adopt = (section) => {
      // The plain form sends these along where the widget cannot run. By the random one the same words of two readers are two
      // comments; the widget makes its own.
      const fill = (field, value) => {
        const hidden = section.querySelector(`[name=${field}]`);
        if (hidden) hidden.value = value;
      };
      fill('title', title);
      fill('id', crypto.getRandomValues(new Uint32Array(4)).join(''));

      const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && start(), {
        rootMargin: '800px',
      });
      let started;
      let held;
      let holding = true;
      const start = () => {
        if (started) return;
        started = true;
        near.disconnect();
        within(
          2e4,
          Promise.all([import(endpoint + WIDGET), get(WASM), get(section.dataset.messages).then((it) => it.json())]).then(
            async ([glue, wasm, messages]) => {
              await glue.default({ module_or_path: wasm });
              glue.start(section, { endpoint, title, messages, parse: draw });
            },
          ),
        )
          // Without the widget the links lead to the Worker's own page and the form is a plain one.
          .catch(() => {})
          .then(() => {
            holding = false;
            // What the widget has put above the reader's words is for the reader to look at before it is sent.
            if (held && !held.querySelector('.aw-restored')) (held.querySelector('.aw-submit') || held).click();
          });
      };

      // What a reader does while the widget is on its way waits for it.
      const hold = (event) => {
        const target = event.target;
        const link = target.closest('a[href^="#comment-"]');
        const plain = !(event.ctrlKey || event.metaKey || event.shiftKey);
        if (link && plain) {
          // The browser itself looks for the target outside of the shadow root, and from the `<base>` of the page.
          event.preventDefault();
          page.hash = link.hash;
          jump();
        }
        const act = event.type == 'submit' ? target : target.closest('.aw-reply,.aw-more');
        if (act && holding && plain) {
          event.preventDefault();
          held = act;
          start();
        }
      };
      root.addEventListener('click', hold);
      root.addEventListener('submit', hold);
      root.addEventListener('pointerdown', start);
      root.addEventListener('focusin', start);
      near.observe(section);
      jump();
    };

    show();
  };

  // Looks for the host now, when the page is complete, and ever after: some pages come to have it late, or have it anew.
  const look = () => {
    let host = find();
    if (!host && doc.readyState != 'loading' && doc.body.contains(script)) {
      host = make('div', { id: 'afterword' });
      script.after(host);
    }
    if (host && !host.shadowRoot) mount(host);
  };
  look();
  doc.addEventListener('readystatechange', look);
  new MutationObserver(look).observe(doc, { childList: true, subtree: true });
})();
