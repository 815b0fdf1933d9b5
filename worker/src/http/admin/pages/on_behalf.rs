//! `/admin/on-behalf`: a comment that reached the moderator another way.

use afterword_model::moderation::OnBehalf;
use afterword_model::{CommentId, Field, Refusal};
use afterword_view::admin::{OnBehalfForm, Saved, on_behalf_page};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::{fields, notice};
use crate::http::form_fields::FormFields;
use crate::http::submit_comment::render_text;
use crate::response::see_other;

/// The page to which the form leads.
const DONE: &str = "/admin/queue?list=published";

/// `GET /admin/on-behalf`: the form.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let url = call.request.query_value("url").unwrap_or_default();
    context.respond(|frame| on_behalf_page(frame, &OnBehalfForm { url: &url, ..OnBehalfForm::default() }))
}

/// `POST /admin/on-behalf`: publishes the comment, or shows the form again with what is wrong.
pub(crate) async fn post(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let context = PageContext::of_one_site(app, &call).await?;
    let form = OnBehalfForm {
        url: fields.value("url"),
        parent: fields.value("parent"),
        name: fields.value("name"),
        email: fields.value("email"),
        website: fields.value("website"),
        date: fields.value("date"),
        text: fields.value("text"),
        preview: None,
        error: None,
    };
    if !fields.value("preview").is_empty() {
        return match render_text(form.text) {
            Ok(rendered) => {
                context.respond(|frame| on_behalf_page(frame, &OnBehalfForm { preview: Some(&rendered.html), ..form }))
            }
            Err(refusal) => show(&context, form, refusal),
        };
    }
    let site = context.site()?;
    let result = match read(app, &context, &fields) {
        Ok(comment) => {
            let id = comment.id;
            calls::on_behalf(app, site, comment, call.moderator.name()).await.map(|_| id)
        }
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(id) => {
            let back = fields::with_parameters(
                DONE,
                &[("site", call.request.query_value("site").unwrap_or_default().as_str())],
            );
            Ok(see_other(&notice::saved_address(&back, Saved::Post, Some(id)))?)
        }
        Err(error) => show(&context, form, error.into_refusal(&app.log)),
    }
}

fn read(app: &AppContext, context: &PageContext<'_>, fields: &FormFields) -> Result<OnBehalf, Refusal> {
    let text = |name| Some(fields.value(name).trim().to_owned()).filter(|text: &String| !text.is_empty());
    let parent = |id: String| id.parse().map(CommentId::new).map_err(|_| Refusal::UnknownParent);
    let today = context.now() - context.now().rem_euclid(24 * 3600);
    // A comment of today has the present time, not that of the last midnight.
    let date = text("date").map(|day| fields::day_start(&day).map_err(|_| Refusal::BadTime)).transpose()?;
    Ok(OnBehalf {
        id: fields::action_id(fields)?,
        url: fields::post(app, Some(context.site().map_err(|_| Refusal::UnknownSite)?), fields.value("url").trim())?,
        parent: text("parent").map(parent).transpose()?,
        name: text("name").unwrap_or_default(),
        email: text("email"),
        website: text("website"),
        date: date.filter(|date| *date != today),
        text: fields.value("text").to_owned(),
    })
}

fn show(context: &PageContext<'_>, form: OnBehalfForm<'_>, refusal: Refusal) -> Result<Response, ApiError> {
    let field = match refusal.field() {
        Some(Field::Url) => "url",
        Some(Field::Parent) => "parent",
        Some(Field::Name) => "name",
        Some(Field::Email) => "email",
        Some(Field::Website) => "website",
        Some(Field::Text) => "text",
        None if refusal == Refusal::BadTime => "date",
        Some(Field::Id) | None => "",
    };
    let form = OnBehalfForm { error: Some((field, refusal.message())), ..form };
    context.respond_with(refusal.status(), |frame| on_behalf_page(frame, &form))
}
