//! Hosts, author keys, and names of moderators.

use afterword_model::{is_author_key, is_host, is_moderator_name};

#[track_caller]
fn check(is_valid: fn(&str) -> bool, good: &[&str], bad: &[&str]) {
    for text in good {
        assert!(is_valid(text), "{text}");
    }
    for text in bad {
        assert!(!is_valid(text), "{text}");
    }
}

#[test]
fn hosts_are_labels_or_addresses() {
    let longest = ["a"; 127].join(".");
    let good =
        ["localhost", "blog.example", "xn--bcher-kva.example", "_dmarc.a-b.example", "127.0.0.1", "[::1]", &longest];
    let too_long = format!("{longest}.a");
    let bad = ["", ".", "a.", ".a", "a..b", "*", "a,b", "a\"b", "b\u{fc}cher.example", "a:80", "a@b", &too_long];
    check(is_host, &good, &bad);
}

#[test]
fn author_keys_are_22_to_64_characters_of_base64url() {
    let good = ["00112233445566778899aabbccddeeff", "AZaz09_-AZaz09_-AZaz09", &"a".repeat(64)];
    let bad = [
        "",
        "short",
        "00112233445566778899aabbccddee f",
        "\"0112233445566778899aabbccddeeff\"",
        "\u{fc}0112233445566778899",
        &"a".repeat(21),
        &"a".repeat(65),
    ];
    check(is_author_key, &good, &bad);
}

#[test]
fn moderators_have_short_plain_names() {
    check(is_moderator_name, &["a", "Grace.H-1", "_", &"n".repeat(32)], &["", "a/b", "a b", "\u{e4}", &"n".repeat(33)]);
}
