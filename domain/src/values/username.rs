//! The name that identifies a person in addresses and mentions.

use serde::{Deserialize, Serialize};

use super::{FieldError, text_value};

/// 3 to 30 of `a-z 0-9 _ .`, beginning with a letter; kept in lower case.
///
/// Never all digits, since `/api/v2/tweets/{id or username}` tells the two apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(Box<str>);

text_value!(Username, parsed);

impl Username {
    /// The least length.
    pub const MIN: usize = 3;
    /// The greatest length.
    pub const MAX: usize = 30;

    /// Reads a username; upper case becomes lower case, white space around it is dropped.
    ///
    /// # Errors
    /// `username_too_short`, `username_too_long` or `username_invalid`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        let refuse = |code, message| Err(FieldError::new("username", code, message));
        if text.chars().count() < Self::MIN {
            return refuse("username_too_short", "A username has at least 3 characters.");
        }
        if text.chars().count() > Self::MAX {
            return refuse("username_too_long", "A username has at most 30 characters.");
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.') {
            return refuse(
                "username_invalid",
                "A username has only letters from a to z, digits, dots and underscores.",
            );
        }
        if !text.as_bytes()[0].is_ascii_alphabetic() {
            return refuse("username_invalid", "A username begins with a letter.");
        }
        Ok(Self(text.to_ascii_lowercase().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_kept_in_lower_case() {
        assert_eq!(Username::parse(" Eric.S_1 ").unwrap().as_str(), "eric.s_1");
    }

    #[test]
    fn bad_usernames_are_refused_with_a_code() {
        for (text, code) in [
            ("", "username_too_short"),
            ("ab", "username_too_short"),
            ("a123456789012345678901234567890", "username_too_long"),
            ("123", "username_invalid"),
            ("_abc", "username_invalid"),
            ("an a", "username_invalid"),
            ("anä", "username_invalid"),
            ("аna", "username_invalid"), // a Cyrillic first letter
            ("a/../b", "username_invalid"),
        ] {
            assert_eq!(Username::parse(text).unwrap_err().code, code, "{text:?}");
        }
    }
}
