//! `POST /v1/preview`: the text of a comment as it would be published. Nothing is stored, and no object is called.

use afterword_model::body::{PreviewBody, parse_object};
use afterword_model::{ChosenPost, NewComment, Refusal, SafeHtml};
use serde::Serialize;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::rate_limiter::PREVIEW_LIMITER;
use crate::http::read_api::requested_post;
use crate::http::request::ApiRequest;
use crate::http::submit_comment::{render_text, require_same_site, site_of_page};
use crate::response::json;

/// A well-formed id. A preview has none.
const NIL_ID: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Serialize)]
struct PreviewReply {
    /// The rendered text.
    html: SafeHtml,
}

/// `POST /v1/preview`. The rules, limits and errors for the text are those of a comment.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let page_site = site_of_page(app, request.origin().as_deref())?;
    if !request.has_media_type("application/json") {
        return Err(Refusal::BadMediaType.into());
    }
    let ChosenPost { post, .. } = requested_post(app, request)?;
    require_same_site(page_site, &post.site)?;
    if PREVIEW_LIMITER.is_limited(app, request).await {
        return Err(ApiError::too_many(PREVIEW_LIMITER.window_seconds));
    }
    let PreviewBody { text } = parse_object(&request.read_body(&app.log).await?)?;
    let comment = NewComment { id: NIL_ID.to_owned(), url: post.requested_url, text, ..NewComment::default() };
    let submission = comment.validate(&app.settings.sites).map_err(|refusal| ApiError::invalid(&comment, refusal))?;
    Ok(json(200, &PreviewReply { html: render_text(&submission.text)?.html })?)
}
