//! Properties of the rendering of arbitrary threads.

use std::time::{Duration, Instant};

use afterword_model::{Author, Comment, CommentId, PostUrl, SafeHtml, Thread};
use afterword_view::{RenderContext, comments};
use proptest::prelude::*;
use scraper::{ElementRef, Html, Selector};

use crate::{context, messages};

fn comment(id: i64, parent: Option<i64>) -> Comment {
    Comment {
        id: CommentId::new(id),
        parent: parent.map(CommentId::new),
        author: Author { name: format!("Reader {id}"), ..Author::default() },
        html: SafeHtml::default(),
        created: id,
        edited: None,
        votes: 0,
        pinned: false,
        deleted: false,
        moderated: false,
        on_behalf: false,
        since: None,
    }
}

fn thread(comments: Vec<Comment>) -> Thread {
    Thread { comments, ..Thread::empty(PostUrl::parse("https://blog.example/post").unwrap()) }
}

fn render(max_depth: u8, thread: &Thread) -> String {
    let messages = messages("en");
    comments(&RenderContext { max_depth, ..context(&messages) }, thread).into_string()
}

proptest! {
    /// For any order and any parents, including cycles and duplicates, each comment is rendered once, in well-formed
    /// HTML of bounded depth.
    #[test]
    fn each_comment_is_rendered_once(parents in prop::collection::vec((0..40i64, 0..40i64), 0..40), depth in 0..6u8) {
        let list: Vec<Comment> = parents.iter().map(|&(id, parent)| comment(id, (parent > 5).then_some(parent))).collect();
        let html = Html::parse_fragment(&render(depth, &thread(list.clone())));
        prop_assert!(html.errors.is_empty(), "{:?}", html.errors);
        let item = Selector::parse("li.aw-item").unwrap();
        let mut rendered: Vec<i64> = html.select(&item).map(|li| li.attr("data-id").unwrap().parse().unwrap()).collect();
        let mut given: Vec<i64> = list.iter().map(|comment| comment.id.get()).collect();
        rendered.sort_unstable();
        given.sort_unstable();
        prop_assert_eq!(rendered, given);
        for li in html.select(&item) {
            let lists = li.ancestors().filter(|node| node.value().as_element().is_some_and(|e| e.name() == "ol")).count();
            prop_assert_eq!(li.attr("data-depth").unwrap(), lists.to_string());
            prop_assert!(lists <= usize::from(depth));
        }
    }

    /// On a page in depth-first order, every reply is rendered in the list of its parent.
    #[test]
    fn replies_are_rendered_in_the_list_of_their_parent(choices in prop::collection::vec(0..1000usize, 1..40)) {
        let (mut list, mut path) = (Vec::new(), Vec::new());
        for (id, choice) in (0..).zip(choices) {
            path.truncate(choice % (path.len() + 1));
            list.push(comment(id, path.last().copied()));
            path.push(id);
        }
        let html = Html::parse_fragment(&render(255, &thread(list.clone())));
        let item = Selector::parse("li.aw-item").unwrap();
        let id = |li: ElementRef| li.attr("data-id").map(|id| id.parse::<i64>().unwrap());
        let rendered: Vec<_> = html.select(&item).map(|li| (id(li), li.ancestors().filter_map(ElementRef::wrap).find_map(id))).collect();
        let expected: Vec<_> =
            list.iter().map(|comment| (Some(comment.id.get()), comment.parent.map(CommentId::get))).collect();
        prop_assert_eq!(rendered, expected);
    }

    #[test]
    fn any_time_has_a_date(created in any::<i64>(), edited in any::<i64>()) {
        let comment = Comment { created, edited: Some(edited), ..comment(1, None) };
        let html = render(4, &thread(vec![comment]));
        let stamp = html.split("datetime=\"").nth(1).unwrap();
        prop_assert_eq!(&stamp[19..21], "Z\"");
    }
}

/// A chain of replies costs as much as the same number of root comments: no recursion, nothing quadratic.
///
/// 100,000 comments take about a second without optimization; 100,000 squared would take minutes. A recursion as deep
/// as the chain would overflow the stack of the thread.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test measures; what it measures has no clock")]
fn reply_chains_render_in_linear_time() {
    const COUNT: i64 = 100_000;
    let chain = thread((0..COUNT).map(|id| comment(id, (id > 0).then_some(id - 1))).collect());
    let start = Instant::now();
    let rendered =
        std::thread::Builder::new().stack_size(128 * 1024).spawn(move || render(4, &chain)).unwrap().join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
    assert_eq!(rendered.matches("<li").count(), COUNT as usize);
    // Each comment has a heading, a picture, and two links that name the post.
    assert!(rendered.len() < COUNT as usize * 1_300, "{} bytes", rendered.len());
}
