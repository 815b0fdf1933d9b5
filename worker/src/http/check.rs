//! The page that explains to moderators what the tag does on a post.

use afterword_guard::{Moderator, basic_password};
use afterword_ledger::{ThreadFacts, ThreadReport};
use afterword_model::{ChosenPost, Origin, PageReader, Refusal, Sort, UrlRules};
use afterword_view::{CheckPage, CheckResult, CheckedPost, CheckedThread, check_page};
use url::Url;
use worker::Response;

use crate::admin_rpc::AdminRequest;
use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::auth;
use crate::http::request::ApiRequest;
use crate::http::setup::page_assets;
use crate::kv_reader::KvReader;
use crate::ledger_client;
use crate::response;

/// The browser asks for a name and a password. The name is not looked at, because a secret belongs to one moderator.
const CHALLENGE: &str = "Basic realm=\"Afterword: the password is your moderator secret\", charset=\"UTF-8\"";

/// `GET /check`: fetches nothing; reads the settings, the database and the published thread.
///
/// A browser sends the password by itself afterwards, also to other paths of the Worker. Nothing but this page accepts it, and this page
/// changes nothing.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let header = request.header("authorization").unwrap_or_default();
    let secret = basic_password(&header).unwrap_or_default();
    let moderator = match auth::authenticate_secret(
        app,
        request,
        Some(secret.as_str()).filter(|secret| !secret.is_empty()),
    )
    .await
    {
        Ok(moderator) => moderator,
        Err(ApiError::Refused(Refusal::Unauthorized)) => return Ok(ask_for_secret()?),
        Err(error) => return Err(error),
    };
    let [url, canonical] = ["url", "canonical"].map(|name| request.query_value(name).unwrap_or_default());
    let (url, canonical) = (url.trim(), canonical.trim());
    let result = if url.is_empty() { None } else { Some(check(app, moderator, url, canonical).await?) };
    Ok(response::page(200, check_page(&page_assets(request), &CheckPage { url, canonical, result }))?)
}

fn ask_for_secret() -> worker::Result<Response> {
    let mut response =
        response::page(Refusal::Unauthorized.status(), maud::html! { p { (Refusal::Unauthorized.message()) } })?;
    response.headers_mut().set("www-authenticate", CHALLENGE)?;
    Ok(response)
}

async fn check(app: &AppContext, moderator: &Moderator, url: &str, canonical: &str) -> Result<CheckResult, ApiError> {
    let sites = &app.settings.sites;
    let chosen =
        if canonical.is_empty() { sites.choose_post(url, None) } else { sites.choose_post(canonical, Some(url)) };
    // The blogs of other moderators are as unknown as those of strangers.
    let own_post = |chosen: ChosenPost| {
        if moderator.may_moderate(&chosen.post.site) { Ok(chosen) } else { Err(Refusal::UnknownSite) }
    };
    match chosen.and_then(own_post) {
        Ok(chosen) => describe(app, url, chosen).await,
        Err(Refusal::UnknownSite) => {
            let origin = Url::parse(url).ok().map(|url| url.origin().ascii_serialization());
            let own_sites = sites.iter().map(|site| site.origin()).filter(|site| moderator.may_moderate(site));
            let origins = own_sites.map(|site| site.as_str().to_owned());
            Ok(CheckResult::UnknownSite { origin, sites: origins.collect() })
        }
        Err(_) => Ok(CheckResult::NotAnAddress),
    }
}

async fn describe(app: &AppContext, url: &str, chosen: ChosenPost) -> Result<CheckResult, ApiError> {
    let ChosenPost { post, fault } = chosen;
    app.log.set_site(post.site.as_str());
    let request = AdminRequest::DescribeThread { url: post.url.clone() };
    let ThreadReport { thread, former_urls, moderation } =
        ledger_client::admin(app, &post.site, &request).await?.json().await?;
    let (published, _) = KvReader::new(app)?.read(&post, |url| PageReader::new(url, 1, Sort::Oldest)).await?;
    let sites = &app.settings.sites;
    let rules = sites.iter().find(|site| *site.origin() == post.site).map_or(UrlRules::DEFAULT, |site| site.rules());
    let origin = Url::parse(&post.requested_url).ok().map(|url| url.origin().ascii_serialization());
    let thread = thread.map(|ThreadFacts { url, title, title_locked, count, pending, closed }| CheckedThread {
        url: url.to_string(),
        title,
        title_locked,
        count,
        pending,
        closed,
        former_urls: former_urls.iter().map(ToString::to_string).collect(),
    });
    Ok(CheckResult::Post(Box::new(CheckedPost {
        site: post.site.as_str().to_owned(),
        alias: origin.filter(|origin| Origin::parse(origin).is_some_and(|origin| origin != post.site)),
        canonical_url: post.url.to_string(),
        canonical_hint: fault.map(|fault| fault.hint()),
        dropped: sites.dropped_parameters(url).into_iter().map(|(name, group)| (name, group.sender)).collect(),
        drops_fragment: url.contains('#') && !post.url.has_route(),
        has_route: post.url.has_route(),
        clean_urls: rules.has_clean_urls(),
        published: published.count,
        thread,
        moderation: moderation.unwrap_or(app.settings.moderation),
        own_moderation: moderation.is_some(),
    })))
}
