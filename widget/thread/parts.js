/* The parts of the widget that are loaded when they are used. The build replaces PARTS by the path of each. */

/** Loads a part, and the texts that the parts share, and passes it to a function. On failure calls the other function. */
export const usePart = async (thread, name, use, onFailure) => {
  let part;
  try {
    [part] = await Promise.all([import(thread.endpoint + PARTS[name]), loadTexts(thread)]);
  } catch {
    if (!thread.isEnded) onFailure();
    return;
  }
  if (!thread.isEnded) use(part);
};

/** Adds the texts of the parts to the catalogue. Their path is that of the catalogue under another name. */
const loadTexts = (thread) => {
  if (!thread.moreTexts) {
    const path = thread.section.dataset.messages.replace('/messages-', '/on-demand-');
    thread.moreTexts = thread.request(path).then(
      (texts) => thread.isEnded || thread.addTexts(texts),
      (error) => {
        // The next use tries again.
        thread.moreTexts = null;
        throw error;
      },
    );
  }
  return thread.moreTexts;
};
