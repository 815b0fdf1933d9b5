//! Taking out of a reader's characters what has no business in a comment.

/// Whether a character would reorder or hide the text around it, or is no text at all.
///
/// Control characters (C0 but tab and line feed, DEL, C1), the bidirectional embeddings, overrides and isolates
/// (Unicode TR 9), the interlinear annotation marks, the tag characters and the byte order mark. The joiners and the plain direction
/// marks stay: Persian and emoji are not written without them.
fn is_harmful(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{206a}'..='\u{206f}'
        | '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}' | '\u{feff}'
        | '\u{e0000}'..='\u{e001f}')
}

/// A text of several lines: line ends become `\n`, harmful characters go, blank ends are cut.
pub fn clean_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    let text: String = text.chars().filter(|&character| !is_harmful(character)).collect();
    text.trim_start_matches('\n').trim_end().to_owned()
}

/// A text of one line: as [`clean_text`], and every run of white space becomes one space.
pub fn clean_line(text: &str) -> String {
    clean_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
