//! ARCHITECTURE.md has exactly one heading for each member of the workspace, and no other such heading.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn code_map_lists_the_workspace_members() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let has_manifest = |name: &String| root.join(name).join("Cargo.toml").is_file();
    let crates = fs::read_dir(root.join("crates")).unwrap();
    let crates = crates.map(|entry| format!("crates/{}", entry.unwrap().file_name().to_string_lossy()));
    let outer = ["tests", "widget", "worker"].map(str::to_owned);
    let members: BTreeSet<String> = crates.chain(outer).filter(has_manifest).collect();

    let map = fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let heading = |line: &str| line.strip_prefix("### `")?.strip_suffix('`').map(str::to_owned);
    let headings: Vec<String> = map.lines().filter_map(heading).collect();

    assert_eq!(headings.iter().cloned().collect::<BTreeSet<_>>(), members);
    assert_eq!(headings.len(), members.len(), "no member has two headings");
}
