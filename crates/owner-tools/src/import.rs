//! Files of other systems.

use afterword_interchange::{Format, Input, LineCursor, Plan, PlanOptions, ReadOptions, Reading, recognize};
use afterword_transfer::UploadChunks;
use js_sys::Uint8Array;
use serde::Deserialize;
use wasm_bindgen::prelude::*;

use crate::export_file::UploadChunk;
use crate::host::{Host, HostFile, HostSpool};
use crate::names::{format_by_id, names_of};

/// A file of the host.
#[derive(Deserialize)]
struct FileInfo {
    name: String,
    length: u64,
}

/// Files of the host that `interchange` reads.
struct HostFiles(Vec<(String, HostFile)>);

impl HostFiles {
    fn new(host: &Host, files: &str) -> Result<Self, JsError> {
        let files: Vec<FileInfo> = serde_json::from_str(files)?;
        let open = |(index, FileInfo { name, length })| (name, HostFile::new(host, index, length));
        Ok(Self((0..).zip(files).map(open).collect()))
    }

    fn inputs(&mut self) -> Vec<Input<'_>> {
        self.0.iter_mut().map(|(name, file)| Input { name: name.clone(), bytes: file }).collect()
    }
}

/// Recognizes files by their content. `files` is JSON, `[{"name", "length"}]`. Returns the identifier of the format and its name for people.
///
/// # Errors
///
/// If the format is not known, or has no comments.
#[wasm_bindgen(js_name = recognizeFiles)]
pub fn recognize_files(host: &Host, files: &str) -> Result<Vec<String>, JsError> {
    let mut files = HostFiles::new(host, files)?;
    let (id, label) = names_of(recognize(&mut files.inputs())?);
    Ok(vec![id.to_owned(), label.to_owned()])
}

/// An import from another system: its files are read once, then planned as often as the owner changes an answer.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Import {
    reading: Reading<HostSpool>,
    plan: Option<Plan>,
    cursor: LineCursor,
    uploads: Option<UploadChunks>,
    is_finished: bool,
}

#[wasm_bindgen]
impl Import {
    /// Reads the files. `zone_minutes` is the offset from UTC of times without a zone.
    ///
    /// # Errors
    ///
    /// If the files cannot be read.
    #[wasm_bindgen(constructor)]
    pub fn new(host: &Host, files: &str, format: &str, zone_minutes: Option<i32>) -> Result<Self, JsError> {
        let format: Format = format_by_id(format).ok_or_else(|| JsError::new("there is no such format"))?;
        let mut files = HostFiles::new(host, files)?;
        let reading = Reading::read(
            &mut files.inputs(),
            format,
            &ReadOptions { zone_minutes },
            HostSpool(host.clone()),
            &mut |progress| host.report(progress),
        )?;
        Ok(Self { reading, plan: None, cursor: LineCursor::default(), uploads: None, is_finished: false })
    }

    /// Facts about the files, as JSON.
    ///
    /// # Errors
    ///
    /// If intermediate data cannot be read.
    pub fn survey(&mut self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&self.reading.survey()?)?)
    }

    /// Plans the import, and returns the report as JSON. `options` is JSON; `feeds` are feeds and sitemaps of the blog.
    ///
    /// # Errors
    ///
    /// If an option is wrong.
    #[wasm_bindgen(js_name = makePlan)]
    #[expect(clippy::needless_pass_by_value, reason = "what JavaScript gives comes by value")]
    pub fn make_plan(&mut self, options: &str, feeds: Vec<Uint8Array>) -> Result<String, JsError> {
        let mut options: PlanOptions = serde_json::from_str(options)?;
        options.feeds = feeds.iter().map(Uint8Array::to_vec).collect();
        let plan = self.reading.plan(&options)?;
        let report = serde_json::to_string(plan.report())?;
        self.plan = Some(plan);
        self.rewind();
        Ok(report)
    }

    /// Number of comment lines that the plan has.
    #[wasm_bindgen(getter, js_name = commentLines)]
    #[must_use]
    pub fn comment_lines(&self) -> f64 {
        self.plan.as_ref().map_or(0, |plan| plan.report().comment_lines()) as f64
    }

    /// The table of addresses, to correct by hand.
    ///
    /// # Errors
    ///
    /// If there is no plan, or intermediate data cannot be read.
    #[wasm_bindgen(js_name = addressTable)]
    pub fn address_table(&mut self) -> Result<String, JsError> {
        let plan = self.plan.as_ref().ok_or_else(no_plan)?;
        Ok(plan.address_table(&mut self.reading)?)
    }

    /// Goes back to the first upload.
    pub fn rewind(&mut self) {
        (self.cursor, self.uploads, self.is_finished) = (LineCursor::default(), None, false);
    }

    /// The next upload, or nothing after the last.
    ///
    /// # Errors
    ///
    /// If there is no plan, or intermediate data cannot be read.
    #[wasm_bindgen(js_name = nextChunk)]
    pub fn next_chunk(&mut self) -> Result<Option<UploadChunk>, JsError> {
        let plan = self.plan.as_ref().ok_or_else(no_plan)?;
        loop {
            if let Some(chunk) = self.uploads.as_mut().and_then(UploadChunks::next_chunk) {
                return Ok(Some(chunk.into()));
            }
            if self.is_finished {
                return Ok(None);
            }
            match plan.next_line(&mut self.reading, &mut self.cursor)? {
                Some(line) => self.uploads.get_or_insert_with(|| UploadChunks::new(&line)).add(&line),
                None => {
                    self.is_finished = true;
                    self.uploads.iter_mut().for_each(UploadChunks::finish);
                }
            }
        }
    }

    /// The next lines of the export, of a megabyte or a little more, each with its line end; empty after the last.
    ///
    /// # Errors
    ///
    /// If there is no plan, or intermediate data cannot be read.
    #[wasm_bindgen(js_name = nextLines)]
    pub fn next_lines(&mut self) -> Result<String, JsError> {
        const BYTES: usize = 1 << 20;
        let plan = self.plan.as_ref().ok_or_else(no_plan)?;
        let lines = plan.next_lines(&mut self.reading, &mut self.cursor, BYTES)?;
        Ok(lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect())
    }
}

fn no_plan() -> JsError {
    JsError::new("the import is not planned yet")
}
