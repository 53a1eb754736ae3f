//! Why somebody reports, or a moderator acts.

use serde::{Deserialize, Serialize};

use super::{FieldError, text_value};
use crate::text;

/// 1 to 500 characters in normal form C, of which at least one can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(Box<str>);

text_value!(Reason, parsed);

impl Reason {
    /// The greatest length, in Unicode scalar values.
    pub const MAX: usize = 500;

    /// Reads a reason; white space around it is dropped.
    ///
    /// # Errors
    /// `reason_empty`, `reason_too_long` or `reason_invalid`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let clean = text::nfc(text::unix_lines(text).trim());
        let refuse = |code, message| Err(FieldError::new("reason", code, message));
        if clean.chars().all(text::is_invisible) {
            return refuse("reason_empty", "Say why, in a few words.");
        }
        if text::length(&clean) > Self::MAX {
            return refuse("reason_too_long", "A reason has at most 500 characters.");
        }
        if clean.chars().any(text::is_forbidden) {
            return refuse("reason_invalid", "A reason has no control characters.");
        }
        Ok(Self(clean.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_and_ends_at_500() {
        assert_eq!(Reason::parse(" spam\r\nagain ").unwrap().as_str(), "spam\nagain");
        assert!(Reason::parse(&"字".repeat(500)).is_ok());
        assert_eq!(Reason::parse(&"a".repeat(501)).unwrap_err().code, "reason_too_long");
        assert_eq!(Reason::parse(" \u{200B}\n").unwrap_err().code, "reason_empty");
        assert_eq!(Reason::parse("a\u{7}").unwrap_err().code, "reason_invalid");
    }
}
