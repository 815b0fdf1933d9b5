//! Texts with the highest cost for a parser of Markdown or HTML, relative to their size. Used by the measurement here
//! and by the one in the runtime, in `tests/cpu_cost`.

use afterword_model::limits::TEXT_BYTES;

/// An ordinary comment of an author who knows Markdown.
pub(crate) const ORDINARY: &str = "I read your post twice, and I think that *this* part is wrong: the `cache` is **not** shared, see \
https://example.org/a/b_c?d=e for more.\nSecond line here with some more ordinary words that go on for a while.\n\n\
> a quote of somebody\n\n- one item\n- another item\n\n";

/// Repeated to the limit, each of these makes some parser of Markdown or HTML slow, or its tree deep or large.
const REPEATED: &[&str] = &[
    "[",
    "]",
    "[]",
    "[a](",
    "[a](b",
    "[a](<b",
    "[a](\"",
    "[a](https://a",
    "[a]()",
    "[a]",
    "[a]: b\n",
    "[[]()",
    "![",
    "![a",
    "![](x)",
    "![[",
    "](",
    "](<https://",
    "[`",
    "[*",
    "*[",
    "*",
    "**",
    "*a ",
    "a*",
    "*a* ",
    "*a*b",
    "*a **a ",
    "*a_ ",
    "*_~",
    "*_",
    "**__",
    "~~*",
    "_a",
    "a**b",
    "*a **b _c __d ~~e ",
    "*a_a",
    "(*",
    "~",
    "~~a~~",
    "`",
    "`a",
    "`a`",
    "`a ``b ",
    "`a\n",
    "``\n",
    "```\n",
    "```\n```\n",
    "~~~\n",
    "\\",
    "\\a",
    "\\*",
    "<",
    ">",
    "<!--",
    "<?",
    "<![CDATA[",
    "<a b='",
    "<a@",
    "<http:",
    "<https://",
    "<https://a.b",
    "<https://a.b>",
    "<<https://",
    "&",
    "&amp;",
    "&#65;",
    "&#1;",
    "&nbsp;",
    "\"",
    "\u{a0}",
    "\n",
    "a\n",
    "a\n\n",
    "a  \n",
    "\t",
    "    a\n\n",
    "# \n",
    "***\n",
    "---\n",
    "|a|\n|-|\n",
    "> ",
    "> \n",
    ">\n\n",
    ">a\n\n",
    ">>>>>>>>a\n",
    ">>>>>>>>a\n\n",
    "> - ",
    "- ",
    "+ ",
    "+ \n",
    "-\n+\n",
    "*\n",
    "1. ",
    "1)\n2.\n",
    "- a\n\n",
    "+ + + + + + + + a\n\n",
    "http://",
    "http://a.b ",
    "www.",
    "www.a.b ",
    "https://a.b)))",
    "((((https://a.b",
    "https://\u{e9}.\u{e8} ",
    "?<https://_&#1;",
    "~~<https://_&#1;",
    "#**&amp;- 2) ``",
    "<www.=[",
    "h",
    "w",
    "é*é*",
    "字",
    "字\n",
    "😀",
    "\u{200b}",
    "\u{202e}",
];

pub(crate) fn fill(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len())
}

/// All adversarial texts, with their names.
pub(crate) fn adversarial_texts() -> Vec<(String, String)> {
    let repeated = REPEATED.iter().map(|piece| (format!("{piece:?}"), fill(piece, TEXT_BYTES)));
    let marks = ('!'..='~')
        .filter(char::is_ascii_punctuation)
        .map(|mark| (format!("only {mark}"), fill(&mark.to_string(), TEXT_BYTES)));
    let structured = structured().into_iter().chain(urls()).map(|(name, text)| (name.to_owned(), text));
    repeated.chain(marks).chain(structured).collect()
}

/// Texts that are more than a repetition, including the pathological cases of CommonMark's own tests.
fn structured() -> Vec<(&'static str, String)> {
    let pair = |open: &str, close: &str| {
        let times = TEXT_BYTES / (open.len() + close.len()) - 1;
        format!("{}a{}", open.repeat(times), close.repeat(times))
    };
    let after = |start: &str, piece: &str| format!("{start}{}", fill(piece, TEXT_BYTES - start.len()));
    let spans: String = (1..120).map(|length| "`".repeat(length) + " ").collect();
    let indented: String = (0..16).map(|level| [&*" ".repeat(16 * level), &"- ".repeat(8), "a\n"].concat()).collect();
    vec![
        ("nested brackets", pair("[", "]")),
        ("nested links", pair("[", "](https://a)")),
        ("nested images", pair("![", "](https://a)")),
        ("nested emphasis", pair("*_", "_*")),
        ("opened emphasis, closed", [&*fill("*a _b ", TEXT_BYTES / 2), &fill("_*", TEXT_BYTES / 2)].concat()),
        ("backticks of all lengths", after(&spans[..TEXT_BYTES / 2], "`` ` ")),
        ("deep quote, lazy lines", after(&("> ".repeat(TEXT_BYTES / 4) + "a\n"), "b\n")),
        ("deep quote within the limit, lazy lines", after(&("> ".repeat(8) + "a\n"), "b\n")),
        ("deep list, blank lines", after(&("+ ".repeat(TEXT_BYTES / 4) + "a"), "\n") + "a"),
        ("deep list within the limit, blank lines", after(&("+ ".repeat(8) + "a"), "\n") + "a"),
        ("lists by indentation, blank lines", after(&indented, "\n")),
        ("code full of HTML", after("```\n", "<a>&")),
        ("paragraphs, then items", [&*fill("\n\n", TEXT_BYTES / 2), &fill("\n- .", TEXT_BYTES / 2)].concat()),
        (
            "strong emphasis in emphasis",
            [&*fill("*a **a ", TEXT_BYTES / 2), &fill("b** b*", TEXT_BYTES / 2 - 8)].concat(),
        ),
        ("closers without openers", fill("a_ ", TEXT_BYTES)),
        ("openers without closers", fill("_a ", TEXT_BYTES)),
        ("closers of links without openers", fill("a]", TEXT_BYTES)),
        ("openers of links without closers", fill("[a", TEXT_BYTES)),
        ("openers and closers that do not match", fill("*a_ ", TEXT_BYTES)),
        ("openers and closers in threes", after("a**b", "c* ")),
        ("openers of links, closers of emphasis", fill("[ a_", TEXT_BYTES)),
        ("brackets and parentheses", fill("[ (](", TEXT_BYTES)),
        ("images of nothing", fill("![[]()", TEXT_BYTES)),
        ("links that end in emphasis", fill("**x [a*b**c*](d)", TEXT_BYTES)),
        ("quotes in quotes, emphasis in them", after(&">".repeat(TEXT_BYTES / 4), "a*")),
        ("urls in brackets that do not end", fill("[a](<b", TEXT_BYTES)),
        ("destinations that do not end", fill("[a](b", TEXT_BYTES)),
        ("comments that do not end", after("</", "<!--")),
        ("instructions that do not end", after("</", "<?")),
        ("declarations that do not end", after("</", "<!A ")),
        ("sections that do not end", after("</", "<![CDATA[")),
        ("empty lines in items in items", [&*fill("* ", 600), "x", &fill("\n", TEXT_BYTES / 2)].concat()),
        ("a table with many columns", [&*fill("|a", TEXT_BYTES / 2), "\n", &fill("|-", TEXT_BYTES / 2 - 2)].concat()),
        ("a table with many rows", after("|a|b|\n|-|-|\n", "|*a*|[b](c)|\n")),
        ("a heading with many marks", [&*fill("#", TEXT_BYTES / 2), " ", &fill("# ", TEXT_BYTES / 2 - 1)].concat()),
        ("references to characters that are none", fill("&#x110000;", TEXT_BYTES)),
        ("references that are long", fill("&CounterClockwiseContourIntegral;", TEXT_BYTES)),
        (
            "definitions and their uses",
            [&*fill("[a]: https://a.b\n", TEXT_BYTES / 2), "\n", &fill("[a]", TEXT_BYTES / 2 - 1)].concat(),
        ),
    ]
}

/// Texts that are expensive to parse as URLs.
fn urls() -> Vec<(&'static str, String)> {
    let after = |start: &str, piece: &str| format!("{start}{}", fill(piece, TEXT_BYTES - start.len()));
    vec![
        ("one long address", after("https://a.b/", "é")),
        ("one long host", after("https://", "é.")),
        ("one long host behind slashes", after("https://///", "é.")),
        ("one long host of combining marks", after("https://", "a\u{323}\u{307}.")),
        ("one long host of escapes", after("https://", "%C3%A9.")),
        ("one long host, right to left", after("https://", "\u{5d0}\u{5d1}.")),
        ("hosts as long as hosts are", fill(&format!("https://{}b ", "é.".repeat(31)), TEXT_BYTES)),
        ("hosts longer than hosts are", fill(&format!("https://{}b ", "é.".repeat(80)), TEXT_BYTES)),
        ("hosts longer than any", fill(&format!("https://{}b ", "é.".repeat(400)), TEXT_BYTES)),
        ("hosts of one label each", fill("https://é.b ", TEXT_BYTES)),
        ("hosts of combining marks", fill("https://a\u{323}\u{307}.b ", TEXT_BYTES)),
        ("hosts in brackets", fill("<https://é.b>", TEXT_BYTES)),
        ("one long label", format!("https://{}.example", fill("\u{4e00}\u{4e8c}\u{4e09}\u{56db}", TEXT_BYTES - 24))),
        ("one long tail", after("https://a.b/", ")")),
    ]
}
