//! The static assets, where the platform does not serve them by itself: below the base path.

use worker::{Env, Fetcher, Request, Response};

use crate::http::request::ApiRequest;
use crate::response;

/// Binding of the static assets.
const ASSETS: &str = "ASSETS";

/// Returns true if a path is that of an asset, whether it exists or not.
pub(crate) fn is_asset(path: &str) -> bool {
    path.starts_with("/assets/") || matches!(path, "/embed.js" | "/count.js")
}

/// Serves the asset at a path, or `404`.
pub(crate) async fn serve(env: &Env, request: &ApiRequest) -> worker::Result<Response> {
    let target = format!("{}{}", request.own_origin(), request.path());
    let headers = worker::Headers::new();
    if let Some(known) = request.header("if-none-match") {
        headers.set("if-none-match", &known)?;
    }
    let mut init = worker::RequestInit::new();
    init.with_headers(headers);
    response::with_own_headers(&fetch(env, Request::new_with_init(&target, &init)?).await?.into())
}

/// Fetches an asset by its path on the Worker.
pub(crate) async fn fetch(env: &Env, request: Request) -> worker::Result<Response> {
    let assets: Fetcher = env.assets(ASSETS)?;
    assets.fetch_request(request).await
}
