// Puts published comments into the HTML files of a folder: `node bake.mjs <address of the Worker> <folder>`.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [worker, folder] = process.argv.slice(2);
if (!worker || !folder) {
  console.error('usage: node bake.mjs <address of the Worker> <folder>');
  process.exit(1);
}

// An empty place for comments, and what an earlier run has put into it.
const place = /(<div id="afterword" data-url="([^"]+)"[^>]*>)(?:<!--baked-->[^]*?<!--\/baked-->)?(?=<\/div>)/;
const language = /<html[^>]*\blang="?([\w-]+)/i;

for (const name of await readdir(folder, { recursive: true })) {
  if (!name.endsWith('.html')) continue;
  const path = join(folder, name);
  const page = await readFile(path, 'utf8');
  const [, , url] = place.exec(page) ?? [];
  if (!url) continue;
  const query = new URLSearchParams({ url: url.replaceAll('&amp;', '&'), lang: language.exec(page)?.[1] ?? '' });
  try {
    const response = await fetch(`${worker}/v1/thread.html?${query}`);
    const html = await response.text();
    if (!response.ok) throw new Error(html);
    // A function, because a comment may contain `$&`.
    await writeFile(path, page.replace(place, (_, start) => `${start}<!--baked-->${html}<!--/baked-->`));
    console.log(`${name}: comments of ${url}`);
  } catch (error) {
    console.error(`${name}: no comments, because ${error.cause ?? error.message}`);
    process.exitCode = 1;
  }
}
