//! `/admin/transfer`: export and import of a blog as a file.

use afterword_view::admin::{ImportResult, TransferView, transfer_page};
use serde::Deserialize;
use serde_json::{Map, Value};
use wasm_bindgen::JsCast;
use web_sys::ReadableStream;
use worker::wasm_bindgen_futures::JsFuture;
use worker::{Response, console_error};

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::admin::call::AdminCall;
use crate::http::admin::page_response;
use crate::http::admin::pages::context::PageContext;
use crate::http::request::ApiRequest;
use crate::ledger_client::{self, ImportParams};

/// Maximum size of a form with a file. The platform keeps it in memory, of which an instance has 128 MB (Cloudflare's documentation, "Limits"). A
/// larger file is imported with the command `afterword restore`, or with `POST /admin/api/import`, which streams it.
const MAX_FORM_BYTES: u64 = 64 * 1024 * 1024;

/// Counts in the reply to an import, with their words on the page.
const COUNTS: [(&str, &str); 7] = [
    ("comments", "comments"),
    ("threads", "threads"),
    ("bans", "bans"),
    ("settings", "settings"),
    ("redirects", "redirects"),
    ("audited", "actions"),
    ("repeats", "repeats"),
];

/// The reply to an import: the counts, and the line at fault if it has ended early.
#[derive(Deserialize)]
struct ImportReply {
    error: Option<ImportFault>,
    #[serde(flatten)]
    counts: Map<String, Value>,
}

#[derive(Deserialize)]
struct ImportFault {
    message: String,
    #[serde(default)]
    line: Option<u64>,
}

/// A file in a form, and its other fields.
struct FileForm {
    file: ReadableStream,
    is_dry_run: bool,
}

/// `GET /admin/transfer`: the download and the form.
pub(crate) async fn get(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    respond(app, &context, 200, TransferView::default())
}

/// `POST /admin/import`: imports the file of the form, or says what it would change. The result is shown at once: the import is no action that a
/// reload could repeat, because it skips what is there already.
pub(crate) async fn import(app: &AppContext, call: AdminCall<'_>) -> Result<Response, ApiError> {
    let context = PageContext::of_one_site(app, &call).await?;
    let error = |status, error: &str| respond(app, &context, status, TransferView { error, ..TransferView::default() });
    let size = call.request.header("content-length").and_then(|length| length.parse::<u64>().ok());
    if size.is_none_or(|size| size > MAX_FORM_BYTES) {
        return error(413, "This file is too large for a form. Use the command `afterword restore`.");
    }
    let Some(form) = read_form(app, call.request).await else { return error(422, "Choose a file.") };
    let params = ImportParams { dry_run: form.is_dry_run, first_line: None };
    let mut response = ledger_client::import(app, context.site()?, params, Some(form.file)).await?;
    let reply: ImportReply = serde_json::from_str(&response.text().await?)?;
    let counts = counts(&reply.counts);
    let fault = reply.error.as_ref().map(|fault| (fault.line.unwrap_or_default(), fault.message.as_str()));
    let result = ImportResult { is_dry_run: form.is_dry_run, counts: &counts, fault };
    let status = if fault.is_some() { 422 } else { 200 };
    respond(app, &context, status, TransferView { result: Some(&result), ..TransferView::default() })
}

fn respond(
    app: &AppContext,
    context: &PageContext<'_>,
    status: u16,
    view: TransferView<'_>,
) -> Result<Response, ApiError> {
    let clean_urls = app.settings.clean_urls.includes(context.site()?);
    let view = TransferView { clean_urls, ..view };
    Ok(page_response::import_page(status, context.render(|frame| transfer_page(frame, &view)))?)
}

/// Reads the form. `None` if it has no file, or is no form.
async fn read_form(app: &AppContext, request: &ApiRequest) -> Option<FileForm> {
    if !request.has_media_type("multipart/form-data") {
        return None;
    }
    let form = match JsFuture::from(request.form_data().ok()?).await {
        Ok(form) => form.unchecked_into::<web_sys::FormData>(),
        Err(error) => {
            console_error!("form not read {} cause={error:?}", app.log);
            return None;
        }
    };
    let file = form.get("file").dyn_into::<web_sys::Blob>().ok().filter(|file| file.size() > 0.0)?;
    Some(FileForm { file: file.stream(), is_dry_run: form.get("dry_run").is_string() })
}

fn counts(reply: &Map<String, Value>) -> Vec<(&'static str, u64)> {
    let count =
        |(name, word): (&str, &'static str)| Some((word, reply.get(name)?.as_u64().filter(|count| *count > 0)?));
    COUNTS.into_iter().filter_map(count).collect()
}
