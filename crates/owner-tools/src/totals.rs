//! The sum of what uploads brought.

use afterword_transfer::ImportTotals;
use wasm_bindgen::prelude::*;

/// The sum of what uploads brought.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Totals(ImportTotals);

#[wasm_bindgen]
impl Totals {
    /// Begins with zero.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the response to an upload, a JSON object.
    ///
    /// # Errors
    ///
    /// If it is not one.
    pub fn add(&mut self, response: &str) -> Result<(), JsError> {
        Ok(self.0.add(response)?)
    }

    /// A sum by its name in the responses.
    #[must_use]
    pub fn count(&self, name: &str) -> f64 {
        self.0.count(name) as f64
    }

    /// The result in one sentence.
    #[must_use]
    pub fn describe(&self, dry_run: bool) -> String {
        self.0.describe(dry_run)
    }
}
