//! The links and headings of a Markdown file.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A link or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// Line number, from 1.
    pub(super) line: usize,
    /// Byte offset of the target in the file; `None` if the target is written elsewhere, as in a reference link.
    pub(super) offset: Option<usize>,
    /// The target as written.
    pub(super) target: String,
}

/// The parts of a file that matter for links.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) links: Vec<Link>,
    /// The names under which GitHub and mdBook link to its headings.
    pub(super) anchors: BTreeSet<String>,
}

impl Document {
    /// Parses Markdown. Links in code are ignored, links in raw HTML are found.
    pub(super) fn parse(text: &str) -> Self {
        let mut document = Self::default();
        let mut repeats = BTreeMap::new();
        let mut heading = None;
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    document.anchors.insert(anchor(&heading.take().unwrap_or_default(), &mut repeats));
                }
                Event::Text(part) | Event::Code(part) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&part);
                    }
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    let offset = text[range.clone()].rfind(&*dest_url).map(|at| range.start + at);
                    document.links.push(Link { line: line(text, range.start), offset, target: dest_url.into_string() });
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    for target in ["href", "src", "srcset"].iter().flat_map(|name| attributes(&html, name)) {
                        document.links.push(Link { line: line(text, range.start), offset: None, target });
                    }
                }
                _ => {}
            }
        }
        document
    }
}

/// The values of an attribute in HTML, with `&amp;` decoded.
pub(super) fn attributes(html: &str, name: &str) -> Vec<String> {
    let opening = format!(" {name}=\"");
    let in_tag = html.match_indices(&opening).filter(|(at, _)| {
        // The characters of tags in examples are escaped, but not their quotes.
        let before = &html[..*at];
        before.rfind('<') > before.rfind('>')
    });
    let values = in_tag.filter_map(|(at, _)| html[at + opening.len()..].split('"').next());
    values.map(|value| value.replace("&amp;", "&")).collect()
}

/// The anchor of a heading: lower case, spaces as hyphens, without punctuation. A repeated heading gets a number.
fn anchor(heading: &str, repeats: &mut BTreeMap<String, usize>) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    let name: String = kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect();
    let repeat = repeats.entry(name.clone()).or_default();
    *repeat += 1;
    if *repeat == 1 { name } else { format!("{name}-{}", *repeat - 1) }
}

fn line(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_markdown_and_html_but_not_in_code() {
        let text = "# A\n\n[b](b.md#c) and `[x](x.md)` ![d](d.png)\n\n| t |\n| --- |\n| [e](e.md) |\n\n\
                    ```text\n[y](y.md)\n```\n\n<p>\n<a href=\"f.md\">f</a><img src=\"g.png\">\n</p>\n";
        let found: Vec<_> = Document::parse(text).links.into_iter().map(|link| (link.line, link.target)).collect();
        let expected = [(3, "b.md#c"), (3, "d.png"), (7, "e.md"), (14, "f.md"), (14, "g.png")];
        assert_eq!(found, expected.map(|(line, target)| (line, target.to_owned())));
    }

    #[test]
    fn an_offset_is_that_of_the_target() {
        let text = "See [a.md](a.md), [b][b].\n\n[b]: b.md\n";
        let links = Document::parse(text).links;
        assert_eq!(links[0].offset, Some(11));
        assert_eq!((links[1].target.as_str(), links[1].offset), ("b.md", None));
    }

    #[test]
    fn anchors_are_those_of_github() {
        let anchors = Document::parse("# How it works\n## `SIGNING_KEY`\n## What? No!\n## Why\n## Why\n").anchors;
        let expected = ["how-it-works", "signing_key", "what-no", "why", "why-1"];
        assert_eq!(anchors.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
