//! Files of other systems for tests: a blog with ten years of comments, generated from the description of the format.

use std::fmt::Write;

/// Number of posts of the blog.
pub const POSTS: u32 = 30;
/// Number of its comments, deleted ones included.
pub const COMMENTS: u32 = 200;

/// One comment of the blog.
#[derive(Clone, Debug)]
pub struct OldComment {
    /// Number, from 1, in the order of the posts.
    pub number: u32,
    /// Number of the post, from 0.
    pub post: u32,
    /// Number of the parent.
    pub parent: Option<u32>,
    /// True if the author has no profile.
    pub is_anonymous: bool,
    /// True if it was deleted; its text is then a sentence of the system.
    pub is_deleted: bool,
    /// Unix seconds.
    pub time: i64,
}

/// Path of a post.
pub fn old_post_path(post: u32) -> String {
    format!("/{}/{:02}/post-{post}.html", 2008 + post / 3, 1 + post % 3 * 4)
}

/// The comments of the blog. Every third one is a reply to the one before it, and some of these have replies too; every tenth is anonymous and every
/// twenty-fifth deleted.
pub fn old_comments() -> Vec<OldComment> {
    let comment = |number: u32| {
        let (post, position) = ((number - 1) * POSTS / COMMENTS, (number - 1) % 7);
        let is_first = number == 1 || (number - 2) * POSTS / COMMENTS != post;
        OldComment {
            number,
            post,
            parent: (!is_first && matches!(position, 2 | 3 | 5)).then(|| number - 1),
            is_anonymous: number % 10 == 3,
            is_deleted: number.is_multiple_of(25),
            time: 1_200_000_000 + i64::from(post) * 10_500_000 + i64::from(number) * 3_600,
        }
    };
    (1..=COMMENTS).map(comment).collect()
}

/// The text of a comment.
pub fn old_text(number: u32) -> String {
    format!("Comment {number} with a <b>bold</b> word &amp; an <i>italic</i> one<br />and a second line")
}

/// A backup of the blog as Blogger wrote it until 2025: an Atom feed with everything in entries.
pub fn blogger_backup(host: &str) -> String {
    let mut feed = String::from(
        "<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href=\"https://www.blogger.com/styles/atom.css\" type=\"text/css\"?>\
         <feed xmlns='http://www.w3.org/2005/Atom' xmlns:gd='http://schemas.google.com/g/2005' xmlns:thr='http://purl.org/syndication/thread/1.0'>\
         <id>tag:blogger.com,1999:blog-77.archive</id><updated>2020-01-01T00:00:00.000-08:00</updated><title type='text'>Old blog</title>",
    );
    for post in 0..POSTS {
        write_post(&mut feed, host, post);
    }
    for comment in old_comments() {
        write_comment(&mut feed, host, &comment);
    }
    feed.push_str("</feed>");
    feed
}

fn write_post(feed: &mut String, host: &str, post: u32) {
    let _ = write!(
        feed,
        "<entry><id>tag:blogger.com,1999:blog-77.post-{}</id><published>{}</published><updated>2020-01-01T00:00:00.000-08:00</updated>\
         <category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#post'/>\
         <title type='text'>Post number {post}</title><content type='html'>A post</content>\
         <link rel='alternate' type='text/html' href='http://{host}{}' title='Post number {post}'/>\
         <author><name>Ada</name><uri>http://www.blogger.com/profile/1</uri><email>noreply@blogger.com</email></author></entry>",
        1_000 + post,
        rfc3339(1_200_000_000 + i64::from(post) * 10_500_000),
        old_post_path(post),
    );
}

fn write_comment(feed: &mut String, host: &str, comment: &OldComment) {
    let OldComment { number, post, time, .. } = *comment;
    let (post_id, url) = (1_000 + post, format!("http://{host}{}", old_post_path(post)));
    let text =
        if comment.is_deleted { "This comment has been removed by the author.".to_owned() } else { old_text(number) };
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let author = if comment.is_anonymous {
        "<name>Anonymous</name>".to_owned()
    } else {
        format!("<name>Reader {}</name><uri>http://www.blogger.com/profile/{}</uri>", number % 12, 100 + number % 12)
    };
    let parent = comment.parent.map_or_else(String::new, |parent| {
        format!(
            "<link rel='related' type='application/atom+xml' \
             href='http://www.blogger.com/feeds/77/{post_id}/comments/default/{}?v=2'/>",
            5_000 + parent
        )
    });
    let removed =
        if comment.is_deleted { "<gd:extendedProperty name='blogger.contentRemoved' value='true'/>" } else { "" };
    let _ = write!(
        feed,
        "<entry><id>tag:blogger.com,1999:blog-77.post-{id}</id><published>{at}</published><updated>{at}</updated>\
         <category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#comment'/>\
         <title type='text'>Comment</title><content type='html'>{escaped}</content>\
         <link rel='alternate' type='text/html' href='{url}?showComment={time}000#c{id}' title=''/>{parent}\
         <author>{author}<email>noreply@blogger.com</email></author>\
         <thr:in-reply-to href='{url}' ref='tag:blogger.com,1999:blog-77.post-{post_id}' source='http://www.blogger.com/feeds/77/posts/default/{post_id}'/>\
         {removed}</entry>",
        id = 5_000 + number,
        at = rfc3339(time),
    );
}

/// The time eight hours west of UTC, as Blogger writes it.
fn rfc3339(time: i64) -> String {
    let (days, seconds) = ((time - 8 * 3_600).div_euclid(86_400), (time - 8 * 3_600).rem_euclid(86_400));
    // The civil date of a number of days, after Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000-08:00",
        seconds / 3_600,
        seconds / 60 % 60,
        seconds % 60
    )
}
