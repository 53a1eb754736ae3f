//! What a tweet says.

use serde::{Deserialize, Serialize};

use super::{FieldError, text_value};
use crate::text;

/// A tweet's text: trimmed, in normal form C, with at least one visible character.
///
/// Counted in Unicode scalar values; how many are allowed is the operator's choice, 280 unless
/// told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct TweetBody(Box<str>);

text_value!(TweetBody);

impl TweetBody {
    /// The limit unless the operator sets another.
    pub const DEFAULT_MAX: usize = 280;

    /// Reads a body of at most `max` characters.
    ///
    /// # Errors
    /// `body_empty`, `body_too_long` or `body_invalid`.
    pub fn parse(text: &str, max: usize) -> Result<Self, FieldError> {
        let clean = Self::clean(text);
        if clean.chars().all(text::is_invisible) {
            let message = "Write something first.";
            return Err(FieldError::new("body", "body_empty", message));
        }
        if text::length(&clean) > max {
            let message = format!("A tweet has at most {max} characters.");
            return Err(FieldError::new("body", "body_too_long", message));
        }
        if clean.chars().any(text::is_forbidden) {
            let message = "A tweet has no control characters.";
            return Err(FieldError::new("body", "body_invalid", message));
        }
        Ok(Self(clean.into()))
    }

    /// How many characters [`TweetBody::parse`] would count.
    #[must_use]
    pub fn count(text: &str) -> usize {
        text::length(&Self::clean(text))
    }

    /// Takes what the event log holds: it was parsed when it was written, under the limit of then.
    #[must_use]
    pub fn recorded(text: String) -> Self {
        Self(text.into())
    }

    fn clean(text: &str) -> String {
        text::nfc(text::unix_lines(text).trim())
    }
}

impl<'de> Deserialize<'de> for TweetBody {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_trimmed_and_normalised() {
        assert_eq!(
            TweetBody::parse("  cafe\u{301}\r\nau lait \n", 280).unwrap().as_str(),
            "café\nau lait"
        );
    }

    #[test]
    fn the_limit_counts_scalar_values_after_trimming() {
        let full = format!("  {}  ", "👍".repeat(280));
        assert!(TweetBody::parse(&full, 280).is_ok());
        assert_eq!(TweetBody::count(&full), 280);
        assert_eq!(TweetBody::parse(&"a".repeat(281), 280).unwrap_err().code, "body_too_long");
    }

    #[test]
    fn empty_invisible_and_control_bodies_are_refused() {
        for (text, code) in [
            ("", "body_empty"),
            (" \n\t ", "body_empty"),
            ("\u{200B}\u{200D}\u{FEFF}", "body_empty"),
            ("a\u{0}b", "body_invalid"),
            ("a\u{1B}[31m", "body_invalid"),
        ] {
            assert_eq!(TweetBody::parse(text, 280).unwrap_err().code, code, "{text:?}");
        }
    }
}
