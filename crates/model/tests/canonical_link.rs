//! Canonical links that cannot be right, and copies of a page.

use afterword_model::{CanonicalFault, Refusal, Sites};

/// The URL that [`Sites::choose_post`] chooses, and its fault.
fn chosen(sites: &Sites, url: &str, location: &str) -> Result<(String, Option<CanonicalFault>), Refusal> {
    let location = Some(location).filter(|location| !location.is_empty());
    sites.choose_post(url, location).map(|chosen| (chosen.post.url.to_string(), chosen.fault))
}

#[test]
fn a_canonical_link_that_cannot_be_right_gives_way_to_the_page() {
    use CanonicalFault::{Loopback, NotAnAddress, OtherSite, Placeholder, StartPage, UnknownSite};
    let sites = Sites::parse("https://blog.example=www.blog.example,localhost https://other.example").unwrap();
    let page = "https://blog.example/2024/post";
    for (canonical, fault) in [
        ("http://localhost:1313/2024/post/", Loopback),
        ("http://localhost:4000/", Loopback),
        ("http://127.0.0.1:4000/2024/post", UnknownSite),
        ("http://0.0.0.0:8080/2024/post", UnknownSite),
        ("https://example.com/2024/post", UnknownSite),
        ("https://user.github.io/2024/post", UnknownSite),
        ("https://blog.exampleundefined/", UnknownSite),
        ("https://other.example/2024/post", OtherSite),
        ("https://blog.example/", StartPage),
        ("https://www.blog.example", StartPage),
        ("https://blog.example/index.html", StartPage),
        ("https://blog.example/?utm_source=x", StartPage),
        ("https://blog.example/#top", StartPage),
        ("https://blog.example/undefined", Placeholder),
        ("https://blog.example/2024/null", Placeholder),
        ("https://blog.example/{{ page.url }}", Placeholder),
        ("https://blog.example/<%= url %>", Placeholder),
        ("https://blog.example/${slug}", Placeholder),
        ("https://blog.example/[object Object]", Placeholder),
        ("", NotAnAddress),
        ("/2024/post", NotAnAddress),
        ("file:///srv/blog/post.html", NotAnAddress),
        ("about:blank", NotAnAddress),
        ("https://", NotAnAddress),
        (&format!("https://blog.example/{}", "x".repeat(2100)), NotAnAddress),
    ] {
        assert_eq!(chosen(&sites, canonical, page), Ok((page.to_owned(), Some(fault))), "{canonical}");
        assert!(fault.hint().ends_with('.'));
    }
}

#[test]
fn a_canonical_link_that_can_be_right_names_the_post() {
    let sites = Sites::parse("https://blog.example=www.blog.example,localhost https://other.example").unwrap();
    for (canonical, page, post) in [
        ("https://blog.example/post", "https://www.blog.example/post/?utm_source=x", "https://blog.example/post"),
        ("https://blog.example/post", "https://blog.example/amp/post", "https://blog.example/post"),
        ("https://blog.example/post", "https://blog.example/post/comment-page-2/", "https://blog.example/post"),
        ("https://blog.example/post", "http://localhost:1313/drafts/post/", "https://blog.example/post"),
        ("http://localhost:1313/post", "http://localhost:1313/post/", "https://blog.example/post"),
        ("https://blog.example/", "https://blog.example/", "https://blog.example/"),
        ("https://blog.example/", "https://blog.example/?unknown=x", "https://blog.example/"),
        ("https://blog.example/", "https://blog.example/?page=2", "https://blog.example/"),
        ("https://blog.example/", "https://blog.example/#/", "https://blog.example/"),
        ("https://blog.example/null", "https://blog.example/null", "https://blog.example/null"),
        ("https://blog.example/one", "https://blog.example/#/one", "https://blog.example/one"),
        ("https://blog.example/#/one", "https://blog.example/#/two", "https://blog.example/#/one"),
        // A copy of the page, and a page without a canonical link.
        (
            "https://blog.example/post",
            "https://blog-example.translate.goog/post?_x_tr_tl=de",
            "https://blog.example/post",
        ),
        ("https://blog.example/post", "file:///tmp/post.html", "https://blog.example/post"),
        ("https://blog.example/post", "", "https://blog.example/post"),
        ("https://blog.example/", "", "https://blog.example/"),
    ] {
        assert_eq!(chosen(&sites, canonical, page), Ok((post.to_owned(), None)), "{canonical} on {page}");
    }
    for (canonical, page) in [("https://strange.example/", "https://copy.example/"), ("https://strange.example/", "")] {
        assert_eq!(chosen(&sites, canonical, page), Err(Refusal::UnknownSite), "{canonical} on {page}");
    }
}

#[test]
fn the_address_of_a_copy_leads_to_the_original() {
    let sites = Sites::parse("https://my-blog.example=localhost").unwrap();
    for copy in [
        "https://my--blog-example.translate.goog/post?_x_tr_sl=en&_x_tr_tl=de&_x_tr_hl=de",
        "https://web.archive.org/web/20240101000000/https://my-blog.example/post",
        "https://web.archive.org/web/2024id_/http:/my-blog.example/post/",
        "https://translated.turbopages.org/proxy_u/en-ru.ru.abc/https/my-blog.example/post",
        "https://translator.example/?to=de&url=https%3A%2F%2Fmy-blog.example%2Fpost%3Futm_source%3Dx",
        "https://reader.example/https://my-blog.example/post?fbclid=x",
    ] {
        let expected = ("https://my-blog.example/post".to_owned(), None);
        assert_eq!(chosen(&sites, copy, ""), Ok(expected), "{copy}");
    }
    for strange in [
        "https://other-example.translate.goog/post",
        "https://my-blog-example.translate.goog/post",
        "https://web.archive.org/web/2024/https://other.example/post",
        "https://copy.example/?url=javascript:alert(1)",
        "https://copy.example/https:/",
    ] {
        assert_eq!(chosen(&sites, strange, ""), Err(Refusal::UnknownSite), "{strange}");
    }
    assert!(
        sites.resolve_post("https://web.archive.org/web/2024/https://my-blog.example/post").is_err(),
        "nobody posts from a copy"
    );
}

#[test]
fn the_start_page_is_not_the_post_that_a_parameter_or_route_names() {
    let sites = Sites::parse("https://blog.example").unwrap();
    let root = "https://blog.example/";
    for query in ["?p=7", "?id=7", "?page_id=7", "?page=about", "?attachment_id=7&utm_source=x", "?article=spring"] {
        let (post, fault) = chosen(&sites, root, &format!("{root}{query}")).unwrap();
        assert!(post.contains(query.split('&').next().unwrap()), "{post}");
        assert_eq!(fault, Some(CanonicalFault::StartPage), "{query}");
    }
    // The canonical link of an application stays the same on all of its pages, which is no mistake of the owner.
    for (canonical, page) in [
        (root, "https://blog.example/#/one"),
        (root, "https://blog.example/index.html#!/one"),
        ("https://blog.example/app", "https://blog.example/app/#/one"),
    ] {
        let (post, fault) = chosen(&sites, canonical, page).unwrap();
        assert!(post.ends_with("/one") && fault.is_none(), "{canonical} on {page}: {post}");
    }
}
