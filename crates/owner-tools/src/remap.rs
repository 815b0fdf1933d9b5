//! Posts that have moved.

use afterword_ledger::RemapStep;
use afterword_transfer::{MoveList, RemapPlan, merge_preview, prefix_rule, render_steps, summarize_steps};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// A list of posts to move.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Remap {
    plan: RemapPlan,
    unchanged: usize,
}

/// An address of each host.
#[derive(Serialize)]
struct HostQuestion {
    line: String,
    address: String,
}

#[wasm_bindgen]
impl Remap {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// If it is not one, or moves nothing.
    #[wasm_bindgen(js_name = fromList)]
    #[expect(clippy::needless_pass_by_value, reason = "what JavaScript gives comes by value")]
    pub fn from_list(bytes: &[u8], site: Option<String>) -> Result<Self, JsError> {
        let list = MoveList::parse(bytes, site.as_deref())?;
        let unchanged = list.unchanged;
        Ok(Self { plan: RemapPlan::new(list)?, unchanged })
    }

    /// The move of one post.
    ///
    /// # Errors
    ///
    /// If one of the texts is not an address.
    #[expect(clippy::needless_pass_by_value, reason = "what JavaScript gives comes by value")]
    pub fn single(from: &str, to: &str, site: Option<String>) -> Result<Self, JsError> {
        Ok(Self { plan: RemapPlan::single(from, to, site.as_deref())?, unchanged: 0 })
    }

    /// An address of the site.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn site(&self) -> String {
        self.plan.site().to_owned()
    }

    /// Number of lines with an old address only.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn unchanged(&self) -> usize {
        self.unchanged
    }

    /// The addresses whose hosts the Worker is asked for, as JSON: `[{"line", "address"}]`.
    ///
    /// # Errors
    ///
    /// If a row has no address.
    pub fn hosts(&self) -> Result<String, JsError> {
        let hosts = self.plan.hosts()?.into_iter().map(|(line, address)| HostQuestion { line, address });
        Ok(serde_json::to_string(&hosts.collect::<Vec<_>>())?)
    }

    /// Takes the steps of the response about one of them.
    ///
    /// # Errors
    ///
    /// If they are none.
    #[wasm_bindgen(js_name = addHost)]
    pub fn add_host(&mut self, address: &str, steps: &str) -> Result<(), JsError> {
        let steps = parse_steps(steps)?;
        let step = steps.first().ok_or_else(|| JsError::new("the response is not from Afterword"))?;
        Ok(self.plan.add_host(address, step)?)
    }

    /// The requests as JSON: `[[request, number of moves]]`.
    ///
    /// # Errors
    ///
    /// With the line numbers, if a post has no last address or more than one.
    pub fn requests(&self) -> Result<String, JsError> {
        Ok(serde_json::to_string(&self.plan.requests()?)?)
    }
}

/// The request that moves all posts below an address, as JSON: `[request, address of the site]`.
///
/// # Errors
///
/// If one of the texts is not an address.
#[wasm_bindgen(js_name = prefixRequest)]
#[expect(clippy::needless_pass_by_value, reason = "what JavaScript gives comes by value")]
pub fn prefix_request(from: &str, to: &str, site: Option<String>) -> Result<String, JsError> {
    Ok(serde_json::to_string(&prefix_rule(from, to, site.as_deref())?)?)
}

/// The table and the summary of a preview.
///
/// # Errors
///
/// If the steps are none.
#[wasm_bindgen(js_name = describePreview)]
pub fn describe_preview(steps: &str, all: bool) -> Result<String, JsError> {
    let mut steps = parse_steps(steps)?;
    merge_preview(&mut steps);
    Ok(render_steps(&steps, all) + &summarize_steps(&steps, true))
}

/// The summary of moves that were made.
///
/// # Errors
///
/// If the steps are none.
#[wasm_bindgen(js_name = describeMoves)]
pub fn describe_moves(steps: &str) -> Result<String, JsError> {
    Ok(summarize_steps(&parse_steps(steps)?, false))
}

fn parse_steps(steps: &str) -> Result<Vec<RemapStep>, JsError> {
    serde_json::from_str(steps).map_err(|_| JsError::new("the response is not from Afterword"))
}
