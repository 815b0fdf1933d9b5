// `afterword dev`: shows a page with comments on this machine, without an account.

import { createServer } from 'node:http';
import { resolve } from 'node:path';
import { Failure } from '../failure.js';
import { message } from '../messages.js';
import serve from './serve.js';

export default async function dev(context) {
  const { options, env, cwd, terminal } = context;
  const blogPort = Number(options['blog-port']);
  const site = `http://localhost:${blogPort}`;
  const blog = createServer((request, response) => answer(request, response, `http://localhost:${options.port}`));
  await new Promise((done, failed) => {
    blog.once('error', (error) => failed(new Failure('serve.port', { host: 'localhost', port: blogPort, reason: error.code })));
    blog.listen(blogPort, '127.0.0.1', done);
  });
  terminal.note(message('dev.blog', { site }));
  try {
    const data = resolve(cwd, options.data);
    return await serve({ ...context, env: { MODERATION: 'open', ...env }, options: { data, port: options.port, host: '127.0.0.1', site } });
  } finally {
    blog.close();
    blog.closeAllConnections();
  }
}

function answer(request, response, worker) {
  const path = new URL(request.url, 'http://localhost').pathname;
  if (path === '/favicon.ico') return response.writeHead(204).end();
  if (path !== '/') return response.writeHead(302, { location: '/' }).end();
  return response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(worker));
}

function page(worker) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A post with comments</title>
<style>body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.6 system-ui, sans-serif; }</style>
</head>
<body>
<main>
<h1>A post with comments</h1>
<p>This page stands for a post of your blog. Write below it. All comments stay on this machine.</p>
<script src="${worker}/embed.js" async></script>
</main>
</body>
</html>
`;
}
