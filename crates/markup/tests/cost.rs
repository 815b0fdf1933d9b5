//! What a text costs, against an ordinary comment of the same size.
//!
//! `cargo test --release -p afterword-markup --test cost -- --ignored --nocapture` prints the table. Times are the best of
//! many runs, but the machine should have nothing else to do.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Instant;

use afterword_markup::render;
use afterword_model::limits::TEXT;

/// Somebody who knows Markdown and has a lot to say.
const ORDINARY: &str = "I read your post twice, and I think that *this* part is wrong: the `cache` is **not** shared, see \
https://example.org/a/b_c?d=e for more.\nSecond line here with some more ordinary words that go on for a while.\n\n\
> a quote of somebody\n\n- one item\n- another item\n\n";

/// Repeated to the limit, each of these makes some parser of Markdown or HTML slow, or its tree deep or large.
const STORMS: &[&str] = &[
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

fn fill(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len())
}

/// Storms that are more than a repetition.
fn shaped() -> Vec<(&'static str, String)> {
    let pair = |open: &str, close: &str| {
        let times = TEXT / (open.len() + close.len()) - 1;
        format!("{}a{}", open.repeat(times), close.repeat(times))
    };
    let after = |start: &str, piece: &str| format!("{start}{}", fill(piece, TEXT - start.len()));
    let spans: String = (1..120).map(|length| "`".repeat(length) + " ").collect();
    let indented: String = (0..16).map(|level| " ".repeat(16 * level) + &"- ".repeat(8) + "a\n").collect();
    vec![
        ("nested brackets", pair("[", "]")),
        ("nested links", pair("[", "](https://a)")),
        ("nested images", pair("![", "](https://a)")),
        ("nested emphasis", pair("*_", "_*")),
        ("opened emphasis, closed", fill("*a _b ", TEXT / 2) + &fill("_*", TEXT / 2)),
        ("backticks of all lengths", after(&spans[..TEXT / 2], "`` ` ")),
        ("deep quote, lazy lines", after(&("> ".repeat(TEXT / 4) + "a\n"), "b\n")),
        ("deep quote within the limit, lazy lines", after(&("> ".repeat(8) + "a\n"), "b\n")),
        ("deep list, blank lines", after(&("+ ".repeat(TEXT / 4) + "a"), "\n") + "a"),
        ("deep list within the limit, blank lines", after(&("+ ".repeat(8) + "a"), "\n") + "a"),
        ("lists by indentation, blank lines", after(&indented, "\n")),
        ("code full of HTML", after("```\n", "<a>&")),
        ("one long address", after("https://a.b/", "é")),
        ("one long host", after("https://", "é.")),
        ("one long label", after("https://", "\u{4e00}\u{4e8c}\u{4e09}\u{56db}") + ".example"),
        ("one long tail", after("https://a.b/", ")")),
        ("paragraphs, then items", fill("\n\n", TEXT / 2) + &fill("\n- .", TEXT / 2)),
        ("definitions and their uses", fill("[a]: https://a.b\n", TEXT / 2) + "\n" + &fill("[a]", TEXT / 2 - 1)),
    ]
}

/// The best time of a rendering, in nanoseconds.
#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn time(text: &str) -> u64 {
    let once = || {
        let start = Instant::now();
        let _ = std::hint::black_box(render(std::hint::black_box(text)));
        u64::try_from(start.elapsed().as_nanos()).unwrap()
    };
    (0..100).map(|_| once()).min().unwrap()
}

#[test]
#[ignore = "measures, and needs a release build on a quiet machine"]
fn no_text_costs_more_than_three_ordinary_ones() {
    let ordinary = time(&fill(ORDINARY, TEXT));
    let repeated = STORMS.iter().map(|piece| (*piece, fill(piece, TEXT)));
    let mut rows: Vec<_> = repeated.chain(shaped()).map(|(name, text)| (time(&text), name, render(&text))).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.0));
    println!("an ordinary comment of {TEXT} bytes: {} µs", ordinary / 1000);
    for (time, name, answer) in &rows {
        let answer = answer.as_ref().map_or_else(ToString::to_string, |html| format!("{} bytes", html.as_str().len()));
        let percent = time * 100 / ordinary;
        println!("{:3}.{:02}  {:5} µs  {name:?}  {answer}", percent / 100, percent % 100, time / 1000);
    }
    let worst = &rows[0];
    assert!(worst.0 <= 3 * ordinary, "{:?} costs too much", worst.1);
}
