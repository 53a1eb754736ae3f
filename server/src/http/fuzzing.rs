//! What [`crate::fuzzing`] feeds to the parsers of everything that comes over HTTP.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::{ConnectInfo, FromRequest as _, Request};
use futures::FutureExt as _;
use http::{HeaderName, HeaderValue, Uri, header};
use siskin_domain::{Bio, DisplayName, Email, Password, Reason, TweetBody, Username};

use super::position::Visit;
use super::{api, client, cookie, csrf, device, pages};
use crate::application::Rules;

/// The headers that somebody here reads.
const READ: [&str; 16] = [
    "accept",
    "accept-encoding",
    "authorization",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "if-none-match",
    "origin",
    "referer",
    "user-agent",
    "idempotency-key",
    "last-event-id",
    "sec-fetch-site",
    "x-forwarded-for",
    "x-siskin-position",
];

/// A request's head: the first line is the address, each other one begins with the number of a
/// header in [`READ`], as a letter from `a` on, and goes on with its value.
pub(crate) fn head(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut request = Request::new(Body::empty());
    if let Ok(uri) = Uri::try_from(lines.next().unwrap_or_default()) {
        *request.uri_mut() = uri;
    }
    for line in lines {
        let Some((letter, value)) = line.split_first() else { continue };
        let name = READ.get(usize::from(letter.wrapping_sub(b'a'))).copied();
        if let (Some(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
    request.extensions_mut().insert(ConnectInfo(peer));
    let proxies = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"].map(str::parse);
    let rules =
        Rules { trusted_proxies: proxies.into_iter().flatten().collect(), ..Rules::default() };
    let _ = Visit::of(&request, &rules);
    let _ = csrf::same_origin(request.headers(), &rules);
    for name in ["siskin_session", "theme", "flash", "siskin_position", ""] {
        let _ = cookie::read(request.headers(), name);
    }
    pages::fuzzing::head(request.uri(), request.headers());
    let (parts, body) = request.into_parts();
    let from: IpAddr = client::address(&parts, &rules);
    let told = device::client_of(&parts.headers, from);
    assert!(told.device.len() < 100 && told.place.len() < 100, "words, not what was sent");
    api::fuzzing::head(Request::from_parts(parts, body));
}

/// A form's body, and each field as what any form may take it for.
pub(crate) fn form(data: &[u8]) {
    let kind = "application/x-www-form-urlencoded";
    let mut request = Request::new(Body::from(data.to_vec()));
    *request.method_mut() = http::Method::POST;
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    let read = axum::Form::<Vec<(String, String)>>::from_request(request, &()).now_or_never();
    let Some(Ok(axum::Form(fields))) = read else { return };
    for (name, value) in fields {
        for text in [&name, &value] {
            let _ = (Username::parse(text), Email::parse(text), DisplayName::parse(text));
            let _ = (Bio::parse(text), Password::parse(text), Reason::parse(text));
            pages::fuzzing::field(text);
            let _ = TweetBody::parse(text, TweetBody::DEFAULT_MAX);
            let _ = (text.parse::<u16>(), text.parse::<u64>());
        }
    }
}
