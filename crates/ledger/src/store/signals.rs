//! Spam signals as stored: the reasons for a moderator why a comment is suspicious.
//!
//! A signal is a word, with an optional detail after a colon: `too_fast:2`. The words of this version are in `model` (`Signal`). Words
//! of another version or another program are kept as they came.

/// Maximum number of signals of a comment.
pub(crate) const MAX_SIGNALS: usize = 16;
/// Maximum length of a signal in bytes: enough for a word and a pattern.
const MAX_SIGNAL_BYTES: usize = 640;

/// A signal with a detail.
pub(crate) fn with_detail(word: &str, detail: &str) -> String {
    format!("{word}:{detail}")
}

/// Turns a signal into one that can be stored. It never drops a signal, so nothing that was detected is lost.
pub(crate) fn clean(signal: &str) -> String {
    let (word, detail) = signal.split_once(':').unwrap_or((signal, ""));
    let word: String = word.chars().filter(|it| it.is_ascii_lowercase() || *it == '_').take(32).collect();
    let word = if word.is_empty() { "other" } else { &word };
    let mut detail: String = detail.chars().filter(|it| !it.is_control()).collect();
    detail.truncate(detail.floor_char_boundary(MAX_SIGNAL_BYTES - 33));
    if detail.is_empty() { word.to_owned() } else { with_detail(word, &detail) }
}

/// The signals of a comment as stored: one on each line.
pub(crate) fn signals_text(signals: &[String]) -> String {
    signals.join("\n")
}

/// Parses the result of [`signals_text`].
pub(crate) fn parse_signals(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

/// Returns true if a text is a valid signal: a word, optionally followed by a single line of detail.
pub(crate) fn is_valid_signal(text: &str) -> bool {
    let word = text.split(':').next().unwrap_or_default();
    let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_word && text.len() <= MAX_SIGNAL_BYTES && !text.chars().any(char::is_control)
}
