//! The configured sites, and the pages that belong to them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use afterword_model::{Moderation, Origin, Refusal, SiteError, Sites};
use proptest::prelude::*;

const BLOGGER: &str =
    "https://ada.blogspot.com=ada.blogspot.de,ada.blogspot.co.uk,https://ada.blogspot.com.br,localhost";

fn sites() -> Sites {
    Sites::parse("https://blog.example=old.example,localhost:4000 http://shop.example:8080=[::1]").unwrap()
}

#[track_caller]
fn place(sites: &Sites, url: &str) -> Result<(String, String), Refusal> {
    sites.resolve_post(url).map(|place| (place.site.as_str().to_owned(), place.url.to_string()))
}

#[test]
fn origins_are_parsed_and_serialized_as_in_browsers() {
    let cases = [
        ("https://blog.example", Some("https://blog.example")),
        ("https://blog.example/", Some("https://blog.example")),
        ("HTTPS://Blog.Example:443", Some("https://blog.example")),
        ("http://localhost:4000", Some("http://localhost:4000")),
        ("http://blog.example:80/", Some("http://blog.example")),
        ("https://bücher.example", Some("https://xn--bcher-kva.example")),
        ("https://[::1]:8080", Some("https://[::1]:8080")),
        ("https://blog.example.", Some("https://blog.example")),
        ("https://blog.example/post", None),
        ("https://blog.example/?", None),
        ("https://blog.example/#", None),
        ("https://ada@blog.example", None),
        ("https://:secret@blog.example", None),
        ("https://*.example", None),
        ("https://blog.example,https://other.example", None),
        ("https://blog.example,other.example", None),
        ("blog.example", None),
        ("ftp://blog.example", None),
        ("null", None),
        ("*", None),
        ("", None),
    ];
    for (text, expected) in cases {
        assert_eq!(Origin::parse(text).as_ref().map(Origin::as_str), expected, "{text}");
    }
}

#[test]
fn http_and_https_origins_are_equal() {
    let (plain, secure) =
        (Origin::parse("http://blog.example").unwrap(), Origin::parse("https://blog.example").unwrap());
    assert_eq!(plain, secure);
    assert_eq!(plain.authority(), "blog.example");
    assert_eq!(plain.authority(), secure.authority());
    assert_ne!(secure, Origin::parse("https://blog.example:8443").unwrap());
}

#[test]
fn errors_in_the_setting_have_readable_messages() {
    let not_an_origin = |word: &str| {
        format!(
            "has {word:?}, which is not an origin; write https://blog.example, without a path, and a space between sites"
        )
    };
    let empty = "names no site; write the origin of your blog, such as https://blog.example";
    let cases = [
        ("", empty.to_owned()),
        (" \n\t ", empty.to_owned()),
        ("blog.example", not_an_origin("blog.example")),
        ("https://blog.example/post", not_an_origin("https://blog.example/post")),
        ("https://a.example,https://b.example", not_an_origin("https://a.example,https://b.example")),
        ("https://*.example", not_an_origin("https://*.example")),
        ("=localhost", not_an_origin("=localhost")),
        ("localhost", not_an_origin("localhost")),
        ("https://blog.example=old.example/post", not_an_origin("old.example/post")),
        ("https://blog.example=a=b", not_an_origin("a=b")),
        ("https://blog.example=ftp://old.example", not_an_origin("ftp://old.example")),
        ("https://blog.example http://BLOG.example", "has \"http://BLOG.example\" twice".to_owned()),
        ("https://blog.example=blog.example", "has \"blog.example\" twice".to_owned()),
        ("https://a.example=x.example https://b.example=x.example", "has \"x.example\" twice".to_owned()),
        ("https://a.example=localhost https://b.example=LOCALHOST", "has \"LOCALHOST\" twice".to_owned()),
        ("https://a.example=b.example https://b.example", "has \"https://b.example\" twice".to_owned()),
    ];
    for (setting, expected) in cases {
        let message = Sites::parse(setting).err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(message, expected, "{setting:?}");
    }
    assert_eq!(Sites::parse("").unwrap_err(), SiteError::Empty);
}

#[test]
fn sites_keep_the_order_of_the_setting() {
    let names: Vec<String> = sites().iter().map(|site| site.origin().as_str().to_owned()).collect();
    assert_eq!(names, ["https://blog.example", "http://shop.example:8080"]);
}

#[test]
fn posts_resolve_to_the_origin_of_their_site() {
    let cases = [
        ("https://blog.example/post", "https://blog.example", "https://blog.example/post"),
        ("http://OLD.example/post/", "https://blog.example", "https://blog.example/post"),
        ("http://localhost:4000/post?utm_source=x", "https://blog.example", "https://blog.example/post"),
        ("https://shop.example:8080/", "http://shop.example:8080", "https://shop.example:8080/"),
        ("http://[::1]:1234/post", "http://shop.example:8080", "https://shop.example:8080/post"),
        ("http://[::1]/post", "http://shop.example:8080", "https://shop.example:8080/post"),
        ("https://me@blog.example./post", "https://blog.example", "https://blog.example/post"),
    ];
    for (url, site, post) in cases {
        assert_eq!(place(&sites(), url), Ok((site.to_owned(), post.to_owned())), "{url}");
    }
}

#[test]
fn country_hosts_of_blogger_are_one_site() {
    let sites = Sites::parse(BLOGGER).unwrap();
    let post = ("https://ada.blogspot.com".to_owned(), "https://ada.blogspot.com/2024/05/post.html".to_owned());
    let hosts = ["ada.blogspot.com", "ada.blogspot.de", "ada.blogspot.co.uk", "ada.blogspot.com.br", "localhost:3000"];
    for host in hosts {
        for form in ["", "?m=1", "?m=0", "?m=1&spref=tw#comments"] {
            assert_eq!(
                place(&sites, &format!("http://{host}/2024/05/post.html{form}")),
                Ok(post.clone()),
                "{host}{form}"
            );
        }
    }
    assert_eq!(place(&sites, "https://bob.blogspot.com/"), Err(Refusal::UnknownSite));
    assert_eq!(place(&sites, "https://ada.blogspot.fr/"), Err(Refusal::UnknownSite));
}

#[test]
fn urls_of_unknown_sites_are_refused() {
    let strangers = [
        "https://evil.example/",
        "https://evilblog.example/",
        "https://blog.example.evil.example/",
        "https://blog.example@evil.example/",
        "https://blog.example:443@evil.example/",
        "https://evil.example\\@blog.example/",
        "https://evil.example/https://blog.example/",
        "https://evil.example#@blog.example/",
        "https://www.blog.example/",
        "https://example/",
        "https://blog.example:8443/",
        "https://shop.example/",
        "https://localhost/",
        "http://localhost:4001/",
        "http://127.0.0.1:4000/",
    ];
    for url in strangers {
        assert_eq!(place(&sites(), url), Err(Refusal::UnknownSite), "{url}");
    }
    assert_eq!(place(&sites(), "blog.example/post"), Err(Refusal::BadUrl));
    assert_eq!(place(&sites(), "javascript://blog.example/%0aalert(1)"), Err(Refusal::BadUrl));
    assert_eq!(place(&sites(), &format!("https://blog.example/{:a<2048}", "")), Err(Refusal::UrlTooLong));
}

#[test]
fn exact_names_have_priority_over_loopback_aliases() {
    for setting in
        ["https://a.example=localhost http://localhost:4000", "http://localhost:4000 https://a.example=localhost"]
    {
        let sites = Sites::parse(setting).unwrap();
        let site = |origin: &str| sites.find_by_origin(origin).map(|site| site.origin().as_str().to_owned());
        assert_eq!(site("http://localhost:4000").as_deref(), Some("http://localhost:4000"), "{setting}");
        assert_eq!(site("http://localhost:4001").as_deref(), Some("https://a.example"), "{setting}");
    }
}

#[test]
fn only_exact_origins_are_accepted() {
    let of = |origin: &str| sites().find_by_origin(origin).map(|site| site.origin().as_str().to_owned());
    for origin in ["https://blog.example", "http://blog.example", "https://old.example", "http://localhost:4000"] {
        assert_eq!(of(origin).as_deref(), Some("https://blog.example"), "{origin}");
    }
    for origin in ["http://shop.example:8080", "https://shop.example:8080", "http://[::1]:9", "http://[::1]"] {
        assert_eq!(of(origin).as_deref(), Some("http://shop.example:8080"), "{origin}");
    }
    let others = [
        "",
        "null",
        "*",
        "https://evil.example",
        "https://evilblog.example",
        "https://blog.example.evil.example",
        "https://blog.example@evil.example",
        "https://evil.example@blog.example",
        "https://@blog.example",
        "https://blog.example:8443",
        "https://blog.example:80",
        "http://blog.example:443",
        "https://blog.example:443",
        "https://blog.example:",
        "https://blog.example/",
        "https://blog.example/post",
        "https://blog.example?",
        "https://blog.example#",
        "https:\\\\blog.example",
        "https:/blog.example",
        "https:blog.example",
        "//blog.example",
        "blog.example",
        " https://blog.example",
        "https://blog.example ",
        "https://blog.example\n",
        "https://blog.\texample",
        "HTTPS://blog.example",
        "https://BLOG.example",
        "https://bl%6fg.example",
        "https://blog\u{3002}example",
        "https://blog.example, https://evil.example",
        "https://evil.example https://blog.example",
        "ftp://blog.example",
        "file://blog.example",
        "blob:https://blog.example",
        "chrome-extension://blog.example",
        "https://sub.blog.example",
        "http://localhost",
        "http://[0:0:0:0:0:0:0:1]:9",
    ];
    for origin in others {
        assert_eq!(of(origin), None, "{origin:?}");
    }
}

#[test]
fn international_hosts_use_their_ascii_form() {
    let sites = Sites::parse("https://bücher.example").unwrap();
    assert!(sites.find_by_origin("https://xn--bcher-kva.example").is_some());
    assert!(sites.find_by_origin("https://bücher.example").is_none());
    let url = |address: &str| sites.resolve_post(address).unwrap().url;
    assert_eq!(url("https://bücher.example/é"), url("http://XN--bcher-kva.example/%c3%a9"));
}

#[test]
fn moderation_has_three_policies() {
    assert_eq!("open".parse(), Ok(Moderation::Open));
    assert_eq!("first".parse(), Ok(Moderation::First));
    assert_eq!("all".parse(), Ok(Moderation::All));
    assert_eq!(Moderation::default(), Moderation::First);
    for word in ["", "Open", "none", "open ", "first,all"] {
        assert!(word.parse::<Moderation>().is_err(), "{word:?}");
    }
}

proptest! {
    #[test]
    fn no_setting_and_no_header_panics(setting in "[a-z.:/=,@\\[\\]* -]{0,40}|\\PC{0,20}", header: String) {
        if let Ok(sites) = Sites::parse(&setting) {
            sites.find_by_origin(&header);
            for site in sites.iter() {
                let origin = site.origin().as_str();
                prop_assert_eq!(sites.find_by_origin(origin).map(|site| site.origin()), Some(site.origin()));
                let place = sites.resolve_post(&format!("{origin}/post?p=1")).unwrap();
                prop_assert_eq!(&place.site, site.origin());
                prop_assert_eq!(sites.resolve_post(place.url.as_str()), Ok(place), "resolving a canonical URL changes nothing");
            }
        }
    }
}

#[test]
fn the_requested_url_is_kept_without_credentials_and_fragment() {
    let sites = Sites::parse("https://blog.example=localhost").unwrap();
    for (named, address) in [
        ("http://blog.example/post/?m=1#comment-3", "http://blog.example/post/?m=1"),
        ("http://localhost:1313/post/", "http://localhost:1313/post/"),
        ("https://ada:secret@blog.example/", "https://blog.example/"),
    ] {
        assert_eq!(sites.resolve_post(named).unwrap().requested_url, address);
    }
}
