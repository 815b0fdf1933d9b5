//! The page for readers without JavaScript: the thread, and a plain form under it.

use afterword_ledger::SubmitReply;
use afterword_model::body::PlainForm;
use afterword_model::{CommentId, Field, Origin, Refusal, Sort, Status, Thread};
use afterword_view::{Form, Messages, Notice, PageAssets, ParentComment, SetupState, catalogue};
use url::form_urlencoded;
use worker::{Date, Response};

use crate::answer::{self, Failure};
use crate::challenge;
use crate::post;
use crate::published::Published;
use crate::random;
use crate::read::{Asked, asked, scene};
use crate::request::Call;
use crate::route::App;
use crate::screen::{self, SubmissionContext};

/// Without an id of its own, a form sent twice within this many milliseconds is one comment.
const SAME_FORM_MILLIS: u64 = 10 * 60 * 1000;

/// `GET /`: tells the owner that the Worker is up, and what to paste. Not for which sites: everybody may look, and the owner of two blogs may
/// not want the readers of one to know of the other.
pub(crate) fn welcome(call: &Call) -> worker::Result<Response> {
    let setup = SetupState::Welcome { endpoint: &call.endpoint() };
    answer::page(200, afterword_view::setup_page(&chrome(), &setup))
}

/// `GET /thread`.
pub(crate) async fn show(app: &App, call: &Call) -> worker::Result<Response> {
    if call.parameter("url").is_none()
        && let Some(response) = from_referer(app, call)?
    {
        return Ok(response);
    }
    match try_show(app, call).await {
        Ok(response) => Ok(response),
        Err(failure) => refused(call, failure),
    }
}

async fn try_show(app: &App, call: &Call) -> Result<Response, Failure> {
    let Asked { place, page, sort } = asked(app, call)?;
    let (thread, _) = Published::new(&app.env, &app.cost)?.page(&place.url, page, sort).await?;
    let parent = call.parameter("reply").and_then(|id| id.parse().ok()).map(CommentId::new);
    let id = random::submission_id()?.to_string();
    let token = challenge::token(app, &place, "")?;
    let form = Form {
        id: &id,
        token: &token,
        url: &place.requested_url,
        title: &thread.title,
        parent: parent.map(|id| answered(&thread, id)),
        ..Form::default()
    };
    let notice = match call.parameter("posted").as_deref() {
        Some("published") => Some(Notice::Published),
        Some("pending") => Some(Notice::Pending),
        Some("repeat") => Some(Notice::Repeat),
        _ => None,
    };
    Ok(draw(call, 200, &thread, &form, notice)?)
}

/// One line of HTML serves every post of a blog: a link to `/thread` that lets the browser say where it was clicked.
fn from_referer(app: &App, call: &Call) -> worker::Result<Option<Response>> {
    let Some(place) = call.header("referer").and_then(|referer| app.settings.sites.resolve_post(&referer).ok()) else {
        return Ok(None);
    };
    let mut response = answer::see_other(&thread_path(&place.requested_url, call.parameter("lang").as_deref(), None))?;
    response.headers_mut().set("vary", "Referer")?;
    Ok(Some(response))
}

/// `POST /thread`.
pub(crate) async fn take(app: &App, mut call: Call) -> worker::Result<Response> {
    let fields = match read_form(&mut call) {
        Ok(fields) => fields,
        Err(refusal) => return refused(&call, refusal.into()),
    };
    match try_take(app, &call, &fields).await {
        Ok((SubmitReply { posted, repeat }, address)) => {
            let (outcome, at) = match (repeat, posted.status) {
                (_, Status::Pending) => ("pending", String::new()),
                (true, Status::Published) => ("repeat", format!("#comment-{}", posted.comment.id)),
                (false, Status::Published) => ("published", format!("#comment-{}", posted.comment.id)),
            };
            let path = thread_path(&address, Some(&fields.lang), Some(outcome));
            answer::see_other(&format!("{path}{at}"))
        }
        Err(failure) => show_again(app, &call, &fields, failure).await,
    }
}

/// What sets one sending of the same words apart from another. A form drawn for everybody has no id; the time stands in for it.
fn seed(form: &PlainForm) -> String {
    if form.comment.id.is_empty() {
        (Date::now().as_millis() / SAME_FORM_MILLIS).to_string()
    } else {
        form.comment.id.clone()
    }
}

fn read_form(call: &mut Call) -> Result<PlainForm, Refusal> {
    if !call.has_media_type("application/x-www-form-urlencoded") {
        return Err(Refusal::BadMediaType);
    }
    Ok(PlainForm::parse(&call.take_body()?))
}

/// What became of the comment, and the address of its post.
async fn try_take(app: &App, call: &Call, fields: &PlainForm) -> Result<(SubmitReply, String), Failure> {
    let mut new = fields.comment.clone();
    new.id = random::NIL_ID.to_owned();
    new.parent = fields.parent()?;
    let mut submission = new.validate(&app.settings.sites)?;
    submission.id = submission.derive_id(&seed(fields));
    require_known_page(app, call, &submission.post.site)?;
    let address = submission.post.requested_url.clone();
    screen::gate(app, call, &submission.post.site).await?;
    let context = SubmissionContext::with_form(app, call, &submission.post, fields);
    Ok((post::submit(app, submission, None, context).await?, address))
}

/// A form is sent by our own page or by a page of the site itself; browsers say which.
fn require_known_page(app: &App, call: &Call, site: &Origin) -> Result<(), Refusal> {
    let Some(origin) = call.origin() else { return Ok(()) };
    let own = origin == call.endpoint();
    let theirs = app.settings.sites.find_by_origin(&origin).is_some_and(|page| page.origin() == site);
    if own || theirs { Ok(()) } else { Err(Refusal::WrongOrigin) }
}

/// The page again, with what was wrong and everything that was typed. But not what a page of somebody else has typed: that page would choose
/// the words, and our page would lend its name to them. An origin that the browser withholds may be the blog's own.
async fn show_again(app: &App, call: &Call, fields: &PlainForm, failure: Failure) -> worker::Result<Response> {
    let is_strange = matches!(failure, Failure::Refused(Refusal::WrongOrigin))
        && call.origin().is_some_and(|origin| origin != "null");
    let place = app.settings.sites.resolve_post(&fields.comment.url);
    let Some(place) = place.ok().filter(|_| !is_strange) else { return refused(call, failure) };
    let wait = failure.retry_after();
    let refusal = failure.into_refusal();
    let published = match Published::new(&app.env, &app.cost) {
        Ok(published) => published.page(&place.url, 1, Sort::Oldest).await.map(|(thread, _)| thread),
        Err(refusal) => Err(refusal),
    };
    // The reader's words matter more than the thread around them.
    let thread = published.unwrap_or_else(|_| Thread::empty(place.url.clone()));
    let optional = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let (name, email, website) =
        (optional(&fields.comment.name), optional(&fields.comment.email), optional(&fields.comment.website));
    let parent = fields.parent().ok().flatten();
    // The same seed again: the words are part of the id, so the same words are the same comment and other ones are not.
    let seed = seed(fields);
    let token = challenge::token(app, &place, &fields.token)?;
    let form = Form {
        id: &seed,
        token: &token,
        url: &place.requested_url,
        title: fields.comment.title.as_deref().unwrap_or_default(),
        name: &name,
        email: &email,
        website: &website,
        text: &fields.comment.text,
        // Without the comment it answers, an answer can still be a comment of its own.
        parent: parent.filter(|_| refusal.field() != Some(Field::Parent)).map(|id| answered(&thread, id)),
        refusal: Some((refusal.field(), refusal.code())),
    };
    let response = draw_in(&fields.lang, call, refusal.status(), &thread, &form, None)?;
    answer::with_retry_after(response, wait)
}

fn answered(thread: &Thread, id: CommentId) -> ParentComment<'_> {
    let comment = thread.comments.iter().find(|comment| comment.id == id);
    ParentComment { id, name: comment.map_or("", |comment| comment.author.name.as_str()) }
}

fn draw(
    call: &Call,
    status: u16,
    thread: &Thread,
    form: &Form<'_>,
    notice: Option<Notice>,
) -> worker::Result<Response> {
    draw_in(&call.parameter("lang").unwrap_or_default(), call, status, thread, form, notice)
}

fn draw_in(
    lang: &str,
    call: &Call,
    status: u16,
    thread: &Thread,
    form: &Form<'_>,
    notice: Option<Notice>,
) -> worker::Result<Response> {
    let endpoint = call.endpoint();
    let scene = scene(messages(lang, call), &endpoint);
    let mut response = answer::page(status, afterword_view::page(&scene, thread, form, notice, &chrome()))?;
    response.headers_mut().set("vary", "Accept-Language")?;
    Ok(response)
}

fn refused(call: &Call, failure: Failure) -> worker::Result<Response> {
    let wait = failure.retry_after();
    let refusal = failure.into_refusal();
    let page = if refusal == Refusal::UnknownSite {
        afterword_view::setup_page(&chrome(), &SetupState::UnknownSite)
    } else {
        let endpoint = call.endpoint();
        let messages = messages(&call.parameter("lang").unwrap_or_default(), call);
        afterword_view::refusal_page(&scene(messages, &endpoint), &chrome(), refusal.code(), None)
    };
    answer::with_retry_after(answer::page(refusal.status(), page)?, wait)
}

/// The language asked for, else the first of the reader's own that there is.
fn messages(lang: &str, call: &Call) -> &'static Messages {
    if !lang.is_empty() {
        return catalogue::messages(lang);
    }
    let accepted = call.header("accept-language").unwrap_or_default();
    let known = accepted.split(',').find_map(|range| {
        let (range, weight) = range.split_once(';').unwrap_or((range, ""));
        let primary = range.trim().split('-').next().unwrap_or_default();
        let refused = weight.replace(' ', "").starts_with("q=0")
            && !weight.contains(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
        catalogue::LANGUAGES.iter().find(|lang| lang.eq_ignore_ascii_case(primary) && !refused)
    });
    catalogue::messages(known.copied().unwrap_or_default())
}

fn chrome() -> PageAssets<'static> {
    PageAssets { stylesheet_path: catalogue::stylesheet_path() }
}

fn thread_path(url: &str, lang: Option<&str>, posted: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("url", url);
    if let Some(lang) = lang.filter(|lang| !lang.is_empty()) {
        query.append_pair("lang", catalogue::best_language(lang));
    }
    if let Some(posted) = posted {
        query.append_pair("posted", posted);
    }
    format!("/thread?{}", query.finish())
}
