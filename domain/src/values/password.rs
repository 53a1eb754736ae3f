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
    #[must_use]
    pub fn claimed(text: &str) -> Self {
        Self(text.into())
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
    fn a_password_never_reaches_a_log() {
        assert_eq!(format!("{:?}", Password::parse("correct horse").unwrap()), "***");
    }
}
