//! Export and import in a story: into an empty ledger, and into the present site.

use afterword_ledger::{
    ExportCursor, ExportHeader, ImportBatch, ImportCounts, ImportError, Ledger, LedgerError, Renderer,
};
use afterword_model::{LatestComments, Origin, Sites};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use crate::common::{SITE, TestDatabase};
use crate::fixtures::render;
use crate::model::Model;
use crate::simulation::Simulation;

#[derive(Clone, Copy, Debug)]
pub(crate) struct TransferParams {
    /// Size of a part of the export in bytes.
    part_bytes: usize,
    /// Number of lines in a batch of the import.
    batch: usize,
    /// Number of statements of the import that succeed before one fails. A failed import is repeated.
    fail_after: Option<u32>,
}

pub(crate) fn transfer_params() -> impl Strategy<Value = TransferParams> {
    let fail_after = prop::option::of(0..200u32);
    (1..4_000usize, 1..40usize, fail_after).prop_map(|(part_bytes, batch, fail_after)| TransferParams {
        part_bytes,
        batch,
        fail_after,
    })
}

/// The lines of an export, and the model at the time of the export.
pub(crate) struct SavedExport {
    lines: Vec<String>,
    model: Model,
}

impl Simulation {
    pub(crate) fn save_export(&mut self, params: TransferParams) {
        self.saved_export = Some(SavedExport { lines: self.export(params.part_bytes), model: self.model.clone() });
    }

    /// Exports the site and imports it into an empty ledger. KV keeps its values.
    pub(crate) fn restore_from_export(&mut self, params: TransferParams) -> TestCaseResult {
        let lines = self.export(params.part_bytes);
        self.database = TestDatabase::new();
        self.publishing = None;
        self.kv.latest = LatestComments::default();
        self.import(&lines, params)?;
        prop_assert_eq!(self.export(params.part_bytes / 2), lines);
        self.model.restore_from_export();
        Ok(())
    }

    /// Imports the saved export into the present site, twice. The second import must change nothing.
    pub(crate) fn import_saved_export(&mut self, params: TransferParams) -> TestCaseResult {
        let Some(saved) = self.saved_export.take() else { return Ok(()) };
        self.import(&saved.lines, params)?;
        self.model.import_older(&saved.model);
        let before = self.database.dump();
        let again = self.import(&saved.lines, TransferParams { fail_after: None, ..params })?;
        prop_assert_eq!(again.known + 1, u32::try_from(saved.lines.len()).unwrap());
        prop_assert_eq!(self.database.dump(), before);
        self.saved_export = Some(saved);
        Ok(())
    }

    pub(crate) fn export(&self, part_bytes: usize) -> Vec<String> {
        let (ledger, mut lines, mut cursor) = (self.ledger(), Vec::new(), Some(ExportCursor::default()));
        while let Some(from) = cursor {
            let part = ledger.export(SITE, from, part_bytes).unwrap();
            lines.extend(part.lines);
            cursor = part.next;
        }
        lines
    }

    fn import(&self, lines: &[String], params: TransferParams) -> Result<ImportCounts, TestCaseError> {
        let ledger = self.ledger();
        self.database.fail_after.set(params.fail_after);
        let first = self.import_batches(&ledger, lines, params.batch);
        self.database.fail_after.set(None);
        match first {
            Ok(counts) => Ok(counts),
            Err(ImportError::Ledger(LedgerError::Sql(_))) if params.fail_after.is_some() => self
                .import_batches(&self.ledger(), lines, params.batch + 1)
                .map_err(|error| TestCaseError::fail(error.to_string())),
            Err(error) => Err(TestCaseError::fail(error.to_string())),
        }
    }

    fn import_batches(
        &self,
        ledger: &Ledger<&TestDatabase>,
        lines: &[String],
        batch: usize,
    ) -> Result<ImportCounts, ImportError> {
        let (sites, site) = (Sites::parse(SITE).unwrap(), Origin::parse(SITE).unwrap());
        let header = ExportHeader::parse(&lines[0]).unwrap();
        let lines: Vec<&str> = lines[1..].iter().map(String::as_str).collect();
        let renderer = Renderer { version: 1, render: &|source| Some(render(source)), render_plain: &render };
        let mut known = 0;
        for lines in lines.chunks(batch) {
            let (now, patterns) = (self.now, None);
            let batch =
                ImportBatch { header: &header, first: 1, lines, sites: &sites, site: &site, renderer, patterns, now };
            known += ledger.import(&batch)?.known;
        }
        Ok(ImportCounts { known, ..ImportCounts::default() })
    }
}
