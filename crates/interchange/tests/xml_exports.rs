//! Files of Disqus, WordPress, Squarespace and Blogger as records. What is expected stands beside each file, as `….records`: threads, comments with
//! parent, state, time and author, texts as found and as Markdown, faults and losses. `UPDATE=1` writes them; they are read by people.

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
mod records;

use afterword_interchange::{Format, Position, ReadError};
use records::{fixture, gzipped, records, zipped};

/// Checks a file of the fixtures.
#[track_caller]
fn check(path: &str, format: Format) {
    let (found, lines) = records(&[(path, fixture(path))]).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(found, format);
    let expected = format!("{}/tests/fixtures/{path}.records", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&expected, &lines).unwrap_or_else(|error| panic!("{expected}: {error}"));
    }
    let expected = std::fs::read_to_string(&expected).unwrap_or_else(|error| panic!("{expected}: {error}"));
    assert_eq!(lines, expected, "{path}");
}

#[test]
fn disqus_files_are_read() {
    check("disqus/export-2013.xml", Format::Disqus);
    check("disqus/disqus-ok-single.xml.gz", Format::Disqus);
    check("disqus/made-2021.xml", Format::Disqus);
    check("disqus/made-faults.xml", Format::Disqus);
}

#[test]
fn wordpress_files_are_read() {
    check("wxr/wordpress-2008-wxr10.xml", Format::Wxr);
    check("wxr/converted-2008-malformed.xml", Format::Wxr);
    check("wxr/selfhosted-2008-query-urls.xml", Format::Wxr);
    check("wxr/wordpresscom-2014-commentmeta.xml", Format::Wxr);
    check("wxr/wordpress-ok-single.zip", Format::Wxr);
    check("wxr/wordpress-bad-two-files.zip", Format::Wxr);
    check("wxr/made-wordpress-6.9.xml", Format::Wxr);
    check("wxr/made-for-disqus.xml", Format::Wxr);
}

#[test]
fn squarespace_files_are_read() {
    check("squarespace/made-with-comments.xml", Format::Wxr);
}

#[test]
fn blogger_files_are_read() {
    check("blogger-atom/export-2008.xml", Format::BloggerAtom);
    check("blogger-atom/prefixed-namespaces.xml", Format::BloggerAtom);
    check("blogger-atom/made-2024.xml", Format::BloggerAtom);
    check("blogger-atom/made-xhtml.xml", Format::BloggerAtom);
}

#[test]
fn takeout_files_are_read() {
    check("blogger-takeout/made-feed.atom", Format::BloggerTakeout);
    check("blogger-takeout/made-2018.atom", Format::BloggerTakeout);
}

#[test]
fn files_without_comments_are_named() {
    for path in ["disqus/disqus-ok-empty.xml.gz", "squarespace/squarespace-wxr.xml"] {
        let error = records(&[(path, fixture(path))]).unwrap_err();
        assert!(
            matches!(&error, ReadError::NoComments { advice, .. } if advice.starts_with("there are no comments in this file")),
            "{error}"
        );
    }
}

#[test]
fn a_takeout_names_its_blogs_by_folder() {
    let feed = fixture("blogger-takeout/made-feed.atom");
    let archive = zipped(&[
        ("Takeout 2/Blogger/Blogs/First/feed.atom", feed),
        ("Takeout 2/Blogger/Blogs/First/settings.csv", b"blog_name,url\na,b".to_vec()),
        (
            "Takeout 2/Blogger/Blogs/First/theme-layouts.xml",
            b"<!DOCTYPE html><html xmlns:b='http://www.google.com/2005/gml/b'>".to_vec(),
        ),
        ("Takeout 2/Blogger/Blogs/Second/feed.atom", fixture("blogger-takeout/made-2018.atom")),
        ("Takeout 2/Blogger/Albums/a.json", b"{\"title\":\"a\"}".to_vec()),
        ("__MACOSX/Takeout 2/Blogger/Blogs/First/._feed.atom", b"\0\x05\x16\x07<disqus>".to_vec()),
        ("../../etc/passwd", b"<disqus>".to_vec()),
    ]);
    // The file with the hostile path is of another system, so it is named.
    assert!(matches!(records(&[("takeout.zip", archive)]), Err(ReadError::SeveralFormats { .. })));
    let archive = zipped(&[
        ("Takeout 2/Blogger/Blogs/First/feed.atom", fixture("blogger-takeout/made-feed.atom")),
        ("Takeout 2/Blogger/Blogs/Second/feed.atom", fixture("blogger-takeout/made-2018.atom")),
        ("__MACOSX/Takeout 2/Blogger/Blogs/First/._feed.atom", b"\0\x05\x16\x07<disqus>".to_vec()),
    ]);
    let (format, lines) = records(&[("takeout.zip", archive)]).unwrap();
    assert_eq!(format, Format::BloggerTakeout);
    assert!(lines.contains("thread 900 [First]") && lines.contains("thread 1 [Second]"), "{lines}");
}

#[test]
fn parts_and_packing_make_no_difference() {
    let part = |item: &str| {
        format!("<rss xmlns:wp='http://wordpress.org/export/1.2/'><channel>{item}</channel></rss>").into_bytes()
    };
    let comment = |id: u32, parent: u32| {
        format!(
            "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_content>c{id}</wp:comment_content><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
        )
    };
    let item =
        |comments: &str| format!("<item><link>https://a.example/p</link><wp:post_id>1</wp:post_id>{comments}</item>");
    let first = part(&item(&comment(7, 9)));
    let second = part(&item(&comment(9, 0)));
    let empty = part("");
    let apart =
        records(&[("a.000.xml", first.clone()), ("a.001.xml", second.clone()), ("a.002.xml", empty.clone())]).unwrap();
    assert!(apart.1.contains("1/7 < 9 Published") && apart.1.contains("1/9 Published"), "{}", apart.1);
    let files = [("a.000.xml", first.clone()), ("a.001.xml", second.clone()), ("folder/a.002.xml", empty.clone())];
    let packed = [("a.000.xml.gz", gzipped(&first)), ("a.001.xml.gz", gzipped(&gzipped(&second)))];
    assert_eq!(records(&[("a.zip", zipped(&files))]).unwrap(), apart);
    assert_eq!(records(&[("a.zip", zipped(&packed))]).unwrap(), apart);
    assert_eq!(records(&packed).unwrap(), apart);
}

#[test]
fn encodings_make_no_difference() {
    let text = "<disqus><thread id='1'><title>É字</title></thread><post id='2'><message>é “q”</message><thread id='1'/></post></disqus>";
    let expected = records(&[("a.xml", text.as_bytes().to_vec())]).unwrap();
    let utf16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    assert_eq!(records(&[("a.xml", utf16(text))]).unwrap(), expected);
    assert_eq!(
        records(&[("a.xml", utf16(&format!("\u{feff}<?xml version='1.0' encoding='utf-16'?>{text}")))]).unwrap(),
        expected
    );
    let latin = |text: &str| -> Vec<u8> {
        text.replace('字', "&#x5b57;")
            .chars()
            .map(|c| match c {
                '“' => 0x93,
                '”' => 0x94,
                c => u8::try_from(u32::from(c)).unwrap(),
            })
            .collect()
    };
    assert_eq!(
        records(&[("a.xml", latin(&format!("<?xml version='1.0' encoding='iso-8859-1'?>{text}")))]).unwrap(),
        expected
    );
    assert_eq!(records(&[("a.xml", latin(text))]).unwrap(), expected);
    let twice = text
        .replace('é', "Ã©")
        .replace('“', "â€œ")
        .replace('”', "â€\u{9d}")
        .replace('É', "Ã‰")
        .replace('字', "å\u{ad}—");
    assert_eq!(records(&[("a.xml", twice.into_bytes())]).unwrap(), expected);
}

#[test]
fn a_file_cut_anywhere_is_an_error_and_never_a_panic() {
    for path in [
        "disqus/made-2021.xml",
        "wxr/made-wordpress-6.9.xml",
        "blogger-atom/made-2024.xml",
        "blogger-takeout/made-feed.atom",
    ] {
        let whole = fixture(path);
        let end = whole.iter().rposition(|byte| *byte == b'>').unwrap();
        for length in 0..end {
            assert!(records(&[(path, whole[..length].to_vec())]).is_err(), "{path} cut at {length}");
        }
    }
    for (name, whole) in [
        ("a.gz", gzipped(&fixture("disqus/made-faults.xml"))),
        ("a.zip", zipped(&[("a.xml", fixture("disqus/made-faults.xml"))])),
    ] {
        for length in 0..whole.len() {
            assert!(records(&[(name, whole[..length].to_vec())]).is_err(), "{name} cut at {length}");
        }
    }
}

#[test]
fn errors_name_the_line() {
    let xml = b"<disqus>\n<post id='1'>\n<message>text".to_vec();
    let Err(ReadError::Malformed { file, position, message }) = records(&[("a.zip", zipped(&[("b/a.xml", xml)]))])
    else {
        panic!()
    };
    assert_eq!(
        (file.as_str(), position, message.as_str()),
        ("a.zip: b/a.xml", Position::Line(3), "the file ends within a text: it was cut off")
    );
}

#[test]
fn bombs_are_stopped() {
    let zeros = vec![b' '; 80 << 20];
    for (name, bomb) in [
        ("a.gz", gzipped(&[b"<disqus>", &zeros[..]].concat())),
        ("a.zip", zipped(&[("a.xml", [b"<disqus>", &zeros[..]].concat())])),
    ] {
        let error = records(&[(name, bomb)]).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { .. } | ReadError::Malformed { .. }), "{error}");
    }
    let nested = format!("<disqus>{}", "<a>".repeat(1_000_000)).into_bytes();
    assert!(matches!(records(&[("a.xml", nested)]), Err(ReadError::Malformed { .. })));
    let entities =
        "<!DOCTYPE disqus [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    let (_, lines) = records(&[(
        "a.xml",
        format!("{entities}<disqus><post id='1'><message>&c;</message><thread id='2'/></post></disqus>").into_bytes(),
    )])
    .unwrap();
    assert!(lines.contains("\"&c;\""), "{lines}");
    let mut twice = gzipped(b"<disqus/>");
    for _ in 0..4 {
        twice = gzipped(&twice);
    }
    assert!(matches!(records(&[("a.gz", twice)]), Err(ReadError::Malformed { .. })));
    let inner = zipped(&[("a.xml", b"<disqus/>".to_vec())]);
    assert!(matches!(records(&[("a.zip", zipped(&[("b.zip", inner)]))]), Err(ReadError::NoComments { .. })));
}

#[test]
fn a_zip_with_a_password_is_named() {
    let mut archive = zipped(&[("a.xml", b"<disqus/>".to_vec())]);
    // The flag of encryption, in the local header and in the directory.
    archive[6] |= 1;
    let directory = archive.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    archive[directory + 8] |= 1;
    let error = records(&[("a.zip", archive)]).unwrap_err();
    assert!(matches!(&error, ReadError::NoComments { advice, .. } if advice.contains("password")), "{error}");
}

#[test]
fn scripts_in_every_field_are_text() {
    let attack = "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>]]&gt;";
    let escaped = attack.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&#39;");
    let disqus = format!(
        "<disqus><thread id='{escaped}'><link>{escaped}</link><title>{escaped}</title></thread><post id='{escaped}'><message>{escaped}</message><createdAt>{escaped}</createdAt><author><name>{escaped}</name><email>{escaped}</email></author><thread id='{escaped}'/><parent id='{escaped}'/></post></disqus>"
    );
    let (_, lines) = records(&[("a.xml", disqus.into_bytes())]).unwrap();
    let markdown = lines.lines().filter(|line| line.starts_with("    \"")).collect::<Vec<_>>();
    assert_eq!(markdown, ["    \"x]]>\""], "{lines}");
}
