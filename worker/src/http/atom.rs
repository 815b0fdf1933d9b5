//! Rendering of comments as an Atom feed (RFC 4287).

use std::collections::BTreeMap;

use afterword_model::{CommentId, LatestComment, Origin, limits};
use afterword_view::{RenderContext, comment_url, latest_title};
use atom_syndication::extension::{Extension, ExtensionMap};
use atom_syndication::{Content, Entry, Feed, FixedDateTime, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};

/// Namespace and prefix of references to the comment that another one replies to (RFC 4685).
const THREADING: (&str, &str) = ("thr", "http://purl.org/syndication/thread/1.0");

/// The content of a feed.
pub(crate) struct FeedContent<'a> {
    /// The site, by which the ids of the entries are unique.
    pub(crate) site: &'a Origin,
    /// The page or site that the feed is about. Never changes for this feed.
    pub(crate) page: &'a str,
    pub(crate) title: String,
    /// Address of the feed.
    pub(crate) address: String,
    /// The comments, newest first.
    pub(crate) comments: &'a [LatestComment],
}

/// Renders a feed.
pub(crate) fn render(context: &RenderContext<'_>, content: &FeedContent<'_>) -> String {
    let lang = Some(context.messages.get("lang").to_owned());
    let entries: Vec<Entry> = content.comments.iter().map(|comment| entry(context, content.site, comment)).collect();
    let updated = entries.iter().map(|entry| entry.updated).max();
    let feed = Feed {
        title: Text { value: xml_text(&content.title), lang, ..Text::default() },
        id: with_anchor(content.page, "comments"),
        updated: updated.unwrap_or_else(|| time(0)),
        links: vec![
            link("self", &content.address, Some("application/atom+xml")),
            link("alternate", content.page, Some("text/html")),
        ],
        generator: Some(Generator { value: "Afterword".to_owned(), ..Generator::default() }),
        namespaces: BTreeMap::from([(THREADING.0.to_owned(), THREADING.1.to_owned())]),
        entries,
        ..Feed::default()
    };
    feed.to_string()
}

fn entry(context: &RenderContext<'_>, site: &Origin, latest: &LatestComment) -> Entry {
    let comment = &latest.comment;
    let lang = Some(context.messages.get("lang").to_owned());
    let name = match comment.author.name.as_str() {
        "" => context.messages.get("anonymous"),
        name => name,
    };
    let author = Person { name: xml_text(name), uri: comment.author.website.clone(), ..Person::default() };
    // The text has its own direction, whatever that of the page around it.
    let html = format!("<div dir=\"auto\">{}</div>", comment.html.as_str());
    Entry {
        id: entry_id(site, comment.id),
        title: Text { value: xml_text(&latest_title(context, latest)), lang, ..Text::default() },
        authors: vec![author],
        links: vec![link("alternate", &comment_url(context, &latest.url, comment.id), Some("text/html"))],
        published: Some(time(latest.published)),
        updated: time(latest.published.max(comment.edited.unwrap_or(0))),
        content: Some(Content {
            value: Some(xml_text(&html)),
            content_type: Some("html".to_owned()),
            ..Content::default()
        }),
        extensions: comment.parent.map(|parent| in_reply_to(site, parent)).unwrap_or_default(),
        ..Entry::default()
    }
}

/// A reference by id alone: the library does not escape the attributes of extensions, and an address may contain an ampersand.
fn in_reply_to(site: &Origin, parent: CommentId) -> ExtensionMap {
    let mut reference = Extension::default();
    reference.set_name("thr:in-reply-to");
    reference.set_attrs(BTreeMap::from([("ref".to_owned(), entry_id(site, parent))]));
    let references = BTreeMap::from([("in-reply-to".to_owned(), vec![reference])]);
    ExtensionMap::from([(THREADING.0.to_owned(), references)])
}

/// The id of a comment in every feed. It stays the same if its post moves to another address of the site.
fn entry_id(site: &Origin, id: CommentId) -> String {
    format!("https://{}/#comment-{id}", site.authority())
}

/// An IRI below an address, which may have a fragment already.
fn with_anchor(url: &str, anchor: &str) -> String {
    format!("{url}{}{anchor}", if url.contains('#') { "/" } else { "#" })
}

fn link(rel: &str, href: &str, mime_type: Option<&str>) -> Link {
    Link { rel: rel.to_owned(), href: href.to_owned(), mime_type: mime_type.map(str::to_owned), ..Link::default() }
}

/// A text without the characters that XML 1.0 does not allow (its production `Char`).
fn xml_text(text: &str) -> String {
    let is_allowed = |it: &char| matches!(it, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_allowed).collect()
}

fn time(seconds: i64) -> FixedDateTime {
    let time: DateTime<Utc> = DateTime::from_timestamp(seconds.clamp(0, limits::LAST_SECOND), 0).unwrap_or_default();
    time.into()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use afterword_model::{Author, Comment, PostUrl, SafeHtml};
    use afterword_view::catalogue;

    use super::*;
    use crate::http::read_api::render_context;

    pub(crate) const CREATED: i64 = 1_321_000_000;

    pub(crate) fn post(path: &str) -> PostUrl {
        PostUrl::parse(&format!("https://blog.example/{path}")).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "a test needs HTML")]
    pub(crate) fn comment(id: i64, name: &str, html: &str) -> Comment {
        Comment {
            id: CommentId::new(id),
            parent: None,
            author: Author { name: name.to_owned(), ..Author::default() },
            html: SafeHtml::from_storage(html.to_owned()),
            created: CREATED,
            edited: None,
            votes: 0,
            pinned: false,
            deleted: false,
            moderated: false,
            on_behalf: false,
            since: Some(id),
        }
    }

    pub(crate) fn latest(comment: Comment) -> LatestComment {
        LatestComment { url: post("post"), title: "A post".to_owned(), published: CREATED + 60, comment }
    }

    fn feed(lang: &str, comments: &[LatestComment]) -> (String, Feed) {
        let context = render_context(catalogue::messages(lang), "https://comments.example");
        let content = FeedContent {
            site: &Origin::parse("http://blog.example").unwrap(),
            page: "https://blog.example/post",
            title: "Comments & more".to_owned(),
            address: "https://comments.example/v1/feed?url=x&lang=y".to_owned(),
            comments,
        };
        let text = render(&context, &content);
        let feed = Feed::read_from(text.as_bytes()).unwrap();
        check_rfc_4287(&feed);
        (text, feed)
    }

    /// Checks the rules of the RFC that no parser checks (sections 4.1.1, 4.1.2, 4.2.6 and 4.2.7).
    fn check_rfc_4287(feed: &Feed) {
        let is_absolute = |iri: &str| url::Url::parse(iri).is_ok();
        assert!(is_absolute(&feed.id) && !feed.title.value.is_empty());
        let mut ids = BTreeSet::from([feed.id.clone()]);
        let own = |rel: &str| feed.links.iter().filter(|link| link.rel == rel).count();
        assert_eq!((own("self"), own("alternate")), (1, 1));
        for entry in &feed.entries {
            assert!(is_absolute(&entry.id) && ids.insert(entry.id.clone()), "{}", entry.id);
            assert!(!entry.title.value.is_empty() && entry.content.is_some());
            assert!(entry.authors.iter().all(|author| !author.name.is_empty() && author.email.is_none()));
            assert_eq!(entry.authors.len(), 1, "an entry without an author needs one of the feed");
            let [link] = entry.links.as_slice() else { panic!("{:?}", entry.links) };
            assert!(link.rel == "alternate" && is_absolute(&link.href));
            assert!(
                entry.published.is_some_and(|published| published <= entry.updated) && entry.updated <= feed.updated
            );
        }
    }

    #[test]
    fn an_entry_has_stable_id_link_author_and_text() {
        let mut ada = comment(12, "Ada", "<p>1 &lt; 2 &amp; <em>so</em></p>");
        ada.author.website = Some("https://ada.example/".to_owned());
        (ada.parent, ada.edited) = (Some(CommentId::new(3)), Some(CREATED + 3_600));
        let (text, feed) = feed("en", &[latest(ada)]);
        let entry = &feed.entries[0];
        assert_eq!(entry.id, "https://blog.example/#comment-12");
        assert_eq!(entry.links[0].href, "https://blog.example/post#comment-12");
        let author = &entry.authors[0];
        assert_eq!((author.name.as_str(), author.uri.as_deref()), ("Ada", Some("https://ada.example/")));
        let content = entry.content.as_ref().unwrap();
        assert_eq!(content.content_type.as_deref(), Some("html"));
        assert_eq!(content.value.as_deref(), Some("<div dir=\"auto\"><p>1 &lt; 2 &amp; <em>so</em></p></div>"));
        let times = [entry.published.unwrap(), entry.updated, feed.updated].map(|time| time.timestamp());
        assert_eq!(times, [CREATED + 60, CREATED + 3_600, CREATED + 3_600], "an edit moves the time of update");
        assert!(text.contains(r#"<thr:in-reply-to ref="https://blog.example/#comment-3""#), "{text}");
        assert!(text.contains("xmlns:thr=") && text.contains("&lt;p&gt;1 &amp;lt; 2"), "{text}");
    }

    #[test]
    fn addresses_with_ampersands_are_escaped() {
        let mut reply = latest(comment(2, "Ada & Bob", "<p>x</p>"));
        (reply.url, reply.comment.parent) = (post("post?a=1&b=2"), Some(CommentId::new(1)));
        reply.comment.author.website = Some("https://ada.example/?a&b".to_owned());
        let (text, feed) = feed("en", &[reply]);
        assert_eq!(feed.entries[0].links[0].href, "https://blog.example/post?a=1&b=2#comment-2");
        assert_eq!(feed.entries[0].authors[0].uri.as_deref(), Some("https://ada.example/?a&b"));
        let ampersands =
            text.split('&').skip(1).all(|after| after.split(';').next().is_some_and(|name| name.len() < 6));
        assert!(ampersands, "{text}");
    }

    #[test]
    fn a_feed_without_comments_is_valid() {
        let (_, feed) = feed("en", &[]);
        assert_eq!((feed.entries.len(), feed.updated.timestamp()), (0, 0));
    }

    #[test]
    fn titles_are_in_the_language_of_the_reader() {
        let mut untitled = latest(comment(1, "", "<p>x</p>"));
        untitled.title.clear();
        let (text, german) = feed("de-AT", &[untitled, latest(comment(2, "Ada", "<p>y</p>"))]);
        assert_eq!(german.entries[0].authors[0].name, catalogue::messages("de").get("anonymous"));
        assert!(german.entries[0].title.value.contains("https://blog.example/post"));
        assert!(german.entries[1].title.value.contains(" zu „"), "{}", german.entries[1].title.value);
        assert_eq!(text.matches(r#"<title xml:lang="de">"#).count(), 3, "{text}");
    }

    #[test]
    fn names_in_other_directions_do_not_affect_the_words_around_them() {
        let mut arabic = latest(comment(1, "\u{202e}سارة", "<p>مرحبا</p>"));
        arabic.title = "{name} رسائل".to_owned();
        let (_, feed) = feed("en", &[arabic]);
        let title = &feed.entries[0].title.value;
        assert_eq!(title, "\u{2068}\u{202e}سارة\u{2069} on “\u{2068}{name} رسائل\u{2069}”");
    }

    #[test]
    fn characters_that_xml_forbids_are_left_out() {
        let (text, feed) = feed("en", &[latest(comment(1, "A\u{0}d\u{1f}a\u{ffff}]]>", "<p>a\u{b}b\u{1f600}</p>"))]);
        assert_eq!(feed.entries[0].authors[0].name, "Ada]]>");
        assert!(text.contains("ab\u{1f600}"), "{text}");
    }

    #[test]
    fn a_post_with_a_route_is_linked_by_the_page_of_its_thread() {
        let mut routed = latest(comment(5, "Ada", "<p>x</p>"));
        routed.url = PostUrl::parse("https://blog.example/#/post").unwrap();
        let (_, feed) = feed("en", &[routed]);
        let expected =
            "https://comments.example/thread?url=https%3A%2F%2Fblog.example%2F%23%2Fpost&lang=en&comment=5#comment-5";
        assert_eq!(feed.entries[0].links[0].href, expected);
    }
}
