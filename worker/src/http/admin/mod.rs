//! The calls of moderators, and the gate before everything under `/admin`.

mod api;

use afterword_guard::bearer_token;
use afterword_model::{Origin, Refusal, Site};
use worker::{Method, Response, console_warn};

use crate::admin_rpc::AdminRequest;
use crate::http::rate_limiter::SECRETS;
use crate::http::request::ApiRequest;
use crate::http::router::{self, AppContext};
use crate::ledger_client;
use crate::response::{self, ApiError, ContentType};

pub(crate) const EXPORT: &str = "/admin/api/export";
pub(crate) const IMPORT: &str = "/admin/api/import";

/// No file has more lines.
const LAST_LINE: u64 = 1 << 52;

/// Whether an address is behind the gate, whether there is something at it or not.
pub(crate) fn is_behind(path: &str) -> bool {
    path == "/admin" || path.starts_with("/admin/")
}

/// The answer to a call behind the gate. Without a moderator's secret it is the same for all of them.
pub(crate) async fn answer(app: &AppContext, mut call: ApiRequest) -> Result<Response, ApiError> {
    let admitted = admit(app, &call).await;
    let passes_on = admitted.is_ok() && matches!((call.path(), call.method()), (IMPORT, Method::Post));
    if !passes_on {
        call.read_body().await;
    }
    let by = admitted?;
    match (call.path(), call.method()) {
        (EXPORT, Method::Get) => export(app, &call).await,
        (IMPORT, Method::Post) => import(app, &mut call).await,
        _ => match api::read(app, &mut call, by)? {
            Some(ask) => forward(app, &call, &ask).await,
            None => router::unserved(call.path()),
        },
    }
}

async fn forward(app: &AppContext, call: &ApiRequest, ask: &AdminRequest) -> Result<Response, ApiError> {
    let body = serde_json::to_string(ask).map_err(worker::Error::from)?;
    let answer = ledger_client::ask(&app.env, &app.cost, site(app, call)?, "ask", &body).await?;
    Ok(pass_on(ContentType::Json, answer)?)
}

/// The name of the moderator who calls. The secret travels in a header that no browser adds by itself; a browser that says that
/// another site's page makes the call is refused all the same.
///
/// Wrong secrets are counted, and whoever tries many is told to wait. The right one is never kept waiting, or anybody could keep
/// a moderator out from the same network.
async fn admit(app: &AppContext, call: &ApiRequest) -> Result<&'static str, Refusal> {
    let header = call.header("authorization").unwrap_or_default();
    let secret = bearer_token(&header).ok_or(Refusal::Unauthorized)?;
    match app.settings.moderators.find_by_secret(secret) {
        Some(_) if call.is_cross_site() => Err(Refusal::WrongOrigin),
        Some(name) => Ok(name),
        None => Err(refuse_secret(app, call).await),
    }
}

async fn refuse_secret(app: &AppContext, call: &ApiRequest) -> Refusal {
    // Secrets are the same for all sites; any of them does for counting.
    let site = app.settings.sites.iter().next().map(Site::origin);
    match site {
        Some(site) if SECRETS.is_shut(app, call, site).await => {
            console_warn!("somebody tries one wrong secret of a moderator after another");
            Refusal::TooManySecrets
        }
        _ => Refusal::Unauthorized,
    }
}

/// The site that a call is about. With one site there is no need to name it.
fn site<'a>(app: &'a AppContext, call: &ApiRequest) -> Result<&'a Origin, Refusal> {
    let mut sites = app.settings.sites.iter().map(Site::origin);
    let Some(named) = call.parameter("site") else {
        let only = sites.next().filter(|_| sites.next().is_none());
        return only.ok_or(Refusal::BadQuery);
    };
    let place = app.settings.sites.resolve_post(&named).map_err(|refusal| match refusal {
        Refusal::UnknownSite => Refusal::UnknownSite,
        _ => Refusal::BadQuery,
    })?;
    sites.find(|site| **site == place.site).ok_or(Refusal::UnknownSite)
}

async fn export(app: &AppContext, call: &ApiRequest) -> Result<Response, ApiError> {
    let site = site(app, call)?;
    let answer = ledger_client::ask(&app.env, &app.cost, site, "export", "").await?;
    // The authority of a site is of letters, digits, dots, hyphens, and perhaps a colon or brackets, which no file has in its name everywhere.
    let name = site.authority().replace([':', '[', ']'], "-");
    let (kind, disposition) = match answer.status_code() {
        200 => (ContentType::Lines, Some(format!("attachment; filename=\"afterword-{name}.jsonl\""))),
        _ => (ContentType::Json, None),
    };
    let mut passed = pass_on(kind, answer)?;
    if let Some(disposition) = disposition {
        passed.headers_mut().set("content-disposition", &disposition)?;
    }
    Ok(passed)
}

async fn import(app: &AppContext, call: &mut ApiRequest) -> Result<Response, ApiError> {
    let (site, order) = match order(app, call) {
        Ok(ordered) => ordered,
        Err(refusal) => {
            call.read_body().await;
            return Err(refusal.into());
        }
    };
    let answer = ledger_client::pass_on(&app.env, &app.cost, site, &order, call.body_stream()).await?;
    Ok(pass_on(ContentType::Json, answer)?)
}

/// What the object is told of an import: for which site, and how.
fn order<'a>(app: &'a AppContext, call: &ApiRequest) -> Result<(&'a Origin, String), Refusal> {
    let mut order = format!("import?dry_run={}", call.flag("dry_run", false)?);
    if let Some(first) = call.number::<u64>("first")? {
        if !(1..=LAST_LINE).contains(&first) {
            return Err(Refusal::BadQuery);
        }
        order += &format!("&first={first}");
    }
    Ok((site(app, call)?, order))
}

/// The object's answer with the Worker's headers, its body unread.
fn pass_on(kind: ContentType, answer: Response) -> worker::Result<Response> {
    let start = response::start(kind, answer.status_code())?;
    Ok(start.body(answer.into_parts().1))
}
