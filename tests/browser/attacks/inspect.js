// Inspects a document for `inspector.rs`: the faults in the texts of comments, and the path to every node around them.
// `arguments` are the Worker's origin and optionally documents as text; without these, the open page is inspected.
const [endpoint, texts] = arguments;
const XHTML = 'http://www.w3.org/1999/xhtml';
const URL_ATTRIBUTES = ['action', 'cite', 'data-endpoint', 'data-messages', 'data-url', 'formaction', 'href', 'ping', 'src', 'srcdoc'];
const TEXT_ATTRIBUTES = ['aria-label', 'datetime', 'title', 'value'];

// Fields with the same names shadow the own properties of a form, but not the inherited getters.
const property = (prototype, name) => {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name);
  return (node) => get.call(node);
};
const attributesOf = property(Element.prototype, 'attributes');
const childrenOf = property(Node.prototype, 'childNodes');
const typeOf = property(Node.prototype, 'nodeType');
const nameOf = property(Element.prototype, 'localName');
const spaceOf = property(Element.prototype, 'namespaceURI');
const htmlOf = property(Element.prototype, 'innerHTML');
const shadowOf = property(Element.prototype, 'shadowRoot');
const matches = (node, selector) => Element.prototype.matches.call(node, selector);
const contentOf = (node) => (node instanceof HTMLTemplateElement ? node.content : null);

// A short description of an address's target. Unknown targets are given in full.
const describeTarget = (address) => {
  if (/^#(comment-\d+|reply)$/.test(address)) return address.replace(/\d+/, 'N');
  let url;
  try {
    url = new URL(address, endpoint);
  } catch {
    return `invalid: ${address}`;
  }
  if (url.username || url.password) return `with a password: ${address}`;
  if (url.origin === endpoint) return `worker: ${url.pathname.replace(/[0-9a-f]{16}/, 'H')}`;
  return /^https?:$/.test(url.protocol) ? 'external' : address;
};

// The outlines of an avatar depend on the author's mark.
const isOutline = (name, value) => name === 'd' && /^[MHVLAZhvlaz\d -]+$/.test(value);

const attribute = ({ name, value }) => {
  if (URL_ATTRIBUTES.includes(name)) return `${name}=${describeTarget(value)}`;
  if (TEXT_ATTRIBUTES.includes(name) || isOutline(name, value)) return name;
  return `${name}=${value.replace(/\d+/g, 'N')}`;
};

// An article or its heading gets this when the widget moves the focus to it.
const isFocusMark = (element, { name, value }) =>
  /^(article|h\d)$/.test(nameOf(element)) && name === 'tabindex' && value === '-1';

const describe = (element) => {
  const space = spaceOf(element) === XHTML ? '' : `${spaceOf(element)} `;
  const attributes = [...attributesOf(element)].filter((one) => !isFocusMark(element, one));
  return `${space}${nameOf(element)}[${attributes.map(attribute).sort().join(', ')}]`;
};

// The allowed elements and attributes of a comment text, independently of the code that is tested.
const isAllowed = (element) => {
  if (spaceOf(element) !== XHTML) return false;
  const isAuto = /^(p|li|blockquote)$/.test(nameOf(element));
  const direction = isAuto ? 'auto' : /^(a|code|pre)$/.test(nameOf(element)) ? 'ltr' : '';
  const attributes = [...attributesOf(element)]
    .map(({ name, value }) => [name, value])
    .filter(([name, value]) => !(direction && name === 'dir' && value === direction))
    // Code scrolls, so the renderer of the thread puts it into the tab order.
    .filter(([name, value]) => !(nameOf(element) === 'pre' && name === 'tabindex' && value === '0'));
  const only = (name, pattern) => attributes.every(([other, value]) => other === name && pattern.test(value));
  switch (nameOf(element)) {
    case 'a':
      return (
        attributes.length === 2 &&
        element.getAttribute('rel') === 'nofollow ugc noopener noreferrer' &&
        /^(https?:\/\/|mailto:)/.test(element.getAttribute('href') || '') &&
        ['http:', 'https:', 'mailto:'].includes(element.protocol)
      );
    case 'ol':
      return only('start', /^\d{1,9}$/);
    case 'li':
      return only('value', /^\d{1,9}$/);
    case 'code':
      return only('class', /^language-[a-z0-9+#.-]{1,20}$/);
    default:
      return attributes.length === 0 && /^(p|br|em|strong|del|pre|blockquote|ul)$/.test(nameOf(element));
  }
};

const findForbidden = (root, where, faults) => {
  for (const node of childrenOf(root)) {
    if (typeOf(node) === Node.ELEMENT_NODE) {
      if (!isAllowed(node)) faults.push(`${where}: ${describe(node)}`);
      findForbidden(node, where, faults);
    } else if (typeOf(node) !== Node.TEXT_NODE) {
      faults.push(`${where}: a node of type ${typeOf(node)}: ${node.nodeValue}`);
    }
  }
};

// Serializing and parsing must give the same tree. Text areas are emptied first, because the HTML standard drops their
// first line feed.
const checkRoundTrip = (element, where, faults) => {
  const copy = Node.prototype.cloneNode.call(element, true);
  copy.normalize();
  for (const field of copy.querySelectorAll('textarea')) field.textContent = '';
  const again = document.createElement('template');
  again.innerHTML = htmlOf(copy);
  // WebKit splits long texts.
  again.content.normalize();
  const [before, after] = [[...childrenOf(copy)], [...again.content.childNodes]];
  if (before.length !== after.length || before.some((node, at) => !node.isEqualNode(after[at]))) {
    // Without the last character, of which there may be only a half.
    const begin = [...htmlOf(copy).slice(0, 500)].slice(0, -1).join('');
    faults.push(`${where}: changes when parsed again: ${begin}`);
  }
  return htmlOf(copy);
};

const inspect = (root) => {
  const faults = [];
  const nodes = new Set();
  const items = [];
  const walk = (parent, path) => {
    for (const node of childrenOf(parent)) {
      const type = typeOf(node);
      if (type === Node.TEXT_NODE) {
        if (node.nodeValue.trim()) nodes.add(`${path} text`);
        continue;
      }
      if (type !== Node.ELEMENT_NODE) {
        nodes.add(`${path} node of type ${type} ${type === Node.DOCUMENT_TYPE_NODE ? node.name : node.nodeValue}`);
        continue;
      }
      const here = `${path} > ${describe(node)}`;
      nodes.add(here);
      const item = matches(node, '.aw-item');
      if (item) {
        if (items.includes(node.id)) faults.push(`${node.id} is there twice`);
        items.push(node.id);
      }
      if (matches(node, '.aw-item .aw-text')) {
        const { id } = node.closest('.aw-item');
        findForbidden(node, id, faults);
        const html = checkRoundTrip(node, id, faults);
        findForbidden(new DOMParser().parseFromString(html, 'text/html').body, `${id}, as a document`, faults);
        continue;
      }
      // The nesting depth of a comment is irrelevant.
      walk(node, item ? 'item' : here);
      for (const [root, name] of [[shadowOf(node), 'shadow'], [contentOf(node), 'content']]) {
        if (root) walk(root, `${here} ${name}`);
      }
    }
  };
  walk(root, '');
  // The blog's own page is not checked.
  if (root.body && !Document.prototype.querySelector.call(root, 'div#afterword')) checkRoundTrip(root.body, 'the document', faults);
  return { faults, nodes: [...nodes], items };
};

if (texts) return texts.map((text) => inspect(new DOMParser().parseFromString(text, 'text/html')));

const host = document.querySelector('div#afterword');
const report = inspect(document);
report.nodes.push(`a document of type ${document.contentType}, ${document.compatMode}, ${document.characterSet}`);
report.nodes.push(`${window.frames.length} frames`);
const section = host?.shadowRoot?.querySelector('.aw');
if (section) checkRoundTrip(section, 'the widget', report.faults);
const keys = [...Object.keys(Object.prototype), ...Object.keys(Array.prototype), ...Object.keys(Function.prototype)];
if (keys.length) report.faults.push(`prototypes have ${keys}`);
try {
  if (document.cookie) report.faults.push(`a cookie: ${document.cookie}`);
} catch {
  // A sandboxed document has no cookies and throws.
}
return [report];
