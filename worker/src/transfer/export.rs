//! Export of a site as JSON lines, read from the ledger piece by piece.

use std::rc::Rc;

use afterword_ledger::{ExportChecksum, ExportCursor, Ledger, LedgerError, Sql};
use afterword_model::Origin;
use futures_util::stream;
use worker::Response;

use crate::error::ApiError;
use crate::platform::object_sql::ObjectSql;
use crate::response::{self, ContentType};

/// Approximate size of a piece.
const PIECE_BYTES: usize = 64 * 1024;

/// An export in progress.
pub(crate) struct ExportStream<S> {
    ledger: Rc<Ledger<S>>,
    site: String,
    /// `None` after the last part.
    cursor: Option<ExportCursor>,
    checksum: ExportChecksum,
    is_complete: bool,
}

impl<S: Sql> ExportStream<S> {
    /// Starts an export.
    pub(crate) fn new(ledger: Rc<Ledger<S>>, site: &Origin) -> Self {
        let cursor = Some(ExportCursor::default());
        let checksum = ExportChecksum::default();
        Self { ledger, site: site.as_str().to_owned(), cursor, checksum, is_complete: false }
    }

    /// Returns the next lines, each with its line feed, or `None` after the closing line.
    pub(crate) fn next_piece(&mut self) -> Result<Option<Vec<u8>>, LedgerError> {
        if self.is_complete {
            return Ok(None);
        }
        let mut piece = Vec::new();
        // The cursor stays until the piece is complete: a failed part must not look like the end.
        if let Some(cursor) = self.cursor.clone() {
            let part = self.ledger.export(&self.site, cursor, PIECE_BYTES)?;
            for line in part.lines {
                self.checksum.add_line(&line);
                piece.extend(line.into_bytes());
                piece.push(b'\n');
            }
            self.cursor = part.next;
        }
        if self.cursor.is_none() {
            piece.extend(self.checksum.closing_line().into_bytes());
            piece.push(b'\n');
            self.is_complete = true;
        }
        Ok(Some(piece))
    }
}

/// Streams an export. The next piece is read when the client has taken the previous one, so one piece is in memory whatever the size of the
/// site.
pub(crate) fn respond(ledger: Rc<Ledger<ObjectSql>>, site: &Origin) -> Result<Response, ApiError> {
    let pieces = stream::try_unfold(ExportStream::new(ledger, site), |mut export| async {
        let piece = export.next_piece().map_err(|error| worker::Error::from(error.to_string()))?;
        Ok::<_, worker::Error>(piece.map(|piece| (piece, export)))
    });
    Ok(response::builder(ContentType::JsonLines, 200)?.from_stream(pieces)?)
}
