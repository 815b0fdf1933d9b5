//! Spam signals: the codes under which they are stored, and the explanations for moderators.

use strum::{EnumMessage, EnumString, IntoStaticStr, VariantArray};

/// A spam signal: one reason to suspect that a comment is spam. Each has the explanation for moderators, with `{}` in
/// place of the detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumMessage, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Signal {
    /// The comment came without a proof of work.
    #[strum(message = "Sent without a proof of work, by a browser without JavaScript or by a program.")]
    NoProof,
    /// The honeypot, a field that is hidden from readers, was filled in.
    #[strum(message = "A field that is hidden from readers was filled in, as programs do.")]
    HiddenField,
    /// The comment was sent too soon to have been typed. The detail is the number of seconds.
    #[strum(message = "Sent within seconds of opening the form ({}).")]
    TooFast,
    /// The comment contains many links. The detail is their number.
    #[strum(message = "Contains many links ({}).")]
    ManyLinks,
    /// The comment contains a muted word of the site. The detail is the pattern.
    #[strum(message = "Contains a muted word ({}).")]
    MutedWord,
    /// The same text was posted on this site before.
    #[strum(message = "The same text was posted here before.")]
    Repeated,
    /// The author or network posts a lot at the moment. The detail says which.
    #[strum(message = "One of many comments in a short time from one {}.")]
    Many,
    /// The author is banned. The detail says by which kind of ban.
    #[strum(message = "The author is banned by {}.")]
    Banned,
    /// A ban or the muted words of the site can no longer be read, and might apply to the comment. The detail says which.
    #[strum(message = "A rule of the site ({}) is invalid, so that every comment is held.")]
    InvalidRule,
    /// The author key has no published comment on this site. The moderation policy of the site decides if the comment
    /// is held.
    #[strum(message = "The first comment of this author.")]
    FirstComment,
}

impl Signal {
    /// All signals.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Returns true if the signal is about the text of a comment, and not about its sender. It no longer holds for another text.
    pub const fn is_about_text(self) -> bool {
        matches!(self, Self::ManyLinks | Self::MutedWord | Self::Repeated | Self::InvalidRule)
    }

    /// The code under which the signal is stored. Never changes once released.
    pub fn code(self) -> &'static str {
        self.into()
    }
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
        Some(Self::new(code.parse().ok()?, detail))
    }

    /// The explanation that a moderator reads beside the comment. The detail is plain text, so the caller must escape
    /// it for HTML.
    pub fn explanation(&self) -> String {
        self.signal.get_message().unwrap_or_default().replace("{}", &self.detail)
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
