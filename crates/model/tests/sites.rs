//! The configured sites, and the pages that belong to them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use afterword_model::{CleanUrls, Moderation, Origin, Refusal, SiteError, Sites};
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

proptest! {
    #[test]
    fn clean_canonical_urls_are_unchanged(path in "(/|[a-z]{1,3}|\\.html?|\\.HTML|index|;jsessionid=|#/|#!|%2e|%21|\\?|&amp;|=|:~:){0,9}") {
        let mut sites = Sites::parse("https://blog.example").unwrap();
        sites.set_clean_urls(&CleanUrls::On).unwrap();
        let first = sites.resolve_post(&format!("https://blog.example/{path}")).unwrap();
        prop_assert_eq!(sites.resolve_post(first.url.as_str()).unwrap().url, first.url.clone());
        prop_assert_eq!(sites.resolve_post(&first.requested_url).unwrap().url, first.url);
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

#[test]
fn the_requested_url_keeps_a_route_that_names_the_post() {
    let sites = Sites::parse("https://blog.example=localhost").unwrap();
    for (named, address) in [
        ("http://blog.example/#/one?utm_source=x#comment-3", "http://blog.example/#/one?utm_source=x"),
        ("http://localhost:1313/#!/one:~:text=a", "http://localhost:1313/#!/one"),
        ("https://blog.example/post#/portal/signup", "https://blog.example/post"),
        ("https://blog.example/#/", "https://blog.example/"),
    ] {
        assert_eq!(sites.resolve_post(named).unwrap().requested_url, address);
    }
}

#[test]
fn clean_urls_make_two_file_names_one_page() {
    let url = |setting: &str, address: &str| {
        let mut sites = Sites::parse("https://blog.example https://other.example").unwrap();
        sites.set_clean_urls(&CleanUrls::parse(setting).unwrap()).unwrap();
        sites.resolve_post(address).unwrap().url.to_string()
    };
    for file in [
        "post",
        "post/",
        "post.html",
        "post.htm",
        "post.HTML",
        "post.html/",
        "post/index.html",
        "post/index",
        "post.html?utm_source=x",
        "post.html.html",
        "post.html#top",
    ] {
        for on in ["on", "https://blog.example", "http://other.example/ https://blog.example"] {
            assert_eq!(url(on, &format!("https://blog.example/{file}")), "https://blog.example/post", "{on}: {file}");
        }
    }
    for (address, post) in [
        ("https://blog.example/index.html", "https://blog.example/"),
        ("https://blog.example/index", "https://blog.example/"),
        ("https://blog.example/.html", "https://blog.example/.html"),
        ("https://blog.example/html", "https://blog.example/html"),
        ("https://blog.example/post.html?p=1", "https://blog.example/post?p=1"),
        ("https://blog.example/post.php", "https://blog.example/post.php"),
        ("https://blog.example/2024.html/post", "https://blog.example/2024.html/post"),
    ] {
        assert_eq!(url("on", address), post);
        assert_eq!(url("on", post), post, "a canonical URL is unchanged");
    }
    for off in ["off", "", "https://other.example"] {
        assert_eq!(url(off, "https://blog.example/post.html"), "https://blog.example/post.html", "{off}");
    }
}

#[test]
fn clean_urls_name_sites_of_the_setting() {
    for bad in ["yes", "blog.example", "on off", "https://blog.example/post"] {
        assert!(CleanUrls::parse(bad).is_err(), "{bad}");
    }
    let mut sites = Sites::parse("https://blog.example=old.example").unwrap();
    for unknown in ["https://old.example", "https://strange.example"] {
        let error = sites.set_clean_urls(&CleanUrls::parse(unknown).unwrap()).unwrap_err();
        assert_eq!(error, SiteError::Unknown(unknown.to_owned()));
    }
}

#[test]
fn the_former_url_is_that_of_earlier_rules() {
    let mut sites = Sites::parse("https://blog.example").unwrap();
    let former =
        |sites: &Sites, address: &str| sites.resolve_post(address).unwrap().former_url.map(|url| url.to_string());
    for (address, url) in [
        ("https://blog.example/post?from=singlemessage", Some("https://blog.example/post?from=singlemessage")),
        (
            "https://blog.example/post?share=twitter&nb=1&utm_source=x",
            Some("https://blog.example/post?nb=1&share=twitter"),
        ),
        ("https://blog.example//post", Some("https://blog.example//post")),
        ("https://blog.example/post;jsessionid=1", Some("https://blog.example/post;jsessionid=1")),
        ("https://blog.example/post?utm_source=x", None),
        ("https://blog.example/post.html", None),
        // All routes had one thread, which is not that of each of them.
        ("https://blog.example/#/one", None),
    ] {
        assert_eq!(former(&sites, address).as_deref(), url, "{address}");
    }
    sites.set_clean_urls(&CleanUrls::On).unwrap();
    assert_eq!(former(&sites, "https://blog.example/post.html").as_deref(), Some("https://blog.example/post.html"));
    assert_eq!(former(&sites, "https://blog.example/post"), None);
}

#[test]
fn the_owner_learns_which_parameters_are_left_out_and_who_adds_them() {
    let dropped = |url: &str| {
        let groups = sites().dropped_parameters(url);
        groups.into_iter().map(|(name, group)| format!("{name}: {}", group.sender)).collect::<Vec<_>>()
    };
    assert_eq!(
        dropped("https://blog.example/?p=7&isappinstalled=0&doing_wp_cron=1&mc_cid=a#/one?fbclid=b"),
        ["isappinstalled: WeChat", "doing_wp_cron: WordPress", "mc_cid: Mailchimp", "fbclid: Facebook"]
    );
    assert_eq!(dropped("https://blog.example/?p=7"), Vec::<String>::new());
    assert_eq!(dropped("not an address"), Vec::<String>::new());
}
