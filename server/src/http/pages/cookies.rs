//! The cookies of pages: the session, the choice of colours, and a sentence to show once.

use axum::http::HeaderMap;
use cookie::{Cookie, SameSite};
use http::HeaderValue;
use siskin_app::context::Theme;

use crate::http::cookie::read;

/// The person's choice of colours; scripts may read and write it.
const THEME: &str = "theme";
/// Says from whom a code is awaited.
const CODE: &str = "siskin_code";
/// The same under https.
const HOST_CODE: &str = "__Host-siskin_code";
/// A sentence to show once after a redirect, by its number in [`FLASHES`].
const FLASH: &str = "flash";

/// The sentences that a redirect may carry. The cookie holds a number, so that nobody can put
/// words of their own on a page.
const FLASHES: [&str; 23] = [
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
    "You did not log in there. Nothing was changed.",
    "That account is linked: you can log in with it now.",
    "That account is not linked any more.",
    "Your password is set.",
    "Your account is made. Welcome!",
    "The app is switched off. Your password is enough again.",
    "The passkey is removed.",
    "Your account is deleted, with everything in it.",
    "Thank you. Moderators will look at it.",
    "The report is done with.",
    "It is done.",
    "The warning is gone.",
];

/// What ties the way back from an OpenID provider to the browser that went there.
const CEREMONY: &str = "siskin_oidc";
/// The same under https, where browsers keep this name from other hosts.
const CEREMONY_HTTPS: &str = "__Host-siskin_oidc";

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
    Cancelled = 11,
    Linked = 12,
    Unlinked = 13,
    PasswordSet = 14,
    Welcome = 15,
    AppRemoved = 16,
    PasskeyRemoved = 17,
    AccountDeleted = 18,
    Reported = 19,
    ReportDone = 20,
    Moderated = 21,
    WarningRead = 22,
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

/// The way to a provider that this browser is on.
pub(super) fn ceremony(headers: &HeaderMap, https: bool) -> Option<&str> {
    read(headers, if https { CEREMONY_HTTPS } else { CEREMONY })
}

/// Begins a way to a provider, or ends the one that the browser is on: out of reach of scripts.
pub(super) fn set_ceremony(secret: Option<String>, https: bool) -> Option<HeaderValue> {
    let name = if https { CEREMONY_HTTPS } else { CEREMONY };
    let minutes = if secret.is_some() { 15 } else { 0 };
    let mut cookie = cookie(name, secret.unwrap_or_default(), https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::minutes(minutes));
    line(&cookie)
}

/// The session's cookie: out of reach of scripts, for 30 days.
pub(in crate::http) fn set_session(
    name: &'static str,
    secret: String,
    https: bool,
) -> Option<HeaderValue> {
    let mut cookie = cookie(name, secret, https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::days(30));
    line(&cookie)
}

/// The secret of whoever has shown the password and not yet a code.
pub(super) fn code(headers: &HeaderMap, https: bool) -> Option<&str> {
    read(headers, code_name(https)).filter(|secret| !secret.is_empty())
}

/// A code is awaited from this browser, for five minutes.
pub(super) fn set_code(secret: String, https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(code_name(https), secret, https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::minutes(5));
    line(&cookie)
}

/// The code has come, or comes too late.
pub(super) fn clear_code(https: bool) -> Option<HeaderValue> {
    let mut cookie = cookie(code_name(https), String::new(), https);
    cookie.set_http_only(true);
    cookie.set_max_age(cookie::time::Duration::ZERO);
    line(&cookie)
}

const fn code_name(https: bool) -> &'static str {
    if https { HOST_CODE } else { CODE }
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
