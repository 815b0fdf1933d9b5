// The functions that the owner's tools call while they read files: synchronous access to the files, and a temporary file for intermediate data.

import { closeSync, openSync, readSync, readdirSync, statSync, writeSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { Failure } from './failure.js';
import { temporaryFile } from './temporary.js';

/** Maximum number of files: more than any export has, and a mistake such as the folder of a whole disk. */
const MAX_FILES = 200_000;

/** Finds the files that the owner names: files, and all files in folders but hidden ones. Returns `{ path, name, length }` in the order of their names. */
export function findFiles(paths) {
  const found = [];
  for (const path of paths) {
    try {
      collect(found, path, statSync(path).isDirectory() ? path : undefined);
    } catch (error) {
      throw error instanceof Failure ? error : new Failure('file.unreadable', { file: path, reason: error.message });
    }
  }
  if (found.length === 0) throw new Failure('import.no_files');
  return found;
}

function collect(found, path, root) {
  const info = statSync(path);
  if (info.isDirectory()) {
    for (const name of readdirSync(path).sort()) {
      if (!name.startsWith('.') && name !== '__MACOSX') collect(found, join(path, name), root);
    }
  } else if (info.isFile()) {
    if (found.length === MAX_FILES) throw new Failure('import.too_many_files', { max: MAX_FILES });
    const name = root === undefined ? basename(path) : relative(root, path).split(sep).join('/');
    found.push({ path, name, length: info.size });
  }
}

/** Files and intermediate data of one import. `close` deletes the temporary file. */
export class ImportHost {
  #files;
  #open = { index: -1, handle: undefined };
  #spool;
  #onProgress;
  #length = 0;

  constructor(files, onProgress) {
    this.#files = files;
    this.#onProgress = onProgress;
  }

  /** The list of files for the owner's tools. */
  get list() {
    return JSON.stringify(this.#files.map(({ name, length }) => ({ name, length })));
  }

  read(index, offset, target) {
    if (this.#open.index !== index) {
      this.#closeFile();
      this.#open = { index, handle: openSync(this.#files[index].path, 'r') };
    }
    return readSync(this.#open.handle, target, 0, target.length, offset);
  }

  append(bytes) {
    this.#spool ??= temporaryFile();
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#spool.handle, bytes, at, bytes.length - at, this.#length + at);
    this.#length += bytes.length;
  }

  readAt(offset, target) {
    for (let done = 0; done < target.length; ) {
      const count = readSync(this.#spool.handle, target, done, target.length - done, offset + done);
      if (count === 0) throw new Error('the temporary file is incomplete');
      done += count;
    }
  }

  progress(bytes, total, comments) {
    this.#onProgress(bytes, total, comments);
  }

  #closeFile() {
    if (this.#open.handle !== undefined) closeSync(this.#open.handle);
    this.#open = { index: -1, handle: undefined };
  }

  close() {
    this.#closeFile();
    this.#spool?.close();
    this.#spool = undefined;
  }
}
