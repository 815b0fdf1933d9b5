/**
 * Types of the API that the tag puts on a page: copy this file into your project, and refer to it from any other file.
 */

/** The colours of a thread; `auto` stands for the reader's preference. Otherwise those of the page around the thread. */
export type AfterwordColours = 'light' | 'dark' | 'auto';

/** The themes that come with the Worker. */
export type AfterwordLook = 'dense' | 'classic';

/** The options of a thread. One that is missing or empty is read from the page. */
export interface AfterwordOptions {
  /** The address of the post; may be relative. Otherwise `<link rel="canonical">`, or the address of the page. */
  url?: string;
  /** The title of the post. Otherwise the title of the page. */
  title?: string;
  /** The language of the texts, such as `de`; `auto` stands for that of the reader's browser. Otherwise the page's `lang`. */
  lang?: string;
  /** The colours, the look, or both. */
  theme?: AfterwordColours | AfterwordLook | `${AfterwordLook} ${AfterwordColours}`;
  /** The order of the threads. Otherwise `oldest`. */
  sort?: 'oldest' | 'newest' | 'top';
}

/** The functions of `window.Afterword`. */
export interface AfterwordApi {
  /**
   * Shows a thread in an element of the page. On an element that has one, sets its options. Throws if a browser allows no shadow root on the
   * element: `div`, `section`, `article`, `aside`, `main`, `p` and elements of your own have one.
   */
  mount(element: HTMLElement, options?: AfterwordOptions): void;
  /** Ends the thread of an element. Nothing happens if the element has none. */
  unmount(element: HTMLElement): void;
}

/** A comment, as `GET /v1/thread` returns it. Times are Unix seconds. */
export interface AfterwordComment {
  id: number;
  parent: number | null;
  author: { name: string; website: string | null; owner: boolean; mark: string | null };
  html: string;
  created: number;
  edited: number | null;
  votes: number;
  pinned: boolean;
  deleted: boolean;
  /** The version of the thread that first showed the comment. Missing in what was published by an earlier release. */
  since?: number;
}

/** The details of the events. `url` is the address under which the thread is stored. */
export interface AfterwordEvents {
  /** The thread is on the page and can be read, or comments or a preview have been drawn later. `composedPath()[0]` is what was drawn. */
  'afterword:drawn': CustomEvent<{ url: string; count: number }>;
  /** The number of comments is known, or has changed. */
  'afterword:count': CustomEvent<{ url: string; count: number; text?: string }>;
  /** The reader can post and reply without leaving the page. */
  'afterword:ready': CustomEvent<{ url: string; count: number; version: number }>;
  /** The reader has posted. */
  'afterword:posted': CustomEvent<{ comment: AfterwordComment; status: 'published' | 'pending'; version: number }>;
  /** A request of the reader has failed. `code` is an error code of the HTTP API, or `unreachable`. */
  'afterword:error': CustomEvent<{ code: string; hint: string }>;
}

declare global {
  interface Window {
    Afterword: AfterwordApi;
  }
  interface HTMLElementTagNameMap {
    'afterword-comments': HTMLElement;
  }
  interface HTMLElementEventMap extends AfterwordEvents {}
  interface DocumentEventMap extends AfterwordEvents {}
}
