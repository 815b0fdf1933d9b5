use super::*;
use std::io::Cursor;

/// The answer for files that are given as name and content.
fn answer(files: &[(&str, &[u8])]) -> Result<Format, ReadError> {
    let mut contents: Vec<_> = files.iter().map(|(_, content)| Cursor::new(*content)).collect();
    let names = files.iter().map(|(name, _)| (*name).to_owned());
    let mut inputs: Vec<_> = names
        .zip(&mut contents)
        .map(|(name, bytes)| Input { name, bytes: bytes as &mut dyn crate::ReadSeek })
        .collect();
    recognize(&mut inputs)
}

fn check(content: &str, format: Format) {
    assert_eq!(answer(&[("export", content.as_bytes())]), Ok(format), "{content}");
}

/// Checks that the advice has some words.
fn check_advice(name: &str, content: &[u8], words: &str) {
    match answer(&[(name, content)]) {
        Err(ReadError::NoComments { advice, .. }) => assert!(advice.contains(words), "{advice}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn xml_is_told_by_root_and_namespaces() {
    check("<disqus>", Format::Disqus);
    check("\u{feff}<?xml version='1.0'?>\n<!-- a > b --><disqus xmlns='http://disqus.com'>", Format::Disqus);
    check("<!DOCTYPE disqus [<!ENTITY a '>'>]><disqus/>", Format::Disqus);
    check("<rss xmlns:wp='https://wordpress.org/export/1.2/'>", Format::Wxr);
    check("<rss><channel><item><wp:comment>", Format::Wxr);
    check("<feed xmlns:blogger='http://schemas.google.com/blogger/2018'>", Format::BloggerTakeout);
    check("<ns0:feed><ns0:category term='http://schemas.google.com/blogger/2008/kind#post'/>", Format::BloggerAtom);
}

#[test]
fn json_is_told_by_names() {
    check(r#"{"version":1,"comments":[{"commentHex":"a"}]}"#, Format::Commento);
    check(r#"{"version":1}"#, Format::Commento);
    check(r#"{"version":3}"#, Format::Comentario);
    check(r#"{"version":3,"pages":[{"id":"a","domainId":"b"}],"comments":[{"pageId":"a"}]}"#, Format::Comentario);
    check(r#"{"version":1,"users":[],"posts":[]}"#, Format::Remark42);
    check("{\"id\":\"a\",\"text\":\"b\",\"user\":{},\n\"locator\":{\"site\":\"c\",\"url\":\"d\"}}", Format::Remark42);
    check(r#"{"data":{"Comment":[{"objectId":1,"nick":"a","status":"approved"}]}}"#, Format::Waline);
    check(r#"[{"_id":{"$oid":"a"},"nick":"b"}]"#, Format::Twikoo);
    check(r#"{"results":[{"objectId":"a","nick":"b","comment":"c"}]}"#, Format::Valine);
    check(r#"[{"id":"1","page_key":"/a","content":"b"}]"#, Format::Artalk);
    check(r#"[{"id":"/a","title":"b","comments":[]}]"#, Format::IssoJson);
    check(r#"[{"id":"a","by_nickname":"b","content":"c"}]"#, Format::Cusdis);
    check(r#"{"data":{"repository":{"discussions":{"nodes":[]}}}}"#, Format::Giscus);
    check(r#"[{"id":1,"issue_url":"a","body":"b"}]"#, Format::Utterances);
    check(r#"{"db":[{"meta":{},"data":{"posts":[]}}]}"#, Format::Ghost);
    check(r#"[{"url":"/a","text":"b","name":"c"}]"#, Format::Json);
}

#[test]
fn the_text_of_a_comment_tells_nothing() {
    check(r#"[{"url":"/a","text":"\"commentHex\": \"by_nickname\":"}]"#, Format::Json);
}

#[test]
fn databases_are_told_by_their_tables() {
    check(
        "CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER, mode INTEGER, text VARCHAR);",
        Format::IssoDatabase,
    );
    check("CREATE TABLE \"comments\" (\"id\" TEXT, \"pageId\" TEXT, \"by_nickname\" TEXT);", Format::Cusdis);
    check("CREATE TABLE comments (id TEXT, post_slug TEXT, body_md TEXT);", Format::Garrul);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("comments.db");
    let database = rusqlite::Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE comments (tid INTEGER, mode INTEGER, text TEXT)").unwrap();
    drop(database);
    assert_eq!(answer(&[("comments.db", &std::fs::read(&path).unwrap())]), Ok(Format::IssoDatabase));
}

#[test]
fn folders_and_tables_are_told_by_names() {
    let yaml = b"_id: a\nmessage: b\nname: c\ndate: 1\n";
    assert_eq!(answer(&[("_data/comments/a/b.yml", yaml)]), Ok(Format::Staticman));
    check("url,name,text\n/a,b,c\n", Format::Csv);
    check("\"post\";\"text\"\n", Format::Csv);
}

#[test]
fn files_without_comments_have_advice() {
    check_advice("comments.db-wal", &[0x37, 0x7f, 0x06, 0x83, 0, 0], "journal of a SQLite database");
    check_advice("theme.xml", b"<!DOCTYPE html><html xmlns:b='http://www.google.com/2005/gml/b'>", "theme of Blogger");
    check_advice("a.html", b"<html><body>", "web page");
    check_advice("feed.xml", b"<rss version='2.0'><channel>", "feed of posts");
    check_advice("style.css", b"/*\nTheme Name: Twenty\n*/", "theme of WordPress");
    check_advice("a.json", br#"{"website":{"host":"hyvor"}}"#, "Hyvor");
    check_advice("dump.sql", b"CREATE TABLE wp_comments (a int); CREATE TABLE wp_commentmeta (b int);", "WordPress");
}

#[test]
fn two_answers_or_none_are_errors() {
    let error = answer(&[("a.xml", b"<disqus>"), ("b.xml", b"<rss xmlns:wp='http://wordpress.org/export/1.2/'>")]);
    assert_eq!(error, Err(ReadError::SeveralFormats { first: "a.xml".to_owned(), second: "b.xml".to_owned() }));
    for content in [&b""[..], b"plain text", b"{}", b"[]", b"<", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"<!DOCTYPE"] {
        assert_eq!(answer(&[("x", content)]), Err(ReadError::UnknownFormat { file: "x".to_owned() }), "{content:?}");
    }
    assert_eq!(answer(&[]), Err(ReadError::UnknownFormat { file: String::new() }));
}
