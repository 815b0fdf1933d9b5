// The owner's tools: the rules of Afterword as WebAssembly, loaded when a command needs them.

import { readFile } from 'node:fs/promises';
import { Failure } from './failure.js';

const GLUE = new URL('../owner/tools.js', import.meta.url);
const WASM = new URL('../owner/tools.wasm', import.meta.url);

let loaded;

/** Loads the module once. Its functions throw an `Error` with a text for the owner. */
export function loadTools() {
  loaded ??= load();
  return loaded;
}

async function load() {
  try {
    const [glue, module] = await Promise.all([import(GLUE), readFile(WASM)]);
    glue.initSync({ module });
    return glue;
  } catch (error) {
    throw new Failure('tools.broken', { reason: error.message });
  }
}
