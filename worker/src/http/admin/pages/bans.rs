//! `/admin/bans`: the banned, and new bans.

use afterword_model::moderation::{BanKind, NewBan, QueuedComment};
use afterword_model::{CommentId, Refusal, SubmissionId};
use afterword_view::admin::{BanForm, Saved, ban_page, bans_page};
use worker::Response;

use crate::admin_rpc::Attributed;
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::cursors::Cursors;
use crate::http::admin::pages::{fields, notice, steps};
use crate::http::form_fields::FormFields;
use crate::response::see_other;

const PATH: &str = "/admin/bans";
const DAY_SECONDS: i64 = 24 * 3600;
/// Other kinds of bans compare text, and the database cannot count what they match.
const NOT_COUNTED: &str = "Only the comments of an author can be counted beforehand.";

/// `GET /admin/bans`: the list, and the form for a pattern.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let bans = calls::bans(app, context.site()?).await?;
    context.respond(|frame| bans_page(frame, &bans, &BanForm::default()))
}

/// `GET /admin/bans/new`: the form for the author of a comment.
pub(crate) async fn new(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let comment = match call.request.query_comment("comment") {
        Some(id) => Some(calls::comment(app, context.site()?, id).await?.comment),
        None => None,
    };
    let back = call.request.query_value("back").unwrap_or_default();
    let back = afterword_guard::admin_return_path(&back).unwrap_or_default();
    context.respond(|frame| ban_page(frame, &BanForm { comment: comment.as_ref(), back, ..BanForm::default() }))
}

/// `POST /admin/bans/new`: bans, counts what the ban would sweep, or shows the form again with what is wrong.
pub(crate) async fn create(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let context = PageContext::of_one_site(app, &call).await?;
    let (site, comment) = match fields.value("comment") {
        "" => (
            fields::form_site(app, &call, &fields).or_else(|_| context.site().map_err(|_| Refusal::UnknownSite))?,
            None,
        ),
        _ => {
            let item = fields::only_item(app, &call, &fields)?;
            (item.site, Some(calls::comment(app, item.site, item.item.id).await?.comment))
        }
    };
    let back = fields::back(&fields, PATH);
    let form = BanForm {
        comment: comment.as_ref(),
        kind: fields::word(fields.value("kind"))?,
        pattern: fields.value("pattern"),
        days: fields.value("days"),
        reason: fields.value("reason"),
        sweep: !fields.value("sweep").is_empty(),
        matching: None,
        error: None,
        back: &back,
    };
    let ban = match read(&fields, &form, context.now()) {
        Ok(ban) => ban,
        Err(error) => return show(&context, &form, error),
    };
    if !fields.value("count").is_empty() {
        let counted = match &comment {
            Some(comment) => calls::count_ban(app, site, ban.kind, comment).await,
            None => Err(Refusal::BadQuery.into()),
        };
        return match counted {
            Ok(matching) => context.respond(|frame| ban_page(frame, &BanForm { matching: Some(matching), ..form })),
            Err(error) => show(&context, &form, error.into_refusal(&app.log)),
        };
    }
    let id = ban.id;
    match calls::ban(app, site, ban, call.moderator.name()).await {
        Ok(Some((request, progress))) if progress.next.is_some() => {
            steps::sweep_page(app, &call, (site, request), &progress, &fields, &back).await
        }
        Ok(swept) => {
            let swept = swept.map(|(_, progress)| progress.done).unwrap_or_default();
            Ok(see_other(&notice::saved_address(&back, Saved::Ban(swept), Some(id)))?)
        }
        Err(error) => show(&context, &form, error.into_refusal(&app.log)),
    }
}

/// `POST /admin/bans/lift`: lifts a ban, and restores what it swept if the moderator wants it.
pub(crate) async fn lift(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let site = match fields.value("site") {
        "" => PageContext::of_one_site(app, &call).await?.site()?,
        origin => fields::site(app, &call, origin)?,
    };
    let ban = SubmissionId::parse(fields.value("ban")).ok_or(Refusal::BadId)?;
    let (id, restore) = (fields::action_id(&fields)?, !fields.value("restore").is_empty());
    let by = call.moderator.name();
    let back = fields::back(&fields, PATH);
    let restored = if restore {
        // The ban and what it swept are one batch, so the undo lifts the ban too.
        let undone = steps::undo(app, &[site], (ban, id), by, &Cursors::default()).await?;
        if !undone.next.is_empty() {
            return steps::undo_page(app, &call, (ban, id), &undone, &fields, &back).await;
        }
        undone.done()
    } else {
        calls::lift_ban(app, site, ban, Attributed { id, by: by.to_owned() }).await?;
        0
    };
    Ok(see_other(&notice::saved_address(&back, Saved::BanLifted(restored), None))?)
}

fn read(fields: &FormFields, form: &BanForm<'_>, now: i64) -> Result<NewBan, Refusal> {
    let until = match form.days {
        "" => None,
        days => Some(now + DAY_SECONDS * days.parse::<u16>().map(i64::from).map_err(|_| Refusal::BadTime)?),
    };
    let comment: Option<CommentId> = form.comment.map(|comment: &QueuedComment| comment.id);
    let pattern = comment.is_none().then(|| form.pattern.trim().to_owned());
    Ok(NewBan {
        id: fields::action_id(fields)?,
        kind: form.kind.unwrap_or(BanKind::Name),
        pattern,
        comment,
        until,
        reason: form.reason.trim().to_owned(),
        sweep: form.sweep,
    })
}

fn show(context: &PageContext<'_>, form: &BanForm<'_>, refusal: Refusal) -> Result<Response, ApiError> {
    let field = match refusal {
        Refusal::BadPattern => "pattern",
        Refusal::BadTime => "days",
        _ => "",
    };
    // A ban of a comment's author has no field for a pattern.
    let field = if form.comment.is_some() && field == "pattern" { "" } else { field };
    let message = if refusal == Refusal::BadQuery { NOT_COUNTED } else { refusal.message() };
    let form = BanForm { error: Some((field, message)), ..*form };
    context.respond_with(refusal.status(), |frame| ban_page(frame, &form))
}
