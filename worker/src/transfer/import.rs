//! Import of an export's lines, batch by batch as they arrive.

use std::time::Duration;

use afterword_ledger::{
    ImportError, InvalidLine, Ledger, PatternCompiler, Restore, RestoreError, RestoreOptions, RestoreSummary,
};
use afterword_model::{Origin, Refusal};
use futures_util::StreamExt;
use serde::Serialize;
use worker::{ByteStream, Response};

use crate::error::ApiError;
use crate::ledger_client::ImportParams;
use crate::platform::clock::now_seconds;
use crate::platform::object_sql::ObjectSql;
use crate::platform::timeout::with_timeout;
use crate::publish::publisher::Publisher;
use crate::renderer::RENDERER;
use crate::response;
use crate::settings::Settings;

/// Time without a byte after which an import ends. What was imported before stays, and sending the file again does no harm.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// Changes that an import made, or would make.
#[derive(Serialize)]
struct ImportSummary {
    dry_run: bool,
    #[serde(flatten)]
    restored: RestoreSummary,
}

/// Reason why an import stopped, and the changes it made before.
#[derive(Serialize)]
struct AbortedImport {
    error: AbortReason,
    #[serde(flatten)]
    summary: ImportSummary,
}

#[derive(Serialize)]
struct AbortReason {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

/// Outcome of an import.
pub(crate) struct ImportOutcome {
    pub(crate) response: Result<Response, ApiError>,
    /// True if the import wrote and no further part of it is expected.
    pub(crate) has_ended: bool,
}

/// Imports an export, or a range of its lines, as it arrives.
pub(crate) async fn run(
    ledger: &Ledger<ObjectSql>,
    publisher: &Publisher,
    settings: &Settings,
    patterns: &dyn PatternCompiler,
    site: &Origin,
    params: ImportParams,
    mut body: ByteStream,
) -> ImportOutcome {
    let ImportParams { dry_run, first_line } = params;
    let (sites, patterns) = (&settings.sites, Some(patterns));
    let options = RestoreOptions { sites, site, renderer: RENDERER, patterns, first_line, dry_run };
    let mut restore = Restore::new(options);
    // A dry run publishes nothing, so it delays nothing.
    let publisher_to_hold = (!dry_run).then_some(publisher);
    let result = import_lines(ledger, publisher_to_hold, &mut restore, &mut body).await;
    let has_ended = publisher_to_hold.is_some() && (restore.is_complete() || result.is_err());
    let summary = ImportSummary { dry_run, restored: restore.summary() };
    let response = match result {
        Ok(()) => response::json(200, &summary).map_err(ApiError::from),
        Err(ImportAbort::Restore(error)) => {
            drain_body(&mut body).await;
            aborted(error, summary)
        }
        Err(ImportAbort::Idle) => {
            let refusal = Refusal::BodyTimeout;
            abort_response(
                refusal,
                AbortReason { code: refusal.code(), message: refusal.message().to_owned(), line: None },
                summary,
            )
        }
        Err(ImportAbort::Platform(error)) => Err(error.into()),
    };
    ImportOutcome { response, has_ended }
}

/// Error that stops an import.
enum ImportAbort {
    Restore(RestoreError),
    /// Nothing arrived for [`IDLE_TIMEOUT`].
    Idle,
    Platform(worker::Error),
}

impl From<RestoreError> for ImportAbort {
    fn from(error: RestoreError) -> Self {
        Self::Restore(error)
    }
}

impl From<worker::Error> for ImportAbort {
    fn from(error: worker::Error) -> Self {
        Self::Platform(error)
    }
}

async fn import_lines(
    ledger: &Ledger<ObjectSql>,
    publisher_to_hold: Option<&Publisher>,
    restore: &mut Restore<'_>,
    body: &mut ByteStream,
) -> Result<(), ImportAbort> {
    while let Some(bytes) = with_timeout(IDLE_TIMEOUT, body.next()).await.ok_or(ImportAbort::Idle)? {
        restore.push(&bytes?);
        while restore.import_next_batch(ledger, now_seconds())? {
            // In the synchronous turn of the batch, so that the platform commits both together.
            if let Some(publisher) = publisher_to_hold {
                publisher.hold_for_import().await?;
            }
        }
    }
    restore.finish(ledger, now_seconds())?;
    if let Some(publisher) = publisher_to_hold {
        publisher.hold_for_import().await?;
    }
    Ok(())
}

/// Response of an import that stopped.
fn aborted(error: RestoreError, summary: ImportSummary) -> Result<Response, ApiError> {
    let (refusal, line, message) = match error {
        RestoreError::Import(ImportError::Ledger(error)) => return Err(error.into()),
        RestoreError::Import(ImportError::OtherSite) => {
            (Refusal::BadLine, Some(1), "Line 1: this is the export of another site.".to_owned())
        }
        RestoreError::Import(ImportError::Line(InvalidLine { number, error })) => {
            let refusal = if error == Refusal::ListFull.into() { Refusal::ListFull } else { Refusal::BadLine };
            (refusal, Some(number), format!("Line {number}: {error}."))
        }
        RestoreError::Checksum(error) => {
            (Refusal::BadChecksum, None, format!("The file differs from what was exported: {error}."))
        }
    };
    abort_response(refusal, AbortReason { code: refusal.code(), message, line }, summary)
}

fn abort_response(refusal: Refusal, error: AbortReason, summary: ImportSummary) -> Result<Response, ApiError> {
    Ok(response::json(refusal.status(), &AbortedImport { error, summary })?)
}

/// Reads the body to its end and drops it: most clients read the response only after they have sent everything, and would take an earlier
/// one for a broken connection.
async fn drain_body(body: &mut ByteStream) {
    while let Some(Some(Ok(_))) = with_timeout(IDLE_TIMEOUT, body.next()).await {}
}
