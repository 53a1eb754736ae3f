//! The name that people see.

use serde::{Deserialize, Serialize};

use super::{FieldError, text_value};
use crate::text;

/// 1 to 50 visible characters in normal form C, on one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DisplayName(Box<str>);

text_value!(DisplayName, parsed);

impl DisplayName {
    /// The greatest length, in Unicode scalar values.
    pub const MAX: usize = 50;

    /// Reads a name; runs of white space become one space.
    ///
    /// # Errors
    /// `name_empty`, `name_too_long` or `name_invalid`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let folded = text::nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        let refuse = |code, message| Err(FieldError::new("name", code, message));
        if folded.chars().all(text::is_invisible) {
            return refuse("name_empty", "A name has at least one character that can be seen.");
        }
        if text::length(&folded) > Self::MAX {
            return refuse("name_too_long", "A name has at most 50 characters.");
        }
        if folded.chars().any(|c| c.is_control() || text::is_bidi_control(c)) {
            return refuse("name_invalid", "A name has no control characters.");
        }
        Ok(Self(folded.into()))
    }
}

/// A person who gives no name is called by their username.
impl From<&super::Username> for DisplayName {
    fn from(username: &super::Username) -> Self {
        Self(username.as_str().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded_to_one_line_and_normal_form() {
        assert_eq!(DisplayName::parse("  Eric\n\t Stromberg ").unwrap().as_str(), "Eric Stromberg");
        assert_eq!(DisplayName::parse("Zoe\u{308}").unwrap().as_str(), "Zoë");
    }

    #[test]
    fn invisible_long_and_reordering_names_are_refused() {
        for (text, code) in [
            ("", "name_empty"),
            ("\u{200B}\u{2060}", "name_empty"),
            (&"x".repeat(51), "name_too_long"),
            ("ana\u{202E}bew", "name_invalid"),
            ("a\u{0}b", "name_invalid"),
        ] {
            assert_eq!(DisplayName::parse(text).unwrap_err().code, code, "{text:?}");
        }
        assert!(DisplayName::parse(&"é".repeat(50)).is_ok());
    }
}
