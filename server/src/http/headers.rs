//! The security headers of every answer.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// For everything that is not a page: nothing may be loaded by it or frame it.
const NOTHING: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// On every answer.
const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        HeaderValue::from_static("require-corp"),
    ),
    // Pages of a configured origin read the API by CORS, which this does not concern: it is about
    // what other sites embed.
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// On whatever may be a document, which alone it concerns.
const PERMISSIONS: (HeaderName, HeaderValue) = (
    HeaderName::from_static("permissions-policy"),
    HeaderValue::from_static(
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), fullscreen=(), \
             geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), \
             microphone=(), midi=(), payment=(), picture-in-picture=(), screen-wake-lock=(), \
             serial=(), usb=(), xr-spatial-tracking=()",
    ),
);

/// Two years. What else is below the site's name is not ours to decide about, so subdomains are
/// not included.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The content security policy of a page: only our own files, and only the scripts and styles
/// that carry this answer's nonce. WebAssembly may be compiled, `eval` may not be used. While
/// `cargo leptos watch` runs, its socket may be listened to.
#[must_use]
pub fn page_policy(nonce: &str, watched: bool) -> HeaderValue {
    let socket = if watched { " ws:" } else { "" };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self'; font-src 'self'; connect-src 'self'{socket}; \
         manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(NOTHING)
}

/// Adds the headers that an answer does not set itself.
pub fn secure(https: bool, headers: &mut HeaderMap) {
    let is_data = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    // Once, instead of growing on the way.
    headers.reserve(ALWAYS.len() + 3);
    for (name, value) in &ALWAYS {
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if !is_data {
        let (name, value) = PERMISSIONS;
        headers.entry(name).or_insert(value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
}
