//! The standalone page for readers without JavaScript: the thread with a plain form.

use afterword_guard::AuthorKey;
use afterword_ledger::SubmitReply;
use afterword_model::body::PlainForm;
use afterword_model::{
    Comment, CommentId, Field, Origin, PageReader, Refusal, SafeHtml, Sort, Status, Submission, Thread,
};
use afterword_view::{
    Form, Notice, Outcome, PageAssets, ParentComment, RenderContext, catalogue, own_comment_url, structured_data,
};
use url::form_urlencoded;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::challenge;
use crate::http::form_origin::{FormOrigin, form_origin, require_trusted_form};
use crate::http::language::{messages, query_messages};
use crate::http::read_api::{render_context, thread_query};
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
        ..Form::default()
    };
    let language = request.query_value("lang").unwrap_or_default();
    let endpoint = request.endpoint();
    let own_comment_url = own_link(&render_context(messages(request, &language), &endpoint), request, form.url);
    let notice = requested_outcome(request).map(|outcome| Notice { outcome, own_comment_url: &own_comment_url });
    Ok(render(app, request, &language, 200, &thread, &form, notice)?)
}

/// The outcome of the form that led to the page.
fn requested_outcome(request: &ApiRequest) -> Option<Outcome> {
    match request.query_value("posted").as_deref() {
        Some("published") => Some(Outcome::Published),
        Some("pending") => Some(Outcome::Pending),
        Some("repeat") => Some(Outcome::Repeat),
        _ => None,
    }
}

/// URL of the page on which the reader can change the comment that was just posted. Empty if the request has no token for it.
fn own_link(context: &RenderContext<'_>, request: &ApiRequest, url: &str) -> String {
    let token = request.query_value("token").as_deref().and_then(AuthorKey::from_token);
    match (request.query_comment("own"), token) {
        (Some(id), Some(token)) => own_comment_url(context, url, id, token.token()),
        _ => String::new(),
    }
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
    let mut response = request.see_other(&thread_path(&post.requested_url, language.as_deref(), None, None, None))?;
    response.headers_mut().set("vary", "Referer")?;
    Ok(response)
}

fn question_page(request: &ApiRequest, origin: &str) -> worker::Result<Response> {
    let endpoint = request.endpoint();
    let context = render_context(query_messages(request), &endpoint);
    let page = afterword_view::post_question_page(&context, &page_assets(request), origin);
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
        Ok(()) if form.preview => {
            return Ok(match preview(app, request, &form) {
                Ok(html) => show_again(app, request, &form, Reason::Preview(html)).await?,
                Err(error) => show_again(app, request, &form, Reason::Refused(error)).await?,
            });
        }
        Ok(()) => submit(app, request, &form).await,
        Err(error) => Err(error),
    };
    match result {
        Ok(posted) => Ok(request.see_other(&posted.path(&form.lang))?),
        Err(error) => Ok(show_again(app, request, &form, Reason::Refused(error)).await?),
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

/// A comment that a form has posted.
struct PostedForm {
    reply: SubmitReply,
    /// Address of the post.
    url: String,
    /// Key of the author, with which they can change the comment.
    author: Option<AuthorKey>,
}

/// Validates the comment of a form, and gives it an id.
fn validate(app: &AppContext, request: &ApiRequest, form: &PlainForm) -> Result<Submission, ApiError> {
    let mut comment = form.comment.clone();
    comment.id = NIL_ID.to_owned();
    comment.parent = form.parent()?;
    let mut submission =
        comment.validate(&app.settings.sites).map_err(|refusal| ApiError::invalid(&comment, refusal))?;
    app.log.set_site(submission.post.site.as_str());
    submission.id = app.settings.signing_key.submission_id(&submission, &id_seed(form));
    require_trusted_form(app, request, &submission.post.site)?;
    Ok(submission)
}

/// Renders the text of a form, as it would be published.
fn preview(app: &AppContext, request: &ApiRequest, form: &PlainForm) -> Result<SafeHtml, ApiError> {
    let submission = validate(app, request, form)?;
    Ok(submit_comment::render_text(&submission.text)?.html)
}

/// Submits the comment of a form.
async fn submit(app: &AppContext, request: &ApiRequest, form: &PlainForm) -> Result<PostedForm, ApiError> {
    let submission = validate(app, request, form)?;
    let url = submission.post.requested_url.clone();
    let context = SubmissionContext::from_form(app, request, &submission.post, form);
    let author = AuthorKey::of_form(&form.comment.id, submission.id, &app.settings.signing_key);
    let reply = submit_comment::submit(app, submission, author.clone(), context).await?;
    Ok(PostedForm { reply, url, author })
}

impl PostedForm {
    /// Address of the page that tells the reader the outcome, and where to change the comment.
    fn path(&self, language: &str) -> String {
        let SubmitReply { posted, repeat } = &self.reply;
        let (outcome, comment) = match (repeat, posted.status) {
            (_, Status::Pending) => ("pending", None),
            (true, Status::Published) => ("repeat", Some(&posted.comment)),
            (false, Status::Published) => ("published", Some(&posted.comment)),
        };
        let own = self.author.as_ref().map(|author| (posted.comment.id, author.token()));
        thread_path(&self.url, Some(language), Some(outcome), comment, own)
    }
}

/// The reason for showing a form again.
enum Reason {
    /// The comment was refused.
    Refused(ApiError),
    /// The reader wants to see the text before it is posted.
    Preview(SafeHtml),
}

/// Shows the form again with the error or the preview, and the typed text. A foreign page chose the words of its form, which would look
/// like words of the blog here: they are not shown, whatever the error. If the browser withholds the origin of another site, they may be a reader's own: they
/// are quoted, to be copied, and nothing can send them.
async fn show_again(
    app: &AppContext,
    request: &ApiRequest,
    submitted: &PlainForm,
    reason: Reason,
) -> worker::Result<Response> {
    let post = app.settings.sites.resolve_post(&submitted.comment.url);
    let origin = post.as_ref().map_or(FormOrigin::Foreign, |post| form_origin(app, request, &post.site));
    let (Ok(post), false) = (post, origin == FormOrigin::Foreign) else {
        return match reason {
            Reason::Refused(error) => error_page(app, request, error),
            Reason::Preview(_) => error_page(app, request, Refusal::WrongOrigin.into()),
        };
    };
    let (retry_after, excess, refusal, html) = match reason {
        Reason::Refused(error) => (error.retry_after(), error.excess(), Some(error.into_refusal(&app.log)), None),
        Reason::Preview(html) => (None, None, None, Some(html)),
    };
    let status = refusal.map_or(200, Refusal::status);
    let comment = &submitted.comment;
    let parent = submitted.parent().ok().flatten();
    // A flood of refused forms must cost less than reading the thread.
    let thread = match KvReader::new(app) {
        Ok(reader) if origin != FormOrigin::WithheldCrossSite && retry_after.is_none() => {
            let page = |url| match parent {
                Some(id) => PageReader::for_comment(url, id, Sort::Oldest).with_root_page(),
                None => PageReader::new(url, 1, Sort::Oldest),
            };
            reader.read(&post, page).await.map(|(thread, _)| thread).ok()
        }
        _ => None,
    };
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
        parent: parent
            .filter(|_| refusal.and_then(Refusal::field) != Some(Field::Parent))
            .map(|id| parent_comment(thread.as_ref(), id)),
        preview: html.as_ref(),
        refusal: refusal.map(|refusal| (refusal.field(), refusal_text(refusal, origin))),
        excess,
        retry_after,
        ..Form::default()
    };
    let response = match &thread {
        Some(thread) => render(app, request, &submitted.lang, status, thread, &form, None)?,
        None => render_form(request, &submitted.lang, status, &form, origin)?,
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
    app: &AppContext,
    request: &ApiRequest,
    language: &str,
    status: u16,
    thread: &Thread,
    form: &Form<'_>,
    notice: Option<Notice<'_>>,
) -> worker::Result<Response> {
    let endpoint = request.endpoint();
    let context = RenderContext {
        avatars: app.settings.avatars,
        linked: request.query_comment("comment"),
        ..render_context(messages(request, language), &endpoint)
    };
    let is_indexed = status == 200 && notice.is_none() && form.parent.is_none() && form.preview.is_none();
    let structured_data = is_indexed.then(|| structured_data(&context, thread));
    let assets = PageAssets { structured_data: structured_data.as_ref(), ..page_assets(request) };
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
    let page =
        afterword_view::form_page(&context, form, origin == FormOrigin::WithheldCrossSite, &page_assets(request));
    let mut response = response::page(status, page)?;
    response.headers_mut().set("vary", "Accept-Language")?;
    Ok(response)
}

/// The page that tells a reader why a request was refused.
pub(crate) fn error_page(app: &AppContext, request: &ApiRequest, error: ApiError) -> worker::Result<Response> {
    let retry_after = error.retry_after();
    let refusal = error.into_refusal(&app.log);
    let page = if refusal == Refusal::UnknownSite {
        unknown_site_page(request)
    } else {
        let endpoint = request.endpoint();
        let messages = query_messages(request);
        let context = render_context(messages, &endpoint);
        afterword_view::refusal_page(&context, &page_assets(request), refusal.code(), retry_after, None)
    };
    response::with_retry_after(response::page(refusal.status(), page)?, retry_after)
}

/// Address of the page, with the outcome of a form, the comment on it that was posted, and what its author needs to change it: its id and
/// a token. A comment that is held is not on the page.
fn thread_path(
    url: &str,
    language: Option<&str>,
    posted: Option<&str>,
    comment: Option<&Comment>,
    own: Option<(CommentId, &str)>,
) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("url", url);
    if let Some(language) = language.filter(|language| !language.is_empty()) {
        query.append_pair("lang", catalogue::best_language(language));
    }
    if let Some(posted) = posted {
        query.append_pair("posted", posted);
    }
    if let Some((id, token)) = own {
        query.append_pair("own", &id.to_string()).append_pair("token", token);
    }
    let Some(Comment { id, parent, .. }) = comment else { return format!("/thread?{}", query.finish()) };
    query.append_pair("comment", &id.to_string());
    if let Some(parent) = parent {
        query.append_pair("parent", &parent.to_string());
    }
    format!("/thread?{}#comment-{id}", query.finish())
}
