//! The standalone page for readers without JavaScript: the thread with a plain form.

use std::borrow::Cow;

use afterword_ledger::SubmitReply;
use afterword_model::body::PlainForm;
use afterword_model::{
    Comment, CommentId, Field, Origin, PageReader, PostRef, Refusal, Sort, Status, Submission, Thread,
};
use afterword_view::{Form, Messages, Notice, PageAssets, ParentComment, catalogue};
use url::form_urlencoded;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::challenge;
use crate::http::read_api::{render_context, thread_query};
use crate::http::request::ApiRequest;
use crate::http::setup::{page_assets, unknown_site_page};
use crate::http::spam_check::{self, SubmissionContext};
use crate::http::structured_data::structured_data;
use crate::http::submit_comment;
use crate::kv_reader::KvReader;
use crate::platform::clock::now_millis;
use crate::platform::random;
use crate::response;

/// Window in milliseconds within which two submissions of a form without an id count as one comment.
const DUPLICATE_WINDOW: u64 = 10 * 60 * 1000;
/// Number of characters of `Accept-Language` that are read, more than a browser sends.
const MAX_LANGUAGES: usize = 256;
/// A well-formed id, used until the real one is derived.
const NIL_ID: &str = "00000000-0000-0000-0000-000000000000";

/// `GET /thread`: shows the page.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    if request.query_value("url").is_none() {
        return Ok(find_post(app, request)?);
    }
    match show(app, request).await {
        Ok(response) => Ok(response),
        Err(error) => Ok(error_page(app, request, error)?),
    }
}

async fn show(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let query = thread_query(app, request)?;
    let parent = request.query_comment("reply");
    let (thread, _) = KvReader::new(app)?.read(&query.post, |url| query.reader(url).with_root_page()).await?;
    let post = query.post;
    let id = random::submission_id()?.to_string();
    let token = challenge::form_token(app, &post, "")?;
    let form = Form {
        id: &id,
        token: &token,
        url: &post.requested_url,
        title: &thread.title,
        parent: parent.map(|id| parent_comment(Some(&thread), id)),
        can_preview: true,
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
/// `/thread`, whose `Referer` names the post. A reader whose browser names no post is asked for its address.
fn find_post(app: &AppContext, request: &ApiRequest) -> worker::Result<Response> {
    let referer = request.header("referer").unwrap_or_default();
    let post = match app.settings.sites.resolve_post(&referer) {
        Ok(post) => post,
        Err(Refusal::UnknownSite) => return error_page(app, request, Refusal::UnknownSite.into()),
        Err(_) => return question_page(request, ""),
    };
    // Many browsers are set to name only the origin, which is then the address of the start page as well.
    if Origin::parse(&post.requested_url).is_some() {
        return question_page(request, &post.requested_url);
    }
    let language = request.query_value("lang");
    let mut response = response::see_other(&thread_path(&post.requested_url, language.as_deref(), None, None))?;
    response.headers_mut().set("vary", "Referer")?;
    Ok(response)
}

fn question_page(request: &ApiRequest, origin: &str) -> worker::Result<Response> {
    let endpoint = request.endpoint();
    let context = render_context(messages(request, &request.query_value("lang").unwrap_or_default()), &endpoint);
    let page = afterword_view::post_question_page(&context, &page_assets(), origin);
    let mut response = response::page(Refusal::BadUrl.status(), page)?;
    response.headers_mut().set("vary", "Referer, Accept-Language")?;
    Ok(response)
}

/// `POST /thread`: takes the form.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let is_limited = spam_check::check_rate(app, request).await;
    let form = match read_form(app, request).await {
        Ok(form) => form,
        Err(refusal) => return Ok(error_page(app, request, refusal.into())?),
    };
    let result = match is_limited {
        Ok(()) if form.preview => match preview(app, request, &form).await {
            Ok(response) => return Ok(response),
            Err(error) => Err(error),
        },
        Ok(()) => submit(app, request, &form).await,
        Err(error) => Err(error),
    };
    match result {
        Ok((SubmitReply { posted, repeat }, post_url)) => {
            let (outcome, comment) = match (repeat, posted.status) {
                (_, Status::Pending) => ("pending", None),
                (true, Status::Published) => ("repeat", Some(&posted.comment)),
                (false, Status::Published) => ("published", Some(&posted.comment)),
            };
            Ok(response::see_other(&thread_path(&post_url, Some(&form.lang), Some(outcome), comment))?)
        }
        Err(error) => Ok(show_again(app, request, &form, error).await?),
    }
}

/// Seed of the comment's id, which distinguishes intended repeats of the same text. A form rendered for everybody has no id of its own;
/// the time replaces it.
fn id_seed(form: &PlainForm) -> String {
    if form.comment.id.is_empty() { (now_millis() / DUPLICATE_WINDOW).to_string() } else { form.comment.id.clone() }
}

async fn read_form(app: &AppContext, request: &mut ApiRequest) -> Result<PlainForm, Refusal> {
    if !request.has_media_type("application/x-www-form-urlencoded") {
        return Err(Refusal::BadMediaType);
    }
    Ok(PlainForm::parse(&request.read_body(&app.log).await?))
}

/// Submits the comment of a form. Returns the outcome and the address of the post.
async fn submit(app: &AppContext, request: &ApiRequest, form: &PlainForm) -> Result<(SubmitReply, String), ApiError> {
    let submission = validate(app, request, form)?;
    let post_url = submission.post.requested_url.clone();
    let context = SubmissionContext::from_form(app, request, &submission.post, form);
    Ok((submit_comment::submit(app, submission, None, context).await?, post_url))
}

/// Shows the form again with its text as it would be published. Nothing is stored.
async fn preview(app: &AppContext, request: &ApiRequest, submitted: &PlainForm) -> Result<Response, ApiError> {
    let submission = validate(app, request, submitted)?;
    let html = submit_comment::render(&submission)?.html;
    let post = submission.post;
    let thread = read_thread(app, &post, submission.parent).await;
    let (seed, token) = (id_seed(submitted), challenge::form_token(app, &post, &submitted.token)?);
    let form = Form {
        parent: submission.parent.map(|id| parent_comment(thread.as_ref(), id)),
        preview: Some(&html),
        ..filled_form(submitted, &post, &seed, &token)
    };
    let thread = thread.as_ref().map_or_else(|| Cow::Owned(Thread::empty(post.url.clone())), Cow::Borrowed);
    Ok(render(request, &submitted.lang, 200, &thread, &form, None)?)
}

/// The first page of a thread, or that of a comment that is replied to. `None` if it cannot be read: the form is shown all the same.
async fn read_thread(app: &AppContext, post: &PostRef, parent: Option<CommentId>) -> Option<Thread> {
    let page = |url| match parent {
        Some(id) => PageReader::for_comment(url, id, Sort::Oldest).with_root_page(),
        None => PageReader::new(url, 1, Sort::Oldest),
    };
    KvReader::new(app).ok()?.read(post, page).await.map(|(thread, _)| thread).ok()
}

/// The form as it was submitted. With the same seed again, the same text is the same comment, and another text is not: the text is part of
/// the id.
fn filled_form<'a>(submitted: &'a PlainForm, post: &'a PostRef, seed: &'a str, token: &'a str) -> Form<'a> {
    let comment = &submitted.comment;
    Form {
        id: seed,
        token,
        url: &post.requested_url,
        title: comment.title.as_deref().unwrap_or_default(),
        name: comment.name.as_deref().unwrap_or_default(),
        email: comment.email.as_deref().unwrap_or_default(),
        website: comment.website.as_deref().unwrap_or_default(),
        text: &comment.text,
        can_preview: true,
        ..Form::default()
    }
}

/// Validates a form and the page that sent it.
fn validate(app: &AppContext, request: &ApiRequest, form: &PlainForm) -> Result<Submission, ApiError> {
    let mut comment = form.comment.clone();
    comment.id = NIL_ID.to_owned();
    comment.parent = form.parent()?;
    let mut submission =
        comment.validate(&app.settings.sites).map_err(|refusal| ApiError::invalid(&comment, refusal))?;
    app.log.set_site(submission.post.site.as_str());
    submission.id = app.settings.signing_key.submission_id(&submission, &id_seed(form));
    if form_origin(app, request, &submission.post.site) != FormOrigin::Trusted {
        return Err(Refusal::WrongOrigin.into());
    }
    Ok(submission)
}

/// Page that sent a form, by the `Origin` that browsers send.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FormOrigin {
    /// Our page, a page of the post's site, or a client that is no browser.
    Trusted,
    /// The browser withholds the origin (`null`). The page may be the blog's.
    Withheld,
    /// The browser withholds the origin, and says that the page is of another site than the Worker, as a blog may be.
    WithheldCrossSite,
    /// A page of another origin.
    Foreign,
}

fn form_origin(app: &AppContext, request: &ApiRequest, site: &Origin) -> FormOrigin {
    let Some(origin) = request.origin() else { return FormOrigin::Trusted };
    let is_site_page = app.settings.sites.find_by_origin(&origin).is_some_and(|page| page.origin() == site);
    if is_site_page || origin == request.endpoint() {
        return FormOrigin::Trusted;
    }
    match (origin.as_str(), request.header("sec-fetch-site").as_deref()) {
        ("null", Some("cross-site")) => FormOrigin::WithheldCrossSite,
        ("null", _) => FormOrigin::Withheld,
        _ => FormOrigin::Foreign,
    }
}

/// Shows the form again with the error and the typed text. A foreign page chose the words of its form, which would look like words of the
/// blog here: they are not shown, whatever the error. If the browser withholds the origin of another site, they may be a reader's own: they
/// are quoted, to be copied, and nothing can send them.
async fn show_again(
    app: &AppContext,
    request: &ApiRequest,
    submitted: &PlainForm,
    error: ApiError,
) -> worker::Result<Response> {
    let Ok(post) = app.settings.sites.resolve_post(&submitted.comment.url) else {
        return error_page(app, request, error);
    };
    let origin = form_origin(app, request, &post.site);
    if origin == FormOrigin::Foreign {
        return error_page(app, request, error);
    }
    let (retry_after, excess) = (error.retry_after(), error.excess());
    let refusal = error.into_refusal(&app.log);
    let parent = submitted.parent().ok().flatten();
    // A flood of refused forms must cost less than reading the thread.
    let thread = if origin != FormOrigin::WithheldCrossSite && retry_after.is_none() {
        read_thread(app, &post, parent).await
    } else {
        None
    };
    let (seed, token) = (id_seed(submitted), challenge::form_token(app, &post, &submitted.token)?);
    let form = Form {
        // A reply to a comment that does not exist can still be posted as a comment of its own.
        parent: parent.filter(|_| refusal.field() != Some(Field::Parent)).map(|id| parent_comment(thread.as_ref(), id)),
        refusal: Some((refusal.field(), refusal_text(refusal, origin))),
        excess,
        retry_after,
        ..filled_form(submitted, &post, &seed, &token)
    };
    let response = match &thread {
        Some(thread) => render(request, &submitted.lang, refusal.status(), thread, &form, None)?,
        None => render_form(request, &submitted.lang, refusal.status(), &form, origin)?,
    };
    response::with_retry_after(response, retry_after)
}

/// Code of the text for the reader. A reader whose browser withholds the origin is told what to do.
fn refusal_text(refusal: Refusal, origin: FormOrigin) -> &'static str {
    match (refusal, origin) {
        (Refusal::WrongOrigin, FormOrigin::Withheld) => "origin_withheld",
        (Refusal::WrongOrigin, FormOrigin::WithheldCrossSite) => "origin_withheld.foreign",
        _ => refusal.code(),
    }
}

fn parent_comment(thread: Option<&Thread>, id: CommentId) -> ParentComment<'_> {
    let comment = thread.and_then(|thread| thread.comments.iter().find(|comment| comment.id == id));
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
    let is_indexed = status == 200 && notice.is_none() && form.parent.is_none() && form.preview.is_none();
    let structured_data = if is_indexed { structured_data(&context, thread) } else { String::new() };
    let assets = PageAssets { structured_data: &structured_data, ..page_assets() };
    let page = afterword_view::page(&context, thread, form, notice, &assets);
    let mut response = response::page(status, page)?;
    response.headers_mut().set("vary", "Accept-Language")?;
    Ok(response)
}

/// The form without its thread.
fn render_form(
    request: &ApiRequest,
    language: &str,
    status: u16,
    form: &Form<'_>,
    origin: FormOrigin,
) -> worker::Result<Response> {
    let endpoint = request.endpoint();
    let context = render_context(messages(request, language), &endpoint);
    let page = afterword_view::form_page(&context, form, origin == FormOrigin::WithheldCrossSite, &page_assets());
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

/// Messages in the requested language, else in the most preferred language that is available.
fn messages(request: &ApiRequest, language: &str) -> &'static Messages {
    if !language.is_empty() {
        return catalogue::messages(language);
    }
    catalogue::messages(&preferred_language(&request.header("accept-language").unwrap_or_default()))
}

/// The available language that an `Accept-Language` header prefers. Empty if it accepts none.
fn preferred_language(header: &str) -> String {
    let header: String = header.chars().take(MAX_LANGUAGES).collect();
    negotiator::preferred_languages(Some(&header), Some(catalogue::LANGUAGES)).into_iter().next().unwrap_or_default()
}

/// Address of the page, with the outcome of a form, and of the comment on it that was posted.
fn thread_path(url: &str, language: Option<&str>, posted: Option<&str>, comment: Option<&Comment>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("url", url);
    if let Some(language) = language.filter(|language| !language.is_empty()) {
        query.append_pair("lang", catalogue::best_language(language));
    }
    if let Some(posted) = posted {
        query.append_pair("posted", posted);
    }
    let Some(Comment { id, parent, .. }) = comment else { return format!("/thread?{}", query.finish()) };
    query.append_pair("comment", &id.to_string());
    if let Some(parent) = parent {
        query.append_pair("parent", &parent.to_string());
    }
    format!("/thread?{}#comment-{id}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_preferred() {
        for (header, language) in [
            ("de", "de"),
            ("de-AT", "de"),
            ("DE-at, en;q=0.9", "de"),
            ("fr, de;q=0.5, en;q=0.8", "en"),
            ("de;q=0.5, en-GB", "en"),
            ("de;q=0, en;q=0.1", "en"),
            ("en;q=0.0, *;q=0.1", "de"),
            ("*", "en"),
            ("fr", ""),
            ("", ""),
            ("de;q=NaN,en;q=x,,;=", ""),
        ] {
            assert_eq!(preferred_language(header), language, "{header}");
        }
    }

    #[test]
    fn a_long_header_is_cut() {
        assert_eq!(preferred_language(&format!("{}en", "fr,".repeat(1_000))), "");
    }
}
