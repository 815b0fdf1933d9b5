//! The site is carried away and brought back: into nothing after a disaster, and into itself.

use afterword_ledger::{
    ExportCursor, ExportHeader, ImportBatch, ImportCounts, ImportError, Ledger, LedgerError, Renderer,
};
use afterword_model::{Origin, SafeHtml, Sites};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::World;
use super::plain::Model;
use crate::fixtures::{Store, html};

const SITE: &str = "https://blog.example";

/// How a site is carried.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carriage {
    /// Bytes in a piece of the export.
    piece: usize,
    /// Lines in a batch of the import.
    batch: usize,
    /// The statement at which the import is killed; it is begun again then.
    killed: Option<u32>,
}

pub(crate) fn carriage() -> impl Strategy<Value = Carriage> {
    let killed = prop::option::of(0..200u32);
    (1..4_000usize, 1..40usize, killed).prop_map(|(piece, batch, killed)| Carriage { piece, batch, killed })
}

/// An export that was kept, and the model as it was then.
pub(crate) struct Kept {
    lines: Vec<String>,
    model: Model,
}

/// What the renderer makes of the texts of this story: their last word says how long the HTML is.
pub(crate) fn rendered(source: &str) -> SafeHtml {
    let size = source.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()).unwrap_or_default();
    html(&if source.starts_with("Edit") { "y\n".repeat(size / 3) } else { "\"x\n".repeat(size / 5) })
}

impl World {
    /// Takes an export and keeps it.
    pub(crate) fn keep(&mut self, how: Carriage) {
        self.kept = Some(Kept { lines: self.export(how.piece), model: self.model.clone() });
    }

    /// The ledger is lost, and comes back from an export just taken. What readers have is not lost.
    pub(crate) fn restore(&mut self, how: Carriage) -> TestCaseResult {
        let lines = self.export(how.piece);
        self.store = Store::new();
        self.putting = None;
        self.import(&lines, how)?;
        prop_assert_eq!(self.export(how.piece / 2), lines);
        self.model.restored(self.now);
        Ok(())
    }

    /// An export of old is brought into the site, which has gone on since.
    pub(crate) fn bring_back(&mut self, how: Carriage) -> TestCaseResult {
        let Some(kept) = self.kept.take() else { return Ok(()) };
        self.import(&kept.lines, how)?;
        self.model.brought_back(&kept.model, self.now);
        let before = self.store.dump();
        let again = self.import(&kept.lines, Carriage { killed: None, ..how })?;
        prop_assert_eq!(again.known + 1, u32::try_from(kept.lines.len()).unwrap());
        prop_assert_eq!(self.store.dump(), before);
        self.kept = Some(kept);
        Ok(())
    }

    fn export(&self, piece: usize) -> Vec<String> {
        let (ledger, mut lines, mut cursor) = (self.ledger(), Vec::new(), Some(ExportCursor::default()));
        while let Some(from) = cursor {
            let part = ledger.export(SITE, from, piece).unwrap();
            lines.extend(part.lines);
            cursor = part.next;
        }
        lines
    }

    fn import(&self, lines: &[String], how: Carriage) -> Result<ImportCounts, TestCaseError> {
        let ledger = self.ledger();
        self.store.fuse.set(how.killed);
        let first = self.send(&ledger, lines, how.batch);
        self.store.fuse.set(None);
        match first {
            Ok(done) => Ok(done),
            Err(ImportError::Ledger(LedgerError::Sql(_))) if how.killed.is_some() => {
                self.send(&self.ledger(), lines, how.batch + 1).map_err(|error| TestCaseError::fail(error.to_string()))
            }
            Err(error) => Err(TestCaseError::fail(error.to_string())),
        }
    }

    fn send(&self, ledger: &Ledger<&Store>, lines: &[String], batch: usize) -> Result<ImportCounts, ImportError> {
        let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
        let header = ExportHeader::parse(&lines[0]).unwrap();
        let lines: Vec<&str> = lines[1..].iter().map(String::as_str).collect();
        let renderer = Renderer { version: 1, render: &|source| Some(rendered(source)), render_plain: &rendered };
        let mut known = 0;
        for lines in lines.chunks(batch) {
            let batch =
                ImportBatch { header: &header, first: 1, lines, sites: &sites, site: &site, renderer, now: self.now };
            known += ledger.import(&batch)?.known;
        }
        Ok(ImportCounts { known, ..ImportCounts::default() })
    }
}
