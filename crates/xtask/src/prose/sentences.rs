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

/// Those of failures, which have a cause.
const FAILURE_MACROS: [&str; 2] = ["console_error", "console_warn"];

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
            let needs_cause = FAILURE_MACROS.contains(&token.text);
            if !has_context(arguments(&tokens[at + 2..]), needs_cause) {
                let message =
                    "log line without context; write `event words key=value {log} cause=…`, with the log context";
                push(token.line, message.to_owned());
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
        // What stands between backticks is code, such as the tag of Hebrew.
        let prose = line.split('`').step_by(2);
        let words = prose.flat_map(|part| part.split(|char: char| !char.is_alphanumeric() && char != '_'));
        for word in words.filter(|word| PRONOUNS.contains(word)) {
            push(first_line + offset, format!("`{word}` for a person; write `they`, or name who it is"));
        }
    }
}

/// The tokens between the parentheses with which a macro call begins.
fn arguments<'a>(tokens: &'a [Token<'a>]) -> &'a [Token<'a>] {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        depth += i32::from(token.is_punctuation("(")) - i32::from(token.is_punctuation(")"));
        depth <= 0
    });
    tokens.get(1..end.unwrap_or(tokens.len())).unwrap_or_default()
}

/// Returns true if the arguments of a log call begin with a format string with a `key=` behind a space, and a `LogContext` named `log`
/// stands in it or behind it, or the route. A failure also has its cause.
fn has_context(arguments: &[Token<'_>], needs_cause: bool) -> bool {
    let Some((format, rest)) = arguments.split_first().filter(|(format, _)| format.kind == TokenKind::Literal) else {
        return false;
    };
    let has_key = |key: &str| format.text.split(' ').skip(1).any(|word| word.starts_with(key));
    let is_placed = has_key("route=") || format.text.contains("{log}") || rest.iter().any(|token| token.is_word("log"));
    is_placed && (!needs_cause || has_key("cause="))
}
