//! Export and import over HTTP.

use afterword_model::{Origin, Refusal};
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::ledger_client::{self, ImportParams};
use crate::response::{ContentType, forward};

/// Highest line number that an import accepts: more than any file has.
const MAX_LINE_NUMBER: u64 = 1 << 52;

/// `GET /admin/api/export`: the site's content as a file.
pub(crate) async fn export(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let site = call.site(app)?;
    let exported = ledger_client::export(app, site).await?;
    // A site's authority has letters, digits, dots, hyphens, and perhaps a colon or brackets, which not every file system allows in a name.
    let name = site.authority().replace([':', '[', ']'], "-");
    let mut response = forward(ContentType::JsonLines, exported)?;
    let disposition = format!("attachment; filename=\"afterword-{name}.jsonl\"");
    response.headers_mut().set("content-disposition", &disposition)?;
    Ok(response)
}

/// `POST /admin/api/import`: streams such a file back into the site.
pub(crate) async fn import(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let (site, params) = import_params(app, &call)?;
    let imported = ledger_client::import(app, site, params, call.request.body_stream()).await?;
    Ok(forward(ContentType::Json, imported)?)
}

fn import_params<'a>(app: &'a AppContext, call: &AdminCall<'_>) -> Result<(&'a Origin, ImportParams), Refusal> {
    let dry_run = call.request.query_flag("dry_run", false)?;
    let first_line = call.request.query_number("first")?;
    if first_line.is_some_and(|line| !(1..=MAX_LINE_NUMBER).contains(&line)) {
        return Err(Refusal::BadQuery);
    }
    Ok((call.site(app)?, ImportParams { dry_run, first_line }))
}
