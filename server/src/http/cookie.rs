//! Reading a request's cookies.

use http::{HeaderMap, HeaderValue, header};

use crate::application::{Caller, Services, caller_cookie_name};
use crate::storage::{SessionKind, StoreError};

/// The value of the cookie of this name, if the request brings it.
pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// Does this line of an answer set the cookie of this name?
pub(super) fn is_set_by(line: &HeaderValue, name: &str) -> bool {
    let rest = line.as_bytes().strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.starts_with(b"="))
}

/// The signed-in person, by the session cookie.
pub(super) async fn caller(
    headers: &HeaderMap,
    services: &Services,
) -> Result<Option<Caller>, StoreError> {
    match read(headers, caller_cookie_name(services.rules.secure_cookies)) {
        Some(secret) => services.callers.by_secret(secret, SessionKind::Cookie).await,
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_in_any_line() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("xa=0; a=1;b=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("c=3=4"));
        let values = ["a", "b", "c", "x"].map(|name| read(&headers, name));
        assert_eq!(values, [Some("1"), Some("2"), Some("3=4"), None]);
    }
}
