// The lines that an owner puts into the template of the posts.

/** Returns the lines for the comments at an address. */
export function scriptTag(address) {
  return [
    `<script src="${address}/embed.js" async="async"></script>`,
    `<noscript><a href="${address}/thread" referrerpolicy="no-referrer-when-downgrade">Comments</a></noscript>`,
  ];
}
