//! The keys of moderators: one table, from which the buttons have their shortcuts, the help its rows, and the script its commands.

use maud::{Markup, html};

use crate::messages::Messages;

/// A command with its keys.
pub(crate) struct Command {
    /// The name of the command in the script, and of the action that it stands for.
    pub(crate) name: &'static str,
    /// The keys, each as a character or with its modifier: `a`, `!`, `Shift+X`, `Ctrl+Z`.
    pub(crate) keys: &'static [&'static str],
}

const fn command(name: &'static str, keys: &'static [&'static str]) -> Command {
    Command { name, keys }
}

/// All commands, in the order of the help. Each has the text `key.<name>`.
pub(crate) const COMMANDS: [Command; 30] = [
    command("next", &["j"]),
    command("previous", &["k"]),
    command("approve", &["a"]),
    command("spam", &["s", "!"]),
    command("delete", &["d", "#"]),
    command("unpublish", &["u"]),
    command("undo", &["z", "Ctrl+Z"]),
    command("reply", &["r"]),
    command("edit", &["e"]),
    command("approve_and_trust", &["t"]),
    command("select", &["x"]),
    command("select_page", &["Shift+X"]),
    command("bulk_approve", &["Shift+A"]),
    command("bulk_spam", &["Shift+S"]),
    command("bulk_delete", &["Shift+D"]),
    command("bulk_unpublish", &["Shift+U"]),
    command("context", &["c"]),
    command("info", &["i"]),
    command("ban", &["b"]),
    command("open", &["o", "Enter"]),
    command("list_1", &["1"]),
    command("list_2", &["2"]),
    command("list_3", &["3"]),
    command("list_4", &["4"]),
    command("list_5", &["5"]),
    command("list_6", &["6"]),
    command("next_page", &["n"]),
    command("previous_page", &["p"]),
    command("search", &["/"]),
    command("help", &["?"]),
];

/// The value of `aria-keyshortcuts` for a command: its first key. `None` for a command without keys.
pub(crate) fn shortcut(name: &str) -> Option<String> {
    let command = COMMANDS.iter().find(|command| command.name == name)?;
    command.keys.first().map(|key| key.to_uppercase().replace("SHIFT", "Shift").replace("CTRL", "Control"))
}

/// The dialog with all keys, which the script opens. The script reads its commands from these rows.
pub(crate) fn help(texts: &Messages) -> Markup {
    let is_list = |command: &&Command| command.name.starts_with("list_");
    html! {
        dialog #help aria-labelledby="help-title" {
            div.dialog-head {
                h2 #help-title { (texts.get("keys.title")) }
                button type="button" data-do="close" { (texts.get("keys.close")) }
            }
            p { label { input #keys-on type="checkbox" checked; " " (texts.get("keys.on")) } }
            table {
                caption { (texts.get("keys.caption")) }
                thead { tr { th scope="col" { (texts.get("keys.key")) } th scope="col" { (texts.get("keys.action")) } } }
                tbody {
                    @for command in COMMANDS.iter().filter(|command| !is_list(command)) { (row(texts, command)) }
                    tr { td { kbd { "1" } " – " kbd { "6" } } td { (texts.get("key.lists")) } }
                    tr { td { kbd { "Esc" } } td { (texts.get("key.close")) } }
                }
                tbody hidden { @for command in COMMANDS.iter().filter(is_list) { (row(texts, command)) } }
            }
        }
    }
}

fn row(texts: &Messages, command: &Command) -> Markup {
    let key = ["key.", command.name.trim_end_matches(|digit: char| digit.is_ascii_digit())].concat();
    html! {
        tr data-command=(command.name) data-keys=(command.keys.join(" ")) {
            td {
                @for (at, key) in command.keys.iter().enumerate() {
                    @if at > 0 { " " (texts.get("keys.or")) " " }
                    kbd { (key) }
                }
            }
            td { (texts.get(&key)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_has_two_meanings() {
        let all: Vec<&str> = COMMANDS.iter().flat_map(|command| command.keys).copied().collect();
        let different: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), different.len());
        let find = |key: &str| COMMANDS.iter().find(|command| command.keys.contains(&key)).map(|command| command.name);
        assert_eq!((find("z"), find("u")), (Some("undo"), Some("unpublish")), "u is never undo");
    }

    #[test]
    fn shortcuts_are_written_as_the_standard_says() {
        assert_eq!(shortcut("approve").as_deref(), Some("A"));
        assert_eq!(shortcut("select_page").as_deref(), Some("Shift+X"));
        assert_eq!(shortcut("pin"), None);
    }
}
