//! The accessibility tree of a thread, as a transcript that people can read: roles, names and states, indented.
//!
//! The transcripts are in `accessibility_trees`. They are Chromium's, whose words for roles another version may change. This writes them again:
//!
//! ```console
//! $ UPDATE=1 cargo test -p afterword-tests --test browser accessibility_trees::
//! ```

use std::fs;
use std::path::PathBuf;

use afterword_model::{NewComment, PostedComment};
use afterword_tests::{Browser, BrowserOptions, Request, Server, new_comment, post_url, root};
use serde_json::{Value, json};

use crate::moderation::{sign_in, wait_for};
use crate::states::State;

/// Replaces what differs from run to run: times, marks, and the ids of comments in addresses.
const STABILIZE: &str = "
    for (const time of root.querySelectorAll('time')) {
        time.textContent = '3 hours ago';
        time.title = 'Friday at noon';
    }
    for (const mark of root.querySelectorAll('.aw-mark')) mark.lastChild.textContent = '·k3f9';";

/// Properties of a node that are printed if they are true, or have a value that says more than `false`.
const STATES: [&str; 11] = [
    "level", "focused", "expanded", "pressed", "checked", "invalid", "required", "readonly", "disabled", "busy", "live",
];

/// Nodes that only hold others. A form without a name is one in some versions of Chromium.
const CONTAINERS: [&str; 5] = ["none", "generic", "GenericContainer", "LayoutTable", "form"];

/// Nodes that are left out: parts of a text, and line breaks, which only some versions of Chromium have.
const SKIPPED: [&str; 2] = ["InlineTextBox", "LineBreak"];

/// The nodes of a page, as the DevTools protocol has them.
struct Tree(Vec<Value>);

impl Tree {
    async fn read(reader: &Browser) -> Self {
        reader.command("Accessibility.enable", json!({})).await;
        let answer = reader.command_result("Accessibility.getFullAXTree", json!({})).await;
        reader.command("Accessibility.disable", json!({})).await;
        Self(answer["nodes"].as_array().expect("a list of nodes").clone())
    }

    fn print(&self) -> String {
        let mut out = String::new();
        self.print_node(&self.0[0], 0, "", &mut out);
        out
    }

    /// Prints a node and those below it. `above` is the name of the node that they are part of: its own text is not repeated.
    fn print_node(&self, node: &Value, depth: usize, above: &str, out: &mut String) {
        let text = |key: &str| {
            node[key]["value"].as_str().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let (role, name) = (text("role"), text("name"));
        let is_text = role == "StaticText" || role == "ListMarker";
        if SKIPPED.contains(&role.as_str()) || (is_text && (name.is_empty() || above.contains(&name))) {
            return;
        }
        let is_hidden = node["ignored"] == json!(true);
        let is_printed = !(is_hidden || CONTAINERS.contains(&role.as_str()) && name.is_empty());
        if is_printed {
            let role = if is_text { "text" } else { &role };
            out.push_str(&"  ".repeat(depth));
            out.push_str(role);
            for (label, text) in [("", name.clone()), (" value", text("value")), (" described", text("description"))] {
                if !text.is_empty() {
                    out.push_str(&format!("{label} \"{text}\""));
                }
            }
            // The page always says that it has the focus.
            if depth > 0 {
                out.push_str(&states(node));
            }
            out.push('\n');
        }
        let above = if is_printed && !name.is_empty() { format!("{name} {}", text("value")) } else { above.to_owned() };
        for id in node["childIds"].as_array().into_iter().flatten() {
            if let Some(child) = self.0.iter().find(|node| node["nodeId"] == *id) {
                self.print_node(child, depth + usize::from(is_printed), &above, out);
            }
        }
    }
}

/// The states of a node, each after a space.
fn states(node: &Value) -> String {
    let properties = node["properties"].as_array().cloned().unwrap_or_default();
    let value =
        |name: &str| properties.iter().find(|property| property["name"] == name).map(|it| it["value"]["value"].clone());
    let print = |name: &&str| match value(name)? {
        Value::Bool(true) => Some(format!(" {name}")),
        Value::Bool(false) if ["expanded", "pressed", "checked"].contains(name) => Some(format!(" not-{name}")),
        Value::String(text) if text == "true" => Some(format!(" {name}")),
        Value::String(text) if text == "false" && ["pressed", "checked"].contains(name) => Some(format!(" not-{name}")),
        Value::String(text) if !["false", ""].contains(&text.as_str()) => Some(format!(" {name}={text}")),
        Value::Number(number) => Some(format!(" {name}={number}")),
        _ => None,
    };
    STATES.iter().filter_map(print).collect()
}

fn file(name: &str) -> PathBuf {
    root().join("tests/browser/accessibility_trees").join(format!("{name}.txt"))
}

/// Compares a tree with the committed one. Returns both if they differ.
fn compare(name: &str, tree: &str) -> Option<String> {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file(name), tree).expect("the folder takes files");
    }
    let committed = fs::read_to_string(file(name)).unwrap_or_default();
    (committed != tree).then(|| format!("{name}, committed:\n{committed}\nnow:\n{tree}"))
}

#[tokio::test]
async fn assistive_technology_gets_the_committed_trees() {
    let mut reader = Browser::open(BrowserOptions::default()).await;
    reader.expect_console_error("status of 422");
    let mut changed = Vec::new();
    for state in State::ALL {
        state.show(&reader, "tree", "lang=\"en\"", "").await;
        reader.widget().run(STABILIZE, Vec::new()).await;
        let tree = Tree::read(&reader).await.print();
        changed.extend(compare(&state.name(), &tree));
    }
    reader.close().await;
    assert!(changed.is_empty(), "UPDATE=1 writes the files again\n{}", changed.join("\n"));
}

/// Replaces what differs from run to run on the pages of moderators: times, days, marks and numbers of use.
const STABILIZE_ADMIN: &str = "
    for (const time of document.querySelectorAll('time')) {
        time.textContent = '3 hours ago';
        time.title = 'Friday at noon';
    }
    for (const cell of document.querySelectorAll('svg text, svg title')) cell.textContent = 'a day';
    for (const row of [...document.querySelectorAll('.behind tbody tr')]) row.remove();
    for (const cell of document.querySelectorAll('.usage td, .usage progress, meter, progress')) cell.remove();
    for (const age of document.querySelectorAll('.tile .sub')) age.textContent = 'for 3 hours';";

#[tokio::test]
async fn assistive_technology_gets_the_committed_trees_of_moderators() {
    let server = Server::with_moderation("browser-trees-admin", "all");
    let url = post_url("trees_admin");
    let parent: PostedComment =
        Request::post_comment(&new_comment(&url, "First, with a [link](https://spam.example/)")).send(&server).json();
    Request::post_comment(&NewComment { parent: Some(parent.comment.id), ..new_comment(&url, "An answer") })
        .send(&server);
    let moderator = Browser::open(BrowserOptions::default()).await;
    sign_in(&moderator, &server, "/admin?site=https://blog.example").await;
    let mut changed = Vec::new();
    for (name, path) in
        [("moderator-overview", "/admin"), ("moderator-queue", "/admin/queue"), ("moderator-keys", "/admin/queue")]
    {
        moderator.visit(&format!("{}{path}?site=https://blog.example", server.origin())).await;
        if name == "moderator-keys" {
            moderator.press("j").await;
            moderator.press("a").await;
            let script = "return !!document.querySelector('.row[data-decided] .outcome button')";
            wait_for(&moderator, "the outcome", script).await;
        }
        moderator.run(STABILIZE_ADMIN, Vec::new()).await;
        changed.extend(compare(name, &Tree::read(&moderator).await.print()));
    }
    moderator.close().await;
    assert!(changed.is_empty(), "UPDATE=1 writes the files again\n{}", changed.join("\n"));
}
