// A theme's worker that answers everything from its cache for ever.
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET') return;
  event.respondWith((async () => {
    const cache = await caches.open('pages');
    const known = await cache.match(event.request);
    if (known) return known;
    const answer = await fetch(event.request);
    if (answer.ok || answer.type === 'opaque') cache.put(event.request, answer.clone());
    return answer;
  })());
});
