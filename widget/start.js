/*
 * The entry of the widget's JavaScript. The build bundles it with the modules of `thread` and the glue of the WebAssembly, which it names `afterword-glue`; the loader
 * imports the result when a thread needs the widget.
 */
import { report } from './report.js';
import { Thread } from './thread/thread.js';
import init, { PowSolver, Renderer } from 'afterword-glue';

// One instance serves all threads of the page.
let instance;

// Starts the widget on a thread. `responses` are the WebAssembly and the texts. `stop` of the configuration is for the loader.
export const start = async (section, config, [wasm, messages]) => {
  const catalogue = await messages.json();
  try {
    await (instance = instance || init({ module_or_path: wasm }));
  } catch (error) {
    instance = undefined;
    if (/unsafe-eval|CSP/.test(error)) report("Add 'wasm-unsafe-eval' to script-src of the Content-Security-Policy.");
    throw error;
  }
  // The page may have moved on meanwhile.
  if (!section.isConnected) return;
  const { messages: path, url: canonical, version, hint } = section.dataset;
  report(hint);
  const opened = section.querySelector('.aw-form [name=url]');
  // Links lead back to the address that the reader opened, which the form contains.
  const url = (opened && opened.value) || canonical;
  const renderer = Renderer.create(catalogue, path, config.endpoint, url);
  // A Worker of another version rendered the section.
  if (!renderer || !version) return;
  section.addEventListener('afterword:error', (event) => report(event.detail.hint));
  const thread = new Thread(section, config, { catalogue, url, renderer, Solver: PowSolver });
  config.stop = () => {
    thread.end();
    config.stop = () => {};
  };
  try {
    thread.start();
  } catch (error) {
    config.stop();
    throw error;
  }
};
