//! Canonical URLs of posts: which URLs are one page, which are different pages, and properties of every URL.

use std::collections::BTreeSet;

use afterword_model::{PostUrl, PostUrlError, limits};
use proptest::prelude::*;

#[track_caller]
fn check(input: &str, expected: &str) {
    let url = PostUrl::parse(input).map(|url| url.to_string());
    assert_eq!(url.as_deref(), Ok(expected), "from {input}");
    let again = PostUrl::parse(expected).map(|url| url.to_string());
    assert_eq!(again.as_deref(), Ok(expected), "parsing a canonical URL changes nothing");
}

/// Variants of URLs that blogs, and sites that link to them, produce.
const VARIANTS: &[(&str, &str)] = &[
    // Scheme, port, host.
    ("https://blog.example/post", "https://blog.example/post"),
    ("http://blog.example/post", "https://blog.example/post"),
    ("HTTPS://Blog.Example/post", "https://blog.example/post"),
    ("http://blog.example:80/post", "https://blog.example/post"),
    ("https://blog.example:443/post", "https://blog.example/post"),
    ("https://blog.example:/post", "https://blog.example/post"),
    ("http://blog.example:443/post", "https://blog.example/post"),
    ("https://blog.example./post", "https://blog.example/post"),
    ("https://bl%6Fg.example/post", "https://blog.example/post"),
    ("https://ada:secret@blog.example/post", "https://blog.example/post"),
    ("https://@blog.example/post", "https://blog.example/post"),
    ("  https://blog.example/post\n", "https://blog.example/post"),
    ("https:\\\\blog.example\\post", "https://blog.example/post"),
    ("http://localhost:1313/post", "https://localhost:1313/post"),
    ("http://127.0.0.1:8000/post", "https://127.0.0.1:8000/post"),
    ("http://0x7f.1:8000/post", "https://127.0.0.1:8000/post"),
    ("http://[::1]:8000/post", "https://[::1]:8000/post"),
    ("http://[0:0:0:0:0:0:0:1]/post", "https://[::1]/post"),
    ("https://Bücher.example/post", "https://xn--bcher-kva.example/post"),
    ("https://XN--BCHER-KVA.example/post", "https://xn--bcher-kva.example/post"),
    ("https://b%C3%BCcher.example/post", "https://xn--bcher-kva.example/post"),
    ("https://bu\u{308}cher.example/post", "https://xn--bcher-kva.example/post"),
    ("https://例え。テスト/post", "https://xn--r8jz45g.xn--zckzah/post"),
    ("https://my_blog.example/post", "https://my_blog.example/post"),
    // Path.
    ("https://blog.example", "https://blog.example/"),
    ("https://blog.example//", "https://blog.example/"),
    ("https://blog.example/index.html", "https://blog.example/"),
    ("https://blog.example/post/", "https://blog.example/post"),
    ("https://blog.example/post//", "https://blog.example/post"),
    ("https://blog.example/post/index.html", "https://blog.example/post"),
    ("https://blog.example/post/index.htm", "https://blog.example/post"),
    ("https://blog.example/post/index.php", "https://blog.example/post"),
    ("https://blog.example/post/index%2Ehtml", "https://blog.example/post"),
    ("https://blog.example/post/index.html/", "https://blog.example/post"),
    ("https://blog.example/post/index.html/index.html", "https://blog.example/post"),
    ("https://blog.example/a/../post", "https://blog.example/post"),
    ("https://blog.example/./post", "https://blog.example/post"),
    ("https://blog.example/../../post", "https://blog.example/post"),
    ("https://blog.example/a/%2e%2E/post", "https://blog.example/post"),
    ("https://blog.example/a/.%2e/post", "https://blog.example/post"),
    ("https://blog.example/post/%2E", "https://blog.example/post"),
    ("https://blog.example/2024/my-index.html", "https://blog.example/2024/my-index.html"),
    ("https://blog.example/index.php/2024/post", "https://blog.example/index.php/2024/post"),
    // Percent-encoding.
    ("https://blog.example/caf\u{e9}", "https://blog.example/caf%C3%A9"),
    ("https://blog.example/caf%c3%a9", "https://blog.example/caf%C3%A9"),
    ("https://blog.example/caf%C3%A9", "https://blog.example/caf%C3%A9"),
    ("https://blog.example/caf%e9", "https://blog.example/caf%E9"),
    ("https://blog.example/%70%6f%73%74", "https://blog.example/post"),
    ("https://blog.example/%7Eada", "https://blog.example/~ada"),
    ("https://blog.example/foo_%28bar%29", "https://blog.example/foo_(bar)"),
    ("https://blog.example/it%27s", "https://blog.example/it's"),
    ("https://blog.example/%40ada%3A%2C%3B%2B%24%26%3D%21%2A", "https://blog.example/@ada:,;+$&=!*"),
    ("https://blog.example/a b", "https://blog.example/a%20b"),
    ("https://blog.example/a|b[c]^`", "https://blog.example/a%7Cb%5Bc%5D%5E%60"),
    ("https://blog.example/a%7cb%5bc%5d%5e%60", "https://blog.example/a%7Cb%5Bc%5D%5E%60"),
    ("https://blog.example/a%2fb", "https://blog.example/a%2Fb"),
    ("https://blog.example/100%", "https://blog.example/100%25"),
    ("https://blog.example/100%25", "https://blog.example/100%25"),
    ("https://blog.example/%zz%4", "https://blog.example/%25zz%254"),
    ("https://blog.example/%%32%35", "https://blog.example/%2525"),
    ("https://blog.example/%00", "https://blog.example/%00"),
    // Fragment.
    ("https://blog.example/post#comments", "https://blog.example/post"),
    ("https://blog.example/post#", "https://blog.example/post"),
    ("https://blog.example/post#:~:text=word", "https://blog.example/post"),
    // Query.
    ("https://blog.example/?p=12", "https://blog.example/?p=12"),
    ("https://blog.example?p=12", "https://blog.example/?p=12"),
    ("https://blog.example/index.php?p=12", "https://blog.example/?p=12"),
    ("https://blog.example/post?", "https://blog.example/post"),
    ("https://blog.example/post?&&", "https://blog.example/post"),
    ("https://blog.example/post?=", "https://blog.example/post"),
    ("https://blog.example/?p=", "https://blog.example/?p"),
    ("https://blog.example/?b=2&a=1", "https://blog.example/?a=1&b=2"),
    ("https://blog.example/?tag=b&lang=de&tag=a", "https://blog.example/?lang=de&tag=b&tag=a"),
    ("https://blog.example/?q=a+b", "https://blog.example/?q=a%20b"),
    ("https://blog.example/?q=a%20b", "https://blog.example/?q=a%20b"),
    ("https://blog.example/?q=a b", "https://blog.example/?q=a%20b"),
    ("https://blog.example/?q=a%2bb", "https://blog.example/?q=a%2Bb"),
    ("https://blog.example/?q=a=b", "https://blog.example/?q=a%3Db"),
    ("https://blog.example/?q=a%3db", "https://blog.example/?q=a%3Db"),
    ("https://blog.example/?q=a%26b", "https://blog.example/?q=a%26b"),
    ("https://blog.example/?path=%2Fa%2Fb%3Fc%3A%40", "https://blog.example/?path=/a/b?c:@"),
    ("https://blog.example/?path=/a/b?c:@", "https://blog.example/?path=/a/b?c:@"),
    ("https://blog.example/?q='", "https://blog.example/?q=%27"),
    ("https://blog.example/?q=%27", "https://blog.example/?q=%27"),
    ("https://blog.example/?%70=%31%32", "https://blog.example/?p=12"),
    ("https://blog.example/?=x", "https://blog.example/?=x"),
    // Tracking parameters.
    ("https://blog.example/post?utm_source=feed&utm_medium=rss", "https://blog.example/post"),
    ("https://blog.example/post?UTM_Source=feed", "https://blog.example/post"),
    ("https://blog.example/post?utm%5Fsource=feed", "https://blog.example/post"),
    ("https://blog.example/?utm_campaign=x&p=12&fbclid=y", "https://blog.example/?p=12"),
    ("https://blog.example/post?fbclid=a", "https://blog.example/post"),
    ("https://blog.example/post?gclid=a&gad_source=1&gad_campaignid=2", "https://blog.example/post"),
    ("https://blog.example/post?mc_cid=a&mc_eid=b", "https://blog.example/post"),
    ("https://blog.example/post?ref=hackernews", "https://blog.example/post"),
    ("https://blog.example/post?hsCtaTracking=a", "https://blog.example/post"),
    ("https://blog.example/post?__cf_chl_rt_tk=a", "https://blog.example/post"),
    ("https://blog.example/post?replytocom=7#respond", "https://blog.example/post"),
    ("https://ada.blogspot.com/2024/05/post.html?m=1", "https://ada.blogspot.com/2024/05/post.html"),
    ("https://ada.blogspot.com/2024/05/post.html?m=0", "https://ada.blogspot.com/2024/05/post.html"),
    ("https://ada.blogspot.com/post.html?showComment=1#c7", "https://ada.blogspot.com/post.html"),
    ("https://blog.example/?m=202405", "https://blog.example/?m=202405"),
    ("https://blog.example/?reference=1", "https://blog.example/?reference=1"),
];

/// Addresses that others changed on their way to a reader, and other spellings of one page.
const CHANGED_ON_THE_WAY: &[&str] = &[
    // WeChat, QQ, Weibo and neighbours.
    "https://blog.example/post?from=singlemessage&isappinstalled=0",
    "https://blog.example/post?from=groupmessage",
    "https://blog.example/post?from=timeline&isappinstalled=0&nsukey=abc&wxshare_count=2&pass_ticket=x",
    "https://blog.example/post?tdsourcetag=s_pctim_aiomsg&_wv=1031",
    "https://blog.example/post?spm_id_from=333.999&vd_source=abc&share_source=copy_web",
    // Facebook, Instagram, LinkedIn, Twitter.
    "https://blog.example/post?fb_comment_id=1234_5678",
    "https://blog.example/post?fb_xd_fragment=&fb_rdid=x&mibextid=Zxz2cZ",
    "https://blog.example/post?igsh=MzRlODBiNWFlZA==",
    "https://blog.example/post?trk=public_post_comment-text&lipi=urn%3Ali%3Apage",
    // Mail senders.
    "https://blog.example/post?mc_cid=a&mc_eid=b",
    "https://blog.example/post?_hsenc=a&_hsmi=b&__hstc=c&__hssc=d&__hsfp=e",
    "https://blog.example/post?vgo_ee=a",
    "https://blog.example/post?elqTrackId=a&elqTrack=true",
    "https://blog.example/post?spMailingID=1&spUserID=2&spJobID=3&spReportId=4",
    "https://blog.example/post?_bhlid=a",
    "https://blog.example/post?dm_i=a",
    // Ads and analytics.
    "https://blog.example/post?gclid=a&gad_source=1&gad_newname=2&_gl=1*abc&_ga=2.1",
    "https://blog.example/post?ysclid=a&yclid=b&_openstat=c",
    "https://blog.example/post?pk_campaign=a&mtm_kwd=b&matomo_cid=c",
    "https://blog.example/post?adobe_mc=MCMID%3D1&adobe_mc_sdid=2",
    "https://blog.example/post?at_campaign=a&at_custom1=b&xtor=RSS-1",
    "https://blog.example/post?irclickid=a&irgwc=1&cjevent=b&awc=c",
    "https://blog.example/post?WT.mc_id=a",
    // Blog engines and what stands in front of them.
    "https://blog.example/post?doing_wp_cron=1700000000.1234567890123",
    "https://blog.example/post?share=twitter&nb=1",
    "https://blog.example/post?share=jetpack-whatsapp&nb=1",
    "https://blog.example/post?unapproved=7&moderation-hash=abc#comment-7",
    "https://blog.example/post?replytocom=7#respond",
    "https://blog.example/post?preview=true&preview_id=7&preview_nonce=x&_thumbnail_id=-1",
    "https://blog.example/post?relatedposts_hit=1&relatedposts_origin=7&relatedposts_position=0",
    "https://blog.example/post?like_comment=7&_wpnonce=abc",
    "https://blog.example/post?customize_changeset_uuid=a&customize_messenger_channel=b",
    "https://blog.example/post?m=1&commentPage=2&showComment=3",
    "https://blog.example/post?action=signup&success=true&attribution_id=1&attribution_type=post",
    "https://blog.example/post?amp=1&usqp=mq331AQ&amp_js_v=0.1",
    "https://blog.example/post?amp",
    "https://blog.example/post?_x_tr_sl=en&_x_tr_tl=de&_x_tr_hl=de&_x_tr_pto=wapp",
    "https://blog.example/post?__cf_chl_tk=a",
    "https://blog.example/post?jsessionid=A1&PHPSESSID=b&ASPSESSIONIDABCD=c",
    "https://blog.example/post;jsessionid=A1B2?utm_source=x",
    "https://blog.example/post/index.html;JSESSIONID=A1B2.node1",
    "https://blog.example/post?utm_source=a&amp;utm_medium=b&amp;amp;fbclid=c",
    // Other spellings of the path.
    "https://blog.example//post",
    "https://blog.example/post//",
    "https://blog.example///post///index.html",
    "https://blog.example/post/index.shtml",
    "https://blog.example/post/default.aspx",
    // Fragments that name no page.
    "https://blog.example/post#/",
    "https://blog.example/post#!",
    "https://blog.example/post#!/",
    "https://blog.example/post#%21/",
    "https://blog.example/post#/portal/signup",
    "https://blog.example/post#/%70ortal",
    "https://blog.example/post#/search",
    "https://blog.example/post#lg=1&slide=0",
    "https://blog.example/post#:~:text=a/b",
];

#[test]
fn what_others_add_to_an_address_does_not_make_another_post() {
    for address in CHANGED_ON_THE_WAY {
        check(address, "https://blog.example/post");
    }
}

#[test]
fn parameters_that_may_name_a_post_are_kept() {
    for query in [
        "p=123",
        "page_id=7",
        "attachment_id=7",
        "id=7",
        "from=2024-05-01",
        "from=singles",
        "share=Xy12",
        "nb=12",
        "m=202405",
        "view=article",
        "action=show",
        "pli=2",
        "trk=12",
        "s=words",
        "t=12",
        "r=12",
        "sid=12",
        "cid=12",
        "post=spring",
        "source=atlas",
        "story=fb",
        "fb=7",
        "atlas=1",
        "utm=1",
        "ampere=1",
        "shared=1",
        "previews=1",
    ] {
        let url = format!("https://blog.example/?{query}");
        check(&url, &url);
        check(&format!("{url}&fbclid=x&share=twitter&utm_source=y"), &url);
    }
}

#[test]
fn address_of_a_post_tells_host_and_port_of_its_site() {
    for (address, authority) in [
        ("http://Blog.example:80/a/b?x=y", "blog.example"),
        ("https://blog.example:8443", "blog.example:8443"),
        ("https://blog.example/#/route", "blog.example"),
        ("https://[2001:db8::1]/post", "[2001:db8::1]"),
    ] {
        assert_eq!(PostUrl::parse(address).unwrap().authority(), authority, "{address}");
    }
}

#[test]
fn routes_in_fragments_name_pages() {
    for (input, expected) in [
        ("https://blog.example/#/one", "https://blog.example/#/one"),
        ("https://blog.example/#/one/", "https://blog.example/#/one"),
        ("https://blog.example/#//one", "https://blog.example/#/one"),
        ("https://blog.example/index.html#/one", "https://blog.example/#/one"),
        ("https://blog.example/?utm_source=x#/one", "https://blog.example/#/one"),
        ("https://blog.example/#/one?fbclid=x", "https://blog.example/#/one"),
        ("https://blog.example/#/one?b=2&a=1&utm_source=x", "https://blog.example/#/one?a=1&b=2"),
        ("https://blog.example/#/?id=7", "https://blog.example/#/?id=7"),
        ("https://blog.example/#/one#comment-7", "https://blog.example/#/one"),
        ("https://blog.example/#/one:~:text=word", "https://blog.example/#/one"),
        ("https://blog.example/#/one%3A~%3Atext", "https://blog.example/#/one"),
        ("https://blog.example/#/caf\u{e9}", "https://blog.example/#/caf%C3%A9"),
        ("https://blog.example/#/caf%c3%a9", "https://blog.example/#/caf%C3%A9"),
        ("https://blog.example/#%2Fone", "https://blog.example/#/one"),
        ("https://blog.example/#!/one", "https://blog.example/#!/one"),
        ("https://blog.example/#%21/one", "https://blog.example/#!/one"),
        ("https://blog.example/#!one", "https://blog.example/#!one"),
        ("https://blog.example/#!/post?p=1", "https://blog.example/#!/post?p=1"),
        ("https://blog.example/app/#/one", "https://blog.example/app#/one"),
        ("https://blog.example/#/portals", "https://blog.example/#/portals"),
    ] {
        check(input, expected);
    }
    let route = PostUrl::parse("https://blog.example/#/one").unwrap();
    assert!(route.has_route() && !PostUrl::parse("https://blog.example/one#two").unwrap().has_route());
    assert_eq!(route.kv_key(2), "thread:https://blog.example/#/one#2");
}

#[test]
fn variants_of_a_url_have_one_canonical_form() {
    for (input, expected) in VARIANTS {
        check(input, expected);
    }
}

#[test]
fn different_pages_have_different_canonical_urls() {
    let pages = [
        "https://blog.example/",
        "https://blog.example/post",
        "https://blog.example/Post",
        "https://blog.example/posts",
        "https://blog.example/post/2",
        "https://blog.example/a/post",
        "https://blog.example/post.html",
        "https://blog.example/INDEX.HTML",
        "https://blog.example/#/post",
        "https://blog.example/#!/post",
        "https://blog.example/#/post/2",
        "https://blog.example/#/Post",
        "https://blog.example/#/?p=12",
        "https://blog.example/#/post?p=12",
        "https://blog.example/post#/post",
        "https://blog.example/a%2Fpost",
        "https://blog.example/%25",
        "https://blog.example/%2525",
        "https://blog.example/?p=12",
        "https://blog.example/?p=13",
        "https://blog.example/?P=12",
        "https://blog.example/?p=12&page=2",
        "https://blog.example/?tag=a&tag=b",
        "https://blog.example/?tag=b&tag=a",
        "https://blog.example/?q=a%2Bb",
        "https://blog.example/?q=a+b",
        "https://blog.example/?q=a%26b",
        "https://blog.example/?q=a&b",
        "https://blog.example/?q=a%26b=c",
        "https://blog.example/?m=2",
        "https://blog.example/?caf%C3%A9",
        "https://blog.example/?caf%E9",
        "https://www.blog.example/post",
        "https://blog.example:8443/post",
        "https://blog.example:81/post",
        "https://localhost/post",
        "https://127.0.0.1/post",
    ];
    let canonical: BTreeSet<PostUrl> = pages.iter().map(|page| PostUrl::parse(page).unwrap()).collect();
    assert_eq!(canonical.len(), pages.len(), "{canonical:#?}");
}

#[test]
fn texts_that_are_not_post_urls_are_rejected() {
    let no_addresses = [
        "",
        " ",
        "post",
        "/post",
        "//blog.example/post",
        "blog.example/post",
        "https",
        "https://",
        "https:///",
        "https://./",
        "https://../",
        "https://.blog.example/",
        "https://blog..example/",
        "https://0x7f.1../",
        "https://blog.example:99999/",
        "https://blog.example:port/",
        "https://blog example/",
        "https://blog,example/",
        "https://*.example/",
        "https://\"blog\".example/",
        "https://blog'.example/",
        "https://<blog>/",
        "https://%00.example/",
        "https://1.2.3.256/",
        "https://[::1/",
        "https://xn--a.example/",
        "ftp://blog.example/post",
        "file:///post",
        "javascript:alert(1)",
        "data:text/html,post",
        "blob:https://blog.example/1",
        "about:blank",
        "chrome-extension://abc/post",
        "null",
    ];
    for text in no_addresses {
        assert_eq!(PostUrl::parse(text), Err(PostUrlError::NotHttp), "{text}");
    }
}

#[test]
fn the_length_is_limited_as_sent_and_as_stored() {
    let sent = |length: usize| format!("https://blog.example/{}", "a".repeat(length - "https://blog.example/".len()));
    assert!(PostUrl::parse(&sent(limits::URL_BYTES)).is_ok());
    assert_eq!(PostUrl::parse(&sent(limits::URL_BYTES + 1)), Err(PostUrlError::TooLong));
    assert_eq!(PostUrl::parse(&"x".repeat(1 << 20)), Err(PostUrlError::TooLong));
    // Short enough as sent, but each letter is six bytes when encoded.
    assert_eq!(PostUrl::parse(&format!("https://blog.example/{}", "é".repeat(400))), Err(PostUrlError::TooLong));
}

#[test]
fn keys_contain_the_url_if_it_fits() {
    let short = PostUrl::parse("https://blog.example/?p=12").unwrap();
    assert_eq!(short.kv_key(1), "thread:https://blog.example/?p=12");
    assert_eq!(short.kv_key(2), "thread:https://blog.example/?p=12#2");

    let of_length = |length: usize| PostUrl::parse(&format!("https://b.example/{:a<1$}", "", length - 18)).unwrap();
    let longest = of_length(494);
    assert_eq!(longest.kv_key(1), format!("thread:{longest}"));
    assert_eq!(longest.kv_key(u32::MAX).len(), 512);
    let hashed = of_length(495);
    assert_eq!(hashed.kv_key(1), "thread:sha256:3174e726cd1744081841d93b9859dfc1e4608184b9ebf3e6c70e624ebb786404");
    assert_eq!(hashed.kv_key(12), format!("{}#12", hashed.kv_key(1)), "all pages of a thread use the same form of key");
}

/// A URL that is already canonical in host, path and query.
fn plain_url() -> impl Strategy<Value = String> {
    ("[a-z]{1,8}(\\.[a-z]{1,5}){1,2}", "(/[a-zA-Z0-9_.~-]{0,3}[a-zA-Z0-9]){0,4}", "(\\?[a-l]{1,3}=[0-9]{1,4})?")
        .prop_map(|(host, path, query)| format!("https://{host}{}{query}", if path.is_empty() { "/" } else { &path }))
}

/// Hostile URLs: every delimiter, escape and unusual character in every position.
fn hostile_url() -> impl Strategy<Value = String> {
    let part = "([a-zA-Z0-9.:/?#@%&=+;,'\"\\\\|^~!$()*\\[\\] -]|%[0-9a-fA-F]{2}|\\.\\./|index\\.html|#/|#!|:~:|%21|;jsessionid=|&amp;|portal|é|\u{202e}|😀){0,24}";
    (
        prop::sample::select(vec!["http", "https", "HTTPS", "ftp"]),
        "[a-z0-9.%@:é-]{1,12}|[0-9a-fx.]{1,12}|(\\PC|\\.){1,6}\\.example",
        part,
    )
        .prop_map(|(scheme, host, rest)| format!("{scheme}://{host}/{rest}"))
}

fn is_encoded_everywhere(character: char) -> bool {
    !character.is_ascii_graphic() || "\"<>[\\]^`{|}".contains(character)
}

fn percent_encoded(text: &str, lower: bool) -> String {
    let encode = |byte: u8| if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
    text.bytes().map(|byte| if byte == b'/' { "/".to_owned() } else { encode(byte) }).collect()
}

proptest! {
    #[test]
    fn parsing_is_idempotent(text in prop_oneof![plain_url(), hostile_url(), any::<String>()]) {
        if let Ok(url) = PostUrl::parse(&text) {
            prop_assert_eq!(PostUrl::parse(url.as_str()), Ok(url.clone()));
        }
    }

    #[test]
    fn canonical_urls_are_ascii_https_within_the_limit(text in hostile_url()) {
        if let Ok(url) = PostUrl::parse(&text) {
            let url = url.as_str();
            prop_assert!(url.len() <= limits::URL_BYTES);
            prop_assert!(!url.contains(is_encoded_everywhere), "{}", url);
            let route = url.split_once('#').map(|(_, route)| route);
            prop_assert!(route.is_none_or(|route| route.starts_with(['/', '!']) && !route.contains('#')), "{}", url);
            let (authority, path) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')).unwrap();
            prop_assert!(!authority.contains(|character: char| character == '@' || character.is_uppercase()));
            prop_assert!(!authority.ends_with(".") && !authority.ends_with(":443") && !authority.ends_with(":80"));
            let path = path.split(['?', '#']).next().unwrap();
            prop_assert!(!path.ends_with('/') && !path.ends_with("/index.html") && path != "index.html");
            prop_assert!(path.split('/').all(|segment| !matches!(segment, "." | "..")));
        }
    }

    #[test]
    fn plain_urls_are_already_canonical(url in plain_url()) {
        prop_assume!(!url.contains("/index."));
        let parsed = PostUrl::parse(&url).map(|url| url.to_string());
        prop_assert_eq!(parsed, Ok(url));
    }

    #[test]
    fn equivalent_spellings_have_the_same_canonical_url(url in plain_url(), lower: bool, encode: bool, index: bool, tracked: bool) {
        prop_assume!(!url.contains("/index."));
        let (origin, query) = url.split_once('?').map_or((url.as_str(), None), |(page, query)| (page, Some(query)));
        let slash = origin["https://".len()..].find('/').unwrap() + "https://".len();
        let (origin, path) = origin.split_at(slash);
        let host = origin["https://".len()..].to_uppercase();
        let path = if encode { percent_encoded(path, lower) } else { path.to_owned() };
        let path = if index { format!("{}/index.html", path.trim_end_matches('/')) } else { format!("{path}/") };
        let mut query: Vec<&str> = query.into_iter().collect();
        if tracked {
            query.insert(0, "utm_source=x");
            query.push("fbclid=y");
        }
        let dressed = format!("http://me:pw@{host}.:80{path}?{}#comments", query.join("&"));
        prop_assert_eq!(PostUrl::parse(&dressed), PostUrl::parse(&url));
    }

    #[test]
    fn parameter_order_does_not_matter(names in prop::collection::btree_set("[a-l]{1,3}", 1..6), turn in 0usize..6) {
        let mut query: Vec<String> = names.iter().map(|name| format!("{name}={}", name.len())).collect();
        let sorted = query.join("&");
        let turn = turn % query.len().max(1);
        query.rotate_left(turn);
        let of = |query: &str| PostUrl::parse(&format!("https://blog.example/?{query}"));
        prop_assert_eq!(of(&query.join("&")), of(&sorted));
    }

    #[test]
    fn different_paths_and_parameters_are_different_posts(path in "[a-z]{1,9}", other in "[a-zA-Z]{1,9}", p in 1u32..9999, q in 1u32..9999) {
        let of = |path: &str, post: u32| PostUrl::parse(&format!("https://blog.example/{path}?p={post}")).unwrap();
        prop_assert_eq!(of(&path, p) == of(&other, q), path == other && p == q);
        prop_assert_ne!(of(&path, p), of(&path.to_uppercase(), p));
    }

    #[test]
    fn keys_fit_and_differ_between_pages(length in 1usize..1900, other in 1usize..1900, page in 1u32.., other_page in 1u32..) {
        let of = |length: usize| PostUrl::parse(&format!("https://blog.example/{}", "a".repeat(length))).unwrap();
        let (key, other_key) = (of(length).kv_key(page), of(other).kv_key(other_page));
        prop_assert!(key.len() <= 512, "{}", key.len());
        prop_assert_eq!(key == other_key, (length, page) == (other, other_page));
        prop_assert!(key.starts_with(&of(length).kv_key(1)));
    }
}
