/* The parts of the widget that are loaded when they are used. The build replaces PARTS by the path of each. */

/**
 * Loads a part, and the texts that the parts share, and passes it to a function. On failure calls the other function, which by default tells
 * the reader that what they pressed has not worked.
 */
export const usePart = async (thread, name, use, onFailure = () => reportFailure(thread)) => {
  let part;
  try {
    [part] = await Promise.all([import(thread.endpoint + PARTS[name]), loadTexts(thread)]);
  } catch {
    if (!thread.isEnded) onFailure();
    return;
  }
  if (!thread.isEnded) use(part);
};

const reportFailure = (thread) => {
  thread.announce(thread.text('error.unknown'));
  thread.reportError({ code: 'unreachable', hint: '' });
};

/** Loads the part for comments that cannot be sent as long as it can be loaded: when it is needed, there is no connection. */
export const prepareOffline = (thread) => {
  if (thread.isOfflinePrepared || navigator.onLine === false) return;
  thread.isOfflinePrepared = true;
  const onFailure = () => {
    // The next text that is typed tries again.
    thread.isOfflinePrepared = false;
  };
  usePart(thread, 'offline', () => {}, onFailure);
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
