//! Pages for the owner while they set up the Worker, and the health check.

use afterword_model::{ErrorBody, Refusal};
use afterword_view::styles::page_stylesheet_paths;
use afterword_view::{PageAssets, SetupState};
use serde::Serialize;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::cors::{allow_every_origin, has_cors};
use crate::http::invalid_rules;
use crate::http::request::{ApiRequest, is_admin_api_path};
use crate::nightly_record::{self, NightlyStatus};
use crate::response::{self, ContentType};

#[derive(Serialize)]
struct Health {
    version: &'static str,
    configured: bool,
    /// Number of bans and lists of muted words that cannot be read, so that comments are held; `None` if unknown.
    invalid_rules: Option<usize>,
    /// `None` while the settings are invalid.
    maintenance: Option<NightlyStatus>,
}

/// `GET /health`: the version, the rules of the sites that need a moderator, and the last nightly maintenance.
pub(crate) async fn health(app: &AppContext) -> Result<Response, ApiError> {
    Ok(health_response(invalid_rules::count(app).await, Some(nightly_record::read(app).await))?)
}

/// `GET /favicon.ico`: there is none.
pub(crate) fn favicon() -> Result<Response, ApiError> {
    Ok(response::builder(ContentType::Page, 204)?.empty())
}

/// `GET /`: tells the owner that the Worker runs, and what to paste. It does not name the sites, because everybody may open it, and the
/// owner of two blogs may not want the readers of one to know of the other.
pub(crate) fn welcome(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let setup = SetupState::Welcome { endpoint: &request.endpoint(), can_moderate: app.settings.has_moderators() };
    Ok(response::page(200, afterword_view::setup_page(&page_assets(request), &setup))?)
}

/// Response while the settings are invalid: nothing works, and the owner reads what to do about it.
pub(crate) fn not_configured(request: &ApiRequest, problems: &[String]) -> worker::Result<Response> {
    let path = request.path();
    if path == "/health" {
        return health_response(None, None);
    }
    if is_admin_api_path(path) || has_cors(path) {
        let mut body = ErrorBody::from(Refusal::NotConfigured);
        body.error.hint = Some(problems.join(" "));
        let mut response = response::json(Refusal::NotConfigured.status(), &body)?;
        if has_cors(path) {
            // The owner reads the problems in the console of the browser.
            allow_every_origin(&mut response)?;
        }
        return Ok(response);
    }
    let page = afterword_view::setup_page(&page_assets(request), &SetupState::Missing { problems });
    response::page(Refusal::NotConfigured.status(), page)
}

/// The page for a post of a site that is not configured.
pub(crate) fn unknown_site_page(request: &ApiRequest) -> maud::Markup {
    afterword_view::setup_page(&page_assets(request), &SetupState::UnknownSite)
}

/// Assets of a standalone page.
pub(crate) fn page_assets(request: &ApiRequest) -> PageAssets<'_> {
    PageAssets { base_path: request.base_path(), stylesheet_paths: page_stylesheet_paths(), structured_data: None }
}

fn health_response(invalid_rules: Option<usize>, maintenance: Option<NightlyStatus>) -> worker::Result<Response> {
    let configured = maintenance.is_some();
    response::json(200, &Health { version: env!("CARGO_PKG_VERSION"), configured, invalid_rules, maintenance })
}
