//! Spam signals: the codes under which they are stored, and the explanations for moderators.

macro_rules! signals {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $explanation:literal;)+) => {
        /// A spam signal: one reason to suspect that a comment is spam.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Signal { $($(#[doc = $doc])+ $name,)+ }

        impl Signal {
            /// All signals.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code under which the signal is stored. Never changes once released.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The explanation for moderators, with `{}` in place of the detail.
            const fn explanation_template(self) -> &'static str {
                match self { $(Self::$name => $explanation,)+ }
            }
        }
    };
}

signals! {
    /// The comment came without a proof of work.
    NoProof "no_proof" "Sent without a proof of work, by a browser without JavaScript or by a program.";
    /// The honeypot, a field that is hidden from readers, was filled in.
    HiddenField "hidden_field" "A field that is hidden from readers was filled in, as programs do.";
    /// The comment was sent too soon to have been typed. The detail is the number of seconds.
    TooFast "too_fast" "Sent within seconds of opening the form ({}).";
    /// The comment contains many links. The detail is their number.
    ManyLinks "many_links" "Contains many links ({}).";
    /// The comment contains a muted word of the site. The detail is the pattern.
    MutedWord "muted_word" "Contains a muted word ({}).";
    /// The same text was posted on this site before.
    Repeated "repeated" "The same text was posted here before.";
    /// The author or network posts a lot at the moment. The detail says which.
    Many "many" "One of many comments in a short time from one {}.";
    /// The author is banned. The detail says by which kind of ban.
    Banned "banned" "The author is banned by {}.";
    /// A ban or the muted words of the site can no longer be read, and might apply to the comment. The detail says which.
    InvalidRule "invalid_rule" "A rule of the site ({}) is invalid, so that every comment is held.";
    /// The author key has no published comment on this site. The moderation policy of the site decides if the comment
    /// is held.
    FirstComment "first_comment" "The first comment of this author.";
}

/// A signal of one comment, with its detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalDetail {
    /// The signal.
    pub signal: Signal,
    /// The number or word that belongs to the signal. May be empty.
    pub detail: String,
}

impl SignalDetail {
    /// Pairs a signal with its detail.
    pub fn new(signal: Signal, detail: impl Into<String>) -> Self {
        Self { signal, detail: detail.into() }
    }

    /// Parses the output of [`std::fmt::Display`]. `None` for a signal that this version does not know.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, detail) = text.split_once(':').unwrap_or((text, ""));
        let signal = Signal::ALL.iter().find(|signal| signal.code() == code)?;
        Some(Self::new(*signal, detail))
    }

    /// The explanation that a moderator reads beside the comment. The detail is plain text, so the caller must escape
    /// it for HTML.
    pub fn explanation(&self) -> String {
        self.signal.explanation_template().replace("{}", &self.detail)
    }
}

/// Formats the stored form: the code, and after a colon the detail.
impl std::fmt::Display for SignalDetail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.signal.code())?;
        if self.detail.is_empty() { Ok(()) } else { write!(f, ":{}", self.detail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_signals_round_trip() {
        for signal in Signal::ALL {
            for detail in ["", "7", "a:b *c*"] {
                let finding = SignalDetail::new(*signal, detail);
                assert_eq!(SignalDetail::parse(&finding.to_string()), Some(finding.clone()));
                assert!(finding.explanation().ends_with('.') && !finding.explanation().contains('{'), "{finding}");
            }
        }
        assert_eq!(SignalDetail::parse("unheard_of:1"), None);
        assert_eq!(SignalDetail::new(Signal::MutedWord, "viagr*").explanation(), "Contains a muted word (viagr*).");
    }

    #[test]
    fn stored_codes_never_change() {
        let codes: Vec<_> = Signal::ALL.iter().map(|signal| signal.code()).collect();
        let released =
            "no_proof hidden_field too_fast many_links muted_word repeated many banned invalid_rule first_comment";
        assert_eq!(codes.join(" "), released);
    }
}
