//! The text of a comment as the browser lays it out: numbers of lists, and the direction of each block.

use afterword_tests::{Browser, BrowserOptions, HostPage};

use crate::{HOST, OPEN, post_thread};

/// Measures the room at the start of each item of a numbered list against the widest number, in the item's own font.
const ROOM_FOR_NUMBERS: &str = "
    const faults = [];
    for (const family of ['serif', 'sans-serif', 'monospace', 'Verdana, DejaVu Sans']) {
      root.host.style.fontFamily = family;
      for (const item of root.querySelectorAll('.aw-text ol > li')) {
        const style = getComputedStyle(item);
        const context = document.createElement('canvas').getContext('2d');
        context.font = `${style.fontSize} ${style.fontFamily}`;
        const needed = context.measureText('999.').width;
        const text = item.closest('.aw-text').getBoundingClientRect();
        const box = item.getBoundingClientRect();
        const room = style.direction === 'rtl' ? text.right - box.right : box.left - text.left;
        if (room < needed) faults.push(`${family}: ${room} of ${needed}`);
      }
    }
    return faults.join('; ');";

#[tokio::test]
async fn numbers_of_lists_are_wholly_visible() {
    let texts = [
        ("1986. What a great year.\n\n100.", None),
        ("99. a\n100. b\n101. c", None),
        ("Hello:\n\n998. שלום\n999. עולם", None),
        ("1. a\n   100. b\n\n> 200. c", None),
    ];
    post_thread("text_list_numbers", &texts);
    let reader = Browser::open(BrowserOptions::default()).await;
    reader.visit(&HOST.publish(&HostPage::new(&OPEN, "text_list_numbers"))).await;
    let widget = reader.widget();
    widget.find(".aw-text ol").await;
    let shown = widget.run("return root.querySelector('.aw-text').innerText", Vec::new()).await;
    assert_eq!(
        shown.as_str().map(str::split_whitespace).map(Iterator::collect::<Vec<_>>).unwrap_or_default(),
        ["1986.", "What", "a", "great", "year.", "100."]
    );
    assert_eq!(widget.run(ROOM_FOR_NUMBERS, Vec::new()).await, "");
    reader.close().await;
}

/// The direction of each block with a text of its own, and the side of its element at which its first line starts.
const DIRECTIONS: &str = "
    const blocks = [...root.querySelectorAll('.aw-text :is(p, li, pre)')].filter((block) => !block.querySelector('p'));
    return blocks.map((block) => {
      const range = document.createRange();
      range.selectNodeContents(block);
      const line = range.getClientRects()[0];
      const box = block.getBoundingClientRect();
      const side = line.left - box.left < box.right - line.right ? 'left' : 'right';
      return `${getComputedStyle(block).direction} ${side}`;
    }).join(', ');";

#[tokio::test]
async fn each_block_has_its_own_direction() {
    let texts = [
        ("Hello:\n\n- שלום עולם!\n- hello\n- `git` פקודה", "ltr left, rtl right, ltr left, rtl right"),
        ("- שלום\n- hello", "rtl right, ltr left"),
        (
            "hello\n\n> שלום\n>\n> hello\n\n1. مرحبا\n\n   hello\n2. hello",
            "ltr left, rtl right, ltr left, rtl right, ltr left, ltr left",
        ),
        ("שלום\n\n- https://a.example/ שלום\n\n```\na\n```", "rtl right, rtl right, ltr left"),
        ("שלום\n\nhello\n\n- 1, 2, שלום", "rtl right, ltr left, rtl right"),
    ];
    let reader = Browser::open(BrowserOptions::default()).await;
    for (number, (text, expected)) in texts.iter().enumerate() {
        for html in ["dir=\"ltr\"", "dir=\"rtl\""] {
            let name = format!("text_direction_{number}");
            if html.contains("ltr") {
                post_thread(&name, &[(text, None)]);
            }
            reader.visit(&HOST.publish(&HostPage::new(&OPEN, &name).html_attributes(html))).await;
            let widget = reader.widget();
            widget.find(".aw-text").await;
            assert_eq!(widget.run(DIRECTIONS, Vec::new()).await, *expected, "{text} in {html}");
        }
    }
    reader.close().await;
}
