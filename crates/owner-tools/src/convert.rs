//! Exports of Afterword in the formats of other systems.

use afterword_interchange::{ExportFormat, write_export};
use wasm_bindgen::prelude::*;

use crate::host::{Host, HostFile, HostOutput};

/// Converts an export, the host's file 0 of this length. `format` is `wxr` or `disqus`. Returns the report as JSON.
///
/// # Errors
///
/// If the file is no whole export.
#[wasm_bindgen(js_name = convertExport)]
pub fn convert_export(host: &Host, length: f64, format: &str) -> Result<String, JsError> {
    let format = match format {
        "wxr" => ExportFormat::Wxr,
        "disqus" => ExportFormat::Disqus,
        _ => return Err(JsError::new("there is no such format")),
    };
    let mut file = HostFile::new(host, 0, length as u64);
    let report = write_export(&mut file, format, &mut HostOutput::new(host))?;
    Ok(serde_json::to_string(&report)?)
}
