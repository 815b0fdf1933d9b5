//! Context of all pages of a signed-in moderator: the blogs, the numbers in the navigation, and the result of the form that led to the page.

use afterword_guard::Moderator;
use afterword_model::moderation::QueueCounts;
use afterword_model::{Origin, Role};
use afterword_view::Markup;
use afterword_view::admin::{Frame, texts};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::page_response::page;
use crate::http::admin::pages::fields;
use crate::http::admin::pages::notice::{self, PageNotice};
use crate::platform::clock::now_seconds;
use crate::platform::random;

/// Parameter of a page with the origin of the blog.
const SITE: &str = "site";

/// The frame of one page.
pub(crate) struct PageContext<'a> {
    moderator: &'static Moderator,
    /// The blogs that the moderator may moderate.
    sites: Vec<&'a Origin>,
    names: Vec<&'a str>,
    /// The blog of the page. `None` for all blogs together.
    site: Option<&'a Origin>,
    now: i64,
    seed: [u8; 16],
    /// Numbers of comments in the lists, as far as the page knows them.
    pub(crate) counts: QueueCounts,
    /// Number of the newest entry of the audit log, as far as the page knows it.
    pub(crate) audit_head: i64,
    notice: Option<PageNotice>,
}

impl<'a> PageContext<'a> {
    /// The context of a page about one blog: the one in its address, or else the first of the moderator's.
    pub(crate) async fn of_one_site(app: &'a AppContext, call: &AdminCall<'_>) -> Result<Self, ApiError> {
        let mut context = Self::of_any_site(app, call).await?;
        context.site = context.site.or_else(|| context.sites.first().copied());
        Ok(context)
    }

    /// The context of a page that can show all blogs together, which it does unless its address names one.
    pub(crate) async fn of_any_site(app: &'a AppContext, call: &AdminCall<'_>) -> Result<Self, ApiError> {
        let sites: Vec<&Origin> = call.sites(app).collect();
        let site = match call.request.query_value(SITE).filter(|name| !name.is_empty()) {
            Some(name) => Some(fields::site(app, call, &name)?),
            None => sites.first().copied().filter(|_| sites.len() == 1),
        };
        let shown = site.map_or_else(|| sites.clone(), |site| vec![site]);
        let notice = notice::read(app, call, &shown).await?;
        Ok(Self {
            moderator: call.moderator,
            names: sites.iter().map(|site| site.as_str()).collect(),
            sites,
            site,
            now: now_seconds(),
            seed: random::bytes()?,
            counts: QueueCounts::default(),
            audit_head: 0,
            notice,
        })
    }

    /// The blog of the page; the first one if the page shows all.
    pub(crate) fn site(&self) -> Result<&'a Origin, ApiError> {
        self.site.or_else(|| self.sites.first().copied()).ok_or_else(|| afterword_model::Refusal::UnknownSite.into())
    }

    /// The blogs that the page shows.
    pub(crate) fn shown_sites(&self) -> Vec<&'a Origin> {
        self.site.map_or_else(|| self.sites.clone(), |site| vec![site])
    }

    /// The present time in Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    /// Renders the page, with the status of a response that refuses nothing.
    pub(crate) fn respond(&self, render: impl FnOnce(&Frame) -> Markup) -> Result<Response, ApiError> {
        self.respond_with(200, render)
    }

    /// Renders the page with another status, for a form that is shown again.
    pub(crate) fn respond_with(
        &self,
        status: u16,
        render: impl FnOnce(&Frame) -> Markup,
    ) -> Result<Response, ApiError> {
        Ok(page(status, self.render(render))?)
    }

    /// Renders the page without a response.
    pub(crate) fn render(&self, render: impl FnOnce(&Frame) -> Markup) -> Markup {
        let notice = self.notice.as_ref().map(PageNotice::view);
        let frame = Frame {
            texts: texts(),
            moderator: self.moderator.name(),
            is_owner: self.moderator.role().includes(Role::Owner),
            site: self.site.map(Origin::as_str).unwrap_or_default(),
            sites: &self.names,
            counts: self.counts,
            audit_head: self.audit_head,
            now: self.now,
            seed: self.seed,
            notice: notice.as_ref(),
        };
        render(&frame)
    }
}
