//! Secrets that are guessed first.

use crate::application::passwords;

/// The fewest characters of a secret between machines.
const LEAST: usize = 8;
/// What stands in examples until somebody replaces it.
const PLACEHOLDERS: [&str; 5] = ["changeme", "secret", "password", "example", "placeholder"];

/// Is this a server for others? On one's own machine anything will do.
#[must_use]
pub(super) fn is_for_others(public_url: &str) -> bool {
    let Some(rest) = public_url.strip_prefix("https://") else { return false };
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    !["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

/// Refuses a secret that is short, among the most common passwords, or left from an example.
///
/// # Errors
/// A sentence that names the variable, and not the secret.
pub(super) fn refuse(variable: &str, secret: &str) -> Result<(), String> {
    let letters: String = secret.chars().filter(|c| c.is_alphabetic()).collect();
    let is_placeholder = PLACEHOLDERS.contains(&letters.to_lowercase().as_str());
    let same = secret.chars().next().is_some_and(|first| secret.chars().all(|c| c == first));
    let weak = secret.chars().count() < LEAST
        || is_placeholder
        || same
        || passwords::is_common(&secret.to_lowercase());
    if weak {
        Err(format!(
            "{variable}: this secret is guessed first (it is short, common or from an example), and \
             the server is for others. Take a random one: openssl rand -hex 24"
        ))
    } else {
        Ok(())
    }
}

/// The password in an address like `scheme://user:password@host`, as it is written there.
#[must_use]
pub(super) fn password_in(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split('/').next()?;
    let (user, _) = authority.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password).filter(|password| !password.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_is_refused_and_never_said() {
        for weak in
            ["s3cret", "changeme", "Change-Me-1", "xxxxxxxxxxxx", "password123", "qwertyuiop"]
        {
            let said = refuse("SISKIN_X", weak).unwrap_err();
            assert!(said.starts_with("SISKIN_X: ") && !said.contains(weak), "{said}");
        }
        for strong in ["GOCSPX-1a2b3c4d5e6f7g8h", "0f3c9d2b7a", "a secret of: the double"] {
            assert_eq!(refuse("SISKIN_X", strong), Ok(()), "{strong}");
        }
    }

    #[test]
    fn ones_own_machine_is_for_nobody_else() {
        for others in ["https://tweets.example.org", "https://tweets.example.org:8443"] {
            assert!(is_for_others(others), "{others}");
        }
        let own = ["http://tweets.example.org", "https://localhost:3000", "https://[::1]:3000"];
        assert_eq!(own.map(is_for_others), [false; 3]);
    }

    #[test]
    fn a_password_is_found_in_any_address() {
        for (url, password) in [
            ("mongodb://siskin:pw@a:27017,b:27017/siskin?replicaSet=r", Some("pw")),
            ("mongodb+srv://siskin:p%40w@a/siskin", Some("p%40w")),
            ("smtps://me%40x.org:p:w@mail.example.org", Some("p:w")),
            ("mongodb://a:27017,b:27017/siskin", None),
            ("smtp://me@mail.example.org:587?tls=required", None),
            ("smtp://localhost:25", None),
        ] {
            assert_eq!(password_in(url), password, "{url}");
        }
    }
}
