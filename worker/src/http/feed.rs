//! `GET /v1/feed`: the latest comments of a post or of a site as an Atom feed. They are read from KV alone.

use std::collections::BTreeMap;

use afterword_model::{ChosenPost, LatestComment, LatestComments, PageReader, PageRuns, Sort, Thread};
use afterword_view::{RenderContext, catalogue, feed_url};
use futures_util::future::try_join;
use url::form_urlencoded;
use worker::Response;

use crate::context::AppContext;
use crate::error::ApiError;
use crate::http::atom::{self, FeedContent};
use crate::http::latest::{requested_site, respond};
use crate::http::read_api::{render_context, requested_post};
use crate::http::request::ApiRequest;
use crate::kv_reader::{KvReader, ReadPage};
use crate::response::ContentType;

/// Maximum number of pages that are read of a long thread, beside the first.
const MAX_PAGES: usize = 3;

/// `GET /v1/feed`: of the post `url`, or else of the site `site`.
pub(crate) async fn get(app: &AppContext, request: &ApiRequest) -> Result<Response, ApiError> {
    let messages = catalogue::messages(&request.query_value("lang").unwrap_or_default());
    let endpoint = request.endpoint();
    let context = render_context(messages, &endpoint);
    let feed = match request.query_value("url") {
        Some(_) => thread_feed(app, request, &context).await?,
        None => site_feed(app, request, &context).await?,
    };
    respond(request, ContentType::Atom, feed.into_bytes())
}

async fn site_feed(app: &AppContext, request: &ApiRequest, context: &RenderContext<'_>) -> Result<String, ApiError> {
    let site = requested_site(app, request)?;
    let latest = KvReader::new(app)?.latest_comments(site).await?;
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("site", site.as_str())
        .append_pair("lang", context.messages.get("lang"))
        .finish();
    let content = FeedContent {
        site,
        page: &format!("{}/", site.as_str()),
        title: context.messages.format("page.title", "title", site.authority()),
        address: format!("{}/v1/feed?{query}", context.endpoint),
        comments: &latest.comments,
    };
    Ok(atom::render(context, &content))
}

async fn thread_feed(app: &AppContext, request: &ApiRequest, context: &RenderContext<'_>) -> Result<String, ApiError> {
    let ChosenPost { post, .. } = requested_post(app, request)?;
    let reader = KvReader::new(app)?;
    let head = reader.read_with_runs(&post, |url| PageReader::new(url, 1, Sort::Oldest));
    let (ReadPage { thread: head, newest_runs, .. }, latest) =
        try_join(head, reader.latest_comments(&post.site)).await?;
    let pages = reader.stored_pages(&head, &newest_pages(&newest_runs, head.pages)).await?;
    let title = if head.title.is_empty() { head.url.as_str() } else { &head.title };
    let content = FeedContent {
        site: &post.site,
        page: head.url.as_str(),
        title: context.messages.format("page.title", "title", title),
        address: feed_url(context, head.url.as_str()),
        comments: &newest_comments(&head, &pages, &latest),
    };
    Ok(atom::render(context, &content))
}

/// The pages of a long thread, beside the first, that have its newest comments.
fn newest_pages(runs: &PageRuns, last: u32) -> Vec<u32> {
    // A thread that was published before there was an index.
    if runs.is_empty() {
        return Vec::from_iter((last > 1).then_some(last));
    }
    let mut pages = Vec::new();
    for &(_, page) in runs.0.iter().rev() {
        if page != 1 && !pages.contains(&page) && pages.len() < MAX_PAGES {
            pages.push(page);
        }
    }
    pages
}

/// The comments of a thread that became visible last, newest first.
///
/// A comment that was approved late may be on any page of a long thread. It is among the latest comments of the site, which also tell the time
/// at which it became visible.
fn newest_comments(head: &Thread, pages: &[Thread], latest: &LatestComments) -> Vec<LatestComment> {
    let mut newest = BTreeMap::new();
    for latest in latest.comments.iter().filter(|latest| latest.url == head.url) {
        newest.insert(latest.comment.id, latest.clone());
    }
    for comment in [head].into_iter().chain(pages).flat_map(|page| &page.comments) {
        if comment.deleted {
            newest.remove(&comment.id);
            continue;
        }
        let published = newest.get(&comment.id).map_or(comment.created, |known| known.published);
        let (url, title, comment) = (head.url.clone(), head.title.clone(), comment.clone());
        newest.insert(comment.id, LatestComment { url, title, published, comment });
    }
    let mut newest: Vec<LatestComment> = newest.into_values().collect();
    newest.sort_by_key(|latest| std::cmp::Reverse((latest.comment.since, latest.published, latest.comment.id)));
    newest.truncate(LatestComments::MAX);
    newest
}

#[cfg(test)]
mod tests {
    use afterword_model::{Comment, CommentId};

    use super::*;
    use crate::http::atom::tests::{CREATED, comment, latest, post};

    fn thread(comments: Vec<Comment>) -> Thread {
        Thread { comments, ..Thread::empty(post("post")) }
    }

    fn ids(comments: &[LatestComment]) -> Vec<i64> {
        comments.iter().map(|latest| latest.comment.id.get()).collect()
    }

    #[test]
    fn a_comment_approved_late_comes_first() {
        let late = Comment { since: Some(9), ..comment(2, "Ada", "") };
        let head = thread(vec![comment(1, "Ada", ""), late.clone(), comment(8, "Ada", "")]);
        let newest = newest_comments(&head, &[], &LatestComments::default());
        assert_eq!(ids(&newest), [2, 8, 1]);
        // On a page that is not read, it is known from the latest comments of the site.
        let elsewhere = LatestComment { url: post("other"), ..latest(comment(30, "Ada", "")) };
        let of_site =
            LatestComments { version: 1, comments: vec![elsewhere, latest(late)], ..LatestComments::default() };
        let newest = newest_comments(&thread(vec![comment(8, "Ada", "")]), &[], &of_site);
        assert_eq!(ids(&newest), [2, 8]);
        assert_eq!([newest[0].published, newest[1].published], [CREATED + 60, CREATED]);
    }

    #[test]
    fn removed_comments_are_left_out() {
        let removed = Comment { deleted: true, ..comment(1, "", "") };
        let of_site =
            LatestComments { version: 1, comments: vec![latest(comment(1, "Ada", ""))], ..LatestComments::default() };
        assert_eq!(ids(&newest_comments(&thread(vec![removed, comment(2, "Ada", "")]), &[], &of_site)), [2]);
    }

    #[test]
    fn comments_published_before_versions_were_known_are_ordered_by_time() {
        let old = |id, created| Comment { since: None, created, ..comment(id, "Ada", "") };
        let head = thread(vec![old(1, 50), old(2, 40), comment(3, "Ada", "")]);
        assert_eq!(ids(&newest_comments(&head, &[], &LatestComments::default())), [3, 1, 2]);
    }

    #[test]
    fn the_pages_of_the_newest_comments_are_read() {
        let runs =
            |runs: &[(i64, u32)]| PageRuns(runs.iter().map(|(first, page)| (CommentId::new(*first), *page)).collect());
        assert_eq!(newest_pages(&runs(&[(1, 1), (9, 2), (12, 1), (14, 5), (15, 2)]), 9), [2, 5]);
        assert_eq!(newest_pages(&runs(&[(1, 2), (2, 3), (3, 4), (4, 5)]), 9), [5, 4, 3]);
        assert_eq!(newest_pages(&runs(&[]), 1), Vec::<u32>::new());
        assert_eq!(newest_pages(&runs(&[]), 4), [4], "before there was an index");
    }
}
