//! What is suspicious about a comment, for the moderator.
//!
//! A signal is a word, and perhaps what belongs to it behind a colon: `too_fast:2`. Those of this version are in `model` (`Signal`); of
//! another version's, or of another program's, every word is kept as it came.

/// Signals of one comment, at most.
pub(crate) const SIGNALS: usize = 16;
/// The longest signal, in bytes: a word, and a pattern.
pub(crate) const SIGNAL: usize = 640;

/// A signal with what belongs to it.
pub(crate) fn with(word: &str, detail: &str) -> String {
    format!("{word}:{detail}")
}

/// A signal as it came, as one that can be stored: nothing that was found is dropped.
pub(crate) fn clean(text: &str) -> String {
    let (word, detail) = text.split_once(':').unwrap_or((text, ""));
    let word: String = word.chars().filter(|it| it.is_ascii_lowercase() || *it == '_').take(32).collect();
    let word = if word.is_empty() { "other" } else { &word };
    let mut detail: String = detail.chars().filter(|it| !it.is_control()).collect();
    detail.truncate(detail.floor_char_boundary(SIGNAL - 33));
    if detail.is_empty() { word.to_owned() } else { with(word, &detail) }
}

/// As they are stored: one a line.
pub(crate) fn stored(signals: &[String]) -> String {
    signals.join("\n")
}

/// Reads what [`stored`] wrote.
pub(crate) fn read(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Whether this can be a signal: a word, and no more than a line of text behind it.
pub(crate) fn is_one(text: &str) -> bool {
    let word = text.split(':').next().unwrap_or_default();
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word && text.len() <= SIGNAL && !text.chars().any(char::is_control)
}
