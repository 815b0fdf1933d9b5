//! Export files: checking them, and splitting them into uploads.

use afterword_transfer::{Chunk, ExportReader, UploadChunks};
use wasm_bindgen::prelude::*;

/// Reads an export file once. With a header it also collects uploads.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ExportFile {
    reader: ExportReader,
    uploads: Option<UploadChunks>,
}

/// One upload.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug)]
pub struct UploadChunk {
    /// Number of its first line after the header.
    pub first: f64,
    /// Number of its last line.
    pub last: f64,
    /// The body of the request.
    pub body: String,
}

impl From<Chunk> for UploadChunk {
    fn from(Chunk { first, last, body }: Chunk) -> Self {
        Self { first: first as f64, last: last as f64, body }
    }
}

#[wasm_bindgen]
impl ExportFile {
    /// Begins a file. `header` is its first line, if uploads are wanted.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "what JavaScript gives comes by value")]
    pub fn new(header: Option<String>) -> Self {
        Self { reader: ExportReader::default(), uploads: header.as_deref().map(UploadChunks::new) }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// If the file is not an export.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsError> {
        let uploads = &mut self.uploads;
        Ok(self.reader.push(bytes, &mut |line| add(uploads, line))?)
    }

    /// Takes the end of the file, and returns the summary as JSON.
    ///
    /// # Errors
    ///
    /// If the export is not complete.
    pub fn finish(&mut self) -> Result<String, JsError> {
        let uploads = &mut self.uploads;
        let summary = std::mem::take(&mut self.reader).finish(&mut |line| add(uploads, line))?;
        if let Some(uploads) = uploads {
            uploads.finish();
        }
        Ok(serde_json::to_string(&summary)?)
    }

    /// The next upload, if one is complete.
    #[wasm_bindgen(js_name = nextChunk)]
    pub fn next_chunk(&mut self) -> Option<UploadChunk> {
        Some(self.uploads.as_mut()?.next_chunk()?.into())
    }
}

fn add(uploads: &mut Option<UploadChunks>, line: &str) {
    if let Some(uploads) = uploads {
        uploads.add(line);
    }
}
