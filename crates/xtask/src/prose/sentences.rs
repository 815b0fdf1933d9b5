//! Rules for comments, Markdown and log lines.

use crate::rust_tokens::{Token, TokenKind};

/// Words with which no doc comment begins.
const OPENERS: [&str; 13] = [
    "What",
    "Who",
    "Whom",
    "Whose",
    "Whether",
    "Where",
    "When",
    "How far",
    "How long",
    "How many",
    "How much",
    "How often",
    "As [`",
];

/// Prepositions with which no doc comment begins if one of the words below follows: "By what", "For how many".
const PREPOSITIONS: [&str; 12] = ["After", "At", "By", "For", "From", "In", "Of", "On", "To", "Under", "Until", "With"];
const AFTER_PREPOSITION: [&str; 4] = ["how", "what", "whom", "whose"];

const PRONOUNS: [&str; 8] = ["he", "him", "himself", "his", "He", "Him", "Himself", "His"];

const LOG_MACROS: [&str; 4] = ["console_debug", "console_error", "console_log", "console_warn"];

/// Checks the comments and log calls of a Rust file.
pub(super) fn check_rust(tokens: &[Token<'_>], push: &mut impl FnMut(usize, String)) {
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == TokenKind::Comment {
            check_pronouns(token.text, token.line, push);
            let previous = at.checked_sub(1).map(|at| tokens[at]);
            let continues =
                previous.is_some_and(|previous| previous.is_doc_comment() && previous.line + 1 == token.line);
            if token.is_doc_comment() && !continues {
                check_opening(token, push);
            }
        }
        if LOG_MACROS.contains(&token.text) && tokens.get(at + 1).is_some_and(|next| next.is_punctuation("!")) {
            let format = tokens.get(at + 3).filter(|next| next.kind == TokenKind::Literal);
            if !format.is_some_and(|format| has_context(format.text)) {
                push(token.line, "log line without context; write `event words key=value cause=…`".to_owned());
            }
        }
    }
}

/// Checks the sentences of a Markdown file.
pub(super) fn check_markdown(text: &str, push: &mut impl FnMut(usize, String)) {
    check_pronouns(text, 1, push);
}

fn check_opening(comment: &Token<'_>, push: &mut impl FnMut(usize, String)) {
    let text = comment.text.trim_start_matches(['/', '!', '*']).trim_start();
    let followed_by = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    let opens =
        |opener: &&&str| text.strip_prefix(**opener).is_some_and(|rest| opener.ends_with('`') || followed_by(rest));
    let mut words = text.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let opener = if let Some(opener) = OPENERS.iter().find(opens) {
        (*opener).trim_end_matches('`').to_owned()
    } else if PREPOSITIONS.contains(&first) && AFTER_PREPOSITION.contains(&second) {
        format!("{first} {second}")
    } else {
        return;
    };
    push(comment.line, format!("the doc comment opens with `{opener}`; begin with a noun or a verb"));
}

fn check_pronouns(text: &str, first_line: usize, push: &mut impl FnMut(usize, String)) {
    for (offset, line) in text.lines().enumerate() {
        let words = line.split(|char: char| !char.is_alphanumeric() && char != '_');
        for word in words.filter(|word| PRONOUNS.contains(word)) {
            push(first_line + offset, format!("`{word}` for a person; write `they`, or name who it is"));
        }
    }
}

/// Returns true if a format string has a `key=` behind a space.
fn has_context(format: &str) -> bool {
    format.split(' ').skip(1).any(|word| {
        word.split_once('=')
            .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(|char| char.is_ascii_lowercase() || char == '_'))
    })
}
