//! The address of a mail server.

use std::str::FromStr;

/// How the connection is kept from other eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Security {
    /// Not at all.
    Plain,
    /// By STARTTLS, or no mail is sent.
    Upgraded,
    /// From the first byte.
    Wrapped,
}

/// The address of a mail server. Neither `Debug` nor `Display` shows the name and password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    text: String,
    host: String,
    security: Security,
}

impl SmtpUrl {
    /// The address, password and all: for the client, and for whoever looks whether it is weak.
    pub(crate) fn secret(&self) -> &str {
        &self.text
    }

    /// What the server's certificate is for.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) const fn security(&self) -> Security {
        self.security
    }
}

impl std::fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.host)
    }
}

impl std::fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}

impl FromStr for SmtpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "give smtps://USER:PASSWORD@HOST, smtp://USER:PASSWORD@HOST:587?tls=required, or \
             smtp://HOST:25 for a relay without TLS";
        let uri: http::Uri = text.parse().map_err(|_| SHAPE)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(SHAPE)?;
        let security = match (uri.scheme_str(), uri.query()) {
            (Some("smtps"), None) => Security::Wrapped,
            (Some("smtp"), Some("tls=required")) => Security::Upgraded,
            (Some("smtp"), None) => Security::Plain,
            _ => return Err(SHAPE),
        };
        let named = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        if named && security == Security::Plain && !here {
            return Err("a password would travel unencrypted; add ?tls=required, or use smtps://");
        }
        Ok(Self { host: host.to_owned(), security, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_says_how_the_connection_is_kept() {
        for (text, security) in [
            ("smtps://ana:s3cret@mail.example", Security::Wrapped),
            ("smtp://ana:s3cret@mail.example:587?tls=required", Security::Upgraded),
            ("smtp://mail.example", Security::Plain),
            ("smtp://ana:s3cret@127.0.0.1:25", Security::Plain),
        ] {
            let url: SmtpUrl = text.parse().unwrap();
            assert_eq!((url.security(), url.secret()), (security, text));
            assert!(!format!("{url} {url:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_would_show_a_password_or_is_no_address_is_refused() {
        for text in [
            "",
            "mail.example",
            "http://mail.example",
            "smtp://",
            "smtp://mail.example?tls=opportunistic",
            "smtp://ana:s3cret@mail.example:587",
        ] {
            assert!(text.parse::<SmtpUrl>().is_err(), "{text}");
        }
    }
}
