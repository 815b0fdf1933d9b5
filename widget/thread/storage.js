/*
 * The browser's two storages. All keys of the widget begin with `afterword:`.
 *
 * Storage may be blocked or full, or hold a value that another script wrote. Such a value reads as absent, and a write that fails has no
 * effect: the widget then works as long as the page stays open.
 */

const open = (name) => {
  try {
    return window[name];
  } catch {
    return null;
  }
};

/** `localStorage`: shared by all tabs of the blog, kept until it is removed. */
export const local = () => open('localStorage');

/** `sessionStorage`: belongs to one tab, kept until the tab closes, reloads included. */
export const session = () => open('sessionStorage');

/** Reads a string. A missing key reads as empty. */
export const readString = (storage, key) => {
  try {
    return storage.getItem(key) || '';
  } catch {
    return '';
  }
};

/** Stores a string, or removes the key if the string is empty. */
export const writeString = (storage, key, text) => {
  try {
    if (text) storage.setItem(key, text);
    else storage.removeItem(key);
  } catch {}
};

/** Reads an object that is stored as JSON. Anything else reads as an empty object. */
export const readObject = (storage, key) => {
  try {
    const value = JSON.parse(readString(storage, key));
    return value && typeof value == 'object' ? value : {};
  } catch {
    return {};
  }
};

/** Reads the objects in a JSON array. */
export const readList = (storage, key) => {
  const list = readObject(storage, key);
  return Array.isArray(list) ? list.filter((item) => item && typeof item == 'object') : [];
};

/** Stores an object as JSON. */
export const writeObject = (storage, key, value) => writeString(storage, key, JSON.stringify(value));

/** Stores objects as a JSON array. Removes the key if there are none. */
export const writeList = (storage, key, list) => writeString(storage, key, list.length ? JSON.stringify(list) : '');
