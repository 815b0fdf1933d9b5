//! The Content Security Policy of a page, as far as it decides about styles in the page.

/// Returns true if a policy allows a `<style>` element (Content Security Policy Level 3, section 6.7.3.1).
pub(super) fn allows_inline_styles(policies: &str) -> bool {
    // Several policies apply together.
    policies.split(',').all(|policy| {
        let directive = |name: &str| {
            let mut directives = policy.split(';').map(str::trim);
            directives.find_map(|text| {
                let mut words = text.split_ascii_whitespace();
                words.next().is_some_and(|word| word.eq_ignore_ascii_case(name)).then(|| words.collect::<Vec<_>>())
            })
        };
        let sources =
            directive("style-src-elem").or_else(|| directive("style-src")).or_else(|| directive("default-src"));
        sources.is_none_or(|sources| {
            let has = |start: &str| sources.iter().any(|source| source.to_ascii_lowercase().starts_with(start));
            // A nonce or a hash turns the word off.
            has("'unsafe-inline'") && !has("'nonce-") && !has("'sha")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_styles_need_the_word_where_a_policy_names_styles() {
        for policy in [
            "",
            "script-src 'self'",
            "style-src 'unsafe-inline'",
            "default-src 'none'; style-src 'self' 'UNSAFE-INLINE'",
            "style-src 'none'; style-src-elem 'unsafe-inline'",
            "default-src * 'unsafe-inline', img-src 'self'",
        ] {
            assert!(allows_inline_styles(policy), "{policy}");
        }
        for policy in [
            "default-src 'self'",
            "style-src 'self'",
            "style-src 'unsafe-inline' 'nonce-abc'",
            "STYLE-SRC 'sha256-x' 'unsafe-inline'",
            "style-src 'unsafe-inline'; style-src-elem 'self'",
            "style-src 'unsafe-inline', default-src 'self'",
        ] {
            assert!(!allows_inline_styles(policy), "{policy}");
        }
    }
}
