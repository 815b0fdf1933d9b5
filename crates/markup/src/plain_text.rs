//! Renders a text as typed, without interpreting its markup.

use crate::output::Output;

/// Renders paragraphs, separated by blank lines, and lines. This needs no limits, because the only nested element is a
/// line break.
pub(crate) fn write(text: &str) -> String {
    let mut output = Output::for_source("");
    let mut is_open = false;
    for line in text.lines().map(str::trim) {
        match (line.is_empty(), is_open) {
            (true, true) => output.tag("</p>"),
            (true, false) => {}
            (false, true) => output.tag("<br>"),
            (false, false) => output.tag("<p>"),
        }
        is_open = !line.is_empty();
        output.text(line);
    }
    if is_open {
        output.tag("</p>");
    }
    output.finish().html
}
