//! The cases that these rules pass natively and as WebAssembly: `packaging/npm/test/rules.test.js` reads the same table.

#![expect(clippy::unwrap_used, reason = "tests and their helpers report failures by panicking")]

use afterword_ledger::RemapStep;
use afterword_transfer::{
    ExportReader, ImportTotals, MoveList, RemapPlan, UploadChunks, merge_preview, render_steps, summarize_steps,
};
use serde_json::{Value, json};

fn cases(name: &str) -> Vec<Value> {
    let table: Value = serde_json::from_str(include_str!("cases/rules.json")).unwrap();
    let cases = table[name].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

/// Compares a result with the field `name` of a case, or its error with `error`.
fn check<E: std::fmt::Display>(case: &Value, name: &str, result: Result<Value, E>) {
    match result {
        Ok(value) => assert_eq!(value, case[name], "{case}"),
        Err(error) => assert_eq!(error.to_string(), case["error"], "{case}"),
    }
}

#[test]
fn export_files() {
    for case in cases("export_files") {
        let read = || {
            let mut reader = ExportReader::default();
            reader.push(case["text"].as_str().unwrap_or_default().as_bytes(), &mut |_| {})?;
            reader.finish(&mut |_| {})
        };
        check(&case, "summary", read().map(|summary| json!(summary)));
    }
}

#[test]
fn uploads() {
    for case in cases("uploads") {
        let length = usize::try_from(case["length"].as_u64().unwrap()).unwrap();
        let mut uploads = UploadChunks::new("H");
        uploads.add("H");
        (0..case["lines"].as_u64().unwrap()).for_each(|_| uploads.add(&"x".repeat(length)));
        uploads.finish();
        let chunks: Vec<_> =
            std::iter::from_fn(|| uploads.next_chunk()).map(|chunk| [chunk.first, chunk.last]).collect();
        assert_eq!(json!(chunks), case["chunks"]);
    }
}

#[test]
fn totals() {
    for case in cases("totals") {
        let mut totals = ImportTotals::default();
        case["responses"].as_array().unwrap().iter().for_each(|response| totals.add(&response.to_string()).unwrap());
        assert_eq!(totals.describe(case["dry_run"].as_bool().unwrap()), case["text"]);
    }
}

#[test]
fn moves() {
    for case in cases("moves") {
        let list = match MoveList::parse(case["list"].as_str().unwrap().as_bytes(), case["site"].as_str()) {
            Ok(list) => list,
            Err(error) => {
                assert_eq!(error.to_string(), case["error"]);
                continue;
            }
        };
        let unchanged = list.unchanged;
        let plan = match RemapPlan::new(list) {
            Ok(plan) => plan,
            Err(error) => {
                assert_eq!(error.to_string(), case["error"]);
                continue;
            }
        };
        let hosts: Vec<_> = plan.hosts().unwrap().into_iter().map(|(_, address)| address).collect();
        assert_eq!((json!(unchanged), json!(hosts)), (case["unchanged"].clone(), case["hosts"].clone()));
        check(&case, "requests", plan.requests().map(|requests| json!(requests)));
    }
}

#[test]
fn previews() {
    for case in cases("previews") {
        let mut steps: Vec<RemapStep> = serde_json::from_value(case["steps"].clone()).unwrap();
        merge_preview(&mut steps);
        let text = render_steps(&steps, case["all"].as_bool().unwrap()) + &summarize_steps(&steps, true);
        assert_eq!(text, case["text"]);
    }
}
