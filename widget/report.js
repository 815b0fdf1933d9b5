/* Advice for the owner of the blog. */

/** Writes to the console what the owner has to correct. The same advice is given once. */
export const report = (hint) => {
  const shared = window[Symbol.for('afterword')] || {};
  if (hint && hint != shared.hint) window.console.error('Afterword: ' + (shared.hint = hint));
};
