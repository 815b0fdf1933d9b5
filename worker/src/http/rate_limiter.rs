//! The platform's own limiters: the first gates, where they are bound.
//!
//! They count for each of the platform's places by itself, and not exactly (Cloudflare's documentation, "Rate Limiting"), but cost nothing, and
//! what stops here asks no object.

use std::time::Duration;

use afterword_guard::Network;
use afterword_model::Origin;
use worker::console_error;

use crate::http::request::ApiRequest;
use crate::http::router::AppContext;
use crate::platform::clock::now_seconds;
use crate::platform::timeout::with_timeout;

/// A limiter that does not answer is no reason to make anybody wait.
const LIMIT: Duration = Duration::from_secs(1);

/// A limiter of `wrangler.toml`.
pub(crate) struct RateLimiter {
    binding: &'static str,
    /// The seconds in which it counts.
    pub(crate) seconds: u32,
}

/// For comments.
pub(crate) const POSTS: RateLimiter = RateLimiter { binding: "POSTS", seconds: 10 };
/// For wrong secrets.
pub(crate) const SECRETS: RateLimiter = RateLimiter { binding: "SECRETS", seconds: 60 };

impl RateLimiter {
    /// Counts a call for its network, under the network's seal on a site; whether it is one too many. Where the limiter is missing or fails,
    /// none is.
    pub(crate) async fn is_shut(&self, app: &AppContext, call: &ApiRequest, site: &Origin) -> bool {
        if !app.settings.rate_limits {
            return false;
        }
        let Ok(limiter) = app.env.rate_limiter(self.binding) else { return false };
        let seal = network(call).ids(site, now_seconds(), &app.settings.signing_key).network;
        match with_timeout(LIMIT, limiter.limit(seal)).await {
            Some(Ok(outcome)) => !outcome.success,
            Some(Err(error)) => {
                console_error!("the limiter {}: {error}", self.binding);
                false
            }
            None => {
                console_error!("the limiter {}: no answer in time", self.binding);
                false
            }
        }
    }
}

/// The network that a request comes from. The platform sets this header, and no client can (Cloudflare's documentation, "Cloudflare HTTP
/// headers").
pub(crate) fn network(call: &ApiRequest) -> Network {
    Network::from_address(call.header("cf-connecting-ip").as_deref())
}
