//! Passwords that somebody wants to have: the one place that says which are refused.
//!
//! [`Password`] keeps the rules that the browser knows, too. What is refused for being guessed
//! first is known to the server only, since the list would be a part of every download.

use siskin_domain::{Email, FieldError, Password, Username};

/// The most common passwords of at least 8 characters: lower case, one a line, in byte order.
/// `LICENSE` beside it says where it comes from.
const COMMON: &str = include_str!("common.txt");

/// A password that may be had. Hashing takes no other, so that forgetting to check does not
/// compile.
#[derive(Debug, Clone)]
pub struct NewPassword(Password);

impl NewPassword {
    /// Lets a password pass that is neither among the most common nor the name of who wants it.
    ///
    /// # Errors
    /// `password_common` or `password_is_name`, about the field `password`.
    pub fn choose(
        password: Password,
        username: &Username,
        email: &Email,
    ) -> Result<Self, FieldError> {
        let folded = password.expose().to_lowercase();
        if is_common(&folded) {
            let message = "This password is one of the most common, so it is guessed first.";
            return Err(refusal("password_common", message));
        }
        let email = email.as_str();
        let local = email.split('@').next().unwrap_or(email);
        if [username.as_str(), email, local].contains(&folded.as_str()) {
            let message = "A password is not the name or the e-mail address of its owner.";
            return Err(refusal("password_is_name", message));
        }
        Ok(Self(password))
    }

    /// The secret, for hashing only.
    #[must_use]
    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }
}

fn refusal(code: &'static str, message: &'static str) -> FieldError {
    FieldError { field: "password", code, message: message.into() }
}

/// Searches the text itself, which needs neither memory nor time at the start.
pub(crate) fn is_common(folded: &str) -> bool {
    let (mut from, mut to) = (0, COMMON.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let bytes = COMMON.as_bytes();
        let begins = bytes[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let length = bytes[middle..].iter().position(|byte| *byte == b'\n');
        let ends = length.map_or(COMMON.len(), |length| middle + length);
        match bytes[begins..ends].cmp(folded.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = ends + 1,
            std::cmp::Ordering::Greater => to = begins,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(text: &str) -> Result<NewPassword, &'static str> {
        let username = Username::parse("eric.strom").unwrap();
        let email = Email::parse("eric@example.org").unwrap();
        NewPassword::choose(Password::parse(text).unwrap(), &username, &email)
            .map_err(|error| error.code)
    }

    #[test]
    fn every_line_of_the_list_is_found_and_nothing_beside_it() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() > 8000 && lines.is_sorted_by(|a, b| a < b));
        for line in lines {
            assert!(is_common(line), "{line}");
            assert!(line.len() >= Password::MIN && line.is_ascii(), "{line}");
            assert_eq!(line, line.to_lowercase());
            let beside = format!("{line}\u{1f426}");
            assert!(!is_common(&beside), "{beside}");
        }
        for text in ["", "\n", "!", "~~~~~~~~~~", "password\n"] {
            assert!(!is_common(text), "{text:?}");
        }
    }

    #[test]
    fn the_most_common_are_refused_in_any_case() {
        for text in ["password", "PassWord", "password123", "12345678", "qwertyuiop", "iloveyou"] {
            assert_eq!(choose(text).unwrap_err(), "password_common", "{text}");
        }
    }

    #[test]
    fn ones_own_name_is_refused() {
        for text in ["eric.strom", "Eric.Strom", "eric@example.org"] {
            assert_eq!(choose(text).unwrap_err(), "password_is_name", "{text}");
        }
    }

    #[test]
    fn all_others_pass_untrimmed() {
        for text in [
            "correct horse battery",
            "eric@123",
            "siskin-demo",
            "        ",
            " password ",
            "京都の朝は静か。。",
        ] {
            assert_eq!(choose(text).unwrap().expose(), text);
        }
    }
}
