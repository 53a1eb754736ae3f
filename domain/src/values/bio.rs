//! What people say about themselves.

use serde::{Deserialize, Serialize};

use super::{FieldError, text_value};
use crate::text;

/// Up to 160 characters in normal form C; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bio(Box<str>);

text_value!(Bio, parsed);

impl Bio {
    /// The greatest length, in Unicode scalar values.
    pub const MAX: usize = 160;

    /// Reads a bio; white space around it is dropped.
    ///
    /// # Errors
    /// `bio_too_long` or `bio_invalid`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let clean = text::nfc(text::unix_lines(text).trim());
        if text::length(&clean) > Self::MAX {
            let message = "A bio has at most 160 characters.";
            return Err(FieldError::new("bio", "bio_too_long", message));
        }
        if clean.chars().any(text::is_forbidden) {
            let message = "A bio has no control characters.";
            return Err(FieldError::new("bio", "bio_invalid", message));
        }
        Ok(Self(clean.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bio_may_be_empty_and_ends_at_160() {
        assert_eq!(Bio::parse(" \r\n ").unwrap().as_str(), "");
        assert!(Bio::parse(&"字".repeat(160)).is_ok());
        assert_eq!(Bio::parse(&"a".repeat(161)).unwrap_err().code, "bio_too_long");
        assert_eq!(Bio::parse("a\u{7}").unwrap_err().code, "bio_invalid");
    }
}
