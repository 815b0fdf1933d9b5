//! `/admin/threads`: the threads of a blog, and what can be changed about them.

use afterword_model::moderation::{CloseOldThreads, ThreadFilter};
use afterword_model::{Origin, PostUrl, Refusal, limits};
use afterword_view::admin::{Saved, ThreadsView, threads_page};
use worker::Response;

use crate::admin_rpc::Attributed;
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::{fields, notice};
use crate::http::form_fields::FormFields;
use crate::platform::clock::now_seconds;
use crate::response::see_other;

const PATH: &str = "/admin/threads";
/// Number of threads on a page.
const PAGE_THREADS: u32 = 50;
/// Number of steps in which one request closes old threads. The form can be sent again for the rest.
const CLOSE_STEPS: usize = 40;
/// Largest number of days that the form for old threads takes: a century.
const MAX_DAYS: u32 = 36_500;

/// `GET /admin/threads`: the list.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let value = |name: &str| call.request.query_value(name).unwrap_or_default();
    let search = value("search").trim().to_owned();
    let filter = ThreadFilter {
        search: (!search.is_empty()).then_some(search),
        closed: match value("closed").as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
    };
    if filter.search.as_ref().is_some_and(|search| search.chars().count() > limits::SEARCH_CHARS) {
        return Err(Refusal::BadQuery.into());
    }
    let before = call.request.query_number("before")?;
    show(app, &call, 200, &filter, before, "").await
}

/// `POST /admin/threads/closed`: closes a thread, or opens it again.
pub(crate) async fn set_closed(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let (site, url) = thread(app, &call, &fields)?;
    let closed = match fields.value("closed") {
        "yes" => true,
        "no" => false,
        _ => return Err(Refusal::BadQuery.into()),
    };
    let id = fields::action_id(&fields)?;
    calls::set_closed(app, site, url, closed, Attributed { id, by: call.moderator.name().to_owned() }).await?;
    let saved = if closed { Saved::Closed } else { Saved::Reopened };
    Ok(see_other(&notice::saved_address(&fields::back(&fields, PATH), saved, None))?)
}

/// `POST /admin/threads/title`: sets the title of a post, or gives the choice back to the comments.
pub(crate) async fn set_title(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let (site, url) = thread(app, &call, &fields)?;
    let id = fields::action_id(&fields)?;
    calls::set_title(app, site, url, fields.value("title"), Attributed { id, by: call.moderator.name().to_owned() })
        .await?;
    Ok(see_other(&notice::saved_address(&fields::back(&fields, PATH), Saved::Title, None))?)
}

/// `POST /admin/threads/close-old`: closes the threads without a recent comment.
pub(crate) async fn close_old(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let fields = FormFields::read(app, call.request).await?;
    let days: Option<u32> = fields.value("days").trim().parse().ok().filter(|days| (1..=MAX_DAYS).contains(days));
    let Some(days) = days else {
        let error = format!("Write a number of days from 1 to {MAX_DAYS}.");
        return show(app, &call, 422, &ThreadFilter::default(), None, &error).await;
    };
    let site = match fields.value("site") {
        "" => PageContext::of_one_site(app, &call).await?.site()?,
        origin => fields::site(app, &call, origin)?,
    };
    let id = fields::action_id(&fields)?;
    let mut request = CloseOldThreads { id, before: now_seconds() - 24 * 3600 * i64::from(days), after: 0 };
    let mut closed = 0;
    for _ in 0..CLOSE_STEPS {
        let step = calls::close_old(app, site, request.clone(), call.moderator.name()).await?;
        closed += step.closed;
        match step.next {
            Some(next) => request.after = next,
            None => break,
        }
    }
    Ok(see_other(&notice::saved_address(&fields::back(&fields, PATH), Saved::ClosedOld(closed), None))?)
}

/// The thread of a form, and its site: that of its address, if it is one of the moderator's.
fn thread<'a>(
    app: &'a AppContext,
    call: &AdminCall<'_>,
    fields: &FormFields,
) -> Result<(&'a Origin, PostUrl), Refusal> {
    let post = app.settings.sites.resolve_post(fields.value("url"))?;
    let site = fields::site(app, call, post.site.as_str())?;
    Ok((site, post.url))
}

async fn show(
    app: &AppContext,
    call: &AdminCall<'_>,
    status: u16,
    filter: &ThreadFilter,
    before: Option<i64>,
    close_error: &str,
) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, call).await?;
    let page = calls::threads(app, context.site()?, filter, before, PAGE_THREADS).await?;
    context.respond_with(status, |frame| threads_page(frame, &ThreadsView { filter, page: &page, close_error }))
}
