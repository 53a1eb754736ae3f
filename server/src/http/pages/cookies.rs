//! The cookies of pages: the session, the choice of colours, and a sentence to show once.

use axum::http::HeaderMap;
use cookie::{Cookie, SameSite};
use http::HeaderValue;
use siskin_app::context::Theme;

use crate::http::cookie::read;

/// The person's choice of colours; scripts may read and write it.
const THEME: &str = "theme";
/// A sentence to show once after a redirect, by its number in [`FLASHES`].
const FLASH: &str = "flash";

/// The sentences that a redirect may carry. The cookie holds a number, so that nobody can put
/// words of their own on a page.
const FLASHES: [&str; 15] = [
    "Your profile is saved.",
    "Your tweet is out.",
    "The tweet is gone.",
    "You are logged out.",
    "That session has ended.",
    "All your other sessions and tokens have ended.",
    "That invitation counts no more.",
    "If an account has this address, a mail with a link is on its way.",
    "Your password is changed. Log in with it.",
    "Your e-mail address is verified.",
    "A mail with a link is on its way.",
    "Thank you. Moderators will look at it.",
    "The report is done with.",
    "It is done.",
    "The warning is gone.",
];

/// One of the sentences of [`FLASHES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flash {
    ProfileSaved = 0,
    Tweeted = 1,
    TweetDeleted = 2,
    LoggedOut = 3,
    SessionEnded = 4,
    OthersEnded = 5,
    InvitationRevoked = 6,
    LinkSent = 7,
    PasswordChanged = 8,
    AddressVerified = 9,
    MailSent = 10,
    Reported = 11,
    ReportDone = 12,
    Moderated = 13,
    WarningRead = 14,
}

/// The choice of colours that a request brings.
pub(super) fn theme(headers: &HeaderMap) -> Theme {
    read(headers, THEME).map(Theme::from_cookie).unwrap_or_default()
}

/// The sentence that a request brings, to be shown once.
pub(super) fn flash(headers: &HeaderMap) -> Option<&'static str> {
    FLASHES.get(read(headers, FLASH)?.parse::<usize>().ok()?).copied()
}

fn cookie(name: &'static str, value: String, https: bool) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").same_site(SameSite::Lax).secure(https).build()
}

fn line(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    HeaderValue::from_str(&cookie.to_string()).ok()
}

/// Keeps a choice of colours for a year.
pub(super) fn set_theme(theme: Theme, https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(THEME, theme.as_str().to_owned(), https);
    cookie.set_max_age(cookie::time::Duration::days(365));
    line(&cookie)
}

/// Lets the next page show a sentence.
pub(super) fn set_flash(flash: Flash, https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(FLASH, (flash as usize).to_string(), https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::minutes(1));
    line(&cookie)
}

/// The sentence was shown.
pub(super) fn clear_flash(https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(FLASH, String::new(), https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::ZERO);
    line(&cookie)
}

/// The session's cookie: out of reach of scripts, for 30 days.
pub(super) fn set_session(name: &'static str, secret: String, https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(name, secret, https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::days(30));
    line(&cookie)
}

/// The session is over.
pub(super) fn clear_session(name: &'static str, https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(name, String::new(), https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::ZERO);
    line(&cookie)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; theme=dark"));
        headers.append(header::COOKIE, HeaderValue::from_static("flash=1"));
        assert_eq!(theme(&headers), Theme::Dark);
        assert_eq!(flash(&headers), Some("Your tweet is out."));
    }

    #[test]
    fn a_forged_flash_shows_nothing() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("flash=<b>hello</b>"));
        assert_eq!(flash(&headers), None);
    }

    #[test]
    fn the_session_cookie_is_out_of_reach_of_scripts() {
        let value = set_session("__Host-siskin_session", "s".to_owned(), true).unwrap();
        let text = value.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("Domain"), "{text}");
    }
}
