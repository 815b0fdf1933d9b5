//! The platform's rate limiters, as a first limit where they are bound.
//!
//! They count for each location of the platform separately, and not exactly (Cloudflare's documentation, "Rate Limiting"), but cost
//! nothing, and a request that they refuse reaches no object.

use std::time::Duration;

use afterword_model::Site;
use worker::console_error;

use crate::context::AppContext;
use crate::http::request::ApiRequest;
use crate::platform::clock::now_seconds;
use crate::platform::timeout::with_timeout;

/// Deadline of a limiter. Without an answer the request is allowed.
const LIMITER_TIMEOUT: Duration = Duration::from_secs(1);

/// A rate limiter of `wrangler.toml`.
pub(crate) struct RateLimiter {
    binding: &'static str,
    /// Length of its window, in seconds.
    pub(crate) window_seconds: u32,
}

/// Limiter for comments.
pub(crate) const COMMENT_LIMITER: RateLimiter = RateLimiter { binding: "COMMENT_LIMITER", window_seconds: 10 };
/// Limiter for previews, which a page requests while a reader types.
pub(crate) const PREVIEW_LIMITER: RateLimiter = RateLimiter { binding: "PREVIEW_LIMITER", window_seconds: 10 };
/// Limiter for wrong moderator secrets.
pub(crate) const LOGIN_LIMITER: RateLimiter = RateLimiter { binding: "LOGIN_LIMITER", window_seconds: 60 };

impl RateLimiter {
    /// Counts a request under its network's pseudonym, and returns true if it exceeds the limit. Returns false if the limiter is not bound or
    /// fails. The pseudonym is that of the first site: a network has one limit for all sites, because the site is not known before the body
    /// is read.
    pub(crate) async fn is_limited(&self, app: &AppContext, request: &ApiRequest) -> bool {
        let Some(site) = app.settings.sites.iter().next().map(Site::origin).filter(|_| app.settings.rate_limits) else {
            return false;
        };
        let Ok(limiter) = app.env.rate_limiter(self.binding) else { return false };
        let network_id = request.network().ids(site, now_seconds(), &app.settings.signing_key).network;
        match with_timeout(LIMITER_TIMEOUT, limiter.limit(network_id)).await {
            Some(Ok(outcome)) => !outcome.success,
            Some(Err(error)) => {
                console_error!("rate limiter failed limiter={} {} cause={error}", self.binding, app.log);
                false
            }
            None => {
                console_error!("rate limiter failed limiter={} {} cause=timed out", self.binding, app.log);
                false
            }
        }
    }
}
