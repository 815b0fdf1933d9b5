/*
 * The times of a thread, in words of the browser and in the reader's time zone: how long ago, for a week, and after that the date. The full time
 * is the title of the element.
 */
const DAY = 864e5;

// The locale of the texts, or that of the page if it is the same language with a region: a page in `en-US` gets American dates. Calendar and
// digits are those of the texts, because engines differ in them.
const chooseLocale = (texts, page) => {
  const { language, calendar, numberingSystem } = new Intl.Locale(texts);
  try {
    const locale = new Intl.Locale(page, { calendar, numberingSystem });
    if (locale.region && locale.language == language) return locale;
  } catch {
    // The page has no valid tag.
  }
  return texts;
};

// Number of the day in the reader's time zone. Days of 23 and 25 hours count as one.
const countDays = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY;

// Returns the function that writes the times of a part of the thread.
export const createTimeWriter = (texts, page) => {
  const locale = chooseLocale(texts, page);
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' });
  const ages = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

  const describe = (date, now) => {
    // The reader's clock may be behind that of the Worker.
    const minutes = Math.max(0, Math.floor((now - date) / 6e4));
    if (!minutes) return ages.format(0, 'second');
    if (minutes < 60) return ages.format(-minutes, 'minute');
    if (minutes < 1440) return ages.format(-Math.floor(minutes / 60), 'hour');
    const days = countDays(now) - countDays(date);
    return days > 7 ? dates.format(date) : ages.format(-days, 'day');
  };

  return (part) => {
    const now = new Date();
    part.querySelectorAll('time').forEach((time) => {
      const date = new Date(time.dateTime);
      if (isNaN(date)) return;
      const text = describe(date, now);
      // A selection survives if nothing changes.
      if (time.textContent != text) time.textContent = text;
      // The title stays true, and to write it takes longer than the rest.
      if (!time.isWritten) time.title = times.format(date);
      time.isWritten = true;
    });
  };
};
