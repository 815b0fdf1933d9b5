//! `/thread/report`: the page on which a reader without JavaScript reports a comment.

use afterword_model::body::ReportBody;
use afterword_model::{CommentId, PageReader, PostRef, Refusal, ReportReason, Sort};
use afterword_view::Report;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::form_fields::FormFields;
use crate::http::form_origin::require_trusted_form;
use crate::http::language::messages;
use crate::http::read_api::render_context;
use crate::http::reader_forms::CommentForm;
use crate::http::request::ApiRequest;
use crate::http::setup::page_assets;
use crate::http::spam_check;
use crate::http::thread_page::error_page;
use crate::kv_reader::KvReader;
use crate::response;

/// The report as far as the reader has filled it in.
#[derive(Clone, Copy, Default)]
struct Filled<'a> {
    reason: &'a str,
    text: &'a str,
    refusal: Option<&'a str>,
    retry_after: Option<u32>,
    is_sent: bool,
}

/// `GET /thread/report`: shows the form.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let url = request.query_value("url").unwrap_or_default();
    let language = request.query_value("lang").unwrap_or_default();
    let result = match (app.settings.sites.resolve_post(&url), request.query_comment("id")) {
        (Ok(post), Some(id)) => show(app, request, &language, (&post, id), 200, Filled::default()).await,
        (Ok(_), None) => Err(Refusal::UnknownComment.into()),
        (Err(refusal), _) => Err(refusal.into()),
    };
    match result {
        Ok(response) => Ok(response),
        Err(error) => Ok(error_page(app, request, error)?),
    }
}

/// `POST /thread/report`: takes the form.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    match report(app, request).await {
        Ok(response) => Ok(response),
        Err(error) => Ok(error_page(app, request, error)?),
    }
}

async fn report(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    spam_check::check_rate(app, request).await?;
    let fields = FormFields::read(app, request).await?;
    let post = app.settings.sites.resolve_post(fields.value("url"))?;
    app.log.set_site(post.site.as_str());
    require_trusted_form(app, request, &post.site)?;
    let (comment, language) = ((&post, fields.comment()?), fields.value("lang"));
    let filled = Filled { reason: fields.value("reason"), text: fields.value("text"), ..Filled::default() };
    let form = CommentForm { post: &post, id: comment.1, author: None };
    // A browser demands a reason.
    let result = match filled.reason.parse::<ReportReason>() {
        Ok(reason) => form.report(app, request, &ReportBody { reason, text: Some(filled.text.to_owned()) }).await,
        Err(_) => Err(Refusal::BadQuery.into()),
    };
    match result {
        Ok(_) => show(app, request, language, comment, 200, Filled { is_sent: true, ..filled }).await,
        Err(error) => {
            let retry_after = error.retry_after();
            let refusal = error.into_refusal(&app.log);
            let filled = Filled { refusal: Some(refusal.code()), retry_after, ..filled };
            show(app, request, language, comment, refusal.status(), filled).await
        }
    }
}

/// Shows the page with the comment as readers see it.
async fn show(
    app: &AppContext,
    request: &ApiRequest,
    language: &str,
    (post, id): (&PostRef, CommentId),
    status: u16,
    filled: Filled<'_>,
) -> Result<Response, ApiError> {
    let (thread, _) = KvReader::new(app)?.read(post, |url| PageReader::for_comment(url, id, Sort::Oldest)).await?;
    let endpoint = request.endpoint();
    let context = render_context(messages(request, language), &endpoint);
    let report = Report {
        url: &post.requested_url,
        id,
        comment: thread.comments.iter().find(|comment| comment.id == id),
        reason: filled.reason,
        text: filled.text,
        refusal: filled.refusal,
        retry_after: filled.retry_after,
        is_sent: filled.is_sent,
    };
    let response = response::page(status, afterword_view::report_page(&context, &report, &page_assets(request)))?;
    Ok(response::with_retry_after(response, filled.retry_after)?)
}
