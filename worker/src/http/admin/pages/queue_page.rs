//! `/admin/queue`: lists of comments.

use afterword_model::moderation::{QueueFilter, QueuePage};
use afterword_model::{CommentId, Origin, Refusal};
use afterword_view::admin::{ListView, QueueView, queue_page};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::calls;
use crate::http::admin::pages::context::PageContext;
use crate::http::admin::pages::cursors::Cursors;
use crate::http::admin::pages::fields;
use crate::http::admin::pages::merged_queue::merge;

/// Number of comments on a page.
const PAGE_COMMENTS: usize = 50;

/// `GET /admin/queue`: a list, of one blog or of all.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let mut context = PageContext::of_any_site(app, &call).await?;
    let value = |name: &str| call.request.query_value(name).unwrap_or_default();
    let view = ListView::parse(&value("view")).unwrap_or_default();
    let after = value("after");
    let sites = context.shown_sites();
    let filter = fields::queue_filter(app, sites.first().copied().filter(|_| sites.len() == 1), value)?;
    let (page, next) = match sites[..] {
        [site] => one_site(app, site, &filter, &after).await?,
        _ => all_sites(app, &sites, &filter, &after).await?,
    };
    (context.counts, context.audit_head) = (page.counts, page.audit_head);
    context.respond(|frame| {
        queue_page(frame, &QueueView { filter: &filter, view, page: &page, after: &after, next: &next })
    })
}

async fn one_site(
    app: &AppContext,
    site: &Origin,
    filter: &QueueFilter,
    after: &str,
) -> Result<(QueuePage, String), ApiError> {
    let after = if after.is_empty() { None } else { Some(after.parse().map_err(|_| Refusal::BadQuery)?) };
    let page = calls::queue(app, site, filter, after.map(CommentId::new), PAGE_COMMENTS as u32).await?;
    let next = page.next.map(|next| next.to_string()).unwrap_or_default();
    Ok((page, next))
}

async fn all_sites(
    app: &AppContext,
    sites: &[&Origin],
    filter: &QueueFilter,
    after: &str,
) -> Result<(QueuePage, String), ApiError> {
    let cursors = Cursors::parse(after).ok_or(Refusal::BadQuery)?;
    let mut pages = Vec::new();
    for site in sites {
        // The post of a filter belongs to one blog.
        let is_of_site = |post: &afterword_model::PostUrl| {
            app.settings.sites.resolve_post(post.as_str()).is_ok_and(|post| post.site == **site)
        };
        if filter.post.as_ref().is_none_or(is_of_site) {
            pages.push((
                *site,
                calls::queue(app, site, filter, cursors.of(site).map(CommentId::new), PAGE_COMMENTS as u32).await?,
            ));
        }
    }
    Ok(merge(pages, filter.list, cursors, PAGE_COMMENTS))
}
