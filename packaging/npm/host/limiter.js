// Rate limiters of the kind that Cloudflare binds. One process serves all requests, so counters in memory are exact.

// Limits by binding: requests in each period of seconds.
const LIMITS = {
  COMMENT_LIMITER: { limit: 20, period: 10 },
  LOGIN_LIMITER: { limit: 10, period: 60 },
  PREVIEW_LIMITER: { limit: 40, period: 10 },
};

// The Worker recognizes a limiter by the name of its class.
export class Ratelimit {
  #limit;
  #period;
  #now;
  #window = 0;
  #counts = new Map();

  constructor({ limit, period }, now = Date.now) {
    this.#limit = limit;
    this.#period = period * 1000;
    this.#now = now;
  }

  // Counts a request under a key. Counters live for one window, which bounds their number.
  async limit({ key }) {
    const window = Math.floor(this.#now() / this.#period);
    if (window !== this.#window) {
      this.#window = window;
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return { success: count <= this.#limit };
  }
}

export const limiters = Object.fromEntries(Object.entries(LIMITS).map(([name, limit]) => [name, new Ratelimit(limit)]));
