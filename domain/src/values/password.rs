//! Passwords on their way to the hash; they never go anywhere else.

use super::FieldError;

/// A password that keeps the rules: 8 to 128 characters, any characters, never trimmed.
///
/// It cannot be displayed or serialised, and `Debug` shows `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(Box<str>);

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Password {
    /// The least length, in Unicode scalar values.
    pub const MIN: usize = 8;
    /// The greatest length, in Unicode scalar values.
    pub const MAX: usize = 128;
    /// The most bytes of a claimed one: more than [`Password::MAX`] characters of 4 bytes.
    const CLAIMED: usize = 4 * Self::MAX + 8;

    /// Checks a password that somebody wants to have.
    ///
    /// # Errors
    /// `password_too_short` or `password_too_long`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let length = text.chars().count();
        if length < Self::MIN {
            let message = "A password has at least 8 characters.";
            return Err(FieldError::new("password", "password_too_short", message));
        }
        if length > Self::MAX {
            let message = "A password has at most 128 characters.";
            return Err(FieldError::new("password", "password_too_long", message));
        }
        Ok(Self(text.into()))
    }

    /// Takes a password that somebody claims to have; rules that came later must not lock them out.
    /// Of what is longer than any password so much is kept that it stays too long to be right.
    #[must_use]
    pub fn claimed(text: &str) -> Self {
        let mut end = text.len().min(Self::CLAIMED);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self(text[..end].into())
    }

    /// The secret, for hashing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters_and_nothing_is_trimmed() {
        assert_eq!(Password::parse("1234567").unwrap_err().code, "password_too_short");
        assert_eq!(Password::parse("        ").unwrap().expose(), "        ");
        assert!(Password::parse(&"🔑".repeat(128)).is_ok());
        assert_eq!(Password::parse(&"a".repeat(129)).unwrap_err().code, "password_too_long");
    }

    #[test]
    fn what_is_claimed_is_kept_whole_unless_it_can_not_be_right() {
        let longest = "🔑".repeat(Password::MAX);
        assert_eq!(Password::claimed(&longest).expose(), longest);
        assert_eq!(Password::claimed("x").expose(), "x");
        for long in ["🔑".repeat(300_000), "a".repeat(1 << 20), "é€".repeat(400)] {
            let claimed = Password::claimed(&long);
            let kept = claimed.expose().len();
            assert!(kept > longest.len() && kept <= longest.len() + 8, "{kept}");
        }
    }

    #[test]
    fn a_password_never_reaches_a_log() {
        assert_eq!(format!("{:?}", Password::parse("correct horse").unwrap()), "***");
    }
}
