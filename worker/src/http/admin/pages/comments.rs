//! `/admin/comments/<id>` and `/admin/authors/<mark>`: one comment with what is around it, the forms about it, and one author.

use afterword_model::moderation::{
    ActionBatch, ActionOutcome, BatchAction, ItemResult, ModeratedEdit, MoveComment, NewReply, QueuedComment,
    SiteResult,
};
use afterword_model::{Origin, Refusal, SafeHtml, SubmissionId};
use afterword_view::Markup;
use afterword_view::admin::{
    AuthorView, CommentForm, Frame, Saved, Typed, author_page, comment_page, edit_page, erase_page, move_page,
    reply_page, texts,
};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::fields::{self, FormItem};
use crate::http::admin::pages::notice;
use crate::http::form_fields::FormFields;
use crate::http::submit_comment::render_text;
use crate::response::see_other;

/// Number of comments of each state on the page of an author.
const AUTHOR_COMMENTS: u32 = 25;
/// The page to which a form returns that names no other.
const QUEUE: &str = "/admin/queue";

/// Status of a form that was not executed because somebody has changed the comment.
const CONFLICT: u16 = 409;

/// A form about one comment. Each has a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommentAction {
    Edit,
    Reply,
    Move,
    Erase,
}

/// `GET /admin/comments/<id>`: the comment, the thread around it, former texts, and what was done.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let mut context = PageContext::of_one_site(app, &call).await?;
    let page = calls::comment(app, context.site()?, call.comment_id()?).await?;
    context.audit_head = page.audit_head;
    context.respond(|frame| comment_page(frame, &page))
}

/// `GET /admin/authors/<mark>`: the comments of one author key.
pub(crate) async fn author(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let mark = call.request.path().rsplit('/').next().unwrap_or_default().to_owned();
    let page = calls::author(app, context.site()?, &mark, AUTHOR_COMMENTS).await?;
    context.respond(|frame| {
        let view = AuthorView { mark: &mark, history: page.history, comments: &page.comments, next: "", log: &[] };
        author_page(frame, &view)
    })
}

/// `GET /admin/comments/<id>/…`: a form about a comment.
pub(crate) async fn form(app: &AppContext, call: AdminCall<'_>, action: CommentAction) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let comment = calls::comment(app, context.site()?, call.comment_id()?).await?.comment;
    let back = call.request.query_value("back").unwrap_or_default();
    let back = afterword_guard::admin_return_path(&back).unwrap_or_default();
    context.respond(|frame| {
        action.render(frame, &CommentForm { comment: &comment, back, typed: None, error: "", conflict: None })
    })
}

/// `POST /admin/comments/<id>/…`: does it, or shows the form again with what is wrong.
pub(crate) async fn submit(app: &AppContext, call: AdminCall<'_>, action: CommentAction) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let form =
        SubmittedForm { app, call: &call, action, fields: &fields, item: fields::only_item(app, &call, &fields)? };
    if form.item.item.id != call.comment_id()? {
        return Err(Refusal::BadQuery.into());
    }
    if !fields.value("preview").is_empty() {
        return match render_text(fields.value("text")) {
            Ok(rendered) => form.show(200, Again { preview: Some(&rendered.html), ..Again::default() }).await,
            Err(refusal) => form.show_refusal(refusal).await,
        };
    }
    let result = match action {
        CommentAction::Edit => form.edit().await,
        CommentAction::Reply => form.reply().await,
        CommentAction::Move => form.move_comment().await,
        CommentAction::Erase => form.erase().await,
    };
    match result {
        Ok(Submitted::Done(location)) => Ok(see_other(&location)?),
        Ok(Submitted::Conflict(outcome)) => form.show_conflict(&outcome).await,
        // The moderator corrects what was refused. Nothing that was typed is lost, whatever the reason is.
        Err(error) => form.show_refusal(error.into_refusal(&app.log)).await,
    }
}

impl CommentAction {
    fn render(self, frame: &Frame, form: &CommentForm) -> Markup {
        match self {
            Self::Edit => edit_page(frame, form),
            Self::Reply => reply_page(frame, form),
            Self::Move => move_page(frame, form),
            Self::Erase => erase_page(frame, form),
        }
    }
}

/// What became of a form.
enum Submitted {
    /// It was executed, and leads to this address.
    Done(String),
    /// Nothing was done, because the comment is not as the moderator saw it.
    Conflict(ActionOutcome),
}

/// The reason why a form is shown again.
#[derive(Clone, Copy, Default)]
struct Again<'a> {
    error: &'a str,
    conflict: Option<&'a ActionOutcome>,
    preview: Option<&'a SafeHtml>,
}

/// A form about a comment, as it was sent.
struct SubmittedForm<'a> {
    app: &'a AppContext,
    call: &'a AdminCall<'a>,
    action: CommentAction,
    fields: &'a FormFields,
    item: FormItem<'a>,
}

impl SubmittedForm<'_> {
    fn site(&self) -> &Origin {
        self.item.site
    }

    fn is_set(&self, field: &str) -> bool {
        !self.fields.value(field).is_empty()
    }

    fn back(&self) -> String {
        fields::back(self.fields, QUEUE)
    }

    async fn edit(&self) -> Result<Submitted, ApiError> {
        let edit = ModeratedEdit {
            id: fields::action_id(self.fields)?,
            revision: self.item.item.revision,
            text: self.fields.value("text").to_owned(),
            approve: self.is_set("approve"),
        };
        let id = edit.id;
        let result = calls::edit(self.app, self.site(), self.item.item.id, edit, self.call.moderator.name()).await?;
        Ok(self.leave(Saved::Edit, id, vec![result]))
    }

    async fn reply(&self) -> Result<Submitted, ApiError> {
        let name = self.fields.value("name").trim();
        let reply = NewReply {
            id: fields::action_id(self.fields)?,
            revision: self.item.item.revision,
            text: self.fields.value("text").to_owned(),
            name: (!name.is_empty()).then(|| name.to_owned()),
            approve: self.is_set("approve"),
        };
        let id = reply.id;
        let written = calls::reply(self.app, self.site(), self.item.item.id, reply, self.call.moderator.name()).await?;
        Ok(self.leave(Saved::Reply, id, written.results))
    }

    async fn move_comment(&self) -> Result<Submitted, ApiError> {
        let url = fields::post(self.app, Some(self.site()), self.fields.value("url").trim())?;
        let id = fields::action_id(self.fields)?;
        let request = MoveComment { id, revision: self.item.item.revision, url };
        let result =
            calls::move_comment(self.app, self.site(), self.item.item.id, request, self.call.moderator.name()).await?;
        Ok(self.leave(Saved::Move, id, vec![result]))
    }

    async fn erase(&self) -> Result<Submitted, ApiError> {
        if self.fields.value("confirm").trim().to_lowercase() != texts().get("erase.word") {
            return Err(Refusal::BadQuery.into());
        }
        let id = fields::action_id(self.fields)?;
        let batch = ActionBatch { id, action: BatchAction::Erase, comments: vec![self.item.item], reason: None };
        let result = calls::act(self.app, self.site(), batch, self.call.moderator.name()).await?;
        let results = result.results.into_iter();
        let results: Vec<SiteResult> =
            results.map(|result| SiteResult { site: self.site().as_str().to_owned(), result }).collect();
        Ok(Submitted::Done(notice::batch_address(&self.back(), id, BatchAction::Erase, &results)))
    }

    /// The address after a form that was executed, or the conflict because of which it was not.
    fn leave(&self, saved: Saved, id: SubmissionId, results: Vec<ItemResult>) -> Submitted {
        let mut outcomes = results.into_iter().map(|result| result.outcome);
        match outcomes.find(|outcome| !matches!(outcome, ActionOutcome::Done { .. })) {
            Some(outcome) => Submitted::Conflict(outcome),
            None => Submitted::Done(notice::saved_address(&self.back(), saved, Some(id))),
        }
    }

    async fn show_refusal(&self, refusal: Refusal) -> Result<Response, ApiError> {
        self.show(refusal.status(), Again { error: refusal.message(), ..Again::default() }).await
    }

    /// Shows the form again after somebody has changed the comment, with the comment as it is now and with what was typed.
    async fn show_conflict(&self, outcome: &ActionOutcome) -> Result<Response, ApiError> {
        self.show(CONFLICT, Again { conflict: Some(outcome), ..Again::default() }).await
    }

    /// Shows the form again, with the comment as it is now.
    async fn show(&self, status: u16, again: Again<'_>) -> Result<Response, ApiError> {
        let context = PageContext::of_one_site(self.app, self.call).await?;
        let comment: QueuedComment = calls::comment(self.app, self.site(), self.item.item.id).await?.comment;
        let text =
            if self.action == CommentAction::Move { self.fields.value("url") } else { self.fields.value("text") };
        let Again { error, conflict, preview } = again;
        let typed = Typed { text, name: self.fields.value("name"), preview };
        let back = self.back();
        // The form keeps the revision that the moderator saw when they began, unless they were told that it has changed.
        let is_told = !error.is_empty() || conflict.is_some();
        let comment = if is_told { comment } else { QueuedComment { revision: self.item.item.revision, ..comment } };
        let form = CommentForm { comment: &comment, back: &back, typed: Some(typed), error, conflict };
        context.respond_with(status, |frame| self.action.render(frame, &form))
    }
}
