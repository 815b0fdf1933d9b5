//! A text as it was typed, whatever markup is in it.

use crate::output::Output;

/// The text in paragraphs, as blank lines part it, and lines. There is nothing to bound: no element but a line break is in another.
pub(crate) fn write(text: &str) -> String {
    let mut output = Output::of("");
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
