//! Where somebody wanted to go who was led to the log-in page instead: kept in a cookie, so that
//! it outlives a wrong password, a sign-up and whatever else lies between, and no address of ours
//! leads anywhere that somebody else wrote into it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cookie::{Cookie, SameSite, time};
use http::{HeaderMap, HeaderValue};

use crate::http::cookie::read;

const COOKIE: &str = "way_back";
/// How long somebody may take to log in or sign up.
const LASTS: time::Duration = time::Duration::minutes(10);
/// Longer addresses are not kept, in bytes.
const LONGEST: usize = 512;

/// Keeps the path and query that somebody asked for; nothing of one that can't be kept.
pub(in crate::http) fn keep(path: &str, https: bool) -> Option<HeaderValue> {
    let fits = path.len() <= LONGEST && is_ours(path);
    fits.then(|| line(URL_SAFE_NO_PAD.encode(path), LASTS, https)).flatten()
}

/// The path and query that a request brings.
pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(read(headers, COOKIE)?).ok()?;
    String::from_utf8(bytes).ok().filter(|path| path.len() <= LONGEST && is_ours(path))
}

/// Forgets it.
pub(super) fn clear(https: bool) -> Option<HeaderValue> {
    line(String::new(), time::Duration::ZERO, https)
}

/// Is this the path of a page of ours, which no browser takes for another site's?
pub(super) fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn line(value: String, lasts: time::Duration, https: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((COOKIE, value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(https)
        .max_age(lasts);
    HeaderValue::from_str(&cookie.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header;

    fn brought(line: &HeaderValue) -> Option<String> {
        let pair = line.to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_str(&pair).unwrap());
        of(&headers)
    }

    #[test]
    fn a_path_comes_back_with_its_query() {
        for path in ["/", "/tweet/5", "/@ana?before=7&x=a;b,c=%22"] {
            assert_eq!(brought(&keep(path, true).unwrap()).as_deref(), Some(path));
        }
        assert_eq!(brought(&clear(true).unwrap()), None);
    }

    #[test]
    fn other_sites_and_strange_paths_are_no_way_back() {
        let long = format!("/{}", "x".repeat(LONGEST));
        for path in
            ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\tb", &long]
        {
            assert!(keep(path, false).is_none(), "{path:?}");
            let forged = line(URL_SAFE_NO_PAD.encode(path), LASTS, false).unwrap();
            assert_eq!(brought(&forged), None, "{path:?}");
        }
    }
}
