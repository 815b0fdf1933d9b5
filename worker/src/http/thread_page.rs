//! The standalone page for readers without JavaScript: the thread with a plain form.

use afterword_ledger::SubmitReply;
use afterword_model::body::PlainForm;
use afterword_model::{CommentId, Field, Origin, Refusal, Sort, Status, Thread};
use afterword_view::{Form, Messages, Notice, ParentComment, catalogue};
use url::form_urlencoded;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::challenge;
use crate::http::read_api::{ThreadQuery, render_context, thread_query};
use crate::http::request::ApiRequest;
use crate::http::setup::{page_assets, unknown_site_page};
use crate::http::spam_check::{self, SubmissionContext};
use crate::http::submit_comment;
use crate::kv_reader::KvReader;
use crate::platform::clock::now_millis;
use crate::platform::random;
use crate::response;

/// Window in milliseconds within which two submissions of a form without an id count as one comment.
const DUPLICATE_WINDOW: u64 = 10 * 60 * 1000;
/// A well-formed id, used until the real one is derived.
const NIL_ID: &str = "00000000-0000-0000-0000-000000000000";

/// `GET /thread`: shows the page.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    if request.query_value("url").is_none()
        && let Some(response) = redirect_to_referring_post(app, request)?
    {
        return Ok(response);
    }
    match show(app, request).await {
        Ok(response) => Ok(response),
        Err(error) => Ok(error_page(app, request, error)?),
    }
}

async fn show(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let ThreadQuery { post, page, sort } = thread_query(app, request)?;
    let (thread, _) = KvReader::new(app)?.page(&post.url, page, sort).await?;
    let parent = request.query_value("reply").and_then(|id| id.parse().ok()).map(CommentId::new);
    let id = random::submission_id()?.to_string();
    let token = challenge::form_token(app, &post, "")?;
    let form = Form {
        id: &id,
        token: &token,
        url: &post.requested_url,
        title: &thread.title,
        parent: parent.map(|id| parent_comment(&thread, id)),
        ..Form::default()
    };
    let notice = match request.query_value("posted").as_deref() {
        Some("published") => Some(Notice::Published),
        Some("pending") => Some(Notice::Pending),
        Some("repeat") => Some(Notice::Repeat),
        _ => None,
    };
    let language = request.query_value("lang").unwrap_or_default();
    Ok(render(request, &language, 200, &thread, &form, notice)?)
}

/// Redirects a request without `url` to the post from which it came. With it, one line of HTML serves every post of a blog: a link to
/// `/thread`, whose `Referer` names the post.
fn redirect_to_referring_post(app: &AppContext, request: &ApiRequest) -> worker::Result<Option<Response>> {
    let post = request.header("referer").and_then(|referer| app.settings.sites.resolve_post(&referer).ok());
    let Some(post) = post else { return Ok(None) };
    let language = request.query_value("lang");
    let mut response = response::see_other(&thread_path(&post.requested_url, language.as_deref(), None))?;
    response.headers_mut().set("vary", "Referer")?;
    Ok(Some(response))
}

/// `POST /thread`: takes the form.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let form = match read_form(request) {
        Ok(form) => form,
        Err(refusal) => return Ok(error_page(app, request, refusal.into())?),
    };
    match submit(app, request, &form).await {
        Ok((SubmitReply { posted, repeat }, post_url)) => {
            let (outcome, fragment) = match (repeat, posted.status) {
                (_, Status::Pending) => ("pending", String::new()),
                (true, Status::Published) => ("repeat", format!("#comment-{}", posted.comment.id)),
                (false, Status::Published) => ("published", format!("#comment-{}", posted.comment.id)),
            };
            let path = thread_path(&post_url, Some(&form.lang), Some(outcome));
            Ok(response::see_other(&format!("{path}{fragment}"))?)
        }
        Err(error) => Ok(show_again(app, request, &form, error).await?),
    }
}

/// Seed of the comment's id, which distinguishes intended repeats of the same text. A form rendered for everybody has no id of its own;
/// the time replaces it.
fn id_seed(form: &PlainForm) -> String {
    if form.comment.id.is_empty() { (now_millis() / DUPLICATE_WINDOW).to_string() } else { form.comment.id.clone() }
}

fn read_form(request: &mut ApiRequest) -> Result<PlainForm, Refusal> {
    if !request.has_media_type("application/x-www-form-urlencoded") {
        return Err(Refusal::BadMediaType);
    }
    Ok(PlainForm::parse(&request.take_body()?))
}

/// Submits the comment of a form. Returns the outcome and the address of the post.
async fn submit(app: &AppContext, request: &ApiRequest, form: &PlainForm) -> Result<(SubmitReply, String), ApiError> {
    let mut comment = form.comment.clone();
    comment.id = NIL_ID.to_owned();
    comment.parent = form.parent()?;
    let mut submission = comment.validate(&app.settings.sites)?;
    submission.id = app.settings.signing_key.submission_id(&submission, &id_seed(form));
    require_known_page(app, request, &submission.post.site)?;
    let post_url = submission.post.requested_url.clone();
    spam_check::check_rate(app, request, &submission.post.site).await?;
    let context = SubmissionContext::from_form(app, request, &submission.post, form);
    Ok((submit_comment::submit(app, submission, None, context).await?, post_url))
}

/// Accepts a form only from our own page or from a page of the site itself, by the `Origin` that browsers send.
fn require_known_page(app: &AppContext, request: &ApiRequest, site: &Origin) -> Result<(), Refusal> {
    let Some(origin) = request.origin() else { return Ok(()) };
    let is_own_page = origin == request.endpoint();
    let is_site_page = app.settings.sites.find_by_origin(&origin).is_some_and(|page| page.origin() == site);
    if is_own_page || is_site_page { Ok(()) } else { Err(Refusal::WrongOrigin) }
}

/// Shows the page again with the error and the typed text. The text of a form on a foreign page is not shown: that page would choose the
/// words, and ours would lend them its name. An origin that the browser withholds (`null`) may be the blog's own.
async fn show_again(
    app: &AppContext,
    request: &ApiRequest,
    submitted: &PlainForm,
    error: ApiError,
) -> worker::Result<Response> {
    let is_foreign = matches!(error, ApiError::Refused(Refusal::WrongOrigin))
        && request.origin().is_some_and(|origin| origin != "null");
    let post = app.settings.sites.resolve_post(&submitted.comment.url);
    let Some(post) = post.ok().filter(|_| !is_foreign) else { return error_page(app, request, error) };
    let retry_after = error.retry_after();
    let refusal = error.into_refusal(&app.log);
    let published = match KvReader::new(app) {
        Ok(reader) => reader.page(&post.url, 1, Sort::Oldest).await.map(|(thread, _)| thread),
        Err(refusal) => Err(refusal),
    };
    // The typed text matters more than the thread around it.
    let thread = published.unwrap_or_else(|_| Thread::empty(post.url.clone()));
    let comment = &submitted.comment;
    let parent = submitted.parent().ok().flatten();
    // The same seed again: the text is part of the id, so the same text is the same comment, and another text is not.
    let seed = id_seed(submitted);
    let token = challenge::form_token(app, &post, &submitted.token)?;
    let form = Form {
        id: &seed,
        token: &token,
        url: &post.requested_url,
        title: comment.title.as_deref().unwrap_or_default(),
        name: comment.name.as_deref().unwrap_or_default(),
        email: comment.email.as_deref().unwrap_or_default(),
        website: comment.website.as_deref().unwrap_or_default(),
        text: &comment.text,
        // A reply to a comment that does not exist can still be posted as a comment of its own.
        parent: parent.filter(|_| refusal.field() != Some(Field::Parent)).map(|id| parent_comment(&thread, id)),
        refusal: Some((refusal.field(), refusal.code())),
        retry_after,
    };
    let response = render(request, &submitted.lang, refusal.status(), &thread, &form, None)?;
    response::with_retry_after(response, retry_after)
}

fn parent_comment(thread: &Thread, id: CommentId) -> ParentComment<'_> {
    let comment = thread.comments.iter().find(|comment| comment.id == id);
    ParentComment { id, name: comment.map_or("", |comment| comment.author.name.as_str()) }
}

fn render(
    request: &ApiRequest,
    language: &str,
    status: u16,
    thread: &Thread,
    form: &Form<'_>,
    notice: Option<Notice>,
) -> worker::Result<Response> {
    let endpoint = request.endpoint();
    let context = render_context(messages(request, language), &endpoint);
    let page = afterword_view::page(&context, thread, form, notice, &page_assets());
    let mut response = response::page(status, page)?;
    response.headers_mut().set("vary", "Accept-Language")?;
    Ok(response)
}

fn error_page(app: &AppContext, request: &ApiRequest, error: ApiError) -> worker::Result<Response> {
    let retry_after = error.retry_after();
    let refusal = error.into_refusal(&app.log);
    let page = if refusal == Refusal::UnknownSite {
        unknown_site_page()
    } else {
        let endpoint = request.endpoint();
        let messages = messages(request, &request.query_value("lang").unwrap_or_default());
        let context = render_context(messages, &endpoint);
        afterword_view::refusal_page(&context, &page_assets(), refusal.code(), retry_after, None)
    };
    response::with_retry_after(response::page(refusal.status(), page)?, retry_after)
}

/// Messages in the requested language, else in the first accepted language that is available.
fn messages(request: &ApiRequest, language: &str) -> &'static Messages {
    if !language.is_empty() {
        return catalogue::messages(language);
    }
    let accepted = request.header("accept-language").unwrap_or_default();
    let available = accepted.split(',').find_map(|range| {
        let (range, weight) = range.split_once(';').unwrap_or((range, ""));
        let primary = range.trim().split('-').next().unwrap_or_default();
        let is_excluded = weight.replace(' ', "").starts_with("q=0")
            && !weight.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
        catalogue::LANGUAGES.iter().find(|language| language.eq_ignore_ascii_case(primary) && !is_excluded)
    });
    catalogue::messages(available.copied().unwrap_or_default())
}

fn thread_path(url: &str, language: Option<&str>, posted: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("url", url);
    if let Some(language) = language.filter(|language| !language.is_empty()) {
        query.append_pair("lang", catalogue::best_language(language));
    }
    if let Some(posted) = posted {
        query.append_pair("posted", posted);
    }
    format!("/thread?{}", query.finish())
}
