//! `X-Siskin-Position`: one reads one's own writes, whichever server of several answers.
//!
//! A write's answer says how far the log was. A read that says so too waits until this server has
//! come that far, two seconds at most. Browsers bring it in a cookie that lasts for a moment.

use ::cookie::{Cookie, SameSite, time};
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use siskin_domain::{Position, id};

use super::{cookie, is_read};
use crate::application::{Rules, Services, caller_cookie_name};

const HEADER: HeaderName = HeaderName::from_static("x-siskin-position");
const COOKIE: &str = "siskin_position";
/// How long a browser brings the position back: far longer than servers are apart.
const COOKIE_LASTS: time::Duration = time::Duration::seconds(5);

/// What a request has to do with the log's position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Visit {
    /// Nothing.
    #[default]
    Other,
    /// It wants to read what was written up to there.
    ReadsAt(Position),
    /// It wants to change something.
    Writes {
        /// It comes with a browser's session.
        session: bool,
    },
}

/// The header is not a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a position")]
pub(super) struct NoPosition;

impl Visit {
    /// Looks at a request; the header wins over the cookie, and a cookie that is no position
    /// counts as none.
    pub(super) fn of(request: &Request, rules: &Rules) -> Result<Self, NoPosition> {
        let headers = request.headers();
        if !is_read(request.method()) {
            return Ok(Self::Writes { session: has_session(headers, rules) });
        }
        if *request.method() == Method::OPTIONS {
            return Ok(Self::Other);
        }
        let wanted = match headers.get(&HEADER) {
            Some(value) => Some(value.to_str().ok().and_then(parse).ok_or(NoPosition)?),
            None => cookie::read(headers, COOKIE).and_then(parse),
        };
        Ok(wanted.map_or(Self::Other, Self::ReadsAt))
    }

    /// Waits, if this is a read of what may not have arrived.
    pub(super) async fn wait(self, services: &Services) {
        if let Self::ReadsAt(position) = self {
            services.queries.reach(position).await;
        }
    }

    /// Says on the answer how far the log is, if it was asked for or has grown.
    pub(super) fn tell(self, services: &Services, response: &mut Response) {
        let done = response.status().is_success() || response.status().is_redirection();
        let position = match self {
            Self::ReadsAt(_) => services.store.position(),
            Self::Writes { .. } if done => services.store.position(),
            Self::Writes { .. } | Self::Other => return,
        };
        let headers = response.headers_mut();
        headers.insert(HEADER, HeaderValue::from(position.0));
        if let Self::Writes { session } = self
            && (session || begins_session(headers, &services.rules))
            && let Some(line) = cookie_line(position, services.rules.secure_cookies)
        {
            headers.append(header::SET_COOKIE, line);
        }
    }
}

/// Takes off an answer how far the log is, which says how much people do here, unless it makes
/// somebody a member or signs them in.
pub(super) fn hide_from_strangers(rules: &Rules, response: &mut Response) {
    let begins = response.status() == StatusCode::CREATED;
    let headers = response.headers_mut();
    if begins || begins_session(headers, rules) {
        return;
    }
    headers.remove(&HEADER);
    let is_ours = |line: &HeaderValue| cookie::is_set_by(line, COOKIE);
    let others: Vec<_> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for line in others.into_iter().filter(|line| !is_ours(line)) {
        headers.append(header::SET_COOKIE, line);
    }
}

/// Reads a position: digits, and like every number of ours one that JavaScript can hold.
pub(super) fn parse(text: &str) -> Option<Position> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| text.parse().ok()).flatten();
    number.filter(|number| *number < id::LIMIT).map(Position)
}

/// A token wins over a cookie, here as everywhere.
fn has_session(headers: &HeaderMap, rules: &Rules) -> bool {
    !headers.contains_key(header::AUTHORIZATION)
        && cookie::read(headers, caller_cookie_name(rules.secure_cookies)).is_some()
}

fn begins_session(answer: &HeaderMap, rules: &Rules) -> bool {
    let name = caller_cookie_name(rules.secure_cookies);
    answer.get_all(header::SET_COOKIE).iter().any(|line| cookie::is_set_by(line, name))
}

fn cookie_line(position: Position, https: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((COOKIE, position.0.to_string()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(https)
        .max_age(COOKIE_LASTS);
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn visit(method: Method, lines: &[(&'static str, &'static str)]) -> Result<Visit, NoPosition> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = method;
        for (name, value) in lines {
            request.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        Visit::of(&request, &Rules::default())
    }

    #[test]
    fn a_position_is_digits() {
        let header = |value| visit(Method::GET, &[("x-siskin-position", value)]);
        assert_eq!(header("42"), Ok(Visit::ReadsAt(Position(42))));
        for text in
            ["", "-1", "+1", " 1x", "1.0", "9007199254740992", "99999999999999999999", "one"]
        {
            assert_eq!(header(text), Err(NoPosition), "{text:?}");
        }
    }

    #[test]
    fn a_header_wins_over_a_cookie_and_a_strange_cookie_is_none() {
        let cookie = ("cookie", "a=b; siskin_position=7");
        assert_eq!(visit(Method::HEAD, &[cookie]), Ok(Visit::ReadsAt(Position(7))));
        let both = [cookie, ("x-siskin-position", "8")];
        assert_eq!(visit(Method::GET, &both), Ok(Visit::ReadsAt(Position(8))));
        let strange = [("cookie", "siskin_position=x")];
        assert_eq!(visit(Method::GET, &strange), Ok(Visit::Other));
    }

    #[test]
    fn a_write_waits_for_nothing() {
        let session = ("cookie", "siskin_session=s");
        assert_eq!(visit(Method::POST, &[session]), Ok(Visit::Writes { session: true }));
        let token = [session, ("authorization", "Bearer t"), ("x-siskin-position", "?")];
        assert_eq!(visit(Method::PUT, &token), Ok(Visit::Writes { session: false }));
        assert_eq!(visit(Method::OPTIONS, &[("x-siskin-position", "?")]), Ok(Visit::Other));
    }
}
