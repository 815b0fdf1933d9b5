//! Texts of other systems as Markdown, and what readers see of it.

#[path = "../../markup/tests/adversarial/mod.rs"]
#[expect(dead_code, reason = "shared by the tests of several crates")]
mod adversarial;
mod visible;

use afterword_interchange::{Body, BodyKind, to_markdown};
use afterword_markup::render;
use proptest::collection::vec;
use proptest::prelude::*;

use visible::visible;

fn convert(kind: BodyKind, text: &str) -> String {
    to_markdown(&Body { kind, text: text.to_owned() }).markdown
}

/// The HTML that readers get, without attributes that links always have.
fn shown(kind: BodyKind, text: &str) -> String {
    let markdown = convert(kind, text);
    let html = render(&markdown).unwrap_or_else(|error| panic!("{error:?}: {markdown:?}")).html.as_str().to_owned();
    html.replace(" rel=\"nofollow ugc noopener noreferrer\"", "").replace('\u{34f}', "")
}

#[track_caller]
fn html(source: &str, expected: &str) {
    assert_eq!(shown(BodyKind::Html, source), expected, "{:?}", convert(BodyKind::Html, source));
}

#[track_caller]
fn wordpress(source: &str, expected: &str) {
    assert_eq!(
        shown(BodyKind::HtmlWithNewlines, source),
        expected,
        "{:?}",
        convert(BodyKind::HtmlWithNewlines, source)
    );
}

#[track_caller]
fn markdown(source: &str, expected: &str) {
    assert_eq!(shown(BodyKind::Markdown, source), expected, "{:?}", convert(BodyKind::Markdown, source));
}

#[track_caller]
fn text(source: &str, expected: &str) {
    assert_eq!(shown(BodyKind::Text, source), expected, "{:?}", convert(BodyKind::Text, source));
}

#[test]
fn html_keeps_the_elements_that_comments_have() {
    html("<p>One</p><p>Two<br>Three</p>", "<p>One</p><p>Two<br>Three</p>");
    html(
        "<b>a</b> <i>b</i> <s>c</s> <code>d</code> <strong><em>e</em></strong>",
        "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code> <em><strong>e</strong></em></p>",
    );
    html(
        "<blockquote><p>a</p><blockquote>b</blockquote></blockquote>c",
        "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><p>c</p>",
    );
    html("<ul><li>a<li>b<ul><li>c</ul></ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>");
    html("<ol start=3><li>a</li><li>b</li></ol>", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
    html("<ul><li>a</ul><ul><li>b</ul>", "<ul><li>a</li></ul><ul><li>b</li></ul>");
    html("<pre>\na\n  b\n\n`c`</pre>", "<pre><code>a\n  b\n\n`c`\n</code></pre>");
    html(
        "<pre><code class='language-rust'>a &lt; b</code></pre>",
        "<pre><code class=\"language-rust\">a &lt; b\n</code></pre>",
    );
    html("a<b> b </b>c", "<p>a <strong>b</strong> c</p>");
    html("a\n  b", "<p>a b</p>");
    html("<b>a</b><br/><br/>b<br /> <br>\n<br><i>c</i>", "<p><strong>a</strong></p><p>b</p><p><em>c</em></p>");
}

#[test]
fn links_keep_their_targets() {
    html("<a href='https://a.example/b_(c)'>d</a>", "<p><a href=\"https://a.example/b_%28c%29\">d</a></p>");
    html(
        "<a href='https://a.example/'>https://a.example/</a>",
        "<p><a href=\"https://a.example/\">https://a.example/</a></p>",
    );
    html("<a href='/b'>c</a> <a href='javascript:d'>e</a>", "<p>c e</p>");
    html("<a href='https://a.example/'>[b] *c*</a>", "<p><a href=\"https://a.example/\">[b] *c*</a></p>");
    html(
        "<a href='https://disq.us/url?url=https%3A%2F%2Fa.example%2Flong%2Fpath%3AAbCdEfGhIjKlMnOpQrStUvWxYz0&amp;cuid=1'>https://a.example/lo...</a>",
        "<p><a href=\"https://a.example/long/path\">https://a.example/long/path</a></p>",
    );
    html(
        "<a href='https://a.example/'><b>b</b><br>c</a>",
        "<p><a href=\"https://a.example/\"><strong>b</strong></a><br><a href=\"https://a.example/\">c</a></p>",
    );
}

#[test]
fn elements_that_comments_lack_leave_their_text() {
    html("<h1>a</h1><u>b</u><font color=red>c</font>", "<p>a</p><p>bc</p>");
    html("<img src='https://a.example/b.png' alt='c'>", "<p><a href=\"https://a.example/b.png\">c</a></p>");
    html(
        "<img src='https://a.example/b.png'>",
        "<p><a href=\"https://a.example/b.png\">https://a.example/b.png</a></p>",
    );
    html(
        "<iframe src='https://a.example/v'>x</iframe>",
        "<p><a href=\"https://a.example/v\">https://a.example/v</a></p>",
    );
    html("<table><tr><th>a<th>b<tr><td>c<td>d</table>", "<p>a | b<br>c | d</p>");
    html("a<script>alert(1)</script><style>b</style>c<!-- d -->", "<p>ac</p>");
    let converted =
        to_markdown(&Body { kind: BodyKind::Html, text: "<h1>a</h1><marquee>b</marquee><p><b>c</b>".to_owned() });
    assert_eq!(converted.dropped.into_iter().collect::<Vec<_>>(), ["h1", "marquee"]);
}

#[test]
fn text_that_looks_like_markdown_is_shown_as_written() {
    for written in [
        "*a* _b_ `c` ~~d~~",
        "**a** __b__ ``c``",
        "- a",
        "1. a",
        "> a",
        "+ a",
        "```",
        "~~~",
        "# a",
        "---",
        "2*3*4",
        "a_b_c",
        "[a](https://b.example/)",
        "![a](https://b.example/)",
        "<https://a.example/>",
        "a\\*b\\*",
        "\\*a\\*",
        "\\[a](https://b.example)",
        "字*b*字",
        "字**「b」**字",
        "a`b`c",
        "`a",
        "a ` b ` c ` d",
        "(*a*) \"_b_\"",
        "~~a~~b~~",
        "```rust",
        "*a **b* c**",
        "1) a",
        "1986. a",
        "*",
        "_",
        "**",
        "****a****",
        "***a***",
        "_a_ *b",
        "a* b*",
        "&amp;lt;",
    ] {
        let source = written.replace('&', "&amp;").replace('<', "&lt;");
        let seen = visible(&shown(BodyKind::Html, &source));
        assert_eq!(seen.len(), 1, "{written:?} {:?}", convert(BodyKind::Html, &source));
        assert_eq!(seen[0].text(), written, "{:?}", convert(BodyKind::Html, &source));
        assert!(seen[0].characters.iter().all(|(_, styles, _)| styles.is_empty()), "{written:?}");
        assert_eq!(seen[0].path, "", "{written:?}");
    }
}

#[test]
fn only_marks_that_would_be_markup_get_a_backslash() {
    for (written, expected) in [
        (
            "<3 >_< ^_^ :* \\o/ ¯\\_(ツ)_/¯ *hugs* o_O T_T 5 * 3",
            "<3 >_< ^_^ :* \\o/ ¯\\_(ツ)_/¯ \\*hugs\\* o_O T_T 5 * 3",
        ),
        (
            "[sic], [a](https://b.example/) ~~c~~ `d` 10~20",
            "[sic], \\[a](https://b.example/) \\~\\~c\\~\\~ \\`d\\` 10~20",
        ),
        ("- a", "\\- a"),
        ("+1", "+1"),
        ("---", "---"),
        ("1986. a", "1986. a"),
    ] {
        assert_eq!(convert(BodyKind::Text, written), expected);
    }
}

#[test]
fn emoticons_are_the_text_that_somebody_typed() {
    html("<img src='https://a.example/b.gif' alt=':)' class='wp-smiley' /> a", "<p>:) a</p>");
    html(
        "<img src='https://a.example/b.gif' class='wp-smiley' />",
        "<p><a href=\"https://a.example/b.gif\">https://a.example/b.gif</a></p>",
    );
}

#[test]
fn entities_are_decoded_once() {
    html("AT&amp;T &amp;lt;b&amp;gt; &copy; &#8220;", "<p>AT&amp;T &amp;lt;b&amp;gt; © “</p>");
}

#[test]
fn newlines_of_wordpress_are_breaks_outside_of_pre() {
    wordpress("a\nb\n\nc", "<p>a<br>b</p><p>c</p>");
    wordpress("a\r\n\r\n\r\n<b>b</b>\r\nc", "<p>a</p><p><strong>b</strong><br>c</p>");
    wordpress("a<br />\nb", "<p>a<br>b</p>");
    wordpress("<pre>a\n\nb</pre>\nc", "<pre><code>a\n\nb\n</code></pre><p>c</p>");
    wordpress("<ul>\n<li>a</li>\n<li>b</li>\n</ul>\nc", "<ul><li>a</li><li>b</li></ul><p>c</p>");
    wordpress("<blockquote>a\n\nb</blockquote>\n\nc", "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>");
    // Blank lines beside references and tags, which tokenizers cut from the text.
    wordpress("a &amp; b\n\nc &hellip;\n\n<3 d", "<p>a &amp; b</p><p>c …</p><p>&lt;3 d</p>");
    wordpress("<b>a</b>\n\n<i>b</i>\n\nc<!-- d -->\n\ne", "<p><strong>a</strong></p><p><em>b</em></p><p>c</p><p>e</p>");
    wordpress("[caption id=\"a\"]b[/caption]", "<p>[caption id=\"a\"]b[/caption]</p>");
    wordpress("a\nb", "<p>a<br>b</p>");
}

#[test]
fn foreign_markdown_loses_only_what_comments_lack() {
    markdown("# a\n\n**b** <b>c</b>", "<p>a</p><p><strong>b</strong> <strong>c</strong></p>");
    markdown("![a](https://b.example/c.png)", "<p><a href=\"https://b.example/c.png\">a</a></p>");
    markdown("| a | b |\n|---|---|\n| c | d |", "<p>a | b<br>c | d</p>");
    markdown("[a][1]\n\n[1]: https://b.example/", "<p><a href=\"https://b.example/\">a</a></p>");
    markdown("a &amp; b\nc", "<p>a &amp; b<br>c</p>");
    markdown("- [x] a\n- [ ] b", "<ul><li>[x] a</li><li>[ ] b</li></ul>");
    markdown("<script>alert(1)</script>\n\na <script>b</script> c", "<p>a c</p>");
    markdown("    a\n    b", "<pre><code>a\nb\n</code></pre>");
    markdown("```js\na\n```", "<pre><code class=\"language-js\">a\n</code></pre>");
    markdown("a\\*b", "<p>a*b</p>");
}

#[test]
fn plain_text_keeps_its_lines() {
    text("a <b>\nc\n\n\n*d*", "<p>a &lt;b&gt;<br>c</p><p>*d*</p>");
    text("- a\n- b", "<p>- a<br>- b</p>");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn hostile_texts_are_converted_in_time() {
    let texts = [
        "<div>".repeat(20000),
        "<b>".repeat(20000),
        "<b><p>".repeat(10000),
        "<ul><li>".repeat(10000),
        "<blockquote>".repeat(20000),
        "<a href='https://a.example/'>".repeat(4000),
        "<a href=b>x</p>".repeat(4000),
        "</b>".repeat(20000),
        "<pre>".repeat(10000),
        "*a ".repeat(6000),
        "`a ".repeat(6000),
        "[".repeat(10000),
        "&lt;".repeat(10000),
        "<!--".repeat(10000),
        "<i>a</i>b".repeat(4000),
        "\u{202e}\u{0}".repeat(4000),
        "<table><tr><td>".repeat(4000),
        "> ".repeat(4000),
        "<![CDATA[".repeat(4000),
        "a<".repeat(10000),
    ];
    for text in texts {
        for kind in [BodyKind::Html, BodyKind::HtmlWithNewlines, BodyKind::Markdown, BodyKind::Text] {
            let start = std::time::Instant::now();
            let markdown = convert(kind, &text);
            assert!(markdown.len() <= text.len() * 12 + 64, "{kind:?} {:?}", &text[..12]);
            assert!(
                start.elapsed().as_secs() < 20,
                "{kind:?} {:?} {:?}",
                &text.chars().take(9).collect::<String>(),
                start.elapsed()
            );
        }
    }
}

/// Pieces of text with all characters that are special.
const PIECES: &[&str] = &[
    "word",
    "Word",
    " ",
    " ",
    "*",
    "**",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```",
    "[",
    "]",
    "(",
    ")",
    "](https://b.example/)",
    "<",
    ">",
    "&",
    "\\",
    "!",
    "- ",
    "1. ",
    "> ",
    "+ ",
    "# ",
    "字",
    "é",
    "。",
    "😀",
    ".",
    ",",
    ":",
    "0",
    "www.a.example",
    "https://a.example/b_c",
    "\"",
    "'",
    "|",
    "=",
    "-",
    "~",
    "&lt;",
];

fn any_text() -> impl Strategy<Value = String> {
    vec(prop::sample::select(PIECES), 1..8).prop_map(|pieces| pieces.concat())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Random content of a paragraph.
fn inline(texts: BoxedStrategy<String>, apart: &'static str) -> BoxedStrategy<String> {
    let leaf = texts.prop_map(|text| escaped(&text)).boxed();
    let element = (prop::sample::select(&["b", "em", "s", "code"][..]), leaf.clone(), leaf.clone()).prop_map(
        |(name, inner, nested)| match name {
            "b" => format!("<b>{inner} <em>{nested}</em></b>"),
            name => format!("<{name}>{inner}</{name}>"),
        },
    );
    let link = leaf
        .clone()
        .prop_filter("a link has a text", |text| !text.trim().is_empty())
        .prop_map(|text| format!("<a href=\"https://l.example/p?q=1\">{text}</a>"));
    vec(prop_oneof![4 => leaf, 2 => element, 1 => link, 1 => Just("<br>".to_owned())], 1..6)
        .prop_map(move |parts| parts.join(apart))
        .boxed()
}

/// Random trees of blocks.
fn blocks(inline: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let paragraph = inline.clone().prop_map(|inner| format!("<p>{inner}</p>"));
    let code = any_text().prop_map(|text| format!("<pre>a{}</pre>", escaped(&text).trim_end()));
    let leaf = prop_oneof![4 => paragraph, 1 => code].boxed();
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let inline = inline.clone();
        prop_oneof![
            vec(inner.clone(), 1..3).prop_map(|inner| format!("<blockquote>{}</blockquote>", inner.concat())),
            vec((inline, prop::option::of(inner.clone())), 1..4).prop_map(|items| {
                let items: Vec<_> = items
                    .iter()
                    .map(|(text, inner)| format!("<li>apple {text}{}</li>", inner.as_deref().unwrap_or("")))
                    .collect();
                format!("<ul>{}</ul>", items.concat())
            }),
            vec(inner, 1..3).prop_map(|inner| inner.concat()),
        ]
    })
    .boxed()
}

fn words() -> BoxedStrategy<String> {
    vec(prop::sample::select(&["apple", "pear", "fig", "plum"][..]), 1..4).prop_map(|words| words.join(" ")).boxed()
}

/// Debug builds compare everything that is read or written without a check with what the check would say.
#[test]
fn adversarial_texts_are_converted_as_the_check_says() {
    for (_, text) in adversarial::adversarial_texts() {
        let start: String = text.chars().take(300).collect();
        for kind in [BodyKind::Html, BodyKind::HtmlWithNewlines, BodyKind::Markdown, BodyKind::Text] {
            let _ = convert(kind, &start);
            let _ = convert(
                kind,
                &format!(
                    "<p>a {start} b</p><blockquote>{start}</blockquote> <b>c</b>, <a href=\"https://d.example/\">{start}</a>"
                ),
            );
        }
    }
}

/// Pieces of HTML, with much that only a browser understands.
const TAGS: &[&str] = &[
    "<p>",
    "</p>",
    "<br>",
    "<br/>",
    "<br />",
    "<BR>",
    "<b>",
    "</b>",
    "<em >",
    "</em >",
    "<i",
    ">",
    "<a href=\"https://a.example/?b=c&amp;d\">",
    "<a href='https://a.example/?b&c'>",
    "<a href=https://a.example/>",
    "<a rel=\"nofollow\" href=\"https://a.example/\" title='&quot;x'>",
    "<a href=\"https://a.example/\"href='b'>",
    "<a href=\"https://a.example/1\" href=\"https://a.example/2\">",
    "</a>",
    "<a href>",
    "<a href= \"b\">",
    "<a\nhref=\"https://a.example/\"\tx=\"\">",
    "<img src=\"https://a.example/b.png\" alt=\"c &lt; d\" />",
    "<pre>",
    "<code class=\"language-rust\">",
    "</code>",
    "</pre>",
    "<blockquote>",
    "</blockquote>",
    "<ul>",
    "<ol start=\"3\">",
    "<li>",
    "</li>",
    "</ul>",
    "</ol>",
    "<h2>",
    "</h2>",
    "<span class=\"a\">",
    "</span>",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<textarea>",
    "</textarea>",
    "<!-- x -->",
    "<!--",
    "<!doctype html>",
    "<?x?>",
    "<![CDATA[x]]>",
    "</>",
    "</ p>",
    "<",
    "< ",
    "<3",
    "&",
    "& ",
    "&amp;",
    "&amp",
    "&nbsp;",
    "&#39;",
    "&#x27;",
    "&#128;",
    "&#0;",
    "&#xD800;",
    "&#65534;",
    "&#13;",
    "&#10;",
    "&notin;",
    "&not",
    "&nothing;",
    "&hellip;",
    "&copy",
    "&NotEqualTilde;",
    "\n",
    "\n\n",
    "\r\n",
    "\0",
    "\u{feff}",
    "\u{c}",
    "\"",
    "'",
    "=",
    "/",
    "word",
    " ",
    "é",
    "字",
    "\u{a0}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn styled_words_come_out_as_they_went_in(source in blocks(inline(words(), " "))) {
        let seen = visible(&shown(BodyKind::Html, &source));
        prop_assert_eq!(seen, visible(&source), "{}\n{}", source, convert(BodyKind::Html, &source));
    }

    #[test]
    fn tags_are_read_as_the_parser_reads_them(pieces in vec(prop::sample::select(TAGS), 0..12)) {
        let source = pieces.concat();
        for kind in [BodyKind::Html, BodyKind::HtmlWithNewlines] {
            let _ = convert(kind, &source);
        }
    }

    #[test]
    fn any_text_is_seen_as_written(source in inline(any_text().boxed(), "")) {
        let (seen, meant) = (visible(&shown(BodyKind::Html, &source)), visible(&source));
        let texts = |blocks: &[visible::Visible]| -> Vec<String> { blocks.iter().map(visible::Visible::text).collect() };
        let converted = convert(BodyKind::Html, &source);
        if !converted.contains(" (https://l.example/p?q=1)") {
            prop_assert_eq!(texts(&seen), texts(&meant), "{}\n{}", source, converted);
        }
        // No style is added.
        let styled = |blocks: &[visible::Visible]| blocks.iter().flat_map(|block| &block.characters).filter(|(_, styles, _)| !styles.is_empty()).count();
        prop_assert!(styled(&seen) <= styled(&meant), "{}\n{}", source, converted);
    }

    #[test]
    fn no_text_makes_the_conversion_fail(source in any::<String>(), pieces in vec(prop::sample::select(PIECES), 0..40)) {
        for kind in [BodyKind::Html, BodyKind::HtmlWithNewlines, BodyKind::Markdown, BodyKind::Text] {
            let _ = render(&convert(kind, &source));
            let _ = render(&convert(kind, &pieces.concat()));
        }
    }
}
