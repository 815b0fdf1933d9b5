/* The page's side of the Web Worker: calls with promises. */

/** Starts the Web Worker. `onProgress` is called while it reads. */
export const startTools = (onProgress) => {
  const worker = new Worker(WORKER, { type: 'module' });
  const waiting = new Map();
  let last = 0;
  worker.onmessage = ({ data: { id, result, error, progress } }) => {
    if (progress) return onProgress(progress);
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    for (const { reject } of waiting.values()) reject(new Error(''));
    waiting.clear();
  };
  const call = (name, ...values) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      worker.postMessage({ id: last, call: name, values });
    });
  return Object.assign(call, { stop: () => worker.terminate() });
};
