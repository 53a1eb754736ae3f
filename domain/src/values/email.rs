//! E-mail addresses.

use serde::{Deserialize, Serialize};

use super::{FieldError, text_value};

/// An e-mail address, kept in lower case.
///
/// The rule is what can be delivered to in practice: one `@`, 1 to 64 characters before it, a
/// host name with a dot after it, at most 254 in all (RFC 5321 §4.5.3.1), no white space.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(Box<str>);

text_value!(Email, parsed);

/// Personal: logs get only the shape.
impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(***)")
    }
}

impl Email {
    /// The greatest length, in bytes.
    pub const MAX: usize = 254;

    /// Reads an address; white space around it is dropped, upper case becomes lower case.
    ///
    /// # Errors
    /// `email_invalid` or `email_too_long`.
    pub fn parse(text: &str) -> Result<Self, FieldError> {
        let text = text.trim();
        if text.len() > Self::MAX {
            return Err(FieldError::new(
                "email",
                "email_too_long",
                "An e-mail address has at most 254 characters.",
            ));
        }
        if !is_address(text) {
            return Err(FieldError::new(
                "email",
                "email_invalid",
                "An e-mail address looks like name@example.org.",
            ));
        }
        Ok(Self(crate::text::lower(text).into()))
    }
}

fn is_address(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let local_ok = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && !local
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || "\"(),:;<>@[\\]".contains(c));
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    local_ok && host.contains('.') && host.split('.').all(label_ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_lower_case() {
        assert_eq!(Email::parse(" Ana+x@Example.ORG").unwrap().as_str(), "ana+x@example.org");
        assert!(Email::parse("ünï@bücher.example").is_ok());
    }

    #[test]
    fn what_cannot_be_delivered_to_is_refused() {
        for text in [
            "",
            "ana",
            "@b.c",
            "ana@",
            "ana@localhost",
            "a b@c.de",
            "a@b..c",
            "a@-b.c",
            "a@@b.c",
            ".a@b.c",
        ] {
            assert_eq!(Email::parse(text).unwrap_err().code, "email_invalid", "{text:?}");
        }
        let long = format!("{}@{}.org", "a".repeat(64), "b".repeat(200));
        assert_eq!(Email::parse(&long).unwrap_err().code, "email_too_long");
    }

    #[test]
    fn an_address_never_reaches_a_log() {
        assert_eq!(format!("{:?}", Email::parse("ana@example.org").unwrap()), "Email(***)");
    }
}
