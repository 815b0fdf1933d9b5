//! Carrying a site away and bringing it back, in the object: lines out of the ledger as somebody reads them, lines into it as they arrive.

use std::rc::Rc;

use afterword_ledger::{
    ExportChecksum, ExportCursor, ImportError, InvalidLine, Ledger, LedgerError, Restore, RestoreError, RestoreOptions,
    RestoreSummary, Sql,
};
use afterword_model::{Origin, Refusal};
use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use worker::{ByteStream, Response};

use crate::admin_rpc::RENDERER;
use crate::platform::clock::now_seconds;
use crate::platform::object_sql::ObjectSql;
use crate::publish::publisher::Publisher;
use crate::response::{self, ApiError, ContentType};
use crate::settings::Settings;
use crate::site_ledger::failure;

/// How much of an export is made at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// An export under way.
pub(crate) struct ExportStream<S> {
    ledger: Rc<Ledger<S>>,
    site: String,
    cursor: Option<ExportCursor>,
    tally: ExportChecksum,
    closed: bool,
}

impl<S: Sql> ExportStream<S> {
    pub(crate) fn new(ledger: Rc<Ledger<S>>, site: &Origin) -> Self {
        let cursor = Some(ExportCursor::default());
        Self { ledger, site: site.as_str().to_owned(), cursor, tally: ExportChecksum::default(), closed: false }
    }

    /// The next lines, each with its end; `None` after the closing line.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.closed {
            return Ok(None);
        }
        let mut piece = Vec::new();
        // Kept until the piece is made: after a failure the end is not where it broke off.
        if let Some(cursor) = self.cursor.clone() {
            let part = self.ledger.export(&self.site, cursor, PIECE_BYTES)?;
            for line in part.lines {
                self.tally.add_line(&line);
                piece.extend(line.into_bytes());
                piece.push(b'\n');
            }
            self.cursor = part.next;
        }
        if self.cursor.is_none() {
            piece.extend(self.tally.closing_line().into_bytes());
            piece.push(b'\n');
            self.closed = true;
        }
        Ok(Some(piece))
    }
}

/// An export as an answer: a piece is made when the one before it is taken, so one is in memory however large the site is.
pub(crate) fn export(ledger: Rc<Ledger<ObjectSql>>, site: &Origin) -> Result<Response, ApiError> {
    let lines = stream::try_unfold(ExportStream::new(ledger, site), |mut exporting| async {
        let piece = exporting.next().map_err(|error| worker::Error::from(error.to_string()))?;
        Ok::<_, worker::Error>(piece.map(|piece| (piece, exporting)))
    });
    Ok(response::start(ContentType::Lines, 200)?.from_stream(lines)?)
}

/// What the address of a call to the object says.
#[derive(Debug, Deserialize)]
pub(crate) struct ImportParams {
    /// The site's origin, as the settings have it.
    pub(crate) site: String,
    /// Whether an import only says what it would do.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// The number of the first line of an import.
    pub(crate) first: Option<u64>,
    /// The day of a backup, by its number.
    #[serde(default)]
    pub(crate) day: i64,
}

/// What an import did, or would do.
#[derive(Serialize)]
struct ImportSummary {
    dry_run: bool,
    #[serde(flatten)]
    restored: RestoreSummary,
}

/// Why an import stopped, and what it did before.
#[derive(Serialize)]
struct Stopped {
    error: Reason,
    #[serde(flatten)]
    taken: ImportSummary,
}

#[derive(Serialize)]
struct Reason {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

/// What came of an import.
pub(crate) struct ImportOutcome {
    pub(crate) answer: Result<Response, ApiError>,
    /// Whether it wrote, and no more of it is to be expected.
    pub(crate) ended: bool,
}

/// Takes in an export, or a run of its lines, as it arrives.
pub(crate) async fn import(
    ledger: &Ledger<ObjectSql>,
    outbox: &Publisher,
    settings: &Settings,
    site: &Origin,
    how: &ImportParams,
    mut body: ByteStream,
) -> ImportOutcome {
    let ImportParams { dry_run, first, .. } = *how;
    let mut restore =
        Restore::new(RestoreOptions { sites: &settings.sites, site, renderer: RENDERER, first_line: first, dry_run });
    // An import that writes nothing has nothing that could wait.
    let held = (!dry_run).then_some(outbox);
    let outcome = take_in(ledger, held, &mut restore, &mut body).await;
    let ended = held.is_some() && (restore.is_complete() || outcome.is_err());
    let taken = ImportSummary { dry_run, restored: restore.summary() };
    let answer = match outcome {
        Ok(()) => response::json(200, &taken).map_err(ApiError::from),
        Err(Stop::Restore(error)) => {
            throw_away(&mut body).await;
            refused(error, taken)
        }
        Err(Stop::Platform(error)) => Err(error.into()),
    };
    ImportOutcome { answer, ended }
}

/// Why an import does not go on.
enum Stop {
    Restore(RestoreError),
    Platform(worker::Error),
}

impl From<RestoreError> for Stop {
    fn from(error: RestoreError) -> Self {
        Self::Restore(error)
    }
}

impl From<worker::Error> for Stop {
    fn from(error: worker::Error) -> Self {
        Self::Platform(error)
    }
}

async fn take_in(
    ledger: &Ledger<ObjectSql>,
    held: Option<&Publisher>,
    restore: &mut Restore<'_>,
    body: &mut ByteStream,
) -> Result<(), Stop> {
    while let Some(bytes) = body.next().await {
        restore.push(&bytes?);
        while restore.import_next_batch(ledger, now_seconds())? {
            // In the turn of the batch, so that the platform commits both together.
            if let Some(outbox) = held {
                outbox.hold().await?;
            }
        }
    }
    restore.finish(ledger, now_seconds())?;
    if let Some(outbox) = held {
        outbox.hold().await?;
    }
    Ok(())
}

/// Why it stopped, as an answer.
fn refused(error: RestoreError, taken: ImportSummary) -> Result<Response, ApiError> {
    let (refusal, line, message) = match error {
        RestoreError::Import(ImportError::Ledger(error)) => return Err(failure(error)),
        RestoreError::Import(ImportError::OtherSite) => {
            (Refusal::BadLine, Some(1), "Line 1: the export of another site.".to_owned())
        }
        RestoreError::Import(ImportError::Line(InvalidLine { number, error: fault })) => {
            (Refusal::BadLine, Some(number), format!("Line {number}: {fault}."))
        }
        RestoreError::Checksum(error) => {
            (Refusal::BadChecksum, None, format!("The file is not as it was exported: {error}."))
        }
    };
    let error = Reason { code: refusal.code(), message, line };
    Ok(response::json(refusal.status(), &Stopped { error, taken })?)
}

/// Reads on to the end without looking: most clients listen only once they have sent everything, and would take an answer given
/// before for a broken connection.
async fn throw_away(body: &mut ByteStream) {
    while let Some(Ok(_)) = body.next().await {}
}
