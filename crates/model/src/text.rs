//! Cleaning of untrusted text.

/// The emoji with which a tag sequence starts (🏴). No other recommended emoji uses tag characters.
const TAG_BASE: char = '\u{1f3f4}';

/// The character that ends a tag sequence.
const CANCEL_TAG: char = '\u{e007f}';

/// Number of tag characters before [`CANCEL_TAG`]: a region and its subdivision, such as `gbsct` (Unicode TR 51, annex
/// C).
const FLAG_TAG_COUNT: std::ops::RangeInclusive<usize> = 3..=6;

/// Cleans a text of several lines. Every kind of line end becomes `\n`, harmful characters are removed, and blank lines
/// at the start and white space at the end are trimmed. The result is never longer than `text`, and cleaning is
/// idempotent.
///
/// Joiners, direction marks, variation selectors and combining marks stay, because Persian, Hindi and emoji need them.
/// Tag characters, which are invisible ASCII, stay only within a flag emoji.
pub fn clean_text(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text: String = text.chars().map(normalize_line_end).filter(|&character| !is_harmful(character)).collect();
    let text = drop_stray_tags(&text);
    skip_blank_lines(&text).trim_end().to_owned()
}

/// Cleans a text of one line: as [`clean_text`], and every run of white space becomes one space.
pub fn clean_line(text: &str) -> String {
    clean_text(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns true if a reader can see the character. Invisible are white space, the characters that Unicode ignores by
/// default in rendering (`Default_Ignorable_Code_Point`), the blank Braille cell and the null notehead.
pub fn is_visible(character: char) -> bool {
    !character.is_whitespace()
        && !matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Returns true if the text has a visible character.
pub fn has_visible_text(text: &str) -> bool {
    text.chars().any(is_visible)
}

/// Number of characters to remove from the end of a text so that it loses at least `excess` units. `units` is the number of units of a
/// character, such as its bytes.
pub(crate) fn excess_characters(text: &str, excess: usize, units: impl Fn(char) -> usize) -> u32 {
    let mut missing = excess;
    let mut count = 0;
    for character in text.chars().rev() {
        if missing == 0 {
            break;
        }
        missing = missing.saturating_sub(units(character));
        count += 1;
    }
    count
}

/// Maps the line ends of Unicode TR 14 to `\n`, including vertical tab and form feed, which word processors paste.
fn normalize_line_end(character: char) -> char {
    match character {
        '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        other => other,
    }
}

/// Returns true for characters that reorder or hide the text around them, or that are not text.
///
/// Control characters (C0 except tab and line feed, DEL, C1), the bidirectional embeddings, overrides and isolates
/// (Unicode TR 9), the deprecated format characters, the interlinear annotation marks, the byte order mark, the
/// language tag and its unassigned neighbours, and the noncharacters (an Atom feed could not contain them: XML 1.0,
/// section 2.2).
fn is_harmful(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e001f}' | '\u{e0080}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
        || u32::from(character) & 0xfffe == 0xfffe
}

/// Keeps tag characters that make a flag emoji and drops all others, because they can hide text from readers.
fn drop_stray_tags(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_tag) {
        let (before, from_run) = rest.split_at(start);
        let (run, after) = from_run.split_at(from_run.find(|character| !is_tag(character)).unwrap_or(from_run.len()));
        clean.push_str(before);
        if clean.ends_with(TAG_BASE) {
            clean.push_str(flag_tags(run));
        }
        rest = after;
    }
    clean + rest
}

fn is_tag(character: char) -> bool {
    matches!(character, '\u{e0020}'..='\u{e007f}')
}

/// The tag characters at the start of a run that turn the preceding character into a flag. Empty if they make no flag.
fn flag_tags(run: &str) -> &str {
    let Some(end) = run.find(CANCEL_TAG) else { return "" };
    let (region, _) = run.split_at(end);
    let is_region_tag = |tag| matches!(tag, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let is_flag = FLAG_TAG_COUNT.contains(&region.chars().count()) && region.chars().all(is_region_tag);
    if is_flag { &run[..end + CANCEL_TAG.len_utf8()] } else { "" }
}

/// Skips blank lines at the start. The indentation of the first line with content stays, because it may be code.
fn skip_blank_lines(text: &str) -> &str {
    let indentation = text.len() - text.trim_start().len();
    let line = text[..indentation].rfind('\n').map_or(0, |end| end + 1);
    &text[line..]
}
