//! Hosts of posts that are left out.

/// Hosts that are left out by default: previews, caches, translation proxies and archives. `*.` stands for any subdomain. Addresses of this
/// machine and of private networks are left out too.
pub const DEFAULT_LEFT_OUT: &[&str] = &[
    "*.archive.org",
    "*.archive.ph",
    "*.archive.today",
    "*.local",
    "*.localhost",
    "*.translate.goog",
    "archive.is",
    "archive.org",
    "archive.ph",
    "archive.today",
    "cc.bingj.com",
    "draft.blogger.com",
    "localhost",
    "translate.baiducontent.com",
    "translate.google.com",
    "translate.googleusercontent.com",
    "translate.yandex.net",
    "webcache.googleusercontent.com",
    "www.blogger.com",
    "www.microsofttranslator.com",
    "www.translatoruser-int.com",
];
