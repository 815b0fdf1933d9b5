//! Addresses of posts by the feeds and sitemaps of the blog.
//!
//! Google Takeout has titles and times of posts, and no address of the blog. A feed has titles, times and addresses. A sitemap has addresses
//! alone; Blogger and others make them from the title and the month.

use std::collections::HashMap;

use chrono::{DateTime, Datelike};

use crate::containers::entities;
use crate::containers::xml::{Tag, XmlReader};
use crate::problem::ReadError;
use crate::record::TimeQuality;
use crate::times::parse_time;

/// Maximum difference between the times of a post in two sources, in seconds: they may be those of different zones.
const SAME_DAY_SECONDS: i64 = 26 * 60 * 60;
/// Number of words of a title of which one must begin the slug; Blogger leaves out articles.
const FIRST_WORDS: usize = 4;

/// A post in a feed or sitemap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FeedPost {
    url: String,
    title: String,
    time: Option<i64>,
}

/// The posts of feeds and sitemaps.
#[derive(Debug, Default)]
pub(crate) struct FeedIndex {
    posts: Vec<FeedPost>,
    /// Indexes of posts by their titles.
    titles: HashMap<String, Vec<usize>>,
    /// Indexes of posts by the first words of their addresses.
    slugs: HashMap<String, Vec<usize>>,
}

impl FeedIndex {
    /// Adds a feed (Atom or RSS) or a sitemap. Returns the number of its posts.
    pub(crate) fn add(&mut self, bytes: &[u8]) -> Result<usize, ReadError> {
        let mut rest = bytes;
        let mut xml = XmlReader::new("the feed", &bytes[..bytes.len().min(1024)], &mut rest);
        let mut posts = Vec::new();
        while let Some(root) = xml.root()? {
            read_posts(&mut xml, &root, &mut posts)?;
        }
        posts.retain(|post| !post.url.is_empty());
        let count = posts.len();
        for post in posts {
            self.push(post);
        }
        Ok(count)
    }

    fn push(&mut self, post: FeedPost) {
        let index = self.posts.len();
        let title = normalize(&post.title);
        if !title.is_empty() {
            self.titles.entry(title).or_default().push(index);
        }
        if let Some(word) = slug_words(&post.url).first() {
            self.slugs.entry((*word).to_owned()).or_default().push(index);
        }
        self.posts.push(post);
    }

    /// The address of a post, if exactly one fits its title, or its time to the second.
    pub(crate) fn find(&self, title: &str, time: Option<i64>) -> Option<&str> {
        self.by_title(title, time).or_else(|| self.by_slug(title, time)).or_else(|| self.by_time(time))
    }

    fn by_title(&self, title: &str, time: Option<i64>) -> Option<&str> {
        let found = self.titles.get(&normalize(title))?;
        let near = |index: &&usize| {
            let other = self.posts.get(**index).and_then(|post| post.time);
            time.zip(other).is_some_and(|(a, b)| (a - b).abs() <= SAME_DAY_SECONDS)
        };
        self.single(found.iter()).or_else(|| self.single(found.iter().filter(near)))
    }

    fn by_time(&self, time: Option<i64>) -> Option<&str> {
        let time = time?;
        let is_same = |index: &usize| self.posts.get(*index).is_some_and(|post| post.time == Some(time));
        let indexes: Vec<usize> = (0..self.posts.len()).filter(is_same).collect();
        self.single(indexes.iter())
    }

    fn by_slug(&self, title: &str, time: Option<i64>) -> Option<&str> {
        let title = normalize(title);
        let words: Vec<&str> = title.split(' ').collect();
        let mut found: Vec<usize> = Vec::new();
        for word in words.iter().take(FIRST_WORDS) {
            let fits = |index: &&usize| {
                self.posts
                    .get(**index)
                    .is_some_and(|post| is_subsequence(&slug_words(&post.url), &words) && is_of_month(&post.url, time))
            };
            found.extend(self.slugs.get(*word).into_iter().flatten().filter(fits));
        }
        self.single(found.iter())
    }

    /// The address of posts that all have the same one.
    fn single<'a>(&self, mut indexes: impl Iterator<Item = &'a usize>) -> Option<&str> {
        let url = |index: &usize| self.posts.get(*index).map(|post| post.url.as_str());
        let first = url(indexes.next()?)?;
        indexes.all(|index| url(index) == Some(first)).then_some(first)
    }
}

/// Reads all entries, at whatever depth of the first two levels.
fn read_posts(xml: &mut XmlReader<'_>, parent: &Tag, posts: &mut Vec<FeedPost>) -> Result<(), ReadError> {
    while let Some(tag) = xml.child(parent)? {
        match tag.name() {
            "entry" | "item" | "url" => posts.push(read_post(xml, &tag)?),
            "channel" => read_posts(xml, &tag, posts)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_post(xml: &mut XmlReader<'_>, entry: &Tag) -> Result<FeedPost, ReadError> {
    let mut post = FeedPost::default();
    while let Some(tag) = xml.child(entry)? {
        match tag.name() {
            "title" if post.title.is_empty() => post.title = decode(&xml.text(&tag)?.text),
            "link" => {
                let (href, rel) = (xml.attribute("href"), xml.attribute("rel"));
                let text = xml.text(&tag)?.text;
                let is_post = rel.is_none_or(|rel| rel == "alternate");
                if is_post && post.url.is_empty() {
                    post.url = href.unwrap_or(text).trim().to_owned();
                }
            }
            "origLink" | "loc" => post.url = xml.text(&tag)?.text.trim().to_owned(),
            "published" | "pubDate" | "date" => {
                let time = parse_time(xml.text(&tag)?.text.trim(), None);
                post.time = Some(time.seconds).filter(|_| time.quality != TimeQuality::Missing);
            }
            _ => {}
        }
    }
    Ok(post)
}

/// Titles may be escaped twice.
fn decode(title: &str) -> String {
    entities::decode(title).into_owned()
}

/// The words of a text, in lower case.
fn normalize(text: &str) -> String {
    let text = decode(text).to_lowercase().replace(['\'', '’'], "");
    text.split(|it: char| !it.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The words of the last segment of an address, without its extension and without the number that tells equal slugs apart.
fn slug_words(url: &str) -> Vec<&str> {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let segment = path.rsplit('/').next().unwrap_or_default();
    let name = segment.split('.').next().unwrap_or_default();
    let name = name
        .split_once('_')
        .map_or(name, |(name, rest)| if rest.bytes().all(|byte| byte.is_ascii_digit()) { name } else { segment });
    name.split(['-', '_']).filter(|word| !word.is_empty()).collect()
}

/// True if the words of a slug are in a title, in this order. The last word may be cut.
fn is_subsequence(slug: &[&str], title: &[&str]) -> bool {
    let mut words = title.iter();
    !slug.is_empty()
        && slug.iter().enumerate().all(|(number, word)| {
            let is_last = number + 1 == slug.len();
            words.any(|other| other == word || is_last && word.len() > 2 && other.starts_with(*word))
        })
}

/// True unless the address names another month, as `/2019/05/` does. The month may be that of another zone.
fn is_of_month(url: &str, time: Option<i64>) -> bool {
    let parts: Vec<&str> = url.split('/').collect();
    let month = parts.windows(2).find_map(|pair| match pair {
        [year, month] if year.len() == 4 && month.len() == 2 => Some((year.parse().ok()?, month.parse().ok()?)),
        _ => None,
    });
    let (Some(month), Some(time)) = (month, time) else { return true };
    [-SAME_DAY_SECONDS, 0, SAME_DAY_SECONDS].into_iter().any(|shift| {
        let date = DateTime::from_timestamp(time.saturating_add(shift), 0);
        date.is_some_and(|date| (date.year(), date.month()) == month)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATOM: &str = r#"<?xml version='1.0' encoding='UTF-8'?><feed xmlns='http://www.w3.org/2005/Atom'>
        <title>Blog</title><link rel='alternate' href='https://blog.example/'/>
        <entry><published>2019-05-02T10:00:00.000+02:00</published><title type='text'>Spring &amp;amp; rain</title>
        <link rel='replies' href='https://blog.example/feeds/1/comments/default'/>
        <link rel='alternate' href='https://blog.example/2019/05/spring-rain.html'/></entry>
        <entry><published>2018-05-02T10:00:00Z</published><title>Links</title><link href='https://blog.example/2018/05/links.html'/></entry>
        <entry><published>2019-05-09T10:00:00Z</published><title>Links</title><link href='https://blog.example/2019/05/links.html'/></entry>
        </feed>"#;
    const RSS: &str = "<rss><channel><title>B</title><link>https://blog.example/</link><item><title>Über uns</title>
        <link>https://blog.example/about</link><pubDate>Thu, 02 May 2019 08:00:00 GMT</pubDate></item></channel></rss>";
    const SITEMAP: &str = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>
        <url><loc>https://blog.example/2020/01/old-house-by-sea.html</loc></url>
        <url><loc>https://blog.example/2020/01/winter.html</loc></url>
        <url><loc>https://blog.example/2021/01/winter.html</loc></url></urlset>";

    fn index(files: &[&str]) -> FeedIndex {
        let mut index = FeedIndex::default();
        for file in files {
            assert!(index.add(file.as_bytes()).unwrap() > 0);
        }
        index
    }

    #[test]
    fn a_post_is_found_by_its_title() {
        let index = index(&[ATOM, RSS]);
        assert_eq!(index.find("Spring & rain", None), Some("https://blog.example/2019/05/spring-rain.html"));
        assert_eq!(index.find("Spring &amp; Rain", None), Some("https://blog.example/2019/05/spring-rain.html"));
        assert_eq!(index.find("über uns", None), Some("https://blog.example/about"));
        assert_eq!(index.find("Autumn", None), None);
    }

    #[test]
    fn equal_titles_are_told_apart_by_their_times() {
        let index = index(&[ATOM]);
        assert_eq!(index.find("Links", None), None);
        assert_eq!(index.find("Links", Some(1_557_396_000)), Some("https://blog.example/2019/05/links.html"));
    }

    #[test]
    fn a_post_with_another_title_is_found_by_its_second() {
        assert_eq!(index(&[RSS]).find("Renamed", Some(1_556_784_000)), Some("https://blog.example/about"));
        assert_eq!(index(&[RSS]).find("Renamed", Some(1_556_784_001)), None);
    }

    #[test]
    fn a_sitemap_is_matched_by_slug_and_month() {
        let index = index(&[SITEMAP]);
        let january = 1_579_000_000;
        assert_eq!(
            index.find("The old house by the sea", Some(january)),
            Some("https://blog.example/2020/01/old-house-by-sea.html")
        );
        assert_eq!(index.find("Winter", Some(january)), Some("https://blog.example/2020/01/winter.html"));
        assert_eq!(index.find("Winter", None), None);
        assert_eq!(index.find("Old house by sea", Some(january + 90 * 86_400)), None);
    }

    #[test]
    fn what_is_no_feed_has_no_posts_or_is_an_error() {
        assert!(!matches!(FeedIndex::default().add(b"<html><body>Hello</body></html>"), Ok(1..)));
        assert!(!matches!(FeedIndex::default().add(b"hello"), Ok(1..)));
        assert!(FeedIndex::default().add(b"<feed><entry>").is_err());
    }
}
