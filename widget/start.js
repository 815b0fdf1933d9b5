/*
 * The entry of the widget's JavaScript. The build bundles it with the glue of the WebAssembly; the loader imports the result when a thread
 * needs the widget.
 */
import { createTimeWriter } from './times.js';
import init, { start as attach } from './widget.js';

// One instance serves all threads of the page.
let instance;

// Starts the widget on a thread. `responses` are the WebAssembly and the texts. `stop` of the configuration is for the loader.
export const start = async (section, config, [wasm, messages]) => {
  config.messages = await messages.json();
  try {
    await (instance = instance || init({ module_or_path: wasm }));
  } catch (error) {
    instance = undefined;
    if (/unsafe-eval|CSP/.test(error)) config.report("Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy.");
    throw error;
  }
  // The page may have moved on meanwhile.
  if (!section.isConnected) return;
  config.writeTimes = createTimeWriter(config.messages.locale, config.lang);
  section.addEventListener('afterword:error', (event) => config.report(event.detail.hint));
  let handle = attach(section, config);
  // The age of comments changes while they are read.
  const timer = setInterval(() => config.writeTimes(section), 6e4);
  config.stop = () => {
    clearInterval(timer);
    handle?.free();
    handle = undefined;
  };
};
