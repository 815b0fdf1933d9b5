//! `/thread/comment`: the page on which the author of a comment that came from a plain form changes, deletes and restores it.

use afterword_guard::AuthorKey;
use afterword_model::{CommentId, CommentSource, PostRef, Refusal, SafeHtml, Status};
use afterword_view::{OwnComment, OwnCommentNotice, OwnCommentState, catalogue};
use url::form_urlencoded;
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
use crate::http::thread_page::error_page;
use crate::http::{spam_check, submit_comment};
use crate::platform::clock::now_seconds;
use crate::platform::random;
use crate::response;

/// A comment and the key of its author.
struct OwnLink {
    post: PostRef,
    id: CommentId,
    author: AuthorKey,
    language: String,
}

impl OwnLink {
    /// A token that is none gets the same refusal as one of another comment.
    fn parse(
        app: &AppContext,
        url: &str,
        id: Result<CommentId, Refusal>,
        token: &str,
        language: &str,
    ) -> Result<Self, Refusal> {
        let post = app.settings.sites.resolve_post(url)?;
        app.log.set_site(post.site.as_str());
        let author = AuthorKey::from_token(token).ok_or(Refusal::NotYourComment)?;
        let id = id.map_err(|_| Refusal::NotYourComment)?;
        Ok(Self { post, id, author, language: language.to_owned() })
    }
}

/// Content of the page besides the comment as it is stored.
#[derive(Default)]
struct Shown<'a> {
    /// The text that the reader typed.
    text: Option<&'a str>,
    preview: Option<SafeHtml>,
    refusal: Option<Refusal>,
    excess: Option<u32>,
    retry_after: Option<u32>,
}

/// `GET /thread/comment`: shows the page.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let value = |name| request.query_value(name).unwrap_or_default();
    let id = request.query_comment("id").ok_or(Refusal::NotYourComment);
    let result = match OwnLink::parse(app, &value("url"), id, &value("token"), &value("lang")) {
        Ok(link) => show(app, request, &link, Shown::default()).await,
        Err(refusal) => Err(refusal.into()),
    };
    match result {
        Ok(response) => Ok(response),
        Err(error) => Ok(error_page(app, request, error)?),
    }
}

/// `POST /thread/comment`: does what the button says.
pub(crate) async fn post(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    match press(app, request).await {
        Ok(response) => Ok(response),
        Err(error) => Ok(error_page(app, request, error)?),
    }
}

async fn press(app: &AppContext, request: &mut ApiRequest) -> Result<Response, ApiError> {
    let is_limited = spam_check::check_rate(app, request).await;
    let fields = FormFields::read(app, request).await?;
    let (url, token, language) = (fields.value("url"), fields.value("token"), fields.value("lang"));
    let link = OwnLink::parse(app, url, fields.comment(), token, language)?;
    require_trusted_form(app, request, &link.post.site)?;
    let text = fields.value("text");
    match (is_limited, text) {
        (Ok(()), _) => {}
        (Err(error), "") => return Err(error),
        (Err(error), text) => return show_refused(app, request, &link, text, error).await,
    }
    match fields.value("do") {
        "save" => save(app, request, &link, fields.value("edit"), text).await,
        "preview" => preview(app, request, &link, text).await,
        "delete" => {
            link.form().delete(app, request).await?;
            Ok(request.see_other(&link.path(None))?)
        }
        "restore" => restore(app, request, &link).await,
        _ => Err(Refusal::BadQuery.into()),
    }
}

async fn save(
    app: &AppContext,
    request: &ApiRequest,
    link: &OwnLink,
    edit_id: &str,
    text: &str,
) -> Result<Response, ApiError> {
    match link.form().edit(app, request, edit_id, text).await {
        Ok(posted) => {
            let done =
                if posted.status == Status::Pending { OwnCommentNotice::Pending } else { OwnCommentNotice::Saved };
            Ok(request.see_other(&link.path(Some(done)))?)
        }
        Err(error) => show_refused(app, request, link, text, error).await,
    }
}

async fn preview(app: &AppContext, request: &ApiRequest, link: &OwnLink, text: &str) -> Result<Response, ApiError> {
    match submit_comment::render_text(text) {
        Ok(rendered) => {
            show(app, request, link, Shown { text: Some(text), preview: Some(rendered.html), ..Shown::default() }).await
        }
        Err(refusal) => show_refused(app, request, link, text, refusal.into()).await,
    }
}

/// Shows the page with the text that was refused. Whatever the reason is, the text is there to be copied.
async fn show_refused(
    app: &AppContext,
    request: &ApiRequest,
    link: &OwnLink,
    text: &str,
    error: ApiError,
) -> Result<Response, ApiError> {
    let (retry_after, excess) = (error.retry_after(), error.excess());
    let refusal = error.into_refusal(&app.log);
    if refusal == Refusal::NotYourComment {
        return Err(refusal.into());
    }
    let shown = Shown { text: Some(text), refusal: Some(refusal), excess, retry_after, ..Shown::default() };
    // A flood of refused forms must cost less than reading the comment.
    if retry_after.is_some() {
        return Ok(render(request, link, refusal.status(), OwnCommentState::Editable { seconds: None }, text, &shown)?);
    }
    show(app, request, link, shown).await
}

async fn restore(app: &AppContext, request: &ApiRequest, link: &OwnLink) -> Result<Response, ApiError> {
    match link.form().restore(app, request).await {
        Ok(_) => Ok(request.see_other(&link.path(Some(OwnCommentNotice::Restored)))?),
        Err(ApiError::Refused(Refusal::RestoreWindowOver)) => {
            let status = Refusal::RestoreWindowOver.status();
            Ok(render(request, link, status, OwnCommentState::Gone, "", &Shown::default())?)
        }
        Err(error) => Err(error),
    }
}

async fn show(app: &AppContext, request: &ApiRequest, link: &OwnLink, shown: Shown<'_>) -> Result<Response, ApiError> {
    let (state, stored) = match link.form().source(app, request).await {
        Ok(CommentSource { text, edit_until }) => {
            let seconds = u32::try_from(edit_until.saturating_sub(now_seconds())).unwrap_or(0);
            let state = match seconds {
                0 => OwnCommentState::Fixed,
                _ => OwnCommentState::Editable { seconds: Some(seconds) },
            };
            (state, text)
        }
        // The author has deleted it. Nothing tells them for how long it can be restored, and the answer to the attempt does.
        Err(ApiError::Refused(Refusal::UnknownComment)) => (OwnCommentState::Deleted, String::new()),
        Err(ApiError::Refused(Refusal::NotYourComment)) => return Err(Refusal::NotYourComment.into()),
        // What the author has typed is not lost because the comment cannot be read.
        Err(_) if shown.text.is_some() => (OwnCommentState::Editable { seconds: None }, String::new()),
        Err(error) => return Err(error),
    };
    let status = shown.refusal.map_or(200, Refusal::status);
    Ok(render(request, link, status, state, shown.text.unwrap_or(&stored), &shown)?)
}

fn render(
    request: &ApiRequest,
    link: &OwnLink,
    status: u16,
    state: OwnCommentState,
    text: &str,
    shown: &Shown<'_>,
) -> worker::Result<Response> {
    let endpoint = request.endpoint();
    let context = render_context(messages(request, &link.language), &endpoint);
    let page = OwnComment {
        url: &link.post.requested_url,
        id: link.id,
        token: link.author.token(),
        state,
        text,
        edit_id: &random::submission_id()?.to_string(),
        preview: shown.preview.as_ref(),
        notice: done(request),
        refusal: shown.refusal.map(|refusal| (refusal.field(), refusal.code())),
        excess: shown.excess,
        retry_after: shown.retry_after,
    };
    let response = response::page(status, afterword_view::own_comment_page(&context, &page, &page_assets(request)))?;
    response::with_retry_after(response, shown.retry_after)
}

/// The names of the notices in the address of the page.
const DONE: [(OwnCommentNotice, &str); 3] = [
    (OwnCommentNotice::Saved, "saved"),
    (OwnCommentNotice::Pending, "pending"),
    (OwnCommentNotice::Restored, "restored"),
];

fn done(request: &ApiRequest) -> Option<OwnCommentNotice> {
    let done = request.query_value("done")?;
    DONE.into_iter().find(|(_, name)| *name == done).map(|(notice, _)| notice)
}

impl OwnLink {
    fn form(&self) -> CommentForm<'_> {
        CommentForm { post: &self.post, id: self.id, author: Some(&self.author) }
    }

    /// Address of the page, with the result of a form.
    fn path(&self, notice: Option<OwnCommentNotice>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("url", &self.post.requested_url).append_pair("id", &self.id.to_string());
        query.append_pair("token", self.author.token());
        if !self.language.is_empty() {
            query.append_pair("lang", catalogue::best_language(&self.language));
        }
        if let Some((_, name)) = DONE.into_iter().find(|(other, _)| Some(*other) == notice) {
            query.append_pair("done", name);
        }
        format!("/thread/comment?{}", query.finish())
    }
}
